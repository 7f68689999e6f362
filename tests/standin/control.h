#ifndef STANDIN_CONTROL_H
#define STANDIN_CONTROL_H
/*
 * The endpoints for tests, which no real cluster has:
 *
 *     GET  /standin/state      all objects, each with a "standin" part: origin, owner, uploads, …
 *     GET  /standin/log        all calls so far
 *     POST /standin/scenario   starts again from a scenario
 *     POST /standin/cpdctl     one command of the stand-in cpdctl, see cli.h
 *     POST /standin/quit
 */
#include "answer.h"

void control_answer(struct world *world, const struct request *request, struct answer *answer);

#endif
