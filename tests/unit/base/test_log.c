/* base/log: masking, one safe line per message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What `speak` writes to stderr. */
static void catch_stderr(void (*speak)(void), struct str *out) {
    AUTO(err) struct err err = ERR_INIT;
    int fds[2];
    (void)fflush(stderr); /* nothing of before may land in the pipe */
    int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(pipe(fds), 0);
    assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
    speak();
    (void)fflush(stderr); /* read below shows what arrived */
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    assert_int_equal(close(kept) + close(fds[1]), 0);
    assert_true(file_read_fd(fds[0], "stderr", 100000, out, &err));
    assert_int_equal(close(fds[0]), 0);
}

static void speak_of_secrets(void) {
    log_warn("token %s\x1B[31m and %s", "s3cr3t-value", "czNjcjN0LXZhbHVl");
}

static void test_log_masks_and_disarms(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    assert_true(mask_register("s3cr3t-value", 12));
    catch_stderr(speak_of_secrets, &out);
    mask_clear();
    assert_string_equal(str_text(&out), "cpdflow: warning: token *** and ***\n");
}

static void speak_long(void) {
    AUTO(str) struct str text = STR_INIT(0);
    str_add_repeat(&text, 'x', LIMIT_MESSAGE - 4);
    str_add(&text, "s3cr3t-value and more");
    log_warn("%s", str_text(&text));
}

static void test_log_cuts_long_messages_behind_the_mask(void **state) {
    (void)state;
    AUTO(str) struct str out = STR_INIT(0);
    assert_true(mask_register("s3cr3t-value", 12));
    catch_stderr(speak_long, &out);
    mask_clear();
    assert_null(strstr(out.data, "s3c"));
    assert_int_equal(out.len, strlen("cpdflow: warning: ") + LIMIT_MESSAGE + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_masks_and_disarms),
        cmocka_unit_test(test_log_cuts_long_messages_behind_the_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
