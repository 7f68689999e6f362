/*
 * The names of the error classes.
 */
#include "base/classes.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

const char *const error_class_names[CLASS_COUNT] = {
    [CLASS_NONE] = "none",
    [CLASS_SPAWN] = "spawn",
    [CLASS_USAGE] = "usage",
    [CLASS_AUTH] = "auth",
    [CLASS_NOT_FOUND] = "not_found",
    [CLASS_CONFLICT] = "conflict",
    [CLASS_QUOTA] = "quota",
    [CLASS_TRANSIENT] = "transient",
    [CLASS_TIMEOUT] = "timeout",
    [CLASS_IDLE_TIMEOUT] = "idle_timeout",
    [CLASS_KILLED] = "killed",
    [CLASS_OUTPUT] = "output",
    [CLASS_EXPECT] = "expect",
    [CLASS_CANCELLED] = "cancelled",
    [CLASS_RESOURCE_LIMIT] = "resource_limit",
    [CLASS_INTERNAL] = "internal",
    [CLASS_UNKNOWN] = "unknown",
};
static_assert(CLASS_UNKNOWN + 1 == CLASS_COUNT, "the last class has a name above");

int error_class_by_name(const char *name) {
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        if (strcmp(error_class_names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}
