//! What the configs of a topic mean for its logs.

/// The configs that logs obey, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `segment.bytes`.
    pub segment_bytes: u64,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `retention.ms`; `None` for −1, without limit.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`; `None` for −1, without limit.
    pub retention_bytes: Option<u64>,
    /// `max.message.bytes`: of a batch, as it is compressed.
    pub max_message_bytes: usize,
    /// Whether `message.timestamp.type` is `LogAppendTime`.
    pub append_time: bool,
    /// `message.timestamp.before.max.ms`.
    pub before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub after_max_ms: i64,
    /// Whether `cleanup.policy` has `compact`.
    pub compact: bool,
    /// Whether `cleanup.policy` has `delete`.
    pub delete: bool,
    /// `min.insync.replicas`.
    pub min_insync_replicas: usize,
    /// `delete.retention.ms`.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`.
    pub min_compaction_lag_ms: i64,
    /// The codec's number that `compression.type` names; `None` for `producer`.
    pub codec: Option<i16>,
}

impl Rules {
    /// Reads the configs that hold, by their names; one that is missing, or cannot be read, has Kafka's default.
    pub fn of(text: impl Fn(&str) -> Option<String>) -> Rules {
        let long =
            |key: &str, default: i64| text(key).and_then(|value| value.parse().ok()).unwrap_or(default);
        let policy = text("cleanup.policy").unwrap_or_else(|| "delete".to_owned());
        let has = |word: &str| policy.split(',').any(|part| part.trim() == word);
        Rules {
            segment_bytes: long("segment.bytes", 1 << 30).try_into().unwrap_or(1 << 30),
            segment_ms: long("segment.ms", WEEK_MS),
            retention_ms: Some(long("retention.ms", WEEK_MS)).filter(|limit| *limit >= 0),
            retention_bytes: long("retention.bytes", -1).try_into().ok(),
            max_message_bytes: long("max.message.bytes", MAX_MESSAGE_BYTES).try_into().unwrap_or_default(),
            append_time: text("message.timestamp.type").as_deref() == Some("LogAppendTime"),
            before_max_ms: long("message.timestamp.before.max.ms", i64::MAX),
            after_max_ms: long("message.timestamp.after.max.ms", HOUR_MS),
            compact: has("compact"),
            delete: has("delete"),
            min_insync_replicas: long("min.insync.replicas", 1).try_into().unwrap_or(1),
            delete_retention_ms: long("delete.retention.ms", 24 * HOUR_MS),
            min_compaction_lag_ms: long("min.compaction.lag.ms", 0),
            codec: text("compression.type").as_deref().and_then(codec),
        }
    }
}

const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
const MAX_MESSAGE_BYTES: i64 = 1_048_588;

fn codec(name: &str) -> Option<i16> {
    match name {
        "uncompressed" => Some(0),
        "gzip" => Some(1),
        "snappy" => Some(2),
        "lz4" => Some(3),
        "zstd" => Some(4),
        _ => None,
    }
}

impl Default for Rules {
    fn default() -> Rules {
        Rules::of(|_| None)
    }
}
