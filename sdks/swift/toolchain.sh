#!/bin/bash
# Installs Swift 6.0.3 of Debian 13 (trixie) for machines that have no Swift of their own: Debian 12 does not package it.
# The toolchain is a Debian 13 root (527 MB download, 3.2 GB) in $SEGOPS_SWIFT_ROOT, by default ~/.cache/segops/swift-trixie.
# bin/enter runs a command inside it. A second run finds the finished root and does nothing.
set -euo pipefail

root="${SEGOPS_SWIFT_ROOT:-$HOME/.cache/segops/swift-trixie}"
packages="swiftlang zlib1g-dev libcurl4-openssl-dev ca-certificates"
ready="etc/segops-toolchain"

if [ "$(cat "$root/$ready" 2>/dev/null)" = "$packages" ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || [ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ]; then
    echo "toolchain.sh needs root on Debian for x64. Elsewhere install Swift 6 from https://www.swift.org/install and run swift itself." >&2
    exit 1
fi

# The mount namespace ends with the command, so no mount is left behind.
install_packages() {
    unshare --mount --pid --fork --kill-child bash -euc '
        mount -t proc proc "$0/proc"
        export DEBIAN_FRONTEND=noninteractive
        chroot "$0" apt-get update -qq
        chroot "$0" apt-get install -y --no-install-recommends $1
        chroot "$0" apt-get clean' "$1" "$packages"
    echo "$packages" >"$1/$ready"
}

# A finished root of an earlier version only lacks packages.
if [ -e "$root/$ready" ]; then
    install_packages "$root"
    exit 0
fi
command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y --no-install-recommends debootstrap; }

# The machine's own mirror: it may be the only one that is reached.
mirror="$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -1 | tr -d ' ' || true)"
mirror="${mirror:-http://deb.debian.org/debian}"

# A root that an earlier run left unfinished looks like a broken one.
partial="$root.partial"
rm -rf --one-file-system "$root" "$partial"
mkdir -p "$partial"
debootstrap --variant=minbase trixie "$partial" "$mirror"

# Nothing in this root is worth a sync to disk for each file: an interrupted install starts again.
echo force-unsafe-io >"$partial/etc/dpkg/dpkg.cfg.d/unsafe-io"
# No service may start, and documentation takes a sixth of the space.
printf '#!/bin/sh\nexit 101\n' >"$partial/usr/sbin/policy-rc.d"
chmod +x "$partial/usr/sbin/policy-rc.d"
printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$partial/etc/dpkg/dpkg.cfg.d/no-documentation"
cp /etc/resolv.conf "$partial/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*[Pp]roxy*; do
    [ ! -e "$file" ] || cp "$file" "$partial/etc/apt/apt.conf.d/"
done

install_packages "$partial"
mv "$partial" "$root"
