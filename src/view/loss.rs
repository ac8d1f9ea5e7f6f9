//! What records would go, in a line a figure, each called an estimate and with how it was made.

use super::bytes::exact_bytes;
use super::counting::{counted, some_of, thousands};
use super::table::{self, Side};
use jiff::Timestamp;
use klerk_core::plan::{Estimate, Loss, Span};
use std::collections::BTreeMap;

/// How many groups are named.
const GROUPS: usize = 10;

/// The lines.
pub(super) fn lines(loss: &Loss) -> Vec<String> {
    let mut lines = Lines::default();
    lines.add("records", &loss.records, |records| {
        Some(format!("{} go", number(*records, "record", "records")))
    });
    // Where no record goes there are neither bytes nor times to tell.
    if loss.records.value() != Some(&0) {
        lines.add("bytes", &loss.bytes, |bytes| Some(format!("{} a replica go", exact_bytes(*bytes))));
        lines.add("time", &loss.span, |Span { from_ms, to_ms }| {
            Some(format!("they are from {} to {}", time(*from_ms), time(*to_ms)))
        });
    }
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

/// How many partitions a topic has, and how many replicas of each, where all have as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TopicSize {
    pub partitions: i32,
    pub replication: Option<i16>,
}

/// The same of several topics: a row each, with its size where there are `sizes`, then how the figures were made, and why
/// some are missing. Topics of which no record goes are only counted.
pub(super) fn table(losses: &[(&str, &Loss)], sizes: &BTreeMap<&str, TopicSize>) -> Vec<String> {
    let (spared, hurt): (Vec<_>, Vec<_>) =
        losses.iter().partition(|(_, loss)| loss.records.value() == Some(&0));
    let (untold, hurt): (Vec<_>, Vec<_>) =
        hurt.into_iter().partition(|(_, loss)| why_nothing(loss).is_some());
    let mut lines = Vec::new();
    if !hurt.is_empty() {
        let mut columns = vec![
            ("TOPIC", Side::Left),
            ("RECORDS", Side::Right),
            ("BYTES A REPLICA", Side::Right),
            ("FROM", Side::Left),
            ("TO", Side::Left),
            ("NOT READ YET BY", Side::Left),
        ];
        lines.push("estimate of what goes:".to_owned());
        if !sizes.is_empty() {
            columns.splice(1..1, [("PARTITIONS", Side::Right), ("REPLICATION", Side::Right)]);
        }
        let rows = hurt.iter().map(|(topic, loss)| {
            let mut row = row(topic, loss);
            if !sizes.is_empty() {
                row.splice(1..1, size(sizes.get(topic)));
            }
            row
        });
        let rows = table::table(&columns, rows);
        lines.extend(rows.lines().map(str::to_owned));
    }
    if !spared.is_empty() {
        lines.push(format!("estimate: no record goes of {}", counted(spared.len(), "topic", "topics")));
    }
    let mut nothing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (topic, loss) in untold {
        nothing.entry(why_nothing(loss).unwrap_or_default()).or_default().push(topic);
    }
    lines.extend(nothing.iter().map(|(why, topics)| {
        let such_as = topics.first().copied().unwrap_or_default();
        let count = counted(topics.len(), "topic", "topics");
        format!("no estimate of what goes of {count}, such as {such_as}: {why}")
    }));
    let mut how: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut missing: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (topic, loss) in &hurt {
        for (what, made) in [
            ("records", made(&loss.records)),
            ("bytes", made(&loss.bytes)),
            ("time", made(&loss.span)),
            ("unread", made(&loss.unread)),
        ] {
            match made {
                Ok(made) => *how.entry((what, made)).or_default() += 1,
                Err(why) => missing.entry((what, why)).or_default().push(topic),
            }
        }
    }
    lines.extend(how.keys().map(|(what, made)| format!("{what}: {made}")));
    lines.extend(missing.iter().map(|((what, why), topics)| {
        let such_as = topics.first().copied().unwrap_or_default();
        let count = counted(topics.len(), "topic", "topics");
        format!("not available (?): {what} of {count}, such as {such_as}: {why}")
    }));
    lines
}

/// Why there is no figure at all, where one reason holds for all of them.
fn why_nothing(loss: &Loss) -> Option<&str> {
    let why = made(&loss.records).err()?;
    let others = [made(&loss.bytes), made(&loss.span), made(&loss.unread)];
    others.iter().all(|other| *other == Err(why)).then_some(why)
}

/// How a figure was made, or why there is none.
fn made<T>(estimate: &Estimate<T>) -> Result<&str, &str> {
    match estimate {
        Estimate::About { how, .. } => Ok(how),
        Estimate::NotAvailable(why) => Err(why),
    }
}

fn size(size: Option<&TopicSize>) -> [String; 2] {
    let unknown = || "?".to_owned();
    let replication = |size: &TopicSize| {
        size.replication.map_or_else(|| "uneven".to_owned(), |replication| replication.to_string())
    };
    [
        size.map_or_else(unknown, |size| thousands_of(i64::from(size.partitions))),
        size.map_or_else(unknown, replication),
    ]
}

fn row(topic: &str, loss: &Loss) -> Vec<String> {
    let unknown = || "?".to_owned();
    let unread = loss.unread.value().map(|groups| {
        let named: Vec<String> =
            groups.iter().map(|(group, records)| format!("{group} ({})", thousands_of(*records))).collect();
        some_of(named.iter(), GROUPS)
    });
    vec![
        topic.to_owned(),
        loss.records.value().map_or_else(unknown, |records| thousands_of(*records)),
        loss.bytes.value().map_or_else(unknown, |bytes| exact_bytes(*bytes)),
        loss.span.value().map_or_else(unknown, |span| time(span.from_ms)),
        loss.span.value().map_or_else(unknown, |span| time(span.to_ms)),
        unread.unwrap_or_else(unknown),
    ]
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
    fn topics_of_which_nothing_is_told_are_told_of_in_a_line() {
        fn none<T>() -> Estimate<T> {
            Estimate::NotAvailable("no cluster was asked".to_owned())
        }
        let loss =
            Loss { records: none(), bytes: none(), span: none(), last_write_ms: none(), unread: none() };
        let some =
            Loss { records: Estimate::About { value: 0, how: "by offsets".to_owned() }, ..loss.clone() };
        insta::assert_snapshot!(table(&[("a", &loss), ("b", &loss), ("c", &some)], &BTreeMap::new()).join("\n"), @r"
        estimate: no record goes of 1 topic
        no estimate of what goes of 2 topics, such as a: no cluster was asked
        ");
    }

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
}
