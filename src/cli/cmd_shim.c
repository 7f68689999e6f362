/*
 * `cpdflow shim DIR -- COMMAND…`: runs a command that finds fakes of cpdctl and curl first on its PATH, and what those do.
 *
 * A link of ours called `cpdctl` is this program: cli_main() hands over to shim_run_fake() when it is called by such a name.
 */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "shim_priv.h"
#include "testing/shim.h"

struct shim_cmd_options {
    struct opt_list programs;
    struct opt_list inputs;
    struct opt_list faults;
    const char *record;
    enum shim_record mode;
    bool is_strict;
};

struct held_signals {
    sigset_t held;
    sigset_t before; /* the mask that we got */
};

/* ---- a fake ---- */

const char *shim_fake_name(const char *argv0) {
    const char *slash = strrchr(argv0, '/');
    const char *name = slash == NULL ? argv0 : slash + 1;
    return getenv(SHIM_VARIABLE) != NULL && strcmp(name, "cpdflow") != 0 ? name : NULL;
}

int shim_run_fake(const char *name, int argc, char **argv) {
    const char **words = mem_zalloc((size_t)argc + 1, sizeof *words);
    words[0] = name;
    for (int i = 1; i < argc; i++) {
        words[i] = argv[i];
    }
    AUTO(str) struct str out = STR_INIT(2 * LIMIT_RESULT_BYTES);
    AUTO(str) struct str errors = STR_INIT(2 * LIMIT_RESULT_BYTES);
    struct shim_answer answer = {0, 0};
    struct err err = ERR_INIT;
    const char *dirs = getenv(SHIM_VARIABLE);
    char *dir = dirs == NULL ? mem_strdup("") : mem_strndup(dirs, strcspn(dirs, ":"));
    bool is_fine = shim_answer(dir, words, &out, &errors, &answer, &err);
    mem_free(dir);
    mem_free(words);
    if (!is_fine) {
        (void)cli_fail(&err, CLI_ENVIRONMENT);
        return SHIM_EXIT_MISSING;
    }
    if (answer.exit_code == SHIM_EXIT_MISSING && answer.signal == 0) {
        (void)err_set(&err, "missing-recording", "%s: %s", name, str_text(&errors));
        (void)cli_fail(&err, CLI_ENVIRONMENT);
        return SHIM_EXIT_MISSING;
    }
    /* A script that closed its end does not want the rest. */
    (void)file_write_all(STDERR_FILENO, str_text(&errors), errors.len);
    (void)file_write_all(STDOUT_FILENO, str_text(&out), out.len);
    if (answer.signal != 0) {
        (void)signal(answer.signal, SIG_DFL); /* cannot fail for a signal that somebody died of */
        (void)raise(answer.signal);
    }
    return answer.exit_code;
}

/* ---- the command ---- */

static const char **with_defaults(const struct opt_list *list, const char *const *defaults) {
    size_t n = 0;
    while (defaults[n] != NULL) {
        n++;
    }
    const char **all = mem_zalloc(n + list->n + 1, sizeof *all);
    memcpy(all, defaults, n * sizeof *all);
    for (size_t i = 0; i < list->n; i++) {
        all[n + i] = list->items[i];
    }
    return all;
}

static bool make_dir(const struct shim_cmd_options *o, const char *tape, const char *dir,
                     struct err *err) {
    static const char *const programs[] = {"cpdctl", "curl", NULL};
    static const char *const none[] = {NULL};
    bool is_new =
        o->mode == SHIM_RECORD_ALL || (o->mode != SHIM_RECORD_NONE && access(tape, F_OK) != 0);
    char *absolute = is_new ? NULL : realpath(tape, NULL);
    char *self = realpath("/proc/self/exe", NULL);
    if ((absolute == NULL && !is_new) || self == NULL) {
        free(absolute); /* realpath's own */
        free(self);
        return err_errno(err, "file-not-found", errno, "cannot find %s", tape);
    }
    const char **names = with_defaults(&o->programs, programs);
    const char **inputs = with_defaults(&o->inputs, none);
    const char **faults = with_defaults(&o->faults, none);
    struct shim_options shim = {.dir = dir,
                                .tape = absolute,
                                .program = self,
                                .names = names,
                                .inputs = inputs,
                                .faults = faults,
                                .record = o->mode};
    bool is_fine = shim_make(&shim, err);
    mem_free(names);
    mem_free(inputs);
    mem_free(faults);
    free(absolute); /* realpath's own */
    free(self);
    return is_fine;
}

static int code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* From here on they wait until somebody asks for them, so that nothing ends us before the directory is gone. */
static void hold_signals(struct held_signals *s) {
    static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    (void)signal(SIGCHLD, SIG_DFL); /* none of these fails for a signal that exists */
    (void)sigemptyset(&s->held);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        (void)sigaddset(&s->held, signals[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &s->held, &s->before);
}

/* With our streams and the signal mask that we got; what cli_main() ignores is not ignored in scripts. 0 or an errno. */
static int start_command(char **argv, const sigset_t *mask, pid_t *ret_pid) {
    posix_spawnattr_t attributes;
    sigset_t pipe_signal;
    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    int failed = posix_spawnattr_init(&attributes);
    failed = failed != 0 ? failed : posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
    failed = failed != 0 ? failed : posix_spawnattr_setsigmask(&attributes, mask);
    failed = failed != 0 ? failed
                         : posix_spawnattr_setflags(&attributes,
                                                    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    failed =
        failed != 0 ? failed : posix_spawnp(ret_pid, argv[0], NULL, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes); /* never fails */
    return failed;
}

/*
 * Until the command has ended, however we are asked to end before that: it is told, and the directory is removed behind it. What
 * a terminal sends reaches the command without us.
 */
static int await_command(pid_t pid, const sigset_t *signals, int *ret_status) {
    for (;;) {
        pid_t ended = waitpid(pid, ret_status, WNOHANG);
        if (ended == pid) {
            return 0;
        }
        if (ended < 0 && errno != EINTR) {
            return errno;
        }
        siginfo_t info;
        int got = sigwaitinfo(signals, &info);
        bool is_from_process = info.si_code <= 0;
        if (got > 0 && got != SIGCHLD && is_from_process) {
            (void)kill(pid, got); /* it may have ended just now */
        }
    }
}

static bool set_environment(const char *dir, struct err *err) {
    const char *old = getenv("PATH");
    AUTO(str) struct str path = STR_INIT(0);
    const char *outer = getenv(SHIM_VARIABLE);
    AUTO(str) struct str dirs = STR_INIT(0);
    str_addf(&path, "%s/bin:%s", dir, old == NULL ? "/usr/bin:/bin" : old);
    str_addf(&dirs, "%s%s%s", dir, outer == NULL ? "" : ":", outer == NULL ? "" : outer);
    return (setenv("PATH", str_text(&path), 1) == 0 &&
            setenv(SHIM_VARIABLE, str_text(&dirs), 1) == 0) ||
           err_errno(err, "environment", errno, "cannot set PATH");
}

/* In the foreground: what a user types at it reaches it. */
static bool run_command(const char *dir, const struct opt_list *operands,
                        const struct held_signals *signals, int *ret_code, struct err *err) {
    if (!set_environment(dir, err)) {
        return false;
    }
    char **argv = mem_zalloc(operands->n, sizeof *argv);
    for (size_t i = 1; i < operands->n; i++) {
        argv[i - 1] = mem_strdup(operands->items[i]);
    }
    pid_t pid = 0;
    int status = 0;
    int failed = start_command(argv, &signals->before, &pid);
    failed = failed != 0 ? failed : await_command(pid, &signals->held, &status);
    bool is_fine = failed == 0 || err_errno(err, "environment", failed, "cannot start %s", argv[0]);
    for (size_t i = 0; i + 1 < operands->n; i++) {
        mem_free(argv[i]);
    }
    mem_free(argv);
    *ret_code = code_of(status);
    return is_fine;
}

static int tell_unused(const struct shim_left *left, bool is_strict, int code) {
    struct err err = ERR_INIT;
    if (left->n_unused == 0) {
        return code;
    }
    (void)err_set(&err, "unused-recording", "%zu recorded call%s not made:\n%s", left->n_unused,
                  left->n_unused == 1 ? " was" : "s were", str_text(left->unused));
    if (!is_strict) {
        cli_warn(&err);
        return code;
    }
    (void)cli_fail(&err, CLI_FAILED);
    return code == CLI_OK ? CLI_FAILED : code;
}

/* A command that asked for what nobody recorded did not succeed, whatever it says. */
static int tell(const char *dir, const struct shim_cmd_options *o, int code) {
    AUTO(str) struct str unused = STR_INIT(LIMIT_REPORT_BYTES);
    AUTO(str) struct str missing = STR_INIT(LIMIT_REPORT_BYTES);
    AUTO(str) struct str faults = STR_INIT(LIMIT_REPORT_BYTES);
    struct shim_left left = {.unused = &unused, .missing = &missing, .faults = &faults};
    struct err err = ERR_INIT;
    if (!shim_report(dir, &left, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    code = tell_unused(&left, o->is_strict, code);
    if (left.n_faults > 0) {
        (void)err_set(&err, "unused-fault", "%zu fault%s met by no call:\n%s", left.n_faults,
                      left.n_faults == 1 ? " was" : "s were", str_text(&faults));
        cli_warn(&err);
    }
    if (left.n_missing > 0) {
        (void)err_set(&err, "missing-recording", "%zu call%s had no recorded answer:\n%s",
                      left.n_missing, left.n_missing == 1 ? "" : "s", str_text(&missing));
        (void)cli_fail(&err, CLI_ENVIRONMENT);
        code = code == CLI_OK ? CLI_ENVIRONMENT : code;
    }
    return code;
}

static int save(const char *dir, const char *tape, int code) {
    struct err err = ERR_INIT;
    size_t n_new = 0;
    if (!shim_save(dir, tape, &n_new, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    if (n_new == 0) {
        (void)err_set(&err, "nothing-recorded", "no call was made that %s does not hold", tape);
        cli_warn(&err);
    }
    return code;
}

static int shim_in(const char *dir, const struct shim_cmd_options *o,
                   const struct opt_list *operands, const struct held_signals *signals) {
    AUTO(err) struct err err = ERR_INIT;
    int code = CLI_OK;
    if (!make_dir(o, operands->items[0], dir, &err)) {
        return cli_fail(&err, CLI_USAGE);
    }
    if (!run_command(dir, operands, signals, &code, &err)) {
        return cli_fail(&err, CLI_ENVIRONMENT);
    }
    return o->mode == SHIM_RECORD_NONE ? tell(dir, o, code) : save(dir, operands->items[0], code);
}

static bool read_mode(struct shim_cmd_options *o) {
    static const char *const modes[] = {[SHIM_RECORD_ALL] = "all",
                                        [SHIM_RECORD_MISSING] = "missing",
                                        [SHIM_RECORD_FAILED] = "failed"};
    for (int i = SHIM_RECORD_ALL; o->record != NULL && i <= SHIM_RECORD_FAILED; i++) {
        if (strcmp(o->record, modes[i]) == 0) {
            o->mode = (enum shim_record)i;
            return true;
        }
    }
    return o->record == NULL;
}

/* Each becomes a link beside the others. */
static bool is_program_name(const char *name) {
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0 && strcmp(name, "cpdflow") != 0;
}

static int check_options(struct shim_cmd_options *o) {
    if (!read_mode(o)) {
        return cli_usage_error(&cmd_shim, "--record=%s: expected all, missing or failed",
                               o->record);
    }
    if (o->is_strict && o->mode != SHIM_RECORD_NONE) {
        return cli_usage_error(&cmd_shim,
                               "--strict is for replays: with --record nothing is left over");
    }
    for (size_t i = 0; i < o->inputs.n; i++) {
        if (strchr(o->inputs.items[i], '=') == NULL) {
            return cli_usage_error(&cmd_shim, "--input '%s' is not of the form NAME=VALUE",
                                   o->inputs.items[i]);
        }
    }
    for (size_t i = 0; i < o->programs.n; i++) {
        if (!is_program_name(o->programs.items[i])) {
            return cli_usage_error(&cmd_shim, "--program '%s' is not the name of a program on PATH",
                                   o->programs.items[i]);
        }
    }
    return CLI_OK;
}

static int run_shim(void *options, const struct opt_list *operands) {
    struct shim_cmd_options *o = options;
    int checked = check_options(o);
    if (checked != CLI_OK) {
        return checked;
    }
    AUTO(err) struct err err = ERR_INIT;
    struct held_signals signals;
    hold_signals(&signals);
    char *dir = file_make_temp_dir("cpdflow-shim-", &err);
    int code = CLI_OK;
    if (dir == NULL) {
        code = cli_fail(&err, CLI_ENVIRONMENT);
    } else {
        code = shim_in(dir, o, operands, &signals);
        if (!file_remove_tree(dir, &err)) {
            code = cli_fail(&err, CLI_ENVIRONMENT);
        }
    }
    mem_free(dir);
    (void)sigprocmask(SIG_SETMASK, &signals.before, NULL); /* cannot fail */
    return code;
}

static const struct opt_row rows[] = {
    {'p', "program", OPT_LIST, "NAME", offsetof(struct shim_cmd_options, programs), NULL,
     "fakes this program too (cpdctl and curl always are); may be repeated"},
    {'i', "input", OPT_LIST, "NAME=VALUE", offsetof(struct shim_cmd_options, inputs), NULL,
     "what {{inputs.NAME}} stands for in the cassette"},
    {0, "fault", OPT_LIST, "CALL=EXIT[:TEXT]", offsetof(struct shim_cmd_options, faults), NULL,
     "the first call that begins with CALL ends with EXIT and TEXT on stderr; may be repeated"},
    {0, "record", OPT_TEXT, "WHICH", offsetof(struct shim_cmd_options, record), NULL,
     "asks the real programs and records them into DIR: all calls, missing ones, or those and "
     "failed"},
    {0, "strict", OPT_FLAG, NULL, offsetof(struct shim_cmd_options, is_strict), NULL,
     "fails when a recording was not used"},
    OPT_END,
};

const struct cli_command cmd_shim = {
    .name = "shim",
    .summary = "run a command against recordings instead of cpdctl",
    .operands = "DIR [--] COMMAND...",
    .min_operands = 2,
    .max_operands = CLI_MANY,
    .rest_from = 2,
    .completes = CLI_OPERAND_FILE,
    .options = rows,
    .options_size = sizeof(struct shim_cmd_options),
    .details = "COMMAND, with all that stands behind it, finds fakes of cpdctl and curl first on "
               "its PATH. They answer from the "
               "cassette DIR, each\n"
               "recording once and in order for one call, however many processes ask at a time. "
               "Variables are not\n"
               "compared, and a secret on the cassette (***) stands for any text. A call that was "
               "never recorded\n"
               "ends with exit code 97 and tells the nearest one. SIGTERM, SIGINT, SIGHUP and "
               "SIGQUIT are passed "
               "on to COMMAND.\n",
    .examples =
        "  cpdflow shim fixtures/mlops -- sh pipeline.sh\n"
        "  cpdflow shim tape --fault 'cpdctl space list=1:token is expired' -- make deploy\n",
    .exits = "  that of COMMAND, 128+N when signal N ended it; when it is 0 all the same:\n"
             "  1  --strict, and a recording was not used\n"
             "  4  a call had no recorded answer\n",
    .run = run_shim,
};
