# recipes/models/rollback.yaml: back to the revision before a bad one.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=models/rollback

@test "rollback: from 10 to 9, once" {
    cluster
    carry_out
    is 0 "$status"
    is '["9",9]' "$(state '.deployments[0] | [.entity.asset.rev, .standin.serving.upload]')"
    is '[true,"9"]' "$(reports '.outputs | [.rolled_back, .revision]')"
    changes_nothing
    is '[false,"9"]' "$(reports '.outputs | [.rolled_back, .revision]')"
}

@test "rollback: to a revision that is named" {
    cluster
    carry_out --input to_revision=2
    is 0 "$status"
    is '["2",2]' "$(state '.deployments[0] | [.entity.asset.rev, .standin.serving.upload]')"
}

@test "rollback: there is nothing before the first, and none that is made up" {
    cluster '.start.deployments[0].asset.rev = "1"'
    carry_out --input bad_revision=1
    fails 1 not_found 'there is no such revision to go back to; the model has 1, 2, 3'
    carry_out --input bad_revision=1 --input to_revision=11
    fails 1 not_found 'there is no such revision to go back to'
    is '' "$(writes)"
}

@test "rollback: a deployment that serves no revision has nothing to go back to" {
    cluster
    carry_out --input deployment=unversioned
    fails 1 expect 'serves no revision'
}

@test "rollback: a deployment that fails on the way fails the run with its reason" {
    cluster '.outcomes.deployment = {state: "failed", message: "no room for the runtime"}'
    carry_out
    fails 1 expect 'no room for the runtime'
}

@test "rollback: replays" {
    replays
}
