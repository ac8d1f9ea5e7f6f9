//! What a policy may say, what it complains of, and how environments tighten it.

use super::super::*;
use super::texts::{all_faults, faults, faults_of_each, faults_within, resolved, sound, told, within};
use crate::plan::{Level, Permission};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;

fn shown(policy: &Policy) -> String {
    let mut lines: Vec<String> = policy
        .changes
        .iter()
        .map(|(name, level)| format!("{name}={} @{}", level.value, level.origin.line))
        .collect();
    lines.extend(policy.scopes.iter().map(|scope| format!("scope={:?} @{}", scope.value, scope.origin.line)));
    lines.extend(
        policy
            .unlisted_configs
            .iter()
            .map(|word| format!("unlisted={} @{}", word.value.as_str(), word.origin.line)),
    );
    lines.extend(
        policy.max_change_share.iter().map(|share| format!("share={} @{}", share.value, share.origin.line)),
    );
    lines.join("\n")
}

#[test]
fn a_policy_is_read_with_its_lines() {
    let topology = sound(
        "policy:
  changes: { add-partitions: approve, delete-topic: by-hand, skips-records: approve, create-acl: auto }
  scope: [escrow., 'a']
  unlisted_configs: reset
  max_change_share: 30%
",
    );
    insta::assert_snapshot!(shown(&topology.policy), @r#"
    skips-records=approve @3
    add-partitions=approve @3
    create-acl=auto @3
    delete-topic=by-hand @3
    scope=["escrow.", "a"] @4
    unlisted=reset @5
    share=30 @6
    "#);
    assert_eq!(sound("policy: {}\n").policy, Policy::default());
}

#[test]
fn what_a_policy_cannot_say() {
    insta::assert_snapshot!(
        faults_of_each(&[
            "policy: { changes: { add-partition: approve } }\n",
            "policy: { changes: { everything: approve } }\n",
            "policy: { changes: { max-change-share: approve } }\n",
            "policy: { changes: { add-partitions: manual } }\n",
            "policy: { changes: { loses-data: auto, skips-records: auto } }\n",
            "policy: { scope: ['escrow.*', '*', a b] }\n",
            "policy: { max_change_share: 30 }\n",
            "policy: { max_change_share: 0% }\n",
            "policy: { unlisted_configs: delete }\n",
            "policy: { change: {} }\n",
            "policy: { topics: { require: [owners, only, retention_ms], values: { partitions: 50..1, key: a, owner: [] } } }\n",
            "policy: { topics: { values: { retention.ms: [7 d], partitions: 0..3, cleanup.policy: unset, min_isr: 2 } } }\n",
        ]),
        @r"
    policy: { changes: { add-partition: approve } }
        2:22+13 [unknown-key] 'add-partition' is neither a kind of change nor a risk → did you mean 'add-partitions'?
    policy: { changes: { everything: approve } }
        2:22+10 [unknown-key] 'everything' is neither a kind of change nor a risk → there are loses-data, moves-keys, stops-writes, weakens-durability, moves-replicas, breaks-readers, protected, skips-records, repeats-records, opens-access, closes-access, moved-since, create-topic, add-partitions, set-config, move-replicas, cancel-moves, elect-leaders, delete-topic, delete-records, register-schema, set-compatibility, delete-subject, delete-version, commit-offsets, delete-offsets, delete-group, create-acl, delete-acl, set-quota, delete-quota, set-user, delete-user, copy-records
    policy: { changes: { max-change-share: approve } }
        2:22+16 [unknown-key] 'max-change-share' has no level: the share itself is what the policy sets → max_change_share: 30%
    policy: { changes: { add-partitions: manual } }
        2:38+6 [bad-value] 'add-partitions' takes auto, approve, by-hand, not 'manual'
    policy: { changes: { loses-data: auto, skips-records: auto } }
        2:34+4 [policy-loosens] 'loses-data' is a risk, which takes 'approve' without a policy, and a policy can only ask for more → leave it out, and allow it with --allow loses-data when it is meant
    policy: { scope: ['escrow.*', '*', a b] }
        2:19+10 [bad-pattern] 'scope' takes the beginnings of names, not patterns such as 'escrow.*' → escrow.
        2:31+3 [bad-pattern] 'scope' takes the beginnings of names, not patterns such as '*'
        2:36+3 [bad-pattern] no topic can have a name that begins with 'a b'
    policy: { max_change_share: 30 }
        2:29+2 [bad-value] 'max_change_share' takes a share from 1% to 100%, not '30' → 30%
    policy: { max_change_share: 0% }
        2:29+2 [bad-value] 'max_change_share' takes a share from 1% to 100%, not '0%'
    policy: { unlisted_configs: delete }
        2:29+6 [bad-value] 'unlisted_configs' takes keep, reset, not 'delete'
    policy: { change: {} }
        2:11+6 [unknown-key] policy has no key 'change' → did you mean 'changes'?
    policy: { topics: { require: [owners, only, retention_ms], values: { partitions: 50..1, key: a, owner: [] } } }
        2:31+6 [unknown-key] a topic has no key 'owners' → did you mean 'owner'?
        2:39+4 [unknown-key] 'only' is not for a policy to require
        2:45+12 [unknown-key] a topic has no key 'retention_ms' → did you mean 'retention.ms'?
        2:82+5 [bad-value] '50..1' holds no number of 'partitions': the smaller one comes first
        2:89+3 [unknown-key] of 'key' a policy cannot say what it may be → require asks that it is said
        2:104+1 [empty-value] the policy takes no value of 'owner' at all → name the values, or leave the key out
    policy: { topics: { values: { retention.ms: [7 d], partitions: 0..3, cleanup.policy: unset, min_isr: 2 } } }
        2:46+3 [bad-duration] 'retention.ms' takes a duration, and '7 d' is none: a number lacks its unit (ms, s, m, h, d or w, without a blank before it) → 7d
        2:64+4 [bad-value] 'partitions' has to be 1 or more, and this is 0
        2:86+5 [bad-value] 'cleanup.policy: unset' is no value that a policy could take → name values
        2:93+7 [unknown-key] a topic has no key 'min_isr' → did you mean 'min.insync.replicas'?
    "
    );
}

#[test]
fn topics_are_held_to_keys_values_and_scope() {
    let text = "defaults: { retention.ms: 7d }
topics:
  escrow.a: { owner: x, partitions: 50, retention.ms: 604800000 }
  escrow.b: { owner: unset, partitions: 51, retention.ms: 2d, cleanup.policy: 'delete, compact' }
  trading.c: { owner: y, retention.ms: unset, cleanup.policy: compact }
  trading.d: { state: absent }
  escrow.e: { state: absent }
policy:
  scope: escrow.
  topics:
    require: [owner, retention.ms]
    values:
      retention.ms: [1d, 7d]
      partitions: 1..50
      cleanup.policy: [delete, [compact, delete]]
";
    insta::assert_snapshot!(faults(text), @r"
    5:3+8 [key-required] topic 'escrow.b' does not say its owner → add owner, to the topic, to its class or to the defaults
    5:41+2 [value-not-allowed] topic 'escrow.b' has partitions 51, and the policy takes 1 to 50
    5:59+2 [value-not-allowed] topic 'escrow.b' has retention.ms 2d (172800000), and the policy takes 1d (86400000), 7d (604800000)
    6:3+9 [key-required] topic 'trading.c' does not say its retention.ms → add retention.ms, to the topic, to its class or to the defaults
    6:3+9 [out-of-scope] topic 'trading.c' lies outside the scope of this estate, which is escrow. → leave the topic to those who own it, or widen the scope
    6:63+7 [value-not-allowed] topic 'trading.c' has cleanup.policy compact, and the policy takes delete, compact,delete
    7:3+9 [out-of-scope] topic 'trading.d' lies outside the scope of this estate, which is escrow. → leave the topic to those who own it, or widen the scope
    ");
}

#[test]
fn ranges_hold_numbers_and_forever_is_more_than_any() {
    let faulty = |values: &str, topic: &str| {
        let text = format!(
            "klerk: 1\ntopics: {{ t: {{ {topic} }} }}\npolicy: {{ topics: {{ values: {{ {values} }} }} }}\n"
        );
        resolved(&[("t.yaml", &text)]).is_err()
    };
    assert!(!faulty("retention.ms: 1d..30d", "retention.ms: 2592000000"));
    assert!(faulty("retention.ms: 1d..30d", "retention.ms: forever"));
    assert!(!faulty("retention.ms: 1d..forever", "retention.ms: forever"));
    assert!(!faulty("min.cleanable.dirty.ratio: 0.1..0.5", "min.cleanable.dirty.ratio: '5e-1'"));
    assert!(faulty("min.cleanable.dirty.ratio: 0.1..0.5", "min.cleanable.dirty.ratio: 0.51"));
    assert!(!faulty("min.cleanable.dirty.ratio: [0.5]", "min.cleanable.dirty.ratio: 0.50"));
    assert!(
        !faulty("partitions: [1..8, 16]", "partitions: 16")
            && faulty("partitions: [1..8, 16]", "partitions: 9")
    );
    assert!(!faulty("owner: [x, y]", "owner: y") && faulty("owner: [x, y]", "owner: z"));
    assert!(!faulty("owner: x", "partitions: 3"), "what is not said is not held to values");
}

#[test]
fn with_environments_topics_are_held_to_what_each_makes_of_them() {
    let text = "topics: { a: { retention.ms: 30d }, b: { owner: x, retention.ms: 1d } }
policy: { topics: { require: owner, values: { retention.ms: [1d, 7d] } } }
environments:
  dev: { at_most: { retention.ms: 7d }, defaults: { owner: y } }
  prod: { topics: { a: { owner: z } } }
  test: { defaults: { owner: y }, policy: { topics: { values: { retention.ms: 30d } } } }
";
    insta::assert_snapshot!(all_faults(text), @r"
    2:30+3 [value-not-allowed] in environment prod: topic 'a' has retention.ms 30d (2592000000), and the policy takes 1d (86400000), 7d (604800000)
    2:66+2 [value-not-allowed] in environment test: topic 'b' has retention.ms 1d (86400000), and the policy takes 30d (2592000000)
    ");
    insta::assert_snapshot!(faults_within("prod", text), @"2:30+3 [value-not-allowed] in environment prod: topic 'a' has retention.ms 30d (2592000000), and the policy takes 1d (86400000), 7d (604800000)");
}

#[test]
fn an_environment_sets_kinds_either_way_and_risks_only_tighter() {
    let text = "topics: { ab.c: {} }
policy:
  changes: { add-partitions: approve, loses-data: by-hand, skips-records: approve }
  scope: [a, b]
  max_change_share: 30%
environments:
  dev: { policy: { changes: { add-partitions: auto, moves-keys: by-hand }, max_change_share: 100%, scope: ab. } }
  prod: { policy: { changes: { add-partitions: by-hand, repeats-records: approve } } }
  dr: { extends: prod, policy: { changes: { add-partitions: approve } } }
";
    let all = ["dev", "prod", "dr"].map(|name| format!("{name}\n{}", shown(&within(name, text).policy)));
    insta::assert_snapshot!(all.join("\n"), @r#"
    dev
    loses-data=by-hand @4
    moves-keys=by-hand @8
    skips-records=approve @4
    add-partitions=auto @8
    scope=["ab."] @8
    share=100 @8
    prod
    loses-data=by-hand @4
    skips-records=approve @4
    repeats-records=approve @9
    add-partitions=by-hand @9
    scope=["a", "b"] @5
    share=30 @6
    dr
    loses-data=by-hand @4
    skips-records=approve @4
    repeats-records=approve @9
    add-partitions=approve @10
    scope=["a", "b"] @5
    share=30 @6
    "#);
    let loosening = "policy: { changes: { loses-data: by-hand, skips-records: approve }, scope: [a.] }
environments:
  dev: { policy: { changes: { loses-data: approve, skips-records: auto, moves-keys: auto }, scope: [a.b, b.] } }
  prod: { policy: { changes: { repeats-records: by-hand } } }
  dr: { extends: prod, policy: { changes: { repeats-records: approve } } }
";
    insta::assert_snapshot!(all_faults(loosening), @r"
    4:43+7 [policy-loosens] 'loses-data' is a risk, of which an environment can only ask for more, and it is 'by-hand' here already → leave it out, and allow it with --allow loses-data when it is meant
    4:67+4 [policy-loosens] 'skips-records' is a risk, of which an environment can only ask for more, and it is 'approve' here already → leave it out, and allow it with --allow skips-records when it is meant
    4:85+4 [policy-loosens] 'moves-keys' is a risk, of which an environment can only ask for more, and it is 'approve' here already → leave it out, and allow it with --allow moves-keys when it is meant
    4:106+2 [policy-loosens] an environment can only narrow the scope, and 'b.' lies outside of it
    6:62+7 [policy-loosens] 'repeats-records' is a risk, of which an environment can only ask for more, and it is 'by-hand' here already → leave it out, and allow it with --allow repeats-records when it is meant
    ");
}

#[test]
fn a_policy_stands_in_one_file_only() {
    let one = "klerk: 1\npolicy: { max_change_share: 30% }\n";
    let two = "klerk: 1\npolicy: { max_change_share: 30% }\nenvironments: { dev: { policy: {} } }\n";
    insta::assert_snapshot!(told(&resolved(&[("a.yaml", one), ("b.yaml", two)]).unwrap_err()), @r"
    2:1+6 [policy-elsewhere] the policy stands in one file only, and that is a.yaml → move it there, with what environments say of it
    3:24+6 [policy-elsewhere] the policy stands in one file only, and that is a.yaml → move it there, with what environments say of it
    ");
    assert!(resolved(&[("a.yaml", two), ("b.yaml", "klerk: 1\n")]).is_ok());
}

fn levels() -> impl Strategy<Value = std::collections::BTreeMap<Permission, Level>> {
    let names: Vec<Permission> = Permission::levelled().collect();
    btree_map(select(names), select(Level::ALL.to_vec()), 0..6)
}

fn written(levels: &std::collections::BTreeMap<Permission, Level>) -> String {
    let pairs: Vec<String> = levels.iter().map(|(name, level)| format!("{name}: {level}")).collect();
    format!("policy: {{ changes: {{ {} }} }}", pairs.join(", "))
}

proptest! {
    #[test]
    fn no_environment_ever_loosens_a_risk(base in levels(), own in levels(), deeper in levels()) {
        let text = format!(
            "klerk: 1\n{}\nenvironments:\n  e: {{ {} }}\n  f: {{ extends: e, {} }}\n",
            written(&base), written(&own), written(&deeper)
        );
        let Ok(all) = resolve_all(&parse([("t.yaml".to_owned(), text)]), &Files::new()) else { return Ok(()) };
        let level = |policy: &Policy, name: Permission| {
            policy.changes.get(&name).map_or(name.level_without_policy(), |level| level.value)
        };
        for name in Permission::levelled().filter(|name| matches!(name, Permission::Risk(_))) {
            let levels: Vec<Level> = all.iter().map(|topology| level(&topology.policy, name)).collect();
            prop_assert!(levels[0] >= name.level_without_policy());
            prop_assert!(levels.is_sorted(), "{}: {:?}", name, levels);
        }
    }

    #[test]
    fn the_strictest_of_environments_is_as_strict_as_each(base in levels(), own in levels(), other in levels()) {
        let text = format!(
            "klerk: 1\n{}\nenvironments:\n  e: {{ {} }}\n  f: {{ {} }}\n",
            written(&base), written(&own), written(&other)
        );
        let Ok(all) = resolve_all(&parse([("t.yaml".to_owned(), text)]), &Files::new()) else { return Ok(()) };
        let strictest = strictest(all[1..].iter().cloned());
        let level = |policy: &Policy, name: Permission| {
            policy.changes.get(&name).map_or(name.level_without_policy(), |level| level.value)
        };
        for (topology, name) in all[1..].iter().flat_map(|one| Permission::levelled().map(move |name| (one, name))) {
            prop_assert!(level(&strictest.policy, name) >= level(&topology.policy, name), "{}", name);
        }
    }
}
