/*
 * Random recipes.
 */
#include "chaos_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { N_STEPS = 20 };

uint64_t dice_next(struct dice *d) {
    d->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = d->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned dice_below(struct dice *d, unsigned n) {
    return (unsigned)(dice_next(d) % n);
}

bool dice_percent(struct dice *d, unsigned percent) {
    return dice_below(d, 100) < percent;
}

/* What a step is, after its id; %s is fakectl. Each ends within two seconds, by itself or by its deadline. */
static const char *const bodies[] = {
    "cmd: ['%s', out=x]",
    "cmd: ['%s', sleep=20, out=x]",
    "cmd: ['%s', ticks=5,10]",
    "cmd: ['%s', flood=300000]",
    "cmd: ['%s', flood-both=100000]",
    "cmd: ['%s', exit=3]",
    "cmd: ['%s', bad-utf8]",
    "cmd: ['%s', kill=9]",
    "cmd: ['%s', kill=11]",
    "cmd: ['%s', grandchild=sc]",
    "cmd: ['%s', grandchild=sdce]",
    "cmd: ['%s', grandchild=gct, exit=1]",
    "cmd: ['%s', sleep=3000], timeout: 60ms, kill_grace: 50ms",
    "cmd: ['%s', ignore=15, sleep=3000], timeout: 60ms, kill_grace: 50ms",
    "cmd: ['%s', out=x, sleep=3000], idle_timeout: 50ms",
    "cmd: ['%s', kill=19], timeout: 60ms, kill_grace: 50ms",
    "cmd: ['%s', setpgid, sleep=3000], timeout: 60ms, kill_grace: 50ms",
    "cmd: ['%s', exit=1], reads: true, retry: {attempts: 3, delay: 10ms, on: [unknown]}",
    "cmd: ['%s', out=no], output: text, wait: {until: \"@ == 'yes'\", every: 10ms, timeout: 80ms}",
    "foreach: [1, 2, 3], max_parallel: 3, cmd: ['%s', sleep=10]",
    "cmd: ['%s', out=made], cleanup: [{id: undo_ID, cmd: [\"true\"]}]",
    "cmd: [/no/such/program]",
    "pause: 20ms",
    "set: {a: \"'b'\"}",
};
enum { N_BODIES = sizeof bodies / sizeof *bodies };

/* The words of a body with fakectl and the step's number put in. */
static void write_body(FILE *f, const char *body, const char *fakectl, unsigned number) {
    for (const char *c = body; *c != '\0'; c++) {
        if (c[0] == '%' && c[1] == 's') {
            (void)fputs(fakectl, f);
            c++;
        } else if (c[0] == 'I' && c[1] == 'D') {
            (void)fprintf(f, "%u", number);
            c++;
        } else {
            (void)fputc(*c, f);
        }
    }
}

void write_recipe(const char *path, struct dice *d, const char *fakectl) {
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        bug("cannot write %s", path);
    }
    (void)fprintf(f, "cpdflow: 1\nname: chaos\nmax_parallel: %u\n", 1 + dice_below(d, 8));
    if (dice_percent(d, 10)) {
        (void)fprintf(f, "timeout: %ums\n", 50 + dice_below(d, 500));
    }
    (void)fprintf(f, "defaults: {timeout: 2s, kill_grace: 300ms}\nsteps:\n");
    for (unsigned i = 0; i < N_STEPS; i++) {
        (void)fprintf(f, "  - {id: s%u, ", i);
        write_body(f, bodies[dice_below(d, N_BODIES)], fakectl, i);
        (void)fprintf(f, "%s%s}\n", dice_percent(d, 60) ? ", needs: []" : "",
                      dice_percent(d, 98) ? ", continue_on_error: true" : "");
    }
    (void)fprintf(f,
                  "finally:\n  - {id: end, cmd: ['%s', sleep=20]}\n  - {id: last, cmd: "
                  "[\"true\"]}\n",
                  fakectl);
    (void)fclose(f);
}
