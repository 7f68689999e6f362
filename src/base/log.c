/*
 * Warnings to stderr. Each line is built whole, masked, made safe for a terminal and written
 * with one call.
 */
#include "base/log.h"

#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "maxima.h"

#include <stdarg.h>
#include <stdio.h>

void log_warn(const char *fmt, ...) {
    AUTO(str) struct str text = STR_INIT(0);
    va_list ap;
    va_start(ap, fmt);
    str_vaddf(&text, fmt, ap);
    va_end(ap);
    AUTO(str) struct str masked = STR_INIT(0);
    mask_add(&masked, str_text(&text), text.len);
    str_cut(&masked, LIMIT_MESSAGE); /* only now: cutting first could leave half a secret */
    AUTO(str) struct str line = STR_INIT(0);
    str_add(&line, "cpdflow: warning: ");
    utf8_add_safe(&line, str_text(&masked), masked.len);
    str_add_char(&line, '\n');
    (void)fwrite(line.data, 1, line.len, stderr); /* a closed stderr must not end a run */
}
