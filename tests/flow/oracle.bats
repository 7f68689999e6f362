# The leak oracle finds what it is there to find.
load common

# usage: finds TEXT   the oracle fails now, and says so
finds() {
    local here=$PWD
    cd / # this shell itself works in the folder
    run nothing_left_behind
    cd "$here"
    [ "$status" -eq 1 ] && [[ "$output" == *"$1"* ]] || { echo "oracle: $status $output"; return 1; }
}

@test "the oracle finds a process in the test's folder" {
    sleep 30 3>&- &
    finds 'sleep 30'
    kill $!
}

@test "the oracle finds a process elsewhere by its cookie" {
    (cd / && exec setsid sleep 30 3>&-) &
    finds 'sleep 30'
    kill $!
}

@test "the oracle finds a zombie of a process of the test" {
    bash -c 'sleep 0.2 & exec sleep 30' 3>&- & # it ends when its parent is no shell any more, which would reap it
    finds 'zombie of'
    kill $!
}

@test "the oracle finds temporary files" {
    touch "$TMPDIR/forgotten"
    finds forgotten
    rm "$TMPDIR/forgotten"
}

@test "the oracle finds a report that contradicts itself" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: ["true"]}\n' >r.yaml
    "$CPDFLOW" run -q r.yaml
    local report
    report=$(echo .cpdflow/runs/*/report.json)
    cp "$report" whole.json
    local change
    for change in '.steps[0].status = "running"' '.run.exit_code = 1' '.steps += .steps' '.steps[0].status = "failed"' '.verdict = "cancelled"'; do
        jq "$change" whole.json >"$report"
        finds 'contradicts itself'
    done
    cp whole.json "$report"
}
