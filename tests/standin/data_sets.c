/*
 * Data sets and the records in them.
 *
 * Storing is asynchronous: the rows are kept in the request object and move to the data set when
 * the request becomes active. Rows come as a list of objects, as {"fields", "values"} (one or a
 * list of them) or as CSV with a header line; they are kept as objects by field name.
 */
#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "openscale.h"
#include "resource.h"

static void add_field(cJSON *fields, const char *name, const char *role) {
    cJSON *field = json_object();
    json_put_text(field, "name", name);
    json_put_text(field, "type", "string");
    json_put(field, "nullable", cJSON_CreateBool(true));
    json_put_text(field, "metadata.modeling_role", role);
    json_push(fields, field);
}

/* The schema that the subscription's asset properties imply. */
static cJSON *schema_for(const struct object *subscription) {
    cJSON *schema = json_literal("{\"type\":\"struct\",\"fields\":[]}");
    cJSON *fields = json_at(schema, "fields");
    if (subscription == NULL) {
        return schema;
    }
    const cJSON *properties = json_at(subscription->body, "entity.asset_properties");
    const cJSON *name = NULL;
    cJSON_ArrayForEach(name, json_at(properties, "feature_fields")) {
        add_field(fields, cJSON_IsString(name) ? name->valuestring : "", "feature");
    }
    const char *label = json_text(properties, "label_column");
    if (label != NULL) {
        add_field(fields, label, "target");
    }
    return schema;
}

struct object *data_set_new(struct world *world, const cJSON *wanted, const char *id) {
    struct object *data_set = object_new(world, KIND_DATA_SET, id);
    const char *target_id = json_text_or(wanted, "target.target_id", "");
    const char *type = json_text_or(wanted, "type", "custom");
    char *name = text_format("%s_%s", target_id, type);
    cJSON *body = data_set->body;
    openscale_put_metadata(data_set, "");
    json_put_copy(body, "entity.data_mart_id", wanted, "data_mart_id");
    json_put_text(body, "entity.name", json_text_or(wanted, "name", name));
    json_put_text(body, "entity.type", type);
    json_put_copy(body, "entity.target", wanted, "target");
    json_put_text(body, "entity.schema_update_mode",
                  json_text_or(wanted, "schema_update_mode", "auto"));
    json_put(body, "entity.data_schema",
             schema_for(object_find(world, KIND_SUBSCRIPTION, target_id)));
    json_put_copy(body, "entity.data_schema", wanted, "data_schema");
    json_put(data_set->inside, "records", json_array());
    free(name);
    lifecycle_begin(world, data_set);
    return data_set;
}

struct object *data_set_of(const struct world *world, const char *subscription_id,
                           const char *type) {
    struct object *data_set = NULL;
    for (;;) {
        data_set = object_find_by(world, KIND_DATA_SET, "entity.target.target_id", subscription_id,
                                  data_set);
        if (data_set == NULL ||
            strcmp(json_text_or(data_set->body, "entity.type", ""), type) == 0) {
            return data_set;
        }
    }
}

int data_set_count(const struct object *data_set) {
    return data_set != NULL ? cJSON_GetArraySize(json_at(data_set->inside, "records")) : 0;
}

void data_sets_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct filter filters[] = {
        {"entity.target.target_id", request_query(request, "target.target_id")},
        {"entity.target.target_type", request_query(request, "target.target_type")},
        {"entity.type", request_query(request, "type")},
        {NULL, NULL},
    };
    resource_list(world, KIND_DATA_SET, request, filters, answer);
}

void data_sets_create(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    const char *target_id = json_text_or(request->json, "target.target_id", "");
    if (resource_need(world, KIND_SUBSCRIPTION, target_id, answer) != NULL) {
        resource_show(data_set_new(world, request->json, NULL), 202, answer);
    }
}

void data_sets_patch(struct world *world, const struct request *request, struct answer *answer) {
    struct object *data_set = resource_need(world, KIND_DATA_SET, request->params[1], answer);
    if (data_set != NULL && resource_patch(data_set, request, answer)) {
        resource_show(data_set, 200, answer);
    }
}

/* ---- reading rows ---- */

/* {"fields": [...], "values": [[...], ...]} to objects. False: a row has another length. */
static bool add_table(cJSON *rows, const cJSON *table) {
    const cJSON *fields = json_at(table, "fields");
    const cJSON *values = NULL;
    cJSON_ArrayForEach(values, json_at(table, "values")) {
        if (cJSON_GetArraySize(values) != cJSON_GetArraySize(fields)) {
            return false;
        }
        cJSON *row = json_object();
        const cJSON *field = fields->child;
        const cJSON *value = NULL;
        cJSON_ArrayForEach(value, values) {
            (void)cJSON_AddItemToObject(row, cJSON_IsString(field) ? field->valuestring : "",
                                        json_copy(value));
            field = field->next;
        }
        json_push(rows, row);
    }
    return true;
}

static bool add_json(cJSON *rows, const cJSON *json) {
    if (json_at(json, "fields") != NULL) {
        return add_table(rows, json);
    }
    const cJSON *item = NULL;
    bool is_good = cJSON_IsArray(json);
    cJSON_ArrayForEach(item, json) {
        if (json_at(item, "fields") != NULL) {
            is_good = is_good && add_table(rows, item);
        } else {
            is_good = is_good && cJSON_IsObject(item);
            json_push(rows, json_copy(item));
        }
    }
    return is_good;
}

/* One CSV cell; `*p` is left on the comma, the line end or the end. */
static char *read_cell(const char **p, const char *end) {
    struct text cell = {0};
    bool is_quoted = *p < end && **p == '"';
    *p += is_quoted ? 1 : 0;
    while (*p < end) {
        char c = **p;
        if (is_quoted && c == '"') {
            bool is_escape = *p + 1 < end && (*p)[1] == '"';
            *p += is_escape ? 1 : 0;
            is_quoted = is_escape;
            if (!is_escape) {
                (*p)++;
                continue;
            }
        } else if (!is_quoted && (c == ',' || c == '\n' || c == '\r')) {
            break;
        }
        text_putc(&cell, c);
        (*p)++;
    }
    return text_take(&cell);
}

static cJSON *typed_cell(const char *cell) {
    char *end = NULL;
    double number = strtod(cell, &end);
    bool is_number = *cell != '\0' && *end == '\0' && strspn(cell, "0123456789+-.eE") > 0;
    return is_number ? cJSON_CreateNumber(number) : cJSON_CreateString(cell);
}

/* Cells of one line as an array; moves `*p` behind the line end. */
static cJSON *read_line(const char **p, const char *end) {
    cJSON *cells = json_array();
    for (;;) {
        char *cell = read_cell(p, end);
        json_push(cells, typed_cell(cell));
        free(cell);
        if (*p >= end || **p != ',') {
            break;
        }
        (*p)++;
    }
    while (*p < end && (**p == '\r' || **p == '\n')) {
        (*p)++;
    }
    return cells;
}

static bool add_csv(cJSON *rows, const char *csv, size_t len) {
    const char *end = csv + len;
    cJSON *table = json_object();
    json_put(table, "fields", read_line(&csv, end));
    json_put(table, "values", json_array());
    while (csv < end) {
        json_push(json_at(table, "values"), read_line(&csv, end));
    }
    bool is_good = add_table(rows, table);
    cJSON_Delete(table);
    return is_good;
}

/* ---- records ---- */

/* Feedback without the label is accepted and fails later, like everything in this service. */
static const char *missing_label(const struct world *world, const struct object *data_set,
                                 const cJSON *rows) {
    const char *target_id = json_text_or(data_set->body, "entity.target.target_id", "");
    const struct object *subscription = object_find(world, KIND_SUBSCRIPTION, target_id);
    const char *label = subscription != NULL
                            ? json_text(subscription->body, "entity.asset_properties.label_column")
                            : NULL;
    bool is_feedback = strcmp(json_text_or(data_set->body, "entity.type", ""), "feedback") == 0;
    const cJSON *row = NULL;
    if (!is_feedback || label == NULL) {
        return NULL;
    }
    cJSON_ArrayForEach(row, rows) {
        if (cJSON_GetObjectItemCaseSensitive(row, label) == NULL) {
            return label;
        }
    }
    return NULL;
}

static void add_request(struct world *world, const struct object *data_set, cJSON *rows,
                        struct answer *answer) {
    struct object *store = object_new(world, KIND_REQUEST, NULL);
    const char *label = missing_label(world, data_set, rows);
    json_put(store->inside, "rows", rows);
    json_put_text(store->inside, "data_set_id", data_set->id);
    if (label != NULL) {
        cJSON *failure =
            json_literal("{\"trace\":\"N/A\",\"errors\":[{\"code\":\"missing_label_column\"}]}");
        char *message = text_format("The label column '%s' is missing in the records", label);
        json_put_text(json_at(failure, "errors")->child, "message", message);
        json_put(store->inside, "failure", failure);
        free(message);
    }
    lifecycle_begin(world, store);
    answer_json(answer, 202, json_literal("{\"state\":\"preparing\"}"));
    /* Like metadata.url, without host and data mart: only its last segment is of use. */
    (void)snprintf(answer->location, sizeof answer->location, "/v2/data_sets/%s/requests/%s",
                   data_set->id, store->id);
}

void records_add(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *data_set = resource_need(world, KIND_DATA_SET, request->params[1], answer);
    if (data_set == NULL) {
        return;
    }
    cJSON *rows = json_array();
    bool is_csv = strncmp(request->content_type, "text/csv", 8) == 0;
    bool is_good =
        is_csv ? add_csv(rows, request->body, request->body_len) : add_json(rows, request->json);
    if (!is_good || rows->child == NULL) {
        cJSON_Delete(rows);
        answer_error(answer, 400, "invalid_records",
                     "The records are neither a list of objects nor fields and values nor CSV, "
                     "or their rows differ in length");
        return;
    }
    add_request(world, data_set, rows, answer);
}

void openscale_records_ready(struct world *world, struct object *request) {
    struct object *data_set =
        object_find(world, KIND_DATA_SET, json_text(request->inside, "data_set_id"));
    cJSON *records = data_set != NULL ? json_at(data_set->inside, "records") : NULL;
    cJSON *rows = json_at(request->inside, "rows");
    while (records != NULL && rows != NULL && rows->child != NULL) {
        json_push(records, cJSON_DetachItemFromArray(rows, 0));
    }
}

void records_request(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *store = resource_need(world, KIND_REQUEST, request->params[2], answer);
    if (store != NULL) {
        answer_json(answer, 200, json_copy(json_at(store->body, "entity.status")));
    }
}

void records_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *data_set = resource_need(world, KIND_DATA_SET, request->params[1], answer);
    if (data_set == NULL) {
        return;
    }
    const char *limit_text = request_query(request, "limit");
    long limit = limit_text != NULL ? strtol(limit_text, NULL, 10) : 100;
    cJSON *list = json_literal("{\"records\":[]}");
    const cJSON *row = NULL;
    long i = 0;
    cJSON_ArrayForEach(row, json_at(data_set->inside, "records")) {
        if (i == limit) {
            break;
        }
        cJSON *record = json_object();
        char *id = text_format("%s-%ld", data_set->id, i++);
        json_put_text(record, "metadata.id", id);
        json_put(record, "entity.values", json_copy(row));
        json_push(json_at(list, "records"), record);
        free(id);
    }
    const char *wants_total = request_query(request, "include_total_count");
    if (wants_total != NULL && strcmp(wants_total, "true") == 0) {
        json_put_number(list, "total_count", data_set_count(data_set));
    }
    answer_json(answer, 200, list);
}

void openscale_log_payload(struct world *world, const char *deployment_id, const cJSON *input) {
    const struct object *subscription = object_find_by(
        world, KIND_SUBSCRIPTION, "entity.deployment.deployment_id", deployment_id, NULL);
    const struct object *data_set =
        subscription != NULL ? data_set_of(world, subscription->id, "payload_logging") : NULL;
    if (data_set == NULL || !world_flag(world, "options.auto_payload_logging", true)) {
        return;
    }
    cJSON *rows = json_array();
    if (add_json(rows, input)) {
        struct object *store = object_new(world, KIND_REQUEST, NULL);
        json_put(store->inside, "rows", rows);
        json_put_text(store->inside, "data_set_id", data_set->id);
        lifecycle_begin(world, store);
    } else {
        cJSON_Delete(rows);
    }
}
