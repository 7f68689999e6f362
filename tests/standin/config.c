/*
 * The client's configuration, see config.h.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"

char *config_path(const char *flag) {
    const char *current = getenv("CPD_CONFIG");
    const char *older = getenv("CPDCONFIG");
    const char *home = getenv("HOME");
    const char *path = flag != NULL ? flag : current != NULL && *current != '\0' ? current : older;
    if (path != NULL && *path != '\0') {
        return text_dup(path);
    }
    return text_format("%s/.cpdctl/config", home != NULL ? home : ".");
}

/* ---- reading ---- */

/* One scalar of the file: "double quoted", 'single quoted' or plain. */
static char *read_scalar(const char *text, size_t len) {
    struct text out = {0};
    char quote = len >= 2 && (*text == '"' || *text == '\'') ? *text : '\0';
    size_t i = quote != '\0' ? 1 : 0;
    size_t end = quote != '\0' ? len - 1 : len;
    for (; i < end; i++) {
        bool is_escape = i + 1 < end && ((quote == '"' && text[i] == '\\') ||
                                         (quote == '\'' && text[i] == '\'' && text[i + 1] == '\''));
        if (!is_escape) {
            text_putc(&out, text[i]);
            continue;
        }
        char c = text[++i];
        if (quote == '"' && c == 'x' && i + 2 < end) {
            char digits[3] = {text[i + 1], text[i + 2], '\0'};
            text_putc(&out, (char)strtol(digits, NULL, 16));
            i += 2;
        } else {
            text_putc(&out, quote == '"' && c == 'n' ? '\n' : quote == '"' && c == 't' ? '\t' : c);
        }
    }
    return text_take(&out);
}

/* Where the key of a line ends: the first colon outside quotes. */
static size_t key_length(const char *line, size_t len) {
    char quote = '\0';
    for (size_t i = 0; i < len; i++) {
        if (quote != '\0') {
            quote = line[i] == quote ? '\0' : quote;
        } else if (i == 0 && (line[i] == '"' || line[i] == '\'')) {
            quote = line[i];
        } else if (line[i] == ':') {
            return i;
        }
    }
    return len;
}

enum { DEPTH_MAX = 4 };

static void read_line(const char *line, size_t len, cJSON *parents[DEPTH_MAX]) {
    size_t indent = strspn(line, " ");
    size_t depth = indent / 2;
    if (indent >= len || line[indent] == '#' || depth + 1 >= DEPTH_MAX || parents[depth] == NULL) {
        return;
    }
    size_t key_len = key_length(line + indent, len - indent);
    char *key = read_scalar(line + indent, key_len);
    const char *value = line + indent + key_len;
    size_t value_len = len - indent - key_len;
    while (value_len > 0 && (*value == ':' || *value == ' ')) {
        value++;
        value_len--;
    }
    if (value_len == 0 || strncmp(value, "{}", 2) == 0) {
        cJSON *object = json_object();
        (void)cJSON_AddItemToObject(parents[depth], key, object);
        parents[depth + 1] = object;
    } else {
        char *text = read_scalar(value, value_len);
        (void)cJSON_AddStringToObject(parents[depth], key, text);
        free(text);
    }
    free(key);
}

cJSON *config_read(const char *path) {
    static const char *const groups[] = {"users", "profiles", "contexts"};
    cJSON *config = json_object();
    cJSON *parents[DEPTH_MAX] = {config};
    struct text content = {0};
    if (file_read(path, &content)) {
        const char *line = text_get(&content);
        while (*line != '\0') {
            size_t len = strcspn(line, "\n");
            read_line(line, len, parents);
            line += len + (line[len] == '\n' ? 1 : 0);
        }
    }
    text_release(&content);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (!cJSON_IsObject(json_at(config, groups[i]))) {
            json_put(config, groups[i], json_object());
        }
    }
    return config;
}

/* ---- commands ---- */

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fputs("FAILED\n", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return 1;
}

static int write_config(const struct config_call *call, const cJSON *config) {
    struct text content = {0};
    json_print_yaml(&content, config);
    bool is_written = file_write_private(call->path, &content);
    text_release(&content);
    return is_written ? 0 : fail("the configuration cannot be written: %s", strerror(errno));
}

/* The entry of the call's group and name. Names may hold dots, so no path is used. */
static cJSON *entry_of(const cJSON *config, const char *group, const char *name) {
    return name != NULL ? cJSON_GetObjectItemCaseSensitive(json_at(config, group), name) : NULL;
}

static int set_entry(const struct config_call *call, cJSON *config) {
    cJSON *group = json_at(config, call->group);
    cJSON *entry = entry_of(config, call->group, call->name);
    if (entry == NULL) {
        entry = json_object();
        (void)cJSON_AddItemToObject(group, call->name, entry);
    }
    const cJSON *flag = NULL;
    cJSON_ArrayForEach(flag, call->flags) {
        json_put(entry, flag->string, json_copy(flag));
    }
    bool is_first_profile =
        strcmp(call->group, "profiles") == 0 && json_text(config, "current-profile") == NULL;
    if (is_first_profile) {
        json_put_text(config, "current-profile", call->name);
    }
    return write_config(call, config);
}

static int use_entry(const struct config_call *call, cJSON *config) {
    const cJSON *entry = entry_of(config, call->group, call->name);
    bool is_context = strcmp(call->group, "contexts") == 0;
    if (entry == NULL) {
        return fail("%s \"%s\" does not exist", is_context ? "context" : "profile", call->name);
    }
    json_put_text(config, is_context ? "current-context" : "current-profile", call->name);
    if (is_context) {
        json_put_copy(config, "current-profile", entry, "profile");
    }
    int status = write_config(call, config);
    if (status == 0) {
        (void)printf("Switched to %s \"%s\".\n", is_context ? "context" : "profile", call->name);
    }
    return status;
}

static int unset_entry(const struct config_call *call, cJSON *config) {
    if (entry_of(config, call->group, call->name) == NULL) {
        return fail("\"%s\" does not exist", call->name);
    }
    cJSON_DeleteItemFromObjectCaseSensitive(json_at(config, call->group), call->name);
    return write_config(call, config);
}

/* A secret is shown as {"Value": …}: a JMESPath of that shape is what scripts were seen to use. */
static cJSON *shown_entry(const struct config_call *call, const cJSON *entry) {
    static const char *const names[][2] = {
        {"apikey", "Apikey"}, {"password", "Password"}, {"username", "Username"},   {"url", "URL"},
        {"user", "User"},     {"profile", "Profile"},   {"token-file", "TokenFile"}};
    cJSON *shown = json_object();
    json_put_text(shown, "Name", call->name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = json_text(entry, names[i][0]);
        char *path = text_format("%s%s", names[i][1], i < 2 ? ".Value" : "");
        if (value != NULL) {
            json_put_text(shown, path, value);
        }
        free(path);
    }
    return shown;
}

static int get_entry(const struct config_call *call, const cJSON *config) {
    const cJSON *entry = entry_of(config, call->group, call->name);
    if (entry == NULL) {
        return fail("\"%s\" does not exist", call->name);
    }
    static const struct command plain = {.words = "config get", .dialect = DIALECT_1X};
    const char *kind = strcmp(call->group, "users") == 0      ? "User"
                       : strcmp(call->group, "profiles") == 0 ? "Profile"
                                                              : "Context";
    cJSON *wrapped = json_object();
    json_put(wrapped, kind, shown_entry(call, entry));
    struct text out = {0};
    render(&out, &plain, call->output == OUTPUT_TABLE ? json_at(wrapped, kind) : wrapped,
           call->output);
    (void)fputs(text_get(&out), stdout);
    text_release(&out);
    cJSON_Delete(wrapped);
    return 0;
}

struct list_column {
    const char *header;
    const char *key; /* NULL: the name; "": "*" for the current one; "=": the constant "private" */
};

static const struct list_column user_columns[] = {{"Name", NULL}, {"Username", "username"}};
static const struct list_column profile_columns[] = {
    {"Name", NULL}, {"Type", "="}, {"User", "user"}, {"URL", "url"}, {"Current", ""}};
static const struct list_column context_columns[] = {
    {"Name", NULL}, {"Profile", "profile"}, {"User", "user"}, {"Current", ""}};

static const char *list_cell(const cJSON *entry, const struct list_column *column,
                             const char *current) {
    if (column->key == NULL) {
        return entry->string;
    }
    if (*column->key == '=') {
        return "private";
    }
    if (*column->key == '\0') {
        return strcmp(entry->string, current) == 0 ? "*" : "";
    }
    return json_text_or(entry, column->key, "");
}

static void print_row(const cJSON *group, const cJSON *entry, const struct list_column *columns,
                      size_t n, const char *current) {
    for (size_t i = 0; i < n; i++) {
        size_t width = strlen(columns[i].header);
        const cJSON *other = NULL;
        cJSON_ArrayForEach(other, group) {
            size_t used = strlen(list_cell(other, &columns[i], current));
            width = used > width ? used : width;
        }
        const char *cell =
            entry != NULL ? list_cell(entry, &columns[i], current) : columns[i].header;
        bool is_last = i + 1 == n;
        (void)printf("%-*s%s", is_last ? 0 : (int)width, cell, is_last ? "\n" : "   ");
    }
}

/* Lists of the configuration have no "..." line. */
static int list_entries(const struct config_call *call, const cJSON *config) {
    bool is_user = strcmp(call->group, "users") == 0;
    bool is_profile = strcmp(call->group, "profiles") == 0;
    const struct list_column *columns = is_user      ? user_columns
                                        : is_profile ? profile_columns
                                                     : context_columns;
    size_t n = is_user ? 2 : is_profile ? 5 : 4;
    const char *current =
        json_text_or(config, is_profile ? "current-profile" : "current-context", "");
    const cJSON *group = json_at(config, call->group);
    const cJSON *entry = NULL;
    print_row(group, NULL, columns, n, current);
    cJSON_ArrayForEach(entry, group) {
        print_row(group, entry, columns, n, current);
    }
    return 0;
}

static int print_current(const cJSON *config) {
    const char *current = json_text(config, "current-profile");
    if (current == NULL) {
        return fail("no profile is in use");
    }
    (void)printf("%s\n", current);
    return 0;
}

int config_run(const struct config_call *call) {
    cJSON *config = config_read(call->path);
    bool needs_name = strcmp(call->action, "list") != 0 && strcmp(call->action, "current") != 0;
    int status = 1;
    if (needs_name && (call->name == NULL || *call->name == '\0')) {
        status = fail("Incorrect usage: a name is required by 'config %s'", call->action);
    } else if (strcmp(call->action, "set") == 0) {
        status = set_entry(call, config);
    } else if (strcmp(call->action, "use") == 0) {
        status = use_entry(call, config);
    } else if (strcmp(call->action, "unset") == 0) {
        status = unset_entry(call, config);
    } else if (strcmp(call->action, "get") == 0) {
        status = get_entry(call, config);
    } else if (strcmp(call->action, "list") == 0) {
        status = list_entries(call, config);
    } else {
        status = print_current(config);
    }
    cJSON_Delete(config);
    return status;
}

/* ---- choosing ---- */

static void put_credential(cJSON *auth, const cJSON *from) {
    json_put_copy(auth, "username", from, "username");
    json_put_copy(auth, "password", from, "password");
    json_put_copy(auth, "api_key", from, "apikey");
    const char *token_file = json_text(from, "token-file");
    struct text token = {0};
    if (token_file != NULL && file_read(token_file, &token)) {
        while (token.len > 0 && strchr("\r\n ", token.bytes[token.len - 1]) != NULL) {
            token.bytes[--token.len] = '\0';
        }
        json_put_text(auth, "token", text_get(&token));
    }
    text_release(&token);
}

cJSON *config_target(const cJSON *config, const char *profile, const char *context,
                     char **ret_problem) {
    const cJSON *chosen_context = entry_of(config, "contexts", context);
    const char *name = profile != NULL          ? profile
                       : chosen_context != NULL ? json_text(chosen_context, "profile")
                                                : json_text(config, "current-profile");
    const cJSON *entry = entry_of(config, "profiles", name);
    const char *url = json_text(entry, "url");
    if (entry == NULL || url == NULL) {
        *ret_problem = name != NULL
                           ? text_format("profile \"%s\" does not exist", name)
                           : text_dup("no profile is configured; use 'config profile set'");
        return NULL;
    }
    cJSON *target = json_literal("{\"auth\":{}}");
    json_put_text(target, "url", url);
    const cJSON *user = entry_of(config, "users", json_text(entry, "user"));
    put_credential(json_at(target, "auth"), user != NULL ? user : entry);
    return target;
}
