use super::clients::{self, EntityV1};
use super::copying::CopyingV1;
use super::held_back::HeldBackV1;
use super::loss::{LossV1, read_time, time};
use super::offsets::{group_type, partitions, truncated};
use super::throttle::MoveThrottleV1;
use super::usage::UsageV1;
use super::{AclV1, InvalidDocument, OriginV1, PartitionV1, ResourceV1, ValueOriginV1};
use klerk_core::access::Acl;
use klerk_core::placement::MoveThrottle;
use klerk_core::plan::{
    AccessChange, Change, ClusterChange, Expectation, GroupChange, Impact, LastVersion, LeaderMove,
    RecordsChange, RegisteredVersion, Risk, Step, StepId, SubjectChange, TopicChange,
};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{ResourceType, TopicId};
use klerk_core::world::{ConfigTarget, SchemaReference, SchemaType};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a step does: kind, resource, and the values before and after, whose form depends on the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeV1 {
    /// `create-topic`, `set-config` …
    pub kind: String,
    /// What it changes.
    pub resource: ResourceV1,
    /// Before; null for what did not exist.
    pub from: Value,
    /// Afterwards; null for what will not exist.
    pub to: Value,
    /// The topic's id, for changes of a topic that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// Whether a topic goes only as long as it holds no record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub while_empty: bool,
    /// Whether the schemas of a subject go for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub permanent: bool,
    /// The group's type, for changes of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_type: Option<String>,
    /// The time before which every record that goes was written, for a deletion of records by time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The partitions, for changes of committed offsets and deletions of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Vec<PartitionV1>>,
    /// Whose quotas they are, by kind; null is the default of a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityV1>,
    /// The partitions whose replicas are on their way already, for moves of replicas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub under_way: Vec<i32>,
    /// The most that each broker may send and may receive for copies, for moves of replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle_bytes_per_second: Option<i64>,
    /// What that sets on topic and brokers, and what stays there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<MoveThrottleV1>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepV1 {
    /// Its number, from 1.
    pub id: u32,
    /// What it does.
    #[serde(flatten)]
    pub change: ChangeV1,
    /// What it may lose or break.
    pub risks: Vec<String>,
    /// Whom it touches.
    pub impact: ImpactV1,
    /// The facts that it rests on.
    pub expects: Vec<ExpectationV1>,
    /// The steps before it.
    pub after: Vec<u32>,
    /// The line that asked.
    pub origin: Option<OriginV1>,
    /// The line that each value comes from, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, ValueOriginV1>,
    /// Whether a server has said that it would accept it.
    pub preflighted: bool,
}

/// Whom a step touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactV1 {
    /// Groups whose contract names the topic.
    pub groups: Vec<String>,
    /// Sentences.
    pub notes: Vec<String>,
    /// The records that become deletable, for a step that may lose some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<LossV1>,
    /// Who reads and writes the topic, for a step that they feel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageV1>,
    /// What is copied between brokers, for a step that moves replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copying: Option<CopyingV1>,
    /// What holds copies back already, for a step that moves replicas or waits for some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<HeldBackV1>,
}

/// A fact that a step rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationV1 {
    /// What it is about.
    pub resource: ResourceV1,
    /// Which fact.
    pub field: String,
    /// What was seen.
    pub value: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TopicV1 {
    partitions: Option<i32>,
    replication: Option<i16>,
    configs: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct DeletedV1 {
    partitions: i32,
    replication: Option<i16>,
    configs: Option<BTreeMap<String, String>>,
}

/// The brokers of each partition that moves, and their number where that is the same of all of them.
#[derive(Serialize, Deserialize)]
struct PlacementV1 {
    replication: Option<usize>,
    assignment: BTreeMap<i32, Vec<i32>>,
}

#[derive(Serialize, Deserialize)]
struct PartitionsV1 {
    partitions: i32,
}

#[derive(Serialize, Deserialize)]
struct RegisteredV1 {
    version: i32,
    id: i32,
}

#[derive(Serialize, Deserialize)]
struct SchemaV1 {
    version: String,
    #[serde(rename = "type")]
    kind: String,
    schema: String,
    references: Vec<ReferenceV1>,
}

#[derive(Serialize, Deserialize)]
struct LastV1 {
    version: i32,
    id: i32,
    #[serde(rename = "type")]
    kind: String,
    schema: String,
    references: Vec<ReferenceV1>,
}

impl LastV1 {
    fn into_core(self) -> Result<LastVersion, InvalidDocument> {
        Ok(LastVersion {
            version: RegisteredVersion { version: self.version, id: self.id },
            kind: schema_type(&self.kind, "from.type")?,
            text: self.schema,
            references: self.references.into_iter().map(ReferenceV1::into_core).collect(),
        })
    }
}

impl ReferenceV1 {
    fn into_core(self) -> SchemaReference {
        SchemaReference { name: self.name, subject: self.subject, version: self.version }
    }
}

fn reference_json(reference: &SchemaReference) -> Value {
    json!({ "name": reference.name, "subject": reference.subject, "version": reference.version })
}

fn schema_type(word: &str, field: &'static str) -> Result<SchemaType, InvalidDocument> {
    SchemaType::from_word(word).ok_or_else(|| InvalidDocument::Word { field, found: word.to_owned() })
}

#[derive(Serialize, Deserialize)]
struct ReferenceV1 {
    name: String,
    subject: String,
    version: i32,
}

/// The leaders of partitions by their numbers.
#[derive(Serialize, Deserialize)]
struct LeadersV1 {
    leaders: BTreeMap<String, Option<i32>>,
}

#[derive(Serialize, Deserialize)]
struct LevelV1 {
    level: Option<String>,
}

impl From<&Step> for StepV1 {
    fn from(step: &Step) -> Self {
        StepV1 {
            id: step.id.0,
            change: ChangeV1::of(step),
            risks: step.risks.iter().map(|risk| risk.as_str().to_owned()).collect(),
            impact: ImpactV1 {
                groups: step.impact.groups.clone(),
                notes: step.impact.notes.clone(),
                loss: step.impact.loss.as_ref().map(LossV1::from),
                usage: step.impact.usage.as_ref().map(UsageV1::from),
                copying: step.impact.copying.as_ref().map(CopyingV1::from),
                held_back: step.impact.held_back.as_ref().map(HeldBackV1::from),
            },
            expects: step
                .expects
                .iter()
                .map(|fact| ExpectationV1 {
                    resource: ResourceV1::from(&fact.resource),
                    field: fact.field.clone(),
                    value: fact.value.clone(),
                })
                .collect(),
            after: step.after.iter().map(|id| id.0).collect(),
            origin: step.origin.as_ref().map(OriginV1::from),
            origins: step
                .origins
                .iter()
                .map(|(key, origin)| (key.clone(), ValueOriginV1::from(origin)))
                .collect(),
            preflighted: step.preflighted,
        }
    }
}

impl StepV1 {
    pub(super) fn to_core(&self) -> Result<Step, InvalidDocument> {
        let risk = |word: &String| -> Result<Risk, InvalidDocument> {
            word.parse().map_err(|_| InvalidDocument::Word { field: "risks", found: word.clone() })
        };
        let fact = |fact: &ExpectationV1| -> Result<Expectation, InvalidDocument> {
            Ok(Expectation {
                resource: fact.resource.to_core()?,
                field: fact.field.clone(),
                value: fact.value.clone(),
            })
        };
        Ok(Step {
            id: StepId(self.id),
            change: self.change.to_core()?,
            origin: self.origin.as_ref().map(Into::into),
            origins: self.origins.iter().map(|(key, origin)| (key.clone(), origin.into())).collect(),
            risks: self.risks.iter().map(risk).collect::<Result<_, _>>()?,
            impact: Impact {
                groups: self.impact.groups.clone(),
                notes: self.impact.notes.clone(),
                loss: self.impact.loss.as_ref().map(LossV1::to_core).transpose()?,
                usage: self.impact.usage.as_ref().map(UsageV1::to_core).transpose()?,
                copying: self.impact.copying.as_ref().map(CopyingV1::to_core).transpose()?,
                held_back: self.impact.held_back.as_ref().map(HeldBackV1::to_core),
            },
            expects: self.expects.iter().map(fact).collect::<Result<_, _>>()?,
            after: self.after.iter().map(|id| StepId(*id)).collect(),
            preflighted: self.preflighted,
        })
    }
}

impl ChangeV1 {
    /// The change of a step. A version that only the run will know is written as `from step N`.
    pub(super) fn of(step: &Step) -> Self {
        let change = &step.change;
        let mut document = ChangeV1 {
            kind: change.kind().to_owned(),
            resource: ResourceV1::from(&change.resource()),
            from: Value::Null,
            to: Value::Null,
            topic_id: None,
            while_empty: false,
            permanent: false,
            group_type: None,
            before: None,
            partitions: None,
            entity: None,
            under_way: Vec::new(),
            throttle_bytes_per_second: None,
            throttle: None,
        };
        match change {
            Change::Topic(TopicChange::Create { partitions, replication, configs, .. }) => {
                document.to = json!({
                    "partitions": partitions,
                    "replication": replication,
                    "configs": configs,
                });
            }
            Change::Topic(TopicChange::AddPartitions { id, from, to, .. }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.from = json!({ "partitions": from });
                document.to = json!({ "partitions": to });
            }
            Change::Topic(TopicChange::MoveReplicas { id, from, to, under_way, throttle, .. }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.from = placement(from);
                document.to = placement(to);
                document.under_way = under_way.iter().copied().collect();
                document.throttle_bytes_per_second = throttle.as_ref().map(|throttle| throttle.rate);
                document.throttle = throttle.as_ref().map(MoveThrottleV1::from);
            }
            Change::Topic(TopicChange::CancelMoves { id, from, to, .. }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.from = placement(from);
                document.to = placement(to);
            }
            Change::Topic(TopicChange::Delete {
                id, partitions, replication, configs, while_empty, ..
            }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.while_empty = *while_empty;
                document.from = json!({
                    "partitions": partitions,
                    "replication": replication,
                    "configs": configs,
                });
            }
            Change::Topic(TopicChange::SetConfig { id, from, to, .. }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.from = configs(from);
                document.to = configs(to);
            }
            Change::Subject(SubjectChange::Register { from, kind, text, references, .. }) => {
                document.from =
                    from.map_or(Value::Null, |from| json!({ "version": from.version, "id": from.id }));
                document.to = json!({
                    "version": format!("from step {}", step.id.0),
                    "type": kind.as_str(),
                    "schema": text,
                    "references": references.iter().map(reference_json).collect::<Vec<_>>(),
                });
            }
            Change::Subject(SubjectChange::SetCompatibility { from, to, .. }) => {
                document.from = json!({ "level": from.map(CompatibilityLevel::as_str) });
                document.to = json!({ "level": to.map(CompatibilityLevel::as_str) });
            }
            Change::Subject(SubjectChange::Delete { from, permanent, .. }) => {
                document.permanent = *permanent;
                document.from = from.as_ref().map_or(Value::Null, |last| {
                    json!({
                        "version": last.version.version,
                        "id": last.version.id,
                        "type": last.kind.as_str(),
                        "schema": last.text,
                        "references": last.references.iter().map(reference_json).collect::<Vec<_>>(),
                    })
                });
            }
            Change::Access(AccessChange::CreateAcl { acl }) => document.to = json!(AclV1::from(acl)),
            Change::Access(AccessChange::DeleteAcl { acl }) => document.from = json!(AclV1::from(acl)),
            Change::Access(change) => clients::write(change, &mut document),
            Change::Group(change) => {
                let (GroupChange::CommitOffsets { kind, .. } | GroupChange::DeleteOffsets { kind, .. }) =
                    change;
                document.group_type = kind.as_ref().map(ToString::to_string);
                document.partitions = Some(partitions(change));
            }
            Change::Cluster(ClusterChange::ElectLeaders { id, partitions, .. }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.from = leaders(partitions.iter().map(|one| (one.partition, one.from)));
                document.to = leaders(partitions.iter().map(|one| (one.partition, Some(one.to))));
            }
            Change::Cluster(ClusterChange::SetConfig { from, to, .. }) => {
                document.from = configs(from);
                document.to = configs(to);
            }
            Change::Records(RecordsChange::Delete { topic, id, before_ms, partitions }) => {
                document.topic_id = id.map(|id| id.to_string());
                document.before = before_ms.map(time);
                document.partitions = Some(truncated(topic, partitions));
            }
        }
        document
    }

    pub(super) fn to_core(&self) -> Result<Change, InvalidDocument> {
        let name = self.resource.name.clone();
        let id = || -> Result<Option<TopicId>, InvalidDocument> {
            let Some(text) = &self.topic_id else { return Ok(None) };
            text.parse()
                .map(Some)
                .map_err(|_| InvalidDocument::Word { field: "topic_id", found: text.clone() })
        };
        let moved = || self.partitions.as_deref().unwrap_or_default();
        let kind = || self.group_type.as_deref().map(group_type);
        Ok(match self.kind.as_str() {
            "create-topic" => {
                let TopicV1 { partitions, replication, configs } = read(&self.to, "to")?;
                Change::Topic(TopicChange::Create { topic: name, partitions, replication, configs })
            }
            "add-partitions" => {
                let (from, to): (PartitionsV1, PartitionsV1) =
                    (read(&self.from, "from")?, read(&self.to, "to")?);
                let (from, to) = (from.partitions, to.partitions);
                Change::Topic(TopicChange::AddPartitions { topic: name, id: id()?, from, to })
            }
            "set-config" if self.resource.kind != "topic" => {
                let (from, to) = (read(&self.from, "from")?, read(&self.to, "to")?);
                let (target, cluster) = config_target(&self.resource)?;
                Change::Cluster(ClusterChange::SetConfig { target, cluster, from, to })
            }
            "elect-leaders" => {
                let partitions = elections(&self.from, &self.to)?;
                Change::Cluster(ClusterChange::ElectLeaders { topic: name, id: id()?, partitions })
            }
            "set-config" => {
                let (from, to) = (read(&self.from, "from")?, read(&self.to, "to")?);
                Change::Topic(TopicChange::SetConfig { topic: name, id: id()?, from, to })
            }
            "move-replicas" => {
                let (from, to): (PlacementV1, PlacementV1) =
                    (read(&self.from, "from")?, read(&self.to, "to")?);
                let (from, to, id) = (from.assignment, to.assignment, id()?);
                let under_way = self.under_way.iter().copied().collect();
                let throttle = match (&self.throttle, self.throttle_bytes_per_second) {
                    (Some(throttle), _) => Some(throttle.to_core()?),
                    // A plan of a release that left it to the run which rates it sets.
                    (None, rate) => rate.map(|rate| MoveThrottle::new(rate, &from, &to, &under_way)),
                };
                Change::Topic(TopicChange::MoveReplicas { topic: name, id, from, to, under_way, throttle })
            }
            "cancel-moves" => {
                let (from, to): (PlacementV1, PlacementV1) =
                    (read(&self.from, "from")?, read(&self.to, "to")?);
                let (from, to, id) = (from.assignment, to.assignment, id()?);
                Change::Topic(TopicChange::CancelMoves { topic: name, id, from, to })
            }
            "delete-topic" => {
                let DeletedV1 { partitions, replication, configs } = read(&self.from, "from")?;
                let id = id()?;
                let while_empty = self.while_empty;
                Change::Topic(TopicChange::Delete {
                    topic: name,
                    id,
                    partitions,
                    replication,
                    configs,
                    while_empty,
                })
            }
            "register-schema" => register(name, &self.from, &self.to)?,
            "delete-subject" => Change::Subject(SubjectChange::Delete {
                from: read::<Option<LastV1>>(&self.from, "from")?.map(LastV1::into_core).transpose()?,
                permanent: self.permanent,
                subject: name,
            }),
            "set-compatibility" => {
                let (from, to): (LevelV1, LevelV1) = (read(&self.from, "from")?, read(&self.to, "to")?);
                let from = from.level.as_deref().map(level).transpose()?;
                let to = to.level.as_deref().map(level).transpose()?;
                Change::Subject(SubjectChange::SetCompatibility { subject: name, from, to })
            }
            "create-acl" => Change::Access(AccessChange::CreateAcl { acl: acl(&self.to, "to")? }),
            "set-quota" | "delete-quota" | "set-user" | "delete-user" => Change::Access(clients::read(self)?),
            "delete-acl" => Change::Access(AccessChange::DeleteAcl { acl: acl(&self.from, "from")? }),
            "commit-offsets" => Change::Group(GroupChange::CommitOffsets {
                group: name,
                kind: kind(),
                partitions: moved().iter().map(PartitionV1::to_move).collect::<Result<_, _>>()?,
            }),
            "delete-offsets" => Change::Group(GroupChange::DeleteOffsets {
                group: name,
                kind: kind(),
                partitions: moved().iter().map(PartitionV1::to_gone).collect::<Result<_, _>>()?,
            }),
            "delete-records" => Change::Records(RecordsChange::Delete {
                id: id()?,
                before_ms: self.before.as_deref().map(read_time).transpose()?,
                partitions: moved().iter().map(PartitionV1::to_truncation).collect::<Result<_, _>>()?,
                topic: name,
            }),
            other => return Err(InvalidDocument::Word { field: "kind", found: other.to_owned() }),
        })
    }
}

fn placement(assignment: &BTreeMap<i32, Vec<i32>>) -> Value {
    let replication = assignment.values().next().map(Vec::len);
    let replication = replication.filter(|count| assignment.values().all(|ids| ids.len() == *count));
    json!({ "replication": replication, "assignment": assignment })
}

/// Config values by key, null for a key that follows the broker.
fn configs(values: &BTreeMap<String, Option<String>>) -> Value {
    Value::Object(values.iter().map(|(key, value)| (key.clone(), json!(value))).collect::<Map<_, _>>())
}

fn leaders(moves: impl Iterator<Item = (i32, Option<i32>)>) -> Value {
    let by_number = moves.map(|(number, leader)| (number.to_string(), json!(leader)));
    json!({ "leaders": by_number.collect::<Map<_, _>>() })
}

fn elections(from: &Value, to: &Value) -> Result<Vec<LeaderMove>, InvalidDocument> {
    let (from, to): (LeadersV1, LeadersV1) = (read(from, "from")?, read(to, "to")?);
    let word = |found: &String| InvalidDocument::Word { field: "leaders", found: found.clone() };
    let moved = |(number, to): (&String, &Option<i32>)| {
        Ok(LeaderMove {
            partition: number.parse().map_err(|_| word(number))?,
            from: from.leaders.get(number).copied().flatten(),
            to: to.ok_or_else(|| word(number))?,
        })
    };
    let mut moves = to.leaders.iter().map(moved).collect::<Result<Vec<_>, InvalidDocument>>()?;
    moves.sort_unstable();
    Ok(moves)
}

/// The place for configs that a resource stands for. A change of one broker needs no cluster's id.
fn config_target(resource: &ResourceV1) -> Result<(ConfigTarget, String), InvalidDocument> {
    let core = resource.to_core()?;
    match core.kind {
        ResourceType::Cluster => Ok((ConfigTarget::Cluster, core.name)),
        ResourceType::Broker => {
            let word = || InvalidDocument::Word { field: "resource.name", found: core.name.clone() };
            Ok((ConfigTarget::Broker(core.name.parse().map_err(|_| word())?), String::new()))
        }
        _ => Err(InvalidDocument::Word { field: "resource.type", found: resource.kind.clone() }),
    }
}

fn register(subject: String, from: &Value, to: &Value) -> Result<Change, InvalidDocument> {
    let from: Option<RegisteredV1> = read(from, "from")?;
    let SchemaV1 { kind, schema, references, .. } = read(to, "to")?;
    Ok(Change::Subject(SubjectChange::Register {
        subject,
        from: from.map(|from| RegisteredVersion { version: from.version, id: from.id }),
        kind: schema_type(&kind, "to.type")?,
        text: schema,
        references: references.into_iter().map(ReferenceV1::into_core).collect(),
    }))
}

fn acl(value: &Value, field: &str) -> Result<Acl, InvalidDocument> {
    read::<AclV1>(value, field)?.to_core()
}

fn level(word: &str) -> Result<CompatibilityLevel, InvalidDocument> {
    word.parse().map_err(|_| InvalidDocument::Word { field: "level", found: word.to_owned() })
}

pub(super) fn read<T: DeserializeOwned>(value: &Value, field: &str) -> Result<T, InvalidDocument> {
    T::deserialize(value).map_err(|error| InvalidDocument::Shape {
        format: "klerk.plan",
        reason: format!("in {field}: {error}"),
    })
}
