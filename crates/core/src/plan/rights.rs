//! Which rights a plan takes, and which of them the principal that would carry it out lacks.

use super::model::DENIED;
use super::{
    AccessChange, Answer, Answers, Change, ClusterChange, Finding, GroupChange, Plan, Question,
    RecordsChange, TopicChange,
};
use crate::access::Operation;
use crate::values::{Known, Resource, ResourceType};
use std::collections::{BTreeMap, BTreeSet};

/// What a principal may do with each resource, as far as the brokers tell (KIP-430).
pub type Rights = BTreeMap<Resource, Known<BTreeSet<Operation>>>;

/// An operation that Kafka lets somebody do with a resource, or does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    on: Resource,
    operation: Operation,
}

/// The rights that Kafka asks for before it makes the change. What the registry asks for is its own affair.
fn taken_by(change: &Change, cluster_id: &str) -> BTreeSet<Right> {
    let cluster = |operation| {
        let on = Resource { kind: ResourceType::Cluster, name: cluster_id.to_owned() };
        Right { on, operation }
    };
    let topic = |name: &str, operation| Right { on: Resource::topic(name), operation };
    match change {
        // Whoever may create on the cluster need not be allowed to for the topic, so that only a broker can judge it.
        Change::Topic(TopicChange::Create { .. }) => BTreeSet::new(),
        Change::Topic(TopicChange::AddPartitions { topic: name, .. }) => {
            BTreeSet::from([topic(name, Operation::Alter)])
        }
        Change::Topic(TopicChange::SetConfig { topic: name, .. }) => {
            BTreeSet::from([topic(name, Operation::AlterConfigs)])
        }
        Change::Topic(TopicChange::Delete { topic: name, .. }) => {
            BTreeSet::from([topic(name, Operation::Delete)])
        }
        Change::Topic(TopicChange::MoveReplicas { topic: name, throttle, .. }) => {
            let rates = throttle.iter().filter(|throttle| !throttle.written().is_empty());
            let replicas = throttle.iter().filter(|throttle| throttle.replicas != Default::default());
            let rates = rates.map(|_| cluster(Operation::AlterConfigs));
            let replicas = replicas.map(|_| topic(name, Operation::AlterConfigs));
            rates.chain(replicas).chain([cluster(Operation::Alter)]).collect()
        }
        Change::Topic(TopicChange::CancelMoves { .. })
        | Change::Cluster(ClusterChange::ElectLeaders { .. }) => BTreeSet::from([cluster(Operation::Alter)]),
        Change::Cluster(ClusterChange::SetConfig { .. }) => {
            BTreeSet::from([cluster(Operation::AlterConfigs)])
        }
        Change::Records(RecordsChange::Delete { topic: name, .. }) => {
            BTreeSet::from([topic(name, Operation::Delete)])
        }
        Change::Group(GroupChange::CommitOffsets { group, partitions, .. }) => {
            let topics = partitions.iter().map(|moved| topic(&moved.partition.topic, Operation::Read));
            topics.chain([Right { on: Resource::group(group), operation: Operation::Read }]).collect()
        }
        Change::Group(GroupChange::DeleteOffsets { group, partitions, .. }) => {
            let topics = partitions.iter().map(|(partition, _)| topic(&partition.topic, Operation::Read));
            topics.chain([Right { on: Resource::group(group), operation: Operation::Delete }]).collect()
        }
        Change::Access(access) => BTreeSet::from([cluster(of_access(access))]),
        Change::Subject(_) => BTreeSet::new(),
    }
}

/// The right on the cluster that a change of access takes.
fn of_access(change: &AccessChange) -> Operation {
    match change {
        AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } => Operation::AlterConfigs,
        AccessChange::CreateAcl { .. }
        | AccessChange::DeleteAcl { .. }
        | AccessChange::SetUser { .. }
        | AccessChange::DeleteUser { .. } => Operation::Alter,
    }
}

/// The rights that a change takes, in words; empty where a registry judges it.
pub(super) fn words(change: &Change, cluster_id: &str) -> String {
    if let Change::Topic(TopicChange::Create { topic, .. }) = change {
        return format!("{} on topic {topic}, or on the cluster", Operation::Create);
    }
    let rights = taken_by(change, cluster_id);
    let rights: Vec<String> =
        rights.iter().map(|right| format!("{} on {}", right.operation, named(&right.on))).collect();
    rights.join(" and ")
}

impl Plan {
    /// The rights that no server was asked about in another way: a step that one has said it would accept is allowed.
    fn open_rights(&self) -> impl Iterator<Item = (Resource, &'static str, BTreeSet<Right>)> {
        let denied: BTreeSet<&Resource> = self.denied().map(|finding| &finding.resource).collect();
        let open = self.steps.iter().filter(|step| !step.preflighted && !step.change.is_unchanged());
        let open: Vec<_> = open
            .map(|step| {
                (step.change.resource(), step.change.kind(), taken_by(&step.change, &self.cluster_id))
            })
            .filter(|(resource, _, rights)| !denied.contains(resource) && !rights.is_empty())
            .collect();
        open.into_iter()
    }

    /// What a broker has to be asked: what this principal may do with it.
    pub fn rights_wanted(&self) -> BTreeSet<Resource> {
        self.open_rights().flat_map(|(_, _, rights)| rights).map(|right| right.on).collect()
    }

    /// What a broker has to be asked again before a plan that was saved is carried out: nobody is told the rights on a topic
    /// that does not exist, so that only asking whether it would be made shows whether one may make it.
    pub fn creations(&self) -> BTreeSet<Question> {
        let changes = self.steps.iter().map(|step| &step.change);
        changes
            .filter_map(|change| match change {
                Change::Topic(create @ TopicChange::Create { .. }) => Some(Question::Accepts(create.clone())),
                _ => None,
            })
            .collect()
    }

    /// The plan of somebody else as this principal would carry it out: what whoever made it was allowed to do counts for
    /// nothing. `answers` are those to [`Plan::creations`].
    #[must_use]
    pub fn with_rights_anew(mut self, answers: &Answers, rights: &Rights, principal: Option<&str>) -> Plan {
        let mut weighed = self.without_acceptance();
        for step in &weighed.steps {
            let Change::Topic(create @ TopicChange::Create { .. }) = &step.change else { continue };
            if let Some(Answer::Denied(failure)) = answers.get(&Question::Accepts(create.clone())) {
                weighed.findings.push(Finding::denied(&step.change, failure, step.origin.as_ref()));
            }
        }
        weighed = weighed.with_rights(rights, principal);
        self.findings = weighed.findings;
        self
    }

    /// The rights that such a plan takes, whoever has accepted which of its steps.
    pub fn rights_wanted_anew(&self) -> BTreeSet<Resource> {
        self.without_acceptance().rights_wanted()
    }

    fn without_acceptance(&self) -> Plan {
        let mut plan = self.clone();
        plan.findings.retain(|finding| finding.code != DENIED);
        plan.steps.iter_mut().for_each(|step| step.preflighted = false);
        plan
    }

    /// The plan with what this principal is not allowed to do among its findings, so that it is refused before the first
    /// write and not in the middle. What the brokers do not tell is not held against it: they will.
    #[must_use]
    pub fn with_rights(mut self, rights: &Rights, principal: Option<&str>) -> Plan {
        let mut lacking: BTreeMap<(Resource, &'static str), BTreeSet<Right>> = BTreeMap::new();
        for (resource, kind, wanted) in self.open_rights() {
            let lacks = wanted.into_iter().filter(|right| is_lacking(right, rights));
            lacking.entry((resource, kind)).or_default().extend(lacks);
        }
        for ((resource, kind), lacks) in lacking.into_iter().filter(|(_, lacks)| !lacks.is_empty()) {
            let origin = self
                .steps
                .iter()
                .find(|step| step.change.resource() == resource && step.change.kind() == kind)
                .and_then(|step| step.origin.clone());
            let lacks: Vec<String> =
                lacks.iter().map(|right| format!("{} on {}", right.operation, named(&right.on))).collect();
            let principal = principal.unwrap_or("the principal that klerk connects as");
            self.findings.push(Finding::lacks_rights(
                resource.clone(),
                format!("{resource}: {kind} takes {}, which {principal} is not allowed", lacks.join(" and ")),
                origin,
            ));
        }
        self.findings
            .sort_by(|a, b| (&a.resource, a.code, &a.message).cmp(&(&b.resource, b.code, &b.message)));
        self
    }
}

/// There is one cluster, so that its id would only lengthen the message.
fn named(resource: &Resource) -> String {
    match resource.kind {
        ResourceType::Cluster => "the cluster".to_owned(),
        _ => resource.to_string(),
    }
}

fn is_lacking(right: &Right, rights: &Rights) -> bool {
    match rights.get(&right.on) {
        Some(Known::Known(allowed)) => !allowed.contains(&right.operation),
        Some(Known::Denied(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Acl, AclResource, AclResourceType};
    use crate::placement::MoveThrottle;
    use crate::plan::{Answers, Basis, Proposal, Proposed, assess};
    use crate::testing::world;
    use crate::values::Failure;

    fn plan_of(change: Change) -> Plan {
        let proposal = Proposal { changes: vec![Proposed::ordered(change)], ..Proposal::default() };
        let world = world(1);
        assess(
            proposal,
            &Answers::new(),
            &Basis { command: "test", environment: None, topology: None, world: &world },
        )
    }

    /// A plan that a broker has said it would carry out.
    fn accepted(change: TopicChange) -> Plan {
        let answers = Answers::from([(Question::Accepts(change.clone()), Answer::Accepted)]);
        let changes = vec![Proposed::ordered(Change::Topic(change))];
        let proposal = Proposal { changes, ..Proposal::default() };
        let world = world(1).with("orders", crate::testing::topic(1, 1));
        assess(
            proposal,
            &answers,
            &Basis { command: "test", environment: None, topology: None, world: &world },
        )
    }

    fn commit() -> Plan {
        let moved = |topic: &str| crate::plan::OffsetMove {
            partition: crate::values::TopicPartition::new(topic, 0),
            topic_id: None,
            from: None,
            to: 5,
            leader_epoch: None,
            metadata: String::new(),
            start: 0,
            end: 9,
            skips: 0,
            repeats: 0,
            span_ms: None,
            clamped: false,
            note: None,
        };
        let partitions = vec![moved("orders"), moved("payments")];
        plan_of(Change::Group(GroupChange::CommitOffsets {
            group: "billing".to_owned(),
            kind: None,
            partitions,
        }))
    }

    fn may(operations: &[Operation]) -> Known<BTreeSet<Operation>> {
        Known::Known(operations.iter().copied().collect())
    }

    fn said(plan: Plan, rights: &Rights) -> Vec<String> {
        let plan = plan.with_rights(rights, Some("User:ops"));
        plan.denied().map(|finding| finding.message.clone()).collect()
    }

    #[test]
    fn committing_takes_the_group_and_every_topic() {
        let plan = commit();
        let wanted: Vec<String> = plan.rights_wanted().iter().map(ToString::to_string).collect();
        assert_eq!(wanted, ["topic orders", "topic payments", "group billing"]);
        let mut rights = Rights::from([
            (Resource::group("billing"), may(&[Operation::Read, Operation::Describe])),
            (Resource::topic("orders"), may(&[Operation::Read])),
            (Resource::topic("payments"), may(&[Operation::Read])),
        ]);
        assert!(said(plan.clone(), &rights).is_empty());
        rights.insert(Resource::topic("payments"), may(&[Operation::Describe]));
        rights.insert(Resource::group("billing"), Known::Denied(Failure::without_reply("DENIED", "")));
        assert_eq!(
            said(plan, &rights),
            [
                "group billing: commit-offsets takes read on topic payments and read on group billing, which User:ops is not allowed"
            ]
        );
    }

    /// A throttle is a rate on brokers, and a list of replicas on the topic.
    #[test]
    fn a_throttle_takes_the_configs_of_the_cluster_and_of_the_topic() {
        let moved = |throttle: Option<i64>| {
            let (from, to) = (BTreeMap::from([(0, vec![1])]), BTreeMap::from([(0, vec![1, 2])]));
            let throttle = throttle.map(|rate| MoveThrottle::new(rate, &from, &to, &BTreeSet::new()));
            let (topic, id, under_way) = ("orders".to_owned(), None, BTreeSet::new());
            words(&Change::Topic(TopicChange::MoveReplicas { topic, id, from, to, under_way, throttle }), "")
        };
        assert_eq!(moved(None), "alter on the cluster");
        assert_eq!(
            moved(Some(1_000_000)),
            "alter-configs on topic orders and alter on the cluster and alter-configs on the cluster"
        );
    }

    /// A broker that does not tell will say no by itself, if it does.
    #[test]
    fn what_is_not_told_is_not_held_against_the_plan() {
        for silence in [Known::Unavailable("old".to_owned()), Known::Absent, Known::NotAsked] {
            let rights = commit().rights_wanted().into_iter().map(|on| (on, silence.clone())).collect();
            assert!(said(commit(), &rights).is_empty());
        }
        assert!(said(commit(), &Rights::new()).is_empty());
    }

    #[test]
    fn entries_are_changed_by_who_may_alter_the_cluster() {
        let acl =
            Acl::allow("User:alice", Operation::Read, AclResource::literal(AclResourceType::Topic, "orders"));
        let plan = plan_of(Change::Access(AccessChange::CreateAcl { acl }));
        let cluster = plan.rights_wanted().pop_first().expect("the cluster");
        assert_eq!(
            said(plan.clone(), &Rights::from([(cluster.clone(), may(&[Operation::Describe]))])),
            ["acl User:alice: create-acl takes alter on the cluster, which User:ops is not allowed"]
        );
        assert!(said(plan, &Rights::from([(cluster, may(&[Operation::Alter]))])).is_empty());
    }

    #[test]
    fn who_carries_a_saved_plan_out_is_judged_anew() {
        let rights = Rights::from([(Resource::group("billing"), may(&[]))]);
        let denied = commit().with_rights(&rights, None);
        assert_eq!(denied.denied().count(), 1);
        assert_eq!(denied.rights_wanted(), BTreeSet::new(), "what is denied is not asked about again");
        assert_eq!(denied.rights_wanted_anew().len(), 3);
        let anew = denied.with_rights_anew(&Answers::new(), &Rights::new(), None);
        assert_eq!(anew.denied().count(), 0, "what another one may do is their affair");
    }

    /// That whoever saved the plan was let do it says nothing of who carries it out.
    #[test]
    fn what_a_broker_accepted_of_somebody_else_is_weighed_again() {
        let config = TopicChange::SetConfig {
            topic: "orders".to_owned(),
            id: None,
            from: BTreeMap::new(),
            to: BTreeMap::from([("retention.ms".to_owned(), Some("5".to_owned()))]),
        };
        let plan = accepted(config);
        assert!(plan.rights_wanted().is_empty());
        assert_eq!(plan.rights_wanted_anew(), BTreeSet::from([Resource::topic("orders")]));
        let rights = Rights::from([(Resource::topic("orders"), may(&[Operation::Describe]))]);
        let anew = plan.with_rights_anew(&Answers::new(), &rights, Some("User:eve"));
        let told: Vec<&str> = anew.denied().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            told,
            ["topic orders: set-config takes alter-configs on topic orders, which User:eve is not allowed"]
        );
        assert!(anew.steps[0].preflighted, "the plan itself stays what was saved");

        let create = TopicChange::Create {
            topic: "new".to_owned(),
            partitions: None,
            replication: None,
            configs: BTreeMap::new(),
        };
        let plan = accepted(create.clone());
        let asked = Question::Accepts(create);
        assert_eq!(plan.creations(), BTreeSet::from([asked.clone()]));
        let denied = Answer::Denied(Failure::without_reply("TOPIC_AUTHORIZATION_FAILED", ""));
        let anew = plan.with_rights_anew(&Answers::from([(asked, denied)]), &Rights::new(), None);
        let told: Vec<&str> = anew.denied().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "topic new may not be changed: create-topic takes create on topic new, or on the cluster: TOPIC_AUTHORIZATION_FAILED"
            ]
        );
    }
}
