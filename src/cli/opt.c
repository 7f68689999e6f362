/*
 * Option rows: one loop parses them, another explains them. Read opt_parse() first; `struct parser` is the
 * cursor over argv that its helpers share. Nothing here prints or exits.
 */
#include "cli/opt.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"

/* The help text starts in this column, or on the next line when the option itself is longer. */
#define HELP_COLUMN ((size_t)28)
#define MAX_WORDS   ((size_t)64)

struct parser {
    const struct opt_row *rows;
    char **argv;
    int argc;
    int next; /* index of the first argument not looked at yet */
    char *fields;
    struct err *err;
};

void opt_list_add(struct opt_list *list, const char *text) {
    list->items = mem_realloc(list->items, list->n + 1, sizeof *list->items);
    list->items[list->n++] = text;
}

void opt_list_release(struct opt_list *list) {
    mem_free(list->items);
    *list = (struct opt_list){NULL, 0};
}

static bool is_end(const struct opt_row *row) {
    return row->name == NULL;
}

static bool takes_value(const struct opt_row *row) {
    return row->kind != OPT_FLAG && row->kind != OPT_LEVEL;
}

static bool unknown_choice(const struct opt_row *row, const char *value, struct err *err) {
    size_t n = 0;
    AUTO(str) struct str all = STR_INIT(LIMIT_MESSAGE);
    for (; row->choices[n] != NULL; n++) {
        str_addf(&all, "%s%s", n > 0 ? ", " : "", row->choices[n]);
    }
    err_set(err, "usage", "option '--%s' cannot be '%s': use one of %s", row->name, value,
            str_text(&all));
    const char *nearest = err_nearest(value, row->choices, n);
    if (nearest != NULL) {
        err_hint(err, "did you mean '%s'?", nearest);
    }
    return false;
}

static bool store_choice(const struct opt_row *row, void *field, const char *value,
                         struct err *err) {
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], value) == 0) {
            *(int *)field = i;
            return true;
        }
    }
    return unknown_choice(row, value, err);
}

static bool store_count(const struct opt_row *row, void *field, const char *value,
                        struct err *err) {
    int64_t n = 0;
    if (!num_parse_i64(value, strlen(value), &n) || n < 1) {
        return err_set(err, "usage", "option '--%s' wants a number of at least 1, not '%s'",
                       row->name, value);
    }
    *(size_t *)field = (size_t)n;
    return true;
}

static bool store(const struct parser *p, const struct opt_row *row, const char *value) {
    void *field = p->fields + row->offset;
    switch (row->kind) {
    case OPT_FLAG:
        *(bool *)field = true;
        return true;
    case OPT_LEVEL:
        (*(size_t *)field)++;
        return true;
    case OPT_TEXT:
    case OPT_FILE:
        *(const char **)field = value;
        return true;
    case OPT_LIST:
        opt_list_add(field, value);
        return true;
    case OPT_CHOICE:
        return store_choice(row, field, value, p->err);
    case OPT_COUNT:
        return store_count(row, field, value, p->err);
    case OPT_DURATION:
        if (!num_parse_duration_ms(value, strlen(value), field, p->err)) {
            return err_wrap(p->err, "option '--%s'", row->name);
        }
        return true;
    }
    bug("option '%s' has kind %d", row->name, (int)row->kind);
}

/* `shown` is the option as the user wrote it. */
static bool take_value(struct parser *p, const struct opt_row *row, const char *shown,
                       const char **ret_value) {
    if (p->next >= p->argc) {
        return err_set(p->err, "usage", "option '%s' needs a value: %s", shown,
                       row->arg != NULL ? row->arg : "one of its words");
    }
    *ret_value = p->argv[p->next++];
    return true;
}

/* What was meant: an option that begins like that, or the nearest. */
static const char *nearest_option(const struct opt_row *rows, const char *word) {
    const char *names[MAX_WORDS];
    size_t n = 0;
    for (const struct opt_row *row = rows; !is_end(row) && n < MAX_WORDS - 1; row++) {
        if (word[0] != '\0' && str_starts(row->name, word)) {
            return row->name;
        }
        names[n++] = row->name;
    }
    names[n++] = "help";
    return err_nearest(word, names, n);
}

static bool unknown_long(const struct parser *p, const char *name, size_t len) {
    AUTO(str) struct str word = STR_INIT(LIMIT_MESSAGE);
    str_add_bytes(&word, name, len);
    err_set(p->err, "usage", "unknown option '--%s'", str_text(&word));
    const char *nearest = nearest_option(p->rows, str_text(&word));
    if (nearest != NULL) {
        err_hint(p->err, "did you mean '--%s'?", nearest);
    }
    return false;
}

static const struct opt_row *find_long(const struct opt_row *rows, const char *name, size_t len) {
    for (const struct opt_row *row = rows; !is_end(row); row++) {
        if (strlen(row->name) == len && memcmp(row->name, name, len) == 0) {
            return row;
        }
    }
    return NULL;
}

/* `arg` is "--name" or "--name=value". */
static bool parse_long(struct parser *p, const char *arg) {
    const char *name = arg + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct opt_row *row = find_long(p->rows, name, len);
    if (row == NULL) {
        return unknown_long(p, name, len);
    }
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (!takes_value(row) && value != NULL) {
        return err_set(p->err, "usage", "option '--%s' takes no value", row->name);
    }
    if (takes_value(row) && value == NULL && !take_value(p, row, arg, &value)) {
        return false;
    }
    return store(p, row, value);
}

static const struct opt_row *find_short(const struct opt_row *rows, char c) {
    for (const struct opt_row *row = rows; !is_end(row); row++) {
        if (row->short_name == c) {
            return row;
        }
    }
    return NULL;
}

/* `arg` is "-x", "-xvalue" or a bundle "-xyz". */
static bool parse_short(struct parser *p, const char *arg) {
    for (const char *c = arg + 1; *c != '\0'; c++) {
        const struct opt_row *row = find_short(p->rows, *c);
        if (row == NULL) {
            return err_set(p->err, "usage", "unknown option '-%c'%s%s%s", *c,
                           arg[2] != '\0' ? " in '" : "", arg[2] != '\0' ? arg : "",
                           arg[2] != '\0' ? "'" : "");
        }
        if (!takes_value(row)) {
            (void)store(p, row, NULL); /* a flag cannot fail */
            continue;
        }
        const char shown[] = {'-', *c, '\0'};
        const char *value = c + 1;
        return (*value != '\0' || take_value(p, row, shown, &value)) && store(p, row, value);
    }
    return true;
}

bool opt_parse(const struct opt_row *rows, int argc, char **argv, size_t rest_from, void *fields,
               struct opt_list *ret_operands, struct err *err) {
    struct parser p = {rows, argv, argc, 0, fields, err};
    bool only_operands = false;
    while (p.next < argc) {
        const char *arg = argv[p.next++];
        if (only_operands || arg[0] != '-' || arg[1] == '\0') {
            opt_list_add(ret_operands, arg);
            only_operands = only_operands || (rest_from > 0 && ret_operands->n >= rest_from);
        } else if (strcmp(arg, "--") == 0) {
            only_operands = true;
        } else if (arg[1] == '-' ? !parse_long(&p, arg) : !parse_short(&p, arg)) {
            return false;
        }
    }
    return true;
}

void opt_release(const struct opt_row *rows, void *fields) {
    for (const struct opt_row *row = rows; !is_end(row); row++) {
        if (row->kind == OPT_LIST) {
            opt_list_release((struct opt_list *)(void *)((char *)fields + row->offset));
        }
    }
}

static void explain_value(const struct opt_row *row, struct str *out) {
    if (row->choices != NULL) {
        for (size_t i = 0; row->choices[i] != NULL; i++) {
            str_addf(out, "%c%s", i > 0 ? '|' : '=', row->choices[i]);
        }
    } else if (row->arg != NULL) {
        str_addf(out, "=%s", row->arg);
    }
}

static void explain_row(const struct opt_row *row, struct str *out) {
    size_t start = out->len;
    str_add(out, "  ");
    if (row->short_name != 0) {
        str_addf(out, "-%c, ", row->short_name);
    } else {
        str_add(out, "    ");
    }
    str_addf(out, "--%s", row->name);
    explain_value(row, out);
    size_t width = out->len - start;
    if (width + 2 > HELP_COLUMN) {
        str_add_char(out, '\n');
        width = 0;
    }
    for (const char *line = row->help; line != NULL;) {
        const char *end = strchr(line, '\n');
        str_add_repeat(out, ' ', HELP_COLUMN - width);
        str_add_bytes(out, line, end != NULL ? (size_t)(end - line) : strlen(line));
        str_add_char(out, '\n');
        line = end != NULL ? end + 1 : NULL;
        width = 0;
    }
}

void opt_explain(const struct opt_row *rows, struct str *out) {
    static const struct opt_row help = {'h', "help", OPT_FLAG, NULL, 0, NULL, "print this help"};
    for (const struct opt_row *row = rows; !is_end(row); row++) {
        explain_row(row, out);
    }
    explain_row(&help, out);
}
