/*
 * A call in words for a plan: what is known as it would be passed, what is not as the recipe has it.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/str.h"
#include "expr/template.h"
#include "value/json.h"

enum { MAX_TEXT = 400, MAX_VALUE = 120 };

static void add_template(struct inst *in, const struct template *t, struct str *out) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    AUTO(str) struct str text = STR_INIT(MAX_VALUE);
    struct err err = ERR_INIT;
    bool is_known = template_eval_text(t, &ev.run, &in->arena, &text, &err);
    str_add(out, is_known ? str_text(&text) : template_text(t));
    err_release(&err);
}

struct sources {
    struct str *out;
    bool has_before;
};

static void add_source(const struct expr *e, void *ctx) {
    struct sources *s = ctx;
    str_addf(s->out, "%s${{ %s }}", s->has_before ? ", " : "", expr_text(e));
    s->has_before = true;
}

static void add_tree(struct inst *in, const struct template_tree *t, struct str *out) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    struct err err = ERR_INIT;
    const struct value *v = NULL;
    if (!template_tree_eval(t, &ev.run, &in->arena, &v, &err)) {
        struct sources sources = {.out = out};
        template_tree_visit_exprs(t, add_source, &sources);
    } else if (v->type == VALUE_STRING) {
        str_add_bytes(out, v->as.text, v->len);
    } else {
        AUTO(str) struct str text = STR_INIT(MAX_VALUE);
        json_print(&text, v, JSON_COMPACT);
        str_addf(out, "%s%s", str_text(&text), text.is_over ? "…" : "");
    }
    err_release(&err);
}

static void add_arg(struct inst *in, const struct arg *arg, struct str *out) {
    if (arg->kind == ARG_SECRET_FILE) {
        str_add(out, "(a private file)");
    } else if (arg->template != NULL) {
        add_template(in, arg->template, out);
    } else {
        add_tree(in, arg->tree, out);
    }
}

static void add_words(struct inst *in, const struct call *call, struct str *out) {
    str_add(out, call->kind == CALL_CPDCTL ? "cpdctl" : "");
    for (size_t i = 0; i < call->n_args; i++) {
        str_add(out, out->len == 0 ? "" : " ");
        add_arg(in, &call->args[i], out);
    }
    for (size_t i = 0; i < call->n_flags; i++) {
        const struct flag *flag = &call->flags[i];
        str_addf(out, " --%s=", flag->name);
        if (flag->tree != NULL) {
            add_tree(in, flag->tree, out);
        } else {
            add_arg(in, &flag->arg, out);
        }
    }
}

/* The directory of the plan is not the one that the run will have. */
static const char *without_run_dir(struct inst *in, const char *text) {
    const char *dir = in->engine->options.run_dir;
    AUTO(str) struct str out = STR_INIT(0);
    const char *at = text;
    for (const char *next = strstr(at, dir); next != NULL; next = strstr(at, dir)) {
        str_add_bytes(&out, at, (size_t)(next - at));
        str_add(&out, "${{ run.dir }}");
        at = next + strlen(dir);
    }
    str_add(&out, at);
    return arena_strndup(&in->arena, str_text(&out), out.len);
}

const char *plan_command_text(struct inst *in) {
    const struct prepared *p = in->act->prepared;
    bool is_known = p != NULL && p->summary != NULL;
    return without_run_dir(in, is_known ? p->summary : plan_call_text(in, in->act->call));
}

const char *plan_call_text(struct inst *in, const struct call *call) {
    AUTO(str) struct str text = STR_INIT(MAX_TEXT);
    switch (call->kind) {
    case CALL_CPDCTL:
    case CALL_CMD:
        add_words(in, call, &text);
        break;
    case CALL_SHELL:
        str_addf(&text, "%s script", call->shell);
        break;
    case CALL_HTTP:
        if (call->http->method != NULL) {
            add_template(in, call->http->method, &text);
        } else {
            str_add(&text, call->http->body_kind == BODY_NONE ? "GET" : "POST");
        }
        str_add_char(&text, ' ');
        add_template(in, call->http->url, &text);
        break;
    case CALL_READ:
        str_add(&text, "read ");
        add_template(in, call->read->file, &text);
        break;
    case CALL_WRITE:
        str_add(&text, "write ");
        add_template(in, call->write->file, &text);
        break;
    case CALL_KIND_COUNT:
        break;
    }
    return arena_strdup(&in->arena, str_text(&text));
}
