/*
 * The directory of a shim, and its state under a lock.
 */
#include "shim_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "proc/fake.h"
#include "replay/player.h"

bool shim_split_fault(struct arena *a, const char *fault, const char **ret_call, int *ret_exit,
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
        bool is_stale = s->state[i][0] == 's';
        const char *number = s->state[i] + (is_stale ? 1 : 0);
        int64_t n = 0;
        if (num_parse_i64(number, strlen(number), &n) && n >= 0 && (size_t)n < tape->n_calls) {
            tape->calls[n].is_used = true;
            tape->calls[n].is_stale = is_stale;
        }
    }
}

static bool read_mode(struct shim *s, struct err *err) {
    const char *const *mode = NULL;
    if (!read_lines(s, "mode", &mode, err)) {
        return false;
    }
    int64_t n = 0;
    bool is_known = mode[0] != NULL && num_parse_i64(mode[0], strlen(mode[0]), &n);
    s->record = is_known ? (enum shim_record)n : SHIM_RECORD_NONE;
    return true;
}

bool shim_open(struct shim *s, const char *dir, struct err *err) {
    *s = (struct shim){.dir = dir, .state_fd = -1};
    arena_init(&s->arena, 0);
    s->clock = fake_timers_new(0);
    fake_timers_get(s->clock, &s->timers);
    const char *const *inputs = NULL;
    if (!read_lines(s, "inputs", &inputs, err) || !read_lines(s, "faults", &s->faults, err) ||
        !read_mode(s, err)) {
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

bool shim_enter(struct shim *s, struct err *err) {
    if (!lock_state(s, err) || !read_lines(s, "state", &s->state, err)) {
        return false;
    }
    mark_used(s);
    return true;
}

bool shim_append(struct shim *s, const char *line, struct err *err) {
    AUTO(str) struct str text = STR_INIT(0);
    for (const char *c = line; *c != '\0'; c++) {
        str_add_char(&text, *c == '\n' ? ' ' : *c);
    }
    str_add_char(&text, '\n');
    return file_write_all(s->state_fd, str_text(&text), text.len) ||
           err_errno(err, "file-write", errno, "cannot write the state of the shim");
}

void shim_leave(struct shim *s) {
    if (s->state_fd >= 0) {
        (void)close(s->state_fd); /* and unlocks; what was written is checked */
    }
    s->state_fd = -1;
}

void shim_close(struct shim *s) {
    player_free(s->player);
    fake_timers_free(s->clock);
    shim_leave(s);
    arena_release(&s->arena);
}
