//! The rows of the table of rights: each command that speaks to a cluster, and the ACLs that it takes.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// An operation, and on what: `topic`, `new topic`, `every topic`, `group`, `new group`, `other group` or `cluster`.
pub type Right = (&'static str, &'static str);

/// What is there before, apart from a topic with records and a group that has read some.
#[derive(Clone, Copy)]
pub enum Before {
    /// Nothing else.
    Nothing,
    /// What this command leaves, run by somebody who may do everything.
    Run(&'static str),
    /// A second group, with commits of its own.
    OtherGroup,
    /// Replicas of the topic on their way between brokers, slowly.
    Moving,
    /// A throttle on the topic and a broker that no move needs.
    Throttled,
    /// Partitions that replicas lead which are not the preferred ones.
    LedByOthers,
}

/// A command and what it takes. `TOPIC` and `GROUP` stand for names that are new each time, `NUMBER` for a number.
pub struct Row {
    /// What the README calls it.
    pub told: &'static str,
    pub before: Before,
    pub line: &'static str,
    pub file: &'static str,
    pub takes: &'static [Right],
    /// Whether it lists what it may see, and Kafka leaves out the rest in silence.
    pub in_silence: bool,
}

const fn row(told: &'static str, line: &'static str, takes: &'static [Right]) -> Row {
    Row { told, before: Before::Nothing, line, file: "topics: {}", takes, in_silence: false }
}

impl Row {
    /// Whether it has to do with throttles, of which a broker has one for everybody.
    pub fn throttles(&self) -> bool {
        matches!(self.before, Before::Moving | Before::Throttled) || self.line.contains("throttle")
    }

    const fn of(self, file: &'static str) -> Row {
        Row { file, ..self }
    }

    const fn after(self, before: Before) -> Row {
        Row { before, ..self }
    }

    const fn in_silence(self) -> Row {
        Row { in_silence: true, ..self }
    }
}

const NEW: &str = "topics: { TOPIC.new: { partitions: 1 } }";
const ACCESS: &str = "external: { topics: [TOPIC] }\naccess: { someNUMBER: { produce: [TOPIC] } }";
const QUOTAS: &str = "quotas: [{ user: someNUMBER, consume: 1MB/s }]";
const USERS: &str = "users: { someNUMBER: { scram: SCRAM-SHA-256, password_file: password } }";
const START: &str =
    "external: { topics: [TOPIC] }\ngroups: { GROUP.new: { topics: [TOPIC], start: earliest } }";
const MOVED: &str = "topics: { TOPIC: { partitions: 2, replication: 2 } }";

/// What one broker is enough for.
pub const ROWS: &[Row] = &[
    row("`klerk plan`", "plan", &[("describe", "topic"), ("describe-configs", "topic")])
        .of("topics: { TOPIC: { partitions: 2, segment.ms: 1d } }"),
    row("`klerk plan`, of a group's start", "plan", &[("describe", "topic"), ("describe", "new group")])
        .of(START),
    row("`klerk plan`, of access", "plan", &[("describe", "cluster")]).of(ACCESS),
    row("`klerk plan`, of quotas", "plan", &[("describe-configs", "cluster")]).of(QUOTAS),
    row("`klerk plan`, of users", "plan", &[("describe", "cluster")]).of(USERS),
    row(
        "`klerk apply`, to create a topic",
        "apply --yes",
        &[("create", "new topic"), ("describe", "new topic")],
    )
    .of(NEW),
    row(
        "`klerk apply`, to create a topic with configs",
        "apply --yes",
        &[("create", "new topic"), ("describe", "new topic"), ("describe-configs", "new topic")],
    )
    .of("topics: { TOPIC.new: { partitions: 1, segment.ms: 1d } }"),
    row(
        "`klerk apply`, to change configs",
        "apply --yes",
        &[("describe", "topic"), ("alter-configs", "topic")],
    )
    .of("topics: { TOPIC: { partitions: 2, segment.ms: 2d } }"),
    row("`klerk apply`, to add partitions", "apply --yes --allow moves-keys", &[("alter", "topic")])
        .of("topics: { TOPIC: { partitions: 3 } }"),
    row("`klerk apply`, to delete a topic", "apply --yes --allow loses-data", &[("delete", "topic")])
        .of("topics: { TOPIC: { state: absent } }"),
    row(
        "`klerk apply`, to give a group its start",
        "apply --yes",
        &[("read", "new group"), ("read", "topic")],
    )
    .of(START),
    row("`klerk apply`, to change access", "apply --yes --allow opens-access", &[("alter", "cluster")])
        .of(ACCESS),
    row(
        "`klerk apply`, to change quotas",
        "apply --yes --allow closes-access",
        &[("alter-configs", "cluster")],
    )
    .of(QUOTAS),
    row("`klerk apply`, to change users", "apply --yes --allow opens-access", &[("alter", "cluster")])
        .of(USERS),
    row(
        "`klerk undo`, of a topic that was created",
        "undo NUMBER.jsonl --yes --allow loses-data",
        &[("delete", "new topic"), ("describe-configs", "new topic")],
    )
    .of(NEW)
    .after(Before::Run("apply --yes --record NUMBER.jsonl")),
    row(
        "`klerk undo`, of configs",
        "undo NUMBER.jsonl --yes",
        &[("describe", "topic"), ("alter-configs", "topic")],
    )
    .of("topics: { TOPIC: { partitions: 2, segment.ms: 2d } }")
    .after(Before::Run("apply --yes --record NUMBER.jsonl")),
    row("`klerk undo`, of access", "undo NUMBER.jsonl --yes --allow closes-access", &[("alter", "cluster")])
        .of(ACCESS)
        .after(Before::Run("apply --yes --allow opens-access --record NUMBER.jsonl")),
    row(
        "`klerk undo`, of quotas",
        "undo NUMBER.jsonl --yes --allow opens-access",
        &[("alter-configs", "cluster")],
    )
    .of(QUOTAS)
    .after(Before::Run("apply --yes --allow closes-access --record NUMBER.jsonl")),
    row(
        "`klerk export`, without access",
        "export --match TOPIC --only topics,schemas,groups",
        &[("describe", "topic"), ("describe-configs", "topic")],
    )
    .in_silence(),
    row(
        "`klerk export`, of access",
        "export --match no-such-* --only access",
        &[("describe", "cluster"), ("describe-configs", "cluster")],
    ),
    row("`klerk topic delete`", "topic delete TOPIC --yes --allow loses-data", &[("delete", "topic")]),
    row(
        "`klerk topic truncate`",
        "topic truncate TOPIC --to-latest --yes --allow loses-data",
        &[("delete", "topic")],
    ),
    row("`klerk group list`, of all groups", "group list", &[("describe", "cluster")]),
    row("`klerk group describe`", "group describe GROUP", &[("describe", "group"), ("describe", "topic")])
        .in_silence(),
    row("`klerk group lag`", "group lag GROUP", &[("describe", "group"), ("describe", "topic")]).in_silence(),
    row("`klerk group lag --time`", "group lag GROUP --time", &[("describe", "group"), ("read", "topic")])
        .in_silence(),
    row(
        "`klerk group lag --headroom`",
        "group lag GROUP --headroom",
        &[("describe", "group"), ("read", "topic"), ("describe-configs", "topic")],
    )
    .in_silence(),
    row(
        "`klerk group reset`",
        "group reset GROUP --topic TOPIC --to-earliest --yes --settle 0s",
        &[("read", "group"), ("read", "topic")],
    ),
    row(
        "`klerk group reset --from-group`",
        "group reset GROUP --topic TOPIC --from-group GROUP.other --yes --settle 0s",
        &[("read", "group"), ("read", "topic"), ("describe", "other group")],
    )
    .after(Before::OtherGroup),
    row("`klerk undo`, of a reset", "undo NUMBER.jsonl --yes", &[("read", "group"), ("read", "topic")])
        .after(Before::Run(
            "group reset GROUP --topic TOPIC:0 --to-earliest --yes --settle 0s --record NUMBER.jsonl",
        )),
    row(
        "`klerk undo`, of a reset that gave partitions their first commit",
        "undo NUMBER.jsonl --yes",
        &[("read", "group"), ("delete", "group"), ("read", "topic")],
    )
    .after(Before::Run(
        "group reset GROUP --topic TOPIC --to-earliest --yes --settle 0s --record NUMBER.jsonl",
    )),
    row("`klerk cluster status`", "cluster status", &[("describe", "cluster")]),
    row(
        "`klerk cluster moves`",
        "cluster moves",
        &[("describe", "cluster"), ("describe-configs", "cluster")],
    ),
    row("`klerk cluster configs`", "cluster configs --all", &[("describe-configs", "cluster")]),
    row(
        "`klerk cluster configs --set`",
        "cluster configs --default --set message.max.bytes=10NUMBER --yes",
        &[("alter-configs", "cluster")],
    ),
    row("`klerk acl list`", "acl list", &[("describe", "cluster")]),
    row(
        "`klerk acl list --explain`",
        "acl list --explain someNUMBER read topic:TOPIC",
        &[("describe", "cluster")],
    ),
    row("`klerk quota list`", "quota list --match no-such-*", &[("describe-configs", "cluster")]),
    row("`klerk user list`", "user list --match no-such-*", &[("describe", "cluster")]),
    row("`klerk history`", "history", &[]),
];

/// What takes several brokers. Replicas move, and others lead.
pub const ROWS_OF_SEVERAL_BROKERS: &[Row] = &[
    row("`klerk plan`, of moves of replicas", "plan", &[("describe", "topic"), ("describe", "cluster")])
        .of(MOVED),
    row(
        "`klerk apply`, to move replicas",
        "apply --yes --allow moves-replicas",
        &[("describe", "topic"), ("alter", "cluster")],
    )
    .of(MOVED),
    row(
        "`klerk apply --throttle`, to move replicas",
        "apply --yes --allow moves-replicas --throttle 50MB/s",
        &[
            ("alter-configs", "topic"),
            ("describe", "topic"),
            ("alter", "cluster"),
            ("alter-configs", "cluster"),
        ],
    )
    .of(MOVED),
    row(
        "`klerk undo`, of moves of replicas",
        "undo NUMBER.jsonl --yes --allow moves-replicas,weakens-durability",
        &[("describe", "topic"), ("alter", "cluster")],
    )
    .of(MOVED)
    .after(Before::Run("apply --yes --allow moves-replicas --record NUMBER.jsonl")),
    row(
        "`klerk cluster moves --cancel`",
        "cluster moves --cancel --match TOPIC --yes --allow moves-replicas",
        &[("describe", "topic"), ("alter", "cluster")],
    )
    .after(Before::Moving),
    row(
        "`klerk cluster moves --remove-throttle`",
        "cluster moves --remove-throttle --match TOPIC --yes",
        &[
            ("alter-configs", "every topic"),
            ("describe", "every topic"),
            ("describe", "cluster"),
            ("alter-configs", "cluster"),
        ],
    )
    .after(Before::Throttled),
    row(
        "`klerk cluster elect`",
        "cluster elect --topic TOPIC --yes",
        &[("describe", "topic"), ("alter", "cluster")],
    )
    .after(Before::LedByOthers),
];

/// The row that the README calls so.
pub fn row_of(told: &str) -> Result<&'static Row> {
    let mut rows = ROWS.iter().chain(ROWS_OF_SEVERAL_BROKERS);
    rows.find(|row| row.told == told).with_context(|| format!("no row {told}"))
}

/// What these commands, as the README calls them, take together.
pub fn rights_of(commands: &[&str]) -> Result<BTreeSet<Right>> {
    let mut rights = BTreeSet::new();
    for told in commands {
        rights.extend(row_of(told)?.takes);
    }
    Ok(rights)
}

/// The table of the README.
pub fn table() -> String {
    let mut rows: Vec<&Row> = ROWS.iter().chain(ROWS_OF_SEVERAL_BROKERS).collect();
    // Rows of one command stand together, in the order in which each command comes first.
    let command = |row: &Row| row.told.split(['`', ',']).nth(1).unwrap_or_default().to_owned();
    let words = |row: &Row| command(row).split(" --").next().unwrap_or_default().to_owned();
    let order: Vec<String> = rows.iter().map(|row| words(row)).collect();
    rows.sort_by_key(|row| order.iter().position(|first| *first == words(row)));
    let mut text = "| command | takes |\n|---|---|\n".to_owned();
    for row in rows {
        let takes = row.takes.iter().map(|(operation, on)| match *on {
            "new topic" => format!("`{operation}` on the topic to be"),
            "new group" => format!("`{operation}` on the group to be"),
            "every topic" => format!("`{operation}` on every topic"),
            on => format!("`{operation}` on the {on}"),
        });
        let takes = takes.collect::<Vec<_>>().join(", ");
        let takes = if takes.is_empty() { "nothing" } else { &takes };
        writeln!(text, "| {} | {takes} |", row.told).ok();
    }
    text
}
