//! Which context is meant, and by whom.

use super::contexts::{Context, Contexts};
use super::{Environment, SettingOrigin, SettingsError};
use crate::cli::Connection;
use klerk_core::values::closest;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Who chose a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenBy {
    /// `--context`.
    Flag,
    /// The environment of the topology that was named: its name, and the line.
    Environment(String, String),
    /// `KLERK_CONTEXT`.
    Variable,
    /// `default` of the file of contexts: the line.
    Default(String),
}

impl ChosenBy {
    /// As it is told.
    pub fn told(&self) -> String {
        match self {
            ChosenBy::Flag => "--context".to_owned(),
            ChosenBy::Environment(name, line) => format!("environment {name}, {line}"),
            ChosenBy::Variable => "variable KLERK_CONTEXT".to_owned(),
            ChosenBy::Default(line) => line.clone(),
        }
    }

    /// Whether it was said for this command, rather than once for many.
    pub(super) fn is_deliberate(&self) -> bool {
        matches!(self, ChosenBy::Flag | ChosenBy::Environment(..))
    }
}

/// The context that is meant.
pub(super) struct Chosen<'c> {
    pub name: String,
    pub by: ChosenBy,
    pub contexts: &'c Contexts,
    pub context: &'c Context,
}

impl Chosen<'_> {
    /// As it is told.
    pub(super) fn told(&self) -> String {
        format!("the context {} ({})", self.name, self.by.told())
    }

    /// The origin of a value that stands on a line of the context.
    pub(super) fn origin(&self, line: u32) -> SettingOrigin {
        SettingOrigin::Context {
            name: self.name.clone(),
            by: self.by.clone(),
            place: format!("{}:{line}", self.contexts.path.display()),
        }
    }
}

/// Where the file of contexts is: `$XDG_CONFIG_HOME/klerk/config.toml`, else `~/.config/klerk/config.toml`.
pub fn contexts_file(environment: &Environment) -> Option<PathBuf> {
    let absolute = |value: &Option<String>| {
        value.as_deref().map(Path::new).filter(|path| path.is_absolute()).map(Path::to_owned)
    };
    absolute(&environment.xdg_config_home)
        .or_else(|| absolute(&environment.home).map(|home| home.join(".config")))
        .map(|config| config.join("klerk/config.toml"))
}

/// The file of contexts, where there is one.
///
/// # Errors
/// When it is there and cannot be read or understood.
pub fn read_contexts(environment: &Environment) -> Result<Option<Contexts>, SettingsError> {
    let Some(path) = contexts_file(environment) else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => Contexts::parse(&path, &text).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(SettingsError::UnreadableContexts { path, source }),
    }
}

/// The context that is meant: the one that `wanted` names, else that of the flag, of the variable, or the default.
///
/// # Errors
/// When there is none of that name.
pub(super) fn choose<'c>(
    contexts: Option<&'c Contexts>,
    wanted: Option<(String, ChosenBy)>,
    flags: &Connection,
    environment: &Environment,
) -> Result<Option<Chosen<'c>>, SettingsError> {
    let by_default = || {
        let contexts = contexts?;
        let default = contexts.default.as_ref()?;
        let line = format!("{}:{}", contexts.path.display(), default.line);
        Some((default.value.clone(), ChosenBy::Default(line)))
    };
    let named = wanted
        .or_else(|| flags.context.clone().map(|name| (name, ChosenBy::Flag)))
        .or_else(|| environment.klerk_context.clone().map(|name| (name, ChosenBy::Variable)))
        .or_else(by_default);
    let Some((name, by)) = named else { return Ok(None) };
    let found = contexts.and_then(|contexts| Some((contexts, contexts.all.get(&name)?)));
    match found {
        Some((contexts, context)) => Ok(Some(Chosen { name, by, contexts, context })),
        None => Err(SettingsError::NoContext {
            origin: by.told(),
            file: contexts_file(environment),
            similar: contexts.and_then(|contexts| closest(&name, contexts.names()).map(str::to_owned)),
            known: contexts.map(|contexts| contexts.names().map(str::to_owned).collect()).unwrap_or_default(),
            name,
        }),
    }
}
