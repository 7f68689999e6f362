/*
 * Values that are too large for a record: files of their own beside the journal, private, known by their digest.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/str.h"
#include "journal_priv.h"
#include "maxima.h"
#include "value/json.h"
#include "value/value.h"

static void digest_of(const struct str *text, char ret_hex[SHA256_HEX_SIZE]) {
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, str_text(text), text->len);
    sha256_end(&s, ret_hex);
}

static bool write_private(const char *path, const struct str *text, bool is_durable) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool is_written =
        file_write_all(fd, str_text(text), text->len) && (!is_durable || fsync(fd) == 0);
    int errnum = errno;
    bool is_closed = close(fd) == 0;
    if (!is_written) {
        errno = errnum;
    }
    return is_written && is_closed;
}

static bool sync_names(const char *dir) {
    int errnum = file_sync_dir(dir);
    if (errnum != 0) {
        errno = errnum;
    }
    return errnum == 0;
}

/* The file DIR/values/…, of which after a crash of the machine all is there when `is_durable`: name and content. */
static bool write_value(const char *dir, const char *name, const struct str *text,
                        bool is_durable) {
    char *values = file_join(dir, JOURNAL_VALUES);
    char *path = file_join(dir, name);
    bool is_new = mkdir(values, 0700) == 0;
    bool is_written = (is_new || errno == EEXIST) && write_private(path, text, is_durable);
    if (is_durable) {
        is_written = is_written && sync_names(values) && (!is_new || sync_names(dir));
    }
    int errnum = errno;
    mem_free(path);
    mem_free(values);
    errno = errnum;
    return is_written;
}

bool beside_write(const char *journal_path, const struct value *v, bool is_durable,
                  struct beside *ret_beside) {
    struct beside b = *ret_beside;
    AUTO(str) struct str text = STR_INIT(LIMIT_JOURNAL_RECORD);
    json_print(&text, v, JSON_COMPACT);
    b.is_too_large = text.is_over;
    if (!text.is_over) {
        digest_of(&text, b.digest);
        char *dir = file_dirname(journal_path);
        b.is_written = write_value(dir, b.name, &text, is_durable);
        int errnum = errno;
        mem_free(dir);
        errno = errnum;
    }
    *ret_beside = b;
    return b.is_written || b.is_too_large;
}

bool journal_read_whole(const char *run_dir, const char *file, const char *digest, struct arena *a,
                        const struct value **ret_whole, struct err *err) {
    /* A journal that was tampered with must not lead elsewhere. */
    if (!str_starts(file, JOURNAL_VALUES "/") || strstr(file, "..") != NULL) {
        return err_set(err, "journal-value", "'%s' is no file of a journal", file);
    }
    AUTO(str) struct str text = STR_INIT(LIMIT_JOURNAL_RECORD);
    char found[SHA256_HEX_SIZE];
    char *path = file_join(run_dir, file);
    struct json_options options = {.name = path};
    bool is_read = file_read(path, LIMIT_JOURNAL_RECORD, &text, err);
    if (is_read) {
        digest_of(&text, found);
        is_read = strcmp(found, digest) == 0 ||
                  err_set(err, "journal-value", "%s: is not what the journal says it is", path);
    }
    is_read = is_read && json_parse(a, str_text(&text), text.len, &options, ret_whole, NULL, err);
    mem_free(path);
    return is_read;
}
