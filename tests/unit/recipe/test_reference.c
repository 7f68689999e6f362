/*
 * recipes/README.md, the reference of the language: every key of the field tables has its row and no other key has one, every
 * class and every function of ours is named, every example loads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/classes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/formats.h"
#include "base/mem.h"
#include "expr/expr.h"
#include "fixture.h"
#include "recipe/schema_priv.h"

#define REFERENCE TEST_TOP "/recipes/README.md"
#define MAX_ROWS  500

/* What the examples that are no whole recipes may name. */
#define PRELUDE                                                                                    \
    "cpdflow: 1\n"                                                                                 \
    "inputs: {url: {}, password: {}, space_name: {}, stage: {}, archive: {type: file}, "           \
    "names: {type: list}}\n"                                                                       \
    "steps:\n"                                                                                     \
    "  - {id: space, cpdctl: [space, list], outputs: {id: metadata.id}}\n"                         \
    "  - {id: token, cpdctl: [space, list], outputs: {id: metadata.id}}\n"                         \
    "  - {id: models, cpdctl: [space, list], outputs: {id: metadata.id}}\n"                        \
    "  - {id: mart, cpdctl: [space, list], outputs: {id: metadata.id}}\n"

struct row {
    char object[32];
    char key[64];
    bool is_known;
};

struct reference {
    struct str text;
    struct row rows[MAX_ROWS];
    size_t n_rows;
};

/* The word in the first `…` of a line, or false. */
static bool quoted_word(const char *line, char *ret_word, size_t size) {
    const char *start = strchr(line, '`');
    const char *end = start != NULL ? strchr(start + 1, '`') : NULL;
    if (end == NULL || (size_t)(end - start) > size) {
        return false;
    }
    snprintf(ret_word, size, "%.*s", (int)(end - start - 1), start + 1);
    return true;
}

/* "## Steps" -> "step" */
static void object_of_section(const char *title, char *ret_object, size_t size) {
    static const char *const plurals[] = {"catalogues", "inputs", "steps", "calls", "metrics"};
    snprintf(ret_object, size, "%.31s", title);
    ret_object[0] = (char)tolower((unsigned char)ret_object[0]);
    for (size_t i = 0; i < sizeof plurals / sizeof plurals[0]; i++) {
        if (strcmp(ret_object, plurals[i]) == 0) {
            ret_object[strlen(ret_object) - 1] = '\0';
        }
    }
}

/* Tables of keys begin with "| key |", "| key of `auth` |" or "| key of a part |". */
static void read_line(struct reference *r, const char *line, char *section, char *object) {
    if (str_starts(line, "## ")) {
        object_of_section(line + 3, section, 32);
        object[0] = '\0';
    } else if (str_starts(line, "| key | ")) {
        memcpy(object, section, 32);
    } else if (str_starts(line, "| key of a part | ")) {
        memcpy(object, "part", sizeof "part");
    } else if (str_starts(line, "| key of ")) {
        assert_true(quoted_word(line, object, 32));
    } else if (line[0] != '|') {
        object[0] = '\0';
    } else if (object[0] != '\0' && str_starts(line, "| `")) {
        assert_true(r->n_rows < MAX_ROWS);
        struct row *row = &r->rows[r->n_rows++];
        memcpy(row->object, object, sizeof row->object);
        assert_true(quoted_word(line, row->key, sizeof row->key));
    }
}

/* What an example uses. */
static bool write_used_recipe(struct err *err) {
    static const char text[] = "cpdflow: 1\ninputs: {space_name: {}}\n"
                               "steps: [{cmd: [echo, \"${{ inputs.space_name }}\"]}]\n";
    static char folder[] = "/tmp/test_reference.XXXXXX";
    return mkdtemp(folder) != NULL && chdir(folder) == 0 && file_make_dirs("lib", 0700, err) &&
           file_write_atomic("lib/space.yaml", text, sizeof text - 1, 0600, err);
}

static int read_reference(void **state) {
    static struct reference r;
    AUTO(err) struct err err = ERR_INIT;
    if (!write_used_recipe(&err)) {
        return -1;
    }
    if (!file_read(REFERENCE, 1 << 20, &r.text, &err)) {
        return -1;
    }
    char section[32] = "";
    char object[32] = "";
    for (const char *at = str_text(&r.text); *at != '\0';) {
        char line[2000];
        size_t len = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)len, at);
        read_line(&r, line, section, object);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    *state = &r;
    return 0;
}

static int release_reference(void **state) {
    struct reference *r = *state;
    str_release(&r->text);
    char folder[200];
    AUTO(err) struct err err = ERR_INIT;
    bool is_gone =
        getcwd(folder, sizeof folder) != NULL && chdir("/") == 0 && file_remove_tree(folder, &err);
    return is_gone ? 0 : -1;
}

static bool take_row(struct reference *r, const char *object, const char *key) {
    for (size_t i = 0; i < r->n_rows; i++) {
        if (strcmp(r->rows[i].object, object) == 0 && strcmp(r->rows[i].key, key) == 0) {
            r->rows[i].is_known = true;
            return true;
        }
    }
    return false;
}

static void test_reference_has_every_key_and_no_other(void **state) {
    struct reference *r = *state;
    for (size_t i = 0; schema_objects[i] != NULL; i++) {
        const struct object *o = schema_objects[i];
        for (size_t k = 0; k < o->n_fields; k++) {
            if (!take_row(r, o->name, o->fields[k].key)) {
                fail_msg("no row for '%s' of %s", o->fields[k].key, o->says);
            }
        }
    }
    for (size_t i = 0; i < r->n_rows; i++) {
        if (!r->rows[i].is_known) {
            fail_msg("no field '%s' in object '%s'", r->rows[i].key, r->rows[i].object);
        }
    }
}

static void test_reference_tables_say_what_a_field_is(void **state) {
    (void)state;
    for (size_t i = 0; schema_objects[i] != NULL; i++) {
        const struct object *o = schema_objects[i];
        assert_true(o->n_fields <= SCHEMA_MAX_FIELDS);
        for (size_t k = 0; k < o->n_fields; k++) {
            const struct field *f = &o->fields[k];
            if (f->doc == NULL || !isupper((unsigned char)f->doc[0]) || str_ends(f->doc, ".")) {
                if (f->doc == NULL || f->doc[0] != '`') {
                    fail_msg("'%s' of %s has the doc '%s'", f->key, o->says,
                             f->doc != NULL ? f->doc : "");
                }
            }
        }
    }
}

static void assert_names(const struct reference *r, const char *name, const char *what) {
    AUTO(str) struct str word = STR_INIT(0);
    str_addf(&word, "`%s", name);
    if (strstr(str_text(&r->text), str_text(&word)) == NULL) {
        fail_msg("%s '%s' is not named", what, name);
    }
}

static void test_reference_names_classes_formats_and_functions(void **state) {
    const struct reference *r = *state;
    for (size_t i = CLASS_NONE + 1; i < CLASS_COUNT; i++) {
        assert_names(r, error_class_names[i], "class");
    }
    for (size_t i = 0; i < EXTRACT_FORMAT_COUNT; i++) {
        assert_names(r, extract_format_names[i], "format");
    }
    const struct expr_function_doc *f = expr_function_doc(0);
    for (size_t i = 0; f != NULL; f = expr_function_doc(++i)) {
        if (f->is_extension) {
            assert_names(r, f->name, "function");
        }
    }
}

/* A fragment is no whole recipe: what is missing around it is all that may be said. */
static void load_without_warnings(const char *text) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load_text(text, strlen(text), "recipe.yaml", ".", &d);
    AUTO(str) struct str shown = STR_INIT(0);
    for (size_t i = 0; i < d.n; i++) {
        const char *kind = d.items[i].err.kind;
        if (!str_starts(kind, "unused-") && !str_starts(kind, "missing-")) {
            err_render(&d.items[i].err, d.items[i].is_warning ? "warning" : "error", &shown);
        }
    }
    if (r == NULL || shown.len > 0) {
        fail_msg("%s", str_text(&shown));
    }
    recipe_free(r);
    diagnostics_release(&d);
}

static void check_example(const char *text, size_t len) {
    AUTO(str) struct str recipe = STR_INIT(0);
    char *copy = mem_strndup(text, len);
    bool is_whole = str_starts(text, "cpdflow:");
    bool is_list = str_starts(text, "- ");
    bool has_steps = str_starts(text, "steps:\n");
    bool has_late_steps = strstr(copy, "\nsteps:\n") != NULL;
    str_add(&recipe, is_whole ? "" : PRELUDE);
    if (!is_whole && !is_list && !has_steps) {
        /* Keys of the top level: those that the prelude has are left out of it. */
        str_reset(&recipe);
        bool has_inputs = str_starts(text, "inputs:");
        str_addf(&recipe, "cpdflow: 1\n%s%s", has_inputs ? "" : "inputs: {stage: {}}\n",
                 has_late_steps ? "" : "steps: [{cpdctl: [space, list]}]\n");
    }
    const char *body = has_steps ? copy + strlen("steps:\n") : copy;
    for (const char *at = body; *at != '\0'; at += strcspn(at, "\n") + 1) {
        str_addf(&recipe, "%s%.*s\n", is_list ? "  " : "", (int)strcspn(at, "\n"), at);
    }
    mem_free(copy);
    load_without_warnings(str_text(&recipe));
}

/* The example of a catalogue is the file that the example beside it names. */
static void write_catalogue(const struct reference *r) {
    static const char open[] = "```\ncatalogue 1\n";
    const char *start = strstr(str_text(&r->text), open);
    assert_non_null(start);
    start += strlen("```\n");
    const char *end = strstr(start, "```");
    AUTO(err) struct err err = ERR_INIT;
    if (!file_write_atomic("oc.catalogue", start, (size_t)(end - start), 0600, &err)) {
        fail_msg("%s", err.message);
    }
}

static void test_reference_examples_load(void **state) {
    const struct reference *r = *state;
    static const char open[] = "```yaml\n";
    write_catalogue(r);
    size_t n = 0;
    const char *at = strstr(str_text(&r->text), open);
    while (at != NULL) {
        const char *start = at + sizeof open - 1;
        const char *end = strstr(start, "```");
        assert_non_null(end);
        check_example(start, (size_t)(end - start));
        n++;
        at = strstr(end + 3, open);
    }
    assert_true(n >= 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_has_every_key_and_no_other),
        cmocka_unit_test(test_reference_tables_say_what_a_field_is),
        cmocka_unit_test(test_reference_names_classes_formats_and_functions),
        cmocka_unit_test(test_reference_examples_load),
    };
    return cmocka_run_group_tests(tests, read_reference, release_reference);
}
