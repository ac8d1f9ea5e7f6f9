//! What the subcommands have in common: groups that were named and are not there, and states by name.

use crate::error::Error;
use crate::kafka::LagSeen;
use klerk_core::values::{Known, Resource, closest};
use klerk_core::world::GroupState;

/// Refuses names of groups that do not exist, with those that were probably meant.
pub(super) fn all_exist(named: &[String], seen: &LagSeen) -> Result<(), Error> {
    let view = &seen.groups;
    let is_absent = |name: &&String| matches!(view.groups.get(*name), Some(Known::Absent) | None);
    let mut absent = named.iter().filter(is_absent);
    let Some(first) = absent.next() else { return Ok(()) };
    let mut hints = Vec::new();
    for name in std::iter::once(first).chain(absent) {
        if name != first {
            hints.push(format!("group {name} does not exist either"));
        }
        if let Some(similar) = similar(name, seen) {
            hints.push(format!("did you mean {similar}?"));
        }
    }
    hints.push("`klerk group list` shows what there is".to_owned());
    Err(Error::NotFound { resource: Resource::group(first), hints })
}

fn similar<'a>(name: &str, seen: &'a LagSeen) -> Option<&'a str> {
    let asked = seen.groups.groups.iter().filter(|(_, group)| group.known().is_some()).map(|(name, _)| name);
    closest(name, asked.chain(&seen.others).map(String::as_str))
}

/// Whether a state is the one that was asked for, in Kafka's spelling (`PreparingRebalance`) or klerk's
/// (`preparing-rebalance`).
pub(super) fn is_state(state: Option<&GroupState>, wanted: &str) -> bool {
    let plain = |word: &str| word.replace('-', "").to_lowercase();
    state.is_some_and(|state| plain(&state.to_string()) == plain(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_taken_in_both_spellings() {
        let state = GroupState::PreparingRebalance;
        for word in ["PreparingRebalance", "preparing-rebalance", "preparingrebalance"] {
            assert!(is_state(Some(&state), word), "{word}");
        }
        assert!(!is_state(Some(&state), "empty"));
        assert!(!is_state(None, "empty"));
    }
}
