//! The state as the connections share it.

use crate::state::State;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// The state, and a bell that rings when it changes.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

impl Shared {
    pub(crate) fn new(state: State) -> Shared {
        Shared { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Acts on the state; whoever waits is woken when it changed.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let before = state.revision();
        let done = act(&mut state);
        let changed = state.revision() != before;
        drop(state);
        if changed {
            self.changed.notify_waiters();
        }
        done
    }

    /// Resolves at the next change after it was enabled.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    // A handler that panicked in a test must not turn every later answer into a panic of its own.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
