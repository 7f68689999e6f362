# Completion in the shells themselves: commands, options, inputs and steps of a recipe, runs.
load common
bats_require_minimum_version 1.5.0

setup() {
    fresh_folder
    mkdir bin
    ln -s "$CPDFLOW" bin/cpdflow
    export PATH=$PWD/bin:$PATH HOME=$PWD
    cat >r.yaml <<'Y'
cpdflow: 1
inputs: {stage: {default: dev}, space: {default: a}}
steps:
  - {id: first, cmd: [echo, "${{ inputs.stage }}", "${{ inputs.space }}"]}
  - {id: second, steps: [{id: inner, cmd: [echo]}]}
Y
}

@test "lists for the scripts" {
    run -0 cpdflow completion inputs -- cpdflow run r.yaml
    is $'stage=\nspace=' "$output"
    run -0 cpdflow completion steps -- cpdflow resume -v r.yaml
    is $'first\nsecond\ninner' "$output"
    run -0 cpdflow completion steps -- cpdflow resume gone.yaml
    is '' "$output"
    run -0 cpdflow completion runs
    is '' "$output"
    cpdflow run --quiet r.yaml >/dev/null 2>&1
    run -0 cpdflow completion runs
    is last "${lines[0]}"
    is 2 "${#lines[@]}"
    run -0 cpdflow completion steps -- cpdflow resume last
    is $'first\nsecond\ninner' "$output"
}

@test "bash" {
    cpdflow completion bash >c.bash
    run -0 bash -c 'source ./c.bash
        try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cpdflow; echo "${COMPREPLY[*]}"; }
        try cpdflow doc
        try cpdflow doctor --out
        try cpdflow doctor --output js
        try cpdflow run r.yaml --input s
        try cpdflow run r.yaml --input = st
        try cpdflow run r.yaml -i sp
        try cpdflow plan r
        try cpdflow resume r.yaml --redo sec'
    is 'doctor
--output
json
stage= space=
stage=
space=
r.yaml
second' "$output"
}

@test "zsh" {
    cpdflow completion zsh >_cpdflow
    # A key in a real terminal: what it makes of the line is what echo prints of it.
    cat >try.zsh <<'Z'
zmodload zsh/zpty
zpty shell "PS1= PROMPT= RPROMPT= zsh -f -i"
zpty -w shell 'setopt no_beep; stty -echo'
zpty -w shell 'autoload -U compinit; compinit -u -D; source ./_cpdflow'
zpty -w shell 'line() { print -r -- "<${(qq)BUFFER}>"; zle kill-whole-line }; zle -N line; bindkey "^G" line; echo "REA""DY"'
zpty -r -m shell text '*READY*'
for line in 'cpdflow doct' 'cpdflow doctor --output js' 'cpdflow run r.yaml --input spa' 'cpdflow resume r.yaml --redo inn'; do
    zpty -w -n shell "$line"$'\t\a'
    zpty -r -m shell text '*<*>*'
    print -r -- "${${text##*<}%%>*}"
done
Z
    run timeout 30 zsh -f try.zsh
    is "'cpdflow doctor'
'cpdflow doctor --output json'
'cpdflow run r.yaml --input space='
'cpdflow resume r.yaml --redo inner'" "$output"
}

@test "fish" {
    cpdflow completion fish >c.fish
    run -0 fish -c 'source c.fish
        complete -C "cpdflow doct" | cut -f1
        complete -C "cpdflow doctor --output j" | cut -f1
        complete -C "cpdflow run r.yaml --input sta" | cut -f1
        complete -C "cpdflow resume r.yaml --redo inn" | cut -f1'
    is 'doctor
json
stage=
inner' "$output"
}
