# For tests that make calls of the program itself fail: `load common`, then `load fault`. The shim is tests/fault/fault.c; its
# head says what an order looks like. It works on the plain build: sanitizers bring an allocator of their own.
# shellcheck disable=SC2034,SC2154 # fault_status is for the tests; top and HELPER_DIR are from elsewhere

fault_lib=$HELPER_DIR/fault.so
plain=$top/build/gcc/cpdflow

# In setup(): Linux only, and the plain program must be there.
needs_fault() {
    [ -f "$fault_lib" ] || skip "no LD_PRELOAD here"
    [ -x "$plain" ] || make -C "$top" -s CC=gcc all >/dev/null
}

# usage: faulted ORDER COMMAND…   runs it with the order (see tests/fault/fault.c); leaves fault.log, sets $fault_status
faulted() {
    local order=$1
    shift
    rm -f fault.log
    fault_status=0
    # env: what is loaded must not be loaded into timeout
    timeout -k 5 30 env LD_PRELOAD="$fault_lib" FAULT="$order" FAULT_LOG="$PWD/fault.log" "$@" || fault_status=$?
}

# Did the fault of the last `faulted` happen at all?
has_fired() {
    grep -q '^fired' fault.log
}

# How many calls counted in the last `faulted`, and how many bytes they wrote (of a program that came to its end).
fault_calls() {
    sed -n 's/^end \([0-9]*\).*/\1/p' fault.log
}
fault_bytes() {
    sed -n 's/^end [0-9]* \([0-9]*\).*/\1/p' fault.log
}

# usage: sample N [COUNT]   COUNT of the numbers 1..N (12 without), first and last among them; all of them in `make check-full`
sample() {
    local n=$1 count=${2:-12} i last=0 at
    if [ -n "${CPDFLOW_FULL:-}" ] || [ "$n" -le "$count" ]; then
        seq 1 "$n"
        return
    fi
    for ((i = 0; i < count; i++)); do
        at=$((1 + i * (n - 1) / (count - 1)))
        [ "$at" -eq "$last" ] || echo "$at"
        last=$at
    done
}
