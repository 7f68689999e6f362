# recipes/projects/copy.yaml: what one project has and another lacks.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=projects/copy

@test "copy: only what is missing is exported and imported; again nothing is done" {
    cluster
    carry_out
    is 0 "$status"
    is '["credit_risk.csv data_asset","evaluate_model script","train_model notebook"]' "$(state '[.assets[]
        | select(.metadata.project_id == "11111111-0000-4000-a000-000000000002")
        | "\(.metadata.name) \(.metadata.asset_type)"] | sort')"
    is 2 "$(reports '.outputs.copied | length')"
    changes_nothing
    is '[]' "$(reports .outputs.copied)"
}

@test "copy: the target is created when it is not there" {
    cluster
    carry_out --input to_project=fresh
    is 0 "$status"
    is '["Credit Risk","Credit Risk (copy)","fresh"]' "$(state '[.projects[].entity.name]')"
    changes_nothing --input to_project=fresh
}

@test "copy: a project that is not there, or is empty, is said to be" {
    cluster
    carry_out --input from_project='Credit risk'
    fails 1 not_found "there is no project named 'Credit risk'"
    cluster '.start.assets = []'
    carry_out
    fails 1 expect "there is nothing to copy: the project 'Credit Risk' has no assets"
}

@test "copy: an import that fails fails the run with its reason, and the next run goes on" {
    cluster '.outcomes.asset_import = [{state: "failed", code: "SPACES0099E", message: "quota of storage reached"}, {}]'
    carry_out
    fails 1 expect 'quota of storage reached'
    carry_out
    is 0 "$status"
    is 2 "$(state '.asset_exports | length')"
}

@test "copy: the start of the import gets no answer: it is found, not started again" {
    cluster '.faults = [{match: "asset import start", carry_out: true, client_timeout: true}]'
    carry_out
    is 0 "$status"
    is 1 "$(state '.asset_imports | length')"
}

@test "copy: replays" {
    replays
}
