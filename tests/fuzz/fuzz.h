/*
 * Common to the fuzz targets: each file fuzz_<entry>.c is one program for libFuzzer, which calls the function below
 * with inputs of its own making. Beside what the sanitizers see, a target states what must hold for any input.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST_HOLD(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            bug("does not hold: %s", #condition);                                                  \
        }                                                                                          \
    } while (0)

#endif
