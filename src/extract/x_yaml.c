/*
 * YAML, without the lines that cpdctl and its plugins may print around it.
 */
#include "extract_priv.h"

#include "base/err.h"
#include "lines_priv.h"
#include "value/yaml.h"

bool x_yaml(struct arena *a, const char *bytes, size_t len, const struct extract_spec *spec,
            const struct value **ret_value, struct extract_note *note, struct err *err) {
    (void)note;
    struct body body;
    if (!lines_find_body(a, bytes, len, &body)) {
        return extract_fail_too_large(spec, len, err);
    }
    if (body.len == 0) {
        return err_set(err, "empty-output", "%s is empty: expected YAML", spec->name);
    }
    struct yaml_options options = {.name = spec->name};
    if (!yaml_parse(a, body.text, body.len, &options, ret_value, err)) {
        err->place.line += err->place.line > 0 ? body.n_lines_before : 0;
        return false;
    }
    return true;
}
