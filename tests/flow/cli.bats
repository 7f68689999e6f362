# The frame of the command line: help, usage errors, standard output that cannot be written.
load common

@test "no arguments: help on stderr, status 2" {
    run -2 --separate-stderr "$CPDFLOW"
    [ -z "$output" ]
    [[ "$stderr" == "usage: cpdflow COMMAND"* ]]
}

@test "help and --help print the same to stdout" {
    run -0 --separate-stderr "$CPDFLOW" help
    local text=$output
    [ -z "$stderr" ]
    run -0 "$CPDFLOW" --help
    [ "$output" = "$text" ]
    run -0 "$CPDFLOW" -h
    [ "$output" = "$text" ]
}

@test "every command explains itself, the same through help" {
    local name
    for name in $("$CPDFLOW" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
        run -0 --separate-stderr "$CPDFLOW" "$name" --help
        local text=$output
        [[ "$text" == "usage: cpdflow $name "* ]]
        [ -z "$stderr" ]
        run -0 "$CPDFLOW" help "$name"
        [ "$output" = "$text" ]
    done
}

@test "an unknown command names the nearest" {
    run -2 "$CPDFLOW" vesion
    [ "$output" = "error[usage]: unknown command 'vesion'
hint: did you mean 'cpdflow version'?" ]
    run -2 "$CPDFLOW" help xyzzyxyzzy
    [ "$output" = "error[usage]: unknown command 'xyzzyxyzzy'
hint: \`cpdflow help\` lists the commands" ]
}

@test "too many operands and unknown options are usage errors" {
    run -2 "$CPDFLOW" version now
    [ "$output" = "error[usage]: unexpected operand 'now'
hint: cpdflow version --help" ]
    run -2 "$CPDFLOW" version --output
    [ "$output" = "error[usage]: unknown option '--output'
hint: cpdflow version --help" ]
}

@test "version is one line" {
    run -0 "$CPDFLOW" version
    [[ "$output" =~ ^cpdflow\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    run -0 "$CPDFLOW" --version
    [[ "$output" =~ ^cpdflow\ [0-9]+ ]]
}

@test "a full disk under stdout is an error with status 4" {
    [ -c /dev/full ] || skip "no /dev/full here"
    run -4 --separate-stderr bash -c '"$CPDFLOW" version >/dev/full'
    [ "$stderr" = "error[write-failed]: cannot write to standard output: No space left on device" ]
}

@test "run counts the warnings of a recipe in one line, check shows them" {
    printf 'cpdflow: 1\ninputs: {a: {default: x}, b: {default: y}}\nsteps: [{id: s, cmd: ["true"]}]\n' >flow.yaml
    "$CPDFLOW" run flow.yaml >/dev/null 2>stderr
    is "flow.yaml: 2 warnings: \`cpdflow check\` shows them" "$(cat stderr)"
    "$CPDFLOW" run -q flow.yaml >/dev/null 2>stderr
    is "" "$(cat stderr)"
    run "$CPDFLOW" check flow.yaml
    says "warning[unused-input]: the input 'a'" "warning[unused-input]: the input 'b'"
}
