/*
 * Writing the reports that options ask for.
 */
#include "cli/reports.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "event/run_report.h"
#include "history_priv.h"
#include "maxima.h"
#include "report/report.h"

struct reports {
    struct report_source source;
    const char *run_dir;
    struct history history;
    bool has_history; /* it was read */
};

/* "FORMAT=PATH": the format, NULL when there is none of the name; *ret_path NULL without "=PATH". */
static const struct report_format *parse(const char *text, const char **ret_path) {
    const char *eq = strchr(text, '=');
    char *name = eq == NULL ? mem_strdup(text) : mem_strndup(text, (size_t)(eq - text));
    const struct report_format *format = report_format_find(name);
    mem_free(name);
    *ret_path = eq == NULL ? NULL : eq + 1;
    return format;
}

static void add_names(struct str *out) {
    for (size_t i = 0; i < report_n_formats; i++) {
        str_addf(out, "%s%s", i == 0 ? "" : " ", report_formats[i].name);
    }
}

bool reports_check(const struct cli_command *command, const char *option,
                   const struct opt_list *list, bool needs_path) {
    for (size_t i = 0; i < list->n; i++) {
        const char *path = NULL;
        const struct report_format *format = parse(list->items[i], &path);
        AUTO(str) struct str names = STR_INIT(0);
        add_names(&names);
        if (format == NULL) {
            cli_usage_error(command, "%s '%s': no such format: expected one of %s", option,
                            list->items[i], str_text(&names));
            return false;
        }
        bool has_path = path != NULL && path[0] != '\0';
        if (path == NULL ? needs_path : !has_path) {
            cli_usage_error(command, "%s '%s' is not of the form FORMAT=PATH", option,
                            list->items[i]);
            return false;
        }
        if (has_path && strcmp(path, "-") == 0 && (format->render == NULL || needs_path)) {
            cli_usage_error(command, "%s '%s': it cannot go to standard output", option,
                            list->items[i]);
            return false;
        }
    }
    return true;
}

struct reports *reports_new(const struct run_report *run, const char *run_dir) {
    struct reports *r = mem_zalloc(1, sizeof *r);
    r->source.run = run;
    r->run_dir = run_dir;
    return r;
}

void reports_free(struct reports *r) {
    if (r != NULL) {
        history_release(&r->history);
        mem_free(r);
    }
}

int reports_write_one(struct reports *r, const struct report_format *format, const char *path) {
    struct err err = ERR_INIT;
    if (format->render == NULL && !r->has_history) {
        history_read(&r->history, r->source.run, r->run_dir);
        r->source.earlier = r->history.items;
        r->source.n_earlier = r->history.n;
        r->has_history = true;
    }
    return report_write(format, &r->source, path, &err) ? CLI_OK : cli_fail(&err, CLI_ENVIRONMENT);
}

static int print(const struct reports *r, const struct report_format *format) {
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    format->render(r->source.run, &text);
    if (text.is_over) {
        struct err err = ERR_INIT;
        (void)err_set(&err, "report-too-large", "the %s report is larger than %zu MiB",
                      format->name, LIMIT_REPORT_BYTES / MIB);
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    return cli_print(&text, CLI_OK);
}

/* In the run's directory, and says where. */
static int write_in_place(struct reports *r, const struct report_format *format) {
    struct err err = ERR_INIT;
    AUTO(str) struct str line = STR_INIT(0);
    char *dir = file_join(r->run_dir, REPORTS_DIR);
    char *path = format->file_name == NULL ? mem_strdup(dir) : file_join(dir, format->file_name);
    int code = file_make_dirs(dir, 0700, &err) ? reports_write_one(r, format, path)
                                               : cli_fail(&err, CLI_ENVIRONMENT);
    str_addf(&line, "%s%s\n", path, format->file_name == NULL ? "/index.html" : "");
    code = code == CLI_OK ? cli_print(&line, CLI_OK) : code;
    mem_free(path);
    mem_free(dir);
    return code;
}

static int write_as_asked(struct reports *r, const char *text) {
    const char *path = NULL;
    const struct report_format *format = parse(text, &path);
    if (path == NULL) {
        return write_in_place(r, format);
    }
    return strcmp(path, "-") == 0 ? print(r, format) : reports_write_one(r, format, path);
}

int reports_write(struct reports *r, const struct opt_list *list) {
    int worst = CLI_OK;
    for (size_t i = 0; i < list->n; i++) {
        int code = write_as_asked(r, list->items[i]);
        worst = code != CLI_OK ? code : worst;
    }
    return worst;
}

int reports_write_early(struct reports *r, const struct opt_list *list) {
    int worst = CLI_OK;
    for (size_t i = 0; i < list->n; i++) {
        const char *path = NULL;
        const struct report_format *format = parse(list->items[i], &path);
        int code = format->is_early ? write_as_asked(r, list->items[i]) : CLI_OK;
        worst = code != CLI_OK ? code : worst;
    }
    return worst;
}
