/*
 * Mutation: every field of a recipe broken in turn, and which of them no test noticed.
 *
 * Recipes are shared out among processes as cases are; each tells the mutants that survived, one number a line.
 */
#include "test_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/load.h"
#include "recipe/suite.h"
#include "testing/mutate.h"

/* Whether some case of the recipe fails on the mutant. */
static bool is_noticed(const struct test_plan *plan, const struct recipe *original,
                       const struct recipe *mutant) {
    for (size_t i = 0; i < plan->n_cases; i++) {
        const struct test_case *c = &plan->cases[i];
        if (c->file->recipe != original) {
            continue;
        }
        struct play_setup setup = {.suite = c->file->suite,
                                   .run = &c->file->suite->runs[c->number],
                                   .recipe = mutant,
                                   .suite_dir = c->file->dir,
                                   .scratch = plan->scratch};
        struct play_result result;
        play_case(&setup, &result);
        bool has_failed = result.n_failures > 0;
        play_result_release(&result);
        if (has_failed) {
            return true;
        }
    }
    return false;
}

/* "N" for a survivor, "N no" for one that is no recipe any more. */
static void try_mutants(const struct test_plan *plan, const struct recipe *r,
                        const struct mutants *m, size_t first, size_t step, struct str *out) {
    for (size_t i = first; i < m->n; i += step) {
        struct recipe *mutant = mutant_load(m, i);
        if (mutant == NULL) {
            str_addf(out, "%zu no\n", i);
        } else if (!is_noticed(plan, r, mutant)) {
            str_addf(out, "%zu\n", i);
        }
        recipe_free(mutant);
    }
}

static int start(const struct test_plan *plan, const struct recipe *r, const struct mutants *m,
                 size_t first, size_t step, pid_t *ret_pid) {
    int fds[2];
    if (pipe(fds) != 0) {
        return -1;
    }
    *ret_pid = fork();
    if (*ret_pid == 0) {
        (void)close(fds[0]); /* the reader's end */
        AUTO(str) struct str text = STR_INIT(0);
        try_mutants(plan, r, m, first, step, &text);
        _exit(file_write_all(fds[1], str_text(&text), text.len) ? 0 : 1);
    }
    (void)close(fds[1]); /* the child's end */
    if (*ret_pid < 0) {
        (void)close(fds[0]); /* nobody writes */
        return -1;
    }
    return fds[0];
}

static void read_survivors(const struct mutants *m, const char *text, char *marks) {
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        size_t digits = strspn(text, "0123456789");
        int64_t n = 0;
        if (num_parse_i64(text, digits, &n) && (size_t)n < m->n) {
            marks[n] = digits == len ? 's' : 'n';
        }
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

/* 's' in marks: survived; 'n': no recipe. False: a process died. */
static bool try_all(const struct test_plan *plan, const struct recipe *r, const struct mutants *m,
                    size_t n_jobs, char *marks) {
    bool is_fine = true;
    struct {
        pid_t pid;
        int fd;
    } *workers = mem_zalloc(n_jobs, sizeof *workers);
    for (size_t i = 0; i < n_jobs; i++) {
        workers[i].fd = start(plan, r, m, i, n_jobs, &workers[i].pid);
    }
    for (size_t i = 0; i < n_jobs; i++) {
        AUTO(str) struct str text = STR_INIT(0);
        struct err err = ERR_INIT;
        int status = 0;
        is_fine = workers[i].fd >= 0 &&
                  file_read_fd(workers[i].fd, "mutants", LIMIT_RESULT_BYTES, &text, &err) &&
                  is_fine;
        err_release(&err); /* told as a whole */
        if (workers[i].fd >= 0) {
            (void)close(workers[i].fd); /* it was only read */
            is_fine =
                waitpid(workers[i].pid, &status, 0) == workers[i].pid && status == 0 && is_fine;
        }
        read_survivors(m, str_text(&text), marks);
    }
    mem_free(workers);
    return is_fine;
}

static void tell(const struct recipe *r, const struct mutants *m, const char *marks,
                 struct str *out) {
    size_t n_tried = 0;
    size_t n_survived = 0;
    for (size_t i = 0; i < m->n; i++) {
        n_tried += marks[i] == 'n' ? 0 : 1;
        n_survived += marks[i] == 's' ? 1 : 0;
    }
    str_addf(out, "mutants  %s  %zu of %zu noticed\n", r->file, n_tried - n_survived, n_tried);
    for (size_t i = 0; i < m->n; i++) {
        if (marks[i] == 's') {
            str_addf(out, "  %5u | %s\n        ^ no test notices: %s %s\n", m->items[i].line,
                     r->lines[m->items[i].line - 1], m->items[i].path, m->items[i].what);
        }
    }
}

bool test_mutate(const struct test_plan *plan, size_t n_jobs, struct str *out, struct err *err) {
    for (size_t i = 0; i < plan->recipes.n_entries; i++) {
        const struct recipe *r = plan->recipes.entries[i].value;
        struct mutants *m = mutants_new(r);
        if (m == NULL) {
            return err_set(err, "internal", "%s cannot be read again", r->file);
        }
        char *marks = mem_zalloc(m->n + 1, 1);
        bool is_fine = try_all(plan, r, m, n_jobs, marks);
        tell(r, m, marks, out);
        mem_free(marks);
        mutants_free(m);
        if (!is_fine) {
            return err_set(err, "internal", "a process that tried mutants of %s died", r->file);
        }
    }
    return true;
}
