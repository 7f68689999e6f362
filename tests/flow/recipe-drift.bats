# recipes/monitoring/drift-fairness.yaml: two monitors, two limits.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=monitoring/drift-fairness

@test "drift: subscription and monitors are made once, evaluated each time" {
    cluster
    carry_out
    is 0 "$status"
    is '["drift active","fairness active"]' "$(state '[.monitor_instances[]
        | select(.standin.origin == "created" and (.entity.monitor_definition_id | IN("drift", "fairness")))
        | "\(.entity.monitor_definition_id) \(.entity.status.state)"] | sort')"
    is '[["drift_magnitude",0.02,0.1],["fairness_value",96.5,80]]'         "$(reports '[.metrics[] | [.name, .value, .upper_limit // .lower_limit]] | sort')"
    carry_out
    is 0 "$status"
    is '["drift_run","evaluation","evaluation","fairness_run"]'         "$(reports '[.steps[] | select(.change == "created" and .parent != null or (.id | endswith("_run"))).id] | sort')"
    is 1 "$(state '[.subscriptions[] | select(.standin.origin == "created")] | length')"
    is 4 "$(state '.runs | length')"
}

@test "drift: a limit that is crossed is unstable and named" {
    cluster '.outcomes.drift = {drift_magnitude: 0.23}'
    carry_out
    is 3 "$status"
    says drift_magnitude 0.23 0.1
}

@test "drift: fairness under its limit is unstable and named" {
    cluster '.outcomes.fairness = {fairness_value: 61.2}'
    carry_out
    is 3 "$status"
    says fairness_value 61.2 80
}

@test "drift: monitors that are there are brought to what is wanted" {
    cluster
    carry_out
    carry_out --input drift_limit=0.05
    is 0 "$status"
    is '[0.05,0.05]' "$(state '.monitor_instances[] | select(.standin.origin == "created" and .entity.monitor_definition_id == "drift")
        | [.entity.thresholds[0].value, .entity.parameters.drift_threshold]')"
    is '[]' "$(state '[.monitor_instances[] | select(.standin.owner and .standin.n_updates)]')"
}

@test "drift: an evaluation in error fails with its reason" {
    cluster '.outcomes.run = {state: "error", code: "AIQFM6003", message: "Number of rows 3 are less than the minimum rows 10"}'
    carry_out
    is 1 "$status"
    says AIQFM6003 'Number of rows 3 are less than the minimum rows 10'
}

@test "drift: the start of an evaluation gets no answer: it is found" {
    cluster '.faults = [{match: "POST /openscale/*/runs", carry_out: true, status: 504}]'
    carry_out
    is 0 "$status"
    is 2 "$(state '.runs | length')"
}

@test "drift: two service providers that fit are named" {
    cluster '.start.service_providers = [{id: "fedb2dcd-1771-4705-88a1-b791a0bf5833", name: "WML production"},
        {id: "fedb2dcd-1771-4705-88a1-b791a0bf5834", name: "WML test"}]'
    carry_out
    fails 1 expect '2 service providers fit' 'WML production' 'WML test'
    carry_out --input service_provider='WML test'
    is 0 "$status"
}

@test "drift: replays" {
    replays
}
