/*
 * What `cpdflow check` found, in the forms that people and other tools read. One function per
 * format, a table of them at the end.
 */
#include "check_priv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/version.h"
#include "cli/diagnose.h"
#include "kinds_priv.h"
#include "value/json.h"
#include "value/value.h"

const char *const check_format_names[] = {"text", "json", "sarif", "github", "warnings-ng", NULL};

static const char *severity_of(const struct diagnostic *item) {
    return item->is_warning ? "warning" : "error";
}

/* A line of a recipe may be no UTF-8: that is what may be wrong with it. */
static void put_text(struct object_builder *b, const char *key, const char *text) {
    if (text != NULL) {
        AUTO(str) struct str safe = STR_INIT(0);
        utf8_add_safe(&safe, text, strlen(text));
        object_put_c(b, key, value_string(b->arena, str_text(&safe), safe.len));
    }
}

static void put_number(struct object_builder *b, const char *key, size_t n) {
    object_put_c(b, key, value_int(b->arena, (int64_t)n));
}

static void print(const struct value *v, struct str *out) {
    json_print(out, v, JSON_PRETTY);
    str_add_char(out, '\n');
}

/* ---- text ------------------------------------------------------------------------------------ */

static void count(struct str *out, size_t n, const char *what) {
    str_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void format_text(const struct check_result *r, struct str *out) {
    diagnose_add(out, &r->diagnostics);
    for (size_t i = 0; i < r->n_recipes; i++) {
        if (r->recipes[i].is_ok) {
            str_addf(out, "%s: ok, ", r->recipes[i].file);
            count(out, r->recipes[i].n_steps, r->recipes[i].is_suite ? "case" : "step");
            str_add_char(out, '\n');
        }
    }
    if (r->diagnostics.n > 0) {
        count(out, r->diagnostics.n_errors, "error");
        str_add(out, ", ");
        count(out, r->n_warnings, "warning");
        str_add_char(out, '\n');
    }
}

/* ---- json ------------------------------------------------------------------------------------ */

static const struct value *json_diagnostic(struct arena *a, const struct diagnostic *item) {
    const struct err *err = &item->err;
    struct object_builder b;
    object_begin(&b, a);
    put_text(&b, "file", err->place.file);
    if (err->place.line > 0) {
        put_number(&b, "line", err->place.line);
        put_number(&b, "column", err->place.col);
    }
    put_text(&b, "severity", severity_of(item));
    put_text(&b, "kind", err->kind);
    put_text(&b, "message", err->message);
    put_text(&b, "hint", err->hint);
    put_text(&b, "source", err->source_line);
    return object_end(&b);
}

static const struct value *json_recipe(struct arena *a, const struct checked_recipe *recipe) {
    struct object_builder b;
    object_begin(&b, a);
    put_text(&b, "file", recipe->file);
    object_put_c(&b, "ok", value_bool(recipe->is_ok));
    if (recipe->is_ok) {
        put_text(&b, "name", recipe->name);
        put_text(&b, "digest", recipe->digest);
        put_number(&b, recipe->is_suite ? "cases" : "steps", recipe->n_steps);
    }
    return object_end(&b);
}

static void format_json(const struct check_result *r, struct str *out) {
    struct arena a = ARENA_INIT(0);
    struct object_builder b;
    struct list_builder recipes;
    struct list_builder found;
    object_begin(&b, &a);
    list_begin(&recipes, &a);
    list_begin(&found, &a);
    for (size_t i = 0; i < r->n_recipes; i++) {
        list_add(&recipes, json_recipe(&a, &r->recipes[i]));
    }
    for (size_t i = 0; i < r->diagnostics.n; i++) {
        list_add(&found, json_diagnostic(&a, &r->diagnostics.items[i]));
    }
    object_put_c(&b, "recipes", list_end(&recipes));
    object_put_c(&b, "diagnostics", list_end(&found));
    put_number(&b, "errors", r->diagnostics.n_errors);
    put_number(&b, "warnings", r->n_warnings);
    print(object_end(&b), out);
    arena_release(&a);
}

/* ---- sarif ----------------------------------------------------------------------------------- */

/* A relative or absolute path as a URI reference. */
static const struct value *uri_of(struct arena *a, const char *path) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    AUTO(str) struct str uri = STR_INIT(0);
    str_add(&uri, path[0] == '/' ? "file://" : "");
    for (const char *c = path; *c != '\0'; c++) {
        if (strchr(plain, *c) != NULL) {
            str_add_char(&uri, *c);
        } else {
            str_addf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
    return value_string(a, str_text(&uri), uri.len);
}

static const struct value *sarif_text(struct arena *a, const char *text) {
    struct object_builder b;
    object_begin(&b, a);
    put_text(&b, "text", text);
    return object_end(&b);
}

static void begin_region(struct object_builder *region, struct arena *a, const struct err *err) {
    object_begin(region, a);
    put_number(region, "startLine", err->place.line);
}

/*
 * From the place to the end of its line, and the whole line for viewers that do not have the file; where that is the
 * same the standard wants it once.
 */
static void put_regions(struct object_builder *physical, struct arena *a, const struct err *err) {
    struct object_builder region;
    bool is_whole = err->place.col <= 1;
    begin_region(&region, a, err);
    put_number(&region, "startColumn", is_whole ? 1 : err->place.col);
    if (err->source_line != NULL && is_whole) {
        object_put_c(&region, "snippet", sarif_text(a, err->source_line));
    }
    object_put_c(physical, "region", object_end(&region));
    if (err->source_line != NULL && !is_whole) {
        struct object_builder line;
        begin_region(&line, a, err);
        object_put_c(&line, "snippet", sarif_text(a, err->source_line));
        object_put_c(physical, "contextRegion", object_end(&line));
    }
}

static const struct value *sarif_location(struct arena *a, const struct err *err) {
    struct object_builder artifact;
    struct object_builder physical;
    struct object_builder location;
    object_begin(&artifact, a);
    object_begin(&physical, a);
    object_begin(&location, a);
    object_put_c(&artifact, "uri", uri_of(a, err->place.file));
    object_put_c(&physical, "artifactLocation", object_end(&artifact));
    if (err->place.line > 0) {
        put_regions(&physical, a, err);
    }
    object_put_c(&location, "physicalLocation", object_end(&physical));
    return object_end(&location);
}

static const struct value *sarif_message(struct arena *a, const struct err *err) {
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, err->message);
    if (err->hint != NULL) {
        str_addf(&text, "\nhint: %s", err->hint);
    }
    return sarif_text(a, str_text(&text));
}

/* `rules`: each kind with its index. */
static const struct value *sarif_result(struct arena *a, const struct diagnostic *item,
                                        const struct value *rules) {
    struct object_builder b;
    object_begin(&b, a);
    put_text(&b, "ruleId", item->err.kind);
    object_put_c(&b, "ruleIndex", value_get(rules, item->err.kind));
    put_text(&b, "level", severity_of(item));
    object_put_c(&b, "message", sarif_message(a, &item->err));
    if (item->err.place.file != NULL) {
        struct list_builder locations;
        list_begin(&locations, a);
        list_add(&locations, sarif_location(a, &item->err));
        object_put_c(&b, "locations", list_end(&locations));
    }
    return object_end(&b);
}

/* Each kind with its index, in order of appearance. */
static const struct value *sarif_numbers(struct arena *a, const struct diagnostics *d) {
    struct object_builder seen;
    struct object_builder numbers;
    object_begin(&seen, a);
    object_begin(&numbers, a);
    for (size_t i = 0; i < d->n; i++) {
        object_put_c(&seen, d->items[i].err.kind, &value_null);
    }
    const struct value *kinds = object_end(&seen);
    for (uint32_t i = 0; i < kinds->len; i++) {
        object_put_c(&numbers, kinds->as.members[i].key, value_int(a, i));
    }
    return object_end(&numbers);
}

static const struct value *sarif_rule(struct arena *a, const char *kind) {
    const struct kind_text *text = kind_text(kind);
    struct object_builder rule;
    object_begin(&rule, a);
    put_text(&rule, "id", kind);
    if (text != NULL) {
        AUTO(str) struct str full = STR_INIT(0);
        str_addf(&full, "%s %s", text->what, text->help);
        object_put_c(&rule, "shortDescription", sarif_text(a, text->what));
        object_put_c(&rule, "fullDescription", sarif_text(a, str_text(&full)));
        object_put_c(&rule, "help", sarif_text(a, text->help));
    }
    return object_end(&rule);
}

static const struct value *sarif_tool(struct arena *a, const struct value *numbers) {
    struct object_builder driver;
    struct object_builder tool;
    struct list_builder rules;
    object_begin(&driver, a);
    object_begin(&tool, a);
    list_begin(&rules, a);
    for (uint32_t i = 0; i < numbers->len; i++) {
        list_add(&rules, sarif_rule(a, numbers->as.members[i].key));
    }
    put_text(&driver, "name", "cpdflow");
    put_text(&driver, "version", CPDFLOW_VERSION);
    object_put_c(&driver, "rules", list_end(&rules));
    object_put_c(&tool, "driver", object_end(&driver));
    return object_end(&tool);
}

static void format_sarif(const struct check_result *r, struct str *out) {
    struct arena a = ARENA_INIT(0);
    struct object_builder log;
    struct object_builder run;
    struct list_builder runs;
    struct list_builder results;
    const struct value *rules = sarif_numbers(&a, &r->diagnostics);
    object_begin(&log, &a);
    object_begin(&run, &a);
    list_begin(&runs, &a);
    list_begin(&results, &a);
    for (size_t i = 0; i < r->diagnostics.n; i++) {
        list_add(&results, sarif_result(&a, &r->diagnostics.items[i], rules));
    }
    object_put_c(&run, "tool", sarif_tool(&a, rules));
    put_text(&run, "columnKind", "unicodeCodePoints");
    object_put_c(&run, "results", list_end(&results));
    list_add(&runs, object_end(&run));
    put_text(&log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    put_text(&log, "version", "2.1.0");
    object_put_c(&log, "runs", list_end(&runs));
    print(object_end(&log), out);
    arena_release(&a);
}

/* ---- github ---------------------------------------------------------------------------------- */

static void add_escaped(struct str *out, const char *text, const char *specials) {
    for (const char *c = text; *c != '\0'; c++) {
        if (strchr(specials, *c) != NULL) {
            str_addf(out, "%%%02X", (unsigned)(unsigned char)*c);
        } else {
            str_add_char(out, *c);
        }
    }
}

static void github_line(const struct diagnostic *item, struct str *out) {
    static const char in_property[] = "%\r\n:,";
    static const char in_message[] = "%\r\n";
    const struct err *err = &item->err;
    str_addf(out, "::%s title=", severity_of(item));
    add_escaped(out, err->kind, in_property);
    if (err->place.file != NULL) {
        str_add(out, ",file=");
        add_escaped(out, err->place.file, in_property);
    }
    if (err->place.line > 0) {
        str_addf(out, ",line=%u,col=%u", err->place.line, err->place.col);
    }
    str_add(out, "::");
    add_escaped(out, err->message, in_message);
    if (err->hint != NULL) {
        str_add(out, "%0Ahint: ");
        add_escaped(out, err->hint, in_message);
    }
    str_add_char(out, '\n');
}

static void format_github(const struct check_result *r, struct str *out) {
    for (size_t i = 0; i < r->diagnostics.n; i++) {
        github_line(&r->diagnostics.items[i], out);
    }
}

/* ---- Jenkins warnings-ng --------------------------------------------------------------------- */

static const struct value *warnings_issue(struct arena *a, const struct diagnostic *item) {
    const struct err *err = &item->err;
    struct object_builder b;
    object_begin(&b, a);
    put_text(&b, "fileName", err->place.file);
    if (err->place.line > 0) {
        put_number(&b, "lineStart", err->place.line);
        put_number(&b, "columnStart", err->place.col);
    }
    put_text(&b, "severity", item->is_warning ? "NORMAL" : "ERROR");
    put_text(&b, "type", err->kind);
    put_text(&b, "message", err->message);
    put_text(&b, "description", err->hint);
    return object_end(&b);
}

static void format_warnings(const struct check_result *r, struct str *out) {
    struct arena a = ARENA_INIT(0);
    struct object_builder b;
    struct list_builder issues;
    object_begin(&b, &a);
    list_begin(&issues, &a);
    for (size_t i = 0; i < r->diagnostics.n; i++) {
        list_add(&issues, warnings_issue(&a, &r->diagnostics.items[i]));
    }
    put_text(&b, "_class", "io.jenkins.plugins.analysis.core.restapi.ReportApi");
    object_put_c(&b, "issues", list_end(&issues));
    put_number(&b, "size", r->diagnostics.n);
    print(object_end(&b), out);
    arena_release(&a);
}

void check_format(const struct check_result *r, int format, struct str *out) {
    static void (*const formats[])(const struct check_result *, struct str *) = {
        format_text, format_json, format_sarif, format_github, format_warnings};
    formats[format](r, out);
}
