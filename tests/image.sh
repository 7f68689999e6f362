#!/bin/bash
# usage: tests/image.sh   (as root, with debootstrap and Debian's mirror)
# Builds docker/Dockerfile's first and last stage without a container engine: each FROM is a fresh Debian 12 as small as
# debian:12-slim, each RUN is run in it, each COPY copied. Then the image must stay under its limit, run cpdflow as its
# user, and reap under its init. The stage that downloads cpdctl is left out; tests/flow/docker.bats plays it.
set -eu
limit_mb=120 # without cpdctl and oc
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/image.XXXXXX")
trap 'umount "$work"/*/proc 2>/dev/null || :; rm -rf --one-file-system "$work"' EXIT

[ "$(id -u)" -eq 0 ] || { echo "image.sh: needs root" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "image.sh: needs debootstrap" >&2; exit 77; }

# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Release: bookworm' | head -n 1)

# What Debian's slim images leave out, see /etc/dpkg/dpkg.cfg.d/docker in one.
slim() {
    printf 'path-exclude=/usr/share/%s/*\n' doc man info locale lintian groff linda
    printf 'path-include=/usr/share/doc/*/copyright\n'
}

# usage: instructions STAGE   its RUN, COPY and ENV lines, joined
instructions() {
    awk -v wanted="$1" '
        /^FROM /                 { stage++ }
        stage != wanted          { next }
        /^[ \t]*#/               { next }
        /^(RUN|COPY|ENV) / || more { more = sub(/\\$/, ""); printf "%s%s", $0, more ? " " : "\n" }
    ' "$top/docker/Dockerfile"
}

# usage: fresh NAME   makes $work/NAME a Debian like debian:12-slim
fresh() {
    local root=$work/$1
    mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
    slim >"$root/etc/dpkg/dpkg.cfg.d/docker"
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
        { tail "$work/debootstrap.log"; return 1; }
    rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,groff}/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
    cp /etc/resolv.conf "$root/etc/"
    cp -r /etc/apt/apt.conf.d "$root/etc/apt/" # how this machine reaches its mirror
    mount -t proc proc "$root/proc"
}

inside() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        chroot "$@"
}

fresh build
mkdir "$work/build/src"
git -C "$top" archive HEAD | tar -x -C "$work/build/src"
instructions 1 | sed -n 's/^RUN //p' >"$work/build/commands"
# shellcheck disable=SC2016 # expanded inside
inside "$work/build" sh -exc 'cd /src; while read -r line; do eval "$line"; done </commands' >"$work/build.log" 2>&1 ||
    { tail -n 30 "$work/build.log"; exit 1; }
umount "$work/build/proc"

fresh image
cp -a "$work/build/src/image/." "$work/image/"
instructions 3 | sed -n 's/^RUN //p' >"$work/run"
while read -r line; do
    inside "$work/image" sh -ec "$line" >"$work/image.log" 2>&1 || { tail -n 30 "$work/image.log"; exit 1; }
done <"$work/run"
umount "$work/image/proc"
rm -rf "$work"/image/var/cache/apt/*

user=$(sed -n 's/^USER //p' "$top/docker/Dockerfile")
version=$(inside --userspec="$user:0" "$work/image" /usr/bin/tini -s -- cpdflow version | head -n 1)
size_mb=$(du -sm "$work/image" | cut -f1)
echo "$version runs as user $user; the image takes $size_mb MB of $limit_mb"
[[ "$version" == cpdflow* ]] && [ "$size_mb" -lt "$limit_mb" ]
