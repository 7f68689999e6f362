#!/bin/sh
# usage: record-library.sh [AREA/NAME]...   (from anywhere; `make fixtures` calls it for all)
# Records the recipes of the library, and its pieces (lib/NAME), each against the cluster of
# tests/standin/library/AREA/NAME:
#   scenario.json   the cluster that it begins with
#   inputs.json     its inputs
#   prepare.sh      makes files that it reads (called in the folder of the run); may be absent
#   meanwhile.sh    what people do while it runs (called with the cluster's URL); may be absent
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cpdflow=$(readlink -f "${CPDFLOW:-$top/build/cpdflow}")
standin=$(cd "${STANDIN_DIR:-$(dirname "$cpdflow")/standin}" && pwd)
library=$top/tests/standin/library
CPD_PASSWORD=correct-horse-battery
PATH=$standin:$PATH
export CPD_PASSWORD PATH
trap 'kill "${pid:-}" "${people:-}" 2>/dev/null || true; rm -rf "${dir:-}"' EXIT
trap 'exit 130' INT TERM

# usage: has_input FILE NAME   whether the recipe has that input
has_input() {
    grep -q "^  $2: {type" "$1"
}

# usage: signs_in URL RECIPE   what lib/sign-in.yaml does for the other pieces: a token, in secrets.json,
# and a client that has a profile wherever it is called
signs_in() {
    jq -n '{username: "admin", password: $ENV.CPD_PASSWORD}' |
        curl -sS "$1/icp4d-api/v1/authorize" -H 'Content-Type: application/json' -d @- >token.json
    ! has_input "$2" token || jq '{token}' token.json >secrets.json
    jq -j .token token.json >token
    CPD_CONFIG=$PWD/profile
    export CPD_CONFIG
    cpdctl config user set cpdflow-user --username=admin --token-file=token >/dev/null
    cpdctl config profile set cpdflow-cluster --user=cpdflow-user --url="$1" >/dev/null
    cpdctl config profile use cpdflow-cluster >/dev/null
    unset CPD_CONFIG
    mkdir client
    cat >client/cpdctl <<END
#!/bin/sh
[ -f "\$CPD_CONFIG" ] || cp '$PWD/profile' "\$CPD_CONFIG"
exec '$standin/cpdctl' "\$@"
END
    chmod +x client/cpdctl
}

record() {
    case=$library/$1
    dir=$(mktemp -d)
    cd "$dir"
    jq --arg password "$CPD_PASSWORD" '.options.password = $password' "$case/scenario.json" >scenario.json
    "$standin/standin" --scenario scenario.json --scale 0.02 --port-file port >standin.out 2>&1 &
    pid=$!
    tries=100
    until [ -s port ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { cat standin.out; exit 1; }
        sleep 0.05
    done
    url=http://127.0.0.1:$(cat port)
    [ ! -f "$case/prepare.sh" ] || sh "$case/prepare.sh" "$url"
    people=
    if [ -f "$case/meanwhile.sh" ]; then
        sh "$case/meanwhile.sh" "$url" &
        people=$!
    fi
    recipe=$top/recipes/$1.yaml
    echo '{}' >secrets.json
    path=$PATH
    case $1 in
    lib/sign-in) jq -n '{password: $ENV.CPD_PASSWORD}' >secrets.json ;;
    lib/*)
        signs_in "$url" "$recipe"
        path=$dir/client:$PATH
        ;;
    esac
    options=
    ! has_input "$recipe" url || options="--input url=$url"
    ! has_input "$recipe" poll_every || options="$options --input poll_every=200ms"
    rm -rf "${top:?}/fixtures/$1"
    # shellcheck disable=SC2086 # options are words
    PATH=$path "$cpdflow" run "$recipe" --record "$top/fixtures/$1" $options --inputs "$case/inputs.json" \
        --inputs secrets.json >run.out 2>&1 || { cat run.out; exit 1; }
    echo "recorded $1: $(grep -c '^  - step' "$top/fixtures/$1/tape.yaml" || true) calls"
    kill "$pid" $people 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    cd "$top"
    rm -rf "$dir"
}

# shellcheck disable=SC2046 # names are words
[ $# -gt 0 ] || set -- $(cd "$library" && find . -name scenario.json | sed 's|^\./||; s|/scenario.json$||' | sort)
for name; do
    record "$name"
done
