# cpdflow plan: tells what a run would do and does nothing of it.

load common
load standin

# usage: plan_mlops [OPTION...]   of the recipe of the stand-in's dialect
plan_mlops() {
    "$CPDFLOW" plan "$top/recipes/mlops.yaml" --input model_archive=model.tar.gz \
        --input asset_properties_file=asset_properties.json --input configurations_file=configurations.json \
        --input feedback_csv=feedback.csv "$@"
}

# usage: fits FILE   the plan in FILE has the shape of the schema
fits() {
    [ -d "$top/tests/tools/node_modules/ajv" ] || skip "ajv is not installed"
    node "$top/tests/tools/validate.mjs" "$top/src/report/plan.schema.json" "$1"
}

inputs() {
    "$top/tests/standin/make-inputs.sh" .
    export CPD_PASSWORD='tr0ub4dor&3'
    jq --arg password "$CPD_PASSWORD" '.options.dialect = "1.x" | .options.password = $password' \
        "$(echo "$top/tests/standin/scenarios/$1"-*.json)" >case.json
    start_standin "$PWD/case.json" --scale 0
}

# usage: plan_of FILE ID
plan_of() {
    jq -r --arg id "$2" '[.. | objects | select(.id? == $id).plan] | join(" ")' "$1"
}

@test "plan: an empty cluster: create, what depends on it unknown, and nothing is written" {
    inputs E01
    run plan_mlops --input url="$url"
    echo "$output"
    [ "$status" -eq 6 ]
    says '+ space ' 'cpdctl space create --name=p-test-space' "unknown until step 'space' has run" '2 to create'
    is '[]' "$(calls '[.[] | select(.effect == "write" and (.call | contains("authorize") | not)).call]')"
    is '[]' "$(calls '[.[].call | select(test("create|delete|update|upload|POST .*openscale"))]')"
    [[ "$output" != *tr0ub4dor* ]]
    is '' "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'cpdflow-plan-*' -user "$(id -un)" -newer case.json)"
    [ ! -e .cpdflow ]
}

@test "plan: as JSON it fits its schema, live and from a tape, and both say the same" {
    inputs E01
    plan_mlops --input url="$url" --output json >live.json || [ $? -eq 6 ]
    plan_mlops --input url=https://cpd.example.com --replay "$top/fixtures/mlops" --output json >tape.json || [ $? -eq 6 ]
    fits live.json
    fits tape.json
    diff <(jq '.. | objects | select(.id?) | {id, plan, certain}' live.json) \
        <(jq '.. | objects | select(.id?) | {id, plan, certain}' tape.json)
    is 'changes 6' "$(jq -r '"\(.verdict) \(.exit_code)"' live.json)"
    is '["id"]' "$(jq -c '.steps[] | select(.id == "space").unknown_outputs' live.json)"
}

@test "plan: what a run made is no change for the next plan; only the upload is to be done" {
    inputs E01
    "$CPDFLOW" run "$top/recipes/mlops.yaml" --input url="$url" --input poll_every=10ms \
        --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json \
        --input configurations_file=configurations.json --input feedback_csv=feedback.csv >out
    curl -sS "$url/standin/state" | jq -S 'del(.tokens)' >before
    plan_mlops --input url="$url" --output json >plan.json || [ $? -eq 6 ]
    curl -sS "$url/standin/state" | jq -S 'del(.tokens)' >after
    cmp before after
    local id
    for id in space model subscription monitor; do
        is "$id nothing" "$id $(plan_of plan.json "$id")"
    done
    is 'update' "$(plan_of plan.json content)"
}

@test "plan: only processes that read are started, by the log of the system" {
    inputs E01
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve -s 400 -o calls.log "$CPDFLOW" plan \
        "$top/recipes/mlops.yaml" --pass-env ASAN_OPTIONS --input url="$url" --input model_archive=model.tar.gz \
        --input asset_properties_file=asset_properties.json --input configurations_file=configurations.json \
        --input feedback_csv=feedback.csv >out 2>&1 || [ $? -eq 6 ] || { cat out; return 1; }
    grep -E 'execve\(.* = 0$' calls.log | grep -oE '\["[^]]*\]' >started
    [ "$(grep -c . started)" -ge 5 ]
    ! grep -E 'create|delete|update|upload' started || return 1
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o calls.log \
        "$CPDFLOW" plan "$top/recipes/mlops.yaml" --replay "$top/fixtures/mlops" --input url=https://cpd.example.com \
        --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json \
        --input configurations_file=configurations.json --input feedback_csv=feedback.csv >out || [ $? -eq 6 ]
    is 1 "$(grep -c 'execve(' calls.log)"
    is 0 "$(grep -cE 'fork\(|clone3?\(' calls.log)"
}

@test "plan: exit 0 without changes, 6 with some, 1 when reading fails, 2 for a wrong recipe" {
    cat >flow.yaml <<'EOF'
cpdflow: 1
inputs:
  name: {type: string, default: here}
  size: {type: integer, default: 3}
steps:
  - id: thing
    ensure:
      find: {cmd: [cat, things.json], output: json, select: "[?name == $inputs.name]"}
      create: {cmd: [touch, "made-${{ inputs.name }}"]}
      update: {if: size != $inputs.size, cmd: [touch, updated]}
      ready: {until: "`true`"}
    outputs: {id: metadata.id}
EOF
    echo '[{"name": "here", "size": 3, "metadata": {"id": "t1"}}]' >things.json
    run "$CPDFLOW" plan flow.yaml
    is 0 "$status"
    says 'No changes.'
    run "$CPDFLOW" plan flow.yaml --input name=there
    is 6 "$status"
    says '+ thing' 'touch made-there' '1 to create'
    run "$CPDFLOW" plan flow.yaml --input size=4 -v
    is 6 "$status"
    says '~ thing' 'because size != $inputs.size' 'id = "t1"' '1 to update'
    rm things.json
    run "$CPDFLOW" plan flow.yaml
    is 1 "$status"
    says '! thing' 'The plan is not whole'
    run "$CPDFLOW" plan flow.yaml --input size=many
    is 2 "$status"
    [ ! -e updated ] && [ ! -e made-there ]
}

# usage: struck SIGNAL ARGUMENT...   plans; the signal comes in the moment in which the place of the plan is made
struck() {
    mkdir -p tmp
    TMPDIR=$PWD/tmp ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls.log -e trace=mkdir \
        -e inject=mkdir:signal="$1":when=1 "$CPDFLOW" plan "${@:2}"
}

@test "plan: a signal leaves nothing of the plan behind, whenever it comes" {
    cat >flow.yaml <<'EOF'
cpdflow: 1
steps:
  - {id: slow, reads: true, cmd: [sleep, "60"]}
EOF
    run struck TERM flow.yaml
    echo "$output"
    is 143 "$status"
    run struck INT flow.yaml
    is 130 "$status"
    "$top/tests/standin/make-inputs.sh" .
    run struck TERM "$top/recipes/mlops.yaml" --replay "$top/fixtures/mlops" --input url=https://cpd.example.com \
        --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json \
        --input configurations_file=configurations.json --input feedback_csv=feedback.csv
    is 143 "$status"
    grep -q 'cpdflow-plan-.* = 0' calls.log
    is '' "$(ls tmp)"
}

@test "plan: lines fit 80 columns, colours only where they are wanted" {
    cat >flow.yaml <<'EOF'
cpdflow: 1
steps:
  - id: all
    parallel: true
    steps:
      - {id: first, name: A name that is much longer than one line of a terminal can take without being cut, cmd: [touch, a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u]}
      - id: each
        foreach: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        cmd: [touch, "${{ item }}"]
EOF
    run "$CPDFLOW" plan flow.yaml
    is 6 "$status"
    says 'and 3 more' '16 to run'
    is 0 "$(awk 'length($0) > 80' <<<"$output" | wc -l)"
    [[ "$output" != *$'\e'* ]]
    run "$CPDFLOW" plan flow.yaml --color always -v
    [[ "$output" == *$'\e['* ]]
    says '[14]'
}
