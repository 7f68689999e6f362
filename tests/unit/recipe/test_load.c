/*
 * recipe/load: what stands in a recipe is what stands in the model; defaults and environments
 * come down; limits hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/classes.h"
#include "base/file.h"
#include "base/formats.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "fixture.h"
#include "maxima.h"
#include "value/value.h"

#define HEAD "cpdflow: 1\n"

static void assert_template(const struct template *t, const char *text) {
    assert_non_null(t);
    assert_string_equal(template_text(t), text);
}

static void assert_expr(const struct expr *e, const char *text) {
    assert_non_null(e);
    assert_string_equal(expr_text(e), text);
}

/* ---- the top level --------------------------------------------------------------------------- */

static void test_load_recipe_fields(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "name: publish\n"
                     "description: Store and deploy\n"
                     "cpdctl: {version: 1.4}\n"
                     "timeout: 1h\n"
                     "finally_timeout: 90s\n"
                     "max_parallel: 7\n"
                     "classify: [{match: 'quota', exit: [3, 4], http_status: 429, class: quota}]\n"
                     "steps: [{id: a, cmd: [date]}, {cmd: [date]}]\n"
                     "finally: [{id: z, cmd: [date]}]\n"
                     "outputs: {day: \"${{ steps.a.stdout }}\"}\n");
    assert_string_equal(r->name, "publish");
    assert_string_equal(r->description, "Store and deploy");
    assert_string_equal(r->cpdctl_version, "1.4");
    assert_int_equal(r->timeout.ms, 3600000);
    assert_int_equal(r->finally_timeout.ms, 90000);
    assert_int_equal(r->max_parallel.n, 7);
    assert_int_equal(r->n_steps, 2);
    assert_int_equal(r->n_finally, 1);
    assert_int_equal(r->n_all_steps, 3);
    assert_string_equal(r->outputs[0].name, "day");
    assert_int_equal(r->n_classify, 1);
    assert_int_equal(r->classify[0].error_class, CLASS_QUOTA);
    assert_int_equal(r->classify[0].n_exits, 2);
    assert_int_equal(r->classify[0].http_status[0], 429);
    assert_non_null(r->classify[0].match);
    recipe_free(r);
}

static void test_load_names_the_recipe_after_its_file(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps: [{cmd: [date]}]\n");
    assert_string_equal(r->name, "recipe");
    recipe_free(r);
}

static void test_load_inputs(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "inputs:\n"
                     "  plain: {}\n"
                     "  secret: {secret: true, env: CPD_PASSWORD, description: of the admin}\n"
                     "  ratio: {type: number, default: 0.80, minimum: 0, maximum: 1}\n"
                     "  stage: {enum: [dev, prod], default: dev}\n"
                     "  maybe: {type: list, required: false}\n"
                     "  nothing: {default: null}\n"
                     "  code: {pattern: '^[a-z]$'}\n"
                     "steps: [{cmd: [echo, \"${{ inputs }}\"]}]\n");
    assert_int_equal(r->n_inputs, 7);
    assert_int_equal(r->inputs[0].type, INPUT_STRING);
    assert_null(r->inputs[0].default_value);
    assert_false(r->inputs[0].is_optional);
    assert_true(r->inputs[1].is_secret);
    assert_string_equal(r->inputs[1].env, "CPD_PASSWORD");
    assert_string_equal(r->inputs[1].description, "of the admin");
    assert_string_equal(r->inputs[2].default_value->as.text, "0.80");
    assert_string_equal(r->inputs[2].maximum->as.text, "1");
    assert_int_equal(r->inputs[3].allowed->len, 2);
    assert_true(r->inputs[4].is_optional);
    assert_int_equal(r->inputs[4].type, INPUT_LIST);
    assert_true(r->inputs[5].is_optional);
    assert_null(r->inputs[5].default_value);
    assert_string_equal(r->inputs[6].pattern_text, "^[a-z]$");
    recipe_free(r);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void test_load_arguments_typed_and_flags(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "steps:\n"
                     "  - id: a\n"
                     "    cpdctl: [space, list, 5, {json: {a: 1}}, {yaml: [1]}, {file_json: {}}, "
                     "{secret_file: s}]\n"
                     "    flags: {limit: 5, all: true, body: {json: [1]}, tags: [a, b]}\n"
                     "    stdin: {json: {a: 1}}\n"
                     "    cwd: sub\n"
                     "    env: {A: b}\n"
                     "    output: table\n");
    const struct call *call = find_step(r, "a")->call;
    assert_int_equal(call->kind, CALL_CPDCTL);
    assert_int_equal(call->n_args, 7);
    assert_template(call->args[2].template, "5");
    const enum arg_kind kinds[] = {ARG_TEMPLATE, ARG_TEMPLATE,  ARG_TEMPLATE,   ARG_JSON,
                                   ARG_YAML,     ARG_FILE_JSON, ARG_SECRET_FILE};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(call->args[i].kind, kinds[i]);
    }
    assert_template(call->args[6].template, "s");
    assert_int_equal(call->n_flags, 4);
    assert_string_equal(call->flags[0].name, "limit");
    assert_non_null(call->flags[0].tree);
    assert_int_equal(call->flags[2].arg.kind, ARG_JSON);
    assert_int_equal(call->stdin_source.kind, STDIN_JSON);
    assert_template(call->cwd, "sub");
    assert_string_equal(call->env[0].name, "A");
    assert_int_equal(call->output.kind, OUTPUT_FORMAT);
    assert_int_equal(call->output.format, EXTRACT_TABLE);
    recipe_free(r);
}

static void check_words(const char *text, const char *const *words, size_t n) {
    AUTO(str) struct str recipe = STR_INIT(0);
    str_addf(&recipe, HEAD "vars: {a: b}\nsteps:\n  - id: a\n    cmd: |-\n      %s\n", text);
    struct recipe *r = load_ok(str_text(&recipe));
    const struct call *call = find_step(r, "a")->call;
    assert_int_equal(call->n_args, n);
    for (size_t i = 0; i < n; i++) {
        assert_template(call->args[i].template, words[i]);
    }
    recipe_free(r);
}

static void test_load_words_of_a_text(void **state) {
    (void)state;
    check_words("oc get  pods", (const char *const[]){"oc", "get", "pods"}, 3);
    check_words("a 'b c' \"d e\" f\\ g", (const char *const[]){"a", "b c", "d e", "f g"}, 4);
    check_words("a '' \"\"", (const char *const[]){"a", "", ""}, 3);
    check_words("a --x='b c'd", (const char *const[]){"a", "--x=b cd"}, 2);
    check_words("a \"\\\"\\\\\\n\" '\\n'", (const char *const[]){"a", "\"\\\\n", "\\n"}, 3);
    check_words("a ${{ {x: {y: vars.a}} }} b",
                (const char *const[]){"a", "${{ {x: {y: vars.a}} }}", "b"}, 3);
    check_words("a --x=${{ join(' }} ', ['b c']) }}d",
                (const char *const[]){"a", "--x=${{ join(' }} ', ['b c']) }}d"}, 2);
    check_words("a '${{ vars.a }} b'", (const char *const[]){"a", "${{ vars.a }} b"}, 2);
}

static void test_load_script(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - id: a\n"
                                    "    run: |\n"
                                    "      echo a\n"
                                    "      echo b\n"
                                    "  - id: b\n"
                                    "    run: echo c\n"
                                    "    shell: bash\n"
                                    "    output: {regex: '(?<x>c)', all: true}\n");
    assert_string_equal(find_step(r, "a")->call->script, "echo a\necho b\n");
    assert_string_equal(find_step(r, "a")->call->shell, "sh");
    assert_string_equal(find_step(r, "b")->call->shell, "bash");
    assert_int_equal(find_step(r, "b")->call->output.kind, OUTPUT_PATTERN);
    assert_true(find_step(r, "b")->call->output.all);
    assert_non_null(find_step(r, "b")->call->output.regex);
    recipe_free(r);
}

static void test_load_http(void **state) {
    (void)state;
    struct recipe *r = load_ok(
        HEAD "steps:\n"
             "  - id: get\n"
             "    http: {url: http://x, headers: {Accept: text/plain}, query: {a: [1, 2]}}\n"
             "  - id: post\n"
             "    http:\n"
             "      url: http://x\n"
             "      json: {a: 1}\n"
             "      auth: {basic: {username: u, password: p}}\n"
             "      ca_file: ca.pem\n"
             "      insecure: false\n"
             "      ok: [200, 404]\n"
             "  - id: head\n"
             "    http: {method: HEAD, url: http://x, auth: {bearer: t}}\n");
    const struct http_call *get = find_step(r, "get")->call->http;
    assert_true(find_step(r, "get")->reads);
    assert_int_equal(get->body_kind, BODY_NONE);
    assert_string_equal(get->headers[0].name, "Accept");
    assert_int_equal(get->n_query, 1);
    const struct http_call *post = find_step(r, "post")->call->http;
    assert_false(find_step(r, "post")->reads);
    assert_int_equal(post->body_kind, BODY_JSON);
    assert_template(post->basic_user, "u");
    assert_template(post->basic_password, "p");
    assert_template(post->ca_file, "ca.pem");
    assert_non_null(post->insecure);
    assert_int_equal(post->ok[1], 404);
    assert_true(find_step(r, "head")->reads);
    assert_template(find_step(r, "head")->call->http->bearer, "t");
    recipe_free(r);
}

static void test_load_read_and_write(void **state) {
    (void)state;
    struct recipe *r = load_ok(
        HEAD "steps:\n"
             "  - id: csv\n"
             "    read: {file: d.csv, header: false, separator: ';', rows: '1500:', types: text}\n"
             "  - id: yml\n"
             "    read: {file: d.yml}\n"
             "  - id: out\n"
             "    write: {file: o, csv: [[1]], mode: \"0640\"}\n"
             "  - id: private\n"
             "    write: {file: o, text: a}\n");
    const struct read_call *csv = find_step(r, "csv")->call->read;
    assert_int_equal(csv->format, EXTRACT_CSV);
    assert_true(csv->no_header);
    assert_true(csv->types_text);
    assert_template(csv->rows, "1500:");
    assert_true(find_step(r, "csv")->reads);
    assert_int_equal(find_step(r, "yml")->call->read->format, EXTRACT_YAML);
    assert_int_equal(find_step(r, "out")->call->write->kind, WRITE_CSV);
    assert_int_equal(find_step(r, "out")->call->write->mode, 0640);
    assert_int_equal(find_step(r, "private")->call->write->mode, 0600);
    recipe_free(r);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void test_load_step_fields(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "steps:\n"
                     "  - id: a\n"
                     "    name: Free text\n"
                     "    cmd: [date]\n"
                     "    if: succeeded() && run.id != 'x'\n"
                     "    outputs: {day: \"split(@, ' ')[0]\", code: {value: key, secret: true}}\n"
                     "    expect: [{that: day, message: \"no ${{ result }}\", class: quota, "
                     "severity: unstable}, {exit: [0, 2]}]\n"
                     "    metrics: {size: length(@), ratio: {value: r, lower_limit: 0.5, unit: "
                     "'%', severity: error}}\n"
                     "    timeout: 5s\n"
                     "    idle_timeout: ${{ run.id }}\n"
                     "    kill_grace: 1s\n"
                     "    continue_on_error: [quota, conflict]\n"
                     "    lock: space\n"
                     "    secret: true\n"
                     "    reads: true\n");
    const struct step *s = find_step(r, "a");
    assert_string_equal(s->name, "Free text");
    assert_string_equal(s->action_name, "cmd");
    assert_expr(s->condition, "succeeded() && run.id != 'x'");
    assert_int_equal(s->n_outputs, 2);
    assert_false(s->outputs[0].is_secret);
    assert_true(s->outputs[1].is_secret);
    assert_expr(s->outputs[1].expr, "key");
    assert_int_equal(s->n_expect, 1);
    assert_int_equal(s->expect[0].error_class, CLASS_QUOTA);
    assert_int_equal(s->expect[0].severity, SEVERITY_UNSTABLE);
    assert_template(s->expect[0].message, "no ${{ result }}");
    assert_int_equal(s->n_expect_exit, 2);
    assert_int_equal(s->n_metrics, 2);
    assert_int_equal(s->metrics[0].severity, SEVERITY_UNSTABLE);
    assert_int_equal(s->metrics[1].severity, SEVERITY_ERROR);
    assert_string_equal(s->metrics[1].unit, "%");
    assert_non_null(s->metrics[1].lower_limit);
    assert_null(s->metrics[1].upper_limit);
    assert_int_equal(s->rules->timeout.ms, 5000);
    assert_true(s->rules->idle_timeout.is_set);
    assert_template(s->rules->idle_timeout.template, "${{ run.id }}");
    assert_int_equal(s->rules->kill_grace.ms, 1000);
    assert_false(s->tolerate.all);
    assert_int_equal(s->tolerate.classes, 1U << CLASS_QUOTA | 1U << CLASS_CONFLICT);
    assert_template(s->lock, "space");
    assert_true(s->is_secret);
    assert_true(s->reads);
    recipe_free(r);
}

static void test_load_ensure(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "steps:\n"
                     "  - id: a\n"
                     "    cwd: sub\n"
                     "    timeout: 9s\n"
                     "    ensure:\n"
                     "      find: {cpdctl: [space, list], select: resources}\n"
                     "      create: {cpdctl: [space, create], timeout: 1s, cwd: own}\n"
                     "      get: {cpdctl: [space, get, \"${{ item.id }}\"]}\n"
                     "      update: {if: stale, cpdctl: [space, update, \"${{ item.id }}\"]}\n"
                     "      ready: {until: state == 'active', fail_if: bad, reason: why, every: "
                     "1s, timeout: 1m}\n"
                     "      duplicates: keep_newest\n"
                     "      delete: {cpdctl: [space, delete, \"${{ item.id }}\"]}\n");
    const struct ensure_action *e = find_step(r, "a")->ensure;
    assert_int_equal(find_step(r, "a")->action, ACTION_ENSURE);
    assert_expr(e->find->select, "resources");
    assert_true(e->find->reads);
    assert_true(e->get->reads);
    assert_false(e->create->reads);
    assert_int_equal(e->find->timeout.ms, 9000);
    assert_int_equal(e->create->timeout.ms, 1000);
    assert_template(e->find->cwd, "sub");
    assert_template(e->create->cwd, "own");
    assert_expr(e->update->condition, "stale");
    assert_expr(e->ready->until, "state == 'active'");
    assert_int_equal(e->ready->timeout.ms, 60000);
    assert_int_equal(e->duplicates, DUPLICATES_KEEP_NEWEST);
    assert_non_null(e->remove);
    recipe_free(r);
}

static void test_load_groups_number_every_step(void **state) {
    (void)state;
    struct recipe *r =
        load_ok(HEAD "steps:\n"
                     "  - id: group\n"
                     "    parallel: true\n"
                     "    steps:\n"
                     "      - {id: in1, cmd: [date], cleanup: [{id: undo, cmd: [date]}]}\n"
                     "      - {id: in2, pause: 5s}\n"
                     "  - id: each\n"
                     "    foreach: [1, 2]\n"
                     "    as: n\n"
                     "    max_parallel: 2\n"
                     "    set: {twice: n}\n"
                     "  - cmd: [date]\n");
    const char *const order[] = {"group", "in1", "undo", "in2", "each", "cmd_6"};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(find_step(r, order[i])->number, i);
    }
    assert_int_equal(r->n_all_steps, 6);
    assert_ptr_equal(find_step(r, "in1")->parent, find_step(r, "group"));
    assert_ptr_equal(find_step(r, "undo")->parent, find_step(r, "in1"));
    assert_int_equal(find_step(r, "in2")->pause.ms, 5000);
    assert_string_equal(find_step(r, "each")->as, "n");
    assert_int_equal(find_step(r, "each")->foreach_parallel.n, 2);
    assert_expr(find_step(r, "each")->set[0].expr, "n");
    assert_string_equal(find_step(r, "group")->as, "item");
    recipe_free(r);
}

static void test_load_made_up_ids_avoid_the_given_ones(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps: [{cmd: [date]}, {id: cmd_1, cmd: [date]}]\n");
    assert_string_equal(r->steps[0].id, "cmd_1_");
    assert_false(r->steps[0].has_own_id);
    recipe_free(r);
}

/* ---- what comes down ------------------------------------------------------------------------- */

static void test_load_defaults_a_step_wins_field_by_field(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "defaults:\n"
                                    "  timeout: 5m\n"
                                    "  retry: {attempts: 5, delay: 2s, on: [transient, quota]}\n"
                                    "  wait: {every: 7s, timeout: 1m}\n"
                                    "  env: {A: default, B: default}\n"
                                    "steps:\n"
                                    "  - {id: plain, cmd: [date]}\n"
                                    "  - id: own\n"
                                    "    cmd: [date]\n"
                                    "    timeout: 1s\n"
                                    "    retry: {attempts: 2}\n"
                                    "    wait: {until: a, every: 1s}\n"
                                    "    env: {B: own}\n"
                                    "  - {id: rest, pause: 1s}\n");
    const struct step *plain = find_step(r, "plain");
    assert_int_equal(plain->rules->timeout.ms, 300000);
    assert_int_equal(plain->call->timeout.ms, 300000);
    assert_int_equal(plain->rules->retry.attempts.n, 5);
    assert_null(plain->wait);
    const struct step *own = find_step(r, "own");
    assert_int_equal(own->rules->timeout.ms, 1000);
    assert_int_equal(own->rules->retry.attempts.n, 2);
    assert_int_equal(own->rules->retry.delay.ms, 2000);
    assert_int_equal(own->rules->retry.on.classes, 1U << CLASS_TRANSIENT | 1U << CLASS_QUOTA);
    assert_int_equal(own->wait->every.ms, 1000);
    assert_int_equal(own->wait->timeout.ms, 60000);
    assert_int_equal(own->call->n_env, 3);
    assert_string_equal(own->call->env[2].name, "B");
    assert_false(find_step(r, "rest")->rules->retry.is_set);
    recipe_free(r);
}

static void test_load_environments_of_groups_come_down(void **state) {
    (void)state;
    struct recipe *r = load_ok(HEAD "steps:\n"
                                    "  - env: {A: outer}\n"
                                    "    cwd: outer\n"
                                    "    steps:\n"
                                    "      - env: {A: inner}\n"
                                    "        steps:\n"
                                    "          - {id: a, cmd: [date], env: {A: own}}\n"
                                    "          - {id: b, run: date, cwd: own}\n");
    const struct call *a = find_step(r, "a")->call;
    assert_int_equal(a->n_env, 3);
    assert_template(a->cwd, "outer");
    assert_int_equal(find_step(r, "b")->call->n_env, 2);
    assert_template(find_step(r, "b")->call->cwd, "own");
    recipe_free(r);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void write_text(const char *name, const char *text) {
    AUTO(err) struct err err = ERR_INIT;
    if (!file_write_atomic(name, text, strlen(text), 0600, &err)) {
        fail_msg("%s", err.message);
    }
}

static struct recipe *load_file_ok(const char *path) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    struct recipe *r = recipe_load(path, &d);
    AUTO(str) struct str shown = STR_INIT(0);
    render_diagnostics(&d, &shown);
    if (r == NULL) {
        fail_msg("%s", str_text(&shown));
    }
    diagnostics_release(&d);
    return r;
}

static void assert_only_error(const char *path, const char *kind) {
    struct diagnostics d = DIAGNOSTICS_INIT;
    assert_null(recipe_load(path, &d));
    assert_int_equal(d.n_errors, 1);
    assert_string_equal(d.items[0].err.kind, kind);
    diagnostics_release(&d);
}

static void test_load_use_is_relative_to_the_using_file(void **state) {
    (void)state;
    AUTO(err) struct err err = ERR_INIT;
    assert_true(file_make_dirs("lib/deep", 0700, &err));
    write_text("main.yaml", HEAD "steps:\n"
                                 "  - {id: a, use: lib/a.yaml}\n"
                                 "  - {id: b, use: ./lib/deep/b.yaml, with: {x: 1}}\n");
    write_text("lib/a.yaml", HEAD "steps: [{use: deep/b.yaml, with: {x: 2}}]\n");
    write_text("lib/deep/b.yaml",
               HEAD "inputs: {x: {type: integer}}\nsteps: [{cmd: [echo, \"${{ inputs.x }}\"]}]\n");
    struct recipe *r = load_file_ok("main.yaml");
    assert_int_equal(r->n_used, 2);
    assert_string_equal(find_step(r, "a")->use->file, "lib/a.yaml");
    assert_ptr_equal(find_step(r, "a")->use->steps[0].use, find_step(r, "b")->use);
    assert_string_equal(find_step(r, "b")->with[0].name, "x");
    recipe_free(r);
}

static void test_load_use_refuses_cycles_and_depth(void **state) {
    (void)state;
    write_text("a.yaml", HEAD "steps: [{use: b.yaml}]\n");
    write_text("b.yaml", HEAD "steps: [{use: a.yaml}]\n");
    assert_only_error("a.yaml", "use-cycle");
    for (int i = 0; i <= LIMIT_USE_DEPTH + 1; i++) {
        char name[32];
        char text[64];
        snprintf(name, sizeof name, "deep%d.yaml", i);
        snprintf(text, sizeof text, HEAD "steps: [{use: deep%d.yaml}]\n", i + 1);
        write_text(name, text);
    }
    char name[32];
    snprintf(name, sizeof name, "deep%d.yaml", LIMIT_USE_DEPTH + 1);
    write_text(name, HEAD "steps: [{cmd: [date]}]\n");
    assert_only_error("deep0.yaml", "too-many-files");
    struct recipe *r = load_file_ok("deep1.yaml");
    assert_int_equal(r->n_used, LIMIT_USE_DEPTH);
    recipe_free(r);
}

static void test_load_digest_covers_every_file(void **state) {
    (void)state;
    const char *text = HEAD "steps: [{cmd: [date]}]\n";
    write_text("one.yaml", text);
    struct recipe *one = load_file_ok("one.yaml");
    char expected[SHA256_HEX_SIZE];
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, text, strlen(text));
    sha256_end(&s, expected);
    assert_string_equal(one->digest, expected);
    recipe_free(one);
    write_text("user.yaml", HEAD "steps: [{use: one.yaml}]\n");
    struct recipe *before = load_file_ok("user.yaml");
    write_text("one.yaml", HEAD "steps: [{cmd: [dates]}]\n");
    struct recipe *after = load_file_ok("user.yaml");
    assert_string_not_equal(before->digest, after->digest);
    recipe_free(before);
    recipe_free(after);
}

static void test_load_refuses_what_is_no_file(void **state) {
    (void)state;
    assert_only_error("absent.yaml", "file-not-found");
    assert_only_error("/dev/null", "file-type");
    assert_only_error(".", "file-type");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void test_load_counts_what_it_does_not_keep(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, HEAD "steps:\n");
    for (size_t i = 0; i < LIMIT_DIAGNOSTICS + 5; i++) {
        str_add(&text, "  - {cmd: [date], nope: 1}\n");
    }
    struct diagnostics d = DIAGNOSTICS_INIT;
    assert_null(recipe_load_text(str_text(&text), text.len, "x", ".", &d));
    assert_int_equal(d.n, LIMIT_DIAGNOSTICS);
    assert_int_equal(d.n_errors, LIMIT_DIAGNOSTICS + 5);
    assert_int_equal(d.n_suppressed, 5);
    diagnostics_release(&d);
}

static void load_nested(int depth, struct diagnostics *d) {
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, HEAD "steps: ");
    for (int i = 0; i < depth; i++) {
        str_add(&text, "[{steps: ");
    }
    str_add(&text, "[{cmd: [date]}]");
    for (int i = 0; i < depth; i++) {
        str_add(&text, "}]");
    }
    recipe_free(recipe_load_text(str_text(&text), text.len, "x", ".", d));
}

static void test_load_nesting_ends_at_the_limit_of_yaml(void **state) {
    (void)state;
    /* The root, then two levels a group; the innermost list, step and arguments. */
    const int deepest = (LIMIT_YAML_DEPTH - 4) / 2;
    struct diagnostics d = DIAGNOSTICS_INIT;
    load_nested(deepest, &d);
    assert_int_equal(d.n_errors, 0);
    load_nested(deepest + 1, &d);
    assert_int_equal(d.n_errors, 1);
    assert_string_equal(d.items[0].err.kind, "too-deep");
    diagnostics_release(&d);
}

static void test_load_a_long_chain(void **state) {
    (void)state;
    AUTO(str) struct str text = STR_INIT(0);
    str_add(&text, HEAD "steps:\n  - {id: s0, cmd: [date]}\n");
    for (int i = 1; i < 20000; i++) {
        str_addf(&text, "  - {id: s%d, cmd: [echo, \"${{ steps.s%d.stdout }}\"]}\n", i, i - 1);
    }
    struct recipe *r = load_ok(str_text(&text));
    assert_int_equal(r->n_all_steps, 20000);
    assert_int_equal(r->steps[19999].n_needs, 1);
    recipe_free(r);
}

static int in_fresh_folder(void **state) {
    (void)state;
    static char folder[] = "/tmp/test_load.XXXXXX";
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int without_folder(void **state) {
    (void)state;
    char folder[200];
    AUTO(err) struct err err = ERR_INIT;
    bool is_gone =
        getcwd(folder, sizeof folder) != NULL && chdir("/") == 0 && file_remove_tree(folder, &err);
    return is_gone ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_recipe_fields),
        cmocka_unit_test(test_load_names_the_recipe_after_its_file),
        cmocka_unit_test(test_load_inputs),
        cmocka_unit_test(test_load_arguments_typed_and_flags),
        cmocka_unit_test(test_load_words_of_a_text),
        cmocka_unit_test(test_load_script),
        cmocka_unit_test(test_load_http),
        cmocka_unit_test(test_load_read_and_write),
        cmocka_unit_test(test_load_step_fields),
        cmocka_unit_test(test_load_ensure),
        cmocka_unit_test(test_load_groups_number_every_step),
        cmocka_unit_test(test_load_made_up_ids_avoid_the_given_ones),
        cmocka_unit_test(test_load_defaults_a_step_wins_field_by_field),
        cmocka_unit_test(test_load_environments_of_groups_come_down),
        cmocka_unit_test(test_load_use_is_relative_to_the_using_file),
        cmocka_unit_test(test_load_use_refuses_cycles_and_depth),
        cmocka_unit_test(test_load_digest_covers_every_file),
        cmocka_unit_test(test_load_refuses_what_is_no_file),
        cmocka_unit_test(test_load_counts_what_it_does_not_keep),
        cmocka_unit_test(test_load_nesting_ends_at_the_limit_of_yaml),
        cmocka_unit_test(test_load_a_long_chain),
    };
    return cmocka_run_group_tests(tests, in_fresh_folder, without_folder);
}
