/*
 * What the library has to say although nothing failed: a warning on stderr, through the mask. All else is an error (err.h), which
 * the command line tells, or an event.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* One line, "cpdflow: warning: …": secrets masked, control characters made visible, cut at LIMIT_MESSAGE bytes. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
