//! What is accepted, and what has to be there afterwards.

/// A topic as it is written, and as it has to be.
pub struct Accepted {
    /// The line below `topics:`, without what it is indented by.
    pub line: &'static str,
    pub name: &'static str,
    pub partitions: usize,
    /// What is set on it, and nothing else. Lists are compared as sets, fractions as numbers.
    pub holds: &'static [(&'static str, &'static str)],
}

const fn one(
    line: &'static str,
    name: &'static str,
    holds: &'static [(&'static str, &'static str)],
) -> Accepted {
    Accepted { line, name, partitions: 1, holds }
}

const fn parted(line: &'static str, name: &'static str, partitions: usize) -> Accepted {
    Accepted { line, name, partitions, holds: &[] }
}

const WEEK: &[(&str, &str)] = &[("retention.ms", "604800000")];
const FOREVER: &[(&str, &str)] = &[("retention.ms", "-1")];
const HALF: &[(&str, &str)] = &[("min.cleanable.dirty.ratio", "0.5")];
const BOTH: &[(&str, &str)] = &[("cleanup.policy", "compact,delete")];
const COMPACT: &[(&str, &str)] = &[("cleanup.policy", "compact")];
const TRUE: &[(&str, &str)] = &[("preallocate", "true")];

pub const ACCEPTED: &[Accepted] = &[
    // Durations.
    one("t.float: { retention.ms: 604800000.0 }", "t.float", WEEK),
    one("t.string: { retention.ms: \"604800000\" }", "t.string", WEEK),
    one("t.blanks: { retention.ms: '  604800000 ' }", "t.blanks", WEEK),
    one("t.week: { retention.ms: 1w }", "t.week", WEEK),
    one("t.compound: { retention.ms: 6d23h59m59s1000ms }", "t.compound", WEEK),
    one("t.power: { retention.ms: 3e+9 }", "t.power", &[("retention.ms", "3000000000")]),
    one("t.plus: { retention.ms: +5000 }", "t.plus", &[("retention.ms", "5000")]),
    one("t.octal: { retention.ms: '0777' }", "t.octal", &[("retention.ms", "777")]),
    one("t.none: { retention.ms: 0 }", "t.none", &[("retention.ms", "0")]),
    one("t.minus: { retention.ms: -1 }", "t.minus", FOREVER),
    one("t.forever: { retention.ms: forever }", "t.forever", FOREVER),
    one("t.most: { flush.ms: 9223372036854775807 }", "t.most", &[("flush.ms", "9223372036854775807")]),
    one(
        "t.lag: { max.compaction.lag.ms: 9223372036854775807 }",
        "t.lag",
        &[("max.compaction.lag.ms", "9223372036854775807")],
    ),
    // Sizes.
    one("s.binary: { retention.bytes: 1GiB }", "s.binary", &[("retention.bytes", "1073741824")]),
    one("s.decimal: { segment.bytes: 100MB }", "s.decimal", &[("segment.bytes", "100000000")]),
    one("s.power: { retention.bytes: 1.024E8 }", "s.power", &[("retention.bytes", "102400000")]),
    one("s.zeros: { retention.bytes: '0005' }", "s.zeros", &[("retention.bytes", "5")]),
    one("s.minus: { retention.bytes: -1 }", "s.minus", &[("retention.bytes", "-1")]),
    one("s.none: { max.message.bytes: 0 }", "s.none", &[("max.message.bytes", "0")]),
    // Fractions.
    one("f.short: { min.cleanable.dirty.ratio: .5 }", "f.short", HALF),
    one("f.long: { min.cleanable.dirty.ratio: 0.50 }", "f.long", HALF),
    one("f.power: { min.cleanable.dirty.ratio: 5e-1 }", "f.power", HALF),
    one("f.blanks: { min.cleanable.dirty.ratio: ' 0.5 ' }", "f.blanks", HALF),
    one("f.whole: { min.cleanable.dirty.ratio: 1 }", "f.whole", &[("min.cleanable.dirty.ratio", "1.0")]),
    one(
        "f.tiny: { min.cleanable.dirty.ratio: 0.00001 }",
        "f.tiny",
        &[("min.cleanable.dirty.ratio", "1.0E-5")],
    ),
    // Lists.
    one("l.string: { cleanup.policy: 'delete, compact' }", "l.string", BOTH),
    one("l.list: { cleanup.policy: [compact, delete] }", "l.list", BOTH),
    one("l.blanks: { cleanup.policy: [' compact ', \"delete\"] }", "l.blanks", BOTH),
    one("l.single: { cleanup.policy: [compact] }", "l.single", COMPACT),
    one("l.twice: { cleanup.policy: 'compact,compact' }", "l.twice", COMPACT),
    one(
        "l.all: { leader.replication.throttled.replicas: '*' }",
        "l.all",
        &[("leader.replication.throttled.replicas", "*")],
    ),
    one(
        "l.replicas: { follower.replication.throttled.replicas: '0:1,0:2' }",
        "l.replicas",
        &[("follower.replication.throttled.replicas", "0:1,0:2")],
    ),
    // Yes and no, and words.
    one("b.upper: { preallocate: TRUE }", "b.upper", TRUE),
    one("b.title: { preallocate: True }", "b.title", TRUE),
    one("b.string: { preallocate: 'true' }", "b.string", TRUE),
    one("w.blanks: { compression.type: ' zstd ' }", "w.blanks", &[("compression.type", "zstd")]),
    one("w.plain: { compression.type: uncompressed }", "w.plain", &[("compression.type", "uncompressed")]),
    one(
        "w.case: { message.timestamp.type: LogAppendTime }",
        "w.case",
        &[("message.timestamp.type", "LogAppendTime")],
    ),
    // Equal to what the broker gives anyhow: set, and so it no longer follows the broker.
    one(
        "d.pinned: { retention.ms: 7d, retention.bytes: -1, cleanup.policy: delete }",
        "d.pinned",
        &[("cleanup.policy", "delete"), ("retention.bytes", "-1"), ("retention.ms", "604800000")],
    ),
    one("d.unset: { retention.ms: unset, cleanup.policy: unset }", "d.unset", &[]),
    // Counts.
    parted("p.string: { partitions: '3' }", "p.string", 3),
    parted("p.float: { partitions: 3.0 }", "p.float", 3),
    parted("p.power: { partitions: 3e0 }", "p.power", 3),
    parted("p.zeros: { partitions: '03' }", "p.zeros", 3),
    parted("p.many: { partitions: 100 }", "p.many", 100),
    // Names.
    one("123: {}", "123", &[]),
    one("0777: {}", "0777", &[]),
    one("0x1F: {}", "0x1F", &[]),
    one("1e3: {}", "1e3", &[]),
    one("-5: {}", "-5", &[]),
    one("1_000: {}", "1_000", &[]),
    one("on: {}", "on", &[]),
    one("\"null\": {}", "null", &[]),
    one("'true': {}", "true", &[]),
    one("2026-11-21: {}", "2026-11-21", &[]),
    one(".inf: {}", ".inf", &[]),
    one("...: {}", "...", &[]),
    one("-dash-: {}", "-dash-", &[]),
    one("UPPER.lower: {}", "UPPER.lower", &[]),
    one("upper.LOWER: {}", "upper.LOWER", &[]),
    // Texts that are klerk's own, and anchors with what is taken from them.
    one(
        "x.text: { description: \"Ünïcödé — 取引 🦀 # no comment\", owner: 'it''s \"ops\", #1' }",
        "x.text",
        &[],
    ),
    one("x.quoted: { 'retention.ms': '7d', \"partitions\": \"1\" }", "x.quoted", WEEK),
    one("x.tagged: { retention.ms: 1w   } # , cleanup.policy: compact }", "x.tagged", WEEK),
    Accepted {
        line: "x.anchor: &kept { partitions: 2, retention.ms: 7d }",
        name: "x.anchor",
        partitions: 2,
        holds: WEEK,
    },
    Accepted { line: "x.alias: *kept", name: "x.alias", partitions: 2, holds: WEEK },
    Accepted {
        line: "x.merge: { <<: *kept, retention.ms: forever }",
        name: "x.merge",
        partitions: 2,
        holds: FOREVER,
    },
    one(
        "x.block:\n    description: |\n      two: lines\n      # of text\n    retention.ms: >-\n      7d",
        "x.block",
        WEEK,
    ),
    one("? x.complex\n  : { retention.ms: 7d }", "x.complex", WEEK),
];

/// What somebody has set by hand, whatever a topology would say of it: it is exported, and nothing is left to do with it.
pub const FOUND: &[(&str, &[(&str, &str)])] = &[
    ("found.list", &[("cleanup.policy", "delete, compact")]),
    ("found.empty", &[("cleanup.policy", "")]),
    ("found.fraction", &[("min.cleanable.dirty.ratio", "5e-1")]),
    ("found.tiny", &[("min.cleanable.dirty.ratio", "0.0000001")]),
    ("found.zeros", &[("retention.bytes", "0005"), ("preallocate", "TRUE")]),
    (
        "found.most",
        &[("max.compaction.lag.ms", " 9223372036854775807 "), ("flush.messages", "9223372036854775807")],
    ),
    (
        "found.odd",
        &[("retention.ms", "86399999"), ("segment.bytes", "1048577"), ("retention.bytes", "1000000")],
    ),
    ("found.default", &[("retention.ms", "604800000"), ("compression.type", "producer")]),
    ("found.moving", &[("leader.replication.throttled.replicas", "0:1"), ("retention.ms", "1")]),
];
