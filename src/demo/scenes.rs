//! What the demo does, in order, with what must come of each step.

use crate::status::Status;
use bytes::Bytes;
use klerk_sandbox::Sandbox;
use klerk_sandbox::state::log::Record;

/// The topic whose reader falls behind, and the reader.
const CLAIMS: &str = "faucet.claimed";
const READER: &str = "pf-onboarding-cg";
/// The topic that gets more partitions.
const TRADES: &str = "trading.executed";

/// One thing that the demo does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Words to whoever watches.
    Say(&'static str),
    /// A change of one of the files.
    Edit { file: &'static str, from: &'static str, to: &'static str },
    /// What the sandbox lets happen by itself; whether it did.
    Happen(fn(&Sandbox) -> bool),
    /// A command.
    Type(Typed),
}

/// A command, and what must come of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    /// What is typed, with blanks between the words.
    pub(super) line: &'static str,
    /// What it must end with.
    pub(super) status: Status,
    /// What it must print.
    pub(super) shows: &'static str,
    /// What must be the case afterwards, in words.
    pub(super) effect: &'static str,
    /// Whether it is.
    pub(super) holds: fn(&Sandbox) -> bool,
}

/// All of it.
pub(super) const SCENES: &[Act] = &[
    Act::Say("The file is sound, and nothing of it exists yet."),
    Act::Type(Typed {
        line: "klerk validate",
        status: Status::Done,
        shows: "sound",
        effect: "there is no topic",
        holds: |sandbox| topics(sandbox) == 0,
    }),
    Act::Type(Typed {
        line: "klerk plan --detailed-exitcode",
        status: Status::Differs,
        shows: "16 to create",
        effect: "there is no topic still",
        holds: |sandbox| topics(sandbox) == 0,
    }),
    Act::Type(Typed {
        line: "klerk apply --yes",
        status: Status::Done,
        shows: "create-topic escrow.released",
        effect: "there are 12 topics and 4 subjects",
        holds: |sandbox| topics(sandbox) == 12 && subjects(sandbox) == 4,
    }),
    Act::Type(Typed {
        line: "klerk plan --detailed-exitcode",
        status: Status::Done,
        shows: "0 to create",
        effect: "there are 12 topics still",
        holds: |sandbox| topics(sandbox) == 12,
    }),
    Act::Say(
        "Events arrive. A service has read 30 of the 50 in each partition of faucet.claimed, and stands still.",
    ),
    Act::Happen(events),
    Act::Type(Typed {
        line: "klerk group lag",
        status: Status::Done,
        shows: READER,
        effect: "the service is 80 records behind",
        holds: |sandbox| lag(sandbox) == Some(80),
    }),
    Act::Type(Typed {
        line: "klerk group lag pf-onboarding-cg",
        status: Status::Done,
        shows: "80 records behind",
        effect: "looking has moved nothing",
        holds: |sandbox| lag(sandbox) == Some(80),
    }),
    Act::Say("The trades shall have more partitions. That moves keys, so that consent alone is not enough."),
    Act::Edit {
        file: "topology.yaml",
        from: "{ retention.ms: 7d, partitions: 16, compression.type: snappy }",
        to: "{ retention.ms: 7d, partitions: 24, compression.type: snappy }",
    },
    Act::Type(Typed {
        line: "klerk apply --yes",
        status: Status::Refused,
        shows: "moves-keys",
        effect: "trading.executed has 16 partitions still",
        holds: |sandbox| partitions(sandbox, TRADES) == Some(16),
    }),
    Act::Type(Typed {
        line: "klerk apply --yes --allow moves-keys",
        status: Status::Done,
        shows: "add-partitions trading.executed",
        effect: "trading.executed has 24 partitions",
        holds: |sandbox| partitions(sandbox, TRADES) == Some(24),
    }),
    Act::Say("The service has to read its last ten records again: shown first, then done, and recorded."),
    Act::Type(Typed {
        line: "klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --dry-run",
        status: Status::Done,
        shows: "repeats-records",
        effect: "the dry run has moved nothing",
        holds: |sandbox| lag(sandbox) == Some(80),
    }),
    Act::Type(Typed {
        line: "klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --settle 1s --yes",
        status: Status::Done,
        shows: "commit-offsets pf-onboarding-cg",
        effect: "the service is 120 records behind",
        holds: |sandbox| lag(sandbox) == Some(120),
    }),
    Act::Say(
        "And the way back, over the last record. klerk first makes sure that nobody commits for the group.",
    ),
    Act::Type(Typed {
        line: "klerk undo last --settle 1s --yes",
        status: Status::Done,
        shows: "commit-offsets pf-onboarding-cg",
        effect: "the service is 80 records behind again",
        holds: |sandbox| lag(sandbox) == Some(80),
    }),
    Act::Say(
        "Somebody makes an amount a number. Readers of the schema could not read the old records any more.",
    ),
    Act::Edit {
        file: "schemas/FaucetClaimed.avsc",
        from: "\"name\": \"amount_usdc\", \"type\": \"string\"",
        to: "\"name\": \"amount_usdc\", \"type\": \"long\"",
    },
    Act::Type(Typed {
        line: "klerk apply --yes",
        status: Status::Failed,
        shows: "faucet.claimed-value",
        effect: "the subject has one version still",
        holds: |sandbox| versions(sandbox, "faucet.claimed-value") == 1,
    }),
    Act::Say("That was all. `klerk sandbox` starts such a cluster to try things on."),
];

/// Records arrive in two topics, one a second up to now, and the reader of one of them has read some.
fn events(sandbox: &Sandbox) -> bool {
    sandbox.with(|state| {
        let now = state.clock.now_ms();
        let records: Vec<Record> = (0..50)
            .map(|number: i64| {
                let text = |what: &str| Some(Bytes::from(format!("{what}-{number}")));
                Record::new(now - (50 - number) * 1_000, text("agent"), text("event"))
            })
            .collect();
        let arrived = |state: &mut klerk_sandbox::State, topic: &str| {
            let count = state.topics.get(topic).map_or(0, |topic| topic.partitions.len());
            count > 0 && (0..).take(count).all(|partition| state.append(topic, partition, &records).is_ok())
        };
        let done = arrived(state, CLAIMS) && arrived(state, TRADES);
        let count = state.topics.get(CLAIMS).map_or(0, |topic| topic.partitions.len());
        (0..).take(count).for_each(|partition| state.seed_commit(READER, CLAIMS, partition, 30));
        done
    })
}

/// Topics that are not Kafka's own.
fn topics(sandbox: &Sandbox) -> usize {
    sandbox.with(|state| state.topics.keys().filter(|name| !name.starts_with("__")).count())
}

fn partitions(sandbox: &Sandbox, topic: &str) -> Option<usize> {
    sandbox.with(|state| state.topics.get(topic).map(|topic| topic.partitions.len()))
}

/// How far the reader is behind; `None` where a partition has no commit of it.
fn lag(sandbox: &Sandbox) -> Option<i64> {
    sandbox.with(|state| {
        let commits = &state.groups.get(READER)?.commits;
        let claims = state.topics.get(CLAIMS)?;
        let behind = claims.partitions.iter().zip(0..).map(|(partition, index)| {
            Some(partition.log.high_watermark() - commits.get(CLAIMS, index)?.offset)
        });
        behind.sum()
    })
}

fn subjects(sandbox: &Sandbox) -> usize {
    sandbox.with_registry(|registry| registry.subjects.len())
}

fn versions(sandbox: &Sandbox, subject: &str) -> usize {
    sandbox
        .with_registry(|registry| registry.subjects.get(subject).map_or(0, |subject| subject.live().count()))
}
