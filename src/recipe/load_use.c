/*
 * `use`: other recipes as steps. Each file is loaded once below one root, however often it is used;
 * a file that has errors reports them once. The inputs that `with` gives are checked like the
 * arguments of a call.
 */
#include "load_priv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "params_priv.h"

/* Stands in the cache for a file whose errors were reported. */
static char broken;

static bool is_in_chain(const struct use_chain *chain, const char *path) {
    while (chain != NULL && strcmp(chain->path, path) != 0) {
        chain = chain->above;
    }
    return chain != NULL;
}

/* "a.yaml -> b.yaml -> a.yaml" */
static void say_chain(const struct use_chain *chain, const char *path, struct str *out) {
    if (strcmp(chain->path, path) != 0 && chain->above != NULL) {
        say_chain(chain->above, path, out);
        str_add(out, " -> ");
    }
    str_add(out, chain->path);
}

static bool may_use(struct loader *l, const struct yaml_node *node, const char *path) {
    if (is_in_chain(&l->chain, path)) {
        AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
        say_chain(&l->chain, path, &text);
        return diag_error(l, node, "use-cycle", "recipes use each other: %s -> %s", str_text(&text),
                          path);
    }
    if (l->chain.depth >= LIMIT_USE_DEPTH || l->cache->n_files >= LIMIT_USE_FILES) {
        return diag_error(l, node, "too-many-files", "recipes use recipes %s",
                          l->chain.depth >= LIMIT_USE_DEPTH ? "too deeply" : "without end");
    }
    return true;
}

static struct recipe *load_used_file(struct loader *l, const struct yaml_node *node,
                                     const char *path, const char *canonical) {
    struct err err = ERR_INIT;
    AUTO(str) struct str text = STR_INIT(LIMIT_RECIPE_BYTES);
    if (!file_read(path, LIMIT_RECIPE_BYTES, &text, &err)) {
        diag_take(l, node, &err);
        return NULL;
    }
    struct use_chain chain = {canonical, &l->chain, l->chain.depth + 1};
    char *dir = file_dirname(path);
    struct recipe *r = load_text_file(str_text(&text), text.len, path, dir, l->cache, &chain, l->d);
    mem_free(dir);
    return r;
}

static void remember(struct use_cache *cache, const char *canonical, struct recipe *r) {
    map_put(&cache->by_path, canonical, r != NULL ? (void *)r : &broken);
    cache->n_files++;
    if (r != NULL) {
        cache->list = mem_realloc(cache->list, cache->n + 1, sizeof(struct recipe *));
        cache->list[cache->n++] = r;
    }
}

static struct recipe *load_path(struct loader *l, const struct yaml_node *node, const char *path) {
    char canonical[PATH_MAX];
    if (realpath(path, canonical) == NULL) {
        diag_error(l, node, "file-not-found", "there is no recipe '%s'", path);
        return NULL;
    }
    void *known = map_get(&l->cache->by_path, canonical);
    if (known != NULL) {
        return known == &broken ? NULL : known;
    }
    if (!may_use(l, node, canonical)) {
        return NULL;
    }
    size_t errors_before = l->d->n_errors;
    struct recipe *r = load_used_file(l, node, path, canonical);
    if (r == NULL && l->d->n_errors == errors_before) {
        bug("'%s' was not loaded and nobody said why", path);
    }
    remember(l->cache, canonical, r);
    return r;
}

struct recipe *load_use(struct loader *l, const struct yaml_node *node) {
    const char *name = load_text(l, node, "use");
    if (name == NULL) {
        return NULL;
    }
    const char *dir = l->recipe->dir;
    const char *relative = str_starts(name, "./") ? name + 2 : name;
    char *path = strcmp(dir, ".") == 0 ? mem_strdup(relative) : file_join(dir, relative);
    struct recipe *r = load_path(l, node, path);
    mem_free(path);
    return r;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static const struct input *find_input(const struct recipe *r, const char *name) {
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (strcmp(r->inputs[i].name, name) == 0) {
            return &r->inputs[i];
        }
    }
    return NULL;
}

static void check_given(struct loader *l, const struct recipe *use, const struct yaml_pair *pair,
                        const struct named_tree *given) {
    const struct input *in = find_input(use, given->name);
    if (in == NULL) {
        diag_error(l, pair->key, "unknown-input", "'%s' has no input '%s'", use->name, given->name);
        const char **names = arena_alloc(&l->scratch, (use->n_inputs + 1) * sizeof *names);
        for (size_t i = 0; i < use->n_inputs; i++) {
            names[i] = use->inputs[i].name;
        }
        diag_nearest(l, given->name, names, use->n_inputs);
        return;
    }
    if (given->tree == NULL || !template_tree_is_literal(given->tree)) {
        return;
    }
    struct err err = ERR_INIT;
    if (!params_accept(in, yaml_to_value(&l->scratch, pair->value), &err)) {
        diag_take(l, pair->value, &err);
    }
}

static bool is_given(const struct step *step, const char *name) {
    for (size_t i = 0; i < step->n_with; i++) {
        if (strcmp(step->with[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void load_check_with(struct loader *l, const struct yaml_node *node, const struct step *step) {
    const struct yaml_node *with = yaml_get(node, "with");
    for (size_t i = 0; i < step->n_with; i++) {
        check_given(l, step->use, &with->pairs[i], &step->with[i]);
    }
    for (size_t i = 0; i < step->use->n_inputs; i++) {
        const struct input *in = &step->use->inputs[i];
        bool is_needed = in->default_value == NULL && !in->is_optional;
        if (is_needed && !is_given(step, in->name)) {
            diag_error(l, yaml_get(node, "use"), "missing-input", "'%s' needs the input '%s'",
                       step->use->name, in->name);
            diag_hint(l, "give it in `with`: {%s: …}", in->name);
        }
    }
}
