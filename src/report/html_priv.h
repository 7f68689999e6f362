/*
 * What the files of the HTML report share. The whole is described in html.c.
 */
#ifndef REPORT_HTML_PRIV_H
#define REPORT_HTML_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct report_attempt;
struct report_source;
struct report_step;
struct run_report;
struct str;

/* report.css, built into the program. */
extern const unsigned char css_report_text[];
extern const size_t css_report_len;

enum {
    HTML_PAGE_STEPS = 500,  /* steps on one page */
    HTML_METRICS_MAX = 200, /* metrics that are drawn */
};

/* The report being written. */
struct html {
    const struct report_source *source;
    const struct run_report *run;
    const char *dir;
    const struct report_step **order; /* of the steps on the pages */
    size_t *place;                    /* of a step in it, by index */
    uint64_t logs_room;               /* bytes of logs that may still be copied */
};

/* html_text.c: pieces of HTML. Texts are escaped, and their direction stays their own. */
void html_add(struct str *out, const char *text);
/* `<bdi>text</bdi>` */
void html_add_bdi(struct str *out, const char *text);
/* `<span class="chip CLASS">text</span>` */
void html_add_chip(struct str *out, const char *class_name, const char *text);
void html_add_duration(struct str *out, int64_t ms);
/* `<time datetime="…">2026-01-31 09:05:00 UTC</time>` */
void html_add_time(struct str *out, int64_t wall_ms);
/* The last part of a text: at most so many lines and bytes, from the start of a line. */
const char *html_tail(const char *text, size_t max_lines, size_t max_bytes);
/* The target of a link to the step, from the first page. */
void html_add_step_href(const struct html *h, struct str *out, const struct report_step *step);
/* "ok", "bad", "warn", "live", "skip": the class of its colours. */
const char *html_tone(const struct report_step *step);
const char *html_verdict_tone(const struct run_report *r);
/* A mark for the eye and its word for the ear. */
void html_add_mark(struct str *out, const struct report_step *step);
/* A picture in both themes: NAME.svg and NAME-dark.svg. */
void html_add_picture(struct str *out, const char *name, const char *alt);

/* html_log.c: copies a log of the run beside the page. False: it is not there, too large, or its name is not one of ours. */
bool html_copy_log(struct html *h, const char *log);
/* Makes the directory of copies and removes those of an earlier report: nothing that it did not name itself. */
bool html_clear_logs(const struct html *h, const char *logs, struct err *err);
/* The address of the copy. */
void html_add_log_href(struct str *out, const char *log);

/* html_step.c: one step that folds out. */
void html_add_step(struct html *h, struct str *out, const struct report_step *step);

/* html_run.c: the parts of the first page that speak of the run. */
void html_add_verdict(struct str *out, const struct run_report *r);
void html_add_failures(const struct html *h, struct str *out);
void html_add_metrics(const struct html *h, struct str *out);
void html_add_values(struct str *out, const struct run_report *r);
void html_add_notices(struct str *out, const struct run_report *r);
size_t html_n_failures(const struct run_report *r);

#endif
