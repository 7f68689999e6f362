# Finding the one object that is meant, where chains of grep and awk took another one, several or none. The ids are those
# of the list of such cases; each test gives cpdctl's answer and says what is right.
# shellcheck disable=SC2016 # $names in expressions
# shellcheck disable=SC2034 # for pipeline.bash
recipe=mlops
dialect=1.x
generation=4.8
load pipeline
load fakes

ours=713f8e3e-4a37-4961-8d08-c8cacfaf469d

# usage: spaces_are ID NAME [ID NAME…]   spaces.json and spaces.txt, as cpdctl prints them, cut cells and all; and that cpdctl
spaces_are() {
    printf '%s\n' "$@" | jq -Rn '[inputs] | [_nwise(2)] | {resources: [.[] | {metadata: {id: .[0]},
        entity: {name: .[1], description: "copy of p-test-space", status: {state: "active"}}}]}' >spaces.json
    jq -r '[["ID", "Name", "Description", "State"]] + [.resources[] | [.metadata.id, (.entity.name
            | if length > 50 then .[:49] + "…" else . end), .entity.description, .entity.status.state]]
        | (transpose | map(map(length) | max)) as $w | "...", (.[] | [., $w] | transpose
            | map(.[0] + " " * (.[1] - (.[0] | length))) | join("   "))' spaces.json >spaces.txt
    fake_cpdctl <<'SH'
case "$*" in
"space list"*json*) cat spaces.json ;;
"space list" | "space list --output=table") cat spaces.txt ;;
"space create"*)
    name=${3#--name=}
    jq --arg name "$name" '.resources += [{metadata: {id: "made"}, entity: {name: $name, status: {state: "active"}}}]' spaces.json >new.json
    mv new.json spaces.json
    echo '{"metadata": {"id": "made"}}' ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac
SH
}

# usage: space_is ID NAME   both the recipe and one line of shell find this id and make nothing
space_is() {
    run -0 bash -c 'cpdctl space list | "$CPDFLOW" extract table -r --arg n="$1" -q "[?Name == \$n] | one(@).ID"' _ "$2"
    is "$1" "$output"
    step_gives "none $1" --input space_name="$2"
    run -1 grep create calls
}

# usage: no_space NAME   nothing matches: the shell line says 1, the recipe makes one
no_space() {
    run -1 bash -c 'cpdctl space list | "$CPDFLOW" extract table -r --arg n="$1" -q "[?Name == \$n].ID"' _ "$1"
    is '' "$output"
    step_gives 'created made' --input space_name="$1"
    is 1 "$(grep -c "space create --name=$1 " calls)"
}

# usage: step_gives "CHANGE ID" [OPTION…]   the recipe's own step `space`
step_gives() {
    local expected=$1
    shift
    part_of mlops space
    flow part.yaml --input poll_every=20ms "$@"
    is 0 "$status"
    is "$expected" "$(reported '.steps[] | select(.id == "space") | "\(.change) \(.outputs.id)"')"
}

@test "M01: a name that ends in ours is another space" {
    spaces_are 22222222-0000-4000-a000-000000000002 my-p-test-space
    no_space p-test-space
}

@test "M02: a name that begins with ours is another space" {
    spaces_are 22222222-0000-4000-a000-000000000002 p-test-space-2
    no_space p-test-space
}

@test "M04: our name in another column is no match" {
    spaces_are 22222222-0000-4000-a000-000000000002 churn
    grep -q 'copy of p-test-space' spaces.txt
    no_space p-test-space
}

@test "M05: a dot in a name is a dot" {
    spaces_are 22222222-0000-4000-a000-000000000002 p-test-space-v1x0 "$ours" p-test-space-v1.0
    space_is "$ours" p-test-space-v1.0
    spaces_are 22222222-0000-4000-a000-000000000002 p-test-space-v1x0
    no_space p-test-space-v1.0
}

@test "M06: brackets in a name are brackets" {
    spaces_are "$ours" 'p-test-space [dev]' 22222222-0000-4000-a000-000000000002 'p-test-space d'
    space_is "$ours" 'p-test-space [dev]'
}

@test "M07: a name with a blank is one name" {
    spaces_are "$ours" 'p test space' 22222222-0000-4000-a000-000000000002 p
    space_is "$ours" 'p test space'
}

@test "M08: a name that begins with a dash is no option" {
    spaces_are "$ours" -space 22222222-0000-4000-a000-000000000002 -v
    space_is "$ours" -space
}

@test "M09: two spaces of one name are an error that names them" {
    spaces_are "$ours" p-test-space 22222222-0000-4000-a000-000000000002 p-test-space
    run -2 bash -c 'cpdctl space list | "$CPDFLOW" extract table -r -q "[?Name == '"'p-test-space'"'] | one(@).ID"'
    says 'one(): expected exactly one element, found 2' "$ours"
    part_of mlops space
    flow part.yaml
    is 1 "$status"
    says '2 objects match, one was expected' "$ours 'p-test-space'" "22222222-0000-4000-a000-000000000002 'p-test-space'"
    run -1 grep -E 'create|delete' calls
}

@test "M10: table truncates long names with an ellipsis" {
    local long=p-test-space-of-the-team-that-likes-its-names-to-be-long-1
    spaces_are "$ours" "$long" 22222222-0000-4000-a000-000000000002 "${long%1}2"
    is 2 "$(grep -c '…' spaces.txt)"
    step_gives "none $ours" --input space_name="$long"
    run -4 bash -c 'cpdctl space list | "$CPDFLOW" extract table -r -q "[0].Name"'
    says 'error[lossy-cell]' 'hint: call the command with --output json'
    printf 'cpdflow: 1\nsteps:\n  - cpdctl: [space, list]\n    flags: {output: table}\n    output: table\n    outputs: {name: "[0].Name"}\n' >cut.yaml
    flow cut.yaml
    is 1 "$status"
    says "output 'name' is the cut table cell"
}

# usage: many_spaces N   a scenario with N spaces of others whose ids come before ours
many_spaces() {
    jq -n --argjson n "$1" --arg ours "ffffffff${ours#????????}" '{options: {scale: 0}, start: {spaces:
        ([range($n) | {id: "00000000-0000-4000-a000-\(1000000000 + . | tostring | "00" + .)", name: "other-\(.)", owner: "others"}]
            + [{id: $ours, name: "p-test-space"}])}}' >many.json
}

@test "M13: a space on page 2 is found and not made again (cpdctl 1.x)" {
    many_spaces 250
    start_case many.json
    mlops
    ends_with 0
    is "ffffffff${ours#????????}" "$(reports .outputs.space_id)"
    is 251 "$(state '.spaces | length')"
}

@test "M13: a space that is on no page seen is not made again (cpdctl 0.4)" {
    recipe=mlops-cpd30 dialect=0.4 generation=3.0
    many_spaces 100
    start_case many.json
    mlops
    ends_with 1
    says 'nothing matches on the first page of the list, and there are further pages'
    is 101 "$(state '.spaces | length')"
    changes_nothing
}

# usage: fits INPUTS-JSON   the ids of providers.json that the recipe would take
fits() {
    "$CPDFLOW" eval -o compact --var inputs="$1" --var steps="{\"space\": {\"outputs\": {\"id\": \"$ours\"}}}" \
        "let \$fit = ($(expression_of mlops "steps[?id == 'providers'] | one(@).outputs.fitting")) in \$fit[].metadata.id" providers.json || true
}

@test "M30: one service provider is chosen by type and space, by id or by name" {
    jq -n --arg ours "$ours" 'def p($id; $name; $type; $space): {metadata: {id: $id},
            entity: {name: $name, service_type: $type, deployment_space_id: $space}};
        {body: {service_providers: [p("a"; "custom"; "custom_machine_learning"; null), p("b"; "other"; "watson_machine_learning"; "x"),
            p("c"; "mine"; "watson_machine_learning"; $ours)]}}' >providers.json
    is '["c"]' "$(fits '{"service_provider": null}')"
    is '["b"]' "$(fits '{"service_provider": "b"}')"
    is '["a"]' "$(fits '{"service_provider": "custom"}')"
    is '[]' "$(fits '{"service_provider": "min"}')"
    jq 'del(.body.service_providers[2])' providers.json >less.json && mv less.json providers.json
    is '["b"]' "$(fits '{"service_provider": null}')"
}

@test "M31: no service provider is an error before anything is built on it" {
    echo '{"options": {"scale": 0}, "start": {"data_marts": [{"id": "00000000-0000-0000-0000-000000000000"}], "service_providers": []}}' >none.json
    start_case none.json
    mlops
    ends_with 1
    is provider "$(reports '[.steps[] | select(.status == "failed").id] | join(" ")')"
    says '0 service providers fit, one was expected'
    is '[]' "$(state .subscriptions)"
}

@test "M32: the monitor is chosen by its definition and target" {
    jq -n 'def m($id; $definition; $target): {metadata: {id: $id}, entity: {monitor_definition_id: $definition, target: {target_id: $target}}};
        {monitor_instances: [m("eeeeeeee-0000-4000-a000-0000000000ee"; "explainability"; "s1"), m("dddddddd"; "quality"; "s2"),
            m("cd0ee25e"; "quality"; "s1"), m("ffffffff"; "drift"; "s1")]}' >monitors.json
    local select
    select=$(expression_of mlops-cpd30 "steps[?id == 'monitor'] | one(@).ensure.find.select")
    run -0 "$CPDFLOW" eval -o compact --var 'steps={"subscription": {"outputs": {"id": "s1"}}}' "($select)[].metadata.id" monitors.json
    is '["cd0ee25e"]' "$output"
}

@test "M34: the run that is waited for is the one that was started" {
    fake_cpdctl <<'SH'
case "$*" in
"runs list"*)
    n=$(grep -c 'runs list' calls)
    jq -n --argjson n "$n" '{runs: ([{metadata: {id: "old"}, entity: {status: {state: "finished"}}}]
        + if $n > 3 then [{metadata: {id: "new"}, entity: {status: {state: (if $n > 4 then "finished" else "running" end)}}}] else [] end)}' ;;
"runs add"*) echo '{"metadata": {"id": "new"}, "entity": {"status": {"state": "queued"}}}' ;;
esac
SH
    cat >runs.yaml <<'YAML'
cpdflow: 1
steps:
  - id: evaluation
    ensure:
      find: {cpdctl: [runs, list], select: "runs[?metadata.id != 'old']"}
      create: {cpdctl: [runs, add]}
      ready: {until: entity.status.state == 'finished', every: 20ms}
    outputs: {id: metadata.id}
outputs: {id: "${{ steps.evaluation.outputs.id }}"}
YAML
    flow runs.yaml
    is 0 "$status"
    is new "$(reported .outputs.id)"
    is 5 "$(grep -c 'runs list' calls)"
    is 1 "$(grep -c 'runs add' calls)"
}

@test "M35: a warning in front of the answer is no row" {
    printf '%s\n' 'Warning: this version is deprecated' ... 'ID         Created                    State' \
        'cd0ee25e   2020-10-30T22:30:02.000Z   active' >warned.txt
    run -0 "$CPDFLOW" extract table -r -q 'one(@).ID' warned.txt
    is cd0ee25e "$output"
    { sed -n 2p warned.txt; sed -n 1p warned.txt; sed -n '3,$p' warned.txt; } >between.txt
    run -4 "$CPDFLOW" extract table -r -q '[0].ID' between.txt
    says 'error[unexpected-output]: the header would be this one column'
    spaces_are "$ours" p-test-space
    sed -i '1i Warning: this version is deprecated' spaces.json
    step_gives "none $ours"
}

@test "M40: look-alikes of other teams are never deleted" {
    fake_cpdctl <<'SH'
case "$*" in
"spaces list"*) jq -n '[["mine", "p-test-space"], ["22222222", "p-test-space-2"], ["33333333", "my-p-test-space"]]
    | {resources: map({metadata: {id: .[0], created_at: "2020"}, entity: {name: .[1]}})}' ;;
esac
SH
    cat >dedupe.yaml <<'YAML'
cpdflow: 1
steps:
  - id: space
    ensure:
      find: {cpdctl: [spaces, list], select: "resources[?entity.name == 'p-test-space']"}
      duplicates: keep_oldest
      delete: {cpdctl: [spaces, delete], flags: {space-id: "${{ item.metadata.id }}"}}
YAML
    flow dedupe.yaml
    is 0 "$status"
    is 'spaces list --output json' "$(cat calls)"
}

# usage: models_named NAME   the ids of models.json that the recipe takes for this model
models_named() {
    "$CPDFLOW" eval -o compact --var inputs="{\"model_name\": \"$1\"}" \
        "($(expression_of mlops "steps[?id == 'model'] | one(@).ensure.find.select"))[].metadata.id" models.json || true
}

models_are() {
    jq -n '{resources: [$ARGS.positional[] | split("=") | {metadata: {id: .[0], name: .[1]}}]}' --args "$@" >models.json
}

@test "M50: two models of one name are an error, and nothing is uploaded" {
    echo '{"options": {"scale": 0}, "start": {"spaces": [{"id": "s", "name": "p-test-space"}], "models": [
        {"id": "9401811f", "name": "mlopsmodel", "space_id": "s", "type": "scikit-learn_0.22", "software_spec": {"name": "scikit-learn_0.22-py3.6"}},
        {"id": "11111111", "name": "mlopsmodel", "space_id": "s", "type": "scikit-learn_0.22", "software_spec": {"name": "scikit-learn_0.22-py3.6"}}]}}' >two.json
    start_case two.json
    mlops
    ends_with 1
    says "2 objects match, one was expected" "9401811f 'mlopsmodel'" "11111111 'mlopsmodel'"
    changes_nothing
}

@test "M51: the name of the model is the input" {
    models_are aaaa1111=mlopsmodel bbbb2222=churn
    is '["bbbb2222"]' "$(models_named churn)"
    is '["aaaa1111"]' "$(models_named mlopsmodel)"
}

@test "M52: mlopsmodel-old is not mlopsmodel" {
    models_are aaaa1111=mlopsmodel-old
    is '[]' "$(models_named mlopsmodel)"
    is '["aaaa1111"]' "$(models_named mlopsmodel-old)"
}

@test "M54: an empty list is empty whatever the words for it" {
    fake_cpdctl <<'SH'
case "$*" in
*list*) echo 'No deployments found.' >&2; [ -e made ] && echo '{"resources": [{"metadata": {"id": "d1"}}]}' || echo '{"resources": []}' ;;
*create*) touch made; echo '{"metadata": {"id": "d1"}}' ;;
esac
SH
    cat >deploy.yaml <<'YAML'
cpdflow: 1
steps:
  - ensure:
      find: {cpdctl: [wml, deployments, list], select: resources}
      create: {cpdctl: [wml, deployments, create], flags: {name: p-test-deploy}}
YAML
    flow deploy.yaml
    is 0 "$status"
    is 1 "$(grep -c 'wml deployments create --name=p-test-deploy' calls)"
    run -4 bash -c 'printf "...\nNo deployments found.\n" | "$CPDFLOW" extract table -r -q "length(@)"'
    says 'this is not a table'
}

@test "M55: a deployment without a URL yet is waited for" {
    echo '{"options": {"scale": 0.01}, "durations": {"deployment": 30}}' >slow.json
    start_case slow.json
    mlops
    ends_with 0
    [ "$(reports '.steps[] | select(.id == "deployment").n_polls')" -ge 2 ]
    [[ "$(reports .outputs.scoring_url)" == */ml/v4/deployments/*/predictions* ]]
}

# usage: url_of STATUS-JSON   what the recipe takes for the URL of such a deployment
url_of() {
    local url
    url=$(expression_of mlops "steps[?id == 'deployment'] | one(@).outputs.url")
    echo "{\"entity\": {\"name\": \"see https://docs/model\", \"status\": $1}}" | "$CPDFLOW" eval -r "$url"
}

@test "M57: of several URLs the online one is taken, of newer answers the first" {
    is https://zen/ml/v4/deployments/a/predictions "$(url_of '{"state": "ready", "message": {"text": "https://x"},
        "online_url": {"url": "https://zen/ml/v4/deployments/a/predictions"}, "serving_urls": ["https://zen/ml/v4/deployments/ns"],
        "inference": [{"url": "https://zen/ml/v4/deployments/p_test/predictions"}]}')"
    is https://zen/i "$(url_of '{"inference": [{"url": "https://zen/i"}, {"url": "https://zen/j"}], "serving_urls": ["https://zen/s"]}')"
    is https://zen/s "$(url_of '{"serving_urls": ["https://zen/s", "https://zen/t"]}')"
}

@test "M59: the URL of a plain http cluster" {
    is http://zen/v4/deployments/X/predictions "$(url_of '{"online_url": {"url": "http://zen/v4/deployments/X/predictions"}}')"
}

@test "M5A: a link in a description is not the URL" {
    is https://zen/v4/deployments/X/predictions "$(url_of '{"message": {"text": "see https://docs"},
        "online_url": {"url": "https://zen/v4/deployments/X/predictions"}}')"
    is '' "$(url_of '{"message": {"text": "see https://docs"}}' || true)"
}

# usage: subscriptions_of JSON-FILE   the ids that both recipes take for deployment d1 of model m1
subscriptions_of() {
    local steps='steps={"deployment": {"outputs": {"id": "d1"}}, "model": {"outputs": {"id": "m1"}}}' old new
    old=$("$CPDFLOW" eval -o compact --var "$steps" \
        "($(expression_of mlops-cpd30 "steps[?id == 'subscription'] | one(@).ensure.find.select"))[].metadata.id" "$1") || true
    new=$(jq '{body: .}' "$1" | "$CPDFLOW" eval -o compact --var "$steps" \
        "($(expression_of mlops "steps[?id == 'subscription'] | one(@).ensure.find.select"))[].metadata.id") || true
    is "$old" "$new" && echo "$new"
}

# usage: subscription ID DEPLOYMENT NAME
subscription() {
    jq -nc '{metadata: {id: $ARGS.positional[0]}, entity: {asset: {asset_id: "m1"},
        deployment: {deployment_id: $ARGS.positional[1], name: $ARGS.positional[2]}}}' --args "$@"
}

@test "M61: a subscription without a deployment does not stop the search" {
    { echo '{"metadata": {"id": "headless"}, "entity": {"asset": {"asset_id": "m1"}}}'; subscription c2af5048 d1 p-test-deploy; } |
        jq -s '{subscriptions: .}' >subscriptions.json
    is '["c2af5048"]' "$(subscriptions_of subscriptions.json)"
}

@test "M62: a subscription of a deleted deployment with our name is not taken" {
    subscription 0ld00000 gone p-test-deploy | jq -s '{subscriptions: .}' >subscriptions.json
    is '[]' "$(subscriptions_of subscriptions.json)"
}

@test "M63: a subscription in state error is an error that says so" {
    echo '{"options": {"scale": 0}, "outcomes": {"subscription": {"state": "error", "code": "AIQ1", "message": "schema missing"}}}' >error.json
    start_case error.json
    mlops
    ends_with 1
    is subscription "$(reports '[.steps[] | select(.status == "failed").id] | join(" ")')"
    mlops # the subscription is there now
    ends_with 1
    is 'subscription none' "$(reports '.steps[] | select(.status == "failed") | "\(.id) \(.change)"')"
    says 'AIQ1'
    is 1 "$(state '.subscriptions | length')"
}

@test "M64: a list far larger than an argument may be is searched" {
    subscription c2af5048 d1 p-test-deploy | jq '{subscriptions: ([range(1500) | {metadata: {id: "other-\(.)"},
        entity: {deployment: {deployment_id: "d-\(.)"}, text: ("x" * 200)}}] + [.])}' >subscriptions.json
    [ "$(wc -c <subscriptions.json)" -gt $((3 * 128 * 1024)) ]
    fake_cpdctl <<<'cat subscriptions.json'
    cat >large.yaml <<YAML
cpdflow: 1
steps:
  - id: all
    cpdctl: [wos, subscriptions, list]
    outputs: {id: "one(subscriptions[?entity.deployment.deployment_id == 'd1']).metadata.id"}
outputs: {id: "\${{ steps.all.outputs.id }}"}
YAML
    flow large.yaml
    is 0 "$status"
    is c2af5048 "$(reported .outputs.id)"
}
