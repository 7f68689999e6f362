/*
 * Writing cassettes: the same calls give the same bytes.
 */
#include "replay/tape.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/str.h"
#include "maxima.h"
#include "tape_priv.h"
#include "value/value.h"
#include "value/yaml.h"

enum { LARGE_BODY_BYTES = 16 * 1024, LONG_STDIN_BYTES = 4 * 1024 };
enum { SHORT_MS = 100, SECOND_MS = 1000 };

int64_t tape_round_duration(int64_t ms) {
    if (ms < SHORT_MS) {
        return 0;
    }
    int64_t unit = SHORT_MS;
    while (ms / unit >= (ms < SECOND_MS ? 10 : 100)) {
        unit *= 10;
    }
    return (ms + unit / 2) / unit * unit;
}

void tape_digest(const char *text, size_t len, char ret_hex[TAPE_DIGEST_CHARS + 1]) {
    struct sha256 s;
    sha256_init(&s);
    size_t from = 0;
    for (size_t i = 0; i + 1 < len; i++) {
        if (text[i] == '\r' && text[i + 1] == '\n') {
            sha256_add(&s, text + from, i - from);
            from = i + 1;
        }
    }
    sha256_add(&s, text + from, len - from);
    char whole[SHA256_HEX_SIZE];
    sha256_end(&s, whole);
    memcpy(ret_hex, whole, TAPE_DIGEST_CHARS);
    ret_hex[TAPE_DIGEST_CHARS] = '\0';
}

static int by_place(const void *a, const void *b) {
    const struct tape_call *x = a;
    const struct tape_call *y = b;
    int order = strcmp(x->place, y->place);
    if (order != 0) {
        return order;
    }
    if (x->attempt != y->attempt) {
        return x->attempt < y->attempt ? -1 : 1;
    }
    return (x->line > y->line) - (x->line < y->line);
}

void tape_sort(struct tape *tape) {
    for (size_t i = 0; i < tape->n_calls; i++) {
        tape->calls[i].line = (unsigned)i; /* qsort alone would not keep the order of equals */
    }
    if (tape->n_calls > 1) {
        qsort(tape->calls, tape->n_calls, sizeof *tape->calls, by_place);
    }
}

/* ---- bodies ---- */

struct writer {
    struct arena *arena;
    const char *dir;
    struct map names;  /* digest and kind of a body -> its file's name */
    struct map counts; /* name made of a step -> size_t, its calls so far */
    struct err *err;
};

/* "upload[3]" is no name for files that travel. */
static const char *stem_of(struct arena *a, const char *step) {
    char *stem = arena_strdup(a, step[0] == '\0' ? "call" : step);
    for (char *c = stem; *c != '\0'; c++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", *c) ==
            NULL) {
            *c = '_';
        }
    }
    return stem;
}

/* "space-2": the second call of the step; a call more elsewhere does not rename it. */
static const char *name_call(struct writer *w, const struct tape_call *c) {
    const char *stem = stem_of(w->arena, c->step);
    size_t *n = map_get(&w->counts, stem);
    if (n == NULL) {
        n = arena_zalloc(w->arena, sizeof *n);
        (void)map_put(&w->counts, stem, n);
    }
    return arena_printf(w->arena, "%s-%zu", stem, ++*n);
}

/* The name of the file that holds the body; equal ones of a kind are one file. NULL: it could not be written. */
static const char *write_body(struct writer *w, const char *name, const char *kind,
                              const char *text, size_t len) {
    char digest[TAPE_DIGEST_CHARS + 1];
    tape_digest(text, len, digest);
    char *key = arena_printf(w->arena, "%s.%s", digest, kind);
    const char *known = map_get(&w->names, key);
    if (known != NULL) {
        return known;
    }
    char *file = len > LARGE_BODY_BYTES ? key : arena_printf(w->arena, "%s.%s", name, kind);
    char *path = file_join(w->dir, file);
    bool is_fine = file_write_atomic(path, text, len, 0644, w->err);
    mem_free(path);
    (void)map_put(&w->names, key, file);
    return is_fine ? file : NULL;
}

static bool put_body(struct writer *w, struct object_builder *b, const char *key, const char *name,
                     const char *kind, const char *text, size_t len) {
    if (len == 0) {
        return true;
    }
    const char *file = write_body(w, name, kind, text, len);
    if (file != NULL) {
        object_put_c(b, key, value_cstring(w->arena, file));
    }
    return file != NULL;
}

/* ---- calls ---- */

static const struct value *argv_value(struct arena *a, const char *const *argv) {
    struct list_builder list;
    list_begin(&list, a);
    for (size_t i = 0; argv[i] != NULL; i++) {
        list_add(&list, value_cstring(a, argv[i]));
    }
    return list_end(&list);
}

static void put_env(struct arena *a, struct object_builder *b, const char *const *env) {
    if (env == NULL || env[0] == NULL) {
        return;
    }
    struct object_builder map;
    object_begin(&map, a);
    for (size_t i = 0; env[i] != NULL; i++) {
        const char *eq = strchr(env[i], '=');
        if (eq != NULL) {
            object_put(&map, env[i], (size_t)(eq - env[i]), value_cstring(a, eq + 1));
        }
    }
    object_put_c(b, "env", object_end(&map));
}

static bool put_stdin(struct writer *w, struct object_builder *b, const struct tape_call *c,
                      const char *name) {
    size_t len = c->stdin_text == NULL ? 0 : strlen(c->stdin_text);
    if (len > LONG_STDIN_BYTES) {
        return put_body(w, b, "stdin_file", name, "stdin", c->stdin_text, len);
    }
    if (c->stdin_text != NULL) {
        object_put_c(b, "stdin", value_cstring(w->arena, c->stdin_text));
    }
    return true;
}

static const struct value *call_value(struct writer *w, const struct tape_call *c) {
    struct arena *a = w->arena;
    const char *name = name_call(w, c);
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "step", value_cstring(a, c->step));
    object_put_c(&b, "role", value_cstring(a, c->role));
    object_put_c(&b, "argv", argv_value(a, c->argv));
    put_env(a, &b, c->env);
    if (!put_stdin(w, &b, c, name)) {
        return NULL;
    }
    if (strcmp(c->outcome, "exited") != 0) {
        object_put_c(&b, "outcome", value_cstring(a, c->outcome));
    }
    if (c->exit_code >= 0) {
        object_put_c(&b, "exit", value_int(a, c->exit_code));
    }
    if (c->signal != 0) {
        object_put_c(&b, "signal", value_int(a, c->signal));
    }
    if (c->message != NULL) {
        object_put_c(&b, "message", value_cstring(a, c->message));
    }
    if (c->duration_ms > 0) {
        object_put_c(&b, "duration_ms", value_int(a, c->duration_ms));
    }
    bool is_fine = put_body(w, &b, "stdout", name, "stdout", c->out, c->out_len) &&
                   put_body(w, &b, "stderr", name, "stderr", c->err, c->err_len);
    return is_fine ? object_end(&b) : NULL;
}

/* ---- the directory ---- */

/* Only files that we write ourselves are ever removed: the index and bodies. */
static bool is_ours(const char *name) {
    return strcmp(name, TAPE_INDEX) == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           str_ends(name, ".stdout") || str_ends(name, ".stderr") || str_ends(name, ".stdin");
}

static bool clear_dir(const char *dir, struct err *err) {
    DIR *d = opendir(dir);
    if (d == NULL) {
        return errno == ENOENT || err_errno(err, "file-write", errno, "cannot read %s", dir);
    }
    bool is_fine = true;
    bool has_bodies = false;
    for (const struct dirent *entry = readdir(d); entry != NULL && is_fine; entry = readdir(d)) {
        has_bodies = has_bodies || entry->d_name[0] != '.';
        if (!is_ours(entry->d_name)) {
            is_fine = err_set(err, "not-a-tape",
                              "%s holds '%s', which is no part of a tape: nothing was written", dir,
                              entry->d_name);
        }
    }
    if (is_fine && has_bodies && faccessat(dirfd(d), TAPE_INDEX, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        is_fine = err_set(err, "not-a-tape", "%s holds files but no %s: nothing was written", dir,
                          TAPE_INDEX);
    }
    rewinddir(d);
    for (const struct dirent *entry = readdir(d); entry != NULL && is_fine; entry = readdir(d)) {
        if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0) != 0) {
            is_fine =
                err_errno(err, "file-write", errno, "cannot remove %s/%s", dir, entry->d_name);
        }
    }
    (void)closedir(d); /* it was only read */
    return is_fine;
}

static bool write_index(struct writer *w, const struct tape *tape) {
    struct object_builder b;
    struct list_builder calls;
    object_begin(&b, w->arena);
    list_begin(&calls, w->arena);
    for (size_t i = 0; i < tape->n_calls; i++) {
        const struct value *v = call_value(w, &tape->calls[i]);
        if (v == NULL) {
            return false;
        }
        list_add(&calls, v);
    }
    object_put_c(&b, "cpdflow_tape", value_int(w->arena, TAPE_VERSION));
    object_put_c(&b, "recipe", value_cstring(w->arena, tape->recipe));
    object_put_c(&b, "calls", list_end(&calls));
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    yaml_print(&text, object_end(&b));
    char *path = file_join(w->dir, TAPE_INDEX);
    bool is_fine = file_write_atomic(path, str_text(&text), text.len, 0644, w->err);
    mem_free(path);
    return is_fine;
}

bool tape_save(const struct tape *tape, const char *dir, struct err *err) {
    if (!clear_dir(dir, err) || !file_make_dirs(dir, 0755, err)) {
        return false;
    }
    struct arena a = ARENA_INIT(0);
    struct writer w = {.arena = &a, .dir = dir, .names = MAP_INIT, .counts = MAP_INIT, .err = err};
    bool is_fine = write_index(&w, tape);
    map_release(&w.names);
    map_release(&w.counts);
    arena_release(&a);
    return is_fine;
}
