/*
 * `cpdflow test --update`: writes what came out into the expectations of cases that failed.
 */
#include "test_priv.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "recipe/suite.h"
#include "testing/update.h"

/* With the permissions that the file has; of a link what it points to. */
static bool write_back(const char *path, const struct str *text, struct err *err) {
    struct stat st;
    mode_t mode = stat(path, &st) == 0 ? st.st_mode & 07777U : 0644;
    char *target = realpath(path, NULL);
    bool is_fine =
        file_write_atomic(target == NULL ? path : target, str_text(text), text->len, mode, err);
    free(target); /* realpath's own */
    return is_fine;
}

static bool update_file(const struct test_plan *plan, const struct test_file *file,
                        size_t *ret_n_changed, struct str *notes, struct err *err) {
    struct update *u = update_new(file->suite);
    for (size_t i = 0; i < plan->n_cases; i++) {
        const struct test_case *c = &plan->cases[i];
        if (c->file == file && c->result.n_failures > 0 && c->result.actual != NULL) {
            update_case(u, c->number, c->result.actual);
        }
    }
    AUTO(str) struct str text = STR_INIT(0);
    update_text(u, &text);
    bool is_fine = update_n_changed(u) == 0 || write_back(file->path, &text, err);
    *ret_n_changed += is_fine ? update_n_changed(u) : 0;
    str_add(notes, update_notes(u));
    update_free(u);
    return is_fine;
}

bool test_update(const struct test_plan *plan, size_t *ret_n_changed, struct str *notes,
                 struct err *err) {
    *ret_n_changed = 0;
    for (size_t i = 0; i < plan->n_files; i++) {
        if (!update_file(plan, &plan->files[i], ret_n_changed, notes, err)) {
            return false;
        }
    }
    return true;
}
