#!/usr/bin/env bash
# build.sh — libcurl as our programs link it: static, HTTP and HTTPS alone, from Debian's sources.
#
#   host/third_party/build.sh ARCHITECTURE [CROSS_PREFIX [SYSROOT]]
#   host/third_party/build.sh x86_64
#   host/third_party/build.sh arm64 aarch64-linux-gnu- /path/to/sysroot
#
# Leaves ${LACONIC_THIRD_PARTY:-build/third-party}/ARCHITECTURE/{include,lib}, and does nothing
# where that is current. SYSROOT holds the headers of OpenSSL and c-ares for that architecture.
#
# Debian's libcurl brings some thirty libraries along and has no static form that could do without
# them. Its source package comes with Debian's security patches, as debian.sh says.
# Status 1, with the reason, where the sources cannot be had; the programs can be built without.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${LACONIC_THIRD_PARTY:-$here/../../build/third-party}
architecture=${1:?architecture: x86_64 or arm64}
cross_prefix=${2:-}
sysroot=${3:-}
compiler=${cross_prefix}gcc

# HTTP/1.1 over OpenSSL, names by c-ares, proxies. What curl_config.h switches off is not listed.
SOURCES=(asyn-ares base64 bufref cf-http cf-socket cfilters conncache connect content_encoding
  curl_addrinfo curl_gethostname curl_log curl_memrchr dynbuf easy easygetopt easyoptions escape
  formdata getenv getinfo hash headers hostasyn hostip hostip6 http http_chunks http_proxy idn if2ip
  llist mime mprintf multi nonblock noproxy parsedate progress rand rename select sendf setopt share
  slist socks speedcheck splay strcase strdup strerror strtoofft timediff timeval transfer url
  urlapi vauth/vauth version vquic/vquic vtls/hostcheck vtls/keylog vtls/openssl vtls/vtls warnless)

# One section for each function, so that a program takes what it calls. No -flto: it would make the
# program 24 kB (0.5 %) smaller, and every link of it five seconds longer.
FLAGS=(-Os -fPIE -ffunction-sections -fdata-sections -fvisibility=hidden -fstack-protector-strong
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GNU_SOURCE -DHAVE_CONFIG_H -DBUILDING_LIBCURL
  -DCURL_STATICLIB -w)

die() { printf 'libcurl: %s\n' "$*" >&2; exit 1; }

# shellcheck source=host/third_party/debian.sh
. "$here/debian.sh"

# What is wanted: this recipe, that compiler, and sources no older than the machine's own libcurl.
wanted_version() {
  dpkg-query --show --showformat '${Version}' libcurl4-openssl-dev 2>/dev/null || echo any
}

recipe() {
  cat "$here"/{build.sh,curl_config.h,debian.sh} | sha256sum | cut -c 1-16
}

# Leaves the patched sources in $source.
fetch() {
  from_debian deb-src amd64 source --download-only curl || die "its sources cannot be had"
  mkdir "$scratch/curl"
  tar --no-same-owner --strip-components=1 -C "$scratch/curl" -xf "$scratch"/curl_*.orig.tar.gz
  cd "$scratch/curl"
  cmake -E tar xf "$scratch"/curl_*.debian.tar.xz
  local name
  while read -r name; do
    patch --quiet --strip=1 --input="debian/patches/$name"
  done < <(grep -v -e '^#' -e '^$' debian/patches/series)
  cd - >/dev/null
  rm -rf "$home"/curl-*
  mkdir "$source"
  mv "$scratch"/curl/{COPYING,include,lib} "$source"
}

compile() {
  local triplet includes=()
  triplet=$("$compiler" -dumpmachine)
  [ -z "$sysroot" ] ||
    includes=(-isystem "$sysroot/usr/include" -isystem "$sysroot/usr/include/$triplet")
  mkdir -p "$scratch"/{objects,made/include,made/lib}
  cd "$scratch/objects"
  printf "$source/lib/%s.c\n" "${SOURCES[@]}" | xargs -n 10 -P "$(nproc)" "$compiler" \
    "${FLAGS[@]}" -I "$here" -I "$source/include" -I "$source/lib" "${includes[@]}" -c
  "${cross_prefix}ar" rcsD "$scratch/made/lib/libcurl.a" ./*.o
  cd - >/dev/null
  cp -r "$source/include/curl" "$scratch/made/include"
  cp "$source/COPYING" "$scratch/made"
}

mkdir -p "$home"
home=$(cd "$home" && pwd)
command -v "$compiler" >/dev/null || die "there is no $compiler"
wanted="$(recipe) gcc-$("$compiler" -dumpfullversion) curl-$(wanted_version)"
made=$home/$architecture
exec 9>"$home/lock" && flock 9 # several checkouts may share the folder
[ "$(cat "$made/stamp" 2>/dev/null)" != "$wanted" ] || exit 0

for tool in apt-get cmake patch; do
  command -v "$tool" >/dev/null || die "building it takes $tool"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
source=$home/curl-$(wanted_version)
[ -d "$source" ] || fetch
compile
echo "$wanted" >"$scratch/made/stamp"
rm -rf "$made"
mv "$scratch/made" "$made"
