#!/usr/bin/env bash
# Reads tables that our lake wrote with PyIceberg and with Apache Spark, and compares every row and a set of
# filtered counts. Installs Python 3.10+, Java 17 and Maven where they are missing; libraries go to a cache outside
# of the repository. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/../need.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crossdock-interop
venv=$cache/iceberg-readers-1
spark_runtime=org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.11.0
jar=$cache/iceberg-spark-runtime-3.5_2.12-1.11.0.jar
node "$repo/scripts/setup.mjs"
export PATH="$repo/node_modules/.bin:$PATH"

need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || install_one_of python3-venv
need java openjdk-17-jre-headless default-jre-headless
need mvn maven

mkdir -p "$cache"
if [ ! -e "$venv/ready" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'pyiceberg[pyarrow]==0.12.0' 'pyspark==3.5.9'
  touch "$venv/ready"
fi
if [ ! -e "$jar" ]; then
  mvn --quiet --batch-mode dependency:copy -Dartifact="$spark_runtime" -DoutputDirectory="$cache"
fi

tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
node "$here/write-tables.ts" "$tables"

passed=0 failed=0
read_with() {
  local output="$tables/$1.txt"
  # Spark logs at length on the error stream; it is shown only when something differs.
  if ! ICEBERG_SPARK_JAR=$jar "$venv/bin/python" "$here/read_tables.py" "$1" "$tables" >"$output" 2>"$output.log"; then
    tail -n 40 "$output.log" >&2
  fi
  cat "$output"
  local summary
  summary=$(tail -n 1 "$output" | sed -n 's/^[a-z]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
  # A reader that did not come to its last line has failed, whatever it printed before.
  read -r one other <<<"${summary:-0 1}"
  passed=$((passed + one)) failed=$((failed + other))
}
read_with pyiceberg
read_with spark
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
