//! What klerk promises itself, and how the figures stand to it.

use std::fmt::Write;
use std::time::Duration;

use crate::contest::{Figures, Row, Work};
use crate::table::{median, megabytes, middle, seconds};

const MOST_REQUESTS: u64 = 12;
const MOST_MEMORY: u64 = 60_000_000;

/// A line for each aim: met or missed and by how much, or not measured.
pub fn judge(rows: &[Row]) -> String {
    let of = |work: Work| rows.iter().find(|row| row.work == work).and_then(|row| row.klerk.as_ref().ok());
    let lag = of(Work::Lag { groups: 1_000 });
    let plan = of(Work::Plan { topics: 1_000 });
    let accepted = of(Work::Create { topics: 1_000 }).and_then(|figures| middle(&figures.answered));
    let peak = rows.iter().filter_map(|row| row.klerk.as_ref().ok()?.peak_memory).max();
    let requests = |figures: Option<&Figures>| figures.and_then(|figures| figures.requests);

    let mut text = String::new();
    let mut line = |aim: &str, verdict: Option<String>| {
        let verdict = verdict.unwrap_or_else(|| "not measured in this run".to_owned());
        writeln!(text, "{aim:<56} {verdict}").ok();
    };
    line("lag of 1,000 groups in at most 12 requests", requests(lag).map(at_most_requests));
    line("lag of 1,000 groups under 0.3 s", lag.and_then(median).map(|took| under(took, 300)));
    line("plan of 1,000 topics in at most 12 requests", requests(plan).map(at_most_requests));
    line("plan of 1,000 topics under 0.4 s", plan.and_then(median).map(|took| under(took, 400)));
    line("1,000 topics created under 1 s to acceptance", accepted.map(|took| under(took, 1_000)));
    line("klerk --version under 10 ms", of(Work::Version).and_then(median).map(|took| under(took, 10)));
    line("memory under 60 MB throughout", peak.map(memory));
    text
}

fn at_most_requests(count: u64) -> String {
    match count.checked_sub(MOST_REQUESTS) {
        None | Some(0) => format!("met: {count}"),
        Some(over) => format!("MISSED by {over}: {count}"),
    }
}

fn under(took: Duration, limit_ms: u64) -> String {
    let limit = Duration::from_millis(limit_ms);
    let found = seconds(took);
    if took < limit {
        format!("met: {found}")
    } else {
        format!(
            "MISSED by {} ({:.1}×): {found}",
            seconds(took - limit),
            took.as_secs_f64() / limit.as_secs_f64()
        )
    }
}

fn memory(bytes: u64) -> String {
    let found = megabytes(bytes);
    match bytes.checked_sub(MOST_MEMORY) {
        None => format!("met: {found} MB"),
        Some(over) => format!("MISSED by {} MB: {found} MB", megabytes(over)),
    }
}
