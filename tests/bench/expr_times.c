/*
 * usage: expr_times benchmarks.json
 * Microseconds to compile and to evaluate each benchmark of a JMESPath suite, one line each: name, compile, evaluate. The
 * counterpart of expr_times.mjs.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/expr.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <stdio.h>

#define BUDGET_NS 50000000 /* for each of the two loops */

static double compile_us(const struct value *text) {
    struct arena arena = ARENA_INIT(0);
    int64_t start = clock_monotonic_ns();
    int64_t n = 0;
    for (; clock_monotonic_ns() - start < BUDGET_NS; n++) {
        AUTO(err) struct err err = ERR_INIT;
        struct expr *expr = NULL;
        arena_reset(&arena);
        if (!expr_compile(&arena, text->as.text, text->len, NULL, &expr, &err)) {
            break;
        }
    }
    arena_release(&arena);
    return (double)(clock_monotonic_ns() - start) / 1000.0 / (double)(n > 0 ? n : 1);
}

static double eval_us(const struct value *text, const struct value *document) {
    struct arena compiled = ARENA_INIT(0);
    struct arena arena = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct expr *expr = NULL;
    int64_t n = 0;
    int64_t start = clock_monotonic_ns();
    if (expr_compile(&compiled, text->as.text, text->len, NULL, &expr, &err)) {
        struct expr_run run = {.current = document};
        for (; clock_monotonic_ns() - start < BUDGET_NS; n++) {
            const struct value *result = NULL;
            arena_reset(&arena);
            (void)expr_eval(expr, &run, &arena, &result,
                            &err); /* its time counts, not its result */
        }
    }
    arena_release(&arena);
    arena_release(&compiled);
    return (double)(clock_monotonic_ns() - start) / 1000.0 / (double)(n > 0 ? n : 1);
}

static void measure_suite(const struct value *suite) {
    const struct value *given = value_get(suite, "given");
    const struct value *cases = value_get(suite, "cases");
    for (uint32_t i = 0; cases != NULL && i < cases->len; i++) {
        const struct value *text = value_get(cases->as.items[i], "expression");
        const char *name = value_text(value_get(cases->as.items[i], "comment"));
        printf("%s\t%.3f\t%.3f\n", name != NULL ? name : "?", compile_us(text),
               eval_us(text, given));
    }
}

int main(int argc, char **argv) {
    AUTO(str) struct str text = STR_INIT(LIMIT_FILE_BYTES);
    AUTO(err) struct err err = ERR_INIT;
    struct arena arena = ARENA_INIT(0);
    struct json_options options = {.name = argc == 2 ? argv[1] : NULL};
    const struct value *suites = NULL;
    if (argc != 2 || !file_read(argv[1], LIMIT_FILE_BYTES, &text, &err) ||
        !json_parse(&arena, text.data, text.len, &options, &suites, NULL, &err)) {
        fprintf(stderr, "expr_times: %s\n", err.message != NULL ? err.message : "which file?");
        return 2;
    }
    for (uint32_t i = 0; i < suites->len; i++) {
        measure_suite(suites->as.items[i]);
    }
    arena_release(&arena);
    return 0;
}
