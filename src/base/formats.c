/*
 * The names of the output formats.
 */
#include "base/formats.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

const char *const extract_format_names[EXTRACT_FORMAT_COUNT] = {
    [EXTRACT_AUTO] = "auto",   [EXTRACT_JSON] = "json",   [EXTRACT_YAML] = "yaml",
    [EXTRACT_TABLE] = "table", [EXTRACT_CSV] = "csv",     [EXTRACT_LINES] = "lines",
    [EXTRACT_TEXT] = "text",   [EXTRACT_REGEX] = "regex", [EXTRACT_NONE] = "none",
};
static_assert(EXTRACT_NONE + 1 == EXTRACT_FORMAT_COUNT, "the last format has a name above");

int extract_format_by_name(const char *name) {
    for (size_t i = 0; i < EXTRACT_FORMAT_COUNT; i++) {
        if (strcmp(extract_format_names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}
