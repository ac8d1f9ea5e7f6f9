//! In which leader's epoch an offset was written.

/// The leader epochs of a log, each with the offset at which it began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Epochs {
    began: Vec<(i32, i64)>,
}

impl Epochs {
    /// Notes that an epoch begins at this offset, unless it has begun already.
    pub(crate) fn begin(&mut self, epoch: i32, at: i64) {
        if self.latest().is_none_or(|latest| epoch > latest) {
            self.began.push((epoch, at));
        }
    }

    /// The newest epoch.
    pub fn latest(&self) -> Option<i32> {
        self.began.last().map(|(epoch, _)| *epoch)
    }

    /// The epoch in which an offset was written.
    pub fn at(&self, offset: i64) -> Option<i32> {
        self.began.iter().rev().find(|(_, start)| *start <= offset).map(|(epoch, _)| *epoch)
    }

    /// The greatest epoch that is no newer than the one asked for, and the offset at which the next one began: `end`
    /// for the newest. `None` for an epoch that the log does not know (KIP-101, KIP-279).
    pub fn end_of(&self, asked: i32, end: i64) -> Option<(i32, i64)> {
        let latest = self.latest().filter(|_| asked >= 0)?;
        if asked == latest {
            return Some((latest, end));
        }
        if asked > latest {
            return None;
        }
        let next = self.began.iter().position(|(epoch, _)| *epoch > asked)?;
        let (_, until) = self.began.get(next)?;
        let epoch =
            next.checked_sub(1).and_then(|place| self.began.get(place)).map_or(asked, |(epoch, _)| *epoch);
        Some((epoch, *until))
    }

    /// Forgets the epochs that ended before the log's start.
    pub(crate) fn drop_before(&mut self, start: i64) {
        let ended = self.began.iter().skip(1).take_while(|(_, next)| *next <= start).count();
        self.began.drain(..ended);
        if let Some((_, began)) = self.began.first_mut() {
            *began = (*began).max(start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_where_the_next_one_began() {
        let mut epochs = Epochs::default();
        for (epoch, at) in [(0, 0), (2, 10), (5, 30)] {
            epochs.begin(epoch, at);
        }
        epochs.begin(4, 90);
        let ends = [-1, 0, 1, 2, 3, 5, 6].map(|asked| epochs.end_of(asked, 40));
        assert_eq!(
            ends,
            [None, Some((0, 10)), Some((0, 10)), Some((2, 30)), Some((2, 30)), Some((5, 40)), None]
        );
        assert_eq!([0, 9, 10, 29, 30].map(|offset| epochs.at(offset)), [0, 0, 2, 2, 5].map(Some));
    }

    #[test]
    fn what_ended_before_the_start_is_forgotten() {
        let mut epochs = Epochs::default();
        for (epoch, at) in [(0, 0), (1, 10), (2, 20)] {
            epochs.begin(epoch, at);
        }
        epochs.drop_before(15);
        assert_eq!((epochs.at(14), epochs.at(15), epochs.end_of(0, 40)), (None, Some(1), Some((0, 15))));
    }
}
