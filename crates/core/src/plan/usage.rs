//! Who reads and who writes a topic, by what servers tell, whether or not a file says so.

use super::{Answer, Answers, Basis, Estimate, Question};
use crate::values::Known;
use crate::world::{GroupState, GroupType, GroupView, GroupsView, World};
use std::collections::{BTreeMap, BTreeSet};

/// How the topics end that Kafka Streams makes for an application and names after it.
const INTERNAL: [&str; 2] = ["-changelog", "-repartition"];

/// Who uses a topic, as servers tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicUse {
    /// Groups with commits on the topic, or with members that are assigned partitions of it.
    pub readers: Known<BTreeMap<String, SeenReader>>,
    /// Why some groups, or those that one broker coordinates, could not be looked at.
    pub untold: BTreeMap<String, String>,
    /// The producers that its leaders remember; `NotAsked` where nobody wants to know.
    pub writers: Known<Writers>,
}

/// A group as it reads a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenReader {
    /// The protocol that it follows.
    pub kind: GroupType,
    /// Its state.
    pub state: GroupState,
    /// Members that are assigned partitions of the topic; `None` where that could not be read.
    pub members: Option<usize>,
}

/// Producers of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Writers {
    /// How many different ones.
    pub producers: usize,
    /// The latest time of a record of any of them, in milliseconds since 1970 in UTC.
    pub last_ms: Option<i64>,
}

/// Who a change of a topic touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Groups that read the topic, by name.
    pub readers: Estimate<BTreeMap<String, Reader>>,
    /// Who writes it, for a change that takes records.
    pub writers: Option<Estimate<Writers>>,
}

/// A group that reads a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// How it was seen.
    pub seen: SeenReader,
    /// Whether a contract of the files names the topic for it.
    pub declared: bool,
    /// A topic that Kafka Streams has made for an application of this name.
    pub streams: Option<String>,
}

impl Reader {
    /// Whether it has members.
    pub fn is_active(&self) -> bool {
        !self.seen.state.is_inactive()
    }
}

impl TopicUse {
    /// What the groups tell of each of these topics. Of the writers nothing is known yet.
    pub fn of_groups<'a>(
        topics: impl IntoIterator<Item = &'a str>,
        groups: &GroupsView,
    ) -> BTreeMap<String, TopicUse> {
        let mut readers: BTreeMap<String, BTreeMap<String, SeenReader>> =
            topics.into_iter().map(|topic| (topic.to_owned(), BTreeMap::new())).collect();
        let mut untold: BTreeMap<String, String> = BTreeMap::new();
        for (broker, failure) in &groups.unlisted {
            untold.insert(format!("those of broker {broker}"), failure.to_string());
        }
        for (name, group) in &groups.groups {
            match group {
                Known::Known(view) => {
                    add_reader(name, view, &mut readers);
                    if let Some(why) = unread(view) {
                        untold.insert(name.clone(), why);
                    }
                }
                Known::Absent => {}
                missing => {
                    untold.insert(name.clone(), missing.missing_reason().unwrap_or_default());
                }
            }
        }
        let seen = |(topic, readers)| {
            let readers = Known::Known(readers);
            (topic, TopicUse { readers, untold: untold.clone(), writers: Known::NotAsked })
        };
        readers.into_iter().map(seen).collect()
    }
}

fn add_reader(name: &str, view: &GroupView, readers: &mut BTreeMap<String, BTreeMap<String, SeenReader>>) {
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for member in view.members.known().into_iter().flatten() {
        let assigned: BTreeSet<&str> = member.assignment.iter().map(|at| &*at.topic).collect();
        for topic in assigned {
            *members.entry(topic).or_default() += 1;
        }
    }
    let committed = view.committed.known().into_iter().flat_map(BTreeMap::keys).map(|at| &*at.topic);
    let topics: BTreeSet<&str> = committed.chain(members.keys().copied()).collect();
    for topic in topics {
        if let Some(readers) = readers.get_mut(topic) {
            let reader = SeenReader {
                kind: view.kind.clone(),
                state: view.state.clone(),
                members: view.members.known().map(|_| members.get(topic).copied().unwrap_or_default()),
            };
            readers.insert(name.to_owned(), reader);
        }
    }
}

/// Why it is not known whether a group reads a topic. A group without commits of its own says so, and is no gap.
fn unread(view: &GroupView) -> Option<String> {
    let gap = |why: String, what: &str| format!("{what}: {why}");
    match (&view.committed, &view.members) {
        (Known::Denied(why) | Known::Failed(why), _) => Some(gap(why.to_string(), "its commits")),
        (_, Known::Denied(why) | Known::Failed(why)) => Some(gap(why.to_string(), "its members")),
        _ => None,
    }
}

/// The question of who uses a topic.
pub(super) fn question(topic: &str, writers: bool) -> Question {
    Question::Usage { topic: topic.to_owned(), writers }
}

/// Who a change of a topic touches, as far as the answer tells.
pub(super) fn usage(topic: &str, writers: bool, answers: &Answers, basis: &Basis<'_>) -> Usage {
    let nothing = |why: &str| Usage {
        readers: Estimate::NotAvailable(why.to_owned()),
        writers: writers.then(|| Estimate::NotAvailable(why.to_owned())),
    };
    match answers.get(&question(topic, writers)) {
        Some(Answer::Usage(seen)) => Usage {
            readers: Estimate::of(readers(topic, seen, basis), readers_how(&seen.untold)),
            writers: writers.then(|| written_by(&seen.writers)),
        },
        Some(Answer::Failed(why) | Answer::Denied(why) | Answer::Refused(why)) => nothing(&why.to_string()),
        Some(Answer::NotAsked(why)) => nothing(why),
        Some(_) | None => nothing("nobody answered"),
    }
}

fn readers(topic: &str, seen: &TopicUse, basis: &Basis<'_>) -> Result<BTreeMap<String, Reader>, String> {
    let Known::Known(readers) = &seen.readers else {
        return Err(seen.readers.missing_reason().unwrap_or_else(|| "no answer".to_owned()));
    };
    let declared = super::topic::readers(topic, basis);
    let reader = |(name, seen): (&String, &SeenReader)| {
        let reader = Reader {
            seen: seen.clone(),
            declared: declared.contains(name),
            streams: internal_topic_of(name, basis.world).map(str::to_owned),
        };
        (name.clone(), reader)
    };
    let readers: BTreeMap<String, Reader> = readers.iter().map(reader).collect();
    match gaps(&seen.untold) {
        Some(gaps) if readers.is_empty() => Err(format!("none is seen, and {gaps}")),
        _ => Ok(readers),
    }
}

/// What could not be looked at.
fn gaps(untold: &BTreeMap<String, String>) -> Option<String> {
    let (group, why) = untold.first_key_value()?;
    Some(format!("{} could not be looked at, such as {group}: {why}", untold.len()))
}

fn readers_how(untold: &BTreeMap<String, String>) -> String {
    let how = "by the commits and members of the groups that can be seen";
    match gaps(untold) {
        None => how.to_owned(),
        Some(gaps) => format!("{how}; readers may be missing: {gaps}"),
    }
}

/// Brokers keep no account of producers without an id, nor of those that have long been silent.
fn written_by(writers: &Known<Writers>) -> Estimate<Writers> {
    let how =
        "by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set";
    match writers {
        Known::Known(writers) => Estimate::about(*writers, how),
        missing => Estimate::NotAvailable(missing.missing_reason().unwrap_or_else(|| "no answer".to_owned())),
    }
}

/// A topic that Kafka Streams has made for the application of this name, which is that of its group.
fn internal_topic_of<'a>(application: &str, world: &'a World) -> Option<&'a str> {
    let prefix = format!("{application}-");
    let topics = world.cluster.topics.range(prefix.clone()..);
    let mut ours = topics.take_while(|(name, _)| name.starts_with(&prefix));
    ours.find(|(name, seen)| seen.known().is_some() && made_for(name, world) == Some(application))
        .map(|(name, _)| name.as_str())
}

/// The group for which Kafka Streams has made a topic, by the topic's name: of `a` and `a-b` it is the longer one.
pub(super) fn made_for<'a>(topic: &str, world: &'a World) -> Option<&'a str> {
    let groups = world.groups.groups.keys().filter(|group| is_internal_to(group, topic));
    groups.max_by_key(|group| group.len()).map(String::as_str)
}

/// Whether a topic is named as Kafka Streams names what it makes for the application.
fn is_internal_to(application: &str, topic: &str) -> bool {
    let rest = topic.strip_prefix(application).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| INTERNAL.iter().any(|end| rest.ends_with(end)))
}
