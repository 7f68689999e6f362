# Limits of what a child may use.
load common
load fakes

@test "R12: a child at its limit of computing time ends with class resource_limit" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: ["%s/fakectl", burn], limits: {cpu: 1s}}\n' "$HELPER_DIR" >r.yaml
    flow r.yaml
    is 1 "$status"
    is 'resource_limit its limit of computing time is reached' "$(reported '.steps[] | "\(.class) \(.message)"')"
}

@test "R12: a file past its limit ends with class resource_limit" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: ["%s/fakectl", write-file=9999], limits: {file_size: 4KiB, core: 0}}\n' "$HELPER_DIR" >r.yaml
    flow r.yaml
    is 'resource_limit its limit of the size of files is reached' "$(reported '.steps[] | "\(.class) \(.message)"')"
}

@test "a step's limits win over the defaults, field by field" {
    cat >r.yaml <<YAML
cpdflow: 1
inputs: {n: {type: number, default: 40}}
defaults: {limits: {file_size: 1MB, open_files: "\${{ inputs.n }}"}}
steps:
  - id: a
    cmd: ["$HELPER_DIR/fakectl", limits]
    limits: {file_size: 2MB, cpu: 1500ms}
    output: text
    outputs: {all: "@"}
YAML
    flow r.yaml
    is 0 "$status"
    run reported '.steps[].outputs.all'
    says '2:3 ' ' 2000000:2000000 ' ' 40:40'
}

@test "E4: a child killed from outside comes with a hint about memory" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: ["%s/fakectl", kill=9]}\n' "$HELPER_DIR" >r.yaml
    flow r.yaml
    is 1 "$status"
    is killed "$(reported '.steps[].class')"
    says 'killed by signal 9' 'when memory runs out'
}
