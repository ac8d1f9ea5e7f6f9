use crate::topology::{AbsentTopic, ConfigWish, Contract, Terms, Topic, TopicsOf, Topology};
use crate::values::{Origin, Pattern, Sourced};

/// A line of `topology.yaml`.
fn line(line: u32) -> Origin {
    Origin { file: "topology.yaml".into(), line, column: 1 }
}

/// A topology of these topics; the topic at index n stands at line 10 n.
pub(crate) fn topology(topics: impl IntoIterator<Item = Topic>) -> Topology {
    let topics = topics.into_iter().map(|topic| (topic.name.clone(), topic));
    Topology { topics: topics.collect(), ..Topology::default() }
}

impl Topology {
    pub(crate) fn with_group(mut self, group: &str, topics: &[&str]) -> Self {
        let written: Vec<_> =
            topics.iter().map(|topic| Sourced::new(Pattern::new(*topic), line(90))).collect();
        let names = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let topics = TopicsOf { origin: line(90), written, names, external: Vec::new() };
        let contract = Contract {
            group: group.to_owned(),
            origin: line(90),
            topics: Some(topics),
            terms: Terms::default(),
        };
        self.groups.insert(group.to_owned(), contract);
        self
    }

    /// Says that a topic is not to be there.
    pub(crate) fn without_topic(mut self, name: &str, protected: bool) -> Self {
        let origin = line(9);
        self.absent.topics.insert(name.to_owned(), AbsentTopic { origin, protected });
        self
    }

    pub(crate) fn with_external_topic(mut self, pattern: &str) -> Self {
        self.external.topics.push(Sourced::new(Pattern::new(pattern), line(9)));
        self
    }
}

/// A topic of which only the name is said, at line 1; what is added stands at lines of its own.
pub(crate) fn wish(name: &str) -> Topic {
    Topic::new(name, line(1))
}

impl Topic {
    pub(crate) fn partitions(mut self, count: i32) -> Self {
        self.partitions = Some(Sourced::new(count, line(2)));
        self
    }

    pub(crate) fn replication(mut self, factor: i16) -> Self {
        self.replication = Some(Sourced::new(factor, line(3)));
        self
    }

    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        let line = line(4 + self.configs.len() as u32);
        self.configs.insert(key.to_owned(), Sourced::new(ConfigWish::Set(value.to_owned()), line));
        self
    }

    pub(crate) fn unset(mut self, key: &str) -> Self {
        let line = line(4 + self.configs.len() as u32);
        self.configs.insert(key.to_owned(), Sourced::new(ConfigWish::Unset, line));
        self
    }

    pub(crate) fn key_by(mut self, field: &str) -> Self {
        self.key_by = Some(Sourced::new(field.to_owned(), line(20)));
        self
    }

    pub(crate) fn protect(mut self) -> Self {
        self.protected = true;
        self
    }
}
