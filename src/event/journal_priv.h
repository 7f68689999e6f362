/*
 * What the writer and the reader of journals share.
 */
#ifndef EVENT_JOURNAL_PRIV_H
#define EVENT_JOURNAL_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "event/journal.h"

#define JOURNAL_VERSION 1
/* {"crc":"xxxxxxxx",  : 18 bytes that the checksum does not cover. */
#define JOURNAL_PREFIX     "{\"crc\":\""
#define JOURNAL_PREFIX_LEN ((size_t)8)
#define JOURNAL_CRC_DIGITS ((size_t)8)
#define JOURNAL_BODY       (JOURNAL_PREFIX_LEN + JOURNAL_CRC_DIGITS + 2)

/* CRC-32C (Castagnoli) of the bytes, going on from `crc` (0 at the start). */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t len);

#define JOURNAL_VALUES "values"
struct beside {
    char name[64]; /* relative to the run directory; given by the caller */
    char digest[SHA256_HEX_SIZE];
    bool is_written;
    bool is_too_large; /* for the reader: left out */
};
/* False with errno when the disk refuses. */
bool beside_write(const char *journal_path, const struct value *v, bool is_durable,
                  struct beside *ret_beside);

/* Reads from the descriptor's start; `path` is for messages. As journal_read(). */
bool journal_read_fd(int fd, const char *path, journal_event_fn on_event, void *ctx,
                     struct journal_info *ret_info, struct err *err);

#endif
