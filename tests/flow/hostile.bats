#!/usr/bin/env bats
# Hostile recipes (Y) and hostile answers of children (B): an error with its place or an exact value, never a crash, a hang or a guess.

load common

# usage: refused TEXT...   r.yaml is refused by check and by run, which runs nothing; both say all of this
refused() {
    for command in check run; do
        run timeout 20 "$CPDFLOW" $command r.yaml
        is 2 "$status"
        says "$@"
        [ ! -e ran ] || { echo "something was run"; return 1; }
    done
}

# usage: answers EXPRESSION   runs a step that prints the file `answer` as JSON, with an output `out`
answers() {
    cat >r.yaml <<YAML
cpdflow: 1
steps: [{id: a, cmd: [cat, answer], output: json, outputs: {out: "$1"}}]
outputs: {out: "\${{ steps.a.outputs.out }}"}
YAML
    run timeout 20 "$CPDFLOW" run r.yaml --report json=report.json
}

recipe_with() {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [touch, ran]}\n%s\n' "$1" >r.yaml
}

# ---- recipes -----------------------------------------------------------------------------------------------------

@test "Y1: a megabyte of open brackets or braces" {
    for bracket in '[' '{'; do
        head -c 1000000 /dev/zero | tr '\0' "$bracket" >r.yaml
        refused "r.yaml:1:65: error[too-deep]: more than 64 levels of nesting"
    done
}

@test "Y2: aliases that multiply, an alias inside its own anchor" {
    {
        printf 'cpdflow: 1\nvars:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n'
        for i in {1..9}; do
            printf '  a%d: &a%d [%s]\n' "$i" "$i" "$(printf "*a$((i - 1)),%.0s" {1..10})"
        done
        printf 'steps: [{id: a, cmd: [touch, ran]}]\n'
    } >r.yaml
    refused "error[too-many-nodes]: the aliases stand for more than 50000 nodes"
    recipe_with 'vars: {a: &a [*a]}'
    refused "r.yaml:4:15: error[invalid-yaml]: alias '*a' stands inside the value that it names"
}

@test "Y3: duplicate and unknown keys, foreign tags, several documents" {
    recipe_with 'name: one
name: two'
    refused "r.yaml:5:1: error[duplicate-key]"
    recipe_with 'nmae: x'
    refused "r.yaml:4:1: error[unknown-key]" "did you mean 'name'?"
    recipe_with 'name: !!python/object:os.system x'
    refused "r.yaml:4:7: error[foreign-tag]"
    recipe_with '---
cpdflow: 1'
    refused "r.yaml:4:1: error[several-documents]"
    printf 'cpdflow: 1\nsteps:\n  - &one {id: a, cmd: ["true"]}\n  - {<<: *one, id: b}\n' >r.yaml
    "$CPDFLOW" run r.yaml
}

@test "Y4: NUL, escape sequences, bytes that are no UTF-8, UTF-16, a byte order mark, CRLF, tabs" {
    recipe_with 'name: "a\0b"'
    refused "r.yaml:4:7: error[invalid-yaml]: a string must not hold the character \0"
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: [echo, "\xff\xfe"]}]\n' >r.yaml
    refused "r.yaml:2:30: error[invalid-yaml]: invalid leading UTF-8 octet (0xFF)"
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: [touch, ran]}]\n' | iconv -t UTF-16 >r.yaml
    refused "r.yaml:1:1: error[invalid-yaml]"
    printf 'cpdflow: 1\nsteps:\n\t- {id: a, cmd: [touch, ran]}\n' >r.yaml
    refused "r.yaml:3:1: error[invalid-yaml]" "hint: indent with blanks: YAML does not take tabs there"
    printf '\xef\xbb\xbfcpdflow: 1\r\nsteps:\r\n  - {id: a, name: "x\\e[2Jy", cmd: [printf, "%%s", "a\\eb"], output: text, outputs: {o: "@"}}\r\noutputs: {o: "${{ steps.a.outputs.o }}"}\r\n' >r.yaml
    run "$CPDFLOW" run r.yaml --report json=report.json
    [ "$status" -eq 0 ]
    [[ "$output" != *$'\e'* ]]
    is '"a\u001bb"' "$("$CPDFLOW" eval outputs.o report.json)"
}

@test "Y5: scalars that YAML readers disagree about have the type of their field" {
    for pair in no:no 0o17:15 1_000:1_000 12:30:12:30 .inf:.inf 0755:0755 18446744073709551616:18446744073709551616 \
        on:on 1e309:1e309; do
        text=${pair%:*} && [ "$pair" != 12:30:12:30 ] || text=12:30
        printf 'cpdflow: 1\ninputs: {x: {type: string, default: "%s"}}\nsteps: [{id: a, set: {o: inputs.x}}]\noutputs: {o: "${{ steps.a.outputs.o }}"}\n' \
            "$text" >r.yaml
        "$CPDFLOW" run r.yaml --report json=report.json
        is "$text" "$("$CPDFLOW" eval -r outputs.o report.json)"
    done
    for text in no 1_000 12:30 .inf; do
        printf 'cpdflow: 1\ninputs: {x: {type: number, default: %s}}\nsteps: [{id: a, cmd: [touch, ran]}]\n' "$text" >r.yaml
        refused "r.yaml:2:37: error[invalid-default]: input 'x' is a number, found string \"$text\""
    done
    for text in 0o17=15 18446744073709551616=18446744073709551616 1e309=1e309; do
        printf 'cpdflow: 1\ninputs: {x: {type: number, default: %s}}\nsteps: [{id: a, set: {o: inputs.x}}]\noutputs: {o: "${{ steps.a.outputs.o }}"}\n' \
            "${text%=*}" >r.yaml
        "$CPDFLOW" run r.yaml --report json=report.json
        is "${text#*=}" "$("$CPDFLOW" eval -r outputs.o report.json)"
    done
}

@test "Y6: a cycle through 10,000 steps is named, as is a step that needs itself" {
    {
        printf 'cpdflow: 1\nsteps:\n'
        printf '  - {id: s0, needs: [s9999], cmd: [touch, ran]}\n'
        for i in {1..9999}; do printf '  - {id: s%d, needs: [s%d], cmd: [touch, ran]}\n' "$i" "$((i - 1))"; done
    } >r.yaml
    refused "error[cycle]: " "s0" "s9999"
    printf 'cpdflow: 1\nsteps: [{id: a, needs: [a], cmd: [touch, ran]}]\n' >r.yaml
    refused "error[cycle]: "
}

@test "Y7: regular expressions that take for ever, nest too deep, or switch the engine's modes" {
    printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' >answer
    for regex in '(a+)+$' '(a|a)*$' '(.*)*b$'; do
        printf "cpdflow: 1\nsteps: [{id: a, cmd: [cat, answer], output: {regex: '%s'}}]\n" "$regex" >r.yaml
        run timeout 20 "$CPDFLOW" run r.yaml
        is 1 "$status"
        says "failed: output"
        [[ "$output" != *"matches nothing"* ]] || [[ "$regex" == *'b$' ]]
    done
    for regex in "$(printf '(%.0s' {1..600})$(printf ')%.0s' {1..600})" '(?C1)x' '\\\\C'; do
        printf "cpdflow: 1\nsteps: [{id: a, cmd: [touch, ran], output: {regex: '%s'}}]\n" "$regex" >r.yaml
        run timeout 20 "$CPDFLOW" run r.yaml
        [ "$status" -eq 2 ] || [ "$status" -eq 1 ]
        [[ "$output" == *"error[invalid-regex]"* ]] || [[ "$output" == *"failed: output"* ]]
    done
}

@test "Y8: a written file is confined by its permissions: a link is replaced, a name too long is an error" {
    echo precious >victim
    ln -s victim link
    printf 'cpdflow: 1\nsteps: [{id: a, write: {file: link, text: new}}]\n' >r.yaml
    "$CPDFLOW" run r.yaml
    is precious "$(cat victim)"
    is new "$(cat link)"
    [ ! -L link ]
    for length in 300:"File name too long" 5000:"longer than 4096 bytes"; do
        printf 'cpdflow: 1\nsteps: [{id: a, write: {file: %s, text: new}}]\n' \
            "$(head -c "${length%%:*}" /dev/zero | tr '\0' x)" >r.yaml
        run "$CPDFLOW" run r.yaml
        [ "$status" -ne 0 ]
        says "${length#*:}"
    done
}

@test "Y9: a value is never a template again, and cannot double without end" {
    printf 'cpdflow: 1\ninputs: {a: {type: string}, b: {type: string}}\nsteps: [{id: a, cmd: [printf, "%%s", "${{ inputs.a }}"], output: text, outputs: {o: "@"}}]\noutputs: {o: "${{ steps.a.outputs.o }}"}\n' >r.yaml
    # shellcheck disable=SC2016 # as it stands
    "$CPDFLOW" run r.yaml --report json=report.json --input 'a=${{ inputs.b }}' --input 'b=${{ inputs.a }}'
    # shellcheck disable=SC2016 # as it stands
    is '${{ inputs.b }}' "$("$CPDFLOW" eval -r outputs.o report.json)"
    {
        printf 'cpdflow: 1\nvars:\n  v0: xxxxxxxxxxxxxxxx\n'
        for i in {1..30}; do printf '  v%d: "${{ vars.v%d }}${{ vars.v%d }}"\n' "$i" "$((i - 1))" "$((i - 1))"; done
        printf 'steps: [{id: a, cmd: [touch, ran]}]\n'
    } >r.yaml
    run timeout 20 "$CPDFLOW" run r.yaml
    [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
    [ ! -e ran ]
}

@test "Y10: a recipe that is a fifo, a device, a directory or endless" {
    mkfifo fifo
    mkdir dir
    for file in fifo dir /dev/zero; do
        run timeout 10 "$CPDFLOW" check "$file"
        is 2 "$status"
        says "error[file-"
    done
    truncate -s 2G huge.yaml
    run timeout 10 "$CPDFLOW" check huge.yaml
    is 2 "$status"
    says "error[file-too-large]"
}

# ---- answers -----------------------------------------------------------------------------------------------------

@test "B1: JSON that is too deep or too large" {
    { head -c 1001 /dev/zero | tr '\0' '['; head -c 1001 /dev/zero | tr '\0' ']'; } >answer
    answers '@'
    is 1 "$status"
    says "failed: output: " "more than 512 levels of nesting"
    { printf '"'; head -c 70000000 /dev/zero | tr '\0' x; printf '"'; } >answer
    answers '@'
    is 1 "$status"
    says "the output is 70000002 bytes long: at most 67108864 are read"
}

@test "B2: a key that stands twice is an error, keys that differ in case are two" {
    printf '{"a": 1, "a": 2}' >answer
    answers a
    is 1 "$status"
    says "stdout of step 'a', line 1, column 10: key 'a' stands twice: first at 1:2"
    printf '{"A": 1, "a": 2}' >answer
    answers a
    is 0 "$status"
    is 2 "$("$CPDFLOW" eval outputs.out report.json)"
}

@test "B3: NUL and bytes that are no UTF-8 are refused, and the log keeps them" {
    printf '{"a": "x\0y"}' >answer
    answers a
    is 1 "$status"
    says "stdout of step 'a', line 1, column 9: a control character must be written as \u00XX in a string"
    cmp answer .cpdflow/runs/*/steps/*.stdout
    rm -r .cpdflow
    printf '{"a": "\xff"}' >answer
    answers a
    is 1 "$status"
    says "invalid UTF-8"
    cmp answer .cpdflow/runs/*/steps/*.stdout
    printf '{"a": "x\\u0000y"}' >answer
    answers 'length(a)'
    is 0 "$status"
    is 3 "$("$CPDFLOW" eval outputs.out report.json)"
}

@test "B4: numbers keep their text" {
    for number in 9223372036854775809 1e999 -0 0.30000000000000004 \
        1234567890123456789012345678901234567890123456789012345678901234567890; do
        printf '{"n": %s}' "$number" >answer
        answers n
        is 0 "$status"
        is "$number" "$("$CPDFLOW" eval outputs.out report.json)"
    done
}

@test "B5: a warning before the document is told and left out, anything on its line or a second document is an error" {
    printf 'WARNING: token expires soon\n{"a": 1}\n' >answer
    answers a
    is 0 "$status"
    says "notice: 28 bytes of other text stand around the JSON document of stdout"
    printf '\xef\xbb\xbf{"a": 1}' >answer
    answers a
    is 0 "$status"
    for rest in ' trailing' '{"a": 2}'; do
        printf '{"a": 1}%s' "$rest" >answer
        answers a
        is 1 "$status"
        says "expected the end of the text after the document"
    done
}

@test "B6: a web page, nothing, and blanks with exit 0 are failures" {
    printf '<html><body>502 Bad Gateway</body></html>' >answer
    answers a
    is 1 "$status"
    says "stdout of step 'a', line 1, column 1: expected a value, found '<'" "hint" "this is a web page"
    for blank in '' '   ' $'\n\n'; do
        printf '%s' "$blank" >answer
        answers a
        is 1 "$status"
        says "stdout of step 'a' is empty: expected JSON"
    done
}

@test "B7: a long line of blanks against a pattern with \\s+\$" {
    { head -c 40000 /dev/zero | tr '\0' ' '; echo x; } >answer
    cat >r.yaml <<'YAML'
cpdflow: 1
steps: [{id: a, cmd: [cat, answer], output: text, outputs: {out: "matches(@, '\\s+$')"}}]
YAML
    before=$(date +%s%N)
    run timeout 20 "$CPDFLOW" run r.yaml
    [ $((($(date +%s%N) - before) / 1000000)) -lt 5000 ]
    [[ "$status" -eq 0 || "$output" == *limit* ]]
}

@test "B8: valid JSON of another type names the path and what is there" {
    printf '[1, 2]' >answer
    answers 'metadata.id'
    is 1 "$status"
    says "path 'metadata' does not exist: the current node is a list of 2"
    printf '{"metadata": "none"}' >answer
    answers 'metadata.id'
    is 1 "$status"
    says "metadata" "string"
}
