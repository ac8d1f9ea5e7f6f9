//! What records would go, in a line a figure, each called an estimate and with how it was made.

use super::counting::{counted, some_of, thousands};
use jiff::Timestamp;
use klerk_core::plan::{Estimate, Loss, Span};

/// How many groups are named.
const GROUPS: usize = 10;

/// The lines.
pub(super) fn lines(loss: &Loss) -> Vec<String> {
    let mut lines = Lines::default();
    lines.add("records", &loss.records, |records| {
        Some(format!("{} go", number(*records, "record", "records")))
    });
    lines.add("bytes", &loss.bytes, |bytes| Some(format!("{} a replica go", size(*bytes))));
    lines.add("time", &loss.span, |Span { from_ms, to_ms }| {
        Some(format!("they are from {} to {}", time(*from_ms), time(*to_ms)))
    });
    lines.add("last write", &loss.last_write_ms, |at| at.map(|at| format!("last written at {}", time(at))));
    lines.add("unread", &loss.unread, |groups| {
        let named: Vec<String> =
            groups.iter().map(|(group, records)| format!("{group} ({})", thousands_of(*records))).collect();
        (!named.is_empty()).then(|| format!("not read yet by {}", some_of(named.iter(), GROUPS)))
    });
    lines
        .told
        .extend(lines.missing.iter().map(|(why, what)| format!("not available: {}: {why}", what.join(", "))));
    lines.told
}

#[derive(Default)]
struct Lines {
    told: Vec<String>,
    /// Figures that there are not, by the reason.
    missing: Vec<(String, Vec<&'static str>)>,
}

impl Lines {
    fn add<T>(
        &mut self,
        what: &'static str,
        estimate: &Estimate<T>,
        words: impl FnOnce(&T) -> Option<String>,
    ) {
        match estimate {
            Estimate::About { value, how } => {
                self.told.extend(words(value).map(|words| format!("estimate: {words} ({how})")));
            }
            Estimate::NotAvailable(why) => match self.missing.iter_mut().find(|(known, _)| known == why) {
                Some((_, figures)) => figures.push(what),
                None => self.missing.push((why.clone(), vec![what])),
            },
        }
    }
}

fn number(count: i64, one: &str, many: &str) -> String {
    counted(usize::try_from(count).unwrap_or_default(), one, many)
}

fn thousands_of(count: i64) -> String {
    thousands(usize::try_from(count).unwrap_or_default()).to_string()
}

/// `1.2 MB (1234567)`: to one place, and exact.
pub(super) fn size(bytes: i64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{} {name} ({bytes})", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

pub(super) fn time(millis: i64) -> String {
    match Timestamp::from_millisecond(millis) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => millis.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_called_an_estimate_or_said_to_be_missing() {
        fn about<T>(value: T) -> Estimate<T> {
            Estimate::About { value, how: "by offsets".to_owned() }
        }
        let loss = Loss {
            records: about(1200),
            bytes: Estimate::NotAvailable("not allowed".to_owned()),
            span: Estimate::NotAvailable("not allowed".to_owned()),
            last_write_ms: about(Some(1_795_000_000_000)),
            unread: about([("billing".to_owned(), 1000), ("risk".to_owned(), 3)].into()),
        };
        insta::assert_snapshot!(lines(&loss).join("\n"), @r"
        estimate: 1,200 records go (by offsets)
        estimate: last written at 2026-11-18T11:06:40Z (by offsets)
        estimate: not read yet by billing (1,000), risk (3) (by offsets)
        not available: bytes, time: not allowed
        ");
    }

    #[test]
    fn sizes_are_told_in_units_and_exactly() {
        let told = [0, 999, 1_000, 1_234_567, 98_765_432_100].map(size);
        assert_eq!(
            told,
            ["0 bytes", "999 bytes", "1.0 kB (1000)", "1.2 MB (1234567)", "98.7 GB (98765432100)"]
        );
    }
}
