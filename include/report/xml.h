/*
 * Text for XML 1.0 documents.
 */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include <stddef.h>

struct str;

/*
 * Appends `text` escaped for element content and for attribute values in double quotes alike. Characters that XML 1.0
 * has no way to write (most control characters, U+FFFE, U+FFFF, bytes that are not UTF-8) become U+FFFD: a
 * character reference to them would be just as ill-formed.
 */
void xml_add(struct str *out, const char *text, size_t len);
void xml_add_text(struct str *out, const char *text);
/* ` name="text"`, nothing when text is NULL. */
void xml_add_attribute(struct str *out, const char *name, const char *text);

#endif
