#!/usr/bin/env bats
# The shell chain of before, as its Jenkinsfile has it, and recipes/mlops.yaml on the same 26 cassettes (fixtures/pipeline): the
# chain asks through `cpdflow shim`, the recipe through --replay. What both say stands in tests/README.md, and numbers of it in
# README.md; here both are compared with what comes of it now.
# shellcheck disable=SC2154 # outside is from common.bash

bats_require_minimum_version 1.5.0
load common

# usage: table   the one in tests/README.md
table() {
    sed -n '/^<!-- chain -->$/,/^<!-- \/chain -->$/p' "$top/tests/README.md" | grep '^| E'
}

@test "the chain and the recipe on the recordings of 26 clusters: who was right" {
    outside reference
    local as
    for as in verbatim repaired; do
        "$top/tests/chain/jenkinsfile.sh" "$as" <"$outside/seed-pipeline.txt" >"jenkinsfile.$as"
    done
    "$top/tests/chain/cases.sh" >cases
    is 26 "$(wc -l <cases)"
    # A thousand calls, each a process: those of other tests look for leaks.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
    awk -v dir="$PWD" '{ print $1, $2, dir "/jenkinsfile." $3 }' cases | xargs -P 2 -L 1 sh -c \
        'mkdir "$2" && cd "$2" && "$1" "$2" "$3" "$4" >row 2>errors || { cat errors; exit 1; }' - "$top/tests/chain/verdict.sh"
    cat E*/row >rows
    diff <(table) rows
    # What README.md says of it.
    local n_right n_wrong n_ours
    n_right=$(grep -cE '^(\| [^|]*){2}\| (SUCCESS|FAILURE)[^|]*\| right \|' rows)
    n_wrong=$(grep -cE '^(\| [^|]*){2}\| SUCCESS \| \*\*wrong' rows)
    n_ours=$(grep -c '| right |$' rows)
    grep -qF "the chain is right in $n_right of 26 and says SUCCESS in $n_wrong others; the recipe is right in $n_ours" "$top/README.md"
}

@test "the recordings of both are of clusters in the same state: the first list of spaces" {
    local tape space
    for tape in "$top"/fixtures/pipeline/*; do
        space=$(jq -r '.resources[]?.metadata.id' "$tape/space-1.stdout" 2>/dev/null | head -n 1)
        [ -z "$space" ] || grep -qF "$space" "$tape"/spaces-list-*.stdout || { echo "$tape: $space"; return 1; }
    done
}
