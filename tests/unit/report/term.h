/*
 * A small terminal: enough of one to see what a repainting program leaves on the screen. Knows line feed, carriage
 * return, cursor up, erase to the end of the screen, colours; anything else of the control kind fails the test.
 */
#ifndef TESTS_UNIT_REPORT_TERM_H
#define TESTS_UNIT_REPORT_TERM_H

#include <stddef.h>

struct str;

#define TERM_COLUMNS_MAX 320
#define TERM_LINES_MAX   2000

struct term {
    unsigned columns;
    unsigned rows;
    unsigned cells[TERM_LINES_MAX]
                  [TERM_COLUMNS_MAX]; /* code points; 0 blank; scrolled off lines too */
    unsigned n_lines;                 /* used so far */
    unsigned row;                     /* of the cursor, from the first line on */
    unsigned column;
    unsigned n_wraps; /* lines that were too long for the window */
};

void term_init(struct term *t, unsigned columns, unsigned rows);
void term_feed(struct term *t, const char *bytes, size_t len);
/* All lines up to the cursor's, those that scrolled off first, blanks at their ends cut off. */
void term_text(const struct term *t, struct str *out);

#endif
