/*
 * One call against its catalogue. What is found is an error when the recipe says for which version it is
 * written and the catalogue knows that version; otherwise another version may be meant, and it is a
 * warning.
 */
#include "contract_priv.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "maxima.h"
#include "value/json.h"

/* ---- saying it ------------------------------------------------------------------------------- */

static void say(struct loader *l, const struct contract *c, struct place place, const char *kind,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void say(struct loader *l, const struct contract *c, struct place place, const char *kind,
                const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    if (c->is_exact) {
        diag_error_at(l, place, kind, "%s", str_text(&text));
    } else {
        diag_warning_at(l, place, kind, "%s", str_text(&text));
    }
}

static const char *version_name(const struct contract *c, size_t version) {
    return c->catalogue->versions[version];
}

/* "cpdctl 1.8.153" */
static const char *program_name(struct loader *l, const struct contract *c) {
    return c->catalogue->n_versions == 1 ? c->catalogue->program
                                         : arena_printf(&l->scratch, "%s %s", c->catalogue->program,
                                                        version_name(c, c->version));
}

static bool is_partial(const struct contract *c) {
    return c->catalogue->is_partial[c->version];
}

static const char *joined(struct loader *l, const char *const *words, size_t n) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        str_addf(&text, "%s%s", i > 0 ? " " : "", words[i]);
    }
    return arena_strdup(&l->scratch, str_text(&text));
}

static void hint_at_version(struct loader *l, const struct contract *c, const char *also) {
    if (c->catalogue->n_versions > 1 && !c->is_exact && c->said_version == NULL) {
        const char *how =
            c->own_program == NULL
                ? "cpdctl: {version: \"…\"}"
                : arena_printf(&l->scratch, "%s: {file: …, version: \"…\"}", c->own_program);
        diag_hint(l, "%s%sif another version is meant say `%s`%s", also,
                  also[0] != '\0' ? "; " : "", how,
                  c->own_program == NULL ? "" : " in `catalogues`");
    } else if (also[0] != '\0') {
        diag_hint(l, "%s", also);
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

static const char *nearest_command(struct loader *l, const struct contract *c, const char *words) {
    size_t n = 0;
    while (catalogue_at(c->catalogue, n) != NULL) {
        n++;
    }
    const char **paths = arena_alloc(&l->scratch, (n + 1) * sizeof *paths);
    size_t n_paths = 0;
    for (size_t i = 0; i < n; i++) {
        const struct catalogue_command *command = catalogue_at(c->catalogue, i);
        if (catalogue_has(&command->span, c->version)) {
            paths[n_paths++] = command->path;
        }
    }
    return err_nearest(words, paths, n_paths);
}

/* "space" is a group: the message names what stands in it. */
static bool hint_group(struct loader *l, const struct contract *c) {
    AUTO(str) struct str names = STR_INIT(LIMIT_MESSAGE);
    const char *words = joined(l, c->words, c->n_words);
    const struct catalogue_command *command;
    for (size_t i = 0; (command = catalogue_at(c->catalogue, i)) != NULL; i++) {
        size_t n = strlen(words);
        if (catalogue_has(&command->span, c->version) && strncmp(command->path, words, n) == 0 &&
            command->path[n] == ' ') {
            str_addf(&names, "%s%s", names.len > 0 ? ", " : "", command->path + n + 1);
        }
    }
    if (names.len > 0) {
        diag_hint(l, "commands of '%s': %s", words, str_text(&names));
    }
    return names.len > 0;
}

/* The successor of a command, as a hint. */
static const char *successor(struct loader *l, const struct contract *c) {
    size_t n_used = 0;
    const char *to = catalogue_renamed(c->catalogue, c->words, c->n_words, &n_used);
    if (to == NULL) {
        return "";
    }
    if (to[0] == '\0') {
        return "it has no successor: reach the service with `http:`";
    }
    size_t n_words = c->command != NULL ? c->n_command_words : c->n_words;
    const char *rest = n_used < n_words ? joined(l, c->words + n_used, n_words - n_used) : "";
    const char *path = arena_printf(&l->scratch, "%s%s%s", to, rest[0] != '\0' ? " " : "", rest);
    for (size_t i = 0; catalogue_at(c->catalogue, i) != NULL; i++) {
        if (strcmp(catalogue_at(c->catalogue, i)->path, path) == 0) {
            return arena_printf(&l->scratch, "it is '%s' now", path);
        }
    }
    return arena_printf(&l->scratch, "look at '%s'", to);
}

static void check_unknown(struct loader *l, const struct contract *c) {
    bool is_said = c->n_words == 0 || catalogue_is_plugin(c->catalogue, c->words[0]);
    if (is_said || is_partial(c) || strcmp(c->words[0], "help") == 0 ||
        strcmp(c->words[0], c->catalogue->program) == 0) {
        return; /* the last is reported */
    }
    const char *now = successor(l, c);
    if (now[0] != '\0') {
        say(l, c, c->word_places[0], "other-version", "%s has no command '%s', older ones had it",
            program_name(l, c), joined(l, c->words, c->n_words));
        hint_at_version(l, c, now);
        return;
    }
    const char *words = joined(l, c->words, c->n_words);
    say(l, c, c->word_places[0], "unknown-command", "%s has no command '%s'", program_name(l, c),
        words);
    const char *nearest = nearest_command(l, c, words);
    if (nearest != NULL) {
        diag_hint(l, "did you mean '%s'?", nearest);
    } else if (!hint_group(l, c)) {
        hint_at_version(l, c, "");
    }
}

static void check_span(struct loader *l, const struct contract *c, struct place place,
                       const char *what, const struct catalogue_span *span) {
    if (catalogue_has(span, c->version)) {
        return;
    }
    if (span->since > c->version) {
        /* References lag behind the program: it may know more than they say. */
        diag_warning_at(l, place, "other-version", "%s is known since %s %s, the recipe is for %s",
                        what, c->catalogue->program, version_name(c, span->since),
                        version_name(c, c->version));
        return;
    }
    say(l, c, place, "other-version", "%s is not known since %s %s", what, c->catalogue->program,
        version_name(c, span->until + 1));
    hint_at_version(l, c, span == &c->command->span ? successor(l, c) : "");
}

/* ---- values of flags ------------------------------------------------------------------------- */

static bool is_json_text(struct loader *l, const char *text) {
    struct json_options options = {.name = "flag"};
    const struct value *v = NULL;
    struct err err = ERR_INIT;
    bool is_ok = json_parse(&l->scratch, text, strlen(text), &options, &v, NULL, &err);
    err_release(&err);
    return is_ok;
}

static bool is_whole_number(const char *text) {
    int64_t n = 0;
    return num_parse_i64(text, strlen(text), &n);
}

static bool is_number(const char *text) {
    double n = 0;
    return num_parse_double(text, strlen(text), &n);
}

static bool fits(struct loader *l, enum catalogue_type type, const char *text) {
    switch (type) {
    case CATALOGUE_INT:
        return is_whole_number(text);
    case CATALOGUE_NUM:
        return is_number(text);
    case CATALOGUE_BOOL:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    case CATALOGUE_JSON:
        return text[0] == '@' || is_json_text(l, text);
    case CATALOGUE_TEXT:
    case CATALOGUE_LIST:
    case CATALOGUE_FILE:
    case CATALOGUE_TYPE_COUNT:
        break;
    }
    return true;
}

static const char *const type_says[CATALOGUE_TYPE_COUNT] = {
    [CATALOGUE_TEXT] = "a text",
    [CATALOGUE_BOOL] = "true or false",
    [CATALOGUE_INT] = "a whole number",
    [CATALOGUE_NUM] = "a number",
    [CATALOGUE_LIST] = "a list",
    [CATALOGUE_FILE] = "the path of a file",
    [CATALOGUE_JSON] = "JSON, or @ and the path of a file",
};

static void check_value(struct loader *l, const struct contract *c, const struct given *given,
                        const struct catalogue_flag *flag) {
    bool is_collection = given->value != NULL &&
                         (given->value->type == VALUE_LIST || given->value->type == VALUE_OBJECT);
    if (given->is_bare && flag->type != CATALOGUE_BOOL) {
        say(l, c, given->place, "flag-value", "'--%s' needs a value: %s", flag->name,
            type_says[flag->type]);
    } else if (given->text != NULL && !fits(l, flag->type, given->text)) {
        say(l, c, given->place, "flag-value", "'--%s' takes %s, found '%s'", flag->name,
            type_says[flag->type], given->text);
        if (flag->type == CATALOGUE_JSON) {
            diag_hint(l, "write the value as YAML under `flags:`, it is passed as JSON");
        }
    } else if (is_collection && (flag->type == CATALOGUE_BOOL || flag->type == CATALOGUE_INT ||
                                 flag->type == CATALOGUE_NUM)) {
        say(l, c, given->place, "flag-value", "'--%s' takes %s, found %s", flag->name,
            type_says[flag->type], given->value->type == VALUE_LIST ? "a list" : "a mapping");
    }
}

static const char *given_name(struct loader *l, const struct given *given) {
    return given->name != NULL ? arena_printf(&l->scratch, "--%s", given->name)
                               : arena_printf(&l->scratch, "-%c", given->letter);
}

static const char *nearest_flag(struct loader *l, const struct contract *c, const char *name) {
    size_t n = c->command->n_flags + c->catalogue->n_flags + c->catalogue->n_output;
    const char **names = arena_alloc(&l->scratch, (n + 1) * sizeof *names);
    size_t n_names = 0;
    for (size_t i = 0; i < c->command->n_flags; i++) {
        if (catalogue_has(&c->command->flags[i].span, c->version)) {
            names[n_names++] = c->command->flags[i].name;
        }
    }
    for (size_t i = 0; i < c->catalogue->n_flags; i++) {
        names[n_names++] = c->catalogue->flags[i].name;
    }
    for (size_t i = 0; c->command->has_output && i < c->catalogue->n_output; i++) {
        names[n_names++] = c->catalogue->output[i].name;
    }
    return err_nearest(name, names, n_names);
}

static const struct catalogue_flag *known_flag(const struct contract *c,
                                               const struct given *given) {
    return given->name != NULL ? catalogue_flag(c->catalogue, c->command, given->name)
                               : catalogue_short_flag(c->catalogue, c->command, given->letter);
}

static void check_flag(struct loader *l, const struct contract *c, const struct given *given) {
    const struct catalogue_flag *flag = known_flag(c, given);
    if (flag != NULL) {
        check_span(l, c, given->place,
                   arena_printf(&l->scratch, "'--%s' of '%s'", flag->name, c->command->path),
                   &flag->span);
        check_value(l, c, given, flag);
        return;
    }
    const char *nearest = given->name != NULL ? nearest_flag(l, c, given->name) : NULL;
    if (is_partial(c) && nearest == NULL) {
        return;
    }
    say(l, c, given->place, "unknown-flag", "'%s' has no flag '%s'", c->command->path,
        given_name(l, given));
    if (nearest != NULL) {
        diag_hint(l, "did you mean '--%s'?", nearest);
    } else {
        hint_at_version(l, c, "");
    }
}

/* ---- the whole call -------------------------------------------------------------------------- */

static const struct given *find_given(const struct contract *c, const char *name) {
    for (size_t i = 0; i < c->n_given; i++) {
        const struct catalogue_flag *flag = known_flag(c, &c->given[i]);
        if (flag != NULL && strcmp(flag->name, name) == 0) {
            return &c->given[i];
        }
    }
    return NULL;
}

static void check_required(struct loader *l, const struct contract *c) {
    for (size_t i = 0; i < c->command->n_flags && !c->is_dynamic; i++) {
        const struct catalogue_flag *flag = &c->command->flags[i];
        bool is_needed = flag->is_required && catalogue_has(&flag->span, c->version);
        if (!is_needed || find_given(c, flag->name) != NULL ||
            (flag->instead != NULL && find_given(c, flag->instead) != NULL)) {
            continue;
        }
        say(l, c, c->call->place, "missing-flag", "'%s' needs '--%s'%s%s%s", c->command->path,
            flag->name, flag->instead != NULL ? " or '--" : "",
            flag->instead != NULL ? flag->instead : "", flag->instead != NULL ? "'" : "");
    }
}

static void check_repeated(struct loader *l, const struct contract *c) {
    for (size_t i = 0; i < c->n_given; i++) {
        const struct catalogue_flag *flag = known_flag(c, &c->given[i]);
        const struct value *v = c->given[i].value;
        if (flag == NULL || flag->type == CATALOGUE_LIST) {
            continue;
        }
        bool is_second = find_given(c, flag->name) != &c->given[i];
        bool is_list = v != NULL && v->type == VALUE_LIST && v->len > 1 &&
                       flag->type == CATALOGUE_TEXT && v->as.items[0]->type != VALUE_OBJECT &&
                       v->as.items[0]->type != VALUE_LIST;
        if (is_second || is_list) {
            say(l, c, c->given[i].place, "repeated-flag", "'--%s' takes one value%s", flag->name,
                is_second ? ", and it is given twice" : ", found a list");
        }
    }
}

static void check_extra(struct loader *l, const struct contract *c) {
    if (c->extra.line == 0) {
        return;
    }
    say(l, c, c->extra, "extra-argument", "'%s' takes no argument '%s'", c->command->path,
        c->extra_text);
    for (size_t i = 0; i < c->command->n_flags; i++) {
        const struct catalogue_flag *flag = &c->command->flags[i];
        if (flag->is_required || str_ends(flag->name, "-id")) {
            diag_hint(l, "values have flags: '--%s'", flag->name);
            return;
        }
    }
}

static void check_reading(struct loader *l, const struct contract *c) {
    const struct ensure_action *ensure = c->step->ensure;
    bool is_find = ensure != NULL && (c->call == ensure->find || c->call == ensure->get);
    if (is_find && !c->command->reads) {
        diag_warning_at(l, c->call->place, "changing-find",
                        "'%s' changes something, and `%s` is called again and again",
                        c->command->path, c->call == ensure->find ? "find" : "get");
    }
}

void contract_check(struct loader *l, const struct contract *c) {
    if (c->command == NULL) {
        check_unknown(l, c);
        return;
    }
    check_span(l, c, c->n_words > 0 ? c->word_places[0] : c->call->place,
               arena_printf(&l->scratch, "'%s'", c->command->path), &c->command->span);
    check_reading(l, c);
    if (c->command->is_open || !catalogue_has(&c->command->span, c->version)) {
        return;
    }
    for (size_t i = 0; i < c->n_given; i++) {
        check_flag(l, c, &c->given[i]);
    }
    check_repeated(l, c);
    check_required(l, c);
    check_extra(l, c);
}
