/*
 * Read before each source by clang-tidy alone: its analyser sees one file at a time, so it does not know
 * what base/err.h promises - that setting an error returns false - and follows roads that do not exist.
 */
#ifndef TESTS_LINT_ANALYZER_H
#define TESTS_LINT_ANALYZER_H

#include "base/err.h"

#define err_set(...)   ((void)err_set(__VA_ARGS__), false)
#define err_vset(...)  ((void)err_vset(__VA_ARGS__), false)
#define err_wrap(...)  ((void)err_wrap(__VA_ARGS__), false)
#define err_errno(...) ((void)err_errno(__VA_ARGS__), false)
#define err_at(...)    ((void)err_at(__VA_ARGS__), false)

#endif
