#include "unit/report/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"

int64_t stage_now_ms;

static int64_t stage_clock(void) {
    return stage_now_ms;
}

static int fresh_file(void) {
    char path[] = "/tmp/test-console-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    return fd;
}

void stage_open(struct stage *s, struct console_options options) {
    stage_now_ms = 1000;
    *s = (struct stage){.fd = options.fd == 0 ? fresh_file() : -1};
    script_init(&s->script);
    s->report = run_report_new();
    options.fd = options.fd == 0 ? s->fd : options.fd;
    options.report = s->report;
    options.now_ms = stage_clock;
    s->console = console_new(&options);
    event_bus_add(&s->script.bus, run_report_sink(s->report));
    event_bus_add(&s->script.bus, console_sink(s->console));
}

void stage_written(struct stage *s, struct str *out) {
    char buffer[4096];
    ssize_t n = 0;
    while (s->fd >= 0 && (n = pread(s->fd, buffer, sizeof buffer, s->read_to)) > 0) {
        str_add_bytes(out, buffer, (size_t)n);
        s->read_to += n;
    }
}

bool stage_close(struct stage *s, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    bool is_good = console_free(s->console, &err);
    assert_int_equal(is_good, err.kind == NULL);
    stage_written(s, out);
    if (s->fd >= 0) {
        assert_int_equal(close(s->fd), 0);
    }
    run_report_free(s->report);
    script_release(&s->script);
    return is_good;
}
