use super::refusal::Refusal;
use super::state::{Mode, Version};
use super::{Content, Registry};
use klerk_core::world::{SchemaReference, SchemaType};
use serde_json::Value;

/// A schema as a request brings it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Brought {
    /// Its text; `None` when there was none.
    pub text: Option<String>,
    pub kind: SchemaType,
    pub references: Vec<SchemaReference>,
    /// The id that it shall have.
    pub id: Option<i32>,
    /// The version that it shall be; −1 for one after the latest whatever is there.
    pub version: Option<i32>,
    /// Metadata and rules by their keys.
    pub extras: Vec<(String, Value)>,
}

impl Registry {
    /// Registers a schema and says under which id.
    pub(super) fn register(
        &mut self,
        subject: &str,
        brought: Brought,
        normalize: bool,
    ) -> Result<i32, Refusal> {
        self.check_writable(subject)?;
        let heeds = self.manner.heeds_what_comes_with_a_schema();
        let importing = heeds && self.mode_of(subject) == Mode::Import;
        let (id, version) = if heeds { (brought.id, brought.version) } else { (None, None) };
        if id.is_some() && !importing {
            return Err(Refusal::NotPermitted(format!("Subject {subject} is not in import mode")));
        }
        if id.is_none() && importing {
            return Err(Refusal::NotPermitted(format!("Subject {subject} is in import mode")));
        }
        let content = self.read_to_register(subject, brought)?;
        let same = |one: &Content| one.is(&content) || normalize && one.is_normally(&content);
        let known = self.live(subject).rev().find(|(_, one)| same(one)).map(|(known, _)| known);
        let latest = self.live(subject).next_back().map(|(latest, _)| latest);
        if let Some(known) = known
            && (version != Some(-1) || latest == Some(known))
        {
            return Ok(known.id);
        }
        if importing {
            return self.import(subject, content, id, version);
        }
        if known.is_none() {
            self.admit(subject, &content)?;
        }
        let number = self.next_number(subject);
        if version.is_some_and(|wanted| wanted > 0 && wanted != number) {
            let reason = format!("the next version is {number}, not the one that the request names");
            return Err(Refusal::InvalidSchema(reason));
        }
        let id = self.keep(content);
        self.add(subject, Version { number, id, deleted: false });
        Ok(id)
    }

    /// The version that holds a schema.
    pub(super) fn lookup(
        &self,
        subject: &str,
        brought: Brought,
        normalize: bool,
        deleted: bool,
    ) -> Result<(Version, &Content), Refusal> {
        let found = self.subject(subject, deleted || self.manner.is_apicurio())?;
        let Brought { text, kind, references, .. } = brought;
        let no_match = || Refusal::NoMatch(subject.to_owned());
        let text = text.ok_or(Refusal::NoSchemaGiven)?;
        let content = match Content::read(self.manner, kind, &text, references, self) {
            Err(Refusal::InvalidSchema(_)) if self.manner.is_apicurio() => return Err(no_match()),
            other => other?,
        };
        let mut seen = found.versions.iter().rev().filter(|version| deleted || !version.deleted);
        let same = |id: i32| {
            self.contents.get(&id).filter(|one| {
                // Nobody asks with metadata: what a schema says decides.
                let plain = one.with_extras(Vec::new());
                plain.is(&content) || normalize && plain.is_normally(&content)
            })
        };
        seen.find_map(|version| Some((*version, same(version.id)?))).ok_or_else(no_match)
    }

    /// Reads a schema, fills in what it inherits from the latest version, and refuses one that is none.
    fn read_to_register(&self, subject: &str, brought: Brought) -> Result<Content, Refusal> {
        let latest = self.live(subject).next_back().map(|(_, content)| content);
        let heeds = self.manner.heeds_what_comes_with_a_schema();
        let text = match (brought.text, latest) {
            // Who sends metadata alone means the text that is there.
            (text, Some(latest)) if heeds && text.as_deref().is_none_or(|text| text.trim().is_empty()) => {
                return Ok(latest.with_extras(inherited(brought.extras, Some(latest))));
            }
            (Some(text), _) => text,
            (None, _) => return Err(Refusal::NoSchemaGiven),
        };
        let mut content = Content::read(self.manner, brought.kind, &text, brought.references, self)?;
        if heeds {
            content.extras = inherited(brought.extras, latest);
        }
        Ok(content)
    }

    fn import(
        &mut self,
        subject: &str,
        content: Content,
        id: Option<i32>,
        version: Option<i32>,
    ) -> Result<i32, Refusal> {
        let Some(id) = id.filter(|id| *id > 0) else {
            return Err(Refusal::NotPermitted("an id must be above 0".to_owned()));
        };
        if self.contents.get(&id).is_some_and(|held| !held.is(&content)) {
            return Err(Refusal::NotPermitted(format!(
                "Overwrite new schema with id {id} is not permitted."
            )));
        }
        let number = version.filter(|number| *number > 0).unwrap_or_else(|| self.next_number(subject));
        self.contents.insert(id, content);
        self.last_id = self.last_id.max(id);
        self.add(subject, Version { number, id, deleted: false });
        Ok(id)
    }

    /// A number is not used again while a version that had it can still be seen.
    fn next_number(&self, subject: &str) -> i32 {
        let versions = self.subjects.get(subject).map_or(&[][..], |subject| &subject.versions);
        versions.iter().map(|version| version.number).max().unwrap_or(0) + 1
    }

    /// The id of a schema, the same in all subjects that hold it.
    fn keep(&mut self, content: Content) -> i32 {
        if let Some((id, _)) = self.contents.iter().find(|(_, held)| held.is(&content)) {
            return *id;
        }
        self.last_id += 1;
        self.contents.insert(self.last_id, content);
        self.last_id
    }

    fn add(&mut self, subject: &str, version: Version) {
        let versions = &mut self.subjects.entry(subject.to_owned()).or_default().versions;
        versions.retain(|one| one.number != version.number);
        versions.push(version);
        versions.sort_by_key(|version| version.number);
    }
}

/// What a schema does not bring with it, it takes over from the version before.
fn inherited(mut extras: Vec<(String, Value)>, latest: Option<&Content>) -> Vec<(String, Value)> {
    for (key, value) in latest.map_or(&[][..], |latest| &latest.extras) {
        if !extras.iter().any(|(own, _)| own == key) {
            extras.push((key.clone(), value.clone()));
        }
    }
    extras.sort_by(|(one, _), (other, _)| one.cmp(other));
    extras
}
