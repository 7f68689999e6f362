/*
 * The core schema of YAML 1.2, and nodes as values. What the schema calls a number is rewritten to
 * a JSON number (no plus sign, digits on both sides of the dot, hexadecimal as decimal); a number
 * with leading zeros stays a string, because people who write 0755 do not mean 755.
 */
#include "yaml_priv.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "value/value.h"

#include <string.h>

enum yaml_type { YAML_TYPE_NULL, YAML_TYPE_BOOL, YAML_TYPE_INT, YAML_TYPE_FLOAT, YAML_TYPE_STR };

struct word {
    const char *text;
    enum yaml_type type;
};

static const struct word words[] = {
    {"", YAML_TYPE_NULL},      {"~", YAML_TYPE_NULL},     {"null", YAML_TYPE_NULL},
    {"Null", YAML_TYPE_NULL},  {"NULL", YAML_TYPE_NULL},  {"true", YAML_TYPE_BOOL},
    {"True", YAML_TYPE_BOOL},  {"TRUE", YAML_TYPE_BOOL},  {"false", YAML_TYPE_BOOL},
    {"False", YAML_TYPE_BOOL}, {"FALSE", YAML_TYPE_BOOL},
};

static size_t count_of(const char *text, size_t len, const char *accepted) {
    size_t n = 0;
    while (n < len && text[n] != '\0' && strchr(accepted, text[n]) != NULL) {
        n++;
    }
    return n;
}

static const char decimal_digits[] = "0123456789";

/* "0o17" or "0x1F" that fits 64 bits. */
static bool parse_prefixed(const char *text, size_t len, uint64_t *ret_n) {
    if (len < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x')) {
        return false;
    }
    unsigned bits = text[1] == 'o' ? 3 : 4;
    const char *digits = bits == 3 ? "01234567" : "0123456789abcdefABCDEF";
    if (count_of(text + 2, len - 2, digits) != len - 2) {
        return false;
    }
    uint64_t n = 0;
    for (size_t i = 2; i < len; i++) {
        unsigned c = (unsigned char)text[i];
        uint64_t digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        if (n >> (64 - bits) != 0) {
            return false;
        }
        n = n << bits | digit;
    }
    *ret_n = n;
    return true;
}

/* [-+]? ( digits [ "." digits? ] | "." digits ) ( [eE] [-+]? digits )? in its parts. */
struct float_parts {
    bool is_negative;
    const char *whole;
    size_t n_whole;
    const char *fraction;
    size_t n_fraction;
    const char *exponent; /* with its e, "" when there is none */
    size_t exponent_len;
    bool has_point;
};

static bool split_float(const char *text, size_t len, struct float_parts *ret_parts) {
    struct float_parts p = {.whole = text, .exponent = ""};
    const char *end = text + len;
    if (p.whole < end && (*p.whole == '-' || *p.whole == '+')) {
        p.is_negative = *p.whole == '-';
        p.whole++;
    }
    p.n_whole = count_of(p.whole, (size_t)(end - p.whole), decimal_digits);
    const char *at = p.whole + p.n_whole;
    p.fraction = at;
    if (at < end && *at == '.') {
        p.has_point = true;
        p.fraction = at + 1;
        p.n_fraction = count_of(p.fraction, (size_t)(end - p.fraction), decimal_digits);
        at = p.fraction + p.n_fraction;
    }
    if (p.n_whole + p.n_fraction == 0) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        p.exponent = at;
        p.exponent_len = (size_t)(end - at);
        at++;
        at += at < end && (*at == '-' || *at == '+') ? 1 : 0;
        size_t n_digits = count_of(at, (size_t)(end - at), decimal_digits);
        at += n_digits;
        if (n_digits == 0) {
            return false;
        }
    }
    *ret_parts = p;
    return at == end;
}

/* What a plain scalar is by the core schema. */
static enum yaml_type plain_type(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].text) == len && memcmp(words[i].text, text, len) == 0) {
            return words[i].type;
        }
    }
    uint64_t n = 0;
    if (parse_prefixed(text, len, &n)) {
        return YAML_TYPE_INT;
    }
    struct float_parts parts;
    if (!split_float(text, len, &parts) || (parts.n_whole > 1 && parts.whole[0] == '0')) {
        return YAML_TYPE_STR;
    }
    return parts.has_point || parts.exponent_len > 0 ? YAML_TYPE_FLOAT : YAML_TYPE_INT;
}

bool yaml_suits_tag(const char *tag, const char *text, size_t len) {
    enum yaml_type type = plain_type(text, len);
    switch (tag[2]) {
    case 'i':
        return type == YAML_TYPE_INT;
    case 'f':
        return type == YAML_TYPE_INT || type == YAML_TYPE_FLOAT;
    case 'b':
        return type == YAML_TYPE_BOOL;
    case 'n':
        return type == YAML_TYPE_NULL;
    default:
        return true;
    }
}

static const struct value *number_value(struct arena *a, const char *text, size_t len) {
    uint64_t n = 0;
    struct float_parts p;
    AUTO(str) struct str number = STR_INIT(0);
    if (parse_prefixed(text, len, &n)) {
        str_addf(&number, "%llu", (unsigned long long)n);
    } else if (split_float(text, len, &p)) {
        str_add(&number, p.is_negative ? "-" : "");
        str_add(&number, p.n_whole == 0 ? "0" : "");
        str_add_bytes(&number, p.whole, p.n_whole);
        str_add(&number, p.has_point ? "." : "");
        str_add(&number, p.has_point && p.n_fraction == 0 ? "0" : "");
        str_add_bytes(&number, p.fraction, p.n_fraction);
        str_add_bytes(&number, p.exponent, p.exponent_len);
    }
    return value_number_text(a, str_text(&number), number.len);
}

static enum yaml_type node_type(const struct yaml_node *node) {
    bool is_string = node->tag == NULL ? !node->is_plain : strcmp(node->tag, "!!str") == 0;
    return is_string ? YAML_TYPE_STR : plain_type(node->text, node->text_len);
}

static const struct value *scalar_value(struct arena *a, const struct yaml_node *node) {
    switch (node_type(node)) {
    case YAML_TYPE_NULL:
        return &value_null;
    case YAML_TYPE_BOOL:
        return value_bool(node->text[0] == 't' || node->text[0] == 'T');
    case YAML_TYPE_INT:
    case YAML_TYPE_FLOAT:
        return number_value(a, node->text, node->text_len);
    case YAML_TYPE_STR:
        break;
    }
    return value_string(a, node->text, node->text_len);
}

static const struct value *list_value(struct arena *a, const struct yaml_node *node) {
    struct list_builder list;
    list_begin(&list, a);
    for (size_t i = 0; i < node->n; i++) {
        list_add(&list, yaml_to_value(a, node->items[i]));
    }
    return list_end(&list);
}

static const struct value *map_value(struct arena *a, const struct yaml_node *node) {
    struct object_builder object;
    object_begin(&object, a);
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        (void)object_put(&object, key->text, key->text_len, /* keys are unique */
                         yaml_to_value(a, node->pairs[i].value));
    }
    return object_end(&object);
}

const struct value *yaml_to_value(struct arena *a, const struct yaml_node *node) {
    switch (node->kind) {
    case YAML_SCALAR:
        return scalar_value(a, node);
    case YAML_LIST:
        return list_value(a, node);
    case YAML_MAP:
        return map_value(a, node);
    }
    bug("yaml node of kind %d", (int)node->kind);
}

bool yaml_parse(struct arena *a, const char *text, size_t len, const struct yaml_options *options,
                const struct value **ret_value, struct err *err) {
    struct arena nodes = ARENA_INIT(a->max_bytes);
    struct yaml_options own = *options;
    own.allow_nul = true;
    struct yaml_node *node = NULL;
    bool is_read = yaml_read(&nodes, text, len, &own, &node, err);
    if (is_read) {
        *ret_value = yaml_to_value(a, node);
    }
    arena_release(&nodes);
    return is_read;
}
