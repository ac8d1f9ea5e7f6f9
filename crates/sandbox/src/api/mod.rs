//! One file an API family: a request and the state give an answer.

mod answer;
mod call;
mod metadata;
mod offered;
mod topics;

pub(crate) use answer::Answer;
pub(crate) use call::Call;
pub(crate) use offered::answer;
