/*
 * Any bytes as a cassette's index: a tape that can be written and read again as the same, or an error with its kind. Nothing but
 * files of the directory itself is ever opened.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "replay/tape.h"

static char dir[] = "/tmp/fuzz_tape.XXXXXX";

static void remove_dir(void) {
    AUTO(err) struct err err = ERR_INIT;
    MUST_HOLD(file_remove_tree(dir, &err));
}

static void make_dir(void) {
    static bool is_made;
    if (!is_made) {
        MUST_HOLD(mkdtemp(dir) != NULL);
        MUST_HOLD(atexit(remove_dir) == 0);
        is_made = true;
    }
}

static void check_call(const struct tape_call *c) {
    MUST_HOLD(c->argv != NULL && c->argv[0] != NULL && c->words != NULL && c->words[0] != NULL);
    MUST_HOLD(c->step != NULL && c->role != NULL && c->outcome != NULL);
    MUST_HOLD(c->exit_code >= -1 && c->exit_code <= 255 && c->duration_ms >= 0);
    MUST_HOLD(c->out_len == 0 && c->err_len == 0); /* there is no body to be had */
}

static void read_again(struct arena *a, const struct tape *tape) {
    AUTO(err) struct err err = ERR_INIT;
    struct tape again;
    MUST_HOLD(tape_save(tape, dir, &err));
    MUST_HOLD(tape_load(a, dir, &again, &err));
    MUST_HOLD(again.n_calls == tape->n_calls);
    for (size_t i = 0; i < tape->n_calls; i++) {
        MUST_HOLD(strcmp(again.calls[i].argv[0], tape->calls[i].argv[0]) == 0);
        MUST_HOLD(again.calls[i].duration_ms == tape->calls[i].duration_ms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    make_dir();
    AUTO(err) struct err err = ERR_INIT;
    char *path = file_join(dir, "tape.yaml");
    MUST_HOLD(file_write_atomic(path, data, size, 0600, &err));
    mem_free(path);
    struct arena a = ARENA_INIT(0);
    struct tape tape;
    if (tape_load(&a, dir, &tape, &err)) {
        for (size_t i = 0; i < tape.n_calls; i++) {
            check_call(&tape.calls[i]);
        }
        read_again(&a, &tape);
    } else {
        MUST_HOLD(err.kind != NULL && err.message != NULL);
    }
    arena_release(&a);
    return 0;
}
