/*
 * Fakes of programs.
 *
 *   DIR/bin/NAME   links to cpdflow      DIR/inputs   what names stand for, one NAME=VALUE a line
 *   DIR/tape       link to the cassette  DIR/faults   one a line
 *   DIR/state      one line a call: the number of the recording ("7"), of the fault ("f0"), or "- " and what was missing
 *
 * The state is read and appended to under a lock, so that parallel processes never get the same recording.
 */
#include "testing/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "calls_priv.h"
#include "maxima.h"
#include "proc/fake.h"
#include "proc/runner.h"
#include "replay/player.h"
#include "replay/tape.h"

struct shim {
    struct arena arena;
    const char *dir;
    struct fake_timers *clock;
    struct timers timers;
    struct tape_names names;
    struct player *player;
    int state_fd; /* locked */
    const char *const *state;
    const char *const *faults;
};

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

/* CALL=EXIT[:TEXT], the last `=` that a number follows. */
static bool split_fault(struct arena *a, const char *fault, const char **ret_call, int *ret_exit,
                        const char **ret_text) {
    for (const char *eq = strrchr(fault, '='); eq != NULL && eq > fault;) {
        const char *end = eq + 1 + strspn(eq + 1, "0123456789");
        int64_t n = 0;
        if (end > eq + 1 && (*end == '\0' || *end == ':') &&
            num_parse_i64(eq + 1, (size_t)(end - eq - 1), &n) && n <= 255) {
            *ret_call = arena_strndup(a, fault, (size_t)(eq - fault));
            *ret_exit = (int)n;
            *ret_text = *end == ':' ? end + 1 : "";
            return true;
        }
        const char *earlier = eq;
        do {
            earlier--;
        } while (earlier > fault && *earlier != '=');
        eq = earlier > fault ? earlier : NULL;
    }
    return false;
}

static bool check_faults(const char *const *faults, struct err *err) {
    struct arena a = ARENA_INIT(0);
    bool is_fine = true;
    for (size_t i = 0; faults != NULL && faults[i] != NULL && is_fine; i++) {
        const char *call = NULL;
        const char *text = NULL;
        int code = 0;
        is_fine = split_fault(&a, faults[i], &call, &code, &text) ||
                  err_set(err, "usage",
                          "--fault '%s' is not of the form CALL=EXIT or "
                          "CALL=EXIT:TEXT",
                          faults[i]);
    }
    arena_release(&a);
    return is_fine;
}

static bool make_links(const struct shim_options *o, struct err *err) {
    char *bin = file_join(o->dir, "bin");
    bool is_fine = file_make_dirs(bin, 0700, err) && link_to(o->tape, o->dir, "tape", err);
    for (size_t i = 0; o->names[i] != NULL && is_fine; i++) {
        is_fine = link_to(o->program, bin, o->names[i], err);
    }
    mem_free(bin);
    return is_fine;
}

bool shim_make(const struct shim_options *o, struct err *err) {
    return check_faults(o->faults, err) && make_links(o, err) &&
           write_lines(o->dir, "inputs", o->inputs, err) &&
           write_lines(o->dir, "faults", o->faults, err) && write_lines(o->dir, "state", NULL, err);
}

/* ---- what is shared ---- */

static const char *const *split_lines(struct arena *a, const char *text) {
    size_t n = 0;
    for (const char *c = text; *c != '\0'; c++) {
        n += *c == '\n' ? 1 : 0;
    }
    const char **lines = arena_zalloc(a, (n + 2) * sizeof *lines);
    size_t i = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        lines[i++] = arena_strndup(a, text, len);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return lines;
}

static bool read_lines(struct shim *s, const char *name, const char *const **ret_lines,
                       struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    char *path = file_join(s->dir, name);
    bool is_fine = file_read(path, LIMIT_RESULT_BYTES, &text, err);
    mem_free(path);
    if (is_fine) {
        *ret_lines = split_lines(&s->arena, str_text(&text));
    }
    return is_fine;
}

static void make_names(struct shim *s, const char *const *inputs) {
    size_t n = 0;
    while (inputs[n] != NULL) {
        n++;
    }
    s->names.items = arena_zalloc(&s->arena, (n + 2) * sizeof *s->names.items);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(inputs[i], '=');
        if (eq != NULL) {
            s->names.items[s->names.n++] = (struct tape_name){
                arena_printf(&s->arena, "inputs.%.*s", (int)(eq - inputs[i]), inputs[i]), eq + 1};
        }
    }
    s->names.items[s->names.n++] = (struct tape_name){"run.dir", s->dir};
    tape_names_sort(&s->names);
}

static const char *any_for_secret(struct arena *a, const char *text) {
    AUTO(str) struct str out = STR_INIT(0);
    while (text != NULL && *text != '\0') {
        if (strncmp(text, "***", 3) == 0) {
            str_add(&out, "{{any}}");
            text += 3;
        } else {
            str_add_char(&out, *text++);
        }
    }
    return text == NULL ? NULL : arena_strdup(a, str_text(&out));
}

static const char *const *any_for_secrets(struct arena *a, const char *const *list) {
    size_t n = 0;
    while (list[n] != NULL) {
        n++;
    }
    const char **out = arena_zalloc(a, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = any_for_secret(a, list[i]);
    }
    return out;
}

static void open_to_scripts(struct shim *s) {
    struct tape *tape = player_tape(s->player);
    for (size_t i = 0; i < tape->n_calls; i++) {
        struct tape_call *c = &tape->calls[i];
        c->argv = any_for_secrets(&s->arena, c->argv);
        c->words = any_for_secrets(&s->arena, c->words);
        c->stdin_text = any_for_secret(&s->arena, c->stdin_text);
        c->env = NULL;
    }
}

static bool lock_state(struct shim *s, struct err *err) {
    char *path = file_join(s->dir, "state");
    s->state_fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    int got = s->state_fd < 0 ? -1 : flock(s->state_fd, LOCK_EX);
    while (got != 0 && s->state_fd >= 0 && errno == EINTR) {
        got = flock(s->state_fd, LOCK_EX);
    }
    bool is_fine = got == 0 || err_errno(err, "file-read", errno, "cannot lock %s", path);
    mem_free(path);
    return is_fine;
}

static void mark_used(struct shim *s) {
    struct tape *tape = player_tape(s->player);
    for (size_t i = 0; s->state[i] != NULL; i++) {
        int64_t n = 0;
        if (num_parse_i64(s->state[i], strlen(s->state[i]), &n) && n >= 0 &&
            (size_t)n < tape->n_calls) {
            tape->calls[n].is_used = true;
        }
    }
}

static bool open_shim(struct shim *s, const char *dir, struct err *err) {
    *s = (struct shim){.dir = dir, .state_fd = -1};
    arena_init(&s->arena, 0);
    s->clock = fake_timers_new(0);
    fake_timers_get(s->clock, &s->timers);
    const char *const *inputs = NULL;
    if (!read_lines(s, "inputs", &inputs, err) || !read_lines(s, "faults", &s->faults, err)) {
        return false;
    }
    make_names(s, inputs);
    char *tape = file_join(dir, "tape");
    s->player = player_new(&s->arena, tape, &s->timers, &s->names, PLAYER_NORMAL, err);
    mem_free(tape);
    if (s->player == NULL) {
        return false;
    }
    open_to_scripts(s);
    return true;
}

/* What the others have done so far. Behind everything that may have to wait for one of them, such as stdin. */
static bool enter(struct shim *s, struct err *err) {
    if (!lock_state(s, err) || !read_lines(s, "state", &s->state, err)) {
        return false;
    }
    mark_used(s);
    return true;
}

static bool append_state(struct shim *s, const char *line, struct err *err) {
    AUTO(str) struct str text = STR_INIT(0);
    for (const char *c = line; *c != '\0'; c++) {
        str_add_char(&text, *c == '\n' ? ' ' : *c);
    }
    str_add_char(&text, '\n');
    return file_write_all(s->state_fd, str_text(&text), text.len) ||
           err_errno(err, "file-write", errno, "cannot write the state of the shim");
}

static void close_shim(struct shim *s) {
    player_free(s->player);
    fake_timers_free(s->clock);
    if (s->state_fd >= 0) {
        (void)close(s->state_fd); /* and unlocks; what was written is checked */
    }
    arena_release(&s->arena);
}

/* ---- answering ---- */

struct heard {
    struct str *out;
    struct str *errors;
    struct shim_answer answer;
};

static void on_done(const struct run_result *result, void *ctx) {
    struct heard *h = ctx;
    str_add_bytes(h->out, result->out.head, result->out.head_len);
    str_add_bytes(h->errors, result->err.head, result->err.head_len);
    h->answer.exit_code = result->exit_code < 0 ? SHIM_EXIT_MISSING : result->exit_code;
    h->answer.signal = result->signal;
    if (result->message != NULL) {
        str_addf(h->errors, "%s\n", result->message);
    }
}

static bool is_done_before(const struct shim *s, const char *mark) {
    for (size_t i = 0; s->state[i] != NULL; i++) {
        if (strcmp(s->state[i], mark) == 0) {
            return true;
        }
    }
    return false;
}

/* Faults come first, each once. *ret_is_hit: this call met one. */
static bool try_faults(struct shim *s, const char *line, struct heard *h, bool *ret_is_hit,
                       struct err *err) {
    for (size_t i = 0; s->faults[i] != NULL; i++) {
        const char *mark = arena_printf(&s->arena, "f%zu", i);
        const char *call = NULL;
        const char *text = NULL;
        int code = 0;
        if (!is_done_before(s, mark) && split_fault(&s->arena, s->faults[i], &call, &code, &text) &&
            call_fits(call, line, NULL)) {
            h->answer.exit_code = code;
            str_addf(h->errors, "%s%s", text, text[0] == '\0' ? "" : "\n");
            *ret_is_hit = true;
            return append_state(s, mark, err);
        }
    }
    return true;
}

static bool needs_stdin(const struct shim *s, const char *program) {
    const struct tape *tape = player_tape(s->player);
    for (size_t i = 0; i < tape->n_calls; i++) {
        if (tape->calls[i].stdin_text != NULL && strcmp(tape->calls[i].words[0], program) == 0) {
            return true;
        }
    }
    return false;
}

/* Only a program of which stdin was recorded reads it: another one would eat what a loop of the script reads. */
static bool read_stdin(struct shim *s, const char *program, struct str *text, struct err *err) {
    if (!needs_stdin(s, program) || isatty(STDIN_FILENO) == 1) {
        return true;
    }
    return file_read_fd(STDIN_FILENO, "stdin", LIMIT_RESULT_BYTES, text, err);
}

static bool ask_player(struct shim *s, const struct run_request *request, const char *line,
                       struct err *err) {
    const struct tape_call *c = player_find(s->player, request);
    struct runner runner;
    player_runner(s->player, &runner);
    (void)runner_start(&runner, request);
    (void)fake_timers_run_until_idle(s->clock);
    const struct tape *tape = player_tape(s->player);
    const char *mark = c == NULL ? arena_printf(&s->arena, "- %s", line)
                                 : arena_printf(&s->arena, "%td", c - tape->calls);
    return append_state(s, mark, err);
}

static bool answer(struct shim *s, const char *const *argv, struct heard *h, struct err *err) {
    const char *line = call_line(&s->arena, argv);
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    bool is_hit = false;
    if (!read_stdin(s, argv[0], &text, err) || !enter(s, err) ||
        !try_faults(s, line, h, &is_hit, err)) {
        return false;
    }
    struct run_request request = {.argv = argv,
                                  .stdin_data = text.len > 0 ? str_text(&text) : NULL,
                                  .stdin_len = text.len,
                                  .on_done = on_done,
                                  .ctx = h};
    return is_hit || ask_player(s, &request, line, err);
}

bool shim_answer(const char *dir, const char *const *argv, struct str *out, struct str *errors,
                 struct shim_answer *ret_answer, struct err *err) {
    struct shim s;
    struct heard h = {.out = out, .errors = errors};
    bool is_fine = open_shim(&s, dir, err) && answer(&s, argv, &h, err);
    close_shim(&s);
    if (is_fine) {
        *ret_answer = h.answer;
    }
    return is_fine;
}

bool shim_report(const char *dir, struct str *unused, size_t *ret_n_unused, struct str *missing,
                 size_t *ret_n_missing, struct err *err) {
    struct shim s;
    bool is_fine = open_shim(&s, dir, err) && enter(&s, err);
    if (is_fine) {
        *ret_n_unused = player_unused(s.player, unused);
        *ret_n_missing = 0;
        for (size_t i = 0; s.state[i] != NULL; i++) {
            if (str_starts(s.state[i], "- ")) {
                str_addf(missing, "  %s\n", s.state[i] + 2);
                ++*ret_n_missing;
            }
        }
    }
    close_shim(&s);
    return is_fine;
}
