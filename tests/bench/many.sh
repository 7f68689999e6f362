#!/bin/bash
# shellcheck disable=SC2016 # templates and literals of JMESPath
# usage: tests/bench/many.sh KIND N >flow.yaml
# A recipe of N steps of a kind: `steps` one after the other, `wide` all after one and one after all, `items` of one foreach,
# `waits` that look at the file `state` all at once until it holds 2, `pauses` of a second all at once.
set -eu
kind=$1 n=$2
echo 'cpdflow: 1'
case $kind in
steps)
    echo 'steps:'
    seq -f '  - {id: s%.0f, set: {a: "`1`"}}' "$n"
    ;;
wide)
    echo 'steps:'
    echo '  - {id: first, set: {a: "`1`"}}'
    seq -f '  - {id: s%.0f, needs: [first], set: {a: steps.first.outputs.a}}' "$n"
    echo "  - {id: last, needs: [$(seq -f 's%.0f' -s ', ' "$n")], set: {a: \"\`1\`\"}}"
    ;;
items)
    echo 'inputs: {items: {type: list}}'
    echo 'steps:'
    echo '  - {id: each, foreach: "${{ inputs.items }}", max_parallel: 8, set: {a: item}}'
    echo 'outputs: {n: "${{ length(steps.each.results) }}", last: "${{ steps.each.results[-1].a }}"}'
    ;;
waits)
    echo 'steps:'
    echo '  - id: all'
    echo '    parallel: true'
    echo '    steps:'
    seq -f "      - {id: w%.0f, read: {file: state, as: json}, wait: {until: \"@ == \`2\`\", every: 300ms, timeout: 2m}}" "$n"
    ;;
pauses)
    echo 'steps:'
    echo '  - id: all'
    echo '    parallel: true'
    echo '    steps:'
    seq -f '      - {id: p%.0f, pause: 1s}' "$n"
    ;;
esac
