//! The main job, whole, on a simulated cluster: Purple Flea's estate from nothing, and back after somebody has changed things by
//! hand.

use crate::estate::estate;
use crate::scene::Scene;
use klerk_sandbox::state::Topic;
use regex::Regex;
use uuid::Uuid;

/// What a run told, but for how the registry spells the schemas that it holds.
fn told(scene: &Scene, line: &str) -> String {
    let (spelling, blank) = (r"(?m)^info subject/other-spelling: .*\n(    likewise .*\n)?", "--- stdout\n\n");
    let told = Regex::new(spelling).expect("a pattern").replace_all(&scene.told(line), "").into_owned();
    told.replace(blank, "--- stdout\n")
}

/// What an apply told, with its plan left out.
fn applied(scene: &Scene) -> String {
    let plan = told(scene, "plan");
    let (_, plan) = plan.split_once("--- stdout\n").expect("both streams");
    let plan = plan.split("--- stderr\n").next().expect("a plan");
    told(scene, "apply --yes -q").replace(plan, "<the plan>\n")
}

#[test]
fn it_is_planned_and_applied_and_then_there_is_nothing_to_do() {
    let scene = estate();
    insta::assert_snapshot!(told(&scene, "validate"), @r"
    status 0
    --- stdout
    sound: 12 topics, 4 schemas, 6 groups in topology.yaml

    info[topic/compaction-without-key]: 'wallet.balance' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
      --> topology.yaml:32:21
       |
    32 |     cleanup.policy: compact
       |                     ^^^^^^^

    1 info
    --- stderr
    ");
    insta::assert_snapshot!(told(&scene, "plan --detailed-exitcode"), @r"
    status 2
    --- stdout
    + 3 topics: casino.outcome, trading.executed, trading.liquidated
        partitions 16, replication 3
        compression.type  snappy
        retention.ms  7d (604800000)
        from class stream: compression.type, partitions, retention.ms  (topology.yaml:16)
        from defaults: replication  (topology.yaml:12)
        casino.outcome: read by pf-alert-cg
        trading.executed, trading.liquidated: read by pf-alert-cg, pf-trading-signal-cg
    + 3 topics: domain.registered, faucet.claimed, wallet.deposit
        partitions 4, replication 3
        retention.ms  90d (7776000000)
        from class history: partitions, retention.ms  (topology.yaml:17)
        from defaults: replication  (topology.yaml:12)
        domain.registered: read by pf-alert-cg
        faucet.claimed: read by pf-alert-cg, pf-onboarding-cg
        wallet.deposit: read by pf-alert-cg, pf-wallet-reconcile-cg
    + 5 topics: escrow.created, escrow.disputed, escrow.funded, escrow.refunded, escrow.released
        partitions 8, replication 3
        min.insync.replicas  2
        retention.ms  30d (2592000000)
        from class payment: min.insync.replicas, retention.ms  (topology.yaml:15)
        from defaults: partitions, replication  (topology.yaml:12)
        escrow.created: read by pf-alert-cg, pf-onboarding-cg
        escrow.disputed: read by pf-alert-cg, pf-dispute-cg
        escrow.funded: read by pf-alert-cg
        escrow.refunded, escrow.released: read by pf-alert-cg, pf-settlement-cg
    + topic wallet.balance  (topology.yaml:31)
        partitions 8, replication 3
        cleanup.policy  compact
        min.cleanable.dirty.ratio  0.1
        segment.ms  1d (86400000)
        read by pf-alert-cg, pf-wallet-reconcile-cg
    + 4 subjects: escrow.released-value, faucet.claimed-value, trading.executed-value, wallet.balance-value
        compatibility  as the registry has it → BACKWARD
        schema  first version, AVRO
        from schemas: compatibility  (topology.yaml:38)

    info topic/compaction-without-key: 'wallet.balance' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key  (topology.yaml:32)

    What changes alike is told of together; --full tells of each by itself.
    16 to create, 0 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    assert_eq!(scene.cluster.topics().len(), 0, "a plan changes nothing");
    insta::assert_snapshot!(applied(&scene), @r"
    status 0
    --- stdout
    <the plan>
    done           + create-topic casino.outcome
    done           + create-topic domain.registered
    done           + create-topic escrow.created
    done           + create-topic escrow.disputed
    done           + create-topic escrow.funded
    done           + create-topic escrow.refunded
    done           + create-topic escrow.released
    done           + create-topic faucet.claimed
    done           + create-topic trading.executed
    done           + create-topic trading.liquidated
    done           + create-topic wallet.balance
    done           + create-topic wallet.deposit
    done           ~ set-compatibility escrow.released-value
    done           ~ set-compatibility faucet.claimed-value
    done           ~ set-compatibility trading.executed-value
    done           ~ set-compatibility wallet.balance-value
    done           + register-schema escrow.released-value
    done           + register-schema faucet.claimed-value
    done           + register-schema trading.executed-value
    done           + register-schema wallet.balance-value
    Done: 20 steps: 20 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.topics().len(), 12);
    assert_eq!(scene.cluster.with_registry(|registry| registry.subjects.len()), 4);
    insta::assert_snapshot!(told(&scene, "plan --detailed-exitcode"), @r"
    status 0
    --- stdout
    info topic/pinned-default: 'casino.outcome' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:16)
        likewise topic trading.executed, topic trading.liquidated
    info topic/pinned-default: 'escrow.created' pins min.insync.replicas to 2, which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:15)
        likewise topic escrow.disputed, topic escrow.funded, topic escrow.refunded, topic escrow.released
    info topic/compaction-without-key: 'wallet.balance' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key  (topology.yaml:32)

    0 to create, 0 to change, 0 blocked; 16 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(told(&scene, "apply --yes"), @r"
    status 0
    --- stdout
    info topic/pinned-default: 'casino.outcome' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:16)
        likewise topic trading.executed, topic trading.liquidated
    info topic/pinned-default: 'escrow.created' pins min.insync.replicas to 2, which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:15)
        likewise topic escrow.disputed, topic escrow.funded, topic escrow.refunded, topic escrow.released
    info topic/compaction-without-key: 'wallet.balance' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key  (topology.yaml:32)

    0 to create, 0 to change, 0 blocked; 16 unchanged
    Nothing to do.
    --- stderr
    ");
}

#[test]
fn what_was_changed_by_hand_is_found_and_set_right() {
    let scene = estate();
    scene.apply();
    scene.cluster.alter("trading.executed", "retention.ms", Some("86400000"));
    scene.cluster.alter("casino.outcome", "compression.type", None);
    scene.cluster.alter("wallet.balance", "min.cleanable.dirty.ratio", Some("0.7"));
    scene.cluster.with(|state| {
        let copy = state.topics["faucet.claimed"].clone();
        state.add_topic("faucet.spare", Topic { id: Uuid::new_v4(), ..copy });
        state.remove_topic("domain.registered");
    });
    insta::assert_snapshot!(told(&scene, "plan --detailed-exitcode"), @r"
    status 2
    --- stdout
    + topic domain.registered  (topology.yaml:30)
        partitions 4, replication 3
        retention.ms  90d (7776000000)
        read by pf-alert-cg
    ~ topic casino.outcome  (topology.yaml:16)
        compression.type  not set → snappy
        read by pf-alert-cg
    ~ topic trading.executed  (topology.yaml:16)
        retention.ms  1d (86400000) → 7d (604800000)
        read by pf-alert-cg, pf-trading-signal-cg
    ~ topic wallet.balance  (topology.yaml:33)
        min.cleanable.dirty.ratio  0.7 → 0.1
        read by pf-alert-cg, pf-wallet-reconcile-cg

    unmanaged, left alone: 1 topic: faucet.spare
    info topic/pinned-default: 'casino.outcome' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:16)
        likewise topic trading.executed, topic trading.liquidated
    info topic/pinned-default: 'escrow.created' pins min.insync.replicas to 2, which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:15)
        likewise topic escrow.disputed, topic escrow.funded, topic escrow.refunded, topic escrow.released
    info topic/compaction-without-key: 'wallet.balance' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key  (topology.yaml:32)

    1 to create, 3 to change, 0 blocked; 12 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(told(&scene, "plan --detailed-exitcode --match casino.*"), @r"
    status 2
    --- stdout
    ~ topic casino.outcome  (topology.yaml:16)
        compression.type  not set → snappy
        from class stream: compression.type  (topology.yaml:16)
        read by pf-alert-cg

    info topic/pinned-default: 'casino.outcome' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:16)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(applied(&scene), @r"
    status 0
    --- stdout
    <the plan>
    done           + create-topic domain.registered
    done           ~ set-config casino.outcome
    done           ~ set-config trading.executed
    done           ~ set-config wallet.balance
    Done: 4 steps: 4 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
    assert!(scene.cluster.topics().contains(&"faucet.spare".to_owned()), "what no file names stays");
}
