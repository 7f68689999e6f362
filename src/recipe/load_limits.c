/*
 * `limits`: what the child of a step may use. Sizes are constants; the rest may be computed.
 */
#include "load_priv.h"

#define LIMITS(member) offsetof(struct limits_spec, member)
static const struct field limits_fields[] = {
    {.key = "cpu",
     .type = &type_deadline,
     .offset = LIMITS(cpu),
     .doc = "Computing time, in whole seconds; past it the child is ended"},
    {.key = "file_size",
     .type = &type_size,
     .offset = LIMITS(file_size),
     .doc = "The size of one file that it writes; past it the child is ended"},
    {.key = "memory",
     .type = &type_size,
     .offset = LIMITS(memory),
     .doc = "Address space; past it the child's allocations fail"},
    {.key = "core",
     .type = &type_size,
     .offset = LIMITS(core),
     .doc = "The size of a core dump; 0: none"},
    {.key = "open_files",
     .type = &type_count,
     .offset = LIMITS(open_files),
     .doc = "Files that are open at the same time"},
};
static const struct foreign_word limits_words[] = {
    {"nofile", "write `open_files`", NULL},
    {"fsize", "write `file_size`", NULL},
    {"as", "write `memory`", NULL},
    {"cpu_time", "write `cpu`", NULL},
    {"timeout", "`timeout` stands beside `limits`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_limits = {.name = "limits",
                                     .says = "limits",
                                     .fields = limits_fields,
                                     .n_fields = sizeof limits_fields / sizeof limits_fields[0],
                                     .foreign = limits_words};
