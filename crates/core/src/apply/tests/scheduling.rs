use crate::apply::{Outcome, Settled, StepReport, Stop, outcome_of, ready};
use crate::plan::{Change, Step, StepId, SubjectChange};
use crate::testing::{plan, topic, topology, wish, world};
use crate::world::SchemaType;
use std::collections::BTreeSet;

fn subject_step(id: u32, after: &[u32]) -> Step {
    let mut step = plan(&topology([wish("a")]), &world(1).without(&["a"])).steps.remove(0);
    step.id = StepId(id);
    step.after = after.iter().map(|id| StepId(*id)).collect();
    step.change = Change::Subject(SubjectChange::Register {
        subject: format!("s{id}"),
        from: None,
        kind: SchemaType::Avro,
        text: String::new(),
        references: Vec::new(),
    });
    step
}

fn ids(numbers: &[u32]) -> BTreeSet<StepId> {
    numbers.iter().map(|id| StepId(*id)).collect()
}

#[test]
fn a_failed_step_bars_what_waits_for_it_and_nothing_else() {
    let steps = [
        subject_step(1, &[]),
        subject_step(2, &[1]),
        subject_step(3, &[2]),
        subject_step(4, &[]),
        subject_step(5, &[4]),
    ];
    let first = ready(&steps, &ids(&[]), &ids(&[]), &ids(&[]));
    assert_eq!(first.ready, [StepId(1), StepId(4)]);
    assert!(first.barred.is_empty());

    let second = ready(&steps, &ids(&[4]), &ids(&[1]), &ids(&[]));
    assert_eq!(second.ready, [StepId(5)]);
    assert_eq!(second.barred, [(StepId(2), StepId(1)), (StepId(3), StepId(2))].into());
}

#[test]
fn creating_growing_and_configuring_come_in_this_order_and_do_not_wait_for_each_other() {
    let want = topology([
        wish("b").partitions(3).set("preallocate", "true"),
        wish("a").partitions(3).set("preallocate", "true"),
        wish("z"),
    ]);
    let have = world(1).without(&["z"]).with("a", topic(1, 1)).with("b", topic(1, 1));
    let plan = plan(&want, &have);
    let order: Vec<_> =
        plan.steps.iter().map(|step| (step.change.kind(), step.change.resource().name)).collect();
    let expected = [
        ("create-topic", "z"),
        ("add-partitions", "a"),
        ("add-partitions", "b"),
        ("set-config", "a"),
        ("set-config", "b"),
    ];
    assert_eq!(order, expected.map(|(kind, name)| (kind, name.to_owned())));
    assert_eq!(ready(&plan.steps, &ids(&[]), &ids(&[]), &ids(&[])).ready.len(), 5);
}

fn report(outcome: Outcome, settled: Option<Settled>) -> StepReport {
    StepReport {
        step: subject_step(1, &[]),
        outcome,
        settled,
        differences: Vec::new(),
        failure: None,
        items: Vec::new(),
        note: None,
        took_ms: None,
    }
}

#[test]
fn a_run_ends_as_its_steps_did() {
    use Outcome::{Accepted, Done, NotAttempted, Rejected, Running, Unknown};
    let done = || report(Done, Some(Settled::AsAsked));
    let plain = |outcome| report(outcome, None);
    let cases = [
        (vec![], None, "nothing-to-do"),
        (vec![done(), plain(Running), report(Done, Some(Settled::MovedOnSince))], None, "done"),
        (vec![done(), report(Done, Some(Settled::NotAsAsked))], None, "partial"),
        (vec![done(), plain(Rejected)], None, "partial"),
        (vec![plain(Accepted)], None, "partial"),
        (vec![plain(Unknown), plain(Rejected)], None, "partial"),
        (vec![report(Outcome::Partial { done: 1, of: 2 }, None)], None, "partial"),
        (vec![plain(Rejected), plain(NotAttempted)], None, "failed"),
        (vec![plain(NotAttempted)], Some(Stop::Refused), "refused"),
        (vec![done(), plain(NotAttempted)], Some(Stop::Refused), "partial"),
        (vec![done(), plain(NotAttempted)], Some(Stop::Interrupted), "interrupted"),
        (vec![done()], Some(Stop::Interrupted), "done"),
    ];
    for (steps, stop, expected) in cases {
        let outcomes: Vec<_> = steps.iter().map(|step| step.outcome).collect();
        assert_eq!(outcome_of(&steps, stop).as_str(), expected, "{outcomes:?} {stop:?}");
    }
}
