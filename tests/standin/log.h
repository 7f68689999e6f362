#ifndef STANDIN_LOG_H
#define STANDIN_LOG_H
/*
 * What was called, for tests: kept in memory and, with --log, one JSON line per call in a file.
 */
#include "answer.h"

struct call {
    const char *interface; /* "cpdctl" or "rest" */
    const char *name;      /* "wml models list", "GET /ml/v4/models" */
    const cJSON *detail;   /* argv or query, borrowed */
    bool is_write;
    int status; /* exit of cpdctl or HTTP status; 0 and less: none was given */
    bool is_fault;
};

void log_call(struct world *world, const struct call *call);

#endif
