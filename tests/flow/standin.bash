# For the tests against the stand-in cluster: `load common`, then `load standin`.
# shellcheck disable=SC2154 # top is from common.bash
bats_require_minimum_version 1.5.0

# usage: start_standin [SCENARIO] [OPTION...]   SCENARIO: a file, or the name of one in
# tests/standin/scenarios; sets $url, puts the stand-in's cpdctl first on PATH
start_standin() {
    local args=()
    if [ -n "${1:-}" ] && [ "${1#-}" = "$1" ]; then
        local file=$1
        [ -f "$file" ] || file=$top/tests/standin/scenarios/$1.json
        args=(--scenario "$file")
        shift
    fi
    export CPD_CONFIG=$PWD/cpdctl-config PATH=$STANDIN_DIR:$PATH
    rm -f standin.port
    "$STANDIN_DIR/standin" --port-file standin.port --idle-exit 300 "${args[@]}" "$@" \
        >standin.out 2>&1 3>&- &
    standin_pid=$!
    wait_until 10 test -s standin.port || { cat standin.out; return 1; }
    # shellcheck disable=SC2034 # for the test
    url=http://127.0.0.1:$(cat standin.port)
}

stop_standin() {
    [ -n "${standin_pid:-}" ] || return 0
    kill "$standin_pid" 2>/dev/null || true
    wait "$standin_pid" || { cat standin.out; return 1; }
    standin_pid=
}

teardown() {
    local status=0
    stop_standin || status=1
    nothing_left_behind || status=1
    return "$status"
}

# usage: log_in [USER] [PASSWORD]   gives cpdctl a profile for the stand-in
log_in() {
    cpdctl config user set tester --username "${1:-admin}" --password "${2:-password}" &&
        cpdctl config profile set standin --user tester --url "$url"
}

# usage: state JQ-FILTER   of everything that is in the cluster
state() {
    curl -sS "$url/standin/state" | jq -rc "$1"
}

# usage: calls JQ-FILTER   of the array of calls so far
calls() {
    curl -sS "$url/standin/log" | jq -rc "$1"
}

# usage: rest METHOD PATH [CURL-OPTION...]   one REST call with a token; prints the body
rest() {
    local method=$1 path=$2
    shift 2
    [ -n "${token:-}" ] || token=$(curl -sS "$url/icp4d-api/v1/authorize" -H 'Content-Type: application/json' \
        -d '{"username": "admin", "password": "password"}' | jq -r .token)
    curl -sS -X "$method" -H "Authorization: Bearer $token" "$@" "$url$path"
}
