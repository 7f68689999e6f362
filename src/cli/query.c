/*
 * Expression, variables, output and exit code of eval and extract.
 */
#include "cli/query.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/value.h"

static const struct value *find_var(void *ctx, const char *name, size_t name_len, struct arena *a) {
    (void)a;
    const struct query *q = ctx;
    return value_get_len(q->vars, name, name_len);
}

static bool check_name(const char *option, const char *text, const char *equals, struct err *err) {
    if (equals == NULL || equals == text) {
        return err_set(err, "usage", "option '--%s' wants NAME=%s, not '%s'", option,
                       strcmp(option, "var") == 0 ? "JSON" : "TEXT", text);
    }
    return true;
}

static bool add_var(struct object_builder *vars, struct arena *a, const char *text,
                    struct err *err) {
    const char *equals = strchr(text, '=');
    if (!check_name("var", text, equals, err)) {
        return false;
    }
    const struct value *value = NULL;
    struct json_options options = {.name = "--var"};
    if (!json_parse(a, equals + 1, strlen(equals + 1), &options, &value, NULL, err)) {
        err_hint(err, "for a text write --arg %s", text);
        return false;
    }
    object_put(vars, text, (size_t)(equals - text), value);
    return true;
}

static bool add_arg(struct object_builder *vars, struct arena *a, const char *text,
                    struct err *err) {
    const char *equals = strchr(text, '=');
    if (!check_name("arg", text, equals, err)) {
        return false;
    }
    object_put(vars, text, (size_t)(equals - text), value_cstring(a, equals + 1));
    return true;
}

static bool read_vars(struct query *q, const struct opt_list *vars, const struct opt_list *texts,
                      struct err *err) {
    struct object_builder object;
    object_begin(&object, &q->arena);
    for (size_t i = 0; i < vars->n; i++) {
        if (!add_var(&object, &q->arena, vars->items[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < texts->n; i++) {
        if (!add_arg(&object, &q->arena, texts->items[i], err)) {
            return false;
        }
    }
    q->vars = object_end(&object);
    q->names = mem_zalloc(q->vars->len + 1, sizeof *q->names);
    for (uint32_t i = 0; i < q->vars->len; i++) {
        q->names[i] = q->vars->as.members[i].key;
    }
    q->scope =
        (struct expr_scope){.root = find_var, .roots = q->names, .n_roots = q->vars->len, .ctx = q};
    return true;
}

enum render_format query_format(int output, bool raw) {
    return raw ? RENDER_LINES : (enum render_format)output;
}

bool query_begin(struct query *q, const char *text, const struct opt_list *vars,
                 const struct opt_list *texts, enum render_format format, struct err *err) {
    *q = (struct query){.arena = ARENA_INIT(0), .error_code = CLI_USAGE};
    out_init(&q->out, STDOUT_FILENO);
    render_init(&q->render, format, &q->out);
    if (!read_vars(q, vars, texts, err)) {
        return false;
    }
    struct expr_options options = {.allow_status = false};
    if (text != NULL && !expr_compile(&q->arena, text, strlen(text), &options, &q->expr, err)) {
        return false;
    }
    q->error_code = CLI_ENVIRONMENT;
    return true;
}

/* A bare text on its own is taken for an id, a name, a URL: half of one must not pass for it. */
static bool check_whole(const struct query *q, const struct value *v, struct err *err) {
    if (q->render.format != RENDER_LINES || (v->flags & VALUE_LOSSY) == 0) {
        return true;
    }
    err_set(err, "lossy-cell", "'%s' is not the value: the table cut or replaced it", v->as.text);
    err_hint(err, "call the command with --output json and use extract json");
    return false;
}

static bool evaluate(struct query *q, const struct value *document, struct arena *scratch,
                     const struct value **ret_result, struct err *err) {
    struct expr_run run = {.current = document, .scope = &q->scope, .now_ms = clock_wall_ms()};
    if (!expr_eval(q->expr, &run, scratch, ret_result, err)) {
        q->error_code = CLI_USAGE;
        return false;
    }
    return true;
}

bool query_document(struct query *q, const struct value *document, struct arena *scratch,
                    struct err *err) {
    const struct value *result = document;
    if (q->expr != NULL && !evaluate(q, document, scratch, &result, err)) {
        return false;
    }
    q->is_found = q->is_found || value_truth(result);
    if (!check_whole(q, result, err)) {
        return false;
    }
    if (!render_value(&q->render, result, err)) {
        q->error_code = CLI_USAGE; /* the format was asked for a result that it cannot show */
        return false;
    }
    return out_check(&q->out);
}

bool query_row(struct query *q, const struct value *row, struct err *err) {
    q->is_found = true;
    return render_row(&q->render, row, err) && out_check(&q->out);
}

int query_end(struct query *q, bool has_rows, struct err *err) {
    bool is_failed = err->kind != NULL;
    render_end(&q->render, has_rows && !is_failed);
    struct err write_err = ERR_INIT;
    bool is_written = out_end(&q->out, &write_err);
    arena_release(&q->arena);
    mem_free(q->names);
    if (is_failed) {
        err_release(&write_err);
        return cli_fail(err, q->error_code);
    }
    if (!is_written) {
        return cli_fail(&write_err, CLI_ENVIRONMENT);
    }
    return q->is_found ? CLI_OK : CLI_FAILED;
}
