#include "report/xml.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* Production [2] Char of XML 1.0. */
static unsigned allowed(unsigned cp) {
    bool is_char = cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp <= 0xd7ff) ||
                   (cp >= 0xe000 && cp <= 0xfffd) || (cp >= 0x10000 && cp <= 0x10ffff);
    return is_char ? cp : 0xfffd;
}

/* NULL: the character stands for itself. Line ends and tabs would be blanks in attributes without a reference. */
static const char *reference(unsigned cp) {
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

void xml_add(struct str *out, const char *text, size_t len) {
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        at += utf8_decode(text + at, len - at, &cp);
        cp = allowed(cp);
        const char *escaped = reference(cp);
        if (escaped != NULL) {
            str_add(out, escaped);
        } else {
            str_add_utf8(out, cp);
        }
    }
}

void xml_add_text(struct str *out, const char *text) {
    xml_add(out, text, strlen(text));
}

void xml_add_attribute(struct str *out, const char *name, const char *text) {
    if (text == NULL) {
        return;
    }
    str_addf(out, " %s=\"", name);
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        xml_add(out, at, len);
        at += len;
        if (*at == '\n') {
            str_add(out, "&#10;");
            at++;
        }
    }
    str_add_char(out, '"');
}
