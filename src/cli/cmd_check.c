/*
 * cpdflow check RECIPE…: every error and warning at once, without running anything.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "check_priv.h"
#include "cli/cli.h"
#include "recipe/suite.h"

struct check_options {
    int format;
};

static const struct opt_row rows[] = {
    {'f', "format", OPT_CHOICE, NULL, offsetof(struct check_options, format), check_format_names,
     "what to print: for people, as JSON, as SARIF 2.1.0, as GitHub\n"
     "annotations, or as issues for Jenkins' warnings-ng plugin"},
    OPT_END,
};

static void check_suite(struct check_result *result, struct checked_recipe *checked) {
    struct suite *suite = suite_load(checked->file, &result->diagnostics);
    if (suite != NULL) {
        checked->is_ok = true;
        checked->is_suite = true;
        checked->name = mem_strdup(suite->file->name);
        memcpy(checked->digest, suite->file->digest, sizeof checked->digest);
        checked->n_steps = suite->n_runs;
    }
    suite_free(suite);
}

static void check_recipe(struct check_result *result, struct checked_recipe *checked) {
    struct recipe *recipe = recipe_load(checked->file, &result->diagnostics);
    if (recipe == NULL) {
        return;
    }
    checked->is_ok = true;
    checked->name = mem_strdup(recipe->name);
    memcpy(checked->digest, recipe->digest, sizeof checked->digest);
    checked->n_steps = recipe->n_all_steps;
    recipe_free(recipe);
}

/* What has no place, as that a file cannot be read, is about the file that was given. */
static void check_one(struct check_result *result, const char *file) {
    struct diagnostics *d = &result->diagnostics;
    struct checked_recipe *checked = &result->recipes[result->n_recipes++];
    *checked = (struct checked_recipe){.file = file};
    if (suite_is_file(file)) {
        check_suite(result, checked);
    } else {
        check_recipe(result, checked);
    }
    for (size_t i = 0; i < d->n; i++) {
        struct place *place = &d->items[i].err.place;
        place->file = place->file == NULL ? diagnostics_file(d, file) : place->file;
    }
}

static void result_release(struct check_result *result) {
    diagnostics_release(&result->diagnostics);
    for (size_t i = 0; i < result->n_recipes; i++) {
        mem_free(result->recipes[i].name);
    }
    mem_free(result->recipes);
}

static int run_check(void *options, const struct opt_list *operands) {
    const struct check_options *o = options;
    struct check_result result = {.diagnostics = DIAGNOSTICS_INIT};
    result.recipes = mem_zalloc(operands->n, sizeof *result.recipes);
    for (size_t i = 0; i < operands->n; i++) {
        check_one(&result, operands->items[i]);
    }
    for (size_t i = 0; i < result.diagnostics.n; i++) {
        result.n_warnings += result.diagnostics.items[i].is_warning ? 1 : 0;
    }
    AUTO(str) struct str text = STR_INIT(0);
    check_format(&result, o->format, &text);
    int code = cli_print(&text, result.diagnostics.n_errors > 0 ? CLI_USAGE : CLI_OK);
    result_release(&result);
    return code;
}

const struct cli_command cmd_check = {
    .name = "check",
    .summary = "find every error in recipes without running them",
    .operands = "RECIPE...",
    .min_operands = 1,
    .max_operands = CLI_MANY,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct check_options),
    .details = "Reads the recipes and the recipes that they use, and nothing else: no inputs, no\n"
               "environment, no cluster. Each finding has a kind, which `cpdflow explain KIND`\n"
               "explains.\n",
    .examples = "  cpdflow check deploy.yaml\n"
                "  cpdflow check --format=sarif recipes/*.yaml > check.sarif\n",
    .exits = "  0  no errors, perhaps warnings\n"
             "  2  errors, or a recipe that cannot be read\n",
    .run = run_check,
};
