/*
 * A console on a stage: a script plays, what the console writes is read back.
 */
#ifndef TESTS_UNIT_REPORT_STAGE_H
#define TESTS_UNIT_REPORT_STAGE_H

#include <stdint.h>

#include "base/str.h"
#include "event/run_report.h"
#include "report/console.h"
#include "unit/event/scripted.h"

struct stage {
    struct script script;
    struct run_report *report;
    struct console *console;
    int fd;          /* of a file, unless options.fd was given */
    int64_t read_to; /* stage_written() gives what came after */
};

/* The repaint clock of all stages: tests move it. */
extern int64_t stage_now_ms;

/* options.fd 0: a fresh file. report and now_ms are filled in. */
void stage_open(struct stage *s, struct console_options options);
/* Appends what was written since the last call. */
void stage_written(struct stage *s, struct str *out);
/* Frees the console; its verdict on the writing. */
bool stage_close(struct stage *s, struct str *out);

#endif
