/*
 * Fakes of programs: the directory that they share, and what came of them.
 */
#include "testing/shim.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "replay/player.h"
#include "replay/tape.h"
#include "shim_priv.h"

/* ---- making ---- */

static bool link_to(const char *target, const char *dir, const char *name, struct err *err) {
    char *path = file_join(dir, name);
    bool is_fine = symlink(target, path) == 0 ||
                   err_errno(err, "file-write", errno, "cannot make the link %s", path);
    mem_free(path);
    return is_fine;
}

static bool write_lines(const char *dir, const char *name, const char *const *lines,
                        struct err *err) {
    AUTO(str) struct str text = STR_INIT(0);
    for (size_t i = 0; lines != NULL && lines[i] != NULL; i++) {
        str_addf(&text, "%s\n", lines[i]);
    }
    char *path = file_join(dir, name);
    bool is_fine = file_write_atomic(path, str_text(&text), text.len, 0600, err);
    mem_free(path);
    return is_fine;
}

static bool check_faults(const char *const *faults, struct err *err) {
    struct arena a = ARENA_INIT(0);
    bool is_fine = true;
    for (size_t i = 0; faults != NULL && faults[i] != NULL && is_fine; i++) {
        const char *call = NULL;
        const char *text = NULL;
        int code = 0;
        is_fine = shim_split_fault(&a, faults[i], &call, &code, &text) ||
                  err_set(err, "usage",
                          "--fault '%s' is not of the form CALL=EXIT or "
                          "CALL=EXIT:TEXT",
                          faults[i]);
    }
    arena_release(&a);
    return is_fine;
}

/* Without a cassette, an empty one: it has no answer to anything. */
static bool make_tape(const struct shim_options *o, struct err *err) {
    if (o->tape != NULL) {
        return link_to(o->tape, o->dir, "tape", err);
    }
    char *dir = file_join(o->dir, "tape");
    struct tape empty = {.recipe = ""};
    bool is_fine = tape_save(&empty, dir, err);
    mem_free(dir);
    return is_fine;
}

static bool is_named_before(const char *const *names, size_t i) {
    size_t k = 0;
    while (k < i && strcmp(names[k], names[i]) != 0) {
        k++;
    }
    return k < i;
}

static bool make_links(const struct shim_options *o, struct err *err) {
    char *bin = file_join(o->dir, "bin");
    char *calls = file_join(o->dir, "calls");
    bool is_fine = file_make_dirs(bin, 0700, err) && file_make_dirs(calls, 0700, err);
    for (size_t i = 0; o->names[i] != NULL && is_fine; i++) {
        is_fine = is_named_before(o->names, i) || link_to(o->program, bin, o->names[i], err);
    }
    mem_free(bin);
    mem_free(calls);
    return is_fine;
}

bool shim_make(const struct shim_options *o, struct err *err) {
    char mode[2] = {(char)('0' + (int)o->record), '\0'};
    const char *const modes[] = {mode, NULL};
    return check_faults(o->faults, err) && make_links(o, err) && make_tape(o, err) &&
           write_lines(o->dir, "inputs", o->inputs, err) &&
           write_lines(o->dir, "faults", o->faults, err) &&
           write_lines(o->dir, "mode", modes, err) && write_lines(o->dir, "secrets", NULL, err) &&
           write_lines(o->dir, "state", NULL, err);
}

static bool has_line(const char *const *lines, const char *line) {
    size_t i = 0;
    while (lines[i] != NULL && strcmp(lines[i], line) != 0) {
        i++;
    }
    return lines[i] != NULL;
}

bool shim_report(const char *dir, struct shim_left *left, struct err *err) {
    struct shim s;
    bool is_fine = shim_open(&s, dir, err) && shim_enter(&s, err);
    if (is_fine) {
        left->n_unused = player_unused(s.player, left->unused);
        for (size_t i = 0; s.state[i] != NULL; i++) {
            if (str_starts(s.state[i], "- ")) {
                str_addf(left->missing, "  %s\n", s.state[i] + 2);
                left->n_missing++;
            }
        }
        for (size_t i = 0; s.faults[i] != NULL; i++) {
            if (!has_line(s.state, arena_printf(&s.arena, "f%zu", i))) {
                str_addf(left->faults, "  %s\n", s.faults[i]);
                left->n_faults++;
            }
        }
    }
    shim_close(&s);
    return is_fine;
}
