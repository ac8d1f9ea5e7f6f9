#!/bin/sh
# Runs all tests of the workspace. The last line is `N passed, N failed`, summed over all test programs; it is also left in
# target/test-count. Arguments go to `cargo test`.
set -u
cd "$(dirname "$0")/.." || exit 1
mkdir -p target
log=target/test-log
count=target/test-count

{ cargo test --workspace --no-fail-fast "$@" 2>&1; echo $? >"$log.status"; } | tee "$log"

awk -v status="$(cat "$log.status")" -v ci="${CI:-}" '
    /^test result:/ { passed += $4; failed += $6; skipped += $8 }
    END {
        # A program that did not compile, or that died before its summary, has no line to count.
        if (status != 0 && failed == 0) {
            failed = 1
            print "cargo test ended with status " status " without a failed test"
        }
        if (skipped > 0 && ci == "true") {
            failed += skipped
            print skipped " skipped tests count as failed under CI=true"
        } else if (skipped > 0) {
            print skipped " skipped"
        }
        print passed + 0 " passed, " failed + 0 " failed"
    }' "$log" >"$log.end"
cat "$log.end"
tail -n 1 "$log.end" >"$count"
rm -f "$log.end" "$log.status"
grep -q ' 0 failed$' "$count"
