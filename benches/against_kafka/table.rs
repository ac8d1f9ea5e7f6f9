//! The figures, for people.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

use crate::contest::{Figures, Row};

/// The middle of what was measured, scaled to the whole work.
pub fn median(figures: &Figures) -> Option<Duration> {
    middle(&figures.wall).map(|wall| wall * figures.runs_for_the_work)
}

/// The middle of some durations; of an even number of them the mean of the middle two.
pub fn middle(durations: &[Duration]) -> Option<Duration> {
    let mut sorted = durations.to_vec();
    sorted.sort();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some((lower + upper) / 2)
}

pub fn render(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "",
        "klerk",
        "min–max",
        "Kafka",
        "min–max",
        "ratio",
        "klerk MB",
        "Kafka MB",
        "klerk req.",
        "Kafka req.",
        "runs",
    ]);
    for row in rows {
        let (klerk, peer) = (row.klerk.as_ref().ok(), row.peer.as_ref().ok());
        let runs = |figures: Option<&Figures>| figures.map_or(0, |figures| figures.wall.len());
        table.add_row([
            row.work.to_string(),
            wall(klerk),
            spread(klerk),
            wall(peer),
            spread(peer),
            ratio(klerk, peer),
            memory(klerk),
            memory(peer),
            requests(klerk),
            requests(peer),
            format!("{}/{}", runs(klerk), runs(peer)),
        ]);
        if let Some(answered) = klerk.filter(|klerk| !klerk.answered.is_empty()) {
            let blank = String::new;
            let mut cells = vec![
                "  … to acceptance".to_owned(),
                middle(&answered.answered).map(seconds).unwrap_or_default(),
                range(&answered.answered, 1),
            ];
            cells.extend([blank(), blank(), blank(), blank(), blank(), blank(), blank()]);
            cells.push(answered.answered.len().to_string());
            table.add_row(cells);
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let extrapolated = "* extrapolated: one run, multiplied by the number of runs that the work takes";
    format!("{table}\n{extrapolated}\nmedians; MB: largest resident set; req.: requests without handshakes")
}

fn wall(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return "failed".to_owned() };
    format!("{}{}", median(figures).map(seconds).unwrap_or_default(), star(figures))
}

fn spread(figures: Option<&Figures>) -> String {
    figures.map(|figures| range(&figures.wall, figures.runs_for_the_work)).unwrap_or_default()
}

fn range(durations: &[Duration], times: u32) -> String {
    match (durations.iter().min(), durations.iter().max()) {
        (Some(least), Some(most)) => format!("{}–{}", seconds(*least * times), seconds(*most * times)),
        _ => String::new(),
    }
}

fn ratio(klerk: Option<&Figures>, peer: Option<&Figures>) -> String {
    match (klerk.and_then(median), peer.and_then(median)) {
        (Some(klerk), Some(peer)) => format!("{:.0}×", peer.as_secs_f64() / klerk.as_secs_f64()),
        _ => String::new(),
    }
}

fn memory(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return String::new() };
    figures.peak_memory.map_or_else(|| "not available".to_owned(), megabytes)
}

fn requests(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return String::new() };
    let counted = figures.requests.map(|requests| requests * u64::from(figures.runs_for_the_work));
    counted.map_or_else(|| "–".to_owned(), |requests| format!("{}{}", thousands(requests), star(figures)))
}

fn star(figures: &Figures) -> &'static str {
    if figures.runs_for_the_work > 1 { "*" } else { "" }
}

/// Three digits or more, as seconds or milliseconds.
pub fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        ..0.01 => format!("{:.2} ms", seconds * 1e3),
        ..1.0 => format!("{:.0} ms", seconds * 1e3),
        ..10.0 => format!("{seconds:.2} s"),
        ..100.0 => format!("{seconds:.1} s"),
        _ => format!("{} s", thousands(duration.as_secs())),
    }
}

/// `12345` as `12,345`.
pub fn thousands(number: u64) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", thousands(number / 1_000), number % 1_000)
}

pub fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
