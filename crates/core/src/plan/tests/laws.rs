use crate::plan::{Change, DiffOptions, TopicChange, diff};
use crate::testing::{TopicBuilder, carry_out, plan, topic, topology, wish, world};
use crate::topology::Topic;
use crate::world::World;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["a", "b.c", "d", "e"];

const VALUES: [(&str, &str); 9] = [
    ("retention.ms", "0005"),
    ("retention.ms", "604800000"),
    ("cleanup.policy", "delete, compact"),
    ("cleanup.policy", "compact"),
    ("min.cleanable.dirty.ratio", "5e-1"),
    ("min.cleanable.dirty.ratio", "0.25"),
    ("preallocate", "TRUE"),
    ("min.insync.replicas", "2"),
    ("compression.type", "zstd"),
];

pub(in crate::plan) fn wishes() -> impl Strategy<Value = Vec<Topic>> {
    let configs = vec((proptest::sample::select(&VALUES[..]), any::<bool>()), 0..4);
    let one = (proptest::sample::select(&NAMES[..]), option::of(1..6_i32), option::of(1..4_i16), configs);
    let topic = one.prop_map(|(name, partitions, replication, configs)| {
        let mut topic = wish(name);
        if let Some(count) = partitions {
            topic = topic.partitions(count);
        }
        if let Some(factor) = replication {
            topic = topic.replication(factor);
        }
        configs.into_iter().fold(
            topic,
            |topic, ((key, value), set)| {
                if set { topic.set(key, value) } else { topic.unset(key) }
            },
        )
    });
    vec(topic, 0..5)
}

pub(super) fn moves_replicas(change: &Change) -> bool {
    matches!(change, Change::Topic(TopicChange::MoveReplicas { .. }))
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let configs = vec(proptest::sample::select(&VALUES[..]), 0..3);
    let one = option::of((1..6_i32, 1..4_i32, configs));
    vec(one, NAMES.len()).prop_map(|topics| {
        NAMES.iter().zip(topics).fold(world(3), |world, (name, seen)| match seen {
            None => world.without(&[name]),
            Some((partitions, replication, configs)) => {
                let built = configs
                    .into_iter()
                    .fold(topic(partitions, replication), |built: TopicBuilder, (key, value)| {
                        built.set(key, value)
                    });
                world.with(name, built)
            }
        })
    })
}

proptest! {
    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_do(wishes in wishes(), mut have in worlds()) {
        let want = topology(wishes);
        let first = plan(&want, &have);
        carry_out(&first.steps, &mut have);
        let second = plan(&want, &have);
        prop_assert_eq!(&second.steps, &[]);
        prop_assert_eq!(second.conflicts.len(), first.conflicts.len());
    }

    #[test]
    fn the_order_in_the_file_does_not_matter(wishes in wishes(), have in worlds()) {
        let mut unique: Vec<Topic> = topology(wishes).topics.into_values().collect();
        let forwards = plan(&topology(unique.clone()), &have);
        unique.reverse();
        prop_assert_eq!(forwards, plan(&topology(unique), &have));
    }

    #[test]
    fn the_same_inputs_give_the_same_plan(wishes in wishes(), have in worlds()) {
        let want = topology(wishes);
        prop_assert_eq!(plan(&want, &have), plan(&want, &have));
    }

    #[test]
    fn every_change_is_put_to_the_broker_and_numbered_in_order(wishes in wishes(), have in worlds()) {
        let want = topology(wishes);
        let proposal = diff(&want, &have, &DiffOptions::default());
        let asked = proposal.questions.iter().filter(|question| matches!(question, crate::plan::Question::Accepts(_)));
        // Nobody can be asked whether replicas may move.
        let askable = proposal.changes.iter().filter(|proposed| !moves_replicas(&proposed.change));
        prop_assert_eq!(asked.count(), askable.count());
        let plan = plan(&want, &have);
        prop_assert!(plan.steps.iter().enumerate().all(|(index, step)| step.id.0 as usize == index + 1));
        prop_assert!(plan.steps.iter().all(|step| step.after.iter().all(|before| before < &step.id)));
        prop_assert!(plan.steps.iter().all(|step| step.preflighted != moves_replicas(&step.change)));
        prop_assert!(plan.steps.iter().all(|step| !step.expects.is_empty()));
    }

    #[test]
    fn what_a_plan_expects_holds_in_the_world_it_was_made_on(wishes in wishes(), have in worlds()) {
        let plan = plan(&topology(wishes), &have);
        prop_assert_eq!(crate::plan::drifts(&plan, &plan.steps, &have), vec![]);
    }
}
