/*
 * The catalogue format: one line for each command, its flags on indented lines below. Read read_line()
 * first.
 *
 *   catalogue 1
 *   program oc
 *   versions 4.12 4.14
 *   flags kubeconfig namespace,n
 *   get: @4.12 reads names=*
 *     all-namespaces,A:bool output,o selector,l
 */
#include "catalogue_priv.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

const char *const catalogue_type_names[CATALOGUE_TYPE_COUNT] = {
    [CATALOGUE_TEXT] = "text", [CATALOGUE_BOOL] = "bool", [CATALOGUE_INT] = "int",
    [CATALOGUE_NUM] = "num",   [CATALOGUE_LIST] = "list", [CATALOGUE_FILE] = "file",
    [CATALOGUE_JSON] = "json",
};

struct reader {
    struct catalogue_index *index;
    char *next;
    unsigned line;
    struct catalogue_entry *entry; /* whose flags follow */
    bool is_lazy;
    bool has_version;
    struct err *err;
};

static bool fail(struct reader *r, const char *what, const char *word) {
    err_set(r->err, "invalid-catalogue", "%s '%s'", what, word);
    return err_at(r->err, (struct place){r->index->name, r->line, 1}, NULL);
}

/* ---- words ----------------------------------------------------------------------------------- */

static char *next_word(char **text) {
    char *word = *text + strspn(*text, " ");
    if (*word == '\0') {
        return NULL;
    }
    char *end = word + strcspn(word, " ");
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

static size_t count_words(const char *text) {
    size_t n = 0;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        text += strcspn(text, " ");
        n++;
    }
    return n;
}

/* The words of a line; what they point to stays where it is. */
static const char *const *split(struct reader *r, char *text, size_t *ret_n) {
    size_t n = count_words(text);
    const char **words = arena_alloc(&r->index->arena, (n + 1) * sizeof *words);
    for (size_t i = 0; i < n; i++) {
        words[i] = next_word(&text);
    }
    *ret_n = n;
    return words;
}

/* ---- versions -------------------------------------------------------------------------------- */

static bool find_version(struct reader *r, const char *text, size_t *ret_index) {
    const struct catalogue *c = &r->index->top;
    for (size_t i = 0; i < c->n_versions; i++) {
        if (strcmp(c->versions[i], text) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return fail(r, "a version that 'versions' does not list:", text);
}

/* since[-until], each may be left out */
static bool read_span(struct reader *r, char *text, struct catalogue_span *ret_span) {
    *ret_span = (struct catalogue_span){0, SIZE_MAX};
    char *dash = strchr(text, '-');
    if (dash != NULL) {
        *dash = '\0';
        if (!find_version(r, dash + 1, &ret_span->until)) {
            return false;
        }
    }
    return text[0] == '\0' || find_version(r, text, &ret_span->since);
}

/* "0.4?": a question mark says that not all of its commands are known. */
static bool read_versions(struct reader *r, char *text) {
    struct catalogue *c = &r->index->top;
    size_t n = 0;
    const char *const *words = split(r, text, &n);
    bool *is_partial = arena_zalloc(&r->index->arena, (n + 1) * sizeof *is_partial);
    for (size_t i = 0; i < n; i++) {
        char *mark = strchr(words[i], '?');
        is_partial[i] = mark != NULL;
        if (mark != NULL) {
            *mark = '\0';
        }
        if (i > 0 && catalogue_compare_versions(words[i - 1], words[i]) >= 0) {
            return fail(r, "versions go from old to new:", words[i]);
        }
    }
    if (n == 0) {
        return fail(r, "no version behind", "versions");
    }
    c->versions = words;
    c->is_partial = is_partial;
    c->n_versions = n;
    return true;
}

/* ---- flags ----------------------------------------------------------------------------------- */

static bool read_type(struct reader *r, const char *text, enum catalogue_type *ret_type) {
    for (int i = 0; i < CATALOGUE_TYPE_COUNT; i++) {
        if (strcmp(catalogue_type_names[i], text) == 0) {
            *ret_type = (enum catalogue_type)i;
            return true;
        }
    }
    return fail(r, "no type of flags:", text);
}

/* Cuts what follows the mark off; NULL when there is none. */
static char *cut(char *text, char mark) {
    char *found = strchr(text, mark);
    if (found == NULL) {
        return NULL;
    }
    *found = '\0';
    return found + 1;
}

/* name[,x][:type][!instead][@since[-until]], taken apart from its end */
static bool read_flag(struct reader *r, char *text, struct catalogue_flag *flag) {
    *flag = (struct catalogue_flag){.name = text, .span = {0, SIZE_MAX}};
    char *span = cut(text, '@');
    char *instead = cut(text, '!');
    char *type = cut(text, ':');
    const char *short_name = cut(text, ',');
    flag->is_required = instead != NULL;
    flag->instead = instead != NULL && instead[0] != '\0' ? instead : NULL;
    if (short_name != NULL && strlen(short_name) != 1) {
        return fail(r, "a short name has one letter:", short_name);
    }
    flag->short_name = short_name != NULL ? short_name[0] : '\0';
    if (text[0] == '\0' || text[0] == '-') {
        return fail(r, "flags stand without dashes:", text);
    }
    return (type == NULL || read_type(r, type, &flag->type)) &&
           (span == NULL || read_span(r, span, &flag->span));
}

static bool read_flag_list(struct reader *r, char *text, const struct catalogue_flag **ret_flags,
                           size_t *ret_n) {
    size_t n = count_words(text);
    struct catalogue_flag *flags = arena_zalloc(&r->index->arena, (n + 1) * sizeof *flags);
    for (size_t i = 0; i < n; i++) {
        if (!read_flag(r, next_word(&text), &flags[i])) {
            return false;
        }
    }
    *ret_flags = flags;
    *ret_n = n;
    return true;
}

bool catalogue_read_flags(struct catalogue_index *index, struct catalogue_entry *entry,
                          struct err *err) {
    if (entry->flags_text == NULL) {
        return true;
    }
    struct reader r = {.index = index, .line = entry->line, .err = err};
    char *text = arena_strdup(&index->arena, entry->flags_text);
    entry->flags_text = NULL;
    return read_flag_list(&r, text, &entry->command.flags, &entry->command.n_flags);
}

/* ---- commands -------------------------------------------------------------------------------- */

static bool read_attribute(struct reader *r, char *word, struct catalogue_command *command) {
    if (word[0] == '@') {
        return read_span(r, word + 1, &command->span);
    }
    if (strncmp(word, "names=", 6) == 0) {
        int64_t n = 0;
        if (strcmp(word + 6, "*") == 0) {
            command->n_names = SIZE_MAX;
            return true;
        }
        if (!num_parse_i64(word + 6, strlen(word + 6), &n) || n < 0) {
            return fail(r, "names=N or names=*, found", word);
        }
        command->n_names = (size_t)n;
        return true;
    }
    if (strncmp(word, "wait=", 5) == 0) {
        for (char *dot = word; (dot = strchr(dot, '.')) != NULL;) {
            *dot = ' ';
        }
        command->wait = word + 5;
        return true;
    }
    const struct {
        const char *word;
        bool *target;
    } marks[] = {{"reads", &command->reads},
                 {"output", &command->has_output},
                 {"prints", &command->prints},
                 {"open", &command->is_open}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].word, word) == 0) {
            *marks[i].target = true;
            return true;
        }
    }
    return fail(r, "no attribute of commands:", word);
}

static bool read_command(struct reader *r, char *text) {
    char *attributes = cut(text, ':');
    if (attributes == NULL || text[0] == '\0') {
        return fail(r, "expected 'COMMAND: …', found", text);
    }
    struct catalogue_entry *entry = arena_zalloc(&r->index->arena, sizeof *entry);
    entry->command = (struct catalogue_command){.path = text, .span = {0, SIZE_MAX}};
    entry->line = r->line + 1;
    for (char *word = next_word(&attributes); word != NULL; word = next_word(&attributes)) {
        if (!read_attribute(r, word, &entry->command)) {
            return false;
        }
    }
    r->entry = entry;
    return map_put(&r->index->by_path, text, entry) == NULL || fail(r, "a command twice:", text);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool read_format(struct reader *r, char *text) {
    r->has_version = strcmp(text, "1") == 0;
    return r->has_version || fail(r, "no version of the format:", text);
}

static bool read_program(struct reader *r, char *text) {
    r->index->top.program = text;
    return text[0] != '\0' || fail(r, "no name behind", "program");
}

static bool read_program_flags(struct reader *r, char *text) {
    return read_flag_list(r, text, &r->index->top.flags, &r->index->top.n_flags);
}

static bool read_output_flags(struct reader *r, char *text) {
    return read_flag_list(r, text, &r->index->top.output, &r->index->top.n_output);
}

static bool read_plugins(struct reader *r, char *text) {
    r->index->plugins = split(r, text, &r->index->n_plugins);
    return true;
}

static bool read_asks(struct reader *r, char *text) {
    r->index->top.asks = split(r, text, &r->index->top.n_asks);
    return r->index->top.n_asks > 0 || fail(r, "no argument behind", "asks");
}

static bool read_rename(struct reader *r, char *text) {
    struct catalogue_index *index = r->index;
    char *to = cut(text, ':');
    if (to == NULL) {
        return fail(r, "expected 'now OLD: NEW', found", text);
    }
    index->renames = mem_realloc(index->renames, index->n_renames + 1, sizeof *index->renames);
    index->renames[index->n_renames++] = (struct catalogue_rename){text, to + strspn(to, " ")};
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct reader *r, char *text);
} keywords[] = {
    {"catalogue", read_format},    {"program", read_program},     {"versions", read_versions},
    {"flags", read_program_flags}, {"output", read_output_flags}, {"plugins", read_plugins},
    {"now", read_rename},          {"asks", read_asks},
};

static bool read_line(struct reader *r, char *text) {
    size_t len = strcspn(text, " :");
    for (size_t i = 0; text[len] == ' ' && i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strlen(keywords[i].word) == len && strncmp(keywords[i].word, text, len) == 0) {
            return keywords[i].read(r, text + len + strspn(text + len, " "));
        }
    }
    return r->has_version ? read_command(r, text)
                          : fail(r, "the first line is 'catalogue 1', found", text);
}

/* All lines of flags of one command as one text: their ends become blanks. */
static bool take_flag_lines(struct reader *r, char *text) {
    char *end = text + strlen(text);
    while (*r->next == ' ') {
        *end = ' ';
        end = r->next + strcspn(r->next, "\n");
        r->next = *end == '\0' ? end : end + 1;
        *end = '\0';
        r->line++;
    }
    if (r->entry == NULL) {
        return fail(r, "flags before a command:", text);
    }
    r->entry->flags_text = text;
    return r->is_lazy || catalogue_read_flags(r->index, r->entry, r->err);
}

static bool read_lines(struct reader *r) {
    while (*r->next != '\0') {
        char *text = r->next;
        size_t len = strcspn(text, "\n");
        r->next = text[len] == '\0' ? text + len : text + len + 1;
        text[len] = '\0';
        r->line++;
        bool is_blank = text[strspn(text, " ")] == '\0' || text[0] == '#';
        if (!is_blank && !(text[0] == ' ' ? take_flag_lines(r, text) : read_line(r, text))) {
            return false;
        }
    }
    return r->has_version || fail(r, "expected 'catalogue 1' in", "an empty file");
}

static struct catalogue *read_all(const char *text, size_t len, const char *name, bool is_lazy,
                                  struct err *err) {
    static const char *const any_version[] = {"any"};
    static const bool never[] = {false};
    static const char *const usual_question[] = {"--version"};
    struct catalogue_index *index = mem_zalloc(1, sizeof *index);
    arena_init(&index->arena, 0);
    index->by_path = (struct map)MAP_INIT;
    index->name = name;
    index->top = (struct catalogue){.program = "",
                                    .versions = any_version,
                                    .is_partial = never,
                                    .n_versions = 1,
                                    .asks = usual_question,
                                    .n_asks = 1,
                                    .index = index};
    struct reader r = {.index = index,
                       .next = arena_strndup(&index->arena, text, len),
                       .is_lazy = is_lazy,
                       .err = err};
    if (!read_lines(&r)) {
        catalogue_free(&index->top);
        return NULL;
    }
    return &index->top;
}

struct catalogue *catalogue_new(const char *text, size_t len, const char *name, struct err *err) {
    return read_all(text, len, name, false, err);
}

struct catalogue *catalogue_cpdctl(void) {
    AUTO(err) struct err err = ERR_INIT;
    struct catalogue *c = read_all((const char *)catalogue_cpdctl_text, catalogue_cpdctl_len,
                                   "cpdctl.catalogue", true, &err);
    if (c == NULL) {
        bug("cpdctl.catalogue:%u: %s", err.place.line, err.message);
    }
    return c;
}

void catalogue_free(struct catalogue *c) {
    if (c == NULL) {
        return;
    }
    struct catalogue_index *index = c->index;
    map_release(&index->by_path);
    mem_free(index->renames);
    arena_release(&index->arena);
    mem_free(index);
}
