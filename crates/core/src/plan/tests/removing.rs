//! Topics that are not to be there.

use crate::plan::{
    Answer, Answers, Basis, Change, DiffOptions, Families, Question, assess, diff, drifts, wanted,
};
use crate::testing::{
    TopicBuilder, accept_all, carry_out, failure, plan, plan_text, plan_with, topic, topology, wish, world,
};
use crate::topology::Topology;
use crate::values::{Failure, Known, Pattern};
use crate::world::{LogRange, World};
use insta::assert_snapshot;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn absent(name: &str) -> Topology {
    topology([]).without_topic(name, false)
}

fn with(built: TopicBuilder) -> World {
    world(3).with("a", built)
}

fn ranges(ranges: &[(i32, i64, i64)]) -> impl Fn(&mut Answers) {
    let ranges: BTreeMap<i32, LogRange> = ranges
        .iter()
        .map(|(partition, start, end)| (*partition, LogRange { start: *start, end: *end }))
        .collect();
    move |answers| {
        for (question, answer) in answers.iter_mut() {
            if matches!(question, Question::LogRanges { .. }) {
                *answer = Answer::LogRanges(ranges.clone());
            }
        }
    }
}

#[test]
fn a_topic_that_is_to_be_absent_is_deleted_by_its_id() {
    let have = with(topic(2, 3).id(7).set("retention.ms", "5")).with("b", topic(1, 1));
    let plan = plan(&absent("a"), &have);
    assert_snapshot!(plan_text(&plan), @r#"
    1 delete-topic a partitions=2 replication=Some(3) Some({"retention.ms": "5"}) (not preflighted)
        risk loses-data
        the topic holds up to 20 records, by its offsets
        subjects of a schema registry stay as they are
    unmanaged topics {"b"}
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    "#);
    assert_eq!(plan.steps[0].expects[0].field, "id");
    assert_eq!(plan.steps[0].origin.as_ref().map(|origin| origin.line), Some(9));
    assert_eq!(drifts(&plan, &plan.steps, &have), vec![]);
    let anew = with(topic(2, 3).id(8));
    assert_eq!(drifts(&plan, &plan.steps, &anew).len(), 1, "another topic of the same name is not the one");
}

#[test]
fn a_topic_that_is_gone_already_is_as_it_should_be() {
    let plan = plan(&absent("a"), &world(3).without(&["a"]));
    assert!(plan.steps.is_empty() && plan.is_appliable());
    assert_eq!(plan.summary().unchanged, 1);
}

#[test]
fn only_a_topic_that_is_certain_to_be_empty_loses_nothing() {
    let risks = |change: &dyn Fn(&mut Answers)| {
        let plan = plan_with(&absent("a"), &with(topic(2, 3)), change);
        plan.steps[0].risks.iter().map(|risk| risk.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(risks(&ranges(&[(0, 7, 7), (1, 0, 0)])), [] as [&str; 0]);
    assert_eq!(risks(&ranges(&[(0, 7, 7), (1, 0, 1)])), ["loses-data"]);
    assert_eq!(risks(&ranges(&[(0, 7, 7)])), ["loses-data"], "a partition gave no answer");
    assert_eq!(risks(&Answers::clear), ["loses-data"], "nobody answered");
}

#[test]
fn a_protected_topic_is_deleted_only_when_that_is_allowed_too() {
    let plan = plan_with(&topology([]).without_topic("a", true), &with(topic(1, 1)), ranges(&[(0, 3, 3)]));
    let requires: Vec<_> = plan.requires().iter().map(|risk| risk.as_str()).collect();
    assert_eq!(requires, ["protected"]);
}

#[test]
fn what_cannot_be_deleted_or_told_is_a_conflict() {
    let want = absent("__consumer_offsets")
        .without_topic("a", false)
        .without_topic("b", false)
        .without_topic("c", false);
    let have = world(3)
        .with("__consumer_offsets", topic(50, 1).internal())
        .with("a", topic(1, 1).internal())
        .with_seen("b", Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", "")));
    let plan = plan(&want, &have);
    assert!(plan.steps.is_empty());
    let reasons: Vec<_> =
        plan.conflicts.iter().map(|found| (found.resource.name.as_str(), found.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [("__consumer_offsets", "internal"), ("a", "internal"), ("b", "not-readable"), ("c", "not-readable")]
    );
}

#[test]
fn configs_that_could_not_be_read_are_said_to_be_lost() {
    let unread = Known::Failed(Failure::without_reply("TIMEOUT", "no answer"));
    let plan = plan(&absent("a"), &with(topic(1, 1).configs(unread)));
    assert_snapshot!(plan_text(&plan), @r"
    1 delete-topic a partitions=1 replication=Some(1) None (not preflighted)
        risk loses-data
        the topic holds up to 10 records, by its offsets
        subjects of a schema registry stay as they are
        its configs could not be read, so it could not be made anew as it is: TIMEOUT: no answer
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn deletions_come_last_and_wait_for_nothing() {
    let want = topology([wish("z").partitions(1)]).without_topic("a", false);
    let plan = plan(&want, &with(topic(1, 1)).without(&["z"]));
    let kinds: Vec<_> = plan.steps.iter().map(|step| (step.change.kind(), step.after.len())).collect();
    assert_eq!(kinds, [("create-topic", 0), ("delete-topic", 0)]);
}

const NAMES: [&str; 5] = ["a", "a.b", "b", "b.c", "d"];

/// For each name, what the file says: nothing, present, or absent; and whether the topic is there.
fn estates() -> impl Strategy<Value = (Topology, World)> {
    let one = (option::of(any::<bool>()), any::<bool>());
    btree_map(proptest::sample::select(&NAMES[..]), one, 0..NAMES.len()).prop_map(|names| {
        let mut want = topology(
            names
                .iter()
                .filter(|(_, (said, _))| *said == Some(true))
                .map(|(name, _)| wish(name).partitions(1)),
        );
        let mut have = world(3);
        for name in NAMES {
            let (said, there) = names.get(name).copied().unwrap_or_default();
            if said == Some(false) {
                want = want.without_topic(name, false);
            }
            have = if there { have.with(name, topic(1, 1)) } else { have.without(&[name]) };
        }
        (want, have)
    })
}

fn deleted(want: &Topology, have: &World, options: &DiffOptions) -> BTreeSet<String> {
    let proposal = diff(want, have, options);
    let answers = accept_all(&proposal.questions, have);
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    let plan = assess(proposal, &answers, &basis);
    plan.steps.iter().filter(|step| step.change.deletes()).map(|step| step.change.resource().name).collect()
}

proptest! {
    #[test]
    fn only_what_the_file_says_is_absent_is_deleted((want, have) in estates()) {
        let said: BTreeSet<String> = want.absent.topics.keys().cloned().collect();
        let there = |name: &String| have.cluster.topics.get(name).is_some_and(|seen| seen.known().is_some());
        let expected: BTreeSet<String> = said.into_iter().filter(there).collect();
        prop_assert_eq!(deleted(&want, &have, &DiffOptions::default()), expected);
    }

    #[test]
    fn a_filter_never_enlarges_what_is_deleted(
        (want, have) in estates(),
        topics in any::<bool>(),
        pattern in option::of(proptest::sample::select(&["*", "a*", "*.?", "b.*", "x"][..])),
    ) {
        let all = deleted(&want, &have, &DiffOptions::default());
        let options = DiffOptions {
            families: Families { topics, ..Families::ALL },
            matching: pattern.map(Pattern::new),
            ..DiffOptions::default()
        };
        let filtered = deleted(&want, &have, &options);
        prop_assert!(filtered.is_subset(&all));
        prop_assert!(filtered.iter().all(|name| options.covers_topic(name)));
        let asked: BTreeSet<String> = wanted(&want, &options).topics.names().cloned().collect();
        prop_assert!(filtered.is_subset(&asked), "what is deleted was asked for by name");
    }

    #[test]
    fn what_was_deleted_stays_deleted((want, mut have) in estates()) {
        carry_out(&plan(&want, &have).steps, &mut have);
        let second = plan(&want, &have);
        prop_assert_eq!(&second.steps, &[]);
        prop_assert!(want.absent.topics.keys().all(|name| have.cluster.topics[name].is_absent()));
    }

    #[test]
    fn a_deletion_never_stands_without_the_id_that_was_seen((want, have) in estates()) {
        for step in plan(&want, &have).steps {
            if let Change::Topic(crate::plan::TopicChange::Delete { topic, id, .. }) = &step.change {
                let seen = have.cluster.topics[topic].known().and_then(|view| view.id);
                prop_assert_eq!(id, &seen);
            }
        }
    }
}
