/*
 * From a `cpdctl:`, `cmd:` or `run:` call to an argument list, an environment and standard input; and back from standard output to a value.
 *
 * Nothing passes through a shell except the text of `run:`, and that is handed to the shell as one argument.
 */
#include "engine_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/trace.h"
#include "expr/template.h"
#include "extract/extract.h"
#include "maxima.h"
#include "recipe/child_env.h"
#include "value/json.h"
#include "value/yaml.h"

/* Collects NULL-terminated texts in the scratch arena. */
struct text_list {
    struct arena *arena;
    const char **items;
    size_t n;
    size_t cap;
};

static void add_text(struct text_list *l, const char *text) {
    if (l->n + 1 >= l->cap) {
        size_t cap = l->cap == 0 ? 16 : l->cap * 2;
        const char **items = arena_alloc(l->arena, cap * sizeof *items);
        if (l->n > 0) {
            memcpy(items, l->items, l->n * sizeof *items);
        }
        l->items = items;
        l->cap = cap;
    }
    l->items[l->n++] = text;
    l->items[l->n] = NULL;
}

bool cmdline_temp_file(struct inst *in, const char *name, const void *data, size_t len,
                       const char **ret_path, struct err *err) {
    char *path = NULL;
    int fd = file_make_temp(in->engine->options.tmp_dir, name, &path, err);
    if (fd < 0) {
        return false;
    }
    bool is_written = file_write_all(fd, data, len);
    is_written = close(fd) == 0 && is_written;
    *ret_path = arena_strdup(&in->act->scratch, path);
    map_put(&in->act->temp_files, path, in);
    mem_free(path);
    if (!is_written) {
        return err_set(err, "file-write", "cannot write %s", *ret_path);
    }
    return true;
}

void cmdline_remove_temp_files(struct inst *in) {
    struct map *files = &in->act->temp_files;
    for (size_t i = 0; i < files->n_entries; i++) {
        (void)unlink(
            files->entries[i].key); /* private and in the run directory: a leftover does no harm */
    }
    map_release(files);
    *files = (struct map)MAP_INIT;
}

/* An argument holds no NUL: execve would cut it there. */
static bool check_text(const char *text, size_t len, const char *what, struct err *err) {
    if (memchr(text, '\0', len) != NULL) {
        return err_set(err, "invalid-argument", "%s holds a NUL character", what);
    }
    return true;
}

static bool check_size(size_t len, const char *what, struct err *err) {
    if (len > LIMIT_ARG_BYTES) {
        err_set(err, "argument-too-large", "%s has %zu bytes: one argument may have %zu", what, len,
                (size_t)LIMIT_ARG_BYTES);
        err_hint(err, "pass large data by file: {file_json: …}, stdin or a file of your own");
        return false;
    }
    return true;
}

static bool add_checked(struct text_list *argv, const char *text, size_t len, const char *what,
                        struct err *err) {
    if (!check_text(text, len, what, err) || !check_size(len, what, err)) {
        return false;
    }
    add_text(argv, arena_strndup(argv->arena, text, len));
    return true;
}

bool cmdline_check_whole(const struct str *text, const char *what, struct err *err) {
    if (text->is_over) {
        return err_set(err, "argument-too-large", "%s is larger than %zu bytes", what, text->max);
    }
    return true;
}

bool cmdline_add_value(const struct value *v, struct str *out, const char *what, struct err *err) {
    switch ((enum value_type)v->type) {
    case VALUE_STRING:
    case VALUE_NUMBER:
        str_add_bytes(out, v->as.text, v->len);
        return true;
    case VALUE_BOOL:
        str_add(out, v->as.boolean ? "true" : "false");
        return true;
    case VALUE_LIST:
    case VALUE_OBJECT:
        json_print(out, v, JSON_COMPACT);
        return true;
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return err_set(err, "null-in-text", "%s is null", what);
}

static bool add_value(struct text_list *argv, const char *prefix, const struct value *v,
                      const char *what, struct err *err) {
    AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
    str_add(&text, prefix);
    return cmdline_add_value(v, &text, what, err) &&
           add_checked(argv, str_text(&text), text.len, what, err);
}

static bool refuse_lossy(const struct value *v, const char *what, struct err *err) {
    if (v->type == VALUE_STRING && (v->flags & VALUE_LOSSY) != 0) {
        err_set(err, "lossy-cell", "%s is the cut table cell '%s'", what, v->as.text);
        err_hint(err, "table output is cut; use output: json");
        return false;
    }
    return true;
}

/* Plain element of an argument list: a whole-scalar list splices into several arguments. */
static bool add_template(struct inst *in, struct text_list *argv, const struct arg *arg,
                         const char *what, struct err *err) {
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    const struct value *v = NULL;
    if (!template_eval(arg->template, &ev.run, argv->arena, &v, err)) {
        return err_wrap(err, "%s", what);
    }
    if (!refuse_lossy(v, what, err)) {
        return err_at(err, arg->place, NULL);
    }
    if (v->type != VALUE_LIST) {
        return add_value(argv, "", v, what, err) || err_at(err, arg->place, NULL);
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (!add_value(argv, "", v->as.items[i], what, err)) {
            return err_at(err, arg->place, NULL);
        }
    }
    return true;
}

/* {json: …} and its kin become one text; files are passed as @path or path. */
static bool typed_text(struct inst *in, const struct arg *arg, struct str *out, const char *what,
                       struct err *err) {
    struct arena *a = &in->act->scratch;
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    if (arg->kind == ARG_SECRET_FILE) {
        AUTO(str) struct str secret = STR_INIT(LIMIT_TEMPLATE_RESULT);
        const char *path = NULL;
        if (!template_eval_text(arg->template, &ev.run, a, &secret, err) ||
            !cmdline_temp_file(in, "secret", str_text(&secret), secret.len, &path, err)) {
            return err_wrap(err, "%s", what);
        }
        str_add(out, path);
        return true;
    }
    const struct value *v = NULL;
    if (!template_tree_eval(arg->tree, &ev.run, a, &v, err)) {
        return err_wrap(err, "%s", what);
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
    if (arg->kind == ARG_YAML) {
        yaml_print(&text, v);
    } else {
        json_print(&text, v, JSON_COMPACT);
    }
    if (!cmdline_check_whole(&text, what, err)) {
        return false;
    }
    if (arg->kind != ARG_FILE_JSON) {
        str_add_bytes(out, str_text(&text), text.len);
        return true;
    }
    const char *path = NULL;
    if (!cmdline_temp_file(in, "arg", str_text(&text), text.len, &path, err)) {
        return false;
    }
    str_addf(out, "@%s", path);
    return true;
}

static bool add_arg(struct inst *in, struct text_list *argv, const struct arg *arg, size_t number,
                    struct err *err) {
    const char *what = arena_printf(argv->arena, "argument %zu", number);
    if (arg->kind == ARG_TEMPLATE) {
        return add_template(in, argv, arg, what, err);
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
    return (typed_text(in, arg, &text, what, err) &&
            add_checked(argv, str_text(&text), text.len, what, err)) ||
           err_at(err, arg->place, NULL);
}

static bool is_scalar_list(const struct value *v) {
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        if (v->as.items[i]->type == VALUE_LIST || v->as.items[i]->type == VALUE_OBJECT) {
            return false;
        }
    }
    return v->type == VALUE_LIST;
}

/* `--name=value`: one argument, so a value that begins with a dash is never an option. */
static bool add_flag(struct inst *in, struct text_list *argv, const struct flag *flag,
                     struct err *err) {
    const char *what = arena_printf(argv->arena, "flag '%s'", flag->name);
    const char *prefix = arena_printf(argv->arena, "--%s=", flag->name);
    if (flag->tree == NULL) {
        AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
        str_add(&text, prefix);
        return (typed_text(in, &flag->arg, &text, what, err) &&
                add_checked(argv, str_text(&text), text.len, what, err)) ||
               err_at(err, flag->place, NULL);
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    const struct value *v = NULL;
    if (!template_tree_eval(flag->tree, &ev.run, argv->arena, &v, err)) {
        return err_wrap(err, "%s", what);
    }
    if (v->type == VALUE_NULL || (v->type == VALUE_BOOL && !v->as.boolean)) {
        return true;
    }
    if (v->type == VALUE_BOOL) {
        return add_checked(argv, prefix, strlen(prefix) - 1, what, err);
    }
    if (!refuse_lossy(v, what, err)) {
        return err_at(err, flag->place, NULL);
    }
    bool repeats = !flag->is_json && is_scalar_list(v);
    for (uint32_t i = 0; i < (repeats ? v->len : 1); i++) {
        if (!add_value(argv, prefix, repeats ? v->as.items[i] : v, what, err)) {
            return err_at(err, flag->place, NULL);
        }
    }
    return true;
}

/* The format that stdout is read with: what the recipe chose, else what the command can do. */
static enum extract_format format_of(const struct call *call) {
    static const enum extract_format formats[] = {
        [ANSWER_FORMAT] = EXTRACT_JSON,
        [ANSWER_TEXT] = EXTRACT_TEXT,
        [ANSWER_NONE] = EXTRACT_NONE,
    };
    if (call->output.kind == OUTPUT_FORMAT) {
        return (enum extract_format)call->output.format;
    }
    if (call->output.kind == OUTPUT_PATTERN) {
        return EXTRACT_REGEX;
    }
    return call->kind == CALL_CPDCTL ? formats[call->answer] : EXTRACT_TEXT;
}

static bool has_output_flag(const struct text_list *argv) {
    for (size_t i = 0; i < argv->n; i++) {
        if (strcmp(argv->items[i], "--output") == 0 ||
            strncmp(argv->items[i], "--output=", 9) == 0) {
            return true;
        }
    }
    return false;
}

static void add_output_flag(const struct call *call, struct text_list *argv) {
    enum extract_format f = format_of(call);
    bool is_asked_for = call->answer == ANSWER_FORMAT && (f == EXTRACT_JSON || f == EXTRACT_YAML);
    if (is_asked_for && !has_output_flag(argv)) {
        add_text(argv, "--output");
        add_text(argv, extract_format_names[f]);
    }
}

static bool add_words(struct inst *in, const struct call *call, struct prepared *p,
                      struct text_list *argv, struct err *err) {
    if (call->kind == CALL_SHELL) {
        add_text(argv, call->shell);
        add_text(argv, "-eu");
        add_text(argv, "-c");
        return add_checked(argv, call->script, strlen(call->script), "the script", err);
    }
    if (call->kind == CALL_CPDCTL) {
        add_text(argv, "cpdctl");
    }
    for (size_t i = 0; i < call->n_args; i++) {
        const struct arg *arg = &call->args[i];
        if (!add_arg(in, argv, arg, i + 1, err) &&
            !plan_keeps_arg(in, p, argv->items, argv->n, arg, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < call->n_flags; i++) {
        const struct flag *flag = &call->flags[i];
        if (!add_flag(in, argv, flag, err) &&
            !plan_keeps_flag(in, p, argv->items, argv->n, flag, err)) {
            return false;
        }
    }
    if (call->kind == CALL_CPDCTL) {
        add_output_flag(call, argv);
    }
    if (!plan_end_words(p, argv->items, argv->n, err)) {
        return false;
    }
    if (argv->n == 0 || argv->items[0][0] == '\0') {
        return err_set(err, "invalid-argument", "the command is empty");
    }
    return true;
}

static bool read_stdin(struct inst *in, const struct call *call, struct prepared *p,
                       struct err *err) {
    const struct stdin_source *s = &call->stdin_source;
    if (s->kind == STDIN_NONE) {
        return true;
    }
    struct arena *a = &in->act->scratch;
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    AUTO(str) struct str text = STR_INIT(LIMIT_RESULT_BYTES);
    if (s->kind == STDIN_JSON) {
        const struct value *v = NULL;
        if (!template_tree_eval(s->json, &ev.run, a, &v, err)) {
            return err_wrap(err, "stdin");
        }
        json_print(&text, v, JSON_COMPACT);
        if (!cmdline_check_whole(&text, "stdin", err)) {
            return false;
        }
    } else if (!template_eval_text(s->text, &ev.run, a, &text, err)) {
        return err_wrap(err, "stdin");
    }
    if (s->kind == STDIN_FILE) {
        AUTO(str) struct str path = STR_INIT(LIMIT_MESSAGE);
        str_add(&path, str_text(&text));
        str_reset(&text);
        if (!file_read(str_text(&path), LIMIT_RESULT_BYTES, &text, err)) {
            return err_wrap(err, "stdin");
        }
    }
    p->stdin_len = text.len;
    p->stdin_data = arena_strndup(a, str_text(&text), text.len);
    return true;
}

/* NAME=value texts; a later one replaces an earlier one of the same name. */
static void put_env(struct text_list *env, const char *text) {
    const char *eq = strchr(text, '=');
    size_t len = eq == NULL ? strlen(text) : (size_t)(eq - text) + 1;
    for (size_t i = 0; i < env->n; i++) {
        if (strncmp(env->items[i], text, len) == 0) {
            env->items[i] = text;
            return;
        }
    }
    add_text(env, text);
}

static bool add_env(struct inst *in, const struct named_tree *vars, size_t n, struct text_list *env,
                    struct err *err) {
    for (size_t i = 0; i < n; i++) {
        struct eval ev;
        scope_eval_init(&ev, in, NULL);
        const struct value *v = NULL;
        const char *what = arena_printf(env->arena, "env '%s'", vars[i].name);
        if (!template_tree_eval(vars[i].tree, &ev.run, env->arena, &v, err)) {
            return err_wrap(err, "%s", what);
        }
        if (v->type == VALUE_NULL) {
            continue; /* null: not set by us */
        }
        AUTO(str) struct str text = STR_INIT(LIMIT_TEMPLATE_RESULT);
        str_addf(&text, "%s=", vars[i].name);
        if (!cmdline_add_value(v, &text, what, err) ||
            !check_text(str_text(&text), text.len, what, err) || !check_size(text.len, what, err)) {
            return err_at(err, vars[i].place, NULL);
        }
        put_env(env, arena_strndup(env->arena, str_text(&text), text.len));
    }
    return true;
}

static bool set_deadlines(struct inst *in, const struct call *call, struct prepared *p,
                          struct err *err) {
    const struct field_duration *timeout =
        call->timeout.is_set ? &call->timeout : &in->step->rules->timeout;
    if (!scope_duration(in, timeout, 0, &p->timeout_ms, err) ||
        !scope_duration(in, &in->step->rules->idle_timeout, 0, &p->idle_timeout_ms, err) ||
        !scope_duration(in, &in->step->rules->kill_grace, 0, &p->grace_ms, err)) {
        return false;
    }
    if ((timeout->is_set && p->timeout_ms == 0) ||
        (in->step->rules->idle_timeout.is_set && p->idle_timeout_ms == 0)) {
        return err_set(err, "invalid-value", "a timeout cannot be 0: without it there is no limit");
    }
    if (in->step->rules->kill_grace.is_set && p->grace_ms == 0) {
        p->grace_ms = 1; /* to the runner 0 means the default */
    }
    return true;
}

static void set_limit(struct prepared *p, enum run_limit which, bool is_set, uint64_t most) {
    p->has_limit[which] = is_set;
    p->limits[which] = most;
}

static bool set_limits(struct inst *in, struct prepared *p, struct err *err) {
    const struct limits_spec *l = &in->step->rules->limits;
    int64_t cpu_ms = 0;
    int64_t n_files = 0;
    if (!scope_duration(in, &l->cpu, 0, &cpu_ms, err) ||
        !scope_count(in, &l->open_files, 0, &n_files, err)) {
        return err_wrap(err, "limits");
    }
    set_limit(p, RUN_LIMIT_CPU, l->cpu.is_set, (uint64_t)(cpu_ms + 999) / 1000);
    set_limit(p, RUN_LIMIT_FILE_SIZE, l->file_size.is_set, l->file_size.bytes);
    set_limit(p, RUN_LIMIT_MEMORY, l->memory.is_set, l->memory.bytes);
    set_limit(p, RUN_LIMIT_CORE, l->core.is_set, l->core.bytes);
    set_limit(p, RUN_LIMIT_OPEN_FILES, l->open_files.is_set, (uint64_t)n_files);
    return true;
}

static const struct frame *outer_frame(const struct frame *f) {
    return f->owner == NULL ? NULL : f->owner->frame;
}

/* What a recipe lets pass it lets pass to those that it uses too. */
static bool is_passed(const struct frame *f, const char *text) {
    size_t len = strcspn(text, "=");
    for (; f != NULL; f = outer_frame(f)) {
        for (size_t i = 0; i < f->recipe->n_pass_env; i++) {
            if (child_env_matches(f->recipe->pass_env[i], text, len)) {
                return true;
            }
        }
    }
    return false;
}

static bool passes_any(const struct frame *f) {
    while (f != NULL && f->recipe->n_pass_env == 0) {
        f = outer_frame(f);
    }
    return f != NULL;
}

static void inherit_env(const struct engine *e, const struct frame *f, struct text_list *env) {
    const char *const *base = e->options.child_environ;
    for (size_t i = 0; base != NULL && base[i] != NULL; i++) {
        add_text(env, base[i]);
    }
    const char *const *own = passes_any(f) ? e->options.environ : NULL;
    for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
        if (is_passed(f, own[i])) {
            put_env(env, own[i]);
        }
    }
}

/* What the child traces stands below its attempt. */
static void put_trace(struct inst *in, struct text_list *env) {
    const struct engine_options *o = &in->engine->options;
    char parent[TRACE_PARENT_SIZE];
    trace_child(o->traceparent, o->run_id, in->who.index, in->n_attempts, parent);
    put_env(env, arena_printf(env->arena, "TRACEPARENT=%s", parent));
}

/* What is set from outside of the recipe, by the recipe, and nearer. */
static bool set_env(struct inst *in, const struct named_tree *nearer, size_t n,
                    struct text_list *set, struct err *err) {
    const struct frame *f = in->frame;
    if (f->env_unknown_until != NULL) {
        err_set(err, "unknown-value", "unknown until %s", f->env_unknown_until);
        err_hint(err, "%s", f->env_unknown_until);
        return err_wrap(err, "env of the step that uses the recipe");
    }
    for (size_t i = 0; i < f->n_env; i++) {
        add_text(set, f->env[i]);
    }
    return add_env(in, f->recipe->env, f->recipe->n_env, set, err) &&
           add_env(in, nearer, n, set, err);
}

bool cmdline_hand_down_env(struct inst *in, struct frame *inner, struct err *err) {
    struct text_list set = {.arena = &in->arena};
    if (!set_env(in, in->step->env, in->step->n_env, &set, err)) {
        const struct value *unknown = NULL;
        if (!plan_take_unknown(&in->arena, err, &unknown)) {
            return false;
        }
        inner->env_unknown_until = value_unknown_until(unknown);
        return true;
    }
    inner->env = set.items;
    inner->n_env = set.n;
    return true;
}

bool cmdline_prepare_common(struct inst *in, const struct call *call, struct prepared *p,
                            struct err *err) {
    struct arena *a = &in->act->scratch;
    struct text_list env = {.arena = a};
    inherit_env(in->engine, in->frame, &env);
    put_trace(in, &env);
    struct text_list set = {.arena = a};
    if (!set_env(in, call->env, call->n_env, &set, err)) {
        return false;
    }
    for (size_t i = 0; i < set.n; i++) {
        put_env(&env, set.items[i]);
    }
    p->env = env.items;
    p->set_env = set.items;
    if (call->cwd != NULL) {
        struct eval ev;
        scope_eval_init(&ev, in, NULL);
        AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
        if (!template_eval_text(call->cwd, &ev.run, a, &text, err)) {
            return err_wrap(err, "cwd");
        }
        p->cwd = arena_strdup(a, str_text(&text));
    }
    struct text_list vol = {.arena = a};
    add_text(&vol, "run.dir");
    add_text(&vol, in->engine->options.run_dir);
    add_text(&vol, "run.id");
    add_text(&vol, in->engine->options.run_id);
    for (size_t i = 0; i < in->act->temp_files.n_entries; i++) {
        add_text(&vol, "temp");
        add_text(&vol, in->act->temp_files.entries[i].key);
    }
    p->volatile_values = vol.items;
    return set_deadlines(in, call, p, err) && set_limits(in, p, err);
}

static const char *summary_of(struct arena *a, const struct call *call, const char **argv) {
    if (call->kind == CALL_SHELL) {
        return arena_printf(a, "%s script", call->shell);
    }
    AUTO(str) struct str text = STR_INIT(160);
    for (size_t i = 0; argv[i] != NULL; i++) {
        str_addf(&text, "%s%s", i == 0 ? "" : " ", argv[i]);
    }
    return arena_strdup(a, str_text(&text));
}

bool cmdline_prepare(struct inst *in, const struct call *call, struct prepared *p,
                     struct err *err) {
    struct arena *a = &in->act->scratch;
    struct text_list argv = {.arena = a};
    plan_begin_words(in, p);
    bool is_fine = add_words(in, call, p, &argv, err);
    p->argv = argv.items;
    if (argv.n > 0) {
        p->summary = summary_of(a, call, argv.items);
    }
    return is_fine && read_stdin(in, call, p, err) && cmdline_prepare_common(in, call, p, err);
}

bool cmdline_read_output(struct inst *in, const struct call *call, const char *bytes, size_t len,
                         const struct value **ret_value, struct err *err) {
    struct extract_spec spec = {.format = format_of(call)};
    spec.regex = call->output.regex;
    spec.all = call->output.all;
    spec.csv.separator = call->output.separator;
    spec.name = arena_printf(&in->act->scratch, "stdout of step '%s'", in->who.id);
    struct extract_note note = {0};
    if (!extract_value(&in->act->scratch, bytes, len, &spec, ret_value, &note, err)) {
        return err->place.line != 0 &&
               err_wrap(err, "%s, line %u, column %u", spec.name, err->place.line, err->place.col);
    }
    if (note.noise_before + note.noise_after > 0) {
        run_notice(in->engine, in, "noise",
                   "%zu bytes of other text stand around the JSON document of stdout",
                   note.noise_before + note.noise_after);
    }
    in->act->answer.has_next_page = note.has_next_page;
    if (note.has_next_page) {
        run_notice(in->engine, in, "next-page",
                   "the list has more pages: use --all-pages or follow them");
    }
    return true;
}
