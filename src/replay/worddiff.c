/*
 * Differences between two texts, word by word.
 *
 * Words are runs of letters, digits and what ids and names are made of; each other character stands for itself. What both
 * texts begin and end with is put aside first, so the table of the longest common subsequence stays small; where it would
 * not, the whole middle is one difference.
 */
#include "match_priv.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MAX_CELLS = 4000000, CONTEXT_BYTES = 40 };

struct word {
    const char *text;
    size_t len;
};
struct words {
    struct word *items;
    size_t n;
};

static bool is_word(char c) {
    return isalnum((unsigned char)c) != 0 || strchr("_-./{}*", c) != NULL || (unsigned char)c > 127;
}

static struct words split(const char *text) {
    struct words w = {mem_zalloc(strlen(text) + 1, sizeof *w.items), 0};
    while (*text != '\0') {
        size_t len = 1;
        while (is_word(text[0]) && text[len] != '\0' && is_word(text[len])) {
            len++;
        }
        w.items[w.n++] = (struct word){text, len};
        text += len;
    }
    return w;
}

static bool same(const struct word *a, const struct word *b) {
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

struct diff {
    struct str *out;
    bool has_color;
    struct str gone;
    struct str added;
    struct str kept; /* since the last difference */
    bool has_difference;
};

static void add_marked(struct diff *d, struct str *text, const char *open, const char *close,
                       const char *color) {
    if (text->len > 0) {
        str_addf(d->out, "%s%s%s", d->has_color ? color : open, str_text(text),
                 d->has_color ? "\033[0m" : close);
        str_reset(text);
    }
}

static void flush_changes(struct diff *d) {
    add_marked(d, &d->gone, "[-", "-]", "\033[31m");
    add_marked(d, &d->added, "{+", "+}", "\033[32m");
}

/* What is common on both sides of a difference; far from one it is left out. */
static void flush_kept(struct diff *d, bool is_last) {
    const char *text = str_text(&d->kept);
    size_t head = d->has_difference ? CONTEXT_BYTES : 0;
    size_t tail = is_last ? 0 : CONTEXT_BYTES;
    if (d->kept.len <= head + tail + sizeof "…") {
        str_add(d->out, text);
    } else {
        while (head > 0 && ((unsigned char)text[head] & 0xC0U) == 0x80U) {
            head--;
        }
        size_t from = d->kept.len - tail;
        while (from < d->kept.len && ((unsigned char)text[from] & 0xC0U) == 0x80U) {
            from++;
        }
        str_add_bytes(d->out, text, head);
        str_add(d->out, "…");
        str_add(d->out, text + from);
    }
    str_reset(&d->kept);
}

static void keep(struct diff *d, const struct word *w) {
    flush_changes(d);
    str_add_bytes(&d->kept, w->text, w->len);
}

static void change(struct diff *d, struct str *side, const struct word *w) {
    if (d->gone.len + d->added.len == 0) {
        flush_kept(d, false);
        d->has_difference = true;
    }
    str_add_bytes(side, w->text, w->len);
}

/* lengths[i * (m + 1) + j]: of the longest common subsequence of a[i..] and b[j..]. */
static unsigned *lcs_lengths(const struct word *a, size_t n, const struct word *b, size_t m) {
    unsigned *lengths = mem_zalloc((n + 1) * (m + 1), sizeof *lengths);
    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            unsigned down = lengths[(i + 1) * (m + 1) + j];
            unsigned right = lengths[i * (m + 1) + j + 1];
            unsigned longer = down > right ? down : right;
            lengths[i * (m + 1) + j] =
                same(&a[i], &b[j]) ? lengths[(i + 1) * (m + 1) + j + 1] + 1 : longer;
        }
    }
    return lengths;
}

static void diff_middle(struct diff *d, const struct word *a, size_t n, const struct word *b,
                        size_t m) {
    size_t i = 0;
    size_t j = 0;
    if (n > 0 && m > 0 && n + 1 <= MAX_CELLS / (m + 1)) {
        unsigned *lengths = lcs_lengths(a, n, b, m);
        while (i < n && j < m) {
            if (same(&a[i], &b[j])) {
                keep(d, &a[i]);
                i++;
                j++;
            } else if (lengths[(i + 1) * (m + 1) + j] >= lengths[i * (m + 1) + j + 1]) {
                change(d, &d->gone, &a[i++]);
            } else {
                change(d, &d->added, &b[j++]);
            }
        }
        mem_free(lengths);
    }
    while (i < n) {
        change(d, &d->gone, &a[i++]);
    }
    while (j < m) {
        change(d, &d->added, &b[j++]);
    }
}

void word_diff(const char *was, const char *is, bool has_color, struct str *out) {
    struct words a = split(was);
    struct words b = split(is);
    struct diff d = {.out = out,
                     .has_color = has_color,
                     .gone = STR_INIT(0),
                     .added = STR_INIT(0),
                     .kept = STR_INIT(0)};
    size_t head = 0;
    while (head < a.n && head < b.n && same(&a.items[head], &b.items[head])) {
        keep(&d, &a.items[head++]);
    }
    size_t tail = 0;
    while (tail < a.n - head && tail < b.n - head &&
           same(&a.items[a.n - 1 - tail], &b.items[b.n - 1 - tail])) {
        tail++;
    }
    diff_middle(&d, a.items + head, a.n - head - tail, b.items + head, b.n - head - tail);
    for (size_t i = a.n - tail; i < a.n; i++) {
        keep(&d, &a.items[i]);
    }
    flush_changes(&d);
    flush_kept(&d, true);
    str_release(&d.gone);
    str_release(&d.added);
    str_release(&d.kept);
    mem_free(a.items);
    mem_free(b.items);
}
