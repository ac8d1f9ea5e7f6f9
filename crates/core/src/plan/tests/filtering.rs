//! A filter takes things out of a plan, and never puts one in: above all nothing that goes away.

use crate::access::{Acl, AclResource, AclResourceType, Amount, Operation, QuotaEntity, ScramMechanism};
use crate::plan::{
    AccessChange, Answer, Answers, Basis, Change, DiffOptions, Families, GroupChange, Question, TopicChange,
    assess, diff,
};
use crate::testing::{accept_all, topic, world};
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::{Known, Pattern};
use crate::world::{RegistryView, SchemaType, SubjectView, VersionView, World};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const NAMES: [&str; 4] = ["a", "a.b", "b", "b.c"];
const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[]}"#;

/// What the file says of a name, where it says anything, for each family of which something can go; and what is there.
#[derive(Debug, Clone, Copy)]
struct Said {
    topic: usize,
    subject: usize,
    principal: usize,
    quota: usize,
    user: usize,
    is_there: bool,
}

const TOPICS: [&str; 4] =
    ["", "{ state: absent }", "{ retention.ms: 2h }", "{ retention.ms: unset, segment.ms: 1h }"];
const SUBJECTS: [&str; 4] = ["", "{ state: absent }", "{ state: absent, permanent: true }", "R.avsc"];
const ACCESS: [&str; 4] =
    ["", "{ state: absent }", "{}", "{ acls: [{ resource: cluster, operation: describe }] }"];
const QUOTAS: [&str; 4] = ["", "state: absent", "request: 1%, produce: unset", "consume: 1MB/s"];
const USERS: [&str; 4] = [
    "",
    "{ state: absent }",
    "{ state: absent, scram: SCRAM-SHA-256 }",
    "{ scram: SCRAM-SHA-512, password_file: p }",
];

fn file(said: &[Said], resets: bool) -> Topology {
    let mut text = "klerk: 1\n".to_owned();
    if resets {
        text.push_str("policy: { unlisted_configs: reset }\n");
    }
    let mut section = |head: &str, tail: &str, line: &dyn Fn(&str, &Said) -> Option<String>| {
        let lines: String = NAMES.iter().zip(said).filter_map(|(name, said)| line(name, said)).collect();
        if !lines.is_empty() {
            write!(text, "{head}\n{lines}{tail}").ok();
        }
    };
    let of = |name: &str, words: &str| (!words.is_empty()).then(|| format!("  {name}: {words}\n"));
    section("topics:", "", &|name, said| of(name, TOPICS[said.topic]));
    section("schemas:\n  subjects:", "", &|name, said| {
        of(name, SUBJECTS[said.subject]).map(|line| format!("  {line}"))
    });
    section("access:", "", &|name, said| of(name, ACCESS[said.principal]));
    section("quotas:", "", &|name, said| {
        let words = QUOTAS[said.quota];
        (!words.is_empty()).then(|| format!("  - {{ user: {name}, {words} }}\n"))
    });
    section("users:", "", &|name, said| of(name, USERS[said.user]));
    let files = Files::from([("R.avsc".to_owned(), Ok(SCHEMA.to_owned()))]);
    resolve(parse([("topology.yaml".to_owned(), text)]), &files).expect("it is sound")
}

fn having(said: &[Said]) -> World {
    let mut world = world(3);
    let (mut acls, mut quotas, mut users) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    let mut subjects = BTreeMap::new();
    for (name, said) in NAMES.iter().zip(said) {
        let principal = format!("User:{name}");
        if !said.is_there {
            world = world.without(&[name]);
            subjects.insert((*name).to_owned(), Known::Absent);
            continue;
        }
        let built = topic(1, 1).set("retention.ms", "3600000").set("segment.ms", "600000");
        world = world.with(name, built);
        let version = VersionView {
            version: 1,
            id: 101,
            kind: SchemaType::Avro,
            text: SCHEMA.to_owned(),
            references: Vec::new(),
        };
        let level = Known::Absent;
        let effective_level = Known::NotAsked;
        let view = SubjectView { versions: vec![version], level, effective_level };
        subjects.insert((*name).to_owned(), Known::Known(view));
        for operation in [Operation::Read, Operation::Write] {
            let of = AclResource::literal(AclResourceType::Topic, *name);
            acls.insert(Acl::allow(&principal, operation, of));
        }
        let amounts = [("producer_byte_rate", 5.0), ("request_percentage", 2.0)];
        let amounts: BTreeMap<String, Amount> =
            amounts.iter().map(|(key, amount)| ((*key).to_owned(), Amount(*amount))).collect();
        quotas.insert(QuotaEntity::new([("user", Some(*name))]), amounts);
        let both = [(ScramMechanism::Sha256, 4096), (ScramMechanism::Sha512, 4096)];
        users.insert((*name).to_owned(), BTreeMap::from(both));
    }
    world.registry =
        Known::Known(RegistryView { subjects, unlisted: None, deleted: Known::Known(BTreeSet::new()) });
    world.access.acls = Known::Known(acls);
    world.access.quotas = Known::Known(quotas);
    world.access.users = Known::Known(users);
    world
}

fn estates() -> impl Strategy<Value = (Topology, World)> {
    let one = (0..4usize, 0..4usize, 0..4usize, 0..4usize, 0..4usize, any::<bool>());
    let one = one.prop_map(|(topic, subject, principal, quota, user, is_there)| Said {
        topic,
        subject,
        principal,
        quota,
        user,
        is_there,
    });
    (vec(one, NAMES.len()), any::<bool>()).prop_map(|(said, resets)| (file(&said, resets), having(&said)))
}

/// All that is there and is not any more afterwards, a value of a resource that stays included, each by a line of its own.
fn taken_away(want: &Topology, have: &World, options: &DiffOptions) -> BTreeSet<String> {
    let proposal = diff(want, have, options);
    let mut answers: Answers = accept_all(&proposal.questions, have);
    for (question, answer) in &mut answers {
        if matches!(question, Question::Referrers { .. }) {
            *answer = Answer::Referrers(BTreeSet::new());
        }
    }
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    let plan = assess(proposal, &answers, &basis);
    let mut gone = BTreeSet::new();
    for step in &plan.steps {
        let resource = step.change.resource();
        let mut keys = |to: Vec<&String>| {
            gone.extend(to.into_iter().map(|key| format!("{} {resource} {key}", step.change.kind())));
        };
        match &step.change {
            Change::Topic(TopicChange::SetConfig { to, .. }) => {
                keys(to.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key).collect());
            }
            Change::Access(AccessChange::SetQuota { to, .. }) => {
                keys(to.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key).collect());
            }
            Change::Access(AccessChange::DeleteAcl { acl }) => {
                gone.insert(format!("delete-acl {acl:?}"));
            }
            Change::Access(AccessChange::DeleteUser { user, mechanism, .. }) => {
                gone.insert(format!("delete-user {user} {mechanism:?}"));
            }
            Change::Group(GroupChange::CommitOffsets { .. }) => {}
            change if change.deletes() => {
                gone.insert(format!("{} {resource}", change.kind()));
            }
            _ => {}
        }
    }
    gone
}

const FAMILIES: [&str; 6] =
    ["delete-topic", "delete-subject", "delete-acl", "delete-quota", "delete-user", "set-config"];

#[test]
fn something_of_every_family_can_go() {
    let there = Said { topic: 1, subject: 1, principal: 1, quota: 1, user: 1, is_there: true };
    let reset = Said { topic: 2, quota: 2, ..there };
    let said = [there, reset, there, there];
    let gone = taken_away(&file(&said, true), &having(&said), &DiffOptions::default());
    for kind in FAMILIES.into_iter().chain(["set-quota"]) {
        assert!(gone.iter().any(|line| line.starts_with(kind)), "{kind}: {gone:#?}");
    }
    let kept = taken_away(&file(&said, false), &having(&said), &DiffOptions::default());
    assert!(kept.is_subset(&gone) && kept.len() == gone.len() - 1, "{kept:#?}");
}

proptest! {
    #[test]
    fn a_filter_takes_nothing_away_that_is_not_taken_away_without_it(
        (want, have) in estates(),
        families in any::<[bool; 4]>(),
        registry in any::<bool>(),
        pattern in option::of(select(&["*", "a*", "*.?", "b.*", "User:a*", "user b", "x"][..])),
    ) {
        let all = taken_away(&want, &have, &DiffOptions::default());
        let [topics, schemas, groups, access] = families;
        let families = Families { topics, schemas, groups, access };
        let matching = pattern.map(Pattern::new);
        let options = DiffOptions { families, matching, registry, ..DiffOptions::default() };
        let filtered = taken_away(&want, &have, &options);
        prop_assert!(filtered.is_subset(&all), "{:?}", filtered.difference(&all).collect::<Vec<_>>());
        let of = |line: &String, is_covered: bool, kinds: &[&str]| {
            is_covered || !kinds.iter().any(|kind| line.starts_with(kind))
        };
        for line in &filtered {
            prop_assert!(of(line, topics, &["delete-topic", "set-config"]), "{line}");
            prop_assert!(of(line, schemas && registry, &["delete-subject"]), "{line}");
            prop_assert!(of(line, access, &["delete-acl", "delete-quota", "set-quota", "delete-user"]), "{line}");
        }
    }
}
