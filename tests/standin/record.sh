#!/bin/sh
# usage: record.sh RECIPE DIR [SCENARIO]   (from the top; `make fixtures` calls it)
# Records RECIPE as a cassette in DIR: from an empty stand-in cluster to the quality gate, or whatever becomes of it on the
# cluster of a scenario of tests/standin/scenarios.
set -eu
recipe=$(readlink -f "$1")
tape=$(readlink -m "$2")
top=$(cd "$(dirname "$0")/../.." && pwd)
cpdflow=$(readlink -f "${CPDFLOW:-$top/build/cpdflow}")
standin=$(cd "${STANDIN_DIR:-$(dirname "$cpdflow")/standin}" && pwd)
scenario=${3:+$(readlink -f "$3")}
dir=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

# A password that is no ordinary word, so that its mark on the tape hides nothing else.
CPD_PASSWORD=correct-horse-battery
export CPD_PASSWORD
echo '{}' >empty.json
jq --arg password "$CPD_PASSWORD" '.options.password = $password' "${scenario:-empty.json}" >scenario.json
"$standin/standin" --scenario scenario.json --scale 0.05 --port-file port >standin.out 2>&1 &
pid=$!
tries=100
until [ -s port ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat standin.out; exit 1; }
    sleep 0.05
done

"$top/tests/standin/make-inputs.sh" "$dir"
status=0
PATH=$standin:$PATH "$cpdflow" run "$recipe" --record "$tape" \
    --input url="http://127.0.0.1:$(cat port)" \
    --input model_archive=model.tar.gz \
    --input asset_properties_file=asset_properties.json \
    --input configurations_file=configurations.json \
    --input feedback_csv=feedback.csv \
    --input poll_every=500ms || status=$?
[ -n "$scenario" ] || exit "$status"
