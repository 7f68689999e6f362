/*
 * `cpdflow report RUN`: a run that was, shown or rendered again from its journal.
 */
#include "cli/cli.h"

#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/reports.h"
#include "cli/run_dir.h"
#include "event/run_report.h"
#include "report/console.h"
#include "report/report.h"

struct report_options {
    struct opt_list formats;
    const char *state_dir;
    int color;
};

/* As at the end of the run. */
static int show(const struct report_options *o, const struct run_report *run,
                const struct run_dir *dir) {
    struct err err = ERR_INIT;
    bool is_terminal = isatty(STDOUT_FILENO) == 1;
    struct console_options options = {
        .fd = STDOUT_FILENO,
        .has_color = console_wants_color((enum console_color)o->color, is_terminal),
        .has_unicode = console_wants_unicode(),
        .report = run,
    };
    struct console *console = console_new(&options);
    char *path = file_join(dir->path, "report.json");
    const struct console_file files[] = {{"report", path}, {"logs", dir->path}};
    bool has_report = access(path, R_OK) == 0;
    console_summary(console, has_report ? files : files + 1, has_report ? 2 : 1);
    mem_free(path);
    return console_free(console, &err) ? CLI_OK : cli_fail(&err, CLI_ENVIRONMENT);
}

static int report_on(const struct report_options *o, const struct run_dir *dir) {
    struct err err = ERR_INIT;
    struct run_seen seen;
    if (!run_dir_see(dir, &seen, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    int code = CLI_OK;
    if (o->formats.n == 0) {
        code = show(o, seen.report, dir);
    } else {
        struct reports *reports = reports_new(seen.report, dir->path);
        code = reports_write(reports, &o->formats);
        reports_free(reports);
    }
    run_seen_release(&seen);
    return code;
}

static int run_report_command(void *options, const struct opt_list *operands) {
    const struct report_options *o = options;
    struct err err = ERR_INIT;
    struct run_dir dir;
    if (!reports_check(&cmd_report, "--format", &o->formats, false)) {
        return CLI_USAGE;
    }
    const char *name = operands->n == 0 ? "last" : operands->items[0];
    if (!run_dir_find(o->state_dir, name, &dir, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    int code = report_on(o, &dir);
    run_dir_release(&dir);
    return code;
}

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct opt_row rows[] = {
    {'f', "format", OPT_LIST, "FORMAT[=PATH]", offsetof(struct report_options, formats), NULL,
     REPORTS_FORMATS_HELP},
    {0, "state-dir", OPT_FILE, "DIR", offsetof(struct report_options, state_dir), NULL,
     "where runs are kept (default .cpdflow)"},
    {0, "color", OPT_CHOICE, NULL, offsetof(struct report_options, color), colors,
     "colours (also NO_COLOR, CLICOLOR_FORCE)"},
    OPT_END,
};

const struct cli_command cmd_report = {
    .name = "report",
    .summary = "show a run again, or render its reports",
    .operands = "[RUN]",
    .min_operands = 0,
    .max_operands = 1,
    .completes = CLI_OPERAND_NONE,
    .options = rows,
    .options_size = sizeof(struct report_options),
    .details =
        "RUN is an id, the beginning of one, `last` (the default), or a directory. Without "
        "--format the summary is\n"
        "printed. FORMAT alone writes RUN/report/… and says where; PATH `-` is standard output. "
        "What a run wrote with\n"
        "--report is made again byte for byte; a run that was interrupted can be rendered too.\n",
    .examples = "  cpdflow report\n"
                "  cpdflow report last --format html\n"
                "  cpdflow report 20260131 --format junit=junit.xml --format markdown=-\n",
    .exits = "  0  done\n"
             "  2  wrong usage, no such run\n"
             "  4  the journal could not be read, a report not written\n",
    .run = run_report_command,
};
