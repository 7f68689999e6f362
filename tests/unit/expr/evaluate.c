#include "evaluate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

static const struct value *parse(struct arena *a, const char *json) {
    const struct value *v = NULL;
    AUTO(err) struct err err = ERR_INIT;
    struct json_options options = {.name = "test"};
    if (!json_parse(a, json, strlen(json), &options, &v, NULL, &err)) {
        fail_msg("%s: %s", json, err.message);
    }
    return v;
}

static const struct value *scope_root(void *ctx, const char *name, size_t name_len,
                                      struct arena *a) {
    (void)a;
    struct json_scope *s = ctx;
    s->n_roots_built++;
    return value_get_len(s->object, name, name_len);
}

static const struct value *scope_member(void *ctx, const char *name, size_t name_len,
                                        const char *key, size_t key_len, struct arena *a) {
    (void)a;
    struct json_scope *s = ctx;
    s->n_members_built++;
    return value_get_len(value_get_len(s->object, name, name_len), key, key_len);
}

void json_scope_init(struct json_scope *s, const char *json) {
    *s = (struct json_scope){.arena = ARENA_INIT(0)};
    s->object = parse(&s->arena, json);
    s->roots = arena_alloc(&s->arena, (s->object->len + 1) * sizeof *s->roots);
    for (uint32_t i = 0; i < s->object->len; i++) {
        s->roots[i] = s->object->as.members[i].key;
    }
    s->scope = (struct expr_scope){scope_root, scope_member, s->roots, s->object->len, s};
}

void json_scope_release(struct json_scope *s) {
    arena_release(&s->arena);
}

/* Appends the result or the printed error. */
static void evaluate(const char *expression, const struct expr_options *options,
                     const struct expr_run *run, struct str *out) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr *e = NULL;
    const struct value *v = NULL;
    if (expr_compile(&a, expression, strlen(expression), options, &e, &err) &&
        expr_eval(e, run, &a, &v, &err)) {
        json_print(out, v, JSON_COMPACT);
    } else {
        err_render(&err, "error", out);
    }
    arena_release(&a);
}

static void check(const char *expression, const char *json, bool is_scope, const char *expected) {
    struct json_scope s;
    json_scope_init(&s, json);
    struct expr_options options = {.current_is_scope = is_scope, .allow_status = true};
    struct expr_run run = {.current = is_scope ? NULL : s.object,
                           .scope = is_scope ? &s.scope : NULL,
                           .now_ms = INT64_C(1769850300123),
                           .is_missing_error = is_scope};
    AUTO(str) struct str found = STR_INIT(0);
    evaluate(expression, &options, &run, &found);
    if (strcmp(str_text(&found), expected) != 0) {
        print_error("expression: %s\n", expression);
    }
    assert_string_equal(str_text(&found), expected);
    json_scope_release(&s);
}

void check_result(const char *expression, const char *json, const char *expected) {
    check(expression, json, false, expected);
}

void check_error(const char *expression, const char *json, const char *expected) {
    check(expression, json, false, expected);
}

void check_scope_result(const char *expression, const char *scope_json, const char *expected) {
    check(expression, scope_json, true, expected);
}

void check_scope_error(const char *expression, const char *scope_json, const char *expected) {
    check(expression, scope_json, true, expected);
}
