#!/bin/sh
# usage: BENCH_DIR=build/gcc/tests/bench HELPER_DIR=build/gcc/helper tests/bench/run.sh
# Runs every benchmark. Each measures its baseline in the same run, so the ratios mean something on a
# busy machine too; the absolute numbers do not.
set -eu
: "${BENCH_DIR:?}" "${HELPER_DIR:?}"
FAKECTL=$HELPER_DIR/fakectl
export FAKECTL

"$BENCH_DIR/bench_spawn"
"$BENCH_DIR/bench_spawn" 1024
"$BENCH_DIR/bench_output"
