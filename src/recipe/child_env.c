/*
 * The table of what passes. A name belongs here when programs that recipes call find their way with it, on every machine, and
 * its value is no secret; what one recipe needs is for its `pass_env`. LD_PRELOAD is left out: it is an order to this process.
 */
#include "recipe/child_env.h"

#include <string.h>

/* One group of names that pass, and why; `names` are separated by blanks, one that ends in * stands for all that begin so. */
static const struct group {
    const char *names;
    const char *reason;
} groups[] = {
    {"PATH HOME USER LOGNAME SHELL TMPDIR", "every program finds others, its files and its user"},
    {"LANG LANGUAGE LC_* TZ TERM NO_COLOR", "the form of texts and times"},
    {"LD_LIBRARY_PATH", "clients unpacked beside their libraries start"},
    {"http_proxy https_proxy ftp_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY "
     "ALL_PROXY "
     "NO_PROXY",
     "the way out: curl, oc and cpdctl read them, not all in the same case"},
    {"SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS",
     "whom to trust: Go and OpenSSL, curl, Python, Node.js"},
    {"XDG_*", "where programs keep configuration and caches"},
    {"CPDCTL_* CPDCONFIG CPD_CONFIG CPD_PROFILE CPD_CONTEXT CPD_SCOPE IBMCLOUD_HOME",
     "cpdctl's configuration, profile and scope; CPD_PASSWORD and its like do not pass"},
    {"KUBECONFIG KUBERNETES_SERVICE_*", "oc and kubectl find their cluster, also from within it"},
    {"JENKINS_SERVER_COOKIE JENKINS_NODE_COOKIE JENKINS_COOKIE HUDSON_SERVER_COOKIE HUDSON_COOKIE "
     "BUILD_ID RUNNER_TRACKING_ID",
     "Jenkins and GitHub's runner find what they must end by these"},
    {"TRACEPARENT TRACESTATE", "what a child traces belongs to the trace of the build"},
    {"CPDFLOW_*", "a cpdflow called by a recipe works as this one does"},
};
enum { N_GROUPS = sizeof groups / sizeof *groups };

static bool word_matches(const char *word, size_t word_len, const char *name, size_t len) {
    if (word_len > 0 && word[word_len - 1] == '*') {
        return len >= word_len - 1 && memcmp(word, name, word_len - 1) == 0;
    }
    return word_len == len && memcmp(word, name, len) == 0;
}

bool child_env_matches(const char *pattern, const char *name, size_t len) {
    return word_matches(pattern, strlen(pattern), name, len);
}

bool child_env_passes(const char *name, size_t len) {
    for (size_t i = 0; i < N_GROUPS; i++) {
        const char *word = groups[i].names;
        while (*word != '\0') {
            size_t word_len = strcspn(word, " ");
            if (word_matches(word, word_len, name, len)) {
                return true;
            }
            word += word_len + strspn(word + word_len, " ");
        }
    }
    return false;
}

bool child_env_is_pattern(const char *text) {
    size_t n = strcspn(text, "*=");
    return n > 0 && (text[n] == '\0' || (text[n] == '*' && text[n + 1] == '\0'));
}
