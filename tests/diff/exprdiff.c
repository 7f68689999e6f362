/*
 * Evaluates expressions from stdin for the differential test, one NDJSON line {"expr": …, "doc": …}
 * after the other, and answers each with one line: {"result": …} or {"error": "kind"}.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/expr.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

#include <stdio.h>
#include <unistd.h>

static void answer(struct arena *a, const struct value *line, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    const struct value *text = value_get(line, "expr");
    const struct value *v = NULL;
    struct expr *e = NULL;
    struct expr_run run = {.current = value_get(line, "doc")};
    if (expr_compile(a, text->as.text, text->len, NULL, &e, &err) &&
        expr_eval(e, &run, a, &v, &err)) {
        str_add(out, "{\"result\":");
        json_print(out, v, JSON_COMPACT);
        str_add(out, "}\n");
    } else {
        str_addf(out, "{\"error\":\"%s\"}\n", err.kind);
    }
}

int main(void) {
    AUTO(str) struct str in = STR_INIT(LIMIT_FILE_BYTES);
    AUTO(err) struct err err = ERR_INIT;
    if (!file_read_fd(STDIN_FILENO, "stdin", LIMIT_FILE_BYTES, &in, &err)) {
        fprintf(stderr, "exprdiff: %s\n", err.message);
        return 2;
    }
    struct arena a = ARENA_INIT(0);
    struct json_options options = {.name = "stdin"};
    AUTO(str) struct str out = STR_INIT(LIMIT_FILE_BYTES);
    for (size_t pos = 0;;) {
        arena_reset(&a);
        str_reset(&out);
        const struct value *line = NULL;
        if (!json_parse_next(&a, str_text(&in), in.len, &pos, &options, &line, &err)) {
            fprintf(stderr, "exprdiff: %s\n", err.message);
            return 2;
        }
        if (!line) {
            break;
        }
        answer(&a, line, &out);
        fwrite(str_text(&out), 1, out.len, stdout);
    }
    arena_release(&a);
    return fflush(stdout) == 0 ? 0 : 2;
}
