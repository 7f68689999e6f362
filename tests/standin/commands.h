#ifndef STANDIN_COMMANDS_H
#define STANDIN_COMMANDS_H
/*
 * The commands of cpdctl that talk to a cluster, in both dialects, as data: their words, flags and
 * the request that each stands for. The client reads the words and flags, the daemon the rest.
 *
 * 0.4: spaces, wml, wos; as far as real pipelines show them. 1.x: space, ml, project, asset, job and
 * the dsjob plugin; with the flags of the 1.8 reference that recipes use.
 */
#include <stdbool.h>

#include "world.h"

enum flag_use {
    FLAG_PATH,       /* fills {name} in the path */
    FLAG_QUERY,      /* text in the query */
    FLAG_TEXT,       /* text in the body */
    FLAG_NUMBER,     /* number in the body */
    FLAG_LIST,       /* comma-separated, a list in the body */
    FLAG_BOOL,       /* true or false in the body; alone: true */
    FLAG_JSON,       /* JSON in the body */
    FLAG_PATCH_TEXT, /* one "replace" operation of a JSON Patch, of text */
    FLAG_PATCH_JSON, /* the same of JSON */
    FLAG_WHOLE,      /* JSON that is the body */
    FLAG_FILE,       /* path of a file that is the body */
    FLAG_OUTPUT,     /* path of a file that the client writes the answer to */
    FLAG_SWITCH,     /* for the command itself: --async, --all-pages */
    FLAG_SELECTOR,   /* for the command itself, with a value: --space, --cpd-scope */
};

struct flag {
    const char *name; /* without the hyphens; NULL ends a list */
    enum flag_use use;
    const char *target; /* name in the query, path in the body, key of the patch */
    bool is_required;
};

enum dialect { DIALECT_04, DIALECT_1X };

struct column {
    const char *header; /* NULL ends a list */
    const char *path;
    bool is_optional; /* left out when no row has it */
};

struct command {
    const char *words; /* "wml models list"; NULL ends the table */
    enum dialect dialect;
    const char *method;
    const char *path;
    const struct flag *flags;
    const struct column *columns; /* of a list or one object; NULL: keys and values */
    enum kind kind;
    bool waits; /* until the state is final, unless --async */
};

/* NULL-terminated list of tables, each ended by a command without words. */
extern const struct command *const command_tables[];

/* The command of exactly these words, NULL without. */
const struct command *command_find(const char *words);

const struct flag *command_flag(const struct command *command, const char *name);

/* JSON parameters may be given as @file. */
bool flag_takes_json(const struct flag *flag);

#endif
