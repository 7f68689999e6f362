#include "unit/base/outside.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool outside_path(const char *relative, struct str *ret_path) {
    static const char suites[] = "suites/";
    const char *folder = getenv("CPDFLOW_SUITES");
    AUTO(str) struct str path = STR_INIT(0);
    if (folder != NULL && folder[0] != '\0' && str_starts(relative, suites)) {
        str_addf(&path, "%s/%s", folder, relative + sizeof suites - 1);
    } else {
        str_addf(&path, "%s/../shared/%s", TEST_TOP, relative);
    }
    if (access(str_text(&path), R_OK) != 0) {
        (void)fprintf(stderr, "skipped: %s is not there\n", str_text(&path));
        return false;
    }
    str_add_bytes(ret_path, path.data, path.len);
    return true;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **outside_names(const char *folder, size_t *ret_n_names) {
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        bug("cannot read %s", folder);
    }
    char **names = NULL;
    size_t n_names = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            names = mem_realloc(names, n_names + 1, sizeof *names);
            names[n_names++] = mem_strdup(entry->d_name);
        }
    }
    (void)closedir(dir); /* was only read */
    if (n_names > 0) {
        qsort(names, n_names, sizeof *names, compare_names);
    }
    *ret_n_names = n_names;
    return names;
}

void outside_free_names(char **names, size_t n_names) {
    for (size_t i = 0; i < n_names; i++) {
        mem_free(names[i]);
    }
    mem_free(names);
}

bool outside_read(const char *folder, const char *name, struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    char *path = file_join(folder, name);
    str_reset(out);
    bool is_read = file_read(path, LIMIT_RESULT_BYTES, out, &err);
    if (!is_read && strcmp(err.kind, "file-not-found") != 0) {
        bug("%s", err.message);
    }
    mem_free(path);
    return is_read;
}
