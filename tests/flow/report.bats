#!/usr/bin/env bats
# `cpdflow report` and --report: a run is rendered again, byte for byte, from what it left.

bats_require_minimum_version 1.5.0
load common

recipe() {
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: sample
inputs:
  count: {type: integer, default: 3}
steps:
- id: shaky
  reads: true
  retry: {attempts: 3, delay: 10ms}
  cmd: [sh, -c, "[ -e again ] || { touch again; echo '503 Service Unavailable' >&2; exit 1; }; echo ok"]
- id: each
  foreach: ["a b", "${{ inputs.count }}"]
  cmd: [echo, "${{ item }}"]
- id: job
  cmd: [sh, -c, "if [ -e seen ]; then echo '{\"s\": \"done\"}'; else touch seen; echo '{\"s\": \"queued\"}'; fi"]
  output: json
  wait: {until: s == 'done', every: 20ms, timeout: 10s}
- id: quality
  set: {accuracy: "`0.71`"}
  metrics:
    accuracy: {value: accuracy, lower_limit: 0.8}
- id: soft
  continue_on_error: true
  cmd: [sh, -c, "echo 'no such thing' >&2; exit 4"]
finally:
- id: bye
  cmd: [echo, bye]
outputs:
  text: "${{ steps.shaky.stdout }}"
  url: "https://cpd.example.com/a?b=c&d='e'"
  list: "${{ [`1`, 'two'] }}"
YAML
}

formats() {
    "$CPDFLOW" report --help | sed -n '/--format/,/--state-dir/p' | tr -s ' ,\n' ' ' |
        sed 's/.*more report: //; s/ (a directory)//; s/ --state-dir.*//'
}

@test "help names every format, and nothing else is one" {
    run -2 "$CPDFLOW" report --format nonsense
    is "$(sed -n 's/.*expected one of //p' <<<"$output" | tr ' ' '\n' | sort)" "$(formats | tr -s ' ' '\n' | sort)"
    is "$(formats | tr -s ' ' '\n')" "$(sed -n '/^| format | what/,/^$/s/^| `\([a-z-]*\)` .*/\1/p' "$top/README.md")"
    run -2 "$CPDFLOW" run flow.yaml --report junit
    says "--report 'junit' is not of the form FORMAT=PATH"
    run -2 "$CPDFLOW" run flow.yaml --report html=-
    says 'cannot go to standard output'
}

@test "each format is made again byte for byte" {
    recipe
    local format args=()
    for format in $(formats); do
        args+=(--report "$format=first/$format")
    done
    mkdir first second
    run -3 "$CPDFLOW" run flow.yaml "${args[@]}"
    for format in $(formats); do
        "$CPDFLOW" report last --format "$format=second/$format"
    done
    diff -r first second
    cmp first/json .cpdflow/runs/*/report.json
}

@test "without a path reports stand in the directory of the run, where prune knows them" {
    recipe
    run -3 "$CPDFLOW" run -q flow.yaml
    run -0 "$CPDFLOW" report --format html --format junit
    is "$(echo "$PWD"/.cpdflow/runs/*/report/index.html)" "${lines[0]}"
    is "$(echo "$PWD"/.cpdflow/runs/*/report/junit.xml)" "${lines[1]}"
    [ -s "${lines[0]}" ] && [ -s "${lines[1]}" ]
    "$CPDFLOW" report --format junit=- | xmllint --noout -
    run -3 "$CPDFLOW" run -q flow.yaml
    "$CPDFLOW" runs --prune --keep 1
    [ "$("$CPDFLOW" runs --output json | jq length)" -eq 1 ]
}

@test "without a format it shows the summary of the run" {
    recipe
    run -3 "$CPDFLOW" run -q flow.yaml
    run -0 "$CPDFLOW" report
    says 'UNSTABLE  sample' 'accuracy' "$PWD/.cpdflow/runs/"
    run -2 "$CPDFLOW" report nosuch
    says 'nosuch'
}

@test "a chart shows what earlier runs measured" {
    recipe
    run -3 "$CPDFLOW" run -q flow.yaml
    older=$("$CPDFLOW" runs --output json | jq -r '.[0].id')
    sed -i 's/0.71/0.93/' flow.yaml
    run -3 "$CPDFLOW" run -q flow.yaml --report html=report
    is 2 "$(grep -c '<circle' report/metric-1.svg)"
    "$CPDFLOW" report "$older" --format html=older
    is 0 "$(grep -c '<circle' older/metric-1.svg)"
}

@test "JUnit is there from the first step on, and a killed run still says that it was cut off" {
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: long
steps:
- {id: slow, cmd: [sh, -c, "echo $$ >pid; exec sleep 60"]}
YAML
    "$CPDFLOW" run -q flow.yaml --report junit=junit.xml 3>&- &
    wait_until 20 test -s junit.xml
    xmllint --noout junit.xml
    grep -q '<error message="the run ended without saying so"' junit.xml
    wait_until 20 test -s pid
    kill -KILL $!
    wait $! || true
    kill -KILL "$(cat pid)" 2>/dev/null || true # it may have died with its parent
    run -0 "$CPDFLOW" report --format junit=-
    says 'under way when the run ended' 'not finished'
}

@test "an HTML report removes no file that it did not write" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: [seq, "3"]}]\n' >flow.yaml
    mkdir -p logs
    echo mine >logs/access.log
    echo mine >logs/notes.stdout.txt
    echo old >logs/0001-old.1.stdout.txt
    "$CPDFLOW" run flow.yaml --report html=.
    is mine "$(cat logs/access.log)"
    is mine "$(cat logs/notes.stdout.txt)"
    [ ! -e logs/0001-old.1.stdout.txt ]
    [ -e index.html ]
    mkdir elsewhere real
    echo mine >real/0001-x.1.stdout.txt
    ln -s ../real elsewhere/logs
    run "$CPDFLOW" run flow.yaml --report html=elsewhere
    [ "$status" -ne 0 ]
    is mine "$(cat real/0001-x.1.stdout.txt)"
}
