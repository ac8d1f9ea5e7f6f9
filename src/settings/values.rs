//! The values of known client properties, in layers: what is nearer to the command line is stronger, key by key.

use super::chosen::Chosen;
use super::contexts::{ClientValue, Lined};
use super::keys::{self, Key, Meaning, Part, Plane, Refusal};
use super::properties::text_of;
use super::providers::Providers;
use super::resolve::{Setting, SettingOrigin};
use super::secret_command::ask_command;
use super::{Environment, Property, SettingsError, parse_properties};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A value as it was given.
#[derive(Clone)]
pub(super) struct Given {
    /// The key as it was spelled.
    pub spelled: String,
    /// The value, with references followed; it may be a secret.
    pub value: String,
    /// Who said so.
    pub origin: SettingOrigin,
    /// The folder that a relative path starts from.
    folder: PathBuf,
    layer: u32,
    /// The command that prints the value, where it has not been run.
    command: Option<Vec<String>>,
}

/// What stands for a secret whose command has not been run; it has the form of `USER:PASSWORD`, too.
const PENDING: &str = "by-command:by-command";

impl Given {
    /// The place and the key, for messages.
    pub(super) fn place(&self) -> String {
        format!("{}: {}", self.origin, self.spelled)
    }

    /// The value as a path. A relative one starts from the file that it stands in.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.value)
    }

    /// The value as it may be shown.
    pub(super) fn shown(&self) -> String {
        match (&self.command, keys::is_secret(&self.spelled)) {
            (Some(words), _) => format!("***, by the command {}", words.first().map_or("", String::as_str)),
            (None, true) => "***".to_owned(),
            // Its arguments may be secrets.
            (None, false) if self.spelled == Key::TokenCommand.name() => {
                let mut words = self.value.split_whitespace();
                let program = words.next().unwrap_or_default();
                if words.next().is_some() { format!("{program} …") } else { program.to_owned() }
            }
            (None, false) => self.value.clone(),
        }
    }

    /// Another value at the same place, such as an option of a JAAS line.
    pub(super) fn with(&self, spelled: &str, value: &str) -> Given {
        Given { spelled: spelled.to_owned(), value: value.to_owned(), ..self.clone() }
    }

    /// Refuses another value of the same thing in the same layer: neither of the two is the one that was meant.
    ///
    /// # Errors
    /// When they differ.
    pub(super) fn agrees_with(&self, other: &Given) -> Result<(), SettingsError> {
        match self.layer == other.layer && self.value != other.value {
            true => Err(SettingsError::Contradiction { first: self.place(), second: other.place() }),
            false => Ok(()),
        }
    }

    /// This, or the same thing said in another way nearer to the command line.
    ///
    /// # Errors
    /// When they differ in the same layer.
    pub(super) fn or_nearer(self, other: Option<&Given>) -> Result<Given, SettingsError> {
        let Some(other) = other else { return Ok(self) };
        self.agrees_with(other)?;
        Ok(if other.layer > self.layer { other.clone() } else { self })
    }

    pub(super) fn setting<T>(&self, value: T) -> Setting<T> {
        Setting { value, origin: self.origin.clone() }
    }

    /// The refusal of a value that the key does not take. A secret is not repeated.
    pub(super) fn not(&self, expected: &'static str) -> SettingsError {
        SettingsError::Value {
            origin: self.origin.to_string(),
            key: self.spelled.clone(),
            value: self.shown(),
            expected,
        }
    }
}

/// How many layers the values of a context have: its properties file, and its own client properties.
const LAYERS_OF_A_CONTEXT: u32 = 2;

/// The values of known client properties.
#[derive(Default, Clone)]
pub(super) struct Values {
    known: BTreeMap<(Plane, Key), Given>,
    refused: Vec<(Plane, Given, &'static Refusal)>,
    /// Keys that say nothing to klerk.
    pub ignored: Vec<String>,
    /// Files that secrets were read from.
    pub secret_files: BTreeSet<PathBuf>,
    /// Places in files that Java's clients read as other characters.
    pub read_otherwise: Vec<String>,
    layer: u32,
}

impl Values {
    /// What stands over the values of a context, which were read apart from it.
    pub(super) fn over_a_context() -> Values {
        Values { layer: LAYERS_OF_A_CONTEXT, ..Values::default() }
    }

    /// All of it over what a context says.
    ///
    /// # Errors
    /// When both say the same thing by other names, and not alike.
    pub(super) fn over(self, context: Values) -> Result<Values, SettingsError> {
        let mut values = context;
        for (at, given) in self.known {
            values.insert(at, given)?;
        }
        values.refused.extend(self.refused);
        values.ignored.extend(self.ignored);
        values.secret_files.extend(self.secret_files);
        values.read_otherwise.extend(self.read_otherwise);
        Ok(values)
    }

    /// Leaves nothing of what was said for these servers.
    pub(super) fn forget(&mut self, plane: Plane) {
        self.known.retain(|(on, _), _| *on != plane);
        self.refused.retain(|(on, ..)| *on != plane);
    }

    /// Adds a properties file, which somebody has named, over what is there.
    pub(super) fn add_file(
        &mut self,
        path: &Path,
        named: &SettingOrigin,
        environment: &Environment,
    ) -> Result<(), SettingsError> {
        let bytes = fs::read(path).map_err(|source| SettingsError::Unreadable {
            origin: named.to_string(),
            path: path.to_owned(),
            source,
        })?;
        let is_utf8 = std::str::from_utf8(&bytes).is_ok();
        let properties = parse_properties(&text_of(bytes))
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let providers = Providers::declared(&properties, environment, &folder);
        let path: Arc<Path> = path.into();
        self.layer += 1;
        for Property { key, value, line, is_ascii } in properties {
            let origin = SettingOrigin::File { path: Arc::clone(&path), line };
            if is_utf8 && !is_ascii && matches!(keys::meaning(&key), Meaning::Used(..)) {
                self.read_otherwise.push(format!("{origin}: {key}"));
            }
            if keys::is_secret(&key) && !value.trim().is_empty() && !value.contains("${") {
                self.secret_files.insert(path.to_path_buf());
            }
            let given = Given {
                spelled: key,
                value,
                origin,
                folder: folder.clone(),
                layer: self.layer,
                command: None,
            };
            self.add(given, &providers)?;
        }
        Ok(())
    }

    /// Adds what a context says over what is there: its properties file, and over that its own client properties.
    pub(super) fn add_context(
        &mut self,
        chosen: &Chosen<'_>,
        environment: &Environment,
    ) -> Result<(), SettingsError> {
        if let Some(properties) = &chosen.context.properties {
            self.add_file(&properties.value, &chosen.origin(properties.line), environment)?;
        }
        let folder = chosen.contexts.path.parent().unwrap_or(Path::new("")).to_owned();
        let providers = Providers::declared(&[], environment, &folder);
        self.layer += 1;
        for (key, Lined { value, line }) in &chosen.context.client {
            let (value, command) = match value {
                ClientValue::Text(text) => {
                    if keys::is_secret(key) && !text.contains("${") {
                        self.secret_files.insert(chosen.contexts.path.to_path_buf());
                    }
                    (text.clone(), None)
                }
                ClientValue::File(path) => {
                    let text = fs::read_to_string(path).map_err(|source| SettingsError::SecretFile {
                        origin: chosen.origin(*line).to_string(),
                        key: key.clone(),
                        path: path.clone(),
                        source,
                    })?;
                    self.secret_files.insert(path.clone());
                    (text.trim_end_matches(['\n', '\r']).to_owned(), None)
                }
                ClientValue::Command(words) => (PENDING.to_owned(), Some(words.clone())),
            };
            let given = Given {
                spelled: key.clone(),
                value,
                origin: chosen.origin(*line),
                folder: folder.clone(),
                layer: self.layer,
                command,
            };
            self.add(given, &providers)?;
        }
        Ok(())
    }

    /// Whether there are secrets whose commands have not been run.
    pub(super) fn is_pending(&self) -> bool {
        self.known.values().any(|given| given.command.is_some())
    }

    /// The same with the commands run that print secrets.
    ///
    /// # Errors
    /// With the first that gives none.
    pub(super) fn with_commands_run(&self, limit: Duration) -> Result<Values, SettingsError> {
        let mut values = self.clone();
        for given in values.known.values_mut() {
            if let Some(words) = given.command.take() {
                given.value = ask_command(&words, limit).map_err(|fault| SettingsError::Command {
                    origin: given.origin.to_string(),
                    key: given.spelled.clone(),
                    fault,
                })?;
            }
        }
        Ok(values)
    }

    /// Adds what `-X` says over what is there.
    pub(super) fn add_pairs(
        &mut self,
        pairs: &[String],
        environment: &Environment,
    ) -> Result<(), SettingsError> {
        let providers = Providers::declared(&[], environment, Path::new(""));
        self.layer += 1;
        for pair in pairs {
            let Some((key, value)) = pair.split_once('=') else {
                let key = pair.split([' ', ':']).next().unwrap_or_default();
                return Err(SettingsError::NotAPair(key.to_owned()));
            };
            let (key, value) = (key.trim(), value.trim());
            if keys::is_secret(key) {
                return Err(SettingsError::SecretOnCommandLine(key.to_owned()));
            }
            if matches!(keys::meaning(key), Meaning::Ignored | Meaning::Unknown) {
                return Err(SettingsError::UnknownKey { key: key.to_owned(), similar: keys::similar(key) });
            }
            let given = Given {
                spelled: key.to_owned(),
                value: value.to_owned(),
                origin: SettingOrigin::Flag("-X"),
                folder: PathBuf::new(),
                layer: self.layer,
                command: None,
            };
            self.add(given, &providers)?;
        }
        Ok(())
    }

    /// Adds options of a JAAS line that are spelled as properties are.
    pub(super) fn of_options(options: impl IntoIterator<Item = Given>) -> Values {
        let mut values = Values::default();
        for given in options {
            if let Some(key) = keys::spelled(&given.spelled) {
                values.known.insert((Plane::Tokens, key), given);
            }
        }
        values
    }

    fn add(&mut self, mut given: Given, providers: &Providers<'_>) -> Result<(), SettingsError> {
        let (plane, key) = match keys::meaning(&given.spelled) {
            Meaning::Used(plane, key) => (plane, key),
            Meaning::Refused(..) if keys::asks_for_the_usual(&given.spelled, &given.value) => {
                self.ignored.push(given.spelled);
                return Ok(());
            }
            Meaning::Refused(plane, refusal) => {
                self.refused.push((plane, given, refusal));
                return Ok(());
            }
            Meaning::Unknown => {
                return Err(SettingsError::UnknownSecurityKey {
                    origin: given.origin.to_string(),
                    similar: keys::similar(&given.spelled),
                    key: given.spelled,
                });
            }
            Meaning::Ignored => {
                let plausible = keys::is_plausible(&given.spelled);
                match &given.origin {
                    _ if given.spelled.starts_with("config.providers") => {}
                    SettingOrigin::File { .. }
                        if !plausible && given.value.trim_matches([' ', '=']).is_empty() =>
                    {
                        return Err(SettingsError::Lacking {
                            origin: given.origin.to_string(),
                            what: "this is no client property, and is not repeated: it may be a secret"
                                .to_owned(),
                            needs:
                                "write KEY=VALUE; a password stands in a file of properties behind its key"
                                    .to_owned(),
                        });
                    }
                    SettingOrigin::File { line, .. } if !plausible => {
                        self.ignored.push(format!("the key of line {line}"));
                    }
                    _ => self.ignored.push(given.spelled),
                }
                return Ok(());
            }
        };
        let followed = providers.follow(&given.value).map_err(|problem| SettingsError::Provider {
            origin: given.origin.to_string(),
            key: given.spelled.clone(),
            problem,
        })?;
        given.value = followed.value.trim().to_owned();
        self.secret_files.extend(followed.files);
        self.insert((plane, key), given)
    }

    fn insert(&mut self, at: (Plane, Key), given: Given) -> Result<(), SettingsError> {
        if let Some(before) = self.known.get(&at).filter(|before| before.spelled != given.spelled) {
            before.agrees_with(&given)?;
        }
        self.known.insert(at, given);
        Ok(())
    }

    /// What was said about a key, also when it was said to be nothing.
    pub(super) fn said(&self, plane: Plane, key: Key) -> Option<&Given> {
        self.known.get(&(plane, key))
    }

    /// The value of a key; one that is empty counts as not given.
    pub(super) fn given(&self, plane: Plane, key: Key) -> Option<&Given> {
        self.said(plane, key).filter(|given| !given.value.is_empty())
    }

    /// The one of several keys that is given, where each of them says the same thing in another way: the nearest to the command
    /// line.
    ///
    /// # Errors
    /// When two of them are given in one place.
    pub(super) fn one_of(&self, plane: Plane, keys: &[Key]) -> Result<Option<(Key, &Given)>, SettingsError> {
        let mut found: Option<(Key, &Given)> = None;
        for key in keys {
            let Some(given) = self.given(plane, *key) else { continue };
            match found {
                Some((_, before)) if before.layer == given.layer => {
                    return Err(SettingsError::Contradiction {
                        first: before.place(),
                        second: given.place(),
                    });
                }
                Some((_, before)) if before.layer > given.layer => {}
                _ => found = Some((*key, given)),
            }
        }
        Ok(found)
    }

    /// The value of a key of the cluster with its origin.
    pub(super) fn setting(&self, plane: Plane, key: Key) -> Option<Setting<String>> {
        self.given(plane, key).map(|given| given.setting(given.value.clone()))
    }

    /// Everything that was given about a part of the connections of a plane, in the order of the keys; what is refused comes last.
    pub(super) fn about(&self, plane: Plane, part: Part) -> impl Iterator<Item = &Given> {
        let known = self.known.iter().filter(move |((on, key), _)| *on == plane && key.part() == part);
        let refused =
            self.refused.iter().filter(move |(on, _, refusal)| *on == plane && refusal.part() == part);
        known.map(|(_, given)| given).chain(refused.map(|(_, given, _)| given))
    }

    /// Everything that was given, in the order of planes and keys.
    pub(super) fn all(&self) -> impl Iterator<Item = (Plane, Key, &Given)> {
        self.known.iter().map(|((plane, key), given)| (*plane, *key, given))
    }

    /// Refuses what klerk does not do about a part of the connections of a plane.
    ///
    /// # Errors
    /// With the first of them.
    pub(super) fn check_refused(&self, plane: Plane, part: Part) -> Result<(), SettingsError> {
        match self.refused.iter().find(|(on, _, refusal)| *on == plane && refusal.part() == part) {
            None => Ok(()),
            Some((_, given, refusal)) => Err(SettingsError::Unsupported {
                origin: given.origin.to_string(),
                what: given.spelled.clone(),
                why: refusal.why.to_owned(),
                instead: refusal.instead.to_owned(),
            }),
        }
    }
}
