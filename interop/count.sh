# To be sourced. Adds up what parts of a run report.

passed=0 failed=0

# counted NAME COMMAND...: runs the command, shows its output and adds its counts. It reports either by the test
# runner's summary ("Tests  2 failed | 40 passed (42)") or by a last line "40 passed, 2 failed"; without a report,
# or with a failure that it does not count, it counts as one failure.
counted() {
  local name=$1 log report status=0 started=$SECONDS
  shift
  log=$(mktemp)
  printf '\n==> %s\n' "$name"
  "$@" 2>&1 | tee "$log" || status=$?
  report=$(report_of "$log")
  rm -f "$log"
  local one=${report% *} other=${report#* }
  if [ "$status" -ne 0 ] && [ "$other" -eq 0 ]; then other=1; fi
  if [ "$one" -eq 0 ] && [ "$other" -eq 0 ]; then other=1; fi
  passed=$((passed + one)) failed=$((failed + other))
  printf '==> %s: %s passed, %s failed in %s s\n' "$name" "$one" "$other" "$((SECONDS - started))"
}

# "PASSED FAILED" of a log, "0 0" when it has no report.
report_of() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    $1 == "Tests" {
      one = other = 0
      for (i = 2; i <= NF; i++) { if ($i == "passed") one = $(i - 1); if ($i == "failed") other = $(i - 1) }
    }
    /^[0-9]+ passed, [0-9]+ failed$/ { one = $1; other = $3 }
    END { print one + 0, other + 0 }'
}

# The closing line, alone on a line; fails when anything failed.
report() {
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
