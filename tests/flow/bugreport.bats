#!/usr/bin/env bats
# cpdflow bugreport: the facts that help, and nothing that names a customer.

load common

@test "versions, the machine, and which variables are set, not what they hold" {
    https_proxy=http://canary-proxy:3128 CPD_CONFIG=/canary/config run "$CPDFLOW" bugreport
    [ "$status" -eq 0 ]
    says "- cpdflow 0." "libuv 1." "cJSON 1." "PCRE2 10." "libyaml 0." "variables that are set:" "https_proxy" "CPD_CONFIG"
    [[ "$output" != *canary* ]]
}

@test "a run: its shape, and no word of its recipe, inputs, arguments or answers" {
    cat >canary-recipe.yaml <<'YAML'
cpdflow: 1
name: canary-name
inputs: {canary_input: {type: string, default: canary-value}}
steps:
  - {id: canary_good, name: canary step, cmd: [echo, '{"canary": "canary-answer"}'], output: json, outputs: {canary_out: canary}}
  - {id: canary_bad, cmd: [sh, -c, 'echo canary-stderr >&2; exit 7'], expect: {exit: 0}}
outputs: {canary_output: "${{ steps.canary_good.outputs.canary_out }}"}
YAML
    run "$CPDFLOW" run canary-recipe.yaml
    [ "$status" -eq 1 ]
    run "$CPDFLOW" bugreport last
    [ "$status" -eq 0 ]
    says "- failed, exit code 1," "| 1 | cmd | succeeded |" "| 2 | cmd | failed | unknown | 1 | 0 | exit 7 |"
    [[ "$output" != *canary* ]]
    [[ "$output" != *"$PWD"* ]]
}

@test "a run that is not there is a usage error" {
    run "$CPDFLOW" bugreport 20260131
    [ "$status" -eq 2 ]
    says "error[unknown-run]"
}
