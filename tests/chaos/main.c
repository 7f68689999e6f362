/*
 * usage: chaos CPDFLOW FAKECTL DIR SEED COUNT [FAULT_SO]
 *
 * Row E7: COUNT runs of random recipes, each disturbed at random - children killed and stopped, cpdflow interrupted once or
 * twice or killed and resumed, system calls that fail - and each judged: it ends in time, every step has one end, report and
 * exit status agree, nothing lives on. The same SEED makes the same runs up to the moments at which things happen.
 *
 * This process adopts what a run leaves behind (it is a subreaper), so neither an orphan nor a zombie goes unseen. A run that
 * is judged badly keeps its folder under DIR.
 */
#include "chaos_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

enum {
    MAX_BLOWS = 8,
    LONGEST_RUN_MS = 60000,
    LONGEST_CANCEL_MS = 12000, /* ten seconds, and two for a machine that is busy */
    MAX_BAD = 5,
};

/* A signal at a time, to cpdflow or to one of its children. */
struct blow {
    int64_t at_ms;
    int signal;
    bool is_for_child;
};

struct plan {
    struct blow blows[MAX_BLOWS];
    unsigned n_blows;
    const char *fault; /* NULL: none */
    bool is_faulty;
    bool is_resume;
};

struct chaos {
    const char *cpdflow;
    const char *fakectl;
    const char *top;
    const char *fault_lib;
    uint64_t seed;
    unsigned n_cancelled;
    unsigned n_killed;
    unsigned n_resumed;
    unsigned n_faulty;
    unsigned n_child_blows;
    unsigned n_bad;
    int64_t worst_cancel_ms;
    int64_t worst_run_ms;
};

static void add_blow(struct plan *p, int64_t at_ms, int signal, bool is_for_child) {
    if (p->n_blows < MAX_BLOWS) {
        p->blows[p->n_blows++] = (struct blow){at_ms, signal, is_for_child};
    }
}

static void plan_faults(struct plan *p, struct dice *d) {
    static const struct {
        const char *order;
        bool is_hard; /* the run may fail for it */
    } faults[] = {
        {"fork@3=EAGAIN", false},   {"fork@1=ENOMEM", false}, {"fork@7=EAGAIN", false},
        {"pipe@5=EMFILE", false},   {"write@4=EINTR", false}, {"write@20=ENOSPC", true},
        {"write@60+=ENOSPC", true}, {"fsync@1=EIO", true},    {"rename@1+=ENOSPC", true},
        {"open@30=EMFILE", true},
    };
    unsigned i = dice_below(d, sizeof faults / sizeof *faults);
    p->fault = faults[i].order;
    p->is_faulty = faults[i].is_hard;
}

static void plan_blows(struct plan *p, struct dice *d) {
    static const int for_children[] = {SIGKILL, SIGKILL, SIGSEGV, SIGSTOP, SIGABRT, SIGTERM};
    unsigned n = dice_percent(d, 50) ? 1 + dice_below(d, 4) : 0;
    for (unsigned i = 0; i < n; i++) {
        add_blow(p, dice_below(d, 600), for_children[dice_below(d, 6)], true);
    }
    unsigned how = dice_below(d, 100);
    int64_t at_ms = dice_below(d, 600);
    if (how < 30) {
        add_blow(p, at_ms, dice_percent(d, 50) ? SIGTERM : SIGINT, false);
    } else if (how < 45) {
        add_blow(p, at_ms, SIGINT, false);
        add_blow(p, at_ms + dice_below(d, 100), SIGINT, false);
    } else if (how < 60) {
        add_blow(p, at_ms, SIGKILL, false);
    }
}

/* ---- a run */

static pid_t start(const struct chaos *c, const struct plan *p, const char *dir) {
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    int out = -1;
    if (chdir(dir) != 0 || (out = open("out", O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0) {
        _exit(99);
    }
    (void)dup2(out, 1);
    (void)dup2(out, 2);
    (void)signal(SIGINT,
                 SIG_DFL); /* background jobs of a shell ignore it, and cpdflow then would too */
    if (p->fault != NULL) {
        (void)setenv("LD_PRELOAD", c->fault_lib, 1);
        (void)setenv("FAULT", p->fault, 1);
    }
    if (p->is_resume) {
        (void)execl(c->cpdflow, "cpdflow", "resume", "-q", "last", (char *)NULL);
    } else {
        (void)execl(c->cpdflow, "cpdflow", "run", "-q", "recipe.yaml", (char *)NULL);
    }
    _exit(98);
}

/* The n-th child that `parent` has now, 0: it has none. */
static pid_t child_of(pid_t parent, unsigned n) {
    AUTO(str) struct str path = STR_INIT(0);
    AUTO(str) struct str list = STR_INIT(65536);
    AUTO(err) struct err err = ERR_INIT;
    pid_t pids[64];
    unsigned n_pids = 0;
    str_addf(&path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    if (!file_read(str_text(&path), list.max, &list, &err)) {
        return 0;
    }
    for (const char *at = str_text(&list); *at != '\0' && n_pids < 64; at += strcspn(at, " ") + 1) {
        int64_t pid = 0;
        if (!num_parse_i64(at, strcspn(at, " "), &pid)) {
            break;
        }
        pids[n_pids++] = (pid_t)pid;
    }
    return n_pids > 0 ? pids[n % n_pids] : 0;
}

/* Still our program: between vfork and exec, where it holds cpdflow up. */
static bool is_unborn(pid_t pid) {
    AUTO(str) struct str path = STR_INIT(0);
    AUTO(str) struct str name = STR_INIT(64);
    AUTO(err) struct err err = ERR_INIT;
    str_addf(&path, "/proc/%d/comm", (int)pid);
    return !file_read(str_text(&path), name.max, &name, &err) ||
           strcmp(str_text(&name), "cpdflow\n") == 0;
}

static void strike(struct chaos *c, const struct blow *b, pid_t run, unsigned n) {
    pid_t target = b->is_for_child ? child_of(run, n) : run;
    /* A child stopped before its exec stops its parent too, as with every vfork and posix_spawn: nobody can help that. */
    bool is_spared = b->signal == SIGSTOP && target > 0 && is_unborn(target);
    if (target > 0 && !is_spared && kill(target, b->signal) == 0 && b->is_for_child) {
        c->n_child_blows++;
    }
}

/* Waits for the end and strikes in between. False: it did not end. */
static bool see_through(struct chaos *c, const struct plan *p, pid_t run, int *ret_status,
                        int64_t *ret_cancel_ms) {
    static const struct timespec pause = {0, 1000000};
    int64_t begin_ms = clock_monotonic_ms();
    int64_t cancelled_ms = -1;
    bool is_done[MAX_BLOWS] = {false};
    for (;;) {
        int64_t now_ms = clock_monotonic_ms() - begin_ms;
        if (waitpid(run, ret_status, WNOHANG) == run) {
            *ret_cancel_ms = cancelled_ms >= 0 ? now_ms - cancelled_ms : -1;
            c->worst_run_ms = now_ms > c->worst_run_ms ? now_ms : c->worst_run_ms;
            return true;
        }
        for (unsigned i = 0; i < p->n_blows; i++) {
            const struct blow *b = &p->blows[i];
            if (is_done[i] || now_ms < b->at_ms) {
                continue;
            }
            is_done[i] = true;
            strike(c, b, run, (unsigned)now_ms);
            cancelled_ms = !b->is_for_child && cancelled_ms < 0 ? now_ms : cancelled_ms;
        }
        if (now_ms > LONGEST_RUN_MS) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
}

/* Ends what was left to us. Returns how many there were. */
static unsigned clear_orphans(void) {
    unsigned n = 0;
    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0) {
            return n;
        }
        if (pid == 0) {
            pid_t orphan = child_of(getpid(), 0);
            (void)kill(orphan, SIGKILL);
            (void)waitpid(orphan, NULL, 0);
        }
        n++;
    }
}

static bool complain(const char *dir, const char *what, long long n) {
    (void)fprintf(stderr, "%s: %s: %lld\n", dir, what, n);
    return false;
}

static bool carry_out(struct chaos *c, const struct plan *p, const char *dir,
                      struct ending *ret_ending) {
    int status = 0;
    int64_t cancel_ms = -1;
    pid_t run = start(c, p, dir);
    if (!see_through(c, p, run, &status, &cancel_ms)) {
        (void)kill(run, SIGKILL);
        (void)waitpid(run, NULL, 0);
        (void)clear_orphans();
        return complain(dir, "milliseconds without an end", LONGEST_RUN_MS);
    }
    bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    *ret_ending = (struct ending){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                                  .was_killed = was_killed,
                                  .is_resumed = p->is_resume,
                                  .is_faulty = p->is_faulty};
    unsigned n_orphans = clear_orphans();
    if (was_killed) {
        c->n_killed++;
        return true;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGTERM) {
        return complain(dir, "died of signal", WTERMSIG(status));
    }
    if (n_orphans > 0) {
        return complain(dir, "processes left behind", n_orphans);
    }
    if (cancel_ms >= 0) {
        c->n_cancelled++;
        c->worst_cancel_ms = cancel_ms > c->worst_cancel_ms ? cancel_ms : c->worst_cancel_ms;
    }
    return cancel_ms < LONGEST_CANCEL_MS ||
           complain(dir, "milliseconds from signal to end", cancel_ms);
}

static bool run_and_judge(struct chaos *c, struct plan *p, const char *dir) {
    struct ending ending;
    if (!carry_out(c, p, dir, &ending) || !judge_run(dir, &ending)) {
        return false;
    }
    if (!ending.was_killed) {
        return true;
    }
    struct plan again = {.is_resume = true, .is_faulty = p->is_faulty};
    c->n_resumed++;
    if (!carry_out(c, &again, dir, &ending)) {
        return false;
    }
    /* 2: nothing was begun that could go on. */
    return ending.status == 2 || judge_run(dir, &ending);
}

static void play(struct chaos *c, unsigned number) {
    struct dice d = {c->seed * UINT64_C(1000003) + number};
    struct plan p = {.n_blows = 0};
    AUTO(str) struct str dir = STR_INIT(0);
    AUTO(str) struct str recipe = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    str_addf(&dir, "%s/%u", c->top, number);
    str_addf(&recipe, "%s/recipe.yaml", str_text(&dir));
    if (mkdir(str_text(&dir), 0700) != 0) {
        bug("mkdir %s: %s", str_text(&dir), strerror(errno));
    }
    write_recipe(str_text(&recipe), &d, c->fakectl);
    plan_blows(&p, &d);
    if (c->fault_lib != NULL && dice_percent(&d, 20)) {
        plan_faults(&p, &d);
        c->n_faulty++;
    }
    if (!run_and_judge(c, &p, str_text(&dir))) {
        (void)fprintf(stderr, "run %u of seed %llu%s%s\n", number, (unsigned long long)c->seed,
                      p.fault != NULL ? ", fault " : "", p.fault != NULL ? p.fault : "");
        c->n_bad++;
    } else if (!file_remove_tree(str_text(&dir), &err)) {
        bug("%s", err.message);
    }
}

static int64_t number_of(const char *text) {
    int64_t n = 0;
    if (!num_parse_i64(text, strlen(text), &n) || n < 0) {
        bug("'%s' is no number", text);
    }
    return n;
}

int main(int argc, char **argv) {
    if (argc < 6) {
        (void)fputs("usage: chaos CPDFLOW FAKECTL DIR SEED COUNT [FAULT_SO]\n", stderr);
        return 2;
    }
    struct chaos c = {.cpdflow = argv[1],
                      .fakectl = argv[2],
                      .top = argv[3],
                      .seed = (uint64_t)number_of(argv[4]),
                      .fault_lib = argc > 6 ? argv[6] : NULL};
    unsigned n = (unsigned)number_of(argv[5]);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    unsigned i = 0;
    for (; i < n && c.n_bad < MAX_BAD; i++) {
        play(&c, i);
    }
    (void)printf("%u runs of seed %llu: %u cancelled (slowest %lld ms), %u killed, %u resumed, %u "
                 "with failing calls, %u children struck, longest run %lld ms, %u bad\n",
                 i, (unsigned long long)c.seed, c.n_cancelled, (long long)c.worst_cancel_ms,
                 c.n_killed, c.n_resumed, c.n_faulty, c.n_child_blows, (long long)c.worst_run_ms,
                 c.n_bad);
    return c.n_bad == 0 ? 0 : 1;
}
