/*
 * SHA-256 (FIPS 180-4), to name content: recipes, fixtures, inputs. Not used to keep anything
 * secret.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX_SIZE 65 /* with the NUL */

struct sha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);
/* Writes 64 lower-case hexadecimal digits and a NUL; `s` must be initialised again before its next
 * use. */
void sha256_end(struct sha256 *s, char ret_hex[SHA256_HEX_SIZE]);

#endif
