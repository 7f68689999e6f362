# `cpdflow test`: cases on recordings and given answers, faults, expectations, coverage.

load common
bats_require_minimum_version 1.5.0

setup() {
    fresh_folder
    cat >flow.yaml <<'END'
cpdflow: 1
inputs: {name: {type: string, default: qa}}
steps:
  - id: space
    ensure:
      find: {cpdctl: [space, list], select: "resources[?name == $inputs.name]"}
      create: {cpdctl: [space, create], flags: {name: "${{ inputs.name }}"}}
      ready: {until: "state == 'active'", fail_if: "state == 'error'", every: 10m, timeout: 1h}
    outputs: {id: id}
  - id: page
    if: inputs.name == 'qa'
    http: {url: "https://example.com/${{ steps.space.outputs.id }}"}
    timeout: 30s
    retry: {attempts: 3, delay: 10s, jitter: false, on: [transient, timeout]}
    outputs: {answer: body.answer}
    metrics: {score: {value: body.score, lower_limit: 0.5}}
outputs: {answer: "${{ steps.page.outputs.answer || 'none' }}"}
END
    cat >flow.test.yaml <<'END'
cpdflow_test: 1
answers:
  - {call: cpdctl space list, json: {resources: [{name: qa, id: s1, state: active}, {name: b, id: s2, state: active}]}}
  - {step: page, http: {json: {answer: yes, score: 0.9}}}
cases:
  - name: found
    expect:
      status: success
      changes: {}
      outputs: {answer: yes}
      metrics: {score: 0.9}
      calls: [cpdctl space list, "GET https://example.com/s1"]
      count: {cpdctl space create: 0, cpdctl: 1, cpdctl space: 1}
      n_calls: 2
      duration: 0s
END
}

# usage: case TEXT   adds one to flow.test.yaml
case_of() {
    printf '%s\n' "$1" >>flow.test.yaml
}

@test "test: a case passes, and every expectation can fail with both sides shown" {
    "$CPDFLOW" test
    sed -i 's/status: success/status: failed/; s/changes: {}/changes: {space: created}/; s/answer: yes}$/answer: no}/
        s/score: 0.9}$/score: 1}/; s/space create: 0/space create: 1/; s/n_calls: 2/n_calls: 3/; s/0s/1s/; s|example.com/s1|example.com/s2|' flow.test.yaml
    run "$CPDFLOW" test flow.test.yaml
    [ "$status" -eq 1 ]
    [[ "$output" == *"flow.test.yaml:6: status: expected failed, found success"* ]]
    [[ "$output" == *"changes, step 'space': expected created, found none"* ]]
    [[ "$output" == *'outputs.answer:'*'expected  "no"'*'found     "yes"'* ]]
    [[ "$output" == *"metrics.score:"*"expected  1"*"found     0.9"* ]]
    [[ "$output" == *"count, 'cpdctl space create': expected 1, found 0"* ]]
    [[ "$output" == *"n_calls: expected 3, found 2"* ]]
    [[ "$output" == *"duration: expected 1s, found 0ms"* ]]
    [[ "$output" == *"calls: 'GET https://example.com/s2' was not made behind the one before it"* ]]
    [[ "$output" == *"0 passed, 1 failed in "* ]]
}

@test "test: an hour of waiting and retries is exact and takes no time" {
    case_of '  - name: made and waited for
    answers:
      - {call: cpdctl space list, json: {resources: []}}
      - {call: cpdctl space list, json: {resources: [{name: qa, id: s1, state: preparing}]}, times: 5}
      - {call: cpdctl space list, json: {resources: [{name: qa, id: s1, state: active}]}}
      - {call: cpdctl space create, json: {id: s1}, delay: 3s}
    faults: [{step: page, attempt: 1, no_answer: true}, {step: page, attempt: 2, http: {status: 503}}]
    expect: {status: success, changes: {space: created}, duration: 51m3s, steps: {page: {attempts: 3}}}'
    case_of '  - name: never ready
    answers: [{call: cpdctl space list, json: {resources: [{name: qa, id: s1, state: preparing}]}}]
    expect: {status: timeout, exit: 5, duration: 1h, steps: {space: {class: timeout, polls: 7}, page: skipped}}'
    run "$CPDFLOW" test -j 1
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "test: faults by step, role and attempt" {
    case_of '  - name: page
    table:
      - {name: given up, faults: [{step: page, http: {status: 503}}], expect: {status: failed, class: transient, steps: {page: {attempts: 3}}}}
      - {name: killed, faults: [{step: page, signal: 9}], expect: {status: failed, class: killed, messages: [{match: "signal 9"}]}}
      - {name: cut off, faults: [{step: page, truncate: 70}], expect: {status: failed, class: output}}
      - {name: late, faults: [{step: page, delay: 31s, times: 1}], expect: {status: success, duration: 40s}}
      - {name: no program, faults: [{role: find, no_program: true}], expect: {status: environment, steps: {space: {class: spawn}}}}
      - {name: stderr, faults: [{step: space, exit: 1, stderr: "FAILED: no such profile"}], expect: {status: failed, messages: [no such profile]}}
      - {name: another name, inputs: {name: b}, expect: {steps: {page: {status: skipped, message: "if:"}}, outputs: {answer: none}}}'
    run "$CPDFLOW" test
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "test: what nobody answers, a fault that meets nothing, a run without end are failures" {
    case_of '  - name: unanswered
    inputs: {name: c}
  - name: unmet
    faults: [{step: page, attempt: 9, exit: 1}]
  - name: endless
    faults: [{step: space, no_answer: true}]'
    run "$CPDFLOW" test
    [ "$status" -eq 1 ]
    [[ "$output" == *"1 call had no answer:"*"step 'space' (create): cpdctl space create --name=c"* ]]
    [[ "$output" == *"faults that met no call:"*"line 19, step page"* ]]
    [[ "$output" == *"the run waits for ever: a call has no answer and no timeout"* ]]
}

@test "test: a cassette answers, and what it holds too much is named" {
    cat >echo.yaml <<'END'
cpdflow: 1
inputs: {word: {type: string, default: good-morning}, file: {type: file}}
steps:
  - {id: say, cmd: [echo, "${{ inputs.word }}"], output: text, outputs: {text: "@"}}
  - {id: show, read: {file: "${{ inputs.file }}", as: json}, outputs: {n: n}}
outputs: {text: "${{ steps.say.outputs.text }}", n: "${{ steps.show.outputs.n }}"}
END
    echo '{"n": 7}' >seven
    "$CPDFLOW" run echo.yaml --input file=seven --record tape
    cat >echo.test.yaml <<'END'
cpdflow_test: 1
cassette: tape
inputs: {file: data.json}
files: {data.json: {json: {n: 8}}}
cases:
  - {name: as recorded, expect: {outputs: {text: good-morning, n: 8}}}
  - {name: another word, inputs: {word: good-evening}, files: {data.json: {from: seven}}, expect: {outputs: {text: good-evening, n: 7}}}
END
    "$CPDFLOW" test echo.test.yaml
    printf '  - {argv: [work], exit: 0}\n' >>tape/tape.yaml
    run "$CPDFLOW" test echo.test.yaml
    [ "$status" -eq 1 ]
    [[ "$output" == *"recorded calls that were not made (allow_unused: true allows it)"*work* ]]
    sed -i '2a allow_unused: true' echo.test.yaml
    "$CPDFLOW" test echo.test.yaml
    sed -i 's/data.json: {from: seven}/..\/data.json: x/' echo.test.yaml
    run "$CPDFLOW" test echo.test.yaml
    [[ "$output" == *"files: '../data.json' is not a name in the directory of the run"* ]]
}

@test "test: no process is started for a case, the scratch directory is gone, nothing is left here" {
    mkdir tmp
    TMPDIR=$PWD/tmp ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=execve -o calls "$CPDFLOW" test -j 1
    [ "$(wc -l <calls)" -eq 1 ]
    [ -z "$(ls tmp)" ]
    [ ! -e .cpdflow ]
}

@test "test: TAP, JUnit, filters, seeds, several processes" {
    local i
    for i in 1 2 3 4 5 6 7 8 9; do
        case_of "  - {name: 'case $i & \"more\"', expect: {status: success}}"
    done
    "$CPDFLOW" test -j 4 --output=tap >tap
    [ "$(head -2 tap | tail -1)" = 1..10 ]
    [ "$(grep -c '^ok' tap)" -eq 10 ]
    sed -i 's/n_calls: 2/n_calls: 1/' flow.test.yaml
    run --separate-stderr "$CPDFLOW" test -j 4 --output=junit
    [ "$status" -eq 1 ]
    printf '%s\n' "$output" >junit.xml
    xmllint --noout junit.xml
    [ "$(xmllint --xpath 'string(//testsuite/@failures)' junit.xml)" = 1 ]
    [ "$(xmllint --xpath 'string(//failure/@message)' junit.xml)" = 'flow.test.yaml:6: n_calls: expected 1, found 2' ]
    "$CPDFLOW" test -k 'case 3' -k 'case 4' | grep -q '^2 passed, 0 failed'
    run "$CPDFLOW" test --seed 7 -k case
    [[ "$output" == *"(--seed 7)"* ]]
    run "$CPDFLOW" test -k nothing
    [ "$status" -eq 2 ]
    [[ "$output" == *"error[no-tests]"* ]]
}

@test "test: coverage shows the lines that were never tried, a minimum can be asked for" {
    run "$CPDFLOW" test --coverage --min-coverage 90 --coverage-json coverage.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"coverage  flow.yaml  45.5 % (5 of 11)"* ]]
    [[ "$output" == *"    7 |       create: {cpdctl: [space, create]"*"^ never: ensure: created, step space"* ]]
    [[ "$output" == *"error[low-coverage]: flow.yaml: 45.5 % of it is tested, 90 % are wanted"* ]]
    [ "$(jq -c '.recipes[0] | [.items, .covered, (.open | length)]' coverage.json)" = '[11,5,6]' ]
    [ "$(jq -r '.recipes[0].open[] | select(.line == 7) | .what' coverage.json)" = 'ensure: created' ]
    case_of '  - name: other ways
    table:
      - name: created
        answers:
          - {call: cpdctl space list, json: {resources: []}}
          - {call: cpdctl space list, json: {resources: [{name: qa, id: s1, state: active}]}}
          - {call: cpdctl space create, json: {id: s1}}
        faults: [{step: page, http: {status: 503}, times: 1}]
      - {name: never ready, answers: [{call: cpdctl space list, json: {resources: [{name: qa, state: new}]}}]}
      - {name: broken, answers: [{call: cpdctl space list, json: {resources: [{name: qa, state: error}]}}]}
      - {name: given up, faults: [{step: page, http: {status: 503}}]}
      - {name: not qa, inputs: {name: b}}'
    "$CPDFLOW" test --min-coverage 100
}

@test "test: wrong test files are told with their place, and nothing is run" {
    sed -i 's/status: success/status: sucess/' flow.test.yaml
    run "$CPDFLOW" test
    [ "$status" -eq 2 ]
    [[ "$output" == *"flow.test.yaml:8:15: error[invalid-value]"*"hint: did you mean 'success'?"* ]]
    run "$CPDFLOW" check flow.test.yaml
    [ "$status" -eq 2 ]
    sed -i 's/status: sucess/status: success/' flow.test.yaml
    [ "$("$CPDFLOW" check flow.test.yaml)" = "flow.test.yaml: ok, 1 case" ]
}

@test "test: test files fit their JSON Schema" {
    [ -d "$top/tests/tools/node_modules" ] || skip "the tools from npm are not installed"
    "$CPDFLOW" schema test >schema.json
    "$CPDFLOW" extract yaml flow.test.yaml >own.json
    local file n=0
    for file in "$top"/recipes/*.test.yaml "$top"/recipes/*/*.test.yaml; do
        [ -e "$file" ] || continue
        n=$((n + 1))
        "$CPDFLOW" extract yaml "$file" >"committed-$n.json"
    done
    node "$top/tests/tools/validate.mjs" schema.json own.json committed-*.json
    sed -i 's/"success"/7/' own.json
    run node "$top/tests/tools/validate.mjs" schema.json own.json
    [ "$status" -eq 1 ]
}

@test "test: the recipes of this repository pass and are tested to 90 %" {
    cd "$top"
    TMPDIR=$BATS_TEST_TMPDIR "$CPDFLOW" test recipes --min-coverage 90
}

@test "test: mutation names the fields that no test looks at" {
    run "$CPDFLOW" test --mutate -j 2
    [ "$status" -eq 0 ]
    [[ "$output" == *"^ no test notices: steps[1].retry.attempts 3 becomes 4"* ]]
    [[ "$output" == *"^ no test notices: steps[0].ensure.ready.every is doubled"* ]]
    [[ "$output" == *"^ no test notices: steps[1].if is taken away"* ]]
    [[ "$output" != *"steps[0].ensure.find"* ]] # the calls are compared
    [[ "$output" != *"outputs.answer"* ]]
    case_of '  - name: looked at
    inputs: {name: b}
    expect: {steps: {page: skipped}}'
    run "$CPDFLOW" test --mutate
    [[ "$output" != *"steps[1].if is taken away"* ]]
    sed -i 's/n_calls: 2/n_calls: 3/' flow.test.yaml
    run "$CPDFLOW" test --mutate # a mutant shows nothing while the recipe itself fails
    [ "$status" -eq 1 ]
    [[ "$output" != *mutants* ]]
}

@test "test: --update writes what came out in place, and leaves the rest of the file alone" {
    case_of '  - name: "quoted: ümläut"
    expect: {status: "failed", duration: 5m, outputs: {answer: "no"}, steps: {page: {attempts: 7}}} # a remark
  - name: block
    expect:
      status: failed # wrong
      changes:
        space: created
        page: updated
      metrics:
        score: 1
      steps:
        page: {status: skipped, attempts: 7} # two
        space: failed

      n_calls: 9
      messages: [never said]
  # the end'
    cp flow.test.yaml before
    run "$CPDFLOW" test --update
    [ "$status" -eq 1 ] # there is no message that could be expected
    [[ "$output" == *"11 expectations updated"*"not updated:"*"flow.test.yaml:18: messages: nobody says anything that could stand here"*"ok    quoted: ümläut"*"FAIL  block"*"nobody says 'never said'"*"2 passed, 1 failed"* ]]
    diff before flow.test.yaml >difference || true
    is "$(grep '^[<>]' difference)" '<     expect: {status: "failed", duration: 5m, outputs: {answer: "no"}, steps: {page: {attempts: 7}}} # a remark
>     expect: {status: success, duration: 0ms, outputs: {answer: "yes"}, steps: {page: {attempts: 1}}} # a remark
<       status: failed # wrong
<       changes:
<         space: created
<         page: updated
>       status: success # wrong
>       changes: {}
<         score: 1
>         score: 0.9
<         page: {status: skipped, attempts: 7} # two
<         space: failed
>         page: {status: succeeded, attempts: 1} # two
>         space: succeeded
<       n_calls: 9
>       n_calls: 2'
    sed -i '/messages/d' flow.test.yaml
    chmod 640 flow.test.yaml
    sed -i 's/0.9$/1/' flow.test.yaml
    "$CPDFLOW" test --update | grep -q '^1 expectation updated'
    [ "$(stat -c %a flow.test.yaml)" = 640 ]
    "$CPDFLOW" test --update | grep -q '^0 expectations updated'
}
