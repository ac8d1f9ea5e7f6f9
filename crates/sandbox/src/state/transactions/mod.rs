//! Producers' ids, and the transactions of those that have a transactional id (KIP-98, KIP-890).

mod ending;
mod ledger;
mod transaction;

pub use ledger::Transactions;
pub use transaction::{Producer, Transaction, TransactionState};
