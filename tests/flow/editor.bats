# What an editor knows of recipes and of their tests: the schemas in recipes/, found by a first line, as npm's
# yaml-language-server uses them.
load common
bats_require_minimum_version 1.5.0

# usage: editor ARGUMENT...   what the language server says, in $output
editor() {
    run -0 timeout 120 node "$top/tests/tools/lsp.mjs" "$@"
}

server_is_here() {
    [ -d "$top/tests/tools/node_modules/yaml-language-server" ] || skip "npm's yaml-language-server is not installed"
}

@test "the schemas in recipes/ are what cpdflow prints" {
    "$CPDFLOW" schema | diff "$top/recipes/cpdflow.schema.json" - || { echo "make schema writes it anew"; return 1; }
    "$CPDFLOW" schema test | diff "$top/recipes/cpdflow-test.schema.json" - || { echo "make schema writes it anew"; return 1; }
}

@test "the first line of every recipe and of every test names its schema" {
    cd "$top/recipes"
    local file up schema wrong=
    while read -r file; do
        up=${file//[^\/]/}
        schema=cpdflow.schema.json
        [[ "$file" != *.test.yaml ]] || schema=cpdflow-test.schema.json
        [ "$(head -1 "$file")" = "# yaml-language-server: \$schema=${up//\//../}$schema" ] || wrong+="$file"$'\n'
    done < <(find . -name '*.yaml' -printf '%P\n')
    is '' "$wrong"
}

@test "a language server has nothing against any of them" {
    server_is_here
    cd "$top"
    local files
    mapfile -t files < <(find recipes -name '*.yaml' | sort)
    [ "${#files[@]}" -ge 40 ]
    editor "${files[@]}"
    is '' "$output"
}

@test "it marks what is wrong, in its line" {
    server_is_here
    "$CPDFLOW" init . >/dev/null
    cat >broken.yaml <<'YAML'
# yaml-language-server: $schema=cpdflow.schema.json
cpdflow: 1
inputs:
  stage: {type: text}
steps:
  - id: not-a-name
    cmd: [date]
    timout: 5s
  - cmd: [date]
    retry:
      attempts: three
  - cmd: [date]
    timeout: 5
  - cmd: [date]
    run: date
  - name: nothing
YAML
    editor flow.yaml broken.yaml
    says 'broken.yaml:4:17: Value is not accepted. Valid values: "string", "number", ' \
        'broken.yaml:8:5: Property timout is not allowed.' 'broken.yaml:11:17: '
    for line in 6 13 14 16; do
        grep -q "^broken.yaml:$line:" <<<"$output" || { echo "nothing in line $line: $output"; return 1; }
    done
    [[ "$output" != *flow.yaml:* ]]
}

@test "it marks what is wrong in a test, by the schema of tests" {
    server_is_here
    "$CPDFLOW" schema test >cpdflow-test.schema.json
    cat >broken.test.yaml <<'YAML'
# yaml-language-server: $schema=cpdflow-test.schema.json
cpdflow_test: 1
cases:
  - name: a
    expect: {status: good}
    answer: []
YAML
    editor broken.test.yaml
    says broken.test.yaml:5:22: 'broken.test.yaml:6:5: Property answer is not allowed.'
}

@test "it completes keys and words, and shows what they mean" {
    server_is_here
    "$CPDFLOW" init . >/dev/null
    cat >new.yaml <<'YAML'
# yaml-language-server: $schema=cpdflow.schema.json
cpdflow: 1
steps:
  - cmd: [date]
    
  - cmd: [date]
    retry: {attempts: 3}
    shell: 
YAML
    editor --complete new.yaml:5:5
    for key in id needs if foreach retry wait timeout outputs expect cleanup env output; do
        grep -qx "$key" <<<"$output" || { echo "$key is not offered: $output"; return 1; }
    done
    ! grep -qx cmd <<<"$output" || false
    editor --complete new.yaml:8:12
    is 'bash sh' "$(sort <<<"$output" | paste -sd ' ')"
    editor --hover new.yaml:7:6 --hover new.yaml:7:14
    says "$("$CPDFLOW" explain step.retry | sed -n '2s/^  \(.*\)\.$/\1/p')" "How often the step is tried in all"
}
