//! What a policy holds plans to.

use super::laws::{wishes, worlds};
use crate::access::{Amount, QuotaEntity};
use crate::plan::{
    Basis, Bounds, Conflict, ConflictReason, Level, Permission, Plan, Risk, assess, propose_deletions,
};
use crate::testing::{accept_all, plan, plan_text, topic, topology, wish, world};
use crate::topology::{Files, Policy, Topology, UnlistedConfigs, parse, resolve};
use crate::values::{Known, Origin, Resource, ResourceType, Sourced};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

fn line<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin { file: "topology.yaml".into(), line: 99, column: 3 })
}

fn names(names: impl IntoIterator<Item = Permission>) -> Vec<&'static str> {
    names.into_iter().map(Permission::as_str).collect()
}

fn levels(levels: &[(&str, Level)]) -> Policy {
    let changes = levels.iter().map(|(name, level)| (name.parse().unwrap(), line(*level)));
    Policy { changes: changes.collect(), ..Policy::default() }
}

fn held(want: Topology, policy: Policy) -> Topology {
    Topology { policy, ..want }
}

#[test]
fn kinds_and_risks_take_what_the_policy_says() {
    let have =
        world(3).with("a", topic(2, 3)).with("b", topic(2, 3).set("retention.ms", "5000")).without(&["c"]);
    let want = || topology([wish("a").partitions(4), wish("b").set("retention.ms", "9000"), wish("c")]);
    let told = |policy: &[(&str, Level)]| {
        let plan = plan(&held(want(), levels(policy)), &have);
        (names(plan.requires()), names(plan.by_hand()))
    };
    assert_eq!(told(&[]), (vec!["moves-keys"], vec![]));
    assert_eq!(
        told(&[("add-partitions", Level::Auto)]),
        (vec!["moves-keys"], vec![]),
        "a kind grants no risk"
    );
    assert_eq!(
        told(&[("set-config", Level::Approve), ("delete-topic", Level::Approve)]),
        (vec!["moves-keys", "set-config"], vec![])
    );
    assert_eq!(
        told(&[("create-topic", Level::ByHand)]),
        (vec!["moves-keys", "create-topic"], vec!["create-topic"])
    );
    assert_eq!(told(&[("moves-keys", Level::ByHand)]), (vec!["moves-keys"], vec!["moves-keys"]));
}

#[test]
fn configs_that_no_file_names_are_reset_where_the_policy_says_so() {
    let have = world(3).with(
        "a",
        topic(2, 3)
            .set("retention.ms", "5000")
            .set("segment.ms", "6000")
            .set("flush.ms", "7000")
            .set("leader.replication.throttled.replicas", "*"),
    );
    let want = || topology([wish("a").set("retention.ms", "5000").unset("flush.ms")]);
    let reset = Policy { unlisted_configs: Some(line(UnlistedConfigs::Reset)), ..Policy::default() };
    insta::assert_snapshot!(plan_text(&plan(&held(want(), reset), &have)), @r"
    1 set-config a flush.ms: 7000 -> unset segment.ms: 6000 -> unset
        flush.ms follows the broker: (empty)
        segment.ms follows the broker: 7d (604800000)
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic a topic/retention-below-segment: 'a' has retention.ms 5s (5000) below segment.ms 7d (604800000), as the broker has it: Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    ? topic a topic/unlisted-reset: set on 'a' and not named by the file, so that the policy has it reset: segment.ms
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let keep = Policy { unlisted_configs: Some(line(UnlistedConfigs::Keep)), ..Policy::default() };
    assert_eq!(plan(&held(want(), keep), &have), plan(&want(), &have));
}

#[test]
fn a_topic_outside_the_scope_is_not_touched_by_a_command_either() {
    let have = world(3).with("orders.a", topic(2, 3)).with("other", topic(2, 3));
    let scope =
        Policy { scopes: vec![line(vec!["orders.".to_owned(), "trade".to_owned()])], ..Policy::default() };
    let want = held(topology([]), scope);
    let names = ["orders.a", "other"].map(str::to_owned).into();
    let proposal = propose_deletions(&names, Some(&want), &have).unwrap();
    let answers = accept_all(&proposal.questions, &have);
    let basis = Basis { command: "topic delete", environment: None, topology: Some(&want), world: &have };
    insta::assert_snapshot!(plan_text(&assess(proposal, &answers, &basis)), @r"
    1 delete-topic orders.a partitions=2 replication=Some(3) Some({}) (not preflighted)
        risk loses-data
        the topic holds up to 20 records, by its offsets
        subjects of a schema registry stay as they are
    ! topic other out-of-scope 
        'other' lies outside the scope of this estate, which the policy sets at topology.yaml:99:3: orders., trade
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 1, unchanged: 0 }
    ");
}

/// A plan that changes so many of ten topics, and makes two more.
fn changing(count: usize, percent: u8) -> Plan {
    let names: Vec<String> = (0..10).map(|number| format!("t{number}")).collect();
    let have = world(3).without(&["new", "new2"]);
    let have = names.iter().fold(have, |world, name| world.with(name, topic(2, 3).set("flush.ms", "1")));
    let wishes = names
        .iter()
        .enumerate()
        .map(|(number, name)| wish(name).set("flush.ms", if number < count { "2" } else { "1" }));
    let policy = Policy { max_change_share: Some(line(percent)), ..Policy::default() };
    plan(&held(topology(wishes.chain([wish("new"), wish("new2")])).with_group("g", &["t1"]), policy), &have)
}

#[test]
fn a_plan_that_changes_too_much_at_once_has_to_be_allowed() {
    let needs = |count, percent| names(changing(count, percent).requires());
    // Twelve topics are named; a quarter of them are three.
    assert_eq!(needs(3, 25), Vec::<&str>::new());
    assert_eq!(needs(4, 25), ["max-change-share"]);
    assert_eq!(needs(1, 1), Vec::<&str>::new(), "one is always allowed");
    assert_eq!(needs(2, 1), ["max-change-share"]);
    assert_eq!(needs(10, 100), Vec::<&str>::new());
    let plan = changing(4, 25);
    let finding = plan.findings.iter().find(|finding| finding.code == "plan/max-change-share").unwrap();
    assert_eq!(
        finding.message,
        "4 of 12 topics are changed or deleted, and the policy's share of 25% lets one plan do so to 3"
    );
    assert_eq!(finding.origin.as_ref().unwrap().line, 99);
}

#[test]
fn the_share_is_of_topics_subjects_and_groups_alone() {
    let types: Vec<ResourceType> = changing(4, 25).bounds.share.unwrap().estate.into_keys().collect();
    assert_eq!(types, [ResourceType::Topic, ResourceType::Group]);
    let text = "klerk: 1\npolicy: { max_change_share: 1% }\nquotas: [{ user: a, consume: 2 }, { user: b, consume: 2 }]\n";
    let want = resolve(parse([("t.yaml".to_owned(), text.to_owned())]), &Files::new()).unwrap();
    let mut have = world(3);
    let one = |name| {
        (QuotaEntity::new([("user", Some(name))]), [("consumer_byte_rate".to_owned(), Amount(1.0))].into())
    };
    have.access.quotas = Known::Known(["a", "b", "c"].into_iter().map(one).collect());
    have.access.acls = Known::Known(BTreeSet::new());
    have.access.users = Known::Known(BTreeMap::new());
    let plan = plan(&want, &have);
    assert_eq!((plan.steps.len(), plan.requires()), (2, BTreeSet::new()), "{:?}", plan.conflicts);
}

#[test]
fn what_is_left_out_does_not_count_into_the_share() {
    let block = |mut plan: Plan, names: &[&str]| {
        plan.conflicts.extend(names.iter().map(|name| Conflict {
            resource: Resource::topic(*name),
            reason: ConflictReason::Other,
            message: String::new(),
            origin: None,
        }));
        plan.without_blocked()
    };
    let told = |plan: &Plan| {
        let one = plan.findings.iter().find(|finding| finding.code == "plan/max-change-share");
        one.map(|finding| (finding.message.clone(), finding.origin.as_ref().map(|origin| origin.line)))
    };
    let rest = block(changing(4, 25), &["t0"]);
    assert_eq!((told(&rest), rest.requires().is_empty()), (None, true));
    let rest = block(changing(5, 25), &["t0"]);
    let (message, line) = told(&rest).unwrap();
    assert!(message.starts_with("4 of 12 topics are changed") && line == Some(99), "{message}");
}

fn policies() -> impl Strategy<Value = BTreeMap<Permission, Level>> {
    let all: Vec<Permission> = Permission::levelled().collect();
    btree_map(select(all), select(Level::ALL.to_vec()), 0..8)
}

fn with_levels(want: &Topology, levels: &BTreeMap<Permission, Level>) -> Topology {
    let changes = levels.iter().map(|(name, level)| (*name, line(*level))).collect();
    held(want.clone(), Policy { changes, ..Policy::default() })
}

proptest! {
    #[test]
    fn a_policy_changes_no_step_and_grants_no_risk(wishes in wishes(), have in worlds(), levels in policies()) {
        let want = topology(wishes);
        let (free, bound) = (plan(&want, &have), plan(&with_levels(&want, &levels), &have));
        prop_assert_eq!(&free.steps, &bound.steps);
        prop_assert!(free.requires().is_subset(&bound.requires()));
    }

    #[test]
    fn a_tighter_policy_never_asks_for_less(
        wishes in wishes(),
        have in worlds(),
        weak in policies(),
        more in policies(),
        share in 1_u8..=100,
    ) {
        let want = topology(wishes);
        let mut strong = weak.clone();
        for (name, level) in more {
            let known = strong.entry(name).or_insert(level);
            *known = level.max(*known);
        }
        let weak = plan(&with_levels(&want, &weak), &have);
        let mut want = with_levels(&want, &strong);
        want.policy.max_change_share = Some(line(share));
        let strong = plan(&want, &have);
        prop_assert!(weak.requires().is_subset(&strong.requires()));
        prop_assert!(weak.by_hand().is_subset(&strong.by_hand()));
    }

    #[test]
    fn a_scope_only_ever_takes_steps_away(wishes in wishes(), have in worlds(), prefix in "[a-e]") {
        let want = topology(wishes);
        let free = plan(&want, &have);
        let mut want = want;
        want.policy.scopes = vec![line(vec![prefix.clone()])];
        let bound = plan(&want, &have);
        prop_assert!(bound.steps.iter().all(|step| step.change.resource().name.starts_with(&prefix)));
        prop_assert!(bound.conflicts.len() >= free.conflicts.len());
        prop_assert!(bound.steps.len() <= free.steps.len());
    }
}

#[test]
fn bounds_without_a_policy_are_those_of_the_risks() {
    let none = Bounds::default();
    assert_eq!(none.level(Risk::LosesData.into()), Level::Approve);
    assert_eq!(none.level(Risk::SkipsRecords.into()), Level::Auto);
    assert_eq!(none.level(Permission::ChangeShare), Level::Approve);
}
