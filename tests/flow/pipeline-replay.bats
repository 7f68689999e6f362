#!/usr/bin/env bats
# The 26 states of the cluster (tests/standin/scenarios) as cassettes of recipes/mlops.yaml: fixtures/pipeline, made by
# `make fixtures`. What the stand-in is asked in pipeline.bats is told here from recordings, without a process.

load common

# usage: replays CASE STATUS [TEXT...]
replays() {
    local case=$1 expected=$2
    shift 2
    run timeout 60 "$CPDFLOW" run "$top/recipes/mlops.yaml" --replay "$top/fixtures/pipeline/$case" --state-dir "state-$case" \
        --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json \
        --input configurations_file=configurations.json --input feedback_csv=feedback.csv --input poll_every=500ms \
        --report json=report.json
    [ "$status" -eq "$expected" ] || { echo "$case: status $status"; echo "$output"; return 1; }
    says "$@"
    [[ "$output" != *missing-recording* ]]
}

@test "the states in which the flow is completed" {
    "$top/tests/standin/make-inputs.sh" .
    for case in E01 E02 E03 E04 E05 E06 E07 E10 E11 E14 E15 E16 E17 E19 E20 E22 E23 E25; do
        replays "$case" 0 "accuracy" "0.97"
        is 'accuracy 0.97 ok' "$(jq -r '.metrics[] | "\(.name) \(.value) \(.verdict)"' report.json)"
    done
}

@test "the states in which it must not be" {
    "$top/tests/standin/make-inputs.sh" .
    replays E08 1 'Token is expired or invalid'
    replays E09 1 fedb2dcd-1771-4705-88a1-b791a0bf5833 bbbbbbbb-1771-4705-88a1-b791a0bf5833
    replays E12 1 'AIQMM0002E: Action `Trigger Monitor Run` has failed with status code 500'
    replays E13 3 'accuracy 0.42 is below its lower limit 0.8'
    replays E18 1 c2af5048-c957-4968-9898-6bb58c7d3a2f e2202000-c957-4968-9898-6bb58c7d3a2f
    replays E21 1 'Model loading through joblib failed'
    replays E21b 1 'see https://example.com/docs/supported-frameworks for what can'
    replays E24 1 '2 objects match, one was expected'
}

@test "there is a cassette for each scenario" {
    for scenario in "$top"/tests/standin/scenarios/E*.json; do
        case=$(basename "$scenario")
        [ -e "$top/fixtures/pipeline/${case%%-*}/tape.yaml" ] || { echo "no cassette of $case"; return 1; }
    done
}
