#!/bin/bash
# The whole MLOps flow on a cluster where everything is there already, with children that answer at once what a stand-in cluster answered
# before (answer.c): cpdflow beside the same calls from a bare posix_spawn loop, and beside the chain of shell commands that it replaces.
# shellcheck disable=SC2016 # $ANSWER_DIR is for the scripts written here
set -eu
: "${CPDFLOW:?}" "${STANDIN_DIR:?}" "${BENCH_DIR:?}"
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
program=$(readlink -f "$CPDFLOW")
standin=$(cd "$STANDIN_DIR" && pwd)
bench=$(cd "$BENCH_DIR" && pwd)
work=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
mkdir bin
ln -s "$bench/answer" bin/cpdctl
ln -s "$bench/answer" bin/curl
"$top/tests/standin/make-inputs.sh" .
real_path=$standin:$PATH
export CPD_PASSWORD=password ANSWER_STATE=$work/state/runs/ PATH=$work/bin:$PATH

"$standin/standin" --scenario "$top/tests/standin/scenarios/E01-empty-cluster.json" --scale 0 --port-file port >standin.out 2>&1 &
pid=$!
until [ -s port ]; do sleep 0.05; done
URL=http://127.0.0.1:$(cat port)
export URL
flow=("$program" run "$top/recipes/mlops-cpd30.yaml" --state-dir "$work/state" -q --input url="$URL"
    --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json
    --input configurations_file=configurations.json --input feedback_csv=feedback.csv --input poll_every=5ms --pass-env "ANSWER_*")
printf '#!/bin/sh\nrm -f "$ANSWER_DIR"/*.next\nexec' >flow.sh
printf ' %q' "${flow[@]}" >>flow.sh
printf '#!/bin/sh\nrm -f "$ANSWER_DIR"/*.next\nexec %q %q\n' "$bench/bare_calls" "$work/flow/calls" >bare.sh
printf '#!/bin/sh\nrm -f "$ANSWER_DIR"/*.next\nexec %q\n' "$top/tests/bench/seed_chain.sh" >chain.sh
chmod +x ./*.sh

# Fill the cluster, then record both: the same state, the same answers.
PATH=$real_path "${flow[@]}" >/dev/null
mkdir flow chain
ANSWER_DIR=$work/flow ANSWER_REAL=$standin "${flow[@]}" >/dev/null
export CPD_CONFIG=$work/chain-config
ANSWER_DIR=$work/chain ANSWER_REAL=$standin "$top/tests/bench/seed_chain.sh" >/dev/null
kill "$pid"

count() { # processes that a command starts
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve,clone,clone3,fork,vfork -o trace "$@" >/dev/null 2>&1 || true
    grep -cE '(clone3?|v?fork)(\(| resumed).*= [0-9]+$' trace || true
}
peak() { # KiB, largest single process
    /usr/bin/time -f %M -o peak "$@" >/dev/null 2>&1 || true
    cat peak
}
line() { # NAME DIR COMMAND: against cpdflow
    local a b wall cpu
    read -r a b wall cpu < <(ANSWER_DIR=$work/flow "$bench/pair" -n "${PAIRS:-15}" ./flow.sh -- env ANSWER_DIR="$2" "$3")
    printf '%-34s %9s ms %9s ms   wall %5s   cpu %5s\n' "$1" "$a" "$b" "$wall" "$cpu"
}

echo "whole MLOps flow, children that answer at once (cpdflow / other; below 1 is better)"
line "same calls, bare posix_spawn loop" "$work/flow" ./bare.sh
line "the chain of shell commands" "$work/chain" ./chain.sh
export ANSWER_DIR=$work/flow
echo "processes: cpdflow $(count ./flow.sh), bare loop $(count ./bare.sh), chain $(ANSWER_DIR=$work/chain count ./chain.sh)"
echo "peak memory KiB: cpdflow $(peak ./flow.sh), bare loop $(peak ./bare.sh), chain $(ANSWER_DIR=$work/chain peak ./chain.sh)"
