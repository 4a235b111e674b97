# debian.sh — sourced by its neighbours: what Debian's archive holds, read without touching this
# machine's apt.
#
#   die()  { … }                       the caller's: says why, and ends
#   scratch=$(mktemp -d)               the caller's, and removed by it
#   from_debian deb-src amd64 source --download-only curl       a source package
#   from_debian deb     arm64 download libssl-dev               packages of any architecture
#
# The files land in $scratch. They come from the machine's own mirrors, or else from Debian's, by way
# of a source list, an index and a cache that live in $scratch, so that anybody can run this and
# nothing is installed. apt checks signatures against Debian's keyring. Where they cannot be had,
# apt's own words go to standard error and the status is 1.
# shellcheck shell=bash disable=SC2154

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The release of this machine; dies where it is no Debian.
debian_codename() {
  grep -q '^ID=debian$' /etc/os-release ||
    die "it comes from Debian's mirrors, and this machine runs another system"
  [ -r "$DEBIAN_KEYRING" ] || die "there is no $DEBIAN_KEYRING to check it with"
  sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# The machine's mirrors of a release, as "URI SUITE" lines.
machine_mirrors() {
  apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' \
    2>/dev/null | awk -v name="$1" '$3 == "main" && $1 !~ /^cdrom:/ &&
      ($2 == name || $2 == name "-updates" || $2 == name "-security") {
        sub("/$", "", $1); print $1, $2 }' | sort -u
}

debian_mirrors() {
  printf 'http://deb.debian.org/debian %s\n' "$1" "$1-updates"
  printf 'http://deb.debian.org/debian-security %s\n' "$1-security"
}

# from_mirrors KIND ARCHITECTURE APT_GET_WORDS…: by the mirrors on standard input.
from_mirrors() {
  local kind=$1 architecture=$2
  shift 2
  sed "s|^|$kind [signed-by=$DEBIAN_KEYRING] |; s|\$| main|" >"$scratch/sources.list"
  rm -rf "$scratch/apt"
  mkdir -p "$scratch"/apt/{lists,cache,state}/partial
  {
    apt-config dump Acquire # how this machine reaches its mirrors: proxies, certificates
    printf '%s "%s";\n' Acquire::AllowInsecureRepositories false \
      Acquire::AllowWeakRepositories false Acquire::AllowDowngradeToInsecureRepositories false \
      Acquire::Retries 1 Acquire::http::Timeout 20 Acquire::https::Timeout 20 \
      APT::Get::AllowUnauthenticated false \
      APT::Architecture "$architecture" APT::Architectures "$architecture" \
      APT::Update::Error-Mode any Dir::Etc::Main /dev/null Dir::Etc::Parts /dev/null \
      Dir::Etc::SourceList "$scratch/sources.list" Dir::Etc::SourceParts /dev/null \
      Dir::State "$scratch/apt/state" Dir::State::Lists "$scratch/apt/lists" \
      Dir::State::Status /dev/null Dir::Cache "$scratch/apt/cache"
  } >"$scratch/apt.conf"
  [ "$(id -u)" != 0 ] || chown _apt "$scratch" # whom apt downloads as
  (cd "$scratch" && export APT_CONFIG=$scratch/apt.conf &&
    apt-get update --quiet && apt-get "$@" --quiet) >"$scratch/log" 2>&1
}

from_debian() {
  local codename
  codename=$(debian_codename)
  machine_mirrors "$codename" >"$scratch/machine"
  debian_mirrors "$codename" | sort >"$scratch/debian"
  if [ -s "$scratch/machine" ] && ! cmp -s "$scratch/machine" "$scratch/debian"; then
    from_mirrors "$@" <"$scratch/machine" && return
  fi
  from_mirrors "$@" <"$scratch/debian" && return
  sed 's/^/  /' "$scratch/log" >&2
  return 1
}
