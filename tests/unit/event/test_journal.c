/*
 * Journals under every kind of damage: cut at each byte, each bit turned, records moved, doubled, from another run.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>
#include <signal.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "event/event_json.h"
#include "event/journal.h"
#include "event/journal_priv.h"
#include "event/run_report.h"
#include "maxima.h"
#include "unit/event/scripted.h"
#include "value/value.h"

struct fixture {
    char dir[64];
    char path[128];
};

static int set_up(void **state) {
    static struct fixture f;
    strcpy(f.dir, "/tmp/test-journal-XXXXXX");
    if (mkdtemp(f.dir) == NULL) {
        return -1;
    }
    (void)snprintf(f.path, sizeof f.path, "%s/journal", f.dir);
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    AUTO(err) struct err err = ERR_INIT;
    return file_remove_tree(f->dir, &err) ? 0 : -1;
}

/* Everything a reader was given, as text: equal texts mean an equal replay. */
static bool collect(const struct event *ev, void *ctx, struct err *err) {
    (void)err;
    event_json_print(ctx, ev);
    str_add_char(ctx, '\n');
    return true;
}

static struct journal *create(const char *path) {
    AUTO(err) struct err err = ERR_INIT;
    struct journal *j = journal_create(path, "20260131-090500-7f3a", &err);
    if (j == NULL) {
        fail_msg("%s", err.message);
    }
    return j;
}

static void close_journal(struct journal *j) {
    AUTO(err) struct err err = ERR_INIT;
    assert_true(journal_close(j, &err));
}

static void small_run(struct script *s) {
    script_run_started(s, script_object(s, "a=1"));
    unsigned step = script_declare(s, "one", "cmd");
    script_start(s, step);
    script_attempt(s, step, "run", "echo hello");
    script_output(s, step, 1, "hello");
    s->now_ms += 10;
    script_attempt_ok(s, step, "hello\n");
    script_succeed(s, step, CHANGE_CREATED, script_object(s, "id=x"));
    script_run_finished(s, VERDICT_SUCCESS, 0, NULL);
}

/* Number of records that small_run() makes, with the header and without the live output. */
enum { SMALL_RECORDS = 8 };

static void write_small(const char *path) {
    struct script s;
    script_init(&s);
    struct journal *j = create(path);
    event_bus_add(&s.bus, journal_sink(j));
    small_run(&s);
    assert_false(s.bus.has_failed);
    close_journal(j);
    script_release(&s);
}

static struct str slurp(const char *path) {
    struct str text = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_read(path, 64 * MIB, &text, &err));
    return text;
}

static void spill(const char *path, const char *text, size_t len) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && file_write_all(fd, text, len));
    assert_int_equal(close(fd), 0);
}

static bool read_journal(const char *path, struct str *ret_events, struct journal_info *ret_info,
                         struct err *err) {
    return journal_read(path, collect, ret_events, ret_info, err);
}

/* Reads a journal that must be refused, and gives the kind of the error. */
static const char *refusal(const char *path, char *ret_message, size_t size) {
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    if (read_journal(path, &events, &info, &err)) {
        return NULL;
    }
    if (ret_message != NULL) {
        (void)snprintf(ret_message, size, "%s", err.message);
    }
    return err.kind;
}

static void test_journal_brings_back_the_run(void **state) {
    struct fixture *f = *state;
    struct script s;
    script_init(&s);
    struct journal *j = create(f->path);
    struct run_report *live = run_report_new();
    event_bus_add(&s.bus, journal_sink(j));
    event_bus_add(&s.bus, run_report_sink(live));
    script_sample(&s);
    close_journal(j);

    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    assert_true(read_journal(f->path, &events, &info, &err));
    assert_string_equal(info.run_id, "20260131-090500-7f3a");
    assert_int_equal(info.torn_bytes, 0);
    assert_int_equal(info.n_unknown, 0);
    assert_int_equal(info.next_seq, s.bus.next_seq);
    assert_null(strstr(str_text(&events), "\"output\""));
    assert_non_null(strstr(str_text(&events), "\"result\":{\"id\":\"8f1c\"}"));
    assert_int_equal(live->n_steps, 11);
    run_report_free(live);
    script_release(&s);
}

static void test_journal_is_private(void **state) {
    struct fixture *f = *state;
    mode_t before = umask(0);
    write_small(f->path);
    umask(before);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_journal_create_refuses_a_file_that_is_there(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(err) struct err err = ERR_INIT;
    assert_null(journal_create(f->path, "x", &err));
    assert_string_equal(err.kind, "journal-exists");
}

static void test_journal_create_does_not_follow_a_link(void **state) {
    struct fixture *f = *state;
    char victim[160];
    (void)snprintf(victim, sizeof victim, "%s/victim", f->dir);
    assert_int_equal(symlink(victim, f->path), 0);
    AUTO(err) struct err err = ERR_INIT;
    assert_null(journal_create(f->path, "x", &err));
    assert_int_not_equal(access(victim, F_OK), 0);
}

/* J2: whatever the length at which a crash cut the file, what stands before is replayed and nothing else. */
static void test_J2_journal_cut_at_every_byte_replays_the_whole_records(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    AUTO(str) struct str all = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct journal_info info;
    assert_true(read_journal(f->path, &all, &info, &err));
    assert_int_equal(info.n_records, SMALL_RECORDS);
    const char *first_end = strchr(whole.data, '\n');
    for (size_t len = 0; len < whole.len; len++) {
        AUTO(str) struct str events = STR_INIT(0);
        spill(f->path, whole.data, len);
        if (len <= (size_t)(first_end - whole.data)) {
            assert_string_equal(refusal(f->path, NULL, 0), "journal-empty");
            continue;
        }
        assert_true(read_journal(f->path, &events, &info, &err));
        assert_int_equal(info.good_bytes + info.torn_bytes, len);
        assert_true(events.len < all.len);
        assert_memory_equal(str_text(&events), all.data, events.len);
        assert_true(events.len == 0 || events.data[events.len - 1] == '\n');
    }
}

/* J1: a bit that turned is refused, or the last record is taken for torn; what is replayed is always true. */
static void test_J1_journal_with_any_bit_turned_is_never_replayed_wrongly(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    AUTO(str) struct str all = STR_INIT(0);
    AUTO(err) struct err err = ERR_INIT;
    struct journal_info info;
    assert_true(read_journal(f->path, &all, &info, &err));
    size_t n_refused = 0;
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        AUTO(str) struct str events = STR_INIT(0);
        AUTO(err) struct err why = ERR_INIT;
        whole.data[bit / 8] = (char)(whole.data[bit / 8] ^ (1 << bit % 8));
        spill(f->path, whole.data, whole.len);
        whole.data[bit / 8] = (char)(whole.data[bit / 8] ^ (1 << bit % 8));
        if (read_journal(f->path, &events, &info, &why)) {
            assert_true(info.torn_bytes > 0);
            assert_int_equal(info.n_records, SMALL_RECORDS - 1);
            assert_memory_equal(str_text(&events), all.data, events.len);
        } else {
            assert_string_equal(why.kind, "journal-corrupt");
            n_refused++;
        }
    }
    assert_true(n_refused > whole.len * 8 - 20);
}

static void test_journal_names_the_record_that_is_damaged(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    char *second = strchr(whole.data, '\n') + 1;
    second[30] = 'X';
    spill(f->path, whole.data, whole.len);
    char message[256];
    char expected[256];
    assert_string_equal(refusal(f->path, message, sizeof message), "journal-corrupt");
    (void)snprintf(expected, sizeof expected,
                   "%s: record 1 at byte %zu is damaged: its checksum does not fit", f->path,
                   (size_t)(second - whole.data));
    assert_string_equal(message, expected);
}

/* J3 */
static void test_J3_journal_with_zeros_at_the_end_loses_only_them(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    size_t len = whole.len;
    str_add_repeat(&whole, '\0', 4096);
    spill(f->path, whole.data, whole.len);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    assert_true(read_journal(f->path, &events, &info, &err));
    assert_int_equal(info.n_records, SMALL_RECORDS);
    assert_int_equal(info.good_bytes, len);
    assert_int_equal(info.torn_bytes, 4096);
}

static void test_J3_journal_with_a_zeroed_sector_is_torn_only_at_the_end(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    AUTO(str) struct str zeroed = STR_INIT(0);
    str_add_bytes(&zeroed, whole.data, whole.len);
    memset(zeroed.data + 512, 0, 512);
    spill(f->path, zeroed.data, zeroed.len);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-corrupt");

    memset(whole.data + whole.len - 60, 0, 40); /* the newline of the last record stays */
    spill(f->path, whole.data, whole.len);
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    assert_true(read_journal(f->path, &events, &info, &err));
    assert_int_equal(info.n_records, SMALL_RECORDS - 1);
}

/* Start and length of each line. */
static size_t split(const struct str *text, const char **ret_lines, size_t *ret_lens, size_t max) {
    size_t n = 0;
    for (const char *at = text->data; at < text->data + text->len && n < max; n++) {
        ret_lines[n] = at;
        ret_lens[n] = (size_t)(strchr(at, '\n') - at) + 1;
        at += ret_lens[n];
    }
    return n;
}

/* J5 */
static void test_J5_journal_refuses_records_doubled_swapped_or_missing(void **state) {
    struct fixture *f = *state;
    static const int orders[][SMALL_RECORDS + 2] = {
        {0, 1, 1, 2, 3, 4, 5, 6, 7, -1}, {0, 1, 2, 3, 4, 5, 6, 7, 7, -1},
        {0, 2, 1, 3, 4, 5, 6, 7, -1, 0}, {0, 1, 2, 3, 4, 5, 7, 6, -1, 0},
        {0, 1, 2, 3, 5, 6, 7, -1, 0, 0}, {1, 2, 3, 4, 5, 6, 7, -1, 0, 0},
        {0, 0, 1, 2, 3, 4, 5, 6, 7, -1},
    };
    const char *lines[SMALL_RECORDS];
    size_t lens[SMALL_RECORDS];
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    assert_int_equal(split(&whole, lines, lens, SMALL_RECORDS), SMALL_RECORDS);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        AUTO(str) struct str mixed = STR_INIT(0);
        for (size_t k = 0; orders[i][k] >= 0; k++) {
            str_add_bytes(&mixed, lines[orders[i][k]], lens[orders[i][k]]);
        }
        spill(f->path, mixed.data, mixed.len);
        assert_string_equal(refusal(f->path, NULL, 0), "journal-corrupt");
    }
}

static void test_J5_journal_refuses_a_record_of_another_run(void **state) {
    struct fixture *f = *state;
    char other[160];
    const char *lines[2][SMALL_RECORDS];
    size_t lens[2][SMALL_RECORDS];
    (void)snprintf(other, sizeof other, "%s/other", f->dir);
    write_small(f->path);
    struct script s;
    script_init(&s);
    AUTO(err) struct err err = ERR_INIT;
    struct journal *j = journal_create(other, "another-run", &err);
    assert_non_null(j);
    event_bus_add(&s.bus, journal_sink(j));
    small_run(&s);
    close_journal(j);
    script_release(&s);
    AUTO(str) struct str mine = slurp(f->path);
    AUTO(str) struct str theirs = slurp(other);
    split(&mine, lines[0], lens[0], SMALL_RECORDS);
    split(&theirs, lines[1], lens[1], SMALL_RECORDS);
    AUTO(str) struct str mixed = STR_INIT(0);
    for (size_t i = 0; i < SMALL_RECORDS; i++) {
        str_add_bytes(&mixed, lines[i == 3][i], lens[i == 3][i]);
    }
    spill(f->path, mixed.data, mixed.len);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-corrupt");
}

/* A record with a good checksum, for what an attacker or another version may write. */
static void add_record(struct str *text, uint32_t *crc, const char *body) {
    AUTO(str) struct str rest = STR_INIT(0);
    str_addf(&rest, "%s}\n", body);
    *crc = crc32c(*crc, rest.data, rest.len);
    str_addf(text, "{\"crc\":\"%08x\",%s", *crc, rest.data);
}

static const char *refusal_of_records(const struct fixture *f, const char *first,
                                      const char *second) {
    AUTO(str) struct str text = STR_INIT(0);
    uint32_t crc = 0;
    add_record(&text, &crc, first);
    if (second != NULL) {
        add_record(&text, &crc, second);
    }
    spill(f->path, text.data, text.len);
    return refusal(f->path, NULL, 0);
}

/* J6 */
static void test_J6_journal_refuses_another_version_and_skips_unknown_events(void **state) {
    struct fixture *f = *state;
    static const char good[] = "\"n\":0,\"journal\":1,\"run\":\"r\"";
    assert_string_equal(refusal_of_records(f, "\"n\":0,\"journal\":2,\"run\":\"r\"", NULL),
                        "journal-version");
    assert_string_equal(refusal_of_records(f, "\"n\":0,\"journal\":1", NULL), "journal-corrupt");
    assert_string_equal(refusal_of_records(f, "\"n\":1,\"journal\":1,\"run\":\"r\"", NULL),
                        "journal-corrupt");
    assert_string_equal(refusal_of_records(f, good, "\"n\":2,\"event\":\"x\""), "journal-corrupt");
    assert_string_equal(refusal_of_records(f, good, "\"n\":1,\"event\":\"notice\",\"text\":1"),
                        "invalid-event");
    assert_string_equal(refusal_of_records(f, good, "\"n\":1,\"n\":[[["), "journal-corrupt");
    assert_null(refusal_of_records(f, good, "\"n\":1,\"event\":\"moon_phase\""));
}

/* J7 */
static void test_J7_journal_read_refuses_what_is_not_a_file(void **state) {
    struct fixture *f = *state;
    assert_string_equal(refusal(f->dir, NULL, 0), "journal-open");
    assert_string_equal(refusal("/dev/zero", NULL, 0), "journal-open");
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-open");
    assert_int_equal(unlink(f->path), 0);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-open");
    spill(f->path, "", 0);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-empty");
    spill(f->path, "hello\n", 6);
    assert_string_equal(refusal(f->path, NULL, 0), "journal-corrupt");
}

static void test_C11_journal_resume_goes_on_after_a_torn_tail(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    AUTO(str) struct str whole = slurp(f->path);
    for (size_t cut = 1; cut < 40; cut += 13) {
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str events = STR_INIT(0);
        struct journal_info info;
        struct script s;
        script_init(&s);
        spill(f->path, whole.data, whole.len - cut);
        struct journal *j = journal_resume(f->path, collect, &events, &info, &err);
        assert_non_null(j);
        assert_int_equal(info.n_records, SMALL_RECORDS - 1);
        s.bus.next_seq = info.next_seq;
        event_bus_add(&s.bus, journal_sink(j));
        script_run_finished(&s, VERDICT_FAILED, 1, "resumed");
        close_journal(j);
        script_release(&s);

        str_reset(&events);
        assert_true(read_journal(f->path, &events, &info, &err));
        assert_int_equal(info.n_records, SMALL_RECORDS);
        assert_int_equal(info.torn_bytes, 0);
        assert_non_null(strstr(str_text(&events), "\"reason\":\"resumed\""));
    }
}

struct looker {
    const char *path;
    atomic_int n_looks;
    atomic_bool is_over;
};

/* C6 */
static void test_C6_journal_is_locked_while_it_is_written(void **state) {
    struct fixture *f = *state;
    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    struct journal *j = create(f->path);
    assert_null(journal_resume(f->path, collect, &events, &info, &err));
    assert_string_equal(err.kind, "run-locked");
    assert_true(read_journal(f->path, &events, &info, &err));
    close_journal(j);
    j = journal_resume(f->path, collect, &events, &info, &err);
    assert_non_null(j);
    close_journal(j);
}

/* Looks until it is told to stop, as journal_is_locked() does on a machine that lets it hold the lock for long. */
static void *look_on(void *ctx) {
    struct looker *l = ctx;
    while (!atomic_load(&l->is_over)) {
        int fd = open(l->path, O_RDONLY | O_CLOEXEC);
        bool has_seen = flock(fd, LOCK_SH | LOCK_NB) == 0;
        atomic_fetch_add(&l->n_looks, has_seen ? 1 : 0);
        for (int i = 0; i < 20; i++) {
            (void)sched_yield();
        }
        (void)close(fd);
    }
    return NULL;
}

static void test_C6_journal_is_resumed_while_others_look_at_it(void **state) {
    struct fixture *f = *state;
    write_small(f->path);
    struct looker looker = {f->path, 0, false};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, look_on, &looker), 0);
    bool is_taken = true;
    while (is_taken && atomic_load(&looker.n_looks) < 100) {
        AUTO(err) struct err err = ERR_INIT;
        AUTO(str) struct str events = STR_INIT(0);
        struct journal_info info;
        struct journal *j = journal_resume(f->path, collect, &events, &info, &err);
        is_taken = j != NULL && journal_close(j, &err);
    }
    atomic_store(&looker.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(is_taken);
}

/* D1 to D3: the disk is full in the middle of a record. */
static void test_D1_journal_cuts_back_when_a_record_does_not_fit_the_disk(void **state) {
    struct fixture *f = *state;
    struct rlimit before;
    struct script s;
    script_init(&s);
    struct journal *j = create(f->path);
    event_bus_add(&s.bus, journal_sink(j));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {900, before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    small_run(&s);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_true(s.bus.has_failed);
    assert_string_equal(journal_failure(j)->kind, "journal-write");
    script_notice(&s, -1, "later", "must not be written after a gap");
    AUTO(err) struct err err = ERR_INIT;
    assert_false(journal_close(j, &err));
    assert_string_equal(err.kind, "journal-write");
    script_release(&s);

    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    AUTO(err) struct err none = ERR_INIT;
    assert_true(read_journal(f->path, &events, &info, &none));
    assert_int_equal(info.torn_bytes, 0);
    assert_true(info.n_records >= 2 && info.n_records < SMALL_RECORDS);
    assert_null(strstr(str_text(&events), "after a gap"));
}

/* D8 */
static void test_D8_journal_close_sees_that_the_file_was_replaced(void **state) {
    struct fixture *f = *state;
    AUTO(err) struct err err = ERR_INIT;
    struct journal *j = create(f->path);
    assert_int_equal(unlink(f->path), 0);
    spill(f->path, "x", 1);
    assert_false(journal_close(j, &err));
    assert_string_equal(err.kind, "journal-gone");
}

static void test_journal_leaves_a_result_out_that_is_too_large(void **state) {
    struct fixture *f = *state;
    struct script s;
    script_init(&s);
    struct journal *j = create(f->path);
    event_bus_add(&s.bus, journal_sink(j));
    unsigned step = script_declare(&s, "huge", "cmd");
    script_start(&s, step);
    size_t len = LIMIT_JOURNAL_RECORD;
    char *text = mem_alloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    script_succeed(&s, step, CHANGE_CREATED, value_string_keep(&s.arena, text, len));
    assert_false(s.bus.has_failed);
    close_journal(j);
    script_release(&s);
    mem_free(text);

    AUTO(err) struct err err = ERR_INIT;
    AUTO(str) struct str events = STR_INIT(0);
    struct journal_info info;
    assert_true(read_journal(f->path, &events, &info, &err));
    assert_non_null(strstr(str_text(&events), "\"change\":\"created\""));
    assert_non_null(strstr(str_text(&events), "\"is_cut\":true"));
}

static void test_crc32c_has_its_known_values(void **state) {
    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
    static const unsigned char zeros[32] = {0};
    assert_int_equal(crc32c(0, zeros, sizeof zeros), 0x8a9136aa);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_journal_brings_back_the_run),
        TEST(test_journal_is_private),
        TEST(test_journal_create_refuses_a_file_that_is_there),
        TEST(test_journal_create_does_not_follow_a_link),
        TEST(test_J2_journal_cut_at_every_byte_replays_the_whole_records),
        TEST(test_J1_journal_with_any_bit_turned_is_never_replayed_wrongly),
        TEST(test_journal_names_the_record_that_is_damaged),
        TEST(test_J3_journal_with_zeros_at_the_end_loses_only_them),
        TEST(test_J3_journal_with_a_zeroed_sector_is_torn_only_at_the_end),
        TEST(test_J5_journal_refuses_records_doubled_swapped_or_missing),
        TEST(test_J5_journal_refuses_a_record_of_another_run),
        TEST(test_J6_journal_refuses_another_version_and_skips_unknown_events),
        TEST(test_J7_journal_read_refuses_what_is_not_a_file),
        TEST(test_C11_journal_resume_goes_on_after_a_torn_tail),
        TEST(test_C6_journal_is_locked_while_it_is_written),
        TEST(test_C6_journal_is_resumed_while_others_look_at_it),
        TEST(test_D1_journal_cuts_back_when_a_record_does_not_fit_the_disk),
        TEST(test_D8_journal_close_sees_that_the_file_was_replaced),
        TEST(test_journal_leaves_a_result_out_that_is_too_large),
        cmocka_unit_test(test_crc32c_has_its_known_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
