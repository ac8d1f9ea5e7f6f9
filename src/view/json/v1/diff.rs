use super::{OriginV1, ResourceV1};
use klerk_core::topology::{About, Difference, FieldDifference, HeldBy};
use klerk_core::values::Sourced;
use serde::Serialize;

/// `klerk.diff`: what differs between two environments of a topology.
#[derive(Debug, Clone, Serialize)]
pub struct DiffDocument {
    format: &'static str,
    version: u32,
    a: String,
    b: String,
    same: bool,
    differences: Vec<DifferenceV1>,
}

#[derive(Debug, Clone, Serialize)]
struct DifferenceV1 {
    /// A resource, or a section of the file that says something of all of them: type `section`, name `policy`.
    resource: ResourceV1,
    /// The one environment that has it; `null` where both have it.
    only_in: Option<String>,
    fields: Vec<FieldV1>,
}

#[derive(Debug, Clone, Serialize)]
struct FieldV1 {
    field: String,
    a: Option<SaidV1>,
    b: Option<SaidV1>,
}

#[derive(Debug, Clone, Serialize)]
struct SaidV1 {
    value: String,
    origin: OriginV1,
}

impl DiffDocument {
    /// The document for the environments `a` and `b`.
    pub fn new(differences: &[Difference], a: &str, b: &str) -> Self {
        let only_in = |held_by: HeldBy| match held_by {
            HeldBy::First => Some(a.to_owned()),
            HeldBy::Second => Some(b.to_owned()),
            HeldBy::Both => None,
        };
        let difference = |difference: &Difference| DifferenceV1 {
            resource: match &difference.about {
                About::Resource(resource) => ResourceV1::from(resource),
                About::Section(name) => ResourceV1 { kind: "section".to_owned(), name: (*name).to_owned() },
            },
            only_in: only_in(difference.held_by),
            fields: difference.fields.iter().map(FieldV1::from).collect(),
        };
        DiffDocument {
            format: "klerk.diff",
            version: 1,
            a: a.to_owned(),
            b: b.to_owned(),
            same: differences.is_empty(),
            differences: differences.iter().map(difference).collect(),
        }
    }
}

impl From<&FieldDifference> for FieldV1 {
    fn from(difference: &FieldDifference) -> Self {
        let said = |said: &Option<Sourced<String>>| {
            said.as_ref()
                .map(|said| SaidV1 { value: said.value.clone(), origin: OriginV1::from(&said.origin) })
        };
        FieldV1 { field: difference.field.clone(), a: said(&difference.first), b: said(&difference.second) }
    }
}
