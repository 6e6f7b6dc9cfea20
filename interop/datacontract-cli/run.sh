#!/usr/bin/env bash
# Tests one contract on one file with `crossdock contract test` and with datacontract-cli: the verdicts of the rules
# that both know must agree, and the times of the whole processes are printed. Installs Python 3.10+ where it is
# missing; libraries go to a cache outside of the repository. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/../need.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crossdock-interop
venv=$cache/datacontract-cli-1
node "$repo/scripts/setup.mjs"
export PATH="$repo/node_modules/.bin:$PATH"

need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || install_one_of python3-venv

mkdir -p "$cache"
if [ ! -e "$venv/ready" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'datacontract-cli[duckdb,parquet]==1.2.8'
  touch "$venv/ready"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node "$here/compare.ts" "$work" "$venv/bin/datacontract"
