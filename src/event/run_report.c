/*
 * The fold of events into struct run_report.
 *
 * What lives as long as the report (steps, names, outputs) stands in one arena; attempts, wait spans and notices
 * may be dropped again when a step has many, so they are on the heap. Words that repeat (roles, actions,
 * files) are stored once. Every text is made safe to show on its way in.
 */
#include "event/run_report.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"
#include "value/value.h"

struct run_report_store {
    struct arena arena;
    struct map words;
    size_t text_bytes;    /* of stdout_text and stderr_text of all attempts */
    size_t n_whole_steps; /* finished ones of which everything is kept */
    const struct value *left_out;
};

/* How much of a text stays: this many bytes of its start and of its end. */
struct extent {
    size_t head;
    size_t tail;
};

/* ---- texts and values ---- */

/* Offset of the last character start at or before `at`. */
static size_t char_start(const char *text, size_t at) {
    while (at > 0 && ((unsigned char)text[at] & 0xC0U) == 0x80U) {
        at--;
    }
    return at;
}

static char *cut_text(const char *text, struct extent keep, bool *ret_is_cut) {
    AUTO(str) struct str safe = STR_INIT(0);
    utf8_add_safe(&safe, text, strlen(text));
    if (safe.len <= keep.head + keep.tail) {
        return str_take(&safe);
    }
    *ret_is_cut = true;
    size_t head_end = char_start(safe.data, keep.head);
    size_t tail_start = char_start(safe.data, safe.len - keep.tail);
    AUTO(str) struct str cut = STR_INIT(0);
    str_add_bytes(&cut, safe.data, head_end);
    if (keep.tail == 0) {
        str_add(&cut, "…");
    } else {
        str_addf(&cut, "\n… %zu bytes left out …\n", tail_start - head_end);
        str_add_bytes(&cut, safe.data + tail_start, safe.len - tail_start);
    }
    return str_take(&cut);
}

/* A line for people on the heap; NULL stays NULL. */
static char *heap_line(const char *text) {
    bool is_cut = false;
    return text == NULL ? NULL : cut_text(text, (struct extent){LIMIT_REPORT_LINE, 0}, &is_cut);
}

static char *arena_line(struct run_report *r, const char *text) {
    char *line = heap_line(text);
    char *kept = line == NULL ? NULL : arena_strdup(&r->store->arena, line);
    mem_free(line);
    return kept;
}

static const char *word(struct run_report *r, const char *text) {
    if (text == NULL) {
        return NULL;
    }
    char *known = map_get(&r->store->words, text);
    if (known == NULL) {
        known = arena_line(r, text);
        map_put(&r->store->words, text, known);
    }
    return known;
}

static size_t value_bytes(const struct value *v) {
    size_t total = sizeof *v + (v->type == VALUE_STRING || v->type == VALUE_NUMBER ? v->len : 0);
    if (v->type == VALUE_LIST) {
        for (size_t i = 0; i < v->len; i++) {
            total += value_bytes(v->as.items[i]);
        }
    } else if (v->type == VALUE_OBJECT) {
        for (size_t i = 0; i < v->len; i++) {
            total += v->as.members[i].key_len + value_bytes(v->as.members[i].value);
        }
    }
    return total;
}

static const struct value *keep_value(struct run_report *r, const struct value *v, size_t max) {
    if (v == NULL) {
        return NULL;
    }
    size_t bytes = value_bytes(v);
    if (bytes <= max) {
        return value_copy(&r->store->arena, v);
    }
    return value_cstring(&r->store->arena,
                         arena_printf(&r->store->arena, "(left out: about %zu bytes)", bytes));
}

/* ---- lists that keep their first and last entries ---- */

/* Room for one more pointer after n: capacities are powers of two, so none is stored. */
static void *grown(void *items, size_t n) {
    if ((n & (n - 1)) != 0) {
        return items;
    }
    return mem_realloc(items, n == 0 ? 1 : 2 * n, sizeof(void *));
}

static void remove_pointer(void *items, size_t n, size_t at) {
    char *base = items;
    memmove(base + at * sizeof(void *), base + (at + 1) * sizeof(void *),
            (n - at - 1) * sizeof(void *));
}

static void attempt_free(struct report_attempt *a) {
    char *const texts[] = {a->summary,    a->message,    a->stdout_text, a->stderr_text,
                           a->stdout_log, a->stderr_log, a->retry_reason};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mem_free(texts[i]);
    }
    for (size_t i = 0; i < a->n_argv; i++) {
        mem_free(a->argv[i]);
    }
    mem_free(a->argv);
    mem_free(a);
}

static void wait_free(struct report_wait *w) {
    mem_free(w->state);
    mem_free(w->reason);
    mem_free(w);
}

static void notices_free(struct report_notice **notices, size_t n) {
    for (size_t i = 0; i < n; i++) {
        mem_free(notices[i]->text);
        mem_free(notices[i]);
    }
    mem_free(notices);
}

static void forget_texts(struct run_report *r, const struct report_attempt *a) {
    r->store->text_bytes -= a->stdout_text == NULL ? 0 : strlen(a->stdout_text);
    r->store->text_bytes -= a->stderr_text == NULL ? 0 : strlen(a->stderr_text);
}

/* Takes attempt `at` out; the one after it says how many are missing before it. */
static void attempt_drop(struct run_report *r, struct report_step *step, size_t at) {
    struct report_attempt *a = step->attempts[at];
    step->attempts[at + 1]->n_left_out += a->n_left_out + 1;
    forget_texts(r, a);
    attempt_free(a);
    remove_pointer(step->attempts, step->n_attempts_kept, at);
    step->n_attempts_kept--;
}

static void wait_drop(struct report_step *step, size_t at) {
    step->waits[at + 1]->n_left_out += step->waits[at]->n_left_out + 1;
    wait_free(step->waits[at]);
    remove_pointer(step->waits, step->n_waits, at);
    step->n_waits--;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- steps ---- */

/*
 * The step that it stands in for readers. The engine runs cleanup and finally when their container has ended, so they have no parent
 * there, only an owner: what undoes a step stands beside that step, `finally` of a `use` in the `use`.
 */
static int32_t parent_of(const struct run_report *r, const struct event_step *from) {
    if (from->parent >= 0) {
        return (uint32_t)from->parent < from->index ? from->parent : -1;
    }
    if (from->owner == 0 || from->owner > from->index) {
        return -1;
    }
    const struct report_step *owner = r->steps[from->owner - 1];
    return from->phase == PHASE_CLEANUP ? owner->parent : (int32_t)owner->index;
}

static struct report_step *step_declare(struct run_report *r, const struct event_step *from) {
    struct report_step *step = arena_zalloc(&r->store->arena, sizeof *step);
    step->index = from->index;
    step->parent = parent_of(r, from);
    step->id = from->id == NULL ? "?" : arena_line(r, from->id);
    step->name = arena_line(r, from->name);
    step->action = word(r, from->action);
    step->phase = from->phase;
    step->file = word(r, from->file);
    step->line = from->line;
    step->needs = keep_value(r, from->needs, LIMIT_REPORT_STEP_VALUE);
    step->started_ms = -1;
    step->ended_ms = -1;
    step->exit_code = -1;
    r->steps = grown(r->steps, r->n_steps);
    r->steps[r->n_steps++] = step;
    if (step->parent >= 0) {
        r->steps[step->parent]->n_children++;
    }
    return step;
}

/* The step an event speaks of; NULL when it has none or its index is out of order. */
static struct report_step *step_of(struct run_report *r, const struct event *ev) {
    if (ev->step == NULL || ev->step->index > r->n_steps) {
        return NULL;
    }
    if (ev->step->index == r->n_steps) {
        return step_declare(r, ev->step);
    }
    return r->steps[ev->step->index];
}

/* Its parent counts it, once however often it is run. */
static void count_end(struct run_report *r, const struct report_step *step, bool has_ended) {
    bool had_ended = step->ended_ms >= 0;
    if (step->parent < 0 || has_ended == had_ended) {
        return;
    }
    r->steps[step->parent]->n_children_ended += has_ended ? 1U : UINT32_MAX;
}

static void apply_step_started(struct run_report *r, struct report_step *step,
                               const struct event *ev) {
    count_end(r, step, false);
    step->status = STEP_RUNNING;
    step->started_ms = ev->elapsed_ms;
    step->started_wall_ms = ev->wall_ms;
    step->ended_ms = -1;
    step->error_class = CLASS_NONE;
    step->message = NULL;
    step->hint = NULL;
}

static void release_details(struct report_step *step) {
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        attempt_free(step->attempts[i]);
    }
    for (size_t i = 0; i < step->n_waits; i++) {
        wait_free(step->waits[i]);
    }
    mem_free(step->attempts);
    mem_free(step->waits);
    step->attempts = NULL;
    step->n_attempts_kept = 0;
    step->waits = NULL;
    step->n_waits = 0;
}

/* Keeps the step whole, or only its totals when so many stand there already and nothing is wrong with this one. */
static void settle(struct run_report *r, struct report_step *step, const struct value *outputs) {
    struct run_report_store *store = r->store;
    bool is_fine = step->status == STEP_SUCCEEDED && !step->is_unstable;
    if (!is_fine || store->n_whole_steps < LIMIT_REPORT_WHOLE_STEPS) {
        store->n_whole_steps++;
        step->outputs = keep_value(r, outputs, LIMIT_REPORT_STEP_VALUE);
        return;
    }
    for (size_t i = 0; i < step->n_attempts_kept; i++) {
        forget_texts(r, step->attempts[i]);
    }
    release_details(step);
    if (store->left_out == NULL) {
        store->left_out = value_cstring(&store->arena, "(left out)");
    }
    step->outputs = outputs == NULL ? NULL : store->left_out;
}

static void apply_step_finished(struct run_report *r, struct report_step *step,
                                const struct event *ev) {
    const struct event_step_finished *f = &ev->as.step_finished;
    count_end(r, step, true);
    step->status = f->status;
    step->ended_ms = ev->elapsed_ms;
    step->duration_ms = f->duration_ms;
    step->change = f->change;
    step->error_class = f->error_class;
    step->message = arena_line(r, f->message);
    step->hint = arena_line(r, f->hint);
    step->skip_reason = arena_line(r, f->skip_reason);
    step->exit_code = f->exit_code;
    step->n_attempts = f->n_attempts;
    step->n_polls = f->n_polls;
    step->is_unstable = f->is_unstable;
    settle(r, step, f->outputs);
}

/* ---- attempts ---- */

static bool is_quiet(const struct report_attempt *a, const struct report_attempt *next) {
    return a->is_finished && a->error_class == CLASS_NONE && a->role == next->role &&
           same_text(a->summary, next->summary);
}

static void keep_argv(struct report_attempt *a, const struct value *argv) {
    if (argv == NULL || argv->type != VALUE_LIST || argv->len == 0) {
        return;
    }
    size_t n = argv->len < LIMIT_REPORT_ARGV ? argv->len : LIMIT_REPORT_ARGV;
    a->argv = mem_zalloc(n, sizeof *a->argv);
    for (size_t i = 0; i < n; i++) {
        const char *text = value_text(argv->as.items[i]);
        a->argv[i] = heap_line(text == NULL ? "" : text);
    }
    a->n_argv = n;
    if (n < argv->len) {
        AUTO(str) struct str rest = STR_INIT(0);
        str_addf(&rest, "… %zu more", (size_t)argv->len - n + 1);
        mem_free(a->argv[n - 1]);
        a->argv[n - 1] = str_take(&rest);
    }
}

static void apply_attempt_started(struct run_report *r, struct report_step *step,
                                  const struct event *ev) {
    const struct event_attempt_started *s = &ev->as.attempt_started;
    struct report_attempt *a = mem_zalloc(1, sizeof *a);
    a->number = s->number;
    a->role = word(r, s->role);
    a->summary = heap_line(s->summary);
    a->pid = s->pid;
    a->reads = s->reads;
    a->started_ms = ev->elapsed_ms;
    a->started_wall_ms = ev->wall_ms;
    a->exit_code = -1;
    keep_argv(a, s->argv);
    step->attempts = grown(step->attempts, step->n_attempts_kept);
    step->attempts[step->n_attempts_kept++] = a;
    step->n_attempts++;
    size_t n = step->n_attempts_kept;
    if (n >= 3 && is_quiet(step->attempts[n - 2], a) && is_quiet(step->attempts[n - 3], a)) {
        attempt_drop(r, step, n - 2);
    } else if (n > LIMIT_REPORT_ATTEMPTS) {
        attempt_drop(r, step, LIMIT_REPORT_ATTEMPTS / 4);
    }
}

static struct extent text_extent(const struct run_report *r, bool has_failed) {
    bool is_full = r->store->text_bytes > LIMIT_REPORT_TEXT_TOTAL;
    if (!has_failed) {
        return is_full ? (struct extent){0, 0} : (struct extent){KIB, KIB};
    }
    if (r->store->text_bytes > 2 * LIMIT_REPORT_TEXT_TOTAL) {
        return (struct extent){0, 0};
    }
    return is_full ? (struct extent){256, 768} : (struct extent){8 * KIB, 24 * KIB};
}

static char *keep_output(struct run_report *r, struct report_attempt *a, const char *text) {
    struct extent keep = text_extent(r, a->error_class != CLASS_NONE);
    if (text == NULL || text[0] == '\0') {
        return NULL;
    }
    if (keep.head == 0) {
        a->is_cut = true;
        return NULL;
    }
    char *kept = cut_text(text, keep, &a->is_cut);
    r->store->text_bytes += strlen(kept);
    return kept;
}

static struct report_attempt *open_attempt(struct report_step *step) {
    if (step->n_attempts_kept == 0 || step->attempts[step->n_attempts_kept - 1]->is_finished) {
        return NULL;
    }
    return step->attempts[step->n_attempts_kept - 1];
}

static void apply_attempt_finished(struct run_report *r, struct report_step *step,
                                   const struct event *ev) {
    const struct event_attempt_finished *f = &ev->as.attempt_finished;
    struct report_attempt *a = open_attempt(step);
    if (a == NULL || a->number != f->number) {
        return;
    }
    a->is_finished = true;
    a->outcome = word(r, f->outcome);
    a->exit_code = f->exit_code;
    a->signal = f->signal;
    a->http_status = f->http_status;
    a->was_escalated = f->was_escalated;
    a->error_class = f->error_class;
    a->message = heap_line(f->message);
    a->stdout_text = keep_output(r, a, f->stdout_text);
    a->stderr_text = keep_output(r, a, f->stderr_text);
    a->stdout_log = heap_line(f->stdout_log);
    a->stderr_log = heap_line(f->stderr_log);
    a->stdout_bytes = f->stdout_bytes;
    a->stderr_bytes = f->stderr_bytes;
    a->duration_ms = f->duration_ms;
}

static void apply_retry(struct report_step *step, const struct event_retry *retry) {
    if (step->n_attempts_kept == 0) {
        return;
    }
    struct report_attempt *a = step->attempts[step->n_attempts_kept - 1];
    a->is_retried = true;
    a->retry_delay_ms = retry->delay_ms;
    a->max_attempts = retry->max_attempts;
    mem_free(a->retry_reason);
    a->retry_reason = heap_line(retry->reason);
}

/* ---- waits, metrics, notices ---- */

static void apply_wait(struct report_step *step, const struct event *ev) {
    const struct event_wait *seen = &ev->as.wait;
    struct report_wait *last = step->n_waits == 0 ? NULL : step->waits[step->n_waits - 1];
    step->n_polls++;
    char *state = heap_line(seen->state);
    if (last != NULL && seen->poll > 1) {
        last->until_ms = ev->elapsed_ms;
    }
    bool is_other = last == NULL || !same_text(last->state, state) ||
                    (state == NULL && last->is_done != seen->is_done);
    if (is_other || seen->poll <= 1) {
        last = mem_zalloc(1, sizeof *last);
        last->state = state;
        last->since_ms = ev->elapsed_ms;
        last->until_ms = ev->elapsed_ms;
        step->waits = grown(step->waits, step->n_waits);
        step->waits[step->n_waits++] = last;
    } else {
        mem_free(state);
    }
    last->n_polls++;
    last->timeout_ms = seen->timeout_ms;
    last->is_done = seen->is_done;
    if (seen->reason != NULL) {
        mem_free(last->reason);
        last->reason = heap_line(seen->reason);
    }
    if (step->n_waits > LIMIT_REPORT_WAITS) {
        wait_drop(step, LIMIT_REPORT_WAITS / 2);
    }
}

static struct report_metric *metric_slot(struct report_step *step, const char *name) {
    for (size_t i = 0; i < step->n_metrics; i++) {
        if (strcmp(step->metrics[i].name, name) == 0) {
            return &step->metrics[i];
        }
    }
    step->metrics = mem_realloc(step->metrics, step->n_metrics + 1, sizeof *step->metrics);
    return &step->metrics[step->n_metrics++];
}

/* NULL for anything but a number. */
static const struct value *keep_number(struct run_report *r, const struct value *v) {
    return v != NULL && v->type == VALUE_NUMBER ? keep_value(r, v, LIMIT_REPORT_LINE) : NULL;
}

static void apply_metric(struct run_report *r, struct report_step *step,
                         const struct event_metric *m) {
    const char *name = m->name == NULL ? "?" : word(r, m->name);
    const struct value *value = keep_number(r, m->value);
    *metric_slot(step, name) = (struct report_metric){
        .name = name,
        .value = value == NULL ? &value_null : value,
        .lower_limit = keep_number(r, m->lower_limit),
        .upper_limit = keep_number(r, m->upper_limit),
        .unit = word(r, m->unit),
        .verdict = m->verdict,
        .is_error = m->is_error,
    };
}

static void apply_notice(struct run_report *r, struct report_step *step, const struct event *ev) {
    size_t n = step == NULL ? r->n_notices : step->n_notices;
    if (n >= LIMIT_REPORT_NOTICES) {
        unsigned *left_out = step == NULL ? &r->n_notices_left_out : &step->n_notices_left_out;
        (*left_out)++;
        return;
    }
    struct report_notice *notice = mem_zalloc(1, sizeof *notice);
    notice->kind = ev->as.notice.kind == NULL ? "notice" : word(r, ev->as.notice.kind);
    notice->text = heap_line(ev->as.notice.text == NULL ? "" : ev->as.notice.text);
    notice->at_ms = ev->elapsed_ms;
    if (step == NULL) {
        r->notices = grown(r->notices, n);
        r->notices[r->n_notices++] = notice;
    } else {
        step->notices = grown(step->notices, n);
        step->notices[step->n_notices++] = notice;
    }
}

/* ---- the run ---- */

static void apply_run_started(struct run_report *r, const struct event *ev) {
    const struct event_run_started *s = &ev->as.run_started;
    if (r->n_starts == 0) {
        r->started_wall_ms = ev->wall_ms;
    }
    r->n_starts++;
    r->run_id = word(r, s->run_id);
    r->recipe_file = word(r, s->recipe_file);
    r->recipe_name = word(r, s->recipe_name);
    r->recipe_digest = word(r, s->recipe_digest);
    r->version = word(r, s->version);
    r->run_dir = word(r, s->run_dir);
    r->mode = word(r, s->mode);
    r->host = word(r, s->host);
    r->traceparent = word(r, s->traceparent);
    r->seed = s->seed;
    r->pid = s->pid;
    r->inputs = keep_value(r, s->inputs, LIMIT_REPORT_RUN_VALUE);
    r->is_finished = false;
    r->is_cancelled = false;
}

static void apply_cancel(struct run_report *r, const struct event *ev) {
    r->is_cancelled = true;
    r->cancel_signal = ev->as.cancel.signal;
    r->cancel_reason = arena_line(r, ev->as.cancel.reason);
    r->cancelled_ms = ev->elapsed_ms;
}

static void apply_run_finished(struct run_report *r, const struct event_run_finished *f) {
    r->is_finished = true;
    r->verdict = f->verdict;
    r->exit_code = f->exit_code;
    r->reason = arena_line(r, f->reason);
    r->outputs = keep_value(r, f->outputs, LIMIT_REPORT_RUN_VALUE);
    r->duration_ms = f->duration_ms;
}

static void apply_to_step(struct run_report *r, struct report_step *step, const struct event *ev) {
    switch (ev->kind) {
    case EVENT_STEP_STARTED:
        apply_step_started(r, step, ev);
        break;
    case EVENT_ATTEMPT_STARTED:
        apply_attempt_started(r, step, ev);
        break;
    case EVENT_ATTEMPT_FINISHED:
        apply_attempt_finished(r, step, ev);
        break;
    case EVENT_RETRY_SCHEDULED:
        apply_retry(step, &ev->as.retry);
        break;
    case EVENT_WAIT_OBSERVED:
        apply_wait(step, ev);
        break;
    case EVENT_METRIC:
        apply_metric(r, step, &ev->as.metric);
        break;
    case EVENT_STEP_FINISHED:
        apply_step_finished(r, step, ev);
        break;
    case EVENT_STEP_DECLARED: /* step_of() did it */
    case EVENT_STEP_PLANNED:
    case EVENT_OUTPUT: /* attempts carry their output when they end */
    case EVENT_RUN_STARTED:
    case EVENT_VARS:
    case EVENT_NOTICE:
    case EVENT_CANCEL:
    case EVENT_RUN_FINISHED:
    case EVENT_KIND_COUNT:
        break;
    }
}

void run_report_apply(struct run_report *r, const struct event *ev) {
    r->last_ms = ev->elapsed_ms;
    r->last_wall_ms = ev->wall_ms;
    if (!r->is_finished) {
        r->duration_ms = ev->elapsed_ms;
    }
    struct report_step *step = step_of(r, ev);
    if (ev->kind == EVENT_RUN_STARTED) {
        apply_run_started(r, ev);
    } else if (ev->kind == EVENT_NOTICE) {
        apply_notice(r, step, ev);
    } else if (ev->kind == EVENT_CANCEL) {
        apply_cancel(r, ev);
    } else if (ev->kind == EVENT_RUN_FINISHED) {
        apply_run_finished(r, &ev->as.run_finished);
    } else if (step != NULL) {
        apply_to_step(r, step, ev);
    }
}

static bool on_event(void *ctx, const struct event *ev) {
    run_report_apply(ctx, ev);
    return true;
}

struct sink run_report_sink(struct run_report *r) {
    return (struct sink){on_event, r};
}

/* ---- questions ---- */

struct report_counts run_report_counts(const struct run_report *r) {
    struct report_counts counts = {0};
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct report_step *step = r->steps[i];
        for (size_t m = 0; m < step->n_metrics; m++) {
            counts.n_metrics++;
            counts.n_metrics_crossed += step->metrics[m].verdict != METRIC_OK;
        }
        if (step->n_children > 0) {
            continue;
        }
        counts.n_steps++;
        counts.by_status[step->status]++;
        counts.by_change[step->change] += step->ended_ms >= 0;
    }
    return counts;
}

const struct report_attempt *report_step_decisive(const struct report_step *step) {
    if (step->n_attempts_kept == 0) {
        return NULL;
    }
    for (size_t i = step->n_attempts_kept; step->status != STEP_SUCCEEDED && i > 0; i--) {
        const struct report_attempt *a = step->attempts[i - 1];
        if (a->is_finished && a->error_class != CLASS_NONE) {
            return a;
        }
    }
    return step->attempts[step->n_attempts_kept - 1];
}

/* What runs after it has ended, its cleanup, explains nothing. */
static bool has_failed_child(const struct run_report *r, const struct report_step *parent) {
    for (size_t i = parent->index + 1; i < r->n_steps; i++) {
        const struct report_step *child = r->steps[i];
        if (child->parent == (int32_t)parent->index && child->phase == parent->phase &&
            child->status == STEP_FAILED) {
            return true;
        }
    }
    return false;
}

bool report_step_is_case(const struct run_report *r, const struct report_step *step) {
    return step->n_children == 0 || (step->status == STEP_FAILED && !has_failed_child(r, step));
}

/* The step behind this one: its first child, else what follows it or one of those that it stands in. */
static const struct report_step *step_behind(const struct run_report *r, const uint32_t *children,
                                             const uint32_t *siblings,
                                             const struct report_step *step) {
    if (children[step->index] != 0) {
        return r->steps[children[step->index]];
    }
    while (siblings[step->index] == 0 && step->parent >= 0) {
        step = r->steps[step->parent];
    }
    return siblings[step->index] == 0 ? NULL : r->steps[siblings[step->index]];
}

const struct report_step **run_report_order(const struct run_report *r) {
    size_t n = r->n_steps;
    const struct report_step **order = mem_zalloc(n + 1, sizeof *order);
    /* Step 0 is nobody's child and behind nobody: 0 means none. Entry n is for top-level steps. */
    uint32_t *children = mem_zalloc(n + 1, sizeof *children);
    uint32_t *siblings = mem_zalloc(n + 1, sizeof *siblings);
    uint32_t *newest = mem_zalloc(n + 1, sizeof *newest);
    for (uint32_t i = 1; i < n; i++) {
        int32_t parent = r->steps[i]->parent;
        size_t at = parent < 0 ? n : (size_t)parent;
        if (parent >= 0 && children[at] == 0) {
            children[at] = i;
        } else {
            siblings[newest[at]] = i;
        }
        newest[at] = i;
    }
    const struct report_step *step = n == 0 ? NULL : r->steps[0];
    for (size_t i = 0; step != NULL; i++) {
        order[i] = step;
        step = step_behind(r, children, siblings, step);
    }
    mem_free(newest);
    mem_free(siblings);
    mem_free(children);
    return order;
}

/* ---- life ---- */

struct run_report *run_report_new(void) {
    struct run_report *r = mem_zalloc(1, sizeof *r);
    r->store = mem_zalloc(1, sizeof *r->store);
    arena_init(&r->store->arena, 0);
    return r;
}

static void step_release(struct report_step *step) {
    release_details(step);
    notices_free(step->notices, step->n_notices);
    mem_free(step->metrics);
}

void run_report_free(struct run_report *r) {
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < r->n_steps; i++) {
        step_release(r->steps[i]);
    }
    notices_free(r->notices, r->n_notices);
    mem_free(r->steps);
    map_release(&r->store->words);
    arena_release(&r->store->arena);
    mem_free(r->store);
    mem_free(r);
}
