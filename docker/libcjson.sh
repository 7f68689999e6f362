#!/bin/sh
# usage: docker/libcjson.sh LIBCJSON.a
# Makes the static cJSON library that Debian does not package, from the source of the very package
# that is installed: fetched with apt-get (signatures checked) from the machine's own mirrors, with
# Debian's patches, and compiled as Debian does. The lists of sources stay beside the result; the
# machine's apt is not touched.
set -eu

result=$(realpath -m "$1")
work=$result.d
version=$(dpkg-query -W -f '${source:Version}' libcjson-dev)
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
cd "$work"

# shellcheck disable=SC2016 # apt-get fills these in
apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT) #$(ORIGIN)' \
    'Created-By: Packages' 'Origin: Debian' | sed 's/ *#.*//' | sort -u >sources.list
[ -s sources.list ] || { echo "libcjson.sh: apt-get knows no Debian mirror: run apt-get update" >&2; exit 1; }

apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@" \
        >apt.log 2>&1
}
apt update || { cat apt.log >&2; exit 1; }
rm -rf cjson-*/
# A mirror holds only the newest version; its interface is the same.
apt source "cjson=$version" || apt source cjson || { cat apt.log >&2; exit 1; }

cd cjson-*/
${CC:-gcc} -O2 -g -std=gnu89 -fstack-protector-strong -DENABLE_LOCALES -c -o "$work/cJSON.o" cJSON.c
rm -f "$result"
ar rcs "$result" "$work/cJSON.o"
