/*
 * Secrets that are known by the names beside them: values of flags such as --password, what curl is given to sign in with (-u, -b,
 * headers, a password in a URL), and members such as "token" in JSON or a form. Whatever is found is masked from then on (base/mask.h).
 */
#ifndef REPLAY_SECRET_WORDS_H
#define REPLAY_SECRET_WORDS_H

#include <stddef.h>

struct arena;
struct str;

/* argv with *** for them, NULL-terminated, in the arena. `found` (may be NULL) gets each as a line, a JSON string. */
const char *const *secret_words_hide(struct arena *a, const char *const *argv, struct str *found);
/* Those in a body that a program sent or got; header blocks may stand before it, with cookies. */
void secret_words_learn(const char *text, size_t len, struct str *found);
/* Those of a configuration of curl, what it sends included. */
void secret_words_learn_config(const char *config, struct str *found);
/* Masks what another process found. */
void secret_words_mask(const char *found, size_t len);

#endif
