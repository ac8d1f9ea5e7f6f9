//! Where an environment of the topology is. What was typed is stronger than the environment; the environment is
//! stronger than variables and files, and a variable that points elsewhere is refused: what one environment says must
//! never land on the cluster of another.

use super::error::Elsewhere;
use super::{Setting, SettingOrigin, Settings, SettingsError};
use crate::registry::check_address;
use klerk_core::topology::{ClusterPlace, Environment, RegistryPlace};
use klerk_core::values::{Address, Origin, Sourced};

impl Settings {
    /// The settings for what is done in an environment.
    ///
    /// # Errors
    /// When a variable points elsewhere than the environment, and when the environment is reached by what this version
    /// does not carry out.
    pub fn within(&self, environment: &Environment) -> Result<Settings, SettingsError> {
        let by = |origin: &Origin| SettingOrigin::Environment {
            name: environment.name.clone(),
            origin: origin.clone(),
        };
        let mut settings = self.clone();
        settings.cluster = environment
            .cluster
            .as_ref()
            .map(|pin| Setting { value: pin.value.clone(), origin: by(&pin.origin) });
        if let Some(place) = environment.place.as_ref().filter(|_| !is_typed(self.bootstrap.as_ref())) {
            let addresses = brokers(place)?;
            let given = self.bootstrap.as_ref().and_then(|given| self.by_variable(given));
            if let Some((variable, found)) = given.filter(|(_, found)| !meet(found, addresses, |a, b| a == b))
            {
                return Err(elsewhere(
                    "the cluster",
                    environment,
                    (joined(addresses), &place.origin),
                    (variable, joined(found)),
                ));
            }
            settings.bootstrap = Some(Setting { value: addresses.to_vec(), origin: by(&place.origin) });
        }
        if let Some(place) = environment.registry.as_ref().filter(|_| !is_typed(self.registry.as_ref())) {
            settings.registry = match &place.value {
                RegistryPlace::None => None,
                RegistryPlace::Addresses(addresses) => {
                    let given = self.registry.as_ref().and_then(|given| self.by_variable(given));
                    if let Some((variable, found)) =
                        given.filter(|(_, found)| !meet(found, addresses, |a, b| same_registry(a, b)))
                    {
                        return Err(elsewhere(
                            "the schema registry",
                            environment,
                            (joined(addresses), &place.origin),
                            (variable, joined(found)),
                        ));
                    }
                    let origin = by(&place.origin);
                    for address in addresses {
                        check_address(address).map_err(|problem| SettingsError::RegistryAddress {
                            origin: origin.to_string(),
                            problem,
                        })?;
                    }
                    Some(Setting { value: addresses.clone(), origin })
                }
            };
        }
        Ok(settings)
    }

    /// The variable by which a value was given, at once or by a file that it names, with the value.
    fn by_variable<'s, T>(&self, given: &'s Setting<T>) -> Option<(String, &'s T)> {
        let variable = match (&given.origin, &self.command_config) {
            (SettingOrigin::Variable(name), _) => (*name).to_owned(),
            (SettingOrigin::File { .. }, Some(Setting { origin: SettingOrigin::Variable(name), .. })) => {
                (*name).to_owned()
            }
            _ => return None,
        };
        Some((variable, &given.value))
    }
}

fn is_typed<T>(given: Option<&Setting<T>>) -> bool {
    given.is_some_and(|given| matches!(given.origin, SettingOrigin::Flag(_)))
}

fn brokers(place: &Sourced<ClusterPlace>) -> Result<&[Address], SettingsError> {
    match &place.value {
        ClusterPlace::Bootstrap(addresses) => Ok(addresses),
        ClusterPlace::Context(name) => Err(SettingsError::Context {
            origin: format!("{}:{}", place.origin.file, place.origin.line),
            name: name.clone(),
        }),
    }
}

/// Whether both lists name a server in common, and so lead to the same place.
fn meet<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.iter().any(|a| b.iter().any(|b| same(a, b)))
}

fn same_registry(a: &str, b: &str) -> bool {
    a.trim().trim_end_matches('/') == b.trim().trim_end_matches('/')
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn elsewhere(
    what: &'static str,
    environment: &Environment,
    (wanted, line): (String, &Origin),
    (variable, found): (String, String),
) -> SettingsError {
    SettingsError::Elsewhere(Box::new(Elsewhere {
        what,
        environment: environment.name.clone(),
        wanted,
        origin: format!("{}:{}", line.file, line.line),
        variable,
        found,
    }))
}

#[cfg(test)]
#[path = "within_tests.rs"]
mod tests;
