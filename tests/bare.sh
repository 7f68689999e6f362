#!/bin/sh
# usage: tests/bare.sh [TARGET]      (as root, with debootstrap)
# Proves that the tree sets itself up: makes the smallest Debian 12 with git and make in build/bare, clones
# the last commit into it, and runs `make TARGET` there, `check` unless given.
set -eu
cd "$(dirname "$0")/.."
target=${1:-check}
root=$PWD/build/bare
mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Origin: Debian' | head -n 1)

[ -d "$root/usr" ] || debootstrap --variant=minbase --include=git,make bookworm "$root" "$mirror" >/dev/null
# What this machine knows about names and certificates, the new one needs as well.
cp /etc/resolv.conf "$root/etc/"
mkdir -p "$root/etc/ssl/certs"
rm -rf "$root/root/cpdflow"
git clone --quiet . "$root/root/cpdflow"

export root target
# shellcheck disable=SC2016 # for the inner shells
exec unshare --mount --pid --fork sh -euc '
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    certificates=/etc/ssl/certs/ca-certificates.crt
    if [ -e "$certificates" ]; then
        touch "$root/etc/ssl/certs/this-machine.crt"
        mount --bind "$certificates" "$root/etc/ssl/certs/this-machine.crt"
    fi
    exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/this-machine.crt \
        chroot "$root" make -C /root/cpdflow "$target" </dev/null
'
