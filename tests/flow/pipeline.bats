# The pipeline with cpdctl 1.x and OpenScale over REST; the cases are in pipeline.bash.
# shellcheck disable=SC2034 # for pipeline.bash
recipe=mlops
dialect=1.x
generation=4.8
load pipeline

@test "E01 an empty cluster: everything is created, joined and judged" {
    case_E01
}

@test "E02 the space exists: it is used" {
    case_E02
}

@test "E03 a second run uses what the first one made" {
    case_E03
}

@test "E04 three runs leave one of everything" {
    case_E04
}

@test "E05 spaces with similar names are left alone" {
    case_E05
}

@test "E06 only a similar name exists: an own space is made" {
    case_E06
}

@test "E07 ten names match as a pattern, one exactly" {
    case_E07
}

@test "E08 an expired token stops the run at the first call" {
    case_E08
}

@test "E09 two service providers: named, or chosen by input" {
    case_E09
}

@test "E10 every state is waited for" {
    case_E10
}

@test "E11 the URL of a newer deployment is taken once" {
    case_E11
}

@test "E12 a run in error fails with its reason" {
    case_E12
}

@test "E13 an accuracy under its limit does not pass" {
    case_E13
}

@test "E14 the evaluation is waited for and its metrics are shown" {
    case_E14
}

@test "E15 the newest monitor instance is not ours" {
    case_E15
}

@test "E16 a deployment of another name stays beside ours" {
    case_E16
}

@test "E17 a client timeout of runs add does not start a second run" {
    case_E17
}

@test "E18 two subscriptions of one deployment are an error that names them" {
    case_E18
}

@test "E19 a subscription without a deployment is no obstacle" {
    case_E19
}

@test "E20 a subscription of a deleted deployment is not used" {
    case_E20
}

@test "E21 a failed deployment fails with its reason" {
    case_E21
}

@test "E21b a link in the reason is no URL of the deployment" {
    case_E21b
}

@test "E22 a space in preparation is waited for" {
    case_E22
}

@test "E23 a list that fails once is asked again" {
    case_E23
}

@test "E24 two spaces of one name are an error that names them, none is deleted" {
    case_E24
}

@test "E25 a second run with a new model: served, monitored and fed once" {
    case_E25
}

@test "the demo runs from an empty folder, tells where its report is, and leaves nothing running" {
    "$CPDFLOW" help run >/dev/null 2>&1 || skip "this cpdflow cannot run recipes"
    CPDFLOW_DEMO=$PWD/demo CPDFLOW_DEMO_SCALE=0 run -0 "$top/tests/standin/demo.sh"
    says 'SUCCESS' "$PWD/demo/report.json"
    is success "$(jq -r .verdict demo/report.json)"
}

@test "cleanup deletes what the run created and nothing else" {
    case_cleanup
}

@test "cleanup after a failure deletes what was created until then" {
    case_cleanup_after_failure
}

@test "a run that is stopped while it waits says so and cleans up" {
    case_interrupted
}
