/*
 * Classes of failure: the words in which retry, continue_on_error, exit codes and reports speak.
 *
 * They stand in base because the recipe (which names them), the engine (which decides by them) and
 * the events (which carry them) may not include each other.
 */
#ifndef BASE_CLASSES_H
#define BASE_CLASSES_H

/* Every failure has one (the language reference explains each). CLASS_NONE: no failure. */
enum error_class {
    CLASS_NONE,
    CLASS_SPAWN,
    CLASS_USAGE,
    CLASS_AUTH,
    CLASS_NOT_FOUND,
    CLASS_CONFLICT,
    CLASS_QUOTA,
    CLASS_TRANSIENT,
    CLASS_TIMEOUT,
    CLASS_IDLE_TIMEOUT,
    CLASS_KILLED,
    CLASS_RESOURCE_LIMIT,
    CLASS_OUTPUT,
    CLASS_EXPECT,
    CLASS_CANCELLED,
    CLASS_INTERNAL,
    CLASS_UNKNOWN,
    CLASS_COUNT
};
extern const char *const error_class_names[CLASS_COUNT];
/* -1 when unknown. */
int error_class_by_name(const char *name);

#endif
