//! A plan against an older state of the files: what a change of them asks for, told without a cluster.

use super::{
    Answer, Answers, Basis, Change, DiffOptions, Finding, Plan, Preflight, Proposal, Question, Severity,
    SubjectChange, TopicChange, assess, diff, subject,
};
use crate::access::{QuotaEntity, Quotas, ScramMechanism};
use crate::topology::{ConfigWish, Quota, Subject, Topic, Topology, User};
use crate::values::{Known, Origin, Resource, ResourceType};
use crate::world::{
    AccessView, Broker, ClusterView, ConfigSource, ConfigType, ConfigView, GroupsView, PartitionView,
    RegistryView, SubjectView, TopicView, VersionView, World,
};
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no answer to a question.
const NOBODY: &str = "planned against a revision, no cluster was asked";
/// The finding that the older files say nothing that could be compared with.
const NOT_IN_REVISION: &str = "plan/not-in-revision";

/// Compares a topology with an older one, as if everything that the older one says were there and nothing else.
///
/// Nobody is asked, so no step is preflighted, rests on anything, or may be carried out: the plan names `revision`
/// instead of a cluster. New versions of Avro schemas are judged by klerk's own rules.
pub fn plan_against(
    want: &Topology,
    before: &Topology,
    options: &DiffOptions,
    throttle: Option<i64>,
    revision: &str,
) -> Plan {
    let world = world_of(before, want);
    let mut proposal = diff(want, &world, options);
    proposal.throttle(throttle, &world);
    proposal.findings.extend(not_comparable(want, before, options, revision));
    let answers = answers(&proposal, want, &world);
    let environment = want.environment.as_ref().map(|environment| environment.name.as_str());
    let basis = Basis { command: "plan", environment, topology: Some(want), world: &world };
    let mut plan = assess(proposal, &answers, &basis);
    for step in &mut plan.steps {
        step.preflighted = false;
        step.expects.clear();
        if let Change::Topic(TopicChange::MoveReplicas { .. }) = step.change {
            let note = "no broker was looked at: the ids only count replicas, and which brokers hold them is for a plan \
                        with the cluster";
            step.impact.notes.push(note.to_owned());
        }
    }
    plan.preflight = Preflight::None;
    plan.against = Some(revision.to_owned());
    plan
}

/// Everything that an older topology says, as if it were there. Where it leaves partitions or replicas to the brokers,
/// they are taken to be as the newer one wants them, for nothing is known of them.
fn world_of(before: &Topology, want: &Topology) -> World {
    let factors = [before, want].into_iter().flat_map(|topology| topology.topics.values());
    let most = factors.filter_map(|topic| topic.replication.as_ref()).map(|wish| i32::from(wish.value)).max();
    let broker = |id| Broker { id, host: String::new(), port: 0, rack: None };
    let seen = |(name, topic): (&String, &Topic)| {
        (name.clone(), Known::Known(topic_of(topic, want.topics.get(name))))
    };
    let subjects =
        before.subjects.iter().map(|(name, subject)| (name.clone(), Known::Known(subject_of(subject))));
    let named_topics = want.topics.keys().chain(want.absent.topics.keys());
    let named_subjects = want.subjects.keys().chain(want.absent.subjects.keys());
    let mut registry: BTreeMap<String, Known<SubjectView>> =
        named_subjects.map(|name| (name.clone(), Known::Absent)).collect();
    registry.extend(subjects);
    let mut topics: BTreeMap<String, Known<TopicView>> =
        named_topics.map(|name| (name.clone(), Known::Absent)).collect();
    topics.extend(before.topics.iter().map(seen));
    World {
        cluster: ClusterView {
            id: String::new(),
            brokers: (1..=most.unwrap_or(1)).map(|id| (id, broker(id))).collect(),
            topics,
            logs: BTreeMap::new(),
            moves: Known::Known(BTreeMap::new()),
            broker_configs: BTreeMap::new(),
        },
        registry: Known::Known(RegistryView {
            subjects: registry,
            unlisted: None,
            deleted: Known::Known(BTreeSet::new()),
        }),
        groups: GroupsView::default(),
        access: AccessView {
            acls: Known::Known(
                before.access.values().flat_map(|access| access.acls.keys()).cloned().collect(),
            ),
            quotas: Known::Known(before.quotas.iter().filter_map(quotas_of).collect()),
            users: Known::Known(before.users.iter().filter(|(_, user)| !user.absent).map(user_of).collect()),
            ..AccessView::default()
        },
    }
}

fn topic_of(before: &Topic, want: Option<&Topic>) -> TopicView {
    let said = |topic: &Topic| topic.partitions.as_ref().map(|wish| wish.value);
    let partitions = said(before).or_else(|| want.and_then(said)).unwrap_or(1);
    let said = |topic: &Topic| topic.replication.as_ref().map(|wish| i32::from(wish.value));
    let factor = said(before).or_else(|| want.and_then(said)).unwrap_or(1);
    let replicas: Vec<i32> = (1..=factor).collect();
    let partition = |number| PartitionView {
        partition: number,
        leader: Some(1),
        leader_epoch: None,
        isr: replicas.clone(),
        replicas: replicas.clone(),
        offline: Vec::new(),
    };
    let set = before.configs.iter().filter_map(|(key, wish)| match &wish.value {
        ConfigWish::Set(value) => Some((key.clone(), config_of(value))),
        ConfigWish::Unset => None,
    });
    TopicView {
        id: None,
        internal: false,
        partitions: (0..partitions).map(partition).collect(),
        configs: Known::Known(set.collect()),
    }
}

fn config_of(value: &str) -> ConfigView {
    ConfigView {
        value: Some(value.to_owned()),
        inherited: None,
        kind: ConfigType::Unknown,
        source: ConfigSource::DynamicTopic,
        sensitive: false,
        read_only: false,
    }
}

fn quotas_of((entity, quota): (&QuotaEntity, &Quota)) -> Option<(QuotaEntity, Quotas)> {
    let amounts: Quotas =
        quota.amounts.iter().filter_map(|(key, said)| Some((key.clone(), said.value?))).collect();
    (!quota.absent && !amounts.is_empty()).then(|| (entity.clone(), amounts))
}

fn user_of((name, user): (&String, &User)) -> (String, BTreeMap<ScramMechanism, i32>) {
    (name.clone(), user.mechanisms.iter().map(|mechanism| (*mechanism, user.iterations)).collect())
}

/// Version and id are 0, for no registry has given any.
fn subject_of(before: &Subject) -> SubjectView {
    let version = VersionView {
        version: 0,
        id: 0,
        kind: before.kind,
        text: before.text.clone(),
        references: Vec::new(),
    };
    let level = before.compatibility.as_ref().map(|level| level.value);
    SubjectView {
        versions: vec![version],
        level: level.map_or(Known::Absent, Known::Known),
        effective_level: level.map_or(Known::NotAsked, Known::Known),
    }
}

/// What only klerk itself can answer, and for everything else that nobody was asked.
fn answers(proposal: &Proposal, want: &Topology, world: &World) -> Answers {
    let nobody = |question: &Question| (question.clone(), Answer::NotAsked(NOBODY.to_owned()));
    let mut answers: Answers = proposal.questions.iter().map(nobody).collect();
    let known = world.registry.known();
    for proposed in &proposal.changes {
        let Change::Subject(change @ SubjectChange::Register { subject, from: Some(_), .. }) =
            &proposed.change
        else {
            continue;
        };
        let view = known.and_then(|registry| registry.subjects.get(subject)).and_then(Known::known);
        if let (Some(want), Some(view)) = (want.subjects.get(subject), view) {
            answers.insert(Question::Compatible(change.clone()), subject::judge_alone(want, view));
        }
    }
    answers
}

/// Wishes of which the older files say nothing, so that only a cluster can tell whether they change anything.
fn not_comparable(want: &Topology, before: &Topology, options: &DiffOptions, revision: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |severity, resource: Resource, message: String, origin: &Origin| {
        let origin = Some(origin.clone());
        findings.push(Finding { severity, code: NOT_IN_REVISION, message, resource, origin });
    };
    for (name, topic) in want.topics.iter().filter(|(name, _)| options.covers_topic(name)) {
        let Some(old) = before.topics.get(name) else { continue };
        let partitions = topic.partitions.as_ref().filter(|_| old.partitions.is_none());
        let partitions = partitions.map(|wish| ("partitions", i64::from(wish.value), &wish.origin));
        let replication = topic.replication.as_ref().filter(|_| old.replication.is_none());
        let replication = replication.map(|wish| ("replication", i64::from(wish.value), &wish.origin));
        for (key, value, origin) in partitions.into_iter().chain(replication) {
            let message = format!(
                "{key} of '{name}' is {value} now, and {revision} leaves it to the brokers: only a plan with the cluster \
                 tells whether that changes anything"
            );
            find(Severity::Info, Resource::topic(name), message, origin);
        }
    }
    let gone = |name: &str| {
        format!(
            "'{name}' is not to be there, and {revision} does not name it: where it exists, applying the file deletes it"
        )
    };
    for (name, absent) in want.absent.topics.iter().filter(|(name, _)| options.covers_topic(name)) {
        if !before.topics.contains_key(name) && !before.absent.topics.contains_key(name) {
            find(Severity::Warning, Resource::topic(name), gone(name), &absent.origin);
        }
    }
    for (principal, access) in &want.access {
        let is_covered = options.families.access && options.covers_principal(principal, Some(&access.name));
        if is_covered && !before.access.contains_key(principal) {
            let message = format!(
                "'{principal}' is named now, and {revision} does not name it: what it has in the cluster beyond what the \
                 file says is revoked by applying it"
            );
            find(Severity::Warning, Resource::acl(principal), message, &access.origin);
        }
    }
    for (name, absent) in want.absent.subjects.iter().filter(|(name, _)| options.covers_subject(name)) {
        if !before.subjects.contains_key(name) && !before.absent.subjects.contains_key(name) {
            find(Severity::Warning, Resource::subject(name), gone(name), &absent.origin);
        }
    }
    findings.extend(no_longer_absent(want, before, options, revision));
    findings
}

/// What the older files say is not to be there, and what no file names any more. The line is one of the older files.
fn no_longer_absent(
    want: &Topology,
    before: &Topology,
    options: &DiffOptions,
    revision: &str,
) -> Vec<Finding> {
    let topics = before.absent.topics.iter().filter(|(name, _)| {
        options.covers_topic(name)
            && !want.topics.contains_key(*name)
            && !want.absent.topics.contains_key(*name)
    });
    let subjects = before.absent.subjects.iter().filter(|(name, _)| {
        options.covers_subject(name)
            && !want.subjects.contains_key(*name)
            && !want.absent.subjects.contains_key(*name)
    });
    let users = before
        .users
        .iter()
        .filter(|(name, user)| user.absent && options.covers_access(name) && !want.users.contains_key(*name));
    let quotas = before.quotas.iter().filter(|(entity, quota)| {
        quota.absent && options.covers_access(&entity.to_string()) && !want.quotas.contains_key(*entity)
    });
    // A principal that is said to have nothing is one whose entries are all to go.
    let principals = before.access.iter().filter(|(principal, access)| {
        let is_covered = options.covers_principal(principal, Some(&access.name));
        is_covered && access.acls.is_empty() && !want.access.contains_key(*principal)
    });
    let topics = topics.map(|(name, absent)| (Resource::topic(name), &absent.origin));
    let subjects = subjects.map(|(name, absent)| (Resource::subject(name), &absent.origin));
    let users = users.map(|(name, user)| (Resource::user(name), &user.origin));
    let quotas = quotas.map(|(entity, quota)| (Resource::quota(entity.to_string()), &quota.origin));
    let principals = principals.map(|(principal, access)| (Resource::acl(principal), &access.origin));
    let gone = topics.chain(subjects).chain(principals).chain(quotas).chain(users);
    let gone = gone.map(|(resource, origin)| {
        let (what, then) = match resource.kind {
            ResourceType::Acl => (format!("'{}' may do nothing", resource.name), "whatever it may do stays"),
            _ => (format!("{resource} is not to be there"), "where it exists, it is left alone"),
        };
        let message = format!("{revision} says that {what} ({origin}), and no file names it now: {then}");
        Finding { severity: Severity::Info, code: NOT_IN_REVISION, message, resource, origin: None }
    });
    gone.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::wishes;
    use super::*;
    use crate::testing::{plan_text, topology, wish};
    use crate::topology::{Files, parse, resolve};
    use crate::values::Pattern;
    use proptest::prelude::*;

    fn against(want: &Topology, before: &Topology) -> Plan {
        plan_against(want, before, &DiffOptions::default(), None, "git:main")
    }

    #[test]
    fn a_changed_file_is_told_and_can_never_be_applied() {
        let before = topology([
            wish("a").partitions(3).replication(3).set("retention.ms", "604800000"),
            wish("b").partitions(1),
            wish("gone").partitions(1),
        ]);
        let want = topology([
            wish("a").partitions(3).replication(2).set("retention.ms", "86400000"),
            wish("b").partitions(1).replication(3),
            wish("c").partitions(2),
        ]);
        let plan = against(&want, &before);
        assert!(!plan.is_appliable());
        assert_eq!(plan.against.as_deref(), Some("git:main"));
        assert_eq!(plan.preflight, Preflight::None);
        assert!(plan.steps.iter().all(|step| !step.preflighted && step.expects.is_empty()));
        assert_eq!(plan.unmanaged.topics, BTreeSet::from(["gone".to_owned()]));
        insta::assert_snapshot!(plan_text(&plan), @r#"
        1 create-topic c partitions=Some(2) replication=None {} (not preflighted)
        2 set-config a retention.ms: 604800000 -> 86400000 (not preflighted)
            risk loses-data
            retention.ms is lowered from 7d (604800000) to 1d (86400000)
            whether the topic holds records could not be read: planned against a revision, no cluster was asked
        3 move-replicas a 0: [1, 2, 3] -> [1, 2] 1: [1, 2, 3] -> [1, 3] 2: [1, 2, 3] -> [1, 2] unthrottled (not preflighted)
            risk weakens-durability
            risk moves-replicas
            3 of 3 partitions give up replicas: 2 copies of a record are left
            no broker was looked at: the ids only count replicas, and which brokers hold them is for a plan with the cluster
        ? topic b plan/not-in-revision: replication of 'b' is 3 now, and git:main leaves it to the brokers: only a plan with the cluster tells whether that changes anything
        unmanaged topics {"gone"}
        preflight none, Summary { create: 1, change: 1, delete: 0, blocked: 0, unchanged: 1 }
        "#);
    }

    #[test]
    fn what_an_older_file_left_open_is_no_change_and_is_told() {
        let plan = against(&topology([wish("a").partitions(6)]), &topology([wish("a")]));
        assert_eq!(plan.steps, []);
        assert_eq!(plan.findings.iter().filter(|finding| finding.code == NOT_IN_REVISION).count(), 1);
        let plan = against(&topology([]).without_topic("x", false), &topology([]));
        assert_eq!(plan.steps, []);
        assert_eq!(plan.warnings(&[]).map(|finding| finding.code).collect::<Vec<_>>(), [NOT_IN_REVISION]);
    }

    #[test]
    fn what_is_no_longer_said_to_be_absent_is_told() {
        let of = |text: &str| {
            let files = [("t.yaml".to_owned(), format!("klerk: 1\n{text}"))];
            resolve(parse(files), &Files::new()).unwrap()
        };
        let before =
            of("topics: { old: { state: absent }, back: { state: absent }, still: { state: absent } }
quotas: [{ user: gone, state: absent }]
users: { gone: { state: absent } }
access: { former: { state: absent } }
");
        let want = of("topics: { back: { partitions: 1 }, still: { state: absent } }\n");
        insta::assert_snapshot!(plan_text(&against(&want, &before)), @r"
        1 create-topic back partitions=Some(1) replication=None {} (not preflighted)
        ? topic old plan/not-in-revision: git:main says that topic old is not to be there (t.yaml:2:25), and no file names it now: where it exists, it is left alone
        ? acl User:former plan/not-in-revision: git:main says that 'User:former' may do nothing (t.yaml:5:11), and no file names it now: whatever it may do stays
        ? quota user gone plan/not-in-revision: git:main says that quota user gone is not to be there (t.yaml:3:10), and no file names it now: where it exists, it is left alone
        ? user gone plan/not-in-revision: git:main says that user gone is not to be there (t.yaml:4:10), and no file names it now: where it exists, it is left alone
        preflight none, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 1 }
        ");
        let topics = DiffOptions { matching: Some(Pattern::new("x*")), ..DiffOptions::default() };
        let narrow = plan_against(&want, &before, &topics, None, "git:main");
        assert_eq!(narrow.findings, []);
    }

    #[test]
    fn access_is_compared_as_if_the_older_entries_were_all_there_are() {
        let of = |text: &str| {
            let files = [("t.yaml".to_owned(), format!("klerk: 1\n{text}"))];
            resolve(parse(files), &Files::new()).unwrap()
        };
        let topics = "topics: { a: {}, b: {} }\n";
        let before = of(&format!(
            "{topics}access: {{ kept: {{ consume: a }}, changed: {{ produce: a }}, gone: {{ produce: a }} }}\n"
        ));
        let want = of(&format!(
            "{topics}access: {{ kept: {{ consume: a }}, changed: {{ produce: b }}, new: {{ produce: a }} }}\n"
        ));
        let plan = against(&want, &before);
        assert!(plan.unmanaged.acls.contains("User:gone"));
        insta::assert_snapshot!(plan_text(&plan), @r#"
        1 create-acl User:changed allow write on topic b (literal) (not preflighted)
            risk opens-access
        2 create-acl User:changed allow describe on topic b (literal) (not preflighted)
            risk opens-access
        3 create-acl User:new allow write on topic a (literal) (not preflighted)
            risk opens-access
        4 create-acl User:new allow describe on topic a (literal) (not preflighted)
            risk opens-access
        5 delete-acl User:changed allow write on topic a (literal) after [1, 2] (not preflighted)
            risk closes-access
        6 delete-acl User:changed allow describe on topic a (literal) after [1, 2] (not preflighted)
            risk closes-access
        ? acl User:new plan/not-in-revision: 'User:new' is named now, and git:main does not name it: what it has in the cluster beyond what the file says is revoked by applying it
        unmanaged acls {"User:gone"}
        preflight none, Summary { create: 1, change: 1, delete: 0, blocked: 0, unchanged: 3 }
        "#);
    }

    proptest! {
        #[test]
        fn a_plan_of_equal_topologies_is_empty(wishes in wishes()) {
            let want = topology(wishes);
            let plan = against(&want, &want);
            prop_assert!(plan.is_empty(), "{:?} {:?}", plan.steps, plan.conflicts);
            prop_assert!(plan.unmanaged.topics.is_empty());
            prop_assert_eq!(plan.unchanged.len(), want.topics.len());
        }

        #[test]
        fn nobody_is_ever_said_to_have_answered(new in wishes(), old in wishes()) {
            let plan = against(&topology(new), &topology(old));
            prop_assert!(plan.steps.iter().all(|step| !step.preflighted && step.expects.is_empty()));
            prop_assert!(!plan.is_appliable());
        }
    }
}
