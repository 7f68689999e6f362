#!/bin/sh
# usage: cases.sh   the 26 cases, one a line: NAME BUILDS verbatim|repaired
# Repaired are those that the chain's comparisons of texts with numbers would not let it reach.
set -eu
cd "$(dirname "$0")/../standin/scenarios"
for scenario in E*.json; do
    name=${scenario%%-*} builds=1 as=verbatim
    case $name in
    E03 | E25) builds=2 ;;
    E04) builds=3 ;;
    esac
    case $name in
    E15 | E18 | E22 | E25) as=repaired ;;
    esac
    echo "$name $builds $as"
done
