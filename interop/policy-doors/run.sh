#!/usr/bin/env bash
# Asks Trino and PyIceberg what our compilers wrote: generated tables, plans as row filters and column masks of Trino
# and as Iceberg predicates; every row must be the one that the reference shows. Libraries go to a cache outside of the
# repository. Ends with "N passed, N failed".
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
# Trino 476 runs on Java 24 and newer, with a compiler (it starts from a source file) and the vector module.
find_java() {
  local candidate version
  for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
    [ -x "$candidate" ] || continue
    version=$("$candidate" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
    if [ "${version:-0}" -ge 24 ] && [ -x "$(dirname "$candidate")/javac" ]; then echo "$candidate"; return; fi
  done
}
java=$(find_java)
if [ -z "$java" ]; then
  install_one_of openjdk-25-jdk-headless temurin-25-jdk || true
  java=$(find_java)
fi
readers=(pyiceberg)
if [ -n "$java" ]; then readers+=(trino); else echo "trino: skipped, there is no Java 24 or newer to be had"; fi

mkdir -p "$cache"
if [ ! -e "$venv/ready" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'pyiceberg[pyarrow]==0.12.0'
  touch "$venv/ready"
fi
if [ -n "$java" ] && [ ! -e "$jars/ready" ]; then
  mvn --quiet --batch-mode -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars"
  touch "$jars/ready"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node "$here/cases.ts" write "$work/cases.jsonl" "$tables"
"$venv/bin/python" "$here/ask_pyiceberg.py" "$work/cases.jsonl" "$work/pyiceberg.txt" &
if [ -n "$java" ]; then
  "$java" --add-modules jdk.incubator.vector -cp "$jars/*" "$here/AskTrino.java" \
    "$work/cases.jsonl" "$work/trino.txt" >"$work/trino.log" 2>&1 || tail -n 40 "$work/trino.log" >&2
fi
wait

passed=0 failed=0
touch "$work/pyiceberg.txt" "$work/trino.txt"
for reader in "${readers[@]}"; do
  node "$here/cases.ts" compare "$work/cases.jsonl" "$work/$reader.txt" | sed "s/^/$reader: /" | tee "$work/$reader.out" | tail -n 40
  read -r one other <<<"$(tail -n 1 "$work/$reader.out" | sed -n 's/.*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')"
  passed=$((passed + ${one:-0})) failed=$((failed + ${other:-1}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
