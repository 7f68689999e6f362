# cpdflow init: what it writes is clean, fits the schema beside it, and runs.

load common
load standin

@test "init: every template is written, checked without a warning, and fits the schema beside it" {
    local template
    for template in minimal script mlops; do
        run "$CPDFLOW" init --template "$template" "new/$template"
        is 0 "$status"
        says "wrote new/$template/flow.yaml" "cpdflow run new/$template/flow.yaml"
        run "$CPDFLOW" check "new/$template/flow.yaml"
        is 0 "$status"
        [[ "$output" != *warning* && "$output" == *': ok, '* ]]
        is '# yaml-language-server: $schema=cpdflow.schema.json' "$(head -1 "new/$template/flow.yaml")"
        "$CPDFLOW" extract yaml "new/$template/inputs.yaml" >"$template.json" || [ $? -eq 1 ] # {} is nothing
        [ ! -d "$top/tests/tools/node_modules" ] || {
            "$CPDFLOW" extract yaml "new/$template/flow.yaml" >recipe.json
            node "$top/tests/tools/validate.mjs" "new/$template/cpdflow.schema.json" recipe.json
        }
    done
    is '{"url":"https://cpd.example.com"}' "$(jq -c . minimal.json)"
}

@test "init: the first recipe plans and runs against the stand-in, and again without a change" {
    start_standin E01-empty-cluster --scale 0
    cd "$BATS_TEST_TMPDIR/work"
    unset CPD_CONFIG
    "$CPDFLOW" init first >/dev/null
    sed -i "s|^url:.*|url: $url|" first/inputs.yaml
    export CPD_PASSWORD=password
    run "$CPDFLOW" plan first/flow.yaml --inputs first/inputs.yaml
    is 6 "$status"
    says '+ space' '1 to create'
    run "$CPDFLOW" run first/flow.yaml --inputs first/inputs.yaml
    is 0 "$status"
    is '["my-first-space"]' "$(state '[.spaces[].entity.name]')"
    run "$CPDFLOW" run first/flow.yaml --inputs first/inputs.yaml --report json=again.json
    is 0 "$status"
    is '["none"] []' "$(jq -rc '[([.steps[] | select(.id == "space").change] | tojson), (.outputs.models | tojson)] | join(" ")' again.json)"
    run "$CPDFLOW" plan first/flow.yaml --inputs first/inputs.yaml
    is 0 "$status"
    says 'No changes.'
}

@test "init: the script recipe runs anywhere, and its limit makes it unstable" {
    "$CPDFLOW" init -t script >/dev/null
    run "$CPDFLOW" run flow.yaml --inputs inputs.yaml
    is 0 "$status"
    run "$CPDFLOW" run flow.yaml --input 'words=["a b \"c", "no"]'
    is 1 "$status" # not JSON: the script prints its word as it is
    run "$CPDFLOW" run flow.yaml --input 'words=["one", "no"]'
    is 3 "$status"
}

@test "init: a file that is there is never replaced, not even a dangling link" {
    local there
    for there in flow.yaml inputs.yaml cpdflow.schema.json; do
        rm -rf d && mkdir d
        echo mine >"d/$there"
        run "$CPDFLOW" init d
        is 2 "$status"
        says 'file-exists' "$there" 'cpdflow init DIR'
        is "$there mine" "$(ls d) $(cat "d/$there")"
        ln -sf nowhere "d/$there"
        run "$CPDFLOW" init d
        is 2 "$status"
        is "$there" "$(ls d)"
    done
    run "$CPDFLOW" init /dev/null/x
    is 4 "$status"
    run "$CPDFLOW" init --template huge
    is 2 "$status"
    says minimal script mlops
}
