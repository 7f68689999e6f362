/*
 * Tokens live in a ring in the world; the oldest is forgotten when there are too many.
 *
 * Options of the scenario: username, password, api_key, token_ttl_s, auth ("refuse": nobody gets
 * in).
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

#include "resource.h"

enum { TOKEN_TTL_S = 12 * 3600 };

static const struct token *find_token(const struct world *world, const char *text) {
    for (unsigned i = 0; *text != '\0' && i < TOKENS_MAX && i < world->n_tokens; i++) {
        if (strcmp(world->tokens[i].text, text) == 0) {
            return &world->tokens[i];
        }
    }
    return NULL;
}

static bool is_valid(const struct world *world, const char *text) {
    const struct token *token = find_token(world, text);
    return token != NULL && world->now_ms < token->expires_ms;
}

static bool equals_option(const struct world *world, const char *actual, const char *path,
                          const char *fallback) {
    return actual != NULL && strcmp(actual, world_option(world, path, fallback)) == 0;
}

bool auth_accepts(const struct world *world, const cJSON *credentials) {
    if (strcmp(world_option(world, "options.auth", ""), "refuse") == 0) {
        return false;
    }
    const char *token = json_text(credentials, "token");
    if (token != NULL) {
        return is_valid(world, token);
    }
    const char *password = json_text(credentials, "password");
    const char *api_key = json_text(credentials, "api_key");
    return equals_option(world, json_text(credentials, "username"), "options.username", "admin") &&
           (equals_option(world, password, "options.password", "password") ||
            equals_option(world, api_key, "options.api_key", "standin-api-key"));
}

void auth_authorize(struct world *world, const struct request *request, struct answer *answer) {
    if (!resource_has_object(request, answer)) {
        return;
    }
    if (!auth_accepts(world, request->json)) {
        answer_json(answer, 401,
                    json_literal("{\"_statusCode_\":401,\"_messageCode_\":401,"
                                 "\"message\":\"The provided credentials are invalid\"}"));
        return;
    }
    struct token *token = &world->tokens[world->n_tokens++ % TOKENS_MAX];
    char id[ID_SIZE];
    world_uuid(world, id);
    /* Not just an id: tests look for tokens where ids may stand. */
    (void)snprintf(token->text, sizeof token->text, "token-%.36s", id);
    double ttl_s = world_number(world, "options.token_ttl_s", TOKEN_TTL_S);
    token->expires_ms = world->now_ms + (int64_t)(ttl_s * 1000);
    cJSON *body = json_literal("{\"_messageCode_\":200,\"message\":\"Success\"}");
    json_put_text(body, "token", token->text);
    answer_json(answer, 200, body);
}

bool auth_check_bearer(const struct world *world, const struct request *request,
                       struct answer *answer) {
    if (is_valid(world, request->bearer)) {
        return true;
    }
    bool is_known = find_token(world, request->bearer) != NULL;
    answer_error(answer, 401, "authentication_failed", "%s",
                 is_known ? "Token is expired or invalid" : "Unauthorized");
    return false;
}
