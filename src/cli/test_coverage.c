/*
 * Coverage of recipes: the lines where something was never tried, and a summary.
 */
#include "test_priv.h"

#include <string.h>

#include "base/str.h"
#include "recipe/model.h"
#include "testing/coverage.h"
#include "value/json_write.h"

double test_coverage_of(const struct coverage *c) {
    return c->n_items == 0 ? 100.0 : 100.0 * (double)c->n_covered / (double)c->n_items;
}

static const char *source_line(const struct recipe *r, unsigned line) {
    return line >= 1 && line <= r->n_lines ? r->lines[line - 1] : "";
}

/* Everything of one step and line stands behind the source line. */
static void add_open(const struct coverage *c, bool has_color, struct str *out) {
    unsigned last_line = 0;
    for (size_t i = 0; i < c->n_items; i++) {
        const struct coverage_item *item = &c->items[i];
        if (item->is_covered) {
            continue;
        }
        if (item->line != last_line) {
            str_addf(out, "%s  %s%5u |%s %s\n", "", has_color ? "\033[2m" : "", item->line,
                     has_color ? "\033[0m" : "", source_line(c->recipe, item->line));
        }
        last_line = item->line;
        str_addf(out, "        %s^ never%s: %s%s%s\n", has_color ? "\033[33m" : "",
                 has_color ? "\033[0m" : "", item->what, item->step == NULL ? "" : ", step ",
                 item->step == NULL ? "" : item->step);
    }
}

void test_coverage_print(const struct test_plan *plan, bool has_color, struct str *out) {
    for (size_t i = 0; i < plan->coverages.n_entries; i++) {
        const struct coverage *c = plan->coverages.entries[i].value;
        str_addf(out, "coverage  %s  %.1f %% (%zu of %zu)\n", c->recipe->file, test_coverage_of(c),
                 c->n_covered, c->n_items);
        add_open(c, has_color, out);
    }
}

void test_coverage_json(const struct test_plan *plan, struct str *out) {
    struct json_writer w = json_writer(out, JSON_PRETTY);
    json_begin_object(&w);
    json_key(&w, "recipes");
    json_begin_list(&w);
    for (size_t i = 0; i < plan->coverages.n_entries; i++) {
        const struct coverage *c = plan->coverages.entries[i].value;
        json_begin_object(&w);
        json_put_text(&w, "file", c->recipe->file);
        json_put_uint(&w, "items", c->n_items);
        json_put_uint(&w, "covered", c->n_covered);
        json_key(&w, "open");
        json_begin_list(&w);
        for (size_t k = 0; k < c->n_items; k++) {
            if (!c->items[k].is_covered) {
                json_begin_object(&w);
                json_put_uint(&w, "line", c->items[k].line);
                json_put_text(&w, "step", c->items[k].step);
                json_put_text(&w, "what", c->items[k].what);
                json_end_object(&w);
            }
        }
        json_end_list(&w);
        json_end_object(&w);
    }
    json_end_list(&w);
    json_end_object(&w);
    str_add_char(out, '\n');
}
