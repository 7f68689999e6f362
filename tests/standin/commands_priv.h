#ifndef STANDIN_COMMANDS_PRIV_H
#define STANDIN_COMMANDS_PRIV_H
/*
 * What the tables of commands share: commands.c has spaces, models, deployments and OpenScale,
 * commands_assets.c projects, assets, jobs and dsjob.
 */
#include "commands.h"

extern const struct command asset_commands[];

/* Rows that many commands share; a command that works in a space may name it in three ways. */
// clang-format off
#define END         {NULL, FLAG_SWITCH, NULL, false}
#define SELECTORS   {"space", FLAG_SELECTOR, NULL, false}, {"cpd-scope", FLAG_SELECTOR, NULL, false}
#define SPACE_QUERY {"space-id", FLAG_QUERY, "space_id", false}, SELECTORS
#define SPACE_BODY  {"space-id", FLAG_TEXT, "space_id", false}, SELECTORS
#define SPACE_PATH  {"space-id", FLAG_PATH, NULL, false}, SELECTORS
#define PAGES       {"limit", FLAG_QUERY, "limit", false}, {"start", FLAG_QUERY, "start", false}
#define ALL_PAGES   {"all-pages", FLAG_SWITCH, NULL, false}
#define ASYNC       {"async", FLAG_SWITCH, NULL, false}
// clang-format on

#define ID                                                                                         \
    { "ID", "metadata.id", false }
#define NAME                                                                                       \
    { "Name", "metadata.name", false }
#define CREATED                                                                                    \
    { "Created", "metadata.created_at", false }
#define STATE                                                                                      \
    { "State", "entity.status.state", false }
#define TAGS                                                                                       \
    { "Tags", "metadata.tags", false }
#define LAST                                                                                       \
    { NULL, NULL, false }

#endif
