#ifndef STANDIN_PROJECTS_H
#define STANDIN_PROJECTS_H
/*
 * Projects, the assets of projects and spaces (assets.c), and their way from one to another:
 * promotion, exports and imports (transfers.c).
 */
#include "answer.h"

struct object *project_new(struct world *world, const cJSON *wanted, const char *id);
struct object *asset_new(struct world *world, const cJSON *wanted, const char *id);

/* A data asset with this content; what jobs leave behind. */
struct object *asset_add_data(struct world *world, const char *container_key, const char *container,
                              const char *name, const char *content);

/* What was in the archive is there from now on. */
void import_completed(struct world *world, struct object *import);

void projects_list(struct world *world, const struct request *request, struct answer *answer);
void projects_create(struct world *world, const struct request *request, struct answer *answer);
void projects_get(struct world *world, const struct request *request, struct answer *answer);
void projects_delete(struct world *world, const struct request *request, struct answer *answer);

void assets_search(struct world *world, const struct request *request, struct answer *answer);
void assets_get(struct world *world, const struct request *request, struct answer *answer);
void assets_delete(struct world *world, const struct request *request, struct answer *answer);
void assets_upload(struct world *world, const struct request *request, struct answer *answer);
void assets_promote(struct world *world, const struct request *request, struct answer *answer);
void attachments_download(struct world *world, const struct request *request,
                          struct answer *answer);

void exports_list(struct world *world, const struct request *request, struct answer *answer);
void exports_start(struct world *world, const struct request *request, struct answer *answer);
void exports_get(struct world *world, const struct request *request, struct answer *answer);
void exports_download(struct world *world, const struct request *request, struct answer *answer);
void imports_list(struct world *world, const struct request *request, struct answer *answer);
void imports_start(struct world *world, const struct request *request, struct answer *answer);
void imports_get(struct world *world, const struct request *request, struct answer *answer);

#endif
