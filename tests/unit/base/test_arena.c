/* base/arena and base/mem: alignment, limits, joining; the one way out when memory is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_arena_memory_is_aligned_and_separate(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    unsigned char *parts[200];
    for (size_t i = 0; i < 200; i++) {
        parts[i] = arena_alloc(&a, i + 1);
        assert_int_equal((uintptr_t)parts[i] % 8, 0);
        memset(parts[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k <= i; k++) {
            assert_int_equal(parts[i][k], i);
        }
    }
    arena_release(&a);
    arena_release(NULL);
}

static void test_arena_zalloc_gives_zeros_in_memory_used_before(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    memset(arena_alloc(&a, 500), 0xFF, 500);
    arena_reset(&a);
    const unsigned char *zeros = arena_zalloc(&a, 500);
    for (size_t i = 0; i < 500; i++) {
        assert_int_equal(zeros[i], 0);
    }
    arena_release(&a);
}

static void test_arena_texts_are_packed_and_terminated(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    assert_string_equal(arena_strdup(&a, "abc"), "abc");
    assert_string_equal(arena_strndup(&a, "abcdef", 2), "ab");
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    const char *first = arena_strdup(&a, "12");
    assert_ptr_equal(arena_strdup(&a, "34"), first + 3);
    arena_release(&a);
}

static void test_arena_large_object_leaves_the_rest_of_the_block_in_use(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(0);
    char *small = arena_alloc(&a, 8);
    memset(arena_alloc(&a, 1000000), 1, 1000000);
    char *next = arena_alloc(&a, 8);
    assert_ptr_equal(next, small + 8);
    arena_release(&a);
    assert_int_equal(a.total_bytes, 0);
}

static void test_arena_try_fails_one_past_the_maximum_and_serves_at_it(void **state) {
    (void)state;
    enum { MAX = 4096, BLOCK_HEADER = 16 };
    struct arena a = ARENA_INIT(MAX);
    assert_null(arena_try(&a, MAX - BLOCK_HEADER + 1));
    assert_null(arena_try(&a, SIZE_MAX));
    assert_null(arena_try_text(&a, "x", SIZE_MAX));
    char *all = arena_try(&a, MAX - BLOCK_HEADER);
    assert_non_null(all);
    memset(all, 1, MAX - BLOCK_HEADER);
    assert_int_equal(a.total_bytes, MAX);
    assert_null(arena_try(&a, 1));
    assert_null(arena_try_text(&a, "", 0));
    arena_reset(&a);
    assert_non_null(arena_try(&a, MAX - BLOCK_HEADER));
    arena_release(&a);
    assert_non_null(arena_try(&a, 100));
    arena_release(&a);
}

static void test_arena_uses_its_maximum_up_in_small_steps(void **state) {
    (void)state;
    struct arena a = ARENA_INIT(100000);
    size_t n_bytes = 0;
    while (arena_try(&a, 40) != NULL) {
        n_bytes += 40;
    }
    assert_true(a.total_bytes <= 100000);
    assert_true(n_bytes > 98000);
    arena_release(&a);
}

static void test_arena_join_keeps_all_objects_and_empties_the_other(void **state) {
    (void)state;
    struct arena into = ARENA_INIT(0);
    struct arena from = ARENA_INIT(0);
    char *texts[300];
    for (int i = 0; i < 300; i++) {
        texts[i] = arena_printf(i % 2 == 0 ? &into : &from, "text number %d", i);
    }
    size_t total_bytes = into.total_bytes + from.total_bytes;
    arena_join(&into, &from);
    arena_join(&into, &from);
    assert_int_equal(into.total_bytes, total_bytes);
    assert_int_equal(from.total_bytes, 0);
    arena_release(&from);
    assert_string_equal(arena_strdup(&into, "goes on"), "goes on");
    for (int i = 0; i < 300; i++) {
        AUTO(arena) struct arena expected = ARENA_INIT(0);
        assert_string_equal(texts[i], arena_printf(&expected, "text number %d", i));
    }
    arena_join(&from, &into);
    assert_string_equal(texts[299], "text number 299");
    arena_release(&from);
}

static void test_mem_texts_and_zeros(void **state) {
    (void)state;
    char *copy = mem_strndup("abcdef", 3);
    assert_string_equal(copy, "abc");
    copy = mem_realloc(copy, 10, 2);
    assert_string_equal(copy, "abc");
    mem_free(copy);
    int *zeros = mem_zalloc(10, sizeof *zeros);
    assert_int_equal(zeros[9], 0);
    mem_free(zeros);
    mem_free(mem_alloc(0));
    mem_free(mem_zalloc(0, 8));
    mem_free(NULL);
}

static int told_fd;

static void tell(void) {
    ssize_t n = write(told_fd, "told", 4);
    (void)n; /* the parent sees what arrived */
}

/* Runs fn in a child; returns its wait status and what the function of mem_at_death() told. */
static int run_child(void (*fn)(void), char *told, size_t told_size) {
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO); /* the message is not for the log of the tests */
        told_fd = pipe_fds[1];
        mem_at_death(tell);
        fn();
        _exit(0);
    }
    (void)close(pipe_fds[1]); /* so that the read below ends with the child */
    ssize_t n = read(pipe_fds[0], told, told_size - 1);
    told[n < 0 ? 0 : n] = '\0';
    (void)close(pipe_fds[0]); /* was only read */
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void overflow_realloc(void) {
    mem_free(mem_realloc(NULL, SIZE_MAX / 2, 4));
}

static void overflow_arena(void) {
    struct arena a = ARENA_INIT(1000);
    (void)arena_alloc(&a, 2000);
}

static void test_mem_exhausted_calls_the_function_and_exits_with_4(void **state) {
    (void)state;
    void (*const causes[])(void) = {overflow_realloc, overflow_arena, mem_exhausted};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        char told[16];
        int status = run_child(causes[i], told, sizeof told);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 4);
        assert_string_equal(told, "told");
    }
}

static void make_bug(void) {
    bug("a value of %d", 7);
}

static void test_mem_bug_calls_the_function_and_aborts(void **state) {
    (void)state;
    char told[16];
    int status = run_child(make_bug, told, sizeof told);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_string_equal(told, "told");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_memory_is_aligned_and_separate),
        cmocka_unit_test(test_arena_zalloc_gives_zeros_in_memory_used_before),
        cmocka_unit_test(test_arena_texts_are_packed_and_terminated),
        cmocka_unit_test(test_arena_large_object_leaves_the_rest_of_the_block_in_use),
        cmocka_unit_test(test_arena_try_fails_one_past_the_maximum_and_serves_at_it),
        cmocka_unit_test(test_arena_uses_its_maximum_up_in_small_steps),
        cmocka_unit_test(test_arena_join_keeps_all_objects_and_empties_the_other),
        cmocka_unit_test(test_mem_texts_and_zeros),
        cmocka_unit_test(test_mem_exhausted_calls_the_function_and_exits_with_4),
        cmocka_unit_test(test_mem_bug_calls_the_function_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
