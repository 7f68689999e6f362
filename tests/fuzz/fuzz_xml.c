/* Any bytes as XML text and attribute: only characters of XML 1.0 come out, none of them markup, none lost. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "report/xml.h"

static void check_content(const char *text, size_t len) {
    MUST_HOLD(utf8_is_valid(text, len));
    for (size_t at = 0; at < len;) {
        unsigned cp = 0;
        at += utf8_decode(text + at, len - at, &cp);
        MUST_HOLD(cp == '\n' || (cp >= 0x20 && cp != 0xfffe && cp != 0xffff));
        MUST_HOLD(cp != '<' && cp != '>' && cp != '"');
    }
}

/* Replaces the references that the writer makes; anything else after '&' is a bug. */
static void unescape(struct str *out, const char *text, size_t len) {
    static const char *const pairs[][2] = {{"&amp;", "&"},   {"&lt;", "<"},  {"&gt;", ">"},
                                           {"&quot;", "\""}, {"&#9;", "\t"}, {"&#13;", "\r"},
                                           {"&#10;", "\n"}};
    for (size_t at = 0; at < len;) {
        size_t i = 0;
        if (text[at] != '&') {
            str_add_char(out, text[at++]);
            continue;
        }
        while (i < 7 && strncmp(text + at, pairs[i][0], strlen(pairs[i][0])) != 0) {
            i++;
        }
        MUST_HOLD(i < 7);
        str_add(out, pairs[i][1]);
        at += strlen(pairs[i][0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(str) struct str escaped = STR_INIT(0);
    AUTO(str) struct str back = STR_INIT(0);
    xml_add(&escaped, (const char *)data, size);
    check_content(str_text(&escaped), escaped.len);
    unescape(&back, str_text(&escaped), escaped.len);
    MUST_HOLD(utf8_is_valid(str_text(&back), back.len));

    str_add_bytes(&text, data, size);
    str_reset(&escaped);
    xml_add_attribute(&escaped, "a", str_text(&text));
    MUST_HOLD(escaped.len >= 5 && memcmp(escaped.data, " a=\"", 4) == 0);
    check_content(escaped.data + 4, escaped.len - 5);
    MUST_HOLD(memchr(escaped.data, '\n', escaped.len) == NULL);
    return 0;
}
