#!/usr/bin/env bats
# `cpdflow shim --record`: the real programs are asked behind the fakes; and curl by its request.
# shellcheck disable=SC2154 # url is from standin.bash

bats_require_minimum_version 1.5.0
load common
load standin

# Programs that stand for the real ones: cpdctl counts its calls, curl answers as a server would.
real_programs() {
    mkdir real
    cat >real/cpdctl <<'END'
#!/bin/sh
echo "$*" >>"$CALLS"
echo "call $(grep -cFx -e "$*" "$CALLS") of $*"
case $1 in
fail) echo "sorry" >&2; exit "$2" ;;
die) kill -TERM $$ ;;
read) cat ;;
esac
END
    cat >real/curl <<'END'
#!/bin/sh
echo "curl" >>"$CALLS"
[ "$1" = -q ] && cat >>"$CALLS.config"
printf 'HTTP/1.1 201 Created\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nSet-Cookie: sid=c00kie-jar-7\r\nX-Kind: k\r\n\r\n'
printf '{"access_token": "tok-en-from-server", "n": 1}\n'
END
    chmod +x real/*
    export CALLS=$PWD/calls PATH=$PWD/real:$PATH
    : >calls
}

# usage: argvs   argv and exit of each call of tape/, one a line
argvs() {
    "$CPDFLOW" extract yaml tape/tape.yaml | jq -r '.calls[] | "\(.argv | join(" ")) \(.exit // .outcome)"'
}

@test "record=all: a script works as without the fakes, and its calls replay; twice gives the same bytes" {
    real_programs
    cat >script.sh <<'END'
cpdctl list one
cpdctl list one 2>&1
echo in | cpdctl read -
cpdctl fail 3 || echo "rc $?"
cpdctl die; echo "rc $?"
END
    run -0 --separate-stderr sh script.sh
    local plain=$output
    : >calls
    run -0 --separate-stderr "$CPDFLOW" shim tape --record=all -- sh script.sh
    is "$plain" "$output"
    [[ "$stderr" == sorry* ]]
    is 'cpdctl list one 0
cpdctl list one 0
cpdctl read - 0
cpdctl fail 3 3
cpdctl die signaled' "$(argvs)"
    run -0 --separate-stderr "$CPDFLOW" shim tape --strict -- sh script.sh
    is "$plain" "$output"
    cp -r tape first
    : >calls
    run -0 "$CPDFLOW" shim tape --record=all -- sh script.sh
    diff -r first tape
}

@test "record=missing asks for what is not there, record=failed for failures too; the order is that of the script" {
    real_programs
    "$CPDFLOW" shim tape --record=all -- sh -c 'cpdctl list one; cpdctl fail 3; cpdctl list two; true'
    : >calls
    run -0 "$CPDFLOW" shim tape --record=missing -- sh -c 'cpdctl list new; cpdctl list one; cpdctl fail 3; true'
    is 'list new' "$(cat calls)"
    is 'cpdctl list new 0
cpdctl list one 0
cpdctl fail 3 3
cpdctl list two 0' "$(argvs)"
    sed -i 's/^fail).*/fail) echo fine ;;/' real/cpdctl
    : >calls
    run -0 "$CPDFLOW" shim tape --record=failed -- sh -c 'cpdctl list one; cpdctl fail 3'
    is 'fail 3' "$(cat calls)"
    says fine
    is 'cpdctl fail 3 0' "$(argvs | grep fail)"
    run -0 "$CPDFLOW" shim tape --record=missing -- cpdctl list one
    says "warning[nothing-recorded]: no call was made that tape does not hold"
    run -2 "$CPDFLOW" shim tape --record=some -- true
    says "--record=some: expected all, missing or failed"
}

@test "record: no secret of a script comes onto the cassette, and the script replays with any" {
    real_programs
    cat >script.sh <<'END'
cpdctl login --username me --password "$1-word"
curl -sS -u "me:$1-basic" https://x/a
curl -sS -H "Authorization: Bearer $1-bearer" -b "sid=$1-cookie" https://x/b
curl -sS "https://me:$1-inurl@x/c" -d "{\"password\": \"$1-body\", \"n\": 1}"
echo "user = \"me:$1-config\"" | curl -K - https://x/d
curl -F "a=b" -H "X-Auth-Token: $1-form" https://x/e
cpdctl show "$1-word" tok-en-from-server
END
    run -0 "$CPDFLOW" shim tape --record=all -- sh script.sh hunter
    is 4 "$(grep -c 'url = ' calls.config)"
    grep -q 'user = "me:hunter-basic"' calls.config
    run ! grep -rE 'hunter|tok-en|c00kie' tape
    run ! grep -ri 'set-cookie' tape
    run -0 --separate-stderr "$CPDFLOW" shim tape --strict -- sh script.sh other
    [[ "$output" == *'call 1 of show *** ***' ]]
}

@test "record: a body that is too long for a line of curl's configuration" {
    real_programs
    cat >real/curl <<'END'
#!/bin/sh
sed -n 's/^data-binary = "@\(.*\)"$/\1/p' | xargs wc -c | sed 's/ .*//'
END
    head -c 200000 /dev/zero | tr '\0' x >large
    run -0 --separate-stderr "$CPDFLOW" shim tape --record=all -- curl -sS https://x/a --data-binary @large
    is 200000 "$output"
    run -0 --separate-stderr "$CPDFLOW" shim tape --strict -- curl -sS --data-binary @large https://x/a
    is 200000 "$output"
}

@test "record: calls side by side are all there, and a call that its script leaves is not" {
    real_programs
    run -0 "$CPDFLOW" shim tape --record=all -- \
        sh -c 'for i in 1 2 3 4 5 6 7 8; do cpdctl list $i & done; wait'
    is '1 2 3 4 5 6 7 8 ' "$(argvs | sed 's/.*list \(.\).*/\1/' | sort | tr '\n' ' ')"
    run -0 "$CPDFLOW" shim tape --strict -- sh -c 'for i in 8 7 6 5 4 3 2 1; do cpdctl list $i & done; wait'
}

@test "record: a program that is not there is told, and is on no cassette" {
    mkdir empty
    run "$CPDFLOW" shim tape --record=all -p no-such-program -- sh -c 'no-such-program x; echo "rc $?"'
    [ "$status" -eq 0 ]
    says "no-such-program" "rc 97" "warning[nothing-recorded]"
    [ ! -e tape ]
}

@test "curl: a script's call finds what a recipe recorded, and is answered as its options ask" {
    start_standin
    cat >recipe.yaml <<'END'
cpdflow: 1
inputs: {url: {type: string}}
steps:
  - id: sign_in
    http:
      method: POST
      url: ${{ inputs.url }}/icp4d-api/v1/authorize
      json: {username: admin, password: password}
    outputs: {code: status}
  - id: nowhere
    http: {url: "${{ inputs.url }}/no/such?b=2&a=1", ok: [401]}
END
    run "$CPDFLOW" run recipe.yaml --input "url=$url" --record tape
    [ -e tape/tape.yaml ] || { echo "$output"; return 1; }
    cat >script.sh <<'END'
code=$(curl -sk -o answer.json -D headers -w '%{http_code}' --json '{ "password":"password", "username" : "admin" }' https://zen.x/icp4d-api/v1/authorize)
echo "$code $(jq -r .message answer.json) $(head -n 1 headers | tr -d '\r')"
curl -sSf -X GET -H 'Authorization: Bearer x' 'https://zen.x/no/such?a=1&b=2'
echo "rc $?"
END
    run "$CPDFLOW" shim tape -i url=https://zen.x --strict -- sh script.sh
    says '200 Success' 'HTTP/1.1 200' 'curl: (22) The requested URL returned error: 401' 'rc 22'
}

@test "curl: what was not recorded is told by its request, what is not imitated by its option" {
    mkdir tape
    cat >tape/tape.yaml <<'END'
cpdflow_tape: 1
calls:
  - {argv: [curl, -sS, "https://x/v2/spaces?limit=10"], exit: 0}
END
    run "$CPDFLOW" shim tape -- curl -s 'https://x/v2/spaces?limit=20' -o file
    [ "$status" -eq 97 ]
    says "this call was never recorded: curl GET 'https://x/v2/spaces?limit=20'" 'limit=[-10-]{+20+}'
    [ ! -e file ]
    run "$CPDFLOW" shim tape -- curl -F a=b 'https://x/v2/spaces?limit=10'
    [ "$status" -eq 97 ]
    says "curl: the option -F is not one that is imitated; only the same words would do"
    run "$CPDFLOW" shim tape --fault 'GET https://x/v2/spaces?limit=10=28:curl: (28) timed out' -- \
        curl -sS 'https://x/v2/spaces?limit=10'
    [ "$status" -eq 28 ]
    says 'curl: (28) timed out'
}
