# recipes/jobs/run-job.yaml: a job of a project.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=jobs/run-job

@test "run-job: the run is started once, watched to its end, and its log kept" {
    cluster
    carry_out
    is 0 "$status"
    is '["build 7","Completed","22222222-0000-4000-a000-000000000001"]' \
        "$(state '.job_runs[] | [.metadata.name, .entity.job_run.state, .entity.job_run.job_ref]')"
    is 'Completed' "$(reports .outputs.state)"
    grep -rq 'epoch 1 of 1' state
    changes_nothing
}

@test "run-job: without a name each call runs the job again" {
    cluster
    carry_out --input run_name=
    carry_out --input run_name=
    is 0 "$status"
    is 2 "$(state '.job_runs | length')"
}

@test "run-job: parameters reach the run" {
    cluster
    carry_out --input parameters='[{"name": "depth", "value": "-3"}]'
    is 0 "$status"
    is '[{"name":"depth","value":"-3"}]' "$(state '.job_runs[].entity.job_run.job_parameters')"
}

@test "run-job: a run that fails fails the build, and its log says why" {
    cluster '.outcomes.job_run = {state: "Failed", message: "KeyError: Risk"}'
    carry_out
    fails 1 expect 'the run ended as Failed'
    grep -rq 'KeyError: Risk' state
    is '' "$(writes | grep cancel || true)"
}

@test "run-job: a run of this name that failed is not adopted, another is started" {
    cluster '.outcomes.job_run = [{state: "Failed"}, {state: "Completed"}]'
    carry_out
    fails 1 expect 'the run ended as Failed'
    carry_out
    is 0 "$status"
    is '["build 7 Failed","build 7 Completed"]' "$(state '[.job_runs[] | "\(.metadata.name) \(.entity.job_run.state)"]')"
    changes_nothing
    carry_out --input parameters='[{"name": "depth", "value": "-3"}]'
    fails 1 conflict "a run named 'build 7' is there, with other parameters"
}

@test "run-job: warnings pass unless they are not accepted" {
    cluster '.outcomes.job_run = {state: "CompletedWithWarnings"}'
    carry_out
    is 0 "$status"
    carry_out --input accept_warnings=false
    fails 1 expect 'the run ended as CompletedWithWarnings'
}

@test "run-job: a run that takes too long is cancelled on the cluster, a deadline of its own" {
    cluster '.durations.job_run = 100000'
    carry_out --input wait_timeout=300ms
    fails 5 timeout
    is '["Canceled"]' "$(state '[.job_runs[].entity.job_run.state]')"
}

@test "run-job: the answer to the start gets lost: the run that was started is adopted" {
    cluster '.faults = [{match: "job run create", carry_out: true, client_timeout: true}]'
    carry_out
    is 0 "$status"
    is 1 "$(state '.job_runs | length')"
}

@test "run-job: a job that is not there is named with those that are" {
    cluster
    carry_out --input job=trian
    fails 1 not_found "no job named 'trian'; it has: train, train all"
    carry_out --input project='Credit'
    fails 1 not_found "no project named 'Credit'"
}

@test "run-job: replays" {
    replays
}
