//! `at_most`: limits to numbers that weaker layers say. A cap makes a number smaller or leaves it; it adds none.

use super::Code;
use super::draft::{Layer, Wish};
use super::place::{At, Complaints, Spot};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The caps of an environment by key: `partitions`, `replication`, and configs by their own names.
#[derive(Debug, Clone, Default)]
pub(super) struct Caps(BTreeMap<String, At<Cap>>);

/// One cap: a number as it is sent to Kafka, where −1 is without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cap(String);

impl Cap {
    /// Takes a text of which [`Cap::can_be`] holds.
    pub fn new(text: String) -> Self {
        Cap(text)
    }

    /// Whether a text is a number, and so can be a cap.
    pub fn can_be(text: &str) -> bool {
        compare(text, text).is_some()
    }
}

impl Caps {
    /// Adds a cap. A map of YAML has no key twice.
    pub fn add(&mut self, key: &str, cap: At<Cap>) {
        self.0.insert(key.to_owned(), cap);
    }

    /// Where each cap stands.
    pub fn spots(&self) -> impl Iterator<Item = Spot> {
        self.0.values().map(|cap| cap.spot)
    }

    /// Lays stronger caps over these, key by key: the nearer one counts, not the smaller one.
    pub fn lay(&mut self, stronger: &Caps) {
        self.0.extend(stronger.0.iter().map(|(key, cap)| (key.clone(), cap.clone())));
    }

    /// Makes what a topic's layers come to no larger than the caps. What is not there stays away.
    pub fn apply(&self, layer: &mut Layer, complaints: &mut Complaints<'_>) {
        for (key, cap) in &self.0 {
            match key.as_str() {
                "partitions" => apply_to_count(&mut layer.partitions, cap),
                "replication" => apply_to_count(&mut layer.replication, cap),
                _ => apply_to_config(key, layer, cap, complaints),
            }
        }
    }
}

fn apply_to_count<T: Copy + Ord + std::str::FromStr>(value: &mut Option<At<Wish<T>>>, cap: &At<Cap>) {
    let Some(At { value: Wish::Set(number), .. }) = value else { return };
    if let Ok(most) = cap.value.0.parse::<T>()
        && most < *number
    {
        *value = Some(At::new(Wish::Set(most), cap.spot));
    }
}

fn apply_to_config(key: &str, layer: &mut Layer, cap: &At<Cap>, complaints: &mut Complaints<'_>) {
    let Some(At { value: Wish::Set(text), spot }) = layer.configs.get(key) else { return };
    match compare(&cap.value.0, text) {
        Some(Ordering::Less) => {
            let capped = At::new(Wish::Set(cap.value.0.clone()), cap.spot);
            layer.configs.insert(key.to_owned(), capped);
        }
        Some(_) => {}
        None => {
            let message = format!("'{key}' has a cap, so its value has to be a number, and '{text}' is none");
            complaints.say(Code::BadValue, *spot, message).see(cap.spot, "the cap");
        }
    }
}

/// Compares two numbers, of which −1 is more than any other.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim(), b.trim());
    match (a == "-1", b == "-1") {
        (true, true) => return Some(Ordering::Equal),
        (true, false) => return number(b).map(|_| Ordering::Greater),
        (false, true) => return number(a).map(|_| Ordering::Less),
        (false, false) => {}
    }
    match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_end_is_more_than_any_number() {
        assert_eq!(compare("-1", "9223372036854775807"), Some(Ordering::Greater));
        assert_eq!(compare("604800000", "-1"), Some(Ordering::Less));
        assert_eq!(compare("-1", "-1"), Some(Ordering::Equal));
        assert_eq!(compare("0.1", "0.5"), Some(Ordering::Less));
        assert_eq!(compare("9007199254740993", "9007199254740992"), Some(Ordering::Greater));
        assert!(!Cap::can_be("compact") && !Cap::can_be("NaN") && compare("-1", "lz4").is_none());
    }
}
