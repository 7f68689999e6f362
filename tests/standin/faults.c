/*
 * Faults of a scenario, see faults.h.
 */
#include "faults.h"

#include <fnmatch.h>
#include <limits.h>

static bool matches(const cJSON *patterns, const char *call) {
    if (cJSON_IsString(patterns)) {
        return fnmatch(patterns->valuestring, call, 0) == 0;
    }
    const cJSON *pattern = NULL;
    cJSON_ArrayForEach(pattern, patterns) {
        if (cJSON_IsString(pattern) && fnmatch(pattern->valuestring, call, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_turn(const cJSON *nth, int n_seen) {
    if (cJSON_IsString(nth)) {
        return true;
    }
    if (cJSON_IsObject(nth)) {
        return n_seen >= (int)json_number_or(nth, "from", 1) &&
               n_seen <= (int)json_number_or(nth, "to", INT_MAX);
    }
    return n_seen == (cJSON_IsNumber(nth) ? nth->valueint : 1);
}

const cJSON *fault_take(struct world *world, const char *call) {
    const cJSON *taken = NULL;
    for (int i = 0; i < world->n_faults; i++) {
        struct fault *fault = &world->faults[i];
        if (!matches(json_at(fault->spec, "match"), call)) {
            continue;
        }
        fault->n_seen++;
        if (taken == NULL && is_turn(json_at(fault->spec, "nth"), fault->n_seen)) {
            taken = fault->spec;
        }
    }
    return taken;
}

bool fault_replaces_answer(const cJSON *fault) {
    static const char *const keys[] = {"exit", "stderr",  "stdout", "status",
                                       "body", "message", "html",   "client_timeout"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (json_at(fault, keys[i]) != NULL) {
            return true;
        }
    }
    return false;
}

bool fault_carries_out(const cJSON *fault) {
    return json_bool_or(fault, "carry_out", false) || !fault_replaces_answer(fault);
}

void fault_answer(const struct world *world, const cJSON *fault, struct answer *answer) {
    bool is_timeout = json_bool_or(fault, "client_timeout", false);
    int status = (int)json_number_or(fault, "status", is_timeout ? 504 : 500);
    if (is_timeout || json_bool_or(fault, "html", false)) {
        answer_gateway_page(answer, status);
    } else if (json_at(fault, "body") != NULL) {
        answer_json(answer, status, json_copy(json_at(fault, "body")));
    } else {
        answer_error(answer, status, json_text_or(fault, "code", "internal_error"), "%s",
                     json_text_or(fault, "message", "The service failed"));
    }
    fault_delay(world, fault, answer);
}

void fault_delay(const struct world *world, const cJSON *fault, struct answer *answer) {
    double delay_ms = json_number_or(fault, "delay_ms", 0);
    answer->not_before_ms = world->now_ms + (int64_t)delay_ms;
    if (json_bool_or(fault, "hang", false)) {
        answer->not_before_ms = INT64_MAX;
    }
    answer->is_dropped = json_bool_or(fault, "drop", false);
}
