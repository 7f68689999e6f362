/*
 * Rows S of the fault catalogue: commands that cannot be started, starts that the system refuses for the moment, and the
 * state that a child starts with.
 */
#include "oracle.h"
#include "stage.h"

#include "base/err.h"
#include "base/mem.h"
#include "maxima.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const do_nothing[] = {"/bin/true", NULL};
static const char *const exit_7[] = {FAKECTL, "exit=7", NULL};

static void assert_failed(const struct take *t, enum spawn_error error, const char *message) {
    if (t->result.outcome != RUN_SPAWN_FAILED) {
        fail_msg("%s, exit code %d", run_outcome_names[t->result.outcome], t->result.exit_code);
    }
    assert_string_equal(message, t->message);
    assert_int_equal(error, t->result.spawn_error);
    assert_int_equal(-1, t->result.exit_code);
}

/* Runs `command` and expects that it cannot be started; the message is "command 'COMMAND' WHY". */
static void expect_refusal(struct stage *p, const char *command, enum spawn_error error,
                           const char *why) {
    char message[512];
    (void)snprintf(message, sizeof message, "command '%s' %s", command, why);
    struct take *t = stage_prepare(p, command, NULL);
    stage_start(t);
    stage_run(p);
    assert_failed(t, error, message);
}

static void test_S1_command_not_on_path(void **state) {
    struct stage *p = *state;
    expect_refusal(p, "no-such-cpdctl", SPAWN_NOT_FOUND, "not found: PATH is '/bin:/usr/bin'");
    struct take *t = stage_prepare(p, "/no/such/cpdctl", NULL);
    stage_start(t);
    stage_run(p);
    assert_failed(t, SPAWN_NOT_FOUND, "command '/no/such/cpdctl': No such file or directory");
}

static void test_S1_path_is_the_childs(void **state) {
    struct stage *p = *state;
    static const char script[] = "#!/bin/sh\necho mine\n";
    const char *path = stage_file("mine", script, sizeof script - 1, 0755);
    char search[512];
    (void)snprintf(search, sizeof search, "PATH=/nowhere:%s", oracle_folder());
    struct take *t = stage_prepare(p, "mine", NULL);
    t->env[1] = search;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("mine\n", t->out);
    stage_remove(path);
}

static void test_S2_file_without_execute_permission(void **state) {
    struct stage *p = *state;
    const char *path = stage_file("plain", "#!/bin/sh\n", 10, 0644);
    expect_refusal(p, path, SPAWN_NOT_ALLOWED, "is not executable (mode 0644)");
    stage_remove(path);
}

static void test_S2_search_goes_on_after_a_file_without_permission(void **state) {
    struct stage *p = *state;
    const char *path = stage_file("true", "#!/bin/false\n", 13, 0644);
    char search[512];
    (void)snprintf(search, sizeof search, "PATH=%s:/bin", oracle_folder());
    struct take *t = stage_prepare(p, "true", NULL);
    t->env[1] = search;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    stage_remove(path);
}

static void test_S3_working_directory_is_named(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare(p, "/bin/true", NULL);
    t->request.cwd = "/nonexist";
    stage_start(t);
    struct take *file = stage_prepare(p, "/bin/true", NULL);
    file->request.cwd = "/etc/passwd";
    stage_start(file);
    stage_run(p);
    assert_failed(t, SPAWN_BAD_CWD, "working directory '/nonexist': No such file or directory");
    assert_failed(file, SPAWN_BAD_CWD, "working directory '/etc/passwd' is not a directory");
}

static void test_S3_relative_command_is_sought_in_the_working_directory(void **state) {
    struct stage *p = *state;
    static const char script[] = "#!/bin/sh\npwd\n";
    const char *path = stage_file("here", script, sizeof script - 1, 0755);
    struct take *t = stage_prepare(p, "./here", NULL);
    t->request.cwd = oracle_folder();
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(0, strncmp(oracle_folder(), t->out, strlen(oracle_folder())));
    stage_remove(path);
}

static void test_S4_missing_interpreter_is_named(void **state) {
    struct stage *p = *state;
    const char *path = stage_file("script", "#! /no/such -x\n", 15, 0755);
    expect_refusal(p, path, SPAWN_INTERPRETER,
                   "needs the interpreter '/no/such', which is not there: "
                   "No such file or directory");
    path = stage_file("script", "#!/bin/sh\r\n", 11, 0755);
    expect_refusal(p, path, SPAWN_INTERPRETER,
                   "has a #! line that ends in CR LF: save it with LF line ends");
    path = stage_file("script", "#!\n", 3, 0755);
    expect_refusal(p, path, SPAWN_INTERPRETER, "has a #! line that names no interpreter");
    stage_remove(path);
}

static void test_S5_damaged_program_is_never_given_to_a_shell(void **state) {
    struct stage *p = *state;
    const char *path = stage_file("broken", "\177ELFgarbage", 11, 0755);
    expect_refusal(p, path, SPAWN_NOT_A_PROGRAM,
                   "is no program: it has only the first bytes of one");
    stage_remove(path);
}

static void read_program(char *bytes, size_t len) {
    int fd = open(FAKECTL, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal((ssize_t)len, read(fd, bytes, len));
    close(fd);
}

static void test_S5_truncated_program_is_refused(void **state) {
    struct stage *p = *state;
    static char head[4096];
    read_program(head, sizeof head);
    const char *path = stage_file("cut", head, sizeof head, 0755);
    expect_refusal(p, path, SPAWN_NOT_A_PROGRAM,
                   "is cut off: the file is shorter than its header says");
    stage_remove(path);
}

static void test_S5_program_for_another_machine_is_explained(void **state) {
    struct stage *p = *state;
    static char head[4096];
    char why[128];
    read_program(head, sizeof head);
#ifdef __x86_64__
    head[18] = (char)183; /* e_machine */
    (void)snprintf(why, sizeof why, "is a program for arm64, this machine is x86-64");
#else
    skip();
#endif
    const char *path = stage_file("foreign", head, sizeof head, 0755);
    expect_refusal(p, path, SPAWN_NOT_A_PROGRAM, why);
    stage_remove(path);
}

static void test_S6_text_without_interpreter_line_is_refused(void **state) {
    struct stage *p = *state;
    const char *path = stage_file("text", "echo hello\n", 11, 0755);
    expect_refusal(p, path, SPAWN_NOT_A_PROGRAM, "is no program and has no #! line");
    path = stage_file("text", "", 0, 0755);
    expect_refusal(p, path, SPAWN_NOT_A_PROGRAM, "is empty");
    stage_remove(path);
}

static void close_writer(void *arg) {
    const int *fd = arg;
    close(*fd);
}

static const char *copy_of_fakectl(void) {
    static char bytes[1024 * 1024];
    struct stat status;
    assert_int_equal(0, stat(FAKECTL, &status));
    assert_true((size_t)status.st_size <= sizeof bytes);
    read_program(bytes, (size_t)status.st_size);
    return stage_file("busy", bytes, (size_t)status.st_size, 0755);
}

static void test_S7_busy_program_is_tried_again(void **state) {
    struct stage *p = *state;
    const char *path = copy_of_fakectl();
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    struct take *t = stage_prepare(p, path, "exit=3", NULL);
    stage_start(t);
    stage_after(p, 30, close_writer, &writer);
    stage_run(p);
    assert_exited(t, 3);
    stage_remove(path);
}

static void test_S7_program_that_stays_busy_fails(void **state) {
    struct stage *p = *state;
    const char *path = copy_of_fakectl();
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    struct take *t = stage_prepare(p, path, NULL);
    stage_start(t);
    stage_run(p);
    char message[512];
    (void)snprintf(message, sizeof message,
                   "command '%s' is being written by somebody: Text file busy", path);
    assert_failed(t, SPAWN_OTHER, message);
    close(writer);
    stage_remove(path);
}

/* "a=aaaa…" of `len` bytes in all. Heap. */
static char *long_text(const char *start, size_t len) {
    char *text = mem_alloc(len + 1);
    memset(text, 'a', len);
    memcpy(text, start, strlen(start));
    text[len] = '\0';
    return text;
}

static void test_S8_argument_of_131072_bytes_is_named(void **state) {
    struct stage *p = *state;
    char *longest = long_text("", LIMIT_ARG_BYTES);
    char *too_long = long_text("", LIMIT_ARG_BYTES + 1);
    char *variable = long_text("BIG=", LIMIT_ARG_BYTES + 1);
    struct take *fits = stage_prepare(p, "/bin/true", longest, NULL);
    stage_start(fits);
    struct take *argument = stage_prepare(p, "/bin/true", "x", too_long, NULL);
    stage_start(argument);
    struct take *environment = stage_prepare(p, "/bin/true", NULL);
    environment->env[2] = variable;
    stage_start(environment);
    stage_run(p);
    assert_exited(fits, 0);
    assert_failed(argument, SPAWN_TOO_LARGE,
                  "argument 2 is 131072 bytes long: the system takes 131071");
    assert_failed(environment, SPAWN_TOO_LARGE,
                  "environment variable 'BIG' is 131072 bytes long: the system takes 131071");
    mem_free(longest);
    mem_free(too_long);
    mem_free(variable);
}

static void test_S9_arguments_that_are_too_long_together(void **state) {
    struct stage *p = *state;
    char *big = long_text("", LIMIT_ARG_BYTES);
    struct take *t = stage_prepare(p, "/bin/true", NULL);
    for (size_t i = 1; i < 16; i++) {
        t->argv[i] = big;
    }
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_SPAWN_FAILED, t->result.outcome);
    assert_int_equal(SPAWN_TOO_LARGE, t->result.spawn_error);
    assert_non_null(strstr(t->message, "arguments and environment take 196"));
    assert_non_null(strstr(t->message, "the largest is argument 1 with 131071 bytes"));
    mem_free(big);
}

/* The system has no memory for a process and never will: told as such when the patience is over. */
static int lack_memory_for_ever(void) {
    bool is_forbidden = stage_forbid_call(SYS_clone, ENOMEM);
#ifdef SYS_vfork
    is_forbidden = is_forbidden && stage_forbid_call(SYS_vfork, ENOMEM);
#endif
    if (!is_forbidden) {
        return STAGE_SKIP;
    }
    return stage_one(do_nothing) == -1 - RUN_SPAWN_FAILED ? 0 : 1;
}

static void test_S11_lasting_want_of_memory_is_an_answer(void **state) {
    (void)state;
    stage_in_subprocess(lack_memory_for_ever);
}

static void lift_limit(void *arg) {
    (void)setrlimit(RLIMIT_NPROC, arg);
}

static void stop_loop(const struct run_result *result, void *ctx) {
    struct take *t = ctx;
    t->result = *result;
    loop_stop(t->stage->loop);
}

/* As a user with one process too few; 100 ms later the limit is lifted and the start succeeds. */
static int start_at_the_process_limit(void) {
    struct rlimit before;
    struct rlimit none = {0, 0};
    struct err err = ERR_INIT;
    if (geteuid() != 0) {
        return STAGE_SKIP;
    }
    (void)getrlimit(RLIMIT_NPROC, &before);
    none.rlim_max = before.rlim_max;
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || setgroups(0, NULL) != 0 || setuid(65534) != 0) {
        return 2;
    }
    struct proc_options options = {.lease_fd = -1};
    struct stage p = {.loop = loop_new(&err)};
    struct take t = {.stage = &p};
    struct timers timers;
    loop_timers(p.loop, &timers);
    p.procs = proc_runner_new(p.loop, &options, &err);
    proc_runner_get(p.procs, &p.runner);
    const char *argv[] = {"/bin/true", NULL};
    struct run_request request = {.argv = argv, .env = argv + 1, .on_done = stop_loop, .ctx = &t};
    (void)timers_after(&timers, 100, lift_limit, &before);
    int64_t started_ms = timers_now_ms(&timers);
    (void)runner_start(&p.runner, &request);
    loop_run(p.loop);
    int64_t ms = timers_now_ms(&timers) - started_ms;
    proc_runner_free(p.procs);
    loop_free(p.loop);
    return t.result.outcome == RUN_EXITED && ms >= 100 ? 0 : 1;
}

static void test_S13_refused_process_is_started_when_there_is_room(void **state) {
    (void)state;
    stage_in_subprocess(start_at_the_process_limit);
}

static void test_S12_ten_children_with_descriptors_for_two(void **state) {
    struct stage *p = *state;
    struct rlimit before;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    int next = dup(0);
    close(next);
    struct rlimit few = {(rlim_t)next + 10, before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    struct take *takes[10];
    for (size_t i = 0; i < 10; i++) {
        takes[i] = stage_fake(p, "out=x", "sleep=20", NULL);
    }
    stage_run(p);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    for (size_t i = 0; i < 10; i++) {
        assert_exited(takes[i], 0);
        assert_string_equal("x\n", takes[i]->out);
    }
}

static void test_S14_empty_command_and_directory(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare(p, "", NULL);
    stage_start(t);
    stage_run(p);
    assert_failed(t, SPAWN_NOT_FOUND, "the command is empty");
    expect_refusal(p, "/etc", SPAWN_NOT_ALLOWED, "is a directory");
    expect_refusal(p, "/dev/null", SPAWN_NOT_ALLOWED, "is not a regular file");
}

static int closed_mask;

static int start_with_closed_fds(void) {
    for (int fd = 0; fd < 3; fd++) {
        if ((closed_mask & 1 << fd) != 0) {
            close(fd);
        }
    }
    proc_prepare_process();
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) == -1) {
            return 1;
        }
    }
    return stage_one(exit_7) == 7 ? 0 : 2;
}

static void test_S15_start_with_any_of_0_1_2_closed(void **state) {
    (void)state;
    for (closed_mask = 1; closed_mask < 8; closed_mask++) {
        stage_in_subprocess(start_with_closed_fds);
    }
}

static int start_deaf_to_children(void) {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
    (void)signal(SIGCHLD, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    proc_prepare_process();
    return stage_one(exit_7) == 7 ? 0 : 1;
}

static void test_S16_start_with_sigchld_blocked_and_ignored(void **state) {
    (void)state;
    stage_in_subprocess(start_deaf_to_children);
}

static void test_S16_child_starts_with_default_signals(void **state) {
    struct stage *p = *state;
    (void)signal(SIGHUP, SIG_IGN);
    struct take *t = stage_fake(p, "signals", NULL);
    stage_run(p);
    (void)signal(SIGHUP, SIG_DFL);
    assert_exited(t, 0);
    assert_string_equal("", t->out);
}

static int leak_descriptors(void) {
    for (int fd = 3; fd < 12; fd++) {
        (void)dup2(0, fd);
    }
    (void)dup2(0, 251);
    proc_prepare_process();
    for (int fd = 3; fd < 252; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags != -1 && (flags & FD_CLOEXEC) == 0) {
            return fd;
        }
    }
    return 0;
}

static void test_S17_inherited_descriptors_become_close_on_exec(void **state) {
    (void)state;
    stage_in_subprocess(leak_descriptors);
}

static void test_S17_child_sees_three_descriptors(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "fds", NULL);
    t->request.stdin_data = "in";
    t->request.stdin_len = 2;
    stage_start(t);
    struct take *other = stage_fake(p, "fds", NULL);
    stage_run(p);
    assert_string_equal("0 1 2 ", t->out);
    assert_string_equal("0 1 2 ", other->out);
}

static void test_S17_lease_is_the_fourth(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.lease_fd = fcntl(0, F_DUPFD_CLOEXEC, 100);
    stage_use(p, &options);
    struct take *t = stage_fake(p, "fds", NULL);
    stage_run(p);
    char expected[32];
    (void)snprintf(expected, sizeof expected, "0 1 2 %d ", options.lease_fd);
    assert_string_equal(expected, t->out);
    assert_int_equal(FD_CLOEXEC, fcntl(options.lease_fd, F_GETFD));
    close(options.lease_fd);
}

static void test_S18_arguments_arrive_as_they_are(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare(p, "/usr/bin/printf", "[%s]", "-h", "", "a b", "*", "$HOME",
                                   "\xc3\xa4\n", NULL);
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("[-h][][a b][*][$HOME][\xc3\xa4\n]", t->out);
}

static void test_environment_is_exactly_the_requests(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "env", NULL);
    t->env[1] = "X=1";
    stage_start(t);
    stage_run(p);
    char expected[128];
    (void)snprintf(expected, sizeof expected, "%s\nX=1\n", oracle_cookie());
    assert_string_equal(expected, t->out);
}

static void test_queued_request_outlives_its_callers_texts(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.max_children = 1;
    stage_use(p, &options);
    (void)stage_fake(p, "sleep=50", NULL);
    struct take *t = stage_prepare_fake(p, "env", "cat", "cwd", NULL);
    char *variable = mem_strdup("Y=kept");
    char *order = mem_strdup("out=kept");
    char *data = mem_strdup("fed");
    char *cwd = mem_strdup("/");
    t->env[1] = variable;
    t->argv[4] = order;
    t->request.stdin_data = data;
    t->request.stdin_len = 3;
    t->request.cwd = cwd;
    stage_start(t);
    char *const texts[] = {variable, order, data, cwd};
    for (size_t i = 0; i < 4; i++) {
        memset(texts[i], 'x', strlen(texts[i]));
        mem_free(texts[i]);
    }
    stage_run(p);
    assert_exited(t, 0);
    assert_non_null(strstr(t->out, "\nY=kept\nfed/\nkept\n"));
}

static void test_queue_keeps_its_order_and_its_limit(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.max_children = 1;
    stage_use(p, &options);
    struct take *takes[6];
    for (size_t i = 0; i < 6; i++) {
        takes[i] = stage_fake(p, "out=x", NULL);
    }
    stage_run(p);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(i + 1, takes[i]->order);
        assert_true(i == 0 || takes[i]->result.started_ms >= takes[i - 1]->result.ended_ms);
    }
}

static void test_request_cancelled_in_the_queue_never_runs(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.max_children = 1;
    stage_use(p, &options);
    struct take *first = stage_fake(p, "sleep=100", NULL);
    struct take *second = stage_fake(p, "out=ran", NULL);
    stage_cancel(second);
    stage_cancel(second); /* twice is once */
    stage_run(p);
    assert_exited(first, 0);
    assert_int_equal(RUN_STOPPED, second->result.outcome);
    assert_int_equal(0, second->result.pid);
    assert_int_equal(0, second->out_len);
}

/* A child of ours must not outlive us, however we go. */
static int die_without_notice(void) {
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1};
    struct loop *loop = loop_new(&err);
    struct proc_runner *procs = proc_runner_new(loop, &options, &err);
    struct runner runner;
    proc_runner_get(procs, &runner);
    const char *argv[] = {FAKECTL, "sleep=30000", NULL};
    const char *env[] = {oracle_cookie(), NULL};
    struct run_request request = {.argv = argv, .env = env};
    (void)runner_start(&runner, &request);
    _exit(0);
}

static void test_C5_child_dies_with_us(void **state) {
    (void)state;
#ifdef CPDFLOW_PORTABLE
    skip();
#endif
    stage_in_subprocess(die_without_notice);
    /* The orphan is ours now: we are its subreaper. */
    int status = 0;
    pid_t orphan = waitpid(-1, &status, 0);
    assert_true(orphan > 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_S1_command_not_on_path),
        STAGE_TEST(test_S1_path_is_the_childs),
        STAGE_TEST(test_S2_file_without_execute_permission),
        STAGE_TEST(test_S2_search_goes_on_after_a_file_without_permission),
        STAGE_TEST(test_S3_working_directory_is_named),
        STAGE_TEST(test_S3_relative_command_is_sought_in_the_working_directory),
        STAGE_TEST(test_S4_missing_interpreter_is_named),
        STAGE_TEST(test_S5_damaged_program_is_never_given_to_a_shell),
        STAGE_TEST(test_S5_truncated_program_is_refused),
        STAGE_TEST(test_S5_program_for_another_machine_is_explained),
        STAGE_TEST(test_S6_text_without_interpreter_line_is_refused),
        STAGE_TEST(test_S7_busy_program_is_tried_again),
        STAGE_TEST(test_S7_program_that_stays_busy_fails),
        STAGE_TEST(test_S8_argument_of_131072_bytes_is_named),
        STAGE_TEST(test_S9_arguments_that_are_too_long_together),
        STAGE_TEST(test_S11_lasting_want_of_memory_is_an_answer),
        STAGE_TEST(test_S12_ten_children_with_descriptors_for_two),
        STAGE_TEST(test_S13_refused_process_is_started_when_there_is_room),
        STAGE_TEST(test_S14_empty_command_and_directory),
        STAGE_TEST(test_S15_start_with_any_of_0_1_2_closed),
        STAGE_TEST(test_S16_start_with_sigchld_blocked_and_ignored),
        STAGE_TEST(test_S16_child_starts_with_default_signals),
        STAGE_TEST(test_S17_inherited_descriptors_become_close_on_exec),
        STAGE_TEST(test_S17_child_sees_three_descriptors),
        STAGE_TEST(test_S17_lease_is_the_fourth),
        STAGE_TEST(test_S18_arguments_arrive_as_they_are),
        STAGE_TEST(test_environment_is_exactly_the_requests),
        STAGE_TEST(test_queued_request_outlives_its_callers_texts),
        STAGE_TEST(test_queue_keeps_its_order_and_its_limit),
        STAGE_TEST(test_request_cancelled_in_the_queue_never_runs),
        STAGE_TEST(test_C5_child_dies_with_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
