#!/usr/bin/env bash
# The main job on the local cloud: provision an example, call it, show what it said, take it away.
# examples/demo.sh [LACONIC]; ./dev demo runs it.
set -euo pipefail
laconic=$(realpath "${1:-laconic}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$(dirname "${BASH_SOURCE[0]}")/01-hello/." "$work"
cd "$work"

show() {
  printf '\n\033[1m$ laconic %s\033[0m\n' "$*"
  "$laconic" "$@"
}

show provision --local
show outputs --local
show invoke hello '{"name":"Ada"}' --local
show logs hello --local
show provision --local
show delete --local
show status --local
