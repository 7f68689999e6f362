#ifndef STANDIN_FAULTS_H
#define STANDIN_FAULTS_H
/*
 * Faults of a scenario. Each is an object:
 *
 *     match      a glob or a list of globs: "wml models list", "GET /ml/v4/models*"
 *     nth        only the nth matching call (default 1), or "always", or {"from": 2, "to": 4}
 *     carry_out  true: the service does the work before the caller sees the fault
 *
 * and what the caller sees:
 *
 *     exit, stderr, stdout   of cpdctl (default 1, the message, "")
 *     status, body | html    of the service (default 500)
 *     message, code          in the error body, or after FAILED
 *     client_timeout         true: the text of a Go client that gave up; REST: 504
 *     delay_ms               the answer comes late; alone it is no failure
 *     hang                   true: no answer ever
 *     drop                   true: the connection ends without an answer
 *
 * One fault serves both interfaces, so a scenario means the same to both dialects.
 */
#include "answer.h"

/* Counts the call and returns the fault that it meets, NULL for none. */
const cJSON *fault_take(struct world *world, const char *call);

/* True when the work is done although the caller sees a failure, or is only late. */
bool fault_carries_out(const cJSON *fault);

/* True when the caller sees anything but the true answer. */
bool fault_replaces_answer(const cJSON *fault);

/* Makes the answer that a REST caller sees. */
void fault_answer(const struct world *world, const cJSON *fault, struct answer *answer);

/* Sets delay, hanging and dropping, which are the same for both interfaces. */
void fault_delay(const struct world *world, const cJSON *fault, struct answer *answer);

#endif
