//! What the faults have decided about one request.

use crate::faults::Refusal;
use std::collections::{BTreeMap, BTreeSet};

/// One request, for as long as it is being answered: a fault counts it once, whatever it consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Occasion {
    pub(super) api: i16,
    pub(super) node: i32,
    /// For each fault that has been asked about this request, by its number: whether it goes off.
    pub(super) decided: BTreeMap<u64, bool>,
    /// The faults whose resource the request names.
    pub(super) named: BTreeSet<u64>,
    /// The refusal of every item, of a request whose API has no code for the whole of it.
    pub(crate) refused: Option<Refusal>,
}

impl Occasion {
    /// A request of this API, at this broker, has arrived.
    pub(crate) fn new(api: i16, node: i32) -> Occasion {
        Occasion { api, node, ..Occasion::default() }
    }
}
