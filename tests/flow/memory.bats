# Every allocation of the layers that read data fails once: the program says so and ends with 4, or does its work all the
# same; it never crashes, hangs or answers wrongly.

load common
load fault

setup() {
    fresh_folder
    needs_fault
    echo '{"a": [1, 2.50, {"b": "x\u00e9"}], "c": null}' >a.json
    printf 'a:\n  - 1\n  - {b: x}\nc: |\n  text\nd: &x [1]\ne: *x\n' >a.yaml
    printf 'id,name\r\n1,"x, y"\r\n2,z\r\n' >a.csv
    printf '...\nID     Name   \n1      x      \n2      yy     \n' >a.txt
}

# usage: every_allocation_fails COMMAND [ARGUMENT...]
every_allocation_fails() {
    local n=0 i points right out
    right=$("$plain" "$@" 2>/dev/null)
    faulted malloc "$plain" "$@" >/dev/null 2>&1
    points=$(fault_calls)
    [ "$points" -gt 5 ]
    for ((i = 1; i <= points; i++)); do
        faulted "malloc@$i=ENOMEM" "$plain" "$@" >out 2>errors
        out=$(cat out)
        if [ "$fault_status" -eq 0 ]; then
            [ "$out" = "$right" ] || { echo "allocation $i: a wrong answer: $out"; return 1; }
        elif [ "$fault_status" -ne 4 ]; then
            echo "allocation $i of $points: status $fault_status: $(cat errors)"
            return 1
        else
            n=$((n + 1))
        fi
    done
    [ "$n" -gt 0 ]
}

@test "E2: expressions, allocation by allocation" {
    every_allocation_fails eval 'sort_by(a[?b], &b)[0].b' a.json
    every_allocation_fails eval 'let $x = a in {n: length($x), s: join(`", "`, [to_string(c)])}' a.json
    every_allocation_fails eval -n "matches('aa', 'a+') && replace_regex('a', 'a', 'b')"
}

@test "E2: JSON, YAML, CSV, tables and regular expressions, allocation by allocation" {
    every_allocation_fails extract json -q 'a[2].b' a.json
    every_allocation_fails extract yaml --output yaml a.yaml
    every_allocation_fails extract csv --output table a.csv
    every_allocation_fails extract table -q '[0].Name' a.txt
    every_allocation_fails extract regex '(?<id>\d+) +(?<name>\w+)' a.txt
}

@test "E2: templates and a recipe, allocation by allocation" {
    cat >flow.yaml <<'END'
cpdflow: 1
inputs: {name: {type: string, default: x}}
steps:
  - id: a
    cmd: [echo, "n=${{ inputs.name }}", {json: {k: "${{ inputs.name }}"}}]
    outputs: {id: "@"}
    expect: [{that: "matches(@, '^n')", message: no}]
END
    every_allocation_fails check flow.yaml
}
