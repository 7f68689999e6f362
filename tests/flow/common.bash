# For every .bats file here: `load common`. Each test runs in a fresh folder of its own and fails when
# it leaves something behind (oracle.bash). Under `make check-flow` the programs come from the
# sanitized build; by hand, from build/cpdflow and the flavour that it points into.

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${CPDFLOW:=$top/build/cpdflow}"
: "${CPDFLOW_BUILD:=$(dirname "$(readlink -f "$CPDFLOW")")}"
: "${HELPER_DIR:=$CPDFLOW_BUILD/helper}"
: "${STANDIN_DIR:=$CPDFLOW_BUILD/standin}"
export CPDFLOW CPDFLOW_BUILD HELPER_DIR STANDIN_DIR
export CPDFLOW_CONFIG= # nobody's defaults

load oracle

setup() {
    fresh_folder
}

teardown() {
    nothing_left_behind
}

fresh_folder() {
    mkdir -p "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return
    oracle_begin
}

# usage: wait_until SECONDS COMMAND...   waits for an event, with a deadline. It counts its sleeps: the wall clock of a machine that was
# stopped for a while jumps, and a busy one gets more time.
wait_until() {
    local tries=$(($1 * 20))
    shift
    until "$@"; do
        [ $((tries -= 1)) -gt 0 ] || { echo "still not so: $*"; return 1; }
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
