//! Which layer a line of the files belongs to, so that a plan can say on whose word a value is what it is.

use super::draft::{Draft, Layer, Sections};
use super::place::{At, Spot, Texts};
use crate::values::Origin;
use std::collections::BTreeMap;
use std::fmt;

/// A layer that speaks of more than the one resource that a value is for. What a topic says of itself has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaidBy {
    /// The section.
    pub section: Section,
    /// The environment that the section is part of; `None` for what holds for all of them.
    pub environment: Option<String>,
}

/// A section of a topology, or of one of its environments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `defaults`.
    Defaults,
    /// One of the `classes`.
    Class(String),
    /// `override` of an environment.
    Override,
    /// `at_most` of an environment.
    AtMost,
    /// What an environment says of a topic or a subject by its name.
    Own,
    /// The compatibility level for every schema.
    Schemas,
}

impl fmt::Display for SaidBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = self.environment.as_deref();
        match (&self.section, environment) {
            (Section::Own, environment) => {
                return write!(f, "environment {}", environment.unwrap_or_default());
            }
            (Section::Defaults, _) => f.write_str("defaults")?,
            (Section::Class(name), _) => write!(f, "class {name}")?,
            (Section::Override, _) => f.write_str("override")?,
            (Section::AtMost, _) => f.write_str("at_most")?,
            (Section::Schemas, _) => f.write_str("schemas")?,
        }
        environment.map_or(Ok(()), |name| write!(f, " of {name}"))
    }
}

/// The layer of every value that does not stand with the resource that it is for, by its place.
pub(super) fn said_by(draft: &Draft) -> BTreeMap<Origin, SaidBy> {
    let mut gathered = Gathered { texts: &draft.texts, places: BTreeMap::new() };
    gathered.sections(&draft.sections, None);
    for (name, at) in &draft.environments {
        let (environment, said) = (Some(name.as_str()), &at.value);
        gathered.sections(&said.sections, environment);
        gathered.layer(&said.overrides, &Section::Override, environment);
        for spot in said.at_most.spots() {
            gathered.add(spot, &Section::AtMost, environment);
        }
        for layer in said.sections.topics.values() {
            gathered.layer(&layer.value, &Section::Own, environment);
        }
        for schema in said.sections.subjects.values().filter_map(|at| at.value.schema.as_ref()) {
            gathered.add(schema.spot, &Section::Own, environment);
        }
    }
    gathered.places
}

struct Gathered<'t> {
    texts: &'t Texts,
    places: BTreeMap<Origin, SaidBy>,
}

impl Gathered<'_> {
    fn sections(&mut self, sections: &Sections, environment: Option<&str>) {
        self.layer(&sections.defaults, &Section::Defaults, environment);
        for (name, class) in &sections.classes {
            self.layer(&class.value, &Section::Class(name.clone()), environment);
        }
        if let Some(level) = &sections.compatibility {
            self.add(level.spot, &Section::Schemas, environment);
        }
    }

    fn layer(&mut self, layer: &Layer, section: &Section, environment: Option<&str>) {
        fn spot<T>(at: &Option<At<T>>) -> Option<Spot> {
            at.as_ref().map(|at| at.spot)
        }
        let counts = [spot(&layer.partitions), spot(&layer.replication)];
        let configs = layer.configs.values().map(|at| Some(at.spot));
        let schemas = layer.schemas().map(|file| Some(file.spot));
        for spot in counts.into_iter().chain(configs).chain(schemas).flatten() {
            self.add(spot, section, environment);
        }
    }

    fn add(&mut self, spot: Spot, section: &Section, environment: Option<&str>) {
        let said = SaidBy { section: section.clone(), environment: environment.map(str::to_owned) };
        self.places.insert(self.texts.origin(spot), said);
    }
}

#[cfg(test)]
mod tests {
    use crate::topology::{Files, Topology, parse, resolve_in};

    const TEXT: &str = "klerk: 1
defaults: { partitions: 3, replication: 3 }
classes:
  audit: { retention.ms: 30d, segment.ms: 1d }
topics:
  a: { class: audit, min.insync.replicas: 2 }
environments:
  base: { override: { segment.ms: 2d } }
  prod:
    extends: base
    at_most: { replication: 2 }
    topics:
      a: { cleanup.policy: compact }
";

    fn told(topology: &Topology) -> Vec<String> {
        let topic = &topology.topics["a"];
        let configs = topic.configs.iter().map(|(key, wish)| (key.as_str(), &wish.origin));
        let counts = [
            ("partitions", &topic.partitions.as_ref().unwrap().origin),
            ("replication", &topic.replication.as_ref().unwrap().origin),
        ];
        let told = counts.into_iter().chain(configs).map(|(key, origin)| {
            let layer =
                topology.said_by.get(origin).map_or_else(|| "its own".to_owned(), ToString::to_string);
            format!("{key}: line {}, {layer}", origin.line)
        });
        told.collect()
    }

    #[test]
    fn every_value_knows_its_layer() {
        let draft = parse([("t.yaml".to_owned(), TEXT.to_owned())]);
        let topology = resolve_in(&draft, "prod", &Files::new()).unwrap().unwrap();
        insta::assert_snapshot!(told(&topology).join("\n"), @r"
        partitions: line 2, defaults
        replication: line 11, at_most of prod
        cleanup.policy: line 13, environment prod
        min.insync.replicas: line 6, its own
        retention.ms: line 4, class audit
        segment.ms: line 8, override of base
        ");
    }
}
