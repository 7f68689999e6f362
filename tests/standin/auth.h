#ifndef STANDIN_AUTH_H
#define STANDIN_AUTH_H
/*
 * Log-in and bearer tokens, as in front of all services of the platform.
 */
#include "answer.h"

#define AUTHORIZE_PATH "/icp4d-api/v1/authorize"

/* POST /icp4d-api/v1/authorize */
void auth_authorize(struct world *world, const struct request *request, struct answer *answer);

/* {"username", "password"}, {"username", "api_key"} or {"token"}: does the platform accept it? */
bool auth_accepts(const struct world *world, const cJSON *credentials);

/* False, with a 401 in `answer`, without a token that is valid now. */
bool auth_check_bearer(const struct world *world, const struct request *request,
                       struct answer *answer);

#endif
