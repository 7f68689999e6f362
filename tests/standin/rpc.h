#ifndef STANDIN_RPC_H
#define STANDIN_RPC_H
/*
 * A client's one request to the daemon.
 */
#include "json.h"

/*
 * Posts `body` to `path` of the daemon behind `url` ("http://127.0.0.1:8080") and returns its JSON answer.
 * NULL when that fails; `ret_problem` (heap) then says it in the words of Go's HTTP client.
 */
cJSON *rpc_post(const char *url, const char *path, const struct text *body, char **ret_problem);

#endif
