/*
 * A plan for people: a tree of steps, each with a sign, what would happen and why, and a line that sums it up.
 */
#include "plan_priv.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "line_priv.h"
#include "value/json.h"
#include "value/value.h"

enum { ID_COLUMNS_MIN = 12, ID_COLUMNS_MAX = 34, WORD_COLUMNS = 9, MAX_CHILDREN = 12, INDENT = 2 };

static const struct {
    const char *sign;
    const char *word;
    enum tone tone;
} looks[PLAN_COUNT] = {
    [PLAN_NOTHING] = {" ", "no change", TONE_DIM}, [PLAN_READ] = {" ", "read", TONE_DIM},
    [PLAN_CREATE] = {"+", "create", TONE_GOOD},    [PLAN_UPDATE] = {"~", "update", TONE_WARN},
    [PLAN_DELETE] = {"-", "delete", TONE_BAD},     [PLAN_RUN] = {">", "run", TONE_LIVE},
    [PLAN_CHANGES] = {"*", "changes", TONE_PLAIN}, [PLAN_UNKNOWN] = {"?", "unknown", TONE_WARN},
    [PLAN_SKIP] = {" ", "skip", TONE_DIM},         [PLAN_FAIL] = {"!", "fails", TONE_BAD},
};

struct view {
    const struct plan_report *report;
    const struct plan_look *look;
    struct look line_look;
    struct str *out;
    unsigned width;
    unsigned id_columns;
};

/* How many bytes of `text` go on a line of `room` columns: up to a blank where there is one. */
static size_t piece_len(const char *text, unsigned room) {
    size_t len = strlen(text);
    if (room == LINE_UNLIMITED || utf8_text_width(text, len) <= room) {
        return len;
    }
    size_t fits = 0;
    size_t blank = 0;
    unsigned used = 0;
    while (fits < len) {
        unsigned cp = 0;
        size_t n = utf8_decode(text + fits, len - fits, &cp);
        used += (unsigned)utf8_width(cp);
        if (used > room) {
            break;
        }
        blank = text[fits] == ' ' ? fits : blank;
        fits += n;
    }
    return blank > 0 ? blank : fits;
}

/* `text` from `column` on, on as many lines as it needs. */
static void add_wrapped(struct view *v, unsigned column, enum tone tone, const char *text) {
    unsigned room = v->width == LINE_UNLIMITED ? LINE_UNLIMITED : v->width - column;
    AUTO(str) struct str safe = STR_INIT(0);
    utf8_add_safe(&safe, text, strlen(text));
    const char *at = str_text(&safe);
    while (*at != '\0') {
        size_t len = piece_len(at, room);
        struct line l = line_begin(v->out, &v->line_look, v->width);
        line_pad(&l, column);
        line_add_len(&l, tone, at, len == 0 ? 1 : len);
        str_add_char(v->out, '\n');
        at += len == 0 ? 1 : len;
        at += strspn(at, " ");
    }
}

static void add_outputs(struct view *v, unsigned column, const struct value *outputs) {
    for (uint32_t i = 0; outputs != NULL && i < outputs->len; i++) {
        const struct value_member *m = &outputs->as.members[i];
        AUTO(str) struct str text = STR_INIT(0);
        str_addf(&text, "%s = ", m->key);
        if ((m->value->flags & VALUE_UNKNOWN) != 0) {
            str_addf(&text, "(unknown until %s)", value_unknown_until(m->value));
        } else {
            json_print(&text, m->value, JSON_COMPACT);
        }
        add_wrapped(v, column, TONE_DIM, str_text(&text));
    }
}

static void add_deletes(struct view *v, unsigned column, const struct value *ids) {
    for (uint32_t i = 0; ids != NULL && i < ids->len; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        str_add(&text, "deletes the duplicate ");
        json_print(&text, ids->as.items[i], JSON_COMPACT);
        add_wrapped(v, column, TONE_BAD, str_text(&text));
    }
}

static void add_step_line(struct view *v, const struct plan_step *s, unsigned depth) {
    const struct event_planned *p = &s->planned;
    struct line l = line_begin(v->out, &v->line_look, v->width);
    unsigned indent = INDENT * depth;
    line_pad(&l, indent);
    line_add(&l, looks[p->plan].tone, p->is_uncertain ? "?" : looks[p->plan].sign);
    line_add(&l, TONE_PLAIN, " ");
    line_add(&l, p->plan == PLAN_SKIP ? TONE_DIM : TONE_BOLD, s->who.id);
    bool is_long = l.used + 2 > v->id_columns;
    line_pad(&l, is_long ? l.used + 2 : v->id_columns);
    line_add(&l, looks[p->plan].tone, looks[p->plan].word);
    if (p->is_uncertain) {
        line_add(&l, looks[p->plan].tone, ", perhaps");
    }
    if (s->who.name != NULL) {
        line_pad(&l, l.used + 2 > v->id_columns + WORD_COLUMNS + 2
                         ? l.used + 2
                         : v->id_columns + WORD_COLUMNS + 2);
        line_add(&l, TONE_DIM, s->who.name);
    }
    str_add_char(v->out, '\n');
}

static void add_details(struct view *v, const struct plan_step *s, unsigned depth) {
    const struct event_planned *p = &s->planned;
    unsigned column = INDENT * depth + 4;
    if (p->command != NULL && p->plan != PLAN_READ) {
        add_wrapped(v, column, TONE_PLAIN, p->command);
    }
    if (p->drift != NULL) {
        AUTO(str) struct str text = STR_INIT(0);
        str_addf(&text, "because %s", p->drift);
        add_wrapped(v, column, TONE_DIM, str_text(&text));
    }
    add_deletes(v, column, p->deletes);
    if (p->reason != NULL) {
        add_wrapped(v, column, TONE_DIM, p->reason);
    }
    if (v->look->is_verbose) {
        add_outputs(v, column, p->outputs);
    }
}

/* Of a long foreach the first items stand for the others, unless all are asked for. */
static void add_steps(struct view *v, const struct plan_step *parent, enum step_phase phase,
                      unsigned depth) {
    unsigned n = 0;
    for (const struct plan_step *s = parent->first; s != NULL; s = s->next) {
        if (s->who.phase != phase) {
            continue;
        }
        if (n++ == MAX_CHILDREN && depth > 1 && !v->look->is_verbose) {
            AUTO(str) struct str text = STR_INIT(0);
            str_addf(&text, "and %u more", parent->n_children - MAX_CHILDREN);
            add_wrapped(v, INDENT * depth + 2, TONE_DIM, str_text(&text));
            return;
        }
        add_step_line(v, s, depth);
        add_details(v, s, depth);
        add_steps(v, s, phase, depth + 1);
    }
}

static bool has_phase(const struct plan_report *r, enum step_phase phase) {
    for (const struct plan_step *s = r->top.first; s != NULL; s = s->next) {
        if (s->who.phase == phase) {
            return true;
        }
    }
    return false;
}

static void add_phase(struct view *v, enum step_phase phase, const char *title) {
    if (!has_phase(v->report, phase)) {
        return;
    }
    if (title != NULL) {
        str_add_char(v->out, '\n');
        add_wrapped(v, 0, TONE_PLAIN, title);
    }
    add_steps(v, &v->report->top, phase, 1);
}

static unsigned depth_of(const struct plan_report *r, const struct plan_step *s) {
    unsigned depth = 1;
    while (s->who.parent >= 0) {
        s = r->steps[s->who.parent];
        depth++;
    }
    return depth;
}

static unsigned widest_id(const struct plan_report *r) {
    unsigned widest = ID_COLUMNS_MIN;
    for (size_t i = 0; i < r->n_steps; i++) {
        const char *id = r->steps[i]->who.id;
        unsigned taken =
            INDENT * depth_of(r, r->steps[i]) + 4 + (unsigned)utf8_text_width(id, strlen(id));
        widest = taken > widest && taken <= ID_COLUMNS_MAX ? taken : widest;
    }
    return widest;
}

static void add_count(struct line *l, const char *before, unsigned n, enum step_plan plan,
                      const char *what) {
    if (n > 0) {
        line_add(l, TONE_PLAIN, l->used == 0 ? "" : before);
        line_addf(l, looks[plan].tone, "%u %s", n, what);
    }
}

static void add_summary(struct view *v) {
    struct plan_counts counts = plan_count(v->report);
    static const struct {
        enum step_plan plan;
        const char *what;
    } rows[] = {
        {PLAN_CREATE, "to create"},       {PLAN_UPDATE, "to update"},
        {PLAN_DELETE, "to delete"},       {PLAN_RUN, "to run"},
        {PLAN_UNKNOWN, "unknown"},        {PLAN_FAIL, "failing"},
        {PLAN_NOTHING, "without change"}, {PLAN_READ, "read"},
        {PLAN_SKIP, "skipped"},
    };
    str_add_char(v->out, '\n');
    if (!plan_report_has_changes(v->report) && v->report->reason == NULL) {
        add_wrapped(v, 0, TONE_GOOD, "No changes.");
    }
    unsigned n_perhaps = 0;
    struct line l = line_begin(v->out, &v->line_look, LINE_UNLIMITED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        add_count(&l, ", ", counts.certain[rows[i].plan], rows[i].plan, rows[i].what);
        n_perhaps += rows[i].plan == PLAN_SKIP ? 0 : counts.uncertain[rows[i].plan];
    }
    add_count(&l, ", ", n_perhaps, PLAN_UNKNOWN, "perhaps");
    str_add_char(v->out, '\n');
    if (v->report->reason != NULL) {
        AUTO(str) struct str text = STR_INIT(0);
        str_addf(&text, "The plan is not whole: %s", v->report->reason);
        add_wrapped(v, 0, TONE_BAD, str_text(&text));
    }
}

void plan_report_text(const struct plan_report *r, const struct plan_look *look, struct str *out) {
    struct view v = {.report = r,
                     .look = look,
                     .line_look = {look->has_color, look->has_unicode},
                     .out = out,
                     .width = look->columns == 0 ? LINE_UNLIMITED : look->columns,
                     .id_columns = widest_id(r)};
    AUTO(str) struct str title = STR_INIT(0);
    str_addf(&title, "plan of %s", r->recipe == NULL ? "" : r->recipe);
    add_wrapped(&v, 0, TONE_BOLD, str_text(&title));
    add_phase(&v, PHASE_MAIN, NULL);
    add_phase(&v, PHASE_CLEANUP, "then undone, the last first:");
    add_phase(&v, PHASE_FINALLY, "then, whatever happened:");
    if (look->is_verbose && r->outputs != NULL && r->outputs->len > 0) {
        str_add(out, "\noutputs:\n");
        add_outputs(&v, INDENT, r->outputs);
    }
    add_summary(&v);
}
