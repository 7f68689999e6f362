# The stand-in cluster itself: what it prints and answers, how it takes its time, how it fails. The
# layouts are compared with recordings of the real tool where these are at hand.
load common
load standin

mart=00000000-0000-0000-0000-000000000000
provider=fedb2dcd-1771-4705-88a1-b791a0bf5833
openscale=/openscale/$mart/v2

# usage: start_with JSON   a scenario that is written here
start_with() {
    printf '%s' "$1" >scenario.json
    start_standin scenario.json
    log_in
}

# usage: id_of COMMAND...   the id in the record that a command prints
id_of() {
    "$@" | awk '$1 == "ID:" { print $2 }'
}

# A space, a model with content, a ready deployment, a subscription and a quality monitor.
make_all() {
    echo content >model.tar.gz
    space=$(id_of cpdctl spaces create --name p-test-space)
    model=$(id_of cpdctl wml models create --name mlopsmodel --space-id "$space" \
        --software-spec '{"name": "scikit-learn_0.22-py3.6"}' --type scikit-learn_0.22)
    cpdctl wml models upload-content --body model.tar.gz --model-id "$model" --content-format binary \
        --space-id "$space" >upload.txt
    deployment=$(id_of cpdctl wml deployments create --name p-test-deploy --space-id "$space" \
        --online '{}' --asset "{\"id\": \"$model\"}")
    subscription=$(id_of cpdctl wos subscriptions add --data-mart-id "$mart" \
        --service-provider-id "$provider" --asset "{\"asset_id\": \"$model\"}" \
        --deployment "{\"deployment_id\": \"$deployment\", \"name\": \"p-test-deploy\"}" \
        --asset-properties '{"label_column": "target"}')
    monitor=$(id_of cpdctl wos monitors instances add --data-mart-id "$mart" \
        --monitor-definition-id quality --parameters '{"min_feedback_data_size": 2}' \
        --target "{\"target_id\": \"$subscription\", \"target_type\": \"subscription\"}" \
        --thresholds '[{"metric_id": "accuracy", "type": "lower_limit", "value": 0.8}]')
}

# usage: feedback_set   the id of the feedback data set of $subscription
feedback_set() {
    rest GET "$openscale/data_sets?type=feedback&target.target_id=$subscription" |
        jq -r '.data_sets[].metadata.id'
}

@test "tables of 0.4 are those recorded, blank for blank" {
    outside data/openscale
    start_with '{"start": {"spaces": [
        {"id": "cda7fd92-0953-4758-95e6-39c75a2ae156", "name": "prod-space", "created_at": "2020-10-22T02:11:39.809Z"},
        {"id": "713f8e3e-4a37-4961-8d08-c8cacfaf469d", "name": "p-test-space", "created_at": "2020-10-20T17:42:46.956Z"},
        {"id": "fa6fb5f9-d676-421b-9e02-13bf4aa3c791", "name": "jenkinstestspace", "created_at": "2020-11-09T19:54:33.641Z"},
        {"id": "95e3c6be-b06c-455b-9317-cfa9354943c3", "name": "approval-deployment", "created_at": "2020-10-28T20:37:31.341Z"},
        {"id": "8e00d316-c6f0-4705-9b90-8553bdbdf934", "name": "noah-test-space", "created_at": "2020-11-10T23:35:04.900Z"}],
      "models": [{"id": "9401811f-8e3d-45d5-8540-b8266b7189e3", "name": "mlopsmodel", "type": "scikit-learn_0.22",
        "space_id": "713f8e3e-4a37-4961-8d08-c8cacfaf469d", "created_at": "2020-10-20T18:00:19.002Z"}]}}'
    cpdctl spaces list | diff - <(sed '$d' "$outside/cpdctl-0.2-spaces-list.txt")
    cpdctl wml models list --space-id 713f8e3e-4a37-4961-8d08-c8cacfaf469d |
        diff - <(sed '$d' "$outside/cpdctl-0.2-wml-models-list.txt")
}

@test "records of OpenScale and their YAML are those recorded" {
    outside data/openscale
    start_with '{"start": {"subscriptions": [{"id": "s", "without_default_monitors": true}],
      "monitor_instances": [{"id": "422774fd-8b88-4b8b-b7f1-3d6db01cb2b8", "created_at": "2020-10-30T22:01:13.539Z",
        "monitor_definition_id": "quality", "target": {"target_id": "s"}}],
      "runs": [{"id": "617745fc-66f5-4616-b828-6f4af3540b12", "monitor_instance_id": "422774fd-8b88-4b8b-b7f1-3d6db01cb2b8"}]}}'
    cpdctl wos monitors instances get --monitor-instance-id 422774fd-8b88-4b8b-b7f1-3d6db01cb2b8 |
        diff - "$outside/cpdctl-0.2-wos-monitors-instances-get.txt"
    # The scalars that need quotes, and the indentation of lists, from the recorded body.
    jq '{start: {runs: [{monitor_instance_id: "m", id: "r", body: .}]}}' \
        "$outside/monitor-run-finished-cpdctl0.2-quality-multiclass.json" |
        jq '.start.monitor_instances = [{id: "m", monitor_definition_id: "mrm", target: {target_id: "s"}}]
            | .start.runs[0].body.metadata.id = "r"' >scenario.json
    curl -sS -d @scenario.json "$url/standin/scenario" >/dev/null
    cpdctl wos monitors runs get --monitoring-run-id r --monitor-instance-id m --output yaml |
        sed 's/^  id: r$/  id: 617745fc-66f5-4616-b828-6f4af3540b12/; /^  triggered_by:/d' |
        diff -B - "$outside/cpdctl-0.2-wos-monitors-runs-get.yaml"
}

@test "tables of 1.x: state, optional description, cells cut at 50 characters" {
    start_with '{"options": {"scale": 0}, "start": {"spaces": [
        {"id": "1", "name": "züri-0123456789-0123456789-0123456789-0123456789", "created_at": "2021-01-29T08:56:07.389Z"},
        {"id": "2", "name": "a-0123456789-0123456789-0123456789-0123456789-0123", "created_at": "2021-01-29T08:56:07.389Z"},
        {"id": "3", "name": "b-0123456789-0123456789-0123456789-0123456789-01234", "created_at": "2021-01-29T08:56:07.389Z"}]}}'
    is "...
ID   Name                                                 Created                    State    Tags   
1    züri-0123456789-0123456789-0123456789-0123456789     2021-01-29T08:56:07.389Z   active   []   
2    a-0123456789-0123456789-0123456789-0123456789-0123   2021-01-29T08:56:07.389Z   active   []   
3    b-0123456789-0123456789-0123456789-0123456789-012…   2021-01-29T08:56:07.389Z   active   []   " \
        "$(cpdctl space list)"
    cpdctl space update --space-id 1 --json-patch '[{"op": "add", "path": "/description", "value": "home"}]' >/dev/null
    run -0 cpdctl space list
    [[ "${lines[1]}" == *"Created "*"Description   State    Tags   " ]]
    [[ "${lines[2]}" == *"home          active   []   " ]]
}

@test "empty lists, actions without a body, objects without a view" {
    start_standin --scale 0
    log_in
    is "$(printf '...\nNothing to show.')" "$(cpdctl spaces list)"
    make_all
    grep -q '^content_format   binary   $' upload.txt
    grep -q '^ *$' upload.txt
    is "$(printf '...\nOK')" "$(cpdctl wos monitors instances delete --monitor-instance-id "$monitor")"
}

@test "the flow of the seed in the 0.4 dialect, then REST for the feedback" {
    start_standin --scale 0
    log_in
    make_all
    is "p-test-deploy ready" "$(cpdctl wml deployments get --deployment-id "$deployment" --space-id "$space" \
        --output json | jq -r '"\(.entity.name) \(.entity.status.state)"')"
    local set
    set=$(feedback_set)
    is '{"state":"preparing"}' "$(rest POST "$openscale/data_sets/$set/records" -H 'Content-Type: text/csv' \
        --data-binary $'f0,target\n1,0\n2,"1"\n')"
    is 2 "$(rest GET "$openscale/data_sets/$set/records?limit=1&include_total_count=true" | jq .total_count)"
    local id
    id=$(id_of cpdctl wos monitors runs add --monitor-instance-id "$monitor")
    is finished "$(cpdctl wos monitors runs get --monitoring-run-id "$id" --monitor-instance-id "$monitor" \
        --output json | jq -r .entity.status.state)"
    is '{"id":"accuracy","lower_limit":0.8,"value":0.97}' \
        "$(rest GET "$openscale/monitor_instances/$monitor/measurements?run_id=$id" |
            jq -Sc '.measurements[0].entity.values[0].metrics[] | select(.id == "accuracy")')"
}

@test "the 1.x dialect waits, unless told not to" {
    start_with '{"options": {"scale": 0.01}}'
    is active "$(cpdctl space create --name a --output json | jq -r .entity.status.state)"
    is preparing "$(cpdctl space create --name b --async --output json | jq -r .entity.status.state)"
    space=$(cpdctl space list --output json | jq -r '.resources[] | select(.entity.name == "b").metadata.id')
    is active "$(cpdctl space wait --space-id "$space" --output json | jq -r .entity.status.state)"
    model=$(id_of cpdctl ml model create --name m --space b --type t --software-spec-name runtime-23.1-py3.10)
    echo 1 >body
    cpdctl ml model upload-content --model-id "$model" --space-id "$space" --content-format native --body body >/dev/null
    deployment=$(id_of cpdctl ml deployment create --name d --space-id "$space" --asset-id "$model" --online '{}')
    is ready "$(cpdctl ml deployment get --deployment-id "$deployment" --space-id "$space" --output json |
        jq -r .entity.status.state)"
    is b "$(CPD_PROFILE=standin cpdctl space get --cpd-scope "cpd://standin/spaces/$space" --output json |
        jq -r .entity.name)"
}

@test "lists are paged: a limit, where the next page starts, all pages" {
    start_standin --scale 0
    log_in
    local i
    for i in $(seq 120); do
        cpdctl space create --name "s$i" >/dev/null
    done
    run -0 cpdctl space list
    is 103 "${#lines[@]}" # ..., the header, 100 rows, the next token
    is "Next token: '/v2/spaces?limit=100&start=100'" "${lines[102]}"
    is "100 100 /v2/spaces?limit=100" \
        "$(cpdctl spaces list --output json | jq -r '"\(.limit) \(.resources | length) \(.first.href)"')"
    is 20 "$(cpdctl space list --start 100 --output json | jq '.resources | length')"
    is "120 null" "$(cpdctl space list --all-pages --output json | jq -r '"\(.resources | length) \(.next)"')"
    is 7 "$(cpdctl space list --limit 7 --output json | jq '.resources | length')"
}

@test "states take their scaled time and come in order" {
    start_with '{}'
    space=$(id_of cpdctl spaces create --name s)
    is preparing "$(state '.spaces[0].entity.status.state')"
    run -1 --separate-stderr cpdctl wml models create --name m --space-id "$space" --type t \
        --software-spec '{"name": "default_py3.7"}'
    [[ "$stderr" == "FAILED"*"is in state 'preparing'"* ]]
    curl -sS -d '{"options": {"scale": 0.02}}' "$url/standin/scenario" >/dev/null
    cpdctl spaces create --name s >/dev/null
    is_active() { [ "$(state '.spaces[0].entity.status.state')" = active ]; }
    wait_until 5 is_active
    local waited
    waited=$(state '.spaces[0].metadata | (.modified_at[20:23] | tonumber) - (.created_at[20:23] | tonumber)')
    is 140 $(((waited + 1000) % 1000)) # 7 s, scaled
}

@test "new objects appear in lists late when the scenario wants it, by calls or by time" {
    start_with '{"options": {"scale": 0, "list_lag_calls": 2}}'
    space=$(id_of cpdctl spaces create --name late)
    is "$space" "$(cpdctl spaces get --space-id "$space" --output json | jq -r .metadata.id)"
    is 0 "$(cpdctl spaces list --output json | jq '.resources | length')"
    is 0 "$(cpdctl spaces list --output json | jq '.resources | length')"
    is 1 "$(cpdctl spaces list --output json | jq '.resources | length')"
    curl -sS -d '{"options": {"scale": 0.05, "list_lag_s": 30}}' "$url/standin/scenario" >/dev/null
    cpdctl spaces create --name late >/dev/null
    is 0 "$(cpdctl spaces list --output json | jq '.resources | length')"
    shows_it() { [ "$(cpdctl spaces list --output json | jq '.resources | length')" = 1 ]; }
    wait_until 10 shows_it
}

@test "REST wants a token that has not expired" {
    start_with '{"options": {"token_ttl_s": 1.5, "password": "other"}}'
    is 401 "$(curl -sS -o body -w '%{http_code}' "$url/icp4d-api/v1/authorize" -d '{"username": "admin", "password": "password"}')"
    is 401 "$(curl -sS -o body -w '%{http_code}' "$url/v2/spaces")"
    token=$(curl -sS "$url/icp4d-api/v1/authorize" -d '{"username": "admin", "password": "other"}' | jq -r .token)
    is '[]' "$(rest GET /v2/spaces | jq -c .resources)"
    is_expired() { [ "$(rest GET /v2/spaces | jq -r '.errors[0].message')" = "Token is expired or invalid" ]; }
    wait_until 10 is_expired
    run -1 --separate-stderr cpdctl spaces list # its profile has the wrong password
    is "FAILED
An error occurred while performing the 'authenticate' step: Unauthorized" "$stderr"
}

@test "filters of OpenScale select, and unknown things are 404 with trace and errors" {
    start_standin E15-foreign-newest-monitor
    log_in
    is "quality" "$(rest GET "$openscale/monitor_instances?target.target_id=c2af5048-c957-4968-9898-6bb58c7d3a2f&monitor_definition_id=quality" |
        jq -r '.monitor_instances[].entity.monitor_definition_id')"
    is "explainability" "$(rest GET "$openscale/monitor_instances" | jq -r '.monitor_instances[0].entity.monitor_definition_id')"
    is "churn" "$(rest GET "$openscale/subscriptions?deployment.deployment_id=eeeeeeee-2222-4000-a000-000000000002" |
        jq -r '.subscriptions[].entity.deployment.name')"
    is '["errors","status_code","trace"] Resource of `subscription` with given id `x` could not be found' \
        "$(rest GET "$openscale/subscriptions/x" | jq -r '"\(keys | tojson) \(.errors[0].message)"')"
    is 404 "$(rest GET /openscale/nowhere/v2/subscriptions | jq -r .status_code)"
    is 405 "$(rest PUT /v2/spaces | jq -r .status_code)"
}

@test "a PATCH of a subscription answers with the old state and prepares again" {
    start_with '{"durations": {"subscription_update": 60}, "start": {"subscriptions": [{"id": "s"}]}}'
    is active "$(cpdctl wos subscriptions update --subscription-id s --output json \
        --patch-document '[{"op": "add", "path": "/asset_properties", "value": {"label_column": "y"}}]' |
        jq -r .entity.status.state)"
    is "preparing y" "$(rest GET "$openscale/subscriptions/s" |
        jq -r '"\(.entity.status.state) \(.entity.asset_properties.label_column)"')"
    run -1 --separate-stderr cpdctl wos subscriptions update --subscription-id s --patch-document '[{"op": "remove", "path": "/nope"}]'
    [[ "$stderr" == "FAILED"*"operation 'remove' on '/nope' cannot be applied"* ]]
    run -1 --separate-stderr cpdctl wos monitors instances add --data-mart-id "$mart" --monitor-definition-id quality \
        --target '{"target_id": "s", "target_type": "subscription"}'
    [[ "$stderr" == "FAILED"*"is in state 'preparing'"* ]]
}

@test "a subscription brings default monitors and a payload data set, quality a feedback data set" {
    start_standin --scale 0
    log_in
    make_all
    is '["model_health","mrm","performance","quality"]' \
        "$(state '[.monitor_instances[].entity.monitor_definition_id] | sort')"
    is '["feedback","payload_logging"]' "$(state '[.data_sets[].entity.type] | sort')"
    curl -sS -d '{"options": {"scale": 0, "default_monitors": false}, "start": {"subscriptions": [{"id": "s"}]}}' \
        "$url/standin/scenario" >/dev/null
    is '0 ["payload_logging"]' "$(state '"\(.monitor_instances | length) \([.data_sets[].entity.type] | tojson)"')"
}

@test "records come as objects, as fields and values or as CSV; the request tells how it went" {
    start_standin --scale 0
    log_in
    make_all
    local set place
    set=$(feedback_set)
    place=$(rest POST "$openscale/data_sets/$set/records" -D - -o body -H 'Content-Type: application/json' \
        -d '[{"f0": 1, "target": 0}]' | tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
    is "active" "$(rest GET "$openscale/data_sets/$set/requests/${place##*/}" | jq -r .state)"
    rest POST "$openscale/data_sets/$set/records" -H 'Content-Type: application/json' \
        -d '{"fields": ["f0", "target"], "values": [[1, 0], [2, 1]]}' >/dev/null
    rest POST "$openscale/data_sets/$set/records?header=true" -H 'Content-Type: text/csv' \
        --data-binary $'f0,target\r\n"a ""b"", c",3\r\n' >/dev/null
    is '4 {"f0":"a \"b\", c","target":3}' \
        "$(state '.data_sets[] | select(.entity.type == "feedback").standin | "\(.n_records) \(.last | tojson)"')"
    is 400 "$(rest POST "$openscale/data_sets/$set/records" -H 'Content-Type: application/json' \
        -d '{"fields": ["f0"], "values": [[1, 2]]}' | jq -r .status_code)"
    # Without the label the store is accepted, and fails.
    place=$(rest POST "$openscale/data_sets/$set/records" -D - -o body -H 'Content-Type: application/json' \
        -d '[{"f0": 1}]' | tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
    is "error The label column 'target' is missing in the records" \
        "$(rest GET "$openscale/data_sets/$set/requests/${place##*/}" | jq -r '"\(.state) \(.failure.errors[0].message)"')"
}

@test "too few rows: the run ends in error at once, without having started" {
    start_standin --scale 0
    log_in
    make_all
    cpdctl wos monitors runs add --monitor-instance-id "$monitor" >/dev/null
    is 'error AIQFM6003 null' "$(state '.runs[0].entity.status | "\(.state) \(.failure.errors[0].code) \(.started_at)"')"
}

@test "a run can finish and complain; the first generation holds metrics and a leftover operator" {
    start_with '{"options": {"scale": 0, "generation": "3.0"},
        "outcomes": {"run": [{"state": "finished", "code": "AIQFM6016", "message": "Some metrics were not computed"}, {}],
                     "metrics": {"accuracy": 0.42}}}'
    make_all
    rest POST "$openscale/data_sets/$(feedback_set)/records" -H 'Content-Type: application/json' \
        -d '[{"target": 0}, {"target": 1}]' >/dev/null
    cpdctl wos monitors runs add --monitor-instance-id "$monitor" >/dev/null
    cpdctl wos monitors runs add --monitor-instance-id "$monitor" >/dev/null
    is 'finished AIQFM6016 0.42 queued' "$(state '.runs[0].entity.status |
        "\(.state) \(.failure.errors[0].code) \(.operators[0].result.metrics.accuracy) \(.operators[1].status.state)"')"
    is 'finished null' "$(state '.runs[1].entity.status | "\(.state) \(.failure)"')"
    is 1 "$(state '.measurements[0].entity.issue_count')"
}

@test "each generation tells the URL of a deployment in its own way" {
    local generation wanted
    start_standin --scale 0
    for generation in 3.0:online_url 4.8:inference,online_url,serving_urls inference:inference; do
        printf '{"options": {"scale": 0, "generation": "%s"}}' "${generation%%:*}" >scenario.json
        curl -sS -d @scenario.json "$url/standin/scenario" >/dev/null
        log_in
        make_all
        wanted=${generation#*:}
        is "$wanted" "$(state '[.deployments[0].entity.status | keys[] | select(. != "state")] | join(",")')"
        is 1 "$(state '[.deployments[0].entity.status | .. | strings | select(startswith("http"))] | unique | length')"
    done
}

@test "a deployment serves what its model held when it was made, until it is patched" {
    start_with '{"options": {"scale": 0}}'
    make_all
    cpdctl wml models upload-content --body model.tar.gz --model-id "$model" --content-format binary --space-id "$space" >/dev/null
    is "1 2" "$(state '"\(.deployments[0].standin.serving.upload) \(.models[0].standin.uploads)"')"
    is "ready" "$(cpdctl wml deployments update --deployment-id "$deployment" --space-id "$space" --output json \
        --asset "{\"id\": \"$model\"}" | jq -r .entity.status.state)"
    is "ready 2" "$(state '.deployments[0] | "\(.entity.status.state) \(.standin.serving.upload)"')"
    # By revision: the first upload that it knows of is not the last.
    local rev
    rev=$(cpdctl ml model create-revision --model-id "$model" --space-id "$space" --output json | jq -r .metadata.rev)
    cpdctl wml models upload-content --body model.tar.gz --model-id "$model" --content-format binary --space-id "$space" >/dev/null
    cpdctl ml deployment update --deployment-id "$deployment" --space-id "$space" \
        --json-patch "[{\"op\": \"replace\", \"path\": \"/asset\", \"value\": {\"id\": \"$model\", \"rev\": \"$rev\"}}]" >/dev/null
    is "1 2 3" "$(state '"\(.deployments[0].entity.asset.rev) \(.deployments[0].standin.serving.upload) \(.models[0].standin.uploads)"')"
}

@test "an empty model deploys to failed; a failed deployment still shows its URL" {
    start_standin --scale 0
    log_in
    space=$(id_of cpdctl spaces create --name s)
    model=$(id_of cpdctl wml models create --name m --space-id "$space" --type t --software-spec '{"name": "default_py3.7"}')
    cpdctl wml deployments create --name d --space-id "$space" --online '{}' --asset "{\"id\": \"$model\"}" >/dev/null
    is "failed The model has no content to deploy true" "$(state '.deployments[0].entity.status |
        "\(.state) \(.failure.errors[0].message) \(.online_url.url != null)"')"
    run -1 --separate-stderr cpdctl wml models create --name m --space-id "$space" --type t --software-spec '{"name": "py9"}'
    is "FAILED
invalid_request_entity: Invalid request entity: Unsupported software specification 'py9'." "$stderr"
}

@test "what is in use cannot be deleted; what is deleted is remembered" {
    start_standin --scale 0
    log_in
    make_all
    run -1 cpdctl spaces delete --space-id "$space"
    run -1 cpdctl wml models delete --model-id "$model" --space-id "$space"
    cpdctl wml deployments delete --deployment-id "$deployment" --space-id "$space" >/dev/null
    cpdctl wml models delete --model-id "$model" --space-id "$space" >/dev/null
    cpdctl wos subscriptions delete --subscription-id "$subscription" >/dev/null
    cpdctl space delete --space p-test-space >/dev/null
    is '0 0 0 ["deployment","model","space","subscription"]' \
        "$(state '"\(.monitor_instances | length) \(.data_sets | length) \(.spaces | length) \(
            [.deleted[].kind | select(test("deployment|model|space|subscription"))] | unique | tojson)"')"
}

@test "faults strike the nth call, on both interfaces, with what the scenario says" {
    start_with '{"options": {"scale": 0}, "faults": [
        {"match": ["spaces list", "GET /v2/spaces"], "nth": 2, "status": 502, "html": true},
        {"match": "spaces list", "nth": {"from": 4, "to": 5}, "exit": 7, "stdout": "on stdout\n", "stderr": "on stderr\n"},
        {"match": "GET /ml/*", "nth": "always", "status": 409, "code": "X1", "message": "in the way"},
        {"match": "GET /v2/spaces/*", "drop": true}]}'
    cpdctl spaces list >/dev/null
    run -1 --separate-stderr cpdctl spaces list
    [[ "$stderr" == "FAILED"*"502 Bad Gateway"* ]]
    run -0 cpdctl spaces list
    run -7 --separate-stderr cpdctl spaces list
    is "on stdout / on stderr" "$output / $stderr"
    run -7 cpdctl spaces list
    run -0 cpdctl spaces list
    rest GET /v2/spaces >/dev/null
    is 409 "$(rest GET /ml/v4/models | jq -r .status_code)"
    run -52 rest GET /v2/spaces/x
    is '[1,7,7]' "$(calls '[.[] | select(.fault and .interface == "cpdctl").status]')"
}

@test "a client may time out although the server did the work" {
    start_standin E17-runs-add-timeout
    log_in
    make_all
    rest POST "$openscale/data_sets/$(feedback_set)/records" -H 'Content-Type: application/json' \
        -d '[{"target": 0}, {"target": 1}]' >/dev/null
    run -1 --separate-stderr cpdctl wos monitors runs add --monitor-instance-id "$monitor"
    [[ "$stderr" == *"Post \"$url/"*"/runs\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"* ]]
    is finished "$(state '.runs[0].entity.status.state')"
}

@test "answers can be late, or never come; others are served meanwhile" {
    start_with '{"faults": [{"match": "spaces list", "hang": true}, {"match": "space list", "delay_ms": 300}]}'
    run -124 timeout 0.3 cpdctl spaces list
    run -124 timeout 0.1 cpdctl space list
    cpdctl space list >/dev/null &
    local pid=$!
    cpdctl spaces list >/dev/null
    wait "$pid"
}

@test "mistakes on the command line of cpdctl are named and never reach the cluster" {
    start_standin
    log_in
    local line
    while IFS='|' read -r line; do
        local expected=${line#*=> }
        # shellcheck disable=SC2086 # words
        run -1 --separate-stderr cpdctl ${line%% =>*}
        is "FAILED
$expected" "$stderr"
    done <<'END'
ml models list => unknown command "ml models list" for "cpdctl"
wml models list --foo=1 => unknown flag: --foo
space list --limit => flag needs an argument: --limit
space list -x => unknown shorthand flag: 'x' in -x
space list --output xml => Invalid output format, choose one of: table, json, yaml
ml model create --name m --software-spec @absent.json => open absent.json: No such file or directory
config profile use nobody => profile "nobody" does not exist
END
    is '[]' "$(calls .)"
    run -1 --separate-stderr cpdctl wml models list
    is "FAILED
Required flag \"space-id\" not set" "$stderr"
    run -1 --separate-stderr cpdctl wml deployments create --name d --space-id x --asset '{' --online '{}'
    is "FAILED
invalid JSON in the value of flag --asset" "$stderr"
}

@test "JSON parameters come from files too; a flag and its value may be one argument or two" {
    start_standin --scale 0
    log_in
    space=$(id_of cpdctl spaces create --name=s)
    echo '{"name": "default_py3.7"}' >spec.json
    model=$(id_of cpdctl wml models create --name=m --space-id="$space" --type t --software-spec @spec.json)
    is default_py3.7 "$(cpdctl ml model get --model-id "$model" --space s --output json | jq -r .entity.software_spec.name)"
}

@test "the configuration is YAML, private, and chosen by flag, variable, context or use" {
    start_standin
    cpdctl config users set qa-user --username=admin --password='a: "b" # c'
    cpdctl config profiles set qa --user qa-user --url "$url"
    cpdctl config profile set prod --url "$url" --username admin --apikey standin-api-key
    cpdctl config contexts set prod-context --profile prod
    is 600 "$(stat -c %a cpdctl-config)"
    is '...' "$(cpdctl space list --profile prod | head -n 1)"
    is '...' "$(CPD_PROFILE=prod cpdctl space list | head -n 1)"
    is '...' "$(cpdctl spaces list --context prod-context | head -n 1)"
    run -1 cpdctl spaces list # the first profile is the current one, and its password is wrong
    is 'Switched to context "prod-context".' "$(cpdctl config contexts use prod-context)"
    is prod "$(cpdctl config profile current)"
    is "Name   Type      User      URL                      Current
prod   private             $url   *
qa     private   qa-user   $url   " "$(cpdctl config profile list)"
    is 'a: "b" # c' "$(cpdctl config user get qa-user --output json | jq -r .User.Password.Value)"
    rest GET /v2/spaces >/dev/null
    printf '%s\n' "$token" >token
    cpdctl config profile set bearer --url "$url" --token-file token
    run -0 cpdctl space list --profile bearer
    unset CPD_CONFIG
    HOME=$PWD run -1 cpdctl space list
    CPDCONFIG=$PWD/cpdctl-config run -0 cpdctl space list
    run -0 cpdctl --cpd-config "$PWD/cpdctl-config" space list
}

@test "without a server, cpdctl fails in the words of its HTTP client" {
    export CPD_CONFIG=$PWD/config PATH=$STANDIN_DIR:$PATH
    run -1 --separate-stderr cpdctl spaces list
    is "FAILED
no profile is configured; use 'config profile set'" "$stderr"
    url=http://127.0.0.1:1
    log_in
    run -1 --separate-stderr cpdctl spaces list
    is "FAILED
Post \"http://127.0.0.1:1/icp4d-api/v1/authorize\": dial tcp 127.0.0.1:1: connect: connection refused" "$stderr"
}

@test "a scenario file that is wrong is refused by name" {
    echo '{"start": {}, "fault": []}' >bad.json
    run -2 "$STANDIN_DIR/standin" --scenario bad.json
    is "standin: scenario: bad.json: unknown key 'fault'" "$output"
    echo '{"start": {"spaces": [{"name": "s", "state": "odd"}]}}' >bad.json
    run -2 "$STANDIN_DIR/standin" --scenario bad.json
    is "standin: scenario: bad.json: start.spaces: unknown state 'odd'" "$output"
    run -2 "$STANDIN_DIR/standin" --scenario absent.json
    run -2 "$STANDIN_DIR/standin" --no-such-option
}

@test "every scenario says what is correct and can be started" {
    start_standin
    local file
    for file in "$top"/tests/standin/scenarios/*.json; do
        jq -e '.comment and .seed and .correct and .options' "$file" >/dev/null || { echo "$file"; return 1; }
        is started "$(curl -sS -d "@$file" "$url/standin/scenario" | jq -r .message)"
    done
    is 26 "$(find "$top/tests/standin/scenarios" -name 'E*.json' | wc -l)"
}

@test "the log has one line per call, with what it was and what it did" {
    start_standin --log calls.jsonl
    log_in
    cpdctl spaces create --name s >/dev/null
    rest GET '/v2/spaces?name=s' >/dev/null
    is 'cpdctl spaces create write 0 ["spaces","create","--name","s"]
rest POST /icp4d-api/v1/authorize read 200 null
rest GET /v2/spaces read 200 null' \
        "$(jq -r '"\(.interface) \(.call) \(.effect) \(.status) \(.argv | tojson)"' calls.jsonl)"
    is "$(jq -sc . calls.jsonl)" "$(calls .)"
}

@test "a call of cpdctl takes less than 5 ms" {
    [[ "$CPDFLOW_BUILD" != *-address* ]] || skip "sanitized programs start too slowly to be timed"
    start_standin
    log_in
    local i start times=()
    for i in $(seq 101); do
        start=${EPOCHREALTIME/./}
        cpdctl spaces list >/dev/null
        times+=($((${EPOCHREALTIME/./} - start)))
    done
    # The machine may be busy with other tests, so the faster ones count.
    local tenth
    tenth=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 11p)
    echo "one call in ten takes less than $tenth µs"
    [ "$tenth" -lt 5000 ]
}
