# Recordings: the committed tapes replay without a process and without waiting; what does not fit is named.

load common

setup() {
    fresh_folder
    "$top/tests/standin/make-inputs.sh" .
    unset CPD_PASSWORD
}

inputs=(--input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json
    --input configurations_file=configurations.json --input feedback_csv=feedback.csv)

# usage: replay RECIPE [option...]
replay() {
    local recipe=$1
    shift
    "$CPDFLOW" run "$top/recipes/$recipe.yaml" --replay "$top/fixtures/$recipe" \
        --input url=https://cpd.example.com "${inputs[@]}" "$@"
}

report() {
    jq -r "$1" .cpdflow/runs/*/report.json
}

@test "replay: the whole flow of both recipes, no process, no waiting" {
    local recipe started
    for recipe in mlops mlops-cpd30; do
        rm -rf .cpdflow
        started=$SECONDS
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o calls \
            "$CPDFLOW" run "$top/recipes/$recipe.yaml" --replay "$top/fixtures/$recipe" \
            --input url=https://cpd.example.com "${inputs[@]}" >out
        [ $((SECONDS - started)) -lt 30 ]
        grep -q '^SUCCESS' out
        [ "$(grep -c 'execve(' calls)" -eq 1 ]
        [ "$(grep -cE 'fork\(|clone3?\(' calls)" -eq 0 ]
        [ "$(report .run.duration_ms)" -gt 60000 ]
    done
}

@test "replay: another name for the space is filled in" {
    replay mlops --input space_name=another-space >out
    grep -q '^SUCCESS' out
    report '..|strings' | grep -q -- --name=another-space
}

@test "replay: a call that was never recorded names the nearest one" {
    run replay mlops --input username=someone-else
    [ "$status" -eq 4 ]
    [[ "$output" == *"this call was never recorded"* ]]
    [[ "$output" == *"the nearest recorded one (step 'token', tape.yaml:4) differs: "* ]]
    [[ "$output" == *"[-admin-]{+{{inputs.username}}+}"* ]]
    [[ "$output" == *"recorded calls were not made"* ]]
}

@test "replay: a damaged tape is refused with its place" {
    cp -r "$top/fixtures/mlops" tape
    sed -i 's/^cpdflow_tape: 1/cpdflow_tape: 9/' tape/tape.yaml
    run "$CPDFLOW" run "$top/recipes/mlops.yaml" --replay tape "${inputs[@]}"
    [ "$status" -eq 2 ]
    [[ "$output" == *"tape/tape.yaml:1:15: error[invalid-tape]: cpdflow_tape: 1 was expected"* ]]
    # Nothing was run: there is no verdict and no run left behind.
    [[ "$output" != *FINISHED* ]]
    [ -z "$(ls .cpdflow/runs)" ]
}

# usage: cassette-of BODY...   makes tape/ with one call whose entry goes on with the given lines
cassette_of() {
    mkdir -p tape
    { printf 'cpdflow_tape: 1\ncalls:\n  - argv: [work]\n'; printf '    %s\n' "$@"; } >tape/tape.yaml
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    cmd: [work]\n    output: text\n' >flow.yaml
}

# usage: refused TEXT   the cassette is refused with this message and nothing is run
refused() {
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 2 ]
    [[ "$output" == *"$1"* ]]
    [[ "$output" != *FINISHED* ]]
}

@test "F1: a body outside the cassette, a link, a device and a fifo are refused" {
    echo secret >outside
    cassette_of 'stdout: ../outside'
    refused "tape/tape.yaml:4:13: error[invalid-tape]: a file name beside tape.yaml was expected"
    cassette_of "stdout: $PWD/outside"
    refused "a file name beside tape.yaml was expected"
    cassette_of 'stdout: body.stdout'
    ln -s ../outside tape/body.stdout
    refused "a file, not a link, was expected"
    rm tape/body.stdout
    mkfifo tape/body.stdout
    refused "'body.stdout' is a fifo: expected a file"
    rm tape/body.stdout
    mkdir tape/body.stdout
    refused "'body.stdout' is a directory: expected a file"
}

@test "F2: calls that are missing, twice, one too many or in another order never pass silently" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    cmd: [work, one]
    output: text
  - id: b
    cmd: [work, two]
    output: text
END
    local one='  - {step: a, argv: [work, one], exit: 0}' two='  - {step: b, argv: [work, two], exit: 0}'
    mkdir tape
    printf 'cpdflow_tape: 1\ncalls:\n%s\n%s\n' "$two" "$one" >tape/tape.yaml
    "$CPDFLOW" run flow.yaml --replay tape # a key of its own each: their order is the recipe's
    printf 'cpdflow_tape: 1\ncalls:\n%s\n' "$one" >tape/tape.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 4 ]
    [[ "$output" == *"error[missing-recording]: 1 call had no recorded answer:"* ]]
    [[ "$output" == *"the nearest is of step 'a', tape.yaml:3: work [-one-]{+two+}"* ]]
    printf 'cpdflow_tape: 1\ncalls:\n%s\n%s\n%s\n' "$one" "$one" "$two" >tape/tape.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning[unused-recording]: 1 recorded call was not made:"*"a (), tape.yaml:4: work one"* ]]
    run "$CPDFLOW" run flow.yaml --replay tape --replay-strict
    [ "$status" -eq 1 ]
    [[ "$output" == *"error[unused-recording]"* ]]
}

@test "F2: a call without an answer is an error even where the recipe tolerates its failure" {
    cassette_of 'exit: 0'
    printf '  - id: b\n    cmd: [other]\n    continue_on_error: true\n' >>flow.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 4 ]
    [[ "$output" == *"step 'b': this call was never recorded: other"* ]]
}

@test "F3: endless or negative durations and bodies past the limit are refused" {
    cassette_of 'duration_ms: 10000000000000'
    refused "a number of milliseconds, at most 100 years, was expected"
    cassette_of 'duration_ms: -1'
    refused "a number of milliseconds, at most 100 years, was expected"
    cassette_of 'stdout: body.stdout'
    truncate -s 1G tape/body.stdout
    refused "'body.stdout' has 1073741824 bytes: at most 67108864 are read"
    cassette_of 'exit: 256'
    refused "a number from 0 to 255 was expected"
    cassette_of 'outcome: fine'
    refused "exited, signaled, timed-out, idle, stopped, spawn-failed or lost was expected"
    cassette_of 'stdouts: x'
    refused "hint: did you mean 'stdout'?"
}

@test "F3: a call that is recorded to take a year ends at its deadline, at once" {
    cassette_of 'exit: 0' 'duration_ms: 31536000000'
    printf '    timeout: 5m\n' >>flow.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 5 ]
    [ "$(report .run.duration_ms)" -eq 300000 ]
}

@test "F5: a checkout with CRLF changes neither keys nor digests" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    cmd: [sh, -c, "cat >input; seq 1 9999"]
    stdin: "one\ntwo\n"
    output: lines
END
    "$CPDFLOW" run flow.yaml --record tape
    find tape -name '*.stdout' | grep -qE '/[0-9a-f]{16}\.stdout$'
    sed -i 's/$/\r/' tape/*
    "$CPDFLOW" run flow.yaml --replay tape --replay-strict
    sed -i '5d' tape/*.stdout
    refused "does not hold what its name says"
}

@test "F6: a replay starts no program, whatever the recipe calls" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    cmd: [touch, made]
  - id: b
    run: touch made
  - id: c
    cpdctl: [space, list]
    continue_on_error: true
END
    mkdir tape
    printf 'cpdflow_tape: 1\ncalls:\n  - {argv: [touch, made], exit: 0}\n  - {argv: [sh, -eu, -c, touch made], exit: 0}\n' >tape/tape.yaml
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o calls \
        "$CPDFLOW" run flow.yaml --replay tape >out 2>&1 || true
    grep -q "step 'c': this call was never recorded: cpdctl space list --output json" out
    [ ! -e made ]
    [ "$(wc -l <calls)" -eq 1 ]
}

@test "cassette: the committed ones and a recorded one fit the JSON Schema" {
    [ -d "$top/tests/tools/node_modules" ] || skip "the tools from npm are not installed"
    local recipe
    for recipe in mlops mlops-cpd30; do
        "$CPDFLOW" extract yaml "$top/fixtures/$recipe/tape.yaml" >"$recipe.json"
    done
    cat >flow.yaml <<'END'
cpdflow: 1
env: {GREETING: hello}
steps:
  - id: a
    cmd: [sh, -c, "echo $GREETING; kill -9 $$"]
    timeout: 10s
    stdin: text
    continue_on_error: true
  - id: b
    cmd: [no-such-program]
    continue_on_error: true
END
    run "$CPDFLOW" run flow.yaml --record tape
    "$CPDFLOW" extract yaml tape/tape.yaml >own.json
    [ "$(jq -r '.calls[0].env.GREETING, .calls[0].signal' own.json | tr '\n' ' ')" = 'hello 9 ' ]
    node "$top/tests/tools/validate.mjs" "$top/src/replay/tape.schema.json" mlops.json mlops-cpd30.json own.json
    echo '{"cpdflow_tape": 1, "calls": [{"argv": ["x"], "exit": "0"}]}' >wrong.json
    run node "$top/tests/tools/validate.mjs" "$top/src/replay/tape.schema.json" wrong.json
    [ "$status" -eq 1 ]
}

@test "cassette: flags in another order or form, another directory of the program: the same call" {
    cassette_of 'exit: 0'
    sed -i 's/argv: .*/argv: [cpdctl, space, get, --space-id=7, --output, json]/' tape/tape.yaml
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    cmd: [/usr/bin/cpdctl, space, --output=json, get, --space-id, "7"]\n' >flow.yaml
    "$CPDFLOW" run flow.yaml --replay tape
    run "$CPDFLOW" run flow.yaml --replay tape --replay-strict
    [ "$status" -eq 4 ]
    sed -i 's/--space-id, "7"/--space-id, "8"/' flow.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 4 ]
    [[ "$output" == *"--space-id [-7-]{+8+}"* ]]
}

@test "cassette: variables that the recipe sets are part of the key" {
    printf 'cpdflow: 1\ninputs: {who: {type: string, default: ann}}\nsteps:\n  - id: a\n    run: echo "$WHO"\n    env: {WHO: "${{ inputs.who }}"}\n' >flow.yaml
    "$CPDFLOW" run flow.yaml --record tape
    "$CPDFLOW" run flow.yaml --replay tape
    run "$CPDFLOW" run flow.yaml --replay tape --input who=bob
    [ "$status" -eq 4 ]
    [[ "$output" == *"recorded with WHO=ann in its environment"* ]]
    "$CPDFLOW" run flow.yaml --replay tape --replay-loose --input who=bob
}

@test "cassette: {{any}} stands for any text, a loose replay repeats the last answer" {
    cassette_of 'stdin: "a {{any}} b {{any}}"' 'exit: 0'
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    cmd: [work]\n    stdin: "a 1 b 2"\n  - id: b\n    cmd: [work]\n    stdin: "a 3 b 4"\n' >flow.yaml
    run "$CPDFLOW" run flow.yaml --replay tape
    [ "$status" -eq 4 ]
    [[ "$output" == *"this call was recorded 1 time and is made once more: work"* ]]
    "$CPDFLOW" run flow.yaml --replay tape --replay-loose
}

@test "record: the same thing twice gives the same bytes, whichever parallel step was quicker" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: both
    parallel: true
    steps:
      - {id: slow, run: "while [ ! -e quick ]; do :; done; echo slow"}
      - {id: quick, run: "echo quick >quick; echo same"}
  - id: again
    cmd: [echo, same]
  - id: page
    cmd: [printf, 'HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: text/plain\r\n\r\nDate: kept', "${{ now() }}"]
    output: text
END
    "$CPDFLOW" run flow.yaml --record tape1
    "$CPDFLOW" run flow.yaml --record tape2
    sed -i 's/printf.*/printf/; /^      - "20.*Z"$/d' tape?/tape.yaml # the time of the call itself
    diff -r tape1 tape2
    [ "$(grep -c 'stdout: quick-1.stdout' tape1/tape.yaml)" -eq 2 ]
    [ "$(ls tape1)" = "$(printf '%s\n' page-1.stdout quick-1.stdout slow-1.stdout tape.yaml)" ]
    [ "$(tr -d '\r' <tape1/page-1.stdout | head -2)" = "$(printf 'HTTP/1.1 200 OK\nContent-Type: text/plain')" ]
    grep -q 'Date: kept' tape1/page-1.stdout
}

@test "record: two directories differ in the times that servers print and in nothing else" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    run: printf '{"created_at":"%s","id":7}' "$(cat moment)"
    output: json
END
    echo 2026-01-31T09:05:00.123Z >moment
    "$CPDFLOW" run flow.yaml --record tape1
    echo 2026-02-01T10:00:00.456Z >moment
    "$CPDFLOW" run flow.yaml --record tape2
    [ "$(diff -rq tape1 tape2)" = "Files tape1/a-1.stdout and tape2/a-1.stdout differ" ]
    sed -i 's/2026-[^"]*Z/TIME/' tape?/a-1.stdout
    diff -r tape1 tape2
}

@test "record: missing makes what is not there, failed makes failures again, all everything" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    run: echo x >>a-was-run; echo a
  - id: b
    run: echo x >>b-was-run; [ -e good ]
    continue_on_error: true
END
    run "$CPDFLOW" run flow.yaml --record tape
    printf '  - id: c\n    run: echo c\n' >>flow.yaml
    run "$CPDFLOW" run flow.yaml --record=missing --replay tape
    [ "$(wc -l <a-was-run) $(wc -l <b-was-run)" = '1 1' ]
    grep -q 'step: c' tape/tape.yaml
    touch good
    "$CPDFLOW" run flow.yaml --record=failed --replay tape
    [ "$(wc -l <a-was-run) $(wc -l <b-was-run)" = '1 2' ]
    "$CPDFLOW" run flow.yaml --replay tape --replay-strict
    "$CPDFLOW" run flow.yaml --record=all --replay tape
    [ "$(wc -l <a-was-run) $(wc -l <b-was-run)" = '2 3' ]
    run "$CPDFLOW" run flow.yaml --record=missing
    [ "$status" -eq 2 ]
    [[ "$output" == *"--record=missing needs --replay DIR"* ]]
}

@test "F4: what was recorded replays, and holds no secret" {
    cat >flow.yaml <<'END'
cpdflow: 1
inputs:
  password: {type: string, secret: true, env: THE_PASSWORD}
  greeting: {type: string, default: good-morning}
steps:
  - id: say
    cmd: [sh, -c, "echo $1 $2; echo $2 >&2", sh, "${{ inputs.greeting }}", "${{ inputs.password }}"]
    outputs: {text: "@"}
  - id: count
    run: |
      echo x >>counter; wc -l <counter
    wait: {until: "@ == '3'", every: 1s}
END
    THE_PASSWORD=correct-horse "$CPDFLOW" run flow.yaml --record tape
    run grep -rq correct-horse tape .cpdflow
    [ "$status" -eq 1 ]
    grep -q '{{inputs.greeting}}' tape/tape.yaml
    rm counter
    run "$CPDFLOW" run flow.yaml --replay tape --input greeting=good-evening
    [ "$status" -eq 0 ]
    [ ! -e counter ]
}

@test "record: a directory that holds something else is left alone" {
    mkdir precious
    echo mine >precious/file
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    cmd: [echo, x]\n' >flow.yaml
    run "$CPDFLOW" run flow.yaml --record precious
    [ "$status" -eq 4 ]
    [[ "$output" == *"precious holds 'file', which is no part of a tape: nothing was written"* ]]
    [ "$(ls precious)" = file ]
}

@test "record: again into the same directory changes nothing but what the programs say" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: a
    cmd: [printf, '{"at": "%s", "id": 7}', "${{ now() }}"]
    output: json
  - id: b
    cmd: [cat, said]
    output: text
END
    echo one >said
    "$CPDFLOW" run flow.yaml --record tape
    cp -r tape before
    "$CPDFLOW" run flow.yaml --record tape
    diff -r before tape
    echo two >said
    "$CPDFLOW" run flow.yaml --record tape
    [ "$(diff -rq before tape)" = "Files before/b-1.stdout and tape/b-1.stdout differ" ]
}

@test "replay: recorded hours take no time and are told exactly" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: train
    cmd: [train]
    output: text
    wait: {until: "@ == 'done'", every: 20m, timeout: 5h}
  - {id: rest, pause: 30m}
END
    mkdir tape
    printf 'cpdflow_tape: 1\ncalls:\n' >tape/tape.yaml
    local i
    for i in 1 2 3; do
        printf '  - {argv: [train], exit: 0, duration_ms: 2400000, stdout: %s.stdout}\n' "$((i / 3))" >>tape/tape.yaml
    done
    printf 'running' >tape/0.stdout
    printf 'done' >tape/1.stdout
    local began=$SECONDS
    "$CPDFLOW" run flow.yaml --replay tape
    [ $((SECONDS - began)) -lt 10 ]
    # three calls of 40 minutes, two pauses of 20 between them, then 30
    [ "$(report '.run.duration_ms')" -eq $((190 * 60000)) ]
    [ "$(report '[.. | objects | select(.id? == "train") | .attempts[].duration_ms] | unique | tostring')" = '[2400000]' ]
}

@test "a recording takes the place of none but a recording" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: [echo, hello]}]\n' >flow.yaml
    mkdir mine
    echo mine >mine/build.stdout
    run "$CPDFLOW" run flow.yaml --record mine
    [ "$status" -ne 0 ]
    [[ "$output" == *"error[not-a-tape]: "*"holds files but no tape.yaml: nothing was written"* ]]
    is mine "$(cat mine/build.stdout)"
}
