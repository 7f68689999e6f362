#ifndef STANDIN_RESOURCE_H
#define STANDIN_RESOURCE_H
/*
 * What all collections have in common: lists with filters and pages, one by id, JSON Patch.
 */
#include "answer.h"

/* `path` in the body, or in `inside` when it begins with '@'. `value` NULL: does not filter. */
struct filter {
    const char *path;
    const char *value;
};

/* 200 with the objects of `kind` that are listed by now. Ends at the filter without a path. */
void resource_list(struct world *world, enum kind kind, const struct request *request,
                   const struct filter *filters, struct answer *answer);

/* The object, or NULL with a 404 in `answer`. */
struct object *resource_need(struct world *world, enum kind kind, const char *id,
                             struct answer *answer);

/* Answers with a copy of the body. */
void resource_show(const struct object *object, int status, struct answer *answer);

/*
 * Applies the patch in the request to the entity, the document that the patches of all these
 * services speak of. False with a 400 in `answer`; then the object is as before.
 */
bool resource_patch(struct object *object, const struct request *request, struct answer *answer);

/* False, with a 400 in `answer`, when the request has no JSON object as its body. */
bool resource_has_object(const struct request *request, struct answer *answer);

/* The project or space that the request names; NULL with a 400 in `answer` without. */
const char *resource_container(const struct request *request, struct answer *answer);

/* Notes in metadata and for filters ("@container") where the object is. */
void resource_put_container(struct object *object, const cJSON *wanted);

/* The object within the container of the request, or NULL with the answer made. */
struct object *resource_need_in(struct world *world, enum kind kind, const char *id,
                                const struct request *request, struct answer *answer);

#endif
