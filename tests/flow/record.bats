# `cpdflow record --from`: what people recorded becomes cassettes.
# shellcheck disable=SC2154 # outside is from common.bash

bats_require_minimum_version 1.5.0
load common

data=$BATS_TEST_DIRNAME/../data/transcripts

# usage: calls   argv of each call of tape/, one a line
calls() {
    "$CPDFLOW" extract yaml tape/tape.yaml | jq -c '.calls[].argv'
}

# usage: left   line and reason of each command that was left out
left() {
    jq -r '.left_out[] | "\(.line) \(.reason)"' <<<"$output"
}

@test "record: a terminal log: prompts, lines that go on, exit codes, and what is left out with its place" {
    run -0 --separate-stderr "$CPDFLOW" record --from "$data/session.log" -o tape --output json
    is '["cpdctl","project","list","--output","json"]
["cpdctl","space","create","--name","my space","--password","***"]
["cpdctl","project","get","--project-id","{{any}}","--note","costs $5"]
["cpdctl","dsjob","get-job","--name","x"]
["cpdctl","space","delete","--space-id","1"]' "$(calls)"
    is '13 piped-output
15 captured-output
24 redirected-output
25 shared-output
27 repeated-command
29 shell-expansion
31 cut-output
35 unreadable-command' "$(left)"
    is '0 assumed 0 assumed 1 told 3 told 7 recorded' \
        "$(jq -r '[.calls[] | "\(.exit) \(.exit_from)"] | join(" ")' <<<"$output")"
    is '1 transcript' "$(jq -r '"\(.n_other_programs) \(.form)"' <<<"$output")"
    is 'token for ***' "$(cat tape/line-5-1.stdout)"
    [[ "$output" != *tr0ub4dor3* ]]
    grep -q 'CPD_PROFILE: qa' tape/tape.yaml
    run ! grep -r tr0ub4dor3 tape
}

@test "record: a notebook: cells that say what a command printed, and why others do not" {
    run -0 --separate-stderr "$CPDFLOW" record --from "$data/cells.ipynb" -o tape --output json
    is '["cpdctl","asset","create","--body","{{any}}","--id","{{any}}","--name","{{any}}"]
["cpdctl","config","user","set","a","--username","me"]
["cpdctl","config","profile","use","a"]
["cpdctl","space","list","--name","{{any}}","--where","{a}"]' "$(calls)"
    is '11 captured-output
16 shared-output
16 shared-output
19 repeated-command
22 mixed-output
24 not-run
32 shell-expansion' "$(left)"
    is "$(printf 'one\r\ntwo')" "$(cat tape/cell-2-1.stdout)"
    is warning "$(cat tape/cell-2-1.stderr)"
    is 'from bash' "$(cat tape/cell-9-1.stdout)"
}

@test "record: the summary for people" {
    run -0 --separate-stderr "$CPDFLOW" record --from "$data/session.log" -o tape
    says "tape: 5 calls from $data/session.log (transcript), 1 with {{any}} for variables" \
        'exit codes: 1 recorded, 2 told by the output, 2 taken as 0' \
        '1 command of other programs not looked at (--program takes more)' '8 commands left out:' \
        "  $data/session.log:13: piped-output: cpdctl project list | jq ." \
        'piped-output (1): the output is that of a pipe, not its own'
    run -0 "$CPDFLOW" record --from "$data/session.log" -o tape -p cd
    says 'tape: 6 calls'
    cp tape/tape.yaml first.yaml
    run -0 "$CPDFLOW" record --from "$data/session.log" -o tape -p cd
    cmp tape/tape.yaml first.yaml
}

@test "record: what is none of these forms is refused with its place" {
    printf '+ cpdctl space list\nx\n' >trace.log
    run -2 "$CPDFLOW" record --from trace.log -o tape
    says 'trace.log:1:1: error[invalid-transcript]: no command stands behind a prompt' 'lines of set -x'
    echo '{"nbformat": 3, "worksheets": []}' >old.ipynb
    run -2 "$CPDFLOW" record --from old.ipynb -o tape
    says 'old.ipynb:1:1: error[invalid-transcript]: the notebook has not the form of nbformat 4' nbconvert
    echo '{"a": ' >cut.json
    run -2 "$CPDFLOW" record --from cut.json -o tape
    says 'cut.json:2:1: error[invalid-json]'
    echo '[{"command": "cpdctl x", "stdout": 7}]' >typed.json
    run -2 "$CPDFLOW" record --from typed.json -o tape
    says "typed.json: record 1: 'stdout' is no text"
    echo '$ ls' >other.log
    run -1 "$CPDFLOW" record --from other.log -o tape
    says 'error[nothing-recorded]'
    [ ! -e tape ]
    mkdir full && touch full/mine
    run -2 "$CPDFLOW" record --from "$data/session.log" -o full
    says 'error[not-a-tape]'
    run -2 "$CPDFLOW" record --from "$data/session.log"
    says 'record needs --from FILE and --to DIR'
}

# Of every recording: which calls there are, run as a script would, and what the recording has for them.
@test "record: every recording there is, and the shim gives back each byte of it" {
    outside data/cpdctl/recordings
    local file name n=0 n_files=0
    for file in "$outside"/*.json; do
        name=$(basename "$file" .json)
        [ "$name" != index ] || continue
        n_files=$((n_files + 1))
        "$CPDFLOW" record --from "$file" -o "$name" --output json >made.json 2>errors || {
            # Three pages of documentation hold commands and prose, and no output.
            grep -q nothing-recorded errors
            case $name in *sequencer | *dsjob.5.3.1 | md__IBM_cpdctl__README) continue ;; esac
            return 1
        }
        check_form "$name"
        serve "$name" "$file"
        n=$((n + $(wc -l <wanted)))
        diff wanted served
    done
    [ "$n_files" -lt 26 ] || [ "$n" -ge 415 ]
}

# usage: check_form TAPE
check_form() {
    "$CPDFLOW" extract yaml "$1/tape.yaml" >tape.json
    [ ! -d "$top/tests/tools/node_modules" ] ||
        node "$top/tests/tools/validate.mjs" "$top/src/replay/tape.schema.json" tape.json
}

# usage: serve TAPE RECORDING   each call in its order; `wanted` and `served` get a line each: exit code and bytes
serve() {
    jq -r --slurpfile made made.json '
        [to_entries[] | {key: (if .value.cell then "cell-\(.value.cell)" else "record-\(.key + 1)" end), value: .value.stdout}]
        | from_entries as $out
        | $made[0].calls[] | "\(.exit) \($out[.step] | @base64)"' "$2" >wanted
    jq -r '.calls | to_entries[] | "\(.value.argv | map(gsub("\\{\\{any\\}\\}"; "v")) | @sh) >out
        printf \"%s %s\\n\" $? \"$(base64 -w0 out)\" >>served"' tape.json >calls.sh
    rm -f served
    "$CPDFLOW" shim "$1" --strict -- sh calls.sh
}
