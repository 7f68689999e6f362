/*
 * What the live view and the plain lines both say of a step.
 */
#include "console_priv.h"

#include <string.h>

#include "base/mem.h"
#include "event/run_report.h"
#include "value/json.h"
#include "value/value.h"

enum glyph console_status_glyph(const struct report_step *step) {
    static const enum glyph glyphs[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = GLYPH_WAITING,     [STEP_RUNNING] = GLYPH_RUNNING,
        [STEP_SUCCEEDED] = GLYPH_DONE,      [STEP_FAILED] = GLYPH_FAILED,
        [STEP_TOLERATED] = GLYPH_TOLERATED, [STEP_SKIPPED] = GLYPH_SKIPPED,
        [STEP_CANCELLED] = GLYPH_CANCELLED,
    };
    bool is_unstable = step->is_unstable && step->status == STEP_SUCCEEDED;
    return is_unstable ? GLYPH_TOLERATED : glyphs[step->status];
}

enum tone console_status_tone(const struct report_step *step) {
    static const enum tone tones[STEP_STATUS_COUNT] = {
        [STEP_PENDING] = TONE_DIM,    [STEP_RUNNING] = TONE_LIVE,   [STEP_SUCCEEDED] = TONE_GOOD,
        [STEP_FAILED] = TONE_BAD,     [STEP_TOLERATED] = TONE_WARN, [STEP_SKIPPED] = TONE_DIM,
        [STEP_CANCELLED] = TONE_WARN,
    };
    return step->is_unstable && step->status == STEP_SUCCEEDED ? TONE_WARN : tones[step->status];
}

static void add_failure(struct line *l, const struct report_step *step) {
    bool is_said = step->status == STEP_CANCELLED && step->error_class == CLASS_CANCELLED;
    if (step->error_class != CLASS_NONE && !is_said) {
        line_addf(l, TONE_PLAIN, ": %s", error_class_names[step->error_class]);
    }
    if (step->message != NULL) {
        line_addf(l, TONE_PLAIN, ": %s", step->message);
    }
}

bool console_has_changed(const struct report_step *step) {
    return step->change != CHANGE_NONE && step->change != CHANGE_UNKNOWN;
}

void console_step_outcome(struct line *l, const struct report_step *step) {
    enum tone tone = console_status_tone(step);
    if (step->status == STEP_SUCCEEDED) {
        bool has_changed = console_has_changed(step);
        if (has_changed) {
            line_add(l, TONE_PLAIN, step_change_names[step->change]);
        }
        if (step->is_unstable) {
            line_add(l, tone, has_changed ? ", unstable" : "unstable");
        }
    } else if (step->status == STEP_SKIPPED) {
        line_add(l, tone, "skipped");
        if (step->skip_reason != NULL) {
            line_addf(l, tone, ": %s", step->skip_reason);
        }
    } else {
        line_add(l, tone, step_status_names[step->status]);
        add_failure(l, step);
    }
}

void console_step_outputs(struct line *l, const struct report_step *step) {
    const struct value *outputs = step->outputs;
    if (outputs == NULL || outputs->type != VALUE_OBJECT) {
        return;
    }
    for (size_t i = 0; i < outputs->len; i++) {
        const struct value_member *m = &outputs->as.members[i];
        if (m->value->type == VALUE_STRING) {
            line_addf(l, TONE_DIM, "  %s=%s", m->key, m->value->as.text);
        } else if (m->value->type != VALUE_LIST && m->value->type != VALUE_OBJECT) {
            AUTO(str) struct str text = STR_INIT(0);
            json_print(&text, m->value, JSON_COMPACT);
            line_addf(l, TONE_DIM, "  %s=%s", m->key, str_text(&text));
        }
    }
}

bool console_is_instance(const struct report_step *step) {
    return step->parent >= 0 && strchr(step->id, '[') != NULL;
}

unsigned console_depth(const struct run_report *r, const struct report_step *step) {
    unsigned depth = 0;
    while (step->parent >= 0 && r->steps[step->parent]->phase == step->phase) {
        step = r->steps[step->parent];
        depth++;
    }
    return depth;
}

void console_live_name(struct str *out, const struct run_report *r,
                       const struct report_step *step) {
    if (step->parent >= 0 && console_depth(r, step) == 0) {
        text_step_path(out, r, step);
    } else {
        str_add(out, step->id);
    }
}
