/* A format and what a command printed: a value or an error, for every format. */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "extract/extract.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum extract_format formats[] = {EXTRACT_AUTO,  EXTRACT_JSON,  EXTRACT_YAML,
                                                  EXTRACT_TABLE, EXTRACT_LINES, EXTRACT_TEXT,
                                                  EXTRACT_CSV};
    if (size == 0) {
        return 0;
    }
    AUTO(arena) struct arena a = ARENA_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct extract_spec spec = {.format = formats[data[0] % (sizeof formats / sizeof formats[0])]};
    struct extract_note note;
    const struct value *v = NULL;
    if (!extract_value(&a, (const char *)data + 1, size - 1, &spec, &v, &note, &err)) {
        MUST_HOLD(err.kind != NULL);
        return 0;
    }
    MUST_HOLD(note.noise_before + note.noise_after <= size);
    AUTO(str) struct str text = STR_INIT(0);
    json_print(&text, v, JSON_COMPACT);
    MUST_HOLD(text.len > 0);
    return 0;
}
