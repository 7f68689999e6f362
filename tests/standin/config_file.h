#ifndef STANDIN_CONFIG_FILE_H
#define STANDIN_CONFIG_FILE_H
/*
 * The file under config.h: reading the YAML that the client itself writes, and writing it.
 */
#include <stdbool.h>

#include "text.h"

/* The whole file in `ret_content`. False when it cannot be read; errno says why. */
bool file_read(const char *path, struct text *ret_content);

/* Replaces the file; makes its folder. False with errno. */
bool file_write_private(const char *path, const struct text *content);

#endif
