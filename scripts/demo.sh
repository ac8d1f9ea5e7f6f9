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
until grep -q KLERK_REGISTRY= "$work/addresses"; do
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
export XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"
PATH=$programs:$PWD/target/testbed/bin:$PATH

# show STATUS COMMAND…: prints the command as one could type it, then what it says. STATUS is what it must end with.
show() {
    expected=$1
    shift
    printf '\n$ %s\n' "$*"
    status=0
    "$@" 9>&- || status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "demo: $1 ended with status $status instead of $expected" >&2
        exit 1
    fi
}

# holds PATTERN ARGUMENT…: looks at the JSON that klerk prints with these arguments, unseen.
holds() {
    pattern=$1
    shift
    klerk "$@" --output json 9>&- >"$work/json"
    if ! grep -Eq "$pattern" "$work/json"; then
        echo "demo: klerk $* does not tell $pattern:" >&2
        cat "$work/json" >&2
        exit 1
    fi
}

say() {
    printf '\n# %s\n' "$*"
}

echo
sed 's/^/$ /' "$work/addresses"
echo '$ export PATH="$PWD/target/debug:$PWD/target/testbed/bin:$PATH"'

say 'The file is sound, and nothing of it exists yet.'
show 0 klerk validate
show 2 klerk plan --detailed-exitcode
show 0 klerk apply --yes
show 0 klerk plan --detailed-exitcode

say 'Somebody changes a topic by hand and deletes another. The plan finds exactly that, and applying it mends it.'
show 0 kafka-configs.sh --bootstrap-server "$KLERK_BOOTSTRAP" --alter --entity-type topics --entity-name escrow.released \
    --add-config retention.ms=86400000
show 0 kafka-topics.sh --bootstrap-server "$KLERK_BOOTSTRAP" --delete --topic trading.liquidated
holds '"create": 1,' plan
holds '"change": 1,' plan
show 2 klerk plan --detailed-exitcode
show 0 klerk apply --yes
show 0 klerk plan --detailed-exitcode

say 'A service has read 30 of 50 records of each partition, and another all of its records.'
show 0 testbed seed "$KLERK_BOOTSTRAP" pf-onboarding-cg faucet.claimed 50 30
show 0 testbed seed "$KLERK_BOOTSTRAP" pf-settlement-cg escrow.released 10 10
show 0 klerk group lag
holds '"lag": 80,' group lag pf-onboarding-cg

say 'It has to read its last ten records again. The dry run only shows it; then it is done, and recorded first.'
show 0 klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --dry-run
holds '"lag": 80,' group lag pf-onboarding-cg
show 0 klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --yes
show 0 klerk group lag pf-onboarding-cg
holds '"lag": 120,' group lag pf-onboarding-cg

say 'And the way back, over the last record.'
show 0 klerk undo last --yes
show 0 klerk group lag pf-onboarding-cg
holds '"lag": 80,' group lag pf-onboarding-cg
