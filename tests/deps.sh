#!/bin/sh
# usage: tests/deps.sh build|static|demo|test|image|lint...
# Installs what the named lists need and this machine lacks: says each missing package and why, one
# line each, then asks apt-get (through sudo when not root). Silent when nothing is missing.
# A row: list, how to see that it is there, Debian's package, why.
#   cmd:NAME  a program      pc:NAME  a pkg-config module      file:PATH  a file (may be a pattern)
set -eu
cd "$(dirname "$0")/.."

rows() {
    cat <<'ROWS'
build   cmd:gcc             gcc                 compiles C17
build   file:/usr/include/stdlib.h libc6-dev    headers of the C library
build   cmd:pkg-config      pkg-config          finds the libraries
build   pc:libuv            libuv1-dev          event loop
build   pc:libcjson         libcjson-dev        JSON parser
build   pc:libpcre2-8       libpcre2-dev        regular expressions
build   pc:yaml-0.1         libyaml-dev         YAML parser
static  cmd:dpkg-source     dpkg-dev            unpacks cJSON's source, which has no static library packaged
demo    cmd:curl            curl                http steps are curl children
demo    file:/etc/ssl/certs/ca-certificates.crt ca-certificates  certificates for curl
test    pc:cmocka           libcmocka-dev       unit tests in C
test    cmd:bats            bats                tests of the command line
test    cmd:jq              jq                  reads reports in tests
test    cmd:xmllint         libxml2-utils       JUnit reports against their schema
test    cmd:strace          strace              system calls of a run, injected failures
test    cmd:valgrind        valgrind            memory checks of the unsanitized program
test    cmd:tmux            tmux                a real terminal for the live display
test    cmd:ps              procps              looks for processes that were left behind
test    cmd:mandoc          mandoc              the manual page is well formed
test    cmd:zsh             zsh                 its completion
test    cmd:fish            fish                its completion
test    cmd:node            nodejs              runs tests/tools
test    cmd:npm             npm                 installs tests/tools
test    cmd:chromium        chromium            opens HTML reports
test    file:/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core  letters for it
test    cmd:groovy          groovy              plays Jenkinsfiles
test    cmd:python3         python3             the shell chain of before calls it
test    file:/usr/lib/jvm/default-java/bin/java default-jre-headless  runs groovy
image   cmd:debootstrap     debootstrap         the base of the image without a container engine
lint    cmd:clang           clang               second compiler, fuzzing
lint    cmd:clang-format    clang-format        formatting
lint    cmd:clang-tidy      clang-tidy          static analysis
lint    cmd:cppcheck        cppcheck            static analysis
lint    cmd:shellcheck      shellcheck          shell scripts and bats files
ROWS
}

is_there() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    esac
}

missing=
for list in "$@"; do
    while read -r of probe package why; do
        if [ "$of" = "$list" ] && ! is_there "$probe"; then
            printf 'missing: %s (%s)\n' "$package" "$why"
            missing="$missing $package"
        fi
    done <<ROWS
$(rows)
ROWS
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" -eq 0 ] || as_root="sudo"
if ! command -v apt-get >/dev/null; then
    echo "deps: no apt-get here: install these by hand, by the names your system gives them" >&2
    exit 1
fi
if [ -n "$as_root" ] && ! command -v sudo >/dev/null; then
    echo "deps: as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1 ||
        { cat "$log" >&2 && exit 1; }
}
apt update
# shellcheck disable=SC2086 # the list is words
apt install --no-install-recommends -y $missing
