/*
 * oc's side of the stand-in, see openshift.h. How far pods and routes are is worked out whenever
 * somebody looks.
 */
#include "openshift.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "faults.h"
#include "log.h"

struct oc {
    struct world *world;
    const cJSON *argv;
    const char *input; /* standard input, "" without */
    struct text out;
    struct text err;
    bool is_write;
};

static const char template[] =
    "{\"kind\":\"Template\",\"apiVersion\":\"template.openshift.io/v1\",\"metadata\":{\"name\":"
    "\"jenkins-persistent\",\"namespace\":\"openshift\"},\"objects\":["
    "{\"kind\":\"Route\",\"apiVersion\":\"route.openshift.io/v1\",\"metadata\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"spec\":{\"to\":{\"kind\":\"Service\",\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"tls\":{\"termination\":\"edge\"}}},"
    "{\"kind\":\"PersistentVolumeClaim\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"spec\":{\"accessModes\":[\"ReadWriteOnce\"],\"resources\":{"
    "\"requests\":{\"storage\":\"${VOLUME_CAPACITY}\"}}}},"
    "{\"kind\":\"DeploymentConfig\",\"apiVersion\":\"apps.openshift.io/v1\",\"metadata\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"spec\":{\"replicas\":1,\"selector\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"template\":{\"metadata\":{\"labels\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"}},\"spec\":{\"containers\":[{\"name\":\"jenkins\",\"resources\":{"
    "\"limits\":{\"memory\":\"${MEMORY_LIMIT}\"}}}]}}}},"
    "{\"kind\":\"ServiceAccount\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"}},"
    "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
    "\"${JENKINS_SERVICE_NAME}\"},\"spec\":{\"ports\":[{\"name\":\"web\",\"port\":80}]}}],"
    "\"parameters\":[{\"name\":\"JENKINS_SERVICE_NAME\",\"value\":\"jenkins\"},{\"name\":"
    "\"MEMORY_LIMIT\",\"value\":\"1Gi\"},{\"name\":\"VOLUME_CAPACITY\",\"value\":\"1Gi\"},{"
    "\"name\":"
    "\"ENABLE_OAUTH\",\"value\":\"true\"}]}";

/* ---- arguments ---- */

static const char *argument(const struct oc *oc, int i) {
    const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(oc->argv, i));
    return text != NULL ? text : "";
}

/* The value of -n NS, --namespace=NS and the like, the `nth` of them from 0; NULL without. */
static const char *option(const struct oc *oc, const char *letter, const char *name, int nth) {
    size_t len = strlen(name);
    for (int i = 0; i < cJSON_GetArraySize(oc->argv); i++) {
        const char *text = argument(oc, i);
        const char *value = NULL;
        if (strcmp(text, letter) == 0 || strcmp(text, name) == 0) {
            value = argument(oc, i + 1);
        } else if (strncmp(text, name, len) == 0 && text[len] == '=') {
            value = text + len + 1;
        }
        if (value != NULL && nth-- == 0) {
            return value;
        }
    }
    return NULL;
}

static int fail(struct oc *oc, const char *message) {
    text_printf(&oc->err, "%s\n", message);
    return 1;
}

/* ---- objects ---- */

/* "pods", "Pod" and "pod" are one kind. */
static bool is_kind(const char *kind, const char *wanted) {
    size_t len = strlen(kind);
    bool is_plural = strlen(wanted) == len + 1 && wanted[len] == 's';
    return strncasecmp(kind, wanted, len) == 0 && (wanted[len] == '\0' || is_plural);
}

static struct object *find(const struct oc *oc, const char *kind, const char *namespace,
                           const char *name) {
    for (size_t i = 0; i < oc->world->n_objects; i++) {
        struct object *object = oc->world->objects[i];
        if (object->kind == KIND_OPENSHIFT &&
            is_kind(json_text_or(object->body, "kind", ""), kind) &&
            strcmp(json_text_or(object->body, "metadata.namespace", ""), namespace) == 0 &&
            strcmp(json_text_or(object->body, "metadata.name", ""), name) == 0) {
            return object;
        }
    }
    return NULL;
}

static struct object *add(struct oc *oc, const cJSON *body, const char *namespace) {
    struct object *object = object_new(oc->world, KIND_OPENSHIFT, NULL);
    json_drop(object->body, "metadata.id");
    json_merge(object->body, body);
    json_put_text(object->body, "metadata.namespace", namespace);
    json_put_text(object->body, "metadata.uid", object->id);
    json_put_number(object->inside, "made_ms", (double)oc->world->now_ms);
    return object;
}

static bool is_old_enough(const struct oc *oc, const struct object *object, const char *duration) {
    double age_ms = (double)oc->world->now_ms - json_number_or(object->inside, "made_ms", 0);
    return age_ms >= duration_of(oc->world, duration) * 1000 * oc->world->scale;
}

static void describe_pod(const struct oc *oc, struct object *pod) {
    const char *trouble = world_option(oc->world, "outcomes.pod.state", NULL);
    bool is_up = is_old_enough(oc, pod, "pod") && trouble == NULL;
    bool is_crashing = trouble != NULL && strcmp(trouble, "CrashLoopBackOff") == 0;
    cJSON *status = json_literal("{\"containerStatuses\":[{\"name\":\"jenkins\"}]}");
    cJSON *container = json_at(status, "containerStatuses")->child;
    json_put_text(status, "phase", is_up || is_crashing ? "Running" : "Pending");
    json_put(container, "ready", cJSON_CreateBool(is_up));
    json_put_number(container, "restartCount", is_crashing ? 5 : 0);
    if (is_up) {
        json_put(container, "state.running", json_object());
    } else {
        bool is_in_trouble = trouble != NULL && is_old_enough(oc, pod, "route");
        json_put_text(container, "state.waiting.reason",
                      is_in_trouble ? trouble : "ContainerCreating");
        json_put_text(container, "state.waiting.message",
                      is_in_trouble ? world_option(oc->world, "outcomes.pod.message", "") : "");
    }
    json_put(pod->body, "status", status);
}

static void describe(const struct oc *oc, struct object *object) {
    const char *kind = json_text_or(object->body, "kind", "");
    if (strcmp(kind, "Pod") == 0) {
        describe_pod(oc, object);
    } else if (strcmp(kind, "Route") == 0 && is_old_enough(oc, object, "route")) {
        cJSON *status = json_literal("{\"ingress\":[{\"conditions\":[{\"type\":\"Admitted\","
                                     "\"status\":\"True\"}]}]}");
        json_put_copy(json_at(status, "ingress")->child, "host", object->body, "spec.host");
        json_put(object->body, "status", status);
    }
}

/* A deployment config has a pod, a route a host name. */
static void complete(struct oc *oc, struct object *object, const char *namespace) {
    const char *kind = json_text_or(object->body, "kind", "");
    char *name = text_dup(json_text_or(object->body, "metadata.name", ""));
    if (strcmp(kind, "Route") == 0) {
        char *host = text_format("%s-%s.apps.example.com", name, namespace);
        json_put_text(object->body, "spec.host", host);
        free(host);
    } else if (strcmp(kind, "DeploymentConfig") == 0) {
        cJSON *pod = json_literal("{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}");
        char *pod_name = text_format("%s-1-x7k2p", name);
        json_put_text(pod, "metadata.name", pod_name);
        json_put_copy(pod, "metadata.labels", object->body, "spec.template.metadata.labels");
        (void)add(oc, pod, namespace);
        free(pod_name);
        cJSON_Delete(pod);
    }
    free(name);
}

/* ---- commands ---- */

static bool has_label(const struct object *object, const char *selector) {
    const char *equals = selector != NULL ? strchr(selector, '=') : NULL;
    if (equals == NULL) {
        return true;
    }
    char *path = text_format("metadata.labels.%.*s", (int)(equals - selector), selector);
    bool is_so = strcmp(json_text_or(object->body, path, ""), equals + 1) == 0;
    free(path);
    return is_so;
}

static int get(struct oc *oc) {
    const char *kind = argument(oc, 1);
    bool is_project = is_kind("project", kind);
    const char *namespace = is_project ? "" : option(oc, "-n", "--namespace", 0);
    cJSON *list = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}");
    if (namespace != NULL && is_kind("template", kind) && strcmp(namespace, "openshift") == 0 &&
        world_flag(oc->world, "options.jenkins_template", true)) {
        json_push(json_at(list, "items"), json_literal(template));
    }
    for (size_t i = 0; i < oc->world->n_objects; i++) {
        struct object *object = oc->world->objects[i];
        if (object->kind != KIND_OPENSHIFT ||
            !is_kind(json_text_or(object->body, "kind", ""), kind) || namespace == NULL ||
            strcmp(json_text_or(object->body, "metadata.namespace", ""), namespace) != 0 ||
            !has_label(object, option(oc, "-l", "--selector", 0)) ||
            object->listed_at_ms > oc->world->now_ms) {
            continue;
        }
        describe(oc, object);
        json_push(json_at(list, "items"), json_copy(object->body));
    }
    json_print(&oc->out, list, JSON_GO);
    text_putc(&oc->out, '\n');
    cJSON_Delete(list);
    return 0;
}

/* Replaces "${NAME}" everywhere. */
static char *substitute(const char *text, const char *name, const char *value) {
    struct text result = {0};
    char *hole = text_format("${%s}", name);
    for (const char *at = strstr(text, hole); at != NULL; at = strstr(text, hole)) {
        text_add(&result, text, (size_t)(at - text));
        text_puts(&result, value);
        text = at + strlen(hole);
    }
    text_puts(&result, text);
    free(hole);
    return text_take(&result);
}

static const char *parameter_value(const struct oc *oc, const char *name, const char *usual) {
    size_t len = strlen(name);
    const char *given = NULL;
    for (int i = 0; (given = option(oc, "-p", "--param", i)) != NULL; i++) {
        if (strncmp(given, name, len) == 0 && given[len] == '=') {
            return given + len + 1;
        }
    }
    return usual;
}

static int process(struct oc *oc) {
    cJSON *wanted = json_literal(template);
    struct text objects = {0};
    json_print(&objects, json_at(wanted, "objects"), JSON_COMPACT);
    char *text = text_take(&objects);
    const cJSON *parameter = NULL;
    cJSON_ArrayForEach(parameter, json_at(wanted, "parameters")) {
        const char *name = json_text_or(parameter, "name", "");
        char *next =
            substitute(text, name, parameter_value(oc, name, json_text_or(parameter, "value", "")));
        free(text);
        text = next;
    }
    text_printf(&oc->out, "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":%s}\n", text);
    free(text);
    cJSON_Delete(wanted);
    return 0;
}

static int create(struct oc *oc) {
    const char *namespace = option(oc, "-n", "--namespace", 0);
    cJSON *wanted = cJSON_Parse(oc->input);
    oc->is_write = true;
    if (namespace == NULL || find(oc, "Project", "", namespace) == NULL) {
        cJSON_Delete(wanted);
        return fail(oc, "Error from server (NotFound): the project was not found");
    }
    const char *kind = json_text_or(wanted, "kind", "");
    const char *name = json_text_or(wanted, "metadata.name", "");
    if (find(oc, kind, namespace, name) != NULL) {
        text_printf(&oc->err,
                    "Error from server (AlreadyExists): error when creating \"STDIN\": %s \"%s\" "
                    "already exists\n",
                    kind, name);
        cJSON_Delete(wanted);
        return 1;
    }
    struct object *object = add(oc, wanted, namespace);
    text_printf(&oc->out, "%s/%s created\n", kind, name);
    complete(oc, object, namespace);
    cJSON_Delete(wanted);
    return 0;
}

static int new_project(struct oc *oc) {
    cJSON *body = json_literal("{\"kind\":\"Project\",\"apiVersion\":\"project.openshift.io/v1\","
                               "\"status\":{\"phase\":\"Active\"}}");
    oc->is_write = true;
    json_put_text(body, "metadata.name", argument(oc, 1));
    (void)add(oc, body, "");
    cJSON_Delete(body);
    text_printf(&oc->out, "Now using project \"%s\" on server \"https://api.example.com:6443\".\n",
                argument(oc, 1));
    return 0;
}

static int whoami(struct oc *oc) {
    text_puts(&oc->out, "developer\n");
    return 0;
}

static int dispatch(struct oc *oc) {
    static const struct {
        const char *word;
        int (*run)(struct oc *oc);
    } commands[] = {{"get", get},
                    {"process", process},
                    {"create", create},
                    {"new-project", new_project},
                    {"whoami", whoami}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].word, argument(oc, 0)) == 0) {
            return commands[i].run(oc);
        }
    }
    return fail(oc, "error: unknown command for \"oc\"");
}

static int run(struct oc *oc, const char *name, const cJSON *fault) {
    if (strcmp(world_option(oc->world, "options.auth", ""), "refuse") == 0) {
        return fail(oc, "error: You must be logged in to the server (Unauthorized)");
    }
    int status = 0;
    if (fault == NULL || fault_carries_out(fault)) {
        status = dispatch(oc);
    }
    if (fault == NULL || !fault_replaces_answer(fault)) {
        return status;
    }
    text_release(&oc->out);
    text_release(&oc->err);
    text_puts(&oc->out, json_text_or(fault, "stdout", ""));
    text_puts(&oc->err, json_text_or(fault, "stderr", name));
    return (int)json_number_or(fault, "exit", 1);
}

void openshift_answer(struct world *world, const struct request *request, struct answer *answer) {
    cJSON *call = cJSON_ParseWithLength(request->body, request->body_len);
    struct oc oc = {
        .world = world, .argv = json_at(call, "argv"), .input = json_text_or(call, "stdin", "")};
    char *name = text_format("oc %s %s", argument(&oc, 0), argument(&oc, 1));
    const cJSON *fault = fault_take(world, name);
    int status = run(&oc, name, fault);
    cJSON *reply = json_object();
    json_put_number(reply, "exit", status);
    json_put_text(reply, "stdout", text_get(&oc.out));
    json_put_text(reply, "stderr", text_get(&oc.err));
    const struct call entry = {"oc", name, oc.argv, oc.is_write, status, fault != NULL};
    log_call(world, &entry);
    text_release(&oc.out);
    text_release(&oc.err);
    answer_json(answer, 200, reply);
    cJSON_Delete(call);
    free(name);
}
