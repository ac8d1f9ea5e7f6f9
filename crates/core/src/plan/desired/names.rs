use super::of_topic;
use crate::plan::{DiffOptions, Finding, Severity};
use crate::topology::Topology;
use crate::values::{Known, metric_name};
use crate::world::World;
use std::collections::BTreeMap;

/// Names that Kafka, or people, may take for one another.
pub(super) fn findings(
    want: &Topology,
    have: Option<&World>,
    options: &DiffOptions,
    findings: &mut Vec<Finding>,
) {
    let by_metric = |name: &&str| (metric_name(name), (*name).to_owned());
    let external = want.external.topics.iter().filter_map(|pattern| pattern.value.literal());
    let external: BTreeMap<String, String> = external.map(|name| by_metric(&name)).collect();
    let unnamed = have.map(|world| unnamed(want, world)).unwrap_or_default();
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for (name, topic) in &want.topics {
        let mut find = |severity, code, message| {
            if options.covers_topic(name) {
                findings.push(of_topic(name, severity, code, message, &topic.origin));
            }
        };
        if let Some(other) = external.get(&metric_name(name)).filter(|other| *other != name) {
            let message = format!(
                "'{name}' and the external '{other}' differ only in '.' and '_', so that Kafka has one of them only"
            );
            find(Severity::Warning, "topic/name-collision", message);
        }
        match first.get(&folded(name)) {
            Some(other) => {
                let message = format!("'{name}' and '{other}' differ only in case and in '.', '_' and '-'");
                find(Severity::Info, "topic/similar-name", message);
            }
            None => {
                first.insert(folded(name), name);
            }
        }
        // A topic that exists was meant.
        let is_new = have.is_some_and(|world| world.cluster.topics.get(name).is_some_and(Known::is_absent));
        if let Some(other) = unnamed.get(&folded(name)).filter(|_| is_new) {
            let message = format!(
                "'{name}' is to be created beside '{other}', which no file names, and from which it differs only in \
                 case and in '.', '_' and '-'"
            );
            find(Severity::Warning, "topic/similar-name", message);
        }
    }
}

/// Topics of the cluster that no file names, by their names as people remember them.
fn unnamed<'a>(want: &Topology, world: &'a World) -> BTreeMap<String, &'a str> {
    let visible = world.cluster.topics.iter().filter(|(name, seen)| {
        let is_there = seen.known().is_some_and(|view| !view.internal);
        is_there && !want.topics.contains_key(*name)
    });
    visible.map(|(name, _)| (folded(name), name.as_str())).collect()
}

/// A name as people remember it.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '.' | '_' | '-'));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}
