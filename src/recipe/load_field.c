/*
 * Decoders of simple fields: texts, booleans, numbers, durations, words, names, lists and maps of
 * expressions.
 */
#include "load_priv.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/classes.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/regex.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/child_env.h"
#include "value/value.h"

#define DURATION_SAYS   "a duration such as 30s or 1h30m"
#define TEMPLATE_SCHEMA "{\"type\": \"string\", \"pattern\": \"\\\\$\\\\{\\\\{\"}"

static_assert(sizeof(enum severity) == sizeof(int), "choices are stored as int");

void *load_at(void *target, size_t offset) {
    return target == NULL ? NULL : (char *)target + offset;
}

size_t *load_count(const struct field *f, void *target) {
    return (void *)((char *)target - f->offset + f->count_offset);
}

bool load_is_null(const struct yaml_node *node) {
    if (node->kind != YAML_SCALAR || !node->is_plain) {
        return false;
    }
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool load_is_map(struct loader *l, const struct yaml_node *node, const char *what) {
    if (node->kind == YAML_MAP) {
        return true;
    }
    AUTO(str) struct str expected = STR_INIT(LIMIT_MESSAGE);
    str_addf(&expected, "a mapping for %s", what);
    return diag_type(l, node, str_text(&expected));
}

/* ---- texts ----------------------------------------------------------------------------------- */

const struct yaml_node *load_key(const struct yaml_node *map, const char *key) {
    size_t i = 0;
    while (strcmp(map->pairs[i].key->text, key) != 0) {
        i++;
    }
    return map->pairs[i].key;
}

const char *load_text(struct loader *l, const struct yaml_node *node, const char *key) {
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, "a text");
        return NULL;
    }
    if (load_has_template(node)) {
        diag_error(l, node, "template-not-allowed", "'%s' cannot hold a template", key);
        diag_hint(l, "it is read before anything is known that a template could use");
        return NULL;
    }
    return arena_strndup(&l->recipe->arena, node->text, node->text_len);
}

static void decode_text(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    *(const char **)target = load_text(l, node, f->key);
}
const struct field_type type_text = {
    .expects = "a text", .decode = decode_text, .schema = "@scalar"};

bool load_id(struct loader *l, const struct yaml_node *node, const char *what) {
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    const char *all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    if (node->kind != YAML_SCALAR) {
        return diag_type(l, node, what);
    }
    if (node->is_plain && (load_is_null(node) || strcmp(node->text, "true") == 0 ||
                           strcmp(node->text, "false") == 0)) {
        return diag_type(l, node, what);
    }
    if (node->text_len > 0 && strchr(letters, node->text[0]) != NULL &&
        strspn(node->text, all) == node->text_len) {
        return true;
    }
    diag_error(l, node, "invalid-id", "'%s' cannot be %s: letters, digits and _ only", node->text,
               what);
    if (strchr(node->text, '-') != NULL) {
        diag_hint(l, "'-' is subtraction in expressions: use '_'");
    }
    return false;
}

/* ---- booleans and words ---------------------------------------------------------------------- */

bool load_boolean(struct loader *l, const struct yaml_node *node, bool *ret_value) {
    static const struct {
        const char *word;
        bool value;
    } old_words[] = {{"yes", true}, {"on", true}, {"no", false}, {"off", false}};
    const struct value *v =
        node->kind == YAML_SCALAR ? yaml_to_value(&l->scratch, node) : &value_null;
    if (v->type == VALUE_BOOL) {
        *ret_value = v->as.boolean;
        return true;
    }
    for (size_t i = 0; v->type == VALUE_STRING && node->is_plain && i < 4; i++) {
        if (strcasecmp(node->text, old_words[i].word) == 0) {
            const char *meant = old_words[i].value ? "true" : "false";
            diag_warning(l, node, "ambiguous-boolean",
                         "'%s' is a text in YAML 1.2; it is taken as %s here", node->text, meant);
            diag_hint(l, "write %s", meant);
            *ret_value = old_words[i].value;
            return true;
        }
    }
    return diag_type(l, node, "true or false");
}

static void decode_boolean(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    (void)load_boolean(l, node, target); /* reported */
}
const struct field_type type_boolean = {
    .expects = "true or false", .decode = decode_boolean, .schema = "{\"type\": \"boolean\"}"};

static size_t count_names(const char *const *names) {
    size_t n = 0;
    while (names[n] != NULL) {
        n++;
    }
    return n;
}

static void decode_choice(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    size_t n = count_names(f->names);
    for (size_t i = 0; node->kind == YAML_SCALAR && i < n; i++) {
        if (strcmp(f->names[i], node->text) == 0) {
            *(int *)target = (int)i;
            return;
        }
    }
    AUTO(str) struct str words = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        str_addf(&words, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", f->names[i]);
    }
    diag_error(l, node, "invalid-value", "'%s' is %s, found %s", f->key, str_text(&words),
               diag_describe(l, node));
    if (node->kind == YAML_SCALAR) {
        diag_nearest(l, node->text, f->names, n);
    }
}
const struct field_type type_choice = {.expects = "one of the words below",
                                       .decode = decode_choice};

int load_class(struct loader *l, const struct yaml_node *node) {
    int found = node->kind == YAML_SCALAR ? error_class_by_name(node->text) : -1;
    if (found > CLASS_NONE) {
        return found;
    }
    diag_error(l, node, "invalid-class", "expected an error class, found %s",
               diag_describe(l, node));
    if (node->kind != YAML_SCALAR ||
        !diag_nearest(l, node->text, error_class_names + 1, CLASS_COUNT - 1)) {
        AUTO(str) struct str words = STR_INIT(LIMIT_MESSAGE);
        for (size_t i = CLASS_NONE + 1; i < CLASS_COUNT; i++) {
            str_addf(&words, " %s", error_class_names[i]);
        }
        diag_hint(l, "classes:%s", str_text(&words));
    }
    return -1;
}

static void decode_class(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    *(int *)target = load_class(l, node);
}
const struct field_type type_class = {
    .expects = "an error class", .decode = decode_class, .schema = "@class"};

/* ---- numbers and durations ------------------------------------------------------------------- */

static bool ambiguous_octal(struct loader *l, const struct yaml_node *node) {
    if (node->text_len < 2 || node->text[0] != '0' ||
        strspn(node->text, "0123456789") != node->text_len) {
        return false;
    }
    diag_error(l, node, "invalid-type", "'%s' is ambiguous: octal for some readers of YAML",
               node->text);
    diag_hint(l, "write 0o%s for an octal number, or leave the zero out", node->text + 1);
    return true;
}

bool load_integer(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                  int64_t *ret_n) {
    if (node->kind == YAML_SCALAR && node->is_plain && ambiguous_octal(l, node)) {
        return false;
    }
    const struct value *v =
        node->kind == YAML_SCALAR ? yaml_to_value(&l->scratch, node) : &value_null;
    int64_t n;
    if (v->type != VALUE_NUMBER || !value_as_i64(v, &n)) {
        return diag_type(l, node, "a whole number");
    }
    if (n < min || n > max) {
        return diag_error(l, node, "invalid-value",
                          "expected a whole number from %lld to %lld, found %lld", (long long)min,
                          (long long)max, (long long)n);
    }
    *ret_n = n;
    return true;
}

bool load_integers(struct loader *l, const struct yaml_node *node, int64_t min, int64_t max,
                   int **ret_items, size_t *ret_n) {
    size_t n = node->kind == YAML_LIST ? node->n : 1;
    int *items = arena_alloc(&l->recipe->arena, (n > 0 ? n : 1) * sizeof *items);
    bool is_ok = true;
    for (size_t i = 0; i < n; i++) {
        int64_t number = 0;
        is_ok =
            load_integer(l, node->kind == YAML_LIST ? node->items[i] : node, min, max, &number) &&
            is_ok;
        items[i] = (int)number;
    }
    *ret_items = items;
    *ret_n = n;
    return is_ok;
}

static void decode_exit_codes(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    (void)load_integers(l, node, 0, 255, target, load_count(f, target)); /* reported */
}
const struct field_type type_exit_codes = {.expects = "an exit code or a list of them",
                                           .decode = decode_exit_codes,
                                           .schema = "@integers"};

static void decode_count(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    struct field_count *count = target;
    *count = (struct field_count){.is_set = true, .place = diag_place(l, node)};
    if (load_has_template(node)) {
        count->template = load_template(l, node);
        return;
    }
    (void)load_integer(l, node, 1, 1000000, &count->n); /* reported */
}
const struct field_type type_count = {
    .expects = "a whole number of at least 1",
    .decode = decode_count,
    .schema = "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1}, " TEMPLATE_SCHEMA "]}"};

static void decode_size(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct field_size *size = target;
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, "a size such as 512MiB");
        return;
    }
    if (load_text(l, node, f->key) == NULL) {
        return;
    }
    struct err err = ERR_INIT;
    size->is_set = num_parse_size(node->text, node->text_len, &size->bytes, &err);
    if (!size->is_set) {
        diag_take(l, node, &err);
    }
}
const struct field_type type_size = {
    .expects = "a size such as 512MiB",
    .decode = decode_size,
    .schema = "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 0}, {\"type\": \"string\", "
              "\"pattern\": \"^[0-9]+([KMGT]i?B|kB|B)?$\"}]}"};

static void decode_number(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    struct field_number *number = target;
    *number = (struct field_number){.is_set = true, .place = diag_place(l, node)};
    if (load_has_template(node)) {
        number->template = load_template(l, node);
        return;
    }
    const struct value *v =
        node->kind == YAML_SCALAR ? yaml_to_value(&l->scratch, node) : &value_null;
    if (v->type != VALUE_NUMBER) {
        diag_type(l, node, "a number");
    } else if (v->aux.number < 1 || v->aux.number > 1000) {
        diag_error(l, node, "invalid-value", "expected a number from 1 to 1000, found %s",
                   node->text);
    } else {
        number->number = v->aux.number;
    }
}
const struct field_type type_number = {
    .expects = "a number of at least 1",
    .decode = decode_number,
    .schema = "{\"anyOf\": [{\"type\": \"number\", \"minimum\": 1}, " TEMPLATE_SCHEMA "]}"};

static void decode_duration(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    struct field_duration *d = target;
    *d = (struct field_duration){.is_set = true, .place = diag_place(l, node)};
    if (node->kind != YAML_SCALAR || load_is_null(node)) {
        diag_type(l, node, DURATION_SAYS);
        return;
    }
    if (load_has_template(node)) {
        d->template = load_template(l, node);
        return;
    }
    struct err err = ERR_INIT;
    if (!num_parse_duration_ms(node->text, node->text_len, &d->ms, &err)) {
        diag_take(l, node, &err);
    }
}
/* Zero is no short deadline but a mistake: some tools mean "none" by it. */
static void decode_deadline(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    const struct field_duration *d = target;
    size_t before = l->d->n_errors;
    decode_duration(l, f, node, target);
    if (l->d->n_errors == before && d->template == NULL && d->ms == 0) {
        diag_error(l, node, "invalid-value", "'%s' cannot be 0", f->key);
        diag_hint(l, "without it there is no limit");
    }
}
const struct field_type type_deadline = {
    .expects = DURATION_SAYS, .decode = decode_deadline, .schema = "@duration"};

/* What must hold even when nothing can be computed. */
static void decode_constant_duration(struct loader *l, const struct field *f,
                                     const struct yaml_node *node, void *target) {
    if (load_has_template(node)) {
        diag_error(l, node, "template-not-allowed", "'%s' cannot hold a template", f->key);
        diag_hint(l, "it must hold even when nothing can be computed");
        return;
    }
    decode_deadline(l, f, node, target);
}
const struct field_type type_constant_duration = {
    .expects = DURATION_SAYS, .decode = decode_constant_duration, .schema = "@duration"};

const struct field_type type_duration = {
    .expects = DURATION_SAYS, .decode = decode_duration, .schema = "@duration"};

/* ---- patterns -------------------------------------------------------------------------------- */

struct regex *load_regex(struct loader *l, const struct yaml_node *node) {
    if (load_text(l, node, "pattern") == NULL) {
        return NULL;
    }
    struct err err = ERR_INIT;
    size_t offset = 0;
    struct regex *re = regex_compile(node->text, node->text_len, &offset, &err);
    if (re == NULL) {
        diag_take_inside(l, node, offset, &err);
        return NULL;
    }
    struct recipe *r = l->recipe;
    r->regexes = mem_realloc(r->regexes, r->n_regexes + 1, sizeof(struct regex *));
    r->regexes[r->n_regexes++] = re;
    return re;
}

static void decode_regex(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    *(struct regex **)target = load_regex(l, node);
}
const struct field_type type_regex = {
    .expects = "a regular expression (PCRE2)", .decode = decode_regex, .schema = "@pattern"};

/* ---- templates and expressions --------------------------------------------------------------- */

static void decode_template(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    *(struct template **)target = load_template(l, node);
}
const struct field_type type_template = {
    .expects = "a text, which may hold templates", .decode = decode_template, .schema = "@scalar"};

static void decode_tree(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    *(struct template_tree **)target = load_tree(l, node);
}
const struct field_type type_tree = {
    .expects = "any data, whose texts may hold templates", .decode = decode_tree, .schema = "true"};

static void decode_own(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    (void)f;
    *(struct expr **)target = load_expr(l, node, EXPR_OWN);
}
const struct field_type type_own = {
    .expects = "an expression on the result", .decode = decode_own, .schema = "@scalar"};

static void decode_own_truth(struct loader *l, const struct field *f, const struct yaml_node *node,
                             void *target) {
    (void)f;
    *(struct expr **)target = load_expr(l, node, EXPR_OWN_TRUTH);
}
const struct field_type type_own_truth = {
    .expects = "a condition on the result", .decode = decode_own_truth, .schema = "@scalar"};

/* outputs: {id: expr} or {id: {value: expr, secret: true}} */
static void load_output(struct loader *l, const struct yaml_node *node, enum expr_kind kind,
                        struct named_expr *ret_output) {
    const struct yaml_node *value = node;
    if (node->kind == YAML_MAP && yaml_get(node, "value") != NULL) {
        value = yaml_get(node, "value");
        const struct yaml_node *secret = yaml_get(node, "secret");
        if (secret != NULL && kind == EXPR_SCOPE) {
            diag_error(l, load_key(node, "secret"), "misplaced-key",
                       "'secret' has no meaning in 'set'");
            diag_hint(l, "make it an output of the step that gets the secret");
        } else if (secret != NULL) {
            (void)load_boolean(l, secret, &ret_output->is_secret); /* reported */
        }
        if (node->n > (secret != NULL ? 2U : 1U)) {
            diag_error(l, node, "unknown-key", "an output has the keys 'value' and 'secret'");
        }
    }
    ret_output->expr = load_expr(l, value, kind);
}

static void load_named_exprs(struct loader *l, const struct field *f, const struct yaml_node *node,
                             enum expr_kind kind, void *target) {
    if (!load_is_map(l, node, f->key)) {
        return;
    }
    struct named_expr *items =
        arena_zalloc(&l->recipe->arena, (node->n > 0 ? node->n : 1) * sizeof *items);
    for (size_t i = 0; i < node->n; i++) {
        (void)load_id(l, node->pairs[i].key, "a name"); /* reported */
        items[i].name = arena_strdup(&l->recipe->arena, node->pairs[i].key->text);
        items[i].place = diag_place(l, node->pairs[i].key);
        load_output(l, node->pairs[i].value, kind, &items[i]);
    }
    *(struct named_expr **)target = items;
    *load_count(f, target) = node->n;
}

static void decode_own_map(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    load_named_exprs(l, f, node, EXPR_OWN, target);
}
const struct field_type type_own_map = {.expects = "names, each with an expression on the result",
                                        .decode = decode_own_map,
                                        .schema = "@outputs"};

static void decode_scope_map(struct loader *l, const struct field *f, const struct yaml_node *node,
                             void *target) {
    load_named_exprs(l, f, node, EXPR_SCOPE, target);
}
const struct field_type type_scope_map = {
    .expects = "names, each with an expression", .decode = decode_scope_map, .schema = "@outputs"};

void load_named_trees(struct loader *l, const struct yaml_node *map, bool are_ids,
                      struct named_tree **ret_items, size_t *ret_n) {
    struct named_tree *items =
        arena_zalloc(&l->recipe->arena, (map->n > 0 ? map->n : 1) * sizeof *items);
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        if (are_ids) {
            (void)load_id(l, pair->key, "a name"); /* reported */
        }
        items[i].name = arena_strdup(&l->recipe->arena, pair->key->text);
        items[i].place = diag_place(l, pair->key);
        items[i].tree = load_tree(l, pair->value);
    }
    *ret_items = items;
    *ret_n = map->n;
}

static void decode_tree_map(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    if (load_is_map(l, node, f->key)) {
        load_named_trees(l, node, true, target, load_count(f, target));
    }
}
const struct field_type type_tree_map = {.expects = "names, each with data or templates",
                                         .decode = decode_tree_map,
                                         .schema = "{\"type\": \"object\"}"};

static bool is_env_name(const char *name) {
    return name[0] != '\0' && strchr(name, '=') == NULL;
}

static void decode_env(struct loader *l, const struct field *f, const struct yaml_node *node,
                       void *target) {
    if (!load_is_map(l, node, f->key)) {
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (!is_env_name(node->pairs[i].key->text)) {
            diag_error(l, node->pairs[i].key, "invalid-id",
                       "'%s' cannot be the name of an environment variable",
                       node->pairs[i].key->text);
        }
    }
    load_named_trees(l, node, false, target, load_count(f, target));
}
const struct field_type type_env = {
    .expects = "environment variables, each with a text", .decode = decode_env, .schema = "@env"};

static void decode_pass_env(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    if (node->kind != YAML_LIST) {
        diag_type(l, node, f->type->expects);
        return;
    }
    const char **names = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *names);
    for (size_t i = 0; i < node->n; i++) {
        const char *text = load_text(l, node->items[i], f->key);
        names[i] = text == NULL ? "" : text;
        if (text != NULL && !child_env_is_pattern(text)) {
            diag_error(l, node->items[i], "invalid-id",
                       "'%s' cannot be the name of an environment variable", text);
            diag_hint(l, "write NAME, or PREFIX_* for all that begin so");
        }
    }
    *(const char ***)target = names;
    *load_count(f, target) = node->n;
}
const struct field_type type_pass_env = {.expects = "a list of names of environment variables",
                                         .decode = decode_pass_env,
                                         .schema =
                                             "{\"type\": \"array\", \"items\": {\"type\": "
                                             "[\"string\", \"number\", \"boolean\"], \"pattern\": "
                                             "\"^[^*=]+\\\\*?$\"}}"};

static void decode_object(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)schema_decode(l, f->object, node, target, NULL, NULL); /* reported */
}
const struct field_type type_object = {.expects = "a mapping", .decode = decode_object};
