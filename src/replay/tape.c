/*
 * Tapes on disk.
 */
#include "replay/tape.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "value/value.h"
#include "value/yaml.h"

enum { TAPE_VERSION = 1 };

/* ---- reading ---- */

static bool invalid(struct err *err, size_t i, const char *what) {
    return err_set(err, "invalid-tape", "call %zu: %s", i + 1, what);
}

/* A plain file name: nothing on a tape reaches outside its directory. */
static bool read_body(struct arena *a, const char *dir, const struct value *entry, const char *key,
                      const char **ret_text, size_t *ret_len, struct err *err) {
    *ret_text = "";
    *ret_len = 0;
    const struct value *name = value_get(entry, key);
    if (name == NULL) {
        return true;
    }
    const char *text = value_text(name);
    if (text == NULL || text[0] == '\0' || text[0] == '.' || strchr(text, '/') != NULL) {
        return err_set(err, "invalid-tape", "%s: a file name beside tape.yaml was expected", key);
    }
    char *path = file_join(dir, text);
    AUTO(str) struct str body = STR_INIT(LIMIT_RESULT_BYTES);
    bool is_fine = file_read(path, LIMIT_RESULT_BYTES, &body, err);
    mem_free(path);
    *ret_text = arena_strndup(a, str_text(&body), body.len);
    *ret_len = body.len;
    return is_fine;
}

static int small_int(const struct value *entry, const char *key, int fallback) {
    const struct value *v = value_get(entry, key);
    int64_t n = 0;
    return v != NULL && value_as_i64(v, &n) && n >= -1 && n <= 255 ? (int)n : fallback;
}

static bool read_argv(struct arena *a, const struct value *entry, const char *const **ret_argv) {
    const struct value *list = value_get(entry, "argv");
    if (list == NULL || list->type != VALUE_LIST || list->len == 0) {
        return false;
    }
    const char **argv = arena_zalloc(a, (list->len + 1) * sizeof *argv);
    for (uint32_t i = 0; i < list->len; i++) {
        argv[i] = value_text(list->as.items[i]);
        if (argv[i] == NULL) {
            return false;
        }
    }
    *ret_argv = argv;
    return true;
}

static bool read_call(struct arena *a, const char *dir, const struct value *entry, size_t i,
                      struct tape_call *c, struct err *err) {
    if (!read_argv(a, entry, &c->argv)) {
        return invalid(err, i, "argv: a list of texts was expected");
    }
    int64_t duration = 0;
    const struct value *d = value_get(entry, "duration_ms");
    if (d != NULL &&
        (!value_as_i64(d, &duration) || duration < 0 || duration > LIMIT_DURATION_MS)) {
        return invalid(err, i, "duration_ms: a number of milliseconds was expected");
    }
    const char *step = value_text(value_get(entry, "step"));
    const char *role = value_text(value_get(entry, "role"));
    const char *outcome = value_text(value_get(entry, "outcome"));
    c->step = step == NULL ? "" : step;
    c->role = role == NULL ? "" : role;
    c->outcome = outcome == NULL ? "exited" : outcome;
    c->stdin_text = value_text(value_get(entry, "stdin"));
    c->message = value_text(value_get(entry, "message"));
    c->exit_code = small_int(entry, "exit", -1);
    c->signal = small_int(entry, "signal", 0);
    c->duration_ms = duration;
    return (read_body(a, dir, entry, "stdout", &c->out, &c->out_len, err) &&
            read_body(a, dir, entry, "stderr", &c->err, &c->err_len, err)) ||
           err_wrap(err, "call %zu", i + 1);
}

bool tape_load(struct arena *a, const char *dir, struct tape *ret_tape, struct err *err) {
    char *heap_path = file_join(dir, "tape.yaml");
    const char *path = arena_strdup(a, heap_path);
    mem_free(heap_path);
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    struct yaml_options options = {.name = path};
    const struct value *v = NULL;
    if (!file_read(path, LIMIT_RESULT_BYTES, &text, err) ||
        !yaml_parse(a, str_text(&text), text.len, &options, &v, err)) {
        return false;
    }
    int64_t version = 0;
    const struct value *version_value = value_get(v, "cpdflow_tape");
    const struct value *calls = value_get(v, "calls");
    if (version_value == NULL || !value_as_i64(version_value, &version) ||
        version != TAPE_VERSION) {
        return err_set(err, "invalid-tape", "%s: cpdflow_tape: %d was expected", path,
                       TAPE_VERSION);
    }
    if (calls == NULL || calls->type != VALUE_LIST) {
        return err_set(err, "invalid-tape", "%s: `calls` is no list", path);
    }
    struct tape tape = {.n_calls = calls->len};
    tape.calls = arena_zalloc(a, (calls->len + 1) * sizeof *tape.calls);
    for (uint32_t i = 0; i < calls->len; i++) {
        if (!read_call(a, dir, calls->as.items[i], i, &tape.calls[i], err)) {
            return err_wrap(err, "%s", path);
        }
    }
    *ret_tape = tape;
    return true;
}

/* ---- writing ---- */

static bool write_body(struct arena *a, const char *dir, const char *name, const char *text,
                       size_t len, struct object_builder *b, const char *key, struct err *err) {
    if (len == 0) {
        return true;
    }
    object_put_c(b, key, value_cstring(a, name));
    char *path = file_join(dir, name);
    bool is_fine = file_write_atomic(path, text, len, 0644, err);
    mem_free(path);
    return is_fine;
}

static const struct value *argv_value(struct arena *a, const char *const *argv) {
    struct list_builder list;
    list_begin(&list, a);
    for (size_t i = 0; argv[i] != NULL; i++) {
        list_add(&list, value_cstring(a, argv[i]));
    }
    return list_end(&list);
}

static const struct value *call_value(struct arena *a, const char *dir, const struct tape_call *c,
                                      size_t i, struct err *err) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "step", value_cstring(a, c->step));
    object_put_c(&b, "role", value_cstring(a, c->role));
    object_put_c(&b, "argv", argv_value(a, c->argv));
    if (c->stdin_text != NULL) {
        object_put_c(&b, "stdin", value_cstring(a, c->stdin_text));
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
    object_put_c(&b, "duration_ms", value_int(a, c->duration_ms));
    const char *out = arena_printf(a, "%04zu-%s.stdout", i + 1, c->step);
    const char *errors = arena_printf(a, "%04zu-%s.stderr", i + 1, c->step);
    if (!write_body(a, dir, out, c->out, c->out_len, &b, "stdout", err) ||
        !write_body(a, dir, errors, c->err, c->err_len, &b, "stderr", err)) {
        return NULL;
    }
    return object_end(&b);
}

/* Only files that we write ourselves are ever removed: tape.yaml and bodies. */
static bool is_ours(const char *name) {
    return strcmp(name, "tape.yaml") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           str_ends(name, ".stdout") || str_ends(name, ".stderr");
}

static bool clear_dir(const char *dir, struct err *err) {
    DIR *d = opendir(dir);
    if (d == NULL) {
        return errno == ENOENT || err_errno(err, "file-write", errno, "cannot read %s", dir);
    }
    bool is_fine = true;
    for (const struct dirent *entry = readdir(d); entry != NULL && is_fine; entry = readdir(d)) {
        if (!is_ours(entry->d_name)) {
            is_fine = err_set(err, "not-a-tape",
                              "%s holds '%s', which is no part of a tape: nothing was written", dir,
                              entry->d_name);
        }
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

bool tape_save(const struct tape *tape, const char *dir, struct err *err) {
    if (!clear_dir(dir, err) || !file_make_dirs(dir, 0755, err)) {
        return false;
    }
    struct arena a = ARENA_INIT(0);
    struct object_builder b;
    struct list_builder calls;
    object_begin(&b, &a);
    list_begin(&calls, &a);
    bool is_fine = true;
    for (size_t i = 0; i < tape->n_calls && is_fine; i++) {
        const struct value *v = call_value(&a, dir, &tape->calls[i], i, err);
        is_fine = v != NULL;
        if (is_fine) {
            list_add(&calls, v);
        }
    }
    object_put_c(&b, "cpdflow_tape", value_int(&a, TAPE_VERSION));
    object_put_c(&b, "recipe", value_cstring(&a, tape->recipe));
    object_put_c(&b, "calls", list_end(&calls));
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    yaml_print(&text, object_end(&b));
    char *path = file_join(dir, "tape.yaml");
    is_fine = is_fine && file_write_atomic(path, str_text(&text), text.len, 0644, err);
    mem_free(path);
    arena_release(&a);
    return is_fine;
}
