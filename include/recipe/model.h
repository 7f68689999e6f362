/*
 * The recipe as the engine sees it: immutable after load, everything in one arena, every expression
 * compiled.
 *
 * Templates and expressions stay unevaluated here; the engine evaluates them with its scope. Plain
 * fields that may be a template (durations, counts) are `struct field_*`: either a constant or a
 * template.
 */
#ifndef RECIPE_MODEL_H
#define RECIPE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct expr;
struct template;
struct template_tree;
struct value;
struct regex;

/* A duration: constant, or a template whose value is checked when it is used. */
struct field_duration {
    bool is_set;
    int64_t ms;
    struct template *template; /* NULL: `ms` holds */
    struct place place;
};

/* A whole number, same idea. */
struct field_count {
    bool is_set;
    int64_t n;
    struct template *template;
    struct place place;
};

/* Bytes. */
struct field_size {
    bool is_set;
    uint64_t bytes;
};

/* A number with fraction (back-off factors), same idea. */
struct field_number {
    bool is_set;
    double number;
    struct template *template;
    struct place place;
};

struct named_expr {
    const char *name;
    struct expr *expr;
    struct place place;
    bool is_secret; /* outputs: {id: {value: expr, secret: true}} */
};

struct named_tree {
    const char *name;
    struct template_tree *tree;
    struct place place;
};

enum input_type {
    INPUT_STRING,
    INPUT_NUMBER,
    INPUT_INTEGER,
    INPUT_BOOLEAN,
    INPUT_LIST,
    INPUT_OBJECT,
    INPUT_FILE,
    INPUT_DURATION,
    INPUT_TYPE_COUNT
};
extern const char *const input_type_names[INPUT_TYPE_COUNT];

struct input {
    const char *name;
    const char *description;
    enum input_type type;
    const struct value *default_value; /* NULL: none */
    bool is_optional;                  /* required: false */
    bool is_secret;
    const char *env;             /* environment variable, NULL: none */
    const struct value *allowed; /* enum: list, NULL: any */
    const struct value *minimum;
    const struct value *maximum;
    const struct regex *pattern;
    const char *pattern_text;
    struct place place;
};

/* One element of an argument list. */
enum arg_kind {
    ARG_TEMPLATE, /* text; a whole-scalar list splices */
    ARG_JSON,     /* {json: …}: compact JSON as one argument */
    ARG_YAML,
    ARG_FILE_JSON,   /* {file_json: …}: private temporary file, passed as @path */
    ARG_SECRET_FILE, /* {secret_file: …}: private temporary file, passed as its path */
    ARG_KIND_COUNT
};

struct arg {
    enum arg_kind kind;
    struct template *template;  /* ARG_TEMPLATE, ARG_SECRET_FILE */
    struct template_tree *tree; /* ARG_JSON, ARG_YAML, ARG_FILE_JSON */
    struct place place;
};

/* flags: {name: …}: `--name=value`; list of scalars: repeated; object: JSON; true: bare; false, null: left out.
 * A value that is a map with exactly one key json, yaml, file_json or secret_file is the typed form of an argument. */
struct flag {
    const char *name;
    struct arg arg;             /* typed form: arg.kind != ARG_TEMPLATE */
    struct template_tree *tree; /* otherwise */
    struct place place;
    bool is_json; /* the program takes JSON: a list of scalars is not repeated */
};

enum output_format_kind { OUTPUT_DEFAULT, OUTPUT_FORMAT, OUTPUT_PATTERN };
struct output_spec {
    enum output_format_kind kind;
    int format; /* enum extract_format when kind is OUTPUT_FORMAT (recipe does not include extract: an int) */
    struct regex *regex; /* OUTPUT_PATTERN */
    bool all;
    char separator; /* csv */
    struct place place;
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_TEXT, BODY_FORM, BODY_FILE };

struct http_call {
    struct template *method; /* NULL: GET, or POST with a body */
    struct template *url;
    struct named_tree *headers;
    size_t n_headers;
    struct named_tree *query; /* values: scalars, or lists (repeated) ; null: left out */
    size_t n_query;
    enum body_kind body_kind;
    struct template_tree *body;  /* json: tree; body: text; form: object; file: path */
    struct template *bearer;     /* auth: {bearer: …} */
    struct template *basic_user; /* auth: {basic: {username, password}} */
    struct template *basic_password;
    struct template *ca_file;
    struct template_tree *insecure; /* boolean */
    int *ok;                        /* accepted status codes; n_ok 0: 200 to 299 */
    size_t n_ok;
};

struct read_call {
    struct template *file;
    int format; /* enum extract_format: csv json yaml table lines text */
    struct template *separator;
    bool no_header;
    struct template *rows; /* "1500:", NULL: all; a template may give a number n: rows n and on */
    struct template_tree *columns;
    struct template_tree *drop;
    bool types_text; /* types: text */
    bool has_types;
};

enum write_kind { WRITE_JSON, WRITE_YAML, WRITE_TEXT, WRITE_CSV };
struct write_call {
    struct template *file;
    enum write_kind kind;
    struct template_tree *content;
    unsigned mode; /* 0600 by default */
};

/* What may be called: the action of a step and the parts of an `ensure`. */
enum call_kind {
    CALL_CPDCTL,
    CALL_CMD,
    CALL_SHELL,
    CALL_HTTP,
    CALL_READ,
    CALL_WRITE,
    CALL_KIND_COUNT
};

struct stdin_source {
    enum { STDIN_NONE, STDIN_TEXT, STDIN_JSON, STDIN_FILE } kind;
    struct template *text; /* text or path */
    struct template_tree *json;
};

/* What a CALL_CPDCTL writes, as far as a catalogue knows. */
enum call_answer {
    ANSWER_FORMAT, /* what --output says; also of commands that are not known */
    ANSWER_TEXT,   /* text, whatever is asked for */
    ANSWER_NONE,
};

struct call {
    enum call_kind kind;
    enum call_answer answer;
    struct place place;
    struct arg *args; /* CPDCTL, CMD: words after the program for cpdctl, all words for cmd */
    size_t n_args;
    struct flag *flags;
    size_t n_flags;
    const char *script; /* SHELL: text, and */
    const char *shell;  /* "sh" or "bash" */
    struct http_call *http;
    struct read_call *read;
    struct write_call *write;
    struct output_spec output;
    struct stdin_source stdin_source;
    struct named_tree *env;
    size_t n_env;
    struct template *cwd;
    struct field_duration timeout;
    struct expr *select;    /* ensure.find: list, object or null out of the result */
    struct expr *condition; /* ensure.update: `if` */
    bool reads;             /* changes nothing: the recipe says so, or a catalogue */
};

enum duplicates_rule {
    DUPLICATES_ERROR,
    DUPLICATES_KEEP_OLDEST,
    DUPLICATES_KEEP_NEWEST,
    DUPLICATES_FIRST
};

struct wait_spec {
    struct expr *until;
    struct expr *fail_if;
    struct expr *reason;
    struct field_duration every;     /* default 2s */
    struct field_number backoff;     /* default 1 */
    struct field_duration max_every; /* default 30s when backoff > 1 */
    struct field_duration timeout;   /* default 10m */
    struct field_duration stable_for;
    struct place place;
};

struct ensure_action {
    struct call *find;
    struct call *create; /* NULL: must exist */
    struct call *update; /* NULL: never */
    struct call *remove; /* `delete`, NULL: duplicates are never deleted */
    struct call
        *get; /* `get`: how to look at the one found while waiting (item is it); NULL: find again */
    struct wait_spec *ready;
    struct template *duplicates_template; /* `duplicates: ${{ inputs.x }}`, else NULL */
    enum duplicates_rule duplicates;
};

enum action_kind {
    ACTION_CALL,
    ACTION_ENSURE,
    ACTION_GROUP,
    ACTION_USE,
    ACTION_PAUSE,
    ACTION_SET,
    ACTION_KIND_COUNT
};

enum severity { SEVERITY_ERROR, SEVERITY_UNSTABLE };

struct expectation {
    struct expr *that;
    struct template *
        message; /* NULL: made from the expression; the current node is the whole scope, result = this result */
    int error_class; /* enum error_class */
    enum severity severity;
    struct place place;
};

struct metric_spec {
    const char *name;
    struct expr *value;
    struct template_tree *lower_limit; /* NULL: none */
    struct template_tree *upper_limit;
    const char *unit;
    enum severity severity; /* default unstable */
    struct place place;
};

struct retry_on {
    uint32_t classes; /* bit 1 << enum error_class */
    int *exits;
    size_t n_exits;
    struct regex **matches; /* against stdout and stderr together */
    size_t n_matches;
};

/* What a child may use. */
struct limits_spec {
    struct field_duration cpu;
    struct field_size file_size;
    struct field_size memory;
    struct field_size core;
    struct field_count open_files;
};

struct retry_spec {
    bool is_set;
    struct field_count attempts;     /* total */
    struct field_duration delay;     /* default 1s */
    struct field_number backoff;     /* default 2 */
    struct field_duration max_delay; /* default 1m */
    bool has_jitter;                 /* default true: full jitter of a quarter */
    struct field_duration within;
    struct retry_on on; /* default: transient */
    struct place place;
};

/* How calls of a step are tried and bounded: apart, for most steps have no rules of their own. */
struct step_rules {
    struct retry_spec retry;
    struct field_duration timeout;
    struct field_duration idle_timeout;
    struct field_duration kill_grace;
    struct limits_spec limits;
};

struct tolerance {
    bool all;
    uint32_t classes;
};

struct classify_rule {
    struct regex *match;
    int *exits;
    size_t n_exits;
    int *http_status;
    size_t n_http_status;
    int error_class;
};

struct step {
    uint32_t number; /* dense over the whole recipe file, depth first */
    const char *id;
    bool has_own_id; /* false: made from action and position */
    const char *name;
    struct place place;
    struct step *parent; /* group, or the step whose cleanup this is; NULL: top */
    enum action_kind action;
    const char *action_name; /* "cpdctl", "ensure", … for people */
    struct call *call;
    struct ensure_action *ensure;
    struct step *steps; /* group */
    size_t n_steps;
    bool is_parallel;
    struct recipe *use; /* loaded recipe */
    struct named_tree *with;
    size_t n_with;
    struct named_tree *env; /* use: what its children have from here, outermost first */
    size_t n_env;
    struct field_duration pause;
    struct named_expr *set; /* expressions whose current node is the whole scope */
    size_t n_set;

    /* Explicit, implied by references, and the step before. Always steps of the same list (the same
     * group, `steps`, `finally` or `cleanup`): a need that crosses groups is one of the groups. */
    struct step **needs;
    size_t n_needs;
    struct expr *condition;
    struct template_tree *foreach;
    const char *as; /* default "item" */
    struct field_count foreach_parallel;
    struct named_expr *outputs;
    size_t n_outputs;
    int *expect_exit; /* accepted exit codes; n 0: only 0 */
    size_t n_expect_exit;
    struct expectation *expect;
    size_t n_expect;
    struct metric_spec *metrics;
    size_t n_metrics;
    struct wait_spec *wait;   /* for ACTION_CALL */
    struct step_rules *rules; /* never NULL; steps without any of their own share one */
    struct tolerance tolerate;
    struct step *cleanup;
    size_t n_cleanup;
    struct template *lock;
    bool is_secret;
    bool reads;
    /* Of what the recipe says of it, and of the steps that stand in it (0: none). Equal ones: nothing was changed. */
    uint64_t fingerprint;
    uint64_t inner_fingerprint;
};

/* What a recipe says beside its steps: "vars.stamp", "timeout", "finally.last". */
struct recipe_part {
    const char *name;
    uint64_t fingerprint;
};

/* A program that the recipe has a catalogue for. */
struct recipe_catalogue {
    const char *program;
    const char *version;     /* NULL: not said */
    const char *const *asks; /* with which the program tells its version, NULL-terminated */
};

struct recipe {
    struct arena arena;
    const char *file; /* as given */
    const char *
        dir; /* of the file: relative paths of `use` start here; those of files start at the working directory */
    const char *name;
    const char *description;
    struct recipe_part *parts;
    size_t n_parts;
    char digest[65]; /* sha256 of this file and all it uses */
    const char *text;
    size_t text_len;
    const char **lines; /* n_lines texts, for diagnostics */
    size_t n_lines;
    struct input *inputs;
    size_t n_inputs;
    struct named_tree *vars; /* in order; the current node is the scope */
    size_t n_vars;
    struct named_tree *env;
    size_t n_env;
    const char **pass_env; /* NAME or PREFIX*: what children inherit besides the short list */
    size_t n_pass_env;
    struct field_duration timeout;
    struct field_duration finally_timeout; /* budget of finally and cleanup; default 5m */
    struct field_count max_parallel;       /* default 4 */
    struct step *steps;
    size_t n_steps;
    struct step *finally;
    size_t n_finally;
    struct named_tree *outputs; /* templates: current node is the scope */
    size_t n_outputs;
    struct classify_rule *classify;
    size_t n_classify;
    const char *cpdctl_version; /* NULL: not said */
    struct recipe_catalogue *catalogues;
    size_t n_catalogues;
    uint32_t n_all_steps; /* numbers given out, this file only */
    struct recipe **used; /* every recipe below this one, each once; the root owns them */
    size_t n_used;
    struct regex **regexes; /* heap: all of this file, freed with it */
    size_t n_regexes;
};

#endif
