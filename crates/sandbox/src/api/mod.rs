//! One file an API family: a request and the state give an answer.

mod answer;
mod call;
mod fetch;
mod groups;
mod harmed;
mod list_offsets;
mod located;
mod metadata;
mod offered;
mod produce;
mod producer_ids;
mod topics;
mod trial;

pub(crate) use answer::Answer;
pub(crate) use call::Call;
pub(crate) use harmed::Harmed;
pub(crate) use offered::answer;
pub(crate) use trial::Trial;
