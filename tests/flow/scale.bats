# Large recipes: ten times the steps take about ten times the time. `make bench T=scale` has ten times as many.

load common

# usage: cpu_ms KIND N   CPU time of a run of so many; the report is in report.json
cpu_ms() {
    "$top/tests/bench/many.sh" "$1" "$2" >flow.yaml
    local inputs=()
    if [ "$1" = items ]; then
        echo "items: [$(seq -s ', ' "$2")]" >inputs.yaml
        inputs=(--inputs inputs.yaml)
    fi
    "$BASH" -c 'TIMEFORMAT="%3U %3S"; time "$0" "$@" >out 2>errors' "$CPDFLOW" run flow.yaml "${inputs[@]}" -q \
        --report json=report.json 2>took || { tail -3 out errors; return 1; }
    awk '{printf "%d\n", ($1 + $2) * 1000}' took
}

@test "scale: steps, a wide graph and items of foreach take linear time" {
    local kind few many
    for kind in steps wide items; do
        few=$(cpu_ms "$kind" 500)
        many=$(cpu_ms "$kind" 5000)
        echo "$kind: 500 in $few ms, 5000 in $many ms"
        [ "$many" -le $((few * 15)) ] # quadratic would be 100
        jq -e '.counts.status.succeeded >= 5000' report.json >/dev/null
    done
    is '{"n":5000,"last":5000}' "$(jq -c .outputs report.json)"
}

@test "scale: thousands of waits and pauses at once take no longer than one" {
    "$top/tests/bench/many.sh" pauses 5000 >flow.yaml
    "$CPDFLOW" run flow.yaml -q --report json=report.json >out 2>&1
    [ "$(jq .run.duration_ms report.json)" -lt 15000 ]
    "$top/tests/bench/many.sh" waits 2000 >flow.yaml
    echo 1 >state
    "$CPDFLOW" run flow.yaml --output json >events 2>&1 3>&- &
    local pid=$!
    # Each has looked at least once before the state changes.
    wait_until 60 sh -c '[ "$(grep -c wait_observed events)" -ge 2000 ]'
    echo 2 >state.new
    mv state.new state
    wait "$pid"
    is 2000 "$(grep -c '"is_done":true' events)"
}
