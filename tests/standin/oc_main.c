/*
 * The stand-in oc: hands its arguments and standard input to the daemon that $KUBECONFIG names, a
 * file of JSON in the form of a kubeconfig: {"clusters": [{"cluster": {"server": "http://…"}}]}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "rpc.h"

/* With `-f -` what is to be created comes on standard input. */
static bool reads_input(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-") == 0 || strcmp(argv[i], "--filename=-") == 0) {
            return true;
        }
    }
    return false;
}

static cJSON *describe_call(int argc, char **argv) {
    cJSON *call = json_object();
    cJSON *args = json_array();
    for (int i = 1; i < argc; i++) {
        json_push(args, cJSON_CreateString(argv[i]));
    }
    json_put(call, "argv", args);
    if (reads_input(argc, argv)) {
        struct text input = {0};
        char part[4096];
        for (size_t n = fread(part, 1, sizeof part, stdin); n > 0;
             n = fread(part, 1, sizeof part, stdin)) {
            text_add(&input, part, n);
        }
        json_put_text(call, "stdin", text_get(&input));
        text_release(&input);
    }
    return call;
}

/* The server of the first cluster; NULL when there is no such file. The caller frees it. */
static char *find_server(void) {
    const char *path = getenv("KUBECONFIG");
    struct text content = {0};
    if (path == NULL || !file_read(path, &content)) {
        text_release(&content);
        return NULL;
    }
    cJSON *config = cJSON_Parse(text_get(&content));
    text_release(&content);
    const cJSON *clusters = json_at(config, "clusters");
    const char *server = json_text(clusters != NULL ? clusters->child : NULL, "cluster.server");
    char *copy = server != NULL ? text_dup(server) : NULL;
    cJSON_Delete(config);
    return copy;
}

int main(int argc, char **argv) {
    char *server = find_server();
    if (server == NULL) {
        (void)fputs("error: Missing or incomplete configuration info.\n", stderr);
        return 1;
    }
    struct text body = {0};
    cJSON *call = describe_call(argc, argv);
    char *problem = NULL;
    json_print(&body, call, JSON_COMPACT);
    cJSON *answer = rpc_post(server, "/standin/oc", &body, &problem);
    cJSON_Delete(call);
    text_release(&body);
    free(server);
    if (answer == NULL) {
        (void)fprintf(stderr, "Unable to connect to the server: %s\n", problem);
        free(problem);
        return 1;
    }
    int status = (int)json_number_or(answer, "exit", 1);
    bool is_printed = fputs(json_text_or(answer, "stdout", ""), stdout) >= 0 &&
                      fputs(json_text_or(answer, "stderr", ""), stderr) >= 0;
    cJSON_Delete(answer);
    return is_printed ? status : 1;
}
