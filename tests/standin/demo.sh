#!/bin/sh
# usage: demo.sh   (what `make demo` runs)
# The MLOps recipe from nothing to a judged model: a stand-in cluster on loopback, a made-up model and
# feedback, cpdflow in between. States take a twentieth of their recorded time. Everything is left in
# one folder to look at; CPDFLOW_DEMO names it (default build/demo).
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
cpdflow=$(readlink -f "${CPDFLOW:-build/cpdflow}")
standin=$(cd "${STANDIN_DIR:-$(dirname "$cpdflow")/standin}" && pwd)
dir=${CPDFLOW_DEMO:-$top/build/demo}
scale=${CPDFLOW_DEMO_SCALE:-0.05}

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"

"$standin/standin" --scenario "$top/tests/standin/scenarios/demo.json" --scale "$scale" \
    --port-file port --log calls.jsonl >standin.out 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

tries=100
until [ -s port ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat standin.out; exit 1; }
    sleep 0.05
done

"$top/tests/standin/make-inputs.sh" "$dir"
PATH=$standin:$PATH
CPD_PASSWORD=open-sesame
export PATH CPD_PASSWORD
status=0
"$cpdflow" run "$top/recipes/mlops.yaml" \
    --input url="http://127.0.0.1:$(cat port)" \
    --input model_archive=model.tar.gz \
    --input asset_properties_file=asset_properties.json \
    --input configurations_file=configurations.json \
    --input feedback_csv=feedback.csv \
    --input poll_every=100ms \
    --state-dir state \
    --report json=report.json || status=$?

echo
echo "The stand-in cluster saw $(wc -l <calls.jsonl) calls: $dir/calls.jsonl"
echo "Report: $dir/report.json"
exit "$status"
