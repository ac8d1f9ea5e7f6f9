use super::{
    Bounds, Change, Copying, HeldBack, Kind, Level, Loss, Permission, Question, Risk, Usage, ValueOrigin,
    rights,
};
use crate::placement::Throttle;
use crate::values::{Failure, Origin, Resource};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The number of a step within its plan, from 1, in the order of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A change with the line that asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// What is to be done.
    pub change: Change,
    /// Who asked for it; `None` when a command line did.
    pub origin: Option<Origin>,
    /// Whether it was computed from the value that it replaces, so that it holds only while that value stands.
    pub rests_on_present: bool,
    /// Risks that follow from where the change comes from and cannot be told from the change itself.
    pub risks: BTreeSet<Risk>,
}

impl Proposed {
    /// A change that a line of a file asks for, whose risks follow from itself.
    pub(super) fn asked(change: Change, origin: Origin) -> Self {
        Proposed { origin: Some(origin), ..Proposed::ordered(change) }
    }

    /// A change that a command line orders, whose risks follow from itself.
    pub(super) fn ordered(change: Change) -> Self {
        Proposed { change, origin: None, rests_on_present: false, risks: BTreeSet::new() }
    }
}

/// What `diff` found: the changes that it would make, and what only the servers can say about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// Changes, each still to be assessed.
    pub changes: Vec<Proposed>,
    /// Wishes that no change can grant.
    pub conflicts: Vec<Conflict>,
    /// What has to be asked before the changes can be assessed.
    pub questions: BTreeSet<Question>,
    /// What exists and no file names.
    pub unmanaged: Unmanaged,
    /// What was compared and is as it should be.
    pub unchanged: BTreeSet<Resource>,
    /// What is merely worth knowing.
    pub findings: Vec<Finding>,
    /// The throttles of moves that klerk has set and not taken off yet, as far as this machine knows.
    pub standing_throttles: Vec<Throttle>,
}

/// A wish that no change can grant. It makes the plan unappliable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What the wish is about.
    pub resource: Resource,
    /// Why it cannot be granted, as a word for programs.
    pub reason: ConflictReason,
    /// Why, and what to do about it, for people; holds the server's own words where a server refused.
    pub message: String,
    /// The line that asked.
    pub origin: Option<Origin>,
}

/// Why a wish cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictReason {
    /// Kafka cannot remove partitions.
    FewerPartitions,
    /// The replication factor differs, and no move can grant the one that is wanted.
    ReplicationDiffers,
    /// Replicas are on their way already, to somewhere else than what is wanted.
    BeingMoved,
    /// The broker refused in `validate_only`.
    RefusedByBroker,
    /// The registry refused the schema or the level.
    RefusedByRegistry,
    /// The registry calls the schema incompatible.
    Incompatible,
    /// The schema equals an older version of its subject: registering it would have no effect.
    EqualsOlderVersion,
    /// The registry holds versions newer than the file's text.
    RegistryAhead,
    /// The fact needed to decide could not be read.
    NotReadable,
    /// What the wish is about does not exist.
    Absent,
    /// The resource is Kafka's own.
    Internal,
    /// It depends on something else that is blocked.
    DependsOnBlocked,
    /// The group has members, so its offsets cannot be changed.
    ActiveGroup,
    /// A partition that was asked for does not exist or has no leader.
    PartitionUnavailable,
    /// The topic lies outside the scope that the policy sets.
    OutOfScope,
    /// Klerk's own principal would lose the rights that it takes to change access.
    LocksOut,
    /// Something stands in the way that is named in the message.
    Other,
}

impl ConflictReason {
    /// Every reason.
    pub const ALL: [ConflictReason; 17] = [
        ConflictReason::FewerPartitions,
        ConflictReason::ReplicationDiffers,
        ConflictReason::BeingMoved,
        ConflictReason::RefusedByBroker,
        ConflictReason::RefusedByRegistry,
        ConflictReason::Incompatible,
        ConflictReason::EqualsOlderVersion,
        ConflictReason::RegistryAhead,
        ConflictReason::NotReadable,
        ConflictReason::Absent,
        ConflictReason::Internal,
        ConflictReason::DependsOnBlocked,
        ConflictReason::ActiveGroup,
        ConflictReason::PartitionUnavailable,
        ConflictReason::OutOfScope,
        ConflictReason::LocksOut,
        ConflictReason::Other,
    ];

    /// What it means, and what to do about it.
    pub fn meaning(self) -> &'static str {
        match self {
            ConflictReason::FewerPartitions => {
                "The file asks for fewer partitions than the topic has, and Kafka cannot remove any. Ask for as many as there are, or make a new topic."
            }
            ConflictReason::ReplicationDiffers => {
                "The file asks for another replication factor than the topic has, and no move of replicas can grant it as things stand: there are too few live brokers, or a partition has no leader to copy from."
            }
            ConflictReason::BeingMoved => {
                "Replicas of the topic are on their way already, to somewhere else than the file wants. klerk does not interfere with a move: wait for it, or cancel it with klerk cluster moves --cancel."
            }
            ConflictReason::RefusedByBroker => {
                "The broker was asked whether it would accept the change, and said no. Its words are in the message."
            }
            ConflictReason::RefusedByRegistry => {
                "The registry refused the schema or the level. Its words are in the message."
            }
            ConflictReason::Incompatible => {
                "The schema is not compatible with what the registry holds, at the level of the subject."
            }
            ConflictReason::EqualsOlderVersion => {
                "The schema equals an older version of its subject. A registry would answer yes and change nothing."
            }
            ConflictReason::RegistryAhead => {
                "The registry holds a version that is newer than the file's text, as when a producer has registered it. Take it into the file."
            }
            ConflictReason::NotReadable => {
                "The fact that the change depends on could not be read, so it cannot be planned: a server did not answer, or does not tell this principal. It is no fault of what was asked for; see to that, and run the command again."
            }
            ConflictReason::Absent => "What was asked for does not exist.",
            ConflictReason::Internal => "The topic is Kafka's own, and klerk does not change it.",
            ConflictReason::DependsOnBlocked => {
                "What has to be done before it is blocked, so it is left out with that. Mend the other one first."
            }
            ConflictReason::ActiveGroup => {
                "The group has members, and Kafka takes no offsets from outside for it. Stop the members first."
            }
            ConflictReason::PartitionUnavailable => {
                "A partition that was asked for does not exist or has no leader."
            }
            ConflictReason::OutOfScope => {
                "The topic lies outside the scope that the policy sets for this estate, which may touch no other topics."
            }
            ConflictReason::LocksOut => {
                "Klerk's own principal would lose the right to alter or describe the cluster, with which it changes access. Nobody could take that back with klerk as this principal."
            }
            ConflictReason::Other => "Something stands in the way that is named in the message.",
        }
    }

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictReason::FewerPartitions => "fewer-partitions",
            ConflictReason::ReplicationDiffers => "replication-differs",
            ConflictReason::BeingMoved => "being-moved",
            ConflictReason::RefusedByBroker => "refused-by-broker",
            ConflictReason::RefusedByRegistry => "refused-by-registry",
            ConflictReason::Incompatible => "incompatible",
            ConflictReason::EqualsOlderVersion => "equals-older-version",
            ConflictReason::RegistryAhead => "registry-ahead",
            ConflictReason::NotReadable => "not-readable",
            ConflictReason::Absent => "absent",
            ConflictReason::Internal => "internal",
            ConflictReason::DependsOnBlocked => "depends-on-blocked",
            ConflictReason::ActiveGroup => "active-group",
            ConflictReason::PartitionUnavailable => "partition-unavailable",
            ConflictReason::OutOfScope => "out-of-scope",
            ConflictReason::LocksOut => "locks-out",
            ConflictReason::Other => "other",
        }
    }
}

/// What exists and no file names. It is shown and never touched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unmanaged {
    /// Topics that are neither in the file, nor external, nor internal.
    pub topics: BTreeSet<String>,
    /// Subjects that are not in the file.
    pub subjects: BTreeSet<String>,
    /// Groups without a contract that are not external.
    pub groups: BTreeSet<String>,
    /// Principals with access control entries of which the file says nothing, where it says something of others.
    pub acls: BTreeSet<String>,
    /// Entities with quotas of which the file says nothing, where it says something of others.
    pub quotas: BTreeSet<String>,
    /// Users of SCRAM of which the file says nothing, where it says something of others.
    pub users: BTreeSet<String>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Unwise.
    Warning,
}

impl Severity {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
        }
    }
}

/// Something that is not wrong and yet worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave.
    pub severity: Severity,
    /// A stable code, such as `topic/pinned-default`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What it is about.
    pub resource: Resource,
    /// The line that it comes from.
    pub origin: Option<Origin>,
}

/// The finding that a server does not allow this principal to make a change of the plan.
pub(super) const DENIED: &str = "plan/denied";
/// The finding that a plan changes more than its policy lets one plan do.
pub(super) const TOO_MANY: &str = "plan/max-change-share";

impl Finding {
    /// By what it is about.
    pub(super) fn in_order(&self, other: &Finding) -> Ordering {
        (&self.resource, self.code, &self.message).cmp(&(&other.resource, other.code, &other.message))
    }

    /// The name by which what it tells of is allowed, where there is one.
    pub fn allowed_by(&self) -> Option<Permission> {
        (self.code == TOO_MANY).then_some(Permission::ChangeShare)
    }

    /// A server has said that this principal may not make the change.
    pub(super) fn denied(change: &Change, failure: &Failure, origin: Option<&Origin>) -> Self {
        let resource = change.resource();
        let takes = match rights::words(change, "") {
            words if words.is_empty() => String::new(),
            words => format!("{} takes {words}: ", change.kind()),
        };
        Finding {
            severity: Severity::Warning,
            code: DENIED,
            message: format!("{resource} may not be changed: {takes}{failure}"),
            resource,
            origin: origin.cloned(),
        }
    }

    pub(super) fn lacks_rights(resource: Resource, message: String, origin: Option<Origin>) -> Self {
        Finding { severity: Severity::Warning, code: DENIED, message, resource, origin }
    }
}

/// A fact that a step was planned on, read again just before the step is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// What the fact is about.
    pub resource: Resource,
    /// Which fact: `exists`, `id`, `partitions`, `config.retention.ms`, `latest-version`, `compatibility` …
    pub field: String,
    /// The value that was seen; `None` for what was absent.
    pub value: Option<String>,
}

/// Whom and what a step touches beyond its own resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// Groups whose contract names the topic.
    pub groups: Vec<String>,
    /// Sentences, each a fact or an estimate called so.
    pub notes: Vec<String>,
    /// The records that become deletable, for a step that may lose some.
    pub loss: Option<Loss>,
    /// Who reads and writes the topic, for a step that they feel.
    pub usage: Option<Usage>,
    /// What is copied between brokers, for a step that moves replicas.
    pub copying: Option<Copying>,
    /// What holds copies back already, for a step that moves replicas or waits for some.
    pub held_back: Option<HeldBack>,
}

/// One change in a plan, with everything that is needed to carry it out without a further decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// What is done.
    pub change: Change,
    /// The line that asked for it.
    pub origin: Option<Origin>,
    /// The line that each of its values comes from, by key: configs by their own names, `partitions`, `replication`,
    /// `schema`, `compatibility`, `state`. Empty for what no file asked for.
    pub origins: BTreeMap<String, ValueOrigin>,
    /// What may be lost or broken by it.
    pub risks: BTreeSet<Risk>,
    /// Whom it touches.
    pub impact: Impact,
    /// The facts that it rests on.
    pub expects: Vec<Expectation>,
    /// Steps that must be done before it.
    pub after: Vec<StepId>,
    /// Whether a server has said that it would accept it.
    pub preflighted: bool,
}

/// How much of the plan was put to the servers before the first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preflight {
    /// Every step.
    Full,
    /// Some steps; the others say so.
    Partial,
    /// No step.
    None,
}

impl Preflight {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Preflight::Full => "full",
            Preflight::Partial => "partial",
            Preflight::None => "none",
        }
    }
}

/// Resources, not steps, counted by what happens to them. A resource that is created and also set is one creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Come into being.
    pub create: usize,
    /// Exist and change.
    pub change: usize,
    /// Cease to be.
    pub delete: usize,
    /// Have a conflict.
    pub blocked: usize,
    /// Were compared and stay as they are.
    pub unchanged: usize,
}

/// A plan: everything that would be done, to what, on whose word, at what risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The command that made it, such as `plan` or `group reset`.
    pub command: String,
    /// The cluster that it was made for and may be applied to.
    pub cluster_id: String,
    /// The environment of the topology, where one was chosen.
    pub environment: Option<String>,
    /// Steps in the order of execution.
    pub steps: Vec<Step>,
    /// What cannot be granted.
    pub conflicts: Vec<Conflict>,
    /// What is untouched because no file names it.
    pub unmanaged: Unmanaged,
    /// What is worth knowing.
    pub findings: Vec<Finding>,
    /// How much was put to the servers.
    pub preflight: Preflight,
    /// What was compared and stays.
    pub unchanged: BTreeSet<Resource>,
    /// What the policy of the topology holds it to.
    pub bounds: Bounds,
    /// Whether it goes on without what is blocked, which then is not among its steps.
    pub skips_blocked: bool,
    /// What stood for the cluster, where none was asked: a revision of the files. Such a plan can never be carried out.
    pub against: Option<String>,
    /// Whether topics may be left out because they may not be described, in a plan for all topics; `None` where nobody can tell,
    /// and in plans for topics that are named.
    pub visible_only: Option<bool>,
}

impl Plan {
    /// Whether it may be carried out at all: a plan with a conflict may not, unless it goes on without what is blocked
    /// and anything is left then. One that was made without a cluster never may.
    pub fn is_appliable(&self) -> bool {
        let goes_on = self.skips_blocked && self.steps.iter().any(|step| !step.change.is_unchanged());
        self.against.is_none() && (self.conflicts.is_empty() || goes_on)
    }

    /// Whether there is nothing to do and nothing in the way.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.conflicts.is_empty()
    }

    /// What must be allowed by name before the plan is carried out: risks, and kinds of changes as the policy says.
    pub fn requires(&self) -> BTreeSet<Permission> {
        self.named_from(Level::Approve)
    }

    /// Those among them that no flag can allow: they take a command of their own at a terminal.
    pub fn by_hand(&self) -> BTreeSet<Permission> {
        self.named_from(Level::ByHand)
    }

    fn named_from(&self, least: Level) -> BTreeSet<Permission> {
        let moving = self.steps.iter().filter(|step| !step.change.is_unchanged());
        let kinds = moving.map(|step| Permission::Kind(Kind::of(&step.change)));
        let risks = self.steps.iter().flat_map(|step| &step.risks).map(|risk| Permission::Risk(*risk));
        let share = self.bounds.share.as_ref().filter(|share| share.is_exceeded(&self.steps));
        let share = share.map(|_| Permission::ChangeShare);
        risks.chain(kinds).chain(share).filter(|name| self.bounds.level(*name) >= least).collect()
    }

    /// What a server has already said it does not allow: the plan may be looked at and not carried out.
    pub fn denied(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.code == DENIED)
    }

    /// What is unwise about it, without what these names allow.
    pub fn warnings<'a>(&'a self, allowed: &'a [Permission]) -> impl Iterator<Item = &'a Finding> {
        let passes = |finding: &Finding| finding.allowed_by().is_some_and(|name| allowed.contains(&name));
        self.findings.iter().filter(move |finding| finding.severity == Severity::Warning && !passes(finding))
    }

    /// Resources counted by what happens to them.
    pub fn summary(&self) -> Summary {
        let blocked: BTreeSet<&Resource> = self.conflicts.iter().map(|conflict| &conflict.resource).collect();
        let mut created = BTreeSet::new();
        let mut changed = BTreeSet::new();
        let mut deleted = BTreeSet::new();
        let mut unchanged = self.unchanged.clone();
        for step in &self.steps {
            let resource = step.change.resource();
            match (step.change.creates(), step.change.deletes()) {
                // A step may stand only to show that nothing moves.
                _ if step.change.is_unchanged() => unchanged.insert(resource),
                (true, _) => created.insert(resource),
                (_, true) => deleted.insert(resource),
                _ => changed.insert(resource),
            };
        }
        let counted =
            |set: &BTreeSet<Resource>| set.iter().filter(|resource| !blocked.contains(resource)).count();
        // Of the entries of one principal some may come and others go.
        let both: BTreeSet<Resource> = created.intersection(&deleted).cloned().collect();
        created.retain(|resource| !both.contains(resource));
        deleted.retain(|resource| !both.contains(resource));
        changed.extend(both);
        changed.retain(|resource| !created.contains(resource) && !deleted.contains(resource));
        Summary {
            create: counted(&created),
            change: counted(&changed),
            delete: counted(&deleted),
            blocked: blocked.len(),
            unchanged: unchanged
                .iter()
                .filter(|resource| {
                    !blocked.contains(resource) && !created.contains(resource) && !changed.contains(resource)
                })
                .count(),
        }
    }
}
