# recipes/monitoring/retrain-on-drift.yaml: trained anew when drift crosses a limit.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=monitoring/retrain-on-drift

@test "retrain: trained, kept as a revision, served, judged; not trained twice" {
    cluster
    carry_out
    is 0 "$status"
    is '["5",5]' "$(state '.deployments[0] | [.entity.asset.rev, .standin.serving.upload]')"
    is '["2026-11","Completed"]' "$(state '.job_runs[] | [.metadata.name, .entity.job_run.state]')"
    is '[0.23,true,"5"]' "$(reports '.outputs | [.drift, .retrained, .revision]')"
    carry_out
    is 0 "$status"
    is '1 5' "$(state '"\(.job_runs | length) \(.models[0].standin.uploads)"')"
    is 5 "$(state '.deployments[0].entity.asset.rev | tonumber')"
}

@test "retrain: drift under its limit changes nothing" {
    cluster '.outcomes.drift = {drift_magnitude: 0.1}'
    carry_out
    is 0 "$status"
    is '[false,"4"]' "$(reports '.outputs | [.retrained, .revision]')"
    is 0 "$(state '.job_runs | length')"
}

@test "retrain: a new model under its limit is taken back, and the run fails" {
    cluster
    carry_out --input accuracy_limit=0.9
    is 1 "$status"
    says accuracy 0.8 0.9
    is '["4",4,"ready"]' "$(state '.deployments[0] | [.entity.asset.rev, .standin.serving.upload, .entity.status.state]')"
}

@test "retrain: a training that fails leaves the deployment as it was" {
    cluster '.outcomes.job_run = {state: "Failed", message: "MemoryError"}'
    carry_out
    fails 1 expect 'the run ended as Failed'
    is '["4",4]' "$(state '.deployments[0] | [.entity.asset.rev, .standin.serving.upload]')"
    grep -rq MemoryError state
}

@test "retrain: a training that failed is made again by the next run" {
    cluster '.outcomes.job_run = [{state: "Failed"}, {state: "Completed"}]'
    carry_out
    is 1 "$status"
    carry_out
    is 0 "$status"
    is '2 "5"' "$(state '"\(.job_runs | length) \(.deployments[0].entity.asset.rev | tojson)"')"
}

@test "retrain: a run that broke off after the training goes on where it was" {
    cluster '.faults = [{match: "ml model create-revision", stderr: "FAILED\\nUnauthorized\\n"}]'
    carry_out
    is 1 "$status"
    carry_out
    is 0 "$status"
    is '1 "5"' "$(state '"\(.job_runs | length) \(.deployments[0].entity.asset.rev | tojson)"')"
}

@test "retrain: a deployment without a drift monitor, or without a revision, is said to be" {
    cluster '.start.monitor_instances = []'
    carry_out
    fails 1 not_found 'has no drift monitor: see drift-fairness.yaml'
    cluster '.start.deployments[0].asset = {id: "44444444-0000-4000-a000-000000000001"}'
    carry_out
    fails 1 expect 'serves no revision'
}

@test "retrain: replays" {
    replays
}
