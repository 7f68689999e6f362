# cpdflow check: what it says in each format, exit codes, several recipes. The words of single errors
# are in tests/data/recipe-errors.
load common

bats_require_minimum_version 1.5.0

good() {
    printf 'cpdflow: 1\nsteps: [{cmd: [date]}, {cmd: [date]}]\n' >"$1"
}

# One error with a hint, one warning, and characters that formats must escape.
bad() {
    cat >"$1" <<'EOF'
cpdflow: 1
steps:
  - cmd: [date]
    reads: yes
    timout: "50%, \u00e9"
EOF
}

@test "a good recipe: one line, status 0" {
    good a.yaml
    run -0 --separate-stderr "$CPDFLOW" check a.yaml
    [ "$output" = "a.yaml: ok, 2 steps" ]
    [ -z "$stderr" ]
}

@test "errors: all of them on standard output, a count, status 2" {
    bad b.yaml
    run -2 --separate-stderr "$CPDFLOW" check b.yaml
    [ "$output" = "b.yaml:4:12: warning[ambiguous-boolean]: 'yes' is a text in YAML 1.2; it is taken as true here
      reads: yes
             ^
hint: write true
b.yaml:5:5: error[unknown-key]: unknown key 'timout' in a step
      timout: \"50%, \\u00e9\"
      ^
hint: did you mean 'timeout'?
1 error, 1 warning" ]
    [ -z "$stderr" ]
}

@test "warnings alone are no failure" {
    printf 'cpdflow: 1\ninputs: {a: {}}\nsteps: [{cmd: [date]}]\n' >a.yaml
    run -0 "$CPDFLOW" check a.yaml
    [[ "$output" == *"warning[unused-input]"*"a.yaml: ok, 1 step"$'\n'"0 errors, 1 warning" ]]
}

@test "several recipes: each is checked, one error is enough for status 2" {
    good a.yaml
    bad b.yaml
    run -2 "$CPDFLOW" check a.yaml b.yaml absent.yaml
    [[ "$output" == *"a.yaml: ok, 2 steps"* ]]
    [[ "$output" == *"b.yaml:5:5: error[unknown-key]"* ]]
    [[ "$output" == *"error[file-not-found]"*"absent.yaml"* ]]
    [[ "$output" == *"2 errors, 1 warning" ]]
}

@test "json: diagnostics and recipes" {
    good a.yaml
    bad b.yaml
    run -2 "$CPDFLOW" check --format=json b.yaml a.yaml
    [ "$("$CPDFLOW" eval -o compact '[errors, warnings, recipes[].ok, recipes[1].steps]' <<<"$output")" = '[1,1,[false,true],2]' ]
    [ "$("$CPDFLOW" eval -o compact 'diagnostics[1]' <<<"$output")" = \
        '{"file":"b.yaml","line":5,"column":5,"severity":"error","kind":"unknown-key","message":"unknown key '"'timout'"' in a step","hint":"did you mean '"'timeout'"'?","source":"    timout: \"50%, \\u00e9\""}' ]
    [ "$("$CPDFLOW" eval -r 'recipes[1].digest' <<<"$output")" = "$(sha256sum a.yaml | cut -d' ' -f1)" ]
}

@test "sarif: one result a finding, rules once, paths as URIs" {
    bad "b c.yaml"
    run -2 "$CPDFLOW" check --format=sarif "b c.yaml"
    [ "$("$CPDFLOW" eval -o compact '[version, runs[0].tool.driver.rules[].id]' <<<"$output")" = '["2.1.0",["ambiguous-boolean","unknown-key"]]' ]
    [ "$("$CPDFLOW" eval -o compact 'runs[0].results[1]' <<<"$output")" = \
        '{"ruleId":"unknown-key","ruleIndex":1,"level":"error","message":{"text":"unknown key '"'timout'"' in a step\nhint: did you mean '"'timeout'"'?"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"b%20c.yaml"},"region":{"startLine":5,"startColumn":5},"contextRegion":{"startLine":5,"snippet":{"text":"    timout: \"50%, \\u00e9\""}}}}]}' ]
}

# usage: unpack_broken   every recipe of tests/data/recipe-errors, each in a folder of its own below broken/
unpack_broken() {
    cat "$top"/tests/data/recipe-errors/*.test | awk '
        /^=== / { dir = "broken/" ++n; system("mkdir -p " dir "/lib"); file = ""; next }
        /^--- expect/ { file = ""; next }
        /^--- / { file = dir "/" $2; printf "" >file; next }
        file { print >file }'
}

validator=$top/tests/tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool

# usage: sarif_findings FILE...   what Microsoft's validator, which holds the standard's schema, has against the
# logs, notes left out; that of a missing page about the program is known: it has none
sarif_findings() {
    [ -x "$validator" ] || chmod u+x "$validator"
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$validator" validate "$@" --rule-kind "Sarif;Ghas" >findings ||
        { cat findings && return 1; }
    grep -qx "Done. $# files scanned." findings
    grep -E ': (error|warning) [A-Z]+[0-9]+:' findings | grep -v ' SARIF2005: ' || true
}

@test "sarif: what is found in hundreds of broken recipes is valid 2.1.0, by the schema and the validator" {
    [ -f "$validator" ] || skip "npm's @microsoft/sarif-multitool-linux is not installed"
    unpack_broken
    printf 'cpdflow: 1\nsteps: [{cmd: [date], if: \xff\xfe}]\n' >broken/bytes.yaml
    printf 'cpdflow: 1\nsteps: [{cmd: [d\u00e4te], \u20acf: 1}]\n' >broken/letters.yaml
    good good.yaml
    run -2 "$CPDFLOW" check --format=sarif broken/*.yaml broken/*/recipe.yaml
    echo "$output" >all.sarif
    [ "$("$CPDFLOW" eval 'length(runs[0].results) > `150` && length(runs[0].tool.driver.rules) > `60`' all.sarif)" = true ]
    "$CPDFLOW" check --format=sarif good.yaml >good.sarif
    is '' "$(sarif_findings all.sarif good.sarif)"
    run -2 "$CPDFLOW" check --format=sarif absent.yaml
    echo "$output" >absent.sarif
    [[ "$(sarif_findings absent.sarif)" == *" SARIF2017: "*"'region' property is absent"* ]]
    sed 's/"startLine"/"startline"/' all.sarif >wrong.sarif
    [[ "$(sarif_findings wrong.sarif)" == *"error JSON1005: "*"startline"* ]]
}

@test "github: one annotation a finding, escaped" {
    bad "a,b:c.yaml"
    run -2 "$CPDFLOW" check --format=github "a,b:c.yaml"
    [ "$output" = "::warning title=ambiguous-boolean,file=a%2Cb%3Ac.yaml,line=4,col=12::'yes' is a text in YAML 1.2; it is taken as true here%0Ahint: write true
::error title=unknown-key,file=a%2Cb%3Ac.yaml,line=5,col=5::unknown key 'timout' in a step%0Ahint: did you mean 'timeout'?" ]
}

@test "warnings-ng: issues as the plugin reads them" {
    bad b.yaml
    run -2 "$CPDFLOW" check --format=warnings-ng b.yaml
    [ "$("$CPDFLOW" eval -o compact '[size, issues[1]]' <<<"$output")" = \
        '[2,{"fileName":"b.yaml","lineStart":5,"columnStart":5,"severity":"ERROR","type":"unknown-key","message":"unknown key '"'timout'"' in a step","description":"did you mean '"'timeout'"'?"}]' ]
}

@test "a recipe reads nothing but recipes: no inputs, no environment, no files of its steps" {
    cat >a.yaml <<'EOF'
cpdflow: 1
inputs: {a: {env: NOT_SET}, f: {type: file}}
steps: [{cmd: [cat, "${{ inputs.a }}", "${{ inputs.f }}"]}, {read: {file: absent.json}}]
EOF
    run -0 env -i "$CPDFLOW" check a.yaml
    [ "$output" = "a.yaml: ok, 2 steps" ]
}

@test "the recipes of the repository are sound" {
    run -0 "$CPDFLOW" check "$top"/recipes/*.yaml
    [[ "$output" != *error* ]]
}

@test "a chain of 1,000 steps is checked in a moment" {
    {
        echo 'cpdflow: 1'
        echo 'steps:'
        echo '  - {id: s0, cmd: [date]}'
        for i in {1..999}; do
            echo "  - {id: s$i, cmd: [echo, \"\${{ steps.s$((i - 1)).stdout }}\"]}"
        done
    } >long.yaml
    run -0 timeout 5 "$CPDFLOW" check long.yaml
    [ "$output" = "long.yaml: ok, 1000 steps" ]
}
