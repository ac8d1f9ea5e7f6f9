use super::content::Meaning;
use super::refusal::Refusal;
use super::register::Brought;
use super::state::Version;
use super::{Content, Manner, Registry};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::schema::compatibility::{Direction, Existing, FaultKind, Incompatibility, Whole, check};

/// Against which versions a schema is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against<'r> {
    /// One version, by its word.
    Version(&'r str),
    /// All live versions.
    All,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub compatible: bool,
    /// The reasons, as the manner words them.
    pub messages: Vec<String>,
}

const FINE: Judgement = Judgement { compatible: true, messages: Vec::new() };

impl Registry {
    /// Refuses a schema that the subject's level does not allow as its next version.
    pub(super) fn admit(&self, subject: &str, new: &Content) -> Result<(), Refusal> {
        let level = self.level_of(subject);
        let versions: Vec<_> = self.live(subject).collect();
        let found = compare(new, &versions, level)?;
        if found.is_empty() {
            return Ok(());
        }
        let bare: Vec<_> = found.iter().map(|one| bare(self.manner, one)).collect();
        Err(Refusal::Incompatible {
            subject: subject.to_owned(),
            kind: new.kind.as_str(),
            reasons: bare,
            details: details(&found, &versions, level),
        })
    }

    /// Checks a schema without registering it.
    pub(super) fn judge(
        &self,
        subject: &str,
        against: Against<'_>,
        brought: Brought,
    ) -> Result<Judgement, Refusal> {
        let level = self.level_of(subject);
        let versions: Vec<(Version, &Content)> = match against {
            Against::All => {
                if !self.manner.passes_all_versions_of_nothing() {
                    self.subject(subject, self.manner.is_apicurio())?;
                }
                self.live(subject).collect()
            }
            Against::Version(word) => match self.version(subject, word, false) {
                Ok(version) => vec![version],
                Err(_) if matches!(word, "latest" | "-1") && self.manner.passes_latest_of_nothing() => {
                    Vec::new()
                }
                Err(Refusal::NoSubject(_)) if !self.manner.is_apicurio() => {
                    return Err(Refusal::NoVersion { subject: subject.to_owned(), version: word.to_owned() });
                }
                Err(refusal) => return Err(refusal),
            },
        };
        let nothing_to_do = versions.is_empty() || level == CompatibilityLevel::None;
        if nothing_to_do && !self.manner.reads_before_it_compares() {
            return Ok(FINE);
        }
        let new = self.read_to_check(brought)?;
        let level = match against {
            Against::All if self.manner.checks_all_at_any_level() => transitive(level),
            _ => level,
        };
        let found = compare(&new, &versions, level)?;
        let messages = match self.manner {
            Manner::Confluent if !found.is_empty() => details(&found, &versions, level),
            manner => found.iter().map(|one| bare(manner, one)).collect(),
        };
        Ok(Judgement { compatible: found.is_empty(), messages })
    }

    fn read_to_check(&self, brought: Brought) -> Result<Content, Refusal> {
        let text = brought.text.ok_or(Refusal::NoSchemaGiven)?;
        Content::read(self.manner, brought.kind, &text, brought.references, self).map_err(|refusal| {
            match refusal {
                Refusal::InvalidSchema(details) => Refusal::InvalidSchemaInCheck(details),
                other => other,
            }
        })
    }
}

fn transitive(level: CompatibilityLevel) -> CompatibilityLevel {
    match level {
        CompatibilityLevel::Backward => CompatibilityLevel::BackwardTransitive,
        CompatibilityLevel::Forward => CompatibilityLevel::ForwardTransitive,
        CompatibilityLevel::Full => CompatibilityLevel::FullTransitive,
        other => other,
    }
}

/// The reasons against a schema; none also where nothing has to be compared.
fn compare(
    new: &Content,
    versions: &[(Version, &Content)],
    level: CompatibilityLevel,
) -> Result<Vec<Incompatibility>, Refusal> {
    if level == CompatibilityLevel::None || versions.is_empty() {
        return Ok(Vec::new());
    }
    let cannot = |content: &Content| {
        Refusal::Unchecked(format!(
            "this simulated registry compares Avro schemas only, and at level {level} a {} schema must be compared: set the level NONE, or use a real registry",
            content.kind
        ))
    };
    let mut existing = Vec::with_capacity(versions.len());
    for (version, content) in versions {
        let schema = whole(content).ok_or_else(|| cannot(content))?;
        existing.push(Existing { version: version.number, schema });
    }
    let new = whole(new).ok_or_else(|| cannot(new))?;
    check(new, &existing, level).map_err(|error| Refusal::Unchecked(error.to_string()))
}

fn whole(content: &Content) -> Option<Whole<'_>> {
    match &content.meaning {
        Meaning::Avro { schema, uses } => Some(Whole { schema, references: uses }),
        Meaning::Opaque => None,
    }
}

fn place(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// A reason in few words, as Apicurio and Karapace give it.
fn bare(manner: Manner, one: &Incompatibility) -> String {
    match manner {
        Manner::Apicurio => format!("{} at {}", one.fault.message, place(&one.fault.path)),
        Manner::Confluent | Manner::Karapace => one.fault.message.clone(),
    }
}

/// The reasons as Confluent gives them: a text each in a notation that looks like JSON, then the version that they are
/// about, and the level.
fn details(
    found: &[Incompatibility],
    versions: &[(Version, &Content)],
    level: CompatibilityLevel,
) -> Vec<String> {
    let newest = found.first().map_or(0, |one| one.version);
    let mut told: Vec<String> = found.iter().filter(|one| one.version == newest).map(detail).collect();
    told.push(format!("{{oldSchemaVersion: {newest}}}"));
    let old = versions.iter().find(|(version, _)| version.number == newest);
    told.extend(old.map(|(_, content)| format!("{{oldSchema: '{}'}}", content.text)));
    told.push(format!("{{compatibility: '{level}'}}"));
    told
}

fn detail(one: &Incompatibility) -> String {
    let (reader, writer) = match one.direction {
        Direction::Backward => ("new", "old"),
        Direction::Forward => ("old", "new"),
    };
    let (path, message) = (place(&one.fault.path), &one.fault.message);
    let description = match one.fault.kind {
        FaultKind::NameMismatch => {
            format!("at '{path}' the {reader} and the {writer} schema have different names")
        }
        FaultKind::FixedSizeMismatch => {
            format!("at '{path}' the {reader} and the {writer} schema have different sizes")
        }
        FaultKind::MissingEnumSymbols => {
            format!("at '{path}' the {reader} schema lacks symbols of the {writer} schema")
        }
        FaultKind::ReaderFieldMissingDefaultValue => {
            format!(
                "the field '{message}' at '{path}' in the {reader} schema has no default value and is missing in the {writer} schema"
            )
        }
        FaultKind::TypeMismatch => {
            format!("at '{path}' the type in the {reader} schema does not match that in the {writer} schema")
        }
        FaultKind::MissingUnionBranch => {
            format!("at '{path}' the union in the {reader} schema lacks a type of the {writer} schema")
        }
    };
    format!("{{errorType:'{}', description:'{description}', additionalInfo:'{message}'}}", one.fault.kind)
}
