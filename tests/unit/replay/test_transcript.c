/* Recordings of people: words of a command line, prompts, exit codes, cells, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/str.h"
#include "maxima.h"
#include "replay/transcript.h"
#include "replay/transcript_priv.h"

static const char *const programs[] = {"cpdctl", NULL};

/* ---- words ---- */

struct words {
    const char *text;
    const char *argv; /* joined by |, NULL: left out */
    enum transcript_left left;
};

static void expect_words(const struct words *w, bool is_notebook) {
    AUTO(arena) struct arena a = ARENA_INIT(0);
    struct shell_line line;
    shell_line_read(&a, w->text, strlen(w->text), programs, is_notebook, &line);
    AUTO(str) struct str argv = STR_INIT(0);
    for (size_t i = 0; line.argv[i] != NULL; i++) {
        str_addf(&argv, "%s%s", i == 0 ? "" : "|", line.argv[i]);
    }
    if (line.left != w->left || (w->argv != NULL && strcmp(str_text(&argv), w->argv) != 0)) {
        fail_msg("%s: left %d, %s", w->text, (int)line.left, str_text(&argv));
    }
    assert_true(line.is_ours);
}

static void test_shell_line_reads_words_as_a_shell_does(void **state) {
    (void)state;
    static const struct words cases[] = {
        {"cpdctl space list", "cpdctl|space|list", LEFT_NOT},
        {"  ./cpdctl\tx  ", "./cpdctl|x", LEFT_NOT},
        {"cpdctl 'a b' \"c 'd' \\\"e\\\"\" f\\ g ''", "cpdctl|a b|c 'd' \"e\"|f g|", LEFT_NOT},
        {"cpdctl a\\\n  b", "cpdctl|a|b", LEFT_NOT},
        {"cpdctl \"$A\" ${B}x '$C' \\$D $ 5$", "cpdctl|{{any}}|{{any}}x|$C|$D|$|5$", LEFT_NOT},
        {"cpdctl ~/x a~", "cpdctl|{{any}}/x|a~", LEFT_NOT},
        {"cpdctl a # b | c", "cpdctl|a", LEFT_NOT},
        {"cpdctl a#b", "cpdctl|a#b", LEFT_NOT},
        {"cpdctl 'results[*]' {a} '{a,b}'", "cpdctl|results[*]|{a}|{a,b}", LEFT_NOT},
        {"A=1 B=\"x y\" cpdctl z", "cpdctl|z", LEFT_NOT},
        {"cpdctl a;", "cpdctl|a", LEFT_NOT},
        {"cpdctl a 2>&1", "cpdctl|a", LEFT_NOT},
        {"cpdctl a 2> /dev/null", "cpdctl|a", LEFT_NOT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_words(&cases[i], false);
    }
}

static void test_shell_line_leaves_out_what_the_text_does_not_tell(void **state) {
    (void)state;
    static const struct words cases[] = {
        {"cpdctl a | jq .", NULL, LEFT_PIPED},
        {"jq . x | cpdctl a", NULL, LEFT_PIPED},
        {"cpdctl a > b", NULL, LEFT_REDIRECTED},
        {"cpdctl a 2>b", NULL, LEFT_REDIRECTED},
        {"cpdctl a >&2", NULL, LEFT_REDIRECTED},
        {"cpdctl a <b", NULL, LEFT_REDIRECTED},
        {"cd x && cpdctl a", NULL, LEFT_SHARED},
        {"cpdctl a; cpdctl b", NULL, LEFT_SHARED},
        {"cpdctl a &", NULL, LEFT_SHARED},
        {"cpdctl a $(date)", NULL, LEFT_EXPANSION},
        {"cpdctl a `date`", NULL, LEFT_EXPANSION},
        {"cpdctl a ${B:-c}", NULL, LEFT_EXPANSION},
        {"cpdctl a $$", NULL, LEFT_EXPANSION},
        {"cpdctl --n={a,b}", NULL, LEFT_EXPANSION},
        {"(cpdctl a)", NULL, LEFT_EXPANSION},
        {"X=$(cpdctl a)", NULL, LEFT_CAPTURED},
        {"echo \"$(cpdctl a $(date))\"", NULL, LEFT_CAPTURED},
        {"echo `cpdctl a`", NULL, LEFT_CAPTURED},
        {"for i in 1 2; do cpdctl $i; done", NULL, LEFT_BLOCK},
        {"if cpdctl a; then b; fi", NULL, LEFT_BLOCK},
        {"time cpdctl a", NULL, LEFT_MIXED},
        {"cpdctl 'a", NULL, LEFT_UNREADABLE},
        {"cpdctl \"a", NULL, LEFT_UNREADABLE},
        {"cpdctl a ....", NULL, LEFT_UNREADABLE},
        {"cpdctl a\x08", NULL, LEFT_UNREADABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_words(&cases[i], false);
    }
}

static void test_shell_line_replaces_names_of_python_before_the_shell_reads(void **state) {
    (void)state;
    static const struct words cases[] = {
        {"cpdctl {a} '{b}' \"{c}\" '$d'", "cpdctl|{{any}}|{{any}}|{{any}}|{{any}}", LEFT_NOT},
        {"cpdctl x{a[0]}y {b.c} {d(1)}", "cpdctl|x{{any}}y|{{any}}|{{any}}", LEFT_NOT},
        {"cpdctl '{\"a\": 1}'", NULL, LEFT_EXPANSION},
        {"cpdctl {a", NULL, LEFT_EXPANSION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_words(&cases[i], true);
    }
}

/* ---- files ---- */

struct read {
    struct arena arena;
    struct transcript transcript;
    struct err err;
    bool is_fine;
};

static void read_text(struct read *r, const char *file, const char *text, size_t len) {
    struct transcript_options options = {.file = file, .programs = programs};
    *r = (struct read){.arena = ARENA_INIT(0), .err = ERR_INIT};
    r->is_fine = transcript_read(&r->arena, &options, text, len, &r->transcript, &r->err);
}

static void end(struct read *r) {
    err_release(&r->err);
    arena_release(&r->arena);
    mask_clear();
}

static void expect_prompt(const char *line, bool is_prompt) {
    struct read r;
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "$ true\n%s\n", line);
    read_text(&r, "x.log", str_text(&text), text.len);
    assert_true(r.is_fine);
    if ((r.transcript.n == 1) != is_prompt) {
        fail_msg("%s: %zu commands", line, r.transcript.n);
    }
    end(&r);
}

static void test_transcript_knows_prompts_from_output(void **state) {
    (void)state;
    static const char *const yes[] = {"$ cpdctl x",
                                      "ops@jump:~/a$ cpdctl x",
                                      "[root@jump ~]# cpdctl x",
                                      "root@jump:/# cpdctl x",
                                      "(venv) ops@jump:~$ cpdctl x",
                                      "bash-5.1$ cpdctl x",
                                      "\x1b[1;32mops@jump\x1b[0m:~$ cpdctl x",
                                      "\x1b]0;title\x07$ cpdctl x"};
    static const char *const no[] = {"# cpdctl x", "% cpdctl x",     "+ cpdctl x",
                                     "$cpdctl x",  "costs $ cpdctl", "[x] $ cpdctl x"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        expect_prompt(yes[i], true);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        expect_prompt(no[i], false);
    }
}

static void expect_exit(const char *output, int code, enum transcript_exit from) {
    struct read r;
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(&text, "$ cpdctl x\n%s", output);
    read_text(&r, "x.log", str_text(&text), text.len);
    assert_true(r.is_fine && r.transcript.n == 1);
    assert_int_equal(r.transcript.commands[0].call.exit_code, code);
    assert_int_equal(r.transcript.commands[0].exit_from, from);
    end(&r);
}

static void test_transcript_takes_the_exit_code_from_what_tells_it(void **state) {
    (void)state;
    expect_exit("", 0, EXIT_ASSUMED);
    expect_exit("FAILED to look failed\n", 0, EXIT_ASSUMED);
    expect_exit("...\n\x1b[31;1mFAILED\x1b[0m\r\nno\n", 1, EXIT_TOLD);
    expect_exit("x\n\nStatus code =  0\n", 0, EXIT_TOLD);
    expect_exit("Status code = 254\n", 254, EXIT_TOLD);
    expect_exit("Status code = 404\n", 1, EXIT_TOLD);
    expect_exit("FAILED\n$ echo $?\n2\n", 2, EXIT_RECORDED);
    expect_exit("FAILED\n$ true\n$ echo $?\n0\n", 1, EXIT_TOLD);
}

static void test_transcript_keeps_each_byte_of_an_output(void **state) {
    (void)state;
    static const char text[] = "$ cpdctl x\r\na\r\n\x1b[1mb\x1b[0m\0\xff\n\n$ cpdctl y\nno end";
    struct read r;
    read_text(&r, "x.log", text, sizeof text - 1);
    assert_true(r.is_fine);
    assert_int_equal(r.transcript.n, 2);
    const struct tape_call *c = &r.transcript.commands[0].call;
    assert_int_equal(c->out_len, 16);
    assert_memory_equal(c->out, "a\r\n\x1b[1mb\x1b[0m\0\xff\n\n", 16);
    assert_string_equal(r.transcript.commands[1].call.out, "no end");
    assert_int_equal(r.transcript.commands[1].line, 5);
    end(&r);
}

static void expect_left(const char *source, const char *out, const char *wanted) {
    struct read r;
    AUTO(str) struct str text = STR_INIT(0);
    str_addf(
        &text,
        "[{\"command\": \"\", \"stdout\": \"%s\", \"execution_count\": 1, \"source\": \"%s\"}]",
        out, source);
    read_text(&r, "x.json", str_text(&text), text.len);
    AUTO(str) struct str left = STR_INIT(0);
    for (size_t i = 0; i < r.transcript.n; i++) {
        const struct transcript_command *c = &r.transcript.commands[i];
        str_addf(&left, "%s%s", i == 0 ? "" : " ",
                 c->left == LEFT_NOT ? "call" : transcript_left_texts[c->left].kind);
    }
    if (!r.is_fine || strcmp(str_text(&left), wanted) != 0) {
        fail_msg("%s: %s", source, str_text(&left));
    }
    end(&r);
}

static void test_notebook_takes_an_output_only_when_it_can_be_of_one_command(void **state) {
    (void)state;
    expect_left("!cpdctl a", "x", "call");
    expect_left("# why\\nimport json\\nx = json.dumps({\\n  'a': f(1),\\n})\\n! cpdctl a", "x",
                "call");
    expect_left("! cpdctl a \\\\\\n  b\\n", "x", "call");
    expect_left("!cpdctl a\\n!cpdctl b", "", "call call");
    expect_left("!cpdctl a\\n!cpdctl b", "x", "shared-output shared-output");
    expect_left("!cpdctl a\\n!ls", "x", "shared-output");
    expect_left("a = !cpdctl a\\n!cpdctl b", "x", "captured-output call");
    expect_left("a, b = !cpdctl a", "", "captured-output");
    expect_left("!!cpdctl a\\n%sx cpdctl b\\nx = %system cpdctl c", "",
                "captured-output captured-output captured-output");
    expect_left("for i in l:\\n  !cpdctl a", "", "repeated-command");
    expect_left("!cpdctl a\\nprint(1)", "x", "mixed-output");
    expect_left("!cpdctl a\\nf(1)", "x", "mixed-output");
    expect_left("!cpdctl a\\nf(1)", "", "call");
    expect_left("x = [\\n  print(1)]\\n!cpdctl a", "x", "mixed-output");
    expect_left("%%time\\n!cpdctl a", "x", "mixed-output");
    expect_left("%%capture\\n!cpdctl a", "", "captured-output");
    expect_left("%%bash --out x\\ncpdctl a", "", "captured-output");
    expect_left("%%sh\\n# it\\ncpdctl \\\\\\n a", "x", "call");
    expect_left("%%bash\\ncpdctl a\\ncpdctl b", "x", "shared-output shared-output");
    expect_left("%%html\\n!cpdctl a", "x", "");
    expect_left("s = '!cpdctl a'", "", "");
    expect_left("!cpdctl a", "IOPub data rate exceeded.\\n", "cut-output");
}

/* ---- limits ---- */

static void expect_many(size_t n, bool is_fine) {
    AUTO(str) struct str text = STR_INIT(LIMIT_TRANSCRIPT_BYTES);
    for (size_t i = 0; i < n; i++) {
        str_add(&text, "$ cpdctl x\n");
    }
    struct read r;
    read_text(&r, "x.log", str_text(&text), text.len);
    assert_int_equal(r.is_fine, is_fine);
    if (!is_fine) {
        assert_string_equal(r.err.kind, "invalid-transcript");
        assert_int_equal(r.err.place.line, LIMIT_TAPE_CALLS + 1);
    }
    end(&r);
}

static void test_transcript_takes_as_many_commands_as_a_cassette(void **state) {
    (void)state;
    expect_many(LIMIT_TAPE_CALLS, true);
    expect_many(LIMIT_TAPE_CALLS + 1, false);
}

/* Each of these would take hours if a step looked at all of what stands before it. */
static void test_transcript_reads_hostile_text_in_one_pass(void **state) {
    (void)state;
    struct read r;
    AUTO(str) struct str open = STR_INIT(LIMIT_TRANSCRIPT_BYTES);
    str_add(&open, "$ cpdctl '");
    str_add_repeat(&open, '\n', 1000000);
    read_text(&r, "x.log", str_text(&open), open.len);
    assert_true(r.is_fine && r.transcript.commands[0].left == LEFT_UNREADABLE);
    end(&r);

    AUTO(str) struct str deep = STR_INIT(LIMIT_TRANSCRIPT_BYTES);
    str_add(&deep, "$ cpdctl ");
    for (size_t i = 0; i < 100000; i++) {
        str_add(&deep, "$(");
    }
    read_text(&r, "x.log", str_text(&deep), deep.len);
    assert_true(r.is_fine && r.transcript.commands[0].left == LEFT_EXPANSION);
    end(&r);
}

static void test_transcript_hides_secrets_wherever_they_stand(void **state) {
    (void)state;
    static const char text[] = "$ cpdctl a --x\nit was hunter2hunter2\n"
                               "$ cpdctl b --password=hunter2hunter2 --apikey {{any}}\n";
    struct read r;
    struct tape tape;
    read_text(&r, "x.log", text, sizeof text - 1);
    transcript_tape(&r.arena, &r.transcript, "x", &tape);
    assert_int_equal(tape.n_calls, 2);
    assert_string_equal(tape.calls[0].out, "it was ***\n");
    assert_string_equal(tape.calls[1].argv[2], "--password=***");
    assert_string_equal(tape.calls[1].argv[4], "{{any}}");
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_line_reads_words_as_a_shell_does),
        cmocka_unit_test(test_shell_line_leaves_out_what_the_text_does_not_tell),
        cmocka_unit_test(test_shell_line_replaces_names_of_python_before_the_shell_reads),
        cmocka_unit_test(test_transcript_knows_prompts_from_output),
        cmocka_unit_test(test_transcript_takes_the_exit_code_from_what_tells_it),
        cmocka_unit_test(test_transcript_keeps_each_byte_of_an_output),
        cmocka_unit_test(test_notebook_takes_an_output_only_when_it_can_be_of_one_command),
        cmocka_unit_test(test_transcript_takes_as_many_commands_as_a_cassette),
        cmocka_unit_test(test_transcript_reads_hostile_text_in_one_pass),
        cmocka_unit_test(test_transcript_hides_secrets_wherever_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
