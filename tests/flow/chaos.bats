# Row E7: random runs disturbed at random (tests/chaos/main.c). A sample here, a thousand in `make check-full`.
load common
load fault

@test "E7: random runs, struck and interrupted at random, end in time, whole, and leave nothing" {
    needs_fault
    [ -x "$HELPER_DIR/chaos" ] || skip "Linux only"
    local runs=25
    [ -z "${CPDFLOW_FULL:-}" ] || runs=1000
    mkdir "$BATS_TEST_TMPDIR/chaos"
    run "$HELPER_DIR/chaos" "$plain" "$HELPER_DIR/fakectl" "$BATS_TEST_TMPDIR/chaos" 7 "$runs" "$fault_lib"
    echo "$output"
    is 0 "$status"
}

@test "E7: the same with the sanitized program" {
    [ -x "$HELPER_DIR/chaos" ] || skip "Linux only"
    mkdir "$BATS_TEST_TMPDIR/chaos"
    run "$HELPER_DIR/chaos" "$CPDFLOW" "$HELPER_DIR/fakectl" "$BATS_TEST_TMPDIR/chaos" 8 12
    echo "$output"
    is 0 "$status"
}
