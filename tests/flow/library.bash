# For the tests of recipes/: `load common`, `load standin`, `load library`. One recipe per file; the
# file sets $recipe ("jobs/run-job"). The cluster that it begins with and its inputs are those that
# its fixture was recorded with: tests/standin/library/.
# shellcheck disable=SC2154 # top, url, recipe, status and output are from elsewhere

# usage: cluster [JQ-FILTER]   a stand-in cluster with the scenario of the recipe, changed by the filter
cluster() {
    stop_standin
    # A password that is no English word: it is replaced by *** wherever it stands.
    export CPD_PASSWORD='tr0ub4dor&3 "x'
    jq --arg password "$CPD_PASSWORD" ".options.password = \$password | ${1:-.}" \
        "$top/tests/standin/library/$recipe/scenario.json" >case.json
    start_standin "$PWD/case.json" --scale "${scale:-0.002}"
    prepare
}

# The files that the recipe reads.
prepare() {
    local script=$top/tests/standin/library/$recipe/prepare.sh
    [ ! -f "$script" ] || sh "$script" "${url:-}"
}

# usage: carry_out [CPDFLOW-OPTION...]   one run of the recipe; sets $status and $output. Whatever
# comes of it, no secret may stand in the output or in what the run left.
carry_out() {
    local address=()
    ! grep -q '^  url: {type' "$top/recipes/$recipe.yaml" || address=(--input url="$url")
    run timeout -k 5 60 "$CPDFLOW" run "$top/recipes/$recipe.yaml" "${address[@]}" \
        --inputs "$top/tests/standin/library/$recipe/inputs.json" --input poll_every=20ms --input wait_timeout=10s \
        --state-dir state --report json=report.json "$@"
    echo "$output"
    curl -sS "$url/standin/state" >cluster.json
    local token
    for token in "${CPD_PASSWORD%%&*}" $(state '.tokens[]'); do
        hides "$token"
    done
}

hides() {
    [[ "$output" != *"$1"* ]] || { echo "the output tells $1"; return 1; }
    ! grep -rlF -e "$1" state report.json || { echo "the files above hold $1"; return 1; }
}

# usage: state JQ-FILTER   of the cluster at the end of the last run
state() {
    jq -rc "$1" cluster.json
}

# usage: reports JQ-FILTER   of the report of the last run
reports() {
    jq -rc "$1" report.json
}

# usage: writes   the changing calls so far, one a line
writes() {
    calls '.[] | select(.effect == "write").call'
}

# usage: changes_nothing CPDFLOW-OPTION...   a run that succeeds without one changing call
changes_nothing() {
    local before
    before=$(writes)
    carry_out "$@"
    is 0 "$status"
    is "$before" "$(writes)"
}

# usage: fails STATUS CLASS TEXT...   the run ended so, the first failed step has this class, and the
# output says all texts
fails() {
    is "$1" "$status"
    is "$2" "$(reports '[.steps[] | select(.status == "failed" and .class).class][0]')"
    shift 2
    says "$@"
}

# usage: replays [CPDFLOW-OPTION...]   the recipe from its fixture, without any cluster
replays() {
    local address=()
    ! grep -q '^  url: {type' "$top/recipes/$recipe.yaml" || address=(--input url=https://cpd.example.com)
    prepare
    CPD_PASSWORD=no-such-password run -0 timeout -k 5 60 "$CPDFLOW" run "$top/recipes/$recipe.yaml" \
        --replay "$top/fixtures/$recipe" --state-dir replayed --report json=replayed.json \
        --inputs "$top/tests/standin/library/$recipe/inputs.json" "${address[@]}" "$@"
    is success "$(jq -r .verdict replayed.json)"
}
