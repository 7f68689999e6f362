#!/bin/sh
# usage: verdict.sh CASE BUILDS JENKINSFILE   (in an empty folder; $CPDFLOW)
# What the shell chain of before and the recipe make of one cassette of fixtures/pipeline: a row of the table in tests/README.md.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
case=$1
builds=$2
jenkinsfile=$3
tape=$top/fixtures/pipeline/$case
scenario=$(echo "$top/tests/standin/scenarios/$case"-*.json)
verdict=$(jq -r .verdict "$scenario")

# usage: fail MESSAGE   with what was printed
fail() {
    echo "$case: $1" >&2
    cat chain.log recipe.log >&2 || true
    exit 1
}

play_chain() {
    "$top/tests/chain/workspace.sh" work
    (cd work && "$CPDFLOW" shim "$tape" -- "$top/tests/chain/build.sh" "$jenkinsfile" "$builds") >chain.log 2>&1 ||
        fail "the chain asks for what nobody recorded"
    result=$(sed -n 's/^result: //p' chain.log | tail -n 1)
    # Its last words are what the command that failed printed, or why Groovy gave up.
    words=$(awk '/^failed: / { print last == "" || $2 != "script" ? substr($0, 9) : last; exit }
        /^sh: [^+ .]/ { last = substr($0, 5) }' chain.log)
    jq -r --arg result "$result" --arg verdict "$verdict" -f "$top/tests/chain/judge.jq" work/objects.json >judged.json
}

play_recipe() {
    "$top/tests/standin/make-inputs.sh" inputs
    "$CPDFLOW" run "$top/recipes/mlops.yaml" --replay "$tape" --state-dir state --report json=report.json \
        --input model_archive=inputs/model.tar.gz --input asset_properties_file=inputs/asset_properties.json \
        --input configurations_file=inputs/configurations.json --input feedback_csv=inputs/feedback.csv \
        --input poll_every=500ms >recipe.log 2>&1 || true # the report says how it ended
    ! grep -q missing-recording recipe.log || fail "the recipe asks for what nobody recorded"
}

play_chain
play_recipe
jq -r --arg case "$case" --arg result "$result" --arg words "$words" --slurpfile judged judged.json --slurpfile report report.json '
    def short: gsub("[|\n]"; " ") | if length > 90 then .[:89] + "…" else . end;
    def right: if . then "right" else "**wrong**" end;
    ($report[0] | [.steps[] | select(.status == "failed").message // empty][0] // .reason // "") as $message
    | [$case, .correct, $result + (if $words == "" then "" else ": \($words | short)" end),
       ([$judged[0].right | right] + $judged[0].what | join("; ")),
       $report[0].verdict + (if $report[0].verdict == "success" then "" else ": \($message | short)" end),
       ($report[0].verdict == .verdict | right)]
    | "| \(join(" | ")) |"' "$scenario"
