/*
 * Copies of requests. Most requests start at once and are never copied.
 */
#include "kept_priv.h"

#include "base/mem.h"

#include <string.h>

void kept_init(struct kept_request *k, const struct run_request *request) {
    *k = (struct kept_request){.request = *request};
    arena_init(&k->memory, 0);
}

static const char *const *copy_texts(struct arena *a, const char *const *texts) {
    size_t n = 0;
    while (texts[n] != NULL) {
        n++;
    }
    const char **copy = arena_alloc(a, (n + 1) * sizeof *copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_strdup(a, texts[i]);
    }
    copy[n] = NULL;
    return copy;
}

static const char *copy_text(struct arena *a, const char *text) {
    return text != NULL ? arena_strdup(a, text) : NULL;
}

void kept_copy(struct kept_request *k) {
    if (k->is_copied) {
        return;
    }
    struct arena *a = &k->memory;
    struct run_request *r = &k->request;
    r->argv = copy_texts(a, r->argv);
    r->env = copy_texts(a, r->env);
    r->cwd = copy_text(a, r->cwd);
    r->log_base = copy_text(a, r->log_base);
    if (r->stdin_data != NULL) {
        k->stdin_copy = mem_alloc(r->stdin_len + 1);
        memcpy(k->stdin_copy, r->stdin_data, r->stdin_len);
        r->stdin_data = k->stdin_copy;
    }
    k->is_copied = true;
}

void kept_release(struct kept_request *k) {
    struct run_request *r = &k->request;
    if (k->stdin_copy != NULL) {
        explicit_bzero(k->stdin_copy,
                       r->stdin_len); /* configuration on stdin is where secrets travel */
        mem_free(k->stdin_copy);
        k->stdin_copy = NULL;
    }
    r->argv = NULL;
    r->env = NULL;
    r->cwd = NULL;
    r->log_base = NULL;
    r->stdin_data = NULL;
    arena_release(&k->memory);
}
