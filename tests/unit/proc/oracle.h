/*
 * The leak oracle: what every test of processes proves beside its own point. After a test there is no descendant (found by a
 * cookie in its environment, and as a child of ours), no zombie, no descriptor more than before, and no file
 * left in the test's folder.
 */
#ifndef TESTS_PROC_ORACLE_H
#define TESTS_PROC_ORACLE_H

#include <stdbool.h>

/* NAME=value for the environment of every child of the test. */
const char *oracle_cookie(void);
/* A fresh private folder; the same one until oracle_check(). */
const char *oracle_folder(void);
/* Notes what is open now. */
void oracle_begin(void);
/* Fails the test unless nothing is left; removes the folder. */
void oracle_check(void);
/* Number of processes that carry the cookie, this one excluded. */
unsigned oracle_count_processes(void);

#endif
