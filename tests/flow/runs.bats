#!/usr/bin/env bats
# `cpdflow runs`: the list of runs, how one is named, how old ones go.

bats_require_minimum_version 1.5.0
load common

recipe() {
    printf 'cpdflow: 1\nname: %s\nsteps:\n  - {id: a, cmd: [%s]}\n' "$1" "$2" >"$1.yaml"
}

# usage: make_runs   three runs: two that worked, one that failed; ids in $ids, newest last
make_runs() {
    recipe good true
    recipe bad false
    # Runs of one second have no order of their own: they get one.
    local n=0 name
    for name in good bad good; do
        n=$((n + 1))
        "$CPDFLOW" run "$name.yaml" --state-dir one >/dev/null || true
        mkdir -p .cpdflow/runs
        mv one/runs/* ".cpdflow/runs/2026010$n-000000-000$n"
    done
}

ids() {
    "$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[].id'
}

@test "runs lists every run, newest first, with its verdict" {
    make_runs
    run -0 "$CPDFLOW" runs
    says RUN RECIPE STARTED VERDICT DURATION CHANGES
    is 4 "${#lines[@]}"
    [[ "${lines[1]}" == 20260103-* && "${lines[3]}" == 20260101-* ]]
    is "failed success success" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines 'sort([].verdict)' | xargs)"
    is "true" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval "[?verdict == 'failed'].can_resume | [0]")"
}

@test "runs of a state directory that does not exist are an empty list" {
    is "[]" "$("$CPDFLOW" runs --state-dir none -o json)"
    run -0 "$CPDFLOW" runs --state-dir none
    [ ! -e none ]
}

@test "a run that ended without saying how is interrupted, one cut off at its head has not begun" {
    make_runs
    sed -i '/"event":"run_finished"/d' .cpdflow/runs/20260101-*/journal.ndjson
    : >.cpdflow/runs/20260102-000000-0002/journal.ndjson
    is "interrupted" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[2].verdict')"
    is "not begun" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[1].verdict')"
}

@test "a damaged journal is unreadable, and the others are listed all the same" {
    make_runs
    sed -i '2s/seq/sEq/' .cpdflow/runs/20260102-*/journal.ndjson
    is "unreadable" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[1].verdict')"
    is "3" "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval 'length(@)')"
}

@test "a run that goes on is running" {
    mkfifo gate
    printf 'cpdflow: 1\nsteps:\n  - {id: a, run: "read line <gate"}\n' >slow.yaml
    "$CPDFLOW" run slow.yaml >/dev/null 3>&- &
    pid=$!
    wait_until 5 sh -c 'grep -qs attempt_started .cpdflow/runs/*/journal.ndjson'
    is running "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[0].verdict')"
    run -0 "$CPDFLOW" runs --prune --older-than 1ms --resumable
    says "it is running"
    echo >gate
    wait "$pid"
    is success "$("$CPDFLOW" runs -o json | "$CPDFLOW" eval -o lines '[0].verdict')"
}

@test "prune keeps the newest and what can be resumed" {
    make_runs
    "$CPDFLOW" runs --prune --keep 1 --dry-run
    is 3 "$(ids | wc -l)"
    sed -i '/"event":"run_finished"/d' .cpdflow/runs/20260101-*/journal.ndjson
    run -0 "$CPDFLOW" runs --prune --keep 1
    says "kept 20260101-000000-0001: interrupted, it can be resumed"
    is 2 "$(ids | grep -c -e 0001 -e 0003)"
    "$CPDFLOW" runs --prune --keep 1 --resumable
    is 20260103-000000-0003 "$(ids)"
    is 20260103-000000-0003 "$(ls .cpdflow/runs)"
}

@test "prune goes by age" {
    make_runs
    "$CPDFLOW" runs --prune --older-than 1h --resumable
    is 3 "$(ids | wc -l)"
    "$CPDFLOW" runs --prune --older-than 1ms --resumable
    is "" "$(ls .cpdflow/runs)"
}

@test "prune leaves a directory with files of others as it is" {
    make_runs
    echo mine >.cpdflow/runs/20260101-000000-0001/cpdctl-config
    echo mine >.cpdflow/runs/20260102-000000-0002/steps/notes.txt
    run -0 "$CPDFLOW" runs --prune --keep 1 --resumable
    says "kept 20260101-000000-0001: 'cpdctl-config' is not cpdflow's"
    says "kept 20260102-000000-0002: 'steps/notes.txt' is not cpdflow's"
    is 3 "$(ids | wc -l)"
    [ -s .cpdflow/runs/20260101-000000-0001/report.json ]
    "$CPDFLOW" runs --prune --keep 1 --resumable --with-files
    is 20260103-000000-0003 "$(ls .cpdflow/runs)"
}

@test "prune follows no link out of the run" {
    make_runs
    mkdir precious && echo x >precious/a.stdout
    rm -r .cpdflow/runs/20260101-000000-0001/steps
    ln -s "$PWD/precious" .cpdflow/runs/20260101-000000-0001/steps
    run -0 "$CPDFLOW" runs --prune --keep 1
    says "'steps' is not cpdflow's"
    "$CPDFLOW" runs --prune --keep 1 --resumable --with-files
    is x "$(cat precious/a.stdout)"
    is 20260103-000000-0003 "$(ls .cpdflow/runs)"
}

@test "prune asks for a rule" {
    run -2 "$CPDFLOW" runs --prune
    says "--keep or --older-than"
    run -2 "$CPDFLOW" runs --keep 3
    says "--prune"
}

@test "a named run is found by its name, and a name is given once" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: ["false"]}]\n' >failing.yaml
    run "$CPDFLOW" run failing.yaml --name jenkins-publish-7
    [ "$status" -eq 1 ]
    [[ "$(ls .cpdflow/runs)" =~ ^[0-9]{8}-[0-9]{6}-jenkins-publish-7$ ]]
    run "$CPDFLOW" run failing.yaml --name jenkins-publish-7
    [ "$status" -eq 2 ]
    says "error[run-exists]: there is a run 'jenkins-publish-7' already: $(ls .cpdflow/runs)" \
        "hint: \`cpdflow resume jenkins-publish-7\` goes on with it"
    "$CPDFLOW" report jenkins-publish-7 | grep -q FAILED
    run "$CPDFLOW" resume jenkins-publish-7
    [ "$status" -eq 1 ]
    is 1 "$(find .cpdflow/runs -mindepth 1 -maxdepth 1 | wc -l)"
    run "$CPDFLOW" report publish-7
    [ "$status" -eq 2 ]
}

@test "a name cannot be a path, an option or a word with a meaning" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: ["true"]}]\n' >recipe.yaml
    for name in '' last ../x a/b .hidden -x 'a b' "$(printf 'x%.0s' {1..101})"; do
        run "$CPDFLOW" run recipe.yaml --name="$name"
        [ "$status" -eq 2 ]
        says "error[usage]: a run cannot be named"
    done
    [ ! -e .cpdflow ]
}

@test "--prune spares a run whose children outlived it" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: ["false"]}]\n' >flow.yaml
    run "$CPDFLOW" run flow.yaml
    lease=$(echo .cpdflow/runs/*/lease)
    exec 7<"$lease"
    flock 7
    run "$CPDFLOW" runs --prune --older-than 1ms --keep 1 --resumable
    run "$CPDFLOW" runs --prune --older-than 1ms --resumable
    [ -e "$lease" ]
    exec 7<&-
    run "$CPDFLOW" runs --prune --older-than 1ms --resumable
    [ ! -e "$lease" ]
}

@test "what is for pruning is refused without it" {
    local option
    for option in --resumable --with-files --dry-run -n; do
        run -2 "$CPDFLOW" runs "$option"
        says 'error[usage]: --resumable, --with-files and --dry-run are for --prune'
    done
}
