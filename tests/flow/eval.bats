# cpdflow eval: exact texts, exit codes, streams, big and odd input.
load common

bats_require_minimum_version 1.5.0

@test "a value from JSON, indented by default" {
    run -0 --separate-stderr "$CPDFLOW" eval 'a' <<<'{"a": {"b": [1, "x"]}}'
    [ "$output" = '{
  "b": [
    1,
    "x"
  ]
}' ]
    [ -z "$stderr" ]
}

@test "a file, standard input and - are the same" {
    echo '{"a": 1}' >doc.json
    run -0 "$CPDFLOW" eval a doc.json
    [ "$output" = 1 ]
    run -0 "$CPDFLOW" eval a - <doc.json
    [ "$output" = 1 ]
    run -0 "$CPDFLOW" eval a <(cat doc.json)
    [ "$output" = 1 ]
}

@test "raw: texts bare, lists a line an item, inner lists with tabs" {
    run -0 "$CPDFLOW" eval -r a <<<'{"a": "x \"y\""}'
    [ "$output" = 'x "y"' ]
    run -0 "$CPDFLOW" eval -r a <<<'{"a": ["x", 1.50, {"b": 1}, ["p", "q\tr"]]}'
    [ "$output" = 'x
1.50
{"b":1}
p	q\tr' ]
}

@test "every output format" {
    local doc='[{"id": 1, "name": "a, b"}, {"id": 2, "name": null}]'
    run -0 "$CPDFLOW" eval -o compact @ <<<"$doc"
    [ "$output" = '[{"id":1,"name":"a, b"},{"id":2,"name":null}]' ]
    run -0 "$CPDFLOW" eval -o yaml @ <<<"$doc"
    [ "$output" = '- id: 1
  name: a, b
- id: 2
  name: null' ]
    run -0 "$CPDFLOW" eval -o table @ <<<"$doc"
    [ "$output" = 'id   name
1    a, b
2    -' ]
    run -0 "$CPDFLOW" eval -o csv @ <<<"$doc"
    [ "$output" = 'id,name
1,"a, b"
2,' ]
}

@test "a table of one object, and what it prints can be read again" {
    run -0 "$CPDFLOW" eval -o table @ <<<'{"id": "x1", "long name": "a\nb", "n": {"k": 1}}'
    [ "$output" = 'id:          x1
long name:   a
             b
n:           {"k":1}' ]
    run -0 bash -c '"$CPDFLOW" extract table -o compact <<<"$1"' _ "$output"
    [ "$output" = '{"id":"x1","long name":"a\nb","n":"{\"k\":1}"}' ]
}

@test "exit 1: null, false and empty results are nothing found" {
    local expr
    for expr in nope '`false`' '`[]`' '`{}`' "''"; do
        run -1 "$CPDFLOW" eval "$expr" <<<'{"a": 1}'
    done
    run -0 "$CPDFLOW" eval '`0`' <<<'{}'
    run -1 "$CPDFLOW" eval -r nope <<<'{}'
    [ -z "$output" ]
}

@test "exit 2: an expression that is wrong, with a caret" {
    run -2 --separate-stderr "$CPDFLOW" eval 'a.[' <<<'{}'
    [ -z "$output" ]
    [[ "$stderr" == "line 1:"*": error[syntax]: "* ]]
    run -2 --separate-stderr "$CPDFLOW" eval 'length(a)' <<<'{"a": 1}'
    [[ "$stderr" == *"error[invalid-type]: "* ]]
    run -2 "$CPDFLOW" eval
    [ "$output" = "error[usage]: eval needs EXPR [FILE]
hint: cpdflow eval --help" ]
    run -2 "$CPDFLOW" eval -n @ file
    [ "$output" = "error[usage]: --no-input reads no file, but 'file' is given
hint: cpdflow eval --help" ]
}

@test "exit 4: input that is missing or not JSON, with its place" {
    run -4 "$CPDFLOW" eval @ missing.json
    [ "$output" = "error[file-not-found]: cannot read 'missing.json': No such file or directory" ]
    run -4 "$CPDFLOW" eval @ .
    [[ "$output" == "error[file-type]: cannot read '.': "* ]]
    printf '{"a": 1,\n "b": x}\n' >bad.json
    run -4 "$CPDFLOW" eval @ bad.json
    [[ "$output" == "bad.json:2:7: error[invalid-json]: "* ]]
    run -4 "$CPDFLOW" eval @ /dev/null
    [ "$output" = "error[empty-output]: /dev/null is empty: expected JSON" ]
}

@test "variables: JSON and text" {
    run -0 "$CPDFLOW" eval -n -o compact '[$n, $s]' --var n='{"k":1}' --arg s='a=b'
    [ "$output" = '[{"k":1},"a=b"]' ]
    run -2 "$CPDFLOW" eval -n '$n' --var n=hello
    [[ "$output" == *"error[invalid-json]"*"hint: for a text write --arg n=hello"* ]]
    run -2 "$CPDFLOW" eval -n '$n' --var hello
    [ "$output" = "error[usage]: option '--var' wants NAME=JSON, not 'hello'" ]
    run -2 "$CPDFLOW" eval -n '$nn' --arg n=1
    [[ "$output" == *"error[undefined-variable]"* ]]
}

@test "several documents are answered one by one, errors count lines over all" {
    run -0 "$CPDFLOW" eval a <<<'{"a": 1}{"a": 2}
{"a": 3}'
    [ "$output" = '1
2
3' ]
    run -0 "$CPDFLOW" eval -o yaml @ <<<'1 2'
    [ "$output" = '1
---
2' ]
    run -4 bash -c 'printf "{\"a\":1}\n{\"a\":2}\n{\"a\":}\n" | "$CPDFLOW" eval a'
    [[ "$output" == "1
2
stdin:3:6: error[invalid-json]"* ]]
}

@test "a stream is answered while it is open" {
    mkfifo in out
    "$CPDFLOW" eval -r a <in >out 3>&- &
    local pid=$! line
    exec 8>in 9<out
    echo '{"a": "first"}' >&8
    read -r -t 10 line <&9
    [ "$line" = first ]
    printf '{"a":\n "sec' >&8
    echo 'ond"}' >&8
    read -r -t 10 line <&9
    [ "$line" = second ]
    exec 8>&-
    wait "$pid"
    exec 9<&-
}

@test "what cpdctl prints around JSON is skipped" {
    run -0 "$CPDFLOW" eval a <<<'...
{"a": 1}

Status code =  0'
    [ "$output" = 1 ]
    run -0 bash -c 'printf "Next page: x\n{\"a\": 1}\n" | cat | "$CPDFLOW" eval a'
    [ "$output" = 1 ]
}

@test "numbers keep their text" {
    run -0 "$CPDFLOW" eval -o compact @ <<<'[9007199254740993, 0.30000000000000004, 1e400, 1.0]'
    [ "$output" = '[9007199254740993,0.30000000000000004,1e400,1.0]' ]
}

@test "NUL in a text passes through raw" {
    "$CPDFLOW" eval -r a <<<'{"a": "x\u0000y"}' >out
    printf 'x\0y\n' | cmp - out
}

@test "other input formats" {
    run -0 "$CPDFLOW" eval -i yaml 'a[1]' <<<'a: [1, no]'
    [ "$output" = '"no"' ]
    run -0 "$CPDFLOW" eval -i csv '[0].b' <<<'a,b
1,2'
    [ "$output" = 2 ]
    run -0 "$CPDFLOW" eval -i lines '[1]' <<<'a
b'
    [ "$output" = '"b"' ]
    run -0 "$CPDFLOW" eval -i auto '[0].ID' <<<'ID   Name
1    a'
    [ "$output" = '"1"' ]
    run -2 "$CPDFLOW" eval -i xml @ <<<''
    [[ "$output" == "error[usage]: option '--input-format' cannot be 'xml': use one of json, "* ]]
}

@test "a reader that goes away is no error" {
    run -0 --separate-stderr bash -c 'set -o pipefail
        "$CPDFLOW" eval -n "[0:200000]" >/dev/null || true
        for ((i = 0; i < 20000; i++)); do echo "{\"a\": $i}"; done >docs
        "$CPDFLOW" eval a docs | head -n 1'
    [ "$output" = 0 ]
    [ -z "$stderr" ]
}

@test "a full disk under stdout is an error with status 4" {
    [ -c /dev/full ] || skip "no /dev/full here"
    run -4 --separate-stderr bash -c '"$CPDFLOW" eval -n now\(\) >/dev/full'
    [ "$stderr" = "error[write-failed]: cannot write to standard output: No space left on device" ]
}

@test "closed standard output and input are errors, not crashes" {
    run -4 --separate-stderr bash -c '"$CPDFLOW" eval -n now\(\) >&-'
    [[ "$stderr" == "error[write-failed]: "* ]]
    run -4 --separate-stderr bash -c '"$CPDFLOW" eval @ <&-'
    [[ "$stderr" == "error[file-read]: cannot read 'stdin': "* ]]
}

@test "a document of 30 MB" {
    awk 'BEGIN { printf "["; for (i = 0; i < 300000; i++) printf "%s{\"id\": \"%d\", \"name\": \"some name %d\", \"tags\": [1, 2, 3], \"on\": true}", i ? "," : "", i, i; print "]" }' >big.json
    run -0 "$CPDFLOW" eval -r '[-1].name' big.json
    [ "$output" = "some name 299999" ]
    run -0 bash -c 'cat big.json | "$CPDFLOW" eval "length(@)"'
    [ "$output" = 300000 ]
}
