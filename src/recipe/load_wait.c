/*
 * When to do it again and when it is good: `retry`, `wait`, `expect`, `metrics`,
 * `continue_on_error`, `classify`.
 */
#include "load_priv.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/classes.h"

static_assert(CLASS_COUNT <= 32, "sets of classes are 32 bits");

static const char *const severity_names[] = {"error", "unstable", NULL};

/* Items of a list, or the node itself: `on: transient` and `on: [transient]` are the same. */
struct items {
    const struct yaml_node *node;
    size_t n;
};

static struct items items_of(const struct yaml_node *node) {
    return (struct items){node, node->kind == YAML_LIST ? node->n : 1};
}

static const struct yaml_node *item_at(const struct items *items, size_t i) {
    return items->node->kind == YAML_LIST ? items->node->items[i] : items->node;
}

/* ---- retry ----------------------------------------------------------------------------------- */

static void add_exits(struct loader *l, const struct yaml_node *node, struct retry_on *on) {
    int *more = NULL;
    size_t n = 0;
    if (!load_integers(l, node, 0, 255, &more, &n)) {
        return;
    }
    int *all = arena_alloc(&l->recipe->arena, (on->n_exits + n + 1) * sizeof *all);
    if (on->n_exits > 0) {
        memcpy(all, on->exits, on->n_exits * sizeof *all);
    }
    memcpy(all + on->n_exits, more, n * sizeof *all);
    on->exits = all;
    on->n_exits += n;
}

static void load_retry_reason(struct loader *l, const struct yaml_node *node, struct retry_on *on) {
    if (node->kind == YAML_SCALAR) {
        int found = load_class(l, node);
        on->classes |= found >= 0 ? UINT32_C(1) << found : 0;
        return;
    }
    const struct yaml_node *exits = node->kind == YAML_MAP ? yaml_get(node, "exit") : NULL;
    const struct yaml_node *match = node->kind == YAML_MAP ? yaml_get(node, "match") : NULL;
    if (exits == NULL && match == NULL) {
        diag_type(l, node, "an error class, {exit: […]} or {match: '…'}");
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node->pairs[i].value != exits && node->pairs[i].value != match) {
            diag_error(l, node->pairs[i].key, "unknown-key",
                       "unknown key '%s' in a reason to retry", node->pairs[i].key->text);
            diag_hint(l, "known keys: exit, match");
        }
    }
    if (exits != NULL) {
        add_exits(l, exits, on);
    }
    if (match != NULL) {
        struct regex *re = load_regex(l, match);
        if (re != NULL) {
            on->matches[on->n_matches++] = re;
        }
    }
}

static void decode_on(struct loader *l, const struct field *f, const struct yaml_node *node,
                      void *target) {
    (void)f;
    struct retry_on *on = target;
    struct items items = items_of(node);
    on->matches = arena_alloc(&l->recipe->arena, (items.n + 1) * sizeof *on->matches);
    for (size_t i = 0; i < items.n; i++) {
        load_retry_reason(l, item_at(&items, i), on);
    }
}
static const struct field_type type_on = {.expects = "error classes, {exit: […]} or {match: '…'}",
                                          .decode = decode_on,
                                          .schema = "@retry_on"};

#define RETRY(member) offsetof(struct retry_spec, member)
static const struct field retry_fields[] = {
    {.key = "attempts",
     .type = &type_count,
     .offset = RETRY(attempts),
     .doc = "How often the step is tried in all, the first time included; 3 unless given"},
    {.key = "delay",
     .type = &type_duration,
     .offset = RETRY(delay),
     .doc = "The pause before the second attempt; 1s unless given"},
    {.key = "backoff",
     .type = &type_number,
     .offset = RETRY(backoff),
     .doc = "The factor by which the pause grows; 2 unless given"},
    {.key = "max_delay",
     .type = &type_duration,
     .offset = RETRY(max_delay),
     .doc = "The longest pause; 1m unless given"},
    {.key = "jitter",
     .type = &type_boolean,
     .offset = RETRY(has_jitter),
     .doc = "Vary the pause by up to a quarter, so that steps do not retry in step; true unless "
            "given"},
    {.key = "within",
     .type = &type_deadline,
     .offset = RETRY(within),
     .doc = "No attempt starts later than this after the first"},
    {.key = "on",
     .type = &type_on,
     .offset = RETRY(on),
     .doc = "What is worth another attempt: error classes, exit codes, a pattern in the output; "
            "transient unless given"},
};
const struct object object_retry = {.name = "retry",
                                    .says = "a retry",
                                    .fields = retry_fields,
                                    .n_fields = sizeof retry_fields / sizeof retry_fields[0],
                                    .foreign = foreign_retry};

static void decode_retry(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    (void)f;
    struct retry_spec *retry = target;
    retry->is_set = true;
    retry->has_jitter = true;
    retry->place = diag_place(l, node);
    if (!schema_decode(l, &object_retry, node, retry, NULL, NULL) && node->kind == YAML_SCALAR) {
        diag_hint(l, "write `retry: {attempts: 3}`: attempts counts the first one too");
    }
}
const struct field_type type_retry = {.expects = "how to retry", .decode = decode_retry};

/* ---- wait ------------------------------------------------------------------------------------ */

#define WAIT(member) offsetof(struct wait_spec, member)
static const struct field wait_fields[] = {
    {.key = "until",
     .type = &type_own_truth,
     .offset = WAIT(until),
     .doc = "Done when this holds for the result"},
    {.key = "fail_if",
     .type = &type_own_truth,
     .offset = WAIT(fail_if),
     .doc = "Failed at once when this holds"},
    {.key = "reason",
     .type = &type_own,
     .offset = WAIT(reason),
     .doc = "Says from the last result why it failed or is not done yet"},
    {.key = "every",
     .type = &type_duration,
     .offset = WAIT(every),
     .doc = "The pause between two looks; 2s unless given"},
    {.key = "backoff",
     .type = &type_number,
     .offset = WAIT(backoff),
     .doc = "The factor by which the pause grows; 1 unless given"},
    {.key = "max_every",
     .type = &type_duration,
     .offset = WAIT(max_every),
     .doc = "The longest pause; 30s unless given"},
    {.key = "timeout",
     .type = &type_deadline,
     .offset = WAIT(timeout),
     .doc = "The deadline of the whole wait; 10m unless given"},
    {.key = "stable_for",
     .type = &type_duration,
     .offset = WAIT(stable_for),
     .doc = "`until` must hold for so long without a break"},
};
static const struct foreign_word wait_words[] = {
    {"interval", "write `every`", NULL},
    {"delay", "write `every`", NULL},
    {"when", "write `until`", NULL},
    {"condition", "write `until`", NULL},
    {"retries", "a wait has a deadline, `timeout`, and no number of looks", NULL},
    {NULL, NULL, NULL},
};
const struct object object_wait = {.name = "wait",
                                   .says = "a wait",
                                   .fields = wait_fields,
                                   .n_fields = sizeof wait_fields / sizeof wait_fields[0],
                                   .foreign = wait_words};

static void decode_wait(struct loader *l, const struct field *f, const struct yaml_node *node,
                        void *target) {
    (void)f;
    struct wait_spec *wait = arena_zalloc(&l->recipe->arena, sizeof *wait);
    *(struct wait_spec **)target = wait;
    wait->place = diag_place(l, node);
    if (schema_decode(l, &object_wait, node, wait, NULL, NULL) && yaml_get(node, "until") == NULL) {
        diag_error(l, node, "missing-key", "a wait needs 'until'");
    }
}
const struct field_type type_wait = {.expects = "what to wait for", .decode = decode_wait};

/* In `defaults`: pauses and deadlines, no conditions. */
static void decode_wait_defaults(struct loader *l, const struct field *f,
                                 const struct yaml_node *node, void *target) {
    (void)f;
    static const char *const own[] = {"until", "fail_if", "reason"};
    if (!schema_decode(l, &object_wait, node, target, NULL, NULL)) {
        return;
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (yaml_get(node, own[i]) != NULL) {
            diag_error(l, load_key(node, own[i]), "misplaced-key",
                       "'%s' belongs to a step, not to the defaults", own[i]);
        }
    }
}
const struct field_type type_wait_defaults = {.expects = "pauses and deadlines of waits",
                                              .decode = decode_wait_defaults};

/* ---- expect ---------------------------------------------------------------------------------- */

static void decode_message(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    unsigned before = l->roots;
    l->roots |= ROOT_ATTEMPT | ROOT_RESULT;
    *(struct template **)target = load_template(l, node);
    l->roots = before;
}
static const struct field_type type_message = {
    .expects = "a text, which may hold templates", .decode = decode_message, .schema = "@scalar"};

struct expectation_draft {
    struct expectation expectation;
    int *exits;
    size_t n_exits;
};

#define EXPECT(member) offsetof(struct expectation_draft, member)
static const struct field expect_fields[] = {
    {.key = "that",
     .type = &type_own_truth,
     .offset = EXPECT(expectation.that),
     .doc = "What must hold for the result"},
    {.key = "message",
     .type = &type_message,
     .offset = EXPECT(expectation.message),
     .doc = "What to say when it does not; `result` is the result"},
    {.key = "class",
     .type = &type_class,
     .offset = EXPECT(expectation.error_class),
     .doc = "The error class of the failure; expect unless given"},
    {.key = "severity",
     .type = &type_choice,
     .offset = EXPECT(expectation.severity),
     .names = severity_names,
     .doc = "Fails the step (error) or marks the run (unstable); error unless given"},
    {.key = "exit",
     .type = &type_exit_codes,
     .offset = EXPECT(exits),
     .count_offset = EXPECT(n_exits),
     .doc = "Exit codes that are a success; 0 unless given"},
};
static const struct foreign_word expect_words[] = {
    {"assert", "write `that`", NULL},
    {"condition", "write `that`", NULL},
    {"msg", "write `message`", NULL},
    {"fail_msg", "write `message`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_expect = {.name = "expect",
                                     .says = "an expectation",
                                     .fields = expect_fields,
                                     .n_fields = sizeof expect_fields / sizeof expect_fields[0],
                                     .foreign = expect_words};

static void load_expectation(struct loader *l, const struct yaml_node *node, struct step *step) {
    struct expectation_draft draft = {
        .expectation = {.error_class = CLASS_EXPECT, .place = diag_place(l, node)}};
    if (!schema_decode(l, &object_expect, node, &draft, NULL, NULL)) {
        return;
    }
    bool has_exit = yaml_get(node, "exit") != NULL;
    if (has_exit) {
        step->expect_exit = draft.exits;
        step->n_expect_exit = draft.n_exits;
    }
    if (yaml_get(node, "that") != NULL) {
        step->expect[step->n_expect++] = draft.expectation;
    } else if (!has_exit) {
        diag_error(l, node, "missing-key", "an expectation needs 'that' or 'exit'");
    }
}

static void decode_expect(struct loader *l, const struct field *f, const struct yaml_node *node,
                          void *target) {
    struct step *step = (void *)((char *)target - f->offset);
    struct items items = items_of(node);
    step->expect = arena_zalloc(&l->recipe->arena, (items.n + 1) * sizeof *step->expect);
    for (size_t i = 0; i < items.n; i++) {
        load_expectation(l, item_at(&items, i), step);
    }
}
const struct field_type type_expect = {
    .expects = "expectations", .decode = decode_expect, .schema = "@expects"};

/* ---- metrics --------------------------------------------------------------------------------- */

#define METRIC(member) offsetof(struct metric_spec, member)
static const struct field metric_fields[] = {
    {.key = "value",
     .type = &type_own,
     .offset = METRIC(value),
     .flags = FIELD_REQUIRED,
     .doc = "An expression on the result that gives a number"},
    {.key = "lower_limit",
     .type = &type_tree,
     .offset = METRIC(lower_limit),
     .doc = "A value below it crosses the limit"},
    {.key = "upper_limit",
     .type = &type_tree,
     .offset = METRIC(upper_limit),
     .doc = "A value above it crosses the limit"},
    {.key = "unit", .type = &type_text, .offset = METRIC(unit), .doc = "For people"},
    {.key = "severity",
     .type = &type_choice,
     .offset = METRIC(severity),
     .names = severity_names,
     .doc = "A crossed limit makes the run unstable, or fails the step with error; unstable unless "
            "given"},
};
static const struct foreign_word metric_words[] = {
    {"min", "write `lower_limit`", NULL},
    {"max", "write `upper_limit`", NULL},
    {"minimum", "write `lower_limit`", NULL},
    {"maximum", "write `upper_limit`", NULL},
    {"threshold", "write `lower_limit` or `upper_limit`", NULL},
    {NULL, NULL, NULL},
};
const struct object object_metric = {.name = "metric",
                                     .says = "a metric",
                                     .fields = metric_fields,
                                     .n_fields = sizeof metric_fields / sizeof metric_fields[0],
                                     .foreign = metric_words};

static void decode_metrics(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    if (!load_is_map(l, node, "metrics")) {
        return;
    }
    struct metric_spec *metrics = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *metrics);
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        metrics[i].name = arena_strdup(&l->recipe->arena, pair->key->text);
        metrics[i].severity = SEVERITY_UNSTABLE;
        metrics[i].place = diag_place(l, pair->key);
        if (pair->value->kind == YAML_SCALAR) {
            metrics[i].value = load_expr(l, pair->value, EXPR_OWN);
        } else {
            (void)schema_decode(l, &object_metric, pair->value, &metrics[i], NULL,
                                NULL); /* reported */
        }
    }
    *(struct metric_spec **)target = metrics;
    *load_count(f, target) = node->n;
}
const struct field_type type_metrics = {
    .expects = "metrics by name", .decode = decode_metrics, .schema = "@metrics"};

/* ---- classes --------------------------------------------------------------------------------- */

static void decode_tolerance(struct loader *l, const struct field *f, const struct yaml_node *node,
                             void *target) {
    (void)f;
    struct tolerance *tolerance = target;
    if (node->kind == YAML_SCALAR && error_class_by_name(node->text) <= CLASS_NONE) {
        (void)load_boolean(l, node, &tolerance->all); /* reported */
        return;
    }
    struct items items = items_of(node);
    for (size_t i = 0; i < items.n; i++) {
        int found = load_class(l, item_at(&items, i));
        tolerance->classes |= found >= 0 ? UINT32_C(1) << found : 0;
    }
}
const struct field_type type_tolerance = {
    .expects = "true, or error classes", .decode = decode_tolerance, .schema = "@tolerance"};

#define RULE(member) offsetof(struct classify_rule, member)
static void decode_http_status(struct loader *l, const struct field *f,
                               const struct yaml_node *node, void *target) {
    (void)load_integers(l, node, 100, 599, target, load_count(f, target)); /* reported */
}
static const struct field_type type_http_status = {.expects = "an HTTP status or a list of them",
                                                   .decode = decode_http_status,
                                                   .schema = "@integers"};
static const struct field classify_fields[] = {
    {.key = "match",
     .type = &type_regex,
     .offset = RULE(match),
     .doc = "A pattern found in what the child wrote"},
    {.key = "exit",
     .type = &type_exit_codes,
     .offset = RULE(exits),
     .count_offset = RULE(n_exits),
     .doc = "Exit codes"},
    {.key = "http_status",
     .type = &type_http_status,
     .offset = RULE(http_status),
     .count_offset = RULE(n_http_status),
     .doc = "HTTP status codes"},
    {.key = "class",
     .type = &type_class,
     .offset = RULE(error_class),
     .flags = FIELD_REQUIRED,
     .doc = "The error class of a failure that fits"},
};
const struct object object_classify = {.name = "classify",
                                       .says = "a rule of classify",
                                       .fields = classify_fields,
                                       .n_fields =
                                           sizeof classify_fields / sizeof classify_fields[0]};

static void decode_classify(struct loader *l, const struct field *f, const struct yaml_node *node,
                            void *target) {
    if (node->kind != YAML_LIST) {
        diag_type(l, node, "a list of rules");
        return;
    }
    struct classify_rule *rules = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *rules);
    for (size_t i = 0; i < node->n; i++) {
        const struct yaml_node *item = node->items[i];
        if (schema_decode(l, &object_classify, item, &rules[i], NULL, NULL) &&
            yaml_get(item, "match") == NULL && yaml_get(item, "exit") == NULL &&
            yaml_get(item, "http_status") == NULL) {
            diag_error(l, item, "missing-key",
                       "a rule of classify needs 'match', 'exit' or 'http_status'");
        }
    }
    *(struct classify_rule **)target = rules;
    *load_count(f, target) = node->n;
}
const struct field_type type_classify = {
    .expects = "rules", .decode = decode_classify, .is_list = true};
