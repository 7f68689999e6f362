# For tests of single commands: `load common`, then `load fakes`. A cpdctl that prints what the test says, and single steps
# of the recipes that are shipped.
# shellcheck disable=SC2154 # top, status and output are from elsewhere
bats_require_minimum_version 1.5.0

# usage: fake_cpdctl <<'END' …   a bash script as cpdctl on PATH; each call is a line of the file `calls`
fake_cpdctl() {
    mkdir -p bin
    {
        printf '#!/bin/bash\nprintf "%%s\\n" "$*" >>%q\n' "$PWD/calls"
        cat
    } >bin/cpdctl
    chmod +x bin/cpdctl
    : >calls
    PATH=$PWD/bin:$PATH
}

# usage: part_of RECIPE STEP…   part.yaml: these steps of the recipe, with the inputs that they name
part_of() {
    local recipe=$1 ids
    shift
    ids=$(printf "'%s', " "$@")
    "$CPDFLOW" extract yaml -o yaml -q "let \$steps = steps[?contains([${ids%, }], id)] in let \$text = to_json(\$steps) in
        {cpdflow: cpdflow, inputs: from_items(items(inputs)[?contains(\$text, join('.', ['inputs', [0]]))]), steps: \$steps}" \
        "$top/recipes/$recipe.yaml" >part.yaml
}

# usage: flow RECIPE [OPTION…]   sets $status and $output, leaves report.json
flow() {
    run timeout -k 5 60 "$CPDFLOW" run --report json=report.json "$@"
    echo "$output"
}

# usage: reported JQ-FILTER   what the report holds
reported() {
    jq -rc "$1" report.json
}

# usage: expression_of RECIPE PATH   an expression of the recipe: "steps[?id == 'space'] | one(@).ensure.find.select"
expression_of() {
    "$CPDFLOW" extract yaml -r -q "$2" "$top/recipes/$1.yaml"
}

# usage: is_silent_about TEXT…   none of them stands in $output or in what the run left
is_silent_about() {
    local text
    for text; do
        [[ "$output" != *"$text"* ]] || { echo "said: $text"; return 1; }
        ! grep -rlF -e "$text" .cpdflow report.json || { echo "the files above hold $text"; return 1; }
    done
}
