/*
 * The field tables as a JSON Schema, draft-07, which is what editors know. Types of single fields are JSON text in their
 * tables; "@name" stands for one of the definitions below or for an object.
 */
#include "recipe/schema.h"

#include <string.h>

#include "base/arena.h"
#include "base/classes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "load_priv.h"
#include "suite_priv.h"
#include "value/json.h"

#define REF(name)   "{\"$ref\": \"#/definitions/" name "\"}"
#define ANY(a, b)   "{\"anyOf\": [" a ", " b "]}"
#define LIST(items) "{\"type\": \"array\", \"items\": " items "}"

struct definition {
    const char *name;
    const char *text;
};

/* Of recipes and of their tests. */
static const struct definition shared_definitions[] = {
    {"scalar", "{\"type\": [\"string\", \"number\", \"boolean\"]}"},
    {"pattern",
     ANY("{\"type\": \"string\", \"format\": \"regex\"}", "{\"type\": [\"number\", \"boolean\"]}")},
    {"template", "{\"type\": \"string\", \"pattern\": \"\\\\$\\\\{\\\\{\"}"},
    {"duration",
     ANY("{\"type\": \"string\", \"pattern\": \"^([0-9]+(\\\\.[0-9]+)?(ms|s|m|h|d))+$\"}",
         REF("template"))},
    {"integers", ANY("{\"type\": \"integer\"}", LIST("{\"type\": \"integer\"}"))},
    {"text_pattern",
     "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"match\"], "
     "\"properties\": {\"match\": {\"type\": \"string\"}}}"},
    {"message", ANY(REF("scalar"), REF("text_pattern"))},
    {"messages", ANY(REF("message"), LIST(REF("message")))},
    {NULL, NULL},
};

static const struct definition recipe_definitions[] = {
    {"id", "{\"type\": \"string\", \"pattern\": \"^[A-Za-z_][A-Za-z0-9_]*$\"}"},
    {"ids", ANY(REF("id"), LIST(REF("id")))},
    {"secret_output",
     "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"value\"], "
     "\"properties\": {\"value\": " REF("scalar") ", \"secret\": {\"type\": \"boolean\"}}}"},
    {"outputs",
     "{\"type\": \"object\", \"propertyNames\": " REF(
         "id") ", "
               "\"additionalProperties\": " ANY(REF("scalar"), REF("secret_output")) "}"},
    {"env", "{\"type\": \"object\"}"},
    {"typed", "{\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 1, "
              "\"additionalProperties\": false, \"properties\": {\"json\": true, \"yaml\": true, "
              "\"file_json\": true, \"secret_file\": " REF("scalar") "}}"},
    {"arguments", ANY("{\"type\": [\"string\", \"number\", \"boolean\"], \"minLength\": 1}",
                      "{\"type\": \"array\", \"minItems\": 1, \"items\": " ANY(REF("scalar"),
                                                                               REF("typed")) "}")},
    {"format", "{\"enum\": [\"auto\", \"json\", \"yaml\", \"table\", \"csv\", \"lines\", \"text\", "
               "\"none\"]}"},
    {"output_or_format", ANY(REF("format"), REF("output"))},
    {"text_or_stdin", ANY(REF("scalar"), REF("stdin"))},
    {"boolean_or_template", ANY("{\"type\": \"boolean\"}", REF("template"))},
    {"list_or_template", ANY("{\"type\": \"array\"}", REF("template"))},
    {"retry_reason",
     ANY(REF("class"),
         "{\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": false, "
         "\"properties\": {\"exit\": " REF("integers") ", \"match\": " REF("pattern") "}}")},
    {"retry_on", ANY(REF("retry_reason"), LIST(REF("retry_reason")))},
    {"tolerance", ANY("{\"type\": \"boolean\"}", ANY(REF("class"), LIST(REF("class"))))},
    {"expects", ANY(REF("expect"), LIST(REF("expect")))},
    {"metrics",
     "{\"type\": \"object\", \"additionalProperties\": " ANY(REF("scalar"), REF("metric")) "}"},
    {NULL, NULL},
};

static const struct definition no_definitions[] = {{NULL, NULL}};

static const struct value *parse(struct arena *a, const char *text) {
    const struct json_options options = {.name = "schema", .duplicates = JSON_DUP_ERROR};
    const struct value *v = NULL;
    AUTO(err) struct err err = ERR_INIT;
    if (!json_parse(a, text, strlen(text), &options, &v, NULL, &err)) {
        bug("schema text %s: %s", text, err.message);
    }
    return v;
}

static const struct value *list_of(struct arena *a, const char *const *words, size_t n) {
    struct list_builder b;
    list_begin(&b, a);
    for (size_t i = 0; i < n; i++) {
        list_add(&b, value_cstring(a, words[i]));
    }
    return list_end(&b);
}

static const struct value *enum_of(struct arena *a, const char *const *words, size_t n) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "enum", list_of(a, words, n));
    return object_end(&b);
}

static const struct value *ref_to(struct arena *a, const char *name) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "$ref", value_cstring(a, arena_printf(a, "#/definitions/%s", name)));
    return object_end(&b);
}

static size_t count_words(const char *const *words) {
    size_t n = 0;
    while (words[n] != NULL) {
        n++;
    }
    return n;
}

static const struct value *container_of(struct arena *a, const char *type, const char *of,
                                        const struct value *content) {
    struct object_builder b;
    object_begin(&b, a);
    object_put_c(&b, "type", value_cstring(a, type));
    object_put_c(&b, of, content);
    return object_end(&b);
}

static const struct value *type_of(struct arena *a, const struct field *f) {
    const char *text = f->type->schema;
    if (text != NULL) {
        return text[0] == '@' ? ref_to(a, text + 1) : parse(a, text);
    }
    if (f->names != NULL) {
        return enum_of(a, f->names, count_words(f->names));
    }
    if (f->object == NULL) {
        bug("the field '%s' has no type in the schema", f->key);
    }
    const struct value *ref = ref_to(a, f->object->name);
    if (f->type->is_list) {
        return container_of(a, "array", "items", ref);
    }
    return f->type->is_map ? container_of(a, "object", "additionalProperties", ref) : ref;
}

/* A $ref hides what stands beside it, so the description goes around it. */
static const struct value *property_of(struct arena *a, const struct field *f) {
    struct object_builder b;
    struct list_builder all;
    object_begin(&b, a);
    list_begin(&all, a);
    list_add(&all, type_of(a, f));
    object_put_c(&b, "description", value_cstring(a, f->doc));
    object_put_c(&b, "allOf", list_end(&all));
    return object_end(&b);
}

static void add_properties(const struct object *o, struct object_builder *b) {
    for (size_t i = 0; i < o->n_fields; i++) {
        object_put_c(b, o->fields[i].key, property_of(b->arena, &o->fields[i]));
    }
}

static const struct value *names_with(struct arena *a, const struct object *o, unsigned flag) {
    const char *names[2 * SCHEMA_MAX_FIELDS];
    size_t n = 0;
    for (const struct object *part = o; part != NULL; part = part->also) {
        for (size_t i = 0; i < part->n_fields; i++) {
            if ((part->fields[i].flags & flag) != 0) {
                names[n++] = part->fields[i].key;
            }
        }
    }
    return list_of(a, names, n);
}

/* Exactly one action: one of many `required`. */
static const struct value *one_action(struct arena *a, const struct value *actions) {
    struct list_builder b;
    list_begin(&b, a);
    for (uint32_t i = 0; i < actions->len; i++) {
        const char *name = actions->as.items[i]->as.text;
        struct object_builder one;
        object_begin(&one, a);
        object_put_c(&one, "required", list_of(a, &name, 1));
        list_add(&b, object_end(&one));
    }
    return list_end(&b);
}

static void add_object(const struct object *o, struct object_builder *b) {
    struct arena *a = b->arena;
    struct object_builder properties;
    object_begin(&properties, a);
    add_properties(o, &properties);
    if (o->also != NULL) {
        add_properties(o->also, &properties);
    }
    object_put_c(b, "type", value_cstring(a, "object"));
    object_put_c(b, "additionalProperties", value_bool(false));
    object_put_c(b, "properties", object_end(&properties));
    const struct value *required = names_with(a, o, FIELD_REQUIRED);
    if (required->len > 0) {
        object_put_c(b, "required", required);
    }
    const struct value *actions = names_with(a, o, FIELD_ACTION);
    if (actions->len > 0) {
        object_put_c(b, "oneOf", one_action(a, actions));
    }
}

static void add_definitions(struct arena *a, const struct definition *d, struct object_builder *b) {
    for (; d->name != NULL; d++) {
        object_put_c(b, d->name, parse(a, d->text));
    }
}

static const struct value *all_definitions(struct arena *a, const struct definition *own,
                                           const struct object *const *objects) {
    struct object_builder b;
    object_begin(&b, a);
    add_definitions(a, shared_definitions, &b);
    add_definitions(a, own, &b);
    object_put_c(&b, "class", enum_of(a, error_class_names + 1, CLASS_COUNT - 1));
    for (size_t i = 1; objects[i] != NULL; i++) {
        const struct object *o = objects[i];
        if (o != &object_call) {
            struct object_builder one;
            object_begin(&one, a);
            add_object(o, &one);
            object_put_c(&b, o->name, object_end(&one));
        }
    }
    return object_end(&b);
}

/* The first object is the file itself. */
static void export_objects(const char *title, const struct definition *own,
                           const struct object *const *objects, struct str *out) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    struct object_builder b;
    object_begin(&b, &a);
    object_put_c(&b, "$schema", value_cstring(&a, "http://json-schema.org/draft-07/schema#"));
    object_put_c(&b, "title", value_cstring(&a, title));
    add_object(objects[0], &b);
    object_put_c(&b, "definitions", all_definitions(&a, own, objects));
    json_print(out, object_end(&b), JSON_PRETTY);
    str_add_char(out, '\n');
}

void schema_export(struct str *out) {
    export_objects("cpdflow recipe", recipe_definitions, schema_objects, out);
}

void schema_export_suite(struct str *out) {
    export_objects("cpdflow recipe test", no_definitions, suite_objects, out);
}

bool schema_key(size_t i, struct schema_key *ret_key) {
    for (size_t k = 0; schema_objects[k] != NULL; k++) {
        const struct object *o = schema_objects[k];
        if (i < o->n_fields) {
            const struct field *f = &o->fields[i];
            *ret_key = (struct schema_key){.object = o->name,
                                           .says = o->says,
                                           .key = f->key,
                                           .takes = f->type->expects,
                                           .doc = f->doc,
                                           .words = f->names,
                                           .is_required = (f->flags & FIELD_REQUIRED) != 0};
            return true;
        }
        i -= o->n_fields;
    }
    return false;
}
