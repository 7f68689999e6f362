# recipes/jobs/batch-scoring.yaml: a file through a batch deployment.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=jobs/batch-scoring

@test "batch: asset, deployment, job, predictions on this machine; again nothing is done twice" {
    cluster
    carry_out
    is 0 "$status"
    is '["p-test-batch","ready",{"name":"S"}]' "$(state '.deployments[] | [.metadata.name, .entity.status.state, .entity.hardware_spec]')"
    is '["customers-2026-11","completed"]' "$(state '.deployment_jobs[] | [.metadata.name, .entity.scoring.status.state]')"
    is 'prediction,probability' "$(head -1 predictions.csv)"
    grep -rq 'epoch 1 of 1' state
    changes_nothing
}

@test "batch: a job that fails fails the run with its reason" {
    cluster '.outcomes.deployment_job = {state: "failed", code: "invalid_input", message: "column income is not a number"}'
    carry_out
    fails 1 expect 'column income is not a number'
    [ ! -e predictions.csv ]
}

@test "batch: a job that takes too long is a deadline" {
    cluster '.durations.batch_job = 100000'
    carry_out --input wait_timeout=500ms
    fails 5 timeout "the job is running"
}

@test "batch: the answer to the start gets lost: the job is adopted" {
    cluster '.faults = [{match: "ml deployment-job create", carry_out: true, client_timeout: true}]'
    carry_out
    is 0 "$status"
    is 1 "$(state '.deployment_jobs | length')"
}

@test "batch: a model that is not there is named with those that are" {
    cluster
    carry_out --input model=mlops
    fails 1 not_found "no model named 'mlops'; there are: mlopsmodel"
}

@test "batch: replays" {
    replays
}
