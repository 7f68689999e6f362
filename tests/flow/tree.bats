#!/usr/bin/env bats
# What stands in what: every format that shows a tree shows the same one, clean-up of a `use` included.

bats_require_minimum_version 1.5.0
load common

# Twice the same piece, each with something to undo and a last word; undoing the first fails.
recipe() {
    cat >piece.yaml <<'YAML'
cpdflow: 1
name: piece
inputs: {who: {type: string}}
steps:
- id: make
  cmd: [echo, "made for ${{ inputs.who }}"]
  cleanup:
  - id: drop
    cmd: [sh, -c, 'echo "cannot drop $1" >&2; [ "$1" = b ]', sh, "${{ inputs.who }}"]
finally:
- id: bye
  cmd: [echo, bye]
YAML
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: tree
steps:
- {id: first, use: piece.yaml, with: {who: a}}
- {id: second, needs: first, use: piece.yaml, with: {who: b}}
- id: own
  needs: second
  cmd: [echo, own]
  cleanup:
  - {id: undo, cmd: [echo, undone]}
finally:
- {id: last, cmd: [echo, last]}
YAML
}

play() {
    recipe
    run -1 "$CPDFLOW" run flow.yaml "$@"
}

@test "clean-up stands beside what it undoes, the last words of a use in it" {
    play --report json=report.json
    run -0 jq -r '.steps as $all | .steps[] | "\(.phase) \(.id) in \(if .parent == null then "-" else $all[.parent].id end)"' report.json
    is "main first in -
main second in -
main own in -
main make in first
main make in second
cleanup undo in -
cleanup drop in second
cleanup drop in first
finally last in -
finally bye in second
finally bye in first" "$output"
}

@test "names in JUnit, CTRF, Markdown and the log tell one use from the other" {
    play --report junit=junit.xml --report ctrf=ctrf.json --report markdown=run.md
    grep -q '^[0-9TZ:-]* first/drop: failed: ' <<<"$output"
    says $'\n  failed    first/drop  '
    run -0 xmllint --xpath '//testsuite[@name="cleanup"]/testcase/@name' junit.xml
    is 'name=first/drop name=second/drop name=undo' "$(tr -d '"' <<<"$output" | xargs -n 1 | sort | xargs)"
    run -0 jq -r '.results.tests[].name' ctrf.json
    is 'first/bye first/drop first/make last own run second/bye second/drop second/make undo' "$(sort <<<"$output" | xargs)"
    grep -q '^### ❌ first/drop$' run.md
    grep -q '^| ✅ | second/bye |' run.md
}

@test "the page and the timeline show clean-up in its use, a trace hangs its span there" {
    play --report html=report --report otlp=trace.json
    run -0 grep -oE '(<p class="phase">[a-z]*)|(step d[0-9]+)|(class="id">[a-z]*)|(>(cleanup|finally)</span>)' report/index.html
    is 'd0 first d1 make d1 drop (cleanup) d1 bye (finally) d0 second d1 make d1 drop (cleanup) d1 bye (finally) d0 own [cleanup] d0 undo [finally] d0 last' \
        "$(sed -E 's/^step //; s/.*phase">(.*)/[\1]/; s/.*id">//; s/^>(.*)<.*/(\1)/' <<<"$output" | xargs)"
    run -0 jq -r '[.resourceSpans[].scopeSpans[].spans[]] as $all | $all[] |
        select(.name | test("drop|bye")) | . as $s | $all[] | select(.spanId == $s.parentSpanId) | "\($s.name) \(.name)"' trace.json
    is 'bye first, bye second, drop first, drop second' "$(sort -u <<<"$output" | sed -n '/^\(bye\|drop\) /p' | paste -sd, | sed 's/,/, /g')"
}
