/*
 * A call in words for a plan: what is known as it would be passed, what is not with what it waits for.
 *
 * The words are made as for a run; one that cannot be made yet is kept in pieces, and the others are made all the same.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mask.h"
#include "base/str.h"
#include "base/utf8.h"
#include "expr/template.h"

#define PRIVATE_FILE "(a private file)"

enum { MAX_TEXT = 600, MAX_WORD = 200 };

/* The program and its arguments: each a string, or a list of pieces where a part is not known (see template_pieces). */
struct plan_words {
    struct list_builder list;
    size_t n_told; /* words of argv that are in the list */
    const char *unknown_until;
};

void plan_begin_words(struct inst *in, struct prepared *p) {
    if (in->plan != NULL) {
        p->words = arena_zalloc(&in->arena, sizeof *p->words);
        list_begin(&p->words->list, &in->arena);
    }
}

static void tell_argv(struct plan_words *w, const char **argv, size_t n) {
    while (w->n_told < n) {
        list_add(&w->list, value_cstring(w->list.arena, argv[w->n_told++]));
    }
}

static bool begin_word(struct prepared *p, const char **argv, size_t n, struct err *err) {
    if (p->words == NULL || !plan_is_unknown(err)) {
        return false;
    }
    tell_argv(p->words, argv, n);
    if (p->words->unknown_until == NULL) {
        p->words->unknown_until = arena_strdup(p->words->list.arena, err->hint);
    }
    err_release(err);
    return true;
}

static bool add_pieces(struct inst *in, struct plan_words *w, const char *prefix,
                       const struct template *t, const struct template_tree *tree,
                       struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    struct template_pieces pieces;
    template_pieces_begin(&pieces, &in->arena);
    str_add(&pieces.text, prefix);
    bool is_fine = t != NULL ? template_add_pieces(t, &ev.run, &in->arena, &pieces, err)
                             : template_tree_add_pieces(tree, &ev.run, &in->arena, &pieces, err);
    const struct value *word = template_pieces_end(&pieces);
    bool is_whole = word->len == 1 && word->as.items[0]->type == VALUE_STRING;
    list_add(&w->list, is_whole ? word->as.items[0] : word);
    return is_fine;
}

static bool add_arg(struct inst *in, struct plan_words *w, const char *prefix,
                    const struct arg *arg, struct err *err) {
    if (arg->kind == ARG_SECRET_FILE || arg->kind == ARG_FILE_JSON) {
        const char *at = arg->kind == ARG_FILE_JSON ? "@" : "";
        list_add(&w->list, value_cstring(&in->arena, arena_printf(&in->arena, "%s%s" PRIVATE_FILE,
                                                                  prefix, at)));
        return true;
    }
    return add_pieces(in, w, prefix, arg->template, arg->tree, err);
}

bool plan_keeps_arg(struct inst *in, struct prepared *p, const char **argv, size_t n,
                    const struct arg *arg, struct err *err) {
    return begin_word(p, argv, n, err) && add_arg(in, p->words, "", arg, err);
}

bool plan_keeps_flag(struct inst *in, struct prepared *p, const char **argv, size_t n,
                     const struct flag *flag, struct err *err) {
    if (!begin_word(p, argv, n, err)) {
        return false;
    }
    const char *prefix = arena_printf(&in->arena, "--%s=", flag->name);
    if (flag->tree == NULL) {
        return add_arg(in, p->words, prefix, &flag->arg, err);
    }
    const struct template_tree *item = flag->is_json ? NULL : template_tree_scalar(flag->tree, 0);
    if (item == NULL) {
        return add_pieces(in, p->words, prefix, NULL, flag->tree, err);
    }
    for (size_t i = 0; item != NULL; item = template_tree_scalar(flag->tree, ++i)) {
        if (!add_pieces(in, p->words, prefix, NULL, item, err)) {
            return false;
        }
    }
    return true;
}

bool plan_end_words(struct prepared *p, const char **argv, size_t n, struct err *err) {
    if (p->words == NULL) {
        return true;
    }
    tell_argv(p->words, argv, n);
    if (p->words->unknown_until == NULL) {
        return true;
    }
    err_set(err, "unknown-value", "unknown until %s", p->words->unknown_until);
    err_hint(err, "%s", p->words->unknown_until);
    return false;
}

/* ---- telling --------------------------------------------------------------------------------- */

static const char *replace(struct arena *a, const char *text, const char *what, const char *by) {
    AUTO(str) struct str out = STR_INIT(0);
    const char *at = text;
    for (const char *next = strstr(at, what); next != NULL; next = strstr(at, what)) {
        str_add_bytes(&out, at, (size_t)(next - at));
        str_add(&out, by);
        at = next + strlen(what);
    }
    str_add(&out, at);
    return at == text ? text : arena_strndup(a, str_text(&out), out.len);
}

/* The directory of the plan is not the one that the run will have, and its private files are gone. */
static const struct value *for_the_run(struct inst *in, const struct value *v) {
    struct arena *a = &in->arena;
    if (v->type == VALUE_STRING) {
        const char *text = v->as.text;
        for (size_t i = 0; i < in->act->temp_files.n_entries; i++) {
            text = replace(a, text, in->act->temp_files.entries[i].key, PRIVATE_FILE);
        }
        return value_cstring(a, replace(a, text, in->engine->options.run_dir, "${{ run.dir }}"));
    }
    if (v->type != VALUE_LIST) {
        return v;
    }
    struct list_builder b;
    list_begin(&b, a);
    for (uint32_t i = 0; i < v->len; i++) {
        list_add(&b, for_the_run(in, v->as.items[i]));
    }
    return list_end(&b);
}

/* "step 'space' has run" is told by its id alone: a line holds several. */
static void add_until(struct str *out, const char *until) {
    const char *id = strchr(until, '\'');
    const char *end = strrchr(until, '\'');
    bool has_id = id != NULL && end > id;
    str_add(out, "(unknown until ");
    str_add_bytes(out, has_id ? id + 1 : until, has_id ? (size_t)(end - id - 1) : strlen(until));
    str_add_char(out, ')');
}

/* What must be cut is masked first: half a secret would no longer be known for one. */
static void add_cut(struct str *out, const struct str *text, size_t max) {
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, str_text(text), text->len);
    bool is_long = masked.len > max;
    size_t len = is_long ? utf8_valid_prefix(str_text(&masked), max) : masked.len;
    str_add_bytes(out, str_text(&masked), len);
    str_add(out, is_long ? "…" : "");
}

static void add_word(struct str *out, const struct value *word) {
    AUTO(str) struct str text = STR_INIT(0);
    if (word->type == VALUE_STRING) {
        str_add_bytes(&text, word->as.text, word->len);
    }
    for (uint32_t i = 0; word->type == VALUE_LIST && i < word->len; i++) {
        const struct value *piece = word->as.items[i];
        if (piece->type == VALUE_STRING) {
            str_add_bytes(&text, piece->as.text, piece->len);
        } else {
            add_until(&text, value_text(value_get(piece, "until")));
        }
    }
    add_cut(out, &text, MAX_WORD);
}

static const char *text_of(struct arena *a, const struct value *words) {
    AUTO(str) struct str text = STR_INIT(0);
    for (uint32_t i = 0; i < words->len; i++) {
        str_add(&text, i == 0 ? "" : " ");
        add_word(&text, words->as.items[i]);
    }
    AUTO(str) struct str whole = STR_INIT(0);
    add_cut(&whole, &text, MAX_TEXT);
    return arena_strdup(a, str_text(&whole));
}

static void add_text(struct inst *in, struct plan_words *w, const struct template *t) {
    struct err err = ERR_INIT;
    if (!add_pieces(in, w, "", t, NULL, &err)) {
        list_add(&w->list, value_cstring(&in->arena, template_text(t)));
    }
    err_release(&err);
}

/* A call that is no program in the recipe. */
static void add_other(struct inst *in, const struct call *call, struct plan_words *w) {
    const char *first = call->kind == CALL_READ ? "read" : "write";
    if (call->kind != CALL_HTTP) {
        list_add(&w->list, value_cstring(&in->arena, first));
        add_text(in, w, call->kind == CALL_READ ? call->read->file : call->write->file);
        return;
    }
    if (call->http->method != NULL) {
        add_text(in, w, call->http->method);
    } else {
        list_add(&w->list,
                 value_cstring(&in->arena, call->http->body_kind == BODY_NONE ? "GET" : "POST"));
    }
    add_text(in, w, call->http->url);
}

static const struct value *words_of(struct inst *in, const struct call *call) {
    struct prepared *p = in->act->prepared;
    if (call->kind == CALL_SHELL) {
        return NULL;
    }
    if (call->kind != CALL_CPDCTL && call->kind != CALL_CMD) {
        struct prepared other = {.words = NULL};
        plan_begin_words(in, &other);
        add_other(in, call, other.words);
        return list_end(&other.words->list);
    }
    if (p == NULL || p->words == NULL) {
        struct err err = ERR_INIT;
        p = arena_zalloc(&in->act->scratch, sizeof *p);
        (void)cmdline_prepare(in, call, p, &err); /* what is wrong with it is told elsewhere */
        err_release(&err);
    }
    return list_end(&p->words->list);
}

void plan_tell_call(struct inst *in, const struct call *call) {
    const struct value *words = words_of(in, call);
    in->plan->words = words == NULL ? NULL : for_the_run(in, words);
    in->plan->command = words == NULL ? arena_printf(&in->arena, "%s script", call->shell)
                                      : text_of(&in->arena, in->plan->words);
    cmdline_remove_temp_files(in);
}
