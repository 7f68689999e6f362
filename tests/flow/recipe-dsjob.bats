# recipes/jobs/dsjob.yaml: a DataStage job by dsjob's exit codes and its `Status code =` trailer.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=jobs/dsjob

@test "dsjob: done; again nothing is started" {
    cluster
    carry_out
    is 0 "$status"
    is '["build-7","Completed","22222222-0000-4000-a000-000000000001"]' \
        "$(state '.job_runs[] | [.metadata.name, .entity.job_run.state, .entity.job_run.job_ref]')"
    is '[0,false]' "$(reports '.outputs | [.code, .watched]')"
    grep -rq 'Status code =  0' state
    changes_nothing
    is '[0,true]' "$(reports '.outputs | [.code, .watched]')"
}

@test "dsjob: 1 is done with warnings, which pass unless they are not accepted" {
    cluster '.outcomes.job_run = {state: "CompletedWithWarnings"}'
    carry_out
    is 0 "$status"
    is 1 "$(reports .outputs.code)"
    carry_out --input run_name=build-8 --input accept_warnings=false
    fails 1 expect "the job completed with warnings (dsjob's status code 1), which are not accepted"
}

@test "dsjob: 3, 4 and 5 fail, each by its name, and the log says why" {
    cluster '.outcomes.job_run = [{state: "CompletedWithErrors"}, {state: "Failed", message: "ORA-00942: no table"}, {state: "Canceled"}]'
    carry_out
    fails 1 expect "the job completed with errors (dsjob's status code 3)"
    carry_out --input run_name=build-8
    fails 1 expect "the job failed (dsjob's status code 4)"
    grep -rq 'ORA-00942: no table' state
    carry_out --input run_name=build-9
    fails 1 expect "the job was cancelled (dsjob's status code 5)"
}

@test "dsjob: 255, its wait was over: the run is watched to its end" {
    cluster '.durations.job_run = 600'
    carry_out --input wait_seconds=10
    is 0 "$status"
    is '[255,true]' "$(reports '.outputs | [.code, .watched]')"
    is '["Completed"]' "$(state '[.job_runs[].entity.job_run.state]')"
}

@test "dsjob: 254, the gateway, after the start: the run is found, not started again" {
    cluster '.faults = [{match: "dsjob run", carry_out: true, exit: 254, stdout: "...\n502 Bad Gateway\n\nStatus code =  254\n"}]'
    carry_out
    is 0 "$status"
    is '[254,true]' "$(reports '.outputs | [.code, .watched]')"
    is 1 "$(state '.job_runs | length')"
}

@test "dsjob: 254 before the start: it is started then, with its parameters" {
    cluster '.faults = [{match: "dsjob run", exit: 254, stdout: "...\n502 Bad Gateway\n"}]'
    carry_out
    is 0 "$status"
    is '[0,false]' "$(reports '.outputs | [.code, .watched]')"
    is '["build-7","day=2026-11-23"]' "$(state '.job_runs[] | [.metadata.name, .entity.job_run.job_parameters]')"
}

@test "dsjob: a run of this name that failed is not watched, the job is run" {
    cluster '.outcomes.job_run = [{state: "Failed"}, {state: "Completed"}]'
    carry_out
    is 1 "$status"
    carry_out
    is 0 "$status"
    is '["Failed","Completed"]' "$(state '[.job_runs[].entity.job_run.state]')"
}

@test "dsjob: a trailer that says other than the exit code is not believed" {
    cluster '.faults = [{match: "dsjob run", exit: 0, stdout: "...\nimported 4, failed 1\n\nStatus code =  1\n"}]'
    carry_out
    fails 1 output "dsjob says 'Status code = 1' and its exit code is another"
}

@test "dsjob: a job that is not there is named with those that are" {
    cluster
    carry_out --input job=load
    fails 1 not_found "0 jobs are named 'load'" 'load_customers, load_customers_old'
}

@test "dsjob: replays" {
    replays
}
