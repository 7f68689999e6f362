#!/bin/sh
# usage: BENCH_DIR=build/gcc/tests/bench HELPER_DIR=build/gcc/helper CPDFLOW=build/gcc/cpdflow tests/bench/run.sh [NAME]
# Runs every benchmark, or the one named. Each measures its baseline in the same run, so the ratios mean
# something on a busy machine too; the absolute numbers do not.
set -eu
: "${BENCH_DIR:?}" "${HELPER_DIR:?}" "${CPDFLOW:?}"
FAKECTL=$HELPER_DIR/fakectl
export FAKECTL

wanted=${1:-all}
wants() {
    [ "$wanted" = all ] || [ "$wanted" = "$1" ]
}

if wants spawn; then
    "$BENCH_DIR/bench_spawn"
    "$BENCH_DIR/bench_spawn" 1024
fi
if wants load; then "$BENCH_DIR/bench_load" "$FAKECTL"; fi
if wants output; then "$BENCH_DIR/bench_output"; fi
if wants flow; then tests/bench/bench_flow.sh; fi
if wants values; then tests/bench/bench_values.sh; fi
if wants scale; then tests/bench/bench_scale.sh; fi
if wants check; then tests/bench/bench_check.sh; fi
