use crate::values::{Failure, Known, TopicId};
use crate::world::{
    AccessView, Broker, ClusterView, ConfigSource, ConfigType, ConfigView, GroupState, GroupType, GroupView,
    GroupsView, PartitionView, TopicView, World,
};
use std::collections::BTreeMap;

/// A cluster of this many brokers and nothing in it.
pub(crate) fn world(brokers: i32) -> World {
    let broker = |id| Broker { id, host: "127.0.0.1".to_owned(), port: 9092 + id, rack: None };
    World {
        cluster: ClusterView {
            id: "test-cluster".to_owned(),
            brokers: (1..=brokers).map(|id| (id, broker(id))).collect(),
            topics: BTreeMap::new(),
            logs: BTreeMap::new(),
            moves: Known::NotAsked,
            broker_configs: BTreeMap::new(),
        },
        registry: Known::NotAsked,
        groups: GroupsView::default(),
        access: AccessView::default(),
    }
}

impl World {
    pub(crate) fn with(mut self, name: &str, topic: TopicBuilder) -> Self {
        self.cluster.topics.insert(name.to_owned(), Known::Known(topic.build()));
        self
    }

    pub(crate) fn with_seen(mut self, name: &str, seen: Known<TopicView>) -> Self {
        self.cluster.topics.insert(name.to_owned(), seen);
        self
    }

    /// Names that were asked for and do not exist.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.cluster.topics.extend(names.iter().map(|name| ((*name).to_owned(), Known::Absent)));
        self
    }

    pub(crate) fn with_listed_group(mut self, name: &str) -> Self {
        let group = GroupView {
            kind: GroupType::Classic,
            state: GroupState::Empty,
            protocol_type: String::new(),
            coordinator: 1,
            members: Known::NotAsked,
            committed: Known::NotAsked,
        };
        self.groups.groups.insert(name.to_owned(), Known::Known(group));
        self
    }
}

/// What a server said.
pub(crate) fn failure(code: i32, name: &str, message: &str) -> Failure {
    Failure { code: Some(code), name: name.to_owned(), message: message.to_owned() }
}

/// A topic that exists, with all of Kafka's keys at the broker's values until some are set.
pub(crate) fn topic(partitions: i32, replication: i32) -> TopicBuilder {
    let partition = |number| {
        let replicas: Vec<i32> = (1..=replication).collect();
        PartitionView {
            partition: number,
            leader: Some(1),
            leader_epoch: Some(0),
            isr: replicas.clone(),
            replicas,
            offline: Vec::new(),
        }
    };
    TopicBuilder(TopicView {
        id: Some(TopicId([7; 16])),
        internal: false,
        partitions: (0..partitions).map(partition).collect(),
        configs: Known::Known(broker_defaults()),
    })
}

#[derive(Debug, Clone)]
pub(crate) struct TopicBuilder(pub TopicView);

impl TopicBuilder {
    pub(crate) fn build(self) -> TopicView {
        self.0
    }

    pub(crate) fn id(mut self, byte: u8) -> Self {
        self.0.id = Some(TopicId([byte; 16]));
        self
    }

    pub(crate) fn internal(mut self) -> Self {
        self.0.internal = true;
        self
    }

    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.edit(key, |view| {
            if !view.is_override() {
                view.inherited = view.value.take();
            }
            view.value = Some(value.to_owned());
            view.source = ConfigSource::DynamicTopic;
        });
        self
    }

    pub(crate) fn edit(&mut self, key: &str, change: impl FnOnce(&mut ConfigView)) {
        if let Known::Known(configs) = &mut self.0.configs {
            change(configs.entry(key.to_owned()).or_insert_with(|| a_config(ConfigType::String, "")));
        }
    }

    pub(crate) fn editing(mut self, key: &str, change: impl FnOnce(&mut ConfigView)) -> Self {
        self.edit(key, change);
        self
    }

    pub(crate) fn configs(mut self, configs: Known<BTreeMap<String, ConfigView>>) -> Self {
        self.0.configs = configs;
        self
    }

    /// Replicas and in-sync replicas of one partition.
    pub(crate) fn replicas(mut self, partition: usize, replicas: &[i32], isr: &[i32]) -> Self {
        let seen = &mut self.0.partitions[partition];
        seen.replicas = replicas.to_vec();
        seen.isr = isr.to_vec();
        self
    }
}

fn a_config(kind: ConfigType, value: &str) -> ConfigView {
    ConfigView {
        value: Some(value.to_owned()),
        inherited: Some(value.to_owned()),
        kind,
        source: ConfigSource::Default,
        sensitive: false,
        read_only: false,
    }
}

/// Kafka's topic configs with the values of a broker that was left as it comes.
pub(crate) fn broker_defaults() -> BTreeMap<String, ConfigView> {
    use ConfigType::{Boolean, Double, Int, List, Long, String as Text};
    [
        ("cleanup.policy", List, "delete"),
        ("compression.type", Text, "producer"),
        ("max.message.bytes", Int, "1048588"),
        ("message.timestamp.after.max.ms", Long, "3600000"),
        ("message.timestamp.before.max.ms", Long, "9223372036854775807"),
        ("message.timestamp.type", Text, "CreateTime"),
        ("min.cleanable.dirty.ratio", Double, "0.5"),
        ("min.insync.replicas", Int, "1"),
        ("preallocate", Boolean, "false"),
        ("remote.storage.enable", Boolean, "false"),
        ("retention.bytes", Long, "-1"),
        ("retention.ms", Long, "604800000"),
        ("segment.ms", Long, "604800000"),
        ("unclean.leader.election.enable", Boolean, "false"),
    ]
    .into_iter()
    .map(|(key, kind, value)| (key.to_owned(), a_config(kind, value)))
    .collect()
}
