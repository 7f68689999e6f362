/*
 * curl's configuration syntax (`curl --config`): one option a line, its value in double quotes with \\ \" \t \n \r \v.
 */
#ifndef BASE_CURL_CONFIG_H
#define BASE_CURL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* Appends `option = "value"` and a line end. */
void curl_config_add(struct str *out, const char *option, const char *value, size_t len);
void curl_config_add_text(struct str *out, const char *option, const char *value);
/*
 * The next option at *at, which moves behind it; comments and empty lines are passed over. The name comes without dashes. False: there
 * is none.
 */
bool curl_config_next(const char **at, struct str *name, struct str *value, bool *ret_has_value);

#endif
