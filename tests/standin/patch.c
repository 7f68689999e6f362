/*
 * JSON Patch (RFC 6902) on cJSON trees.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

/* A place in a document: the container and what stands in it under `key`. */
struct place {
    cJSON *parent;
    char key[256];
    int index;   /* in an array; its length for "-" */
    cJSON *node; /* NULL when nothing is there yet */
};

/* Copies one reference token with ~1 and ~0 undone; returns where it ended. */
static const char *read_token(const char *pointer, char *token, size_t size) {
    size_t len = 0;
    while (*pointer != '\0' && *pointer != '/') {
        char c = *pointer++;
        if (c == '~' && (*pointer == '0' || *pointer == '1')) {
            c = *pointer++ == '0' ? '~' : '/';
        }
        if (len + 1 < size) {
            token[len++] = c;
        }
    }
    token[len] = '\0';
    return pointer;
}

static void look_up(struct place *place) {
    place->index = -1;
    if (cJSON_IsArray(place->parent)) {
        bool is_end = strcmp(place->key, "-") == 0;
        bool is_number = place->key[0] != '\0' &&
                         place->key[strspn(place->key, "0123456789")] == '\0' &&
                         strlen(place->key) < 9;
        int n = cJSON_GetArraySize(place->parent);
        place->index = is_end ? n : is_number ? (int)strtol(place->key, NULL, 10) : -1;
        place->node = place->index >= 0 ? cJSON_GetArrayItem(place->parent, place->index) : NULL;
    } else {
        place->node = cJSON_GetObjectItemCaseSensitive(place->parent, place->key);
    }
}

static bool find_place(cJSON *doc, const char *pointer, struct place *ret_place) {
    struct place place = {.parent = doc, .index = -1};
    if (pointer == NULL || *pointer != '/') {
        return false;
    }
    for (;;) {
        pointer = read_token(pointer + 1, place.key, sizeof place.key);
        look_up(&place);
        if (*pointer == '\0') {
            *ret_place = place;
            return cJSON_IsObject(place.parent) || place.index >= 0;
        }
        if (place.node == NULL) {
            return false;
        }
        place.parent = place.node;
    }
}

/* RFC 6902 "add": inserts in arrays, sets in objects. */
static bool put_at(const struct place *place, const cJSON *value) {
    cJSON *copy = json_copy(value);
    if (cJSON_IsArray(place->parent)) {
        if (place->index > cJSON_GetArraySize(place->parent)) {
            cJSON_Delete(copy);
            return false;
        }
        if (place->node != NULL) {
            (void)cJSON_InsertItemInArray(place->parent, place->index, copy);
        } else {
            json_push(place->parent, copy);
        }
        return true;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(place->parent, place->key);
    (void)cJSON_AddItemToObject(place->parent, place->key, copy);
    return true;
}

static bool replace_at(const struct place *place, const cJSON *value) {
    cJSON *copy = json_copy(value);
    return cJSON_IsArray(place->parent)
               ? cJSON_ReplaceItemInArray(place->parent, place->index, copy)
               : cJSON_ReplaceItemInObjectCaseSensitive(place->parent, place->key, copy);
}

static bool apply(cJSON *doc, const char *op, const cJSON *operation) {
    struct place place;
    if (!find_place(doc, json_text(operation, "path"), &place)) {
        return false;
    }
    const cJSON *value = json_at(operation, "value");
    if (strcmp(op, "add") == 0) {
        return value != NULL && put_at(&place, value);
    }
    if (place.node == NULL) {
        return false;
    }
    if (strcmp(op, "test") == 0) {
        return value != NULL && cJSON_Compare(place.node, value, true);
    }
    if (strcmp(op, "replace") == 0) {
        return value != NULL && replace_at(&place, value);
    }
    if (strcmp(op, "remove") == 0) {
        cJSON_Delete(cJSON_DetachItemViaPointer(place.parent, place.node));
        return true;
    }
    return false;
}

static char *problem_with(cJSON *doc, const cJSON *operation) {
    const char *op = json_text_or(operation, "op", "");
    if (strcmp(op, "move") != 0 && strcmp(op, "copy") != 0) {
        return apply(doc, op, operation) ? NULL
                                         : text_format("operation '%s' on '%s' cannot be applied",
                                                       op, json_text_or(operation, "path", ""));
    }
    struct place from;
    struct place to;
    if (!find_place(doc, json_text(operation, "from"), &from) || from.node == NULL) {
        return text_format("there is nothing at '%s'", json_text_or(operation, "from", ""));
    }
    cJSON *value = json_copy(from.node);
    if (strcmp(op, "move") == 0) {
        cJSON_Delete(cJSON_DetachItemViaPointer(from.parent, from.node));
    }
    bool is_done = find_place(doc, json_text(operation, "path"), &to) && put_at(&to, value);
    cJSON_Delete(value);
    return is_done ? NULL : text_format("operation '%s' cannot be applied", op);
}

char *json_patch(cJSON *doc, const cJSON *operations) {
    if (cJSON_IsObject(operations)) {
        return problem_with(doc, operations);
    }
    if (!cJSON_IsArray(operations)) {
        return text_dup("a JSON Patch is an array of operations");
    }
    const cJSON *operation = NULL;
    cJSON_ArrayForEach(operation, operations) {
        char *problem = problem_with(doc, operation);
        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}
