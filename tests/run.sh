#!/bin/bash
# usage: tests/run.sh -b BUILD_DIR [-j JOBS] [-w WRAPPER] TEST...
# Runs tests side by side and sums them up. A TEST is a cmocka program or a .bats file; both speak
# TAP. The output of a test is shown when it failed, and the last line printed is always
#   N passed, N failed[, N skipped]
# Beside failed assertions these count as failures: a program that dies or exits non-zero after its
# last assertion (a sanitizer's finding), one that stops before its plan is done, one without a test.
set -u
cd "$(dirname "$0")/.." || exit 2

jobs=$(nproc 2>/dev/null || echo 2)
wrapper=
while getopts b:j:w: option; do
    case $option in
    b) build=$OPTARG ;;
    j) jobs=$OPTARG ;;
    w) wrapper=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

export LC_ALL=C TZ=UTC CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export CPDFLOW_BUILD="$PWD/$build"
export CPDFLOW="$CPDFLOW_BUILD/cpdflow" HELPER_DIR="$CPDFLOW_BUILD/helper" STANDIN_DIR="$CPDFLOW_BUILD/standin"

mkdir -p "$build" || exit 2
results=$(mktemp -d "$build/results.XXXXXX") || exit 2
trap 'rm -rf "$results"' EXIT
export results wrapper

# usage: within SECONDS COMMAND...   without a limit where there is no timeout(1), as on macOS
within() {
    if command -v timeout >/dev/null; then
        timeout "$@"
    else
        "${@:2}"
    fi
}

# shellcheck disable=SC2086
run_one() {
    local out=$results/${1//\//:} start=$SECONDS
    case $1 in
    *.bats) within 600 bats -F tap "$1" ;;
    *) within 300 $wrapper "$1" ;; # wrapper is words
    esac >"$out" 2>&1 </dev/null
    echo "$? $((SECONDS - start))" >"$out.status"
}
export -f run_one within
# shellcheck disable=SC2016 # $1 is for the inner shell
[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -P "$jobs" -n 1 bash -c 'run_one "$1"' _

passed=0 failed=0 skipped=0
for name; do
    out=$results/${name//\//:}
    if ! read -r rc seconds <"$out.status"; then
        echo "==== FAILED $name: it was not run"
        failed=$((failed + 1))
        continue
    fi
    read -r p f s planned < <(awk '
        /^(not )?ok .*# [Ss](KIP|kip)/ { s++; next } # cmocka writes "not ok N # SKIP name"
        /^ok /               { p++ }
        /^not ok /           { f++ }
        /^[ \t]*1\.\.[0-9]+/ { sub(/^[ \t]*1\.\./, ""); planned += $1 }
        END                  { print p + 0, f + 0, s + 0, planned + 0 }' "$out")
    why=
    if [ "$f" -eq 0 ]; then
        if [ "$rc" -eq 124 ]; then
            why="ran out of time after $seconds s"
        elif [ "$rc" -ne 0 ]; then
            why="exit status $rc though no test failed"
        elif [ "$planned" -ne $((p + s)) ]; then
            why="planned $planned tests, ran $((p + s))"
        elif [ "$planned" -eq 0 ]; then
            why="no test in it"
        fi
        [ -z "$why" ] || f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" -gt 0 ]; then
        printf '==== FAILED %s%s\n' "$name" "${why:+: $why}"
        grep -Ev '^ok |# SKIP' "$out" | tail -n 200
    elif [ -n "${V:-}" ]; then
        printf '==== %s (%s s)\n' "$name" "$seconds"
        cat "$out"
    fi
    sed -n 's/^\(not \)\{0,1\}ok [0-9]* *\(.*# [Ss][Kk][Ii][Pp].*\)/skipped: \2/p' "$out"
done

line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
