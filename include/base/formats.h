/*
 * Formats of a command's output, as a recipe's `output:` and `read.as` name them. extract/extract.h
 * does the reading; the names stand in base because recipe and extract may not include each other.
 */
#ifndef BASE_FORMATS_H
#define BASE_FORMATS_H

enum extract_format {
    EXTRACT_AUTO, /* JSON, YAML document or cpdctl table, whichever it is; never guesses between two
                     that both fit */
    EXTRACT_JSON, /* one document; lines of noise before and after are skipped and noted */
    EXTRACT_YAML,
    EXTRACT_TABLE, /* list of objects by header name, or one object for the `Label:  value` form;
                      cells are strings */
    EXTRACT_CSV,   /* RFC 4180; list of objects by header name */
    EXTRACT_LINES, /* list of strings without line ends */
    EXTRACT_TEXT,  /* one string, last newline removed */
    EXTRACT_REGEX, /* named groups as an object (or, without names, the match), or a list of them
                      with `all` */
    EXTRACT_NONE,  /* null */
    EXTRACT_FORMAT_COUNT
};
/* "auto", "json", … as in `output:`. */
extern const char *const extract_format_names[EXTRACT_FORMAT_COUNT];
/* -1 when the name is unknown. */
int extract_format_by_name(const char *name);

#endif
