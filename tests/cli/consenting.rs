//! Who may change what: consent to go on, and each risk by its name.

use crate::scene::Scene;

const ORDERS: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3, retention.ms: 7d } }\n";

#[test]
fn nothing_is_done_before_somebody_has_consented() {
    let scene = Scene::new(ORDERS);
    insta::assert_snapshot!(scene.told("apply"), @r"
    status 4
    --- stdout
    + topic orders  (topology.yaml:2)
        partitions 2, replication 3
        retention.ms  7d (604800000)

    1 to create, 0 to change, 0 blocked; 0 unchanged
    error: consent is missing, and there is no terminal to ask at
      → add --yes
    Refused; nothing was changed.
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("apply --dry-run"), @r"
    status 0
    --- stdout
    + topic orders  (topology.yaml:2)
        partitions 2, replication 3
        retention.ms  7d (604800000)

    1 to create, 0 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    assert_eq!(scene.run("apply --allow moves-keys").status, 4, "a risk that is allowed is no consent");
    assert!(scene.cluster.topics().is_empty());
}

#[test]
fn consent_allows_no_risk() {
    let scene = Scene::applied(ORDERS).file("more.yaml", &ORDERS.replace("partitions: 2", "partitions: 6"));
    scene.cluster.fill("orders", 0, 3);
    let partitions = || scene.cluster.with(|state| state.topics["orders"].partitions.len());
    insta::assert_snapshot!(scene.told("apply -f more.yaml --yes"), @r"
    status 4
    --- stdout
    ~ topic orders  (more.yaml:2)
        partitions  2 → 6
        risk moves-keys: new records of a key may land on another partition than its old ones, so that readers see them out of order
        the topic holds up to 3 records, by its offsets
        seen reading it: no group (by the commits and members of the groups that can be seen)

    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (more.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow moves-keys is needed.
    error: the risk moves-keys is not allowed, and there is no terminal to ask at
      → add --allow moves-keys
      → moves-keys: new records of a key may land on another partition than its old ones, so that readers see them out of order
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("apply -f more.yaml --yes --allow loses-data").status, 4, "another risk");
    assert_eq!(partitions(), 2);
    insta::assert_snapshot!(scene.told("apply -f more.yaml --yes --allow moves-keys -q"), @r"
    status 0
    --- stdout
    ~ topic orders  (more.yaml:2)
        partitions  2 → 6
        risk moves-keys: new records of a key may land on another partition than its old ones, so that readers see them out of order
        the topic holds up to 3 records, by its offsets
        seen reading it: no group (by the commits and members of the groups that can be seen)

    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (more.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ add-partitions orders
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
    --- stderr
    ");
    assert_eq!(partitions(), 6);
}

#[test]
fn what_shortens_retention_loses_records() {
    // Small segments, for retention drops whole ones.
    let orders = ORDERS.replace("retention.ms: 7d", "retention.ms: 7d, segment.ms: 1m");
    let scene =
        Scene::applied(&orders).file("less.yaml", &orders.replace("retention.ms: 7d", "retention.ms: 1h"));
    scene.cluster.fill("orders", 1, 90);
    insta::assert_snapshot!(scene.told("apply -f less.yaml --yes"), @r"
    status 4
    --- stdout
    ~ topic orders  (less.yaml:2)
        retention.ms  7d (604800000) → 1h (3600000)
        risk loses-data: records that exist, or may exist, become deletable
        retention.ms is lowered from 7d (604800000) to 1h (3600000)
        the topic holds up to 90 records, by its offsets
        estimate: 30 records go (by offsets and times; whole segments go, each once its newest record is that old)
        estimate: 5.1 kB (5100) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    error: the risk loses-data is not allowed, and there is no terminal to ask at
      → add --allow loses-data
      → loses-data: records that exist, or may exist, become deletable
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("apply -f less.yaml --yes --allow loses-data").status, 0);
    // What was estimated is what goes, to a segment.
    let gone = scene.cluster.with(|state| {
        assert!(state.run_retention() > 10, "segments are small");
        state.partition("orders", 1).map(|partition| partition.log.start()).ok()
    });
    assert!(gone.is_some_and(|gone| (28..=30).contains(&gone)), "{gone:?}");
}
