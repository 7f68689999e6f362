/*
 * Inputs of a run. params_accept() judges one value by its declaration; params_resolve() finds a
 * value for each input.
 */
#include "recipe/params.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/regex.h"
#include "base/str.h"
#include "maxima.h"
#include "params_priv.h"
#include "value/json.h"
#include "value/value.h"

/* ---- one value ------------------------------------------------------------------------------- */

static bool is_text_type(enum input_type type) {
    return type == INPUT_STRING || type == INPUT_FILE || type == INPUT_DURATION;
}

static const char *const expected[INPUT_TYPE_COUNT] = {
    [INPUT_STRING] = "a string",
    [INPUT_NUMBER] = "a number",
    [INPUT_INTEGER] = "a whole number",
    [INPUT_BOOLEAN] = "a boolean",
    [INPUT_LIST] = "a list",
    [INPUT_OBJECT] = "an object",
    [INPUT_FILE] = "the path of a file",
    [INPUT_DURATION] = "a duration such as 30s",
};

static bool has_type(enum input_type type, const struct value *v) {
    static const enum value_type types[INPUT_TYPE_COUNT] = {
        [INPUT_STRING] = VALUE_STRING,  [INPUT_NUMBER] = VALUE_NUMBER,
        [INPUT_INTEGER] = VALUE_NUMBER, [INPUT_BOOLEAN] = VALUE_BOOL,
        [INPUT_LIST] = VALUE_LIST,      [INPUT_OBJECT] = VALUE_OBJECT,
        [INPUT_FILE] = VALUE_STRING,    [INPUT_DURATION] = VALUE_STRING,
    };
    int64_t ignored;
    return v->type == types[type] && (type != INPUT_INTEGER || value_as_i64(v, &ignored));
}

/* A secret does not belong in a message. */
static void describe(const struct input *in, const struct value *v, struct str *out) {
    if (in->is_secret) {
        str_add(out, MASK_TEXT);
    } else {
        json_print(out, v, JSON_COMPACT);
    }
}

static bool check_type(const struct input *in, const struct value *v, struct err *err) {
    if (has_type(in->type, v)) {
        return true;
    }
    AUTO(str) struct str text = STR_INIT(200);
    describe(in, v, &text);
    err_set(err, "invalid-input", "input '%s' is %s, found %s %s", in->name, expected[in->type],
            value_type_name(v), str_text(&text));
    if (in->type == INPUT_STRING && v->type == VALUE_NUMBER) {
        err_hint(err, "put it within quotes");
    } else if (in->type == INPUT_DURATION && v->type == VALUE_NUMBER) {
        err_hint(err, "a duration has a unit: %ss", v->as.text);
    }
    return false;
}

static bool check_enum(const struct input *in, const struct value *v, struct err *err) {
    if (in->allowed == NULL) {
        return true;
    }
    AUTO(str) struct str words = STR_INIT(LIMIT_MESSAGE);
    for (uint32_t i = 0; i < in->allowed->len; i++) {
        if (value_equal(in->allowed->as.items[i], v)) {
            return true;
        }
        str_add(&words, i > 0 ? ", " : "");
        json_print(&words, in->allowed->as.items[i], JSON_COMPACT);
    }
    AUTO(str) struct str text = STR_INIT(200);
    describe(in, v, &text);
    return err_set(err, "invalid-input", "input '%s' is one of %s, found %s", in->name,
                   str_text(&words), str_text(&text));
}

static bool check_limits(const struct input *in, const struct value *v, struct err *err) {
    if (v->type != VALUE_NUMBER) {
        return true;
    }
    if (in->minimum != NULL && value_compare(v, in->minimum) < 0) {
        return err_set(err, "invalid-input", "input '%s' is at least %s, found %s", in->name,
                       in->minimum->as.text, in->is_secret ? MASK_TEXT : v->as.text);
    }
    if (in->maximum != NULL && value_compare(v, in->maximum) > 0) {
        return err_set(err, "invalid-input", "input '%s' is at most %s, found %s", in->name,
                       in->maximum->as.text, in->is_secret ? MASK_TEXT : v->as.text);
    }
    return true;
}

static bool check_pattern(const struct input *in, const struct value *v, struct err *err) {
    if (in->pattern == NULL || v->type != VALUE_STRING) {
        return true;
    }
    int found = regex_match(in->pattern, v->as.text, v->len, 0, NULL, 0, err);
    if (found < 0) {
        return err_wrap(err, "input '%s'", in->name);
    }
    if (found > 0) {
        return true;
    }
    AUTO(str) struct str text = STR_INIT(200);
    describe(in, v, &text);
    return err_set(err, "invalid-input", "input '%s' does not match %s: %s", in->name,
                   in->pattern_text, str_text(&text));
}

static bool check_duration(const struct input *in, const struct value *v, struct err *err) {
    int64_t ignored;
    if (in->type != INPUT_DURATION || num_parse_duration_ms(v->as.text, v->len, &ignored, err)) {
        return true;
    }
    err->kind = "invalid-input";
    return err_wrap(err, "input '%s'", in->name);
}

bool params_accept(const struct input *in, const struct value *v, struct err *err) {
    return check_type(in, v, err) && check_enum(in, v, err) && check_limits(in, v, err) &&
           check_pattern(in, v, err) && check_duration(in, v, err);
}

/* Only when a run is about to use it: a recipe can be checked where the file is not. */
static bool check_file(const struct input *in, const struct value *v, struct err *err) {
    struct stat st;
    if (in->type != INPUT_FILE) {
        return true;
    }
    if (stat(v->as.text, &st) != 0) {
        return err_errno(err, "invalid-input", errno, "input '%s': '%s'", in->name, v->as.text);
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, "invalid-input", "input '%s': '%s' is not a regular file", in->name,
                       v->as.text);
    }
    if (access(v->as.text, R_OK) != 0) {
        return err_errno(err, "invalid-input", errno, "input '%s': '%s'", in->name, v->as.text);
    }
    return true;
}

/* ---- where values come from ------------------------------------------------------------------ */

struct resolver {
    const struct recipe *recipe;
    const struct params_source *source;
    struct arena *arena;
    struct diagnostics *d;
};

static bool fail(struct resolver *r, struct err *err) {
    diagnostics_add(r->d, false, err);
    return false;
}

/* Text from outside, by the type of the input: JSON unless the type is a kind of text. */
static bool parse_text(struct resolver *r, const struct input *in, const char *text,
                       const char *where, const struct value **ret_value) {
    if (is_text_type(in->type)) {
        *ret_value = value_cstring(r->arena, text);
        return true;
    }
    struct err err = ERR_INIT;
    const struct json_options options = {.name = where, .duplicates = JSON_DUP_ERROR};
    if (json_parse(r->arena, text, strlen(text), &options, ret_value, NULL, &err)) {
        return true;
    }
    AUTO(str) struct str reason = STR_INIT(LIMIT_MESSAGE);
    str_add(&reason, in->is_secret ? "the text is not valid JSON" : err.message);
    err_set(&err, "invalid-input", "input '%s' from %s: %s", in->name, where, str_text(&reason));
    err_hint(&err, "an input of type %s is written as JSON", input_type_names[in->type]);
    return fail(r, &err);
}

static const struct param_text *last_text(const struct params_source *source, const char *name) {
    for (size_t i = source->n_texts; i > 0; i--) {
        if (strcmp(source->texts[i - 1].name, name) == 0) {
            return &source->texts[i - 1];
        }
    }
    return NULL;
}

static const struct value *last_in_files(const struct params_source *source, const char *name) {
    for (size_t i = source->n_files; i > 0; i--) {
        const struct value *v = value_get(source->files[i - 1], name);
        if (v != NULL) {
            return v;
        }
    }
    return NULL;
}

static const char *env_text(const struct resolver *r, const struct input *in) {
    bool is_open = in->env != NULL && r->source->env != NULL;
    return is_open ? r->source->env(in->env, r->source->env_ctx) : NULL;
}

static bool missing(struct resolver *r, const struct input *in) {
    struct err err = ERR_INIT;
    const char *dash = in->description != NULL ? ": " : "";
    err_set(&err, "missing-input", "input '%s' is missing%s%s", in->name, dash,
            in->description != NULL ? in->description : "");
    const char *value = is_text_type(in->type) ? "VALUE" : "JSON";
    if (in->env != NULL) {
        err_hint(&err, "give it with --input %s=%s, or in the environment variable %s", in->name,
                 value, in->env);
    } else {
        err_hint(&err, "give it with --input %s=%s", in->name, value);
    }
    (void)err_at(&err, in->place,
                 in->place.line > 0 && in->place.line <= r->recipe->n_lines
                     ? r->recipe->lines[in->place.line - 1]
                     : NULL);
    return fail(r, &err);
}

/* The raw value of one input; NULL in *ret_value: it is null. */
static bool find_value(struct resolver *r, const struct input *in, const struct value **ret_value) {
    const struct param_text *given = last_text(r->source, in->name);
    if (given != NULL) {
        return parse_text(r, in, given->text, "--input", ret_value);
    }
    const struct value *v = last_in_files(r->source, in->name);
    const char *text = v == NULL ? env_text(r, in) : NULL;
    if (text != NULL) {
        return parse_text(r, in, text, in->env, ret_value);
    }
    *ret_value = v != NULL ? v : in->default_value;
    return *ret_value != NULL || in->is_optional || missing(r, in);
}

/* Of a list or an object each text is a secret of its own; words such as `true` in it are not. */
static void register_members(const struct value *v) {
    if (v->type == VALUE_STRING || v->type == VALUE_NUMBER) {
        (void)mask_register(v->as.text,
                            v->len); /* a short one is told of only where it is all there is */
    }
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        register_members(v->as.items[i]);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len; i++) {
        register_members(v->as.members[i].value);
    }
}

static void register_secret(struct resolver *r, const struct input *in, const struct value *v) {
    register_members(v);
    AUTO(str) struct str text = STR_INIT(0);
    if (v->type == VALUE_STRING) {
        str_add_bytes(&text, v->as.text, v->len);
    } else {
        json_print(&text, v, JSON_COMPACT);
    }
    if (mask_register(str_text(&text), text.len)) {
        return;
    }
    struct err err = ERR_INIT;
    err_set(&err, "short-secret", "input '%s' is %s to be hidden in output", in->name,
            text.len == 0 ? "empty: nothing is there" : "too short");
    err_hint(&err, "a secret has at least %zu characters", LIMIT_SECRET_MIN);
    diagnostics_add(r->d, true, &err);
}

static bool resolve_one(struct resolver *r, const struct input *in,
                        const struct value **ret_value) {
    const struct value *v = NULL;
    if (!find_value(r, in, &v)) {
        return false;
    }
    if (v != NULL && (v->flags & VALUE_UNKNOWN) != 0) { /* of a plan: checked when it is known */
        *ret_value = v;
        return true;
    }
    if (v == NULL || (v->type == VALUE_NULL && in->is_optional)) {
        *ret_value = &value_null;
        return true;
    }
    if (in->is_secret) {
        register_secret(r, in, v);
    }
    struct err err = ERR_INIT;
    if (!params_accept(in, v, &err) || !check_file(in, v, &err)) {
        return fail(r, &err);
    }
    *ret_value = v;
    return true;
}

/* ---- names that no input has ----------------------------------------------------------------- */

static bool is_input(const struct recipe *r, const char *name) {
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (strcmp(r->inputs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void unknown_input(const struct recipe *r, const char *name, struct err *err) {
    err_set(err, "unknown-input", "recipe '%s' has no input '%s'", r->name, name);
    const char **names = mem_zalloc(r->n_inputs + 1, sizeof *names);
    AUTO(str) struct str all = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < r->n_inputs; i++) {
        names[i] = r->inputs[i].name;
        str_addf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *nearest = err_nearest(name, names, r->n_inputs);
    if (nearest != NULL) {
        err_hint(err, "did you mean '%s'?", nearest);
    } else if (r->n_inputs > 0) {
        err_hint(err, "its inputs: %s", str_text(&all));
    } else {
        err_hint(err, "it has no inputs");
    }
    mem_free(names);
}

static void check_names(struct resolver *r) {
    struct err err = ERR_INIT;
    for (size_t i = 0; i < r->source->n_texts; i++) {
        if (!is_input(r->recipe, r->source->texts[i].name)) {
            unknown_input(r->recipe, r->source->texts[i].name, &err);
            diagnostics_add(r->d, false, &err);
        }
    }
    for (size_t i = 0; i < r->source->n_files; i++) {
        const struct value *file = r->source->files[i];
        for (uint32_t k = 0; file->type == VALUE_OBJECT && k < file->len; k++) {
            if (!is_input(r->recipe, file->as.members[k].key)) {
                unknown_input(r->recipe, file->as.members[k].key, &err);
                diagnostics_add(r->d, false, &err);
            }
        }
    }
}

/* ---- entries --------------------------------------------------------------------------------- */

bool params_resolve(const struct recipe *r, const struct params_source *source, struct arena *a,
                    const struct value **ret_inputs, const struct value **ret_public,
                    struct diagnostics *d) {
    struct resolver resolver = {r, source, a, d};
    size_t errors_before = d->n_errors;
    struct object_builder inputs;
    struct object_builder shown;
    object_begin(&inputs, a);
    object_begin(&shown, a);
    check_names(&resolver);
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct value *v = &value_null;
        if (resolve_one(&resolver, &r->inputs[i], &v)) {
            bool is_hidden = r->inputs[i].is_secret && v->type != VALUE_NULL;
            object_put_c(&inputs, r->inputs[i].name, v);
            object_put_c(&shown, r->inputs[i].name, is_hidden ? value_cstring(a, MASK_TEXT) : v);
        }
    }
    if (d->n_errors > errors_before) {
        return false;
    }
    *ret_inputs = object_end(&inputs);
    *ret_public = object_end(&shown);
    return true;
}

/* The first error of a list of them. */
static bool take_first(struct diagnostics *d, struct err *err) {
    for (size_t i = 0; i < d->n; i++) {
        if (!d->items[i].is_warning) {
            err_move(err, &d->items[i].err);
            /* Its file name goes with the list. */
            err->place = (struct place){NULL, 0, 0};
            break;
        }
    }
    return false;
}

bool params_check(const struct recipe *r, const struct value *given, struct arena *a,
                  const struct value **ret_inputs, struct err *err) {
    const struct params_source source = {.files = &given, .n_files = 1};
    const struct value *ignored = NULL;
    struct diagnostics d = DIAGNOSTICS_INIT;
    bool is_ok = params_resolve(r, &source, a, ret_inputs, &ignored, &d) || take_first(&d, err);
    diagnostics_release(&d);
    return is_ok;
}
