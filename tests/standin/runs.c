/*
 * Runs of monitors and what they measure.
 */
#include <stdlib.h>
#include <string.h>

#include "lifecycle.h"
#include "openscale.h"
#include "resource.h"

/* What a run of a monitor measures unless the scenario says otherwise under `outcome`. */
static const struct {
    const char *definition;
    const char *outcome;
    const char *metrics;
    const char *tags;
} measured[] = {
    {"quality", "outcomes.metrics",
     "{\"accuracy\":0.97,\"weighted_true_positive_rate\":0.97,"
     "\"weighted_false_positive_rate\":0.0033,\"weighted_precision\":0.9712,"
     "\"weighted_recall\":0.97,\"weighted_f_measure\":0.9701,\"log_loss\":0.1191}",
     "[{\"id\":\"computed_on\",\"value\":\"feedback\"}]"},
    {"drift", "outcomes.drift",
     "{\"drift_magnitude\":0.02,\"data_drift_magnitude\":0.01,\"predicted_accuracy\":0.95}",
     "[{\"id\":\"computed_on\",\"value\":\"payload\"}]"},
    {"fairness", "outcomes.fairness", "{\"fairness_value\":96.5}",
     "[{\"id\":\"computed_on\",\"value\":\"payload\"},"
     "{\"id\":\"feature\",\"value\":\"Sex\"}]"},
};

static size_t measured_by(const struct object *monitor) {
    const char *definition = json_text_or(monitor->body, "entity.monitor_definition_id", "");
    size_t i = 0;
    while (i < sizeof measured / sizeof *measured &&
           strcmp(measured[i].definition, definition) != 0) {
        i++;
    }
    return i;
}

static bool is_quality(const struct object *monitor) {
    return strcmp(json_text_or(monitor->body, "entity.monitor_definition_id", ""), "quality") == 0;
}

/* A quality run needs feedback; how much is a parameter of its monitor. */
static void check_feedback(const struct world *world, struct object *run,
                           const struct object *monitor) {
    const char *target_id = json_text_or(monitor->body, "entity.target.target_id", "");
    int n_rows = data_set_count(data_set_of(world, target_id, "feedback"));
    int n_needed =
        (int)json_number_or(monitor->body, "entity.parameters.min_feedback_data_size", 10);
    json_put_number(run->body, "entity.parameters.total_records_processed", n_rows);
    if (n_rows >= n_needed) {
        return;
    }
    cJSON *failure = json_literal("{\"trace\":\"N/A\",\"errors\":[{\"code\":\"AIQFM6003\"}]}");
    char *message =
        text_format("Number of rows %d are less than the minimum rows %d", n_rows, n_needed);
    json_put_text(json_at(failure, "errors")->child, "message", message);
    json_put(run->inside, "failure", failure);
    free(message);
}

struct object *run_new(struct world *world, const cJSON *wanted, const char *id) {
    const char *monitor_id = json_text_or(wanted, "monitor_instance_id", "");
    const struct object *monitor = object_find(world, KIND_MONITOR, monitor_id);
    struct object *run = object_new(world, KIND_RUN, id);
    char *parent = text_format("/monitor_instances/%s", monitor_id);
    char time[32];
    openscale_put_metadata(run, parent);
    free(parent);
    json_put_text(run->inside, "monitor_id", monitor_id);
    json_put_text(run->body, "entity.triggered_by", json_text_or(wanted, "triggered_by", "user"));
    world_time(world, world->now_ms, time);
    json_put_text(run->body, "entity.status.queued_at", time);
    json_put(run->body, "entity.status.operators", json_array());
    json_put(run->body, "entity.parameters", json_object());
    if (monitor != NULL) {
        json_put_copy(run->body, "entity.parameters", monitor->body, "entity.parameters");
    }
    if (monitor != NULL && is_quality(monitor)) {
        check_feedback(world, run, monitor);
    }
    lifecycle_begin(world, run);
    return run;
}

static cJSON *metrics_of(const struct world *world, size_t kind) {
    cJSON *metrics = json_literal(measured[kind].metrics);
    const cJSON *wanted = json_at(world->scenario, measured[kind].outcome);
    if (wanted != NULL) {
        json_merge(metrics, wanted);
    }
    return metrics;
}

/* Sets the limits of the metric in `entry`; returns whether its value breaks one. */
static bool put_limits(cJSON *entry, const char *metric, double value, const cJSON *thresholds) {
    bool is_broken = false;
    const cJSON *threshold = NULL;
    cJSON_ArrayForEach(threshold, thresholds) {
        const char *type = json_text_or(threshold, "type", "");
        double limit = json_number_or(threshold, "value", 0);
        if (strcmp(json_text_or(threshold, "metric_id", ""), metric) != 0) {
            continue;
        }
        json_put_number(entry, type, limit);
        bool is_lower = strcmp(type, "lower_limit") == 0;
        is_broken = is_broken || (is_lower ? value < limit : value > limit);
    }
    return is_broken;
}

static void add_measurement(struct world *world, const struct object *run,
                            const struct object *monitor, const cJSON *metrics, const char *time) {
    struct object *measurement = object_new(world, KIND_MEASUREMENT, NULL);
    char *parent = text_format("/monitor_instances/%s", monitor->id);
    openscale_put_metadata(measurement, parent);
    free(parent);
    cJSON *body = measurement->body;
    cJSON *values = json_literal("[{\"metrics\":[]}]");
    json_put(values->child, "tags", json_literal(measured[measured_by(monitor)].tags));
    int n_issues = 0;
    const cJSON *metric = NULL;
    cJSON_ArrayForEach(metric, metrics) {
        cJSON *entry = json_object();
        json_put_text(entry, "id", metric->string);
        json_put(entry, "value", json_copy(metric));
        n_issues += put_limits(entry, metric->string, metric->valuedouble,
                               json_at(monitor->body, "entity.thresholds"));
        json_push(json_at(values->child, "metrics"), entry);
    }
    json_put(body, "entity.values", values);
    json_put_text(body, "entity.timestamp", time);
    json_put_text(body, "entity.run_id", run->id);
    json_put_number(body, "entity.issue_count", n_issues);
    json_put_copy(body, "entity.target", monitor->body, "entity.target");
    json_put_text(body, "entity.monitor_instance_id", monitor->id);
    json_put_copy(body, "entity.monitor_definition_id", monitor->body,
                  "entity.monitor_definition_id");
}

/*
 * The first generation puts the metrics in the run itself. A second operator that stays "queued"
 * for ever is recorded; whoever reads states below the top is misled by it.
 */
static void put_operators(struct object *run, const cJSON *metrics, const char *time) {
    cJSON *operators = json_literal("[{\"id\":\"original\",\"status\":{\"state\":\"finished\"}},"
                                    "{\"id\":\"original\",\"status\":{\"state\":\"queued\"}}]");
    json_put(operators->child, "result.metrics", json_copy(metrics));
    json_put_copy(operators->child, "result.total_records_processed", run->body,
                  "entity.parameters.max_rows_per_evaluation");
    json_put_text(operators->child, "status.completed_at", time);
    json_put(run->body, "entity.status.operators", operators);
}

void openscale_finish_run(struct world *world, struct object *run, const char *time) {
    const struct object *monitor =
        object_find(world, KIND_MONITOR, json_text(run->inside, "monitor_id"));
    /* A run may finish and still complain (recorded: AIQFM6016). */
    json_put_copy(run->body, "entity.status.failure", run->inside, "remark");
    size_t kind = monitor != NULL ? measured_by(monitor) : sizeof measured / sizeof *measured;
    if (kind == sizeof measured / sizeof *measured) {
        return;
    }
    cJSON *metrics = metrics_of(world, kind);
    add_measurement(world, run, monitor, metrics, time);
    bool is_first = strcmp(world_option(world, "options.generation", "4.8"), "3.0") == 0;
    if (world_flag(world, "options.run_metrics", is_first)) {
        put_operators(run, metrics, time);
    }
    cJSON_Delete(metrics);
}

static struct object *need_monitor(struct world *world, const struct request *request,
                                   struct answer *answer) {
    return resource_need(world, KIND_MONITOR, request->params[1], answer);
}

void runs_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *monitor = need_monitor(world, request, answer);
    if (monitor != NULL) {
        const struct filter filters[] = {{"@monitor_id", monitor->id}, {NULL, NULL}};
        resource_list(world, KIND_RUN, request, filters, answer);
    }
}

void runs_create(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *monitor = need_monitor(world, request, answer);
    if (monitor == NULL) {
        return;
    }
    if (strcmp(object_state(monitor), "active") != 0) {
        answer_error(answer, 400, "monitor_instance_not_active",
                     "The monitor instance '%s' is in state '%s'", monitor->id,
                     object_state(monitor));
        return;
    }
    cJSON *wanted = request->json != NULL ? json_copy(request->json) : json_object();
    json_put_text(wanted, "monitor_instance_id", monitor->id);
    resource_show(run_new(world, wanted, NULL), 201, answer);
    cJSON_Delete(wanted);
}

void runs_get(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *monitor = need_monitor(world, request, answer);
    if (monitor == NULL) {
        return;
    }
    const struct object *run = resource_need(world, KIND_RUN, request->params[2], answer);
    if (run == NULL) {
        return;
    }
    if (strcmp(json_text_or(run->inside, "monitor_id", ""), monitor->id) != 0) {
        answer_error(answer, 404, "resource_not_found",
                     "The run '%s' is none of this monitor instance", run->id);
        return;
    }
    resource_show(run, 200, answer);
}

void measurements_list(struct world *world, const struct request *request, struct answer *answer) {
    const struct object *monitor = need_monitor(world, request, answer);
    if (monitor != NULL) {
        const struct filter filters[] = {{"entity.monitor_instance_id", monitor->id},
                                         {"entity.run_id", request_query(request, "run_id")},
                                         {NULL, NULL}};
        resource_list(world, KIND_MEASUREMENT, request, filters, answer);
    }
}
