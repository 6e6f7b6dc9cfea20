#!/usr/bin/env bash
# Rounds of kill -9 at random moments (test/flows/kill.test.ts), on the embedded database and on PostgreSQL.
# CROSSDOCK_TEST_KILL_ROUNDS says how many, default 5; 50 for a thorough run. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/../need.sh"
. "$here/../count.sh"
export PATH="$repo/node_modules/.bin:$PATH"
export CROSSDOCK_TEST_KILL_ROUNDS=${CROSSDOCK_TEST_KILL_ROUNDS:-5}

cd "$repo"
counted 'kill -9, embedded' env -u CROSSDOCK_TEST_DATABASE_URL vitest run test/flows/kill
. "$here/../postgres-server.sh"
counted 'kill -9, PostgreSQL' vitest run test/flows/kill
report
