/*
 * Rows R of the fault catalogue: how children end, and what they leave behind.
 */
#include "oracle.h"
#include "stage.h"

#include "base/err.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef CPDFLOW_PORTABLE
static const bool is_linux = false;
#else
static const bool is_linux = true;
#endif

/* For what only the Linux backend promises. */
static void needs_linux(void) {
    if (!is_linux) {
        skip();
    }
}

static void test_R1_exit_codes_are_reported_exactly(void **state) {
    struct stage *p = *state;
    const char *const orders[] = {"exit=0",   "exit=1",   "exit=2",  "exit=126",
                                  "exit=127", "exit=128", "exit=255"};
    static const int codes[] = {0, 1, 2, 126, 127, 128, 255};
    enum { N = sizeof codes / sizeof *codes };
    struct take *takes[N];
    for (size_t i = 0; i < N; i++) {
        takes[i] = stage_fake(p, orders[i], NULL);
    }
    stage_run(p);
    for (size_t i = 0; i < N; i++) {
        assert_exited(takes[i], codes[i]);
    }
}

static void test_R2_death_by_signal_has_no_exit_code(void **state) {
    struct stage *p = *state;
    const char *const orders[] = {"kill=11", "kill=9", "kill=13", "kill=15"};
    static const int signals[] = {SIGSEGV, SIGKILL, SIGPIPE, SIGTERM};
    for (size_t i = 0; i < 4; i++) {
        struct take *t = stage_fake(p, orders[i], NULL);
        stage_run(p);
        assert_int_equal(RUN_SIGNALED, t->result.outcome);
        assert_int_equal(signals[i], t->result.signal);
        assert_int_equal(-1, t->result.exit_code);
    }
}

static void test_R3_stopped_child_is_ended_at_its_deadline(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "kill=19", NULL);
    t->request.timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
}

static void test_R3_stopped_child_runs_its_handler_after_cont(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "term-exits", "kill=19", NULL);
    t->request.timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(42, t->result.exit_code);
    assert_false(t->result.was_escalated);
}

static void test_R7_child_that_ignores_term_is_killed_after_grace(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ignore=15", "out=ready", "sleep=30000", NULL);
    t->request.timeout_ms = 100;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(SIGKILL, t->result.signal);
    assert_true(t->result.was_escalated);
    assert_in_range_ms(stage_duration_ms(t), 190, 600);
    assert_string_equal("ready\n", t->out);
}

static void test_cancel_is_term_and_keeps_the_output(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "out=before", "sleep=30000", NULL);
    stage_after(p, 100, stage_cancel, t);
    stage_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_int_equal(SIGTERM, t->result.signal);
    assert_false(t->result.was_escalated);
    assert_string_equal("before\n", t->out);
}

static void test_stop_now_is_kill_at_once(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "ignore=15", "sleep=30000", NULL);
    stage_after(p, 100, stage_stop_now, t);
    stage_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_int_equal(SIGKILL, t->result.signal);
    assert_in_range_ms(stage_duration_ms(t), 90, 400);
}

static void test_stop_now_after_cancel_cuts_the_grace_short(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ignore=15", "sleep=30000", NULL);
    t->request.grace_ms = 20000;
    stage_start(t);
    stage_after(p, 100, stage_cancel, t);
    stage_after(p, 200, stage_stop_now, t);
    stage_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_in_range_ms(stage_duration_ms(t), 190, 600);
}

static void test_R4_daemon_that_holds_stdout_is_cut_and_killed(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_fake(p, "out=started", "grandchild=s", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_true(t->result.had_pipe_holder);
    assert_in_range_ms(stage_duration_ms(t), 190, 800);
    assert_string_equal("started\n", t->out);
    assert_int_equal(1, t->result.n_survivors);
}

static void test_R4_short_holder_may_write_until_it_ends(void **state) {
    struct stage *p = *state;
    struct take *t =
        stage_prepare(p, "/bin/sh", "-c", "(sleep 0.05; echo late) & echo early", NULL);
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("early\nlate\n", t->out);
    assert_false(t->result.had_pipe_holder);
    assert_int_equal(0, t->result.n_survivors);
}

static void test_R4_holder_in_the_group_is_killed_without_a_sweep(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "grandchild=t", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_true(t->result.had_pipe_holder);
}

static void test_R5_daemon_that_closed_its_output_is_swept(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_fake(p, "grandchild=sc", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_false(t->result.had_pipe_holder);
    assert_int_equal(1, t->result.n_survivors);
}

static void test_R6_double_fork_without_environment_is_swept(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_fake(p, "grandchild=sdce", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(1, t->result.n_survivors);
}

/* While b may be the daemon's ancestor nobody touches it: it is ended with b. */
static void test_R6_daemon_of_unclear_descent_waits_for_the_last_candidate(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *b = stage_fake(p, "sleep=400", NULL);
    struct take *a = stage_fake(p, "grandchild=sdc", NULL);
    stage_run(p);
    assert_true(a->order < b->order);
    assert_int_equal(0, a->result.n_survivors);
    assert_int_equal(1, b->result.n_survivors);
}

static void test_R8_bomb_of_200_processes_is_gone_within_grace_and_two_seconds(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ignore=15", "bomb=200", NULL);
    t->request.timeout_ms = 300;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_true(t->result.was_escalated);
    assert_in_range_ms(stage_duration_ms(t), 390, 2500);
    assert_int_equal(0, oracle_count_processes());
}

static void test_R10_child_in_another_group_is_still_killed(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "setpgid", "ignore=15", "sleep=30000", NULL);
    t->request.timeout_ms = 200;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_int_equal(0, oracle_count_processes());
}

/* What "ids" prints in a child: it leads a session of its own. */
static void assert_leads_a_session(const struct take *t) {
    char expected[100];
    int pid = (int)t->result.pid;
    (void)snprintf(expected, sizeof expected, "pid=%d ppid=%d group=%d session=%d\n", pid,
                   (int)getpid(), pid, pid);
    assert_string_equal(expected, t->out);
}

/* Its group is strange, its session tells whose it is, although another child lives that may have started it. */
static void test_R10_descendant_in_another_group_is_known_by_its_session(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *b = stage_fake(p, "sleep=400", NULL);
    struct take *a = stage_fake(p, "grandchild=gc", NULL);
    stage_run(p);
    assert_true(a->order < b->order);
    assert_int_equal(1, a->result.n_survivors);
    assert_int_equal(0, b->result.n_survivors);
}

static void test_R10_child_leads_a_session_of_its_own(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "ids", NULL);
    stage_run(p);
    assert_leads_a_session(t);
}

static void test_R11_child_that_replaces_itself_keeps_its_identity(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ids", "exec-sleep=30", NULL);
    t->request.timeout_ms = 200;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_TIMED_OUT, t->result.outcome);
    assert_leads_a_session(t);
}

/* A shell's `helper & exec cpdflow …` gives us a child that is none of our business. */
static int keep_foreign_child(void) {
    pid_t helper = fork();
    if (helper == 0) {
        (void)pause();
        _exit(0);
    }
    const char *const nothing[] = {"/bin/true", NULL};
    int verdict = stage_one(nothing);
    int status = 0;
    bool is_alive = waitpid(helper, &status, WNOHANG) == 0;
    (void)kill(helper, SIGKILL);
    (void)waitpid(helper, &status, 0);
    return verdict != 0 ? 1 : !is_alive;
}

static void test_sweep_spares_children_that_we_had_before(void **state) {
    (void)state;
    stage_in_subprocess(keep_foreign_child);
}

/* Kills all children of the process it runs in, by the emergency brake. */
static int pull_the_brake(void) {
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1};
    struct loop *loop = loop_new(&err);
    struct proc_runner *procs = proc_runner_new(loop, &options, &err);
    struct runner runner;
    proc_runner_get(procs, &runner);
    const char *argv[] = {FAKECTL, "ignore=15", "sleep=30000", NULL};
    const char *env[] = {oracle_cookie(), NULL};
    struct run_request request = {.argv = argv, .env = env};
    for (int i = 0; i < 5; i++) {
        (void)runner_start(&runner, &request);
    }
    proc_kill_all();
    int n_dead = 0;
    for (int i = 0; i < 5; i++) {
        int status = 0;
        n_dead += waitpid(-1, &status, 0) > 0 && WIFSIGNALED(status) ? 1 : 0;
    }
    return n_dead == 5 ? 0 : 1;
}

static void test_kill_all_ends_every_live_group(void **state) {
    (void)state;
    stage_in_subprocess(pull_the_brake);
}

/* Takes the exit status away from the runner, as a stray waitpid(-1) would. */
static void collect_child(struct take *t, int stream, const char *bytes, size_t len) {
    int pid = 0;
    (void)stream;
    (void)len;
    assert_int_equal(1, sscanf(bytes, "pid=%d ", &pid));
    t->on_bytes = NULL;
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

static void test_L7_exit_collected_by_somebody_else_is_told_as_lost(void **state) {
    needs_linux();
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ids", "sleep=100", NULL);
    t->on_bytes = collect_child;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_LOST, t->result.outcome);
    assert_int_equal(-1, t->result.exit_code);
    assert_string_equal("somebody else collected the exit status of the process", t->message);
}

static void stop_the_loop(const struct run_result *result, void *ctx) {
    (void)result;
    loop_stop(ctx);
}

/* ---- G11: as the first process of a container */

static bool has_zombie_child(void) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static void look_for_zombies(void *arg) {
    bool *ret_found = arg;
    *ret_found = has_zombie_child();
}

/* An orphan ends while a child of ours runs on: it must not wait for that child's end to be collected. */
static int be_pid_1(void) {
    struct err err = ERR_INIT;
    struct proc_options options = {.lease_fd = -1};
    bool has_zombie = true;
    if (mount("proc", "/proc", "proc", 0, NULL) != 0) {
        return STAGE_SKIP;
    }
    struct loop *loop = loop_new(&err);
    struct proc_runner *procs = proc_runner_new(loop, &options, &err);
    struct runner runner;
    struct timers timers;
    proc_runner_get(procs, &runner);
    loop_timers(loop, &timers);
    const char *argv[] = {"/bin/sh", "-c", "(sleep 0.05 & ) ; sleep 0.5", NULL};
    const char *env[] = {oracle_cookie(), "PATH=/bin:/usr/bin", NULL};
    struct run_request request = {.argv = argv, .env = env, .on_done = stop_the_loop, .ctx = loop};
    (void)runner_start(&runner, &request);
    (void)timers_after(&timers, 300, look_for_zombies, &has_zombie);
    loop_run(loop);
    proc_runner_free(procs);
    loop_free(loop);
    return has_zombie ? 1 : 0;
}

static int enter_a_container(void) {
    if (geteuid() != 0 || unshare(CLONE_NEWPID | CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        return STAGE_SKIP;
    }
    pid_t first = fork();
    if (first == 0) {
        _exit(be_pid_1());
    }
    int status = 0;
    return waitpid(first, &status, 0) == first && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void test_G11_pid_1_collects_orphans_at_once(void **state) {
    needs_linux();
    (void)state;
    stage_in_subprocess(enter_a_container);
}

/* ---- R9: a file system that takes a request and never answers */

struct silent_fs {
    int fd;
    char path[128];
};

static bool silent_fs_mount(struct silent_fs *fs) {
    char options[128];
    (void)snprintf(fs->path, sizeof fs->path, "%s/fs", oracle_folder());
    fs->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (fs->fd < 0 || mkdir(fs->path, 0700) != 0) {
        return false;
    }
    (void)snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fs->fd);
    return mount("silent", fs->path, "fuse", 0, options) == 0;
}

static void silent_fs_unmount(struct silent_fs *fs) {
    (void)umount2(fs->path, MNT_DETACH);
    close(fs->fd); /* aborts the request that hangs */
    assert_int_equal(0, rmdir(fs->path));
}

/* Answers the greeting, then takes the first real request and keeps it. */
static void *serve_silence(void *arg) {
    struct silent_fs *fs = arg;
    static char request[FUSE_MIN_READ_BUFFER * 4];
    struct {
        struct fuse_out_header header;
        struct fuse_init_out init;
    } reply = {0};
    if (read(fs->fd, request, sizeof request) < (ssize_t)sizeof(struct fuse_in_header)) {
        return NULL;
    }
    struct fuse_in_header header;
    memcpy(&header, request, sizeof header);
    reply.header = (struct fuse_out_header){sizeof reply, 0, header.unique};
    reply.init = (struct fuse_init_out){
        .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 4096};
    if (write(fs->fd, &reply, sizeof reply) > 0) {
        (void)!read(fs->fd, request, sizeof request);
    }
    return NULL;
}

static void test_R9_child_that_hangs_in_the_kernel_is_given_up(void **state) {
    struct stage *p = *state;
    struct silent_fs fs;
    needs_linux(); /* a handle of libuv's that is closed too early leaves a zombie */
    if (geteuid() != 0 || access("/dev/fuse", R_OK | W_OK) != 0) {
        skip();
    }
    assert_true(silent_fs_mount(&fs));
    pthread_t server;
    assert_int_equal(0, pthread_create(&server, NULL, serve_silence, &fs));
    char file[160];
    (void)snprintf(file, sizeof file, "%s/x", fs.path);
    struct take *t = stage_prepare(p, "/bin/cat", file, NULL);
    t->request.timeout_ms = 200;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_LOST, t->result.outcome);
    assert_in_range_ms(stage_duration_ms(t), 2200, 3000);
    assert_non_null(strstr(t->message, "hangs in the kernel"));
    silent_fs_unmount(&fs);
    assert_int_equal(0, pthread_join(server, NULL));
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_R1_exit_codes_are_reported_exactly),
        STAGE_TEST(test_R2_death_by_signal_has_no_exit_code),
        STAGE_TEST(test_R3_stopped_child_is_ended_at_its_deadline),
        STAGE_TEST(test_R3_stopped_child_runs_its_handler_after_cont),
        STAGE_TEST(test_R4_daemon_that_holds_stdout_is_cut_and_killed),
        STAGE_TEST(test_R4_short_holder_may_write_until_it_ends),
        STAGE_TEST(test_R4_holder_in_the_group_is_killed_without_a_sweep),
        STAGE_TEST(test_R5_daemon_that_closed_its_output_is_swept),
        STAGE_TEST(test_R6_double_fork_without_environment_is_swept),
        STAGE_TEST(test_R6_daemon_of_unclear_descent_waits_for_the_last_candidate),
        STAGE_TEST(test_R7_child_that_ignores_term_is_killed_after_grace),
        STAGE_TEST(test_R8_bomb_of_200_processes_is_gone_within_grace_and_two_seconds),
        STAGE_TEST(test_R9_child_that_hangs_in_the_kernel_is_given_up),
        STAGE_TEST(test_R10_child_in_another_group_is_still_killed),
        STAGE_TEST(test_R10_descendant_in_another_group_is_known_by_its_session),
        STAGE_TEST(test_R10_child_leads_a_session_of_its_own),
        STAGE_TEST(test_R11_child_that_replaces_itself_keeps_its_identity),
        STAGE_TEST(test_L7_exit_collected_by_somebody_else_is_told_as_lost),
        STAGE_TEST(test_G11_pid_1_collects_orphans_at_once),
        STAGE_TEST(test_cancel_is_term_and_keeps_the_output),
        STAGE_TEST(test_stop_now_is_kill_at_once),
        STAGE_TEST(test_stop_now_after_cancel_cuts_the_grace_short),
        STAGE_TEST(test_sweep_spares_children_that_we_had_before),
        STAGE_TEST(test_kill_all_ends_every_live_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
