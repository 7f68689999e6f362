# cpdflow explain and cpdflow schema: every kind that the sources use is explained, the schema knows what
# the loader knows.
load common

bats_require_minimum_version 1.5.0

@test "a kind: what is wrong and what to do" {
    run -0 --separate-stderr "$CPDFLOW" explain later-step
    [ "$output" = "later-step: a kind of error or warning
  A step uses or needs one that runs after it.
  Move that one up, or say with \`needs\` what it really waits for." ]
    [ -z "$stderr" ]
}

@test "a word that is several things is explained as each" {
    run -0 "$CPDFLOW" explain timeout
    [[ "$output" == *"timeout: an error class"*"timeout: a key of a recipe"*"timeout: a key of a wait"* ]]
    run -0 "$CPDFLOW" explain wait.timeout
    [ "$output" = "timeout: a key of a wait
  The deadline of the whole wait; 10m unless given.
  Takes a duration such as 30s or 1h30m." ]
}

@test "a choice lists its words, a function its signature" {
    run -0 "$CPDFLOW" explain ensure.duplicates one
    [ "$output" = "duplicates: a key of ensure
  What to do when several were found; error unless given.
  Takes error, keep_oldest, keep_newest or first.

one: a function of expressions
  one(array \$list)
  The only element; an error when there are none or several." ]
}

@test "a step of a recipe: when, what, how long" {
    cat >r.yaml <<'Y'
cpdflow: 1
steps:
  - id: space
    name: The space
    ensure:
      find: {cpdctl: [space, list], select: resources}
      create: {cpdctl: [space, create], flags: {name: a}}
      ready: {until: "state == 'active'", timeout: 3m}
    outputs: {id: metadata.id}
  - id: models
    if: succeeded()
    cpdctl: [ml, model, list, --space-id, "${{ steps.space.outputs.id }}"]
    timeout: 1m
    cleanup: [{id: undo, cmd: [date]}]
Y
    run -0 "$CPDFLOW" explain r.yaml:space r.yaml:models
    is "space: a step of r, r.yaml:3: The space
  runs at once
  finds it by: cpdctl space list (changes nothing)
  creates it by: cpdctl space create --name
  waits until: state == 'active'
  waits at most: 3m
  output id: metadata.id
models: a step of r, r.yaml:10
  runs after: space
  only if: succeeded()
  calls: cpdctl ml model list --space-id \${{ steps.space.outputs.id }} (changes nothing)
  each attempt at most: 1m
  undone by: undo" "$output"
    run -2 "$CPDFLOW" explain r.yaml:modles
    says "error[undefined-step]: r.yaml has no step 'modles'"
    run -2 "$CPDFLOW" explain gone.yaml:a
    says "gone.yaml is no recipe without errors"
}

@test "a command of cpdctl: its flags" {
    run -0 "$CPDFLOW" explain 'job run wait'
    says "job run wait: a command of cpdctl, changes nothing" "  --run-id: text, required unless --run is given"
    run -0 "$CPDFLOW" explain 'job run create'
    says "With --async it only starts; \`job run wait\` waits for it." "--job-run: json"
}

@test "an unknown word names the nearest" {
    run -2 "$CPDFLOW" explain latr-step
    [ "$output" = "error[usage]: 'latr-step' is no kind, key, class or function
hint: did you mean 'cpdflow explain later-step'?" ]
}

# Kinds are the first text of the calls that make errors; those without a hyphen cannot be told from
# other words here.
kinds_of_the_sources() {
    cat "$top"/src/*/*.c | tr '\n' ' ' |
        grep -oE '(err_v?set|err_errno|diag_(error|warning)(_at)?|link_ref_error|run_notice|session_note|[a-z_]*fail)\([^";]*"[a-z]+(-[a-z]+)+"|\{"[a-z]+(-[a-z]+)+", LINT_|\[LEFT_[A-Z_]+\] = +\{"[a-z]+(-[a-z]+)+"' |
        grep -oE '"[a-z-]+"' | tr -d '"' | sort -u
}

@test "every kind of the sources is explained" {
    local kind n=0
    for kind in $(kinds_of_the_sources); do
        "$CPDFLOW" explain "$kind" >/dev/null || return
        n=$((n + 1))
    done
    [ "$n" -gt 80 ]
}

@test "no kind is explained that the sources do not have" {
    local sources kind
    sources=$(find "$top/src" -name '*.c' ! -name kinds.c -exec cat {} +)
    while read -r kind; do
        [[ "$sources" == *"\"$kind\""* ]] || { echo "$kind"; return 1; }
    done < <(sed -n 's/^ *{"\([a-z-]*\)".*/\1/p' "$top/src/cli/kinds.c")
}

@test "the schema takes every recipe of the repository" {
    command -v node >/dev/null || skip "no node here"
    [ -d "$top/tests/tools/node_modules" ] || skip "the tools from npm are not installed"
    "$CPDFLOW" schema >schema.json
    local recipe
    for recipe in "$top"/recipes/*.yaml "$top"/recipes/*/*.yaml; do
        [[ "$recipe" != *.test.yaml ]] || continue # they have a schema of their own
        "$CPDFLOW" extract yaml "$recipe" >recipe.json
        node "$top/tests/tools/validate.mjs" schema.json recipe.json
    done
}

# usage: refuses PATH TEXT   the recipe with this text breaks the schema at PATH
refuses() {
    printf '%s\n' "$2" >recipe.yaml
    "$CPDFLOW" extract yaml recipe.yaml >recipe.json
    run node "$top/tests/tools/validate.mjs" schema.json recipe.json
    [ "$status" -eq 1 ] && [[ "$output" == *"recipe.json: $1 "* ]] || { echo "$2: $output"; return 1; }
}

@test "the schema refuses what the loader refuses" {
    command -v node >/dev/null || skip "no node here"
    [ -d "$top/tests/tools/node_modules" ] || skip "the tools from npm are not installed"
    "$CPDFLOW" schema >schema.json
    local head=$'cpdflow: 1\nsteps:\n'
    refuses / 'steps: [{cmd: [date]}]'
    refuses /cpdflow $'cpdflow: 2\nsteps: [{cmd: [date]}]'
    refuses /steps/0 "$head  - {id: a}"
    refuses /steps/0 "$head  - {cmd: [date], when: x}"
    refuses /steps/0 "$head  - {cmd: [date], run: date}"
    refuses /steps/0/id "$head  - {cmd: [date], id: a-b}"
    refuses /steps/0/timeout "$head  - {cmd: [date], timeout: 10}"
    refuses /steps/0/limits/memory "$head  - {cmd: [date], limits: {memory: lots}}"
    refuses /steps/0/retry/attempts "$head  - {cmd: [date], retry: {attempts: 0}}"
    refuses /steps/0/retry/on "$head  - {cmd: [date], retry: {on: [transent]}}"
    refuses /steps/0/expect "$head  - {cmd: [date], expect: {severity: bad}}"
    refuses /steps/0/ensure "$head  - {ensure: {create: {cmd: [date]}}}"
    refuses /steps/0/ensure/find "$head  - {ensure: {find: {cmd: [date], run: date}}}"
    refuses /inputs/a/type $'cpdflow: 1\ninputs: {a: {type: text}}\nsteps: [{cmd: [date]}]'
}

@test "what the schema refuses the loader refuses, in a recipe with every field" {
    command -v node >/dev/null || skip "no node here"
    [ -d "$top/tests/tools/node_modules" ] || skip "the tools from npm are not installed"
    "$CPDFLOW" schema >schema.json
    cp "$top/tests/data/schema/every-field.yaml" .
    printf 'catalogue 1\nprogram tool\ncreate: open\n' >tool.catalogue
    printf 'cpdflow: 1\ninputs: {a: {}}\nsteps: [{cmd: [echo, "${{ inputs.a }}"]}]\n' >used.yaml
    run -0 "$CPDFLOW" check every-field.yaml
    is "every-field.yaml: ok, 22 steps" "$output"
    "$CPDFLOW" extract yaml every-field.yaml >recipe.json
    run -0 node "$top/tests/tools/broken.mjs" "$CPDFLOW" schema.json recipe.json . "${BROKEN_EVERY:-7}"
    [ "$output" -gt 200 ]
}
