#ifndef STANDIN_SPACES_H
#define STANDIN_SPACES_H
/*
 * Deployment spaces: /v2/spaces.
 */
#include "answer.h"

/* Makes a space from the body of a POST; `id` NULL: a new one. */
struct object *space_new(struct world *world, const cJSON *wanted, const char *id);

void spaces_list(struct world *world, const struct request *request, struct answer *answer);
void spaces_create(struct world *world, const struct request *request, struct answer *answer);
void spaces_get(struct world *world, const struct request *request, struct answer *answer);
void spaces_patch(struct world *world, const struct request *request, struct answer *answer);
void spaces_delete(struct world *world, const struct request *request, struct answer *answer);

#endif
