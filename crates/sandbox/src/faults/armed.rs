//! All faults that are armed, and the decision which of them go off.

use crate::faults::{Fault, Harm, Occasion, Times};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

const THROTTLING_QUOTA_EXCEEDED: i16 = 89;

/// A code and the words to it.
pub(crate) type Refusal = (i16, Option<String>);

/// All faults that are armed, in the order in which they were.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    armed: Vec<(u64, Fault)>,
    numbers: u64,
    /// How often each fault has gone off, by its number.
    gone_off: BTreeMap<u64, u32>,
    /// The request that is being answered; there is none when a test calls a handler by itself.
    current: Option<Occasion>,
    /// Tells the answers that are held back when all faults are taken back.
    taken_back: watch::Sender<()>,
}

/// What happens to an item of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays as it is.
    Kept,
    /// It is left out.
    Omitted,
    /// It gets this code, and these words where there is a field for them.
    Coded(Refusal),
}

impl Faults {
    /// Arms a fault.
    pub fn arm(&mut self, fault: Fault) {
        self.armed.push((self.numbers, fault));
        self.numbers += 1;
    }

    /// Takes all faults back. Answers that one of them holds back leave now.
    pub fn disarm_all(&mut self) {
        self.armed.clear();
        self.gone_off.clear();
        self.taken_back.send_replace(());
    }

    /// Resolves once all faults are taken back, counted from now.
    pub(crate) fn taken_back(&self) -> watch::Receiver<()> {
        self.taken_back.subscribe()
    }

    /// Every fault in the order in which they were armed, also those that can go off no more, and how many requests it
    /// has gone off for. What ApiVersions says of an API (absent, cap) is not counted.
    pub fn all(&self) -> impl Iterator<Item = (&Fault, u32)> {
        let gone_off = |number| self.gone_off.get(number).copied().unwrap_or_default();
        self.armed.iter().map(move |(number, fault)| (fault, gone_off(number)))
    }

    /// The faults that can still go off.
    pub fn armed(&self) -> impl Iterator<Item = &Fault> {
        self.armed.iter().map(|(_, fault)| fault).filter(|fault| fault.times != Times::Next(0))
    }

    /// The refusal for an item of a request, which counts as having gone off: code and words.
    ///
    /// A handler asks before it changes the resource. What only reads need not ask.
    pub fn refusal(&mut self, api: i16, resource: &str) -> Option<(i16, Option<String>)> {
        self.refusal_of(api, resource, None)
    }

    /// As [`Faults::refusal`], for a partition of a topic.
    pub fn refusal_of_partition(
        &mut self,
        api: i16,
        topic: &str,
        index: i32,
    ) -> Option<(i16, Option<String>)> {
        self.refusal_of(api, topic, Some(index))
    }

    fn refusal_of(&mut self, api: i16, name: &str, partition: Option<i32>) -> Option<Refusal> {
        let current = self.current.take();
        let answering = current.is_some();
        let mut occasion = current.unwrap_or_else(|| Occasion::new(api, 0));
        let refusal = self.first(&mut occasion, name, partition, |harm| match harm {
            Harm::Refuse { code, message } => Some((*code, message.clone())),
            Harm::Quota(_) => Some((THROTTLING_QUOTA_EXCEEDED, None)),
            Harm::Deny => Some((denied(api), None)),
            _ => None,
        });
        let refusal = refusal.or_else(|| occasion.refused.clone());
        if answering {
            self.current = Some(occasion);
        }
        refusal
    }

    /// Whether something may not be done, for an answer that tells rights and has no code for them.
    pub(crate) fn denies(&mut self, name: &str) -> bool {
        let Some(mut occasion) = self.current.take() else { return false };
        let denied = self.first(&mut occasion, name, None, |harm| matches!(harm, Harm::Deny).then_some(()));
        self.current = Some(occasion);
        denied.is_some()
    }

    /// The refusal of everything at once, for an answer that has no code for one item of it.
    pub(crate) fn refusal_of_all(&mut self, occasion: &mut Occasion) -> Option<Refusal> {
        self.first(occasion, "", None, |harm| match harm {
            Harm::Refuse { code, message } => Some((*code, message.clone())),
            _ => None,
        })
    }

    /// What becomes of an item of an answer.
    pub(crate) fn fate(
        &mut self,
        occasion: &mut Occasion,
        name: &str,
        partition: Option<i32>,
        reads: bool,
    ) -> Fate {
        let denied = denied(occasion.api);
        let numbers = occasion.named.clone();
        let found = self.first_numbered(occasion, name, partition, |number, harm| match harm {
            Harm::Omit => Some(Fate::Omitted),
            Harm::Answer { code, message } => Some(Fate::Coded((*code, message.clone()))),
            Harm::Deny if numbers.contains(&number) => Some(Fate::Coded((denied, None))),
            Harm::Deny => Some(Fate::Omitted),
            // A handler that changes nothing has nothing to refuse beforehand.
            Harm::Refuse { code, message } if reads => Some(Fate::Coded((*code, message.clone()))),
            Harm::Quota(_) if reads => Some(Fate::Coded((THROTTLING_QUOTA_EXCEEDED, None))),
            _ => None,
        });
        let refused = || occasion.refused.clone().filter(|_| reads).map(Fate::Coded);
        found.or_else(refused).unwrap_or(Fate::Kept)
    }

    /// Decides on what concerns a whole request, when it arrives. `names` tells whether it names a resource.
    pub(crate) fn arrive(
        &mut self,
        occasion: &mut Occasion,
        lags: impl Fn(&Option<Duration>) -> bool,
        names: impl Fn(&str) -> bool,
    ) -> Vec<Fault> {
        let mut gone_off = Vec::new();
        for place in 0..self.armed.len() {
            let Some((number, fault)) = self.armed.get(place).cloned() else { continue };
            if !fault.is_for(occasion.api, occasion.node) || fault.harm.is_of_versions() {
                continue;
            }
            if let Some(resource) = &fault.resource {
                // A partition is not named in one piece, so its topic will do; items decide on their own again.
                let topic = resource.rsplit_once('-').map(|(topic, _)| topic);
                if names(resource) || topic.is_some_and(&names) {
                    occasion.named.insert(number);
                } else {
                    continue;
                }
            }
            let of_requests = match &fault.harm {
                Harm::Stale(time) => lags(time),
                harm => !harm.is_of_items(),
            };
            if of_requests && self.goes_off(occasion, place) {
                gone_off.push(fault);
            }
        }
        gone_off
    }

    /// From now on refusals are about this request.
    pub(crate) fn enter(&mut self, occasion: Occasion) {
        self.current = Some(occasion);
    }

    /// The request that [`Faults::enter`] began, with what has been decided since.
    pub(crate) fn leave(&mut self) -> Option<Occasion> {
        self.current.take()
    }

    /// The longest time that an answer to this request asks its client to wait.
    pub(crate) fn throttle(&self, occasion: &Occasion) -> Option<Duration> {
        let gone_off = self.armed.iter().filter(|(number, _)| occasion.decided.get(number) == Some(&true));
        let waits = gone_off.filter_map(|(_, fault)| match fault.harm {
            Harm::Throttle(wait) | Harm::Quota(wait) => Some(wait),
            _ => None,
        });
        waits.max()
    }

    /// The newest version of an API that this broker offers, where a fault caps it; −1 when it is not offered at all.
    pub(crate) fn cap(&self, api: i16, node: i32) -> Option<i16> {
        let caps =
            self.armed().filter(|fault| fault.is_for(api, node)).filter_map(|fault| match fault.harm {
                Harm::Absent => Some(-1),
                Harm::Cap(version) => Some(version),
                _ => None,
            });
        caps.min()
    }

    fn first<T>(
        &mut self,
        occasion: &mut Occasion,
        name: &str,
        partition: Option<i32>,
        what: impl Fn(&Harm) -> Option<T>,
    ) -> Option<T> {
        self.first_numbered(occasion, name, partition, |_, harm| what(harm))
    }

    /// The first fault of those wanted that hits an item and goes off.
    fn first_numbered<T>(
        &mut self,
        occasion: &mut Occasion,
        name: &str,
        partition: Option<i32>,
        what: impl Fn(u64, &Harm) -> Option<T>,
    ) -> Option<T> {
        for place in 0..self.armed.len() {
            let (number, fault) = self.armed.get(place)?;
            if !fault.is_for(occasion.api, occasion.node) || !fault.hits(name, partition) {
                continue;
            }
            if let Some(found) = what(*number, &fault.harm)
                && self.goes_off(occasion, place)
            {
                return Some(found);
            }
        }
        None
    }

    /// Whether a fault goes off for a request, which is counted when it is first asked.
    fn goes_off(&mut self, occasion: &mut Occasion, place: usize) -> bool {
        let Some((number, fault)) = self.armed.get_mut(place) else { return false };
        let gone_off = &mut self.gone_off;
        *occasion.decided.entry(*number).or_insert_with(|| {
            if fault.after > 0 {
                fault.after -= 1;
                return false;
            }
            let goes_off = match &mut fault.times {
                Times::Always => true,
                Times::Next(0) => false,
                Times::Next(left) => {
                    *left -= 1;
                    true
                }
            };
            *gone_off.entry(*number).or_default() += u32::from(goes_off);
            goes_off
        })
    }
}

/// The code with which an API refuses those who may not: for groups 30, for transactions 53, for topics 29, else 31.
fn denied(api: i16) -> i16 {
    match api {
        8..=16 | 42 | 47 | 68 | 69 | 76..=80 | 88..=92 => 30,
        22 | 24..=26 | 28 | 65 | 66 => 53,
        29..=31 | 48..=51 | 55 | 57 | 60 | 64 => 31,
        _ => 29,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_goes_off_as_often_as_it_was_armed_for() {
        let mut faults = Faults::default();
        faults.arm(Fault::refuse(19, 7).times(2));
        assert_eq!(faults.refusal(19, "a"), Some((7, None)));
        assert_eq!(faults.refusal(19, "b"), Some((7, None)));
        assert_eq!(faults.refusal(19, "c"), None);
        faults.arm(Fault::refuse(19, 7));
        assert!((0..5).all(|_| faults.refusal(19, "a").is_some()));
        faults.disarm_all();
        assert_eq!(faults.refusal(19, "a"), None);
    }

    #[test]
    fn a_request_counts_once_whatever_it_consists_of() {
        let mut faults = Faults::default();
        faults.arm(Fault::refuse(19, 7).after(1).once());
        let mut hit = Vec::new();
        for _ in 0..3 {
            faults.enter(Occasion::new(19, 1));
            hit.push((faults.refusal(19, "a").is_some(), faults.refusal(19, "b").is_some()));
            faults.leave();
        }
        assert_eq!(hit, [(false, false), (true, true), (false, false)]);
        faults.arm(Fault::refuse(3, 7));
        let counts: Vec<u32> = faults.all().map(|(_, gone_off)| gone_off).collect();
        assert_eq!(counts, [1, 0], "requests are counted, and not what they consist of");
    }

    #[test]
    fn a_fault_spares_other_resources_apis_and_brokers() {
        let mut faults = Faults::default();
        faults.arm(Fault::refuse(19, 7).on("a").at(2));
        faults.enter(Occasion::new(19, 1));
        assert_eq!(faults.refusal(19, "a"), None);
        faults.enter(Occasion::new(37, 2));
        assert_eq!(faults.refusal(37, "a"), None);
        faults.enter(Occasion::new(19, 2));
        assert_eq!((faults.refusal(19, "b"), faults.refusal(19, "a")), (None, Some((7, None))));
    }

    #[test]
    fn a_partition_is_hit_by_its_own_name_and_by_its_topics() {
        let (one, all) = (Fault::refuse(21, 6).on("a-b-1"), Fault::refuse(21, 6).on("a-b"));
        assert!(one.hits("a-b", Some(1)) && all.hits("a-b", Some(1)));
        assert!(!one.hits("a-b", Some(0)) && !one.hits("a", Some(1)) && !one.hits("a-b", None));
    }

    #[test]
    fn what_may_not_be_seen_is_left_out_of_lists_and_refused_by_name() {
        let mut faults = Faults::default();
        faults.arm(Fault::everywhere(Harm::Deny).on("a"));
        for (api, code) in [(3, 29), (15, 30), (65, 53)] {
            let mut named = Occasion::new(api, 1);
            faults.arrive(&mut named, |_| false, |name| name == "a");
            assert_eq!(faults.fate(&mut named, "a", None, true), Fate::Coded((code, None)));
            let mut listed = Occasion::new(api, 1);
            faults.arrive(&mut listed, |_| false, |_| false);
            assert_eq!(faults.fate(&mut listed, "a", None, true), Fate::Omitted);
            assert_eq!(faults.fate(&mut listed, "b", None, true), Fate::Kept);
        }
    }

    #[test]
    fn the_lowest_cap_holds_and_absent_is_lower_than_any() {
        let mut faults = Faults::default();
        assert_eq!(faults.cap(9, 1), None);
        faults.arm(Fault::new(9, Harm::Cap(8)));
        faults.arm(Fault::new(9, Harm::Cap(5)).at(2));
        assert_eq!((faults.cap(9, 1), faults.cap(9, 2), faults.cap(8, 1)), (Some(8), Some(5), None));
        faults.arm(Fault::new(9, Harm::Absent));
        assert_eq!(faults.cap(9, 1), Some(-1));
    }
}
