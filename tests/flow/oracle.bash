# The leak oracle: what a run must not leave behind. common.bash asks it after every test.

# Every program that a test starts carries this; cpdflow hands Jenkins' cookies on to its children.
oracle_begin() {
    export JENKINS_NODE_COOKIE="flow-test-$$-$BATS_TEST_NUMBER-$RANDOM$RANDOM"
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir -p "$TMPDIR"
}

# Prints who still works in the test's folder or carries its cookie, zombies of those included. Few programs for all
# processes together: it runs after every test.
oracle_survivors() {
    local pid parent owners
    owners=" $({
        stat -c %N /proc/[0-9]*/cwd 2>/dev/null | grep -F -e "-> '$BATS_TEST_TMPDIR"
        [ -z "$cookie" ] || grep -lsaF -e "$cookie" /proc/[0-9]*/environ
    } | sed 's|^[^0-9]*\([0-9]*\).*|\1|' | sort -un | tr '\n' ' ')"
    for pid in $owners; do
        [ ! -e "/proc/$pid" ] || printf '%s %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline")"
    done
    # "pid (name) state ppid": the name may hold anything but its end is the last parenthesis
    while read -r pid parent; do
        [[ "$owners" != *" $parent "* ]] || printf '%s zombie of %s\n' "$pid" "$parent"
    done < <(cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\([0-9]*\) .*) Z \([0-9]*\) .*/\1 \2/p')
}

# usage: oracle_runs DIR   every run that came to its end says the same everywhere, and its private files are gone
oracle_runs() {
    local journal dir
    while IFS= read -r journal; do
        dir=${journal%/*}
        grep -q '"run_finished"' "$journal" || continue # killed: what it left is for `resume`
        [ ! -e "$dir/tmp" ] || { echo "$dir/tmp is left"; return 1; }
        [ ! -e "$dir/report.json" ] || oracle_report "$dir/report.json" || return
    done < <(find "$1" -path '*/runs/*/journal*' -type f 2>/dev/null)
}

# usage: oracle_report FILE   each step (recipes that are used twice have theirs twice) has one final state, and verdict and exit code agree with them and with each other
oracle_report() {
    jq -e '([.steps[].status] | all(. as $s | ["succeeded", "failed", "tolerated", "skipped", "cancelled"] | index($s)))
        and ([.steps[] | select(.phase == "main") | "\(.parent) \(.id)"] | length == (unique | length))
        and ({success: 0, failed: 1, unstable: 3, environment: 4, timeout: 5}[.verdict] as $code
             | if .verdict == "cancelled" then .run.exit_code > 128 else .run.exit_code == $code end)
        and (if .verdict == "success" then [.steps[].status] | all(. != "failed" and . != "cancelled") else true end)' \
        "$1" >/dev/null || { echo "$1 contradicts itself:"; jq -c '.verdict, .run, (.steps[] | [.id, .phase, .status])' "$1"; return 1; }
}

# Fails, and says what is there, when something is left two seconds after the test's end.
nothing_left_behind() {
    cd / || return
    local deadline=$((SECONDS + 2)) looks=0 left='' cookie=${JENKINS_NODE_COOKIE:-}
    unset JENKINS_NODE_COOKIE
    while :; do
        left=$(oracle_survivors 2>/dev/null)
        [ -n "$left" ] || break
        looks=$((looks + 1))
        [ "$SECONDS" -lt "$deadline" ] || [ "$looks" -lt 5 ] || { printf 'left behind:\n%s\n' "$left"; return 1; }
        sleep 0.1
    done
    left=$(find "$BATS_TEST_TMPDIR/tmp" -mindepth 1 2>/dev/null) || true
    [ -z "$left" ] || { printf 'temporary files are left:\n%s\n' "$left"; return 1; }
    oracle_runs "$BATS_TEST_TMPDIR"
}
