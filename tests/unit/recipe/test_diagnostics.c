/*
 * Everything that can be wrong with a recipe, and the exact words for it: tests/data/recipe-errors/
 * *.test. A file holds cases:
 *
 *   === what the case is
 *   --- recipe.yaml          (and other files, for `use`)
 *   --- expect               the diagnostics, as printed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "fixture.h"

#define DATA      TEST_TOP "/tests/data/recipe-errors"
#define MAX_FILES 100

/* A line-wise cursor over one .test file. */
struct reader {
    const char *at;
    const char *line;
    size_t len; /* of the line, its end included */
};

static bool next_line(struct reader *r) {
    r->line = r->at;
    const char *end = strchr(r->at, '\n');
    r->len = end != NULL ? (size_t)(end - r->at) + 1 : strlen(r->at);
    r->at += r->len;
    return r->len > 0;
}

/* The word behind a mark such as "--- ", in `word`. */
static bool is_mark(const struct reader *r, const char *mark, char *word, size_t size) {
    size_t n = strlen(mark);
    if (r->len <= n || strncmp(r->line, mark, n) != 0) {
        return false;
    }
    snprintf(word, size, "%.*s", (int)(r->len - n - 1), r->line + n);
    return true;
}

static void write_file(const char *name, const struct str *text) {
    AUTO(err) struct err err = ERR_INIT;
    if (!file_write_atomic(name, str_text(text), text->len, 0600, &err)) {
        fail_msg("%s", err.message);
    }
}

static void check_case(const char *name, const char *expected) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load("recipe.yaml", &d);
    AUTO(str) struct str shown = STR_INIT(0);
    render_diagnostics(&d, &shown);
    if (strcmp(str_text(&shown), expected) != 0) {
        fail_msg("case '%s' gave\n%s", name, str_text(&shown));
    }
    assert_int_equal(r == NULL, d.n_errors > 0);
    recipe_free(r);
    diagnostics_release(&d);
}

static void end_section(const char *case_name, const char *section, struct str *text) {
    if (strcmp(section, "expect") == 0) {
        check_case(case_name, str_text(text));
    } else if (section[0] != '\0') {
        write_file(section, text);
    }
    str_reset(text);
}

static void check_file(void **state) {
    const char *path = *state;
    AUTO(str) struct str data = STR_INIT(0);
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    if (!file_read(path, 1 << 20, &data, &err)) {
        fail_msg("%s", err.message);
    }
    struct reader r = {str_text(&data), NULL, 0};
    char case_name[200] = "";
    char section[200] = "";
    int n_cases = 0;
    while (next_line(&r)) {
        char word[200];
        if (is_mark(&r, "=== ", word, sizeof word)) {
            end_section(case_name, section, &text);
            memcpy(case_name, word, sizeof word);
            section[0] = '\0';
            n_cases++;
        } else if (n_cases > 0 && is_mark(&r, "--- ", word, sizeof word)) {
            end_section(case_name, section, &text);
            memcpy(section, word, sizeof word);
        } else {
            str_add_bytes(&text, r.line, r.len);
        }
    }
    end_section(case_name, section, &text);
    assert_true(n_cases > 0);
}

static int in_fresh_folder(void **state) {
    (void)state;
    static char folder[] = "/tmp/test_diagnostics.XXXXXX";
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int without_folder(void **state) {
    (void)state;
    char folder[200];
    AUTO(err) struct err err = ERR_INIT;
    return getcwd(folder, sizeof folder) != NULL && chdir("/") == 0 &&
                   file_remove_tree(folder, &err)
               ? 0
               : -1;
}

int main(void) {
    struct CMUnitTest tests[MAX_FILES];
    size_t n = 0;
    DIR *dir = opendir(DATA);
    if (dir == NULL) {
        return 1;
    }
    for (const struct dirent *e = readdir(dir); e != NULL && n < MAX_FILES; e = readdir(dir)) {
        if (str_ends(e->d_name, ".test")) {
            char *path = file_join(DATA, e->d_name);
            tests[n++] = (struct CMUnitTest){path, check_file, NULL, NULL, path};
        }
    }
    closedir(dir);
    int n_failed =
        _cmocka_run_group_tests("diagnostics", tests, n, in_fresh_folder, without_folder);
    for (size_t i = 0; i < n; i++) {
        mem_free(tests[i].initial_state);
    }
    return n_failed;
}
