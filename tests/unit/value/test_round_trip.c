/*
 * value/json and value/yaml: for random values, printing and reading back is the identity. The seed
 * is fixed and every failure names its round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

#include <string.h>

enum { ROUNDS = 3000, SEED = 20240229 };

struct random {
    uint64_t state;
};

/* xorshift64* */
static uint64_t next_random(struct random *r) {
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * UINT64_C(2685821657736338717) >> 16;
}

static size_t below(struct random *r, size_t n) {
    return (size_t)(next_random(r) % n);
}

/* Characters at which printers and readers go wrong, beside ordinary ones. */
static unsigned random_char(struct random *r) {
    static const unsigned odd[] = {
        0,      1,      9,      10,     13,     0x1B,   0x1F,    ' ',     '"',
        '#',    '\'',   '-',    ':',    '?',    '[',    '\\',    ']',     '{',
        '|',    '}',    0x7F,   0x80,   0x85,   0xA0,   0xE9,    0x2028,  0x2029,
        0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
    return below(r, 3) == 0 ? odd[below(r, sizeof odd / sizeof odd[0])]
                            : 'a' + (unsigned)below(r, 26);
}

static void random_text(struct random *r, struct str *out) {
    static const char *const words[] = {"",     "null",    "true", "~",    "no",   "-",   "---",
                                        "...",  "<<",      "=",    "1",    "0755", "0x1", "1e3",
                                        ".inf", "- a",     "a: b", "? a",  " a",   "a ",  "a\n",
                                        "\na",  "a\n\n b", "# a",  "a #b", "key:", "%a"};
    str_reset(out);
    if (below(r, 4) == 0) {
        str_add(out, words[below(r, sizeof words / sizeof words[0])]);
        return;
    }
    size_t n = below(r, 200) == 0 ? 5000 : below(r, 12);
    for (size_t i = 0; i < n; i++) {
        str_add_utf8(out, random_char(r));
    }
}

static const struct value *random_number(struct random *r, struct arena *a) {
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, below(r, 2) == 0 ? "-" : "");
    str_addf(&text, "%zu", below(r, 10) == 0 ? 0 : below(r, SIZE_MAX) >> below(r, 48));
    if (below(r, 10) == 0) {
        str_add_repeat(&text, (char)('0' + below(r, 10)), 1 + below(r, 80));
        if (text.data[0] == '0' || (text.data[0] == '-' && text.data[1] == '0')) {
            str_reset(&text); /* a leading zero is no number */
            str_add_char(&text, '7');
        }
    }
    if (below(r, 3) == 0) {
        str_addf(&text, ".%zu", below(r, 1000));
    }
    if (below(r, 4) == 0) {
        static const char *const exponents[] = {"e5", "E+10", "e-400", "e400", "E0"};
        str_add(&text, exponents[below(r, 5)]);
    }
    return value_number_text(a, text.data, text.len);
}

static const struct value *random_value(struct random *r, struct arena *a, size_t depth);

static const struct value *random_list(struct random *r, struct arena *a, size_t depth) {
    struct list_builder list;
    list_begin(&list, a);
    for (size_t n = below(r, 6); n > 0; n--) {
        list_add(&list, random_value(r, a, depth - 1));
    }
    return list_end(&list);
}

static const struct value *random_object(struct random *r, struct arena *a, size_t depth) {
    struct object_builder object;
    AUTO(str) struct str key = STR_INIT(0);
    object_begin(&object, a);
    for (size_t n = below(r, below(r, 5) == 0 ? 30 : 6); n > 0; n--) {
        random_text(r, &key);
        (void)object_put(&object, str_text(&key), key.len, /* a repeated key is as good */
                         random_value(r, a, depth - 1));
    }
    return object_end(&object);
}

static const struct value *random_value(struct random *r, struct arena *a, size_t depth) {
    AUTO(str) struct str text = STR_INIT(0);
    switch (below(r, depth == 0 ? 4 : 7)) {
    case 0:
        return &value_null;
    case 1:
        return value_bool(below(r, 2) == 0);
    case 2:
        return random_number(r, a);
    case 3:
        random_text(r, &text);
        return value_string(a, str_text(&text), text.len);
    case 4:
        return random_list(r, a, depth);
    default:
        return random_object(r, a, depth);
    }
}

static bool read_json(struct arena *a, const struct str *text, const struct value **ret_value,
                      struct err *err) {
    const struct json_options options = {.duplicates = JSON_DUP_ERROR};
    return json_parse(a, str_text(text), text->len, &options, ret_value, NULL, err);
}

static bool read_yaml(struct arena *a, const struct str *text, const struct value **ret_value,
                      struct err *err) {
    const struct yaml_options options = {.name = NULL};
    return yaml_parse(a, str_text(text), text->len, &options, ret_value, err);
}

static void print_compact(struct str *out, const struct value *v) {
    json_print(out, v, JSON_COMPACT);
}

static void print_pretty(struct str *out, const struct value *v) {
    json_print(out, v, JSON_PRETTY);
}

static void check_round_trips(void (*print)(struct str *, const struct value *),
                              bool (*read)(struct arena *, const struct str *,
                                           const struct value **, struct err *)) {
    struct random r = {SEED};
    for (int round = 0; round < ROUNDS; round++) {
        struct arena a = ARENA_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str printed = STR_INIT(0);
        AUTO(str) struct str again = STR_INIT(0);
        const struct value *v = random_value(&r, &a, below(&r, 6));
        const struct value *copy = NULL;
        print(&printed, v);
        if (!read(&a, &printed, &copy, &err)) {
            fail_msg("round %d: %s\n%s", round, err.message, str_text(&printed));
        }
        print(&again, copy);
        /* The texts show more than value_equal(): number spelling and member order. */
        if (!value_equal(v, copy) || printed.len != again.len ||
            memcmp(printed.data, again.data, again.len) != 0) {
            fail_msg("round %d:\n%s\nbecame\n%s", round, str_text(&printed), str_text(&again));
        }
        arena_release(&a);
    }
}

static void test_json_compact_round_trip(void **state) {
    (void)state;
    check_round_trips(print_compact, read_json);
}

static void test_json_pretty_round_trip(void **state) {
    (void)state;
    check_round_trips(print_pretty, read_json);
}

static void test_yaml_round_trip(void **state) {
    (void)state;
    check_round_trips(yaml_print, read_yaml);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_compact_round_trip),
        cmocka_unit_test(test_json_pretty_round_trip),
        cmocka_unit_test(test_yaml_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
