use super::*;
use crate::testing::{commit, create, offset_move, plan_of, plan_of_every_kind, set_config};
use klerk_core::plan::{ConflictReason, Estimate, Finding, Loss, Risk, Severity, Span, ValueOrigin};

#[test]
fn a_plan_of_every_kind() {
    insta::assert_snapshot!(human(&plan_of_every_kind(), &Telling::default(), &Style::plain()), @r"
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
        held back by rates that were set before: broker 1 sends at most 250kB/s; klerk has not set that, as far as this machine knows, and leaves it: klerk cluster moves --remove-throttle takes it off once no copy needs it
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
    assert_eq!(
        human(&plan, &Telling::default(), &Style::plain()),
        "0 to create, 0 to change, 0 blocked; 1 unchanged\n"
    );
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
    insta::assert_snapshot!(human(&plan, &Telling::default(), &Style::plain()), @r"
    ~ topic orders
        retention.ms  not set → 1m (60000)
        partitions  1 → 2
        read by settlement
        not put to the server beforehand

    0 to create, 1 to change, 0 blocked; 0 unchanged
    ");
}

/// A plan of this many topics, of which every tenth is read by somebody and every fifth holds records.
fn cut(topics: i64) -> Plan {
    let changes = (0..topics)
        .map(|number| {
            set_config(&format!("t{number:04}"), &[("retention.ms", Some("2592000000"), Some("604800000"))])
        })
        .collect();
    let mut plan = plan_of(changes);
    for (step, number) in plan.steps.iter_mut().zip(0_i64..) {
        step.risks.insert(Risk::LosesData);
        step.origins = [("retention.ms".to_owned(), said("class audit", 12))].into();
        if number % 10 == 0 {
            step.impact.groups.push("settlement".to_owned());
        }
        step.impact.loss = Some(loss_of(if number % 5 == 0 { number * 1000 } else { 0 }));
    }
    plan
}

fn said(layer: &str, line: u32) -> ValueOrigin {
    let origin = Origin { file: "topology.yaml".into(), line, column: 3 };
    ValueOrigin { origin, layer: Some(layer.to_owned()) }
}

fn loss_of(records: i64) -> Loss {
    fn about<T>(value: T, how: &str) -> Estimate<T> {
        Estimate::About { value, how: how.to_owned() }
    }
    let span = Span { from_ms: 1_790_000_000_000, to_ms: 1_795_000_000_000 };
    Loss {
        records: about(records, "by offsets and times"),
        bytes: Estimate::NotAvailable("not allowed to see the log folders".to_owned()),
        span: about(span, "by the times of the first and the last record"),
        last_write_ms: about(None, "the latest time of a record"),
        unread: about([("billing".to_owned(), 7)].into(), "by the commits"),
    }
}

#[test]
fn a_thousand_topics_that_are_made_alike_are_told_of_once() {
    let changes =
        (0..1000).map(|number| create(&format!("t{number:04}"), &[("retention.ms", "60000")])).collect();
    let text = human(&plan_of(changes), &Telling::default(), &Style::plain());
    insta::assert_snapshot!(text, @r"
    + 1,000 topics: t0000, t0001, t0002, t0003, t0004, t0005, t0006, t0007, t0008, t0009, and 990 more
        partitions 8, replication 3
        retention.ms  1m (60000)

    What changes alike is told of together; --full tells of each by itself.
    1,000 to create, 0 to change, 0 blocked; 0 unchanged
    ");
}

#[test]
fn ten_topics_are_told_of_one_by_one() {
    let changes = (0..10).map(|number| create(&format!("t{number:02}"), &[])).collect();
    let text = human(&plan_of(changes), &Telling::default(), &Style::plain());
    assert_eq!(text.matches("+ topic t").count(), 10, "{text}");
}

#[test]
fn whoever_is_hurt_is_told_of_by_name() {
    insta::assert_snapshot!(human(&cut(25), &Telling::default(), &Style::plain()), @r"
    ~ 25 topics: t0000, t0001, t0002, t0003, t0004, t0005, t0006, t0007, t0008, t0009, and 15 more
        retention.ms  30d (2592000000) → 7d (604800000)
        from class audit: retention.ms  (topology.yaml:12)
        risk loses-data: records that exist, or may exist, become deletable
        t0000, t0010, t0020: read by settlement
        estimate of what goes:
        TOPIC  RECORDS  BYTES A REPLICA  FROM                  TO                    NOT READ YET BY
        t0005    5,000                ?  2026-09-21T14:13:20Z  2026-11-18T11:06:40Z  billing (7)
        t0010   10,000                ?  2026-09-21T14:13:20Z  2026-11-18T11:06:40Z  billing (7)
        t0015   15,000                ?  2026-09-21T14:13:20Z  2026-11-18T11:06:40Z  billing (7)
        t0020   20,000                ?  2026-09-21T14:13:20Z  2026-11-18T11:06:40Z  billing (7)
        estimate: no record goes of 21 topics
        records: by offsets and times
        time: by the times of the first and the last record
        unread: by the commits
        not available (?): bytes of 4 topics, such as t0005: not allowed to see the log folders

    What changes alike is told of together; --full tells of each by itself.
    0 to create, 25 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    ");
}

#[test]
fn in_full_every_resource_stands_by_itself_with_the_lines_of_its_values() {
    let full = Telling { full: true, ..Telling::default() };
    let text = human(&cut(25), &full, &Style::plain());
    assert_eq!(text.matches("~ topic t").count(), 25, "{text}");
    let first: Vec<&str> = text.lines().take(10).collect();
    insta::assert_snapshot!(first.join("\n"), @r"
    ~ topic t0000
        retention.ms  30d (2592000000) → 7d (604800000)
        from class audit: retention.ms  (topology.yaml:12)
        risk loses-data: records that exist, or may exist, become deletable
        read by settlement
        estimate: 0 records go (by offsets and times)
        estimate: not read yet by billing (7) (by the commits)
    ~ topic t0001
        retention.ms  30d (2592000000) → 7d (604800000)
        from class audit: retention.ms  (topology.yaml:12)
    ");
}

#[test]
fn a_hundred_topics_that_are_all_different_take_a_line_each_and_one_for_the_hurt() {
    let changes = (0..100)
        .map(|number| {
            set_config(
                &format!("t{number:04}"),
                &[("retention.ms", None, Some(&(60_000 + number).to_string()))],
            )
        })
        .collect();
    let mut plan = plan_of(changes);
    plan.steps[1].risks.insert(Risk::LosesData);
    plan.steps[1].impact.groups.push("settlement".to_owned());
    plan.steps[1].impact.loss = Some(loss_of(12));
    let text = human(&plan, &Telling::default(), &Style::plain());
    let some: Vec<&str> = text.lines().take(4).collect();
    insta::assert_snapshot!(some.join("\n"), @r"
    ~ topic t0000  retention.ms  not set → 1m (60000)
    ~ topic t0001  retention.ms  not set → 1m1ms (60001) [loses-data]
        read by settlement; estimate: 12 records go (by offsets and times); estimate: they are from 2026-09-21T14:13:20Z to 2026-11-18T11:06:40Z (by the times of the first and the last record); estimate: not read yet by billing (7) (by the commits); not available: bytes: not allowed to see the log folders
    ~ topic t0002  retention.ms  not set → 1m2ms (60002)
    ");
}

#[test]
fn the_value_of_a_single_topic_says_where_it_comes_from() {
    let mut plan = plan_of(vec![create("orders", &[("retention.ms", "60000")])]);
    plan.steps[0].origin = Some(Origin { file: "topology.yaml".into(), line: 4, column: 3 });
    plan.steps[0].origins = [
        ("partitions".to_owned(), said("defaults", 2)),
        ("replication".to_owned(), said("defaults", 2)),
        ("retention.ms".to_owned(), said("override of prod", 88)),
    ]
    .into();
    insta::assert_snapshot!(human(&plan, &Telling::default(), &Style::plain()), @r"
    + topic orders  (topology.yaml:4)
        partitions 8, replication 3
        retention.ms  1m (60000)
        from defaults: partitions, replication  (topology.yaml:2)
        from override of prod: retention.ms  (topology.yaml:88)

    1 to create, 0 to change, 0 blocked; 0 unchanged
    ");
}

#[test]
fn what_has_been_allowed_is_not_asked_for_again() {
    let mut plan = plan_of(vec![create("orders", &[])]);
    plan.steps[0].risks.extend([Risk::MovesKeys, Risk::LosesData]);
    let last = |allowed: &[Risk]| {
        let telling = Telling {
            allowed: allowed.iter().copied().map(Permission::from).collect(),
            ..Telling::default()
        };
        human(&plan, &telling, &Style::plain()).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last(&[]), "To apply it, --allow loses-data --allow moves-keys is needed.");
    assert_eq!(
        last(&[Risk::MovesKeys]),
        "To apply it, --allow loses-data is needed beside --allow moves-keys."
    );
    assert_eq!(last(&[Risk::MovesKeys, Risk::LosesData]), "1 to create, 0 to change, 0 blocked; 0 unchanged");
}

#[test]
fn of_very_many_findings_and_conflicts_the_first_are_told_and_the_others_named() {
    let mut plan = plan_of(Vec::new());
    for number in 0..30 {
        let resource = Resource::topic(format!("t{number:02}"));
        plan.conflicts.push(Conflict {
            resource: resource.clone(),
            reason: ConflictReason::FewerPartitions,
            message: "has more".to_owned(),
            origin: None,
        });
        plan.findings.push(Finding {
            severity: Severity::Warning,
            code: "topic/min-isr-above-replication",
            message: format!("it is so of t{number:02}"),
            resource,
            origin: None,
        });
    }
    let text = human(&plan, &Telling::default(), &Style::plain());
    let after: Vec<&str> = text.lines().skip(38).collect();
    insta::assert_snapshot!(after.join("\n"), @r"
    ! topic t19
        fewer-partitions: has more
    ! 10 conflicts more of fewer-partitions: topic t20, topic t21, topic t22, topic t23, topic t24, topic t25, topic t26, topic t27, topic t28, topic t29  (--full tells all)

    warning topic/min-isr-above-replication: it is so of t00
        likewise topic t01, topic t02, topic t03, topic t04, topic t05, topic t06, topic t07, topic t08, topic t09, topic t10, and 19 more

    0 to create, 0 to change, 30 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    ");
    let full = human(&plan, &Telling { full: true, ..Telling::default() }, &Style::plain());
    assert!(full.matches("has more").count() == 30 && full.matches("it is so").count() == 30, "{full}");
}

#[test]
fn going_on_without_what_is_blocked_is_said() {
    let plan = plan_of_every_kind().without_blocked();
    let text = human(&plan, &Telling::default(), &Style::plain());
    let last: Vec<&str> = text.lines().rev().take(3).collect();
    insta::assert_snapshot!(last.into_iter().rev().collect::<Vec<_>>().join("\n"), @r"
    1 to create, 5 to change, 1 blocked; 2 unchanged
    1 resource is marked ! and left out; the rest can be applied.
    To apply it, --allow moves-keys is needed.
    ");
}

#[test]
fn many_partitions_are_summed_up_by_topic() {
    let moves = (0..1000).map(|partition| offset_move(partition, Some(10), 4)).collect();
    insta::assert_snapshot!(human(&plan_of(vec![commit("settlement", moves)]), &Telling::default(), &Style::plain()), @r"
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
    let coloured = human(&plan, &Telling::default(), &Style { coloured: true, width: None });
    assert!(coloured.contains("\u{1b}[32m+\u{1b}[0m topic orders"), "{coloured:?}");
}

#[test]
fn a_step_that_moves_nothing_counts_as_unchanged() {
    let plan = plan_of(vec![commit("settlement", vec![offset_move(0, Some(4), 4)])]);
    let text = human(&plan, &Telling::default(), &Style::plain());
    assert!(text.ends_with("0 to create, 0 to change, 0 blocked; 1 unchanged\n"), "{text}");
}

#[test]
fn what_differs_is_never_said_to_be_likewise() {
    let finding = |severity, number: usize| Finding {
        severity,
        code: "topic/retention-below-segment",
        message: format!("'t{number:02}' keeps records for {} h", number % 3),
        resource: Resource::topic(format!("t{number:02}")),
        origin: None,
    };
    let mut plan = plan_of(Vec::new());
    plan.findings = (0..7).map(|number| finding(Severity::Info, number)).collect();
    insta::assert_snapshot!(human(&plan, &Telling::default(), &Style::plain()), @r"
    info topic/retention-below-segment: 't00' keeps records for 0 h
        likewise topic t03, topic t06
    info topic/retention-below-segment: 't01' keeps records for 1 h
    info topic/retention-below-segment: 't02' keeps records for 2 h
    info topic/retention-below-segment: 't04' keeps records for 1 h
    info topic/retention-below-segment: 't05' keeps records for 2 h

    0 to create, 0 to change, 0 blocked; 0 unchanged
    ");
    plan.findings = (0..24)
        .map(|number| Finding {
            message: format!("{number} is too short"),
            ..finding(Severity::Warning, number)
        })
        .collect();
    insta::assert_snapshot!(human(&plan, &Telling::default(), &Style::plain()), @r"
    warning topic/retention-below-segment: topic t00: 0 is too short
    warning topic/retention-below-segment: topic t01: 1 is too short
    warning topic/retention-below-segment: topic t02: 2 is too short
    warning topic/retention-below-segment: topic t03: 3 is too short
    warning topic/retention-below-segment: topic t04: 4 is too short
    warning topic/retention-below-segment: 19 findings more: topic t05, topic t06, topic t07, topic t08, topic t09, topic t10, topic t11, topic t12, topic t13, topic t14, and 9 more  (--full tells all)

    0 to create, 0 to change, 0 blocked; 0 unchanged
    ");
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
    insta::assert_snapshot!(human(&plan, &Telling::default(), &Style::plain()), @r"
    info subject/other-spelling: version 1 holds the same schema as a.avsc in another spelling
        likewise subject b, subject c, subject d

    0 to create, 0 to change, 0 blocked; 0 unchanged
    ");
    plan.findings.truncate(2);
    assert_eq!(
        human(&plan, &Telling::default(), &Style::plain()).matches("info subject/other-spelling").count(),
        2
    );
}
