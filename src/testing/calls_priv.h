/*
 * The calls that a run made, and how people name them in a test: by how the command line begins, `*` for any text. The name
 * ends where a word ends: "cpdctl space list" is no "cpdctl space listing".
 */
#ifndef TESTING_CALLS_PRIV_H
#define TESTING_CALLS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "event/event.h"

struct str;
struct value;

struct made_call {
    const char *step;
    const char *line;    /* all words, one blank between two */
    const char *summary; /* "GET https://…" */
};

struct calls {
    struct arena arena;
    struct made_call *items;
    size_t n;
    size_t cap;
};

void calls_init(struct calls *c);
void calls_release(struct calls *c);
/* Collects the children that a run starts. */
struct sink calls_sink(struct calls *c);
/* What people read: the summary of an http call, all words of others. */
const char *calls_text(const struct made_call *call);

/* The name that a person would give it: all words before the first flag; of an http call no query. */
void call_name(const struct made_call *call, struct str *out);

/* `name` NULL fits none. */
bool call_is(const struct made_call *call, const char *name);
bool call_fits(const char *name, const char *line, const char *summary);
/* All words in the arena. */
const char *call_line(struct arena *a, const char *const *argv);

/* How many of the names (a list of texts) fit calls in this order; the next one was looked for from *ret_from on. */
uint32_t calls_in_order(const struct calls *c, const struct value *names, size_t *ret_from);

#endif
