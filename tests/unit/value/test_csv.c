/* value/csv: every rule of RFC 4180, line ends, errors with their place, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "value/csv.h"

#include <string.h>

/* Writes rows as "line:[a|b]" with quoted cells marked, so that a test compares one text. */
static bool show_row(const struct csv_row *row, void *ctx) {
    struct str *out = ctx;
    str_addf(out, "%u:[", row->line);
    for (size_t i = 0; i < row->n_cells; i++) {
        const struct csv_cell *cell = &row->cells[i];
        str_addf(out, "%s%s", i > 0 ? "|" : "", cell->is_quoted ? "q" : "");
        str_add_bytes(out, cell->text, cell->len);
    }
    str_add(out, "]");
    return true;
}

static void check_rows(const char *text, char separator, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct csv_options options = {.name = "data.csv", .separator = separator};
    assert_true(csv_read(text, strlen(text), &options, show_row, &out, &err));
    assert_string_equal(str_text(&out), expected);
}

static void check_error(const char *text, size_t len, unsigned line, unsigned col,
                        const char *message) {
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_false(csv_read(text, len, NULL, show_row, &out, &err));
    assert_string_equal(err.kind, "invalid-csv");
    assert_string_equal(err.message, message);
    assert_string_equal(err.place.file, "<csv>");
    assert_int_equal(err.place.line, line);
    assert_int_equal(err.place.col, col);
}

static void test_csv_rows_with_every_line_end(void **state) {
    (void)state;
    check_rows("a,b\n1,2\n", 0, "1:[a|b]2:[1|2]");
    check_rows("a,b\r\n1,2", 0, "1:[a|b]2:[1|2]");
    check_rows("a,b\r1,2\r", 0, "1:[a|b]2:[1|2]");
    check_rows("", 0, "");
    check_rows("\xEF\xBB\xBF"
               "a\n",
               0, "1:[a]");
}

static void test_csv_empty_cells_and_lines(void **state) {
    (void)state;
    check_rows(",\n", 0, "1:[|]");
    check_rows("a,\n,b", 0, "1:[a|]2:[|b]");
    check_rows("a\n\nb\n", 0, "1:[a]2:[]3:[b]");
    check_rows("\"\",x", 0, "1:[q|x]");
    check_rows(" a , b ", 0, "1:[ a | b ]");
}

static void test_csv_quoted_cells(void **state) {
    (void)state;
    check_rows("\"a,b\",c\n", 0, "1:[qa,b|c]");
    check_rows("\"say \"\"hi\"\"\",\"\"\"\"\n\"x\"\"y\"", 0, "1:[qsay \"hi\"|q\"]2:[qx\"y]");
    check_rows("\"two\r\nlines\",b\nc", 0, "1:[qtwo\r\nlines|b]3:[c]");
}

static void test_csv_other_separator(void **state) {
    (void)state;
    check_rows("a;b,c\n", ';', "1:[a|b,c]");
    check_rows("a\tb\n", '\t', "1:[a|b]");
}

static void test_csv_errors_name_line_and_column(void **state) {
    (void)state;
    check_error("a\nb,\"c\nd", 8, 2, 3, "a quote that is never closed");
    check_error("a\n\"b\"c", 6, 2, 4, "text behind a closing quote");
    check_error("\xC3\xA9,5\" disk", 11, 1, 4,
                "a quote inside a cell that does not start with one");
    check_error("a\0b", 3, 1, 2, "a NUL byte: this is not text");
}

static void test_csv_cells_at_the_limit_and_one_past(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, ',', LIMIT_CSV_CELLS - 1);
    AUTO(str) struct str out = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(csv_read(str_text(&text), text.len, NULL, show_row, &out, &err));
    str_add_char(&text, ',');
    assert_false(csv_read(str_text(&text), text.len, NULL, show_row, &out, &err));
    assert_string_equal(err.message, "too many cells in one row");
}

struct stopper {
    struct err *err; /* NULL: stop without an error */
    unsigned n_rows;
};

static bool stop_at_second(const struct csv_row *row, void *ctx) {
    (void)row;
    struct stopper *s = ctx;
    if (++s->n_rows < 2) {
        return true;
    }
    return s->err ? err_set(s->err, "invalid-value", "row refused") : false;
}

static void test_csv_callback_stops_with_and_without_error(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct stopper quiet = {NULL, 0};
    assert_true(csv_read("a\nb\nc", 5, NULL, stop_at_second, &quiet, &err));
    assert_int_equal(quiet.n_rows, 2);
    struct stopper loud = {&err, 0};
    assert_false(csv_read("a\nb\nc", 5, NULL, stop_at_second, &loud, &err));
    assert_string_equal(err.message, "row refused");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_rows_with_every_line_end),
        cmocka_unit_test(test_csv_empty_cells_and_lines),
        cmocka_unit_test(test_csv_quoted_cells),
        cmocka_unit_test(test_csv_other_separator),
        cmocka_unit_test(test_csv_errors_name_line_and_column),
        cmocka_unit_test(test_csv_cells_at_the_limit_and_one_past),
        cmocka_unit_test(test_csv_callback_stops_with_and_without_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
