use super::estate::{Estate, GroupEntry, Note, Section, TopicEntry};
use super::layout::{Layout, layouts};
use super::lines::{Pair, braces, comment, entry, section_notes};
use super::setting::Settings;
use super::subjects::Attached;
use super::yaml::{on_one_line, quoted};
use std::collections::BTreeMap;

/// Writes the topology, in the shortest of its layouts. Without schema files it names none.
pub(super) fn topology(estate: &Estate, head: &[String], with_files: bool) -> String {
    let mut text = head.iter().map(|line| format!("# {}\n", on_one_line(line))).collect::<String>();
    text.push_str("klerk: 1\n");
    text.push_str(&topics(estate, with_files));
    text.push_str(&subjects(estate, with_files));
    text.push_str(&external(estate));
    text.push_str(&groups(estate));
    text.push_str(&section("access", &estate.access));
    text.push_str(&section("quotas", &estate.quotas));
    text.push_str(&section("users", &estate.users));
    text
}

fn topics(estate: &Estate, with_files: bool) -> String {
    let mut text = section_notes(&estate.topic_notes);
    if estate.topics.is_empty() {
        return text;
    }
    let settings = estate.topics.iter().map(|(name, topic)| (name.clone(), topic.settings.clone()));
    let written = layouts(&settings.collect()).map(|layout| laid_out(&layout, &estate.topics, with_files));
    text.extend(written.into_iter().min_by_key(String::len));
    text
}

fn laid_out(layout: &Layout, topics: &BTreeMap<String, TopicEntry>, with_files: bool) -> String {
    let mut text = String::new();
    if !layout.defaults.is_empty() {
        text.push_str(&format!("\ndefaults: {}\n", braces(&pairs(&layout.defaults))));
    }
    if !layout.classes.is_empty() {
        text.push_str("\nclasses:\n");
        text.extend(layout.classes.iter().map(|(name, class)| entry(name, &pairs(class))));
    }
    text.push_str("\ntopics:\n");
    for (name, topic) in topics {
        text.extend(topic.notes.iter().map(|note| comment(&format!("{name}: {}", note.text))));
        let mut said = Vec::new();
        if let Some(own) = layout.topics.get(name) {
            said.extend(own.class.iter().map(|class| Pair::one("class", quoted(class))));
            said.extend(pairs(&own.own));
        }
        if with_files {
            let ends = [("key", &topic.key), ("value", &topic.value)];
            said.extend(
                ends.into_iter().filter_map(|(end, schema)| Some(Pair::one(end, attached(schema.as_ref()?)))),
            );
        }
        text.push_str(&entry(name, &said));
    }
    text
}

fn attached(schema: &Attached) -> String {
    match schema.level {
        None => quoted(&schema.path),
        Some(level) => format!("{{ schema: {}, compatibility: {level} }}", quoted(&schema.path)),
    }
}

fn subjects(estate: &Estate, with_files: bool) -> String {
    let mut text = section_notes(&estate.subjects.notes);
    let of_topics = estate.topics.values().flat_map(|topic| [&topic.key, &topic.value]).flatten();
    let named: Vec<&Attached> = of_topics.chain(estate.subjects.own.values()).collect();
    if named.is_empty() {
        return text;
    }
    if !with_files {
        let mut names: Vec<String> = named.iter().map(|schema| format!("'{}'", schema.subject)).collect();
        names.sort();
        let what = if names.len() == 1 { "subject is" } else { "subjects are" };
        let line = format!(
            "{} {what} left out, for a schema stands in a file of its own: {}",
            names.len(),
            names.join(", ")
        );
        text.push_str(&section_notes(&[Note::said(line)]));
        return text;
    }
    if estate.subjects.level.is_none() && estate.subjects.own.is_empty() {
        return text;
    }
    text.push_str("\nschemas:\n");
    text.extend(estate.subjects.level.map(|level| format!("  compatibility: {level}\n")));
    if !estate.subjects.own.is_empty() {
        text.push_str("  subjects:\n");
        let own = estate.subjects.own.iter();
        text.extend(own.map(|(name, schema)| format!("    {}: {}\n", quoted(name), attached(schema))));
    }
    text
}

fn external(estate: &Estate) -> String {
    if estate.external.is_empty() {
        return String::new();
    }
    let names: Vec<String> = estate.external.iter().map(|name| quoted(name)).collect();
    let mut text =
        "\n# Topics that groups read and that are not part of this export.\nexternal:\n".to_owned();
    text.push_str(&Pair::list("topics", names).line("  "));
    text
}

fn groups(estate: &Estate) -> String {
    let mut text = section_notes(&estate.group_notes);
    if estate.groups.is_empty() {
        return text;
    }
    text.push_str("\ngroups:\n");
    for (name, group) in &estate.groups {
        text.extend(group.notes.iter().map(|note| comment(&format!("{name}: {}", note.text))));
        text.push_str(&one_group(name, group));
    }
    text
}

fn one_group(name: &str, group: &GroupEntry) -> String {
    let topics: Vec<String> = group.topics.iter().map(|topic| quoted(topic)).collect();
    match topics.is_empty() {
        true => entry(name, &[]),
        false => entry(name, &[Pair::list("topics", topics)]),
    }
}

fn section(name: &str, section: &Section) -> String {
    let mut text = section_notes(&section.notes);
    if !section.entries.is_empty() {
        text.push_str(&format!("\n{name}:\n{}", section.entries.concat()));
    }
    text
}

fn pairs(settings: &Settings) -> Vec<Pair> {
    settings.iter().map(|(key, value)| Pair::one(key.to_string(), value.clone())).collect()
}
