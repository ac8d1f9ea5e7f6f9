use super::InvalidDocument;
use jiff::Timestamp;
use klerk_core::plan::{Estimate, Loss, Span};
use serde::{Deserialize, Serialize};

/// The records that become deletable. Every figure is an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossV1 {
    /// How many records.
    pub records: EstimateV1<i64>,
    /// How many bytes of one replica.
    pub bytes: EstimateV1<i64>,
    /// From when to when they are.
    pub span: EstimateV1<SpanV1>,
    /// When the topic was last written to.
    pub last_write: EstimateV1<String>,
    /// The groups that have not read all of what goes.
    pub unread: EstimateV1<Vec<UnreadV1>>,
}

/// A figure that was made up from what could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateV1<T> {
    /// The figure; null when it is not available, and where there is nothing that it could tell of.
    pub value: Option<T>,
    /// How it was made; null when it is not available.
    pub how: Option<String>,
    /// Why it is not available.
    pub not_available: Option<String>,
}

/// Times of records, RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanV1 {
    /// The first record's.
    pub from: String,
    /// The last record's.
    pub to: String,
}

/// A group that has not read all of what goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadV1 {
    /// The group.
    pub group: String,
    /// How many of these records it has not read.
    pub records: i64,
}

impl From<&Loss> for LossV1 {
    fn from(loss: &Loss) -> Self {
        let span = |span: &Span| SpanV1 { from: time(span.from_ms), to: time(span.to_ms) };
        let unread = |(group, records): (&String, &i64)| UnreadV1 { group: group.clone(), records: *records };
        LossV1 {
            records: EstimateV1::of(&loss.records, |records| Some(*records)),
            bytes: EstimateV1::of(&loss.bytes, |bytes| Some(*bytes)),
            span: EstimateV1::of(&loss.span, |times| Some(span(times))),
            last_write: EstimateV1::of(&loss.last_write_ms, |at| at.map(time)),
            unread: EstimateV1::of(&loss.unread, |groups| Some(groups.iter().map(unread).collect())),
        }
    }
}

impl LossV1 {
    pub(super) fn to_core(&self) -> Result<Loss, InvalidDocument> {
        let span =
            |times: &SpanV1| Ok(Span { from_ms: read_time(&times.from)?, to_ms: read_time(&times.to)? });
        let unread = |groups: &Vec<UnreadV1>| {
            Ok(groups.iter().map(|unread| (unread.group.clone(), unread.records)).collect())
        };
        Ok(Loss {
            records: self.records.to_core(|records| Ok(*records))?,
            bytes: self.bytes.to_core(|bytes| Ok(*bytes))?,
            span: self.span.to_core(span)?,
            last_write_ms: match (&self.last_write.value, &self.last_write.how) {
                (None, Some(how)) => Estimate::About { value: None, how: how.clone() },
                _ => self.last_write.to_core(|at| read_time(at).map(Some))?,
            },
            unread: self.unread.to_core(unread)?,
        })
    }
}

impl<T> EstimateV1<T> {
    pub(super) fn of<C>(estimate: &Estimate<C>, value: impl FnOnce(&C) -> Option<T>) -> Self {
        match estimate {
            Estimate::About { value: about, how } => {
                EstimateV1 { value: value(about), how: Some(how.clone()), not_available: None }
            }
            Estimate::NotAvailable(why) => {
                EstimateV1 { value: None, how: None, not_available: Some(why.clone()) }
            }
        }
    }

    pub(super) fn to_core<C>(
        &self,
        value: impl FnOnce(&T) -> Result<C, InvalidDocument>,
    ) -> Result<Estimate<C>, InvalidDocument> {
        Ok(match &self.value {
            Some(about) => {
                Estimate::About { value: value(about)?, how: self.how.clone().unwrap_or_default() }
            }
            None => Estimate::NotAvailable(self.not_available.clone().unwrap_or_default()),
        })
    }
}

/// A record's time. One that no calendar has is shown as the nearest that it has.
pub(super) fn time(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn read_time(text: &str) -> Result<i64, InvalidDocument> {
    let at: Timestamp =
        text.parse().map_err(|_| InvalidDocument::Word { field: "time", found: text.to_owned() })?;
    Ok(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_written_and_read_back() {
        let about = |value: i64| Estimate::About { value, how: "by offsets".to_owned() };
        let mut loss = Loss {
            records: about(12),
            bytes: Estimate::NotAvailable("not allowed".to_owned()),
            span: Estimate::About {
                value: Span { from_ms: 0, to_ms: 1_795_000_000_123 },
                how: "by times".to_owned(),
            },
            last_write_ms: Estimate::About { value: None, how: "by times".to_owned() },
            unread: Estimate::About { value: [("g".to_owned(), 3)].into(), how: "by commits".to_owned() },
        };
        assert_eq!(LossV1::from(&loss).to_core().unwrap(), loss);
        loss.last_write_ms = Estimate::About { value: Some(5), how: "by times".to_owned() };
        assert_eq!(LossV1::from(&loss).to_core().unwrap(), loss);
        let written = serde_json::to_value(LossV1::from(&loss)).unwrap();
        assert_eq!(written["span"]["value"]["from"], "1970-01-01T00:00:00.000Z");
        assert_eq!(written["bytes"]["not_available"], "not allowed");
    }
}
