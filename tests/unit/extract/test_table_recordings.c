/*
 * Every captured table outside the repository, against a parse made by other means (*.parsed.json), and every table in
 * the recordings, against what must hold of any parse: no text is lost, none changes its order, no cell reaches
 * over a gap.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cJSON.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "extract/extract.h"
#include "maxima.h"
#include "value/value.h"

#define DATA TEST_TOP "/../shared/data/cpdctl"

static cJSON *load_json(const char *path) {
    AUTO(str) struct str text = STR_INIT(64 * MIB);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_read(path, 64 * MIB, &text, &err));
    cJSON *json = cJSON_ParseWithLength(text.data, text.len);
    assert_non_null(json);
    return json;
}

static const char *member_text(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static const char *item_text(const cJSON *list, uint32_t i) {
    return cJSON_GetStringValue(cJSON_GetArrayItem(list, (int)i));
}

/* ---- parsed.json ------------------------------------------------------------------------------ */

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " ");
}

static void assert_rows(const char *file, const cJSON *parsed, const struct value *list) {
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(parsed, "names");
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(parsed, "rows");
    assert_int_equal(list->type, VALUE_LIST);
    if ((int)list->len != cJSON_GetArraySize(rows)) {
        fail_msg("%s: %u rows, expected %d", file, list->len, cJSON_GetArraySize(rows));
    }
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *row = list->as.items[i];
        const cJSON *cells = cJSON_GetArrayItem(rows, (int)i);
        assert_int_equal(row->len, cJSON_GetArraySize(names));
        for (uint32_t k = 0; k < row->len; k++) {
            assert_string_equal(row->as.members[k].key, item_text(names, k));
            assert_string_equal(value_text(row->as.members[k].value), item_text(cells, k));
        }
    }
}

static void assert_record(const char *file, const cJSON *parsed, const struct value *object) {
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(parsed, "items");
    assert_int_equal(object->type, VALUE_OBJECT);
    assert_int_equal(object->len, cJSON_GetArraySize(items));
    for (uint32_t i = 0; i < object->len; i++) {
        const cJSON *item = cJSON_GetArrayItem(items, (int)i);
        const cJSON *expected = cJSON_GetArrayItem(item, 1);
        assert_string_equal(object->as.members[i].key, item_text(item, 0));
        if (cJSON_IsObject(expected)) {
            assert_rows(file, expected, object->as.members[i].value);
        } else {
            assert_string_equal(value_text(object->as.members[i].value), expected->valuestring);
        }
    }
}

static const struct value *parse_table(struct arena *a, const char *name, const char *text,
                                       size_t len) {
    AUTO(err) struct err err = ERR_INIT;
    struct extract_spec spec = {.format = EXTRACT_TABLE, .name = name};
    const struct value *value = NULL;
    if (!extract_value(a, text, len, &spec, &value, NULL, &err)) {
        AUTO(str) struct str shown = STR_INIT(0);
        err_render(&err, "error", &shown);
        fail_msg("%s", str_text(&shown));
    }
    return value;
}

static void check_captured(const char *folder, const char *parsed_name) {
    AUTO(str) struct str path = STR_INIT(0);
    str_addf(&path, "%s/%s", folder, parsed_name);
    cJSON *parsed = load_json(str_text(&path));
    str_cut(&path, path.len - strlen(".parsed.json"));
    str_add(&path, ".txt");
    AUTO(str) struct str text = STR_INIT(64 * MIB);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_read(str_text(&path), 64 * MIB, &text, &err));
    struct arena arena = ARENA_INIT(0);
    const struct value *value = parse_table(&arena, parsed_name, text.data, text.len);
    if (strcmp(member_text(parsed, "kind"), "rows") == 0) {
        assert_rows(parsed_name, parsed, value);
    } else {
        assert_record(parsed_name, parsed, value);
    }
    arena_release(&arena);
    cJSON_Delete(parsed);
}

static void test_table_recordings_captured_tables_parse_as_expected(void **state) {
    (void)state;
    DIR *dir = opendir(DATA "/tables");
    if (dir == NULL) {
        skip();
    }
    size_t n = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (str_ends(entry->d_name, ".parsed.json")) {
            check_captured(DATA "/tables", entry->d_name);
            n++;
        }
    }
    closedir(dir);
    assert_true(n >= 40);
}

/* ---- recordings ------------------------------------------------------------------------------- */

/* Visible characters of all cells, in order. */
static void add_visible(struct str *out, const struct value *v) {
    if (v->type == VALUE_STRING) {
        for (const char *c = v->as.text; *c != '\0'; c++) {
            if (*c != ' ' && *c != '\n') {
                str_add_char(out, *c);
            }
        }
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        add_visible(out, v->type == VALUE_LIST ? v->as.items[i] : v->as.members[i].value);
    }
}

/* The same of the raw text. */
static void add_visible_text(struct str *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\x1b') {
            c += strcspn(c, "mK");
            continue;
        }
        if (strchr(" \r\n", *c) == NULL) {
            str_add_char(out, *c);
        }
    }
}

static bool has_gap(const struct value *v) {
    if (v->type == VALUE_STRING) {
        return strstr(skip_blanks(v->as.text), "   ") != NULL;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (has_gap(v->type == VALUE_LIST ? v->as.items[i] : v->as.members[i].value)) {
            return true;
        }
    }
    return false;
}

/* A recorded table: cpdctl's own output, without another format asked for, that has rows. */
static bool is_table(const cJSON *record) {
    const char *text = member_text(record, "stdout");
    const char *command = member_text(record, "command");
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "stdout_is_raw_cpdctl")) ||
        strstr(command, "--output json") != NULL || strstr(command, "|") != NULL) {
        return false;
    }
    bool is_json = str_starts(text, "{") || str_starts(text, "...\n{");
    return !is_json && strstr(text, "   ") != NULL && strstr(text, "\n") != NULL;
}

/* Job logs bring their own escape sequences and overwrite what the table printed. */
static bool is_foreign_log(const cJSON *record) {
    return strstr(member_text(record, "command"), "run logs") != NULL &&
           strstr(member_text(record, "stdout"), "\x1b[K") != NULL;
}

static void check_row_table(const char *name, const char *text, const struct value *list) {
    AUTO(str) struct str raw = STR_INIT(64 * MIB);
    AUTO(str) struct str cells = STR_INIT(64 * MIB);
    add_visible_text(&raw, text);
    add_visible(&cells, list);
    if (strstr(str_text(&raw), str_text(&cells)) == NULL) {
        fail_msg("%s: text was lost or moved\n%s\n%s", name, str_text(&raw), str_text(&cells));
    }
    if (has_gap(list) && strstr(text, "total_count") == NULL) {
        fail_msg("%s: a cell reaches over a gap", name);
    }
}

static void check_recording(const char *file, const cJSON *record, size_t *n_tables) {
    if (!is_table(record) || is_foreign_log(record)) {
        return;
    }
    const char *text = member_text(record, "stdout");
    struct arena arena = ARENA_INIT(0);
    const struct value *value = parse_table(&arena, file, text, strlen(text));
    if (value->type == VALUE_LIST) {
        check_row_table(file, text, value);
    }
    *n_tables += value->type == VALUE_LIST || value->type == VALUE_OBJECT;
    arena_release(&arena);
}

static void test_table_recordings_lose_no_text_and_cross_no_gap(void **state) {
    (void)state;
    DIR *dir = opendir(DATA "/recordings");
    if (dir == NULL) {
        skip();
    }
    size_t n_tables = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (!str_starts(entry->d_name, "IBM_")) {
            continue;
        }
        AUTO(str) struct str path = STR_INIT(0);
        str_addf(&path, DATA "/recordings/%s", entry->d_name);
        cJSON *records = load_json(str_text(&path));
        const cJSON *record = NULL;
        cJSON_ArrayForEach(record, records) {
            check_recording(entry->d_name, record, &n_tables);
        }
        cJSON_Delete(records);
    }
    closedir(dir);
    assert_true(n_tables >= 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_recordings_captured_tables_parse_as_expected),
        cmocka_unit_test(test_table_recordings_lose_no_text_and_cross_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
