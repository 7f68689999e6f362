/*
 * Credentials in data read from files: a training data reference holds the key of its storage, and nobody declares that as a
 * secret. The names of the members tell.
 */
#include "engine_priv.h"

#include <string.h>

#include "base/mask.h"

/* As compared: lower case, without `_` and `-`. `db_password` ends in the first of them. */
static const char *const name_ends[] = {
    "password",  "passwd",      "passphrase",  "apikey",       "secret",     "secretkey",
    "accesskey", "accesstoken", "bearertoken", "refreshtoken", "privatekey", "authorization",
};
enum { NAME_BYTES = 64 };

static size_t plain_name(const char *key, size_t len, char out[NAME_BYTES]) {
    size_t n = 0;
    size_t from = len > NAME_BYTES ? len - NAME_BYTES : 0;
    for (size_t i = from; i < len; i++) {
        char c = key[i];
        if (c != '_' && c != '-') {
            out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    return n;
}

static bool is_credential(const struct value_member *member) {
    char name[NAME_BYTES];
    size_t n = plain_name(member->key, member->key_len, name);
    if (n == strlen("token") && memcmp(name, "token", n) == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof name_ends / sizeof *name_ends; i++) {
        size_t len = strlen(name_ends[i]);
        if (n >= len && memcmp(name + n - len, name_ends[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static void register_one(struct inst *in, const struct value_member *member) {
    const struct value *v = member->value;
    if (v->type == VALUE_STRING && v->len > 0 && !mask_register(v->as.text, v->len)) {
        run_notice(in->engine, in, "short-secret", "'%s' is too short to be masked in text",
                   member->key);
    }
}

void credentials_register(struct inst *in, const struct value *v) {
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->len; i++) {
        credentials_register(in, v->as.items[i]);
    }
    for (uint32_t i = 0; v->type == VALUE_OBJECT && i < v->len; i++) {
        if (is_credential(&v->as.members[i])) {
            register_one(in, &v->as.members[i]);
        }
        credentials_register(in, v->as.members[i].value);
    }
}
