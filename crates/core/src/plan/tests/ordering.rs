use crate::plan::order::in_order;
use crate::plan::{Change, GroupChange, RegisteredVersion, SubjectChange, TopicChange};
use crate::schema::CompatibilityLevel::{self, Backward, Full, None as NoCheck};
use crate::values::TopicPartition;
use crate::world::{Committed, SchemaReference, SchemaType};
use proptest::prelude::*;

fn register(subject: &str, references: &[&str]) -> Change {
    let reference = |subject: &&str| SchemaReference {
        name: (*subject).to_owned(),
        subject: (*subject).to_owned(),
        version: 1,
    };
    Change::Subject(SubjectChange::Register {
        subject: subject.to_owned(),
        from: Some(RegisteredVersion { version: 1, id: 1 }),
        kind: SchemaType::Avro,
        text: "\"string\"".to_owned(),
        references: references.iter().map(reference).collect(),
    })
}

fn level(subject: &str, from: Option<CompatibilityLevel>, to: CompatibilityLevel) -> Change {
    Change::Subject(SubjectChange::SetCompatibility { subject: subject.to_owned(), from, to: Some(to) })
}

fn create(topic: &str) -> Change {
    let (partitions, replication, configs) = (None, None, Default::default());
    Change::Topic(TopicChange::Create { topic: topic.to_owned(), partitions, replication, configs })
}

/// `1 create-topic a`, `3 register-schema b after 2` …
fn listed(changes: Vec<Change>) -> Vec<String> {
    let ordered = in_order(changes, |change| change, &Default::default());
    let one = |(index, (place, change)): (usize, (super::super::order::Place, Change))| {
        let after: Vec<String> = place.after.iter().map(|before| (before + 1).to_string()).collect();
        let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(",")) };
        format!("{} {} {}{after}", index + 1, change.kind(), change.resource().name)
    };
    ordered.into_iter().enumerate().map(one).collect()
}

#[test]
fn a_looser_level_comes_before_its_schema_and_a_tighter_one_after() {
    let changes = vec![
        level("tight", Some(Backward), Full),
        register("tight", &[]),
        register("loose", &[]),
        level("loose", Some(Full), NoCheck),
        level("own", None, Full),
        register("own", &[]),
        level("alone", Some(Backward), Full),
    ];
    assert_eq!(
        listed(changes),
        [
            "1 set-compatibility alone",
            "2 set-compatibility loose",
            "3 set-compatibility own",
            "4 register-schema loose after 2",
            "5 register-schema own after 3",
            "6 register-schema tight",
            "7 set-compatibility tight after 6",
        ]
    );
}

#[test]
fn a_schema_comes_before_those_that_refer_to_it_and_topics_come_first() {
    let changes = vec![
        register("a", &["c", "not-in-this-plan"]),
        register("c", &["b"]),
        register("b", &[]),
        create("z"),
    ];
    assert_eq!(
        listed(changes),
        [
            "1 create-topic z",
            "2 register-schema b",
            "3 register-schema c after 2",
            "4 register-schema a after 3"
        ]
    );
}

#[test]
fn a_cycle_loses_no_change() {
    let changes = vec![register("a", &["b"]), register("b", &["a"]), register("c", &[])];
    assert_eq!(listed(changes).len(), 3);
}

proptest! {
    #[test]
    fn order_does_not_depend_on_what_came_first(edges in proptest::collection::vec((0..6_usize, 0..6_usize), 0..10), shift in 0..6_usize) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let changes: Vec<Change> = (0..6)
            .map(|index| {
                let references: Vec<&str> =
                    edges.iter().filter(|(from, to)| *from == index && to != from).map(|(_, to)| names[*to]).collect();
                register(names[index], &references)
            })
            .collect();
        let mut turned = changes.clone();
        turned.rotate_left(shift);
        turned.reverse();
        prop_assert_eq!(listed(changes.clone()), listed(turned));
        let ordered = in_order(changes, |change| change, &Default::default());
        prop_assert_eq!(ordered.len(), 6);
        prop_assert!(ordered.iter().enumerate().all(|(index, (place, _))| place.after.iter().all(|before| *before < index)));
    }
}

#[test]
fn offsets_on_a_topic_go_before_it() {
    let moved = |group: &str, topic: &str| {
        let partitions = vec![(
            TopicPartition::new(topic, 0),
            Committed { offset: 1, leader_epoch: None, metadata: String::new() },
        )];
        Change::Group(GroupChange::DeleteOffsets { group: group.to_owned(), kind: None, partitions })
    };
    let gone = |topic: &str| {
        let topic = topic.to_owned();
        let (id, replication, configs) = (None, None, None);
        Change::Topic(TopicChange::Delete {
            topic,
            id,
            partitions: 1,
            replication,
            configs,
            while_empty: true,
        })
    };
    insta::assert_debug_snapshot!(listed(vec![gone("b"), gone("a"), moved("g", "a"), moved("h", "c")]), @r#"
    [
        "1 delete-offsets g",
        "2 delete-offsets h",
        "3 delete-topic a after 1",
        "4 delete-topic b",
    ]
    "#);
}
