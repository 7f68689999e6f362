/* value/json: errors with place and words, noise, duplicates, limits, batches of every size,
 * several documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <string.h>

static const struct json_options plain = {.name = "x.json"};

/* Parses and prints again; the text of an error is "line:col kind: message". */
static void parse_to(struct str *out, const char *text, size_t len,
                     const struct json_options *options, enum json_style style) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *v = NULL;
    if (json_parse(&a, text, len, options, &v, NULL, &err)) {
        json_print(out, v, style);
    } else {
        str_addf(out, "%u:%u %s: %s", err.place.line, err.place.col, err.kind, err.message);
    }
    arena_release(&a);
}

static void check_with(const struct json_options *options, const char *text, const char *expected) {
    AUTO(str) struct str out = STR_INIT(0);
    parse_to(&out, text, strlen(text), options, JSON_COMPACT);
    assert_string_equal(str_text(&out), expected);
}

static void check(const char *text, const char *expected) {
    check_with(&plain, text, expected);
}

static void test_json_reads_all_kinds_of_values(void **state) {
    (void)state;
    check("null", "null");
    check(" true ", "true");
    check("\t\r\nfalse", "false");
    check("-12.50e+10", "-12.50e+10");
    check("\"\"", "\"\"");
    check("[]", "[]");
    check("{ }", "{}");
    check("[[],{},[1 , 2],\"x\"]", "[[],{},[1,2],\"x\"]");
    check("{\"a\" : {\"b\":[null,true]}, \"c\":1}", "{\"a\":{\"b\":[null,true]},\"c\":1}");
}

static void test_json_keeps_number_texts_to_the_byte(void **state) {
    (void)state;
    check("[9223372036854775808,0.30000000000000004,1e400,-0,1E2,1.10]",
          "[9223372036854775808,0.30000000000000004,1e400,-0,1E2,1.10]");
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    str_add(&text, "[1,");
    for (size_t len = 55; len < 70; len++) { /* cJSON reads 63 characters of a number */
        str_add_repeat(&text, '7', len);
        str_add(&text, ",{\"k\":0.");
        str_add_repeat(&text, '3', len);
        str_add(&text, "},");
    }
    str_add(&text, "2]");
    parse_to(&out, text.data, text.len, &plain, JSON_COMPACT);
    assert_string_equal(str_text(&out), str_text(&text));
}

static void test_json_gives_long_numbers_their_value(void **state) {
    (void)state;
    for (int exponent = 50; exponent < 80; exponent++) {
        struct arena a = ARENA_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(str) struct str same = STR_INIT(0);
        const struct value *v = NULL;
        double expected = 0;
        str_addf(&same, "1e%d", exponent);
        assert_true(num_parse_double(same.data, same.len, &expected));
        str_add(&text, "[1");
        str_add_repeat(&text, '0', (size_t)exponent);
        str_add(&text, ",2.5]");
        assert_true(json_parse(&a, text.data, text.len, &plain, &v, NULL, &err));
        assert_true(v->as.items[0]->aux.number == expected);
        assert_true(v->as.items[1]->aux.number == 2.5);
        arena_release(&a);
    }
}

static void test_json_decodes_escapes(void **state) {
    (void)state;
    check("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    check("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "\"Aé€😀\"");
    check("\"\\u001f\\u007f\"", "\"\\u001f\x7F\"");
    check("[\"a\\u0000b\",\"\\u0000\",{\"\\u0000k\":\"\\u0000\",\"l\":\"m\"},\"n\"]",
          "[\"a\\u0000b\",\"\\u0000\",{\"\\u0000k\":\"\\u0000\",\"l\":\"m\"},\"n\"]");
    check("\"\\u0000\\ud83d\\ude00\\u00E9\\/\"", "\"\\u0000😀é/\"");
}

static void test_json_keeps_nul_in_strings_and_keys(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *v = NULL;
    static const char text[] = "{\"k\\u0000l\": \"a\\u0000b\", \"k\": \"c\"}";
    assert_true(json_parse(&a, text, strlen(text), &plain, &v, NULL, &err));
    assert_int_equal(v->len, 2);
    const struct value *with_nul = value_get_len(v, "k\0l", 3);
    assert_int_equal(with_nul->len, 3);
    assert_memory_equal(with_nul->as.text, "a\0b", 4);
    assert_string_equal(value_text(value_get(v, "k")), "c");
    arena_release(&a);
}

static void test_json_errors_have_place_and_words(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "1:1 empty-document: the document is empty"},
        {" \n ", "1:1 empty-document: the document is empty"},
        {"[1,2", "1:5 invalid-json: expected ',' or ']', found the end of the text"},
        {"[1 2]", "1:4 invalid-json: expected ',' or ']', found '2'"},
        {"[1,]", "1:4 invalid-json: expected a value, found ']'"},
        {"[,1]", "1:2 invalid-json: expected a value, found ','"},
        {"{\"a\":1,}", "1:8 invalid-json: expected a key in double quotes, found '}'"},
        {"{a:1}", "1:2 invalid-json: expected a key in double quotes, found 'a'"},
        {"{\"a\" 1}", "1:6 invalid-json: expected ':' after the key, found '1'"},
        {"{\"a\":}", "1:6 invalid-json: expected a value, found '}'"},
        {"{\"a\":1\n\"b\":2}", "2:1 invalid-json: expected ',' or '}', found '\"'"},
        {"{\n  \"é\": tru\n}", "2:8 invalid-json: expected a value, found 't'"},
        {"[1]]", "1:4 invalid-json: expected the end of the text after the document, found ']'"},
        {"01", "1:1 invalid-json: a number must not start with 0"},
        {"-", "1:2 invalid-json: expected a digit, found the end of the text"},
        {"+1", "1:1 invalid-json: expected a value, found '+'"},
        {"1.",
         "1:3 invalid-json: expected a digit after the decimal point, found the end of the text"},
        {"1e", "1:3 invalid-json: expected a digit in the exponent, found the end of the text"},
        {"1x", "1:2 invalid-json: a number must end here, found 'x'"},
        {"nul", "1:1 invalid-json: expected a value, found 'n'"},
        {"nullx", "1:1 invalid-json: expected a value, found 'n'"},
        {"NaN", "1:1 invalid-json: expected a value, found 'N'"},
        {"'a'", "1:1 invalid-json: expected a value, found '''"},
        {"\"abc", "1:1 invalid-json: the string has no end: expected '\"'"},
        {"\"a\nb\"", "1:3 invalid-json: a string must end on its line: expected '\"'"},
        {"\"a\tb\"",
         "1:3 invalid-json: a control character must be written as \\u00XX in a string"},
        {"\"\\x\"",
         "1:2 invalid-json: unknown escape: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"},
        {"\"\\u12g4\"", "1:2 invalid-json: \\u needs four hexadecimal digits"},
        {"\"\\ud800\"", "1:2 invalid-json: a high surrogate without a low one after it"},
        {"\"\\udc00\"", "1:2 invalid-json: a low surrogate without a high one before it"},
        {"\"\xFF\"", "1:2 invalid-json: invalid UTF-8"},
        {"[\x01]", "1:2 invalid-json: expected a value, found byte 0x01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check(cases[i].text, cases[i].error);
    }
    AUTO(str) struct str out = STR_INIT(0);
    parse_to(&out, "1\0", 2, &plain, JSON_COMPACT);
    assert_string_equal(str_text(&out),
                        "1:2 invalid-json: a number must end here, found byte 0x00");
}

static void test_json_error_shows_its_line(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    const struct value *v = &value_null;
    static const char text[] = "{\n  \"name\": \"x\"\n  \"id\": 1\n}";
    assert_false(json_parse(&a, text, strlen(text), &plain, &v, NULL, &err));
    assert_ptr_equal(v, &value_null);
    err_render(&err, "error", &out);
    assert_string_equal(str_text(&out),
                        "x.json:3:3: error[invalid-json]: expected ',' or '}', found '\"'\n"
                        "    \"id\": 1\n"
                        "    ^\n");
    arena_release(&a);
}

static void test_json_byte_order_mark_is_skipped(void **state) {
    (void)state;
    check("\xEF\xBB\xBF[1]", "[1]");
    check("[\xEF\xBB\xBF 1]", "1:2 invalid-json: expected a value, found '\xEF\xBB\xBF'");
}

static void test_json_last_duplicate_wins_in_the_first_place(void **state) {
    (void)state;
    check("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    check("{\"a\":1,\"\\u0061\":2}", "{\"a\":2}");
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str expected = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    for (int i = 0; i < 40; i++) { /* enough for an index, which then shrinks */
        str_addf(&text, "%s\"k%d\":%d", i == 0 ? "{" : ",", i % 17, i);
    }
    str_add_char(&text, '}');
    for (int i = 0; i < 17; i++) {
        str_addf(&expected, "%s\"k%d\":%d", i == 0 ? "{" : ",", i, i < 6 ? i + 34 : i + 17);
    }
    str_add_char(&expected, '}');
    parse_to(&out, text.data, text.len, &plain, JSON_COMPACT);
    assert_string_equal(str_text(&out), str_text(&expected));
}

static void test_json_duplicates_are_errors_where_asked(void **state) {
    (void)state;
    const struct json_options strict = {.name = "x", .duplicates = JSON_DUP_ERROR};
    check_with(&strict, "{\"a\":1,\"b\":{\"a\":1}}", "{\"a\":1,\"b\":{\"a\":1}}");
    check_with(&strict, "{\"a\":1,\n \"a\":2}",
               "2:2 duplicate-key: key 'a' stands twice: first at 1:2");
    check_with(&strict, "{\"l\":[[],[1,{}]],\"l\":0}",
               "1:18 duplicate-key: key 'l' stands twice: first at 1:2");
    check_with(&strict, "[1,true,\"s\",{\"x\":[{\"é\":1,\n\"b\":-1.5,\n \"\\u00e9\":null}]}]",
               "3:2 duplicate-key: key 'é' stands twice: first at 1:20");
}

static void check_noise(const char *text, const char *expected, size_t before_len,
                        size_t after_start, size_t after_len) {
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    const struct json_options noisy = {.name = "x", .allow_noise = true};
    const struct value *v = NULL;
    struct json_noise noise = {99, 99, 99};
    if (!json_parse(&a, text, strlen(text), &noisy, &v, &noise, &err)) {
        fail_msg("%s: %s", text, err.message);
    }
    json_print(&out, v, JSON_COMPACT);
    assert_string_equal(str_text(&out), expected);
    assert_int_equal(noise.before_len, before_len);
    assert_int_equal(noise.after_start, after_start);
    assert_int_equal(noise.after_len, after_len);
    arena_release(&a);
}

static void test_json_noise_around_the_document_is_named(void **state) {
    (void)state;
    check_noise("{\"a\":1}\n", "{\"a\":1}", 0, 8, 0);
    check_noise("...\n{\"a\":1}\n", "{\"a\":1}", 4, 12, 0);
    check_noise("...\n{\n\"a\":1\n}\nOK\n", "{\"a\":1}", 4, 14, 3);
    check_noise("[INFO] starting\r\n[1]\r\nOK", "[1]", 17, 22, 2);
    check_noise("12\ntrue\n{}\n", "{}", 8, 11, 0);
    check_noise("...\n\"only-an-id\"\nOK\n", "\"only-an-id\"", 4, 17, 3);
    check_noise("...\nnull\n", "null", 4, 9, 0);
}

static void test_json_noise_does_not_hide_a_broken_document(void **state) {
    (void)state;
    const struct json_options noisy = {.name = "x", .allow_noise = true};
    /* The inner object stands on a line of its own; it is not the document. */
    check_with(&noisy, "...\n[\n{\"a\":1}\n{\"b\":2}\n]\n",
               "4:1 invalid-json: expected ',' or ']', found '{'");
    check_with(&noisy, "{\"a\":1,,\n  {\"x\":1}\n}",
               "1:8 invalid-json: expected a key in double quotes, found ','");
    check_with(&noisy, "{\"a\":1} OK\n",
               "1:9 invalid-json: expected the end of the text after the document, found 'O'");
    check_with(&noisy, "FAILED\nno such thing\n", "1:1 invalid-json: expected a value, found 'F'");
    check_with(&noisy, "", "1:1 empty-document: the document is empty");
}

static void add_nested(struct str *text, size_t depth) {
    for (size_t i = 0; i < depth; i++) {
        str_add(text, i % 2 == 0 ? "[" : "{\"k\":");
    }
    for (size_t i = depth; i > 0; i--) {
        str_add_char(text, i % 2 == 1 ? ']' : '}');
    }
}

static void test_json_depth_is_limited(void **state) {
    (void)state;
    static const size_t limits[] = {LIMIT_JSON_DEPTH, 1, 7};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(str) struct str deeper = STR_INIT(0);
        AUTO(str) struct str out = STR_INIT(0);
        const struct json_options options = {.name = "x", .max_depth = i == 0 ? 0 : limits[i]};
        if (limits[i] % 2 == 0) {
            add_nested(&text,
                       limits[i] - 1); /* the last one must be a list: an object needs a value */
        } else {
            add_nested(&text, limits[i]);
        }
        str_addf(&deeper, "[[%s]]", str_text(&text));
        parse_to(&out, text.data, text.len, &options, JSON_COMPACT);
        assert_string_equal(str_text(&out), str_text(&text));
        str_reset(&out);
        parse_to(&out, deeper.data, deeper.len, &options, JSON_COMPACT);
        assert_non_null(strstr(out.data, "levels of nesting"));
    }
    AUTO(str) struct str flat = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    str_add_repeat(&flat, '[', LIMIT_JSON_DEPTH);
    str_add_repeat(&flat, ']', LIMIT_JSON_DEPTH);
    parse_to(&out, flat.data, flat.len, &plain, JSON_COMPACT);
    assert_string_equal(str_text(&out), str_text(&flat));
    AUTO(str) struct str open = STR_INIT(0);
    str_add_repeat(&open, '[', 100000);
    str_reset(&out);
    parse_to(&out, open.data, open.len, &plain, JSON_COMPACT);
    assert_string_equal(str_text(&out), "1:513 too-deep: more than 512 levels of nesting");
}

static void test_json_memory_is_limited_by_the_arena(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add_char(&text, '[');
    for (int i = 0; i < 5000; i++) {
        str_addf(&text, "{\"key %d\":[\"text %d\",%d]},", i, i, i);
    }
    str_add(&text, "0]");
    size_t max_bytes = 16;
    for (;;) { /* every allocation is the first one to fail once */
        struct arena a = ARENA_INIT(max_bytes);
        AUTO(err) struct err err = ERR_INIT;
        const struct value *v = NULL;
        bool is_read = json_parse(&a, text.data, text.len, &plain, &v, NULL, &err);
        assert_true(a.total_bytes <= max_bytes);
        arena_release(&a);
        if (is_read) {
            break;
        }
        assert_string_equal(err.kind, "too-large");
        max_bytes += max_bytes / 8 + 8;
    }
    assert_true(max_bytes > text.len);
}

static void test_json_text_is_limited(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(err) struct err next_err = ERR_INIT;
    const struct value *v = NULL;
    size_t pos = 0;
    /* The length alone decides: the text is not looked at. */
    assert_false(json_parse(&a, "", LIMIT_JSON_BYTES + 1, &plain, &v, NULL, &err));
    assert_string_equal(err.kind, "too-large");
    assert_string_equal(err.message,
                        "the document has 1073741825 bytes: at most 1073741824 are read");
    assert_false(json_parse_next(&a, "", LIMIT_JSON_BYTES + 1, &pos, &plain, &v, &next_err));
    assert_string_equal(next_err.kind, "too-large");
    arena_release(&a);
}

static void test_json_documents_of_a_stream_come_one_by_one(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str out = STR_INIT(0);
    static const char text[] = "\xEF\xBB\xBF{\"a\":1}\n\n[2]\n3 \"four\"{}\n";
    size_t pos = 0;
    const struct value *v = &value_null;
    for (;;) {
        assert_true(json_parse_next(&a, text, sizeof text - 1, &pos, &plain, &v, &err));
        if (v == NULL) {
            break;
        }
        json_print(&out, v, JSON_COMPACT);
        str_addf(&out, "@%zu ", pos);
    }
    assert_string_equal(str_text(&out), "{\"a\":1}@10 [2]@15 3@17 \"four\"@24 {}@26 ");
    assert_int_equal(pos, sizeof text - 1);
    arena_release(&a);
}

static void test_json_stream_error_has_its_place_in_the_whole_text(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const struct value *v = NULL;
    size_t pos = 0;
    static const char text[] = "{}\n{\"a\":}\n";
    assert_true(json_parse_next(&a, text, sizeof text - 1, &pos, &plain, &v, &err));
    assert_false(json_parse_next(&a, text, sizeof text - 1, &pos, &plain, &v, &err));
    assert_int_equal(pos, 2);
    assert_int_equal(err.place.line, 2);
    assert_int_equal(err.place.col, 6);
    const struct json_options strict = {.name = "x", .duplicates = JSON_DUP_ERROR};
    AUTO(err) struct err duplicate = ERR_INIT;
    static const char twice[] = "{}\n{\"a\":1,\"a\":1}";
    pos = 2;
    assert_false(json_parse_next(&a, twice, sizeof twice - 1, &pos, &strict, &v, &duplicate));
    assert_string_equal(duplicate.message, "key 'a' stands twice: first at 2:2");
    arena_release(&a);
}

static void test_json_pretty_form(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    static const char text[] = "{\"a\":[1,[],{}],\"b\":{\"c\":null}}";
    parse_to(&out, text, strlen(text), &plain, JSON_PRETTY);
    assert_string_equal(str_text(&out), "{\n"
                                        "  \"a\": [\n"
                                        "    1,\n"
                                        "    [],\n"
                                        "    {}\n"
                                        "  ],\n"
                                        "  \"b\": {\n"
                                        "    \"c\": null\n"
                                        "  }\n"
                                        "}");
}

/* A document with a member of every kind on each level, large enough for many batches. */
static void add_tree(struct str *out, size_t depth, size_t width, unsigned *counter) {
    (*counter)++;
    if (depth == 0) {
        switch (*counter % 6) {
        case 0:
            str_addf(out, "%u.%u0", *counter, *counter % 7);
            return;
        case 1:
            str_addf(out, "\"text %u\"", *counter);
            return;
        case 2:
            str_addf(out, "\"nul \\u0000 %u\"", *counter);
            return;
        case 3:
            str_add(out, "null");
            return;
        case 4:
            str_addf(out, "%u000000000000000000000000000000000000000000000000000000000000000001",
                     *counter);
            return;
        default:
            str_addf(out, "[%u,{}]", *counter);
            return;
        }
    }
    bool is_object = depth % 2 == 0;
    str_add_char(out, is_object ? '{' : '[');
    for (size_t i = 0; i < width; i++) {
        str_add(out, i == 0 ? "" : ",");
        if (is_object) {
            str_addf(out, "\"key %zu\":", i);
        }
        add_tree(out, i % 3 == 0 ? depth - 1 : 0, width, counter);
    }
    str_add_char(out, is_object ? '}' : ']');
}

static void test_json_batches_join_without_a_seam(void **state) {
    (void)state;
    static const struct {
        size_t depth;
        size_t width;
    } shapes[] = {{1, 20000}, {2, 300}, {3, 60}, {4, 25}, {6, 9}, {8, 6}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(str) struct str out = STR_INIT(0);
        unsigned counter = 0;
        add_tree(&text, shapes[i].depth, shapes[i].width, &counter);
        parse_to(&out, text.data, text.len, &plain, JSON_COMPACT);
        assert_int_equal(out.len, text.len);
        assert_memory_equal(out.data, text.data, text.len);
    }
}

static void test_json_long_strings_and_keys_pass_unharmed(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    str_add(&text, "{\"a\":\"b\"");
    for (size_t len = 4000; len < 200000; len = len * 3 / 2) {
        str_add(&text, ",\"");
        str_add_repeat(&text, 'k', len);
        str_add(&text, "\":[\"é\\n");
        str_add_repeat(&text, 'v', len);
        str_add(&text, "\",1]");
    }
    str_add(&text, ",\"z\":\"end\"}");
    parse_to(&out, text.data, text.len, &plain, JSON_COMPACT);
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.data, text.data, text.len);
}

static void test_json_duplicates_are_found_across_batches(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str out = STR_INIT(0);
    const struct json_options strict = {.name = "x", .duplicates = JSON_DUP_ERROR};
    str_add(&text, "{\"same\":1");
    for (int i = 0; i < 5000; i++) {
        str_addf(&text, ",\n\"key %d\":%d", i, i);
    }
    str_add(&text, ",\n\"same\":2}");
    parse_to(&out, text.data, text.len, &strict, JSON_COMPACT);
    assert_string_equal(str_text(&out),
                        "5002:1 duplicate-key: key 'same' stands twice: first at 1:2");
    str_reset(&out);
    parse_to(&out, text.data, text.len, &plain, JSON_COMPACT);
    assert_true(str_starts(out.data, "{\"same\":2,\"key 0\":0,"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_reads_all_kinds_of_values),
        cmocka_unit_test(test_json_keeps_number_texts_to_the_byte),
        cmocka_unit_test(test_json_gives_long_numbers_their_value),
        cmocka_unit_test(test_json_decodes_escapes),
        cmocka_unit_test(test_json_keeps_nul_in_strings_and_keys),
        cmocka_unit_test(test_json_errors_have_place_and_words),
        cmocka_unit_test(test_json_error_shows_its_line),
        cmocka_unit_test(test_json_byte_order_mark_is_skipped),
        cmocka_unit_test(test_json_last_duplicate_wins_in_the_first_place),
        cmocka_unit_test(test_json_duplicates_are_errors_where_asked),
        cmocka_unit_test(test_json_noise_around_the_document_is_named),
        cmocka_unit_test(test_json_noise_does_not_hide_a_broken_document),
        cmocka_unit_test(test_json_depth_is_limited),
        cmocka_unit_test(test_json_memory_is_limited_by_the_arena),
        cmocka_unit_test(test_json_text_is_limited),
        cmocka_unit_test(test_json_documents_of_a_stream_come_one_by_one),
        cmocka_unit_test(test_json_stream_error_has_its_place_in_the_whole_text),
        cmocka_unit_test(test_json_pretty_form),
        cmocka_unit_test(test_json_batches_join_without_a_seam),
        cmocka_unit_test(test_json_long_strings_and_keys_pass_unharmed),
        cmocka_unit_test(test_json_duplicates_are_found_across_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
