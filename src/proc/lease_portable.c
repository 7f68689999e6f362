/*
 * Systems that do not tell who has a file open.
 */
#include "lease_priv.h"

size_t lease_holders(int fd, struct lease_holder *ret_holders, size_t max) {
    (void)fd;
    (void)ret_holders;
    (void)max;
    return 0;
}
