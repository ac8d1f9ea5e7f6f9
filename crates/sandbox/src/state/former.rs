//! Topics as they were before a change, for answers that lag behind.

use crate::faults::Harm;
use crate::state::{State, Topic};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The topics before a change, and when it was made.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    topics: Arc<BTreeMap<String, Topic>>,
    /// By the cluster's clock, in milliseconds since 1970.
    changed_ms: i64,
}

impl Former {
    /// Whether this is still what may be seen, for a lag of this long; without a time it always is.
    /// `now` is in milliseconds since 1970.
    pub(crate) fn holds(&self, time: Option<Duration>, now: i64) -> bool {
        let elapsed = u128::try_from(now - self.changed_ms).unwrap_or_default();
        time.is_none_or(|time| elapsed < time.as_millis())
    }

    /// Lets a reader see the state as it was.
    pub(crate) fn shown<T>(&self, state: &mut State, read: impl FnOnce(&mut State) -> T) -> T {
        let present = std::mem::replace(&mut state.topics, (*self.topics).clone());
        let answer = read(state);
        state.topics = present;
        answer
    }
}

impl State {
    /// Makes a change; what was before is kept while there are faults that show it, and only the oldest.
    pub(crate) fn remembering<T>(&mut self, change: impl FnOnce(&mut State) -> T) -> T {
        let lags = self.faults.armed().any(|fault| matches!(fault.harm, Harm::Stale(_)));
        if !lags || self.former.is_some() {
            return change(self);
        }
        let (before, revision) = (self.topics.clone(), self.revision());
        let done = change(self);
        if self.revision() != revision {
            self.former = Some(Former { topics: Arc::new(before), changed_ms: self.clock.now_ms() });
        }
        done
    }

    /// Forgets what was before once no fault shows it any more.
    pub(crate) fn forget_former(&mut self) {
        let Some(former) = &self.former else { return };
        let now = self.clock.now_ms();
        let shown = |harm: &Harm| matches!(harm, Harm::Stale(time) if former.holds(*time, now));
        if !self.faults.armed().any(|fault| shown(&fault.harm)) {
            self.former = None;
        }
    }
}
