/*
 * What a command printed as clean lines: line ends, escape sequences and overwritten text removed, invalid
 * UTF-8 replaced, so that table readers see what a terminal would have shown.
 *
 * All text lives in the arena and is writable: a reader may put a NUL behind a cell, where a blank or the
 * line's end stands.
 */
#ifndef EXTRACT_LINES_PRIV_H
#define EXTRACT_LINES_PRIV_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

struct line {
    char *text;
    size_t len;      /* without trailing blanks */
    unsigned number; /* one-based, in the command's output */
    bool is_ascii;   /* every byte is one column */
};

/* Lines first .. end-1 are those that count; peeling moves both. */
struct lines {
    struct line *items;
    size_t first;
    size_t end;
    const char *name; /* what the bytes are, for errors */
};

/* Kind output-too-large when the arena's maximum is reached. */
bool lines_read(struct arena *a, const char *bytes, size_t len, const char *name,
                struct lines *ret_lines, struct err *err);

/* cpdctl's answer begins at `...`: sentences in front of that, such as warnings of a wrapper, are no header. Call it first. */
void lines_skip_preamble(struct lines *lines);

/* What stood around the data. */
struct peeled {
    bool is_empty_list; /* `Nothing to show.` */
    bool is_action; /* `OK`, `Output written to …`, `Status code = 0`: done, nothing to show */
    bool has_next_page; /* `Next token: '…'` */
    bool is_failed;     /* `FAILED` */
};
/*
 * Takes away what cpdctl prints around its data: `...`, progress bars (also with `OK` on the same line), dsjob's
 * time-stamped progress, `OK`, `Output written to …`, `Next token: '…'`, `Status code = N`, and blank lines at the end.
 */
void lines_peel(struct lines *lines, struct peeled *ret_peeled);

/* The output without the noise around it, as raw bytes. */
struct body {
    const char *text; /* at the first line that is neither noise nor blank; len 0: there is none */
    size_t len;
    unsigned n_lines_before;
    bool is_failed;            /* `FAILED` stands before it */
    bool follows_blank;        /* a blank line stands directly before it */
    struct line first;         /* its first line, clean; no more than BODY_LINE bytes of it */
    const struct line *second; /* NULL: there is none */
};
#define BODY_LINE ((size_t)4096)

bool lines_find_body(struct arena *a, const char *bytes, size_t len, struct body *ret_body);

/* A position in a line, in bytes and in terminal columns. */
struct cursor {
    size_t byte;
    size_t column;
};
/*
 * Moves on to the first character at or behind `column`; characters without width stay with their base. In a line
 * that ends before, byte becomes the line's length. Returns false when a wide character straddles the column.
 */
bool line_seek(const struct line *line, struct cursor *cursor, size_t column);
/* Columns that text takes as cpdctl's printer counts them: controls and joiners take none. */
size_t line_text_width(const char *text, size_t len);

/* Length of the field at `from`: up to a gap of three blanks or the line's end. */
size_t line_field_len(const struct line *line, size_t from);
/* Offset of the next character that is not a blank, or the line's length. */
size_t line_skip_blanks(const struct line *line, size_t from);

/* Sets `err` with the place of byte `byte` of the line and its text. Returns false. */
bool line_fail(const struct lines *lines, const struct line *line, size_t byte, struct err *err,
               const char *kind, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
