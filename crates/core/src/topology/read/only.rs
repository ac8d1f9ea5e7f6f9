//! Whether and where something exists: `only` and `state`.

use super::super::Code;
use super::super::draft::{Only, State};
use super::super::place::{At, Complaints};
use super::super::yaml::{Node, Value};
use super::scalars;

/// Reads the names of the environments that something exists in.
pub(super) fn only(node: &Node, complaints: &mut Complaints<'_>) -> Option<Only> {
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        complaints
            .say(Code::EmptyValue, node.spot, "'only' names no environment, so this would exist nowhere")
            .fix("name the environments, or leave the key out");
        return None;
    }
    let names = scalars::texts(node, "only", complaints);
    (!names.is_empty()).then(|| At::new(names, node.spot))
}

/// Reads `absent` or `present`.
pub(super) fn state(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<State>> {
    let words = [("absent", State::Absent), ("present", State::Present)];
    scalars::word(node, "state", &words, complaints)
}
