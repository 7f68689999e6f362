/*
 * The actions that cpdflow does itself or through curl: `http`, `read` and `write`.
 */
#include "load_priv.h"

#include <stddef.h>
#include <string.h>

#include "base/formats.h"
#include "base/str.h"

static struct call *call_of(const struct field *f, void *target) {
    return (void *)((char *)target - f->offset);
}

/* ---- http ------------------------------------------------------------------------------------ */

static void decode_names(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (load_is_map(l, node, f->key)) {
        size_t *count = load_count(f, target);
        load_named_trees(l, node, false, target, count);
    }
}
static const struct field_type type_names = {.expects = "names, each with a value",
                                             .decode = decode_names,
                                             .schema = "{\"type\": \"object\"}"};

static void decode_body(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    static const struct {
        const char *key;
        enum body_kind kind;
    } kinds[] = {
        {"json", BODY_JSON}, {"body", BODY_TEXT}, {"form", BODY_FORM}, {"file", BODY_FILE}};
    struct http_call *http = (void *)((char *)target - f->offset);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].key, f->key) != 0) {
            continue;
        }
        if (http->body_kind != BODY_NONE) {
            diag_error(l, node, "several-bodies", "a request has one of json, body, form and file");
        }
        http->body_kind = kinds[i].kind;
    }
    bool is_text = http->body_kind == BODY_TEXT || http->body_kind == BODY_FILE;
    if (is_text && node->kind != YAML_SCALAR) {
        diag_type(l, node, "a text");
    } else if (http->body_kind == BODY_FORM && node->kind != YAML_MAP && !load_has_template(node)) {
        diag_type(l, node, "a mapping of form fields");
    } else {
        http->body = load_tree(l, node);
    }
}
static const struct field_type type_body = {
    .expects = "the body of the request", .decode = decode_body, .schema = "true"};

static void decode_insecure(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    (void)f;
    if (!load_has_template(node)) {
        bool ignored;
        if (!load_boolean(l, node, &ignored)) {
            return;
        }
    }
    *(struct template_tree **)target = load_tree(l, node);
}
static const struct field_type type_insecure = {
    .expects = "true or false", .decode = decode_insecure, .schema = "@boolean_or_template"};

static void decode_status_codes(struct loader *l, const struct field *f,
                                const struct yaml_node *node, void *target) {
    size_t *count = load_count(f, target);
    (void)load_integers(l, node, 100, 599, target, count); /* reported */
}
static const struct field_type type_status_codes = {.expects = "an HTTP status or a list of them",
                                                    .decode = decode_status_codes,
                                                    .schema = "@integers"};

#define HTTP(member) offsetof(struct http_call, member)
static const struct field basic_fields[] = {
    {.key = "username",
     .type = &type_template,
     .offset = HTTP(basic_user),
     .flags = FIELD_REQUIRED,
     .doc = "User name of basic authentication"},
    {.key = "password",
     .type = &type_template,
     .offset = HTTP(basic_password),
     .flags = FIELD_REQUIRED,
     .doc = "Password of basic authentication"},
};
const struct object object_basic = {.name = "basic",
                                    .says = "basic authentication",
                                    .fields = basic_fields,
                                    .n_fields = sizeof basic_fields / sizeof basic_fields[0]};

static const struct field auth_fields[] = {
    {.key = "bearer",
     .type = &type_template,
     .offset = HTTP(bearer),
     .doc = "The token of an Authorization: Bearer header"},
    {.key = "basic",
     .type = &type_object,
     .object = &object_basic,
     .doc = "User name and password of basic authentication"},
};
const struct object object_auth = {.name = "auth",
                                   .says = "authentication",
                                   .fields = auth_fields,
                                   .n_fields = sizeof auth_fields / sizeof auth_fields[0]};

static const struct field http_fields[] = {
    {.key = "method",
     .type = &type_template,
     .offset = HTTP(method),
     .doc = "GET, or POST when there is a body, unless given"},
    {.key = "url",
     .type = &type_template,
     .offset = HTTP(url),
     .flags = FIELD_REQUIRED,
     .doc = "The address, with scheme"},
    {.key = "headers",
     .type = &type_names,
     .offset = HTTP(headers),
     .count_offset = HTTP(n_headers),
     .doc = "Header lines by name"},
    {.key = "query",
     .type = &type_names,
     .offset = HTTP(query),
     .count_offset = HTTP(n_query),
     .doc = "Query parameters, encoded; a list repeats its name, null leaves it out"},
    {.key = "json", .type = &type_body, .offset = HTTP(body), .doc = "The body as JSON"},
    {.key = "body", .type = &type_body, .offset = HTTP(body), .doc = "The body as text"},
    {.key = "form", .type = &type_body, .offset = HTTP(body), .doc = "The body as a form"},
    {.key = "file", .type = &type_body, .offset = HTTP(body), .doc = "The body from a file"},
    {.key = "auth",
     .type = &type_object,
     .object = &object_auth,
     .doc = "Authentication that never shows in arguments or logs"},
    {.key = "ca_file",
     .type = &type_template,
     .offset = HTTP(ca_file),
     .doc = "Certificates to trust, a PEM file"},
    {.key = "insecure",
     .type = &type_insecure,
     .offset = HTTP(insecure),
     .doc = "Accept any certificate"},
    {.key = "ok",
     .type = &type_status_codes,
     .offset = HTTP(ok),
     .count_offset = HTTP(n_ok),
     .doc = "Status codes that are a success; 200 to 299 unless given"},
};
const struct object object_http = {.name = "http",
                                   .says = "a request",
                                   .fields = http_fields,
                                   .n_fields = sizeof http_fields / sizeof http_fields[0]};

static bool is_reading_method(const struct http_call *http) {
    if (http->method == NULL) {
        return http->body_kind == BODY_NONE;
    }
    const char *method = template_text(http->method);
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void decode_http(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct call *call = call_of(f, target);
    call->kind = CALL_HTTP;
    call->place = diag_place(l, node);
    call->http = arena_zalloc(&l->recipe->arena, sizeof *call->http);
    (void)schema_decode(l, &object_http, node, call->http, NULL, NULL); /* reported */
    call->reads = is_reading_method(call->http);
}
const struct field_type type_http = {.expects = "a request", .decode = decode_http};

/* ---- read ------------------------------------------------------------------------------------ */

static void decode_read_format(struct loader *l, const struct field *f,
                               const struct yaml_node *node, void *target) {
    (void)f;
    int format = node->kind == YAML_SCALAR ? extract_format_by_name(node->text) : -1;
    if (format < 0 || format == EXTRACT_AUTO || format == EXTRACT_REGEX || format == EXTRACT_NONE) {
        diag_error(l, node, "invalid-format",
                   "expected csv, json, yaml, table, lines or text, found %s",
                   diag_describe(l, node));
        return;
    }
    *(int *)target = format;
}
static const struct field_type type_read_format = {
    .expects = "csv, json, yaml, table, lines or text",
    .decode = decode_read_format,
    .schema = "{\"enum\": [\"csv\", \"json\", \"yaml\", \"table\", \"lines\", \"text\"]}"};

static void decode_header(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    (void)f;
    bool has_header = true;
    (void)load_boolean(l, node, &has_header); /* reported */
    *(bool *)target = !has_header;
}
static const struct field_type type_header = {
    .expects = "true or false", .decode = decode_header, .schema = "{\"type\": \"boolean\"}"};

static const char *const types_names[] = {"auto", "text", NULL};

static void decode_types(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    struct read_call *read = (void *)((char *)target - f->offset);
    int chosen = 0;
    type_choice.decode(l, f, node, &chosen);
    read->types_text = chosen == 1;
    read->has_types = true;
}
static const struct field_type type_types = {.expects = "auto or text", .decode = decode_types};

#define READ(member) offsetof(struct read_call, member)
static const struct field read_fields[] = {
    {.key = "file",
     .type = &type_template,
     .offset = READ(file),
     .flags = FIELD_REQUIRED,
     .doc = "Path of the file"},
    {.key = "as",
     .type = &type_read_format,
     .offset = READ(format),
     .doc =
         "The format; known by the ending of the name when that is .csv .json .yaml .yml or .txt"},
    {.key = "header",
     .type = &type_header,
     .offset = READ(no_header),
     .doc = "Csv: the first row holds the names of the columns (true unless given)"},
    {.key = "separator",
     .type = &type_template,
     .offset = READ(separator),
     .doc = "Csv: what stands between cells; a comma unless given"},
    {.key = "rows",
     .type = &type_template,
     .offset = READ(rows),
     .doc = "Csv: data rows from:to, counted from 1, both ends included"},
    {.key = "columns",
     .type = &type_tree,
     .offset = READ(columns),
     .doc = "Csv: only these columns, in this order"},
    {.key = "drop", .type = &type_tree, .offset = READ(drop), .doc = "Csv: without these columns"},
    {.key = "types",
     .type = &type_types,
     .names = types_names,
     .doc = "Csv: auto makes numbers of what looks like JSON numbers and null of empty cells, text "
            "leaves cells alone"},
};
const struct object object_read = {.name = "read",
                                   .says = "a file to read",
                                   .fields = read_fields,
                                   .n_fields = sizeof read_fields / sizeof read_fields[0]};

static int format_by_ending(const char *path) {
    static const struct {
        const char *ending;
        int format;
    } endings[] = {{".csv", EXTRACT_CSV},
                   {".json", EXTRACT_JSON},
                   {".yaml", EXTRACT_YAML},
                   {".yml", EXTRACT_YAML},
                   {".txt", EXTRACT_TEXT}};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (str_ends(path, endings[i].ending)) {
            return endings[i].format;
        }
    }
    return -1;
}

static void check_csv_fields(struct loader *l, const struct yaml_node *node, int format) {
    static const char *const keys[] = {"header", "separator", "rows", "columns", "drop", "types"};
    for (size_t i = 0; format != EXTRACT_CSV && i < sizeof keys / sizeof keys[0]; i++) {
        if (yaml_get(node, keys[i]) != NULL) {
            diag_error(l, load_key(node, keys[i]), "misplaced-key",
                       "'%s' has a meaning for csv only", keys[i]);
        }
    }
}

static void decode_read(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    struct call *call = call_of(f, target);
    call->kind = CALL_READ;
    call->place = diag_place(l, node);
    call->reads = true;
    call->read = arena_zalloc(&l->recipe->arena, sizeof *call->read);
    call->read->format = -1;
    if (!schema_decode(l, &object_read, node, call->read, NULL, NULL) || call->read->file == NULL) {
        return;
    }
    if (call->read->format < 0 && yaml_get(node, "as") == NULL) {
        call->read->format = format_by_ending(template_text(call->read->file));
        if (call->read->format < 0) {
            diag_error(l, node, "missing-key",
                       "a file to read needs 'as': its name does not tell the format");
        }
    }
    check_csv_fields(l, node, call->read->format);
}
const struct field_type type_read = {.expects = "a file to read", .decode = decode_read};

/* ---- write ----------------------------------------------------------------------------------- */

static void decode_content(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    static const struct {
        const char *key;
        enum write_kind kind;
    } kinds[] = {
        {"json", WRITE_JSON}, {"yaml", WRITE_YAML}, {"text", WRITE_TEXT}, {"csv", WRITE_CSV}};
    struct write_call *write = (void *)((char *)target - f->offset);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].key, f->key) == 0) {
            write->kind = kinds[i].kind;
        }
    }
    write->content = load_tree(l, node);
}
static const struct field_type type_content = {
    .expects = "data, whose texts may hold templates", .decode = decode_content, .schema = "true"};

static void decode_mode(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    const char *digits = str_starts(text, "0o") ? text + 2 : text;
    size_t len = strlen(digits);
    if (len < 3 || len > 4 || strspn(digits, "01234567") != len) {
        diag_error(l, node, "invalid-value", "expected a file mode such as \"0600\", found %s",
                   diag_describe(l, node));
        return;
    }
    unsigned mode = 0;
    for (size_t i = 0; i < len; i++) {
        mode = mode * 8 + (unsigned)(digits[i] - '0');
    }
    *(unsigned *)target = mode;
}
static const struct field_type type_mode = {.expects = "an octal file mode",
                                            .decode = decode_mode,
                                            .schema = "{\"type\": [\"string\", \"integer\"]}"};

#define WRITE(member) offsetof(struct write_call, member)
static const struct field write_fields[] = {
    {.key = "file",
     .type = &type_template,
     .offset = WRITE(file),
     .flags = FIELD_REQUIRED,
     .doc = "Path of the file"},
    {.key = "json", .type = &type_content, .offset = WRITE(content), .doc = "The content, as JSON"},
    {.key = "yaml", .type = &type_content, .offset = WRITE(content), .doc = "The content, as YAML"},
    {.key = "text",
     .type = &type_content,
     .offset = WRITE(content),
     .doc = "The content, as it is"},
    {.key = "csv",
     .type = &type_content,
     .offset = WRITE(content),
     .doc = "The content, a list of objects or of lists, as csv"},
    {.key = "mode",
     .type = &type_mode,
     .offset = WRITE(mode),
     .doc = "Permissions of the file; \"0600\" unless given"},
};
const struct object object_write = {.name = "write",
                                    .says = "a file to write",
                                    .fields = write_fields,
                                    .n_fields = sizeof write_fields / sizeof write_fields[0]};

static void decode_write(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    static const char *const contents[] = {"json", "yaml", "text", "csv"};
    struct call *call = call_of(f, target);
    call->kind = CALL_WRITE;
    call->place = diag_place(l, node);
    call->write = arena_zalloc(&l->recipe->arena, sizeof *call->write);
    call->write->mode = 0600;
    if (!schema_decode(l, &object_write, node, call->write, NULL, NULL)) {
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        n += yaml_get(node, contents[i]) != NULL ? 1 : 0;
    }
    if (n != 1) {
        diag_error(l, node, "missing-key",
                   "a file to write has exactly one of json, yaml, text and csv");
    }
}
const struct field_type type_write = {.expects = "a file to write", .decode = decode_write};
