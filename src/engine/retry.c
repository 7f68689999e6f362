/*
 * Whether and when to try again. Pure: time and chance come in as numbers.
 */
#include "engine_priv.h"

#include "base/regex.h"
#include "base/str.h"
#include "maxima.h"

int64_t retry_delay_ms(const struct retry_rule *rule, unsigned next_try, double random) {
    double delay = (double)rule->delay_ms;
    for (unsigned i = 2; i < next_try && delay < (double)rule->max_delay_ms; i++) {
        delay *= rule->backoff;
    }
    if (delay > (double)rule->max_delay_ms) {
        delay = (double)rule->max_delay_ms;
    }
    if (rule->has_jitter) {
        /* Between three quarters and the whole: spread without ever exceeding what was asked for. */
        delay -= delay * 0.25 * random;
    }
    int64_t ms = (int64_t)delay;
    return ms < LIMIT_RETRY_SPACING_MS ? LIMIT_RETRY_SPACING_MS : ms;
}

bool retry_is_allowed(const struct retry_rule *rule, unsigned tries_done, int64_t elapsed_ms,
                      int64_t delay_ms) {
    if ((int64_t)tries_done >= rule->attempts) {
        return false;
    }
    return rule->within_ms == 0 || elapsed_ms + delay_ms <= rule->within_ms;
}

static bool text_matches(const struct retry_on *on, const struct answer *answer) {
    for (size_t i = 0; i < on->n_matches; i++) {
        struct err err = ERR_INIT;
        struct regex_span span[1];
        int found =
            regex_match(on->matches[i], answer->stderr_text, answer->stderr_len, 0, span, 1, &err);
        if (found == 0) {
            found = regex_match(on->matches[i], answer->stdout_text, answer->stdout_len, 0, span, 1,
                                &err);
        }
        err_release(&err);
        if (found == 1) {
            return true;
        }
    }
    return false;
}

bool retry_matches(const struct retry_on *on, const struct answer *answer, bool reads) {
    for (size_t i = 0; i < on->n_exits; i++) {
        if (on->exits[i] == answer->exit_code) {
            return true;
        }
    }
    if (text_matches(on, answer)) {
        return true;
    }
    bool is_empty = on->classes == 0 && on->n_exits == 0 && on->n_matches == 0;
    uint32_t classes = is_empty ? 1U << CLASS_TRANSIENT : on->classes;
    if ((classes & (1U << answer->error_class)) == 0) {
        return false;
    }
    /* A changing call whose fate is unknown is not repeated for its class alone: it might do its work twice. */
    return reads || answer->nothing_happened;
}
