#!/bin/sh
# usage: record.sh SEED CASE...   (`make fixtures` calls it)
# Records fixtures/pipeline/CASE: what recipes/mlops.yaml asks of a stand-in cluster of that scenario, and behind it what the shell
# chain of before asks of another one. SEED is the text that holds the chain.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/chain
seed=$(readlink -f "$1")
shift
cpdflow=$(readlink -f "${CPDFLOW:-$top/build/cpdflow}")
standin=$(cd "${STANDIN_DIR:-$(dirname "$cpdflow")/standin}" && pwd)
dir=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cluster=https://zen-cpd-zen.apps.pwh.ocp.csplab.local # typed into the chain

# Of a case that takes time all takes a fifth of it, the chain's own sleeps too.
scale_of() {
    jq -r 'if .options.scale == 0 then 0 else 0.2 end' "$1"
}

# usage: start_cluster SCENARIO
start_cluster() {
    jq --arg url "$cluster" '.options += {public_url: $url, password: "password", username: "admin", dialect: "0.4",
        generation: (.options.generation // "3.0")}' "$1" >scenario.json
    rm -f port
    "$standin/standin" --scenario scenario.json --scale "$(scale_of "$1")" --port-file port >standin.out 2>&1 &
    pid=$!
    tries=100
    until [ -s port ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { cat standin.out; exit 1; }
        sleep 0.05
    done
}

# Programs that take the cluster's name for the stand-in, and the reverse in what they say.
make_programs() {
    address=http://127.0.0.1:$(cat port)
    mkdir -p bin
    cat >bin/cpdctl <<END
#!/bin/sh
for word; do
    [ "\$word" != $cluster ] || word=$address
    set -- "\$@" "\$word"
    shift
done
status=0
$standin/cpdctl "\$@" >$dir/out.\$\$ 2>$dir/errors.\$\$ || status=\$?
sed 's#$address#$cluster#g' $dir/out.\$\$
sed 's#$address#$cluster#g' $dir/errors.\$\$ >&2
rm $dir/out.\$\$ $dir/errors.\$\$
exit \$status
END
    cat >bin/curl <<END
#!/bin/sh
sed 's#$cluster#$address#' | exec $(command -v curl) "\$@"
END
    chmod +x bin/cpdctl bin/curl
}

cd "$dir"
"$here/jenkinsfile.sh" <"$seed" >jenkinsfile.verbatim
"$here/jenkinsfile.sh" repaired <"$seed" >jenkinsfile.repaired
for name; do
    scenario=$(echo "$top/tests/standin/scenarios/$name"-*.json)
    tape=$top/fixtures/pipeline/$name
    start_cluster "$scenario"
    make_programs
    rm -rf work chain
    "$here/workspace.sh" work
    read -r _ builds as <<END
$("$here/cases.sh" | grep "^$name ")
END
    # Into a copy of what was recorded before, so that points in time stay what they were where nothing else is new.
    [ ! -e "$tape" ] || cp -r "$tape" chain
    (
        cd work
        unset CPD_PASSWORD
        SECOND_MS=$(jq -n "$(scale_of "$scenario") * 1000 | floor")
        export SECOND_MS CPD_CONFIG="$dir/config" PATH="$dir/bin:$PATH"
        "$cpdflow" shim ../chain --record=all -- "$here/build.sh" "../jenkinsfile.$as" "$builds"
    ) >"$name.log" 2>&1 || { cat "$name.log"; exit 1; }
    kill "$pid"
    wait "$pid" || true
    "$top/tests/standin/record.sh" "$top/recipes/mlops.yaml" "$tape" "$scenario" >"$name.log" 2>&1 || { cat "$name.log"; exit 1; }
    sed '1,/^calls:/d' chain/tape.yaml >>"$tape/tape.yaml"
    rm chain/tape.yaml
    cp chain/* "$tape"
    echo "$name: $(grep -c '^  - ' "$tape/tape.yaml") calls"
done
