/*
 * Recipe files: reading, the recipes they use, the table of the top level. Read recipe_load() and
 * load_file() first.
 */
#include "recipe/load.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/sha256.h"
#include "base/str.h"
#include "load_priv.h"
#include "maxima.h"

#define FORMAT_VERSION 1

/* ---- the top level --------------------------------------------------------------------------- */

static void decode_version(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    (void)target;
    int64_t version = 0;
    if (!load_integer(l, node, 0, INT32_MAX, &version)) {
        diag_hint(l, "write `cpdflow: %d`, the version of the format", FORMAT_VERSION);
    } else if (version != FORMAT_VERSION) {
        diag_error(l, node, "unsupported-version",
                   "format version %lld: this program knows version %d", (long long)version,
                   FORMAT_VERSION);
    }
}
static const struct field_type type_version = {
    .expects = "1", .example = "cpdflow: 1", .decode = decode_version, .schema = "{\"const\": 1}"};

/* 1.8 is a number to YAML; its text is what was meant. */
static void decode_program_version(struct loader *l, const struct field *f,
                                   const struct yaml_node *node, void *target) {
    type_text.decode(l, f, node, target);
    const char *text = *(const char **)target;
    if (text != NULL && (text[0] < '0' || text[0] > '9')) {
        diag_error(l, node, "invalid-value", "expected a version such as 1.8, found %s",
                   diag_describe(l, node));
    }
}

const struct field_type type_program_version = {
    .expects = "a version such as \"1.8\"",
    .decode = decode_program_version,
    .schema = "{\"type\": [\"string\", \"number\"], \"pattern\": \"^[0-9]\"}"};

static const struct field cpdctl_fields[] = {
    {.key = "version",
     .type = &type_program_version,
     .offset = offsetof(struct recipe, cpdctl_version),
     .doc = "The version of cpdctl whose commands and flags the recipe is checked against; the "
            "newest known unless given"},
};
const struct object object_cpdctl = {.name = "cpdctl",
                                     .says = "cpdctl",
                                     .fields = cpdctl_fields,
                                     .n_fields = sizeof cpdctl_fields / sizeof cpdctl_fields[0]};

static void decode_recipe_outputs(struct loader *l, const struct field *f,
                                  const struct yaml_node *node, void *target) {
    l->roots = ROOTS_STEP;
    type_tree_map.decode(l, f, node, target);
    l->roots = ROOTS_RECIPE | ROOT_VARS;
}
static const struct field_type type_recipe_outputs = {.expects =
                                                          "names, each with data or templates",
                                                      .decode = decode_recipe_outputs,
                                                      .schema = "{\"type\": \"object\"}"};

static void decode_defaults(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    (void)target;
    (void)schema_decode(l, &object_defaults, node, &l->defaults, NULL, NULL); /* reported */
}
static const struct field_type type_defaults = {.expects = "defaults of steps",
                                                .decode = decode_defaults};

#define DEFAULTS(member) offsetof(struct defaults, member)
static const struct field defaults_fields[] = {
    {.key = "timeout",
     .type = &type_deadline,
     .offset = DEFAULTS(rules.timeout),
     .doc = "`timeout` of every step that calls something"},
    {.key = "idle_timeout",
     .type = &type_deadline,
     .offset = DEFAULTS(rules.idle_timeout),
     .doc = "`idle_timeout` of every step with a child"},
    {.key = "kill_grace",
     .type = &type_duration,
     .offset = DEFAULTS(rules.kill_grace),
     .doc = "`kill_grace` of every step with a child"},
    {.key = "limits",
     .type = &type_object,
     .offset = DEFAULTS(rules.limits),
     .object = &object_limits,
     .doc = "`limits` of every step with a child; a step overrides single fields"},
    {.key = "retry",
     .type = &type_retry,
     .offset = DEFAULTS(rules.retry),
     .object = &object_retry,
     .doc = "`retry` of every step that calls something; a step overrides single fields"},
    {.key = "wait",
     .type = &type_wait_defaults,
     .offset = DEFAULTS(wait),
     .object = &object_wait,
     .doc = "Pauses and deadlines of every `wait` and `ready`"},
    {.key = "env",
     .type = &type_env,
     .offset = DEFAULTS(env),
     .count_offset = DEFAULTS(n_env),
     .doc = "Environment variables of every child"},
    {.key = "cwd",
     .type = &type_template,
     .offset = DEFAULTS(cwd),
     .doc = "The directory of every child"},
};
const struct object object_defaults = {.name = "defaults",
                                       .says = "the defaults",
                                       .fields = defaults_fields,
                                       .n_fields =
                                           sizeof defaults_fields / sizeof defaults_fields[0]};

#define RECIPE(member) offsetof(struct recipe, member)
static const struct field recipe_fields[] = {
    {.key = "cpdflow",
     .type = &type_version,
     .flags = FIELD_REQUIRED,
     .doc = "The version of the format: 1"},
    {.key = "name",
     .type = &type_text,
     .offset = RECIPE(name),
     .doc = "The name of the recipe; that of the file unless given"},
    {.key = "description",
     .type = &type_text,
     .offset = RECIPE(description),
     .doc = "What it does, for people"},
    {.key = "cpdctl",
     .type = &type_object,
     .object = &object_cpdctl,
     .doc = "Which cpdctl the recipe is written for"},
    {.key = "catalogues",
     .type = &type_catalogues,
     .object = &object_catalogue,
     .doc = "Programs, each with the path of its catalogue, or that and a version: `cmd` calls of "
            "it are "
            "checked"},
    {.key = "inputs",
     .type = &type_inputs,
     .object = &object_input,
     .doc = "What the caller gives, typed"},
    {.key = "vars", .type = &type_vars, .doc = "Values computed once, before the first step"},
    {.key = "env",
     .type = &type_env,
     .offset = RECIPE(env),
     .count_offset = RECIPE(n_env),
     .doc = "Environment variables of every child"},
    {.key = "pass_env",
     .type = &type_pass_env,
     .offset = RECIPE(pass_env),
     .count_offset = RECIPE(n_pass_env),
     .doc = "Variables of cpdflow's own environment that children inherit too"},
    {.key = "defaults",
     .type = &type_defaults,
     .object = &object_defaults,
     .doc = "Fields that every step has unless it says otherwise"},
    {.key = "timeout",
     .type = &type_deadline,
     .offset = RECIPE(timeout),
     .doc = "The longest time of the whole run"},
    {.key = "finally_timeout",
     .type = &type_constant_duration,
     .offset = RECIPE(finally_timeout),
     .doc = "The time that `finally` and `cleanup` have for themselves; 5m unless given"},
    {.key = "max_parallel",
     .type = &type_count,
     .offset = RECIPE(max_parallel),
     .doc = "How many children run at once; 4 unless given"},
    {.key = "classify",
     .type = &type_classify,
     .offset = RECIPE(classify),
     .count_offset = RECIPE(n_classify),
     .object = &object_classify,
     .doc = "Rules that give failures their class, asked before the built-in ones"},
    {.key = "steps",
     .type = &type_steps,
     .offset = RECIPE(steps),
     .count_offset = RECIPE(n_steps),
     .flags = FIELD_REQUIRED,
     .object = &object_step,
     .doc = "What is done"},
    {.key = "finally",
     .type = &type_steps,
     .offset = RECIPE(finally),
     .count_offset = RECIPE(n_finally),
     .object = &object_step,
     .doc = "Steps that always run at the end"},
    {.key = "outputs",
     .type = &type_recipe_outputs,
     .offset = RECIPE(outputs),
     .count_offset = RECIPE(n_outputs),
     .doc = "Named results of the run"},
};
static const struct foreign_word recipe_words[] = {
    {"params", "write `inputs`", NULL},
    {"parameters", "write `inputs`", NULL},
    {"arguments", "write `inputs`", NULL},
    {"variables", "write `vars`", NULL},
    {"environment", "write `env`", NULL},
    {"tasks", "write `steps`", NULL},
    {"jobs", "write `steps`; a job is a group: a step with `steps`", NULL},
    {"stages", "write `steps`; a stage is a group: a step with `steps`", NULL},
    {"always", "write `finally`", NULL},
    {"onExit", "write `finally`", NULL},
    {"timeout-minutes", "write `timeout`, with its unit: 5m", NULL},
    {"timeout_sec", "write `timeout`, with its unit: 30s", NULL},
    {"version", "write `cpdflow: 1`", NULL},
    {"cpdctl_version", "write `cpdctl: {version: \"1.8\"}`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_recipe = {.name = "recipe",
                                     .says = "a recipe",
                                     .fields = recipe_fields,
                                     .n_fields = sizeof recipe_fields / sizeof recipe_fields[0],
                                     .foreign = recipe_words};

/* ---- one file -------------------------------------------------------------------------------- */

static size_t count_lines(const char *text, size_t len) {
    size_t n = 1;
    for (size_t i = 0; i < len; i++) {
        n += text[i] == '\n' ? 1 : 0;
    }
    return n;
}

static void split_lines(struct recipe *r) {
    char *copy = arena_strndup(&r->arena, r->text, r->text_len);
    r->n_lines = count_lines(copy, r->text_len);
    r->lines = arena_alloc(&r->arena, r->n_lines * sizeof *r->lines);
    char *line = copy;
    for (size_t i = 0; i < r->n_lines; i++) {
        size_t len = strcspn(line, "\n");
        bool is_last = (size_t)(line - copy) + len >= r->text_len;
        r->lines[i] = line;
        line[len] = '\0';
        if (len > 0 && line[len - 1] == '\r') {
            line[len - 1] = '\0';
        }
        if (is_last) {
            r->n_lines = i + 1;
        }
        line += len + 1;
    }
}

static const char *line_text(unsigned line, void *ctx) {
    return diag_line(ctx, line);
}

static const char *name_of_file(struct arena *a, const char *file) {
    const char *slash = strrchr(file, '/');
    const char *base = slash != NULL ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    bool is_yaml = dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
    return arena_strndup(a, base, is_yaml ? (size_t)(dot - base) : strlen(base));
}

struct recipe *load_new_file(const char *text, size_t len, const char *name, const char *dir) {
    struct recipe *r = mem_zalloc(1, sizeof *r);
    arena_init(&r->arena, 0);
    r->file = arena_strdup(&r->arena, name);
    r->dir = arena_strdup(&r->arena, dir);
    r->name = name_of_file(&r->arena, name);
    r->text = arena_strndup(&r->arena, text, len);
    r->text_len = len;
    split_lines(r);
    return r;
}

static void check_first_key(struct loader *l, const struct yaml_node *root) {
    const struct yaml_node *first =
        root->kind == YAML_MAP && root->n > 0 ? root->pairs[0].key : NULL;
    if (first != NULL && strcmp(first->text, "cpdflow") != 0 && yaml_get(root, "cpdflow") != NULL) {
        diag_error(l, first, "misplaced-key", "'%s' before 'cpdflow': the version is the first key",
                   first->text);
    }
}

bool load_read_nodes(struct loader *l, struct yaml_node **ret_root) {
    struct recipe *r = l->recipe;
    struct yaml_options options = {.name = r->file, .allow_merge = true, .explain_templates = true};
    struct err err = ERR_INIT;
    if (!yaml_read(&l->scratch, r->text, r->text_len, &options, ret_root, &err)) {
        struct yaml_node top = {.line = 1, .col = 1};
        return diag_take(l, &top, &err);
    }
    return true;
}

/* Digest of the text, joined with those of the recipes that it uses, in order. */
static void digest_add_uses(struct loader *l, struct sha256 *s) {
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        const struct recipe *use = l->infos[i].step->use;
        if (use != NULL) {
            sha256_add(s, use->digest, strlen(use->digest));
        }
    }
}

static void digest(struct loader *l) {
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, l->recipe->text, l->recipe->text_len);
    digest_add_uses(l, &s);
    sha256_end(&s, l->recipe->digest);
}

static void load_nodes(struct loader *l) {
    struct yaml_node *root = NULL;
    if (!load_read_nodes(l, &root)) {
        return;
    }
    check_first_key(l, root);
    if (!schema_decode(l, &object_recipe, root, l->recipe, NULL, NULL)) {
        return;
    }
    inherit_defaults(l);
    contract_calls(l);
    link_steps(l);
    lint_recipe(l);
    note_fingerprints(l, root);
    digest(l);
}

struct recipe *load_text_file(const char *text, size_t len, const char *name, const char *dir,
                              struct use_cache *cache, const struct use_chain *chain,
                              struct diagnostics *d) {
    size_t errors_before = d->n_errors;
    (void)diagnostics_file(d, name); /* a recipe stands before those that it uses */
    struct loader l = {.d = d,
                       .cache = cache,
                       .chain = *chain,
                       .roots = ROOTS_RECIPE | ROOT_VARS,
                       .var = SIZE_MAX};
    l.recipe = load_new_file(text, len, name, dir);
    l.source = (struct template_source){l.recipe->file, line_text, l.recipe};
    arena_init(&l.scratch, 0);
    size_t n_before = d->n;
    load_nodes(&l);
    allow_warnings(&l, n_before);
    arena_release(&l.scratch);
    mem_free(l.refs);
    mem_free(l.infos);
    contract_release(&l);
    if (d->n_errors > errors_before) {
        recipe_free(l.recipe);
        return NULL;
    }
    return l.recipe;
}

/* ---- entries --------------------------------------------------------------------------------- */

static struct recipe *load_root(const char *text, size_t len, const char *name, const char *dir,
                                const struct program_version *versions, size_t n_versions,
                                struct diagnostics *d) {
    char canonical[PATH_MAX];
    struct use_chain chain = {realpath(name, canonical) != NULL ? canonical : name, NULL, 0};
    struct use_cache cache = {.by_path = MAP_INIT, .versions = versions, .n_versions = n_versions};
    struct recipe *r = load_text_file(text, len, name, dir, &cache, &chain, d);
    map_release(&cache.by_path);
    catalogue_free(cache.cpdctl);
    if (r != NULL) {
        r->used = cache.list;
        r->n_used = cache.n;
        return r;
    }
    for (size_t i = 0; i < cache.n; i++) {
        recipe_free(cache.list[i]);
    }
    mem_free(cache.list);
    return NULL;
}

struct recipe *recipe_load_text(const char *text, size_t len, const char *name, const char *dir,
                                struct diagnostics *d) {
    struct recipe *r = load_root(text, len, name, dir, NULL, 0, d);
    diagnostics_sort(d);
    return r;
}

struct recipe *recipe_load(const char *path, struct diagnostics *d) {
    return recipe_load_for(path, NULL, 0, d);
}

struct recipe *recipe_load_for(const char *path, const struct program_version *versions, size_t n,
                               struct diagnostics *d) {
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, &err)) {
        diagnostics_add(d, false, &err);
        return NULL;
    }
    char *dir = file_dirname(path);
    struct recipe *r = load_root(str_text(&text), text.len, path, dir, versions, n, d);
    diagnostics_sort(d);
    mem_free(dir);
    return r;
}

void recipe_free(struct recipe *r) {
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < r->n_used; i++) {
        recipe_free(r->used[i]);
    }
    mem_free(r->used);
    for (size_t i = 0; i < r->n_regexes; i++) {
        regex_free(r->regexes[i]);
    }
    mem_free(r->regexes);
    arena_release(&r->arena);
    mem_free(r);
}
