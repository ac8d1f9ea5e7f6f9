use super::super::Code;
use super::super::draft::{GroupWish, Sections, declare, once};
use super::super::model::{Isolation, StartAt};
use super::super::place::{At, Complaints};
use super::super::yaml::{Entry, Node};
use super::{keys, only, scalars};
use crate::values::{Pattern, check_plain_name};
use std::ops::RangeInclusive;

/// The name that stands for every group, declared or not, and in a contract's `topics` for every topic.
const ALL: &str = "all";

/// Reads the section `groups`.
pub(super) fn groups(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "groups", complaints) {
        let name = &entry.key.value;
        if name == ALL {
            for entry in keys::entries(&entry.value, "'all' of groups", complaints) {
                let message = match entry.key.value.as_str() {
                    "topics" => "'all' of groups cannot say what every group reads",
                    "only" => "'all' of groups is for every group, in every environment",
                    _ => {
                        key(entry, "'all' of groups", &mut sections.all_groups, complaints);
                        continue;
                    }
                };
                complaints
                    .say(Code::UnknownKey, entry.key.spot, message)
                    .fix("say it for each group by name");
            }
            continue;
        }
        if let Err(reason) = check_plain_name(name) {
            complaints.say(Code::GroupName, entry.key.spot, format!("'{name}' cannot be a group: {reason}"));
        }
        let what = format!("group '{name}'");
        let mut wish = GroupWish::default();
        for entry in keys::entries(&entry.value, &what, complaints) {
            key(entry, &what, &mut wish, complaints);
        }
        declare(&mut sections.groups, entry.key.clone(), wish, "group", complaints);
    }
}

fn key(entry: &Entry, whose: &str, wish: &mut GroupWish, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    let what = format!("'{name}' of {whose}");
    macro_rules! fill {
        ($slot:ident, $value:expr) => {
            if let Some(value) = $value {
                once(&mut wish.$slot, At::new(value, node.spot), &what, complaints);
            }
        };
    }
    match name {
        "topics" => {
            let topics = scalars::texts(node, name, complaints).into_iter().map(|topic| {
                let pattern = if topic.value == ALL { "*".to_owned() } else { topic.value };
                At::new(Pattern::new(pattern), topic.spot)
            });
            let topics: Vec<_> = topics.collect();
            if !topics.is_empty() {
                once(&mut wish.topics, At::new(topics, node.spot), &what, complaints);
            }
        }
        "members" => fill!(members, members(node, complaints)),
        "max_lag" => fill!(max_lag, scalars::number(node, name, 0, i64::MAX, complaints)),
        "max_age" => fill!(max_age_ms, max_age(node, complaints)),
        "isolation" => {
            let words = [Isolation::Committed, Isolation::Uncommitted].map(|word| (word.as_str(), word));
            fill!(isolation, scalars::word(node, name, &words, complaints).map(|word| word.value));
        }
        "protected" => fill!(protected, scalars::boolean(node, name, complaints)),
        "start" => {
            let words = [StartAt::Earliest, StartAt::Latest].map(|word| (word.as_str(), word));
            fill!(start, scalars::word(node, name, &words, complaints).map(|word| word.value));
        }
        "only" => {
            if let Some(only) = only::only(node, complaints) {
                once(&mut wish.only, only, &what, complaints);
            }
        }
        _ => keys::refuse(entry, whose, &[keys::GROUP_KEYS], keys::LATER_GROUP_KEYS, complaints),
    }
}

/// `2`, or `2..3`, both ends included.
fn members(node: &Node, complaints: &mut Complaints<'_>) -> Option<RangeInclusive<u32>> {
    let written = scalars::text(node, "members", complaints)?;
    scalars::refuse_octal(node, "members", complaints)?;
    let text = written.value.trim();
    let numbers = match text.split_once("..") {
        Some((from, to)) => from.parse().ok().zip(to.parse().ok()),
        None => crate::values::integer(text)
            .ok()
            .and_then(|count| u32::try_from(count).ok())
            .map(|count| (count, count)),
    };
    if let Some((from, to)) = numbers
        && from <= to
    {
        return Some(from..=to);
    }
    let fix = match numbers {
        Some((from, to)) => Some(format!("{to}..{from}")),
        None => text
            .split_once('-')
            .filter(|(from, to)| from.trim().parse::<u32>().is_ok() && to.trim().parse::<u32>().is_ok())
            .map(|(from, to)| format!("{}..{}", from.trim(), to.trim())),
    };
    let message = format!("'members' takes a count such as 2, or a range such as 2..3, not '{text}'");
    complaints.say(Code::BadValue, written.spot, message).maybe_fix(fix);
    None
}

fn max_age(node: &Node, complaints: &mut Complaints<'_>) -> Option<i64> {
    let millis = scalars::duration(node, "max_age", complaints)?;
    if millis > 0 {
        return Some(millis);
    }
    complaints
        .say(
            Code::BadDuration,
            node.spot,
            "'max_age' has to be more than nothing, and an age without end is none",
        )
        .fix("leave the key out");
    None
}
