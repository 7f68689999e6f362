/*
 * Any bytes as a journal: read to its end or refused. When the first byte is even each line becomes a record with a good
 * checksum, so that what stands behind checksums is reached too: the fold of whatever events these are must render in
 * every format.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/journal.h"
#include "event/journal_priv.h"
#include "event/run_report.h"
#include "report/console.h"
#include "report/report.h"
#include "report/svg_priv.h"

struct listeners {
    struct run_report *report;
    struct sink console;
    struct sink live;
};

static bool on_event(const struct event *ev, void *ctx, struct err *err) {
    struct listeners *l = ctx;
    (void)err;
    run_report_apply(l->report, ev);
    return l->console.on_event(l->console.ctx, ev) && l->live.on_event(l->live.ctx, ev);
}

static void add_record(struct str *out, uint32_t *crc, unsigned n, const char *body, size_t len) {
    AUTO(str) struct str rest = STR_INIT(0);
    str_addf(&rest, "\"n\":%u,", n);
    str_add_bytes(&rest, body, len);
    str_add(&rest, "}\n");
    *crc = crc32c(*crc, rest.data, rest.len);
    str_addf(out, "{\"crc\":\"%08x\",", *crc);
    str_add_bytes(out, rest.data, rest.len);
}

static void wrap(struct str *out, const char *text, size_t len) {
    static const char header[] = "\"journal\":1,\"run\":\"r\"";
    uint32_t crc = 0;
    unsigned n = 0;
    add_record(out, &crc, n++, header, sizeof header - 1);
    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t part = newline == NULL ? len : (size_t)(newline - text);
        add_record(out, &crc, n++, text, part);
        part += newline == NULL ? 0 : 1;
        text += part;
        len -= part;
    }
}

static void render_all(const struct run_report *r) {
    AUTO(str) struct str pictures = STR_INIT(0);
    struct svg svg = {&pictures, SVG_DARK};
    for (size_t i = 0; i < report_n_formats; i++) {
        AUTO(str) struct str out = STR_INIT(0);
        if (report_formats[i].render != NULL) {
            report_formats[i].render(r, &out);
            MUST_HOLD(utf8_is_valid(str_text(&out), out.len));
        }
    }
    (void)svg_timeline(&svg, r);
    (void)svg_graph(&svg, r);
    MUST_HOLD(utf8_is_valid(str_text(&pictures), pictures.len));
}

static int memory_file(const struct str *text) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    MUST_HOLD(fd >= 0);
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        MUST_HOLD(n > 0);
        done += (size_t)n;
    }
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    const char *bytes = (const char *)data + 1;
    if (data[0] % 2 == 0) {
        wrap(&text, bytes, size - 1);
    } else {
        str_add_bytes(&text, bytes, size - 1);
    }
    int fd = memory_file(&text);
    int nowhere = memory_file(&(struct str)STR_INIT(0));
    struct listeners l = {.report = run_report_new()};
    struct console_options options = {
        .fd = nowhere, .verbosity = CONSOLE_DEBUG, .columns = 40, .rows = 10, .report = l.report};
    struct console *plain = console_new(&options);
    options.is_terminal = true;
    options.has_color = true;
    struct console *live = console_new(&options);
    l.console = console_sink(plain);
    l.live = console_sink(live);
    struct journal_info info;
    bool is_read = journal_read_fd(fd, "fuzz", on_event, &l, &info, &err);
    MUST_HOLD(is_read == (err.kind == NULL));
    MUST_HOLD(!is_read || info.good_bytes + info.torn_bytes == text.len);
    console_tick(live, 1000);
    console_summary(plain, NULL, 0);
    render_all(l.report);
    MUST_HOLD(console_free(plain, &err) && console_free(live, &err));
    run_report_free(l.report);
    (void)close(fd);
    (void)close(nowhere);
    return 0;
}
