/*
 * The version of the program, for `cpdflow version` and for reports.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define CPDFLOW_VERSION "0.1.0"

#endif
