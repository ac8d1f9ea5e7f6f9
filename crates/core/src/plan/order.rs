use super::{AccessChange, Change, GroupChange, SubjectChange, TopicChange, access, subject, topic};
use std::collections::{BTreeMap, BTreeSet};

/// Where a change comes: after the changes at these positions of the ordered list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub after: Vec<usize>,
}

/// Puts changes in the order of execution: topics are created, then grown, then configured, then moved; then subjects,
/// each after what it depends on; then groups; then access, what is given before what is taken; then records, topics
/// and subjects are deleted. Within that by name, whatever the order in the file. `lowered` names the topics whose
/// `min.insync.replicas` becomes lower than what holds now.
pub(super) fn in_order<T>(
    mut items: Vec<T>,
    change: impl Fn(&T) -> &Change,
    lowered: &BTreeMap<String, i64>,
) -> Vec<(Place, T)> {
    items.sort_by(|one, other| {
        let (one, other) = (change(one), change(other));
        rank(one).cmp(&rank(other)).then_with(|| one.resource().cmp(&other.resource()))
    });
    let before = {
        let changes: Vec<&Change> = items.iter().map(&change).collect();
        predecessors(&changes, lowered)
    };
    let order = topological(&before);
    let mut position = vec![0; items.len()];
    for (place, index) in order.iter().enumerate() {
        position[*index] = place;
    }
    let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order
        .iter()
        .filter_map(|index| {
            let mut after: Vec<usize> = before[*index].iter().map(|earlier| position[*earlier]).collect();
            after.retain(|earlier| *earlier < position[*index]);
            after.sort_unstable();
            slots[*index].take().map(|item| (Place { after }, item))
        })
        .collect()
}

fn rank(change: &Change) -> u8 {
    match change {
        Change::Topic(TopicChange::Create { .. }) => 0,
        Change::Topic(TopicChange::AddPartitions { .. }) => 1,
        Change::Topic(TopicChange::SetConfig { .. }) => 2,
        Change::Topic(TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. }) => 3,
        Change::Subject(SubjectChange::SetCompatibility { .. }) => 4,
        Change::Subject(SubjectChange::Register { .. }) => 5,
        Change::Cluster(_) => 6,
        Change::Group(_) => 6,
        Change::Access(
            AccessChange::CreateAcl { .. } | AccessChange::SetUser { .. } | AccessChange::SetQuota { .. },
        ) => 7,
        Change::Access(
            AccessChange::DeleteAcl { .. }
            | AccessChange::DeleteUser { .. }
            | AccessChange::DeleteQuota { .. },
        ) => 8,
        Change::Records(_) => 9,
        Change::Topic(TopicChange::Delete { .. }) => 10,
        Change::Subject(SubjectChange::Delete { .. }) => 11,
    }
}

/// For each change the indexes of those that have to be done before it. A group waits for the partitions that it gets
/// commits on, and a subject does not wait for its topic. The changes of one topic wait for each other only where its replicas move.
fn predecessors(changes: &[&Change], lowered: &BTreeMap<String, i64>) -> Vec<BTreeSet<usize>> {
    let mut of_subject: BTreeMap<&str, Vec<(usize, &SubjectChange)>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        if let Change::Subject(change) = change {
            of_subject.entry(change.subject()).or_default().push((index, change));
        }
    }
    let before = |change: &SubjectChange, index: usize| {
        let referred = match change {
            SubjectChange::Register { references, .. } => references.as_slice(),
            SubjectChange::SetCompatibility { .. } | SubjectChange::Delete { .. } => &[],
        };
        if let SubjectChange::Delete { .. } = change {
            let all = of_subject.values().flatten();
            let earlier =
                all.filter(|(other, earlier)| *other != index && subject::precedes(earlier, change));
            return earlier.map(|(other, _)| *other).collect();
        }
        let names = referred.iter().map(|reference| reference.subject.as_str()).chain([change.subject()]);
        names
            .filter_map(|name| of_subject.get(name))
            .flatten()
            .filter(|(other, earlier)| *other != index && subject::precedes(earlier, change))
            .map(|(other, _)| *other)
            .collect()
    };
    let of_moved = changes_of_moved(changes);
    let of_groups = offsets_on(changes);
    let before_of_topic = |change: &TopicChange, index: usize| -> BTreeSet<usize> {
        let others = of_moved.get(change.topic()).into_iter().flatten();
        let earlier = others
            .filter(|(other, earlier)| {
                let lowers = lowered.contains_key(change.topic());
                *other != index && topic::precedes(earlier, change, lowers)
            })
            .map(|(other, _)| *other);
        let goes = matches!(change, TopicChange::Delete { .. });
        let offsets = of_groups.get(change.topic()).filter(|_| goes);
        earlier.chain(offsets.into_iter().flatten().copied()).collect()
    };
    let mut of_principal: BTreeMap<&str, Vec<(usize, &AccessChange)>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        if let Change::Access(change @ AccessChange::CreateAcl { acl }) = change {
            of_principal.entry(&acl.principal).or_default().push((index, change));
        }
    }
    let before_access = |change: &AccessChange| {
        let AccessChange::DeleteAcl { acl } = change else { return BTreeSet::new() };
        let given = of_principal.get(acl.principal.as_str()).into_iter().flatten();
        given.filter(|(_, earlier)| access::precedes(earlier, change)).map(|(other, _)| *other).collect()
    };
    let partitions_made = partitions_made(changes);
    let all = changes.iter().enumerate();
    all.map(|(index, change)| match change {
        Change::Subject(change) => before(change, index),
        Change::Topic(change) => before_of_topic(change, index),
        Change::Group(change) => before_of_group(change, &partitions_made),
        Change::Access(change) => before_access(change),
        Change::Cluster(_) | Change::Records(_) => BTreeSet::new(),
    })
    .collect()
}

/// The changes that make partitions, by topic.
fn partitions_made<'a>(changes: &[&'a Change]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut made: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        if let Change::Topic(change @ (TopicChange::Create { .. } | TopicChange::AddPartitions { .. })) =
            change
        {
            made.entry(change.topic()).or_default().push(index);
        }
    }
    made
}

/// The changes of offsets on each topic: Kafka takes none on a topic that is gone, so they come before its deletion.
fn offsets_on<'a>(changes: &[&'a Change]) -> BTreeMap<&'a str, BTreeSet<usize>> {
    let mut on: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        let Change::Group(change) = change else { continue };
        let topics: Vec<&str> = match change {
            GroupChange::CommitOffsets { partitions, .. } => {
                partitions.iter().map(|one| &*one.partition.topic).collect()
            }
            GroupChange::DeleteOffsets { partitions, .. } => {
                partitions.iter().map(|(at, _)| &*at.topic).collect()
            }
        };
        for topic in topics {
            on.entry(topic).or_default().insert(index);
        }
    }
    on
}

/// Kafka takes no commit on a partition that is not there.
fn before_of_group(change: &GroupChange, made: &BTreeMap<&str, Vec<usize>>) -> BTreeSet<usize> {
    let partitions = match change {
        GroupChange::CommitOffsets { partitions, .. } => partitions.as_slice(),
        GroupChange::DeleteOffsets { .. } => &[],
    };
    let topics: BTreeSet<&str> = partitions.iter().map(|one| &*one.partition.topic).collect();
    topics.into_iter().filter_map(|topic| made.get(topic)).flatten().copied().collect()
}

/// The changes of each topic whose replicas move, with their indexes.
fn changes_of_moved<'a>(changes: &[&'a Change]) -> BTreeMap<&'a str, Vec<(usize, &'a TopicChange)>> {
    let mut of_topic: BTreeMap<&str, Vec<(usize, &TopicChange)>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        if let Change::Topic(change) = change {
            of_topic.entry(change.topic()).or_default().push((index, change));
        }
    }
    let moves = |(_, change): &(usize, &TopicChange)| matches!(change, TopicChange::MoveReplicas { .. });
    of_topic.retain(|_, changes| changes.iter().any(moves));
    of_topic
}

/// Every index after those that it waits for, the smallest first where there is a choice. A cycle, which a topology
/// does not let through, is broken at its smallest index, so that no change is ever lost.
fn topological(before: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = before.iter().map(BTreeSet::len).collect();
    let mut successors: Vec<Vec<usize>> = vec![Vec::new(); before.len()];
    for (index, earlier) in before.iter().enumerate() {
        for earlier in earlier {
            successors[*earlier].push(index);
        }
    }
    let mut left: BTreeSet<usize> = (0..before.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|index| waiting[*index] == 0).collect();
    let mut order = Vec::with_capacity(before.len());
    while let Some(next) = ready.pop_first().or_else(|| left.first().copied()) {
        left.remove(&next);
        order.push(next);
        for successor in &successors[next] {
            waiting[*successor] = waiting[*successor].saturating_sub(1);
            if waiting[*successor] == 0 && left.contains(successor) {
                ready.insert(*successor);
            }
        }
    }
    order
}
