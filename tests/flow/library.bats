# The library of recipes as a whole: each is clean, explained, recorded, tested and listed.

load common
bats_require_minimum_version 1.5.0

# The recipes of the library: "jobs/dsjob".
recipes() {
    (cd "$top/recipes" && find . -mindepth 2 -name '*.yaml' ! -name '*.test.yaml' ! -path './lib/*' | sed 's|^\./||; s|\.yaml$||' | sort)
}

pieces() {
    (cd "$top/recipes/lib" && find . -name '*.yaml' ! -name '*.test.yaml' | sed 's|^\./||; s|\.yaml$||' | sort)
}

@test "library: no recipe and no piece has an error or a warning" {
    local files
    mapfile -t files < <(recipes | sed "s|^|$top/recipes/|; s|\$|.yaml|")
    run -0 "$CPDFLOW" check --format json "$top"/recipes/lib/*.yaml "${files[@]}"
    [ "${#files[@]}" -ge 12 ]
    [[ "$output" != *'"warning"'* ]] || { echo "$output"; return 1; }
}

@test "library: each recipe has a fixture, the cluster it was recorded against, a test, and a line in the index" {
    local name missing=
    for name in $(recipes); do
        [ -f "$top/fixtures/$name/tape.yaml" ] || missing+="$name: no fixture"$'\n'
        [ -f "$top/tests/standin/library/$name/scenario.json" ] || missing+="$name: no scenario"$'\n'
        [ -f "$top/tests/standin/library/$name/inputs.json" ] || missing+="$name: no inputs"$'\n'
        grep -qxF "recipe=$name" "$top"/tests/flow/recipe-*.bats || missing+="$name: no test"$'\n'
        [ -f "$top/recipes/$name.test.yaml" ] || missing+="$name: no cases"$'\n'
        grep -qF "\`$name.yaml\`" "$top/recipes/README.md" || missing+="$name: not in the index"$'\n'
    done
    is '' "$missing"
}

@test "library: each piece is used by a recipe and listed" {
    local name missing=
    for name in $(pieces); do
        grep -qE "use: (\.\./lib/)?$name\.yaml" "$top"/recipes/*/*.yaml || missing+="$name: not used"$'\n'
        grep -qF "\`$name\`" "$top/recipes/README.md" || missing+="$name: not in the index"$'\n'
    done
    is '' "$missing"
}

@test "library: every recipe says what it is for, and every input what it means" {
    local file silent=
    for file in $( (recipes; pieces | sed 's|^|lib/|') | sed "s|^|$top/recipes/|; s|\$|.yaml|"); do
        [[ "$(sed -n 2p "$file")" = '# '* ]] || silent+="$file: no comment on top"$'\n'
        silent+=$("$CPDFLOW" extract yaml -q "description || 'none'" "$file" | grep -x '"none"' || true)
        silent+=$("$CPDFLOW" extract yaml -q "items(inputs)[?![1].description][0]" "$file" | tr -d ' \n[]')
    done
    is '' "$silent"
}

@test "library: no password of a cluster, no address of one, no name of a tape's recorder in a fixture" {
    run ! grep -rlE 'correct-horse-battery|127\.0\.0\.1:[0-9]|[^}]/tmp/' "$top/fixtures/jobs" "$top/fixtures/lib" "$top/fixtures/models" \
        "$top/fixtures/monitoring" "$top/fixtures/openshift" "$top/fixtures/projects"
}

@test "library: the cases beside the recipes hold" {
    run -0 "$CPDFLOW" test --seed 1 "$top"/recipes/{jobs,lib,models,monitoring,openshift,projects}
    says ' passed, 0 failed'
}
