/*
 * libyaml events to nodes. Limits hold while reading: depth before libyaml grows its own stack (it
 * is quadratic in open brackets), aliases by the number of nodes they stand for, memory by the
 * arena.
 */
#include "yaml_priv.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "maxima.h"

#include <string.h>

struct anchor {
    struct yaml_node *node;
    yaml_mark_t mark;
    bool is_open; /* its collection is still being read: an alias now would make a cycle */
    bool is_used;
};

static bool next_event(struct yaml_reader *r, yaml_event_t *event) {
    return yaml_parser_parse(&r->parser, event) == 1 || yaml_fail_parser(r);
}

static void push(struct yaml_reader *r, struct yaml_node *node) {
    if (r->n_stack == r->stack_cap) {
        r->stack_cap = r->stack_cap == 0 ? 64 : r->stack_cap * 2;
        r->stack = mem_realloc(r->stack, r->stack_cap, sizeof *r->stack);
    }
    r->stack[r->n_stack++] = node;
}

static struct yaml_node *new_node(struct yaml_reader *r, enum yaml_kind kind, yaml_mark_t mark) {
    struct yaml_node *node = arena_try(r->arena, sizeof *node);
    if (node == NULL) {
        yaml_fail_memory(r);
        return NULL;
    }
    *node = (struct yaml_node){.kind = kind,
                               .line = (unsigned)mark.line + 1,
                               .col = (unsigned)mark.column + 1,
                               .n_nodes = 1,
                               .height = 1};
    return node;
}

/* "tag:yaml.org,2002:str" to "!!str", NULL when nothing is said. False: a foreign tag. */
static bool read_tag(struct yaml_reader *r, const yaml_event_t *event, const yaml_char_t *tag,
                     enum yaml_kind kind, const char **ret_tag) {
    static const struct {
        const char *uri;
        const char *tag; /* NULL: says what is known anyway */
        enum yaml_kind kind;
    } known[] = {
        {"!", "!!str", YAML_SCALAR},
        {YAML_STR_TAG, "!!str", YAML_SCALAR},
        {YAML_INT_TAG, "!!int", YAML_SCALAR},
        {YAML_FLOAT_TAG, "!!float", YAML_SCALAR},
        {YAML_BOOL_TAG, "!!bool", YAML_SCALAR},
        {YAML_NULL_TAG, "!!null", YAML_SCALAR},
        {"tag:yaml.org,2002:binary", "!!str", YAML_SCALAR}, /* cpdctl's text that is no UTF-8 */
        {"!", NULL, YAML_LIST},
        {YAML_SEQ_TAG, NULL, YAML_LIST},
        {"!", NULL, YAML_MAP},
        {YAML_MAP_TAG, NULL, YAML_MAP},
    };
    *ret_tag = NULL;
    if (tag == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].kind == kind && strcmp((const char *)tag, known[i].uri) == 0) {
            *ret_tag = known[i].tag;
            return true;
        }
    }
    yaml_fail_mark(r, event->start_mark, "foreign-tag",
                   "tag '%s' is not known: only !!str, !!int, !!float, !!bool and !!null are",
                   (const char *)tag);
    yaml_hint_line(r);
    return false;
}

static bool check_scalar(struct yaml_reader *r, const struct yaml_node *node,
                         const yaml_event_t *event) {
    if (!r->options->allow_nul && memchr(node->text, '\0', node->text_len) != NULL) {
        return yaml_fail_mark(r, event->start_mark, "invalid-yaml",
                              "a string must not hold the character \\0");
    }
    if (node->tag != NULL && !yaml_suits_tag(node->tag, node->text, node->text_len)) {
        return yaml_fail_mark(r, event->start_mark, "invalid-yaml", "'%s' does not suit its tag %s",
                              node->text, node->tag);
    }
    return !r->options->explain_templates || yaml_check_comment(r, event);
}

static struct yaml_node *read_scalar(struct yaml_reader *r, const yaml_event_t *event) {
    const char *tag = NULL;
    struct yaml_node *node = new_node(r, YAML_SCALAR, event->start_mark);
    if (node == NULL || !read_tag(r, event, event->data.scalar.tag, YAML_SCALAR, &tag)) {
        return NULL;
    }
    yaml_scalar_style_t style = event->data.scalar.style;
    node->tag = tag;
    node->is_plain = style == YAML_PLAIN_SCALAR_STYLE;
    node->is_block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    node->text_len = event->data.scalar.length;
    node->text =
        arena_try_text(r->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
    if (node->text == NULL) {
        yaml_fail_memory(r);
        return NULL;
    }
    return check_scalar(r, node, event) ? node : NULL;
}

static struct anchor *add_anchor(struct yaml_reader *r, const yaml_char_t *name,
                                 struct yaml_node *node, yaml_mark_t mark) {
    if (name == NULL) {
        return NULL;
    }
    struct anchor *anchor = mem_zalloc(1, sizeof *anchor);
    *anchor = (struct anchor){.node = node, .mark = mark};
    mem_free(map_put(&r->anchors, (const char *)name, anchor)); /* the last of one name counts */
    return anchor;
}

static void clear_anchors(struct yaml_reader *r) {
    for (size_t i = 0; i < r->anchors.n_entries; i++) {
        mem_free(r->anchors.entries[i].value);
    }
    map_release(&r->anchors);
}

static struct yaml_node *read_alias(struct yaml_reader *r, const yaml_event_t *event) {
    const char *name = (const char *)event->data.alias.anchor;
    struct anchor *anchor = map_get(&r->anchors, name);
    if (anchor == NULL) {
        yaml_fail_mark(r, event->start_mark, "invalid-yaml", "alias '*%s' has no anchor before it",
                       name);
        yaml_hint_line(r);
        return NULL;
    }
    if (anchor->is_open) {
        yaml_fail_mark(r, event->start_mark, "invalid-yaml",
                       "alias '*%s' stands inside the value that it names", name);
        return NULL;
    }
    anchor->is_used = true;
    r->n_alias_nodes += anchor->node->n_nodes;
    if (r->n_alias_nodes > LIMIT_YAML_ALIASES) {
        yaml_fail_mark(r, event->start_mark, "too-many-nodes",
                       "the aliases stand for more than %d nodes", LIMIT_YAML_ALIASES);
        return NULL;
    }
    if (r->depth + anchor->node->height > r->max_depth + 1) {
        yaml_fail_mark(r, event->start_mark, "too-deep", "more than %zu levels of nesting",
                       r->max_depth);
        return NULL;
    }
    return anchor->node;
}

static struct yaml_node *read_node(struct yaml_reader *r, yaml_event_t *event);

/* Pushes all children up to the end of the collection. */
static bool read_children(struct yaml_reader *r, yaml_event_type_t end) {
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) {
            return false;
        }
        bool is_end = event.type == end;
        struct yaml_node *child = is_end ? NULL : read_node(r, &event);
        yaml_event_delete(&event);
        if (child == NULL) {
            return is_end;
        }
        push(r, child);
    }
}

static bool fill_list(struct yaml_reader *r, struct yaml_node *list, struct yaml_node **nodes,
                      size_t n_nodes) {
    list->items = arena_try(r->arena, n_nodes * sizeof(*nodes));
    if (list->items == NULL) {
        return yaml_fail_memory(r);
    }
    list->n = n_nodes;
    if (n_nodes > 0) {
        memcpy(list->items, nodes, n_nodes * sizeof(*nodes));
    }
    return true;
}

/* Sizes are bounded: by the text, and past it by LIMIT_YAML_ALIASES. */
static void measure(struct yaml_node *node, struct yaml_node *const *children, size_t n_children) {
    for (size_t i = 0; i < n_children; i++) {
        node->n_nodes += children[i]->n_nodes;
        if (children[i]->height >= node->height) {
            node->height = children[i]->height + 1;
        }
    }
}

static struct yaml_node *read_collection(struct yaml_reader *r, const yaml_event_t *event,
                                         enum yaml_kind kind) {
    bool is_map = kind == YAML_MAP;
    const yaml_char_t *name =
        is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    struct yaml_node *node = new_node(r, kind, event->start_mark);
    if (node == NULL || !read_tag(r, event, tag, kind, &node->tag)) {
        return NULL;
    }
    if (r->depth == r->max_depth) {
        yaml_fail_mark(r, event->start_mark, "too-deep", "more than %zu levels of nesting",
                       r->max_depth);
        return NULL;
    }
    struct anchor *anchor = add_anchor(r, name, node, event->start_mark);
    if (anchor != NULL) {
        anchor->is_open = true;
    }
    size_t first = r->n_stack;
    r->depth++;
    bool is_read = read_children(r, is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
    r->depth--;
    struct yaml_node **children = r->stack != NULL ? r->stack + first : NULL;
    size_t n_children = r->n_stack - first;
    r->n_stack = first;
    if (!is_read) {
        return NULL;
    }
    measure(node, children, n_children);
    is_read = is_map ? yaml_fill_map(r, node, children, n_children)
                     : fill_list(r, node, children, n_children);
    /* The anchor may have been replaced by one of the same name inside; then it is gone. */
    if (name != NULL) {
        anchor = map_get(&r->anchors, (const char *)name);
        anchor->is_open = anchor->node != node && anchor->is_open;
    }
    return is_read ? node : NULL;
}

/* NULL: failed, r->err tells why. */
static struct yaml_node *read_node(struct yaml_reader *r, yaml_event_t *event) {
    if (event->type == YAML_ALIAS_EVENT) {
        return read_alias(r, event);
    }
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        return read_collection(r, event, YAML_LIST);
    }
    if (event->type == YAML_MAPPING_START_EVENT) {
        return read_collection(r, event, YAML_MAP);
    }
    if (event->type != YAML_SCALAR_EVENT) {
        bug("yaml: event %d where a node must start", (int)event->type);
    }
    struct yaml_node *node = read_scalar(r, event);
    if (node != NULL) {
        (void)add_anchor(r, event->data.scalar.anchor, node, event->start_mark);
    }
    return node;
}

/* "when: &a b" is an anchor to YAML; a recipe that never refers to it meant something else. */
static bool check_anchors(struct yaml_reader *r) {
    for (size_t i = 0; r->options->explain_templates && i < r->anchors.n_entries; i++) {
        const struct anchor *anchor = r->anchors.entries[i].value;
        if (!anchor->is_used && anchor->node->kind == YAML_SCALAR && anchor->node->is_plain) {
            yaml_fail_mark(r, anchor->mark, "invalid-yaml", "anchor '&%s' is never used",
                           r->anchors.entries[i].key);
            yaml_hint_line(r);
            return false;
        }
    }
    return true;
}

/* The node of a document whose start event was seen, and its end. */
static struct yaml_node *read_document(struct yaml_reader *r) {
    yaml_event_t event;
    if (!next_event(r, &event)) {
        return NULL;
    }
    struct yaml_node *node = read_node(r, &event);
    yaml_event_delete(&event);
    if (node == NULL || !check_anchors(r)) {
        return NULL;
    }
    clear_anchors(r);
    r->n_alias_nodes = 0;
    if (!next_event(r, &event)) {
        return NULL;
    }
    yaml_event_delete(&event); /* end of the document */
    return node;
}

/* Pushes the documents of the stream. */
static bool read_stream(struct yaml_reader *r) {
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) {
            return false;
        }
        yaml_event_type_t type = event.type;
        yaml_mark_t mark = event.start_mark;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            return true;
        }
        if (type != YAML_DOCUMENT_START_EVENT) {
            continue; /* the start of the stream */
        }
        if (r->n_stack == 1 && !r->options->allow_documents) {
            return yaml_fail_mark(r, mark, "several-documents",
                                  "a second document starts here: expected one");
        }
        struct yaml_node *node = read_document(r);
        if (node == NULL) {
            return false;
        }
        push(r, node);
    }
}

static bool take_result(struct yaml_reader *r, struct yaml_node **ret_node) {
    if (!r->options->allow_documents) {
        if (r->n_stack == 0) {
            return yaml_fail(r, 1, 1, "empty-document", "the document is empty");
        }
        *ret_node = r->stack[0];
        return true;
    }
    struct yaml_node *list = new_node(r, YAML_LIST, (yaml_mark_t){0, 0, 0});
    if (list == NULL || !fill_list(r, list, r->stack, r->n_stack)) {
        return false;
    }
    measure(list, r->stack, r->n_stack);
    *ret_node = list;
    return true;
}

bool yaml_read(struct arena *a, const char *text, size_t len, const struct yaml_options *options,
               struct yaml_node **ret_node, struct err *err) {
    if (len > LIMIT_RESULT_BYTES) {
        return err_set(err, "too-large", "the document has %zu bytes: at most %zu are read", len,
                       LIMIT_RESULT_BYTES);
    }
    size_t max_depth = options->max_depth;
    if (max_depth == 0 || max_depth > LIMIT_YAML_DEPTH) {
        max_depth = LIMIT_YAML_DEPTH;
    }
    /* libyaml 0.2.5 counts a byte order mark as the first line's indentation when it is told the encoding. */
    size_t skipped = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    text += skipped;
    len -= skipped;
    struct yaml_reader r = {.text = text,
                            .len = len,
                            .options = options,
                            .arena = a,
                            .max_depth = max_depth,
                            .err = err};
    if (yaml_parser_initialize(&r.parser) != 1) {
        mem_exhausted();
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    bool is_read = read_stream(&r) && take_result(&r, ret_node);
    yaml_parser_delete(&r.parser);
    clear_anchors(&r);
    mem_free(r.stack);
    return is_read;
}

const char *yaml_library_version(void) {
    return yaml_get_version_string();
}
