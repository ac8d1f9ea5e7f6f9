//! Producers' ids, and the transactions of those that have a transactional id.

/// What the coordinators of transactions know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transactions {
    next_producer_id: i64,
}

impl Transactions {
    /// An id that no producer has had.
    pub(crate) fn new_producer_id(&mut self) -> i64 {
        let id = self.next_producer_id;
        self.next_producer_id += 1;
        id
    }
}
