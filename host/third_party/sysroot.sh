#!/usr/bin/env bash
# sysroot.sh — Debian's static libraries of another architecture, to link its runtime with.
#
#   host/third_party/sysroot.sh arm64
#
# Leaves ${LACONIC_THIRD_PARTY:-build/third-party}/sysroot-ARCHITECTURE/usr/{include,lib}, and does
# nothing where that is current. The packages are unpacked there and not installed: this machine need
# not know the architecture. The libc comes with Debian's cross compiler.
# Status 1, with the reason, where they cannot be had.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${LACONIC_THIRD_PARTY:-$here/../../build/third-party}
architecture=${1:?architecture: x86_64 or arm64}

PACKAGES=(libc-ares-dev libdeflate-dev libexpat1-dev liblua5.4-dev libssl-dev)

die() { printf 'sysroot of %s: %s\n' "$architecture" "$*" >&2; exit 1; }

# shellcheck source=host/third_party/debian.sh
. "$here/debian.sh"

# No older than what this machine's own runtime is linked with.
wanted_versions() {
  cat "$here/sysroot.sh" "$here/debian.sh" | sha256sum | cut -c 1-16
  dpkg-query --show --showformat '${Package} ${Version}\n' "${PACKAGES[@]}" 2>/dev/null || true
}

mkdir -p "$home"
home=$(cd "$home" && pwd)
made=$home/sysroot-$architecture
wanted=$(wanted_versions)
exec 9>"$home/lock" && flock 9 # several checkouts may share the folder
[ "$(cat "$made/stamp" 2>/dev/null)" != "$wanted" ] || exit 0

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || die "unpacking it takes $tool"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
from_debian deb "${architecture/x86_64/amd64}" download "${PACKAGES[@]}" ||
  die "Debian's packages for it cannot be had"
for package in "$scratch"/*.deb; do
  dpkg-deb --extract "$package" "$scratch/made"
done
echo "$wanted" >"$scratch/made/stamp"
rm -rf "$made"
mv "$scratch/made" "$made"
