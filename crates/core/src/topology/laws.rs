//! What holds for every text.

use super::*;
use crate::values::Sourced;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::BTreeMap;

const SCHEMA: &str = r#"{"type": "record", "name": "A", "fields": []}"#;

fn resolved(files: &[(String, String)]) -> Result<Topology, Faults> {
    let draft = parse(files.iter().cloned());
    let schemas = draft.wanted().into_iter().map(|path| (path, Ok(SCHEMA.to_owned()))).collect();
    resolve_all(&draft, &schemas)?;
    resolve(draft, &schemas)
}

fn resolved_in(environment: &str, text: &str) -> Result<Topology, TestCaseError> {
    let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
    let topology = resolve_in(&draft, environment, &Files::new());
    topology.transpose().ok().flatten().ok_or_else(|| TestCaseError::fail(format!("unsound: {text}")))
}

/// What can have a cap.
const CAPPED: &[&str] =
    &["partitions", "replication", "retention.ms", "segment.bytes", "min.insync.replicas", "x.y"];

/// The numbers of a topic by key.
fn numbers(topic: &Topic) -> BTreeMap<String, i64> {
    let partitions = topic.partitions.iter().map(|at| ("partitions".to_owned(), i64::from(at.value)));
    let replication = topic.replication.iter().map(|at| ("replication".to_owned(), i64::from(at.value)));
    let configs = topic.configs.iter().filter_map(|(key, wish)| match &wish.value {
        ConfigWish::Set(value) => Some((key.clone(), value.parse().ok()?)),
        ConfigWish::Unset => None,
    });
    partitions.chain(replication).chain(configs).collect()
}

/// Pieces that texts are put together of, so that many of them come near to a topology.
const PIECES: &[&str] = &[
    "klerk: 1\n",
    "topics:",
    "defaults:",
    "classes:",
    "groups:",
    "schemas:",
    "external:",
    "naming:",
    "environments:",
    "access:",
    "produce",
    "transactions",
    "acls",
    "resource",
    "operation",
    "principal",
    "User:a",
    "e: ",
    "extends",
    "only",
    "at_most",
    "override",
    "bootstrap",
    "registry",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    " ",
    " ",
    ": ",
    ": ",
    ", ",
    "{ ",
    " }",
    "[",
    "]",
    "- ",
    "a",
    "b.c",
    "b_c",
    "x*",
    "*",
    "&a ",
    "*a",
    "<<",
    "!t ",
    "!!str ",
    "'",
    "\"",
    "~",
    "null",
    "unset",
    "all",
    "class",
    "partitions",
    "replication",
    "retention.ms",
    "segment.bytes",
    "cleanup.policy",
    "value",
    "key",
    "schema",
    "compatibility",
    "FULL",
    "s.avsc",
    "members",
    "2..3",
    "max_age",
    "topics",
    "subjects",
    "7d",
    "1GiB",
    "-1",
    "0",
    "3e+9",
    "0.5",
    "forever",
    "true",
    "{topic}.dlq",
    "'{a}.{b}'",
    "/[/",
    "@",
    "%",
    "`",
    "#",
    "---\n",
    "...\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "é",
    "\u{0}",
    "\u{2028}",
    "|\n",
    ">\n",
    "? ",
    "CN=a,OU=b",
];

fn near_topology() -> impl Strategy<Value = String> {
    vec(select(PIECES), 0..60).prop_map(|pieces| format!("klerk: 1\n{}", pieces.concat()))
}

/// Every fault stands within its text and shows the line that it names.
fn well_placed(text: &str, faults: &Faults) -> Result<(), TestCaseError> {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    prop_assert!(!faults.is_empty());
    for fault in faults {
        let Place { origin, length, line } = &fault.place;
        prop_assert!(origin.line >= 1 && origin.column >= 1 && *length >= 1);
        prop_assert_eq!(line.as_str(), lines.get(origin.line as usize - 1).copied().unwrap_or_default());
        prop_assert!(!fault.message.is_empty());
    }
    Ok(())
}

/// What a topology says, without the places where it says so.
fn without_places(topology: &Topology) -> String {
    fn value<T: std::fmt::Debug>(sourced: &Option<Sourced<T>>) -> String {
        format!("{:?}", sourced.as_ref().map(|at| &at.value))
    }
    let topics = topology.topics.values().map(|topic| {
        let configs: Vec<_> = topic.configs.iter().map(|(key, wish)| (key, &wish.value)).collect();
        format!("{} {} {:?} {}\n", topic.name, value(&topic.partitions), configs, value(&topic.owner))
    });
    let groups = topology.groups.values().map(|contract| {
        let names = contract.topics.as_ref().map(|topics| &topics.names);
        format!("{} {names:?} {}\n", contract.group, value(&contract.terms.max_lag))
    });
    topics.chain(groups).chain(topology.subjects.keys().cloned()).collect()
}

proptest! {
    #[test]
    fn any_text_gives_a_topology_or_faults_with_places(text in "\\PC*") {
        if let Err(faults) = resolved(&[("t.yaml".to_owned(), text.clone())]) {
            well_placed(&text, &faults)?;
        }
    }

    #[test]
    fn texts_near_a_topology_do_too(text in near_topology()) {
        if let Err(faults) = resolved(&[("t.yaml".to_owned(), text.clone())]) {
            well_placed(&text, &faults)?;
        }
    }

    #[test]
    fn the_order_of_entries_and_files_does_not_matter(
        entries in vec((0_u8..3, 1_i32..50, 0_i64..1000), 1..12),
        places in vec(any::<Index>(), 12),
        swaps in vec((any::<Index>(), any::<Index>()), 0..12),
    ) {
        let mut entries: Vec<(usize, String, String)> = entries
            .iter()
            .enumerate()
            .map(|(number, (kind, partitions, lag))| match kind {
                0 => (number, "topics".to_owned(), format!("  t{number}: {{ partitions: {partitions}, retention.ms: {lag}d }}\n")),
                1 => (number, "topics".to_owned(), format!("  t{number}: {{ class: c, owner: o{lag}, value: s.avsc }}\n")),
                _ => (number, "groups".to_owned(), format!("  g{number}: {{ topics: t*, max_lag: {lag} }}\n")),
            })
            .collect();
        let write = |entries: &[(usize, String, String)], files: usize| -> Vec<(String, String)> {
            let base = "klerk: 1\ndefaults: { partitions: 3 }\nclasses: { c: { segment.ms: 1h } }\ntopics: { t: {} }\n";
            let mut written = vec![("base.yaml".to_owned(), base.to_owned())];
            for file in 0..files {
                let mut text = "klerk: 1\n".to_owned();
                for section in ["topics", "groups"] {
                    let here = |number: usize| places[number].index(files) == file;
                    let of_section: String = entries
                        .iter()
                        .filter(|(number, name, _)| name == section && here(*number))
                        .map(|(_, _, text)| text.as_str())
                        .collect();
                    if !of_section.is_empty() {
                        text.push_str(&format!("{section}:\n{of_section}"));
                    }
                }
                written.push((format!("f{file}.yaml"), text));
            }
            written
        };
        let one = resolved(&write(&entries, 1)).unwrap();
        for (a, b) in swaps {
            let (a, b) = (a.index(entries.len()), b.index(entries.len()));
            entries.swap(a, b);
        }
        let mut files = write(&entries, 3);
        let many = resolved(&files).unwrap();
        prop_assert_eq!(without_places(&one), without_places(&many));
        files.reverse();
        prop_assert_eq!(many, resolved(&files).unwrap());
    }

    #[test]
    fn the_strongest_layer_wins_whatever_the_others_say(
        said in vec(proptest::option::of(1_i64..1000), 7),
        cap in proptest::option::of(1_i64..1000),
        swaps in vec((any::<Index>(), any::<Index>()), 0..8),
    ) {
        let key = |value: &Option<i64>| value.map(|value| format!("retention.ms: {value}")).unwrap_or_default();
        let [defaults, env_defaults, class, env_class, topic, over, env_topic] = said.as_slice() else { unreachable!() };
        let mut within = [
            format!("defaults: {{ {} }}", key(env_defaults)),
            format!("classes: {{ c: {{ {} }} }}", key(env_class)),
            format!("override: {{ {} }}", key(over)),
            format!("at_most: {{ {} }}", key(&cap)),
            format!("topics: {{ t: {{ {} }} }}", key(env_topic)),
        ];
        let mut sections = [
            format!("defaults: {{ class: c, {} }}", key(defaults)),
            format!("classes: {{ c: {{ {} }} }}", key(class)),
            format!("topics: {{ t: {{ {} }} }}", key(topic)),
            String::new(),
        ];
        for (a, b) in swaps {
            let (a5, b5) = (a.index(within.len()), b.index(within.len()));
            within.swap(a5, b5);
            let (a4, b4) = (a.index(sections.len()), b.index(sections.len()));
            sections.swap(a4, b4);
        }
        let environment = format!("environments: {{ e: {{ {} }} }}", within.join(", "));
        let text = format!("klerk: 1\n{}\n{environment}\n", sections.join("\n"));
        let found = resolved_in("e", &text)?.topics["t"].configs.get("retention.ms").map(|wish| wish.value.clone());

        let weaker = [over, topic, env_class, class, env_defaults, defaults].into_iter().find_map(|value| *value);
        let capped = weaker.map(|value| cap.map_or(value, |cap| value.min(cap)));
        let expected = env_topic.or(capped).map(|value| ConfigWish::Set(value.to_string()));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn caps_never_enlarge_and_never_add(
        values in vec((select(CAPPED), -1_i64..2000), 0..8),
        caps in vec((select(CAPPED), -1_i64..2000), 0..8),
    ) {
        let written = |pairs: &[(&str, i64)]| {
            let pairs: BTreeMap<&str, i64> = pairs.iter().copied().collect();
            let pairs = pairs.iter().filter(|(key, value)| key.contains('.') || **value > 0);
            pairs.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
        };
        let text = format!(
            "klerk: 1\ntopics: {{ t: {{ {} }} }}\nenvironments: {{ free: {{}}, capped: {{ at_most: {{ {} }} }} }}\n",
            written(&values),
            written(&caps)
        );
        let (free, capped) = (resolved_in("free", &text)?, resolved_in("capped", &text)?);
        let (free, capped) = (numbers(&free.topics["t"]), numbers(&capped.topics["t"]));
        prop_assert_eq!(free.keys().collect::<Vec<_>>(), capped.keys().collect::<Vec<_>>());
        let size = |value: i64| if value == -1 { i64::MAX } else { value };
        for (key, value) in &capped {
            prop_assert!(size(*value) <= size(free[key]), "{} from {} to {}", key, free[key], value);
        }
        let caps: BTreeMap<&str, i64> = caps.iter().copied().collect();
        for (key, cap) in caps.iter().filter(|(key, cap)| key.contains('.') || **cap > 0) {
            if let Some(value) = capped.get(*key) {
                prop_assert!(size(*value) <= size(*cap), "{} {} above {}", key, value, cap);
            }
        }
    }
}
