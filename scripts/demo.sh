#!/bin/sh
# The main job from start to end on three real brokers and a real registry, which end with this script. Each command is shown as one
# would type it. Nothing is written outside of a temporary folder and target/.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
bed=
finish() {
    status=$?
    trap - EXIT
    # The bed ends when its input closes.
    exec 9>&-
    [ -z "$bed" ] || wait "$bed" || true
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

cargo build -q --bin klerk
cargo build -q -p klerk-testbed --bin testbed
programs=${CARGO_TARGET_DIR:-$PWD/target}/debug

echo 'Starting three brokers and a schema registry …'
mkfifo "$work/hold"
"$programs/testbed" up <"$work/hold" >"$work/addresses" 2>"$work/bed-log" &
bed=$!
exec 9>"$work/hold"
until grep -q '^KLERK_REGISTRY=' "$work/addresses"; do
    if ! kill -0 "$bed" 2>/dev/null; then
        cat "$work/bed-log" >&2
        exit 1
    fi
    sleep 0.1
done

# No setting of the caller's may send the demo to another cluster.
for variable in $(env | sed -n -E 's/^((KLERK|KAFKA|SCHEMA_REGISTRY)_[A-Z_]*)=.*/\1/p'); do
    unset "$variable"
done
. "$work/addresses"
export KLERK_BOOTSTRAP KLERK_REGISTRY
export XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"

# show STATUS ARGUMENT…: the status is what klerk must end with.
show() {
    expected=$1
    shift
    printf '\n$ klerk %s\n' "$*"
    status=0
    "$programs/klerk" "$@" 9>&- || status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "demo: klerk $* ended with status $status instead of $expected" >&2
        exit 1
    fi
}

say() {
    printf '\n# %s\n' "$*"
}

printf '\n$ export KLERK_BOOTSTRAP=%s\n$ export KLERK_REGISTRY=%s\n' "$KLERK_BOOTSTRAP" "$KLERK_REGISTRY"

show 0 validate
show 0 plan
show 0 apply --yes
show 0 plan --detailed-exitcode

say 'Some records are produced, and two groups read a part of them.'
"$programs/testbed" seed "$KLERK_BOOTSTRAP" pf-trading-signal-cg trading.executed 100 60
"$programs/testbed" seed "$KLERK_BOOTSTRAP" pf-onboarding-cg faucet.claimed 50 50
show 0 group lag
show 0 group reset pf-trading-signal-cg --topic trading.executed --shift-by -10 --yes
show 0 group lag pf-trading-signal-cg

say 'The reset was recorded first, so there is a way back.'
record=$(find "$XDG_STATE_HOME" -name '*.jsonl' | sort | tail -n 1)
show 0 undo "$record" --yes
show 0 group lag pf-trading-signal-cg
