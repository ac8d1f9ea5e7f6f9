//! What every request about a group goes through first: faults, the right broker, and the time that has passed.

use crate::api::Call;
use crate::state::State;
use crate::state::groups::CoordinatorOf;
use kafka_protocol::error::ResponseError;
use std::time::Duration;
use tokio::time::Instant;

/// No handler sleeps longer than this before it looks again.
const LONGEST_WAIT_MS: u64 = 3_600_000;

/// The code with which a request about this group is turned away; else the group is up to date.
pub(super) fn turned_away(state: &mut State, call: &Call, group: &str) -> Option<i16> {
    if let Some((code, _)) = state.faults.refusal(call.key, group) {
        return Some(code);
    }
    if let Err(error) = state.must_coordinate(CoordinatorOf::Group, group, call.node) {
        return Some(error.code());
    }
    make_good(state, group);
    None
}

/// As [`turned_away`], for requests of members: their group must have a name.
pub(super) fn member_turned_away(state: &mut State, call: &Call, group: &str) -> Option<i16> {
    if group.is_empty() {
        return Some(ResponseError::InvalidGroupId.code());
    }
    turned_away(state, call, group)
}

/// Makes good the time that has passed, and wakes whoever waits for what comes of it.
pub(super) fn make_good(state: &mut State, group: &str) {
    let now = state.clock.now_ms();
    if state.groups.expire(group, now) {
        state.touch();
    }
}

/// A moment of the cluster's clock on the clock that the listeners wait by.
pub(super) fn instant(state: &State, until_ms: i64) -> Instant {
    let left = u64::try_from(until_ms.saturating_sub(state.clock.now_ms())).unwrap_or_default();
    Instant::now() + Duration::from_millis(left.min(LONGEST_WAIT_MS))
}
