//! Small worlds for tests, built in a few lines.

use crate::values::{Failure, Known, TopicId, TopicPartition};
use crate::world::{
    AccessView, ClusterView, Committed, GroupState, GroupType, GroupView, GroupsView, LogRange, Member,
    PartitionView, TopicView, World,
};
use std::collections::BTreeMap;

pub(crate) fn world() -> World {
    World {
        cluster: ClusterView {
            id: "c".to_owned(),
            brokers: BTreeMap::new(),
            topics: BTreeMap::new(),
            logs: BTreeMap::new(),
            moves: Known::NotAsked,
            broker_configs: Default::default(),
        },
        registry: Known::NotAsked,
        groups: GroupsView::default(),
        access: AccessView::default(),
    }
}

pub(crate) fn failure(code: i32, name: &str) -> Failure {
    Failure { code: Some(code), name: name.to_owned(), message: String::new() }
}

pub(crate) fn commit(offset: i64) -> Committed {
    Committed { offset, leader_epoch: None, metadata: String::new() }
}

impl World {
    /// A topic whose partitions have these log ranges.
    pub(crate) fn topic(mut self, name: &str, ranges: &[(i64, i64)]) -> World {
        let partitions = (0..).zip(ranges).map(|(partition, _)| PartitionView {
            partition,
            leader: Some(1),
            leader_epoch: Some(0),
            replicas: vec![1],
            isr: vec![1],
            offline: vec![],
        });
        let view = TopicView {
            id: Some(TopicId([name.len() as u8; 16])),
            internal: false,
            partitions: partitions.collect(),
            configs: Known::NotAsked,
        };
        for (partition, (start, end)) in (0..).zip(ranges) {
            let range = LogRange { start: *start, end: *end };
            self.cluster.logs.insert(TopicPartition::new(name, partition), Known::Known(range));
        }
        self.cluster.topics.insert(name.to_owned(), Known::Known(view));
        self
    }

    pub(crate) fn without_leader(mut self, topic: &str, partition: usize) -> World {
        if let Some(Known::Known(view)) = self.cluster.topics.get_mut(topic) {
            view.partitions[partition].leader = None;
        }
        self.cluster.logs.remove(&TopicPartition::new(topic, i32::try_from(partition).unwrap()));
        self
    }

    /// An empty classic group with these commits.
    pub(crate) fn group(mut self, name: &str, commits: &[(&str, i32, i64)]) -> World {
        let committed = commits
            .iter()
            .map(|(topic, partition, offset)| {
                (TopicPartition::new(*topic, *partition), Known::Known(commit(*offset)))
            })
            .collect();
        let view = GroupView {
            kind: GroupType::Classic,
            state: GroupState::Empty,
            protocol_type: "consumer".to_owned(),
            coordinator: 1,
            members: Known::Known(Vec::new()),
            committed: Known::Known(committed),
        };
        self.groups.groups.insert(name.to_owned(), Known::Known(view));
        self
    }

    pub(crate) fn change_group(mut self, name: &str, change: impl FnOnce(&mut GroupView)) -> World {
        match self.groups.groups.get_mut(name) {
            Some(Known::Known(view)) => change(view),
            _ => panic!("no group {name}"),
        }
        self
    }

    /// Makes the group active with one more member.
    pub(crate) fn member(self, group: &str, id: &str, reads: &[(&str, i32)]) -> World {
        let member = Member {
            id: id.to_owned(),
            instance_id: None,
            client_id: format!("client-{id}"),
            host: "10.0.0.1".to_owned(),
            assignment: reads
                .iter()
                .map(|(topic, partition)| TopicPartition::new(*topic, *partition))
                .collect(),
        };
        self.change_group(group, |view| {
            view.state = GroupState::Stable;
            match &mut view.members {
                Known::Known(members) => members.push(member),
                _ => panic!("members unknown"),
            }
        })
    }

    pub(crate) fn commits(&self, group: &str) -> BTreeMap<TopicPartition, Committed> {
        self.groups.groups[group]
            .known()
            .and_then(|view| view.committed.known())
            .unwrap()
            .iter()
            .map(|(at, commit)| (at.clone(), commit.known().unwrap().clone()))
            .collect()
    }
}
