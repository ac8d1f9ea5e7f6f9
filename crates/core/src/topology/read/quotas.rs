use super::super::Code;
use super::super::draft::{QuotaWish, Sections, State, Wish, declare};
use super::super::place::{At, Complaints, Spot};
use super::super::yaml::{Entry, Node, Value};
use super::{keys, only, scalars};
use crate::access::{Amount, ENTITY_KINDS, QUOTA_KEYS, QuotaUnit};
use crate::values::ByteSize;

/// The word for the default of a kind of entity.
const DEFAULT: &str = "default";

/// Reads the section `quotas`: a list, each of whose entries says whom it is for.
pub(super) fn quotas(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    let Value::List(items) = &node.value else {
        complaints
            .say(Code::WrongShape, node.spot, format!("'quotas' is a list of entries, not {}", node.shape()))
            .fix("quotas: [{ user: billing, consume: 10MiB/s }]");
        return;
    };
    for item in items {
        let mut wish = QuotaWish::default();
        let before = complaints.count();
        for entry in keys::entries(item, "an entry of 'quotas'", complaints) {
            key(entry, &mut wish, complaints);
        }
        if complaints.count() > before || !stands(&wish, item.spot, complaints) {
            continue;
        }
        let name = At::new(wish.entity.to_string(), item.spot);
        declare(&mut sections.quotas, name, wish, "the quota of", complaints);
    }
}

fn key(entry: &Entry, wish: &mut QuotaWish, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    let kind = name.replace('_', "-");
    if ENTITY_KINDS.contains(&kind.as_str()) && name != "client-id" {
        if let Some(whom) = whom(node, name, complaints) {
            wish.entity.parts.insert(kind, whom);
        }
        return;
    }
    if let Some((_, key, unit)) = QUOTA_KEYS.iter().find(|(word, ..)| *word == name) {
        let read = |node: &Node, complaints: &mut Complaints<'_>| amount(node, name, *unit, complaints);
        if let Some(wished) = scalars::wish(node, complaints, read) {
            wish.amounts.insert((*key).to_owned(), wished);
        }
        return;
    }
    match name {
        "only" => wish.only = only::only(node, complaints),
        "state" => wish.state = only::state(node, complaints),
        _ => keys::refuse(entry, "an entry of 'quotas'", &[keys::QUOTA_KEYS], &[], complaints),
    }
}

/// A name, `default`, or `{ name: default }` for whoever is really called so.
fn whom(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<Option<String>> {
    if let Value::Map(entries) = &node.value
        && let [entry] = entries.as_slice()
        && entry.key.value == "name"
    {
        return scalars::text(&entry.value, key, complaints).map(|name| Some(name.value));
    }
    let written = scalars::text(node, key, complaints)?;
    Some((written.value != DEFAULT).then_some(written.value))
}

fn amount(node: &Node, key: &str, unit: QuotaUnit, complaints: &mut Complaints<'_>) -> Option<Amount> {
    let written = scalars::text(node, key, complaints)?;
    scalars::refuse_octal(node, key, complaints)?;
    let text = written.value.trim();
    let read = match unit {
        QuotaUnit::BytesPerSecond => {
            let size = text.strip_suffix("/s").unwrap_or(text).trim_end();
            size.parse::<ByteSize>().ok().map(|size| size.0 as f64)
        }
        QuotaUnit::Percent => text.strip_suffix('%').and_then(|number| number.trim_end().parse().ok()),
        QuotaUnit::PerSecond => text.strip_suffix("/s").unwrap_or(text).trim_end().parse().ok(),
    };
    let read = read.filter(|amount: &f64| amount.is_finite() && *amount > 0.0);
    if read.is_none() {
        let (form, such) = match unit {
            QuotaUnit::BytesPerSecond => ("a size a second", "10MiB/s"),
            QuotaUnit::Percent => ("percent of one thread's time", "50%"),
            QuotaUnit::PerSecond => ("a number a second", "20/s"),
        };
        complaints
            .say(
                Code::BadValue,
                written.spot,
                format!("'{key}' takes {form}, more than nothing, not '{text}'"),
            )
            .fix(format!("such as {such}; 'unset' takes a quota away"));
    }
    read.map(Amount)
}

/// Whether the entry says whom it is for, and something that they can be held to.
fn stands(wish: &QuotaWish, spot: Spot, complaints: &mut Complaints<'_>) -> bool {
    let is_absent = wish.state.as_ref().is_some_and(|state| state.value == State::Absent);
    let of_address = wish.entity.parts.contains_key("ip");
    if wish.entity.parts.is_empty() {
        complaints
            .say(Code::EmptyValue, spot, "an entry of 'quotas' does not say whom it is for")
            .fix("name a user, a client_id, both, or an ip; default is for all others");
        return false;
    }
    if of_address && wish.entity.parts.len() > 1 {
        complaints.say(
            Code::BadValue,
            spot,
            "an address stands alone: Kafka combines only user and client_id",
        );
        return false;
    }
    let foreign = wish.amounts.iter().find(|(key, _)| (*key == "connection_creation_rate") != of_address);
    if let Some((key, at)) = foreign {
        let word = crate::access::quota_word(key);
        let message = match of_address {
            true => format!("an address can be held to 'connections' only, not '{word}'"),
            false => format!("'{word}' is for addresses: {{ ip: 10.0.0.7, connections: 20/s }}"),
        };
        complaints.say(Code::BadValue, at.spot, message);
        return false;
    }
    let whole = wish.amounts.iter().find(|(key, at)| {
        *key == "connection_creation_rate"
            && matches!(at.value, Wish::Set(Amount(rate)) if rate.fract() != 0.0)
    });
    if let Some((_, at)) = whole {
        complaints.say(Code::BadValue, at.spot, "'connections' is a whole number a second");
        return false;
    }
    if is_absent && !wish.amounts.is_empty() {
        complaints
            .say(
                Code::AbsentSaysMore,
                spot,
                format!("the quota of {} is said to be absent, and yet to be some", wish.entity),
            )
            .fix("leave out one or the other");
        return false;
    }
    if !is_absent && wish.amounts.is_empty() {
        complaints
            .say(Code::EmptyValue, spot, format!("the quota of {} limits nothing", wish.entity))
            .fix("produce, consume, request, mutations or, for an ip, connections; or state: absent");
        return false;
    }
    true
}
