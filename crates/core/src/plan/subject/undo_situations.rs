//! The way back of recorded changes of a subject on small registries.

use super::situations::{carry_out, plan, registry, wanted};
use crate::plan::{Answer, Answers, Basis, Plan, Question, Undone, assess, undo};
use crate::schema::CompatibilityLevel::{self, Backward, Forward, Full, None as Nothing};
use crate::testing::plan_text;
use crate::world::World;
use proptest::prelude::*;

const SCHEMA: &str = r#""string""#;

fn back(recorded: &Plan, have: &World, global: Option<CompatibilityLevel>) -> Plan {
    let done: Vec<Undone> = recorded.steps.iter().map(|step| step.change.clone().into()).collect();
    let proposal = undo(&done, have);
    let answers: Answers =
        global.map(|level| (Question::GlobalLevel, Answer::Level(level))).into_iter().collect();
    assess(proposal, &answers, &Basis { command: "undo", environment: None, topology: None, world: have })
}

#[test]
fn a_level_goes_back_to_the_one_before() {
    let have = registry(&[SCHEMA], Some(Full), Backward);
    let recorded = plan(&wanted(SCHEMA, Some(Forward)), &have, true);
    let after = carry_out(&recorded, &have, Backward);
    let undone = back(&recorded, &after, Some(Backward));
    insta::assert_snapshot!(plan_text(&undone), @r"
    1 set-compatibility s (not preflighted)
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert_eq!(carry_out(&undone, &after, Backward), have);
    let moved = registry(&[SCHEMA], Some(Backward), Backward);
    insta::assert_snapshot!(plan_text(&back(&recorded, &moved, Some(Backward))), @r"
    1 set-compatibility s (not preflighted)
        risk moved-since
    ? subject s undo/moved-since: the level has been changed since: BACKWARD now, FORWARD when the change was done; going back starts from what is there now (--allow moved-since)
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_subject_without_a_level_of_its_own_follows_the_global_one_again() {
    let have = registry(&[SCHEMA], None, Backward);
    let recorded = plan(&wanted(SCHEMA, Some(Full)), &have, true);
    let after = carry_out(&recorded, &have, Backward);
    let undone = back(&recorded, &after, Some(Backward));
    insta::assert_snapshot!(plan_text(&undone), @r"
    1 set-compatibility s (not preflighted)
        the subject follows the registry's global level: BACKWARD
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert_eq!(carry_out(&undone, &after, Backward), have);
    insta::assert_snapshot!(plan_text(&back(&recorded, &after, Some(Nothing))), @r"
    1 set-compatibility s (not preflighted)
        risk breaks-readers
        the subject follows the registry's global level: NONE
        nothing will be checked when the next version is registered
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    insta::assert_snapshot!(plan_text(&back(&recorded, &after, None)), @r"
    1 set-compatibility s (not preflighted)
        risk breaks-readers
        the subject follows the registry's global level, which may be looser and could not be read: the question got no answer
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_registered_version_stays_and_is_named() {
    let have = registry(&[], None, Backward);
    let recorded = plan(&wanted(SCHEMA, None), &have, true);
    let untouched = back(&recorded, &have, None);
    assert!(untouched.is_empty() && untouched.findings.is_empty(), "{untouched:?}");
    let after = carry_out(&recorded, &have, Backward);
    insta::assert_snapshot!(plan_text(&back(&recorded, &after, None)), @r"
    ? subject s undo/not-reversible: the registered version stays: records may have been written with it
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

proptest! {
    #[test]
    fn a_level_that_was_taken_back_is_as_before(
        want in proptest::sample::select(&CompatibilityLevel::ALL[..]),
        own in proptest::option::of(proptest::sample::select(&CompatibilityLevel::ALL[..])),
        global in proptest::sample::select(&CompatibilityLevel::ALL[..]),
    ) {
        let have = registry(&[SCHEMA], own, global);
        let recorded = plan(&wanted(SCHEMA, Some(want)), &have, true);
        let after = carry_out(&recorded, &have, global);
        let undone = back(&recorded, &after, Some(global));
        let again = carry_out(&undone, &after, global);
        prop_assert_eq!(back(&recorded, &again, Some(global)).steps, vec![]);
    }
}
