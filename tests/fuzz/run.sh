#!/bin/sh
# usage: tests/fuzz/run.sh PROGRAM SECONDS
# One fuzz target for a while. What it learns stays in build/corpus/<target>; seeds come from
# tests/fuzz/seeds/<target>, words from tests/fuzz/<target>.dict. An input that breaks it is left in
# build/corpus/<target>-crash-* and makes the exit status non-zero.
set -eu
cd "$(dirname "$0")/../.."
program=$1
seconds=$2
target=$(basename "$program")
mkdir -p "build/corpus/$target"
set -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="build/corpus/$target-" "build/corpus/$target"
[ ! -d "tests/fuzz/seeds/$target" ] || set -- "$@" "tests/fuzz/seeds/$target"
[ ! -e "tests/fuzz/$target.dict" ] || set -- "-dict=tests/fuzz/$target.dict" "$@"
log=build/corpus/$target.log
if ASAN_OPTIONS=detect_leaks=1 "$program" "$@" >"$log" 2>&1; then
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, none broke it"
else
    tail -n 60 "$log"
    exit 1
fi
