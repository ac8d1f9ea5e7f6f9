//! What the file says of clients beside what they may do: how much they may ask of brokers, and how they log in.

use super::code::Code;
use super::draft::{QuotaWish, Sections, State, UserWish, Wish};
use super::model::{Quota, User};
use super::place::{At, Complaints};
use crate::values::Sourced;
use std::collections::BTreeMap;

/// Iterations where nothing is said: what Kafka's own tool takes.
const USUAL_ITERATIONS: i32 = 4096;

/// The quotas of the file by whom they are for.
pub(super) fn quotas(
    sections: &Sections,
    complaints: &Complaints<'_>,
) -> BTreeMap<crate::access::QuotaEntity, Quota> {
    sections.quotas.values().map(|at| quota(at, complaints)).collect()
}

fn quota(at: &At<QuotaWish>, complaints: &Complaints<'_>) -> (crate::access::QuotaEntity, Quota) {
    let wish = &at.value;
    let amounts = wish.amounts.iter().map(|(key, at)| {
        let amount = match at.value {
            Wish::Set(amount) => Some(amount),
            Wish::Unset => None,
        };
        (key.clone(), Sourced::new(amount, complaints.texts.origin(at.spot)))
    });
    let quota = Quota {
        origin: complaints.texts.origin(at.spot),
        amounts: amounts.collect(),
        absent: is_absent(wish.state.as_ref()),
    };
    (wish.entity.clone(), quota)
}

/// The users of the file by name.
pub(super) fn users(sections: &Sections, complaints: &mut Complaints<'_>) -> BTreeMap<String, User> {
    let mut users = BTreeMap::new();
    for (name, at) in &sections.users {
        let user = user(at, complaints);
        if !user.absent {
            let missing =
                [("scram", at.value.mechanisms.is_none()), ("password_file", user.password_file.is_none())];
            for (key, _) in missing.iter().filter(|(_, is_missing)| *is_missing) {
                complaints
                    .say(Code::EmptyValue, at.spot, format!("user '{name}' does not say its {key}"))
                    .fix("such as { scram: SCRAM-SHA-512, password_file: secrets/billing }");
            }
        }
        users.insert(name.clone(), user);
    }
    users
}

fn user(at: &At<UserWish>, complaints: &Complaints<'_>) -> User {
    let UserWish { mechanisms, password_file, iterations, state, only: _ } = &at.value;
    User {
        origin: complaints.texts.origin(at.spot),
        mechanisms: mechanisms.iter().flat_map(|list| &list.value).map(|mechanism| mechanism.value).collect(),
        password_file: password_file.as_ref().map(|path| path.value.clone()),
        iterations: iterations.as_ref().map_or(USUAL_ITERATIONS, |number| number.value),
        absent: is_absent(state.as_ref()),
    }
}

fn is_absent(state: Option<&At<State>>) -> bool {
    state.is_some_and(|state| state.value == State::Absent)
}
