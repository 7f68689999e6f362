/*
 * Answers of fakes: faults, then recordings, then the real program when it is recorded.
 */
#include "shim_priv.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "calls_priv.h"
#include "curl_answer_priv.h"
#include "maxima.h"
#include "proc/fake.h"
#include "replay/curl_call.h"
#include "replay/player.h"

/* A word says that standard input is read: `--body -`, `-d @-`. */
static bool names_stdin(const char *const *argv) {
    for (size_t i = 1; argv[i] != NULL; i++) {
        if (strcmp(argv[i], "-") == 0 || str_ends(argv[i], "=-") || str_ends(argv[i], "@-") ||
            str_ends(argv[i], "/dev/stdin")) {
            return true;
        }
    }
    return false;
}

/* Only who reads it gets it: another one would eat what a loop of the script reads. */
static bool read_stdin(struct shim *s, const char *const *argv, struct str *text, struct err *err) {
    bool is_read = curl_call_is_curl(argv[0])
                       ? curl_call_wants_stdin(argv)
                       : names_stdin(argv) || player_takes_stdin(s->player, argv);
    if (!is_read || isatty(STDIN_FILENO) == 1) {
        return true;
    }
    return file_read_fd(STDIN_FILENO, "stdin", LIMIT_RESULT_BYTES, text, err);
}

/* ---- a call ---- */

static void read_curl(struct shim *s, struct asked *q) {
    if (!curl_call_is_curl(q->argv[0])) {
        return;
    }
    AUTO(err) struct err err = ERR_INIT;
    q->is_http =
        curl_call_read(&s->arena, q->argv, q->stdin_text, CURL_FILES_READ, &q->curl, &err) &&
        curl_answer_check(&q->curl, &err);
    q->why_not = q->is_http ? NULL : arena_strdup(&s->arena, err.message);
}

static struct run_request as_written(const struct asked *q) {
    return (struct run_request){
        .argv = q->argv, .stdin_data = q->stdin_text, .stdin_len = q->stdin_len};
}

/* As a recipe would ask, with what stands in files. */
struct run_request shim_as_recipe(struct shim *s, const struct curl_call *curl) {
    static const char *const argv[] = {"curl", "-q", "--config", "-", NULL};
    AUTO(str) struct str config = STR_INIT(LIMIT_RESULT_BYTES);
    curl_call_config(curl, &config);
    return (struct run_request){.argv = argv,
                                .stdin_data =
                                    arena_strndup(&s->arena, str_text(&config), config.len),
                                .stdin_len = config.len};
}

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

static void play(struct shim *s, struct run_request request, struct heard *h) {
    struct runner runner;
    player_runner(s->player, &runner);
    request.on_done = on_done;
    request.ctx = h;
    (void)runner_start(&runner, &request);
    (void)fake_timers_run_until_idle(s->clock);
}

/* ---- curl ---- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_output(const struct curl_call *a, const struct curl_call *b) {
    return a->includes == b->includes && a->fails == b->fails &&
           a->fails_with_body == b->fails_with_body && same_text(a->out_file, b->out_file) &&
           same_text(a->headers_file, b->headers_file) && same_text(a->write_out, b->write_out);
}

/* The recording holds what it printed then; this call may print the same in another way. */
static void imitate(struct shim *s, const struct asked *q, const struct tape_call *c,
                    struct heard *h) {
    struct curl_call then;
    AUTO(err) struct err err = ERR_INIT;
    struct heard raw = *h;
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    AUTO(str) struct str errors = STR_INIT(2 * LIMIT_RESULT_BYTES);
    if (!curl_call_read(&s->arena, c->argv, c->stdin_text, CURL_FILES_NAMED, &then, &err) ||
        same_output(&then, &q->curl) || h->answer.signal != 0) {
        return;
    }
    if (then.out_file != NULL || then.write_out != NULL) {
        str_addf(h->errors,
                 "tape.yaml:%u: it was recorded with -o or -w, and its answer is not known\n",
                 c->line);
        h->answer.exit_code = SHIM_EXIT_MISSING;
        return;
    }
    str_add_bytes(&out, str_text(h->out), h->out->len);
    str_add_bytes(&errors, str_text(h->errors), h->errors->len);
    str_reset(h->out);
    str_reset(h->errors);
    struct curl_reply reply = {.has_headers = then.includes,
                               .bytes = str_text(&out),
                               .len = out.len,
                               .errors = str_text(&errors),
                               .exit_code = raw.answer.exit_code,
                               .duration_ms = c->duration_ms};
    h->answer.exit_code = curl_answer(&s->arena, &q->curl, &reply, h->out, h->errors);
}

/* ---- faults ---- */

static bool is_done_before(const struct shim *s, const char *mark) {
    for (size_t i = 0; s->state[i] != NULL; i++) {
        if (strcmp(s->state[i], mark) == 0) {
            return true;
        }
    }
    return false;
}

/* Faults come first, each once. *ret_is_hit: this call met one. */
static bool try_faults(struct shim *s, const struct asked *q, struct heard *h, bool *ret_is_hit,
                       struct err *err) {
    const char *summary =
        !q->is_http ? NULL : arena_printf(&s->arena, "%s %s", q->curl.method, q->curl.url);
    for (size_t i = 0; s->faults[i] != NULL; i++) {
        const char *mark = arena_printf(&s->arena, "f%zu", i);
        const char *call = NULL;
        const char *text = NULL;
        int code = 0;
        if (!is_done_before(s, mark) &&
            shim_split_fault(&s->arena, s->faults[i], &call, &code, &text) &&
            call_fits(call, q->line, summary)) {
            h->answer.exit_code = code;
            str_addf(h->errors, "%s%s", text, text[0] == '\0' ? "" : "\n");
            *ret_is_hit = true;
            return shim_append(s, mark, err);
        }
    }
    return true;
}

/* ---- the answer ---- */

static bool has_failed(const struct tape_call *c) {
    return strcmp(c->outcome, run_outcome_names[RUN_EXITED]) != 0 || c->exit_code != 0;
}

static bool answer_recorded(struct shim *s, const struct asked *q, const struct tape_call *c,
                            const struct run_request *request, struct heard *h, struct err *err) {
    const char *mark = arena_printf(&s->arena, "%td", c - player_tape(s->player)->calls);
    play(s, *request, h);
    if (q->is_http) {
        imitate(s, q, c, h);
    }
    return shim_append(s, mark, err);
}

static bool answer_missing(struct shim *s, const struct asked *q, struct heard *h,
                           struct err *err) {
    play(s, q->is_http ? shim_as_recipe(s, &q->curl) : as_written(q), h);
    if (q->why_not != NULL) {
        str_addf(h->errors, "%s; only the same words would do\n", q->why_not);
    }
    return shim_append(s, arena_printf(&s->arena, "- %s", q->line), err);
}

static bool answer_call(struct shim *s, const struct asked *q, struct heard *h, struct err *err) {
    struct run_request request = as_written(q);
    const struct tape_call *c = player_find(s->player, &request);
    if (c == NULL && q->is_http) {
        request = shim_as_recipe(s, &q->curl);
        c = player_find(s->player, &request);
    }
    bool is_renewed = c != NULL && s->record == SHIM_RECORD_FAILED && has_failed(c);
    if (c != NULL && !is_renewed) {
        return answer_recorded(s, q, c, &request, h, err);
    }
    if (s->record == SHIM_RECORD_NONE) {
        return answer_missing(s, q, h, err);
    }
    if (is_renewed) {
        const char *mark = arena_printf(&s->arena, "s%td", c - player_tape(s->player)->calls);
        if (!shim_append(s, mark, err)) {
            return false;
        }
    }
    return shim_make_call(s, q, h, err);
}

static bool answer(struct shim *s, const char *const *argv, struct heard *h, struct err *err) {
    struct asked q = {.argv = argv, .line = call_line(&s->arena, argv)};
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    if (!read_stdin(s, argv, &text, err)) {
        return false;
    }
    q.stdin_text = text.len > 0 ? str_text(&text) : NULL;
    q.stdin_len = text.len;
    read_curl(s, &q);
    bool is_hit = false;
    return shim_enter(s, err) && try_faults(s, &q, h, &is_hit, err) &&
           (is_hit || answer_call(s, &q, h, err));
}

bool shim_answer(const char *dir, const char *const *argv, struct str *out, struct str *errors,
                 struct shim_answer *ret_answer, struct err *err) {
    struct shim s;
    struct heard h = {.out = out, .errors = errors};
    bool is_fine = shim_open(&s, dir, err) && answer(&s, argv, &h, err);
    shim_close(&s);
    if (is_fine) {
        *ret_answer = h.answer;
    }
    return is_fine;
}
