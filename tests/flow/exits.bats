# Failures of cpdctl, and states of what it started, that pipes and command substitutions hid.
# shellcheck disable=SC2016 # $names in expressions
load common
load fakes

# usage: a_failing_cpdctl   every call fails as recorded: FAILED and the reason on standard output
a_failing_cpdctl() {
    fake_cpdctl <<<'printf "...\nFAILED\nToken is expired or invalid\n"; exit 1'
}

# usage: fails_with STEP TEXT…   exit status 1, this step failed, and it says so
fails_with() {
    local step=$1
    shift
    is "1 $step" "$status $(reported '[.steps[] | select(.status == "failed").id] | join(" ")')"
    says "$@"
}

@test "M20: a cpdctl that fails is a failure with its message" {
    fake_cpdctl <<<'echo "Error: dial tcp: lookup zen: no such host" >&2; exit 1'
    part_of mlops space
    flow part.yaml
    fails_with space 'no such host'
    is 'space list --all-pages --output json' "$(cat calls)"
    run -4 bash -c 'set -o pipefail; cpdctl spaces list 2>/dev/null | "$CPDFLOW" extract table -q "length(@)"'
}

@test "M21: a failure is not a count of zero" {
    a_failing_cpdctl
    part_of mlops space
    flow part.yaml
    fails_with space 'Token is expired or invalid'
    run -1 grep create calls
}

@test "M23: an error text that holds the name gives no id" {
    fake_cpdctl <<<'printf "...\nFAILED\nGET https://zen/v2/spaces?name=p-test-space   401\n"; exit 1'
    part_of mlops-cpd30 space
    flow part.yaml
    fails_with space 'https://zen/v2/spaces?name=p-test-space'
    is null "$(reported '.steps[] | select(.id == "space").outputs.id')"
    run -4 bash -c 'cpdctl spaces list | "$CPDFLOW" extract table -r -q "[?contains(values(@)[0], '"'p-test-space'"')]"'
    says 'error['
}

@test "M24: the text of a failure is neither an empty list nor a list, whatever the exit code" {
    local code
    for code in 0 1; do
        fake_cpdctl <<<"printf '...\nFAILED\nToken is expired or invalid\n'; exit $code"
        part_of mlops-cpd30 space
        flow part.yaml
        fails_with space 'Token is expired or invalid'
        run -1 grep create calls
    done
}

@test "M25: lines of a failure are no provider ids" {
    a_failing_cpdctl
    cat >providers.yaml <<'YAML'
cpdflow: 1
steps:
  - id: providers
    cpdctl: [wos, service-providers, list]
    outputs: {ids: "service_providers[*].metadata.id"}
  - id: add
    cpdctl: [wos, subscriptions, add]
    flags: {service-provider-id: "${{ steps.providers.outputs.ids[0] }}"}
YAML
    flow providers.yaml
    fails_with providers 'Token is expired or invalid'
    is 'wos service-providers list --output json' "$(cat calls)"
}

@test "M26: a failed lookup never becomes an argument" {
    a_failing_cpdctl
    cat >run.yaml <<'YAML'
cpdflow: 1
steps:
  - id: monitor
    cpdctl: [wos, monitors, instances, list]
    outputs: {id: "monitor_instances[0].metadata.id"}
  - id: run
    cpdctl: [wos, monitors, runs, add]
    flags: {monitor-instance-id: "${{ steps.monitor.outputs.id }}"}
YAML
    flow run.yaml
    fails_with monitor 'Token is expired or invalid'
    is skipped "$(reported '.steps[] | select(.id == "run").status')"
    run -1 grep 'runs add' calls
}

@test "M27: the message is that of cpdctl, not of a JSON parser" {
    a_failing_cpdctl
    printf 'cpdflow: 1\nsteps:\n  - id: subscriptions\n    cpdctl: [wos, subscriptions, list]\n' >list.yaml
    flow list.yaml
    fails_with subscriptions
    is 'Token is expired or invalid' "$(reported '.steps[].message')"
    is auth "$(reported '.steps[].class')"
}

@test "M28: a cpdctl that is not installed is named, with its own exit code" {
    mkdir empty
    part_of mlops space
    PATH=$PWD/empty run -4 "$(readlink -f "$CPDFLOW")" run --report json=report.json part.yaml
    says "command 'cpdctl' not found: PATH is"
    is spawn "$(reported '.steps[] | select(.id == "space").class')"
}

@test "M42: one failed delete is reported for what it is, the others too" {
    fake_cpdctl <<'SH'
case "$*" in *22222222*) printf 'FAILED\nToken is expired or invalid\n' >&2; exit 1 ;; *) echo OK ;; esac
SH
    cat >delete.yaml <<'YAML'
cpdflow: 1
inputs: {ids: {type: list}}
steps:
  - id: delete
    foreach: ${{ inputs.ids }}
    cpdctl: [spaces, delete]
    flags: {space-id: "${{ item }}"}
    output: none
    continue_on_error: true
YAML
    flow delete.yaml --input ids='["22222222", "33333333"]'
    is 3 "$status"
    is 2 "$(grep -c 'spaces delete --space-id=' calls)"
    is '["--space-id=22222222 1 Token is expired or invalid","--space-id=33333333 0 null"]' \
        "$(reported '[.steps[].attempts[]? | "\(.argv[3]) \(.exit_code) \(.message)"] | sort')"
}

@test "M70: what one step found is there for the next" {
    fake_cpdctl <<<'echo "{\"monitor_instances\": [{\"metadata\": {\"id\": \"cd0ee25e\"}}]}"'
    cat >next.yaml <<'YAML'
cpdflow: 1
steps:
  - id: monitor
    cpdctl: [wos, monitors, instances, list]
    outputs: {id: "one(monitor_instances).metadata.id"}
  - id: say
    run: echo "id=[$ID]"
    env: {ID: "${{ steps.monitor.outputs.id }}"}
    output: text
    outputs: {text: "@"}
YAML
    flow next.yaml
    is 0 "$status"
    is 'id=[cd0ee25e]' "$(reported '.steps[] | select(.id == "say").outputs.text')"
}

@test "M71: an id that is not there is an error before the call" {
    fake_cpdctl <<<'echo "{\"subscriptions\": []}"'
    cat >target.yaml <<'YAML'
cpdflow: 1
steps:
  - id: subscription
    cpdctl: [wos, subscriptions, list]
    outputs: {id: "subscriptions[0].metadata.id"}
  - id: monitor
    cpdctl: [wos, monitors, instances, add]
    flags: {target: {target_id: "${{ steps.subscription.outputs.id }}", target_type: subscription}}
YAML
    flow target.yaml
    is 1 "$status"
    says "path 'subscriptions[0]' does not exist: 'subscriptions' is a list of 0"
    run -1 grep 'instances add' calls
}

# usage: runs_go STATE…   a cpdctl whose `runs add` fails as recorded although the server starts the run; the run then passes
# through these states, one per look
runs_go() {
    printf '%s\n' "$@" >states
    fake_cpdctl <<'SH'
case "$*" in
*"runs list"*)
    [ -e started ] || { echo '{"runs": []}'; exit; }
    state=$(head -n 1 states)
    [ "$(wc -l <states)" -le 1 ] || sed -i 1d states
    jq -n --arg state "$state" '{runs: [{metadata: {id: "r1"}, entity: {status: ({state: $state} + if $state == "error"
        then {failure: {errors: [{code: "AIQFM6003", message: "rows 51 are less than the minimum rows 100"}]}} else {} end)}}]}' ;;
*"runs add"*)
    touch started
    printf 'FAILED\nPost "https://zen/runs": context deadline exceeded (Client.Timeout exceeded while awaiting headers)\n' >&2
    exit 1 ;;
esac
SH
    # The recipe's own step; what it needs from the steps before it is given here.
    part_of mlops-cpd30 evaluation
    cat >head.yaml <<'YAML'
  - {id: monitor, set: {id: "'m1'"}}
  - {id: earlier_runs, set: {ids: "['r0']"}}
YAML
    sed -i '/^steps:/r head.yaml' part.yaml
    flow part.yaml --input poll_every=20ms
}

@test "M72: a run that the server started although the client gave up is waited for" {
    runs_go running finished
    is 0 "$status"
    is r1 "$(reported '.steps[] | select(.id == "evaluation").outputs.id')"
    is 1 "$(grep -c 'runs add' calls)"
}

@test "M73: a run in state error fails with its code" {
    runs_go running error
    fails_with evaluation AIQFM6003 'rows 51 are less than the minimum rows 100'
}

@test "M74: a queued run is waited for until it ends" {
    runs_go queued queued running finished
    is 0 "$status"
    [ "$(grep -c 'runs list' calls)" -ge 5 ]
}
