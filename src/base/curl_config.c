/*
 * Lines of a configuration of curl.
 */
#include "base/curl_config.h"

#include <string.h>

#include "base/str.h"

void curl_config_add(struct str *out, const char *option, const char *value, size_t len) {
    str_addf(out, "%s = \"", option);
    for (size_t i = 0; i < len; i++) {
        switch (value[i]) {
        case '\\':
        case '"':
            str_add_char(out, '\\');
            str_add_char(out, value[i]);
            break;
        case '\n':
            str_add(out, "\\n");
            break;
        case '\r':
            str_add(out, "\\r");
            break;
        case '\t':
            str_add(out, "\\t");
            break;
        case '\v':
            str_add(out, "\\v");
            break;
        default:
            str_add_char(out, value[i]);
        }
    }
    str_add(out, "\"\n");
}

void curl_config_add_text(struct str *out, const char *option, const char *value) {
    curl_config_add(out, option, value, strlen(value));
}

/* Behind the quote that opened it; returns what is behind the one that closes it. */
static const char *read_quoted(const char *c, struct str *value) {
    static const char escapes[] = "t\tn\nr\rv\v";
    for (; *c != '\0' && *c != '"'; c++) {
        if (*c != '\\' || c[1] == '\0') {
            str_add_char(value, *c);
            continue;
        }
        c++;
        const char *e = escapes;
        while (*e != '\0' && e[0] != *c) {
            e += 2;
        }
        str_add_char(value, *e == '\0' ? *c : e[1]);
    }
    return c;
}

bool curl_config_next(const char **at, struct str *name, struct str *value, bool *ret_has_value) {
    static const char blanks[] = " \t\r\n";
    const char *c = *at + strspn(*at, blanks);
    while (*c == '#') {
        c += strcspn(c, "\n");
        c += strspn(c, blanks);
    }
    str_reset(name);
    str_reset(value);
    *ret_has_value = false;
    c += strspn(c, "-");
    size_t len = strcspn(c, " \t\r\n=:");
    str_add_bytes(name, c, len);
    c += len;
    c += strspn(c, " \t=:");
    if (*c == '"') {
        *ret_has_value = true;
        c = read_quoted(c + 1, value);
    } else if (strchr("\r\n", *c) == NULL) {
        *ret_has_value = true;
        str_add_bytes(value, c, strcspn(c, blanks));
    }
    *at = c + strcspn(c, "\n");
    return name->len > 0;
}
