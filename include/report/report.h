/*
 * Reports: files made from a run_report, by name.
 *
 *   const struct report_format *format = report_format_find("junit");
 *   if (!report_write(format, run, "out/junit.xml", &err)) …
 *
 * A renderer reads only the run_report: the same report can be made at the end of a run and later from its journal. Every
 * file is written whole or not at all (temporary file, rename); a symbolic link at the path is replaced, never followed.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct run_report;
struct str;

struct report_format {
    const char *name;      /* "json", "junit", "markdown" */
    const char *file_name; /* what it is called in a run directory */
    const char *summary;   /* for help */
    void (*render)(const struct run_report *r, struct str *out);
};

extern const struct report_format report_formats[];
extern const size_t report_n_formats;

/* NULL when there is none. */
const struct report_format *report_format_find(const char *name);
/* Kinds report-too-large and those of file_write_atomic(). Mode 0600: reports may name what is not for everybody. */
bool report_write(const struct report_format *format, const struct run_report *r, const char *path,
                  struct err *err);

/* Fits src/report/report.schema.json. */
void report_json_render(const struct run_report *r, struct str *out);
/* One suite per phase, one case per step and per metric; see junit.c. */
void report_junit_render(const struct run_report *r, struct str *out);
/* A summary for people: GitHub, GitLab, mail. */
void report_markdown_render(const struct run_report *r, struct str *out);

#endif
