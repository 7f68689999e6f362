/*
 * cJSON trees: access by path and printing. The YAML printer is in yaml_out.c, JSON Patch in
 * patch.c.
 */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 128 };

/* Copies the first key of `path` to `key`; returns the rest, NULL when it was the last. */
static const char *next_key(const char *path, char key[KEY_MAX]) {
    const char *dot = strchr(path, '.');
    size_t len = dot != NULL ? (size_t)(dot - path) : strlen(path);
    if (len >= KEY_MAX) {
        len = KEY_MAX - 1;
    }
    memcpy(key, path, len);
    key[len] = '\0';
    return dot != NULL ? dot + 1 : NULL;
}

static cJSON *must_node(cJSON *node) {
    if (node == NULL) {
        fputs("standin: out of memory or a bad literal\n", stderr);
        exit(70);
    }
    return node;
}

cJSON *json_object(void) {
    return must_node(cJSON_CreateObject());
}

cJSON *json_array(void) {
    return must_node(cJSON_CreateArray());
}

cJSON *json_copy(const cJSON *value) {
    return must_node(cJSON_Duplicate(value, true));
}

bool json_has_raw_control(const char *text) {
    bool is_in_string = false;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') {
            is_in_string = !is_in_string;
        } else if (is_in_string && *c == '\\' && c[1] != '\0') {
            c++;
        } else if (is_in_string && (unsigned char)*c < ' ') {
            return true;
        }
    }
    return false;
}

cJSON *json_literal(const char *text) {
    return must_node(cJSON_Parse(text));
}

void json_push(cJSON *array, cJSON *value) {
    (void)cJSON_AddItemToArray(array, value);
}

cJSON *json_at(const cJSON *root, const char *path) {
    char key[KEY_MAX];
    cJSON *found = NULL;
    while (root != NULL && path != NULL) {
        path = next_key(path, key);
        found = cJSON_GetObjectItemCaseSensitive(root, key);
        root = found;
    }
    return root != NULL ? found : NULL;
}

const char *json_text(const cJSON *root, const char *path) {
    return cJSON_GetStringValue(json_at(root, path));
}

const char *json_text_or(const cJSON *root, const char *path, const char *fallback) {
    const char *string = json_text(root, path);
    return string != NULL ? string : fallback;
}

double json_number_or(const cJSON *root, const char *path, double fallback) {
    const cJSON *node = json_at(root, path);
    return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

bool json_bool_or(const cJSON *root, const char *path, bool fallback) {
    const cJSON *node = json_at(root, path);
    return cJSON_IsBool(node) ? cJSON_IsTrue(node) != 0 : fallback;
}

static void put_member(cJSON *object, const char *key, cJSON *value) {
    if (cJSON_GetObjectItemCaseSensitive(object, key) != NULL) {
        (void)cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
    } else {
        (void)cJSON_AddItemToObject(object, key, value);
    }
}

void json_put(cJSON *root, const char *path, cJSON *value) {
    if (value == NULL) {
        return;
    }
    char key[KEY_MAX];
    for (;;) {
        path = next_key(path, key);
        if (path == NULL) {
            put_member(root, key, value);
            return;
        }
        cJSON *child = cJSON_GetObjectItemCaseSensitive(root, key);
        if (!cJSON_IsObject(child)) {
            child = json_object();
            put_member(root, key, child);
        }
        root = child;
    }
}

void json_put_text(cJSON *root, const char *path, const char *string) {
    json_put(root, path, cJSON_CreateString(string));
}

void json_put_number(cJSON *root, const char *path, double number) {
    json_put(root, path, cJSON_CreateNumber(number));
}

void json_put_copy(cJSON *root, const char *to, const cJSON *source, const char *from) {
    const cJSON *value = json_at(source, from);
    if (value != NULL) {
        json_put(root, to, json_copy(value));
    }
}

void json_drop(cJSON *root, const char *path) {
    char key[KEY_MAX];
    while (root != NULL) {
        path = next_key(path, key);
        if (path == NULL) {
            cJSON_DeleteItemFromObjectCaseSensitive(root, key);
            return;
        }
        root = cJSON_GetObjectItemCaseSensitive(root, key);
    }
}

void json_merge(cJSON *root, const cJSON *over) {
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, over) {
        cJSON *old = cJSON_GetObjectItemCaseSensitive(root, member->string);
        if (cJSON_IsObject(old) && cJSON_IsObject(member)) {
            json_merge(old, member);
        } else {
            put_member(root, member->string, json_copy(member));
        }
    }
}

static int by_key(const void *left, const void *right) {
    const cJSON *const *a = left;
    const cJSON *const *b = right;
    return strcmp((*a)->string, (*b)->string);
}

const cJSON **json_sorted_members(const cJSON *object, size_t *ret_n) {
    size_t n = 0;
    const cJSON **members = must_alloc((size_t)cJSON_GetArraySize(object) * sizeof *members);
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object) {
        members[n++] = member;
    }
    qsort(members, n, sizeof *members, by_key);
    *ret_n = n;
    return members;
}

static void print_number(struct text *out, double number) {
    if (!isfinite(number)) {
        text_puts(out, "null");
    } else if (fabs(number) < 1e15 && floor(number) >= number) {
        text_printf(out, "%.0f", number);
    } else {
        /* The shortest of the two precisions that reads back as the same number. */
        char digits[40];
        (void)snprintf(digits, sizeof digits, "%.15g", number);
        if (strtod(digits, NULL) < number || strtod(digits, NULL) > number) {
            (void)snprintf(digits, sizeof digits, "%.17g", number);
        }
        text_puts(out, digits);
    }
}

/* The letter that follows a backslash for `c`, NUL when there is none. */
static char short_escape(unsigned char c) {
    static const char pairs[] = "\"\"\\\\\nn\tt\rr";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2) {
        if ((unsigned char)pairs[i] == c) {
            return pairs[i + 1];
        }
    }
    return '\0';
}

static void print_string(struct text *out, const char *string, enum json_form form) {
    text_putc(out, '"');
    for (const char *p = string; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        char escape = short_escape(c);
        if (escape != '\0') {
            text_printf(out, "\\%c", escape);
        } else if (c < 0x20 || (form == JSON_GO && strchr("<>&", c) != NULL)) {
            text_printf(out, "\\u%04x", c);
        } else {
            text_putc(out, *p);
        }
    }
    text_putc(out, '"');
}

static void new_line(struct text *out, enum json_form form, size_t depth) {
    if (form != JSON_COMPACT) {
        text_putc(out, '\n');
        text_pad(out, depth * 2);
    }
}

static void print_value(struct text *out, const cJSON *value, enum json_form form, size_t depth);

static void print_object(struct text *out, const cJSON *object, enum json_form form, size_t depth) {
    size_t n = 0;
    const cJSON **members = json_sorted_members(object, &n);
    text_putc(out, '{');
    for (size_t i = 0; i < n; i++) {
        text_puts(out, i > 0 ? "," : "");
        new_line(out, form, depth + 1);
        print_string(out, members[i]->string, form);
        text_puts(out, form == JSON_COMPACT ? ":" : ": ");
        print_value(out, members[i], form, depth + 1);
    }
    if (n > 0) {
        new_line(out, form, depth);
    }
    text_putc(out, '}');
    free(members);
}

static void print_array(struct text *out, const cJSON *array, enum json_form form, size_t depth) {
    text_putc(out, '[');
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array) {
        text_puts(out, item != array->child ? "," : "");
        new_line(out, form, depth + 1);
        print_value(out, item, form, depth + 1);
    }
    if (array->child != NULL) {
        new_line(out, form, depth);
    }
    text_putc(out, ']');
}

static void print_value(struct text *out, const cJSON *value, enum json_form form, size_t depth) {
    if (cJSON_IsObject(value)) {
        print_object(out, value, form, depth);
    } else if (cJSON_IsArray(value)) {
        print_array(out, value, form, depth);
    } else if (cJSON_IsString(value)) {
        print_string(out, value->valuestring, form);
    } else if (cJSON_IsNumber(value)) {
        print_number(out, value->valuedouble);
    } else if (cJSON_IsBool(value)) {
        text_puts(out, cJSON_IsTrue(value) ? "true" : "false");
    } else {
        text_puts(out, "null");
    }
}

void json_print(struct text *out, const cJSON *value, enum json_form form) {
    print_value(out, value, form, 0);
    if (form != JSON_COMPACT) {
        text_putc(out, '\n');
    }
}
