//! Who reads and writes a topic that is changed, as far as servers tell.

use super::counting::{counted, some_of};
use super::loss::time;
use klerk_core::plan::{Estimate, Reader, Usage, Writers};
use std::collections::BTreeMap;

/// How many groups, and how many topics, are named.
const NAMED: usize = 10;

/// The lines of one topic.
pub(super) fn lines(usage: &Usage) -> Vec<String> {
    let mut lines = vec![match &usage.readers {
        Estimate::About { value, how } if value.is_empty() => format!("seen reading it: no group ({how})"),
        Estimate::About { value, how } => {
            let named: Vec<String> = value.iter().map(|(group, reader)| named(group, reader)).collect();
            format!("seen reading it: {} ({how})", some_of(named.iter(), NAMED))
        }
        Estimate::NotAvailable(why) => format!("not available: who reads it: {why}"),
    }];
    lines.extend(usage.writers.as_ref().map(|seen| match seen {
        Estimate::About { value, how } => format!("seen writing it: {} ({how})", written_by(value)),
        Estimate::NotAvailable(why) => format!("not available: who writes it: {why}"),
    }));
    lines
}

/// `billing (stable, 2 members)`: a group with what matters of it.
fn named(group: &str, reader: &Reader) -> String {
    let mut words = vec![reader.seen.state.to_string()];
    words.extend(reader.is_active().then(|| match reader.seen.members {
        Some(members) => format!("{} on it", counted(members, "member", "members")),
        None => "members unknown".to_owned(),
    }));
    words.extend((!reader.declared).then(|| "no contract".to_owned()));
    format!("{group} ({})", words.join(", "))
}

fn written_by(writers: &Writers) -> String {
    match (writers.producers, writers.last_ms) {
        (0, _) => "no producer".to_owned(),
        (count, None) => counted(count, "producer", "producers"),
        (count, Some(last)) => {
            format!("{}, last at {}", counted(count, "producer", "producers"), time(last))
        }
    }
}

/// The same of several topics: each group with its topics, then the topics that are written to, then how that was found
/// and what is missing.
pub(super) fn together(usages: &[(&str, &Usage)]) -> Vec<String> {
    let mut readers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut written = Vec::new();
    let mut unread = 0;
    let mut how: BTreeMap<(&str, &str), ()> = BTreeMap::new();
    let mut missing: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (topic, usage) in usages {
        match &usage.readers {
            Estimate::About { value, how: made } => {
                how.insert(("readers", made), ());
                unread += usize::from(value.is_empty());
                for (group, reader) in value {
                    readers.entry(named(group, reader)).or_default().push((*topic).to_owned());
                }
            }
            Estimate::NotAvailable(why) => missing.entry(("who reads", why)).or_default().push(topic),
        }
        match &usage.writers {
            None => {}
            Some(Estimate::About { value, how: made }) => {
                how.insert(("writers", made), ());
                if value.producers > 0 {
                    written.push(format!("{topic} ({})", written_by(value)));
                }
            }
            Some(Estimate::NotAvailable(why)) => missing.entry(("who writes", why)).or_default().push(topic),
        }
    }
    let mut lines: Vec<String> = readers
        .iter()
        .map(|(group, topics)| format!("seen reading: {group}: {}", some_of(topics.iter(), NAMED)))
        .collect();
    if unread > 0 {
        lines.push(format!("no group is seen reading {}", counted(unread, "topic", "topics")));
    }
    if !written.is_empty() {
        lines.push(format!("seen written: {}", some_of(written.iter(), NAMED)));
    }
    lines.extend(how.keys().map(|(what, made)| format!("{what}: {made}")));
    lines.extend(missing.iter().map(|((what, why), topics)| {
        let count = counted(topics.len(), "topic", "topics");
        format!("not available: {what} {count}, such as {}: {why}", topics.first().unwrap_or(&""))
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::plan::SeenReader;
    use klerk_core::world::{GroupState, GroupType};

    fn reader(state: GroupState, members: Option<usize>, declared: bool) -> Reader {
        Reader { seen: SeenReader { kind: GroupType::Classic, state, members }, declared, streams: None }
    }

    fn used(readers: &[(&str, Reader)], producers: usize) -> Usage {
        let readers = readers.iter().map(|(name, one)| ((*name).to_owned(), one.clone())).collect();
        let writers = Writers { producers, last_ms: Some(1_795_000_000_000) };
        Usage {
            readers: Estimate::About { value: readers, how: "by commits".to_owned() },
            writers: Some(Estimate::About { value: writers, how: "by ids".to_owned() }),
        }
    }

    #[test]
    fn each_user_is_told_with_what_matters_of_it() {
        let usage = used(
            &[
                ("audit", reader(GroupState::Stable, None, false)),
                ("billing", reader(GroupState::Stable, Some(2), true)),
                ("late", reader(GroupState::Empty, Some(0), false)),
            ],
            1,
        );
        insta::assert_snapshot!(lines(&usage).join("\n"), @r"
        seen reading it: audit (stable, members unknown, no contract), billing (stable, 2 members on it), late (empty, no contract) (by commits)
        seen writing it: 1 producer, last at 2026-11-18T11:06:40Z (by ids)
        ");
        let nobody = Usage { writers: Some(Estimate::NotAvailable("denied".to_owned())), ..used(&[], 0) };
        insta::assert_snapshot!(lines(&nobody).join("\n"), @r"
        seen reading it: no group (by commits)
        not available: who writes it: denied
        ");
    }

    #[test]
    fn the_users_of_many_topics_are_told_by_group() {
        let billing = [("billing", reader(GroupState::Stable, Some(1), true))];
        let (a, b, c) = (used(&billing, 2), used(&billing, 0), used(&[], 0));
        let d = Usage { readers: Estimate::NotAvailable("denied".to_owned()), writers: None };
        insta::assert_snapshot!(together(&[("a", &a), ("b", &b), ("c", &c), ("d", &d)]).join("\n"), @r"
        seen reading: billing (stable, 1 member on it): a, b
        no group is seen reading 1 topic
        seen written: a (2 producers, last at 2026-11-18T11:06:40Z)
        readers: by commits
        writers: by ids
        not available: who reads 1 topic, such as d: denied
        ");
    }
}
