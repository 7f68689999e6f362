#ifndef STANDIN_CLI_H
#define STANDIN_CLI_H
/*
 * The daemon's half of the stand-in cpdctl. The client has parsed the command line and read the
 * files; here the command becomes a request to the services and the answer becomes output.
 *
 * The call is one line of JSON, then the bytes of --body:
 *
 *     {"words": "wml models list", "argv": […], "flags": {"space-id": "…"}, "output": "json",
 *      "auth": {"username": "…", "password": "…"}}
 *
 * and is answered with {"exit": 0, "stdout": "…", "stderr": "…"}.
 */
#include "answer.h"

void cli_answer(struct world *world, const struct request *request, struct answer *answer);

#endif
