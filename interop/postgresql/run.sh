#!/usr/bin/env bash
# The tests of src and test/flows on a PostgreSQL server made for this run. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/../need.sh"
. "$here/../count.sh"
node "$repo/scripts/setup.mjs"
export PATH="$repo/node_modules/.bin:$PATH"

. "$here/../postgres-server.sh"
cd "$repo"
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(src test/flows)
counted 'tests on PostgreSQL' vitest run "${tests[@]}"
report
