#!/usr/bin/env bash
# Everything that needs more than Node: each folder here has a run.sh that ends with "N passed, N failed".
# `interop/run.sh NAME...` runs only these.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/need.sh"
. "$here/count.sh"

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for script in "$here"/*/run.sh; do names+=("$(basename "$(dirname "$script")")"); done
fi
for name in "${names[@]}"; do counted "$name" "$here/$name/run.sh"; done
report
