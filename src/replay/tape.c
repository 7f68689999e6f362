/*
 * Reading cassettes. Everything on one may come from a stranger: each field is checked, sizes and counts are limited, and a
 * body is opened only as a regular file of the directory itself.
 */
#include "replay/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "match_priv.h"
#include "maxima.h"
#include "proc/runner.h"
#include "tape_priv.h"
#include "value/value.h"
#include "value/yaml.h"

/* What the readers of fields share. */
struct reader {
    struct arena *arena;
    const char *path; /* of tape.yaml, in the arena */
    int dir_fd;
    size_t n_bytes; /* of bodies so far */
    struct err *err;
};

static bool invalid(struct reader *r, const struct yaml_node *node, const char *expected) {
    (void)err_set(r->err, "invalid-tape", "%s was expected", expected);
    return err_at(r->err, (struct place){r->path, node->line, node->col}, NULL);
}

/* ---- bodies ---- */

/* A plain name: nothing on a tape reaches outside its directory. */
static bool is_plain_name(const char *name) {
    return name != NULL && name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

/* Files that are named by a digest hold what it says. */
static bool check_digest(const char *name, const struct str *body, struct err *err) {
    char digest[TAPE_DIGEST_CHARS + 1];
    size_t len = strspn(name, "0123456789abcdef");
    if (len != TAPE_DIGEST_CHARS || name[len] != '.') {
        return true;
    }
    tape_digest(str_text(body), body->len, digest);
    if (strncmp(name, digest, TAPE_DIGEST_CHARS) == 0) {
        return true;
    }
    (void)err_set(err, "damaged-tape", "%s does not hold what its name says", name);
    err_hint(err, "give a file that you edited another name, here and in tape.yaml");
    return false;
}

static bool read_body(struct reader *r, const struct yaml_node *node, const char **ret_text,
                      size_t *ret_len) {
    if (node->kind != YAML_SCALAR || !is_plain_name(node->text)) {
        return invalid(r, node, "a file name beside tape.yaml");
    }
    AUTO(str) struct str body = STR_INIT(LIMIT_RESULT_BYTES);
    int fd = openat(r->dir_fd, node->text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP) {
        return invalid(r, node, "a file, not a link,");
    }
    if (fd < 0) {
        return err_errno(r->err, "file-not-found", errno, "%s:%u: cannot open %s", r->path,
                         node->line, node->text);
    }
    bool is_fine = file_read_regular(fd, node->text, LIMIT_RESULT_BYTES, &body, r->err) &&
                   check_digest(node->text, &body, r->err);
    (void)close(fd); /* it was only read */
    r->n_bytes += body.len;
    if (is_fine && r->n_bytes > LIMIT_TAPE_BYTES) {
        return invalid(r, node, "no more than 256 MiB of bodies");
    }
    if (!is_fine) {
        return err_at(r->err, (struct place){r->path, node->line, node->col}, NULL);
    }
    *ret_text = arena_strndup(r->arena, str_text(&body), body.len);
    *ret_len = body.len;
    return true;
}

/* ---- fields ---- */

static bool read_text(struct reader *r, const struct yaml_node *node, void *target) {
    const char **text = target;
    if (node->kind != YAML_SCALAR) {
        return invalid(r, node, "a text");
    }
    *text = arena_strndup(r->arena, node->text, node->text_len);
    return true;
}

static bool read_number(struct reader *r, const struct yaml_node *node, int64_t max,
                        const char *expected, int64_t *ret_n) {
    int64_t n = 0;
    const struct value *v = yaml_to_value(r->arena, node);
    if (!value_as_i64(v, &n) || n < 0 || n > max) {
        return invalid(r, node, expected);
    }
    *ret_n = n;
    return true;
}

static bool read_small(struct reader *r, const struct yaml_node *node, void *target) {
    int64_t n = 0;
    if (!read_number(r, node, 255, "a number from 0 to 255", &n)) {
        return false;
    }
    *(int *)target = (int)n;
    return true;
}

static bool read_duration(struct reader *r, const struct yaml_node *node, void *target) {
    return read_number(r, node, LIMIT_DURATION_MS, "a number of milliseconds, at most 100 years,",
                       target);
}

static bool read_outcome(struct reader *r, const struct yaml_node *node, void *target) {
    for (int i = 0; i < RUN_OUTCOME_COUNT; i++) {
        if (node->kind == YAML_SCALAR && strcmp(run_outcome_names[i], node->text) == 0) {
            *(const char **)target = run_outcome_names[i];
            return true;
        }
    }
    return invalid(r, node, "exited, signaled, timed-out, idle, stopped, spawn-failed or lost");
}

static bool read_argv(struct reader *r, const struct yaml_node *node, void *target) {
    if (node->kind != YAML_LIST || node->n == 0) {
        return invalid(r, node, "a list of texts");
    }
    const char **argv = arena_zalloc(r->arena, (node->n + 1) * sizeof *argv);
    for (size_t i = 0; i < node->n; i++) {
        if (!read_text(r, node->items[i], &argv[i])) {
            return false;
        }
    }
    *(const char *const **)target = argv;
    return true;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_env(struct reader *r, const struct yaml_node *node, void *target) {
    if (node->kind != YAML_MAP) {
        return invalid(r, node, "a map of variables");
    }
    const char **env = arena_zalloc(r->arena, (node->n + 1) * sizeof *env);
    for (size_t i = 0; i < node->n; i++) {
        if (node->pairs[i].value->kind != YAML_SCALAR) {
            return invalid(r, node->pairs[i].value, "a text");
        }
        env[i] =
            arena_printf(r->arena, "%s=%s", node->pairs[i].key->text, node->pairs[i].value->text);
    }
    qsort(env, node->n, sizeof *env, by_text);
    *(const char *const **)target = env;
    return true;
}

static bool read_stdin_file(struct reader *r, const struct yaml_node *node, void *target) {
    size_t len = 0;
    return read_body(r, node, target, &len);
}

static bool read_stdout(struct reader *r, const struct yaml_node *node, void *target) {
    struct tape_call *c = target;
    return read_body(r, node, &c->out, &c->out_len);
}

static bool read_stderr(struct reader *r, const struct yaml_node *node, void *target) {
    struct tape_call *c = target;
    return read_body(r, node, &c->err, &c->err_len);
}

#define CALL(member) offsetof(struct tape_call, member)
static const struct {
    const char *key;
    bool (*read)(struct reader *r, const struct yaml_node *node, void *target);
    size_t offset;
} fields[] = {
    {"step", read_text, CALL(step)},
    {"role", read_text, CALL(role)},
    {"argv", read_argv, CALL(argv)},
    {"env", read_env, CALL(env)},
    {"stdin", read_text, CALL(stdin_text)},
    {"stdin_file", read_stdin_file, CALL(stdin_text)},
    {"outcome", read_outcome, CALL(outcome)},
    {"exit", read_small, CALL(exit_code)},
    {"signal", read_small, CALL(signal)},
    {"message", read_text, CALL(message)},
    {"duration_ms", read_duration, CALL(duration_ms)},
    {"stdout", read_stdout, 0},
    {"stderr", read_stderr, 0},
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static bool unknown_key(struct reader *r, const struct yaml_node *key) {
    const char *names[N_FIELDS];
    for (size_t i = 0; i < N_FIELDS; i++) {
        names[i] = fields[i].key;
    }
    (void)err_set(r->err, "invalid-tape", "unknown key '%s' of a call", key->text);
    const char *nearest = err_nearest(key->text, names, N_FIELDS);
    if (nearest != NULL) {
        err_hint(r->err, "did you mean '%s'?", nearest);
    }
    return err_at(r->err, (struct place){r->path, key->line, key->col}, NULL);
}

static bool read_field(struct reader *r, const struct yaml_pair *pair, struct tape_call *c) {
    for (size_t i = 0; i < N_FIELDS; i++) {
        if (strcmp(fields[i].key, pair->key->text) == 0) {
            return fields[i].read(r, pair->value, (char *)c + fields[i].offset);
        }
    }
    return unknown_key(r, pair->key);
}

static bool read_call(struct reader *r, const struct yaml_node *node, struct tape_call *c) {
    *c = (struct tape_call){.step = "",
                            .role = "",
                            .place = "",
                            .outcome = run_outcome_names[RUN_EXITED],
                            .exit_code = -1,
                            .out = "",
                            .err = "",
                            .line = node->line};
    if (node->kind != YAML_MAP) {
        return invalid(r, node, "a call, which is a map,");
    }
    for (size_t i = 0; i < node->n; i++) {
        if (!read_field(r, &node->pairs[i], c)) {
            return false;
        }
    }
    if (c->argv == NULL) {
        return invalid(r, node, "argv, a list of texts,");
    }
    c->words = match_words(r->arena, c->argv, c->stdin_text, &c->is_http);
    return true;
}

/* ---- the whole ---- */

static bool check_head(struct reader *r, const struct yaml_node *root, struct tape *tape) {
    const struct yaml_node *version =
        root->kind == YAML_MAP ? yaml_get(root, "cpdflow_tape") : NULL;
    int64_t n = 0;
    if (version == NULL || !value_as_i64(yaml_to_value(r->arena, version), &n) ||
        n != TAPE_VERSION) {
        return invalid(r, version == NULL ? root : version, "cpdflow_tape: 1");
    }
    for (size_t i = 0; i < root->n; i++) {
        const char *key = root->pairs[i].key->text;
        if (strcmp(key, "cpdflow_tape") != 0 && strcmp(key, "recipe") != 0 &&
            strcmp(key, "calls") != 0) {
            return invalid(r, root->pairs[i].key, "cpdflow_tape, recipe or calls");
        }
    }
    const struct yaml_node *recipe = yaml_get(root, "recipe");
    tape->recipe = "";
    return recipe == NULL || read_text(r, recipe, &tape->recipe);
}

static bool read_tape(struct reader *r, const struct yaml_node *root, struct tape *tape) {
    if (!check_head(r, root, tape)) {
        return false;
    }
    const struct yaml_node *calls = yaml_get(root, "calls");
    if (calls == NULL || calls->kind != YAML_LIST || calls->n > LIMIT_TAPE_CALLS) {
        return invalid(r, calls == NULL ? root : calls, "calls: a list of at most 100,000 calls");
    }
    tape->n_calls = calls->n;
    tape->calls = arena_zalloc(r->arena, (calls->n + 1) * sizeof *tape->calls);
    for (size_t i = 0; i < calls->n; i++) {
        if (!read_call(r, calls->items[i], &tape->calls[i])) {
            return false;
        }
    }
    return true;
}

bool tape_load(struct arena *a, const char *dir, struct tape *ret_tape, struct err *err) {
    char *heap_path = file_join(dir, TAPE_INDEX);
    struct reader r = {.arena = a, .path = arena_strdup(a, heap_path), .err = err};
    mem_free(heap_path);
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    struct yaml_options options = {.name = r.path};
    struct yaml_node *root = NULL;
    struct tape tape = {0};
    if (!file_read(r.path, LIMIT_RESULT_BYTES, &text, err)) {
        return false;
    }
    if (!yaml_read(a, str_text(&text), text.len, &options, &root, err)) {
        return false;
    }
    r.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r.dir_fd < 0) {
        return err_errno(err, "file-read", errno, "cannot open %s", dir);
    }
    bool is_fine = read_tape(&r, root, &tape);
    (void)close(r.dir_fd); /* it was only read */
    if (is_fine) {
        *ret_tape = tape;
    }
    return is_fine;
}
