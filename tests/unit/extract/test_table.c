/*
 * Tables by hand: every form and every accident that a captured table may hold.
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
#include "value/value.h"

/* {a=1|b=2} for objects, [..] for lists, ~ before a lossy text. */
static void show(struct str *out, const struct value *v) {
    if (v->type == VALUE_NULL) {
        str_add(out, "null");
    } else if (v->type == VALUE_STRING) {
        str_addf(out, "%s%s", (v->flags & VALUE_LOSSY) != 0 ? "~" : "", v->as.text);
    } else if (v->type == VALUE_LIST) {
        str_add_char(out, '[');
        for (uint32_t i = 0; i < v->len; i++) {
            show(out, v->as.items[i]);
        }
        str_add_char(out, ']');
    } else {
        assert_int_equal(v->type, VALUE_OBJECT);
        str_add_char(out, '{');
        for (uint32_t i = 0; i < v->len; i++) {
            str_addf(out, "%s%s=", i > 0 ? "|" : "", v->as.members[i].key);
            show(out, v->as.members[i].value);
        }
        str_add_char(out, '}');
    }
}

static void assert_table(const char *text, const char *expected) {
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str shown = STR_INIT(0);
    struct extract_spec spec = {.format = EXTRACT_TABLE, .name = "stdout"};
    const struct value *value = NULL;
    if (!extract_value(&arena, text, strlen(text), &spec, &value, NULL, &err)) {
        err_render(&err, "error", &shown);
        fail_msg("%s", str_text(&shown));
    }
    show(&shown, value);
    assert_string_equal(str_text(&shown), expected);
    arena_release(&arena);
}

static void assert_error(const char *text, const char *expected) {
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str shown = STR_INIT(0);
    struct extract_spec spec = {.format = EXTRACT_TABLE, .name = "stdout"};
    const struct value *value = NULL;
    assert_false(extract_value(&arena, text, strlen(text), &spec, &value, NULL, &err));
    err_render(&err, "error", &shown);
    assert_string_equal(str_text(&shown), expected);
    arena_release(&arena);
}

static void test_table_rows_become_objects_by_header(void **state) {
    (void)state;
    assert_table("...\n"
                 "ID     Name      Tags   \n"
                 "1a     one two   []     \n"
                 "2bcd   x         [y]    \n",
                 "[{ID=1a|Name=one two|Tags=[]}{ID=2bcd|Name=x|Tags=[y]}]");
}

static void test_table_trailing_blanks_and_crlf_make_no_difference(void **state) {
    (void)state;
    assert_table("ID   Name\r\n1    a\r\n2\r\n", "[{ID=1|Name=a}{ID=2|Name=}]");
}

static void test_table_empty_cells_stay_in_their_column(void **state) {
    (void)state;
    assert_table("ID   Name   Created   State\n"
                 "1           today     \n"
                 "2    b                ok\n",
                 "[{ID=1|Name=|Created=today|State=}{ID=2|Name=b|Created=|State=ok}]");
}

static void test_table_header_names_hold_single_blanks(void **state) {
    (void)state;
    assert_table("ID   Mime Type   IBM Cloud CLI config\n1    text/csv    -\n",
                 "[{ID=1|Mime Type=text/csv|IBM Cloud CLI config=~-}]");
}

static void test_table_colours_and_cursor_sequences_are_not_text(void **state) {
    (void)state;
    assert_table("...\n\x1b[1mID\x1b[0m   \x1b[1mName\x1b[0m\n\x1b[36;1m1\x1b[0m    a\x1b[K\n"
                 "\x1b]0;title\x07\x1b(B2    b\n",
                 "[{ID=1|Name=a}{ID=2|Name=b}]");
}

static void test_table_wide_and_combining_characters_keep_columns(void **state) {
    (void)state;
    /* The two ideographs are four columns, e + U+0301 is one, the emoji is two. */
    assert_table("ID     Name          State\n"
                 "1      \xE7\xB6\xAD\xE4\xBF\xAE          on\n"
                 "2      re\xCC\x81sume\xCC\x81        off\n"
                 "3      \xF0\x9F\x98\x80 ok         on\n",
                 "[{ID=1|Name=\xE7\xB6\xAD\xE4\xBF\xAE|State=on}"
                 "{ID=2|Name=re\xCC\x81sume\xCC\x81|State=off}"
                 "{ID=3|Name=\xF0\x9F\x98\x80 ok|State=on}]");
}

static void test_table_row_of_doubtful_width_is_read_by_its_fields(void **state) {
    (void)state;
    /* Printers disagree whether a family joined by ZWJ takes two columns or six; here it took two. */
    assert_table(
        "ID   Name    State\n"
        "1    \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7      on\n",
        "[{ID=1|Name=\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
        "|State=on}]");
}

static void test_table_cut_and_replaced_cells_are_lossy(void **state) {
    (void)state;
    assert_table("ID   Name           Size           Conf              Tags\n"
                 "1    WML-Deploym\xE2\x80\xA6   1.234567e+06   <Nested Object>   <Array>\n"
                 "2    a-b            1e             <x>               []\n",
                 "[{ID=1|Name=~WML-Deploym\xE2\x80\xA6|Size=~1.234567e+06|Conf=~<Nested Object>"
                 "|Tags=~<Array>}{ID=2|Name=a-b|Size=1e|Conf=<x>|Tags=[]}]");
}

static void test_table_notes_count_cut_cells_and_further_pages(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    static const char text[] = "ID   Name\n1    a\xE2\x80\xA6\n2    -\n\nNext token: 'https://x'\n";
    struct extract_spec spec = {.format = EXTRACT_TABLE};
    struct extract_note note;
    const struct value *value = NULL;
    assert_true(extract_value(&arena, text, sizeof text - 1, &spec, &value, &note, &err));
    assert_int_equal(value->len, 2);
    assert_int_equal(note.lossy_cells, 1);
    assert_true(note.has_next_page);
    arena_release(&arena);
}

static void test_table_line_without_first_cell_continues_the_row_above(void **state) {
    (void)state;
    assert_table("ID   Description   State\n"
                 "1    first         on\n"
                 "       second\n"
                 "\n"
                 "     fourth\n"
                 "2    other         off\n",
                 "[{ID=1|Description=first\n  second\n\nfourth|State=on}"
                 "{ID=2|Description=other|State=off}]");
}

static void test_table_full_line_without_first_cell_is_a_row(void **state) {
    (void)state;
    assert_table("Description   ID   State\n"
                 "a             1    on\n"
                 "              2    off\n",
                 "[{Description=a|ID=1|State=on}{Description=|ID=2|State=off}]");
}

static void test_table_indentation_of_a_cell_is_its_own(void **state) {
    (void)state;
    assert_table("total_count   results\n36            {\n36              \"id\": 1\n",
                 "[{total_count=36|results={}{total_count=36|results=  \"id\": 1}]");
}

static void test_table_text_in_a_gap_is_misaligned(void **state) {
    (void)state;
    assert_error("...\nID   Name   State\n1    a      on\n2    too-long-a-name   on\n",
                 "stdout:4:10: error[misaligned-table]: this line does not fit the header: column "
                 "'State' starts at column 13, but text stands in the gap before it\n"
                 "  2    too-long-a-name   on\n"
                 "           ^\n"
                 "hint: use output: json, which is never cut or wrapped\n");
}

static void test_table_same_name_twice_is_an_error(void **state) {
    (void)state;
    assert_error("ID   ID\n1    2\n",
                 "stdout:1:6: error[duplicate-column]: two columns are named 'ID'\n"
                 "  ID   ID\n"
                 "       ^\n");
}

static void test_table_nothing_to_show_is_an_empty_list(void **state) {
    (void)state;
    assert_table("...\nNothing to show.\n", "[]");
    assert_table("Nothing to show.", "[]");
    assert_table("ID   Name\n", "[]");
}

static void test_table_action_without_body_is_null(void **state) {
    (void)state;
    assert_table("...\nOK\n", "null");
    assert_table("...\nOK\nOutput written to ./x.zip\n", "null");
    assert_table("...\n544.00 KiB / 673.07 KiB [---->__] 80.82% ? p/s ?\x1b[32;1mOK\x1b[0m\n",
                 "null");
}

static void test_table_progress_before_and_trailers_behind_are_no_rows(void **state) {
    (void)state;
    assert_table("...\n"
                 "40.65 KiB / 40.43 KiB [------] 100.54% ? p/s 0s\n"
                 "2023-10-03 22:03:33: Project import status: completed,  total: 4\n"
                 "ID   Name\n1    a\n"
                 "OK\nOutput written to x\nNext token: 'y'\n\nStatus code =  0\n",
                 "[{ID=1|Name=a}]");
}

static void test_table_sentences_before_the_dots_are_no_header(void **state) {
    (void)state;
    assert_table("Warning: a new version is there\n...\nID   Name\n1    a\n", "[{ID=1|Name=a}]");
    assert_table("Warning: log in soon\n...\nNothing to show.\n", "[]");
}

static void test_table_sentence_in_place_of_the_header_is_an_error(void **state) {
    (void)state;
    assert_error(
        "...\nWarning: a new version\nID   Name\n1    a\n",
        "stdout:2:1: error[unexpected-output]: the header would be this one column, but every "
        "line below it has several\n"
        "  Warning: a new version\n"
        "  ^\n"
        "hint: if this line is no part of the table, take it away or use output: json\n");
    assert_table("Text\na   b\nc\n", "[{Text=a   b}{Text=c}]");
}

static void test_table_of_one_column_may_end_in_ok_or_failed(void **state) {
    (void)state;
    assert_table("state\nactive\nFAILED\n", "[{state=active}{state=FAILED}]");
    assert_table("state\nactive\nOK\n", "[{state=active}{state=OK}]");
    assert_table("ID   State\n1    active\n2\nOK\n", "[{ID=1|State=active}{ID=2|State=}]");
}

static void test_table_silence_is_an_error(void **state) {
    (void)state;
    assert_error("", "error[empty-output]: stdout is empty: expected a table\n");
    assert_error("...\n\n", "error[empty-output]: stdout is empty: expected a table\n");
}

static void test_table_plain_sentence_is_no_table(void **state) {
    (void)state;
    assert_error("Switched to profile \"cpd\".\r\n",
                 "stdout:1:1: error[unexpected-output]: this is not a table\n"
                 "  Switched to profile \"cpd\".\n"
                 "  ^\n"
                 "hint: a table has a header line with at least two columns and rows below it; "
                 "for other text use lines, text or regex\n");
}

static void test_table_failed_is_an_error_with_its_message(void **state) {
    (void)state;
    assert_error("FAILED\nThe space was not found\n",
                 "error[unexpected-output]: stdout says FAILED: The space was not found\n");
}

static void test_table_labels_become_one_object(void **state) {
    (void)state;
    assert_table("...\n              \nID:        4265   \nName:      a b   \nTags:      \n",
                 "{ID=4265|Name=a b|Tags=}");
}

static void test_table_labels_without_colon_need_the_blank_line(void **state) {
    (void)state;
    assert_table("\ncreated_at   2021\nid           7fb\nconf         <Nested Object>\n",
                 "{created_at=2021|id=7fb|conf=~<Nested Object>}");
    assert_table("created_at   2021\nid           7fb\n", "[{created_at=id|2021=7fb}]");
}

static void test_table_label_value_may_have_several_lines(void **state) {
    (void)state;
    assert_table("\na   1\nb   line1\n    line2\n\nc   3\n", "{a=1|b=line1\nline2|c=3}");
}

static void test_table_nested_table_becomes_a_list(void **state) {
    (void)state;
    assert_table(
        "\n"
        "ID:            edb6\n"
        "Attachments:   ID     Mime Type\n"
        "               0d7b   text/csv\n"
        "               1e8c   \n"
        "\n"
        "State:         ok\n",
        "{ID=edb6|Attachments=[{ID=0d7b|Mime Type=text/csv}{ID=1e8c|Mime Type=}]|State=ok}");
}

static void test_table_text_that_only_looks_nested_stays_text(void **state) {
    (void)state;
    assert_table("\nID:     1\nNote:   a   b\n        longer than a   c\n",
                 "{ID=1|Note=a   b\nlonger than a   c}");
}

static void test_table_same_label_twice_is_an_error(void **state) {
    (void)state;
    assert_error("\nID:   1\nID:   2\n",
                 "stdout:3:1: error[duplicate-column]: a second line with the label 'ID:'\n"
                 "  ID:   2\n"
                 "  ^\n");
}

static void test_table_text_left_of_the_values_is_misaligned(void **state) {
    (void)state;
    assert_error("\nName:      a\n     b\n",
                 "stdout:3:6: error[misaligned-table]: text without a label stands before the "
                 "column of the values\n"
                 "       b\n"
                 "       ^\n");
}

static void test_table_pipes_of_dsjob_are_read(void **state) {
    (void)state;
    assert_table(
        "...\n"
        "Name       |Export ID|State\n"
        "---------- |---------|-----\n"
        "test-export|3cce     |completed\n"
        "a b        |         |x\n"
        "\n"
        "Total: 2 Exports\n\n"
        "Status code =  0\n",
        "[{Name=test-export|Export ID=3cce|State=completed}{Name=a b|Export ID=|State=x}]");
}

static void test_table_pipes_inside_a_cell_are_found_by_position(void **state) {
    (void)state;
    assert_table("Name  |ID\n------|--\na|b   |1\n", "[{Name=a|b|ID=1}]");
    assert_error("Name  |ID\n------|--\na|b|1 2|3\n",
                 "stdout:3:1: error[misaligned-table]: this line has 4 columns, the header has 2\n"
                 "  a|b|1 2|3\n"
                 "  ^\n");
}

static void test_table_pipes_may_frame_the_table(void **state) {
    (void)state;
    assert_table("| Name | ID |\n|------|----|\n| a    | 1  |\n", "[{Name=a|ID=1}]");
}

static void test_table_invalid_utf8_is_replaced(void **state) {
    (void)state;
    assert_table("ID   Name\n1    a\xff"
                 "b\n",
                 "[{ID=1|Name=a\xEF\xBF\xBD"
                 "b}]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_rows_become_objects_by_header),
        cmocka_unit_test(test_table_trailing_blanks_and_crlf_make_no_difference),
        cmocka_unit_test(test_table_empty_cells_stay_in_their_column),
        cmocka_unit_test(test_table_header_names_hold_single_blanks),
        cmocka_unit_test(test_table_colours_and_cursor_sequences_are_not_text),
        cmocka_unit_test(test_table_wide_and_combining_characters_keep_columns),
        cmocka_unit_test(test_table_row_of_doubtful_width_is_read_by_its_fields),
        cmocka_unit_test(test_table_cut_and_replaced_cells_are_lossy),
        cmocka_unit_test(test_table_notes_count_cut_cells_and_further_pages),
        cmocka_unit_test(test_table_line_without_first_cell_continues_the_row_above),
        cmocka_unit_test(test_table_full_line_without_first_cell_is_a_row),
        cmocka_unit_test(test_table_indentation_of_a_cell_is_its_own),
        cmocka_unit_test(test_table_text_in_a_gap_is_misaligned),
        cmocka_unit_test(test_table_same_name_twice_is_an_error),
        cmocka_unit_test(test_table_nothing_to_show_is_an_empty_list),
        cmocka_unit_test(test_table_action_without_body_is_null),
        cmocka_unit_test(test_table_progress_before_and_trailers_behind_are_no_rows),
        cmocka_unit_test(test_table_sentences_before_the_dots_are_no_header),
        cmocka_unit_test(test_table_sentence_in_place_of_the_header_is_an_error),
        cmocka_unit_test(test_table_of_one_column_may_end_in_ok_or_failed),
        cmocka_unit_test(test_table_silence_is_an_error),
        cmocka_unit_test(test_table_plain_sentence_is_no_table),
        cmocka_unit_test(test_table_failed_is_an_error_with_its_message),
        cmocka_unit_test(test_table_labels_become_one_object),
        cmocka_unit_test(test_table_labels_without_colon_need_the_blank_line),
        cmocka_unit_test(test_table_label_value_may_have_several_lines),
        cmocka_unit_test(test_table_nested_table_becomes_a_list),
        cmocka_unit_test(test_table_text_that_only_looks_nested_stays_text),
        cmocka_unit_test(test_table_same_label_twice_is_an_error),
        cmocka_unit_test(test_table_text_left_of_the_values_is_misaligned),
        cmocka_unit_test(test_table_pipes_of_dsjob_are_read),
        cmocka_unit_test(test_table_pipes_inside_a_cell_are_found_by_position),
        cmocka_unit_test(test_table_pipes_may_frame_the_table),
        cmocka_unit_test(test_table_invalid_utf8_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
