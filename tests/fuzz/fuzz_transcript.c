/* Any bytes as a notebook, records or a log: calls with words, outputs within what was read, or an error with its kind. */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "replay/transcript.h"

static void check_command(const struct transcript_command *c, size_t size) {
    MUST_HOLD(c->text != NULL && c->left < LEFT_COUNT);
    if (c->left == LEFT_NOT) {
        MUST_HOLD(c->call.argv[0] != NULL && c->call.step != NULL);
        MUST_HOLD(c->call.out_len <= size && c->call.err_len <= size);
        MUST_HOLD(c->call.exit_code >= 0 && c->call.exit_code <= 255);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const programs[] = {"cpdctl", "curl", NULL};
    static const char *const files[] = {"x.log", "x.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct transcript_options options = {.file = files[i], .programs = programs};
        struct transcript transcript;
        struct tape tape;
        AUTO(err) struct err err = ERR_INIT;
        AUTO(arena) struct arena a = ARENA_INIT(0);
        if (!transcript_read(&a, &options, (const char *)data, size, &transcript, &err)) {
            MUST_HOLD(err.kind != NULL && err.message != NULL);
            continue;
        }
        for (size_t k = 0; k < transcript.n; k++) {
            check_command(&transcript.commands[k], size);
        }
        transcript_tape(&a, &transcript, "x", &tape);
        MUST_HOLD(tape.n_calls <= transcript.n);
        mask_clear();
    }
    return 0;
}
