/*
 * What a new recording takes over from the one that it replaces.
 */
#include "settle_priv.h"

#include <string.h>

#include "base/mem.h"

/* "2026-01-31T09:05:00", fractions, and Z or an offset: its length at the start of the text, 0: none. */
static size_t time_length(const char *text, size_t len) {
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t n = sizeof form - 1;
    if (len < n) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        bool is_apart = form[i] == 'T' && text[i] == ' ';
        if (form[i] == 'd' ? !is_digit : text[i] != form[i] && !is_apart) {
            return 0;
        }
    }
    while (n < len && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.')) {
        n++;
    }
    return n;
}

bool settle_is_same(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t i = 0;
    size_t k = 0;
    while (i < a_len && k < b_len) {
        size_t a_time = time_length(a + i, a_len - i);
        size_t b_time = a_time == 0 ? 0 : time_length(b + k, b_len - k);
        if (b_time > 0) {
            i += a_time;
            k += b_time;
        } else if (a[i] == b[k]) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    return i == a_len && k == b_len;
}

static bool same_texts(const char *const *a, const char *const *b) {
    size_t i = 0;
    while (a[i] != NULL && b[i] != NULL && settle_is_same(a[i], strlen(a[i]), b[i], strlen(b[i]))) {
        i++;
    }
    return a[i] == NULL && b[i] == NULL;
}

static bool same_stdin(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && settle_is_same(a, strlen(a), b, strlen(b)));
}

static bool is_same_call(const struct tape_call *a, const struct tape_call *b) {
    return strcmp(a->step, b->step) == 0 && strcmp(a->role, b->role) == 0 &&
           same_texts(a->argv, b->argv) && same_stdin(a->stdin_text, b->stdin_text);
}

/* Within half of it: the machine or the network was a little slower. */
static bool is_near(int64_t a, int64_t b) {
    int64_t larger = a > b ? a : b;
    int64_t smaller = a > b ? b : a;
    return larger - smaller <= larger / 2 || larger - smaller <= 200;
}

static void take_over(struct tape_call *c, const struct tape_call *old) {
    c->argv = old->argv; /* the same but for times */
    c->stdin_text = old->stdin_text;
    if (settle_is_same(c->out, c->out_len, old->out, old->out_len)) {
        c->out = old->out;
        c->out_len = old->out_len;
    }
    if (settle_is_same(c->err, c->err_len, old->err, old->err_len)) {
        c->err = old->err;
        c->err_len = old->err_len;
    }
    if (is_near(c->duration_ms, old->duration_ms)) {
        c->duration_ms = old->duration_ms;
    }
}

void settle(struct tape *tape, const struct tape *old) {
    bool *is_taken = mem_zalloc(old->n_calls + 1, sizeof *is_taken);
    for (size_t i = 0; i < tape->n_calls; i++) {
        size_t k = 0;
        while (k < old->n_calls &&
               (is_taken[k] || !is_same_call(&tape->calls[i], &old->calls[k]))) {
            k++;
        }
        if (k < old->n_calls) {
            is_taken[k] = true;
            take_over(&tape->calls[i], &old->calls[k]);
        }
    }
    mem_free(is_taken);
}
