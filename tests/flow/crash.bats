#!/usr/bin/env bats
# A run is killed at every byte that it writes into its journal, and resumed: what the world looks like then, and what the report says,
# is what a run without a crash leaves. `make check` takes a sample of the bytes, `make check-full` all of them.

bats_require_minimum_version 1.5.0
load common
load fault

# The world is the folder `world`: a file for each object; every change of it is a line of `changes`.
setup() {
    fresh_folder
    needs_fault
    mkdir bin
    cat >bin/world <<'END'
#!/bin/sh
# world find NAME | create NAME | mark NAME | show
case $1 in
find) if [ -e "world/$2" ]; then echo "[{\"metadata\": {\"id\": \"id-$2\"}}]"; else echo '[]'; fi ;;
create) echo "create $2" >>changes; : >"world/$2"; echo "{\"metadata\": {\"id\": \"id-$2\"}}" ;;
mark) echo "mark $2" >>changes; : >"world/$2"; echo '{"marked": "yes"}' ;;
delete) echo "delete $2" >>changes; rm -f "world/$2" ;;
show) ls world | xargs ;;
esac
END
    chmod +x bin/world
    PATH=$PWD/bin:$PATH
    cat >flow.yaml <<'END'
cpdflow: 1
name: golden
steps:
  - id: space
    ensure:
      find: {cmd: [world, find, space], output: json}
      create: {cmd: [world, create, space], output: json}
      ready: {until: "`true`", every: 1ms}
    outputs: {id: metadata.id}
  - id: models
    foreach: [one, two]
    ensure:
      find: {cmd: [world, find, "${{ item }}"], output: json}
      create: {cmd: [world, create, "${{ item }}"], output: json}
      ready: {until: "`true`", every: 1ms}
    outputs: {id: metadata.id}
  - id: mark
    cmd: [world, mark, "done-${{ steps.space.outputs.id }}"]
    output: json
    outputs: {text: marked}
  - id: temporary
    ensure:
      find: {cmd: [world, find, temp], output: json}
      create: {cmd: [world, create, temp], output: json}
      ready: {until: "`true`", every: 1ms}
    cleanup: [{id: remove, cmd: [world, delete, temp], output: none}]
  - id: look
    cmd: [world, show]
    reads: true
    output: text
  - id: sum
    set: {all: "join(' ', [$steps.mark.outputs.text, $steps.look.result, $steps.space.outputs.id])"}
outputs: {all: "${{ steps.sum.outputs.all }}", ids: "${{ steps.models.results[].metadata.id }}"}
END
}

fresh_world() {
    rm -rf .cpdflow world changes
    mkdir world
    : >changes
}

# Each change once. Only a cleanup that was interrupted may be made twice: nobody else would end it.
changes() {
    sort changes | uniq -c | sed 's/2 delete/1 delete/' | xargs
}

# What a report says apart from times and from how often things were tried.
summary() {
    jq -c '{verdict, outputs, steps: [.steps[] | {id, status, change, outputs}]}' .cpdflow/runs/*/report.json
}

# usage: resumed   resumes until the run is over, deciding about `mark` as a person would, by looking
resumed() {
    local decision=()
    for _ in 1 2 3; do
        run "$plain" resume last "${decision[@]}"
        if [[ "$output" == *"error[unknown-run]"* || "$output" == *"error[journal-empty]"* ||
            "$output" == *"error[run-not-begun]"* ]]; then
            [ -s changes ] && return 1
            rm -rf .cpdflow
            run "$plain" run flow.yaml
        elif [[ "$output" == *"error[unknown-outcome]"* ]]; then
            if grep -q '^mark' changes; then
                decision=(--accept 'mark={"marked": "yes"}')
            else
                decision=(--redo mark)
            fi
            continue
        fi
        return "$status"
    done
    return 1
}

same_as_golden() {
    local what=$1
    is "$golden_world" "$(world show)" && is "$golden_changes" "$(changes)" &&
        is "$golden_summary" "$(summary)" && [ -z "$(ls .cpdflow/runs/*/tmp 2>/dev/null)" ] ||
        { echo "$what"; echo "$output"; cat changes; return 1; }
}

golden_run() {
    fresh_world
    FAULT_PATH=journal.ndjson faulted write "$plain" run flow.yaml
    is 0 "$fault_status"
    golden_world=$(world show)
    golden_changes=$(changes)
    golden_summary=$(summary)
    golden_bytes=$(stat -c %s .cpdflow/runs/*/journal.ndjson)
    golden_records=$(wc -l <.cpdflow/runs/*/journal.ndjson)
}

# usage: killed ORDER   a run that dies of it, then its resumption, then the comparison
killed() {
    fresh_world
    FAULT_PATH=${fault_path:-journal.ndjson} faulted "$1" "$plain" run flow.yaml >out 2>&1
    resumed || { echo "$1: resume ended with $status"; echo "$output"; cat out; return 1; }
    same_as_golden "$1"
}

@test "C1, C2: killed at any byte of the journal, and resumed: the same world, the same report" {
    golden_run
    local byte
    for byte in $(sample "$golden_bytes" 28); do
        killed "write@b$byte=kill"
    done
}

@test "C2: killed between any two records" {
    golden_run
    local n
    for n in $(sample "$golden_records" 10); do
        killed "write@$n=kill"
    done
}

@test "C3: killed at any other call that touches the run's directory" {
    golden_run
    fresh_world
    FAULT_PATH=.cpdflow faulted fsync,rename,open,mkdir,unlink,truncate "$plain" run flow.yaml
    local n
    fault_path=.cpdflow
    for n in $(sample "$(fault_calls)" 10); do
        killed "fsync,rename,open,mkdir,unlink,truncate@$n=kill"
    done
}

@test "C11: killed in the middle of the resumption, and resumed once more" {
    golden_run
    local byte second
    for byte in $(sample "$golden_bytes" 3); do
        for second in $(sample 2000 2); do
            fresh_world
            FAULT_PATH=journal.ndjson faulted "write@b$byte=kill" "$plain" run flow.yaml >out 2>&1
            FAULT_PATH=journal.ndjson faulted "write@b$second=kill" "$plain" resume last >out 2>&1
            resumed
            same_as_golden "$byte, then $second"
        done
    done
}

@test "C11: killed while the torn tail is cut off" {
    golden_run
    fresh_world
    FAULT_PATH=journal.ndjson faulted "write@b$((golden_bytes / 2))=kill" "$plain" run flow.yaml >out 2>&1
    FAULT_PATH=journal.ndjson faulted "truncate@1=kill" "$plain" resume last >out 2>&1
    FAULT_PATH=journal.ndjson faulted "fsync@1=kill" "$plain" resume last >out 2>&1
    resumed
    same_as_golden "cut"
}

@test "C9: a report is old or new, never half, when the run is killed while it writes it" {
    golden_run
    fresh_world
    FAULT_PATH=report.json faulted "write@b100=kill" "$plain" run flow.yaml >out 2>&1
    find .cpdflow -name report.json -exec jq -e .verdict {} +
    FAULT_PATH=report.json faulted "rename@1=kill" "$plain" resume last >out 2>&1
    find .cpdflow -name report.json -exec jq -e .verdict {} +
    run -0 "$plain" report last --format json=again.json
    is "$golden_summary" "$(jq -c '{verdict, outputs, steps: [.steps[] | {id, status, change, outputs}]}' again.json)"
}

@test "C10: a run that dies of a fault of its own can be resumed" {
    mkfifo gate
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [sh, -c, "echo a >>changes"]}\n  - {id: b, reads: true, run: "read line <gate"}\n' >flow.yaml
    for signal in SEGV ABRT; do
        rm -rf .cpdflow changes
        "$plain" run flow.yaml >/dev/null 2>&1 3>&- &
        pid=$!
        wait_until 5 sh -c 'grep -qs "read line" .cpdflow/runs/*/journal.ndjson'
        kill -s "$signal" "$pid"
        wait "$pid" || true
        sed 's/read line <gate/true/' flow.yaml >other && mv other flow.yaml
        wait_until 5 "$plain" resume last --changed-recipe
        is a "$(cat changes)"
        printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [sh, -c, "echo a >>changes"]}\n  - {id: b, reads: true, run: "read line <gate"}\n' >flow.yaml
    done
}

@test "C5: children die with the run, so it can be resumed at once" {
    printf 'cpdflow: 1\nsteps:\n  - {id: b, reads: true, cmd: [sleep, "60"]}\n' >flow.yaml
    "$plain" run flow.yaml >/dev/null 2>&1 3>&- &
    pid=$!
    wait_until 5 sh -c 'grep -qs attempt_started .cpdflow/runs/*/journal.ndjson'
    wait_until 5 pgrep -P "$pid" sleep
    kill -9 "$pid"
    wait "$pid" || true
    sed -i 's/"60"/"0"/' flow.yaml
    wait_until 5 "$plain" resume last --changed-recipe
}
