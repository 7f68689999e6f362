#!/usr/bin/env bats
# What make builds and installs, seen from outside: in a copy of the tree, so that an unusual flavour
# does not disturb the build that the other tests use.

load common

setup() {
    fresh_folder
    unset MAKEFLAGS MAKELEVEL MFLAGS SANITIZE CC
    [ -e "$top/src/cli/main.c" ] || skip "no program in this tree yet"
}

# usage: in_tree TARGET...   make in the tree itself, as a user would call it
in_tree() {
    make -s -C "$top" "$@"
}

@test "help names every target that has a description" {
    run in_tree help
    [ "$status" -eq 0 ]
    for target in all check demo lint install static clean; do
        grep -q "^  $target " <<<"$output" || { echo "no $target in: $output"; return 1; }
    done
}

@test "install honours DESTDIR and PREFIX, and uninstall leaves nothing" {
    in_tree install DESTDIR="$PWD/root" PREFIX=/opt/cpdflow
    run "$PWD/root/opt/cpdflow/bin/cpdflow" version
    [ "$status" -eq 0 ]
    [[ "$output" == cpdflow* ]]
    [ "$(stat -c %a root/opt/cpdflow/bin/cpdflow)" = 755 ]
    if [ -e "$top/src/cpdflow.1" ]; then
        cmp root/opt/cpdflow/share/man/man1/cpdflow.1 "$top/src/cpdflow.1"
    fi
    bash -n root/opt/cpdflow/share/bash-completion/completions/cpdflow
    [ -s root/opt/cpdflow/share/zsh/site-functions/_cpdflow ]
    [ -s root/opt/cpdflow/share/fish/vendor_completions.d/cpdflow.fish ]
    for recipe in "$top"/recipes/*.yaml; do
        [ ! -e "$recipe" ] || cmp "$recipe" "root/opt/cpdflow/share/cpdflow/recipes/$(basename "$recipe")"
    done

    in_tree uninstall DESTDIR="$PWD/root" PREFIX=/opt/cpdflow
    run find root -type f
    [ "$output" = "" ]
}

@test "the manual page is well formed" {
    [ -e "$top/src/cpdflow.1" ] || skip "no manual page in this tree yet"
    run mandoc -T lint -W warning "$top/src/cpdflow.1"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "install honours BINDIR, MANDIR and DATADIR" {
    in_tree install DESTDIR="$PWD/root" PREFIX=/p BINDIR=/a MANDIR=/b DATADIR=/c
    [ -x root/a/cpdflow ]
    run find root/p -type f -not -path '*completions*' -not -path '*site-functions*'
    [ "$output" = "" ]
    in_tree uninstall DESTDIR="$PWD/root" PREFIX=/p BINDIR=/a MANDIR=/b DATADIR=/c
    run find root -type f
    [ "$output" = "" ]
}

@test "a second make has nothing to do, a changed flag builds again" {
    in_tree DEBUG=1 LAYERS=base lib
    run make -C "$top" DEBUG=1 LAYERS=base lib
    [[ "$output" != *" CC "* ]]
    run make -C "$top" DEBUG=1 LAYERS=base CFLAGS=-DANOTHER lib
    [ "$status" -eq 0 ]
    [[ "$output" == *" CC "*src/base/* ]]
}

@test "the static program runs in a root that holds nothing else" {
    in_tree static
    mkdir empty
    cp "$top/build/cpdflow-static" empty/cpdflow
    if [ "$(id -u)" -eq 0 ]; then
        run chroot empty /cpdflow version
    else
        run unshare --map-root-user chroot empty /cpdflow version
    fi
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "$("$CPDFLOW" version)" ]
}
