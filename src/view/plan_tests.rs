use super::*;
use crate::testing::{commit, create, offset_move, plan_of, plan_of_every_kind, set_config};

#[test]
fn a_plan_of_every_kind() {
    insta::assert_snapshot!(human(&plan_of_every_kind(), &Style::plain()), @r"
    + topic escrow.released  (topology.yaml:10)
        partitions 8, replication 3
        retention.ms  30d (2592000000)
    ~ topic audit  (topology.yaml:80)
        PARTITION  START  NEW START    END   GO
                0      5        400  1,000  395
                3      5          5  1,000    0  2 lies before the log start: nothing goes
        2 partitions, 1 of them losing records; records that go: 395, older than 2026-11-18T11:06:40Z; topic id BwcHBwcHBwcHBwcHBwcHBw
    ~ topic orders  (topology.yaml:20)
        partitions  4 → 8
        risk moves-keys: new records of a key may land on another partition than its old ones, so that readers see them out of order
        read by settlement
        keyed by order_id
    ~ topic trades  (topology.yaml:30)
        retention.ms  7d (604800000) → 30d (2592000000)
        segment.bytes  1 MiB (1048576) → unset, as the broker has it
    ~ subject trades-value  (topology.yaml:40)
        schema  version 1 (id 17) → new version, AVRO
        refers to Money: version 2 of money
        compatibility  as the registry has it → FULL  (topology.yaml:50)
    ~ group settlement  (topology.yaml:60)
        classic group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          0   100   40    -60        960
        orders          1  none    0    new      1,000
        2 partitions, 2 of them moving; records repeated: 60
        orders-2  5 → no commit  (topology.yaml:70)
        risk repeats-records: the group will read some records again
    ! topic wallets  (topology.yaml:99)
        fewer-partitions: topic wallets has 16 partitions and the file asks for 8: Kafka cannot remove partitions

    unmanaged, left alone: 2 topics: legacy.one, legacy.two
    info topic/pinned-default: segment.ms of trades is set to what it would be anyway  (topology.yaml:30)

    1 to create, 5 to change, 1 blocked; 2 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    ");
}

#[test]
fn nothing_to_do_is_one_line() {
    let mut plan = plan_of(Vec::new());
    plan.unchanged.insert(Resource::topic("orders"));
    assert_eq!(human(&plan, &Style::plain()), "0 to create, 0 to change, 0 blocked; 1 unchanged\n");
}

#[test]
fn changes_of_one_resource_stand_together_and_say_nothing_twice() {
    let mut changes = vec![set_config("orders", &[("retention.ms", None, Some("60000"))])];
    changes.push(Change::Topic(TopicChange::AddPartitions {
        topic: "orders".to_owned(),
        id: None,
        from: 1,
        to: 2,
    }));
    let mut plan = plan_of(changes);
    for step in &mut plan.steps {
        step.impact.groups.push("settlement".to_owned());
        step.preflighted = false;
    }
    insta::assert_snapshot!(human(&plan, &Style::plain()), @r"
    ~ topic orders
        retention.ms  not set → 1m (60000)
        partitions  1 → 2
        read by settlement
        not put to the server beforehand

    0 to create, 1 to change, 0 blocked; 0 unchanged
    ");
}

#[test]
fn a_thousand_topics_take_a_line_each() {
    let changes =
        (0..1000).map(|number| create(&format!("t{number:04}"), &[("retention.ms", "60000")])).collect();
    let text = human(&plan_of(changes), &Style::plain());
    assert_eq!(text.lines().count(), 1002);
    let some: Vec<&str> = text.lines().take(1).chain(text.lines().skip(999)).collect();
    insta::assert_snapshot!(some.join("\n"), @r"
    + topic t0000  partitions 8, replication 3; retention.ms  1m (60000)
    + topic t0999  partitions 8, replication 3; retention.ms  1m (60000)

    1,000 to create, 0 to change, 0 blocked; 0 unchanged
    ");
}

#[test]
fn many_partitions_are_summed_up_by_topic() {
    let moves = (0..1000).map(|partition| offset_move(partition, Some(10), 4)).collect();
    insta::assert_snapshot!(human(&plan_of(vec![commit("settlement", moves)]), &Style::plain()), @r"
    ~ group settlement
        classic group
        TOPIC   PARTITIONS  MOVING  SKIPPED  REPEATED  LAG AFTER
        orders       1,000   1,000        0     6,000    996,000
        1,000 partitions, 1,000 of them moving; records repeated: 6,000

    0 to create, 1 to change, 0 blocked; 0 unchanged
    ");
}

#[test]
fn colour_only_repeats_what_the_sign_says() {
    let plan = plan_of(vec![create("orders", &[])]);
    let coloured = human(&plan, &Style { coloured: true, width: None });
    assert!(coloured.contains("\u{1b}[32m+\u{1b}[0m topic orders"), "{coloured:?}");
}

#[test]
fn a_step_that_moves_nothing_counts_as_unchanged() {
    let plan = plan_of(vec![commit("settlement", vec![offset_move(0, Some(4), 4)])]);
    let text = human(&plan, &Style::plain());
    assert!(text.ends_with("0 to create, 0 to change, 0 blocked; 1 unchanged\n"), "{text}");
}

#[test]
fn what_is_the_same_of_many_subjects_is_told_of_the_first() {
    let mut plan = plan_of(Vec::new());
    plan.findings = ["a", "b", "c", "d"]
        .map(|name| Finding {
            severity: Severity::Info,
            code: "subject/other-spelling",
            message: format!("version 1 holds the same schema as {name}.avsc in another spelling"),
            resource: Resource::subject(name),
            origin: None,
        })
        .into();
    insta::assert_snapshot!(human(&plan, &Style::plain()), @r"
    info subject/other-spelling: version 1 holds the same schema as a.avsc in another spelling
        likewise subject b, subject c, subject d

    0 to create, 0 to change, 0 blocked; 0 unchanged
    ");
    plan.findings.truncate(2);
    assert_eq!(human(&plan, &Style::plain()).matches("info subject/other-spelling").count(), 2);
}
