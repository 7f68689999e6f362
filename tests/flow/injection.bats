# What a child prints is shown, never obeyed: by terminals, CI systems, browsers, XML readers.
bats_require_minimum_version 1.5.0
load common

setup() {
    fresh_folder
    hostile=$top/tests/data/hostile/strings.txt
    {
        printf 'cpdflow: 1\nname: hostile\nsteps:\n'
        grep -v '^#' "$hostile" | while read -r id text; do
            printf '%b\n' "$text" >"text-$id"
            printf '  - id: s_%s\n    cmd: [cat, text-%s]\n    output: text\n    outputs: {text: "@"}\n    expect: [{that: "$inputs.pass", message: "saw ${{ result }}"}]\n    allow_failure: true\n' "$id" "$id"
        done
        printf 'inputs: {pass: {type: boolean, default: true}}\n'
    } >flow.yaml
    sed -i '/allow_failure/d' flow.yaml
    n=$(grep -c '  - id:' flow.yaml)
}

runs() {
    run "$CPDFLOW" run flow.yaml --report json=r.json --report junit=r.xml --report markdown=r.md --report html=r.html "$@"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    printf '%s\n' "$output" >shown
}

# No byte that a terminal obeys, no line that begins with an order to a CI system. (CR and C1 are orders too.)
is_harmless() {
    run grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|^\s*(::|##\[|##vso|##teamcity|section_start)' "$1"
    [ "$status" -eq 1 ] || { echo "obeyed: $output"; return 1; }
}

@test "P1, P2, P3: JUnit stays XML, with as many cases as there are steps" {
    runs -vv
    xmllint --noout r.xml
    is "$n" "$(xmllint --xpath 'count(//testcase[starts-with(@name, "s_")])' r.xml)"
    is 0 "$(xmllint --xpath 'count(//testcase[@name = "forged"])' r.xml)"
    iconv -f UTF-8 -t UTF-8 r.xml >/dev/null
}

@test "P2: JSON stays JSON, and what is text comes back as it was" {
    runs
    jq -e --argjson n "$n" '.steps | length == $n' r.json
    while read -r id text; do
        case $id in
        controls | surrogate | nonchar | title | clipboard | clear | link | c1 | newlines) continue ;; # not kept, or not as they were
        esac
        printf '%b' "$text" >expected
        jq -j --arg id "s_$id" '.steps[] | select(.id == $id).outputs.text | rtrimstr("\n")' r.json >actual
        cmp expected actual || { echo "$id"; return 1; }
    done < <(grep -v '^#' "$hostile")
}

@test "P4, P6: nothing reaches a terminal or a CI system that it would obey" {
    runs -vv
    is_harmless shown
    CI=true GITHUB_ACTIONS=true runs -vv
    sed -i '/^::\(end\)\{0,1\}group::/d' shown # our own
    is_harmless shown
    CI=true GITLAB_CI=true runs -vv
    sed -i 's/^\x1b\[0Ksection_[a-z]*:[0-9]*:cpdflow_[0-9]*\(\[collapsed=true\]\)\{0,1\}\r\x1b\[0K//' shown
    is_harmless shown
    "$CPDFLOW" run flow.yaml -vv -o json 2>/dev/null >shown # for programs: C1 and DEL are text to them
    run grep -anP '[\x00-\x08\x0b-\x1f]|^[^{]' shown
    [ "$status" -eq 1 ] || { echo "obeyed: $output"; return 1; }
}

@test "P3, P5: Markdown and HTML have no link and no element of a child's making" {
    runs
    is_harmless r.md
    run grep -nE '<(script|img)|\]\(javascript' r.md
    [ "$status" -eq 1 ] || { echo "$output"; return 1; }
    # The last one: an attribute outside of quotes; in text and inside of quotes it is what the child said.
    run grep -rnP '<script>alert|<img src=x|href="?(javascript|http://evil)|<[a-z][^>"]*("[^"]*"[^>"]*)*\sonmouseover' r.html
    [ "$status" -eq 1 ] || { echo "$output"; return 1; }
}

@test "P8: a report replaces a link and spares its target; a directory and a fifo are refused or replaced, never waited for" {
    echo victim >victim
    ln -s victim r.json
    ln -s /etc/passwd r.xml
    runs
    is victim "$(cat victim)"
    [ ! -L r.json ] && [ ! -L r.xml ]
    rm r.json
    mkfifo r.json
    timeout 20 "$CPDFLOW" run flow.yaml -q --report json=r.json || [ $? -eq 4 ]
    mkdir folder
    run -4 timeout 20 "$CPDFLOW" run flow.yaml -q --report json=folder
    says folder
    is '' "$(find . -name '.cpdflow-*')"
}
