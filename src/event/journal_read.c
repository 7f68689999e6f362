/*
 * Reading a journal: lines, checksums, and what a crash may leave at the end.
 *
 * A line that does not fit is judged by what comes after it: crashes tear only the end of a file, so a bad line with
 * records behind it, or a bad line that is complete, is corruption.
 */
#include "event/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/event_json.h"
#include "journal_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

enum { CHUNK = 256 * 1024 };

/* A window over the file that holds at least one line. */
struct lines {
    int fd;
    const char *path;
    struct str buffer;
    size_t next;     /* start of the line after this one, in the buffer */
    uint64_t offset; /* of the buffer's start in the file */
    bool is_at_end;
};

struct line {
    const char *text;
    size_t len; /* with the newline when there is one */
    uint64_t offset;
    bool is_complete;
};

static bool fill(struct lines *l, struct err *err) {
    size_t rest = l->buffer.len - l->next;
    if (l->next > 0 && l->buffer.data != NULL) {
        memmove(l->buffer.data, l->buffer.data + l->next, rest);
        str_cut(&l->buffer, rest);
        l->offset += l->next;
        l->next = 0;
    }
    if (!str_reserve(&l->buffer, CHUNK)) {
        return err_set(err, "journal-corrupt", "%s: the line at byte %llu is too long for a record",
                       l->path, (unsigned long long)l->offset);
    }
    char *at = l->buffer.data + rest;
    ssize_t n = pread(l->fd, at, CHUNK, (off_t)(l->offset + rest));
    while (n < 0 && errno == EINTR) {
        n = pread(l->fd, at, CHUNK, (off_t)(l->offset + rest));
    }
    if (n < 0) {
        return err_errno(err, "journal-open", errno, "%s: cannot be read", l->path);
    }
    l->is_at_end = n == 0;
    l->buffer.len += (size_t)n;
    return true;
}

/* The next line; len 0 at the end of the file. */
static bool next_line(struct lines *l, struct line *ret_line, struct err *err) {
    size_t searched = 0;
    for (;;) {
        size_t rest = l->buffer.len - l->next;
        const char *start = l->buffer.data == NULL ? "" : l->buffer.data + l->next;
        const char *newline = memchr(start + searched, '\n', rest - searched);
        if (newline != NULL || l->is_at_end) {
            size_t len = newline == NULL ? rest : (size_t)(newline - start) + 1;
            *ret_line = (struct line){start, len, l->offset + l->next, newline != NULL};
            l->next += len;
            return true;
        }
        searched = rest;
        if (!fill(l, err)) {
            return false;
        }
    }
}

/* ---- one record ---- */

static bool is_record_like(const struct line *line) {
    return line->is_complete && line->len > JOURNAL_BODY &&
           memcmp(line->text, JOURNAL_PREFIX, JOURNAL_PREFIX_LEN) == 0;
}

static bool hex_digit(char c, uint32_t *ret_digit) {
    if (c >= '0' && c <= '9') {
        *ret_digit = (uint32_t)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        *ret_digit = (uint32_t)(c - 'a') + 10;
    } else {
        return false;
    }
    return true;
}

/* True when the line is a record that goes on from `before`. */
static bool check_crc(const struct line *line, uint32_t before, uint32_t *ret_crc) {
    if (!is_record_like(line)) {
        return false;
    }
    uint32_t stored = 0;
    for (size_t i = 0; i < JOURNAL_CRC_DIGITS; i++) {
        uint32_t digit = 0;
        if (!hex_digit(line->text[JOURNAL_PREFIX_LEN + i], &digit)) {
            return false;
        }
        stored = stored << 4 | digit;
    }
    if (memcmp(line->text + JOURNAL_BODY - 2, "\",", 2) != 0) {
        return false;
    }
    *ret_crc = crc32c(before, line->text + JOURNAL_BODY, line->len - JOURNAL_BODY);
    return *ret_crc == stored;
}

struct reading {
    struct lines lines;
    struct arena arena;
    struct journal_info info;
    journal_event_fn on_event;
    void *ctx;
};

static bool corrupt(const struct reading *r, uint64_t offset, const char *what, struct err *err) {
    err_set(err, "journal-corrupt", "%s: record %llu at byte %llu %s", r->lines.path,
            (unsigned long long)r->info.n_records, (unsigned long long)offset, what);
    err_hint(err, "everything before it is whole; the run cannot be resumed from this file");
    return false;
}

static bool parse_record(struct reading *r, const struct line *line, const struct value **ret_value,
                         struct err *err) {
    struct json_options options = {.name = r->lines.path, .max_depth = LIMIT_JSON_DEPTH + 8};
    const struct value *n = NULL;
    int64_t number = 0;
    arena_reset(&r->arena);
    if (!json_parse(&r->arena, line->text, line->len, &options, ret_value, NULL, err)) {
        err_release(err);
        return corrupt(r, line->offset, "is not JSON though its checksum fits", err);
    }
    n = value_get(*ret_value, "n");
    if (n == NULL || !value_as_i64(n, &number) || (uint64_t)number != r->info.n_records) {
        return corrupt(r, line->offset, "is out of order", err);
    }
    return true;
}

static bool read_header(struct reading *r, const struct line *line, struct err *err) {
    const struct value *v = NULL;
    int64_t version = 0;
    if (!parse_record(r, line, &v, err)) {
        return false;
    }
    const struct value *format = value_get(v, "journal");
    const char *run_id = value_text(value_get(v, "run"));
    if (format == NULL || !value_as_i64(format, &version) || run_id == NULL ||
        strlen(run_id) >= sizeof r->info.run_id) {
        return corrupt(r, line->offset, "is not the head of a journal", err);
    }
    if (version != JOURNAL_VERSION) {
        err_set(err, "journal-version", "%s: journal format %lld: this cpdflow reads format %d",
                r->lines.path, (long long)version, JOURNAL_VERSION);
        err_hint(err, "use the version of cpdflow that wrote it");
        return false;
    }
    memcpy(r->info.run_id, run_id, strlen(run_id) + 1);
    return true;
}

static bool read_event(struct reading *r, const struct line *line, struct err *err) {
    const struct value *v = NULL;
    struct event ev;
    struct event_step step;
    if (!parse_record(r, line, &v, err)) {
        return false;
    }
    switch (event_json_read(v, &ev, &step, err)) {
    case EVENT_JSON_BAD:
        return err_wrap(err, "%s: record %llu", r->lines.path,
                        (unsigned long long)r->info.n_records);
    case EVENT_JSON_UNKNOWN:
        r->info.n_unknown++;
        return true;
    case EVENT_JSON_READ:
        break;
    }
    r->info.next_seq = ev.seq + 1;
    r->info.n_events++;
    return r->on_event == NULL || r->on_event(&ev, r->ctx, err);
}

/* ---- the end of the file ---- */

/* Judges a line that does not fit. True: a torn tail from here to the end of the file. */
static bool is_torn(struct reading *r, struct line bad, struct err *err) {
    uint64_t start = bad.offset;
    if (bad.is_complete && memchr(bad.text, '\0', bad.len) == NULL) {
        return corrupt(r, start, "is damaged: its checksum does not fit", err);
    }
    while (bad.len > 0) {
        if (!next_line(&r->lines, &bad, err)) {
            return false;
        }
        if (is_record_like(&bad)) {
            return corrupt(r, start, "is damaged, and more records follow it", err);
        }
    }
    r->info.torn_bytes = bad.offset - start;
    return true;
}

static bool read_records(struct reading *r, struct err *err) {
    for (;;) {
        struct line line;
        uint32_t crc = 0;
        if (!next_line(&r->lines, &line, err)) {
            return false;
        }
        if (line.len == 0) {
            return true;
        }
        if (!check_crc(&line, r->info.crc, &crc)) {
            return is_torn(r, line, err);
        }
        bool is_head = r->info.n_records == 0;
        if (!(is_head ? read_header(r, &line, err) : read_event(r, &line, err))) {
            return false;
        }
        r->info.crc = crc;
        r->info.n_records++;
        r->info.good_bytes += line.len;
    }
}

bool journal_read_fd(int fd, const char *path, journal_event_fn on_event, void *ctx,
                     struct journal_info *ret_info, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_errno(err, "journal-open", errno, "%s", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, "journal-open", "%s: not a regular file", path);
    }
    struct reading r = {
        .lines = {.fd = fd, .path = path, .buffer = STR_INIT(LIMIT_JOURNAL_RECORD + CHUNK)},
        .on_event = on_event,
        .ctx = ctx,
    };
    arena_init(&r.arena, 0);
    bool is_good = read_records(&r, err);
    if (is_good && r.info.n_records == 0) {
        is_good = err_set(err, "journal-empty", "%s: the run ended before it began to write", path);
    }
    if (is_good) {
        *ret_info = r.info;
    }
    arena_release(&r.arena);
    str_release(&r.lines.buffer);
    return is_good;
}

bool journal_read(const char *path, journal_event_fn on_event, void *ctx,
                  struct journal_info *ret_info, struct err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_errno(err, "journal-open", errno, "%s: cannot be opened", path);
    }
    bool is_good = journal_read_fd(fd, path, on_event, ctx, ret_info, err);
    (void)close(fd); /* only read from */
    return is_good;
}
