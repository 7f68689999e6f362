#!/usr/bin/env bats
# docker/Dockerfile without a container engine: its RUN lines, taken from the file itself, do what they
# say in a plain folder.

load common

# usage: run_lines STAGE   prints the RUN commands of a stage (1, 2, ...), one a line
run_lines() {
    awk -v wanted="$1" '
        /^FROM /                 { stage++ }
        stage != wanted          { next }
        /^[ \t]*#/               { next }
        sub(/^RUN /, "") || more { more = sub(/\\$/, ""); printf "%s%s", $0, more ? " " : "\n" }
    ' "$top/docker/Dockerfile"
}

# usage: packages STAGE   prints what a stage installs with apt-get
packages() {
    run_lines "$1" | sed -n 's/.*apt-get install -y --no-install-recommends \(.*\) && rm.*/\1/p' | tr -s ' ' '\n'
}

# A curl that answers every address from a folder, by the last part of its name.
fake_curl() {
    mkdir -p fake archives
    cat >fake/curl <<'SH'
#!/bin/sh
for argument; do
    [ "$previous" != --output ] || output=$argument
    previous=$argument
done
echo "$argument" >>"$FAKE_CURL_LOG"
cp "$FAKE_ARCHIVES/${argument##*/}" "$output"
SH
    chmod +x fake/curl
    export FAKE_ARCHIVES=$PWD/archives FAKE_CURL_LOG=$PWD/curl.log PATH=$PWD/fake:$PATH
}

# usage: archive NAME PROGRAM   an archive like a release's, PROGRAM and a text in it
archive() {
    printf '#!/bin/sh\necho %s\n' "$2" >"$2"
    echo text >LICENSE
    tar czf "archives/$1" "$2" LICENSE
    rm "$2" LICENSE
    sha256sum "archives/$1" | cut -d' ' -f1
}

# usage: download_stage   runs the second stage's lines but the one that installs packages
download_stage() {
    local lines
    lines=$(run_lines 2 | grep -v apt-get)
    rm -rf download
    mkdir download
    (cd download && while read -r line; do sh -c "$line" || exit 1; done <<<"$lines")
}

@test "build stage: its commands build and install in a clean copy of the tree" {
    [ -e "$top/src/cli/main.c" ] || skip "no program in this tree yet"
    unset MAKEFLAGS MAKELEVEL MFLAGS SANITIZE CC
    mkdir src
    tar -C "$top" --exclude=.git --exclude=build --exclude=node_modules -cf - . | tar -C src -xf -
    run_lines 1 | grep -v apt-get >commands
    [ -s commands ]
    (cd src && sh -e ../commands)
    run src/image/usr/bin/cpdflow version
    [ "$status" -eq 0 ]
    [[ "$output" == cpdflow* ]]
}

@test "every package that a stage installs exists" {
    command -v apt-cache >/dev/null || skip "not a Debian"
    apt-cache show make >/dev/null 2>&1 || skip "apt has no package lists here"
    for stage in 1 2 3; do
        run packages "$stage"
        [ -n "$output" ]
        for package in $output; do
            [ -n "$(apt-cache show "$package" 2>/dev/null)" ] || { echo "no package $package"; return 1; }
        done
    done
}

@test "last stage: it installs every library that the program needs" {
    [ -e "$top/src/cli/main.c" ] || skip "no program in this tree yet"
    command -v dpkg >/dev/null || skip "not a Debian"
    installed=$(packages 3)
    for library in $(ldd "$CPDFLOW" | awk '$3 ~ /^\// { print $3 }'); do
        package=$({ dpkg -S "$library" || dpkg -S "$(realpath "$library")"; } 2>/dev/null | cut -d: -f1)
        case $package in
        libc6 | libasan* | libubsan* | libgcc-s1 | libstdc++6) continue ;; # every Debian's; the tests' own
        esac
        grep -qx "$package" <<<"$installed" || { echo "$package is not installed: $library"; return 1; }
    done
}

@test "download stage: the right checksum yields cpdctl and nothing else" {
    fake_curl
    export TARGETARCH=amd64 CPDCTL_VERSION=1.8.155 OC_URL='' OC_SHA256=''
    CPDCTL_SHA256=$(archive cpdctl_linux_amd64.tar.gz cpdctl)
    export CPDCTL_SHA256
    download_stage
    [ "$(ls download/bin)" = cpdctl ]
    [ "$(download/bin/cpdctl)" = cpdctl ]
    [ "$(cat curl.log)" = "https://github.com/IBM/cpdctl/releases/download/v1.8.155/cpdctl_linux_amd64.tar.gz" ]
}

@test "download stage: a wrong or missing checksum stops the build" {
    fake_curl
    export TARGETARCH=amd64 CPDCTL_VERSION=1.8.155 OC_URL='' OC_SHA256=''
    archive cpdctl_linux_amd64.tar.gz cpdctl
    CPDCTL_SHA256=$(printf '0%.0s' {1..64}) run download_stage
    [ "$status" -ne 0 ]
    [ ! -e download/bin/cpdctl ]
    CPDCTL_SHA256='' run download_stage
    [ "$status" -ne 0 ]
    [ ! -e download/cpdctl.tar.gz ]
}

@test "download stage: oc comes only when asked for, and is checked as well" {
    fake_curl
    export TARGETARCH=amd64 CPDCTL_VERSION=1.8.155 OC_URL=https://mirror.example/openshift-client.tar.gz
    CPDCTL_SHA256=$(archive cpdctl_linux_amd64.tar.gz cpdctl)
    OC_SHA256=$(archive openshift-client.tar.gz oc)
    export CPDCTL_SHA256 OC_SHA256
    download_stage
    [ "$(download/bin/oc)" = oc ]
    OC_SHA256=$CPDCTL_SHA256 run download_stage
    [ "$status" -ne 0 ]
    [ ! -e download/bin/oc ]
}

@test "the image runs as an ordinary user under an init" {
    grep -qx 'USER 1001' "$top/docker/Dockerfile"
    grep -q '^ENTRYPOINT \["/usr/bin/tini", "--", "cpdflow"\]$' "$top/docker/Dockerfile"
    packages 3 | grep -qx tini
}
