#!/bin/bash
# One value out of JSON, rows out of tables, JMESPath itself: each beside what scripts use today, in
# pairs that take turns, medians over the pairs. Less than 1 is faster than the baseline.
# shellcheck disable=SC2016 # awk's own $1
set -eu
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pair=$BENCH_DIR/pair

# ---- inputs --------------------------------------------------------------------------------------

json_documents() { # N
    awk -v n="$1" 'BEGIN {
        printf "{\n  \"resources\": ["
        for (i = 0; i < n; i++) {
            printf "%s\n    {\n      \"entity\": {\n        \"description\": \"Some text that describes the thing number %d\",\n", i ? "," : "", i
            printf "        \"ratio\": %.6f,\n        \"status\": {\n          \"state\": \"%s\"\n        }\n      },\n", i / 7, i % 3 ? "active" : "failed"
            printf "      \"metadata\": {\n        \"created_at\": \"2021-01-29T08:%02d:07.389Z\",\n        \"id\": \"%08x-7ab1-46ab-aa53-e9010a634bba\",\n", i % 60, i
            printf "        \"name\": \"asset-%d\",\n        \"size\": %d,\n        \"tags\": [\n          \"a\",\n          \"b%d\"\n        ]\n      }\n    }", i, i * 37, i % 7
        }
        printf "\n  ],\n  \"total_results\": %d\n}\n", n
    }'
}

table() { # N
    awk -v n="$1" 'BEGIN {
        printf "...\n%-36s   %-20s   %-24s   %-8s   Tags   \n", "ID", "Name", "Created", "State"
        for (i = 0; i < n; i++)
            printf "%08x-7ab1-46ab-aa53-e9010a634bba   %-20s   2021-01-29T08:56:07.389Z   %-8s   []     \n", i, "asset-" i, i % 3 ? "active" : "failed"
    }'
}

json_documents 2 >"$work/1KB.json"
json_documents 2400 >"$work/1MB.json"
json_documents 215000 >"$work/100MB.json"
for n in 10 1000 100000; do table $n >"$work/$n.txt"; done

# ---- output --------------------------------------------------------------------------------------

# usage: show NAME GOAL "OURS BASELINE WALL CPU"   GOAL: the largest ratio in wall time, or -
show() {
    local ours base wall cpu verdict=
    read -r ours base wall cpu _ <<<"$3"
    [ "$2" = - ] || verdict=$(awk -v r="$wall" -v g="$2" 'BEGIN { print r <= g ? "ok" : "MISSED" }')
    printf '%-46s %9.2f ms %9.2f ms   wall %5.2f   cpu %5.2f   goal %5s  %s\n' "$1" "$ours" "$base" "$wall" "$cpu" "$2" "$verdict"
}

# ---- start-up ------------------------------------------------------------------------------------

read -r ours base _ _ more < <("$pair" -n 301 "$CPDFLOW" eval -r 'resources[-1].metadata.name' "$work/1KB.json" -- true)
awk -v a="$ours" -v b="$base" -v more="$more" 'BEGIN {
    printf "%-46s %9.2f ms %9.2f ms   %+.2f ms                goal  1 ms  %s\n",
        "eval on 1 KB, more than true", a, b, more, more <= 1 ? "ok" : "MISSED" }'

# ---- JSON ----------------------------------------------------------------------------------------

ours=("$CPDFLOW" eval -r 'resources[-1].metadata.name')
jq=(jq -r '.resources[-1].metadata.name')
show "1 KB JSON, jq -r" 0.25 "$("$pair" -n 51 "${ours[@]}" "$work/1KB.json" -- "${jq[@]}" "$work/1KB.json")"
show "1 MB JSON, jq -r" 0.25 "$("$pair" -n 21 "${ours[@]}" "$work/1MB.json" -- "${jq[@]}" "$work/1MB.json")"
show "100 MB JSON, jq -r" 0.25 "$("$pair" -n 3 "${ours[@]}" "$work/100MB.json" -- "${jq[@]}" "$work/100MB.json")"
show "1 KB JSON, bare cJSON_Parse" - "$("$pair" -n 51 "${ours[@]}" "$work/1KB.json" -- "$BENCH_DIR/cjson_walk" "$work/1KB.json")"
show "1 MB JSON, bare cJSON_Parse" - "$("$pair" -n 21 "${ours[@]}" "$work/1MB.json" -- "$BENCH_DIR/cjson_walk" "$work/1MB.json")"
show "100 MB JSON, bare cJSON_Parse" - "$("$pair" -n 3 "${ours[@]}" "$work/100MB.json" -- "$BENCH_DIR/cjson_walk" "$work/100MB.json")"
show "100 MB JSON, filter, jq -r" 0.25 "$("$pair" -n 3 "$CPDFLOW" eval -r "resources[?entity.status.state == 'failed'].metadata.id" "$work/100MB.json" \
    -- jq -r '.resources[] | select(.entity.status.state == "failed") | .metadata.id' "$work/100MB.json")"

# ---- tables --------------------------------------------------------------------------------------

for n in 10 1000 100000; do
    goal=1
    [ $n -le 1000 ] || goal=-
    pairs=51
    [ $n -le 1000 ] || pairs=5
    show "table of $n rows, one cell, grep | awk" $goal "$("$pair" -n $pairs \
        "$CPDFLOW" extract table -r -q "[?Name == 'asset-7'].ID | [0]" "$work/$n.txt" \
        -- grep -w asset-7 "$work/$n.txt" '|' awk '{ print $1 }')"
done

# ---- JMESPath ------------------------------------------------------------------------------------

suite=${CPDFLOW_SUITES:-$top/../shared/suites}/jmespath/community/benchmarks.json
if [ ! -e "$suite" ] || [ ! -d "$top/tests/tools/node_modules/@jmespath-community" ]; then
    echo "JMESPath: skipped, no suite or no tests/tools/node_modules (make deps-test)"
    exit 0
fi
"$BENCH_DIR/expr_times" "$suite" >"$work/ours.tsv"
node "$top/tests/bench/expr_times.mjs" "$suite" >"$work/theirs.tsv"
paste "$work/ours.tsv" "$work/theirs.tsv" | awk -F'\t' '{
    printf "%-46s compile %7.2f us, %8.2f in npm (%.2f)   eval %7.2f us, %8.2f in npm (%.2f)\n",
        substr($1, 1, 46), $2, $5, $2 / $5, $3, $6, $3 / $6 }'
