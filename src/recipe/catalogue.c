/*
 * Questions to a catalogue: commands, flags, versions.
 */
#include "catalogue_priv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

/* ---- versions -------------------------------------------------------------------------------- */

static unsigned long next_part(const char **text) {
    unsigned long part = 0;
    while (**text >= '0' && **text <= '9') {
        part = part < 1000000 ? part * 10 + (unsigned long)(**text - '0') : part;
        (*text)++;
    }
    *text += **text == '.' ? 1 : 0;
    return part;
}

int catalogue_compare_versions(const char *a, const char *b) {
    a += a[0] == 'v' ? 1 : 0;
    b += b[0] == 'v' ? 1 : 0;
    while (*a != '\0' || *b != '\0') {
        const char *a_before = a;
        const char *b_before = b;
        unsigned long x = next_part(&a);
        unsigned long y = next_part(&b);
        if (x != y) {
            return x < y ? -1 : 1;
        }
        if (a == a_before && b == b_before) {
            return 0; /* what is no number decides nothing */
        }
    }
    return 0;
}

const char *catalogue_find_version(const char *text, size_t *ret_len) {
    for (const char *at = text; *at != '\0'; at++) {
        size_t len = strspn(at, "0123456789.");
        if (len >= 3 && at[0] != '.' && memchr(at, '.', len - 1) != NULL) {
            *ret_len = at[len - 1] == '.' ? len - 1 : len;
            return at;
        }
        at += len > 0 ? len - 1 : 0;
    }
    return NULL;
}

/* "1.4" means the newest 1.4.x: a part that is not said may be anything. */
static bool is_not_newer(const char *version, const char *text) {
    size_t n = strlen(text);
    return catalogue_compare_versions(version, text) <= 0 ||
           (strncmp(version, text, n) == 0 && version[n] == '.');
}

size_t catalogue_version(const struct catalogue *c, const char *text, bool *ret_is_exact) {
    size_t newest = c->n_versions - 1;
    *ret_is_exact = false;
    if (text == NULL) {
        return newest;
    }
    text += text[0] == 'v' ? 1 : 0;
    size_t n_older = 0;
    while (n_older < c->n_versions && is_not_newer(c->versions[n_older], text)) {
        n_older++;
    }
    size_t found = n_older > 0 ? n_older - 1 : 0;
    bool is_newer = found == newest && catalogue_compare_versions(text, c->versions[newest]) > 0;
    *ret_is_exact = n_older > 0 && !is_newer && !c->is_partial[found];
    return found;
}

bool catalogue_has(const struct catalogue_span *span, size_t version) {
    return span->since <= version && version <= span->until;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void join(struct str *out, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        str_addf(out, "%s%s", i > 0 ? " " : "", words[i]);
    }
}

static const struct catalogue_command *with_flags(const struct catalogue *c,
                                                  struct catalogue_entry *entry) {
    AUTO(err) struct err err = ERR_INIT;
    if (!catalogue_read_flags(c->index, entry, &err)) {
        bug("%s:%u: %s", c->index->name, err.place.line, err.message); /* others are read whole */
    }
    return &entry->command;
}

const struct catalogue_command *catalogue_find(const struct catalogue *c, const char *const *words,
                                               size_t n_words, size_t *ret_n_used) {
    AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
    for (size_t n = n_words < 6 ? n_words : 6; n > 0; n--) {
        str_reset(&path);
        join(&path, words, n);
        struct catalogue_entry *entry = map_get(&c->index->by_path, str_text(&path));
        if (entry != NULL) {
            *ret_n_used = n;
            return with_flags(c, entry);
        }
    }
    return NULL;
}

const struct catalogue_command *catalogue_at(const struct catalogue *c, size_t i) {
    const struct map *paths = &c->index->by_path;
    return i < paths->n_entries ? with_flags(c, paths->entries[i].value) : NULL;
}

const char *catalogue_renamed(const struct catalogue *c, const char *const *words, size_t n_words,
                              size_t *ret_n_used) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < c->index->n_renames; i++) {
        const struct catalogue_rename *rename = &c->index->renames[i];
        for (size_t n = 1; n <= n_words; n++) {
            str_reset(&text);
            join(&text, words, n);
            if (strcmp(rename->from, str_text(&text)) == 0) {
                *ret_n_used = n;
                return rename->to;
            }
        }
    }
    return NULL;
}

bool catalogue_is_plugin(const struct catalogue *c, const char *word) {
    for (size_t i = 0; i < c->index->n_plugins; i++) {
        if (strcmp(c->index->plugins[i], word) == 0) {
            return true;
        }
    }
    return false;
}

bool catalogue_reads(const struct catalogue *c, const char *const *words, size_t n_words) {
    static const char *const verbs[] = {"get", "list", "search", "wait"};
    size_t n_used = 0;
    const struct catalogue_command *command = catalogue_find(c, words, n_words, &n_used);
    if (command != NULL) {
        return command->reads;
    }
    for (size_t i = 0; n_words > 0 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(words[n_words - 1], verbs[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- flags ----------------------------------------------------------------------------------- */

struct flag_list {
    const struct catalogue_flag *flags;
    size_t n;
};

/* Where a flag may come from, the command's own first. */
static void flag_lists(const struct catalogue *c, const struct catalogue_command *command,
                       struct flag_list lists[3]) {
    lists[0] = (struct flag_list){command != NULL ? command->flags : NULL,
                                  command != NULL ? command->n_flags : 0};
    lists[1] = (struct flag_list){c->flags, c->n_flags};
    lists[2] =
        (struct flag_list){c->output, command != NULL && command->has_output ? c->n_output : 0};
}

const struct catalogue_flag *catalogue_flag(const struct catalogue *c,
                                            const struct catalogue_command *command,
                                            const char *name) {
    struct flag_list lists[3];
    flag_lists(c, command, lists);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < lists[k].n; i++) {
            if (strcmp(lists[k].flags[i].name, name) == 0) {
                return &lists[k].flags[i];
            }
        }
    }
    return NULL;
}

const struct catalogue_flag *catalogue_short_flag(const struct catalogue *c,
                                                  const struct catalogue_command *command,
                                                  char short_name) {
    struct flag_list lists[3];
    flag_lists(c, command, lists);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < lists[k].n; i++) {
            if (lists[k].flags[i].short_name == short_name) {
                return &lists[k].flags[i];
            }
        }
    }
    return NULL;
}
