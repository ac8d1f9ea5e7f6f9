//! klerk's own verdict on a new version, where no registry is asked, or it gives no reasons.

use super::levels::level_at_registration;
use crate::plan::{Answer, OwnVerdict};
use crate::schema::CompatibilityLevel;
use crate::schema::avro;
use crate::schema::compatibility::{Direction, Existing, Incompatibility, Whole, check};
use crate::topology::Subject;
use crate::world::{SchemaType, SubjectView, VersionView};

/// The level that registries have where nobody has set one.
const USUAL: CompatibilityLevel = CompatibilityLevel::Backward;

/// Whether the schema may follow the versions that are known, by the rules of Avro for Java.
pub(in crate::plan) fn judge_alone(want: &Subject, view: &SubjectView) -> Answer {
    let stated = level_at_registration(want, view);
    let level = stated.unwrap_or(USUAL);
    if level == CompatibilityLevel::None {
        return Answer::OwnVerdict(OwnVerdict { level, assumed: false, reasons: Vec::new() });
    }
    match incompatibilities(want.kind, &want.text, &view.versions, level) {
        Ok(found) => {
            let reasons = found.iter().map(reason).collect();
            Answer::OwnVerdict(OwnVerdict { level, assumed: stated.is_none(), reasons })
        }
        Err(why) => Answer::NotAsked(why),
    }
}

/// Everything against a new version after these, oldest first, by the rules of Avro for Java; or why klerk cannot tell.
pub(super) fn incompatibilities(
    kind: SchemaType,
    text: &str,
    versions: &[VersionView],
    level: CompatibilityLevel,
) -> Result<Vec<Incompatibility>, String> {
    let only_avro = |which: String| format!("klerk by itself judges Avro schemas only, and {which}");
    if kind != SchemaType::Avro {
        return Err(only_avro(format!("this one is {kind}")));
    }
    let new = avro::parse(text).map_err(|_| only_avro("cannot read this one as one".to_owned()))?;
    let mut older = Vec::new();
    for VersionView { version, kind, text, references, .. } in versions {
        if *kind != SchemaType::Avro {
            return Err(only_avro(format!("version {version} is {kind}")));
        }
        if !references.is_empty() {
            return Err(format!("version {version} refers to other schemas, which klerk does not read"));
        }
        let schema = avro::parse_registered(text)
            .map_err(|_| only_avro(format!("cannot read version {version} as one")))?;
        older.push((*version, schema));
    }
    let existing: Vec<Existing<'_>> =
        older.iter().map(|(version, schema)| Existing { version: *version, schema: schema.into() }).collect();
    check(Whole::from(&new), &existing, level).map_err(|too_complex| too_complex.to_string())
}

fn reason(one: &Incompatibility) -> String {
    match one.direction {
        Direction::Backward => format!("the new schema cannot read data of the old one: {}", one.fault),
        Direction::Forward => format!("the old schema cannot read data of the new one: {}", one.fault),
    }
}
