# Rows of a CSV file as feedback: the recipe's own steps read them, and what they hand on is JSON that holds what the file
# says. The seed cut the last two characters of each line off and joined the rest with brackets.
# shellcheck disable=SC2016 # $names in expressions
load common
load fakes

# usage: feedback FILE [OPTION…]   $output: the records that the recipe would store
feedback() {
    local file=$1
    shift
    part_of mlops feedback_rows feedback
    printf 'outputs: {records: "${{ steps.feedback.outputs.records }}"}\n' >>part.yaml
    flow part.yaml --input feedback_csv="$file" --input feedback_from_row=1 "$@"
    is 0 "$status"
    output=$(reported .outputs.records)
}

# usage: digits TARGET PREDICTION   a row of 64 features in the shape of the digits data set
digits() {
    printf '1.0,%.0s' {1..64}
    printf '%s,%s' "$1" "$2"
}

header() {
    printf 'f%d,' {0..63}
    printf 'target,prediction\n'
}

# usage: parse_error FILE TEXT…   the step that reads fails, and says so
parse_error() {
    local file=$1
    shift
    part_of mlops feedback_rows feedback
    flow part.yaml --input feedback_csv="$file" --input feedback_from_row=1
    is '1 feedback_rows' "$status $(reported '[.steps[] | select(.status == "failed").id] | join(" ")')"
    says "$@"
}

@test "M80: a class of two digits stays whole, the prediction is dropped by name" {
    { header; digits 10 10; } >data.csv
    feedback data.csv
    is '[65,10,null]' "$(jq -c '.[0] | [length, .target, .prediction]' <<<"$output")"
}

@test "M81: a negative or decimal prediction is dropped whole" {
    { header; digits 3 3.5; echo; digits 4 -1; } >data.csv
    feedback data.csv
    is '[[65,3],[65,4]]' "$(jq -c 'map([length, .target])' <<<"$output")"
}

@test "M82: without a prediction column nothing is cut off" {
    { header | sed 's/,prediction//'; digits 7 x | sed 's/,x$//'; } >data.csv
    feedback data.csv
    is '[65,7]' "$(jq -c '.[0] | [length, .target]' <<<"$output")"
}

@test "M83: carriage returns belong to the line end" {
    { header; digits 8 8; echo; digits 9 9; echo; } | sed 's/$/\r/' >data.csv
    feedback data.csv
    is '[[65,8],[65,9]]' "$(jq -c 'map([length, .target])' <<<"$output")"
    [[ "$output" != *'\r'* ]]
}

@test "M84: text is quoted" {
    printf 'name,target,prediction\nAnna,yes,no\n' >data.csv
    feedback data.csv
    is '[{"name":"Anna","target":"yes"}]' "$output"
}

@test "M85: a quoted cell may hold commas, quotes and line ends" {
    printf 'name,target\n"Miller, ""Bob""",1\n"two\nlines",2\n' >data.csv
    feedback data.csv
    is '[{"name":"Miller, \"Bob\"","target":1},{"name":"two\nlines","target":2}]' "$output"
}

@test "M86: a file with fewer rows than are skipped is an error that says so" {
    { header; digits 1 1; } >data.csv
    part_of mlops feedback_rows feedback
    flow part.yaml --input feedback_csv=data.csv
    is 1 "$status"
    says 'data.csv has no row from number 1500 on'
    feedback data.csv
    is 1 "$(jq length <<<"$output")"
}

@test "M87: values go by the names of their columns, in whatever order they stand" {
    printf 'target,prediction,f0,f1\n1,2,10,20\n' >one.csv
    printf 'f1,f0,target\n20,10,1\n' >other.csv
    feedback one.csv
    is '[{"f0":10,"f1":20,"target":1}]' "$(jq -Sc . <<<"$output")"
    feedback other.csv
    is '[{"f0":10,"f1":20,"target":1}]' "$(jq -Sc . <<<"$output")"
}

@test "M88: an empty cell is null" {
    printf 'a,b,target\n1,,3\n' >data.csv
    feedback data.csv
    is '[{"a":1,"b":null,"target":3}]' "$output"
}

@test "M89: what is no JSON number stays text" {
    printf 'a,b,c,target\n007,NaN,1e,+5\n0.5,-0,1e400,0x1\n' >data.csv
    feedback data.csv
    is '[{"a":"007","b":"NaN","c":"1e","target":"+5"},{"a":0.5,"b":-0,"c":1e400,"target":"0x1"}]' \
        "$(sed -n 's/.*"outputs":{"records":\(\[.*\]\)},"metrics.*/\1/p' <<<"$(tr -d '\n ' <report.json)")"
}

@test "M8A: blank lines at the end are no rows" {
    printf 'a,target\n1,2\n3,4\n\n\n' >data.csv
    feedback data.csv
    is '[{"a":1,"target":2},{"a":3,"target":4}]' "$output"
}

# usage: a_sink   a curl that keeps the body and the size of what it was started with, and answers 202
a_sink() {
    mkdir -p bin
    cat >bin/curl <<SH
#!/bin/bash
printf '%s\n' "\$*" | wc -c >$PWD/argv.bytes
env | wc -c >$PWD/env.bytes
cat >$PWD/config
body=\$(sed -n 's/^data-binary = "@\(.*\)"\$/\1/p' $PWD/config)
[ -z "\$body" ] || cp "\$body" $PWD/body
printf 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n\r\n{}'
SH
    chmod +x bin/curl
    PATH=$PWD/bin:$PATH
}

# usage: a_large_flow   100,000 rows of the recipe's steps into one request, with a bound on memory
a_large_flow() {
    awk 'BEGIN { print "f0,f1,name,target,prediction"; for (i = 0; i < 100000; i++) print i "," i / 2 ",\"row, " i "\"," i % 12 "," i % 10 }' >big.csv
    a_sink
    part_of mlops feedback_rows feedback
    cat >>part.yaml <<'YAML'
  - id: store
    http: {method: POST, url: "http://zen/records", json: "${{ steps.feedback.outputs.records }}"}
  - id: later
    cmd: [env]
    output: lines
    outputs: {bytes: "sum(@[*].length(@))"}
YAML
    # Sanitizers reserve terabytes of addresses.
    case $CPDFLOW_BUILD in *address*) limit=unlimited ;; *) limit=$((700 * 1024)) ;; esac
    run timeout -k 5 60 bash -c 'ulimit -v "$1"; exec "$CPDFLOW" run --report json=report.json part.yaml --input feedback_csv=big.csv \
        --input feedback_from_row=1' _ "$limit"
    echo "$output"
}

@test "M8B: 100,000 rows are sent, by file" {
    a_large_flow
    is 0 "$status"
    is 100000 "$(jq length body)"
    is '{"f0":99999,"f1":49999.5,"name":"row, 99999","target":3}' "$(jq -c '.[-1]' body)"
    [ "$(cat argv.bytes)" -lt 1000 ]
}

@test "M8C: no data is in the environment of any child" {
    a_large_flow
    is 0 "$status"
    local own
    own=$(env | wc -c)
    [ "$(cat env.bytes)" -lt $((own + 2000)) ]
    [ "$(reported '.steps[] | select(.id == "later").outputs.bytes')" -lt $((own + 2000)) ]
    # And who asks for it is told before anything is started.
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    read: {file: big.csv, as: text}\n    outputs: {text: "@"}\n' >env.yaml
    printf '  - id: b\n    run: touch started\n    env: {VALUES: "${{ steps.a.outputs.text }}"}\n' >>env.yaml
    flow env.yaml
    is '1 usage' "$status $(reported '.steps[] | select(.id == "b").class')"
    says 'VALUES' 'pass large data by file'
    [ ! -e started ]
}

@test "M8D: a file with another separator is an error that names it" {
    printf 'a;b;target\n1,5;2,5;8\n' >data.csv
    parse_error data.csv "hint: is the separator ';'?"
    printf 'a\tb\ttarget\n1\t2\t8\n' >tabs.csv
    parse_error tabs.csv 'separator'
    printf 'a,b,target\n1,5;2,5;8\n' >mixed.csv
    feedback mixed.csv # three cells, none of which is taken for a number that it is not
    is '[{"a":1,"b":"5;2","target":"5;8"}]' "$output"
}

@test "M8E: characters of several bytes stay whole" {
    printf '\xef\xbb\xbfstadt,target,prediction\nZürich,Größe,9\n大阪,👍🏽,1\n' >data.csv
    LC_ALL=C feedback data.csv
    is '[{"stadt":"Zürich","target":"Größe"},{"stadt":"大阪","target":"👍🏽"}]' "$output"
    printf 'stadt,target\nZ\xfcrich,1\n' >latin1.csv
    parse_error latin1.csv 'latin1.csv:2' 'cell 1 of this row is not UTF-8'
}
