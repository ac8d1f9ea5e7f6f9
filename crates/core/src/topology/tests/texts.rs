//! Texts in, topologies or told faults out.

use super::super::*;

pub(super) const SCHEMA: &str = r#"{"type": "record", "name": "A", "fields": []}"#;

/// Resolves texts, with every schema file there.
pub(super) fn resolved(files: &[(&str, &str)]) -> Result<Topology, Faults> {
    let draft = parse(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let schemas = draft.wanted().into_iter().map(|path| (path, Ok(SCHEMA.to_owned()))).collect();
    resolve(draft, &schemas)
}

pub(super) fn sound(text: &str) -> Topology {
    resolved(&[("t.yaml", &format!("klerk: 1\n{text}"))]).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Every fault on a line of its own, with its code, its place and its fix.
pub(super) fn told(faults: &Faults) -> String {
    let line = |fault: &Fault| {
        let fix = fault.fix.as_ref().map(|fix| format!(" → {fix}")).unwrap_or_default();
        let code = fault.code.as_str().trim_start_matches("topology/");
        let Place { origin, length, .. } = &fault.place;
        format!("{}:{}+{length} [{code}] {}{fix}", origin.line, origin.column, fault.in_full())
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The faults of a text that begins in line 2, below its version.
pub(super) fn faults(text: &str) -> String {
    told(&resolved(&[("t.yaml", &format!("klerk: 1\n{text}"))]).expect_err("there should be faults"))
}

/// The faults of each of several texts, under the text.
pub(super) fn faults_of_each(texts: &[&str]) -> String {
    texts
        .iter()
        .map(|text| format!("{}\n    {}\n", text.trim_end(), faults(text).replace('\n', "\n    ")))
        .collect()
}

pub(super) fn wishes(topic: &Topic) -> Vec<String> {
    let wish = |(key, wish): (&String, &crate::values::Sourced<ConfigWish>)| match &wish.value {
        ConfigWish::Set(value) => format!("{key}={value} @{}", wish.origin.line),
        ConfigWish::Unset => format!("{key} unset @{}", wish.origin.line),
    };
    topic.configs.iter().map(wish).collect()
}

fn draft_of(text: &str) -> (Draft, Files) {
    let draft = parse([("t.yaml".to_owned(), format!("klerk: 1\n{text}"))]);
    let schemas = draft.wanted().into_iter().map(|path| (path, Ok(SCHEMA.to_owned()))).collect();
    (draft, schemas)
}

/// The topology of one environment of a text that is sound.
pub(super) fn within(environment: &str, text: &str) -> Topology {
    let (draft, schemas) = draft_of(text);
    let topology = resolve_in(&draft, environment, &schemas).expect("an environment of that name");
    topology.unwrap_or_else(|faults| panic!("{faults}"))
}

/// The faults of a text with environments, of all of them.
pub(super) fn all_faults(text: &str) -> String {
    let (draft, schemas) = draft_of(text);
    told(&resolve_all(&draft, &schemas).expect_err("there should be faults"))
}

/// The faults that planning in one environment meets.
pub(super) fn faults_within(environment: &str, text: &str) -> String {
    let (draft, schemas) = draft_of(text);
    told(&resolve_in(&draft, environment, &schemas).expect("a name").expect_err("there should be faults"))
}
