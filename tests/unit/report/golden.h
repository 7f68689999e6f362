/*
 * Comparison with a file of tests/data/report. CPDFLOW_GOLDEN=update writes the file instead; read the diff then.
 */
#ifndef TESTS_UNIT_REPORT_GOLDEN_H
#define TESTS_UNIT_REPORT_GOLDEN_H

#include <stddef.h>

/* Fails the test at the first line that differs. */
void golden_check(const char *name, const char *text, size_t len);

#endif
