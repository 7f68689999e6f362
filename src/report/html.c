/*
 * The HTML report: a directory that any web server or a browser alone can show.
 *
 *   index.html        verdict, what failed, metrics, timeline, graph, the first steps
 *   steps-2.html …    the further steps, so many a page that it opens at once
 *   report.css  timeline.svg  graph.svg  metric-N.svg  (pictures once more as …-dark.svg)
 *   logs/             whole outputs of the commands
 *
 * Jenkins shows published pages under `sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self'`.
 * So there is no script, no style but the file's, no data in addresses, nothing from elsewhere, and all links are relative.
 * Folding is done by <details>, the theme by media queries. index.html is written last: who sees it sees all.
 */
#include "report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/run_report.h"
#include "html_priv.h"
#include "line_priv.h"
#include "maxima.h"
#include "svg_priv.h"
#include "value/value.h"

static bool write_text(const struct html *h, const char *name, const struct str *text,
                       struct err *err) {
    char *path = file_join(h->dir, name);
    bool is_written = text->is_over ? err_set(err, "report-too-large", "%s: larger than %zu MiB",
                                              path, LIMIT_REPORT_BYTES / MIB)
                                    : file_write_atomic(path, str_text(text), text->len, 0600, err);
    mem_free(path);
    return is_written;
}

/* ---- pictures ---- */

static bool write_picture(const struct html *h, const char *name, enum svg_theme theme,
                          const struct str *text, struct err *err) {
    AUTO(str) struct str file = STR_INIT(0);
    str_addf(&file, "%s%s.svg", name, theme == SVG_DARK ? "-dark" : "");
    return write_text(h, str_text(&file), text, err);
}

struct drawing {
    const char *name; /* of its files and of its section */
    const char *title;
    const char *alt;
    bool (*draw)(struct svg *s, const struct run_report *r, struct svg_left_out *ret_left_out);
    const char *what_is_left_out;
    bool is_there; /* there was something to draw; so is what follows */
    struct svg_left_out left_out;
    double height;
};

enum { DRAWING_TIMELINE, DRAWING_GRAPH, DRAWING_COUNT };

static bool write_drawing(const struct html *h, struct drawing *d, struct err *err) {
    for (int theme = 0; theme < SVG_THEME_COUNT; theme++) {
        AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
        struct svg s = {.out = &text, .theme = (enum svg_theme)theme};
        if (!d->draw(&s, h->run, &d->left_out)) {
            return true;
        }
        d->is_there = true;
        d->height = s.height;
        if (!write_picture(h, d->name, s.theme, &text, err)) {
            return false;
        }
    }
    return true;
}

static bool write_drawings(const struct html *h, struct drawing drawings[DRAWING_COUNT],
                           struct err *err) {
    for (size_t i = 0; i < DRAWING_COUNT; i++) {
        if (!write_drawing(h, &drawings[i], err)) {
            return false;
        }
    }
    return true;
}

static bool write_metric(const struct html *h, const struct report_step *step,
                         const struct report_metric *m, size_t number, struct err *err) {
    char name[40];
    (void)snprintf(name, sizeof name, "metric-%zu", number);
    for (int theme = 0; theme < SVG_THEME_COUNT; theme++) {
        AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
        struct svg s = {.out = &text, .theme = (enum svg_theme)theme};
        svg_metric(&s, h->source, step, m);
        if (!write_picture(h, name, s.theme, &text, err)) {
            return false;
        }
    }
    return true;
}

static bool write_metrics(const struct html *h, struct err *err) {
    size_t number = 0;
    for (size_t i = 0; i < h->run->n_steps; i++) {
        const struct report_step *step = h->run->steps[i];
        for (size_t k = 0; k < step->n_metrics && number < HTML_METRICS_MAX; k++) {
            if (!write_metric(h, step, &step->metrics[k], ++number, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool write_css(const struct html *h, struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
    str_add_bytes(&text, css_report_text, css_report_len);
    return write_text(h, "report.css", &text, err);
}

/* ---- pages ---- */

static size_t n_pages(const struct run_report *r) {
    return r->n_steps == 0 ? 1 : (r->n_steps + HTML_PAGE_STEPS - 1) / HTML_PAGE_STEPS;
}

static void add_page_name(struct str *out, size_t page) {
    if (page == 0) {
        str_add(out, "index.html");
    } else {
        str_addf(out, "steps-%zu.html", page + 1);
    }
}

static void begin_page(struct str *out, const struct run_report *r, size_t page) {
    str_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n"
                 "<meta name=\"generator\" content=\"cpdflow\">\n<title>");
    html_add(out, r->recipe_name == NULL ? "cpdflow" : r->recipe_name);
    str_addf(out, ": %s", r->is_finished ? run_verdict_names[r->verdict] : "interrupted");
    if (page > 0) {
        str_addf(out, ", steps, page %zu", page + 1);
    }
    str_add(out, "</title>\n<link rel=\"stylesheet\" href=\"report.css\">\n</head>\n<body>\n"
                 "<a class=\"skip-link\" href=\"#steps\">To the steps</a>\n");
}

static void end_page(struct str *out) {
    str_add(out, "<footer><p>Made by cpdflow. Times are UTC.</p></footer>\n</body>\n</html>\n");
}

static void add_pager(struct str *out, const struct run_report *r, size_t page) {
    if (n_pages(r) == 1) {
        return;
    }
    str_add(out, "<nav class=\"pager\" aria-label=\"Pages of steps\"><ul>\n");
    for (size_t i = 0; i < n_pages(r); i++) {
        size_t last = (i + 1) * HTML_PAGE_STEPS;
        str_add(out, "<li><a href=\"");
        add_page_name(out, i);
        str_addf(out, "#steps\"%s>%zu–%zu</a></li>\n", i == page ? " aria-current=\"page\"" : "",
                 i * HTML_PAGE_STEPS + 1, last < r->n_steps ? last : r->n_steps);
    }
    str_add(out, "</ul></nav>\n");
}

static void add_steps(struct html *h, struct str *out, size_t page) {
    const struct run_report *r = h->run;
    str_add(out, "<section id=\"steps\" aria-labelledby=\"h-steps\">\n<h2 id=\"h-steps\">Steps");
    if (n_pages(r) > 1) {
        str_addf(out, " <small>%zu in all</small>", r->n_steps);
    }
    str_add(out, "</h2>\n");
    add_pager(out, r, page);
    str_add(out, "<div class=\"steps\">\n");
    enum step_phase phase = PHASE_MAIN;
    for (size_t i = page * HTML_PAGE_STEPS;
         i < r->n_steps && i < (page + 1) * (size_t)HTML_PAGE_STEPS; i++) {
        if (h->order[i]->parent < 0 && h->order[i]->phase != phase) {
            phase = h->order[i]->phase;
            str_addf(out, "<p class=\"phase\">%s</p>\n", step_phase_names[phase]);
        }
        html_add_step(h, out, h->order[i]);
    }
    str_add(out, r->n_steps == 0 ? "<p>No step was reached.</p></div>\n" : "</div>\n");
    if (n_pages(r) > 1) {
        str_add(out, "<p class=\"next\">");
        if (page + 1 < n_pages(r)) {
            str_add(out, "<a href=\"");
            add_page_name(out, page + 1);
            str_add(out, "#steps\">Next steps</a>");
        }
        str_add(out, "</p>\n");
    }
    str_add(out, "</section>\n");
}

static void add_contents(struct str *out, const struct run_report *r, const struct drawing *d) {
    struct report_counts counts = run_report_counts(r);
    bool has_outputs =
        r->outputs != NULL && r->outputs->type == VALUE_OBJECT && r->outputs->len > 0;
    const struct {
        bool is_there;
        const char *id;
        const char *name;
    } parts[] = {
        {html_n_failures(r) > 0, "failures", "What failed"},
        {counts.n_metrics > 0, "metrics", "Metrics"},
        {d[DRAWING_TIMELINE].is_there, "timeline", "Timeline"},
        {true, "steps", "Steps"},
        {d[DRAWING_GRAPH].is_there, "graph", "Order"},
        {has_outputs, "outputs", "Outputs"},
    };
    str_add(out, "<nav class=\"contents\" aria-label=\"Contents\"><ul>\n");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].is_there) {
            str_addf(out, "<li><a href=\"#%s\">%s</a></li>\n", parts[i].id, parts[i].name);
        }
    }
    str_add(out, "</ul></nav>\n");
}

/* How many steps are not in the picture, and where they are. */
static void add_left_out(const struct html *h, struct str *out, const struct drawing *d) {
    if (d->left_out.n == 0) {
        return;
    }
    AUTO(str) struct str path = STR_INIT(0);
    text_step_path(&path, h->run, d->left_out.first);
    str_addf(out, "<p class=\"left-out\">Not drawn: %zu %s%s, from <a href=\"", d->left_out.n,
             d->left_out.n == 1 ? "step" : "steps", d->what_is_left_out);
    html_add_step_href(h, out, d->left_out.first);
    str_add(out, "\"><code>");
    html_add(out, str_text(&path));
    str_addf(out, "</code></a> on. All %zu stand among the steps.</p>\n", h->run->n_steps);
}

enum { SHORT = 900 }; /* a picture that fits on a printed page */

/* Wide pictures scroll; the link that holds one makes the keyboard reach it. */
static void add_drawing(const struct html *h, struct str *out, const struct drawing *d) {
    if (!d->is_there) {
        return;
    }
    str_addf(out,
             "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n"
             "<figure%s><a href=\"%s.svg\">",
             d->name, d->name, d->name, d->title, d->height <= SHORT ? " class=\"short\"" : "",
             d->name);
    html_add_picture(out, d->name, d->alt);
    str_add(out, "</a></figure>\n");
    add_left_out(h, out, d);
    str_add(out, "</section>\n");
}

static void add_first_page(struct html *h, struct str *out, const struct drawing *d) {
    const struct run_report *r = h->run;
    begin_page(out, r, 0);
    html_add_verdict(out, r);
    add_contents(out, r, d);
    str_add(out, "<main>\n");
    html_add_failures(h, out);
    html_add_metrics(h, out);
    add_drawing(h, out, &d[DRAWING_TIMELINE]);
    add_steps(h, out, 0);
    add_drawing(h, out, &d[DRAWING_GRAPH]);
    html_add_values(out, r);
    html_add_notices(out, r);
    str_add(out, "</main>\n");
    end_page(out);
}

static void add_further_page(struct html *h, struct str *out, size_t page) {
    begin_page(out, h->run, page);
    str_addf(out, "<header class=\"verdict %s small\">\n<p class=\"recipe\">",
             html_verdict_tone(h->run));
    html_add_bdi(out, h->run->recipe_name == NULL ? "cpdflow" : h->run->recipe_name);
    str_addf(out,
             "</p>\n<h1>Steps, page %zu</h1>\n<p><a href=\"index.html\">To the report</a></p>\n"
             "</header>\n<main>\n",
             page + 1);
    add_steps(h, out, page);
    str_add(out, "</main>\n");
    end_page(out);
}

/* From the last page to the first. */
static bool write_pages(struct html *h, const struct drawing *d, struct err *err) {
    for (size_t page = n_pages(h->run); page-- > 0;) {
        AUTO(str) struct str text = STR_INIT(LIMIT_REPORT_BYTES);
        AUTO(str) struct str name = STR_INIT(0);
        if (page == 0) {
            add_first_page(h, &text, d);
        } else {
            add_further_page(h, &text, page);
        }
        add_page_name(&name, page);
        if (!write_text(h, str_text(&name), &text, err)) {
            return false;
        }
    }
    return true;
}

static void set_order(struct html *h) {
    h->order = run_report_order(h->run);
    h->place = mem_zalloc(h->run->n_steps + 1, sizeof *h->place);
    for (size_t i = 0; i < h->run->n_steps; i++) {
        h->place[h->order[i]->index] = i;
    }
}

bool report_html_write(const struct report_source *source, const char *dir, struct err *err) {
    struct html h = {
        .source = source, .run = source->run, .dir = dir, .logs_room = LIMIT_REPORT_LOGS};
    set_order(&h);
    struct drawing drawings[DRAWING_COUNT] = {
        [DRAWING_TIMELINE] = {.name = "timeline",
                              .title = "Timeline",
                              .alt = "When each step ran; the same times stand at the steps",
                              .draw = svg_timeline,
                              .what_is_left_out =
                                  " that succeeded, waited for nothing and took less time"},
        [DRAWING_GRAPH] = {.name = "graph",
                           .title = "Order",
                           .alt = "Which step waits for which; each step says after which it comes",
                           .draw = svg_graph,
                           .what_is_left_out = ""},
    };
    char *logs = file_join(dir, "logs");
    bool is_fine = html_clear_logs(&h, logs, err) && write_css(&h, err) && write_metrics(&h, err) &&
                   write_drawings(&h, drawings, err) && write_pages(&h, drawings, err);
    (void)rmdir(logs); /* only when it is empty */
    mem_free(logs);
    mem_free((void *)h.order);
    mem_free(h.place);
    return is_fine;
}
