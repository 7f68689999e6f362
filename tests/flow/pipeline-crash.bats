#!/usr/bin/env bats
# The pipeline is killed between records of its journal and resumed: the cluster is complete and nothing in it is doubled.
# shellcheck disable=SC2034,SC2154 # for pipeline.bash, from fault.bash
bats_require_minimum_version 1.5.0
recipe=mlops dialect=1.x generation=4.8
load pipeline
load fault

setup() {
    fresh_folder
    needs_fault
}

# usage: killed_run ORDER   one run of the pipeline with this fault
killed_run() {
    FAULT_PATH=journal.ndjson faulted "$1" "$plain" run "$top/recipes/$recipe.yaml" --input url="$url" --input poll_every=20ms --input wait_timeout=20s \
        --input model_archive=inputs/model.tar.gz --input asset_properties_file=inputs/asset_properties.json \
        --input configurations_file=inputs/configurations.json --input feedback_csv=inputs/feedback.csv --state-dir state >out 2>&1
}

# usage: resumed   with the decision of a person who looks: rows that are there are not loaded again, all else may be
resumed() {
    local step
    run "$plain" resume last --state-dir state --report json=report.json
    if [[ "$output" == *"error[unknown-outcome]"* ]]; then
        step=${output#*work: \'}
        step=${step%%\'*}
        look
        if [ "$step" = store ] && [ "$(state '[.data_sets[].standin.n_records // 0] | add')" -gt 0 ]; then
            run "$plain" resume last --state-dir state --report json=report.json --accept "$step"
        else
            run "$plain" resume last --state-dir state --report json=report.json --redo "$step"
        fi
    fi
}

@test "C2: the pipeline killed between two records, and resumed, leaves a complete cluster without doubles" {
    start_case E01
    local records n
    killed_run write
    is 0 "$fault_status"
    records=$(wc -l <state/runs/*/journal.ndjson)
    for n in $(sample "$records" 4); do
        echo "== killed at record $n of $records"
        rm -rf state
        curl -sS -d @case.json "$url/standin/scenario" >/dev/null
        killed_run "write@$n=kill"
        resumed
        if [[ "$output" == *"error[journal-empty]"* || "$output" == *"error[run-not-begun]"* ]]; then
            continue
        fi
        ends_with 0
        look
        is_complete
        serves_newest
    done
}
