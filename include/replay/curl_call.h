/*
 * A command line of curl as the request that it makes and what becomes of the answer.
 *
 *   curl_call_read(&arena, argv, stdin_text, &files, &call, &err)
 *   curl_call_words(&arena, &call)      // the key: two calls with the same one ask for the same
 *   curl_call_config(&call, &out)       // the request for `curl -q --config -`, as `http:` of a recipe passes it
 *
 * So that a recipe's recording answers a script's curl and the reverse, the key is the method, the URL (scheme and host in
 * small letters, query in the order of its names), the body (JSON without blanks, keys in order) and headers other than those of
 * who asks, and of the usual types of content. How the answer travels (TLS, proxy, time limits) is no part of it.
 */
#ifndef REPLAY_CURL_CALL_H
#define REPLAY_CURL_CALL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct str;

struct curl_call {
    const char *method;
    const char *url;            /* as it is sent */
    const char *const *headers; /* as they were given, NULL-terminated */
    const char *body;           /* NULL: none */
    const char *body_file;      /* its content is the body and not known here; NULL: none */
    bool is_upload;             /* -T: the file goes as it is */
    const char *user;           /* user:password, NULL */
    const char *const *travel;  /* how it goes there: lines of a configuration, NULL-terminated */

    const char *out_file;     /* -o, -O; NULL: standard output */
    const char *headers_file; /* -D; NULL: none */
    const char *write_out;    /* -w; NULL: nothing */
    bool makes_dirs;          /* --create-dirs */
    bool includes;            /* -i: header blocks before the body */
    bool fails;               /* -f: a status of 400 or more is exit code 22, without the body */
    bool fails_with_body;
    bool is_silent;
    bool shows_errors; /* even then */
};

/* Whether `@FILE` is read (small texts, which then are the body) or only named. */
enum curl_files { CURL_FILES_NAMED, CURL_FILES_READ };

/*
 * `stdin_text` may be NULL. Lives in the arena; borrows from argv. Kind not-imitated, for a command line that says more than is
 * understood here, and those of file_read().
 */
bool curl_call_read(struct arena *a, const char *const *argv, const char *stdin_text,
                    enum curl_files files, struct curl_call *ret_call, struct err *err);
/* argv[0] is curl, wherever it is. */
bool curl_call_is_curl(const char *program);
/* One of the words says that standard input is read. */
bool curl_call_wants_stdin(const char *const *argv);
/* The key: "curl", method, URL, "-H" and each header, "-d" and the body; NULL-terminated. */
const char *const *curl_call_words(struct arena *a, const struct curl_call *c);
void curl_call_config(const struct curl_call *c, struct str *out);

#endif
