//! What is refused: the file, the code of its first fault, where it is, and what the fix has to say.

pub struct Refused {
    pub file: &'static str,
    pub code: &'static str,
    pub place: (u64, u64),
    /// Empty where nobody can tell.
    pub fix: &'static str,
}

const fn refused(file: &'static str, code: &'static str, place: (u64, u64), fix: &'static str) -> Refused {
    Refused { file, code, place, fix }
}

/// A file whose third line is this topic.
macro_rules! topic {
    ($line:literal) => {
        concat!("klerk: 1\ntopics:\n  ", $line, "\n")
    };
}

pub const REFUSED: &[Refused] = &[
    refused(topic!("a: { retention.ms: null }"), "null", (3, 22), "unset"),
    refused(topic!("a: { retention.ms: ~ }"), "null", (3, 22), "unset"),
    refused(topic!("a: { retention.ms: }"), "null", (3, 20), "unset"),
    refused(topic!("a:\n    retention.ms:"), "null", (4, 17), "unset"),
    refused(topic!("a: {cleanup.policy: compact, delete}"), "stray-key", (3, 32), "[a, b]"),
    refused(topic!("a: { retention.ms: '' }"), "empty-value", (3, 22), "leave the key out"),
    refused(topic!("a: { compression.type: '  ' }"), "empty-value", (3, 26), "leave the key out"),
    refused(topic!("a: { cleanup.policy: [] }"), "empty-value", (3, 24), "unset"),
    refused(topic!("a: { preallocate: off }"), "bad-value", (3, 21), "false"),
    refused(topic!("a: { unclean.leader.election.enable: no }"), "bad-value", (3, 40), "false"),
    refused(topic!("a: { preallocate: 1 }"), "bad-value", (3, 21), ""),
    refused(topic!("a: { retention.ms: 1_000 }"), "bad-duration", (3, 22), "1000"),
    refused(topic!("a: { retention.ms: 0x10 }"), "bad-duration", (3, 22), ""),
    refused(topic!("a: { retention.ms: 0777 }"), "bad-value", (3, 22), "777, or 511"),
    refused(topic!("a: { partitions: 010 }"), "bad-value", (3, 20), "10, or 8"),
    refused(topic!("a: { retention.ms: 7days }"), "bad-duration", (3, 22), "7d"),
    refused(topic!("a: { retention.ms: 1.5 }"), "bad-duration", (3, 22), ""),
    refused(topic!("a: { retention.ms: 9223372036854775808 }"), "bad-duration", (3, 22), ""),
    refused(topic!("a: { retention.ms: 1GiB }"), "bad-duration", (3, 22), ""),
    refused(topic!("a: { retention.bytes: 1gb }"), "bad-size", (3, 25), "1GB"),
    refused(topic!("a: { min.cleanable.dirty.ratio: .nan }"), "bad-value", (3, 35), ""),
    refused(topic!("a: { min.cleanable.dirty.ratio: .inf }"), "bad-value", (3, 35), ""),
    refused(topic!("a: { min.cleanable.dirty.ratio: 1.5 }"), "bad-value", (3, 35), ""),
    refused(topic!("a: { compression.type: none }"), "bad-value", (3, 26), "uncompressed"),
    refused(topic!("a: { compression.type: [lz4] }"), "wrong-shape", (3, 26), ""),
    refused(topic!("a: { retention.ms: { days: 7 } }"), "wrong-shape", (3, 22), ""),
    refused(topic!("a: { partitions: 0 }"), "bad-value", (3, 20), ""),
    refused(topic!("a: { partitions: -1 }"), "bad-value", (3, 20), "leave the key out"),
    refused(topic!("a: { partitons: 3 }"), "unknown-key", (3, 8), "partitions"),
    refused(topic!("a: { cleanup.policy: compact, delete }"), "stray-key", (3, 33), "[a, b]"),
    refused(topic!("a: { owner: @team }"), "syntax", (3, 15), "'@team'"),
    refused(topic!("a: { owner: !team x }"), "tag", (3, 15), "'!team'"),
    refused(topic!("a: { retention.ms: 1d, retention.ms: 2d }"), "duplicate", (3, 26), "keep one"),
    refused(topic!("a: &x { <<: *x }"), "alias", (3, 15), ""),
    refused(topic!("a: *nowhere"), "alias", (3, 6), ""),
    refused(topic!("a: ~"), "null", (3, 6), "{}"),
    refused(topic!("a: { retention.ms: 1d }}"), "syntax", (3, 26), ""),
    refused(topic!("'': {}"), "topic-name", (3, 3), ""),
    refused(topic!("'a b': {}"), "topic-name", (3, 3), ""),
    refused(topic!("größe: {}"), "topic-name", (3, 3), ""),
    refused(topic!("..: {}"), "topic-name", (3, 3), ""),
    refused(topic!("__consumer_offsets: {}"), "topic-name", (3, 3), "leave it to Kafka"),
    refused("klerk: 1\ntopics: { a.b: {}, a_b: {} }\n", "topic-collision", (2, 20), ""),
    refused("klerk: 1\ntopics:\n  a: {}\n  a: {}\n", "duplicate", (4, 3), "keep one"),
    refused("klerk: 1\ntopics:\n\ta: {}\n", "syntax", (3, 2), "spaces"),
    refused("klerk: 1\ntopics: [a, b]\n", "wrong-shape", (2, 9), ""),
    refused("klerk: 1\n---\nklerk: 1\n", "several-documents", (2, 1), "file of its own"),
    refused("klerk: 2\n", "version", (1, 8), "klerk: 1"),
    refused("topics: {}\n", "version", (1, 1), "klerk: 1"),
    refused("", "version", (1, 1), "klerk: 1"),
    refused("- a\n", "wrong-shape", (1, 1), ""),
];

/// What only a broker can refuse: the topic, and what its words have to name.
pub const CONFLICTS: &[(&str, &str)] = &[
    ("c.minus: { retention.ms: -2 }", "retention.ms"),
    ("c.case: { compression.type: ZSTD }", "compression.type"),
    ("c.policy: { cleanup.policy: shred }", "cleanup.policy"),
    ("c.unknown: { no.such.config: 1 }", "no.such.config"),
    ("c.small: { segment.bytes: 1 }", "segment.bytes"),
    ("c.brokers: { replication: 7 }", "7"),
];
