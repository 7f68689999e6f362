#ifndef STANDIN_ROUTE_H
#define STANDIN_ROUTE_H
/*
 * Which function answers which request. Both interfaces end here: the REST port directly, cpdctl
 * with the requests that its commands stand for.
 */
#include "answer.h"

/* Answers without a look at token, faults or log: cpdctl has seen to these. */
void route_call(struct world *world, struct request *request, struct answer *answer);

/* Answers a request from the REST port: token, faults, log, control endpoints. */
void route_rest(struct world *world, struct request *request, struct answer *answer);

#endif
