//! Tests of the client against small fake servers on 127.0.0.1.

mod calling;
mod connecting;
pub(super) mod fake;
mod logging_in;
mod looking_at_groups;
