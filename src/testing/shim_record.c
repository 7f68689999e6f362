/*
 * Recording behind a fake: the real program is asked, supervised as in a run, and what it answers is a cassette of one call under
 * DIR/calls. shim_save() makes one of all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "curl_answer_priv.h"
#include "maxima.h"
#include "proc/loop.h"
#include "proc/proc.h"
#include "replay/recorder.h"
#include "replay/secret_words.h"
#include "shim_priv.h"

struct making {
    struct loop *loop;
    struct runner real;
    const char *const *argv; /* with its secrets; the recorder gets it without them */
    struct run_job *job;
    struct heard *heard;
    bool is_live;   /* what comes goes to the script at once */
    bool has_begun; /* the program was there */
};

/* ---- the program ---- */

/* $PATH without the fakes. */
static const char *path_behind(struct shim *s, const char *path) {
    const char *fakes = arena_printf(&s->arena, "%s/bin", s->dir);
    AUTO(str) struct str out = STR_INIT(0);
    for (const char *at = path; *at != '\0';) {
        size_t len = strcspn(at, ":");
        if (strlen(fakes) != len || strncmp(at, fakes, len) != 0) {
            str_addf(&out, "%s%.*s", out.len == 0 ? "" : ":", (int)len, at);
        }
        at += len + (at[len] == ':' ? 1 : 0);
    }
    return arena_strdup(&s->arena, str_text(&out));
}

/* What the script has, without the fakes. */
static const char *const *real_environment(struct shim *s) {
    size_t n = 0;
    while (environ[n] != NULL) {
        n++;
    }
    const char **env = arena_zalloc(&s->arena, (n + 1) * sizeof *env);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_starts(environ[i], "PATH=")) {
            env[k++] = arena_printf(&s->arena, "PATH=%s", path_behind(s, environ[i] + 5));
        } else if (!str_starts(environ[i], SHIM_VARIABLE "=")) {
            env[k++] = environ[i];
        } else if (strchr(environ[i], ':') !=
                   NULL) { /* behind these fakes are those of another shim */
            env[k++] = arena_printf(&s->arena, SHIM_VARIABLE "=%s", strchr(environ[i], ':') + 1);
        }
    }
    return env;
}

static void on_output(int stream, const char *bytes, size_t len, void *ctx) {
    const struct making *m = ctx;
    if (m->is_live) { /* a script that closed its end does not want the rest */
        (void)file_write_all(stream == 1 ? STDOUT_FILENO : STDERR_FILENO, bytes, len);
    }
}

static void on_done(const struct run_result *result, void *ctx) {
    struct making *m = ctx;
    struct heard *h = m->heard;
    AUTO(err) struct err too_large = ERR_INIT; /* the recorder refuses it as well */
    (void)runner_output_read(&result->out, LIMIT_RESULT_BYTES, h->out, &too_large);
    err_release(&too_large);
    (void)runner_output_read(&result->err, LIMIT_RESULT_BYTES, h->errors, &too_large);
    h->answer.exit_code = result->exit_code < 0 ? SHIM_EXIT_MISSING : result->exit_code;
    h->answer.signal = result->signal;
    m->has_begun = result->outcome != RUN_SPAWN_FAILED;
    if (result->message != NULL) {
        str_addf(h->errors, "%s\n", result->message);
        m->is_live = false;
    }
    loop_stop(m->loop);
}

static struct run_job *start(void *ctx, const struct run_request *request) {
    const struct making *m = ctx;
    struct run_request with_secrets = *request;
    with_secrets.argv = m->argv;
    return runner_start(&m->real, &with_secrets);
}

static void stop(void *ctx, struct run_job *job, enum stop_reason reason) {
    const struct making *m = ctx;
    runner_stop(&m->real, job, reason);
}

static void on_signal(int signal, unsigned count, void *ctx) {
    (void)signal;
    struct making *m = ctx;
    stop(m, m->job, count > 1 ? STOP_NOW : STOP_CANCEL);
}

/* ---- what is kept ---- */

/* "spaces-list" of `cpdctl spaces list --name x`, "POST-authorize" of a request: it names the files of the cassette. */
static const char *step_name(struct shim *s, const struct asked *q) {
    enum { MAX_WORDS = 4 };
    if (q->is_http) {
        size_t len = strcspn(q->curl.url, "?#");
        const char *slash = str_find_last(q->curl.url, len, '/');
        const char *name = slash == NULL ? q->curl.url : slash + 1;
        return arena_printf(&s->arena, "%s-%.*s", q->curl.method, (int)(q->curl.url + len - name),
                            name);
    }
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    AUTO(str) struct str name = STR_INIT(0);
    for (size_t i = 1; i <= MAX_WORDS && q->argv[i] != NULL && q->argv[i][0] != '-' &&
                       q->argv[i][strspn(q->argv[i], plain)] == '\0';
         i++) {
        str_addf(&name, "%s%s", i == 1 ? "" : "-", q->argv[i]);
    }
    return arena_strdup(&s->arena, name.len > 0 ? str_text(&name) : q->argv[0]);
}

/* For the other processes and shim_save(). */
static bool tell_secrets(struct shim *s, const struct str *found, struct err *err) {
    char *path = file_join(s->dir, "secrets");
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    bool is_fine = fd >= 0 && file_write_all(fd, str_text(found), found->len);
    is_fine = (fd < 0 || close(fd) == 0) && is_fine;
    if (!is_fine) {
        (void)err_errno(err, "file-write", errno, "cannot write %s", path);
    }
    mem_free(path);
    return is_fine;
}

static bool begin(struct shim *s, char **ret_dir, struct err *err) {
    size_t n = 0;
    while (s->state[n] != NULL) {
        n++;
    }
    bool is_fine = shim_append(s, arena_printf(&s->arena, "r%zu", n), err);
    shim_leave(s);
    *ret_dir = arena_printf(&s->arena, "%s/calls/%zu", s->dir, n);
    return is_fine;
}

/* ---- the call ---- */

/* Runs until the answer is in m->heard. False: nothing could be run. */
static bool ask(struct making *m, const struct run_request *request, struct recorder *recorder,
                struct err *err) {
    struct proc_options options = {.lease_fd = -1};
    struct proc_runner *procs = proc_runner_new(m->loop, &options, err);
    if (procs == NULL) {
        return false;
    }
    proc_runner_get(procs, &m->real);
    struct runner runner;
    recorder_runner(recorder, &runner);
    loop_on_signal(m->loop, on_signal, m);
    m->job = runner_start(&runner, request);
    loop_run(m->loop);
    proc_runner_free(procs);
    return true;
}

static bool record(struct shim *s, struct making *m, const struct run_request *request,
                   const char *dir, struct str *found, struct err *err) {
    struct runner with_secrets = {start, stop, m};
    struct recorder *recorder = recorder_new(&with_secrets, &s->names, "");
    bool is_fine = ask(m, request, recorder, err);
    if (is_fine) {
        secret_words_learn(str_text(m->heard->out), m->heard->out->len, found);
        /* A program that is not there has no answer that another run could use. */
        is_fine = !m->has_begun || recorder_save(recorder, dir, err);
    }
    recorder_free(recorder);
    return is_fine;
}

/* What came is told as the options of the script's own call ask. */
static void tell_as_asked(struct shim *s, const struct asked *q, struct heard *h) {
    AUTO(str) struct str out = STR_INIT(LIMIT_RESULT_BYTES);
    AUTO(str) struct str errors = STR_INIT(LIMIT_RESULT_BYTES);
    str_add_bytes(&out, str_text(h->out), h->out->len);
    str_add_bytes(&errors, str_text(h->errors), h->errors->len);
    str_reset(h->out);
    str_reset(h->errors);
    struct curl_reply reply = {.has_headers = true,
                               .bytes = str_text(&out),
                               .len = out.len,
                               .errors = str_text(&errors),
                               .exit_code = h->answer.exit_code};
    h->answer.exit_code = curl_answer(&s->arena, &q->curl, &reply, h->out, h->errors);
}

/*
 * The request, its secrets told. A large body goes to curl by a private file, as one of a recipe does: a line of its configuration
 * has an end.
 */
static bool prepare_curl(struct shim *s, const struct curl_call *asked,
                         struct run_request *ret_request, struct str *found, struct err *err) {
    struct curl_call call = *asked;
    const char **names = arena_zalloc(&s->arena, 3 * sizeof *names);
    size_t len = call.body == NULL ? 0 : strlen(call.body);
    if (len > LIMIT_HTTP_INLINE_BODY) {
        names[0] = "temp";
        names[1] = arena_printf(&s->arena, "%s/calls/body-%ld", s->dir, (long)getpid());
        if (!file_write_atomic(names[1], call.body, len, 0600, err)) {
            return false;
        }
        secret_words_learn(call.body, len, found);
        call.body = NULL;
        call.body_file = names[1];
    }
    *ret_request = shim_as_recipe(s, &call);
    ret_request->volatile_values = names;
    return true;
}

bool shim_make_call(struct shim *s, const struct asked *q, struct heard *h, struct err *err) {
    char *dir = NULL;
    AUTO(str) struct str found = STR_INIT(LIMIT_RESULT_BYTES);
    struct run_request request = {
        .argv = q->argv, .stdin_data = q->stdin_text, .stdin_len = q->stdin_len};
    const char *const *hidden = secret_words_hide(&s->arena, q->argv, &found);
    if (q->is_http) {
        if (!prepare_curl(s, &q->curl, &request, &found, err)) {
            return false;
        }
        hidden = request.argv;
    }
    proc_prepare_process();
    struct making m = {.loop = loop_new(err), .heard = h, .is_live = !q->is_http};
    if (m.loop == NULL) {
        return false;
    }
    if (curl_call_is_curl(q->argv[0]) && request.stdin_data != NULL) {
        secret_words_learn_config(request.stdin_data, &found);
    }
    if (request.stdin_data != NULL) {
        secret_words_learn(request.stdin_data, request.stdin_len, &found);
    }
    m.argv = request.argv;
    request.argv = hidden;
    request.env = real_environment(s);
    request.step = step_name(s, q);
    request.role = "run";
    request.on_output = on_output;
    request.on_done = on_done;
    request.ctx = &m;
    bool is_fine = begin(s, &dir, err) && record(s, &m, &request, dir, &found, err) &&
                   tell_secrets(s, &found, err);
    loop_free(m.loop);
    if (q->is_http && h->answer.signal == 0 && m.has_begun) {
        tell_as_asked(s, q, h);
    } else if (m.is_live) {
        str_reset(h->out);
        str_reset(h->errors);
    }
    return is_fine;
}

/* ---- the cassette ---- */

struct merge {
    struct shim *shim;
    struct tape old;
    const char **places; /* of the old calls, NULL: not asked for */
    struct recorder *recorder;
    size_t n_new;
    struct err *err;
};

/* A new recording; one that is not there was not finished. */
static bool take_new(struct merge *m, const char *number, const char *place) {
    struct shim *s = m->shim;
    const char *dir = arena_printf(&s->arena, "%s/calls/%s", s->dir, number);
    struct tape tape;
    if (access(dir, F_OK) != 0) {
        return true;
    }
    if (!tape_load(&s->arena, dir, &tape, m->err)) {
        return false;
    }
    for (size_t i = 0; i < tape.n_calls; i++) {
        struct tape_call *c = &tape.calls[i];
        c->place = place;
        c->step = mask_finds(c->step, strlen(c->step)) ? c->argv[0] : c->step;
        recorder_keep(m->recorder, c);
        m->n_new++;
    }
    return true;
}

/* One line of the state: old or new, they stand in the order in which the script asked. */
static bool take_line(struct merge *m, const char *line, size_t i) {
    const char *place = arena_printf(&m->shim->arena, "%08zu", i);
    if (line[0] == 'r') {
        return take_new(m, line + 1, place);
    }
    const char *number = line + (line[0] == 's' ? 1 : 0);
    int64_t n = 0;
    if (!num_parse_i64(number, strlen(number), &n) || n < 0 || (size_t)n >= m->old.n_calls) {
        return true; /* a fault */
    }
    m->places[n] = place;
    if (number == line) {
        m->old.calls[n].place = place;
        recorder_keep(m->recorder, &m->old.calls[n]);
    }
    return true;
}

/* What nobody asked for stays behind the call that it stood behind. */
static void take_unused(struct merge *m) {
    const char *place = "";
    for (size_t i = 0; i < m->old.n_calls; i++) {
        place = m->places[i] != NULL ? m->places[i] : place;
        if (m->places[i] == NULL) {
            m->old.calls[i].place = place;
            recorder_keep(m->recorder, &m->old.calls[i]);
        }
    }
}

static bool merge_all(struct merge *m, const char *tape) {
    struct shim *s = m->shim;
    char *old = file_join(s->dir, "tape");
    bool is_fine = tape_load(&s->arena, old, &m->old, m->err);
    mem_free(old);
    m->places = arena_zalloc(&s->arena, (m->old.n_calls + 1) * sizeof *m->places);
    for (size_t i = 0; is_fine && s->state[i] != NULL; i++) {
        is_fine = take_line(m, s->state[i], i);
    }
    if (!is_fine) {
        return false;
    }
    take_unused(m);
    return m->n_new == 0 || recorder_save(m->recorder, tape, m->err);
}

static bool mask_found(struct shim *s, struct err *err) {
    AUTO(str) struct str found = STR_INIT(LIMIT_RESULT_BYTES);
    char *path = file_join(s->dir, "secrets");
    bool is_fine = file_read(path, LIMIT_RESULT_BYTES, &found, err);
    mem_free(path);
    secret_words_mask(str_text(&found), found.len);
    return is_fine;
}

bool shim_save(const char *dir, const char *tape, size_t *ret_n_new, struct err *err) {
    struct shim s;
    struct runner none = {NULL, NULL, NULL};
    struct merge m = {.shim = &s, .err = err};
    bool is_fine = shim_open(&s, dir, err) && shim_enter(&s, err) && mask_found(&s, err);
    if (is_fine) {
        const char *slash = str_find_last(tape, strlen(tape), '/');
        m.recorder = recorder_new(&none, &s.names, slash == NULL ? tape : slash + 1);
        is_fine = merge_all(&m, tape);
        recorder_free(m.recorder);
    }
    shim_close(&s);
    if (is_fine) {
        *ret_n_new = m.n_new;
    }
    return is_fine;
}
