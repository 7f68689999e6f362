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
    [[ "$output" == *"the nearest recorded one (step 'token')"* ]]
    [[ "$output" == *someone-else* ]]
    [[ "$output" == *"recorded calls were not made"* ]]
}

@test "replay: a damaged tape is refused with its place" {
    cp -r "$top/fixtures/mlops" tape
    sed -i 's/^cpdflow_tape: 1/cpdflow_tape: 9/' tape/tape.yaml
    run "$CPDFLOW" run "$top/recipes/mlops.yaml" --replay tape "${inputs[@]}"
    [ "$status" -eq 2 ]
    [[ "$output" == *"error[invalid-tape]: tape/tape.yaml: cpdflow_tape: 1 was expected"* ]]
    # Nothing was run: there is no verdict and no run left behind.
    [[ "$output" != *FINISHED* ]]
    [ -z "$(ls .cpdflow/runs)" ]
}

@test "replay: a body file outside the tape is refused" {
    cp -r "$top/fixtures/mlops" tape
    sed -i '0,/stdout: .*/s//stdout: ..\/..\/etc\/passwd/' tape/tape.yaml
    run "$CPDFLOW" run "$top/recipes/mlops.yaml" --replay tape "${inputs[@]}"
    [ "$status" -eq 2 ]
    [[ "$output" == *"a file name beside tape.yaml was expected"* ]]
}

@test "record: what was recorded replays, and holds no secret" {
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
