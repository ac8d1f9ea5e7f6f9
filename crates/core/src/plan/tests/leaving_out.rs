//! Going on without what is blocked.

use super::laws::{wishes, worlds};
use crate::plan::{Change, Conflict, ConflictReason, Plan, StepId, SubjectChange};
use crate::testing::{carry_out, plan, plan_text, topic, topology, wish, world};
use crate::values::Resource;
use crate::world::{SchemaReference, SchemaType};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn resources(plan: &Plan) -> BTreeSet<Resource> {
    plan.steps.iter().map(|step| step.change.resource()).collect()
}

fn blocked(plan: &Plan) -> BTreeSet<Resource> {
    plan.conflicts.iter().map(|conflict| conflict.resource.clone()).collect()
}

#[test]
fn a_resource_with_a_conflict_is_left_out_whole() {
    let want = topology([
        wish("a").partitions(1).set("retention.ms", "60000"),
        wish("b").set("retention.ms", "60000"),
    ]);
    let have = world(3).with("a", topic(3, 3)).with("b", topic(3, 3));
    let whole = plan(&want, &have);
    assert!(!whole.is_appliable() && whole.steps.len() == 2);
    let rest = whole.without_blocked();
    assert!(rest.is_appliable() && rest.left_out() == 1);
    insta::assert_snapshot!(plan_text(&rest), @r"
    1 set-config b retention.ms: unset -> 60000
        risk loses-data
        retention.ms is lowered from 7d (604800000) to 1m (60000)
        the topic holds up to 30 records, by its offsets
    ! topic a fewer-partitions topology.yaml:2:1
        'a' has 3 partitions and the file wants 1; Kafka cannot remove partitions. Ask for 3 or more, or make a new topic and move its readers and writers there
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic a topic/retention-below-segment: 'a' has retention.ms 1m (60000) below segment.ms 7d (604800000), as the broker has it: Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    ? topic b topic/min-isr-missing: 'b' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic b topic/retention-below-segment: 'b' has retention.ms 1m (60000) below segment.ms 7d (604800000), as the broker has it: Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn what_depends_on_something_blocked_is_blocked_too_and_says_so() {
    let register = |subject: &str, refers: &[&str]| {
        let reference = |subject: &&str| SchemaReference {
            name: (*subject).to_owned(),
            subject: (*subject).to_owned(),
            version: 1,
        };
        Change::Subject(SubjectChange::Register {
            subject: subject.to_owned(),
            from: None,
            kind: SchemaType::Avro,
            text: String::new(),
            references: refers.iter().map(reference).collect(),
        })
    };
    let mut whole = plan(&topology([wish("t").partitions(1)]), &world(3).without(&["t"]));
    let template = whole.steps.remove(0);
    let changes = [register("b", &["a"]), register("c", &["b"]), register("d", &[]), register("e", &["d"])];
    whole.steps = changes
        .into_iter()
        .zip(1..)
        .map(|(change, id)| {
            let mut step = template.clone();
            step.id = StepId(id);
            step.change = change;
            step.after = if id == 4 { vec![StepId(3)] } else { Vec::new() };
            step
        })
        .collect();
    whole.conflicts.push(Conflict {
        resource: Resource::subject("a"),
        reason: ConflictReason::Incompatible,
        message: String::new(),
        origin: None,
    });
    let rest = whole.without_blocked();
    insta::assert_snapshot!(plan_text(&rest), @r"
    1 register-schema d
    2 register-schema e after [1]
    ! subject a incompatible 
        
    ! subject b depends-on-blocked topology.yaml:1:1
        it depends on subject a, which is blocked
    ! subject c depends-on-blocked topology.yaml:1:1
        it depends on subject b, which is blocked
    preflight full, Summary { create: 2, change: 0, delete: 0, blocked: 3, unchanged: 0 }
    ");
}

#[test]
fn where_nothing_is_left_nothing_can_be_applied() {
    let want = topology([wish("a").partitions(1)]);
    let rest = plan(&want, &world(3).with("a", topic(3, 3))).without_blocked();
    assert!(!rest.is_appliable() && rest.steps.is_empty());
}

proptest! {
    #[test]
    fn what_is_left_out_and_what_is_done_are_all_of_the_plan(wishes in wishes(), have in worlds()) {
        let whole = plan(&topology(wishes), &have);
        let rest = whole.clone().without_blocked();
        prop_assert!(resources(&rest).is_disjoint(&blocked(&rest)));
        let told: BTreeSet<Resource> = resources(&rest).union(&blocked(&rest)).cloned().collect();
        prop_assert_eq!(told, resources(&whole).union(&blocked(&whole)).cloned().collect());
        prop_assert!(rest.steps.iter().zip(1..).all(|(step, number)| step.id == StepId(number)));
    }

    #[test]
    fn after_the_rest_is_done_only_what_was_left_out_remains(wishes in wishes(), mut have in worlds()) {
        let want = topology(wishes);
        let rest = plan(&want, &have).without_blocked();
        carry_out(&rest.steps, &mut have);
        let again = plan(&want, &have);
        prop_assert!(resources(&again).is_subset(&blocked(&rest)));
    }
}
