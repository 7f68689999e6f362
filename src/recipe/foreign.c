/*
 * What people who come from other tools write in a step, and what it is called here.
 */
#include "load_priv.h"

#include <string.h>

/* The sum that is easily got wrong: attempts counts the first one too. */
static bool explain_sum(struct loader *l, const struct yaml_node *value, const char *before,
                        const char *after) {
    int64_t n = 0;
    const struct value *v = value->kind == YAML_SCALAR ? yaml_to_value(&l->scratch, value) : NULL;
    if (v == NULL || !value_as_i64(v, &n) || n < 0 || n > 1000) {
        return false;
    }
    diag_hint(l, "%lld %s %lld attempts, with the first: write `%sattempts: %lld%s`", (long long)n,
              n == 1 ? "retry is" : "retries are", (long long)n + 1, before, (long long)n + 1,
              after);
    return true;
}

static bool explain_retries(struct loader *l, const struct yaml_node *value) {
    return explain_sum(l, value, "retry: {", "}");
}

static bool explain_attempts(struct loader *l, const struct yaml_node *value) {
    return explain_sum(l, value, "", "");
}

static bool explain_unit(struct loader *l, const struct yaml_node *value, const char *unit) {
    if (value->kind != YAML_SCALAR || value->text_len == 0 || value->text_len > 9 ||
        strspn(value->text, "0123456789") != value->text_len) {
        return false;
    }
    diag_hint(l, "write `timeout: %s%s`", value->text, unit);
    return true;
}
static bool explain_minutes(struct loader *l, const struct yaml_node *value) {
    return explain_unit(l, value, "m");
}
static bool explain_seconds(struct loader *l, const struct yaml_node *value) {
    return explain_unit(l, value, "s");
}

const struct foreign_word foreign_step[] = {
    {"when", "write `if`", NULL},
    {"register", "write `outputs`: each output is an expression on the result", NULL},
    {"depends", "write `needs`", NULL},
    {"depends_on", "write `needs`", NULL},
    {"runAfter", "write `needs`", NULL},
    {"retries", "write `retry: {attempts: N}`: attempts counts the first one too", explain_retries},
    {"limit", "write `retry: {attempts: N}`: attempts counts the first one too", explain_retries},
    {"with_items", "write `foreach`", NULL},
    {"loop", "write `foreach`", NULL},
    {"matrix", "write `foreach`", NULL},
    {"always", "write `finally` at the top of the recipe, or `if: always()`", NULL},
    {"onExit", "write `finally` at the top of the recipe", NULL},
    {"timeout-minutes", "write `timeout`, with its unit: 5m", explain_minutes},
    {"timeout_sec", "write `timeout`, with its unit: 30s", explain_seconds},
    {"timeout_seconds", "write `timeout`, with its unit: 30s", explain_seconds},
    {"ignore_errors", "write `continue_on_error`", NULL},
    {"continue-on-error", "write `continue_on_error`", NULL},
    {"script", "write `run` for a shell script, `cmd` for a program and its arguments", NULL},
    {"command", "write `cmd` for a program and its arguments, `run` for a shell script", NULL},
    {"shell_command", "write `run`", NULL},
    {"uses", "write `use`", NULL},
    {"exit", "write `expect: [{exit: …}]`", NULL},
    {"until", "write `wait: {until: …}`", NULL},
    {"fail_if", "write `wait: {fail_if: …}`", NULL},
    {"select", "write `outputs`; `select` belongs to `ensure.find`", NULL},
    {"working-directory", "write `cwd`", NULL},
    {"environment", "write `env`", NULL},
    {"params", "write `inputs` at the top of the recipe, `with` for a recipe that is used", NULL},
    {"parameters", "write `inputs` at the top of the recipe, `with` for a recipe that is used",
     NULL},
    {"inputs", "write `inputs` at the top of the recipe, `with` for a recipe that is used", NULL},
    {"args", "write the arguments as a list: `cmd: [program, argument]`", NULL},
    {NULL, NULL, NULL},
};

const struct foreign_word foreign_retry[] = {
    {"retries", "write `attempts`: it counts the first one too", explain_attempts},
    {"limit", "write `attempts`: it counts the first one too", explain_attempts},
    {"max_attempts", "write `attempts`", NULL},
    {"when", "write `on`", NULL},
    {"interval", "write `delay`", NULL},
    {NULL, NULL, NULL},
};
