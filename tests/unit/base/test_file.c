/* base/file: reading within limits, atomic writing, modes, links, removing trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As the program was started with it: tests change theirs. */
static char *tmpdir;

/* Each test works in a fresh folder, which is the state. */
static int enter_folder(void **state) {
    AUTO(err) struct err err = ERR_INIT;
    if ((tmpdir == NULL ? unsetenv("TMPDIR") : setenv("TMPDIR", tmpdir, 1)) != 0) {
        return -1;
    }
    char *folder = file_make_temp_dir("test_file-", &err);
    *state = folder;
    return folder == NULL || chdir(folder) != 0 ? -1 : 0;
}

static int leave_folder(void **state) {
    AUTO(err) struct err err = ERR_INIT;
    bool is_removed =
        chdir("/") == 0 && file_remove_tree(*state, &err) && access(*state, F_OK) != 0;
    mem_free(*state);
    return is_removed ? 0 : -1;
}

static void make_file(const char *path, const char *text) {
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_write_atomic(path, text, strlen(text), 0644, &err));
}

static void check_text(const char *path, const char *expected) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_read(path, 1000, &text, &err));
    assert_string_equal(str_text(&text), expected);
}

static void check_unreadable(const char *path, size_t max_bytes, const char *kind,
                             const char *message) {
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_false(file_read(path, max_bytes, &text, &err));
    assert_string_equal(err.kind, kind);
    assert_string_equal(err.message, message);
}

static void test_file_read_appends_the_whole_text(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    make_file("a", "12345");
    make_file("empty", "");
    assert_true(file_read("a", 5, &text, &err));
    assert_true(file_read("empty", 0, &text, &err));
    assert_true(file_read("a", 100, &text, &err));
    assert_string_equal(str_text(&text), "1234512345");
}

static void test_file_read_fails_one_past_the_maximum(void **state) {
    (void)state;
    make_file("a", "12345");
    check_unreadable("a", 4, "file-too-large", "'a' has 5 bytes: at most 4 are read");
    AUTO(str) struct str small = STR_INIT(4); /* the buffer's own maximum counts as well */
    AUTO(err) struct err err = ERR_INIT;
    assert_false(file_read("a", 100, &small, &err));
    assert_string_equal(err.kind, "file-too-large");
    AUTO(str) struct str exact = STR_INIT(5);
    assert_true(file_read("a", 100, &exact, &err));
    assert_false(exact.is_over);
}

static void test_file_read_takes_regular_files_only(void **state) {
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    check_unreadable("folder", 10, "file-type", "'folder' is a directory: expected a file");
    check_unreadable("fifo", 10, "file-type", "'fifo' is a fifo: expected a file");
    check_unreadable("/dev/zero", 10, "file-type", "'/dev/zero' is a device: expected a file");
    check_unreadable("absent", 10, "file-not-found",
                     "cannot open 'absent': No such file or directory");
    check_unreadable("fifo/x", 10, "file-not-found", "cannot open 'fifo/x': Not a directory");
}

static void test_file_read_fd_reads_a_pipe_to_its_end(void **state) {
    (void)state;
    for (size_t max_bytes = 9; max_bytes <= 11; max_bytes++) {
        int fds[2];
        AUTO(str) struct str text = STR_INIT(0);
        AUTO(err) struct err err = ERR_INIT;
        assert_int_equal(pipe(fds), 0);
        assert_true(file_write_all(fds[1], "0123456789", 10));
        assert_int_equal(close(fds[1]), 0);
        bool is_read = file_read_fd(fds[0], "pipe", max_bytes, &text, &err);
        assert_int_equal(close(fds[0]), 0);
        assert_int_equal(is_read, max_bytes >= 10);
        if (is_read) {
            assert_string_equal(str_text(&text), "0123456789");
        } else {
            assert_string_equal(err.message, "'pipe' is larger than 9 bytes");
        }
    }
}

static void test_file_read_fd_tells_why_it_cannot(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_false(file_read_fd(-1, "stdin", 10, &text, &err));
    assert_string_equal(err.message, "cannot read 'stdin': Bad file descriptor");
    assert_string_equal(err.kind, "file-read");
}

static void test_file_write_atomic_sets_the_mode_whatever_the_umask_is(void **state) {
    (void)state;
    static const mode_t masks[] = {0, 022, 077};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        AUTO(err) struct err err = ERR_INIT;
        struct stat st;
        mode_t before = umask(masks[i]);
        assert_true(file_write_atomic("private", "x", 1, 0600, &err));
        assert_true(file_write_atomic("public", "x", 1, 0644, &err));
        (void)umask(before); /* cannot fail */
        assert_int_equal(stat("private", &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(stat("public", &st), 0);
        assert_int_equal(st.st_mode & 0777, 0644);
    }
}

static void test_file_write_atomic_replaces_a_link_and_not_its_target(void **state) {
    (void)state;
    struct stat st;
    make_file("target", "old");
    assert_int_equal(symlink("target", "link"), 0);
    make_file("link", "new");
    check_text("target", "old");
    check_text("link", "new");
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISREG(st.st_mode));
}

static void test_file_write_atomic_leaves_nothing_behind_when_it_fails(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_int_equal(mkdir("folder", 0700), 0);
    make_file("folder/x", "");
    assert_false(file_write_atomic("folder", "x", 1, 0644, &err));
    assert_string_equal(err.kind, "file-write");
    assert_string_equal(err.message, "cannot replace 'folder': Is a directory");
    assert_false(file_write_atomic("absent/x", "x", 1, 0644, &err));
    assert_string_equal(err.message, "cannot create a file in 'absent': No such file or directory");
    assert_int_equal(unlink("folder/x"), 0);
    assert_int_equal(rmdir("folder"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(*state), 0); /* empty: no temporary file is left */
    assert_int_equal(mkdir(*state, 0700), 0);
}

static void test_file_write_all_reports_a_full_disk(void **state) {
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        skip();
    }
    assert_false(file_write_all(fd, "x", 1));
    assert_int_equal(close(fd), 0);
}

static void test_file_make_dirs_makes_what_is_missing(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    struct stat st;
    assert_true(file_make_dirs("a/b//c/", 0700, &err));
    assert_true(file_make_dirs("a/b/c", 0700, &err));
    assert_int_equal(stat("a/b/c", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    char *absolute = file_join(*state, "d/e");
    assert_true(file_make_dirs(absolute, 0755, &err));
    mem_free(absolute);
    make_file("file", "");
    assert_false(file_make_dirs("file/x", 0700, &err));
    assert_string_equal(err.message, "cannot make the directory 'file': File exists");
}

static void test_file_make_temp_is_private_and_closed_on_exec(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    char *path = NULL;
    struct stat st;
    int fd = file_make_temp(".", "part-", &path, &err);
    assert_true(fd >= 0);
    assert_true(str_starts(path, "./part-"));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(close(fd), 0);
    mem_free(path);
    assert_int_equal(file_make_temp("absent", "x", &path, &err), -1);
    assert_string_equal(err.kind, "file-write");
}

static void test_file_make_temp_dir_is_private_and_where_tmpdir_says(void **state) {
    static const char *const not_absolute[] = {"", "relative", NULL};
    AUTO(err) struct err err = ERR_INIT;
    struct stat st;
    mode_t before = umask(0);
    assert_int_equal(setenv("TMPDIR", *state, 1), 0);
    char *path = file_make_temp_dir("place-", &err);
    (void)umask(before); /* cannot fail */
    assert_non_null(path);
    assert_true(str_starts(path, *state));
    assert_non_null(strstr(path, "/place-"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    mem_free(path);
    for (size_t i = 0; i < sizeof not_absolute / sizeof *not_absolute; i++) {
        assert_int_equal(
            not_absolute[i] == NULL ? unsetenv("TMPDIR") : setenv("TMPDIR", not_absolute[i], 1), 0);
        path = file_make_temp_dir("test_file-place-", &err);
        assert_true(str_starts(path, "/tmp/test_file-place-"));
        assert_int_equal(rmdir(path), 0);
        mem_free(path);
    }
}

static void test_file_make_temp_dir_tells_where_it_cannot(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_int_equal(setenv("TMPDIR", "/absent/dir", 1), 0);
    assert_null(file_make_temp_dir("place-", &err));
    assert_string_equal(err.kind, "file-write");
    assert_string_equal(err.message,
                        "cannot create a directory in '/absent/dir': No such file or directory");
}

static void test_file_paths_are_joined_and_split(void **state) {
    (void)state;
    static const struct {
        const char *dir;
        const char *name;
        const char *joined;
    } joins[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"a", "/b", "/b"}, {"", "b", "b"},
    };
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        char *path = file_join(joins[i].dir, joins[i].name);
        assert_string_equal(path, joins[i].joined);
        mem_free(path);
    }
    static const struct {
        const char *path;
        const char *dir;
    } dirs[] = {
        {"a", "."},  {"a/b", "a"}, {"a/b/", "a"}, {"a//b", "a"},
        {"/a", "/"}, {"/", "/"},   {"", "."},     {"//", "/"},
    };
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        char *dir = file_dirname(dirs[i].path);
        assert_string_equal(dir, dirs[i].dir);
        mem_free(dir);
    }
}

static void test_file_remove_tree_does_not_follow_links(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_make_dirs("tree/deep/er", 0700, &err));
    assert_true(file_make_dirs("kept", 0700, &err));
    make_file("kept/file", "stays");
    make_file("tree/deep/file", "goes");
    assert_int_equal(symlink("../../kept", "tree/deep/link"), 0);
    assert_true(file_remove_tree("tree", &err));
    assert_int_equal(access("tree", F_OK), -1);
    check_text("kept/file", "stays");
    assert_true(file_remove_tree("tree", &err));
    assert_int_equal(symlink("kept", "link"), 0);
    assert_true(file_remove_tree("link", &err));
    check_text("kept/file", "stays");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_file_read_appends_the_whole_text),
        IN_FOLDER(test_file_read_fails_one_past_the_maximum),
        IN_FOLDER(test_file_read_takes_regular_files_only),
        IN_FOLDER(test_file_read_fd_reads_a_pipe_to_its_end),
        IN_FOLDER(test_file_read_fd_tells_why_it_cannot),
        IN_FOLDER(test_file_write_atomic_sets_the_mode_whatever_the_umask_is),
        IN_FOLDER(test_file_write_atomic_replaces_a_link_and_not_its_target),
        IN_FOLDER(test_file_write_atomic_leaves_nothing_behind_when_it_fails),
        IN_FOLDER(test_file_write_all_reports_a_full_disk),
        IN_FOLDER(test_file_make_dirs_makes_what_is_missing),
        IN_FOLDER(test_file_make_temp_is_private_and_closed_on_exec),
        IN_FOLDER(test_file_make_temp_dir_is_private_and_where_tmpdir_says),
        IN_FOLDER(test_file_make_temp_dir_tells_where_it_cannot),
        IN_FOLDER(test_file_paths_are_joined_and_split),
        IN_FOLDER(test_file_remove_tree_does_not_follow_links),
    };
    const char *own = getenv("TMPDIR");
    tmpdir = own == NULL ? NULL : mem_strdup(own);
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    mem_free(tmpdir);
    return n_failed;
}
