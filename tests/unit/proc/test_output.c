/*
 * Rows O of the fault catalogue that concern capture: floods, drips, holders, stdin, log files.
 */
#include "oracle.h"
#include "stage.h"

#include "base/file.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The flood of fakectl: the alphabet again and again, from the start of each chunk. */
static void assert_alphabet(const char *bytes, size_t len, uint64_t offset) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != (char)('a' + (offset + i) % 26)) {
            fail_msg("byte %llu is '%c'", (unsigned long long)(offset + i), bytes[i]);
        }
    }
}

static void test_O1_flood_past_the_spill_cap_is_counted(void **state) {
    struct stage *p = *state;
    struct rusage before;
    struct rusage after;
    (void)getrusage(RUSAGE_SELF, &before);
    const uint64_t total = LIMIT_CAPTURE_SPILL + 12345678;
    char order[64];
    (void)snprintf(order, sizeof order, "flood=%llu", (unsigned long long)total);
    struct take *t = stage_fake(p, order, NULL);
    stage_run(p);
    (void)getrusage(RUSAGE_SELF, &after);
    assert_exited(t, 0);
    assert_int_equal(total, t->result.out.total_bytes);
    assert_int_equal(total - LIMIT_CAPTURE_SPILL, t->result.out.dropped_bytes);
    assert_int_equal(total, t->live_bytes);
    assert_true(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
}

static void test_O2_line_of_10_mb_moves_the_idle_deadline(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "flood=10000000", "sleep=50", "flood=1", NULL);
    t->request.idle_timeout_ms = 1000;
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(10000001, t->out_len);
    assert_alphabet(t->out, 10000000, 0);
}

static void test_O3_bytes_one_by_one(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "drip=200000", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(200000, t->out_len);
}

static void test_O4_both_streams_full_at_once(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "flood-both=4194304", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(4194304, t->out_len);
    assert_int_equal(4194304, t->err_len);
}

static void test_O4_only_stderr_full(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "flood-err=1000000", "out=end", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("end\n", t->out);
    assert_int_equal(1000000, t->err_len);
    assert_alphabet(t->err, t->err_len, 0);
}

static void test_O5_bytes_arrive_as_they_were_written(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "bad-utf8", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(6, t->out_len);
    assert_memory_equal("\xc3\xa4\xff\xfe\0z", t->out, 6);
}

static void test_O6_line_ends_are_kept(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "out-raw=a\r\nb\rc", NULL);
    stage_run(p);
    assert_string_equal("a\r\nb\rc", t->out);
}

static void test_O7_end_of_output_is_not_the_end(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "out=bye", "close=1", "close=2", "sleep=300", "exit=5", NULL);
    stage_run(p);
    assert_exited(t, 5);
    assert_in_range_ms(stage_duration_ms(t), 290, 900);
    assert_string_equal("bye\n", t->out);
}

static void test_O8_bytes_in_the_pipe_at_exit_are_kept(void **state) {
    struct stage *p = *state;
    for (int i = 0; i < 20; i++) {
        struct take *t = stage_fake(p, "flood=65536", "exit=1", NULL);
        stage_run(p);
        assert_exited(t, 1);
        assert_int_equal(65536, t->out_len);
    }
}

static struct take *stage_fed(struct stage *p, const char *order, const char *next,
                              const char *data, size_t len) {
    struct take *t = stage_prepare_fake(p, order, next, NULL);
    t->request.stdin_data = data;
    t->request.stdin_len = len;
    stage_start(t);
    return t;
}

enum { BIG = 8 * 1024 * 1024 };

static void test_O9_stdin_nobody_reads(void **state) {
    struct stage *p = *state;
    char *data = mem_zalloc(1, BIG);
    struct take *leaves = stage_fed(p, "exit=4", NULL, data, BIG);
    struct take *closes = stage_fed(p, "close=0", "sleep=100", data, BIG);
    struct take *ignores = stage_fed(p, "sleep=100", "exit=6", data, BIG);
    mem_free(data);
    stage_run(p);
    assert_exited(leaves, 4);
    assert_exited(closes, 0);
    assert_exited(ignores, 6);
}

static void test_O9_stdin_and_stdout_at_once_do_not_deadlock(void **state) {
    struct stage *p = *state;
    char *data = mem_alloc(BIG);
    for (size_t i = 0; i < BIG; i++) {
        data[i] = (char)('a' + i % 26);
    }
    struct take *t = stage_fed(p, "cat", "err=done", data, BIG);
    memset(data, 'x', BIG);
    mem_free(data);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(BIG, t->out_len);
    assert_alphabet(t->out, t->out_len, 0);
    assert_string_equal("done\n", t->err);
}

static void test_stdin_ends_after_its_data(void **state) {
    struct stage *p = *state;
    struct take *some = stage_fed(p, "count-stdin", NULL, "12345", 5);
    struct take *empty = stage_fed(p, "count-stdin", NULL, "", 0);
    struct take *none = stage_fake(p, "count-stdin", NULL);
    stage_run(p);
    assert_string_equal("5\n", some->out);
    assert_string_equal("0\n", empty->out);
    assert_string_equal("0\n", none->out);
}

static void test_O13_dev_stdout_can_be_opened(void **state) {
    struct stage *p = *state;
    struct take *t = stage_fake(p, "dev-stdout=yes", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("yes", t->out);
}

static void stop_at_first_byte(struct take *t, int stream, const char *bytes, size_t len) {
    (void)stream;
    (void)bytes;
    (void)len;
    stage_cancel(t);
}

static void test_live_hook_may_stop_its_own_child(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "ticks=100,20", NULL);
    t->on_bytes = stop_at_first_byte;
    stage_start(t);
    stage_run(p);
    assert_int_equal(RUN_STOPPED, t->result.outcome);
    assert_true(t->live_bytes == t->out_len);
    assert_true(t->live_bytes > 0);
}

/* ---- log files */

static char log_path[2][256];

static const char *log_base(void) {
    static char base[200];
    (void)snprintf(base, sizeof base, "%s/step.1", oracle_folder());
    (void)snprintf(log_path[0], sizeof log_path[0], "%s.stdout", base);
    (void)snprintf(log_path[1], sizeof log_path[1], "%s.stderr", base);
    return base;
}

static struct take *stage_logged(struct stage *p, const char *order, const char *next,
                                 const char *last) {
    struct take *t = stage_prepare_fake(p, order, next, last, NULL);
    t->request.log_base = log_base();
    return t;
}

static void assert_log(int stream, const char *expected) {
    struct err err = ERR_INIT;
    struct str text = STR_INIT(0);
    assert_true(file_read(log_path[stream - 1], MIB, &text, &err));
    assert_string_equal(expected, str_text(&text));
    str_release(&text);
    stage_remove(log_path[stream - 1]);
}

static void test_log_files_hold_each_stream(void **state) {
    struct stage *p = *state;
    struct take *t = stage_logged(p, "out=one", "err=two", "out=three");
    stage_start(t);
    stage_run(p);
    struct stat status;
    assert_int_equal(0, stat(log_path[0], &status));
    assert_int_equal(0600, status.st_mode & 07777);
    assert_log(1, "one\nthree\n");
    assert_log(2, "two\n");
}

static void test_silent_stream_leaves_no_log(void **state) {
    struct stage *p = *state;
    struct take *t = stage_logged(p, "out=one", NULL, NULL);
    stage_start(t);
    stage_run(p);
    assert_log(1, "one\n");
    assert_int_equal(-1, access(log_path[1], F_OK));
}

static void test_X2_secret_in_two_writes_is_masked_in_the_log(void **state) {
    struct stage *p = *state;
    assert_true(mask_register("s3cr3t-token", 12));
    struct take *t = stage_logged(p, "out-raw=<s3cr3t", "sleep=50", "out-raw=-token>");
    stage_start(t);
    stage_run(p);
    mask_clear();
    assert_string_equal("<s3cr3t-token>", t->out); /* raw for the parser, masked for people */
    assert_log(1, "<***>");
}

static void test_secret_output_is_not_logged(void **state) {
    struct stage *p = *state;
    struct take *t = stage_logged(p, "out=token", NULL, NULL);
    t->request.is_secret = true;
    stage_start(t);
    stage_run(p);
    assert_string_equal("token\n", t->out);
    assert_int_equal(-1, access(log_path[0], F_OK));
}

static void test_X7_log_replaces_a_link_and_spares_its_target(void **state) {
    struct stage *p = *state;
    char victim[256];
    (void)snprintf(victim, sizeof victim, "%s", stage_file("victim", "precious", 8, 0600));
    struct take *t = stage_logged(p, "out=new", NULL, NULL);
    assert_int_equal(0, symlink(victim, log_path[0]));
    stage_start(t);
    stage_run(p);
    assert_log(1, "new\n");
    (void)snprintf(log_path[0], sizeof log_path[0], "%s", victim);
    assert_log(1, "precious");
}

static void test_log_that_cannot_be_made_does_not_fail_the_child(void **state) {
    struct stage *p = *state;
    struct take *t = stage_prepare_fake(p, "out=fine", NULL);
    t->request.log_base = "/no/such/folder/step";
    stage_start(t);
    stage_run(p);
    assert_exited(t, 0);
    assert_string_equal("fine\n", t->out);
}

/* ---- the spill file */

static void test_spill_folder_that_is_missing_only_cuts_the_capture(void **state) {
    struct stage *p = *state;
    struct proc_options options = stage_options();
    options.spill_dir = "/no/such/folder";
    stage_use(p, &options);
    struct take *t = stage_fake(p, "flood=1000000", NULL);
    stage_run(p);
    assert_exited(t, 0);
    assert_int_equal(1000000, t->result.out.total_bytes);
    assert_int_equal(1000000 - 2 * LIMIT_CAPTURE_MEMORY, t->result.out.dropped_bytes);
}

/* A full disk looks the same; SIGXFSZ is ignored, so the write fails. */
static void test_E3_file_size_limit_only_cuts_the_capture(void **state) {
    struct stage *p = *state;
    struct rlimit before;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
    struct rlimit small = {MIB, before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &small));
    struct take *t = stage_fake(p, "flood=3000000", NULL);
    stage_run(p);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
    assert_exited(t, 0);
    assert_int_equal(3000000, t->result.out.total_bytes);
    assert_int_equal(3000000 - MIB, t->result.out.dropped_bytes);
}

int main(void) {
    proc_prepare_process();
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_O1_flood_past_the_spill_cap_is_counted),
        STAGE_TEST(test_O2_line_of_10_mb_moves_the_idle_deadline),
        STAGE_TEST(test_O3_bytes_one_by_one),
        STAGE_TEST(test_O4_both_streams_full_at_once),
        STAGE_TEST(test_O4_only_stderr_full),
        STAGE_TEST(test_O5_bytes_arrive_as_they_were_written),
        STAGE_TEST(test_O6_line_ends_are_kept),
        STAGE_TEST(test_O7_end_of_output_is_not_the_end),
        STAGE_TEST(test_O8_bytes_in_the_pipe_at_exit_are_kept),
        STAGE_TEST(test_O9_stdin_nobody_reads),
        STAGE_TEST(test_O9_stdin_and_stdout_at_once_do_not_deadlock),
        STAGE_TEST(test_stdin_ends_after_its_data),
        STAGE_TEST(test_O13_dev_stdout_can_be_opened),
        STAGE_TEST(test_live_hook_may_stop_its_own_child),
        STAGE_TEST(test_log_files_hold_each_stream),
        STAGE_TEST(test_silent_stream_leaves_no_log),
        STAGE_TEST(test_X2_secret_in_two_writes_is_masked_in_the_log),
        STAGE_TEST(test_secret_output_is_not_logged),
        STAGE_TEST(test_X7_log_replaces_a_link_and_spares_its_target),
        STAGE_TEST(test_log_that_cannot_be_made_does_not_fail_the_child),
        STAGE_TEST(test_E3_file_size_limit_only_cuts_the_capture),
        STAGE_TEST(test_spill_folder_that_is_missing_only_cuts_the_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
