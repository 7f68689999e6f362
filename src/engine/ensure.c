/*
 * ensure: get or create.
 *
 *   find -> 0: create, then find until it is there  -> 1: adopt -> many: the rule for duplicates
 *
 * The object that find returned is followed by its metadata.id. A create whose client failed may have done its work on the server, so it is looked
 * for before anything is created again. Deletes name only ids that find returned, and only when the recipe gives `delete`.
 */
#include "engine_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "expr/template.h"
#include "maxima.h"
#include "value/json.h"

enum { LOOK_AGAIN_POLLS = 5, MISSING_POLLS = 5, APPEAR_MS = 60000 };

static void on_found(struct inst *in, const struct answer *answer);
static void on_created(struct inst *in, const struct answer *answer);
static void on_deleted(struct inst *in, const struct answer *answer);
static void on_updated(struct inst *in, const struct answer *answer);

static void fail_answer(struct inst *in, const struct answer *answer, const char *what) {
    inst_fail(in, answer->error_class, arena_printf(&in->arena, "%s: %s", what, answer->message),
              answer->hint);
}

static void find_now(struct inst *in) {
    const struct ensure_action *x = in->step->ensure;
    struct ensure_state *s = &in->act->ensure;
    if (x->get != NULL && s->item_id != NULL && s->stage == ENSURE_READY) {
        op_start(in, x->get, ROLE_GET, s->item, on_found);
    } else {
        op_start(in, x->find, ROLE_FIND, NULL, on_found);
    }
}

static void on_find_timer(void *arg) {
    struct inst *in = arg;
    in->act->timer = 0;
    inst_enter(in, INST_JUDGING);
    find_now(in);
    run_pump(in->engine);
}

static void find_later(struct inst *in) {
    int64_t delay_ms = wait_next_delay_ms(&in->act->ensure.wait, run_now_ms(in->engine));
    inst_set_timer(in, INST_POLLING, op_held_off_ms(in->act->answer.error_class, delay_ms),
                   on_find_timer);
}

/* The wait of a stage has its own count and deadline. */
static bool begin_wait(struct inst *in, enum ensure_stage stage) {
    struct ensure_state *s = &in->act->ensure;
    const struct wait_spec *ready = in->step->ensure->ready;
    struct err err = ERR_INIT;
    if (!wait_init(in, ready, &s->wait, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return false;
    }
    if (ready == NULL) {
        s->wait.timeout_ms = APPEAR_MS;
    }
    s->stage = stage;
    s->n_missing = 0;
    return true;
}

static const char *id_of(const struct value *item) {
    const char *id = value_text(value_path(item, "metadata.id"));
    return id != NULL ? id : value_text(value_path(item, "id"));
}

/* What find means: a list of candidates. Null, a missing path and an object are brought to one form. */
static bool candidates(struct inst *in, const struct call *call, const struct answer *answer,
                       const struct value **ret_list, struct err *err) {
    struct arena *a = &in->act->scratch;
    const struct value *v = answer->result;
    if (call->select != NULL) {
        struct eval ev;
        scope_eval_init(&ev, in, answer->result);
        ev.run.is_missing_error = true;
        if (!expr_eval(call->select, &ev.run, a, &v, err)) {
            return err_wrap(err, "select");
        }
    }
    if (v->type == VALUE_LIST) {
        *ret_list = v;
        return true;
    }
    struct list_builder b;
    list_begin(&b, a);
    if (v->type == VALUE_OBJECT) {
        list_add(&b, v);
    } else if (v->type != VALUE_NULL) {
        return err_set(err, "invalid-type",
                       "find gave %s: a list of objects, an object or null was expected",
                       value_type_name(v));
    }
    *ret_list = list_end(&b);
    return true;
}

static const struct value *by_id(const struct value *list, const char *id) {
    for (uint32_t i = 0; id != NULL && i < list->len; i++) {
        const char *other = id_of(list->as.items[i]);
        if (other != NULL && strcmp(other, id) == 0) {
            return list->as.items[i];
        }
    }
    return NULL;
}

/* Which of several is kept, by metadata.created_at; ties and missing dates keep the first in the list. */
static uint32_t pick(const struct value *list, enum duplicates_rule rule) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < list->len && rule != DUPLICATES_FIRST; i++) {
        const char *a = value_text(value_path(list->as.items[best], "metadata.created_at"));
        const char *b = value_text(value_path(list->as.items[i], "metadata.created_at"));
        if (a == NULL || b == NULL) {
            continue;
        }
        int order = strcmp(b, a);
        if ((rule == DUPLICATES_KEEP_OLDEST && order < 0) ||
            (rule == DUPLICATES_KEEP_NEWEST && order > 0)) {
            best = i;
        }
    }
    return best;
}

static void fail_many(struct inst *in, const struct value *list) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    str_addf(&text, "%u objects match, one was expected:", list->len);
    for (uint32_t i = 0; i < list->len && i < 10; i++) {
        const struct value *item = list->as.items[i];
        const char *id = id_of(item);
        const char *name = value_text(value_path(item, "entity.name"));
        name = name != NULL ? name : value_text(value_path(item, "metadata.name"));
        const char *at = value_text(value_path(item, "metadata.created_at"));
        str_addf(&text, "%s %s%s%s%s%s%s", i == 0 ? "" : ",", id == NULL ? "(no id)" : id,
                 name == NULL ? "" : " '", name == NULL ? "" : name, name == NULL ? "" : "'",
                 at == NULL ? "" : " of ", at == NULL ? "" : at);
    }
    if (list->len > 10) {
        str_addf(&text, " and %u more", list->len - 10);
    }
    inst_fail(in, CLASS_CONFLICT, str_text(&text),
              "say which one with `duplicates: keep_oldest`, `keep_newest` or `first`, or remove "
              "the others by id");
}

static bool rule_of(struct inst *in, enum duplicates_rule *ret_rule, struct err *err) {
    static const char *const names[] = {"error", "keep_oldest", "keep_newest", "first"};
    const struct ensure_action *x = in->step->ensure;
    if (x->duplicates_template == NULL) {
        *ret_rule = x->duplicates;
        return true;
    }
    struct eval ev;
    scope_eval_init(&ev, in, NULL);
    AUTO(str) struct str text = STR_INIT(256);
    if (!template_eval_text(x->duplicates_template, &ev.run, &in->arena, &text, err)) {
        return err_wrap(err, "duplicates");
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], str_text(&text)) == 0) {
            *ret_rule = (enum duplicates_rule)i;
            return true;
        }
    }
    return err_set(err, "invalid-value",
                   "duplicates: '%s' is none of error, keep_oldest, keep_newest, first",
                   str_text(&text));
}

/* What was done so far; a create of which neither answer nor object was seen is unknown. */
static enum step_change change_so_far(const struct ensure_state *s) {
    if (s->n_creates > 0) {
        return s->item != NULL || s->created_id != NULL ? CHANGE_CREATED : CHANGE_UNKNOWN;
    }
    if (s->floor == CHANGE_CREATED || s->floor == CHANGE_UNKNOWN) {
        return s->item != NULL ? CHANGE_CREATED : CHANGE_UNKNOWN;
    }
    if (s->is_updated) {
        return CHANGE_UPDATED;
    }
    return s->n_deleted > 0 ? CHANGE_DEDUPLICATED : s->floor;
}

static void conclude(struct inst *in) {
    struct ensure_state *s = &in->act->ensure;
    inst_conclude(in, s->item, change_so_far(s));
}

void ensure_leave_trace(struct inst *in) {
    const struct ensure_state *s = &in->act->ensure;
    in->change = change_so_far(s);
    const struct value *known = s->item != NULL ? s->item : s->created;
    if (known != NULL && in->outputs == NULL) {
        in->result = value_copy(&in->arena, known);
        judge_known_outputs(in, in->result);
    }
}

/* The object is there: wait until it is ready, or be done. */
static void enter_ready(struct inst *in) {
    const struct wait_spec *ready = in->step->ensure->ready;
    struct ensure_state *s = &in->act->ensure;
    if (ready == NULL) {
        conclude(in);
        return;
    }
    if (s->stage != ENSURE_READY && !begin_wait(in, ENSURE_READY)) {
        return;
    }
    if (!wait_concludes(in, ready, &s->wait, s->item, change_so_far(s))) {
        find_later(in);
    }
}

static bool needs_update(struct inst *in, bool *ret_needs) {
    struct ensure_state *s = &in->act->ensure;
    const struct call *update = in->step->ensure->update;
    *ret_needs = update != NULL && !s->is_updated && s->n_creates == 0 && s->stage != ENSURE_READY;
    if (!*ret_needs || update->condition == NULL) {
        return true;
    }
    struct eval ev;
    scope_eval_init(&ev, in, s->item);
    ev.ctx.item = s->item;
    struct err err = ERR_INIT;
    bool is_fine = expr_eval_condition(update->condition, &ev.run, &in->arena, ret_needs, &err);
    if (!is_fine) {
        err_wrap(&err, "update");
        inst_fail_err(in, CLASS_EXPECT, &err);
    }
    err_release(&err);
    return is_fine;
}

static void keep_item(struct inst *in, const struct value *item) {
    struct ensure_state *s = &in->act->ensure;
    arena_reset(&s->item_arena); /* `item` is of the look under way, in scratch */
    s->item = value_copy(&s->item_arena, item);
    s->item_id = id_of(s->item);
    s->n_missing = 0;
    if (in->act->item != NULL) {
        in->act->item = s->item; /* the call just made was given the object before */
    }
}

/* One object is chosen: delete extras, update it where it drifted, then wait for it. */
static void adopt(struct inst *in) {
    struct ensure_state *s = &in->act->ensure;
    if (s->n_deleted < s->extra->len) {
        s->stage = ENSURE_DELETE;
        op_start(in, in->step->ensure->remove, ROLE_DELETE, s->extra->as.items[s->n_deleted],
                 on_deleted);
        return;
    }
    bool is_drifted = false;
    if (!needs_update(in, &is_drifted)) {
        return;
    }
    if (is_drifted) {
        s->stage = ENSURE_UPDATE;
        op_start(in, in->step->ensure->update, ROLE_UPDATE, s->item, on_updated);
        return;
    }
    enter_ready(in);
}

static void choose(struct inst *in, const struct value *list) {
    struct ensure_state *s = &in->act->ensure;
    enum duplicates_rule rule = DUPLICATES_ERROR;
    struct err err = ERR_INIT;
    if (list->len > 1 && !rule_of(in, &rule, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return;
    }
    if (list->len > 1 && rule == DUPLICATES_ERROR) {
        fail_many(in, list);
        return;
    }
    uint32_t kept = pick(list, rule);
    if (list->len > 1 && s->stage != ENSURE_READY) {
        const char *id = id_of(list->as.items[kept]);
        run_notice(in->engine, in, "duplicates", "%u objects match, %s is used", list->len,
                   id == NULL ? "one of them" : id);
    }
    struct list_builder extra;
    list_begin(&extra, &in->arena);
    bool deletes = in->step->ensure->remove != NULL && rule != DUPLICATES_FIRST;
    for (uint32_t i = 0; i < list->len && deletes; i++) {
        if (i != kept) {
            list_add(&extra, value_copy(&in->arena, list->as.items[i]));
        }
    }
    s->extra = list_end(&extra);
    keep_item(in, list->as.items[kept]);
    adopt(in);
}

static void create_now(struct inst *in) {
    const struct ensure_action *x = in->step->ensure;
    struct ensure_state *s = &in->act->ensure;
    if (x->create == NULL) {
        inst_fail(in, CLASS_NOT_FOUND, "nothing matches, and the recipe gives no `create`", NULL);
        return;
    }
    s->stage = ENSURE_CREATE;
    s->n_creates++;
    op_start(in, x->create, ROLE_CREATE, NULL, on_created);
}

/* The create failed and its object is not there: try again when the class allows it, else that failure stands. */
static void give_up_or_create_again(struct inst *in) {
    struct ensure_state *s = &in->act->ensure;
    int64_t attempts = 1;
    struct err err = ERR_INIT;
    if (in->step->rules->retry.is_set &&
        !scope_count(in, &in->step->rules->retry.attempts, 3, &attempts, &err)) {
        inst_fail_err(in, CLASS_USAGE, &err);
        err_release(&err);
        return;
    }
    if ((int64_t)s->n_creates < attempts &&
        retry_matches(&in->step->rules->retry.on, &s->create_answer, true)) {
        create_now(in);
        return;
    }
    s->n_creates = 0;
    fail_answer(in, &s->create_answer, "create");
}

/* Whether find saw only the first of several pages: what is missing there may stand on another one. */
static bool list_goes_on(const struct inst *in) {
    const struct answer *answer = &in->act->answer;
    if (in->act->call->kind == CALL_READ) {
        return false; /* a file has no pages */
    }
    const char *const *argv = (const char *const *)in->act->prepared->argv;
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
        if (strcmp(argv[i], "--all-pages") == 0) {
            return false;
        }
    }
    const struct value *next = value_path(answer->result, "next");
    next = next != NULL ? next : value_path(answer->result, "body.next");
    bool is_named = next != NULL && ((next->type == VALUE_STRING && next->len > 0) ||
                                     (next->type == VALUE_OBJECT && next->len > 0));
    return answer->has_next_page || is_named;
}

static void fail_unseen_pages(struct inst *in) {
    inst_fail(in, CLASS_OUTPUT,
              "nothing matches on the first page of the list, and there are further pages",
              "ask for all of them: flags: {all-pages: true}, or a higher limit, or a filter");
}

static void on_nothing_found(struct inst *in) {
    struct ensure_state *s = &in->act->ensure;
    bool is_search =
        s->stage == ENSURE_FIRST_FIND || s->stage == ENSURE_LOOK_AGAIN || s->stage == ENSURE_APPEAR;
    if (is_search && list_goes_on(in)) {
        fail_unseen_pages(in);
        return;
    }
    switch (s->stage) {
    case ENSURE_FIRST_FIND:
        if (s->floor != CHANGE_CREATED && s->floor != CHANGE_UNKNOWN) {
            create_now(in);
        } else if (begin_wait(in, ENSURE_LOOK_AGAIN)) {
            find_later(in); /* an earlier part of the run began to create it */
        }
        return;
    case ENSURE_LOOK_AGAIN:
        if (wait_miss(in, &s->wait, "not found") && s->wait.n_polls < LOOK_AGAIN_POLLS) {
            find_later(in);
        } else if (s->n_creates == 0) {
            s->floor = CHANGE_NONE;
            create_now(in);
        } else {
            give_up_or_create_again(in);
        }
        return;
    case ENSURE_APPEAR:
        if (wait_miss(in, &s->wait, "not listed yet")) {
            find_later(in);
        } else {
            inst_fail(in, CLASS_TIMEOUT, "was created but does not appear in the list", NULL);
        }
        return;
    case ENSURE_UPDATE:
    case ENSURE_DELETE:
    case ENSURE_READY:
        s->n_missing++;
        if (wait_miss(in, &s->wait, "vanished") && s->n_missing < MISSING_POLLS) {
            find_later(in);
        } else {
            inst_fail(
                in, CLASS_NOT_FOUND,
                arena_printf(&in->arena, "it was there and has vanished while waiting for it%s%s",
                             s->item_id == NULL ? "" : ": ", s->item_id == NULL ? "" : s->item_id),
                NULL);
        }
        return;
    case ENSURE_CREATE:
        break;
    }
    bug("ensure '%s': find in stage %d", in->who.id, (int)s->stage);
}

static void on_list(struct inst *in, const struct value *list) {
    struct ensure_state *s = &in->act->ensure;
    const char *wanted = s->item_id != NULL ? s->item_id : s->created_id;
    if (s->stage == ENSURE_FIRST_FIND || wanted == NULL) {
        if (list->len == 0) {
            on_nothing_found(in);
            return;
        }
        if (s->stage == ENSURE_LOOK_AGAIN && s->create_answer.error_class == CLASS_CONFLICT) {
            s->n_creates = 0; /* somebody else was faster: adopted, not created */
        }
        choose(in, list);
        return;
    }
    const struct value *item = by_id(list, wanted);
    if (item == NULL) {
        on_nothing_found(in);
        return;
    }
    keep_item(in, item);
    adopt(in);
}

static void on_found(struct inst *in, const struct answer *answer) {
    struct ensure_state *s = &in->act->ensure;
    if (answer->is_withheld) {
        plan_conclude(in, CHANGE_UNKNOWN);
        return;
    }
    bool is_get = in->act->role == ROLE_GET;
    if (is_get && answer->error_class == CLASS_NOT_FOUND) {
        on_nothing_found(in);
        return;
    }
    if (answer->error_class != CLASS_NONE) {
        fail_answer(in, answer, is_get ? "get" : "find");
        return;
    }
    struct err err = ERR_INIT;
    const struct value *list = NULL;
    if (!candidates(in, in->act->call, answer, &list, &err)) {
        inst_fail_err(in, CLASS_OUTPUT, &err);
        err_release(&err);
        return;
    }
    if (is_get && list->len == 1) {
        keep_item(in, list->as.items[0]);
        s->stage = ENSURE_READY;
        enter_ready(in);
        return;
    }
    on_list(in, list);
}

/* Classes that say that nothing was created. */
static bool is_certain(const struct answer *answer) {
    return answer->nothing_happened || answer->error_class == CLASS_USAGE ||
           answer->error_class == CLASS_AUTH || answer->error_class == CLASS_SPAWN ||
           answer->error_class == CLASS_QUOTA;
}

static void remember_create(struct inst *in, const struct answer *answer) {
    struct answer *kept = &in->act->ensure.create_answer;
    *kept = *answer;
    kept->message = arena_strdup(&in->arena, answer->message == NULL ? "failed" : answer->message);
    kept->hint = answer->hint == NULL ? NULL : arena_strdup(&in->arena, answer->hint);
    kept->stdout_text = arena_strndup(&in->arena, answer->stdout_text, answer->stdout_len);
    kept->stderr_text = arena_strndup(&in->arena, answer->stderr_text, answer->stderr_len);
    kept->result = &value_null;
}

static void on_created(struct inst *in, const struct answer *answer) {
    struct ensure_state *s = &in->act->ensure;
    if (answer->is_withheld) {
        plan_conclude(in, CHANGE_CREATED);
        return;
    }
    if (answer->error_class == CLASS_NONE) {
        const char *id = id_of(answer->result);
        id = id != NULL ? id : value_text(value_path(answer->result, "body.metadata.id"));
        s->created_id = id == NULL ? NULL : arena_strdup(&in->arena, id);
        s->created = value_copy(&in->arena, answer->result);
        if (begin_wait(in, ENSURE_APPEAR)) {
            find_now(in);
        }
        return;
    }
    remember_create(in, answer);
    if (answer->error_class == CLASS_CANCELLED) {
        fail_answer(in, answer, "create");
        return;
    }
    if (is_certain(answer) && !retry_matches(&in->step->rules->retry.on, answer, true)) {
        s->n_creates = 0;
        fail_answer(in, answer, "create");
        return;
    }
    run_notice(in->engine, in, "look-again",
               "create did not end well (%s): looking whether the server did it after all",
               s->create_answer.message);
    if (begin_wait(in, ENSURE_LOOK_AGAIN)) {
        /* When the class says that nothing was done, one look is enough. */
        s->wait.n_polls = is_certain(answer) ? LOOK_AGAIN_POLLS - 1 : 0;
        find_later(in);
    }
}

static void on_deleted(struct inst *in, const struct answer *answer) {
    struct ensure_state *s = &in->act->ensure;
    if (answer->error_class != CLASS_NONE && answer->error_class != CLASS_NOT_FOUND) {
        const char *id = id_of(s->extra->as.items[s->n_deleted]);
        fail_answer(in, answer,
                    arena_printf(&in->arena, "delete of the duplicate %s", id == NULL ? "?" : id));
        return;
    }
    s->n_deleted++;
    adopt(in);
}

static void on_updated(struct inst *in, const struct answer *answer) {
    struct ensure_state *s = &in->act->ensure;
    if (answer->error_class != CLASS_NONE) {
        fail_answer(in, answer, "update");
        return;
    }
    s->is_updated = true;
    if (answer->is_withheld) {
        plan_conclude(in, CHANGE_UPDATED);
        return;
    }
    /* Look again before judging readiness: the object just read is the one before the update. */
    if (begin_wait(in, ENSURE_READY)) {
        find_now(in);
    }
}

void ensure_begin(struct inst *in) {
    in->act->ensure = (struct ensure_state){.stage = ENSURE_FIRST_FIND, .extra = &value_empty_list};
    restore_ensure(in);
    arena_init(&in->act->ensure.item_arena, 0);
    op_start(in, in->step->ensure->find, ROLE_FIND, NULL, on_found);
}

void ensure_release(struct ensure_state *s) {
    arena_release(&s->item_arena);
}
