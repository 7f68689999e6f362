/*
 * Commands of cpdctl as requests, see cli.h.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "commands.h"
#include "faults.h"
#include "jobs.h"
#include "log.h"
#include "render.h"
#include "route.h"

struct cli {
    struct world *world;
    const struct command *command;
    cJSON *flags; /* borrowed from the call; selectors are resolved in it */
    enum output output;
    struct request request; /* what the command stands for */
};

static void reply(struct answer *answer, int exit_code, const char *out, const char *err) {
    cJSON *body = json_object();
    json_put_number(body, "exit", exit_code);
    json_put_text(body, "stdout", out);
    json_put_text(body, "stderr", err);
    answer_json(answer, 200, body);
}

/* "FAILED" and what went wrong, on stderr; the table layout has begun on stdout by then. */
static void reply_failed(const struct cli *cli, const char *message, struct answer *answer) {
    char *err = text_format("FAILED\n%s\n", message);
    reply(answer, 1, cli->output == OUTPUT_TABLE ? "...\n" : "", err);
    free(err);
}

static const char *flag_value(const struct cli *cli, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cli->flags, name));
}

/* ---- from flags to the request ---- */

/* --space NAME and --cpd-scope cpd://profile/spaces/ID stand for --space-id. */
static char *resolve_space(struct cli *cli) {
    const char *name = flag_value(cli, "space");
    const char *scope = flag_value(cli, "cpd-scope");
    const char *id_in_scope = scope != NULL ? strstr(scope, "/spaces/") : NULL;
    if (id_in_scope != NULL && flag_value(cli, "space-id") == NULL) {
        json_put_text(cli->flags, "space-id", id_in_scope + strlen("/spaces/"));
    }
    if (name == NULL) {
        return NULL;
    }
    const struct object *space = object_find_by(cli->world, KIND_SPACE, "entity.name", name, NULL);
    if (space == NULL) {
        return text_format("Space with name '%s' was not found", name);
    }
    if (object_find_by(cli->world, KIND_SPACE, "entity.name", name, space) != NULL) {
        return text_format("More than one space with name '%s' was found", name);
    }
    json_put_text(cli->flags, "space-id", space->id);
    return NULL;
}

/* The path with its {flags} filled in; a missing one gives NULL. */
static char *fill_path(const struct cli *cli) {
    struct text path = {0};
    const char *p = cli->command->path;
    while (*p != '\0') {
        size_t len = strcspn(p, "{");
        text_add(&path, p, len);
        p += len;
        if (*p != '{') {
            continue;
        }
        char name[64];
        size_t name_len = strcspn(p + 1, "}");
        (void)snprintf(name, sizeof name, "%.*s", (int)name_len, p + 1);
        const char *value = flag_value(cli, name);
        if (value == NULL || *value == '\0') {
            text_release(&path);
            return NULL;
        }
        text_puts(&path, value);
        p += name_len + 2;
    }
    return text_take(&path);
}

static void add_patch(cJSON *body, const char *target, cJSON *value) {
    cJSON *operation = json_literal("{\"op\":\"replace\"}");
    char *path = text_format("/%s", target);
    json_put_text(operation, "path", path);
    json_put(operation, "value", value);
    json_push(body, operation);
    free(path);
}

static cJSON *split_list(const char *value) {
    cJSON *list = json_array();
    while (*value != '\0') {
        size_t len = strcspn(value, ",");
        char *item = text_format("%.*s", (int)len, value);
        json_push(list, cJSON_CreateString(item));
        free(item);
        value += len + (value[len] == ',' ? 1 : 0);
    }
    return list;
}

/* Puts one flag where it belongs; returns what is wrong with its value (heap) or NULL. */
static char *put_flag(struct request *request, const struct flag *flag, const char *value) {
    cJSON *json = flag_takes_json(flag) && !json_has_raw_control(value) ? cJSON_Parse(value) : NULL;
    if (flag_takes_json(flag) && json == NULL) {
        return text_format("invalid JSON in the value of flag --%s", flag->name);
    }
    switch (flag->use) {
    case FLAG_QUERY:
        (void)cJSON_AddStringToObject(request->query, flag->target, value);
        break;
    case FLAG_TEXT:
        json_put_text(request->json, flag->target, value);
        break;
    case FLAG_NUMBER:
        json_put_number(request->json, flag->target, strtod(value, NULL));
        break;
    case FLAG_LIST:
        json_put(request->json, flag->target, split_list(value));
        break;
    case FLAG_BOOL:
        json_put(request->json, flag->target, cJSON_CreateBool(strcmp(value, "true") == 0));
        break;
    case FLAG_JSON:
        json_put(request->json, flag->target, json);
        break;
    case FLAG_PATCH_TEXT:
        add_patch(request->json, flag->target, cJSON_CreateString(value));
        break;
    case FLAG_PATCH_JSON:
        add_patch(request->json, flag->target, json);
        break;
    case FLAG_WHOLE:
        cJSON_Delete(request->json);
        request->json = json;
        break;
    case FLAG_PATH:
    case FLAG_FILE:
    case FLAG_OUTPUT:
    case FLAG_SWITCH:
    case FLAG_SELECTOR:
        break;
    }
    return NULL;
}

static bool has_upload(const struct command *command) {
    for (const struct flag *flag = command->flags; flag->name != NULL; flag++) {
        if (flag->use == FLAG_FILE) {
            return true;
        }
    }
    return false;
}

static char *build_request(struct cli *cli, const struct request *call, size_t head_len) {
    struct request *request = &cli->request;
    bool is_patch = strcmp(cli->command->method, "PATCH") == 0;
    (void)snprintf(request->method, sizeof request->method, "%s", cli->command->method);
    request->query = json_object();
    request->json = is_patch ? json_array() : json_object();
    char *problem = resolve_space(cli);
    if (problem != NULL) {
        return problem;
    }
    request->path = fill_path(cli);
    if (request->path == NULL) {
        return text_dup("Required flag is missing or empty");
    }
    for (const struct flag *flag = cli->command->flags; flag->name != NULL; flag++) {
        const char *value = flag_value(cli, flag->name);
        if (flag->is_required && (value == NULL || *value == '\0')) {
            return text_format("Required flag \"%s\" not set", flag->name);
        }
        problem = value != NULL ? put_flag(request, flag, value) : NULL;
        if (problem != NULL) {
            return problem;
        }
    }
    if (has_upload(cli->command)) {
        request->body = call->body + head_len;
        request->body_len = call->body_len - head_len;
    }
    return NULL;
}

static void release_request(struct request *request) {
    free(request->path);
    cJSON_Delete(request->query);
    cJSON_Delete(request->json);
}

/* ---- from the answer to output ---- */

static char *failure_text(const struct answer *answer) {
    if (answer->json == NULL) {
        return text_format("The response contained unexpected content, Content-Type=%s, operation "
                           "resultType=map[string]json.RawMessage\n%s",
                           answer->content_type != NULL ? answer->content_type : "",
                           answer->status == 504 ? "504 Gateway Time-out" : "502 Bad Gateway");
    }
    const cJSON *errors = json_at(answer->json, "errors");
    const cJSON *first = errors != NULL ? errors->child : NULL;
    return text_format("%s: %s", json_text_or(first, "code", "error"),
                       json_text_or(first, "message", ""));
}

static void reply_output(const struct cli *cli, const cJSON *body, int exit_code,
                         struct answer *answer) {
    struct text out = {0};
    render(&out, cli->command, body, cli->output);
    reply(answer, exit_code, text_get(&out), "");
    text_release(&out);
}

/* Fetches the pages after the first and puts their rows on it. */
static void append_pages(struct cli *cli, cJSON *list) {
    const char *key = kind_infos[cli->command->kind].list_key;
    for (;;) {
        const char *href = json_text(list, "next.href");
        const char *start = href != NULL ? strstr(href, "start=") : NULL;
        if (start == NULL) {
            json_drop(list, "next");
            return;
        }
        json_put_text(cli->request.query, "start", start + strlen("start="));
        struct answer page = {0};
        route_call(cli->world, &cli->request, &page);
        const cJSON *row = NULL;
        cJSON_ArrayForEach(row, json_at(page.json, key)) {
            json_push(json_at(list, key), json_copy(row));
        }
        json_drop(list, "next");
        json_put_copy(list, "next", page.json, "next");
        answer_release(&page);
    }
}

static bool is_dsjob(const struct command *command) {
    return strncmp(command->words, "dsjob ", 6) == 0;
}

static void reply_dsjob(const struct object *run, struct answer *answer) {
    struct text out = {0};
    dsjob_print(run, &out);
    reply(answer, dsjob_code(object_state(run)), text_get(&out), "");
    text_release(&out);
}

/* A command that waits is asked again when the object will have settled. */
static void resume_wait(struct world *world, struct wait *wait, struct answer *answer) {
    const struct object *object = object_find(world, wait->kind, wait->id);
    bool is_late = wait->deadline_ms > 0 && wait->deadline_ms <= world->now_ms;
    const struct cli cli = {
        .world = world, .command = wait->command, .output = (enum output)wait->output};
    if (object == NULL) {
        wait->is_done = true;
        reply_failed(&cli, "The resource was deleted while the command waited for it", answer);
        return;
    }
    if (object->n_steps > 0 && !is_late) {
        int64_t settled_ms = object_settled_at(object);
        bool is_short = wait->deadline_ms > 0 && wait->deadline_ms < settled_ms;
        wait->due_ms = is_short ? wait->deadline_ms : settled_ms;
        return;
    }
    const char *state = object_state(object);
    bool is_bad = strcasecmp(state, "failed") == 0 || strcmp(state, "error") == 0;
    wait->is_done = true;
    if (is_dsjob(wait->command)) {
        reply_dsjob(object, answer);
        return;
    }
    /* What cpdctl exits with then is not known; a careful tool reads the state. */
    reply_output(&cli, object->body,
                 is_bad ? (int)world_number(world, "options.wait_failure_exit", 0) : 0, answer);
}

static void begin_wait(struct cli *cli, struct answer *answer) {
    struct wait *wait = must_alloc(sizeof *wait);
    wait->resume = resume_wait;
    wait->kind = cli->command->kind;
    wait->command = cli->command;
    wait->output = (int)cli->output;
    (void)snprintf(wait->id, sizeof wait->id, "%s",
                   json_text_or(answer->json, "metadata.id",
                                json_text_or(answer->json, "metadata.asset_id", "")));
    double seconds = flag_value(cli, "wait") != NULL ? strtod(flag_value(cli, "wait"), NULL) : 0;
    if (seconds > 0) {
        wait->deadline_ms = cli->world->now_ms + (int64_t)(seconds * 1000 * cli->world->scale);
    }
    answer_json(answer, 200, NULL);
    resume_wait(cli->world, wait, answer);
    if (wait->is_done) {
        free(wait);
    } else {
        answer->wait = wait;
    }
}

/* Text, or a file that the client is to write. */
static void reply_raw(const struct cli *cli, struct answer *answer) {
    const char *path = flag_value(cli, "output-file");
    char *content = text_take(&answer->raw);
    if (path == NULL) {
        char *out = text_format("%s%s", is_dsjob(cli->command) ? "" : "...\n", content);
        reply(answer, 0, out, "");
        free(out);
    } else {
        char *out = text_format("...\nOK\nOutput written to %s\n", path);
        reply(answer, 0, out, "");
        json_put_text(answer->json, "file.path", path);
        json_put_text(answer->json, "file.content", content);
        free(out);
    }
    free(content);
}

static void carry_out(struct cli *cli, struct answer *answer) {
    route_call(cli->world, &cli->request, answer);
    if (answer->status >= 400) {
        char *message = failure_text(answer);
        reply_failed(cli, message, answer);
        free(message);
        return;
    }
    if (answer->json == NULL && answer->raw.len > 0) {
        reply_raw(cli, answer);
        return;
    }
    bool is_async = flag_value(cli, "async") != NULL;
    if (is_dsjob(cli->command) && flag_value(cli, "wait") == NULL) {
        char *out = text_format("...\nJob Run ID: %s\n\nStatus code = 0\n",
                                json_text_or(answer->json, "metadata.asset_id", ""));
        reply(answer, 0, out, "");
        free(out);
        return;
    }
    if (cli->command->waits && !is_async) {
        begin_wait(cli, answer);
        return;
    }
    if (flag_value(cli, "all-pages") != NULL) {
        append_pages(cli, answer->json);
    }
    cJSON *body = answer->json;
    answer->json = NULL;
    reply_output(cli, body, 0, answer);
    cJSON_Delete(body);
}

/* ---- faults ---- */

static char *timeout_text(const struct cli *cli) {
    static const char *const verbs[][2] = {
        {"GET", "Get"}, {"POST", "Post"}, {"PUT", "Put"}, {"PATCH", "Patch"}, {"DELETE", "Delete"}};
    const char *verb = "";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        verb = strcmp(cli->command->method, verbs[i][0]) == 0 ? verbs[i][1] : verb;
    }
    return text_format("Error processing the response received, most likely an error response:\n"
                       "%s \"%s%s\": context deadline exceeded (Client.Timeout exceeded while "
                       "awaiting headers)\n",
                       verb, cli->world->url, cli->request.path);
}

static void fail_as_told(const struct cli *cli, const cJSON *fault, struct answer *answer) {
    struct answer seen = {0};
    int64_t not_before_ms = answer->not_before_ms;
    const char *err = json_text(fault, "stderr");
    const char *out = json_text(fault, "stdout");
    int exit_code = (int)json_number_or(fault, "exit", 1);
    fault_answer(cli->world, fault, &seen);
    char *message =
        json_bool_or(fault, "client_timeout", false) ? timeout_text(cli) : failure_text(&seen);
    answer_release(&seen);
    if (err == NULL && out == NULL) {
        reply_failed(cli, message, answer);
        json_put_number(answer->json, "exit", exit_code);
    } else {
        reply(answer, exit_code, out != NULL ? out : "", err != NULL ? err : "");
    }
    free(message);
    answer->not_before_ms = not_before_ms;
}

/* ---- one call ---- */

static bool is_dialect_known(const struct world *world, const struct command *command) {
    const char *wanted = world_option(world, "options.dialect", "both");
    const char *mine = command->dialect == DIALECT_04 ? "0.4" : "1.x";
    return strcmp(wanted, "both") == 0 || strcmp(wanted, mine) == 0;
}

static void run(struct cli *cli, const struct request *call, size_t head_len, const cJSON *auth,
                struct answer *answer) {
    char *problem = build_request(cli, call, head_len);
    if (problem != NULL) {
        reply_failed(cli, problem, answer);
        free(problem);
        return;
    }
    const cJSON *fault = fault_take(cli->world, cli->command->words);
    if (fault == NULL || fault_carries_out(fault)) {
        if (!auth_accepts(cli->world, auth)) {
            reply_failed(cli,
                         "An error occurred while performing the 'authenticate' step: "
                         "Unauthorized",
                         answer);
        } else {
            carry_out(cli, answer);
        }
    }
    if (fault != NULL) {
        fault_delay(cli->world, fault, answer);
    }
    if (fault != NULL && fault_replaces_answer(fault)) {
        fail_as_told(cli, fault, answer);
    }
    json_put(cli->flags, "standin-fault", fault != NULL ? cJSON_CreateTrue() : NULL);
}

static void write_log(const struct cli *cli, const cJSON *argv, const struct answer *answer) {
    const struct call call = {
        .interface = "cpdctl",
        .name = cli->command->words,
        .detail = argv,
        .is_write = strcmp(cli->command->method, "GET") != 0 &&
                    strcmp(cli->command->words, "asset search") != 0,
        .status = (int)json_number_or(answer->json, "exit", 0),
        .is_fault = json_at(cli->flags, "standin-fault") != NULL,
    };
    log_call(cli->world, &call);
}

void cli_answer(struct world *world, const struct request *request, struct answer *answer) {
    const char *line_end =
        request->body_len > 0 ? memchr(request->body, '\n', request->body_len) : NULL;
    size_t head_len = line_end != NULL ? (size_t)(line_end - request->body) + 1 : 0;
    cJSON *call = cJSON_ParseWithLength(request->body, head_len);
    const char *words = json_text_or(call, "words", "");
    const char *output = json_text_or(call, "output", "table");
    struct cli cli = {
        .world = world,
        .command = command_find(words),
        .flags = json_at(call, "flags"),
        .output = strcmp(output, "json") == 0   ? OUTPUT_JSON
                  : strcmp(output, "yaml") == 0 ? OUTPUT_YAML
                                                : OUTPUT_TABLE,
    };
    if (cli.command == NULL || cli.flags == NULL || !is_dialect_known(world, cli.command)) {
        char *message = text_format("FAILED\nunknown command \"%s\" for \"cpdctl\"\n", words);
        reply(answer, 1, "", message);
        free(message);
    } else {
        run(&cli, request, head_len, json_at(call, "auth"), answer);
        write_log(&cli, json_at(call, "argv"), answer);
        release_request(&cli.request);
    }
    cJSON_Delete(call);
}
