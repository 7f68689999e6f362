/*
 * The log of calls, see log.h.
 */
#include "log.h"

void log_call(struct world *world, const struct call *call) {
    cJSON *entry = json_object();
    json_put_number(entry, "seq", cJSON_GetArraySize(world->log) + 1);
    json_put_number(entry, "at_ms", (double)(world->now_ms - world->zero_ms));
    json_put_text(entry, "interface", call->interface);
    json_put_text(entry, "call", call->name);
    json_put_text(entry, "effect", call->is_write ? "write" : "read");
    json_put_number(entry, "status", call->status);
    if (call->detail != NULL) {
        json_put(entry, cJSON_IsArray(call->detail) ? "argv" : "query", json_copy(call->detail));
    }
    if (call->is_fault) {
        json_put(entry, "fault", cJSON_CreateBool(true));
    }
    if (world->log_file != NULL) {
        struct text line = {0};
        json_print(&line, entry, JSON_COMPACT);
        (void)fprintf(world->log_file, "%s\n", text_get(&line));
        (void)fflush(world->log_file);
        text_release(&line);
    }
    json_push(world->log, entry);
}
