# cpdflow extract: exact texts, exit codes, streams. The readers themselves have unit tests.
load common

bats_require_minimum_version 1.5.0

spaces() {
    printf '...\nID     Name   State\n1a2b   demo   active\n3c4d   prod   deleting\n'
}

@test "a table as JSON" {
    run -0 bash -c 'printf "...\nID   Name\n1    a\n" | "$CPDFLOW" extract table'
    [ "$output" = '[
  {
    "ID": "1",
    "Name": "a"
  }
]' ]
}

@test "one cell instead of grep and awk" {
    spaces >out.txt
    run -0 "$CPDFLOW" extract table -r -q "[?Name == 'prod'] | one(@).ID" out.txt
    [ "$output" = 3c4d ]
    run -0 "$CPDFLOW" extract table -r --arg n=demo -q '[?Name == $n].[ID, State]' out.txt
    [ "$output" = '1a2b	active' ]
    run -1 "$CPDFLOW" extract table -r -q "[?Name == 'none'].ID" out.txt
    [ -z "$output" ]
}

@test "nothing to show is exit 1, an empty input is exit 4" {
    run -1 bash -c 'printf "...\nNothing to show.\n" | "$CPDFLOW" extract table'
    [ "$output" = '[]' ]
    run -4 "$CPDFLOW" extract table </dev/null
    [ "$output" = "error[empty-output]: stdin is empty: expected a table" ]
}

@test "a row that does not fit is an error with line, column and hint" {
    printf 'ID   Name\n1    a\n1 2 3   b\n' >bad.txt
    run -4 "$CPDFLOW" extract table bad.txt
    [ "$output" = "bad.txt:3:3: error[misaligned-table]: this line does not fit the header: column 'Name' starts at column 6, but text stands in the gap before it
  1 2 3   b
    ^
hint: use output: json, which is never cut or wrapped" ]
}

@test "a cut cell printed bare is an error that suggests json, inside data it is not" {
    printf 'ID   Name\n1    WML-Deploy…\n' >cut.txt
    run -4 --separate-stderr "$CPDFLOW" extract table -r -q '[0].Name' cut.txt
    [ "$stderr" = "error[lossy-cell]: 'WML-Deploy…' is not the value: the table cut or replaced it
hint: call the command with --output json and use extract json" ]
    [ -z "$output" ]
    run -0 "$CPDFLOW" extract table -o compact cut.txt
    [ "$output" = '[{"ID":"1","Name":"WML-Deploy…"}]' ]
}

@test "further pages are a warning" {
    run -0 --separate-stderr bash -c \
        'printf "ID   Name\n1    a\nNext token: %s\n" "'"'https://x'"'" | "$CPDFLOW" extract table -o compact'
    [ "$output" = '[{"ID":"1","Name":"a"}]' ]
    [ "$stderr" = "warning[more-pages]: the table ends in \`Next token\`: there are more rows than these
hint: call the command with --all-pages" ]
}

@test "csv: rows, columns, types, separator" {
    printf 'id;name;n\n007;"a;b";1.5\n8;;x\n' >data.csv
    run -0 "$CPDFLOW" extract csv --separator ';' -o compact data.csv
    [ "$output" = '[{"id":"007","name":"a;b","n":1.5},{"id":8,"name":null,"n":"x"}]' ]
    run -0 "$CPDFLOW" extract csv --separator ';' --types text --columns n,id --rows 2: -o compact data.csv
    [ "$output" = '[{"n":"x","id":"8"}]' ]
    run -0 "$CPDFLOW" extract csv --separator ';' --drop name,n -r data.csv
    [ "$output" = '{"id":"007"}
{"id":8}' ]
    run -0 "$CPDFLOW" extract csv --separator ';' --no-header -r -q '[1]' data.csv
    [ "$output" = '007
a;b
1.5' ]
    run -4 "$CPDFLOW" extract csv data.csv
    [ "$output" = "data.csv:1:1: error[invalid-csv]: the header is one column, 'id;name;n'
hint: is the separator ';'?" ]
}

@test "csv: usage errors" {
    run -2 "$CPDFLOW" extract csv --rows 5 </dev/null
    [ "$output" = "error[invalid-rows]: '5' is not a range of rows
hint: write \"1500:\", \":20\" or \"1:100\": one-based, both ends inclusive" ]
    run -2 "$CPDFLOW" extract csv --separator ab </dev/null
    [ "$output" = "error[usage]: option '--separator' wants one character, not 'ab'" ]
}

@test "csv: rows leave while the input is open" {
    mkfifo in out
    "$CPDFLOW" extract csv -r <in >out 3>&- &
    local pid=$! line
    exec 8>in 9<out
    printf 'a,b\n1,"x\n' >&8
    printf 'y"\n2' >&8
    read -r -t 10 line <&9
    [ "$line" = '{"a":1,"b":"x\ny"}' ]
    exec 8>&-
    local status=0
    wait "$pid" || status=$?
    [ "$status" -eq 4 ] # the last row has too few cells
    exec 9<&-
}

@test "csv: every output format, also without rows" {
    printf 'a,b\n1,\n' >one.csv
    run -0 "$CPDFLOW" extract csv one.csv
    [ "$output" = '[
  {
    "a": 1,
    "b": null
  }
]' ]
    run -0 "$CPDFLOW" extract csv -o yaml one.csv
    [ "$output" = '- a: 1
  b: null' ]
    run -0 "$CPDFLOW" extract csv -o csv one.csv one.csv
    [ "$output" = 'a,b
1,
1,' ]
    run -0 "$CPDFLOW" extract csv -o table one.csv
    [ "$output" = 'a   b
1   -' ]
    echo a,b >none.csv
    run -1 "$CPDFLOW" extract csv none.csv
    [ "$output" = '[]' ]
    run -1 "$CPDFLOW" extract csv -o table none.csv
    [ "$output" = 'Nothing to show.' ]
    run -1 "$CPDFLOW" extract csv -r none.csv
    [ -z "$output" ]
}

@test "csv: a file of 200,000 rows passes through little memory" {
    awk 'BEGIN { print "id,name,text"; for (i = 0; i < 200000; i++) print i ",name " i ",some more text to fill the row" }' >big.csv
    # Sanitizers reserve terabytes of addresses; the others must do with 32 MiB of them.
    case $CPDFLOW_BUILD in *address*) limit=unlimited ;; *) limit=32768 ;; esac
    run -0 bash -c 'ulimit -v "$1"; "$CPDFLOW" extract csv -r big.csv | tail -n 1' _ "$limit"
    [ "$output" = '{"id":199999,"name":"name 199999","text":"some more text to fill the row"}' ]
}

@test "lines, text and regex" {
    printf 'run ID: a1\r\nrun ID: b2\n' >log
    run -0 "$CPDFLOW" extract lines -o compact log
    [ "$output" = '["run ID: a1","run ID: b2"]' ]
    run -0 "$CPDFLOW" extract text -o compact log
    [ "$output" = '"run ID: a1\r\nrun ID: b2"' ]
    run -0 "$CPDFLOW" extract regex 'ID: (?<id>\w+)' -q id -r log
    [ "$output" = a1 ]
    run -0 "$CPDFLOW" extract regex 'ID: (?<id>\w+)' --all -r -q '[].id' log
    [ "$output" = 'a1
b2' ]
    run -1 "$CPDFLOW" extract regex 'nothing' log
    [ -z "$output" ]
    run -2 "$CPDFLOW" extract regex '(' log
    [[ "$output" == *"error[invalid-regex]: "* ]]
    run -2 "$CPDFLOW" extract regex
    [ "$output" = "error[usage]: extract regex needs a PATTERN
hint: cpdflow extract --help" ]
}

@test "a pattern that explodes ends with an error, soon" {
    printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' >in
    run -4 timeout 20 "$CPDFLOW" extract regex '^(a+)+$' in
    [[ "$output" == *"error[regex-limit]: "* ]]
}

@test "auto takes what it is" {
    run -0 "$CPDFLOW" extract auto -o compact <<<'{"a": 1}'
    [ "$output" = '{"a":1}' ]
    run -0 "$CPDFLOW" extract auto -o compact <<<'a: 1'
    [ "$output" = '{"a":1}' ]
    run -0 bash -c 'printf "ID   Name\n1    a\n" | "$CPDFLOW" extract auto -o compact'
    [ "$output" = '[{"ID":"1","Name":"a"}]' ]
}

@test "an unknown format names the nearest" {
    run -2 "$CPDFLOW" extract tabel
    [ "$output" = "error[usage]: unknown format 'tabel'
hint: did you mean 'table'?" ]
}

@test "completion scripts: bash runs and offers options, choices and formats" {
    "$CPDFLOW" completion bash >c.bash
    run -0 bash -c 'source ./c.bash
        try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cpdflow; echo "${COMPREPLY[*]}"; }
        try cpdflow extr
        try cpdflow extract tab
        try cpdflow extract --sep
        try cpdflow extract --output = ya
        try cpdflow help ext'
    [ "$output" = 'extract
table
--separator
yaml
extract' ]
    run -0 "$CPDFLOW" completion zsh
    [[ "$output" == "#compdef cpdflow"* ]]
    run -0 "$CPDFLOW" completion fish
    [[ "$output" == *"complete -c cpdflow -n __fish_use_subcommand -f -a extract "* ]]
    run -2 "$CPDFLOW" completion tcsh
    [ "$output" = "error[usage]: unknown shell 'tcsh': use bash, zsh or fish
hint: cpdflow completion --help" ]
}

@test "every captured table is read" {
    outside data/cpdctl/tables
    local table n=0
    # shellcheck disable=SC2154 # set by outside
    for table in "$outside"/*.txt; do
        run -0 "$CPDFLOW" extract auto "$table"
        n=$((n + 1))
    done
    [ "$n" -ge 40 ]
}

@test "every table of the printer behind cpdctl is read" {
    outside data/cpdctl/go-output
    local table
    for table in "$outside"/q*.table; do
        [ "$(wc -l <"$table")" -gt 2 ] || continue # a single cell, or nothing
        run -0 "$CPDFLOW" extract table "$table"
    done
    run -0 "$CPDFLOW" extract table -r -q '[].[multi2, uni, dash, spaces]' "$outside/q02.table"
    [ "$output" = 'line1\n  indented\n\nline4	żółć 维修 😀	- x	  lead and trail' ]
}
