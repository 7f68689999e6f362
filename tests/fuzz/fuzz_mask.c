/*
 * A secret and a text that arrives in pieces: the stream gives what masking the whole text gives, wherever the
 * pieces are cut, and the secret is gone from it.
 */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/mask.h"
#include "base/str.h"

static void feed_in_pieces(const char *text, size_t len, size_t piece, struct str *out) {
    struct mask_stream *stream = mask_stream_new();
    for (size_t at = 0; at < len; at += piece) {
        mask_stream_feed(stream, text + at, len - at < piece ? len - at : piece, out);
    }
    mask_stream_end(stream, out);
    mask_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size - 2 < data[0] % 64u) {
        return 0;
    }
    const char *secret = (const char *)data + 2;
    size_t secret_len = data[0] % 64u;
    size_t piece = 1 + data[1] % 32u;
    const char *text = secret + secret_len;
    size_t len = size - 2 - secret_len;
    bool is_masked =
        mask_register(secret, secret_len); /* else too short: the text passes as it is */

    AUTO(str) struct str whole = STR_INIT(0);
    AUTO(str) struct str pieces = STR_INIT(0);
    mask_add(&whole, text, len);
    feed_in_pieces(text, len, piece, &pieces);
    MUST_HOLD(whole.len == pieces.len);
    MUST_HOLD(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    MUST_HOLD(mask_finds(text, len) || whole.len == len);
    /* A secret with a star in it may come to be out of a mask and its neighbours. */
    bool can_be_made = !is_masked || memchr(secret, '*', secret_len) != NULL;
    MUST_HOLD(can_be_made || whole.len == 0 ||
              memmem(whole.data, whole.len, secret, secret_len) == NULL);
    mask_clear();
    return 0;
}
