#!/usr/bin/env bats
# What a run leaves on the disk: a journal that holds what happened, nothing of a secret, and an honest end when
# the disk is full.

bats_require_minimum_version 1.5.0
load common

@test "a disk that fills up ends the run before anything more is started" {
    for step in a b c d; do
        printf '  - id: %s\n    cmd: [sh, -c, "echo x >>started-%s"]\n    output: text\n' $step $step
    done >steps
    { printf 'cpdflow: 1\nname: full\nsteps:\n'; cat steps; } >flow.yaml
    run sh -c 'ulimit -f 4; exec "$CPDFLOW" run flow.yaml'
    [ "$status" -eq 4 ]
    [[ "$output" == *"journal.ndjson: a record could not be written: File too large"* ]]
    [ -e started-a ]
    [ ! -e started-d ]
    journal=$(echo .cpdflow/runs/*/journal.ndjson)
    [ "$(tail -c 1 "$journal")" = "" ]
    jq -es 'map(.n) == [range(length)]' "$journal"
}

@test "a run that is killed leaves whole records up to that moment" {
    cat >flow.yaml <<'EOF'
cpdflow: 1
name: killed
steps:
  - id: first
    cmd: [echo, done]
    output: text
    outputs: {text: "@"}
  - id: second
    cmd: [sh, -c, 'touch there; exec sleep 1000']
EOF
    "$CPDFLOW" run flow.yaml >/dev/null &
    wait_until 20 test -e there
    kill -KILL $!
    wait $! || true
    jq -es 'map(.n) == [range(length)] and
        (map(select(.event == "step_finished")) | map(.step.id) == ["first"]) and
        (map(select(.event == "step_finished"))[0].outputs.text == "done\n" or
         map(select(.event == "step_finished"))[0].outputs.text == "done") and
        .[-1].event == "attempt_started" and .[-1].step.id == "second"' .cpdflow/runs/*/journal.ndjson
}

@test "no form of a secret is in anything that a run writes" {
    cat >flow.yaml <<'EOF'
cpdflow: 1
name: secrets
inputs:
  password: {type: string, secret: true, env: DEMO_PASSWORD}
env: {SHOWN: "${{ inputs.password }}"}
steps:
  - id: leak
    cmd: [sh, -c, 'echo "$SHOWN"; printf %s "$SHOWN" | base64; printf "user:%s" "$SHOWN" | base64 >&2; echo "{\"p\":\"$SHOWN\"}" >&2']
    output: text
    outputs: {text: "@"}
  - id: in_pieces
    cmd: [sh, -c, 'printf "${SHOWN%%Word*}"; sleep 0.2; printf "Word${SHOWN##*Word}\n"']
    output: text
  - id: at_the_cut
    cmd: [awk, 'BEGIN { for (i = 0; i < 65530; i++) printf "x"; printf "%s", ENVIRON["SHOWN"]; for (i = 0; i < 200000; i++) printf "y"; print ENVIRON["SHOWN"] }']
    output: none
  - id: argument
    cmd: [echo, "--password=${{ inputs.password }}"]
    output: text
  - id: fails
    cmd: [sh, -c, 'echo "wrong: $SHOWN" >&2; exit 1']
EOF
    export DEMO_PASSWORD='s3cret/Word+42&x'
    for options in "" -vv "--output json"; do
        rm -rf .cpdflow
        # shellcheck disable=SC2086 # options
        run -1 "$CPDFLOW" run flow.yaml $options --report junit=junit.xml --report markdown=summary.md
        [ "${#output}" -gt 100 ]
        printf '%s\n' "$output" >shown
        for form in "$DEMO_PASSWORD" "$(printf %s "$DEMO_PASSWORD" | base64)" 's3cret%2FWord%2B42%26x' \
            's3cret/Word+42&amp;x' 's3cret' "$(printf 'user:%s' "$DEMO_PASSWORD" | base64 | cut -c9-)"; do
            ! grep -rF -- "$form" .cpdflow shown junit.xml summary.md || return 1
        done
        grep -qF -- '***' shown junit.xml summary.md
    done
}

@test "everything in a run directory is for its owner alone" {
    printf 'cpdflow: 1\nname: modes\nsteps:\n  - id: a\n    cmd: [echo, hello]\n    output: text\n' >flow.yaml
    umask 0
    "$CPDFLOW" run flow.yaml >/dev/null
    [ -z "$(find .cpdflow/runs/* -perm /077)" ]
}
