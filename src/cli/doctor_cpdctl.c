/*
 * cpdctl and curl: are they there, which version, and is cpdctl set up?
 */
#include "doctor_priv.h"
#include "program_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "recipe/catalogue.h"
#include "value/value.h"
#include "value/yaml.h"

static const char *version_in(struct doctor *d, const char *text) {
    size_t len = 0;
    const char *version = catalogue_find_version(text, &len);
    return version == NULL ? NULL : arena_strndup(&d->arena, version, len);
}

static void look_at_version(struct doctor *d, const char *path, const char *text) {
    d->cpdctl_version = version_in(d, text);
    if (d->cpdctl_version == NULL) {
        doctor_say(d, "cpdctl", DOCTOR_WARN, "is it cpdctl? `cpdctl version` should name a version",
                   "%s does not say its version", path);
        return;
    }
    struct catalogue *c = catalogue_cpdctl();
    const char *newest = c->versions[c->n_versions - 1];
    bool is_newer = catalogue_compare_versions(d->cpdctl_version, newest) > 0;
    doctor_say(d, "cpdctl", DOCTOR_OK, NULL, "%s, %s%s%s", d->cpdctl_version, path,
               is_newer ? "; checked as " : "", is_newer ? newest : "");
    catalogue_free(c);
}

static void look_at_cpdctl(struct doctor *d, bool is_needed) {
    const char *path = program_find(&d->arena, "cpdctl");
    if (path == NULL) {
        doctor_say(d, "cpdctl", is_needed ? DOCTOR_FAIL : DOCTOR_OK,
                   is_needed ? "install it from https://github.com/IBM/cpdctl/releases, and put "
                               "its folder on PATH"
                             : NULL,
                   "not on PATH%s", is_needed ? "" : ", and not needed");
        return;
    }
    const char *const argv[] = {path, "version", NULL};
    const char *why = NULL;
    const char *text = program_ask(&d->arena, argv, &why);
    if (text == NULL) {
        doctor_say(d, "cpdctl", is_needed ? DOCTOR_FAIL : DOCTOR_WARN,
                   "run `cpdctl version` by hand and see what it says",
                   "%s does not answer `version`: %s", path, why);
        return;
    }
    look_at_version(d, path, text);
}

/* ---- its configuration ----------------------------------------------------------------------- */

static const char *config_path(struct doctor *d) {
    static const char *const names[] = {"CPD_CONFIG", "CPDCONFIG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    const char *home = getenv("HOME");
    return arena_printf(&d->arena, "%s/.cpdctl/config", home != NULL ? home : "");
}

static const struct value *read_config(struct doctor *d, const char *path) {
    AUTO(str) struct str text = STR_INIT(LIMIT_CATALOGUE_BYTES);
    AUTO(err) struct err err = ERR_INIT;
    struct yaml_options options = {.name = path};
    struct yaml_node *root = NULL;
    if (!file_read(path, LIMIT_CATALOGUE_BYTES, &text, &err) ||
        !yaml_read(&d->arena, str_text(&text), text.len, &options, &root, &err)) {
        return NULL;
    }
    return yaml_to_value(&d->arena, root);
}

/* `profiles:` is a map by name, or a list of objects with a name. */
static bool has_profile(const struct value *profiles, const char *name) {
    if (value_get(profiles, name) != NULL) {
        return true;
    }
    for (uint32_t i = 0; profiles->type == VALUE_LIST && i < profiles->len; i++) {
        const struct value *own = value_get(profiles->as.items[i], "name");
        const char *text = own != NULL ? value_text(own) : NULL;
        if (text != NULL && strcmp(text, name) == 0) {
            return true;
        }
    }
    return false;
}

static void look_at_profiles(struct doctor *d, const char *path) {
    const struct value *config = read_config(d, path);
    const struct value *profiles = config != NULL ? value_get(config, "profiles") : NULL;
    const char *wanted = getenv("CPD_PROFILE");
    bool is_collection =
        profiles != NULL && (profiles->type == VALUE_OBJECT || profiles->type == VALUE_LIST);
    if (!is_collection || profiles->len == 0) {
        doctor_say(d, "profile", DOCTOR_WARN,
                   "cpdctl config profile set NAME …, or let the recipe do it", "%s has no profile",
                   path);
    } else if (wanted != NULL && wanted[0] != '\0' && !has_profile(profiles, wanted)) {
        doctor_say(d, "profile", DOCTOR_FAIL, "`cpdctl config profile list` names those there are",
                   "CPD_PROFILE=%s is no profile of %s", wanted, path);
    } else {
        doctor_say(d, "profile", DOCTOR_OK, NULL, "%u in %s", profiles->len, path);
    }
}

static void look_at_config(struct doctor *d) {
    const char *path = config_path(d);
    struct stat info;
    if (stat(path, &info) != 0) {
        doctor_say(d, "configuration", DOCTOR_WARN,
                   "cpdctl config profile set NAME …, unless the recipe makes one of its own",
                   "there is no %s", path);
        return;
    }
    bool is_private = (info.st_mode & 077) == 0;
    doctor_say(d, "configuration", is_private ? DOCTOR_OK : DOCTOR_WARN,
               is_private ? NULL
                          : arena_printf(&d->arena, "chmod 600 %s: it holds credentials", path),
               "%s%s", path, is_private ? "" : " can be read by others");
    look_at_profiles(d, path);
}

/* ---- curl ------------------------------------------------------------------------------------ */

static void look_at_curl(struct doctor *d, bool is_needed) {
    const char *path = program_find(&d->arena, "curl");
    const char *const argv[] = {path, "--version", NULL};
    const char *why = "it is not on PATH";
    const char *text = path != NULL ? program_ask(&d->arena, argv, &why) : NULL;
    const char *version = text != NULL ? version_in(d, text) : NULL;
    if (version != NULL) {
        doctor_say(d, "curl", DOCTOR_OK, NULL, "%s, %s", version, path);
        return;
    }
    doctor_say(d, "curl", is_needed ? DOCTOR_FAIL : DOCTOR_WARN,
               "install curl: `http` steps are carried out by it", "cannot be used: %s",
               text != NULL ? "it does not say its version" : why);
}

void doctor_look_at_programs(struct doctor *d, bool needs_cpdctl, bool needs_curl) {
    look_at_cpdctl(d, needs_cpdctl);
    if (needs_cpdctl) {
        look_at_config(d);
    }
    look_at_curl(d, needs_curl);
}
