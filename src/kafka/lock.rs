use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks plain data that is never left half changed, so that a panic elsewhere does not matter to it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
