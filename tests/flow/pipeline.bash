# The whole pipeline against the stand-in cluster, one function per case. pipeline.bats runs them with
# recipes/mlops.yaml (cpdctl 1.x), pipeline-cpd30.bats with recipes/mlops-cpd30.yaml (0.4, wos); what
# each scenario is about and what is correct stands in tests/standin/scenarios/.
#
# Before `load pipeline` a file sets $recipe, $dialect and $generation.
# shellcheck disable=SC2016 # $names in jq programs
# shellcheck disable=SC2154 # top, url, recipe, dialect, generation, status and output are from elsewhere

load common
load standin

# usage: start_case NAME|FILE [OPTION...]   the cluster of the scenario, with the cpdctl of the recipe's
# dialect and nothing else, and the deployment JSON of its generation unless the scenario chooses
start_case() {
    local file
    "$CPDFLOW" help run >/dev/null 2>&1 || skip "this cpdflow cannot run recipes"
    file=$1
    [ -f "$file" ] || file=$(echo "$top/tests/standin/scenarios/$1"-*.json)
    # A password that is no English word: it is replaced by *** wherever it stands.
    export CPD_PASSWORD='tr0ub4dor&3 "x'
    jq --arg dialect "$dialect" --arg generation "$generation" --arg password "$CPD_PASSWORD" \
        '.options.dialect = $dialect | .options.generation = (.options.generation // $generation)
            | .options.password = $password' "$file" >case.json
    shift
    start_standin "$PWD/case.json" "$@"
    "$top/tests/standin/make-inputs.sh" inputs
}

# usage: mlops [CPDFLOW-OPTION...]   one run of the recipe; sets $status and $output. Whatever comes of
# it, no secret may stand in the output or in what the run left.
mlops() {
    run timeout -k 5 120 "$CPDFLOW" run "$top/recipes/$recipe.yaml" \
        --input url="$url" --input poll_every=20ms --input wait_timeout=20s \
        --input model_archive=inputs/model.tar.gz \
        --input asset_properties_file=inputs/asset_properties.json \
        --input configurations_file=inputs/configurations.json \
        --input feedback_csv=inputs/feedback.csv \
        --state-dir state --report json=report.json "$@"
    echo "$output"
    look
    hides "${CPD_PASSWORD%%&*}" # in no escaping either
    local token
    for token in $(state '.tokens[]'); do
        hides "$token"
    done
}

hides() {
    [[ "$output" != *"$1"* ]] || { echo "the output tells $1"; return 1; }
    ! grep -rlF -e "$1" state report.json || { echo "the files above hold $1"; return 1; }
}

# What is in the cluster, as of the end of the last run (`look` again after that).
look() {
    curl -sS "$url/standin/state" >cluster.json
}

state() {
    jq -rc "$1" cluster.json
}

# usage: ends_with STATUS   in the exit status and in the report
ends_with() {
    [ "$status" -eq "$1" ] || { echo "expected status $1, got $status"; return 1; }
    is "$1 $(verdict_of "$1")" "$(reports '"\(.run.exit_code) \(.verdict)"')"
}

verdict_of() {
    case $1 in
    0) echo success ;;
    1) echo failed ;;
    3) echo unstable ;;
    esac
}

# usage: created STEPS   the steps that made something, as the report has them
created() {
    is "$1" "$(reports '[.steps[] | select(.change == "created").id] | join(" ")')"
}

# usage: reports JQ-FILTER   what the report holds, any step
reports() {
    jq -rc "$1" report.json
}

# Nothing that was there before is gone, nothing of other teams was changed, run or built upon.
foreign_is_untouched() {
    is '[]' "$(state '[.deleted[] | select(.origin == "start")]')"
    is '[]' "$(state '[.[][] | objects | select(.standin.owner and .standin.n_updates) | .metadata.id]')"
    is '[]' "$(state '[.spaces[] | select(.standin.owner).metadata.id] as $foreign
        | [.models[], .deployments[] | select(.metadata.space_id as $id | $foreign | index($id)).metadata.id]')"
    is '[]' "$(state '[.monitor_instances[] | select(.standin.owner).metadata.id] as $foreign
        | [.runs[] | select(.standin.monitor_id as $id | $foreign | index($id)).metadata.id]')"
}

changes_nothing() {
    is '[]' "$(calls '[.[] | select(.effect == "write").call]')"
}

# One of everything, joined to each other as they should be, with the feedback in and judged.
is_complete() {
    is 'p-test-space' "$(state '[.spaces[] | select(.entity.name == "p-test-space").entity.name] | join(" ")')"
    is 'mlopsmodel' "$(state '[.models[] | select(.metadata.name == "mlopsmodel").metadata.name] | join(" ")')"
    is 'p-test-deploy ready' "$(state '[.deployments[] | select(.metadata.name == "p-test-deploy")
        | "\(.metadata.name) \(.entity.status.state)"] | join(" ")')"
    deployment=$(state '.deployments[] | select(.metadata.name == "p-test-deploy").metadata.id')
    model=$(state '.models[] | select(.metadata.name == "mlopsmodel").metadata.id')
    is "$model $(state '.spaces[] | select(.entity.name == "p-test-space").metadata.id')" \
        "$(state ".deployments[] | select(.metadata.id == \"$deployment\") | \"\(.entity.asset.id) \(.entity.space_id)\"")"
    subscription=$(state "[.subscriptions[] | select(.entity.deployment.deployment_id == \"$deployment\").metadata.id] | join(\" \")")
    is "active $model" "$(state ".subscriptions[] | select(.metadata.id == \"$subscription\")
        | \"\(.entity.status.state) \(.entity.asset.asset_id)\"")"
    is 'quality active 0.8' "$(state "[.monitor_instances[] | select(.entity.monitor_definition_id == \"quality\" and
        .entity.target.target_id == \"$subscription\") | \"quality \(.entity.status.state) \(.entity.thresholds[0].value)\"] | join(\" \")")"
    has_feedback
}

# The deployment serves the newest upload of its model.
serves_newest() {
    is "$(state '[.models[] | select(.metadata.name == "mlopsmodel").standin.uploads] | join(" ")')" \
        "$(state '[.deployments[] | select(.metadata.name == "p-test-deploy").standin.serving.upload] | join(" ")')"
}

# The URL in a subscription that the run made is the one that the deployment tells.
has_url() {
    [ "$(state ".subscriptions[] | select(.metadata.id == \"$subscription\").standin.origin")" = created ] || return 0
    is "$(state ".deployments[] | select(.metadata.id == \"$deployment\").entity.status
        | [.online_url.url?, .inference[]?.url] | map(select(.)) | unique | join(\" \")")" \
        "$(state ".subscriptions[] | select(.metadata.id == \"$subscription\").entity.deployment | .scoring_endpoint.url // .url")"
}

# The rows after line 1500 with their 64 features and label, without the prediction, each once.
has_feedback() {
    is '298 65 target null' "$(state "[.data_sets[] | select(.entity.type == \"feedback\" and
        .entity.target.target_id == \"$subscription\").standin |
        \"\(.n_records) \(.columns | length) \(.columns[] | select(. == \"target\")) \(.first.prediction)\"] | join(\" \")")"
    is "$(sed -n 1501p inputs/feedback.csv | cut -d, -f1,65 | jq -Rc 'split(",") | map(tonumber)')" \
        "$(state "[.data_sets[] | select(.entity.type == \"feedback\" and .entity.target.target_id == \"$subscription\")
            .standin.first][0] | [.f0, .target] | map(tonumber)")"
}

# usage: ran STATE N   the quality monitor of the subscription ran so often, and ended so
ran() {
    is "$(printf '%s' "$1" | jq -Rc --argjson n "$2" '. as $state | [range($n) | $state]')" \
        "$(state "[.monitor_instances[] | select(.entity.monitor_definition_id == \"quality\").metadata.id] as \$own
            | [.runs[] | select(.standin.monitor_id as \$id | \$own | index(\$id)).entity.status.state]")"
}

succeeds() {
    mlops "$@"
    ends_with 0
    is_complete
    serves_newest
    has_url
    foreign_is_untouched
}

case_E01() {
    start_case E01
    succeeds
    ran finished 1
    created 'space model deployment subscription monitor store evaluation'
    is '{"lower_limit":0.8,"name":"accuracy","value":0.97,"verdict":"ok"}' \
        "$(jq -Sc '.metrics[] | {name, value, lower_limit, verdict}' report.json)"
    is "$deployment $subscription" "$(reports '.outputs | "\(.deployment_id) \(.subscription_id)"')"
}

case_E02() {
    start_case E02
    succeeds
    created 'model deployment subscription monitor store evaluation'
    is 713f8e3e-4a37-4961-8d08-c8cacfaf469d "$(state '[.spaces[].metadata.id] | join(" ")')"
}

case_E03() {
    start_case E03
    succeeds
    local before
    before=$(state '[.models, .deployments, .subscriptions, .monitor_instances | map(.metadata.id)]')
    succeeds
    is "$before" "$(state '[.models, .deployments, .subscriptions, .monitor_instances | map(.metadata.id)]')"
    created evaluation
    is 'content deployment' "$(reports '[.steps[] | select(.change == "updated").id] | join(" ")')"
    ran finished 2
}

case_E04() {
    start_case E04
    succeeds
    succeeds
    succeeds
    is '1 1 1' "$(state '[.models, .deployments, .subscriptions | length] | join(" ")')"
}

case_E05() {
    start_case E05
    succeeds
    is 3 "$(state '.spaces | length')"
}

case_E06() {
    start_case E06
    succeeds
    is 2 "$(state '.spaces | length')"
}

case_E07() {
    start_case E07
    succeeds
    is 10 "$(state '.spaces | length')"
}

case_E08() {
    start_case E08
    mlops
    ends_with 1
    says 'Token is expired or invalid'
    changes_nothing
    [ "$(calls 'map(select(.call | test("authorize") | not)) | length')" -le 3 ] || { calls .; return 1; }
}

case_E09() {
    start_case E09
    mlops
    ends_with 1
    says fedb2dcd-1771-4705-88a1-b791a0bf5833 bbbbbbbb-1771-4705-88a1-b791a0bf5833
    is '[]' "$(state .subscriptions)"
    succeeds --input service_provider=fedb2dcd-1771-4705-88a1-b791a0bf5833
    is fedb2dcd-1771-4705-88a1-b791a0bf5833 "$(state '.subscriptions[].entity.service_provider_id')"
}

case_E10() {
    start_case E10
    succeeds
    ran finished 1
}

case_E11() {
    start_case E11
    succeeds
    [ "$generation" != 3.0 ] || return 0
    jq '.options.generation = "inference"' case.json >newest.json
    curl -sS -d @newest.json "$url/standin/scenario" >/dev/null
    succeeds
}

case_E12() {
    start_case E12
    mlops
    ends_with 1
    says 'AIQMM0002E: Action `Trigger Monitor Run` has failed with status code 500'
    is evaluation "$(reports '[.steps[] | select(.status == "failed").id] | join(" ")')"
    ran error 1
    foreign_is_untouched
}

case_E13() {
    start_case E13
    mlops
    ends_with 3
    says 'accuracy 0.42 is below its lower limit 0.8'
    is 'accuracy 0.42 below' "$(reports '.metrics[] | "\(.name) \(.value) \(.verdict)"')"
    ran finished 1
    is_complete
}

case_E14() {
    start_case E14
    succeeds
    ran finished 1
    says accuracy 0.97
}

case_E15() {
    start_case E15
    succeeds
    ran finished 1
}

case_E16() {
    start_case E16
    succeeds
    is 2 "$(state '.deployments | length')"
}

case_E17() {
    start_case E17
    succeeds
    ran finished 1
}

case_E18() {
    start_case E18
    mlops
    ends_with 1
    says c2af5048-c957-4968-9898-6bb58c7d3a2f e2202000-c957-4968-9898-6bb58c7d3a2f
    is 2 "$(state '.subscriptions | length')"
    is '[]' "$(state '.runs')"
    foreign_is_untouched
}

case_E19() {
    start_case E19
    succeeds
}

case_E20() {
    start_case E20
    succeeds
    is 2 "$(state '.subscriptions | length')"
}

fails_at_deployment() {
    start_case "$1"
    mlops
    ends_with 1
    says "$2"
    is '[]' "$(state .subscriptions)"
    is '["failed"]' "$(state '[.deployments[].entity.status.state]')"
}

case_E21() {
    fails_at_deployment E21 'Model loading through joblib failed'
}

case_E21b() {
    fails_at_deployment E21b 'see https://example.com/docs/supported-frameworks for what can'
}

case_E22() {
    start_case E22
    succeeds
}

case_E23() {
    start_case E23
    succeeds
    is 9401811f-8e3d-45d5-8540-b8266b7189e3 "$(state '[.models[].metadata.id] | join(" ")')"
    is 1 "$(calls '[.[] | select(.fault)] | length')"
}

case_E24() {
    start_case E24
    mlops
    ends_with 1
    says 11111111-0000-4000-a000-000000000001 713f8e3e-4a37-4961-8d08-c8cacfaf469d
    changes_nothing
}

case_E25() {
    start_case E25
    succeeds
    echo 'another model' >inputs/model.tar.gz
    succeeds
    is '2 2' "$(state '"\(.models[0].standin.uploads) \(.deployments[0].standin.serving.upload)"')"
    ran finished 2
}

# With cleanup, all that the run created goes, in an order that the cluster accepts; nothing else.
case_cleanup() {
    start_case E05
    mlops --input cleanup=true
    ends_with 0
    foreign_is_untouched
    is '3 [] [] [] []' "$(state '[(.spaces | length), .models, .deployments, .subscriptions, .monitor_instances]
        | map(tojson) | join(" ")')"
    jq '.start = {}' case.json >empty.json
    curl -sS -d @empty.json "$url/standin/scenario" >/dev/null
    mlops --input cleanup=true
    ends_with 0
    is '[] []' "$(state '[.spaces, .models] | map(tojson) | join(" ")')"
}

# A failure in the middle: the failed deployment and the model before it are what the run created.
case_cleanup_after_failure() {
    start_case E21
    mlops --input cleanup=true
    ends_with 1
    created 'model deployment'
    is '1 [] []' "$(state '[(.spaces | length), .models, .deployments] | map(tojson) | join(" ")')"
}

# Stopped while the space that it made is in preparation, the run takes that space away again.
case_interrupted() {
    start_case E01 --scale 1
    "$CPDFLOW" run "$top/recipes/$recipe.yaml" --input url="$url" --input poll_every=20ms --input cleanup=true \
        --input model_archive=inputs/model.tar.gz --input asset_properties_file=inputs/asset_properties.json \
        --input configurations_file=inputs/configurations.json --input feedback_csv=inputs/feedback.csv \
        --state-dir state --report json=report.json >out 2>&1 3>&- &
    local pid=$!
    wait_until 20 grep -q 'space: waiting' out
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    is '143 cancelled' "$status $(reports .verdict)"
    created space
    look
    is '[]' "$(state .spaces)"
}

# usage: writes   what the last run changed the cluster with, as patterns for faults
writes() {
    calls '[.[] | select(.effect == "write").call | gsub("[0-9a-f]{8}-[0-9a-f-]{27}"; "*")] | unique[]'
}

# Whichever changing call loses its answer after the server did the work: nothing is doubled, and if the
# run fails, the next one finds what is there and brings all to its end.
case_lost_answers() {
    start_case E01
    mlops
    local call
    writes >calls.txt
    [ "$(wc -l <calls.txt)" -ge 9 ] || { cat calls.txt; return 1; }
    while read -r call; do
        echo "== $call"
        jq --arg call "$call" '.faults = [{match: $call, client_timeout: true, carry_out: true}]' case.json >lost.json
        curl -sS -d @lost.json "$url/standin/scenario" >/dev/null
        mlops
        [ "$status" -eq 0 ] || mlops
        is 1 "$(calls '[.[] | select(.fault)] | length')"
        ends_with 0
        is_complete
        serves_newest
    done <calls.txt
}
