#!/usr/bin/env bats
# Report formats, each as its readers take it.

bats_require_minimum_version 1.5.0
load common

# A run with retries, a failure, metrics, hostile texts, outputs of every type
sample() {
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: "sample \"x\"\\"
inputs:
  password: {type: string, secret: true, default: "geheim-1234"}
steps:
- id: shaky
  reads: true
  retry: {attempts: 3, delay: 10ms}
  cmd: [sh, -c, "[ -e again ] || { touch again; echo '503 Service Unavailable' >&2; exit 1; }; printf %s \"$TRACEPARENT\""]
- id: each
  foreach: ["a b", "<c>"]
  cmd: [echo, "${{ item }}"]
- id: quality
  set: {accuracy: "`0.71`", count: "`12`"}
  metrics:
    accuracy: {value: accuracy, lower_limit: 0.8}
    "rows \"all\"": {value: count, upper_limit: 20, unit: rows}
- id: soft
  continue_on_error: true
  cmd: [sh, -c, "printf 'no such thing \\033[31m\\n' >&2; exit 4"]
outputs:
  text: "it's \"$HOME\" `x` \\ = # ! : ${y}\nsecond line\ttab \u00e4\u20ac\U0001f600"
  leading: " blank first"
  number: "${{ `12345678901234567890` }}"
  list: "${{ [`1`, 'two', `null`] }}"
  nothing: "${{ `null` }}"
  token: "Bearer ${{ inputs.password }}"
YAML
    local format
    args=()
    for format in ctrf otlp prometheus outputs env properties junit junit-ant markdown; do
        args+=(--report "$format=$format")
    done
    run -3 "$CPDFLOW" run -q flow.yaml "${args[@]}"
}

@test "no secret output is in any of them" {
    sample
    ! grep -l 'geheim' ctrf otlp prometheus outputs env properties junit junit-ant markdown || false
    ! grep -l 'Bearer' outputs env properties || false
}

@test "CTRF fits its schema and knows flaky from failed" {
    schema=$top/tests/tools/node_modules/ctrf/dist/ctrf-schema-0.0.json
    [ -f "$schema" ] || skip "npm's ctrf is not installed"
    sample
    node "$top/tests/tools/validate.mjs" "$schema" ctrf
    is 'true 1 failed' "$(jq -r '.results.tests[] | select(.name == "shaky") | "\(.flaky) \(.retries) \(.retryAttempts[0].status)"' ctrf)"
    is 'failed below' "$(jq -r '.results.tests[] | select(.name == "quality metric accuracy") | "\(.status) \(.rawStatus)"' ctrf)"
    jq -e '.results | (.tests | length) == .summary.tests and ([.tests[].name] | unique | length) == .summary.tests and
        (.summary | .passed + .failed + .skipped + .pending + .other == .tests and .flaky == 1)' ctrf
}

@test "a trace has one root below TRACEPARENT, and a child's TRACEPARENT is its attempt" {
    export TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00
    sample
    is 1 "$(wc -l <otlp)"
    spans='.resourceSpans[].scopeSpans[].spans'
    is 0af7651916cd43dd8448eb211c80319c "$(jq -r "[${spans}[].traceId] | unique | join(\" \")" otlp)"
    is b7ad6b7169203331 "$(jq -r "${spans}[] | select(.kind == 2).parentSpanId" otlp)"
    jq -e "[${spans}[].spanId] as \$ids | (\$ids | unique | length) == (\$ids | length) and
        all(${spans}[]; .kind == 2 or (.parentSpanId | IN(\$ids[]))) and
        all(${spans}[]; (.traceId | test(\"^[0-9a-f]{32}$\")) and (.spanId | test(\"^[0-9a-f]{16}$\")) and
            (.startTimeUnixNano | test(\"^[0-9]{16,}$\")) and (.endTimeUnixNano >= .startTimeUnixNano))" otlp
    last=$(jq -r "[${spans}[] | select(.kind == 3 and (.attributes[] | select(.key == \"cpdflow.attempt\").value.intValue == \"2\"))][0].spanId" otlp)
    is "00-0af7651916cd43dd8448eb211c80319c-$last-00" "$(jq -r '.steps[] | select(.id == "shaky").attempts[-1].stdout.text' .cpdflow/runs/*/report.json)"
}

@test "without a usable TRACEPARENT the run begins a trace, and the recipe's own stands" {
    export TRACEPARENT=00-00000000000000000000000000000000-b7ad6b7169203331-01
    sample
    jq -e '[.resourceSpans[].scopeSpans[].spans[] | select(.kind == 2)] | length == 1 and (.[0] | has("parentSpanId") | not)' otlp
    cat >own.yaml <<'YAML'
cpdflow: 1
name: own
env: {TRACEPARENT: mine}
steps:
- {id: say, cmd: [sh, -c, 'echo "$TRACEPARENT"']}
YAML
    "$CPDFLOW" run -q own.yaml --report json=own.json
    is mine "$(jq -r '.steps[0].attempts[0].stdout.text' own.json | head -1)"
}

# The format as https://prometheus.io/docs/instrumenting/exposition_formats/ has it; each series once, families together.
is_exposition() {
    awk '
        /^# HELP [a-z_]+ ./ { help[$3] = 1; next }
        /^# TYPE [a-z_]+ gauge$/ { if (!($3 in help) || $3 in type) { print "family: " $0; bad = 1 } type[$3] = 1; family = $3; next }
        match($0, /^[a-z_]+\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\} [-+0-9.e]+$/) {
            name = substr($0, 1, index($0, "{") - 1)
            key = $0; sub(/ [^ ]*$/, "", key)
            if (name != family || key in seen) { print "series: " $0; bad = 1 }
            seen[key] = 1; next
        }
        { print "line: " $0; bad = 1 }
        END { exit bad }' "$1"
}

@test "Prometheus' textfile has each series once, in its format, readable for the collector" {
    sample
    is_exposition prometheus
    is 644 "$(stat -c %a prometheus)"
    grep -qxF 'cpdflow_metric{recipe="sample \"x\"\\",step="quality",metric="accuracy",unit=""} 0.70999999999999996' prometheus
    grep -qxF 'cpdflow_metric_ok{recipe="sample \"x\"\\",step="quality",metric="rows \"all\"",unit="rows"} 1' prometheus
    grep -qxF 'cpdflow_run_verdict{recipe="sample \"x\"\\",verdict="unstable"} 1' prometheus
    grep -qxF 'cpdflow_retries{recipe="sample \"x\"\\"} 1' prometheus
}

@test "outputs.env gives a shell the very texts" {
    sample
    is 'text leading number list nothing' "$(jq -r 'keys_unsorted | join(" ")' outputs)"
    is 12345678901234567890 "$(sed -n 's/^  "number": \(.*\),$/\1/p' outputs)"
    (
        set -eu
        # shellcheck source=/dev/null
        . ./env
        [ "$text" = "$(jq -r .text outputs)" ]
        [ "$leading" = ' blank first' ] && [ -z "$nothing" ]
        [ "$number" = 12345678901234567890 ] && [ "$list" = '[1,"two",null]' ]
    )
}

@test "outputs.properties is what Java reads" {
    command -v groovy >/dev/null || skip "no groovy here"
    sample
    ! LC_ALL=C grep -n '[^ -~]' properties || false
    cat >read.groovy <<'GROOVY'
def p = new Properties()
new File('properties').withInputStream { p.load(it) }
def expected = new groovy.json.JsonSlurper().parse(new File('outputs'))
assert p.keySet() == expected.keySet()
assert p.text == expected.text && p.leading == ' blank first' && p.number == '12345678901234567890'
assert p.list == '[1,"two",null]' && p.nothing == ''
GROOVY
    groovy read.groovy
}

@test "a run that was cut off renders in every format" {
    sample
    journal=$(echo .cpdflow/runs/*/journal.ndjson)
    sed -i '12,$d' "$journal"
    for format in ctrf otlp prometheus outputs env properties junit junit-ant markdown; do
        "$CPDFLOW" report --format "$format=cut-$format"
    done
    "$CPDFLOW" report --format html=cut-html
    is '{}' "$(jq -c . cut-outputs)"
    is_exposition cut-prometheus
    grep -q 'verdict="interrupted"} 1' cut-prometheus
    xmllint --noout cut-junit cut-junit-ant
    grep -q '<h1>Interrupted</h1>' cut-html/index.html
    jq -e '.results.tests[-1].rawStatus == "interrupted"' cut-ctrf
}
