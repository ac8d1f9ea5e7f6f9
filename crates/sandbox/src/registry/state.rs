use super::content::Shelf;
use super::refusal::Refusal;
use super::{Access, Content, HttpFault, Manner};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::world::SchemaReference;
use std::collections::BTreeMap;

/// The whole state of a simulated registry.
#[derive(Debug)]
pub struct Registry {
    /// Which registry it imitates.
    pub manner: Manner,
    /// The subjects by name, with those that are deleted softly.
    pub subjects: BTreeMap<String, Subject>,
    /// The schemas by id.
    pub contents: BTreeMap<i32, Content>,
    /// The global level.
    pub level: CompatibilityLevel,
    /// The levels of subjects, which need not exist.
    pub levels: BTreeMap<String, CompatibilityLevel>,
    /// The global mode.
    pub mode: Mode,
    /// The modes of subjects, which need not exist.
    pub modes: BTreeMap<String, Mode>,
    /// Who is let in.
    pub access: Access,
    /// What shall go wrong, in the order in which it was armed.
    pub faults: Vec<HttpFault>,
    /// The requests that a fault went off for, as `POST /subjects/orders-value/versions`, in their order.
    pub harmed: Vec<String>,
    /// The highest id that was ever given.
    pub(super) last_id: i32,
}

/// A subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its versions, oldest first, with those that are deleted softly. Never empty.
    pub versions: Vec<Version>,
}

/// A version of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: i32,
    /// The id of its schema.
    pub id: i32,
    /// Whether it is deleted softly.
    pub deleted: bool,
}

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everything, under ids that the registry gives.
    #[default]
    ReadWrite,
    /// Nothing.
    ReadOnly,
    /// Nothing, whatever the modes of subjects are.
    ReadOnlyOverride,
    /// Schemas under ids that come with them, unchecked.
    Import,
}

impl Mode {
    const ALL: [Mode; 4] = [Mode::ReadWrite, Mode::ReadOnly, Mode::ReadOnlyOverride, Mode::Import];

    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::ReadWrite => "READWRITE",
            Mode::ReadOnly => "READONLY",
            Mode::ReadOnlyOverride => "READONLY_OVERRIDE",
            Mode::Import => "IMPORT",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(word))
    }
}

impl Subject {
    /// The versions that are not deleted.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions.iter().filter(|version| !version.deleted)
    }

    pub(super) fn is_live(&self) -> bool {
        self.live().next().is_some()
    }
}

/// A version as a request names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Latest,
    Number(i32),
}

impl Registry {
    /// An empty registry, open to all.
    pub fn new(manner: Manner) -> Registry {
        Registry {
            manner,
            subjects: BTreeMap::new(),
            contents: BTreeMap::new(),
            level: manner.first_level(),
            levels: BTreeMap::new(),
            mode: Mode::default(),
            modes: BTreeMap::new(),
            access: Access::default(),
            faults: Vec::new(),
            harmed: Vec::new(),
            last_id: 0,
        }
    }

    /// Arms a fault.
    pub fn arm(&mut self, fault: HttpFault) {
        self.faults.push(fault);
    }

    /// A subject with live versions, or with any at all.
    pub(super) fn subject(&self, name: &str, deleted: bool) -> Result<&Subject, Refusal> {
        let found = self.subjects.get(name).filter(|subject| deleted || subject.is_live());
        found.ok_or_else(|| Refusal::NoSubject(name.to_owned()))
    }

    /// Reads how a request names a version.
    pub(super) fn wanted(subject: &str, word: &str) -> Result<Wanted, Refusal> {
        let number = match word {
            "latest" | "-1" => return Ok(Wanted::Latest),
            _ => word.parse().ok().filter(|number| *number > 0),
        };
        number
            .map(Wanted::Number)
            .ok_or_else(|| Refusal::NotAVersion { subject: subject.to_owned(), version: word.to_owned() })
    }

    /// A version with its schema.
    pub(super) fn version(
        &self,
        name: &str,
        word: &str,
        deleted: bool,
    ) -> Result<(Version, &Content), Refusal> {
        let missing = || Refusal::NoVersion { subject: name.to_owned(), version: word.to_owned() };
        let wanted = Registry::wanted(name, word)?;
        let subject = self.subject(name, deleted)?;
        let found = match wanted {
            Wanted::Latest if !subject.is_live() => return Err(Refusal::NoSubject(name.to_owned())),
            Wanted::Latest => subject.live().next_back(),
            Wanted::Number(number) => {
                let visible = |version: &&Version| version.number == number && (deleted || !version.deleted);
                subject.versions.iter().find(visible)
            }
        };
        let version = *found.ok_or_else(missing)?;
        let content = self.contents.get(&version.id).ok_or_else(missing)?;
        Ok((version, content))
    }

    /// The live versions of a subject with their schemas, oldest first; none for a subject that does not exist.
    pub(super) fn live(&self, name: &str) -> impl DoubleEndedIterator<Item = (Version, &Content)> {
        let versions = self.subjects.get(name).into_iter().flat_map(Subject::live);
        versions.filter_map(|version| Some((*version, self.contents.get(&version.id)?)))
    }

    /// The ids of the schemas with live versions that refer to this version.
    pub(super) fn referenced_by(&self, subject: &str, number: i32) -> Vec<i32> {
        let refers = |content: &Content| {
            content.references.iter().any(|one| one.subject == subject && one.version == number)
        };
        let mut ids: Vec<i32> =
            self.subjects.values().flat_map(Subject::live).map(|version| version.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| self.contents.get(id).is_some_and(refers));
        ids
    }

    /// Where a schema is used: subjects and versions.
    pub(super) fn uses(&self, id: i32, deleted: bool) -> Vec<(&str, i32)> {
        let subjects = self.subjects.iter();
        let all =
            subjects.flat_map(|(name, subject)| subject.versions.iter().map(move |one| (name.as_str(), one)));
        all.filter(|(_, version)| version.id == id && (deleted || !version.deleted))
            .map(|(name, version)| (name, version.number))
            .collect()
    }
}

impl Shelf for Registry {
    fn referenced(&self, reference: &SchemaReference) -> Option<&Content> {
        let word = reference.version.to_string();
        self.version(&reference.subject, &word, true).ok().map(|(_, content)| content)
    }
}
