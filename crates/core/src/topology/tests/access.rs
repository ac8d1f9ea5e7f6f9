//! Who may do what: what roles come to, and what is refused.

use super::super::*;
use super::texts::{all_faults, faults, sound, within};

/// Each entry with the line that asks for it and what it was taken from.
fn told(topology: &Topology) -> String {
    let mut lines = Vec::new();
    for (principal, access) in &topology.access {
        lines.push(format!("{principal} ({} @{})", access.name, access.origin.line));
        for (acl, asked) in &access.acls {
            let from = asked.expanded_from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
            lines.push(format!("  {} @{}{from}", acl.rule(), asked.origin.line));
        }
        lines.extend(access.notes.iter().map(|(note, origin)| format!("  ? {note} @{}", origin.line)));
    }
    lines.join("\n")
}

#[test]
fn roles_come_to_entries() {
    let topology = sound(
        "topics: { escrow.released: {}, escrow.refunded: {}, trading.executed: {}, a.dlq: {} }
external: { topics: [pnl.*, ledger], groups: [pnl] }
groups:
  settlement: { topics: [escrow.*, ledger] }
  alert: { topics: all }
  silent: {}
access:
  bridge: { produce: [escrow.*, trading.executed] }
  settlement: { groups: [settlement], transactions: [settlement-*, one] }
  auditor:
    principal: 'User:CN=auditor,O=Purple Flea'
    consume: all
    acls: [{ resource: cluster, operation: [describe, describe-configs] }]
  reader: { consume: ['*.dlq', ledger], groups: [pnl, silent, al*] }
  gone: { state: absent }
  nobody: {}
",
    );
    insta::assert_snapshot!(told(&topology), @r"
    User:CN=auditor,O=Purple Flea (auditor @11)
      allow read on every topic (literal *) @13
      allow describe on every topic (literal *) @13
      allow describe on the cluster @14
      allow describe-configs on the cluster @14
    User:bridge (bridge @9)
      allow write on topic escrow.* (prefixed) @9
      allow describe on topic escrow.* (prefixed) @9
      allow write on topic trading.executed (literal) @9
      allow describe on topic trading.executed (literal) @9
    User:gone (gone @16)
    User:nobody (nobody @17)
    User:reader (reader @15)
      allow read on topic a.dlq (literal) @15 from '*.dlq'
      allow describe on topic a.dlq (literal) @15 from '*.dlq'
      allow read on topic escrow.refunded (literal) @15 from the topics of group 'alert'
      allow describe on topic escrow.refunded (literal) @15 from the topics of group 'alert'
      allow read on topic escrow.released (literal) @15 from the topics of group 'alert'
      allow describe on topic escrow.released (literal) @15 from the topics of group 'alert'
      allow read on topic ledger (literal) @15
      allow describe on topic ledger (literal) @15
      allow read on topic pnl.* (prefixed) @15 from the topics of group 'alert'
      allow describe on topic pnl.* (prefixed) @15 from the topics of group 'alert'
      allow read on topic trading.executed (literal) @15 from the topics of group 'alert'
      allow describe on topic trading.executed (literal) @15 from the topics of group 'alert'
      allow read on group al* (prefixed) @15
      allow read on group pnl (literal) @15
      allow read on group silent (literal) @15
      ? the contract of group 'silent' does not say what it reads, so that its members may read nothing by it @7
    User:settlement (settlement @10)
      allow read on topic escrow.refunded (literal) @10 from the topics of group 'settlement'
      allow describe on topic escrow.refunded (literal) @10 from the topics of group 'settlement'
      allow read on topic escrow.released (literal) @10 from the topics of group 'settlement'
      allow describe on topic escrow.released (literal) @10 from the topics of group 'settlement'
      allow read on topic ledger (literal) @10 from the topics of group 'settlement'
      allow describe on topic ledger (literal) @10 from the topics of group 'settlement'
      allow read on group settlement (literal) @10
      allow write on transactional-id one (literal) @10
      allow describe on transactional-id one (literal) @10
      allow write on transactional-id settlement-* (prefixed) @10
      allow describe on transactional-id settlement-* (prefixed) @10
    ");
}

#[test]
fn plain_entries_are_what_kafka_has() {
    let topology = sound(
        "access:
  a:
    acls:
      - { resource: topic, name: orders, operation: read, host: 10.0.0.1, permission: deny }
      - { resource: topic, name: 'orders.*', operation: [write, alter-configs] }
      - { resource: topic, name: all, operation: describe }
      - { resource: group, name: 'we*rd*', pattern: literal, operation: read }
      - { resource: group, name: we, pattern: prefixed, operation: delete }
      - { resource: transactional-id, name: '*', operation: write }
      - { resource: cluster, name: kafka-cluster, operation: all }
      - { resource: user, name: b, operation: create-tokens }
",
    );
    insta::assert_snapshot!(told(&topology), @r"
    User:a (a @3)
      allow describe on every topic (literal *) @7
      deny read on topic orders (literal) from 10.0.0.1 @5
      allow write on topic orders.* (prefixed) @6
      allow alter-configs on topic orders.* (prefixed) @6
      allow delete on group we* (prefixed) @9
      allow read on group we*rd* (literal) @8
      allow all on the cluster @11
      allow write on every transactional-id (literal *) @10
      allow create-tokens on user b (literal) @12
    ");
}

#[test]
fn what_nobody_can_be_allowed_is_refused() {
    insta::assert_snapshot!(
        faults(
            "topics: { escrow.released: {}, gone: { state: absent } }
groups: { settlement: { topics: [escrow.released] } }
access:
  a: { produce: [escrow.relaesed], consume: [trading.*, gone], groups: [setlement, 'x*'], transactions: ['a*b'] }
  User:b: {}
  c: { principal: bob }
  d: { principal: 'User:e' }
  e: { produce: [] }
  f: { produce: all, state: absent }
  g: { acls: { resource: topic } }
  h:
    acls:
      - { resource: topics, operation: read }
      - { resource: topic, operation: READ, name: a }
      - { resource: topic, name: 'a*b', operation: DescribeConfigs }
      - { resource: topic, operation: read }
      - { resource: cluster, name: x, operation: describe }
      - { name: x }
      - { resource: 'topic:x', operation: fly, permission: maybe, pattern: prefix, colour: red }
  i: { writes: [a], producer: [b] }
",
        ),
        @r"
    5:18+15 [unknown-topic] topic 'escrow.relaesed' is neither in the files nor external → did you mean 'escrow.released'?
    5:46+9 [unknown-topic] no topic of the files and no external one matches 'trading.*' → declare it under topics, or under external.topics when others own it
    5:57+4 [unknown-topic] topic 'gone' is said to be absent, so nobody can read it → take it out of this role's topics, or let it be present
    5:73+9 [unknown-group] group 'setlement' is neither in the files nor external → did you mean 'settlement'?
    5:84+4 [unknown-group] no group of the files matches 'x*' → declare it under groups with its topics, or under external.groups when others own it
    5:106+5 [bad-pattern] no file knows transactional ids, so 'a*b' cannot be expanded to those that there are → name them in full, or by what they begin with and one '*' at the end
    6:3+6 [principal] 'User:b' would be the principal 'User:User:b' → name it 'b', or any other way with principal: 'User:b'
    7:19+3 [principal] 'bob' is not a type and a name, such as User:billing → 'User:bob'
    9:3+1 [duplicate] what 'User:e' may do is already said → say everything of a principal in one place: what is not said there is revoked
    9:17+1 [empty-value] the list of 'produce' is empty → leave the key out: whoever is named may do what is said and no more
    10:17+3 [absent-says-more] access 'f' is said to be absent, and yet to have produce → leave out one or the other
    11:14+1 [wrong-shape] 'acls' is a list of entries, not a map → acls: [{ resource: cluster, operation: describe }]
    14:21+6 [bad-value] 'resource' takes topic, group, cluster, transactional-id, delegation-token, user, not 'topics' → topic
    15:39+4 [bad-value] 'operation' takes all, read, write, create, delete, alter, describe, cluster-action, describe-configs, alter-configs, idempotent-write, create-tokens, describe-tokens, two-phase-commit, not 'READ' → read
    16:52+15 [bad-value] 'operation' takes all, read, write, create, delete, alter, describe, cluster-action, describe-configs, alter-configs, idempotent-write, create-tokens, describe-tokens, two-phase-commit, not 'DescribeConfigs' → describe-configs
    17:9+1 [empty-value] an entry of 'acls' about a topic does not say its name → name: orders, or name: all
    18:36+1 [bad-value] there is one cluster, so an entry about it names none → leave the name out
    19:9+1 [empty-value] an entry of 'acls' does not say its operation → such as { resource: topic, name: orders, operation: read }
    19:9+1 [empty-value] an entry of 'acls' does not say its resource → such as { resource: topic, name: orders, operation: read }
    20:21+9 [bad-value] 'resource' takes topic, group, cluster, transactional-id, delegation-token, user, not 'topic:x' → resource: topic, name: x
    20:43+3 [bad-value] 'operation' takes all, read, write, create, delete, alter, describe, cluster-action, describe-configs, alter-configs, idempotent-write, create-tokens, describe-tokens, two-phase-commit, not 'fly'
    20:60+5 [bad-value] 'permission' takes allow, deny, not 'maybe'
    20:76+6 [bad-value] 'pattern' takes literal, prefixed, not 'prefix' → prefixed
    20:84+6 [unknown-key] an entry of 'acls' has no key 'colour'
    21:8+6 [unknown-key] access 'i' has no key 'writes'
    21:21+8 [unknown-key] access 'i' has no key 'producer' → did you mean 'produce'?
    "
    );
}

#[test]
fn environments_say_more_or_something_else() {
    let text = "topics: { a: {}, b: { only: [dev] } }
groups: { g: { topics: [a] } }
access:
  one: { produce: [a], consume: [a] }
  two: { groups: [g], only: [prod] }
environments:
  dev: { access: { one: { produce: [b] }, three: { consume: ['b*'] } } }
  prod: { access: { one: { state: absent } } }
";
    insta::assert_snapshot!(told(&within("dev", text)), @r"
    User:one (one @5)
      allow read on topic a (literal) @5
      allow describe on topic a (literal) @5
      allow write on topic b (literal) @8
      allow describe on topic b (literal) @8
    User:three (three @8)
      allow read on topic b* (prefixed) @8
      allow describe on topic b* (prefixed) @8
    ");
    insta::assert_snapshot!(told(&within("prod", text)), @r"
    User:one (one @5)
    User:two (two @6)
      allow read on topic a (literal) @6 from the topics of group 'g'
      allow describe on topic a (literal) @6 from the topics of group 'g'
      allow read on group g (literal) @6
    ");
    insta::assert_snapshot!(
        all_faults(
            "topics: { a: { only: [dev] } }
groups: { g: { only: [dev] } }
access: { one: { produce: [a] }, two: { groups: [g], only: [dev] }, three: { groups: [g] } }
environments:
  dev: {}
  prod: { access: { two: {} } }
"
        ),
        @r"
    4:28+1 [unknown-topic] in environment prod: topic 'a' does not exist → 'only: [dev]' for this role too, or other topics for it there
    4:87+1 [unknown-group] in environment prod: group 'g' does not exist here → declare it under groups with its topics, or under external.groups when others own it
    7:21+3 [only-elsewhere] access 'two' does not exist in environment 'prod' → add prod to its 'only', or leave this out
    "
    );
}
