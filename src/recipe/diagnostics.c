/*
 * The list of everything that is wrong with a recipe.
 */
#include "recipe/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "maxima.h"

void diagnostics_release(struct diagnostics *d) {
    for (size_t i = 0; i < d->n; i++) {
        err_release(&d->items[i].err);
    }
    for (size_t i = 0; i < d->n_files; i++) {
        mem_free(d->files[i]);
    }
    mem_free(d->items);
    mem_free(d->files);
    *d = (struct diagnostics)DIAGNOSTICS_INIT;
}

const char *diagnostics_file(struct diagnostics *d, const char *file) {
    for (size_t i = 0; i < d->n_files; i++) {
        if (strcmp(d->files[i], file) == 0) {
            return d->files[i];
        }
    }
    d->files = mem_realloc(d->files, d->n_files + 1, sizeof *d->files);
    d->files[d->n_files] = mem_strdup(file);
    return d->files[d->n_files++];
}

void diagnostics_add(struct diagnostics *d, bool is_warning, struct err *err) {
    if (!is_warning) {
        d->n_errors++;
    }
    if (d->n >= LIMIT_DIAGNOSTICS) {
        d->n_suppressed++;
        err_release(err);
        return;
    }
    if (d->n == d->cap) {
        d->cap = d->cap == 0 ? 16 : d->cap * 2;
        d->items = mem_realloc(d->items, d->cap, sizeof *d->items);
    }
    struct diagnostic *item = &d->items[d->n++];
    *item = (struct diagnostic){is_warning, ERR_INIT};
    err_move(&item->err, err);
    if (item->err.place.file != NULL) {
        item->err.place.file = diagnostics_file(d, item->err.place.file);
    }
}

static size_t file_number(const struct diagnostics *d, const char *file) {
    size_t i = 0;
    while (i < d->n_files && d->files[i] != file) {
        i++;
    }
    return i;
}

static int compare_sizes(size_t a, size_t b) {
    return (a > b) - (a < b);
}

struct sort_key {
    size_t file;
    size_t line;
    size_t col;
    size_t number; /* qsort is not stable */
};

static int compare_keys(const void *a, const void *b) {
    const struct sort_key *x = a;
    const struct sort_key *y = b;
    int order = compare_sizes(x->file, y->file);
    order = order != 0 ? order : compare_sizes(x->line, y->line);
    order = order != 0 ? order : compare_sizes(x->col, y->col);
    return order != 0 ? order : compare_sizes(x->number, y->number);
}

void diagnostics_sort(struct diagnostics *d) {
    if (d->n < 2) {
        return;
    }
    struct sort_key *keys = mem_zalloc(d->n, sizeof *keys);
    for (size_t i = 0; i < d->n; i++) {
        const struct place *place = &d->items[i].err.place;
        keys[i] = (struct sort_key){file_number(d, place->file), place->line, place->col, i};
    }
    qsort(keys, d->n, sizeof *keys, compare_keys);
    struct diagnostic *sorted = mem_zalloc(d->n, sizeof *sorted);
    for (size_t i = 0; i < d->n; i++) {
        sorted[i] = d->items[keys[i].number];
    }
    mem_free(d->items);
    mem_free(keys);
    d->items = sorted;
    d->cap = d->n;
}
