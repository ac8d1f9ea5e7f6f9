use crate::store::{History, Recorded, StoreError};
use jiff::Timestamp;
use serde::Serialize;

/// `klerk.history`: the records of a cluster, or of all of them.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryDocument {
    format: &'static str,
    version: u32,
    /// Null for all clusters.
    cluster: Option<ClusterV1>,
    /// How many record files there are, listed or not.
    total: usize,
    records: Vec<RecordV1>,
    /// The files of runs that were stopped before anything was sent.
    not_begun: Vec<String>,
    unreadable: Vec<UnreadableV1>,
}

#[derive(Debug, Clone, Serialize)]
struct ClusterV1 {
    id: String,
}

#[derive(Debug, Clone, Serialize)]
struct RecordV1 {
    id: String,
    file: String,
    cluster: ClusterV1,
    at: String,
    /// Null when the run was killed before its end.
    ended_at: Option<String>,
    user: Option<String>,
    klerk: String,
    command: String,
    environment: Option<String>,
    /// An outcome of a report, or `ended-early`.
    outcome: &'static str,
    steps: StepsV1,
}

#[derive(Debug, Clone, Serialize)]
struct StepsV1 {
    changed: usize,
    unknown: usize,
    unchanged: usize,
}

#[derive(Debug, Clone, Serialize)]
struct UnreadableV1 {
    file: String,
    reason: String,
}

impl HistoryDocument {
    /// The document of these records; `cluster_id` is `None` for all clusters.
    pub fn new(cluster_id: Option<&str>, history: &History) -> Self {
        HistoryDocument {
            format: "klerk.history",
            version: 1,
            cluster: cluster_id.map(|id| ClusterV1 { id: id.to_owned() }),
            total: history.total,
            records: history.records.iter().map(RecordV1::from).collect(),
            not_begun: history.not_begun.iter().map(|path| path.display().to_string()).collect(),
            unreadable: history.unreadable.iter().map(UnreadableV1::from).collect(),
        }
    }
}

impl From<&Recorded> for RecordV1 {
    fn from(record: &Recorded) -> Self {
        let fates = record.fates();
        RecordV1 {
            id: record.id.clone(),
            file: record.path.display().to_string(),
            cluster: ClusterV1 { id: record.plan.cluster_id.clone() },
            at: time(record.at),
            ended_at: record.footer.as_ref().map(|footer| time(footer.at)),
            user: record.user.clone(),
            klerk: record.klerk.clone(),
            command: record.plan.command.clone(),
            environment: record.plan.environment.clone(),
            outcome: record.footer.as_ref().map_or("ended-early", |footer| footer.outcome.as_str()),
            steps: StepsV1 { changed: fates.changed, unknown: fates.perhaps, unchanged: fates.unchanged },
        }
    }
}

impl From<&StoreError> for UnreadableV1 {
    fn from(error: &StoreError) -> Self {
        UnreadableV1 { file: error.path().display().to_string(), reason: error.to_string() }
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
