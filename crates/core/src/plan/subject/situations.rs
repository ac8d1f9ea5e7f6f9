//! What a plan says in every situation that a subject can be in.

use super::{RegisteredVersion, SubjectChange, sight};
use crate::plan::{
    Answer, Answers, Basis, Change, DiffOptions, Plan, Question, Sight, Verdict, assess, diff, drifts,
};
use crate::schema::CompatibilityLevel::{self, Backward, Forward, Full, None as Nothing};
use crate::schema::{Sameness, same_schema};
use crate::testing::{failure, plan_text, topology, world};
use crate::topology::{Subject, Topology};
use crate::values::{Known, Origin, Sourced};
use crate::world::{RegistryView, SchemaReference, SchemaType, SubjectView, VersionView, World};
use insta::assert_snapshot;
use proptest::prelude::*;

fn line(line: u32) -> Origin {
    Origin { file: "topology.yaml".into(), line, column: 1 }
}

fn text(field: &str) -> String {
    format!(
        r#"{{"type":"record","name":"n.R","fields":[{{"name":"{field}","type":"string","default":""}}]}}"#
    )
}

pub(super) fn wanted(text: &str, level: Option<CompatibilityLevel>) -> Topology {
    let subject = Subject {
        name: "s".to_owned(),
        origin: line(3),
        kind: SchemaType::Avro,
        text: text.to_owned(),
        file: "schemas/S.avsc".into(),
        compatibility: level.map(|level| Sourced::new(level, line(4))),
        references: Vec::new(),
        topic: None,
    };
    let mut topology = topology([]);
    topology.subjects.insert("s".to_owned(), subject);
    topology
}

/// A registry with a subject `s` that holds these texts, its own level and the global one.
pub(super) fn registry(texts: &[&str], own: Option<CompatibilityLevel>, global: CompatibilityLevel) -> World {
    let versions = texts.iter().zip(1..).map(|(text, version)| VersionView {
        version,
        id: 100 + version,
        kind: SchemaType::Avro,
        text: (*text).to_owned(),
        references: Vec::new(),
    });
    let view = SubjectView {
        versions: versions.collect(),
        level: own.map_or(Known::Absent, Known::Known),
        effective_level: Known::Known(own.unwrap_or(global)),
    };
    let absent = view.versions.is_empty() && own.is_none();
    seeing(if absent { Known::Absent } else { Known::Known(view) })
}

fn seeing(subject: Known<SubjectView>) -> World {
    let mut world = world(1);
    let subjects = [("s".to_owned(), subject), ("other".to_owned(), Known::NotAsked)];
    world.registry =
        Known::Known(RegistryView { subjects: subjects.into(), unlisted: None, deleted: Known::NotAsked });
    world
}

/// Plans with a registry that holds all versions of the world and answers every check with this verdict.
pub(super) fn plan(want: &Topology, have: &World, compatible: bool) -> Plan {
    plan_with(want, have, |question| match question {
        Question::Compatible(_) if compatible => Answer::Verdict(Verdict { compatible, messages: vec![] }),
        _ => Answer::Verdict(Verdict { compatible, messages: vec!["reader type: STRING".to_owned()] }),
    })
}

fn plan_with(want: &Topology, have: &World, check: impl Fn(&Question) -> Answer) -> Plan {
    let proposal = diff(want, have, &DiffOptions::default());
    let versions = have.registry.known().and_then(|registry| registry.subjects["s"].known());
    let versions = versions.map_or_else(Vec::new, |view| view.versions.clone());
    let answers: Answers = proposal
        .questions
        .iter()
        .map(|question| match question {
            Question::OlderVersions { .. } => (question.clone(), Answer::Versions(versions.clone())),
            other => (other.clone(), check(other)),
        })
        .collect();
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(proposal, &answers, &basis)
}

#[test]
fn of_a_registry_without_reasons_klerk_tells_its_own() {
    let silent = |_: &Question| Answer::Verdict(Verdict { compatible: false, messages: vec![] });
    let told = |new: &str, old: &[&str], level| {
        let plan = plan_with(&wanted(new, None), &registry(old, None, level), silent);
        plan.conflicts[0].message.clone()
    };
    let (first, second) = (text("a"), text("b"));
    let json =
        |kind: &str| format!(r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":"{kind}"}}]}}"#);
    insta::assert_snapshot!(
        [
            told(&json("int"), &[&json("string")], Backward),
            told(&json("int"), &[&json("string"), &json("boolean")], CompatibilityLevel::BackwardTransitive),
            told(&second, &[&first], Backward),
            told("not avro", &[&first], Backward),
        ]
        .join("\n"),
        @r"
    the registry calls the schema incompatible with version 1 at level BACKWARD: the registry gives no reasons; klerk by itself finds: the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read
    the registry calls the schema incompatible with a registered version at level BACKWARD_TRANSITIVE: the registry gives no reasons; klerk by itself finds: the new schema cannot read data of version 2: /fields/0/type: reader type: INT not compatible with writer type: BOOLEAN (TYPE_MISMATCH); the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read
    the registry calls the schema incompatible with version 1 at level BACKWARD: the registry gives no reasons. Change the schema so that both can be read
    the registry calls the schema incompatible with version 1 at level BACKWARD: the registry gives no reasons. Change the schema so that both can be read
    "
    );
}

#[test]
fn a_new_subject_gets_its_level_first() {
    let plan = plan(&wanted(&text("a"), Some(Backward)), &registry(&[], None, Nothing), true);
    assert_snapshot!(plan_text(&plan), @r#"
    1 set-compatibility s (not preflighted)
    2 register-schema s after [1]
    unmanaged subjects {"other"}
    preflight partial, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    assert!(plan.steps[1].change.creates());
}

#[test]
fn a_new_subject_without_checks_exists_before_its_level() {
    let plan = plan(&wanted(&text("a"), Some(Nothing)), &registry(&[], None, Full), true);
    assert_snapshot!(plan_text(&plan), @r#"
    1 register-schema s
    2 set-compatibility s after [1] (not preflighted)
    unmanaged subjects {"other"}
    preflight partial, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn a_subject_that_is_as_it_should_be() {
    let plan =
        plan(&wanted(&text("a"), Some(Backward)), &registry(&[&text("a")], Some(Backward), Nothing), true);
    assert_snapshot!(plan_text(&plan), @r#"
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    "#);
    assert!(plan.is_empty());
}

#[test]
fn the_same_schema_in_another_spelling_is_nothing_to_register() {
    let other = text("a").replace(',', ", ");
    let plan = plan(&wanted(&text("a"), None), &registry(&[&text("b"), &other], None, Nothing), true);
    assert_snapshot!(plan_text(&plan), @r#"
    ? subject s subject/other-spelling: version 2 holds the same schema as schemas/S.avsc in another spelling: there is nothing to register
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    "#);
}

#[test]
fn a_new_version_is_put_to_the_registry() {
    let have = registry(&[&text("a"), &text("b")], Some(Backward), Nothing);
    assert_snapshot!(plan_text(&plan(&wanted(&text("c"), None), &have, true)), @r#"
    1 register-schema s
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    assert_snapshot!(plan_text(&plan(&wanted(&text("c"), None), &have, false)), @r#"
    ! subject s incompatible topology.yaml:3:1
        the registry calls the schema incompatible with version 2 at level BACKWARD: reader type: STRING. Change the schema so that both can be read
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
}

#[test]
fn a_level_that_was_changed_since_makes_a_new_version_stale() {
    let planned_on = registry(&[&text("a")], None, Backward);
    let plan_of = plan(&wanted(&text("b"), None), &planned_on, true);
    let told = |have: &World| -> Vec<String> {
        drifts(&plan_of, &plan_of.steps, have).iter().map(ToString::to_string).collect()
    };
    assert_eq!(told(&planned_on), Vec::<String>::new());
    let by_hand = registry(&[&text("a")], Some(Full), Backward);
    assert_eq!(told(&by_hand), ["subject s: enforced-compatibility was BACKWARD and is FULL now"]);
    let of_all = registry(&[&text("a")], None, Nothing);
    assert_eq!(told(&of_all), ["subject s: enforced-compatibility was BACKWARD and is NONE now"]);
    // A level that the plan itself sets is no fact of the version.
    let looser = plan(&wanted(&text("b"), Some(Nothing)), &planned_on, true);
    let facts = looser.steps.iter().flat_map(|step| &step.expects).map(|fact| fact.field.as_str());
    assert!(!facts.collect::<Vec<_>>().contains(&"enforced-compatibility"));
}

#[test]
fn what_equals_an_older_version_would_have_no_effect() {
    let one_newer = registry(&[&text("x"), &text("a"), &text("b")], None, Nothing);
    assert_snapshot!(plan_text(&plan(&wanted(&text("a"), None), &one_newer, true)), @r#"
    ! subject s registry-ahead topology.yaml:3:1
        the registry is ahead of the file: schemas/S.avsc equals version 2, and version 3 (id 103) was registered since, perhaps by a producer. Registering the older schema again would have no effect; put the schema of version 3 into schemas/S.avsc, or delete that version
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
    let two_newer = registry(&[&text("a").replace(':', ": "), &text("b"), &text("c")], None, Nothing);
    assert_snapshot!(plan_text(&plan(&wanted(&text("a"), None), &two_newer, true)), @r#"
    ! subject s equals-older-version topology.yaml:3:1
        schemas/S.avsc equals version 1, and the latest is version 3 (id 103). Registering the older schema again would have no effect: the registry answers with its id and the latest stays. Put the latest schema into schemas/S.avsc, or change it in more than its spelling (its doc, for instance)
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
}

#[test]
fn a_looser_level_comes_first_and_only_a_yes_at_the_old_one_counts() {
    let want = wanted(&text("b"), Some(Backward));
    let have = registry(&[&text("a")], Some(Full), Nothing);
    assert_snapshot!(plan_text(&plan(&want, &have, true)), @r#"
    1 set-compatibility s (not preflighted)
    2 register-schema s after [1]
    unmanaged subjects {"other"}
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    assert_snapshot!(plan_text(&plan(&want, &have, false)), @r#"
    1 set-compatibility s (not preflighted)
    2 register-schema s after [1] (not preflighted)
        klerk finds it compatible at the level BACKWARD, which the plan sets first; the registry checks it by that level only at apply
    unmanaged subjects {"other"}
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn a_schema_against_its_level_breaks_readers() {
    let have = registry(&[&text("a")], Some(Full), Nothing);
    assert_snapshot!(plan_text(&plan(&wanted(&text("b"), Some(Nothing)), &have, false)), @r#"
    1 set-compatibility s (not preflighted)
        risk breaks-readers
        nothing will be checked when the next version is registered
    2 register-schema s after [1] (not preflighted)
        risk breaks-readers
        the registry calls the schema incompatible with version 1 at level FULL: reader type: STRING; at level NONE it will be accepted all the same
    unmanaged subjects {"other"}
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn a_tighter_level_comes_last() {
    let have = registry(&[&text("a")], Some(Backward), Nothing);
    assert_snapshot!(plan_text(&plan(&wanted(&text("b"), Some(Full)), &have, true)), @r#"
    1 register-schema s
    2 set-compatibility s after [1] (not preflighted)
    unmanaged subjects {"other"}
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn a_level_that_the_registry_does_not_check_by_yet_is_judged_by_klerk() {
    let want = wanted(&text("b"), Some(Backward));
    let plans = [None, Some(Nothing)].map(|own| {
        let have = registry(&[&text("a")], own, Nothing);
        plan_text(&plan_with(&want, &have, |question| panic!("{question:?} has no useful answer")))
    });
    assert_snapshot!(plans[0], @r#"
    1 set-compatibility s (not preflighted)
    2 register-schema s after [1] (not preflighted)
        klerk finds it compatible at the level BACKWARD, which the plan sets first; the registry checks it by that level only at apply
    unmanaged subjects {"other"}
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    assert_eq!(plans[0], plans[1]);
}

/// A record whose only field is of this type.
fn of(kind: &str) -> String {
    format!(r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":"{kind}"}}]}}"#)
}

#[test]
fn what_the_new_level_refuses_is_a_conflict_before_it_is_set() {
    use CompatibilityLevel::{BackwardTransitive, ForwardTransitive};
    let told = |new: &str, held: &[&str], own, to| {
        let plan = plan(&wanted(new, Some(to)), &registry(held, own, Nothing), false);
        match &plan.conflicts[..] {
            [conflict] => format!("{}: {}", conflict.reason.as_str(), conflict.message),
            _ => format!("{} steps, {} findings", plan.steps.len(), plan.findings.len()),
        }
    };
    assert_snapshot!([
        told(&of("int"), &[&of("string")], None, Backward),
        told(&of("int"), &[&of("string")], Some(Forward), Backward),
        told(&of("int"), &[&of("string")], Some(Full), Backward),
        told(&of("long"), &[&of("int")], Some(Backward), Forward),
        told(&of("int"), &[&of("string"), &of("int").replace("\"a\"", "\"b\"")], None, BackwardTransitive),
        // Only the latest version counts at a level that is not transitive, and all of them at one that is.
        told(&of("long"), &[&of("string"), &of("int")], None, Backward),
        told(&of("long"), &[&of("string"), &of("int")], Some(ForwardTransitive), BackwardTransitive),
    ]
    .join("\n"), @r"
    incompatible: the plan sets the level BACKWARD first, by which klerk finds the schema incompatible with what is registered: the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    incompatible: the plan sets the level BACKWARD first, by which klerk finds the schema incompatible with what is registered: the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    incompatible: the plan sets the level BACKWARD first, by which klerk finds the schema incompatible with what is registered: the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    incompatible: the plan sets the level FORWARD first, by which klerk finds the schema incompatible with what is registered: version 1 cannot read data of the new schema: /fields/0/type: reader type: INT not compatible with writer type: LONG (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    incompatible: the plan sets the level BACKWARD_TRANSITIVE first, by which klerk finds the schema incompatible with what is registered: the new schema cannot read data of version 2: /fields/0: a (READER_FIELD_MISSING_DEFAULT_VALUE); the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    2 steps, 0 findings
    incompatible: the plan sets the level BACKWARD_TRANSITIVE first, by which klerk finds the schema incompatible with what is registered: the new schema cannot read data of version 1: /fields/0/type: reader type: LONG not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read, or choose another level
    ");
}

#[test]
fn what_klerk_cannot_judge_before_the_level_is_set_stays_a_warning() {
    let told = |kind: SchemaType, change: fn(&mut VersionView)| {
        let mut want = wanted(&text("b"), Some(Backward));
        if let Some(subject) = want.subjects.get_mut("s") {
            subject.kind = kind;
        }
        let mut have = registry(&[&text("a")], None, Nothing);
        if let Known::Known(registry) = &mut have.registry
            && let Some(Known::Known(subject)) = registry.subjects.get_mut("s")
        {
            subject.versions.iter_mut().for_each(change);
        }
        let plan = plan(&want, &have, true);
        assert!(plan.is_appliable());
        plan.findings[0].message.clone()
    };
    let refers = |version: &mut VersionView| {
        version.references =
            vec![SchemaReference { name: "n.T".to_owned(), subject: "t".to_owned(), version: 1 }];
    };
    assert_snapshot!([
        told(SchemaType::Json, |_| {}),
        told(SchemaType::Avro, |version| version.kind = SchemaType::Protobuf),
        told(SchemaType::Avro, |version| version.text = "{".to_owned()),
        told(SchemaType::Avro, refers),
    ]
    .join("\n"), @r"
    the registry can check the schema only once the level BACKWARD is set, so not before apply, and klerk cannot tell either: klerk by itself judges Avro schemas only, and this one is JSON. It may still be refused then, with the level set already
    the registry can check the schema only once the level BACKWARD is set, so not before apply, and klerk cannot tell either: klerk by itself judges Avro schemas only, and version 1 is PROTOBUF. It may still be refused then, with the level set already
    the registry can check the schema only once the level BACKWARD is set, so not before apply, and klerk cannot tell either: klerk by itself judges Avro schemas only, and cannot read version 1 as one. It may still be refused then, with the level set already
    the registry can check the schema only once the level BACKWARD is set, so not before apply, and klerk cannot tell either: version 1 refers to other schemas, which klerk does not read. It may still be refused then, with the level set already
    ");
}

#[test]
fn what_cannot_be_read_is_never_a_pass() {
    let want = wanted(&text("a"), None);
    let refused = || failure(403, "HTTP 403", "no");
    let mut gone = world(1);
    gone.registry = Known::Failed(failure(0, "UNREACHABLE", "http://r: Connection refused"));
    for have in [gone, seeing(Known::Denied(refused())), seeing(Known::NotAsked)] {
        let plan = plan(&want, &have, true);
        assert_eq!((plan.steps.len(), plan.conflicts[0].reason.as_str()), (0, "not-readable"));
    }
    let have = registry(&[&text("b"), &text("c")], None, Nothing);
    let unanswered = plan_with(&want, &have, |_| Answer::Failed(refused()));
    assert_eq!(unanswered.conflicts[0].reason.as_str(), "not-readable");
    let vanished = plan_with(&want, &have, |_| Answer::Accepted);
    assert_eq!(vanished.conflicts[0].reason.as_str(), "not-readable");
    let refusal = plan_with(&want, &have, |_| Answer::Refused(failure(42201, "HTTP 422", "Invalid schema")));
    assert_snapshot!(refusal.conflicts[0].message, @"the registry refuses the schema: HTTP 422 (42201): Invalid schema");
    let denied = plan_with(&want, &have, |_| Answer::Denied(refused()));
    assert!(denied.is_appliable() && !denied.steps[0].preflighted);
}

#[test]
fn a_registry_that_lists_nothing_is_said_so() {
    let mut have = registry(&[&text("a")], None, Nothing);
    if let Known::Known(registry) = &mut have.registry {
        registry.unlisted = Some(failure(403, "HTTP 403", "no list"));
    }
    assert_snapshot!(plan_text(&plan(&wanted(&text("a"), None), &have, true)), @r#"
    ? subject * subject/unlisted: subjects that no file names are not shown, for the registry did not list them: HTTP 403 (403): no list
    unmanaged subjects {"other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    "#);
}

#[test]
fn without_the_family_nothing_is_compared() {
    let options = DiffOptions { registry: false, ..DiffOptions::default() };
    let proposal = diff(&wanted(&text("a"), None), &world(1), &options);
    assert!(proposal.changes.is_empty() && proposal.conflicts.is_empty());
}

fn register(from: Option<i32>) -> SubjectChange {
    SubjectChange::Register {
        subject: "s".to_owned(),
        from: from.map(|version| RegisteredVersion { version, id: 100 + version }),
        kind: SchemaType::Avro,
        text: text("new"),
        references: Vec::new(),
    }
}

#[test]
fn the_look_after_a_registration() {
    let see = |from, texts: &[&str]| sight(&register(from), &registry(texts, None, Nothing));
    let (a, b, new) = (text("a"), text("b"), text("new").replace(',', " ,"));
    assert!(matches!(see(None, &[]), Sight::NotYet(_)));
    assert_eq!(see(None, &[&new]), Sight::AsAsked);
    assert!(matches!(see(Some(1), &[&a]), Sight::NotYet(_)));
    assert_eq!(see(Some(1), &[&a, &new]), Sight::AsAsked);
    assert!(
        matches!(see(Some(1), &[&a, &b]), Sight::Otherwise(_)),
        "the registry changed it, or another was first"
    );
    assert!(matches!(see(Some(1), &[&a, &new, &b]), Sight::MovedOn(_)));
    assert!(matches!(see(Some(1), &[]), Sight::MovedOn(_)));
    let failed = Known::Failed(failure(0, "TIMEOUT", ""));
    assert!(matches!(sight(&register(None), &seeing(failed)), Sight::Unreadable(_)));
}

#[test]
fn the_look_after_a_level() {
    let change =
        SubjectChange::SetCompatibility { subject: "s".to_owned(), from: Some(Full), to: Some(Backward) };
    let see = |own| sight(&change, &registry(&[&text("a")], own, Nothing));
    assert_eq!(see(Some(Backward)), Sight::AsAsked);
    assert!(matches!(see(Some(Full)), Sight::NotYet(_)));
    assert!(matches!(see(Some(Forward)), Sight::MovedOn(_)));
    assert!(matches!(see(None), Sight::MovedOn(_)));
}

/// Carries a plan out as a registry does.
pub(super) fn carry_out(plan: &Plan, have: &World, global: CompatibilityLevel) -> World {
    let seen = have.registry.known().and_then(|registry| registry.subjects["s"].known());
    let mut texts: Vec<String> =
        seen.map_or_else(Vec::new, |view| view.versions.iter().map(|one| one.text.clone()).collect());
    let mut own = seen.and_then(|view| view.level.known()).copied();
    for step in &plan.steps {
        match &step.change {
            Change::Subject(SubjectChange::Register { text, .. }) => texts.push(text.clone()),
            Change::Subject(SubjectChange::SetCompatibility { to, .. }) => own = *to,
            other => panic!("{other:?}"),
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    registry(&texts, own, global)
}

proptest! {
    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_do(
        held in proptest::collection::vec("[a-c]", 0..3),
        file in "[a-d]",
        want_level in proptest::option::of(proptest::sample::select(&CompatibilityLevel::ALL[..])),
        own in proptest::option::of(proptest::sample::select(&CompatibilityLevel::ALL[..])),
        global in proptest::sample::select(&CompatibilityLevel::ALL[..]),
    ) {
        let held: Vec<String> = held.iter().map(|field| text(field)).collect();
        let have = registry(&held.iter().map(String::as_str).collect::<Vec<_>>(), own, global);
        let want = wanted(&text(&file), want_level);
        let first = plan(&want, &have, true);
        prop_assert_eq!(drifts(&first, &first.steps, &have), vec![]);
        prop_assert!(first.steps.iter().all(|step| step.after.iter().all(|before| before < &step.id)));
        if first.is_appliable() {
            let after = carry_out(&first, &have, global);
            prop_assert!(plan(&want, &after, true).is_empty());
            for step in &first.steps {
                let Change::Subject(change) = &step.change else { panic!("not a subject") };
                prop_assert_eq!(sight(change, &after), Sight::AsAsked);
            }
        } else {
            let equal = held.iter().rposition(|one| same_schema(one, &text(&file)) != Sameness::Different);
            prop_assert!(equal.is_some_and(|at| at + 1 < held.len()));
        }
    }
}
