# For every .bats file here: `load common`. Each test runs in a fresh folder of its own and fails when
# it leaves a process behind that works there. Under `make check-flow` the programs come from the
# sanitized build; by hand, from build/cpdflow and the flavour that it points into.

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${CPDFLOW:=$top/build/cpdflow}"
: "${CPDFLOW_BUILD:=$(dirname "$(readlink -f "$CPDFLOW")")}"
: "${HELPER_DIR:=$CPDFLOW_BUILD/helper}"
: "${STANDIN_DIR:=$CPDFLOW_BUILD/standin}"
export CPDFLOW CPDFLOW_BUILD HELPER_DIR STANDIN_DIR
export CPDFLOW_CONFIG= # nobody's defaults

setup() {
    fresh_folder
}

teardown() {
    nothing_left_behind
}

fresh_folder() {
    mkdir -p "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return
}

# Fails, and names them, when processes still work in the test's folder two seconds after its end.
nothing_left_behind() {
    cd / || return
    local deadline=$((SECONDS + 2)) pid left
    while :; do
        left=
        for pid in /proc/[0-9]*; do
            if [[ "$(readlink "$pid/cwd" 2>/dev/null)" == "$BATS_TEST_TMPDIR"* ]]; then
                left+="${pid#/proc/} $(tr '\0' ' ' <"$pid/cmdline" 2>/dev/null)"$'\n'
            fi
        done
        [ -n "$left" ] || return 0
        [ "$SECONDS" -lt "$deadline" ] || break
        sleep 0.1
    done
    printf 'left behind:\n%s' "$left"
    return 1
}

# usage: wait_until SECONDS COMMAND...   waits for an event, with a deadline
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || { echo "still not so: $*"; return 1; }
        sleep 0.05
    done
}

# usage: is EXPECTED ACTUAL
is() {
    [ "$1" = "$2" ] || { printf 'expected: %s\nactual:   %s\n' "$1" "$2"; return 1; }
}

# usage: says TEXT...   all of them stand in $output
says() {
    local text
    for text; do
        [[ "$output" == *"$text"* ]] || { echo "not said: $text"; return 1; }
    done
}

# usage: outside suites/junit-xsd   sets $outside to a folder of data that is not in the repository,
# or skips the test
outside() {
    # shellcheck disable=SC2034 # for the test
    outside=$top/../shared/$1
    case $1 in
    suites/*) [ -z "${CPDFLOW_SUITES:-}" ] || outside=$CPDFLOW_SUITES/${1#suites/} ;;
    esac
    [ -d "$outside" ] || skip "no $1 here"
}
