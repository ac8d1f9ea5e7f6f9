use super::tests::{exported, options, read};
use super::{Export, export};
use crate::access::{
    Acl, AclResource, AclResourceType, Amount, Operation, Permission, QuotaEntity, Quotas, ScramMechanism,
};
use crate::plan::{DiffOptions, Families, diff};
use crate::testing::{failure, plan, topic, world};
use crate::values::{Known, Pattern};
use crate::world::World;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

type Users = BTreeMap<String, BTreeMap<ScramMechanism, i32>>;

/// Three topics, one group that reads two of them, and these entries.
fn seen(acls: impl IntoIterator<Item = Acl>) -> World {
    let mut world = world(1);
    for name in ["escrow.released", "escrow.refunded", "trading.executed"] {
        world = world.with(name, topic(1, 1));
    }
    world = world.with_reader("settlement", &["escrow.released", "escrow.refunded"]);
    world.access.acls = Known::Known(acls.into_iter().collect());
    world
}

fn of_topic(name: &str) -> AclResource {
    AclResource::literal(AclResourceType::Topic, name)
}

fn both(who: &str, operation: Operation, on: AclResource) -> [Acl; 2] {
    [Acl::allow(who, operation, on.clone()), Acl::allow(who, Operation::Describe, on)]
}

/// The sections about access alone.
fn sections(export: &Export) -> &str {
    let begins = ["\naccess:", "\nquotas:", "\nusers:"];
    let at = begins.iter().filter_map(|section| export.topology.find(section)).min();
    at.map_or("", |at| &export.topology[at..])
}

#[test]
fn roles_stand_where_they_say_all_and_entries_elsewhere() {
    use Operation::{Alter, Create, Describe, DescribeConfigs, Other, Read, Write};
    let prefixed = |kind, name: &str| AclResource::prefixed(kind, name);
    let mut acls: Vec<Acl> = Vec::new();
    acls.extend(both("User:bridge", Write, prefixed(AclResourceType::Topic, "escrow.")));
    acls.extend(both("User:bridge", Write, of_topic("trading.executed")));
    for topic in ["escrow.released", "escrow.refunded"] {
        acls.extend(both("User:settlement", Read, of_topic(topic)));
        acls.extend(both("User:half", Read, of_topic(topic)));
    }
    acls.push(Acl::allow(
        "User:settlement",
        Read,
        AclResource::literal(AclResourceType::Group, "settlement"),
    ));
    acls.extend(both("User:settlement", Write, prefixed(AclResourceType::TransactionalId, "settlement-")));
    acls.extend(both("User:settlement", Write, of_topic("escrow.released")));
    acls.extend(both("User:CN=auditor,O=a b", Read, of_topic("*")));
    acls.push(Acl::allow("User:CN=auditor,O=a b", Alter, AclResource::cluster()));
    acls.push(Acl::allow("User:CN=auditor,O=a b", DescribeConfigs, AclResource::cluster()));
    acls.extend(both("User:other", Read, of_topic("elsewhere")));
    let denied = Acl::allow("User:other", Read, of_topic("all"));
    acls.push(Acl { permission: Permission::Deny, host: "10.0.0.1".to_owned(), ..denied });
    acls.push(Acl::allow("User:other", Other(77), prefixed(AclResourceType::Topic, "a*b")));
    acls.push(Acl::allow("User:*", Describe, of_topic("*")));
    acls.push(Acl::allow("Group:readers", Create, of_topic("trading.executed")));
    acls.push(Acl::allow("User:a:b", Read, of_topic("trading.executed")));
    acls.push(Acl::allow("User:odd", Read, of_topic(" begins with a space")));
    acls.push(Acl::allow("User:odd", Read, of_topic("trading.executed")));
    let export = exported(&seen(acls));
    insta::assert_snapshot!(sections(&export), @r"
    access:
      'Group:readers':
        principal: 'Group:readers'
        acls: [{ resource: topic, name: trading.executed, operation: create }]
      '*': { acls: [{ resource: topic, name: all, operation: describe }] }
      'CN=auditor,O=a b': { consume: all, acls: [{ resource: cluster, operation: [alter, describe-configs] }] }
      'User:a:b': { principal: 'User:a:b', acls: [{ resource: topic, name: trading.executed, operation: read }] }
      bridge: { produce: ['escrow.*', trading.executed] }
      half: { consume: [escrow.refunded, escrow.released] }
      other:
        acls:
          - { resource: topic, name: 'a*b', pattern: prefixed, operation: operation-77 }
          - { resource: topic, name: all, pattern: literal, operation: read, host: '10.0.0.1', permission: deny }
          - { resource: topic, name: elsewhere, operation: [read, describe] }
      settlement: { produce: [escrow.released], groups: [settlement], transactions: ['settlement-*'] }
    ");
    insta::assert_snapshot!(
        export.topology.lines().filter(|line| line.contains("left out")).collect::<Vec<_>>().join("\n"),
        @"# User:odd is left out, for a topology has no way to say all that it may do, such as 'allow read on topic  begins with a space (literal)'"
    );
    assert_eq!(export.principals, 8);
    insta::assert_snapshot!(export.gaps.join("\n"), @"User:odd is left out, for a topology has no way to say all that it may do, such as 'allow read on topic  begins with a space (literal)'");
}

#[test]
fn quotas_and_users_are_written_without_a_password() {
    let mut world = seen([]);
    let amounts = |of: &[(&str, f64)]| -> Quotas {
        of.iter().map(|(key, amount)| ((*key).to_owned(), Amount(*amount))).collect()
    };
    world.access.quotas = Known::Known(BTreeMap::from([
        (
            QuotaEntity::new([("user", None), ("client-id", Some("default"))]),
            amounts(&[("consumer_byte_rate", 1_048_576.0), ("request_percentage", 12.5)]),
        ),
        (QuotaEntity::new([("ip", Some("10.0.0.7"))]), amounts(&[("connection_creation_rate", 20.0)])),
        (
            QuotaEntity::new([("user", Some("webhooks"))]),
            amounts(&[
                ("producer_byte_rate", 1024.5),
                ("later_rate", 1.0),
                ("controller_mutation_rate", 0.5),
            ]),
        ),
        (QuotaEntity::new([("tenant", Some("a"))]), amounts(&[("producer_byte_rate", 1024.0)])),
    ]));
    let (sha256, sha512) = (ScramMechanism::Sha256, ScramMechanism::Sha512);
    world.access.users = Known::Known(BTreeMap::from([
        ("settlement".to_owned(), BTreeMap::from([(sha512, 4096)])),
        ("Settlement".to_owned(), BTreeMap::from([(sha256, 4096), (sha512, 8192)])),
        ("../etc: #x".to_owned(), BTreeMap::from([(sha256, 100_000)])),
        ("later".to_owned(), BTreeMap::new()),
    ]));
    let export = exported(&world);
    let from = export.topology.find("\n# quota").or(export.topology.find("\n# the quota"));
    insta::assert_snapshot!(from.map_or("", |at| &export.topology[at..]), @r"
    # the quota of tenant a is left out, for a topology has no way to say it
    # later_rate 1 of user webhooks is left out, for a topology has no way to say it
    # produce 1024.5 of user webhooks is left out, for a topology has no way to say it

    quotas:
      - { user: default, client_id: { name: default }, consume: 1MiB/s, request: 12.5% }
      - { ip: '10.0.0.7', connections: 20/s }
      - { user: webhooks, mutations: 0.5/s }

    # user 'Settlement' has iterations of its own for each mechanism: 4096 for SCRAM-SHA-256, 8192 for SCRAM-SHA-512
    # user 'later' is left out, for a topology has no way to say it
    # Nobody can read a password from a cluster: those of these users stay as they are. Their files are not
    # part of this export; klerk needs one where the user does not exist yet, and for --rotate-user.

    users:
      '../etc: #x': { scram: SCRAM-SHA-256, password_file: secrets/_.._etc___x }
      Settlement: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/Settlement, iterations: 8192 }
      settlement: { scram: SCRAM-SHA-512, password_file: secrets/settlement-2, iterations: 4096 }
    ");
    assert_eq!((export.quotas, export.users), (3, 3));
}

#[test]
fn what_may_not_be_seen_is_no_empty_section() {
    let mut world = seen([]);
    let denied = || failure(31, "CLUSTER_AUTHORIZATION_FAILED", "");
    world.access.acls = Known::Denied(denied());
    world.access.quotas = Known::Unavailable("the cluster is too old for it".to_owned());
    world.access.users = Known::Failed(denied());
    let export = exported(&world);
    let from = export.topology.find("\n# access");
    insta::assert_snapshot!(from.map_or("", |at| &export.topology[at..]), @r"
    # access control entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster

    # quotas are not available: the cluster is too old for it

    # users could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    ");
    insta::assert_snapshot!(export.gaps.join("\n"), @r"
    access control entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    users could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    ");
}

#[test]
fn a_filter_covers_principals_by_either_name() {
    let mut world = seen(
        ["User:bridge", "User:auditor", "Group:bridge"]
            .map(|who| Acl::allow(who, Operation::Read, of_topic("trading.executed"))),
    );
    let one = BTreeMap::from([(ScramMechanism::Sha256, 4096)]);
    world.access.users =
        Known::Known(BTreeMap::from([("bridge".to_owned(), one.clone()), ("auditor".to_owned(), one)]));
    for (pattern, named) in [
        ("bridge*", vec!["User:bridge"]),
        ("User:*", vec!["User:auditor", "User:bridge"]),
        ("*bridge", vec!["Group:bridge", "User:bridge"]),
    ] {
        let covered = DiffOptions { matching: Some(Pattern::new(pattern)), ..DiffOptions::default() };
        let export = export(&world, &super::ExportOptions { covered: covered.clone(), ..options() });
        let topology = read(&export);
        assert_eq!(topology.access.keys().collect::<Vec<_>>(), named, "{pattern}");
        let proposal = diff(&topology, &world, &covered);
        assert!(proposal.changes.is_empty() && proposal.conflicts.is_empty(), "{proposal:?}");
        assert!(!topology.users.contains_key("auditor"), "{}", export.topology);
    }
    let families = Families { access: true, ..Families::NONE };
    let covered = DiffOptions { families, ..DiffOptions::default() };
    let alone = export(&world, &super::ExportOptions { covered, ..options() });
    assert!(
        alone.topology.contains("# Only access.\n") && !alone.topology.contains("topics:"),
        "{}",
        alone.topology
    );
}

const NAMES: &[&str] = &[
    "escrow.released",
    "escrow.",
    "escrow",
    "*",
    "all",
    "settlement",
    "a b",
    "x*",
    "kafka-cluster",
    "",
    " a",
    "on",
    "é",
    "a\nb",
];
const PRINCIPALS: &[&str] = &[
    "User:a",
    "User:CN=a,O=b",
    "User:*",
    "Group:x",
    "User:a:b",
    "a:b",
    "User:User:a",
    "User: a",
    "User:on",
    "odd",
    "User:",
];

fn acl() -> impl Strategy<Value = Acl> {
    let mut kinds = AclResourceType::KNOWN.to_vec();
    kinds.extend([
        AclResourceType::Topic,
        AclResourceType::Topic,
        AclResourceType::Group,
        AclResourceType::Other(9),
    ]);
    let mut operations = Operation::KNOWN.to_vec();
    operations.extend([
        Operation::Read,
        Operation::Write,
        Operation::Describe,
        Operation::Describe,
        Operation::Other(77),
    ]);
    let host = select(&["*", "*", "*", "10.0.0.1", " "][..]);
    (select(PRINCIPALS), select(operations), select(kinds), select(NAMES), any::<bool>(), any::<bool>(), host)
        .prop_map(|(who, operation, kind, name, prefixed, deny, host)| {
            let resource = match prefixed {
                true => AclResource::prefixed(kind, name),
                false => AclResource::literal(kind, name),
            };
            let permission = if deny { Permission::Deny } else { Permission::Allow };
            Acl { permission, host: host.to_owned(), ..Acl::allow(who, operation, resource) }
        })
}

/// Entries as roles make them, of few principals so that they meet.
fn of_role() -> impl Strategy<Value = Vec<Acl>> {
    use crate::access::Right;
    let rights = select(&[Right::Produce, Right::Consume, Right::Join, Right::Transact][..]);
    let names = select(&["escrow.released", "escrow.refunded", "escrow.", "*", "settlement", "gone"][..]);
    (select(&PRINCIPALS[..3]), rights, names, any::<bool>()).prop_map(|(who, right, name, prefixed)| {
        let kind = match right {
            Right::Produce | Right::Consume => AclResourceType::Topic,
            Right::Join => AclResourceType::Group,
            Right::Transact => AclResourceType::TransactionalId,
        };
        let resource = match prefixed {
            true => AclResource::prefixed(kind, name),
            false => AclResource::literal(kind, name),
        };
        right.acls(who, &resource).collect()
    })
}

fn quotas() -> impl Strategy<Value = BTreeMap<QuotaEntity, Quotas>> {
    let name = || {
        option::of(select(
            &["a", "default", "by default", "a, client-id b", "b", "\"a\"", "on", " a", "10.0.0.7", "a\tb"][..],
        ))
    };
    let kind = || select(&["user", "client-id", "ip", "tenant"][..]);
    let entity = vec((kind(), name()), 1..3).prop_map(QuotaEntity::new);
    let keys = select(
        &[
            "producer_byte_rate",
            "consumer_byte_rate",
            "request_percentage",
            "controller_mutation_rate",
            "connection_creation_rate",
            "later",
        ][..],
    );
    let amounts =
        prop_oneof![select(&[1.0, 0.5, 1_048_576.0, 9e15, 1e300, f64::MAX, 5e-324, 0.0][..]), any::<f64>()];
    let amounts = btree_map(keys.prop_map(str::to_owned), amounts.prop_map(Amount), 1..4);
    btree_map(entity, amounts, 0..6)
}

fn users() -> impl Strategy<Value = Users> {
    let name = prop_oneof![
        select(&["a", "A", "on", "..", "a/b", "a_b", "all", "<<", " a", ""][..]).prop_map(str::to_owned),
        "\\PC{0,8}"
    ];
    let of =
        btree_map(select(&ScramMechanism::ALL[..]), select(&[4096, 8192, 16384, 1, 1_000_000][..]), 0..3);
    btree_map(name, of, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_is_left_to_do_and_nobody_is_lost(
        acls in btree_set(acl(), 0..20), roles in vec(of_role(), 0..8), quotas in quotas(), users in users(),
    ) {
        let mut world = seen(acls.into_iter().chain(roles.into_iter().flatten()));
        world.access.quotas = Known::Known(quotas);
        world.access.users = Known::Known(users);
        let export = exported(&world);
        let topology = read(&export);
        let plan = plan(&topology, &world);
        let comments: String = export.topology.lines().filter(|line| line.trim_start().starts_with('#')).collect();
        let is_told = |name: &str| {
            comments.contains(&super::yaml::on_one_line(name)) && export.gaps.iter().any(|gap| gap.contains(name))
        };
        for acl in world.access.acls.known().into_iter().flatten() {
            let said = topology.access.get(&acl.principal);
            prop_assert!(said.map_or(is_told(&acl.principal), |said| said.acls.contains_key(acl)), "{}", acl);
        }
        // Whoever is left out is said to be, and is left alone.
        let left: BTreeSet<&String> = plan.unmanaged.acls.iter().filter(|principal| !is_told(principal)).collect();
        prop_assert_eq!(left, BTreeSet::new());
        for entity in world.access.quotas.known().into_iter().flat_map(BTreeMap::keys) {
            prop_assert!(topology.quotas.contains_key(entity) || is_told(&entity.to_string()), "{}", entity);
        }
        for name in world.access.users.known().into_iter().flat_map(BTreeMap::keys) {
            prop_assert!(topology.users.contains_key(name) || is_told(name), "{}", name);
        }
        prop_assert!(export.gaps.iter().all(|gap| gap.contains(" is left out, for ")), "{:?}", export.gaps);
    }
}
