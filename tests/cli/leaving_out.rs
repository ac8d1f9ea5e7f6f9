//! `apply --skip-blocked`: the rest is applied, what is blocked is named, and the status says that it is not all.

use crate::documents::{Plan, Report};
use crate::scene::Scene;

const BEFORE: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 3 }
  wallets: { partitions: 1, replication: 3 }
";

/// `orders` is to have fewer partitions, and another retention beside.
const AFTER: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3, segment.ms: 1d }
  wallets: { partitions: 1, replication: 3, segment.ms: 1d }
  trades: { partitions: 1, replication: 3 }
";

fn scene() -> Scene {
    Scene::applied(BEFORE).file("topology.yaml", AFTER)
}

#[test]
fn the_rest_is_applied_and_the_status_is_3() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("apply --yes --skip-blocked"), @r"
    status 3
    --- stdout
    + topic trades  (topology.yaml:5)
        partitions 1, replication 3
    ~ topic wallets  (topology.yaml:4)
        segment.ms  not set → 1d (86400000)
    ! topic orders  (topology.yaml:3)
        fewer-partitions: 'orders' has 4 partitions and the file wants 2; Kafka cannot remove partitions. Ask for 4 or more, or make a new topic and move its readers and writers there

    1 to create, 1 to change, 1 blocked; 0 unchanged
    1 resource is marked ! and left out; the rest can be applied.
    done           + create-topic trades
    done           ~ set-config wallets
    Partly done: 2 steps: 2 done; 1 blocked resource left out.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → mend the lines of what is marked !, and apply again
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["orders", "trades", "wallets"]);
    let configs = |topic: &str| scene.cluster.with(|state| state.topics[topic].configs.clone());
    assert!(configs("wallets").contains_key("segment.ms"));
    assert!(configs("orders").is_empty(), "a resource with a conflict is left out whole");

    insta::assert_snapshot!(scene.told("apply --yes --skip-blocked"), @r"
    status 1
    --- stdout
    ! topic orders  (topology.yaml:3)
        fewer-partitions: 'orders' has 4 partitions and the file wants 2; Kafka cannot remove partitions. Ask for 4 or more, or make a new topic and move its readers and writers there

    0 to create, 0 to change, 1 blocked; 2 unchanged
    The plan cannot be applied: without what is marked ! there is nothing to change.
    error: all that would change is blocked, so nothing is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn without_the_flag_nothing_is_done() {
    let scene = scene();
    assert_eq!(scene.run("apply --yes").status, 1);
    assert_eq!(scene.cluster.topics(), ["orders", "wallets"]);
}

#[test]
fn documents_name_what_is_left_out() {
    let scene = scene();
    let plan: Plan = scene.document("apply --skip-blocked --dry-run -q", 3);
    assert_eq!((plan.appliable, plan.skips_blocked, plan.summary.blocked), (true, true, 1));
    assert_eq!(plan.steps.len(), 2);
    let report: Report = scene.document("apply --yes --skip-blocked -q", 3);
    assert_eq!((report.outcome.as_str(), report.conflicts.len()), ("partial", 1));
}

#[test]
fn a_saved_plan_with_conflicts_can_be_carried_out_without_them() {
    let scene = scene();
    assert_eq!(scene.run("plan --out p.json").status, 1);
    assert_eq!(scene.run("apply p.json --yes").status, 1);
    assert_eq!(scene.run("apply p.json --yes --skip-blocked").status, 3);
    assert_eq!(scene.cluster.topics(), ["orders", "trades", "wallets"]);
}
