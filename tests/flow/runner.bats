#!/usr/bin/env bats
# tests/run.sh sums up honestly: what fails, dies, stops early or tests nothing is a failure.

load common

setup() {
    fresh_folder
    # run.sh works at the top of its own tree.
    mkdir -p tests build
    cp "$top/tests/run.sh" tests/
}

# usage: test_program NAME LINE...   a program that prints the lines; `exit N` and the like are run
test_program() {
    local name=$1 line
    shift
    echo '#!/bin/bash' >"$name"
    for line; do
        case $line in
        'exit '* | 'kill '*) echo "$line" ;;
        *) printf 'echo %q\n' "$line" ;;
        esac
    done >>"$name"
    chmod +x "$name"
}

# usage: sums_up STATUS LAST_LINE TEST...
sums_up() {
    local status_wanted=$1 last_line=$2
    shift 2
    run tests/run.sh -b build "${@/#/./}"
    echo "$output"
    [ "$status" -eq "$status_wanted" ]
    [ "${lines[-1]}" = "$last_line" ]
}

@test "passed tests of all programs are added up" {
    test_program a 1..2 'ok 1 - one' 'ok 2 - two'
    test_program b 1..1 'ok 1 - three'
    sums_up 0 "3 passed, 0 failed" a b
}

@test "several groups in one program count each" {
    test_program a 1..1 'ok 1 - one' 1..1 'ok 1 - two'
    sums_up 0 "2 passed, 0 failed" a
}

@test "a failed test is counted and its output shown" {
    test_program a 1..2 'ok 1 - one' 'not ok 2 - two' '# 3 != 4' 'exit 1'
    sums_up 1 "1 passed, 1 failed" a
    [[ "$output" == *"# 3 != 4"* ]]
}

@test "skipped tests are named and never count as passed" {
    test_program a 1..2 'ok 1 - one' 'not ok 2 # SKIP two'
    test_program b 1..2 'ok 1 - one' 'ok 2 two # skip no data here'
    sums_up 0 "2 passed, 0 failed, 2 skipped" a b
    [[ "$output" == *"skipped: two # skip no data here"* ]]
}

@test "a program that dies after its last assertion has failed" {
    test_program a 1..1 'ok 1 - one' '==1==ERROR: LeakSanitizer' 'exit 23'
    sums_up 1 "1 passed, 1 failed" a
    [[ "$output" == *"exit status 23 though no test failed"*LeakSanitizer* ]]
    test_program b 1..1 'ok 1 - one' 'kill -SEGV $$'
    sums_up 1 "1 passed, 1 failed" b
}

@test "a program that stops before its plan is done has failed" {
    test_program a 1..3 'ok 1 - one' 'exit 0'
    sums_up 1 "1 passed, 1 failed" a
    [[ "$output" == *"planned 3 tests, ran 1"* ]]
}

@test "a program without a test, and no program at all, are failures" {
    test_program a hello
    sums_up 1 "0 passed, 1 failed" a
    sums_up 1 "0 passed, 0 failed"
}

@test "a program that cannot be started has failed" {
    sums_up 1 "0 passed, 1 failed" missing
}

@test "bats files count the same way" {
    printf '@test "one" { true; }\n@test "two" { false; }\n@test "three" { skip; }\n' >c.bats
    sums_up 1 "1 passed, 1 failed, 1 skipped" c.bats
}
