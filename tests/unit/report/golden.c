#include "unit/report/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

static void update(const char *path, const char *text, size_t len) {
    FILE *f = fopen(path, "w");
    if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0) {
        fail_msg("%s could not be written", path);
    }
}

static void compare(const char *name, const char *expected, const char *text) {
    unsigned line = 1;
    const char *line_start = text;
    const char *expected_start = expected;
    while (*expected != '\0' && *expected == *text) {
        if (*text == '\n') {
            line++;
            line_start = text + 1;
            expected_start = expected + 1;
        }
        expected++;
        text++;
    }
    if (*expected != *text) {
        fail_msg("%s:%u\n  is:        %.*s\n  should be: %.*s", name, line,
                 (int)strcspn(line_start, "\n"), line_start, (int)strcspn(expected_start, "\n"),
                 expected_start);
    }
}

void golden_check(const char *name, const char *text, size_t len) {
    AUTO(str) struct str path = STR_INIT(0);
    AUTO(str) struct str expected = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const char *mode = getenv("CPDFLOW_GOLDEN");
    str_addf(&path, "%s/tests/data/report/%s", TEST_TOP, name);
    if (mode != NULL && strcmp(mode, "update") == 0) {
        update(str_text(&path), text, len);
        return;
    }
    if (!file_read(str_text(&path), MIB, &expected, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(strlen(text), len);
    compare(name, str_text(&expected), text);
}
