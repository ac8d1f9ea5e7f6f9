//! What shall go wrong, and when.
//!
//! A test arms a [`Fault`] for an API and, where it wants, for one resource; it goes off once, some times or always.
//! Faults of a connection (late, closed, silent, throttled) are carried out by `server`; refusals by the API's own file,
//! item by item, so that the rest of a request is done as a broker would.

use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Harm {
    /// The request, or the item about the resource, is refused with this Kafka error code and these words.
    Refuse {
        /// The code.
        code: i16,
        /// The words; some APIs have no field for them.
        message: Option<String>,
    },
    /// The request is carried out, and the answer leaves this much later.
    Late(Duration),
    /// The connection closes and nothing was done.
    CloseBefore,
    /// The request is carried out, and the connection closes without an answer.
    CloseAfter,
    /// Nothing is done and nothing is ever answered; the connection stays open.
    Silence,
}

/// How often a fault goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many times from now on.
    Next(u32),
    /// Until it is disarmed.
    Always,
}

/// A fault that has been armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The API's key.
    pub api: i16,
    /// The topic, group or other resource that it is about, by name; every one when it is not given.
    pub resource: Option<String>,
    /// What goes wrong.
    pub harm: Harm,
    /// How often.
    pub times: Times,
}

/// All faults that are armed, in the order in which they were.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    armed: Vec<Fault>,
}

impl Faults {
    /// Arms a fault.
    pub fn arm(&mut self, fault: Fault) {
        self.armed.push(fault);
    }

    /// Takes all faults back.
    pub fn disarm_all(&mut self) {
        self.armed.clear();
    }

    /// The refusal for an item of a request, which counts as having gone off: code and words.
    pub fn refusal(&mut self, api: i16, resource: &str) -> Option<(i16, Option<String>)> {
        let found = self.take(|fault| {
            fault.api == api
                && matches!(fault.harm, Harm::Refuse { .. })
                && fault.resource.as_deref().is_none_or(|name| name == resource)
        })?;
        match found {
            Harm::Refuse { code, message } => Some((code, message)),
            _ => None,
        }
    }

    /// What happens to a connection on which a request of this API has come, which counts as having gone off.
    pub(crate) fn of_connection(&mut self, api: i16) -> Option<Harm> {
        self.take(|fault| fault.api == api && !matches!(fault.harm, Harm::Refuse { .. }))
    }

    fn take(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Harm> {
        let place = self.armed.iter().position(fits)?;
        let fault = self.armed.get_mut(place)?;
        let harm = fault.harm.clone();
        if let Times::Next(left) = &mut fault.times {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.armed.remove(place);
            }
        }
        Some(harm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(resource: Option<&str>, times: Times) -> Fault {
        let harm = Harm::Refuse { code: 7, message: None };
        Fault { api: 19, resource: resource.map(str::to_owned), harm, times }
    }

    #[test]
    fn a_fault_goes_off_as_often_as_it_was_armed_for() {
        let mut faults = Faults::default();
        faults.arm(refusal(None, Times::Next(2)));
        assert_eq!(faults.refusal(19, "a"), Some((7, None)));
        assert_eq!(faults.refusal(19, "b"), Some((7, None)));
        assert_eq!(faults.refusal(19, "c"), None);
        faults.arm(refusal(None, Times::Always));
        assert!((0..5).all(|_| faults.refusal(19, "a").is_some()));
        faults.disarm_all();
        assert_eq!(faults.refusal(19, "a"), None);
    }

    #[test]
    fn a_fault_spares_other_resources_and_other_apis() {
        let mut faults = Faults::default();
        faults.arm(refusal(Some("a"), Times::Always));
        assert_eq!((faults.refusal(19, "b"), faults.refusal(37, "a")), (None, None));
        assert_eq!(faults.refusal(19, "a"), Some((7, None)));
        assert_eq!(faults.of_connection(19), None);
    }
}
