#!/usr/bin/env bats
# The house rules that our own scripts check: each one trips over the thing it forbids, in a tree of
# its own, and is silent about the lawful neighbour.

setup() {
    lint="$BATS_TEST_DIRNAME/../lint"
    layers_file="$BATS_TEST_DIRNAME/../../src/LAYERS"
    cd "$BATS_TEST_TMPDIR"
    mkdir -p src/base src/value src/engine src/proc src/report include/base
}

# usage: rule NAME FILE TEXT   runs the rule NAME over FILE that holds TEXT
rule() {
    printf '%s\n' "$3" >"$2"
    case $1 in
    layers) run awk -f "$lint/strip.awk" -f "$lint/layers.awk" "$layers_file" "$2" ;;
    *) run awk -f "$lint/strip.awk" -f "$lint/$1.awk" "$2" ;;
    esac
}
accepts() {
    rule "$@"
    [ "$status" -eq 0 ] && [ "$output" = "" ] || { echo "refused: $3: $output"; return 1; }
}
refuses() {
    local expected=$4
    rule "$@"
    [ "$status" -ne 0 ] && [[ "$output" == "$2:1: "*"$expected"* ]] || { echo "$3: $output"; return 1; }
}

@test "layers: an include goes down the table, never up" {
    accepts layers src/value/a.c '#include "base/err.h"'
    accepts layers src/value/a.c '#include "maxima.h"'
    refuses layers src/base/a.c '#include "value/value.h"' 'base may not include "value/value.h"'
    refuses layers include/base/a.h '#include "value/value.h"' 'base may not include'
    refuses layers src/engine/a.c '#include "report/report.h"' 'engine may not include'
    refuses layers src/base/a.c '#include "err.h"' 'named with its layer'
}

@test "layers: a private header stays in its layer" {
    accepts layers src/proc/a.c '#include "proc/loop_priv.h"'
    accepts layers src/proc/a.c '#include "loop_priv.h"'
    refuses layers src/engine/a.c '#include "proc/loop_priv.h"' 'private to proc'
}

@test "layers: engine sees two headers of proc" {
    accepts layers src/engine/a.c '#include "proc/runner.h"'
    accepts layers src/engine/a.c '#include "proc/timers.h"'
    refuses layers src/engine/a.c '#include "proc/proc.h"' 'engine sees proc/runner.h'
}

@test "layers: a library has one user" {
    accepts layers src/proc/a.c '#include <uv.h>'
    accepts layers src/base/regex.c '#include <pcre2.h>'
    refuses layers src/engine/a.c '#include <uv.h>' '<uv.h> belongs to'
    refuses layers src/report/a.c '#include <cjson/cJSON.h>' '<cjson/cJSON.h> belongs to'
    refuses layers src/base/str.c '#include <pcre2.h>' '<pcre2.h> belongs to'
}

@test "layers: only those who talk to people print" {
    accepts layers src/report/a.c 'void f(void) { fprintf(stderr, "x"); }'
    accepts layers src/value/a.c 'void f(void) { snprintf(b, n, "printf(x)"); } // puts(x)'
    refuses layers src/value/a.c 'void f(void) { printf("x"); }' 'printf(): only cli'
}

@test "layers: a folder that the table does not know is refused" {
    mkdir src/util
    refuses layers src/util/a.c 'int x;' "layer 'util' is not in src/LAYERS"
}

@test "banned: each call names what to use instead" {
    refuses banned src/value/a.c 'int f(void) { return atoi(s); }' 'atoi(): base/num'
    refuses banned src/value/a.c 'char *f(void) { return strdup(s); }' 'strdup(): base/mem'
    refuses banned src/proc/a.c 'int f(void) { return system(s); }' 'system(): children are argv arrays'
    refuses banned src/engine/a.c 'void f(void) { exit(1); }' 'exit(): library code returns'
}

@test "banned: words in comments, strings and longer names are no calls" {
    accepts banned src/value/a.c '/* strcpy(a, b) */ int x;'
    accepts banned src/value/a.c 'const char *x = "system(\"x\")";'
    accepts banned src/proc/a.c 'void f(void) { _exit(1); file_system(); a->exit(b); }'
    accepts banned src/base/num.c 'long f(void) { return strtol(s, &end, 10); }'
}

@test "banned: a comment of several lines stays a comment until it ends" {
    accepts banned src/value/a.c $'/* one\n * strcpy(a, b) */\nint x;'
    rule banned src/value/a.c $'/* one */\nvoid f(void) { strcpy(a, b); }'
    [ "$status" -ne 0 ]
    [[ "$output" == "src/value/a.c:2: strcpy()"* ]]
}

@test "banned: an open end needs its issue" {
    accepts banned src/value/a.c '// TODO(#12): a limit for this'
    refuses banned src/value/a.c '// TODO: a limit for this' 'open end'
}

@test "length: 800 lines and 100 lines pass, one more does not" {
    accepts length src/value/a.c "$(seq 800)"
    rule length src/value/a.c "$(seq 801)"
    [ "$status" -ne 0 ]
    [[ "$output" == "src/value/a.c:801: more than 800 lines"* ]]

    accepts length src/value/a.c "$(echo 'void f(void) {'; seq 98; echo '}')"
    rule length src/value/a.c "$(echo 'void f(void) {'; seq 99; echo '}')"
    [ "$status" -ne 0 ]
    [[ "$output" == "src/value/a.c:101: a function of 101 lines"* ]]
}

@test "cycles: headers that include each other are refused" {
    echo '#include "base/b.h"' >include/base/a.h
    echo 'int x;' >include/base/b.h
    "$lint/cycles.sh" include/base/a.h include/base/b.h
    echo '#include "base/a.h"' >include/base/b.h
    run "$lint/cycles.sh" include/base/a.h include/base/b.h
    [ "$status" -ne 0 ]
    [[ "$output" == *"base/a.h"* ]]
}

@test "every row of the fault catalogue has a test, or says why not" {
    run "$lint/faults.sh"
    [ "$status" -eq 0 ] || { echo "$output"; echo "tests/lint/faults.sh --update writes the files into the rows"; return 1; }
}

# usage: symbols SEAMS   over the objects of one.c and two.c
symbols() {
    printf '%s\n' "$1" >seams
    gcc -c one.c two.c
    run "$lint/symbols.sh" seams one.o two.o
}

@test "symbols: what is public has a user in another file, or a reason" {
    printf 'int used(void); int used(void) { return 1; }\nint own(void); int own(void) { return used(); }\n' >one.c
    printf 'int used(void); int main(void) { return used(); }\n' >two.c
    symbols ''
    [ "$status" -ne 0 ]
    [ "$output" = 'one.o: own: no other file uses it: make it static, or remove it' ]
    symbols 'own  only the tests call it'
    [ "$status" -eq 0 ]
    [ "$output" = '' ]
}

@test "symbols: a reason that is out of date is refused" {
    printf 'int used(void); int used(void) { return 1; }\n' >one.c
    printf 'int used(void); int main(void) { return used(); }\n' >two.c
    symbols $'used  once a test\ngone  away'
    [ "$status" -ne 0 ]
    [[ "$output" == *'seams: used: is used by the program: take it out'* ]]
    [[ "$output" == *'seams: gone: is not there: take it out'* ]]
}
