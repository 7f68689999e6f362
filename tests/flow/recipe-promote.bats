# recipes/models/promote.yaml: dev, test, a person, prod.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=models/promote

# usage: somebody DECISION   decides as soon as there is something to decide
somebody() {
    sh "$top/tests/standin/library/models/promote/meanwhile.sh" "$url" "$1" 3>&- &
    person=$!
}

@test "promote: test, approval, production; again nothing is done" {
    cluster
    somebody approved
    carry_out
    wait "$person"
    is 0 "$status"
    is '["dev","prod","uat"]' "$(state '[.spaces[].entity.name] | sort')"
    is 3 "$(state '[.models[].entity.custom.content_sha256] | length')"
    is 1 "$(state '[.models[].entity.custom.content_sha256] | unique | length')"
    is '["ready","ready"]' "$(state '[.deployments[].entity.status.state]')"
    is jane "$(reports .outputs.approved_by)"
    carry_out
    is 0 "$status"
    is '3 2' "$(state '"\(.models | length) \(.deployments | length)"')"
    is '' "$(reports '.steps[] | select(.change == "created" or .change == "updated").id')"
}

@test "promote: nobody approves in time: a deadline that says what is waited for, and production is untouched" {
    cluster
    carry_out --input approval_timeout=300ms
    fails 5 timeout 'nobody has approved model' 'with content 8f434346648f' 'for space prod'
    is '["dev","uat"]' "$(state '[.spaces[].entity.name] | sort')"
}

@test "promote: a rejection ends the run at once" {
    cluster
    somebody rejected
    carry_out --input approval_timeout=30s
    wait "$person"
    fails 1 expect 'rejected by jane'
    is '["dev","uat"]' "$(state '[.spaces[].entity.name] | sort')"
}

@test "promote: an approval of other content is none" {
    cluster '.start.models[0].custom.approval = {state: "approved", space: "prod", sha256: "0000", by: "joe"}'
    carry_out --input approval_timeout=300ms
    fails 5 timeout 'nobody has approved'
}

@test "promote: a model under its limit is not even shown to a person" {
    cluster
    carry_out --input accuracy_limit=0.9
    is 1 "$status"
    says accuracy 0.8 0.9
    is '["dev","uat"]' "$(state '[.spaces[].entity.name] | sort')"
}

@test "promote: a model that does not say what it holds cannot be promoted" {
    cluster '.start.models[0].custom = {}'
    carry_out
    fails 1 expect 'does not say what it holds (custom.content_sha256)'
    is '' "$(writes)"
}

@test "promote: replays" {
    replays
}
