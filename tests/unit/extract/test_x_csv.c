/*
 * CSV as objects: header checks, types, picking columns and rows, the stream, printing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "extract/extract.h"
#include "value/json.h"
#include "value/value.h"

static void assert_csv_with(const struct extract_csv *csv, const char *text, const char *expected) {
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str shown = STR_INIT(0);
    struct extract_spec spec = {.format = EXTRACT_CSV, .csv = *csv, .name = "data.csv"};
    const struct value *value = NULL;
    if (extract_value(&arena, text, strlen(text), &spec, &value, NULL, &err)) {
        json_print(&shown, value, JSON_COMPACT);
    } else {
        err_render(&err, "error", &shown);
    }
    assert_string_equal(str_text(&shown), expected);
    arena_release(&arena);
}

static void assert_csv(const char *text, const char *expected) {
    assert_csv_with(&(struct extract_csv){0}, text, expected);
}

static void test_x_csv_rows_become_objects_by_header(void **state) {
    (void)state;
    assert_csv("id,name\r\n1,\"a, b\"\r\n2,\"say \"\"x\"\"\"\r\n",
               "[{\"id\":1,\"name\":\"a, b\"},{\"id\":2,\"name\":\"say \\\"x\\\"\"}]");
}

static void test_x_csv_header_alone_is_an_empty_list(void **state) {
    (void)state;
    assert_csv("id,name\n", "[]");
}

static void test_x_csv_only_json_numbers_become_numbers(void **state) {
    (void)state;
    assert_csv("v\n-1.50\n9007199254740993\n007\nNaN\n+1\n1e3\n.5\n0x1F\ntrue\n",
               "[{\"v\":-1.50},{\"v\":9007199254740993},{\"v\":\"007\"},{\"v\":\"NaN\"},"
               "{\"v\":\"+1\"},{\"v\":1e3},{\"v\":\".5\"},{\"v\":\"0x1F\"},{\"v\":\"true\"}]");
}

static void test_x_csv_empty_cell_is_null_but_empty_quotes_are_text(void **state) {
    (void)state;
    assert_csv("a,b\n,\"\"\n", "[{\"a\":null,\"b\":\"\"}]");
}

static void test_x_csv_types_text_keeps_strings(void **state) {
    (void)state;
    assert_csv_with(&(struct extract_csv){.types = EXTRACT_TYPES_TEXT}, "a,b\n1,\n",
                    "[{\"a\":\"1\",\"b\":\"\"}]");
}

static void test_x_csv_byte_order_mark_is_no_part_of_the_first_name(void **state) {
    (void)state;
    assert_csv("\xEF\xBB\xBFid\n1\n", "[{\"id\":1}]");
}

static void test_x_csv_trailing_blank_lines_are_ignored_others_not(void **state) {
    (void)state;
    assert_csv("\na,b\n1,2\n\n\r\n", "[{\"a\":1,\"b\":2}]");
    assert_csv("a,b\n1,2\n\n3,4\n",
               "data.csv:3:1: error[invalid-csv]: an empty line between rows\n");
    assert_csv("a\n1\n\n3\n\n", "[{\"a\":1},{\"a\":null},{\"a\":3}]");
}

static void test_x_csv_row_of_another_length_is_an_error_with_its_line(void **state) {
    (void)state;
    assert_csv("a,b\n\"1\n1\",2\n3\n",
               "data.csv:4:1: error[invalid-csv]: this row has 1 cell, the header has 2\n");
    assert_csv("a,b\n1,2,3\n",
               "data.csv:2:1: error[invalid-csv]: this row has 3 cells, the header has 2\n"
               "hint: a cell that holds the separator must stand in quotes\n");
}

static void test_x_csv_other_encodings_are_an_error_with_their_line(void **state) {
    (void)state;
    assert_csv("a,b\n1,x\n2,Z\xfcrich\n",
               "data.csv:3:1: error[invalid-csv]: cell 2 of this row is not UTF-8\n"
               "hint: convert the file: iconv -f LATIN1 -t UTF-8\n");
    assert_csv("a,gr\xf6\xdf"
               "e\n1,2\n",
               "data.csv:1:1: error[invalid-csv]: cell 2 of this row is not UTF-8\n"
               "hint: convert the file: iconv -f LATIN1 -t UTF-8\n");
}

static void test_x_csv_names_must_be_there_and_differ(void **state) {
    (void)state;
    assert_csv("a,,c\n1,2,3\n", "data.csv:1:1: error[invalid-csv]: column 2 has no name\n");
    assert_csv("a,b,a\n1,2,3\n",
               "data.csv:1:1: error[duplicate-column]: columns 1 and 3 are both named 'a'\n");
    assert_csv("", "error[empty-output]: data.csv is empty: expected CSV with a header line\n");
}

static void test_x_csv_wrong_separator_is_suspected_by_the_header(void **state) {
    (void)state;
    assert_csv("a;b\n1,5;2\n", "data.csv:1:1: error[invalid-csv]: the header is one column, 'a;b'\n"
                               "hint: is the separator ';'?\n");
    assert_csv("a\tb\n1\t2\n",
               "data.csv:1:1: error[invalid-csv]: the header is one column, 'a\tb'\n"
               "hint: is the separator '\\t'?\n");
    assert_csv_with(&(struct extract_csv){.separator = ';'}, "a;b\n\"1,5\";2\n",
                    "[{\"a\":\"1,5\",\"b\":2}]");
}

static void test_x_csv_columns_are_picked_in_the_order_asked(void **state) {
    (void)state;
    static const char *const columns[] = {"c", "a"};
    assert_csv_with(&(struct extract_csv){.columns = columns, .n_columns = 2}, "a,b,c\n1,2,3\n",
                    "[{\"c\":3,\"a\":1}]");
}

static void test_x_csv_drop_leaves_the_others(void **state) {
    (void)state;
    static const char *const drop[] = {"b"};
    assert_csv_with(&(struct extract_csv){.drop = drop, .n_drop = 1}, "a,b,c\n1,2,3\n",
                    "[{\"a\":1,\"c\":3}]");
}

static void test_x_csv_unknown_column_names_the_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"CheckingStatos"};
    assert_csv_with(&(struct extract_csv){.columns = names, .n_columns = 1},
                    "CheckingStatus,Risk\nx,y\n",
                    "data.csv:1:1: error[unknown-column]: there is no column 'CheckingStatos'\n"
                    "hint: did you mean 'CheckingStatus'?\n");
    assert_csv_with(&(struct extract_csv){.drop = names, .n_drop = 1}, "a,b\nx,y\n",
                    "data.csv:1:1: error[unknown-column]: there is no column 'CheckingStatos'\n"
                    "hint: the first column is 'a'\n");
}

static void test_x_csv_rows_are_cut_to_the_range(void **state) {
    (void)state;
    struct extract_csv csv = {.first_row = 2, .last_row = 3};
    assert_csv_with(&csv, "a\n1\n2\n3\n4\n", "[{\"a\":2},{\"a\":3}]");
    csv.last_row = 0;
    assert_csv_with(&csv, "a\n1\n2\n3\n", "[{\"a\":2},{\"a\":3}]");
}

static void test_x_csv_without_header_rows_are_lists(void **state) {
    (void)state;
    assert_csv_with(&(struct extract_csv){.no_header = true}, "1,x\n2,y\n",
                    "[[1,\"x\"],[2,\"y\"]]");
    assert_csv_with(&(struct extract_csv){.no_header = true}, "1,x\n2\n",
                    "data.csv:2:1: error[invalid-csv]: this row has 1 cell, the first row has 2\n");
}

static void assert_range(const char *text, size_t first, size_t last) {
    AUTO(err) struct err err = ERR_INIT;
    size_t got_first = 99;
    size_t got_last = 99;
    assert_true(extract_parse_rows(text, &got_first, &got_last, &err));
    assert_int_equal(got_first, first);
    assert_int_equal(got_last, last);
}

static void test_x_csv_row_ranges_are_one_based_and_inclusive(void **state) {
    (void)state;
    assert_range("1500:", 1500, 0);
    assert_range(":20", 0, 20);
    assert_range("1:100", 1, 100);
    static const char *const wrong[] = {"", "5", "0:", "3:2", "a:b", "-1:", "1:2:3"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        size_t n = 0;
        assert_false(extract_parse_rows(wrong[i], &n, &n, &err));
        assert_string_equal(err.kind, "invalid-rows");
    }
}

/* ---- stream ----------------------------------------------------------------------------------- */

static bool add_row(const struct value *row, void *ctx) {
    json_print(ctx, row, JSON_COMPACT);
    return true;
}

/* Feeds `text` in pieces of `step` bytes. */
static void feed(const char *text, size_t step, const struct extract_spec *spec, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    struct csv_stream *csv = csv_stream_new(spec, add_row, out);
    size_t len = strlen(text);
    size_t start = 0;
    for (size_t end = 0; end < len;) {
        end = end + step < len ? end + step : len;
        size_t used = 0;
        if (!csv_stream_feed(csv, text + start, end - start, end == len, &used, &err)) {
            err_render(&err, "error", out);
            break;
        }
        start += used;
    }
    csv_stream_free(csv);
}

static void test_x_csv_stream_gives_the_same_rows_however_it_is_cut(void **state) {
    (void)state;
    static const char text[] = "a,b\r\n1,\"x\ny\"\r\n2,\"q\"\"\n\"\"\"\r\n3,z";
    struct extract_spec spec = {.format = EXTRACT_CSV, .name = "data.csv"};
    for (size_t step = 1; step < sizeof text; step++) {
        AUTO(str) struct str out = STR_INIT(0);
        feed(text, step, &spec, &out);
        assert_string_equal(str_text(&out), "{\"a\":1,\"b\":\"x\\ny\"}"
                                            "{\"a\":2,\"b\":\"q\\\"\\n\\\"\"}"
                                            "{\"a\":3,\"b\":\"z\"}");
    }
}

static void test_x_csv_stream_counts_lines_over_pieces(void **state) {
    (void)state;
    struct extract_spec spec = {.format = EXTRACT_CSV, .name = "data.csv"};
    AUTO(str) struct str out = STR_INIT(0);
    feed("a,b\n1,\"x\ny\"\n2,3\n4\n", 5, &spec, &out);
    assert_string_equal(
        str_text(&out),
        "{\"a\":1,\"b\":\"x\\ny\"}{\"a\":2,\"b\":3}"
        "data.csv:5:1: error[invalid-csv]: this row has 1 cell, the header has 2\n");
}

static void test_x_csv_stream_stops_behind_the_last_row(void **state) {
    (void)state;
    struct extract_spec spec = {.format = EXTRACT_CSV, .csv = {.last_row = 1}};
    AUTO(str) struct str out = STR_INIT(0);
    feed("a\n1\n2\nbad,row\n", 3, &spec, &out);
    assert_string_equal(str_text(&out), "{\"a\":1}");
}

/* ---- printing --------------------------------------------------------------------------------- */

static void assert_printed(const char *json, const char *expected) {
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    const struct value *value = NULL;
    struct json_options options = {0};
    assert_true(json_parse(&arena, json, strlen(json), &options, &value, NULL, &err));
    if (!extract_print_csv(&out, value, ',', &err)) {
        str_reset(&out);
        err_render(&err, "error", &out);
    }
    assert_string_equal(str_text(&out), expected);
    arena_release(&arena);
}

static void test_x_csv_print_quotes_what_must_be_quoted(void **state) {
    (void)state;
    assert_printed("[{\"a\":\"x,y\",\"b\":\"q\\\"\",\"c\":\"l\\nm\",\"d\":null,\"e\":\"\"}]",
                   "a,b,c,d,e\n\"x,y\",\"q\"\"\",\"l\nm\",,\"\"\n");
    assert_printed("[{\"a\":[1,2],\"b\":true,\"c\":1.50}]", "a,b,c\n\"[1,2]\",true,1.50\n");
    assert_printed("[[1,\"x\"],[2,\"y\"]]", "1,x\n2,y\n");
    assert_printed("{\"a\":1}", "a\n1\n");
    assert_printed("[]", "");
}

static void test_x_csv_print_refuses_to_lose_a_key(void **state) {
    (void)state;
    assert_printed("[{\"a\":1},{}]", "a\n1\n\n");
    assert_printed("[{\"a\":1},{\"b\":2}]",
                   "error[not-tabular]: a row has the key 'b', the first row has not\n");
    assert_printed("[1]",
                   "error[not-tabular]: CSV is made from a list of objects or of lists, not of "
                   "number\nhint: select what the columns are: [*].{name: name, id: "
                   "metadata.id}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x_csv_rows_become_objects_by_header),
        cmocka_unit_test(test_x_csv_header_alone_is_an_empty_list),
        cmocka_unit_test(test_x_csv_only_json_numbers_become_numbers),
        cmocka_unit_test(test_x_csv_empty_cell_is_null_but_empty_quotes_are_text),
        cmocka_unit_test(test_x_csv_types_text_keeps_strings),
        cmocka_unit_test(test_x_csv_byte_order_mark_is_no_part_of_the_first_name),
        cmocka_unit_test(test_x_csv_trailing_blank_lines_are_ignored_others_not),
        cmocka_unit_test(test_x_csv_row_of_another_length_is_an_error_with_its_line),
        cmocka_unit_test(test_x_csv_other_encodings_are_an_error_with_their_line),
        cmocka_unit_test(test_x_csv_names_must_be_there_and_differ),
        cmocka_unit_test(test_x_csv_wrong_separator_is_suspected_by_the_header),
        cmocka_unit_test(test_x_csv_columns_are_picked_in_the_order_asked),
        cmocka_unit_test(test_x_csv_drop_leaves_the_others),
        cmocka_unit_test(test_x_csv_unknown_column_names_the_nearest),
        cmocka_unit_test(test_x_csv_rows_are_cut_to_the_range),
        cmocka_unit_test(test_x_csv_without_header_rows_are_lists),
        cmocka_unit_test(test_x_csv_row_ranges_are_one_based_and_inclusive),
        cmocka_unit_test(test_x_csv_stream_gives_the_same_rows_however_it_is_cut),
        cmocka_unit_test(test_x_csv_stream_counts_lines_over_pieces),
        cmocka_unit_test(test_x_csv_stream_stops_behind_the_last_row),
        cmocka_unit_test(test_x_csv_print_quotes_what_must_be_quoted),
        cmocka_unit_test(test_x_csv_print_refuses_to_lose_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
