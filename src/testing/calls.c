/*
 * Calls that were made, and their names.
 */
#include "calls_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "value/value.h"

/* `name` with `*` for any text stands at the beginning of `text` and ends with a word of it. */
static bool begins(const char *name, const char *text) {
    const char *star = NULL; /* the last one, and where its text may end next */
    const char *from = NULL;
    for (;;) {
        if (*name == '*') {
            star = name++;
            from = text;
        } else if (*name == '\0' &&
                   (strchr(" ?", *text) != NULL || (star != NULL && star[1] == '\0'))) {
            return true; /* strchr finds the end of the text too */
        } else if (*name != '\0' && *name == *text) {
            name++;
            text++;
        } else if (star != NULL && *from != '\0') {
            name = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
}

bool call_fits(const char *name, const char *line, const char *summary) {
    return (line != NULL && begins(name, line)) || (summary != NULL && begins(name, summary));
}

const char *call_line(struct arena *a, const char *const *argv) {
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; argv[i] != NULL; i++) {
        str_addf(&text, "%s%s", i == 0 ? "" : " ", argv[i]);
    }
    return arena_strdup(a, str_text(&text));
}

void calls_init(struct calls *c) {
    *c = (struct calls){0};
    arena_init(&c->arena, 0);
}

void calls_release(struct calls *c) {
    mem_free(c->items);
    arena_release(&c->arena);
}

static bool on_event(void *ctx, const struct event *ev) {
    struct calls *c = ctx;
    if (ev->kind != EVENT_ATTEMPT_STARTED || ev->step == NULL ||
        ev->as.attempt_started.argv == NULL || ev->as.attempt_started.argv->len == 0) {
        return true;
    }
    if (c->n == c->cap) {
        c->cap = c->cap == 0 ? 64 : 2 * c->cap;
        c->items = mem_realloc(c->items, c->cap, sizeof *c->items);
    }
    const struct value *argv = ev->as.attempt_started.argv;
    const char **words = arena_zalloc(&c->arena, (argv->len + 1) * sizeof *words);
    for (uint32_t i = 0; i < argv->len; i++) {
        words[i] = argv->as.items[i]->as.text;
    }
    const char *summary = ev->as.attempt_started.summary;
    c->items[c->n++] =
        (struct made_call){.step = arena_strdup(&c->arena, ev->step->id),
                           .line = call_line(&c->arena, words),
                           .summary = arena_strdup(&c->arena, summary == NULL ? "" : summary)};
    return true;
}

struct sink calls_sink(struct calls *c) {
    return (struct sink){on_event, c};
}

const char *calls_text(const struct made_call *call) {
    bool is_http = str_starts(call->line, "curl ") && !str_starts(call->summary, "curl");
    return is_http ? call->summary : call->line;
}

void call_name(const struct made_call *call, struct str *out) {
    const char *text = calls_text(call);
    if (text == call->summary) {
        str_add_bytes(out, text, strcspn(text, "?"));
        return;
    }
    const char *flag = strstr(text, " -");
    str_add_bytes(out, text, flag == NULL ? strlen(text) : (size_t)(flag - text));
}

bool call_is(const struct made_call *call, const char *name) {
    return name != NULL && call_fits(name, call->line, call->summary);
}

uint32_t calls_in_order(const struct calls *c, const struct value *names, size_t *ret_from) {
    size_t at = 0;
    for (uint32_t i = 0; i < names->len; i++) {
        const char *name = value_text(names->as.items[i]);
        *ret_from = at;
        while (at < c->n && !call_is(&c->items[at], name)) {
            at++;
        }
        if (at == c->n) {
            return i;
        }
        at++;
    }
    *ret_from = at;
    return names->len;
}
