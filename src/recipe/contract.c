/*
 * What the catalogues say about the calls of a recipe: it completes them (does the command answer in
 * JSON, does it change anything, is the value of a flag JSON) and has them checked.
 */
#include "contract_priv.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

static enum call_answer answer_of(const struct contract *c) {
    if (c->command != NULL) {
        return c->command->has_output ? ANSWER_FORMAT
               : c->command->prints   ? ANSWER_TEXT
                                      : ANSWER_NONE;
    }
    bool is_plugin = c->n_words > 0 && catalogue_is_plugin(c->catalogue, c->words[0]);
    return is_plugin ? ANSWER_TEXT : ANSWER_FORMAT;
}

/* A list for a flag that takes JSON is one list, not the flag again and again. */
static void complete_flags(const struct contract *c) {
    for (size_t i = 0; i < c->n_given; i++) {
        const struct catalogue_flag *known =
            c->given[i].name != NULL ? catalogue_flag(c->catalogue, c->command, c->given[i].name)
                                     : NULL;
        if (c->given[i].flag != NULL) {
            c->given[i].flag->is_json = known != NULL && known->type == CATALOGUE_JSON;
        }
    }
}

static bool says_reads(const struct loader *l, const struct step *step) {
    const struct yaml_node *node = l->infos[step->number].node;
    return node->kind == YAML_MAP && yaml_get(node, "reads") != NULL;
}

static void note_call(struct loader *l, const struct contract *c) {
    if (c->command == NULL) {
        return;
    }
    if ((l->n_known_calls & (l->n_known_calls - 1)) == 0) {
        size_t cap = l->n_known_calls == 0 ? 1 : l->n_known_calls * 2;
        l->known_calls = mem_realloc(l->known_calls, cap, sizeof *l->known_calls);
    }
    struct known_call *note = &l->known_calls[l->n_known_calls++];
    *note = (struct known_call){.step = c->step, .call = c->call, .command = c->command};
    for (size_t i = 0; i < c->n_given; i++) {
        const struct given *given = &c->given[i];
        bool is_named = given->name != NULL;
        note->has_name = note->has_name || (is_named && strcmp(given->name, "name") == 0);
        if (is_named && strcmp(given->name, "async") == 0 &&
            (given->is_bare || (given->text != NULL && strcmp(given->text, "true") == 0))) {
            note->async = given->place;
        }
    }
}

static void handle_call(struct loader *l, struct step *step, struct call *call) {
    struct contract c;
    if (call == NULL || !contract_read(l, step, call, &c)) {
        return;
    }
    call->answer = answer_of(&c);
    complete_flags(&c);
    if (call == step->call && !says_reads(l, step)) {
        call->reads = catalogue_reads(c.catalogue, c.words, c.n_words);
        step->reads = call->reads;
    }
    note_call(l, &c);
    contract_check(l, &c);
}

void contract_calls(struct loader *l) {
    for (uint32_t i = 0; i < l->recipe->n_all_steps; i++) {
        struct step *step = l->infos[i].step;
        handle_call(l, step, step->call);
        if (step->ensure != NULL) {
            struct call *const parts[] = {step->ensure->find, step->ensure->create,
                                          step->ensure->update, step->ensure->remove,
                                          step->ensure->get};
            for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
                handle_call(l, step, parts[k]);
            }
        }
    }
}

/* ---- catalogues of other programs ------------------------------------------------------------ */

static const struct field catalogue_fields[] = {
    {.key = "file",
     .type = &type_text,
     .offset = offsetof(struct own_catalogue, file),
     .flags = FIELD_REQUIRED,
     .doc = "Path of the catalogue, relative to this recipe"},
    {.key = "version",
     .type = &type_program_version,
     .offset = offsetof(struct own_catalogue, version),
     .doc =
         "The version of the program that the recipe is written for; the newest of the catalogue "
         "unless given"},
};
const struct object object_catalogue = {.name = "catalogue",
                                        .says = "a catalogue",
                                        .fields = catalogue_fields,
                                        .n_fields =
                                            sizeof catalogue_fields / sizeof catalogue_fields[0]};

static void read_catalogue(struct loader *l, const struct yaml_node *node,
                           struct own_catalogue *own) {
    char *path = own->file[0] == '/' ? mem_strdup(own->file) : file_join(l->recipe->dir, own->file);
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(LIMIT_CATALOGUE_BYTES);
    if (!file_read(path, LIMIT_CATALOGUE_BYTES, &text, &err)) {
        diag_take(l, node, &err);
    } else {
        own->catalogue = catalogue_new(str_text(&text), text.len, path, &err);
        if (own->catalogue == NULL) {
            err_wrap(&err, "%s:%u", path, err.place.line);
            err.place = (struct place){NULL, 0, 0};
            diag_take(l, node, &err);
        }
    }
    mem_free(path);
}

static const char *const *copy_asks(struct arena *a, const struct catalogue *c) {
    const char **asks = arena_zalloc(a, (c->n_asks + 1) * sizeof *asks);
    for (size_t i = 0; i < c->n_asks; i++) {
        asks[i] = arena_strdup(a, c->asks[i]);
    }
    return asks;
}

static void decode_catalogue(struct loader *l, const struct yaml_pair *pair,
                             struct own_catalogue *own) {
    own->program = arena_strdup(&l->recipe->arena, pair->key->text);
    const struct yaml_node *file = pair->value;
    if (file->kind == YAML_MAP) {
        (void)schema_decode(l, &object_catalogue, file, own, NULL, NULL);
        file = yaml_get(file, "file");
    } else {
        own->file = load_text(l, file, "catalogues");
    }
    if (own->file == NULL) {
        return;
    }
    read_catalogue(l, file, own);
    if (own->catalogue != NULL) {
        l->recipe->catalogues[l->recipe->n_catalogues++] = (struct recipe_catalogue){
            own->program, own->version, copy_asks(&l->recipe->arena, own->catalogue)};
    }
}

static void decode_catalogues(struct loader *l, const struct field *f, const struct yaml_node *node,
                              void *target) {
    (void)target;
    if (!load_is_map(l, node, f->key)) {
        return;
    }
    l->catalogues = mem_zalloc(node->n + 1, sizeof *l->catalogues);
    l->n_catalogues = node->n;
    l->recipe->catalogues =
        arena_zalloc(&l->recipe->arena, (node->n + 1) * sizeof *l->recipe->catalogues);
    for (size_t i = 0; i < node->n; i++) {
        decode_catalogue(l, &node->pairs[i], &l->catalogues[i]);
    }
}
const struct field_type type_catalogues = {
    .expects = "programs, each with the path of its catalogue relative to this recipe, or {file: "
               "…, version: …}",
    .decode = decode_catalogues,
    .schema =
        "{\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [{\"type\": \"string\"}, "
        "{\"$ref\": \"#/definitions/catalogue\"}]}}"};

void contract_release(struct loader *l) {
    for (size_t i = 0; i < l->n_catalogues; i++) {
        catalogue_free(l->catalogues[i].catalogue);
    }
    mem_free(l->catalogues);
    mem_free(l->known_calls);
}
