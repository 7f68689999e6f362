#!/usr/bin/env bats
# Defaults of options from configuration files and CPDFLOW_* variables.

load common

setup() {
    fresh_folder
    unset CPDFLOW_CONFIG
    export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/config
    mkdir -p home config/cpdflow
    cat >hello.yaml <<'YAML'
cpdflow: 1
inputs: {name: {type: string, default: nobody}}
steps:
  - {id: greet, cmd: [echo, "hello ${{ inputs.name }}"], output: text}
outputs: {said: "${{ steps.greet.result }}"}
YAML
}

# usage: said [OPTION...]   what the recipe's step printed
said() {
    "$CPDFLOW" run hello.yaml --report json=report.json "$@" >/dev/null || return
    "$CPDFLOW" eval -r 'trim(outputs.said)' report.json
}

@test "each source beats the one before it: person, project, variable, command line" {
    is "hello nobody" "$(said)"
    echo 'run: {inputs: [person.yaml], state-dir: person}' >config/cpdflow/config.yaml
    echo 'name: person' >person.yaml
    is "hello person" "$(said)"
    [ -d person/runs ]
    echo 'run: {state-dir: project, input: {name: project}}' >.cpdflow.yaml
    is "hello project" "$(said)"
    [ -d project/runs ]
    export CPDFLOW_STATE_DIR=variable
    said
    [ -d variable/runs ]
    CPDFLOW_RUN_STATE_DIR=narrower said
    [ -d narrower/runs ]
    said --state-dir given
    [ -d given/runs ]
}

@test "without XDG_CONFIG_HOME the person's file is in ~/.config" {
    unset XDG_CONFIG_HOME
    mkdir -p home/.config/cpdflow
    echo 'run: {state-dir: person}' >home/.config/cpdflow/config.yaml
    said
    [ -d person/runs ]
}

@test "what may be given several times adds up, in files and in variables" {
    echo 'run: {report: [junit=a.xml, markdown=b.md]}' >.cpdflow.yaml
    CPDFLOW_RUN_REPORT=$'junit=c.xml\nmarkdown=d.md' said
    [ -e a.xml ] && [ -e b.md ] && [ -e c.xml ] && [ -e d.md ]
}

@test "flags: true and false, and a number for -vv" {
    echo 'run: {quiet: true}' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    [[ "$output" != *greet* ]]
    echo 'run: {quiet: false, verbose: 1}' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says "hello nobody"
    CPDFLOW_RUN_QUIET=perhaps run "$CPDFLOW" run hello.yaml
    [ "$status" -eq 2 ]
    says "error[invalid-type]: CPDFLOW_RUN_QUIET: 'quiet' is a flag: true or false, not 'perhaps'"
}

@test "a default of one command says nothing to another" {
    echo 'run: {output: json}' >.cpdflow.yaml
    is '"a"' "$(echo '{"b": "a"}' | "$CPDFLOW" eval b)"
    run "$CPDFLOW" run hello.yaml
    [[ "${lines[0]}" == '{'* ]]
}

@test "CPDFLOW_CONFIG takes the place of both files; empty reads none" {
    echo 'run: {state-dir: project}' >.cpdflow.yaml
    echo 'run: {state-dir: named}' >named.yaml
    CPDFLOW_CONFIG=named.yaml said
    [ -d named/runs ] && [ ! -e project ]
    CPDFLOW_CONFIG='' said
    [ -d .cpdflow/runs ] && [ ! -e project ]
    CPDFLOW_CONFIG=missing.yaml run "$CPDFLOW" run hello.yaml
    [ "$status" -eq 2 ]
    says "error[file-not-found]: CPDFLOW_CONFIG: "
}

@test "mistakes are shown where they stand, and nothing is run" {
    printf 'run:\n  statedir: x\n' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    [ "$status" -eq 2 ]
    says ".cpdflow.yaml:2:3: error[unknown-key]: \`cpdflow run\` has no option '--statedir'" "    statedir: x" \
        "hint: did you mean 'state-dir'?"
    echo 'rum: {}' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says ".cpdflow.yaml:1:1: error[unknown-key]: there is no command 'rum'" "hint: did you mean 'run'?"
    echo 'run: {output: xml}' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says ".cpdflow.yaml:1:7: error[usage]: option '--output' cannot be 'xml': use one of text, json"
    echo 'run: {report: {junit: [a]}}' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says ".cpdflow.yaml:1:7: error[invalid-type]: 'report' wants plain values here"
    echo '- run' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says ".cpdflow.yaml:1:1: error[invalid-type]: a configuration is a map with a key per command"
    echo 'run: [' >.cpdflow.yaml
    run "$CPDFLOW" run hello.yaml
    says ".cpdflow.yaml:" "error[invalid-yaml]"
    [ ! -e .cpdflow ]
}

@test "a file of a folder above is not read" {
    echo 'run: {state-dir: above}' >.cpdflow.yaml
    mkdir below
    cd below
    cp ../hello.yaml .
    said
    [ -d .cpdflow/runs ]
}
