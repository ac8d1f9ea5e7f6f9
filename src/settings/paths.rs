use super::{Environment, SettingsError};
use std::path::{Path, PathBuf};

/// The folder that records are kept below: `$XDG_STATE_HOME/klerk`, else `$HOME/.local/state/klerk`.
///
/// # Errors
/// When neither variable holds an absolute path.
pub fn state_folder(environment: &Environment) -> Result<PathBuf, SettingsError> {
    let absolute = |value: &Option<String>| {
        value.as_deref().map(Path::new).filter(|path| path.is_absolute()).map(Path::to_owned)
    };
    absolute(&environment.xdg_state_home)
        .or_else(|| absolute(&environment.home).map(|home| home.join(".local/state")))
        .map(|state| state.join("klerk"))
        .ok_or(SettingsError::NoStateFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdg_comes_before_home_and_relative_paths_do_not_count() {
        let folder = |state: Option<&str>, home: Option<&str>| {
            let environment = Environment {
                xdg_state_home: state.map(str::to_owned),
                home: home.map(str::to_owned),
                ..Environment::default()
            };
            state_folder(&environment).ok()
        };
        assert_eq!(folder(Some("/s"), Some("/h")), Some(PathBuf::from("/s/klerk")));
        assert_eq!(folder(Some("s"), Some("/h")), Some(PathBuf::from("/h/.local/state/klerk")));
        assert_eq!(folder(None, None), None);
    }
}
