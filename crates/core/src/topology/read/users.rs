use super::super::Code;
use super::super::draft::{Sections, State, UserWish, declare};
use super::super::place::{At, Complaints};
use super::super::yaml::{Entry, Node};
use super::{keys, only, scalars, schemas};
use crate::access::{FEWEST_ITERATIONS, MOST_ITERATIONS, ScramMechanism};
use crate::values::check_plain_name;

/// Reads the section `users`.
pub(super) fn users(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "users", complaints) {
        let name = &entry.key.value;
        if let Err(reason) = check_plain_name(name) {
            complaints.say(Code::Principal, entry.key.spot, format!("'{name}' cannot be a user: {reason}"));
        }
        let what = format!("user '{name}'");
        let mut wish = UserWish::default();
        for entry in keys::entries(&entry.value, &what, complaints) {
            key(entry, &what, &mut wish, complaints);
        }
        let is_absent = wish.state.as_ref().is_some_and(|state| state.value == State::Absent);
        let said =
            wish.password_file.as_ref().map(|at| at.spot).or(wish.iterations.as_ref().map(|at| at.spot));
        if let Some(spot) = said.filter(|_| is_absent) {
            complaints
                .say(
                    Code::AbsentSaysMore,
                    spot,
                    format!("{what} is said to be absent, and yet to have a password"),
                )
                .fix("leave out one or the other");
        }
        declare(&mut sections.users, entry.key.clone(), wish, "user", complaints);
    }
}

fn key(entry: &Entry, what: &str, wish: &mut UserWish, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    match name {
        "scram" => {
            let words = scalars::texts(node, name, complaints);
            let read = words.iter().filter_map(|word| mechanism(word, complaints));
            let read: Vec<At<ScramMechanism>> = read.collect();
            if !read.is_empty() {
                wish.mechanisms = Some(At::new(read, node.spot));
            }
        }
        "password_file" => {
            if let Some(path) = scalars::text(node, name, complaints) {
                let beside = schemas::beside(&complaints.texts.file(path.spot.text), &path.value);
                wish.password_file = Some(At::new(beside, path.spot));
            }
        }
        "password" => {
            complaints.say(Code::UnknownKey, entry.key.spot, "a topology holds no passwords").fix(
                "password_file: a file that holds nothing else, which is not among what others may read",
            );
        }
        "iterations" => {
            let (fewest, most) = (i64::from(FEWEST_ITERATIONS), i64::from(MOST_ITERATIONS));
            let number = scalars::number(node, name, fewest, most, complaints);
            let number = number.and_then(|number| i32::try_from(number).ok());
            wish.iterations = number.map(|number| At::new(number, node.spot));
        }
        "only" => wish.only = only::only(node, complaints),
        "state" => wish.state = only::state(node, complaints),
        _ => keys::refuse(entry, what, &[keys::USER_KEYS], &[], complaints),
    }
}

fn mechanism(word: &At<String>, complaints: &mut Complaints<'_>) -> Option<At<ScramMechanism>> {
    if let Some(mechanism) = ScramMechanism::from_word(word.value.trim()) {
        return Some(At::new(mechanism, word.spot));
    }
    let digits: String = word.value.chars().filter(char::is_ascii_digit).collect();
    let meant =
        ScramMechanism::ALL.into_iter().find(|known| known.as_str().ends_with(&digits) && !digits.is_empty());
    let known = ScramMechanism::ALL.map(ScramMechanism::as_str).join(", ");
    complaints
        .say(Code::BadValue, word.spot, format!("'scram' takes {known}, not '{}'", word.value))
        .maybe_fix(meant.map(ScramMechanism::as_str));
    None
}
