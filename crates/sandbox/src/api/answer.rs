//! What a handler says to a request.

use tokio::time::Instant;

/// The answer to a request, or the wish to be asked again.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// This is the answer.
    Ready(T),
    /// There is none yet: ask again, with the same call, when the state has changed or at this moment.
    Wait {
        /// When the handler will answer whatever the state.
        until: Instant,
    },
    /// The client wants no answer (Produce with `acks=0`).
    Silent,
    /// The client wants no answer and would not learn that it was refused: its connection is closed.
    Close,
}

impl<T> From<T> for Answer<T> {
    fn from(response: T) -> Answer<T> {
        Answer::Ready(response)
    }
}
