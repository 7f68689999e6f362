/*
 * NAME.test.yaml -> struct suite: the file and its cases, and cases and rows made complete. What a case may say stands in
 * suite_fake.c (answers and faults) and suite_expect.c (expectations).
 */
#include "recipe/suite.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "load_priv.h"
#include "maxima.h"
#include "suite_priv.h"

/* ---- cases ----------------------------------------------------------------------------------- */

static const struct field_type type_cases;

#define CASE(member) offsetof(struct suite_case, member)
#define SHARED_FIELDS                                                                                \
    {.key = "inputs",                                                                                \
     .type = &type_value_map,                                                                        \
     .offset = CASE(inputs),                                                                         \
     .doc = "Inputs of the recipe; those of a row, a case and the file are joined"},                 \
        {.key = "files",                                                                             \
         .type = &type_value_map,                                                                    \
         .offset = CASE(files),                                                                      \
         .doc = "Files in the directory where the run takes place, by name: a text, `{json: …}`, " \
                "or `{from: PATH}` for a copy"},                                                     \
        {.key = "cassette",                                                                          \
         .type = &type_text,                                                                         \
         .offset = CASE(cassette),                                                                   \
         .doc = "The recording that answers, a path from this file"},                                \
        {.key = "answers",                                                                           \
         .type = &type_fakes,                                                                        \
         .offset = CASE(answers),                                                                    \
         .count_offset = CASE(n_answers),                                                            \
         .object = &object_fake,                                                                     \
         .doc = "Answers given before the cassette is asked: those for one call in order, the "      \
                "last one goes on"},                                                                 \
        {.key = "faults",                                                                            \
         .type = &type_fakes,                                                                        \
         .offset = CASE(faults),                                                                     \
         .count_offset = CASE(n_faults),                                                             \
         .object = &object_fake,                                                                     \
         .doc = "What goes wrong, before anything else answers"},                                    \
    {                                                                                                \
        .key = "allow_unused", .type = &type_boolean, .offset = CASE(allows_unused),                 \
        .doc = "A recording may hold more than the run asks for"                                     \
    }

static const struct field case_fields[] = {
    {.key = "name", .type = &type_text, .offset = CASE(name), .doc = "What the case shows"},
    SHARED_FIELDS,
    {.key = "expect",
     .type = &type_object,
     .offset = CASE(expect),
     .object = &object_expectation,
     .doc = "What must hold"},
    {.key = "table",
     .type = &type_cases,
     .offset = CASE(table),
     .count_offset = CASE(n_table),
     .doc = "Rows: a case each, which says what differs"},
};
static const struct object object_case = {.name = "case",
                                          .says = "a case",
                                          .fields = case_fields,
                                          .n_fields = sizeof case_fields / sizeof case_fields[0]};

static void decode_case(struct loader *l, const struct yaml_node *node, struct suite_case *c) {
    c->place = diag_place(l, node);
    c->expect =
        (struct suite_expect){.place = c->place, .status = -1, .exit_code = -1, .error_class = -1};
    (void)schema_decode(l, &object_case, node, c, NULL, NULL); /* reported */
    if (c->name == NULL) {
        c->name = arena_printf(&l->recipe->arena, "line %u", node->line);
    }
}

static void decode_cases(struct loader *l, const struct field *f, const struct yaml_node *node,
                         void *target) {
    if (node->kind != YAML_LIST || node->n == 0) {
        diag_type(l, node, "a list of cases");
        return;
    }
    if (l->depth > 0 && strcmp(f->key, "table") == 0 && l->depth > 1) {
        diag_error(l, node, "misplaced-key", "'table' in a row: rows have no rows of their own");
        return;
    }
    l->depth++;
    struct suite_case *cases = arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *cases);
    for (size_t i = 0; i < node->n; i++) {
        decode_case(l, node->items[i], &cases[i]);
    }
    l->depth--;
    *(struct suite_case **)target = cases;
    *load_count(f, target) = node->n;
}
static const struct field_type type_cases = {
    .expects = "a list of cases",
    .decode = decode_cases,
    .schema = "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": "
              "\"#/definitions/case\"}}"};

static void decode_version(struct loader *l, const struct field *f, const struct yaml_node *node,
                           void *target) {
    (void)f;
    (void)target;
    if (node->kind != YAML_SCALAR || strcmp(node->text, "1") != 0) {
        diag_error(l, node, "unsupported-version", "expected version 1, found %s",
                   diag_describe(l, node));
    }
}
static const struct field_type type_suite_version = {.expects = "1",
                                                     .decode = decode_version,
                                                     .schema = "{\"const\": 1}",
                                                     .example = "cpdflow_test: 1"};

/* The shared fields stand in `common`, the first member that has them. */
#define SUITE(member) offsetof(struct suite, member)
static const struct field suite_fields[] = {
    {.key = "cpdflow_test",
     .type = &type_suite_version,
     .flags = FIELD_REQUIRED,
     .doc = "The version of the format: 1"},
    {.key = "recipe",
     .type = &type_text,
     .offset = SUITE(recipe),
     .doc = "The recipe, a path from this file; NAME.yaml for NAME.test.yaml unless given"},
    {.key = "cases",
     .type = &type_cases,
     .offset = SUITE(cases),
     .count_offset = SUITE(n_cases),
     .flags = FIELD_REQUIRED,
     .doc = "What is tried"},
};
static const struct field common_fields[] = {SHARED_FIELDS};
static const struct object object_common = {.name = "common",
                                            .says = "a test file",
                                            .fields = common_fields,
                                            .n_fields =
                                                sizeof common_fields / sizeof common_fields[0]};
static const struct object object_suite = {.name = "suite",
                                           .says = "a test file",
                                           .fields = suite_fields,
                                           .n_fields = sizeof suite_fields / sizeof suite_fields[0],
                                           .also = &object_common};

const struct object *const suite_objects[] = {
    &object_suite,       &object_common,      &object_case,        &object_fake,
    &object_http_answer, &object_expectation, &object_step_result, NULL};

/* ---- complete cases -------------------------------------------------------------------------- */

static const struct value *join_maps(struct arena *a, const struct value *outer,
                                     const struct value *inner) {
    if (outer == NULL || inner == NULL) {
        return inner == NULL ? outer : inner;
    }
    struct object_builder b;
    object_begin(&b, a);
    for (uint32_t i = 0; i < outer->len; i++) {
        object_put(&b, outer->as.members[i].key, outer->as.members[i].key_len,
                   outer->as.members[i].value);
    }
    for (uint32_t i = 0; i < inner->len; i++) {
        object_put(&b, inner->as.members[i].key, inner->as.members[i].key_len,
                   inner->as.members[i].value);
    }
    return object_end(&b);
}

/* The inner ones are asked first. */
static void join_fakes(struct arena *a, const struct suite_fake *outer, size_t n_outer,
                       struct suite_fake **inner, size_t *n_inner) {
    if (n_outer == 0) {
        return;
    }
    struct suite_fake *all = arena_zalloc(a, (n_outer + *n_inner) * sizeof *all);
    if (*n_inner > 0) {
        memcpy(all, *inner, *n_inner * sizeof *all);
    }
    memcpy(all + *n_inner, outer, n_outer * sizeof *all);
    for (size_t i = *n_inner; i < *n_inner + n_outer; i++) {
        all[i].level++;
    }
    *inner = all;
    *n_inner += n_outer;
}

static void join_expect(struct arena *a, const struct suite_expect *outer,
                        struct suite_expect *inner) {
    inner->status = inner->status < 0 ? outer->status : inner->status;
    inner->exit_code = inner->exit_code < 0 ? outer->exit_code : inner->exit_code;
    inner->error_class = inner->error_class < 0 ? outer->error_class : inner->error_class;
    inner->outputs = join_maps(a, outer->outputs, inner->outputs);
    inner->metrics = join_maps(a, outer->metrics, inner->metrics);
    inner->count = join_maps(a, outer->count, inner->count);
    inner->changes = inner->changes == NULL ? outer->changes : inner->changes;
    inner->calls = inner->calls == NULL ? outer->calls : inner->calls;
    inner->n_calls = inner->n_calls.is_set ? inner->n_calls : outer->n_calls;
    inner->duration = inner->duration.is_set ? inner->duration : outer->duration;
    if (inner->n_steps == 0) {
        inner->steps = outer->steps;
        inner->n_steps = outer->n_steps;
    }
    if (inner->n_messages == 0) {
        inner->messages = outer->messages;
        inner->n_messages = outer->n_messages;
    }
}

static struct suite_case join(struct arena *a, const struct suite_case *outer,
                              const struct suite_case *inner) {
    struct suite_case c = *inner;
    c.inputs = join_maps(a, outer->inputs, inner->inputs);
    c.files = join_maps(a, outer->files, inner->files);
    c.cassette = inner->cassette == NULL ? outer->cassette : inner->cassette;
    c.allows_unused = inner->allows_unused || outer->allows_unused;
    join_fakes(a, outer->answers, outer->n_answers, &c.answers, &c.n_answers);
    join_fakes(a, outer->faults, outer->n_faults, &c.faults, &c.n_faults);
    join_expect(a, &outer->expect, &c.expect);
    return c;
}

static void make_runs(struct suite *s) {
    struct arena *a = &s->file->arena;
    for (size_t i = 0; i < s->n_cases; i++) {
        s->n_runs += s->cases[i].n_table == 0 ? 1 : s->cases[i].n_table;
    }
    s->runs = arena_zalloc(a, (s->n_runs + 1) * sizeof *s->runs);
    size_t n = 0;
    for (size_t i = 0; i < s->n_cases; i++) {
        struct suite_case whole = join(a, &s->common, &s->cases[i]);
        if (whole.n_table == 0) {
            s->runs[n++] = whole;
        }
        for (size_t k = 0; k < whole.n_table; k++) {
            s->runs[n] = join(a, &whole, &whole.table[k]);
            s->runs[n++].name = arena_printf(a, "%s / %s", whole.name, whole.table[k].name);
        }
    }
}

/* ---- one file -------------------------------------------------------------------------------- */

static const char *line_text(unsigned line, void *ctx) {
    return diag_line(ctx, line);
}

/* NAME.test.yaml -> NAME.yaml */
static const char *default_recipe(struct arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *suffix = strstr(name, ".test.");
    return suffix == NULL ? name : arena_printf(a, "%.*s.yaml", (int)(suffix - name), name);
}

bool suite_is_file(const char *path) {
    return str_ends(path, ".test.yaml") || str_ends(path, ".test.yml");
}

struct suite *suite_load(const char *path, struct diagnostics *d) {
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    struct err err = ERR_INIT;
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, &err)) {
        diagnostics_add(d, false, &err);
        return NULL;
    }
    size_t errors_before = d->n_errors;
    (void)diagnostics_file(d, path);
    char *dir = file_dirname(path);
    struct loader l = {.d = d, .var = SIZE_MAX};
    l.recipe = load_new_file(str_text(&text), text.len, path, dir);
    mem_free(dir);
    l.source = (struct template_source){l.recipe->file, line_text, l.recipe};
    arena_init(&l.scratch, 0);
    struct suite *s = arena_zalloc(&l.recipe->arena, sizeof *s);
    s->file = l.recipe;
    s->common.expect = (struct suite_expect){.status = -1, .exit_code = -1, .error_class = -1};
    struct yaml_node *root = NULL;
    if (load_read_nodes(&l, &root) && schema_decode(&l, &object_suite, root, s, &s->common, NULL)) {
        s->recipe = s->recipe == NULL ? default_recipe(&s->file->arena, path) : s->recipe;
        make_runs(s);
    }
    arena_release(&l.scratch);
    mem_free(l.refs);
    mem_free(l.infos);
    diagnostics_sort(d);
    if (d->n_errors > errors_before) {
        suite_free(s);
        return NULL;
    }
    return s;
}

void suite_free(struct suite *s) {
    if (s != NULL) {
        recipe_free(s->file);
    }
}
