#!/bin/sh
# Runs all tests of the workspace. The last line is `N passed, N failed`, summed over all test programs; it is also left in
# target/test-count. Before it stands how long each program took, the longest first. With arguments, they go to one `cargo test`.
set -u
cd "$(dirname "$0")/.." || exit 1
mkdir -p target
log=target/test-log
count=target/test-count

# All of them with the same packages chosen, or cargo builds dependencies again with other features.
run() { cargo test --workspace --no-fail-fast "$@" 2>&1 || echo $? >"$log.status"; }

# Each test program of the workspace but one, as arguments.
all_but() {
    for source in tests/*.rs tests/*/main.rs crates/*/tests/*.rs crates/*/tests/*/main.rs; do
        name=${source%/main.rs}
        name=$(basename "$name" .rs)
        [ ! -f "$source" ] || [ "$name" = "$1" ] || printf -- '--test %s ' "$name"
    done
}

echo 0 >"$log.status"
if [ $# -gt 0 ]; then
    run "$@"
else
    # Tests of the command line wait for their simulated clusters most of the time; what starts Java does not.
    RUST_TEST_THREADS=8 run --test cli
    # The names are words of their own.
    # shellcheck disable=SC2046
    run --lib --bins $(all_but cli)
    run --doc
fi | tee "$log"

echo 'seconds by test program:'
awk '
    $1 == "Running" { program = $2 == "unittests" ? $3 " " $4 : $2 }
    $1 == "Doc-tests" { program = $0; sub(/^ */, "", program) }
    /^test result:/ && / finished in / { seconds = $0; sub(/.* finished in /, "", seconds); sub(/s.*/, "", seconds)
        printf "%9.2f  %s\n", seconds, program }' "$log" | sort -rn | head -n 12

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
