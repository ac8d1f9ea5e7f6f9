use crate::plan::Change;
use std::fmt;

/// A kind of change, by its name in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(&'static str);

/// Every kind with the command that makes such a change and nothing else, where there is one, and what it does.
const KINDS: [(&str, Option<&str>, &str); 22] = [
    ("create-topic", None, "A topic is made, with its partitions, replicas and configs."),
    ("add-partitions", None, "A topic gets more partitions. Kafka cannot take any away again."),
    (
        "set-config",
        None,
        "Configs of a topic, of a broker or of all brokers are set or unset, in one step each.",
    ),
    ("move-replicas", None, "Replicas of a topic move between brokers, or become more or fewer."),
    ("cancel-moves", Some("cluster moves"), "Replicas that are on their way stay where they were."),
    ("elect-leaders", Some("cluster elect"), "Partitions are led by their preferred replicas again."),
    ("delete-topic", Some("topic delete"), "A topic goes, with everything in it."),
    ("delete-records", Some("topic truncate"), "The records of a topic before some offsets go."),
    ("register-schema", None, "A subject gets a version, the first one where it has none."),
    ("set-compatibility", None, "The compatibility level of a subject itself is set."),
    ("delete-subject", None, "A subject goes, with all its versions."),
    ("delete-version", None, "One version of a subject goes."),
    ("commit-offsets", Some("group reset"), "The committed offsets of a group are set."),
    ("delete-offsets", None, "Committed offsets of a group go, as if it had never read there."),
    ("delete-group", None, "A group goes, with its committed offsets."),
    ("create-acl", None, "Somebody is allowed or denied something."),
    ("delete-acl", None, "A permission or a denial is taken back."),
    ("set-quota", None, "A quota of a user or a client is set."),
    ("delete-quota", None, "A quota is taken away."),
    ("set-user", None, "The SCRAM credentials of a user are set."),
    ("delete-user", None, "The SCRAM credentials of a user go."),
    ("copy-records", None, "Records are copied from one topic to another."),
];

impl Kind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Kind> {
        KINDS.iter().map(|(name, ..)| Kind(name))
    }

    /// The kind of a change.
    pub fn of(change: &Change) -> Kind {
        Kind(change.kind())
    }

    /// The name in a topology, in `--allow` and in JSON.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The command that makes such a change and nothing else.
    pub fn own_command(self) -> Option<&'static str> {
        self.entry().and_then(|(_, command, _)| *command)
    }

    /// What such a change does, in a sentence.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("", |(_, _, meaning)| meaning)
    }

    fn entry(self) -> Option<&'static (&'static str, Option<&'static str>, &'static str)> {
        KINDS.iter().find(|(name, ..)| *name == self.0)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
