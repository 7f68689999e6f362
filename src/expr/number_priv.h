/* Arithmetic on number values, for operators and functions. */
#ifndef EXPR_NUMBER_PRIV_H
#define EXPR_NUMBER_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct value;

/* `op` is a token kind. NULL when the result is no number: *ret_why says what is wrong. */
const struct value *number_binary(struct arena *arena, uint8_t op, const struct value *a,
                                  const struct value *b, const char **ret_why);
const struct value *number_absolute(struct arena *a, const struct value *v);
/* `direction` is floor or ceil. */
const struct value *number_round(struct arena *a, const struct value *v,
                                 double (*direction)(double));

/* A sum that stays exact as long as it can. */
struct total {
    int64_t exact;
    double nearest;
    bool is_exact;
};
void total_begin(struct total *t);
void total_add(struct total *t, const struct value *v);
/* NULL when it is not finite. */
const struct value *total_end(const struct total *t, struct arena *a);

#endif
