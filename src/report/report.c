/*
 * The table of report formats, and the one place that writes their files.
 */
#include "report/report.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

const struct report_format report_formats[] = {
    {"json", "report.json", "everything, for programs", false, 0600, report_json_render, NULL},
    {"html", NULL, "pages for people and Jenkins, in a directory", false, 0600, NULL,
     report_html_write},
    {"junit", "junit.xml", "test results for Jenkins, GitLab and others", true, 0600,
     report_junit_render, NULL},
    {"junit-ant", "junit-ant.xml", "the same in the dialect of Ant, without earlier attempts", true,
     0600, report_junit_ant_render, NULL},
    {"markdown", "summary.md", "a summary for people", false, 0600, report_markdown_render, NULL},
    {"ctrf", "ctrf.json", "test results in the Common Test Report Format", true, 0600,
     report_ctrf_render, NULL},
    {"otlp", "trace.jsonl", "a trace of the run for OpenTelemetry", false, 0600, report_otlp_render,
     NULL},
    {"prometheus", "cpdflow.prom", "metrics for Prometheus' textfile collector", false, 0644,
     report_prometheus_render, NULL},
    {"outputs", "outputs.json", "the outputs that are not secret", false, 0600,
     report_outputs_render, NULL},
    {"env", "outputs.env", "the same as shell variables", false, 0600, report_env_render, NULL},
    {"properties", "outputs.properties", "the same as Java properties", false, 0600,
     report_properties_render, NULL},
};
const size_t report_n_formats = sizeof report_formats / sizeof report_formats[0];

const struct report_format *report_format_find(const char *name) {
    for (size_t i = 0; i < report_n_formats; i++) {
        if (strcmp(report_formats[i].name, name) == 0) {
            return &report_formats[i];
        }
    }
    return NULL;
}

static bool write_file(const struct report_format *format, const struct run_report *r,
                       const char *path, struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    format->render(r, &text);
    if (text.is_over) {
        return err_set(err, "report-too-large", "%s: the %s report is larger than %zu MiB", path,
                       format->name, LIMIT_REPORT_BYTES / MIB);
    }
    return file_write_atomic(path, str_text(&text), text.len, format->mode, err);
}

bool report_write(const struct report_format *format, const struct report_source *source,
                  const char *path, struct err *err) {
    bool is_written = format->render == NULL ? format->write_directory(source, path, err)
                                             : write_file(format, source->run, path, err);
    return is_written || err_wrap(err, "%s report", format->name);
}
