/*
 * Reports of a run as options ask for them: FORMAT=PATH, FORMAT, with what earlier runs of the same recipe say of its metrics.
 *
 *   if (!reports_check(&cmd_run, "--report", &list, true)) return CLI_USAGE;
 *   struct reports *reports = reports_new(run, run_dir);
 *   code = reports_write(reports, &list);
 *   reports_free(reports);
 */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include <stdbool.h>

struct cli_command;
struct opt_list;
struct report_format;
struct reports;
struct run_report;

/* For the rows of options; tests/flow/report.bats holds it against the table. */
#define REPORTS_FORMATS_HELP                                                                       \
    "writes one more report: json, html (a directory), junit, junit-ant, markdown, ctrf, otlp,\n"  \
    "prometheus, outputs, env, properties"

/* Where reports stand that are given no path: RUN/report, and in it each under its name. */
#define REPORTS_DIR "report"

/* False: said what is wrong. `needs_path`: FORMAT alone is wrong too. */
bool reports_check(const struct cli_command *command, const char *option,
                   const struct opt_list *list, bool needs_path);

/* Borrows both. `run_dir`: absolute path of the run's directory. */
struct reports *reports_new(const struct run_report *run, const char *run_dir);
void reports_free(struct reports *r);
/* Prints errors; the worst exit code of all. "FORMAT=-" writes to standard output, FORMAT alone names the file it made there. */
int reports_write(struct reports *r, const struct opt_list *list);
/* One report at one path. */
int reports_write_one(struct reports *r, const struct report_format *format, const char *path);
/* Those that readers may look for before the run has ended. */
int reports_write_early(struct reports *r, const struct opt_list *list);

#endif
