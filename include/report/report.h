/*
 * Reports: files made from a run_report, by name.
 *
 *   const struct report_format *format = report_format_find("junit");
 *   struct report_source source = {.run = run};
 *   if (!report_write(format, &source, "out/junit.xml", &err)) …
 *
 * A renderer reads only its source: the same report can be made at the end of a run and later from its journal. Every
 * file is written whole or not at all (temporary file, rename); a symbolic link at the path is replaced, never followed.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct run_report;
struct str;
struct value;

/* An earlier run of the same recipe: where its metrics stood. */
struct report_earlier {
    const char *run_id;
    int64_t started_wall_ms;
    const struct value *metrics; /* `metrics` of its report.json */
};

struct report_source {
    const struct run_report *run;
    const struct report_earlier *earlier; /* oldest first */
    size_t n_earlier;
};

struct report_format {
    const char *name;      /* "json", "junit", "html" */
    const char *file_name; /* what it is called by itself; NULL: a directory */
    const char *summary;   /* for help */
    bool is_early;         /* for readers that may come before the end: written at the start too */
    mode_t
        mode; /* of the file: 0600, what it names may not be for everybody; 0644: the reader is another user */
    void (*render)(const struct run_report *r, struct str *out); /* NULL: a directory */
    bool (*write_directory)(const struct report_source *source, const char *dir, struct err *err);
};

extern const struct report_format report_formats[];
extern const size_t report_n_formats;

/* NULL when there is none. */
const struct report_format *report_format_find(const char *name);
/* Kinds report-too-large and those of file_write_atomic(). */
bool report_write(const struct report_format *format, const struct report_source *source,
                  const char *path, struct err *err);

/* Fits src/report/report.schema.json. */
void report_json_render(const struct run_report *r, struct str *out);
/* One suite per phase, one case per step and per metric; see junit.c. */
void report_junit_render(const struct run_report *r, struct str *out);
/* The same without flakyFailure and rerunFailure, which the schema of Ant does not know. */
void report_junit_ant_render(const struct run_report *r, struct str *out);
/* A summary for people: GitHub, GitLab, mail. */
void report_markdown_render(const struct run_report *r, struct str *out);

void report_ctrf_render(const struct run_report *r, struct str *out);
void report_otlp_render(const struct run_report *r, struct str *out);
void report_prometheus_render(const struct run_report *r, struct str *out);
void report_outputs_render(const struct run_report *r, struct str *out);
void report_env_render(const struct run_report *r, struct str *out);
void report_properties_render(const struct run_report *r, struct str *out);

/* index.html with what it needs beside it; see html.c. */
bool report_html_write(const struct report_source *source, const char *dir, struct err *err);

#endif
