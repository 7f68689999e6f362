#!/bin/bash
# usage: tests/lint/faults.sh [--update]
# The fault catalogue in tests/README.md against the tests: every row stands there once and in order, each file that it names has
# a test with its id, and each test with an id stands in its row. Prints what does not fit; the last line counts rows by state.
# --update writes the files that have such tests into the rows.
set -u
cd "$(dirname "$0")/../.." || exit 2
readme=tests/README.md

# "ID FILE" for each test whose name begins with an id: test_S1_…, @test "S1, S2: …", === S1: …
proofs() {
    grep -roE --include='*.c' '^static void test_[A-Z][0-9]+_' tests/unit | sed -E 's|^tests/(.*):static void test_([A-Z][0-9]+)_|\2 \1|'
    grep -roE --include='*.bats' '^@test "[A-Z][0-9]+(, [A-Z][0-9]+)*: ' tests/flow | sed -E 's|^tests/(.*):@test "(.*): |\1 \2|' |
        awk '{ gsub(",", ""); for (i = 2; i <= NF; i++) print $i, $1 }'
    grep -roE --include='*.test' '^=== [A-Z][0-9]+: ' tests/data | sed -E 's|^tests/(.*):=== ([A-Z][0-9]+): |\2 \1|'
}

# Of the section of the catalogue only: other tables of the file have ids of their own.
rows() {
    sed -n '/^## Fault catalogue$/,/^## /s/^| \([A-Z][0-9]\{1,\}\) | .* | \(.*\) |$/\1 \2/p' "$readme"
}

ids() {
    local group i
    for group in S18 R12 O14 G12 T8 C11 D8 J7 K4 Y10 B8 X9 P8 F6 E8; do
        for ((i = 1; i <= ${group:1}; i++)); do echo "${group:0:1}$i"; done
    done
}

# Reasons stay; every other row gets its files, or the word open.
update() {
    awk -F ' \\| ' 'NR == FNR { split($0, w, " "); files[w[1]] = files[w[1]] (files[w[1]] == "" ? "" : " ") "`" w[2] "`"; next }
        /^## / { is_catalogue = $0 == "## Fault catalogue" }
        is_catalogue && /^\| [A-Z][0-9]+ \| / && $0 !~ /does not apply: / {
            id = substr($1, 3)
            $0 = $1 " | " $2 " | " (id in files ? files[id] : "open") " |"
        }
        { print }' <(proofs | sort -u) "$readme" >"$readme.new" && mv "$readme.new" "$readme"
}
[ "${1:-}" != --update ] || update

wrong=0
differs() {
    [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; wrong=1; }
}

differs 'rows that are missing (-) or not of the catalogue (+), or not in order' "$(diff <(ids) <(rows | cut -d' ' -f1) | sed -n 's/^</-/p; s/^>/+/p')"
named=$(rows | awk '{ id = $1; while (match($0, /`[^`]*`/)) { print id, substr($0, RSTART + 1, RLENGTH - 2); $0 = substr($0, RSTART + RLENGTH) } }' | sort -u)
found=$(proofs | sort -u | grep -wFf <(ids))
differs 'rows that name a file without a test of theirs' "$(comm -23 <(echo "$named") <(echo "$found"))"
differs 'tests that do not stand in the row of their id' "$(comm -13 <(echo "$named") <(echo "$found"))"
differs 'rows without a test, a reason or the word open' "$(rows | grep -v '`' | grep -vE '^[A-Z][0-9]+ (does not apply: .|open$)')"
rows | awk '/`/ { tested++ } /does not apply/ { void++ } / open$/ { open++ }
    END { printf "%d rows: %d tested, %d do not apply, %d open\n", NR, tested, void, open }'
exit "$wrong"
