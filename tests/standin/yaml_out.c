/*
 * A cJSON tree as YAML, in the form of the library behind cpdctl: keys sorted, a list at the
 * indentation of its key, strings plain unless they would read as something else.
 */
#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const reserved_words[] = {
    "null",  "Null", "NULL", "~",   "true", "True", "TRUE", "false", "False",
    "FALSE", "yes",  "Yes",  "YES", "no",   "No",   "NO",   "on",    "On",
    "ON",    "off",  "Off",  "OFF", "y",    "Y",    "n",    "N"};

static bool is_reserved(const char *string) {
    for (size_t i = 0; i < sizeof reserved_words / sizeof *reserved_words; i++) {
        if (strcmp(string, reserved_words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* True for what YAML 1.1 reads as a number, a time or a base 60 integer, a little generously. */
static bool looks_numeric(const char *string) {
    const char *p = string;
    if (*p == '+' || *p == '-') {
        p++;
    }
    if (*p == '.') {
        p++;
    }
    bool starts_with_digit = isdigit((unsigned char)*p) != 0;
    return starts_with_digit && p[strspn(p, "0123456789abcdefABCDEFxXoO._:-+TZ ")] == '\0';
}

/* Would this date or number be a string for YAML after all? A UUID has letters and hyphens. */
static bool is_uuid_like(const char *string) {
    return strlen(string) == 36 && string[8] == '-' && string[13] == '-' && string[18] == '-';
}

static bool needs_single_quotes(const char *string) {
    size_t len = strlen(string);
    if (strchr("!&*-?{}[],#|>@`\"'%=: ", string[0]) != NULL) {
        bool is_plain_hyphen = string[0] == '-' && len > 1 && string[1] != ' ';
        bool is_plain_equals = string[0] == '=';
        return !is_plain_hyphen && !is_plain_equals;
    }
    return strstr(string, ": ") != NULL || strstr(string, " #") != NULL || string[len - 1] == ':' ||
           string[len - 1] == ' ';
}

static bool has_control(const char *string) {
    for (const char *p = string; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20) {
            return true;
        }
    }
    return false;
}

static void print_double_quoted(struct text *out, const char *string) {
    text_putc(out, '"');
    for (const char *p = string; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\n') {
            text_puts(out, "\\n");
        } else if (c == '\t') {
            text_puts(out, "\\t");
        } else if (c == '"' || c == '\\') {
            text_printf(out, "\\%c", c);
        } else if (c < 0x20) {
            text_printf(out, "\\x%02X", c);
        } else {
            text_putc(out, *p);
        }
    }
    text_putc(out, '"');
}

static void print_single_quoted(struct text *out, const char *string) {
    text_putc(out, '\'');
    for (const char *p = string; *p != '\0'; p++) {
        text_puts(out, *p == '\'' ? "'" : "");
        text_putc(out, *p);
    }
    text_putc(out, '\'');
}

static void print_string(struct text *out, const char *string) {
    bool reads_as_other =
        *string == '\0' || is_reserved(string) || (looks_numeric(string) && !is_uuid_like(string));
    if (reads_as_other || has_control(string)) {
        print_double_quoted(out, string);
    } else if (needs_single_quotes(string)) {
        print_single_quoted(out, string);
    } else {
        text_puts(out, string);
    }
}

static void print_node(struct text *out, const cJSON *value, size_t depth, bool is_on_line);

static void print_mapping(struct text *out, const cJSON *object, size_t depth, bool is_on_line) {
    size_t n = 0;
    const cJSON **members = json_sorted_members(object, &n);
    for (size_t i = 0; i < n; i++) {
        text_pad(out, i == 0 && is_on_line ? 0 : depth * 2);
        print_string(out, members[i]->string);
        text_putc(out, ':');
        bool is_block = members[i]->child != NULL;
        text_puts(out, is_block ? "\n" : " ");
        /* A list stands at the indentation of its key. */
        print_node(out, members[i], cJSON_IsArray(members[i]) ? depth : depth + 1, false);
    }
    free(members);
}

static void print_sequence(struct text *out, const cJSON *array, size_t depth, bool is_on_line) {
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array) {
        text_pad(out, item == array->child && is_on_line ? 0 : depth * 2);
        text_puts(out, "- ");
        print_node(out, item, depth + 1, true);
    }
}

/* `is_on_line`: the indentation of the first line was written already (after "- "). */
static void print_node(struct text *out, const cJSON *value, size_t depth, bool is_on_line) {
    if (cJSON_IsObject(value) && value->child != NULL) {
        print_mapping(out, value, depth, is_on_line);
    } else if (cJSON_IsArray(value) && value->child != NULL) {
        print_sequence(out, value, depth, is_on_line);
    } else if (cJSON_IsString(value)) {
        print_string(out, value->valuestring);
        text_putc(out, '\n');
    } else {
        json_print(out, value, JSON_COMPACT);
        text_putc(out, '\n');
    }
}

void json_print_yaml(struct text *out, const cJSON *value) {
    print_node(out, value, 0, false);
}
