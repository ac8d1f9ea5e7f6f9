//! `config.toml`: clusters by name, each with where it is and how one logs in there.

use super::SettingsError;
use super::keys;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with the line that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lined<T> {
    pub value: T,
    pub line: u32,
}

/// The file of contexts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contexts {
    pub(super) path: Arc<Path>,
    pub(super) default: Option<Lined<String>>,
    pub(super) all: BTreeMap<String, Context>,
}

/// A cluster by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Context {
    pub line: u32,
    pub bootstrap: Option<Lined<Vec<String>>>,
    pub registry: Option<Lined<Vec<String>>>,
    pub properties: Option<Lined<PathBuf>>,
    pub client: Vec<(String, Lined<ClientValue>)>,
    pub topology: Option<Lined<PathBuf>>,
    pub cluster: Option<Lined<String>>,
    pub protected: bool,
}

/// The value of a client property of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClientValue {
    Text(String),
    /// The content of a file.
    File(PathBuf),
    /// What a command prints.
    Command(Vec<String>),
}

/// A context as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedContext {
    /// Its name.
    pub name: String,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether it is the default.
    pub default: bool,
    /// The file and the line.
    pub origin: String,
}

/// What is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextsFault {
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// A key that nothing reads.
    #[error("there is no '{key}' here")]
    UnknownKey {
        /// The key.
        key: String,
        /// One that looks like it.
        similar: Option<String>,
    },
    /// A value of another type.
    #[error("{key} has to be {expected}")]
    Type {
        /// The key.
        key: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The default is not among the contexts.
    #[error("the default context '{name}' is not among those of this file")]
    NoDefault {
        /// Its name.
        name: String,
        /// One that looks like it.
        similar: Option<String>,
    },
}

impl ContextsFault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            ContextsFault::UnknownKey { similar: Some(similar), .. }
            | ContextsFault::NoDefault { similar: Some(similar), .. } => {
                Some(format!("did you mean {similar}?"))
            }
            ContextsFault::UnknownKey { .. } => Some(format!("a context has {}", KEYS.join(", "))),
            ContextsFault::Syntax(_) | ContextsFault::Type { .. } | ContextsFault::NoDefault { .. } => None,
        }
    }
}

const KEYS: [&str; 7] = ["bootstrap", "registry", "properties", "client", "topology", "cluster", "protected"];
const TEXTS: &str = "a text, or a list of texts";
const CLIENT: &str = "a text, { file = \"PATH\" } or { command = [\"PROGRAM\", \"ARGUMENT\"] }";

/// A table with its entries by name.
type Entry<'t, 'i> = (&'t str, &'t Spanned<DeValue<'i>>);

struct Reader<'r> {
    path: &'r Arc<Path>,
    text: &'r str,
}

impl Contexts {
    /// Reads the file. Relative paths in it start from its folder.
    ///
    /// # Errors
    /// With the line of the first fault.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Contexts, SettingsError> {
        let path: Arc<Path> = path.into();
        let reader = Reader { path: &path, text };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            reader.fault_at(at, ContextsFault::Syntax(error.message().to_owned()))
        })?;
        let (mut default, mut all) = (None, BTreeMap::new());
        for (name, value) in entries(table.get_ref()) {
            match name {
                "default" => default = Some(reader.text(name, value)?),
                "contexts" => {
                    for (name, value) in entries(reader.table(name, value)?) {
                        all.insert(name.to_owned(), reader.context(name, value)?);
                    }
                }
                other => return Err(reader.unknown(other, value, &["default", "contexts"])),
            }
        }
        if let Some(Lined { value: name, line }) =
            default.as_ref().filter(|name| !all.contains_key(&name.value))
        {
            let similar =
                klerk_core::values::closest(name, all.keys().map(String::as_str)).map(str::to_owned);
            let fault = ContextsFault::NoDefault { name: name.clone(), similar };
            return Err(SettingsError::Contexts { path: path.to_path_buf(), line: *line, fault });
        }
        Ok(Contexts { path, default, all })
    }

    /// The names of all contexts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// All of them, for people.
    pub fn listed(&self) -> Vec<ListedContext> {
        let default = self.default.as_ref().map(|default| default.value.as_str());
        let listed = |(name, context): (&String, &Context)| ListedContext {
            name: name.clone(),
            protected: context.protected,
            default: default == Some(name),
            origin: format!("{}:{}", self.path.display(), context.line),
        };
        self.all.iter().map(listed).collect()
    }
}

fn entries<'t, 'i>(table: &'t DeTable<'i>) -> impl Iterator<Item = Entry<'t, 'i>> {
    table.iter().map(|(name, value)| (name.get_ref().as_ref(), value))
}

impl Reader<'_> {
    fn context(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Context, SettingsError> {
        let mut context = Context { line: self.line(value), ..Context::default() };
        for (key, value) in entries(self.table(name, value)?) {
            match key {
                "bootstrap" => context.bootstrap = Some(self.texts(key, value)?),
                "registry" => context.registry = Some(self.texts(key, value)?),
                "properties" => context.properties = Some(self.file(key, value)?),
                "topology" => context.topology = Some(self.file(key, value)?),
                "cluster" => context.cluster = Some(self.text(key, value)?),
                "protected" => {
                    let said = value.get_ref().as_bool();
                    context.protected = said.ok_or_else(|| self.of_type(key, value, "true or false"))?;
                }
                "client" => self.client("", self.table(key, value)?, &mut context.client)?,
                other => return Err(self.unknown(other, value, &KEYS)),
            }
        }
        Ok(context)
    }

    /// Client properties, whose dots TOML takes for tables unless they are quoted.
    fn client(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        into: &mut Vec<(String, Lined<ClientValue>)>,
    ) -> Result<(), SettingsError> {
        for (name, value) in entries(table) {
            let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            let line = self.line(value);
            let found = match value.get_ref() {
                DeValue::Table(inner) => match self.reference(&key, inner, value)? {
                    Some(reference) => reference,
                    None => {
                        self.client(&key, inner, into)?;
                        continue;
                    }
                },
                DeValue::String(text) => ClientValue::Text(text.to_string()),
                DeValue::Integer(number) => ClientValue::Text(number.as_str().to_owned()),
                DeValue::Boolean(said) => ClientValue::Text(said.to_string()),
                _ => return Err(self.of_type(&key, value, CLIENT)),
            };
            into.push((key, Lined { value: found, line }));
        }
        Ok(())
    }

    /// `{ file = … }` or `{ command = … }`, unless the table is only the dots of a longer key.
    fn reference(
        &self,
        key: &str,
        table: &DeTable<'_>,
        whole: &Spanned<DeValue<'_>>,
    ) -> Result<Option<ClientValue>, SettingsError> {
        let mut inner = entries(table);
        let (Some((kind, value)), None) = (inner.next(), inner.next()) else { return Ok(None) };
        if !matches!(kind, "file" | "command") || keys::spelled(&format!("{key}.{kind}")).is_some() {
            return Ok(None);
        }
        if !keys::is_secret(key) {
            return Err(self.of_type(key, whole, "a text: only secrets come from files and commands"));
        }
        if kind == "file" {
            return Ok(Some(ClientValue::File(self.file(key, value)?.value)));
        }
        if key.ends_with("jaas.config") {
            return Err(self.of_type(
                key,
                whole,
                "a text; a command may print sasl.password, beside sasl.username",
            ));
        }
        let words = match value.get_ref() {
            DeValue::String(line) => super::words::split_words(line),
            _ => Some(self.texts(key, value)?.value).filter(|words| !words.is_empty()),
        };
        words.map(|words| Some(ClientValue::Command(words))).ok_or_else(|| self.of_type(key, value, CLIENT))
    }

    fn table<'t, 'i>(
        &self,
        key: &str,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Result<&'t DeTable<'i>, SettingsError> {
        value.get_ref().as_table().ok_or_else(|| self.of_type(key, value, "a table"))
    }

    fn text(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Lined<String>, SettingsError> {
        let text = value.get_ref().as_str().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| self.of_type(key, value, "a text"))?;
        Ok(Lined { value: text.to_owned(), line: self.line(value) })
    }

    fn texts(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Lined<Vec<String>>, SettingsError> {
        let texts: Option<Vec<String>> = match value.get_ref() {
            DeValue::String(text) => Some(vec![text.to_string()]),
            DeValue::Array(items) => {
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let texts = texts.ok_or_else(|| self.of_type(key, value, TEXTS))?;
        Ok(Lined { value: texts, line: self.line(value) })
    }

    fn file(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Lined<PathBuf>, SettingsError> {
        let Lined { value, line } = self.text(key, value)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Ok(Lined { value: folder.join(value), line })
    }

    fn unknown(&self, key: &str, value: &Spanned<DeValue<'_>>, known: &[&str]) -> SettingsError {
        let similar = klerk_core::values::closest(key, known.iter().copied()).map(str::to_owned);
        self.fault_at(value.span().start, ContextsFault::UnknownKey { key: key.to_owned(), similar })
    }

    fn of_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &'static str) -> SettingsError {
        self.fault_at(value.span().start, ContextsFault::Type { key: key.to_owned(), expected })
    }

    fn line(&self, value: &Spanned<DeValue<'_>>) -> u32 {
        self.line_at(value.span().start)
    }

    fn line_at(&self, at: usize) -> u32 {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let breaks = before.iter().filter(|byte| **byte == b'\n').count();
        u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn fault_at(&self, at: usize, fault: ContextsFault) -> SettingsError {
        SettingsError::Contexts { path: self.path.to_path_buf(), line: self.line_at(at), fault }
    }
}
