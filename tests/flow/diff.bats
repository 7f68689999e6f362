#!/usr/bin/env bats
# Differential tests: the same input to us and to another implementation, compared one by one.

load common

@test "10,000 generated expressions give what the community implementation gives" {
    [ -d "$top/tests/tools/node_modules/@jmespath-community" ] || skip "tests/tools is not installed"
    run node "$top/tests/diff/expr.mjs" "$CPDFLOW_BUILD/diff/exprdiff"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"10000 pairs"*" 0 differences"* ]]
}

@test "the differential test fails when the evaluator answers wrongly" {
    [ -d "$top/tests/tools/node_modules/@jmespath-community" ] || skip "tests/tools is not installed"
    cat >liar <<'END'
#!/bin/sh
sed 's/.*/{"result":"wrong"}/'
END
    chmod +x liar
    DIFF_N=100 run node "$top/tests/diff/expr.mjs" ./liar
    [ "$status" -eq 1 ]
    echo "$output"
    [[ "$output" == *"ours   {\"result\":\"wrong\"}"* ]]
}
