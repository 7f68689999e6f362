/*
 * From the arguments of a call to a command and its flags. A template may be anything: what cannot be
 * known without running stays unknown, and nothing is said about it.
 */
#include "contract_priv.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* ---- words ----------------------------------------------------------------------------------- */

/* NULL unless the argument is a constant text. */
static const char *constant_text(const struct arg *arg) {
    return arg->kind == ARG_TEMPLATE && arg->template != NULL && template_is_literal(arg->template)
               ? template_text(arg->template)
               : NULL;
}

/* A flag of the program in front of the command: how many arguments it takes, 0: it is none. */
static size_t program_flag_length(const struct contract *c, size_t at) {
    const char *text = constant_text(&c->call->args[at]);
    if (text == NULL || text[0] != '-') {
        return 0;
    }
    if (strchr(text, '=') != NULL) {
        return 1;
    }
    const struct catalogue_flag *flag = text[1] == '-'
                                            ? catalogue_flag(c->catalogue, NULL, text + 2)
                                            : catalogue_short_flag(c->catalogue, NULL, text[1]);
    return flag == NULL || flag->type == CATALOGUE_BOOL ? 1 : 2;
}

static void read_words(struct loader *l, struct contract *c, size_t at) {
    const struct call *call = c->call;
    size_t size = 0;
    while (at < call->n_args && (size = program_flag_length(c, at)) > 0) {
        at += size;
    }
    const char **words = arena_alloc(&l->scratch, (call->n_args + 1) * sizeof *words);
    struct place *places = arena_alloc(&l->scratch, (call->n_args + 1) * sizeof *places);
    for (; at < call->n_args; at++) {
        const char *text = constant_text(&call->args[at]);
        if (text == NULL || text[0] == '-') {
            break;
        }
        places[c->n_words] = call->args[at].place;
        words[c->n_words++] = text;
    }
    c->words = words;
    c->word_places = places;
    c->first_rest = at;
}

/* ---- flags ----------------------------------------------------------------------------------- */

static struct given *add_given(struct contract *c, const char *name, char letter,
                               struct place place) {
    struct given *given = &c->given[c->n_given++];
    *given = (struct given){.name = name, .letter = letter, .place = place};
    return given;
}

static void note_name(struct contract *c, const char *text, struct place place) {
    c->n_names++;
    bool is_extra = c->command != NULL && c->n_names > c->command->n_names;
    if (is_extra && c->extra.line == 0) {
        c->extra = place;
        c->extra_text = text;
    }
}

/* `--name=…` whose value is a template: the name is known all the same. */
static bool read_half_constant(struct loader *l, struct contract *c, const struct arg *arg) {
    const char *text = template_text(arg->template);
    size_t len = strcspn(text, "=");
    const char *template_at = strstr(text, "${{");
    if (strncmp(text, "--", 2) != 0 || text[len] == '\0' ||
        (template_at != NULL && template_at < text + len)) {
        return false;
    }
    add_given(c, arena_strndup(&l->scratch, text + 2, len - 2), '\0', arg->place);
    return true;
}

static void read_template(struct loader *l, struct contract *c, const struct arg *arg) {
    if (arg->template == NULL) {
        c->is_dynamic = true; /* it has an error of its own */
        return;
    }
    if (read_half_constant(l, c, arg)) {
        return;
    }
    /* One expression may give a whole list of arguments; text in front of one makes it a word. */
    bool may_be_flags = template_is_single(arg->template) || template_text(arg->template)[0] == '-';
    if (may_be_flags) {
        c->is_dynamic = true;
        return;
    }
    note_name(c, template_text(arg->template), arg->place);
}

static bool takes_next(const struct contract *c, const struct given *given, size_t next) {
    const struct catalogue_flag *flag =
        given->name != NULL ? catalogue_flag(c->catalogue, c->command, given->name)
                            : catalogue_short_flag(c->catalogue, c->command, given->letter);
    if (next >= c->call->n_args) {
        return false;
    }
    const char *text = constant_text(&c->call->args[next]);
    bool looks_like_value = text == NULL || text[0] != '-' || text[1] == '\0';
    return flag != NULL ? flag->type != CATALOGUE_BOOL : looks_like_value;
}

/* `--name value`: returns how many arguments that are. */
static size_t read_flag(struct loader *l, struct contract *c, size_t at, const char *text) {
    const struct arg *arg = &c->call->args[at];
    const char *equals = strchr(text, '=');
    bool is_long = text[1] == '-';
    struct given *given;
    if (is_long) {
        size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
        given = add_given(c, arena_strndup(&l->scratch, text + 2, len - 2), '\0', arg->place);
        if (equals != NULL) {
            given->text = equals + 1;
            return 1;
        }
    } else {
        given = add_given(c, NULL, text[1], arg->place);
        if (text[2] != '\0') {
            given->text = text + 2;
            return 1;
        }
    }
    if (!takes_next(c, given, at + 1)) {
        given->is_bare = true;
        return 1;
    }
    const struct arg *value = &c->call->args[at + 1];
    given->text = constant_text(value);
    given->typed = value->kind != ARG_TEMPLATE ? value : NULL;
    return 2;
}

static void read_rest(struct loader *l, struct contract *c) {
    bool are_options_over = false;
    for (size_t at = c->first_rest; at < c->call->n_args;) {
        const struct arg *arg = &c->call->args[at];
        const char *text = constant_text(arg);
        if (text == NULL && arg->kind == ARG_TEMPLATE) {
            read_template(l, c, arg);
        } else if (text != NULL && strcmp(text, "--") == 0) {
            are_options_over = true;
        } else if (text != NULL && text[0] == '-' && text[1] != '\0' && !are_options_over) {
            at += read_flag(l, c, at, text);
            continue;
        } else {
            note_name(c, text != NULL ? text : "", arg->place);
        }
        at++;
    }
}

static const struct value *constant_tree(struct loader *l, const struct template_tree *tree) {
    if (tree == NULL || !template_tree_is_literal(tree)) {
        return NULL;
    }
    const struct value *v = NULL;
    const struct expr_run run = {.current = &value_null};
    struct err err = ERR_INIT;
    bool is_ok = template_tree_eval(tree, &run, &l->scratch, &v, &err);
    err_release(&err);
    return is_ok ? v : NULL;
}

static void read_flag_form(struct loader *l, struct contract *c) {
    for (size_t i = 0; i < c->call->n_flags; i++) {
        struct flag *flag = &c->call->flags[i];
        const struct value *v = constant_tree(l, flag->tree);
        bool is_left_out =
            v != NULL && (v->type == VALUE_NULL || (v->type == VALUE_BOOL && !v->as.boolean));
        if (is_left_out || flag->name[0] == '-' || strpbrk(flag->name, "= \t\n") != NULL) {
            continue; /* the latter is reported */
        }
        struct given *given = add_given(c, flag->name, '\0', flag->place);
        given->flag = flag;
        given->value = v;
        given->is_bare = v != NULL && v->type == VALUE_BOOL && v->as.boolean;
        given->text =
            v != NULL && (v->type == VALUE_STRING || v->type == VALUE_NUMBER) ? v->as.text : NULL;
        given->typed = flag->tree == NULL ? &flag->arg : NULL;
    }
}

/* ---- the call -------------------------------------------------------------------------------- */

static const struct own_catalogue *own_catalogue_of(const struct loader *l,
                                                    const struct call *call) {
    const char *program = call->n_args > 0 ? constant_text(&call->args[0]) : NULL;
    const char *slash = program != NULL ? strrchr(program, '/') : NULL;
    for (size_t i = 0; program != NULL && i < l->n_catalogues; i++) {
        if (strcmp(l->catalogues[i].program, slash != NULL ? slash + 1 : program) == 0) {
            return &l->catalogues[i];
        }
    }
    return NULL;
}

static const char *version_here(const struct loader *l, const char *program) {
    for (size_t i = 0; i < l->cache->n_versions; i++) {
        if (strcmp(l->cache->versions[i].program, program) == 0) {
            return l->cache->versions[i].version;
        }
    }
    return NULL;
}

static bool choose_catalogue(struct loader *l, struct contract *c) {
    if (c->call->kind == CALL_CPDCTL) {
        if (l->cache->cpdctl == NULL) {
            l->cache->cpdctl = catalogue_cpdctl();
        }
        c->catalogue = l->cache->cpdctl;
        c->said_version = l->recipe->cpdctl_version;
        const char *version = c->said_version != NULL ? c->said_version : version_here(l, "cpdctl");
        c->version = catalogue_version(c->catalogue, version, &c->is_exact);
        return true;
    }
    const struct own_catalogue *own =
        c->call->kind == CALL_CMD ? own_catalogue_of(l, c->call) : NULL;
    if (own == NULL || own->catalogue == NULL) {
        return false;
    }
    c->catalogue = own->catalogue;
    c->own_program = own->program;
    c->said_version = own->version;
    const char *version = own->version != NULL ? own->version : version_here(l, own->program);
    c->version = catalogue_version(c->catalogue, version, &c->is_exact);
    return true;
}

bool contract_read(struct loader *l, const struct step *step, struct call *call,
                   struct contract *ret_contract) {
    *ret_contract = (struct contract){.step = step, .call = call};
    struct contract *c = ret_contract;
    if (!choose_catalogue(l, c)) {
        return false;
    }
    read_words(l, c, call->kind == CALL_CMD ? 1 : 0);
    c->command = catalogue_find(c->catalogue, c->words, c->n_words, &c->n_command_words);
    c->given = arena_alloc(&l->scratch, (call->n_args + call->n_flags + 1) * sizeof *c->given);
    for (size_t i = c->n_command_words; c->command != NULL && i < c->n_words; i++) {
        note_name(c, c->words[i], c->word_places[i]);
    }
    read_rest(l, c);
    read_flag_form(l, c);
    return true;
}
