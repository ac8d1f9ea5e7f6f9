//! Deletions of subjects by situation.

use crate::plan::{
    Answer, Answers, Basis, DiffOptions, Families, Plan, Question, Sight, Undone, assess, diff, drifts,
    sight, undo, wanted,
};
use crate::testing::{failure, plan_text, topology, wish, world};
use crate::topology::{AbsentSubject, Topology};
use crate::values::{Known, Origin, Pattern};
use crate::world::{RegistryView, SchemaReference, SchemaType, SubjectView, VersionView, World};
use std::collections::BTreeSet;

/// A file by which these subjects are not to be there, for good where an exclamation mark says so.
fn without(names: &[&str]) -> Topology {
    let mut topology = topology([]);
    for (name, line) in names.iter().zip(1..) {
        let origin = Origin { file: "topology.yaml".into(), line, column: 1 };
        let permanent = name.ends_with('!');
        let name = name.trim_end_matches('!').to_owned();
        topology.absent.subjects.insert(name, AbsentSubject { origin, permanent });
    }
    topology
}

/// A registry with these subjects of two versions, each referring to another one where an arrow says so, and with these
/// out of sight.
fn registry(subjects: &[&str], deleted: &[&str]) -> World {
    let mut world = world(1);
    let view = |spec: &&str| {
        let (name, refers) = spec.split_once('>').unwrap_or((spec, ""));
        let reference = |subject: &str| SchemaReference {
            name: "n.R".to_owned(),
            subject: subject.to_owned(),
            version: 1,
        };
        let references = Some(refers).filter(|refers| !refers.is_empty()).map(reference);
        let latest = VersionView {
            version: 2,
            id: 102,
            kind: SchemaType::Avro,
            text: "\"string\"".to_owned(),
            references: references.into_iter().collect(),
        };
        let level = Known::Absent;
        let effective_level = Known::NotAsked;
        (name.to_owned(), Known::Known(SubjectView { versions: vec![latest], level, effective_level }))
    };
    world.registry = Known::Known(RegistryView {
        subjects: subjects.iter().map(view).collect(),
        unlisted: None,
        deleted: Known::Known(deleted.iter().map(|name| (*name).to_owned()).collect()),
    });
    let Known::Known(registry) = &mut world.registry else { return world };
    for name in ["a", "b", "c-value"] {
        registry.subjects.entry(name.to_owned()).or_insert(Known::Absent);
    }
    world
}

fn plan_with(want: &Topology, have: &World, referrers: &[(&str, i32)]) -> Plan {
    let proposal = diff(want, have, &DiffOptions::default());
    let referrers: BTreeSet<(String, i32)> =
        referrers.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect();
    let answers: Answers = proposal
        .questions
        .iter()
        .map(|question| (question.clone(), Answer::Referrers(referrers.clone())))
        .collect();
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(proposal, &answers, &basis)
}

#[test]
fn a_subject_goes_out_of_sight_or_for_good() {
    let have = registry(&["a", "b"], &[]);
    insta::assert_snapshot!(plan_text(&plan_with(&without(&["a", "b!"]), &have, &[])), @r"
    1 delete-subject a (not preflighted)
        risk breaks-readers
        a registry keeps deleted schemas readable by their ids; who looks for the subject finds none
        its versions go, the latest is 2 (id 102)
    2 delete-subject b (not preflighted)
        risk loses-data
        risk breaks-readers
        its schemas go for good: records that were written with them can no longer be decoded by their ids
        its versions go, the latest is 2 (id 102)
    preflight none, Summary { create: 0, change: 0, delete: 2, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn what_is_gone_already_is_as_it_should_be_and_for_good_only_when_nothing_is_left() {
    let have = registry(&[], &["a", "b"]);
    insta::assert_snapshot!(plan_text(&plan_with(&without(&["a", "b!"]), &have, &[])), @r"
    1 delete-subject b (not preflighted)
        risk loses-data
        risk breaks-readers
        its schemas go for good: records that were written with them can no longer be decoded by their ids
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 1 }
    ");
    let gone = plan_with(&without(&["a", "b!"]), &registry(&[], &[]), &[]);
    assert!(gone.is_empty() && gone.unchanged.len() == 2, "{gone:?}");
}

#[test]
fn what_is_referred_to_cannot_go_unless_who_refers_goes_first() {
    let have = registry(&["a", "b>a"], &[]);
    let referrers = [("b", 1), ("b", 2)];
    insta::assert_snapshot!(plan_text(&plan_with(&without(&["a"]), &have, &referrers)), @r#"
    ! subject a refused-by-registry topology.yaml:1:1
        'a' is referred to by version 1 of b, version 2 of b, and a registry deletes nothing that is referred to. Delete these first, or let the subject be present
    unmanaged subjects {"b"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
    let both = plan_with(&without(&["a", "b"]), &have, &referrers);
    let order: Vec<_> =
        both.steps.iter().map(|step| (step.change.resource().name, step.after.len())).collect();
    assert_eq!(order, [("b".to_owned(), 0), ("a".to_owned(), 1)]);

    let proposal = diff(&without(&["a"]), &have, &DiffOptions::default());
    let question = Question::Referrers { subject: "a".to_owned() };
    let answers = Answers::from([(question, Answer::Failed(failure(500, "HTTP_500", "")))]);
    let want = without(&["a"]);
    let basis = Basis { command: "plan", environment: None, topology: Some(&want), world: &have };
    insta::assert_snapshot!(plan_text(&assess(proposal, &answers, &basis)), @r#"
    ! subject a not-readable topology.yaml:1:1
        which schemas refer to 'a' could not be found out: HTTP_500 (500). Try again
    unmanaged subjects {"b"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
}

#[test]
fn what_only_goes_with_one_that_cannot_go_stays_too() {
    let have = registry(&["a", "b>a", "c-value>b"], &[]);
    let want = without(&["a", "b"]);
    let proposal = diff(&want, &have, &DiffOptions::default());
    let referrers = |name: &str| Answer::Referrers(BTreeSet::from([(name.to_owned(), 1)]));
    let question = |subject: &str| Question::Referrers { subject: subject.to_owned() };
    let answers = Answers::from([(question("a"), referrers("b")), (question("b"), referrers("c-value"))]);
    let basis = Basis { command: "plan", environment: None, topology: Some(&want), world: &have };
    let plan = assess(proposal, &answers, &basis);
    assert!(plan.steps.is_empty(), "the registry would refuse to delete a: {plan:?}");
    let blocked: Vec<&str> = plan.conflicts.iter().map(|one| one.resource.name.as_str()).collect();
    assert_eq!(blocked, ["a", "b"]);
}

#[test]
fn a_topic_that_stays_is_warned_of() {
    let mut want = without(&["c-value"]);
    want.topics = topology([wish("c")]).topics;
    let have = registry(&["c-value"], &[]).with("c", crate::testing::topic(1, 1));
    let plan = plan_with(&want, &have, &[]);
    let codes: Vec<_> = plan.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["subject/in-use"]);
}

#[test]
fn filters_only_ever_keep_subjects() {
    let (want, have) = (without(&["a", "b!"]), registry(&["a", "b"], &[]));
    let steps = |options: DiffOptions| diff(&want, &have, &options).changes.len();
    assert_eq!(steps(DiffOptions::default()), 2);
    assert_eq!(steps(DiffOptions { matching: Some(Pattern::new("a")), ..DiffOptions::default() }), 1);
    let topics = Families { topics: true, ..Families::NONE };
    assert_eq!(steps(DiffOptions { families: topics, ..DiffOptions::default() }), 0);
    assert_eq!(steps(DiffOptions { registry: false, ..DiffOptions::default() }), 0);
    let seen = |pattern: &str| {
        let options = DiffOptions { matching: Some(Pattern::new(pattern)), ..DiffOptions::default() };
        wanted(&want, &options).deleted_subjects
    };
    assert_eq!((seen("a"), seen("b")), (false, true), "nobody asks for what nobody needs");
}

#[test]
fn a_look_tells_what_was_done_and_no_way_leads_back() {
    let have = registry(&["a", "b"], &[]);
    let plan = plan_with(&without(&["a", "b!"]), &have, &[]);
    let [a, b] = plan.steps.as_slice() else { panic!("{plan:?}") };
    assert!(matches!((sight(a, &have), sight(b, &have)), (Sight::NotYet(_), Sight::NotYet(_))));
    let half = registry(&[], &["a", "b"]);
    assert_eq!(sight(a, &half), Sight::AsAsked);
    assert!(matches!(sight(b, &half), Sight::Otherwise(_)));
    assert_eq!(sight(b, &registry(&[], &["a"])), Sight::AsAsked);
    assert_eq!(drifts(&plan, &plan.steps, &have), []);
    assert_eq!(drifts(&plan, &plan.steps, &half).len(), 4);
    let done: Vec<Undone> = plan.steps.iter().map(|step| step.change.clone().into()).collect();
    let back = undo(&done, &half);
    assert!(back.changes.is_empty());
    let told: Vec<&str> = back.findings.iter().map(|finding| finding.message.as_str()).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    the subject stays deleted; the record holds its latest schema, which registered again would be a version of its own
    its schemas are gone for good; the record holds the latest of them, which would get another id
    ");
}

#[test]
fn what_a_filter_leaves_out_stays_and_stands_in_the_way() {
    let (want, have) = (without(&["a", "b"]), registry(&["a", "b>a"], &[]));
    let options = DiffOptions { matching: Some(Pattern::new("a")), ..DiffOptions::default() };
    let proposal = diff(&want, &have, &options);
    let referrers = BTreeSet::from([("b".to_owned(), 2)]);
    let answers: Answers = proposal
        .questions
        .iter()
        .map(|question| (question.clone(), Answer::Referrers(referrers.clone())))
        .collect();
    let basis = Basis { command: "plan", environment: None, topology: Some(&want), world: &have };
    let plan = assess(proposal, &answers, &basis);
    assert!(plan.steps.is_empty(), "{}", plan_text(&plan));
    assert!(plan.conflicts[0].message.contains("referred to by version 2 of b"), "{:?}", plan.conflicts);
    assert!(plan_with(&want, &have, &[("b", 2)]).is_appliable(), "both together go");
}
