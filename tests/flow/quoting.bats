# Values that hold quotes, backslashes, dollars or secrets, and runs side by side.
# shellcheck disable=SC2016 # $names in expressions and names
# shellcheck disable=SC2034 # for pipeline.bash
recipe=mlops
dialect=1.x
generation=4.8
load pipeline
load fakes

# usage: asset_named NAME   $output: the --asset argument that cpdctl 0.4 is given, and the body that curl is
asset_named() {
    fake_cpdctl <<'SH'
for arg; do case $arg in --asset=*) printf '%s' "${arg#--asset=}" >asset.json ;; --name=*) printf '%s' "${arg#--name=}" >name ;; esac; done
SH
    mkdir -p bin
    printf '#!/bin/bash\ncat >config\nprintf "HTTP/1.1 202 Accepted\\r\\nContent-Type: application/json\\r\\n\\r\\n{}"\n' >bin/curl
    chmod +x bin/curl
    cat >asset.yaml <<'YAML'
cpdflow: 1
inputs: {name: {type: string}}
steps:
  - cpdctl: [wos, subscriptions, add]
    flags: {asset: {asset_id: M, name: "${{ inputs.name }}"}, name: "${{ inputs.name }}"}
    output: none
  - http: {method: POST, url: "http://zen/v2", json: {asset_id: M, name: "${{ inputs.name }}"}}
  - id: shell
    run: printf '%s' "$NAME"
    env: {NAME: "${{ inputs.name }}"}
    output: text
    outputs: {text: "@"}
YAML
    flow asset.yaml --input name="$1"
    is 0 "$status"
    is "$(jq -nc --arg name "$1" '{asset_id: "M", name: $name}')" "$(jq -c . asset.json)"
    is "$1" "$(cat name)"
    is "$(jq -c . asset.json)" "$(sed -n 's/^data-raw = //p' config | jq -r . | jq -c .)"
    is "$1" "$(reported '.steps[] | select(.id == "shell").outputs.text')"
}

@test "M67: a double quote in a name stays" {
    asset_named 'churn "v2"'
}

@test "M68: a backslash in a name stays" {
    asset_named 'team\new'
}

@test "M69: a dollar sign in a name stays, as do backticks and apostrophes" {
    asset_named 'cost$HOME'
    asset_named "\$(touch broken) \`touch broken\` it's; touch broken"
    [ ! -e broken ]
}

# usage: a_patch_with_keys   inputs/ whose documents hold credentials, as those of a training data reference do
a_patch_with_keys() {
    jq '[., {op: "add", path: "/asset_properties/training_data_reference", value: {connection: {type: "cos",
        api_key: "Zk9-cos-Api-Key", credentials: {password: "p4ss \"word\"", secret_access_key: "s3cr3tAccess"},
        location_url: "https://cos.example.com"}}}]' inputs/configurations.json >with-keys.json
    mv with-keys.json inputs/configurations.json
}

@test "M65: keys within a patch document are in no log, of neither recipe" {
    local text
    for recipe in mlops mlops-cpd30; do
        [ "$recipe" = mlops ] || dialect=0.4 generation=3.0
        start_case E02
        a_patch_with_keys
        mlops -v --record "tape-$recipe"
        ends_with 0
        is Zk9-cos-Api-Key "$(state '.subscriptions[].entity.asset_properties.training_data_reference.connection.api_key')"
        for text in Zk9-cos-Api-Key 's3cr3tAccess' 'p4ss '; do
            hides "$text"
            run -1 grep -rlF -e "$text" "tape-$recipe"
        done
        grep -rq 'https://cos.example.com' report.json state
        stop_standin
        rm -rf state
    done
}

# usage: watched PROGRAM   a wrapper that keeps what PROGRAM and the process that started it were started with (other tests
# of the same moment are not looked at)
watched() {
    local real
    real=$(command -v "$1")
    mkdir -p watch
    printf '#!/bin/bash\n{ printf "%%s\\n" "$0 $*"; cat /proc/$PPID/cmdline; echo; } 2>/dev/null | tr "\\0" " " >>%q\nexec %q "$@"\n' \
        "$PWD/cmdlines" "$real" >"watch/$1"
    chmod +x "watch/$1"
}

@test "M92: password and token are in no argument list, of cpdctl nor of curl" {
    start_case E02
    export CPD_PASSWORD
    watched curl
    watched cpdctl
    PATH=$PWD/watch:$PATH
    mlops
    ends_with 0
    local secret
    grep -q 'watch/curl -q' cmdlines
    grep -q 'watch/cpdctl config user set qa-user' cmdlines
    for secret in "$CPD_PASSWORD" $(state '.tokens[]'); do
        run -1 grep -F -e "$secret" cmdlines
    done
}

@test "M93: two runs at the same time keep their clusters, in one home and one folder" {
    local first second url_of_first config
    HOME=$PWD/home
    mkdir home
    export HOME
    start_case E01
    unset CPD_CONFIG # what a job on an agent has: nothing
    first=$url
    "$STANDIN_DIR/standin" --port-file other.port --idle-exit 300 --scenario case.json >other.out 2>&1 3>&- &
    second_pid=$!
    wait_until 10 test -s other.port
    second=http://127.0.0.1:$(cat other.port)
    both "$first" "$second"
    kill "$second_pid"
    wait "$second_pid" || true
    [ ! -e home/.cpdctl ]
}

# usage: both URL URL   the recipe against both clusters at once, three times
both() {
    local args=(--input poll_every=20ms --input wait_timeout=20s --input model_archive=inputs/model.tar.gz
        --input asset_properties_file=inputs/asset_properties.json --input configurations_file=inputs/configurations.json
        --input feedback_csv=inputs/feedback.csv --quiet)
    local a b at
    "$CPDFLOW" run "$top/recipes/mlops.yaml" --input url="$1" --input space_name=one "${args[@]}" --report json=one.json 3>&- &
    a=$!
    "$CPDFLOW" run "$top/recipes/mlops.yaml" --input url="$2" --input space_name=two "${args[@]}" --report json=two.json 3>&- &
    b=$!
    wait "$a"
    wait "$b"
    for at in "$1 one" "$2 two"; do
        is "${at#* }" "$(curl -sS "${at% *}/standin/state" | jq -r '[.spaces[].entity.name] | join(" ")')"
        is success "$(jq -r .verdict "${at#* }.json")"
    done
}
