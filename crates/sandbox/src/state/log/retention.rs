//! Retention: whole segments go, the oldest first.

use crate::state::log::{Log, Rules, Segment};

impl Log {
    /// Drops the segments that the topic need not keep, and gives their number: those before the log's start, those
    /// beyond `retention.bytes`, and those whose newest record is older than `retention.ms`.
    ///
    /// Nothing goes that is not replicated. The last segment goes too when all of it is too old. Without `delete` in
    /// its `cleanup.policy` a topic loses only what is before the start.
    pub fn retain(&mut self, now_ms: i64, rules: &Rules) -> usize {
        let before = self.segments.len();
        let start = self.start;
        self.drop_while(|_, next| next <= start);
        if rules.delete {
            if let Some(limit) = rules.retention_bytes {
                let mut excess = self.bytes().saturating_sub(limit);
                self.drop_while(|segment, _| {
                    let fits = excess >= segment.bytes && excess > 0;
                    excess = excess.saturating_sub(segment.bytes);
                    fits
                });
            }
            if let Some(limit) = rules.retention_ms {
                self.drop_while(|segment, _| now_ms - segment.newest_ms() > limit);
            }
        }
        before - self.segments.len()
    }

    /// Drops segments from the front while they fit; each is shown with the offset after it.
    fn drop_while(&mut self, mut fits: impl FnMut(&Segment, i64) -> bool) {
        let ends = self.segments.iter().skip(1).map(|next| next.base).chain([self.end()]);
        let replicated = self.high_watermark();
        let going = self
            .segments
            .iter()
            .zip(ends)
            .take_while(|(segment, next)| *next <= replicated && fits(segment, *next));
        let (count, until) = going.fold((0, self.start), |(count, _), (_, next)| (count + 1, next));
        self.segments.drain(..count);
        self.begin_at(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::log::{Appending, Record};
    use bytes::Bytes;

    const T: i64 = 1_700_000_000_000;

    /// A log of segments with one batch each, an hour apart from the next.
    fn hourly(count: i64, rules: &Rules) -> Log {
        let mut log = Log::default();
        for hour in 0..count {
            let at = T + hour * 3_600_000;
            let records = vec![Record::new(at, None, Some(Bytes::from_static(b"v"))); 2];
            let to = Appending { place: "t-0", leader_epoch: 0, now_ms: at, rules };
            log.append_records(&records, &to).expect("appended");
        }
        log.replicated();
        log
    }

    fn rules() -> Rules {
        Rules { segment_ms: 1, ..Rules::default() }
    }

    #[test]
    fn segments_go_by_their_newest_record() {
        let rules = Rules { retention_ms: Some(2 * 3_600_000), ..rules() };
        let mut log = hourly(5, &rules);
        assert_eq!(log.segments().len(), 5);
        assert_eq!(log.retain(T + 4 * 3_600_000, &rules), 2);
        assert_eq!((log.start(), log.end()), (4, 10));
        assert_eq!(log.retain(T + 4 * 3_600_000, &rules), 0);
        assert_eq!(log.retain(T + 90 * 3_600_000, &rules), 3);
        assert_eq!((log.start(), log.end(), log.bytes()), (10, 10, 0));
    }

    #[test]
    fn segments_go_by_size_while_what_is_left_is_no_smaller_than_the_limit() {
        let mut log = hourly(5, &rules());
        let one = log.bytes() / 5;
        let limit = |bytes| Rules { retention_bytes: Some(bytes), retention_ms: None, ..rules() };
        assert_eq!(log.retain(T, &limit(4 * one + 1)), 0);
        assert_eq!(log.retain(T, &limit(3 * one - 1)), 2);
        assert_eq!((log.start(), log.bytes()), (4, 3 * one));
        assert_eq!(log.retain(T, &limit(0)), 3);
    }

    #[test]
    fn without_delete_only_what_was_deleted_by_offset_goes() {
        let rules = Rules { delete: false, compact: true, retention_ms: Some(1), ..rules() };
        let mut log = hourly(3, &Rules { compact: false, ..rules.clone() });
        assert_eq!(log.retain(T + 90 * 3_600_000, &rules), 0);
        log.delete_before(3).expect("within the log");
        assert_eq!(log.retain(T, &rules), 1);
        assert_eq!((log.start(), log.segments().len()), (3, 2));
    }

    #[test]
    fn what_is_not_replicated_stays() {
        let rules = Rules { retention_ms: Some(1), ..rules() };
        let mut log = hourly(2, &rules);
        let at = T + 5 * 3_600_000;
        let to = Appending { place: "t-0", leader_epoch: 0, now_ms: at, rules: &rules };
        log.append_records(&[Record::new(at, None, None)], &to).expect("appended");
        assert_eq!(log.retain(at + 1_000_000, &rules), 2);
        assert_eq!((log.start(), log.high_watermark(), log.end()), (4, 4, 5));
    }
}
