/*
 * reseal < edited > journal   gives the records of a journal that a test has edited their checksums again, as if they had been written
 * so. Of the format (include/event/journal.h) it knows what a checksum covers, and no more.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LINE = 1 << 20, BODY = 18 }; /* {"crc":"xxxxxxxx",  */

static uint32_t crc32c(uint32_t crc, const char *text, size_t len) {
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0x82f63b78U & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}

int main(void) {
    static char line[MAX_LINE];
    uint32_t crc = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strncmp(line, "{\"crc\":\"", 8) != 0 || strchr(line, '\n') == NULL) {
            (void)fputs("reseal: no record of a journal\n", stderr);
            return 1;
        }
        crc = crc32c(crc, line + BODY, strlen(line + BODY));
        (void)printf("{\"crc\":\"%08x\",%s", crc, line + BODY);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
