/*
 * Bodies that every service answers with.
 */
#include "answer.h"

#include <stdlib.h>

void answer_release(struct answer *answer) {
    cJSON_Delete(answer->json);
    text_release(&answer->raw);
    free(answer->wait);
    *answer = (struct answer){0};
}

void answer_json(struct answer *answer, int status, cJSON *json) {
    int64_t not_before_ms = answer->not_before_ms;
    answer_release(answer);
    answer->status = status;
    answer->json = json;
    answer->not_before_ms = not_before_ms;
}

void answer_error(struct answer *answer, int status, const char *code, const char *format, ...) {
    struct text message = {0};
    char part[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(part, sizeof part, format, args);
    va_end(args);
    text_puts(&message, part);
    cJSON *body = json_literal("{\"trace\":\"NO_TRACE\",\"errors\":[{}]}");
    cJSON *error = json_at(body, "errors")->child;
    json_put_text(error, "code", code);
    json_put_text(error, "message", text_get(&message));
    char number[16];
    (void)snprintf(number, sizeof number, "%d", status);
    json_put_text(body, "status_code", number);
    text_release(&message);
    answer_json(answer, status, body);
}

void answer_gateway_page(struct answer *answer, int status) {
    answer_json(answer, status, NULL);
    const char *title = status == 504 ? "504 Gateway Time-out" : "502 Bad Gateway";
    text_printf(&answer->raw,
                "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n"
                "<center><h1>%s</h1></center>\r\n<hr><center>nginx</center>\r\n"
                "</body>\r\n</html>\r\n",
                title, title);
    answer->content_type = "text/html";
}

const char *request_query(const struct request *request, const char *name) {
    /* Names of OpenScale's filters hold dots, so they are keys here, not paths. */
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request->query, name));
}
