# The manual page: what the commands say of themselves, in the form that man reads.
load common

@test "the page is what the commands say of themselves" {
    node "$top/tests/tools/manpage.mjs" "$CPDFLOW" >made
    diff "$top/src/cpdflow.1" made || { echo "make manpage writes it anew"; return 1; }
}

@test "it is well formed and has every command" {
    run mandoc -T lint "$top/src/cpdflow.1"
    is '' "$output"
    mandoc -T ascii "$top/src/cpdflow.1" | sed 's/.\x08//g' >page
    "$CPDFLOW" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' >commands
    while read -r command; do
        grep -q "^   $command" page || { echo "no $command"; return 1; }
    done <commands
}
