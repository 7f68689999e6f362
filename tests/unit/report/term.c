#include "unit/report/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/utf8.h"

void term_init(struct term *t, unsigned columns, unsigned rows) {
    memset(t, 0, sizeof *t);
    t->columns = columns;
    t->rows = rows;
    t->n_lines = 1;
}

static void line_feed(struct term *t) {
    assert_true(t->row + 1 < TERM_LINES_MAX);
    t->row++;
    t->column = 0;
    t->n_lines = t->row >= t->n_lines ? t->row + 1 : t->n_lines;
}

static void put(struct term *t, unsigned cp) {
    unsigned width = (unsigned)utf8_width(cp);
    if (t->column + width > t->columns) {
        t->n_wraps++;
        line_feed(t);
    }
    if (width == 0) {
        return;
    }
    t->cells[t->row][t->column] = cp;
    if (width == 2) {
        t->cells[t->row][t->column + 1] = 0xfffff; /* second half */
    }
    t->column += width;
}

static void cursor_up(struct term *t, unsigned n) {
    unsigned top = t->n_lines > t->rows ? t->n_lines - t->rows : 0;
    t->row = t->row - top < n ? top : t->row - n;
}

static void erase_down(struct term *t) {
    memset(t->cells[t->row] + t->column, 0, (TERM_COLUMNS_MAX - t->column) * sizeof(unsigned));
    for (unsigned row = t->row + 1; row < t->n_lines; row++) {
        memset(t->cells[row], 0, sizeof t->cells[row]);
    }
}

/* Returns the length of the sequence after ESC. */
static size_t control_sequence(struct term *t, const char *at) {
    size_t digits = strspn(at + 1, "0123456789;");
    char last = at[1 + digits];
    assert_int_equal(at[0], '[');
    if (last == 'A') {
        cursor_up(t, (unsigned)strtoul(at + 1, NULL, 10));
    } else if (last == 'J') {
        assert_int_equal(digits, 0);
        erase_down(t);
    } else if (last != 'm') {
        fail_msg("unexpected control sequence: %.*s", (int)digits + 2, at);
    }
    return digits + 2;
}

void term_feed(struct term *t, const char *bytes, size_t len) {
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        at += utf8_decode(bytes + at, len - at, &cp);
        if (cp == 0x1b) {
            at += control_sequence(t, bytes + at);
        } else if (cp == '\n') {
            line_feed(t);
        } else if (cp == '\r') {
            t->column = 0;
        } else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
            fail_msg("control character %02x reached the terminal", cp);
        } else {
            put(t, cp);
        }
    }
}

void term_text(const struct term *t, struct str *out) {
    for (unsigned row = 0; row <= t->row; row++) {
        unsigned end = TERM_COLUMNS_MAX;
        while (end > 0 && (t->cells[row][end - 1] == 0 || t->cells[row][end - 1] == ' ')) {
            end--;
        }
        for (unsigned i = 0; i < end; i++) {
            unsigned cp = t->cells[row][i];
            if (cp != 0xfffff) {
                str_add_utf8(out, cp == 0 ? ' ' : cp);
            }
        }
        if (row < t->row) {
            str_add_char(out, '\n');
        }
    }
}
