/*
 * Secrets leave no trace in text: each registered value is expanded into the forms it takes on its
 * way through encoders, and every occurrence of any form is replaced.
 *
 * Searching: forms are grouped by a hash of their first four bytes, longest first, behind a bitmap
 * that tells at most positions that nothing starts there. Where something may start, the longest
 * form that stands there is found; all bytes that belong to any occurrence vanish, also where
 * occurrences overlap, and each run of them becomes one MASK_TEXT. The same loop serves whole texts
 * and streams.
 */
#include "base/mask.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MIN = 8, /* shorter lines of a multi-line secret are ordinary words too often */
    PREFIX_BYTES = 4,
    HASH_BITS = 16,
    GROUP_SHIFT = 4, /* a group holds the forms of 16 hashes */
    N_GROUPS = 1 << (HASH_BITS - GROUP_SHIFT),
};
static_assert(LIMIT_SECRET_MIN >= PREFIX_BYTES, "every form has a prefix");

struct form {
    const char *text; /* lives in set.texts */
    size_t len;
    uint32_t hash; /* of its prefix */
};

/* Process wide: nobody can write text without it (see the header). */
static struct {
    struct map texts;   /* every form once; the values mean nothing */
    struct form *forms; /* by hash, then longest first */
    size_t n_forms;
    size_t longest;
    uint64_t starts[(1 << HASH_BITS) / 64]; /* bit h: some form's prefix has hash h */
    uint32_t groups[N_GROUPS + 1];          /* where in `forms` the forms of a group start */
} set;

static uint32_t prefix_hash(const char *text) {
    uint32_t prefix;
    memcpy(&prefix, text, sizeof prefix);
    return prefix * UINT32_C(2654435761) >> (32 - HASH_BITS);
}

static int compare_forms(const void *left, const void *right) {
    const struct form *a = left;
    const struct form *b = right;
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return (a->len < b->len) - (a->len > b->len);
}

static void rebuild_table(void) {
    set.n_forms = set.texts.n_entries;
    set.forms = mem_realloc(set.forms, set.n_forms, sizeof *set.forms);
    set.longest = 0;
    memset(set.starts, 0, sizeof set.starts);
    for (size_t i = 0; i < set.n_forms; i++) {
        const struct map_entry *e = &set.texts.entries[i];
        uint32_t hash = prefix_hash(e->key);
        set.forms[i] = (struct form){e->key, e->key_len, hash};
        set.starts[hash / 64] |= UINT64_C(1) << hash % 64;
        set.longest = e->key_len > set.longest ? e->key_len : set.longest;
    }
    qsort(set.forms, set.n_forms, sizeof *set.forms, compare_forms);
    size_t at = 0;
    for (size_t g = 0; g <= N_GROUPS; g++) {
        while (at < set.n_forms && set.forms[at].hash >> GROUP_SHIFT < g) {
            at++;
        }
        set.groups[g] = (uint32_t)at;
    }
}

static void add_form(const char *text, size_t len) {
    if (len >= LIMIT_SECRET_MIN) {
        (void)map_put_len(&set.texts, text, len, &set); /* a second time is no harm */
    }
}

static void add_form_str(struct str *form) {
    add_form(str_text(form), form->len);
    str_reset(form);
}

/*
 * base64(1) and PEM break lines; a secret that begins the text is then found piece by piece. Behind other text the pieces
 * begin anywhere: such a one is found only unbroken.
 */
static void add_wrapped(const char *text, size_t len, size_t width) {
    for (size_t at = 0; at < len && len > width; at += width) {
        size_t n = len - at < width ? len - at : width;
        if (n >= LINE_MIN) {
            add_form(text + at, n);
        }
    }
}

/*
 * What base64 of any text with the secret inside must contain: the secret may start at byte 0, 1 or
 * 2 of a group of three. Characters that also hold bits of a neighbour are left out.
 */
static void add_base64(const char *secret, size_t len, const char *alphabet) {
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t shift = 0; shift < 3; shift++) {
        size_t n_bits = 8 * (shift + len);
        for (size_t bit = (8 * shift + 5) / 6 * 6; bit + 6 <= n_bits; bit += 6) {
            unsigned value = 0;
            for (size_t i = bit; i < bit + 6; i++) {
                size_t byte = i / 8 - shift;
                value = value << 1 | ((unsigned char)secret[byte] >> (7 - i % 8) & 1u);
            }
            str_add_char(&form, alphabet[value]);
        }
        if (shift == 0) {
            add_wrapped(str_text(&form), form.len, 64);
            add_wrapped(str_text(&form), form.len, 76);
        }
        add_form_str(&form);
    }
}

static bool is_unreserved(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* `kept` stay as they are besides the unreserved characters; `space` stands for a blank. */
static void add_url(const char *secret, size_t len, const char *digits, const char *kept,
                    const char *space) {
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)secret[i];
        if (c == ' ' && space != NULL) {
            str_add(&form, space);
        } else if (is_unreserved(c) || (c != '\0' && strchr(kept, c) != NULL)) {
            str_add_char(&form, (char)c);
        } else {
            str_add_char(&form, '%');
            str_add_char(&form, digits[c >> 4]);
            str_add_char(&form, digits[c & 15]);
        }
    }
    add_form_str(&form);
}

enum json_escapes {
    JSON_PLAIN = 0,
    JSON_HTML = 1,  /* < > & as \u003c (Go) */
    JSON_ASCII = 2, /* all but ASCII as \uXXXX (Python) */
    JSON_SLASH = 4, /* \/ (PHP) */
    JSON_SIGNS = 8, /* = and ' as \u003d (Gson) */
    JSON_VARIANTS = 16,
};

static void add_json_char(struct str *form, unsigned cp, unsigned escapes) {
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *n = named; *n != '\0'; n += 2) {
        if (cp == (unsigned char)n[0]) {
            str_addf(form, "\\%c", n[1]);
            return;
        }
    }
    bool is_html = cp == '<' || cp == '>' || cp == '&';
    bool is_sign = cp == '=' || cp == '\'';
    if (cp == '/' && (escapes & JSON_SLASH) != 0) {
        str_add(form, "\\/");
    } else if (cp >= 0x10000 && (escapes & JSON_ASCII) != 0) {
        str_addf(form, "\\u%04x\\u%04x", 0xD7C0 + (cp >> 10), 0xDC00 + (cp & 0x3FF));
    } else if (cp < 0x20 || (is_html && (escapes & JSON_HTML) != 0) ||
               (is_sign && (escapes & JSON_SIGNS) != 0) ||
               (cp >= 0x7F && (escapes & JSON_ASCII) != 0)) {
        str_addf(form, "\\u%04x", cp);
    } else {
        str_add_utf8(form, cp);
    }
}

static void json_text(const char *text, size_t len, unsigned escapes, struct str *out) {
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        at += utf8_decode(text + at, len - at, &cp);
        add_json_char(out, cp, escapes);
    }
}

/* Also as JSON within a JSON text: a body in an event, or in quotes in a configuration of curl. */
static void add_json(const char *secret, size_t len, unsigned escapes) {
    AUTO(str) struct str form = STR_INIT(0);
    AUTO(str) struct str nested = STR_INIT(0);
    json_text(secret, len, escapes, &form);
    json_text(str_text(&form), form.len, JSON_PLAIN, &nested);
    add_form_str(&form);
    add_form_str(&nested);
}

static void add_hex(const char *secret, size_t len, const char *digits) {
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        str_add_char(&form, digits[(unsigned char)secret[i] >> 4]);
        str_add_char(&form, digits[(unsigned char)secret[i] & 15]);
    }
    add_form_str(&form);
}

/* Replaces single characters by texts; pairs[i][0] is the character, the rest its replacement. */
static void add_replaced(const char *secret, size_t len, const char *const *pairs, size_t n_pairs) {
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        size_t p = 0;
        while (p < n_pairs && pairs[p][0] != secret[i]) {
            p++;
        }
        if (p < n_pairs) {
            str_add(&form, pairs[p] + 1);
        } else {
            str_add_char(&form, secret[i]);
        }
    }
    add_form_str(&form);
}

#define N_PAIRS(table) (sizeof(table) / sizeof(table)[0])

static void add_markup_forms(const char *secret, size_t len) {
    static const char *const text[] = {"&&amp;", "<&lt;", ">&gt;"};
    static const char *const named[] = {"&&amp;", "<&lt;", ">&gt;", "\"&quot;", "'&apos;"};
    static const char *const numbered[] = {"&&amp;", "<&lt;", ">&gt;", "\"&#34;", "'&#39;"};
    static const char *const html[] = {"&&amp;", "<&lt;", ">&gt;", "\"&quot;", "'&#39;"};
    static const char *const attribute[] = {"&&amp;", "<&lt;", ">&gt;", "\"&quot;"};
    static const char *const hex[] = {"&&amp;", "<&lt;", ">&gt;", "\"&quot;", "'&#x27;"};
    add_replaced(secret, len, hex, N_PAIRS(hex));
    add_replaced(secret, len, text, N_PAIRS(text));
    add_replaced(secret, len, named, N_PAIRS(named));
    add_replaced(secret, len, numbered, N_PAIRS(numbered));
    add_replaced(secret, len, html, N_PAIRS(html));
    add_replaced(secret, len, attribute, N_PAIRS(attribute));
}

/* Backslash before everything a shell could read, as printf %q writes it. */
static void add_shell_backslashes(const char *secret, size_t len) {
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)secret[i];
        bool is_plain = is_unreserved(c) || c >= 0x80 || strchr("%+,/:=@", c) != NULL;
        if (!is_plain || c == '~') {
            str_add_char(&form, '\\');
        }
        str_add_char(&form, (char)c);
    }
    add_form_str(&form);
}

/* $'…', as printf %q writes what no backslash can quote; in the C locale also what is not ASCII. */
static void add_shell_ansi(const char *secret, size_t len, bool is_ascii) {
    static const char named[] = "\aa\bb\tt\nn\vv\ff\rr\033E''\\\\";
    AUTO(str) struct str form = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)secret[i];
        const char *n = named;
        while (*n != '\0' && (unsigned char)n[0] != c) {
            n += 2;
        }
        if (c != '\0' && *n != '\0') {
            str_addf(&form, "\\%c", n[1]);
        } else if (c < 0x20 || c == 0x7F || (is_ascii && c >= 0x80)) {
            str_addf(&form, "\\%03o", c);
        } else {
            str_add_char(&form, (char)c);
        }
    }
    add_form_str(&form);
}

static void add_shell_forms(const char *secret, size_t len) {
    static const char *const in_yaml[] = {"'''"};
    static const char *const in_single[] = {"''\\''"};
    static const char *const in_single_double[] = {"''\"'\"'"};
    static const char *const in_double[] = {"\\\\\\", "\"\\\"", "$\\$", "`\\`"};
    add_replaced(secret, len, in_single, N_PAIRS(in_single));
    add_replaced(secret, len, in_single_double, N_PAIRS(in_single_double));
    add_replaced(secret, len, in_double, N_PAIRS(in_double));
    add_replaced(secret, len, in_yaml, N_PAIRS(in_yaml));
    add_shell_backslashes(secret, len);
    add_shell_ansi(secret, len, false);
    add_shell_ansi(secret, len, true);
}

static void add_all_forms(const char *secret, size_t len) {
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char base64_url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static const char *const url_kept[] = {"", "/", "!'()*", "!#$&'()*+,/:;=?@[]"};
    add_form(secret, len);
    add_base64(secret, len, base64);
    add_base64(secret, len, base64_url);
    for (size_t i = 0; i < sizeof url_kept / sizeof url_kept[0]; i++) {
        add_url(secret, len, "0123456789ABCDEF", url_kept[i], NULL);
        add_url(secret, len, "0123456789abcdef", url_kept[i], NULL);
        add_url(secret, len, "0123456789ABCDEF", url_kept[i], "+");
        add_url(secret, len, "0123456789abcdef", url_kept[i], "+");
    }
    for (unsigned escapes = 0; escapes < JSON_VARIANTS; escapes++) {
        add_json(secret, len, escapes);
    }
    add_hex(secret, len, "0123456789abcdef");
    add_hex(secret, len, "0123456789ABCDEF");
    add_markup_forms(secret, len);
    add_shell_forms(secret, len);
}

/* What a terminal, a browser or git makes of the ends of lines. */
static void add_other_line_ends(const char *secret, size_t len) {
    AUTO(str) struct str unix_ends = STR_INIT(0);
    AUTO(str) struct str other_ends = STR_INIT(0);
    for (size_t i = 0; i < len; i++) {
        bool is_pair = secret[i] == '\r' && i + 1 < len && secret[i + 1] == '\n';
        if (is_pair) {
            continue;
        }
        str_add_char(&unix_ends, secret[i]);
        str_add(&other_ends, secret[i] == '\n' ? "\r" : "");
        str_add_char(&other_ends, secret[i]);
    }
    add_all_forms(str_text(&unix_ends), unix_ends.len);
    add_all_forms(str_text(&other_ends), other_ends.len);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A value read from a file ends with a newline that its users drop. */
static void add_trimmed(const char *secret, size_t len) {
    size_t from = 0;
    size_t to = len;
    while (from < to && is_blank(secret[from])) {
        from++;
    }
    while (to > from && is_blank(secret[to - 1])) {
        to--;
    }
    if (to - from < len && utf8_count(secret + from, to - from) >= LIMIT_SECRET_MIN) {
        add_all_forms(secret + from, to - from);
    }
}

static void add_lines(const char *secret, size_t len) {
    const char *end = secret + len;
    for (const char *line = secret; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline == NULL ? end : newline;
        size_t line_len = (size_t)(line_end - line);
        if (line_len > 0 && line[line_len - 1] == '\r') {
            line_len--;
        }
        if (line_len >= LINE_MIN && line_len < len) {
            add_all_forms(line, line_len);
        }
        line = line_end + 1;
    }
}

bool mask_register(const char *secret, size_t len) {
    if (len == strlen(MASK_TEXT) && memcmp(secret, MASK_TEXT, len) == 0) {
        return true; /* a replay: it was masked when it was recorded */
    }
    if (len < LIMIT_SECRET_MIN || utf8_count(secret, len) < LIMIT_SECRET_MIN) {
        return false;
    }
    add_all_forms(secret, len);
    add_trimmed(secret, len);
    if (memchr(secret, '\n', len) != NULL) {
        add_lines(secret, len);
        add_other_line_ends(secret, len);
    }
    rebuild_table();
    return true;
}

bool mask_is_active(void) {
    return set.n_forms > 0;
}

void mask_clear(void) {
    map_release(&set.texts);
    mem_free(set.forms);
    memset(&set, 0, sizeof set);
}

/* The first position from `at` on where a form may start, or `end`. */
static size_t next_start(const char *text, size_t len, size_t at, size_t end) {
    size_t last = len < PREFIX_BYTES ? 0 : len - PREFIX_BYTES + 1; /* one behind the last prefix */
    size_t stop = end < last ? end : last;
    for (; at < stop; at++) {
        uint32_t hash = prefix_hash(text + at);
        if ((set.starts[hash / 64] >> hash % 64 & 1) != 0) {
            return at;
        }
    }
    return end;
}

/* Length of the longest form at the start of the text, 0 when none stands there; len >=
 * PREFIX_BYTES. */
static size_t longest_at(const char *text, size_t len) {
    uint32_t group = prefix_hash(text) >> GROUP_SHIFT;
    for (uint32_t i = set.groups[group]; i < set.groups[group + 1]; i++) {
        const struct form *f = &set.forms[i];
        if (f->len <= len && memcmp(f->text, text, f->len) == 0) {
            return f->len;
        }
    }
    return 0;
}

/*
 * Handles the positions 0 .. n_decided - 1 of a text of `len` bytes (what stands behind them is
 * looked at only). `*covered` is the number of bytes, counted from the current position, that
 * belong to an occurrence already replaced.
 */
static void mask_positions(struct str *out, const char *text, size_t len, size_t n_decided,
                           size_t *covered) {
    size_t covered_end = *covered;
    size_t at = next_start(text, len, 0, n_decided);
    while (at < n_decided) {
        size_t n = longest_at(text + at, len - at);
        if (n > 0 && at >= covered_end) {
            str_add_bytes(out, text + covered_end, at - covered_end);
            str_add(out, MASK_TEXT);
        }
        if (n > 0 && at + n > covered_end) {
            covered_end = at + n;
        }
        at = next_start(text, len, at + 1, n_decided);
    }
    if (covered_end < n_decided) {
        str_add_bytes(out, text + covered_end, n_decided - covered_end);
    }
    *covered = covered_end > n_decided ? covered_end - n_decided : 0;
}

void mask_add(struct str *out, const char *text, size_t len) {
    if (set.n_forms == 0) {
        str_add_bytes(out, text, len);
        return;
    }
    size_t covered = 0;
    mask_positions(out, text, len, len, &covered);
}

bool mask_finds(const char *text, size_t len) {
    size_t at = set.n_forms == 0 ? len : next_start(text, len, 0, len);
    while (at < len && longest_at(text + at, len - at) == 0) {
        at = next_start(text, len, at + 1, len);
    }
    return at < len;
}

size_t mask_margin(void) {
    return set.longest == 0 ? 0 : set.longest - 1;
}

struct mask_stream {
    struct str held; /* not decided yet */
    size_t covered;  /* of `held`, already replaced */
};

struct mask_stream *mask_stream_new(void) {
    return mem_zalloc(1, sizeof(struct mask_stream));
}

void mask_stream_free(struct mask_stream *m) {
    if (m != NULL) {
        str_release(&m->held);
        mem_free(m);
    }
}

/* Decides all but the last `keep` bytes of what is held. */
static void decide(struct mask_stream *m, size_t keep, struct str *out) {
    size_t n_held = m->held.len;
    if (n_held <= keep) {
        return;
    }
    size_t n_decided = n_held - keep;
    mask_positions(out, m->held.data, n_held, n_decided, &m->covered);
    memmove(m->held.data, m->held.data + n_decided, keep);
    str_cut(&m->held, keep);
}

void mask_stream_feed(struct mask_stream *m, const char *bytes, size_t len, struct str *out) {
    enum { PIECE = 64 * 1024 }; /* what is held stays small whatever the caller brings */
    while (len > 0) {
        size_t n = len < PIECE ? len : PIECE;
        str_add_bytes(&m->held, bytes, n);
        decide(m, set.longest > 0 ? set.longest - 1 : 0, out);
        bytes += n;
        len -= n;
    }
}

void mask_stream_end(struct mask_stream *m, struct str *out) {
    decide(m, 0, out);
    m->covered = 0;
}
