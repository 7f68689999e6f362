# recipes/models/champion-challenger.yaml: the better of two models serves.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=models/champion-challenger

@test "challenger: a better one takes over the deployment, once" {
    cluster
    carry_out
    is 0 "$status"
    is '{"id":"44444444-0000-4000-a000-000000000002","rev":"2"}' "$(state '.deployments[0].entity.asset')"
    is '["p-test-next",true]' "$(reports '.outputs | [.winner, .replaced]')"
    is '[0,0.8]' "$(reports '[.metrics[] | select(.name | endswith("er_accuracy") or startswith("champion")).value]')"
    carry_out
    is 0 "$status"
    is '["p-test-deploy",false]' "$(reports '.outputs | [.winner, .replaced]')"
    is 1 "$(writes | grep -c 'deployment update')"
}

@test "challenger: one that is not better by the margin changes nothing" {
    cluster '.outcomes.predictions = {champion: 3, challenger: 3}'
    carry_out
    is 0 "$status"
    is '' "$(writes | grep -v predictions || true)"
    cluster
    carry_out --input margin=0.85
    is 0 "$status"
    is '' "$(writes | grep -v predictions || true)"
}

@test "challenger: only compared when nothing is to be replaced" {
    cluster
    carry_out --input replace=false
    is 0 "$status"
    is '["p-test-next",false]' "$(reports '.outputs | [.winner, .replaced]')"
    is '' "$(writes | grep -v predictions || true)"
}

@test "challenger: when even the better one is bad, the run is unstable" {
    cluster
    carry_out --input accuracy_limit=0.9
    is 3 "$status"
    says best_accuracy 0.8 0.9
}

@test "challenger: one that is not ready fails before anything is compared" {
    cluster '.start.deployments[1].state = "failed" | .start.deployments[1].failure = {errors: [{message: "no such runtime"}]}'
    carry_out
    fails 1 expect 'no such runtime'
    is '' "$(writes)"
}

@test "challenger: replays" {
    replays
}
