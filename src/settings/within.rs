//! Where an environment of the topology is. What was typed is stronger than the environment; the environment is
//! stronger than variables and files, and a variable that points elsewhere is refused: what one environment says must
//! never land on the cluster of another.

use super::error::Elsewhere;
use super::place::same_registry;
use super::registry_access::unencrypted_login;
use super::{
    ChosenBy, ChosenContext, Environment as Variables, Setting, SettingOrigin, Settings, SettingsError,
};
use crate::cli::Connection;
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
        if let Some(Sourced { value: ClusterPlace::Context(name), origin }) = &environment.place {
            let is_chosen =
                |context: &ChosenContext| matches!(context.by, ChosenBy::Flag | ChosenBy::Environment(..));
            if !self.context.as_ref().is_some_and(is_chosen) {
                match self.in_context(environment, name, origin) {
                    // Whoever types where it is needs no context for that.
                    Err(SettingsError::NoContext { .. }) if is_typed(self.bootstrap.as_ref()) => {}
                    settings => return settings?.within(environment),
                }
            }
        }
        let by = |origin: &Origin| SettingOrigin::Environment {
            name: environment.name.clone(),
            origin: origin.clone(),
        };
        let mut settings = self.clone();
        if let Some(pin) = &environment.cluster {
            settings.cluster = Some(Setting { value: pin.value.clone(), origin: by(&pin.origin) });
        }
        let brokers = environment.place.as_ref().and_then(brokers);
        if let Some((addresses, place)) = brokers.filter(|_| !is_typed(self.bootstrap.as_ref())) {
            let given = self.bootstrap.as_ref().and_then(|given| self.by_variable(given));
            if let Some((variable, found)) = given.filter(|(_, found)| !meet(found, addresses, |a, b| a == b))
            {
                return Err(elsewhere(
                    "the cluster",
                    environment,
                    (joined(addresses), place),
                    (variable, joined(found)),
                ));
            }
            settings.bootstrap = Some(Setting { value: addresses.to_vec(), origin: by(place) });
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
            settings.warn_of_registry(self.bootstrap.as_ref(), environment);
        }
        Ok(settings)
    }

    /// Says what is dangerous about a registry that comes from an environment: it may be that of other brokers than those that
    /// were typed, and credentials may go to it unencrypted.
    fn warn_of_registry(&mut self, typed: Option<&Setting<Vec<Address>>>, environment: &Environment) {
        let Some(registry) = &self.registry else { return };
        let here = environment.place.as_ref().and_then(brokers);
        let typed = typed.filter(|given| is_typed(Some(*given)));
        let others = here.zip(typed).filter(|((here, _), typed)| !meet(&typed.value, here, |a, b| a == b));
        let beside = others.map(|(_, typed)| {
            format!(
                "the brokers are those of {} ({}), and the schema registry is that of environment {} ({}): type --registry, too, where \
                 it is another one",
                typed.origin,
                joined(&typed.value),
                environment.name,
                joined(&registry.value)
            )
        });
        let more = beside.into_iter().chain(unencrypted_login(Some(registry), self.registry_auth.as_ref()));
        let more: Vec<String> = more.collect();
        self.warnings
            .extend(more.into_iter().filter(|warning| !self.warnings.contains(warning)).collect::<Vec<_>>());
    }

    /// The settings of the context that an environment names. Nothing of another context is left; a variable that points elsewhere
    /// is refused.
    fn in_context(
        &self,
        environment: &Environment,
        name: &str,
        line: &Origin,
    ) -> Result<Settings, SettingsError> {
        let none = (Connection::default(), Variables::default());
        let (flags, variables) =
            self.asked.get().map_or((&none.0, &none.1), |(flags, variables, _)| (flags, variables));
        let place = format!("{}:{}", line.file, line.line);
        let wanted = (name.to_owned(), ChosenBy::Environment(environment.name.clone(), place));
        let settings = Settings::read_in(Some(wanted), flags, variables)?;
        let refused = |what, wanted: String, variable: String, found: String| {
            Err(elsewhere(what, environment, (wanted, line), (variable, found)))
        };
        if let Some(other) = variables.klerk_context.as_ref().filter(|other| *other != name) {
            let variable = "KLERK_CONTEXT".to_owned();
            return refused(
                "the cluster",
                format!("the context {name}"),
                variable,
                format!("the context {other}"),
            );
        }
        if let (Some(here), Some(before)) = (&settings.bootstrap, &self.bootstrap) {
            let other =
                self.by_real_variable(before).filter(|(_, found)| !meet(found, &here.value, |a, b| a == b));
            if let Some((variable, found)) = other {
                return refused("the cluster", joined(&here.value), variable, joined(found));
            }
        }
        if let (Some(here), Some(before)) = (&settings.registry, &self.registry) {
            let other = self
                .by_real_variable(before)
                .filter(|(_, found)| !meet(found, &here.value, |a, b| same_registry(a, b)));
            if let Some((variable, found)) = other {
                return refused("the schema registry", joined(&here.value), variable, joined(found));
            }
        }
        Ok(settings)
    }

    /// The same as [`Settings::by_variable`], without the contexts that give way to that of the environment.
    fn by_real_variable<'s, T>(&self, given: &'s Setting<T>) -> Option<(String, &'s T)> {
        self.by_variable(given).filter(|_| !matches!(given.origin, SettingOrigin::Context { .. }))
    }

    /// The variable by which a value was given, at once or by a file that it names, with the value; or the context that stands
    /// for all commands.
    fn by_variable<'s, T>(&self, given: &'s Setting<T>) -> Option<(String, &'s T)> {
        let variable = match (&given.origin, &self.command_config) {
            (SettingOrigin::Variable(name), _) => (*name).to_owned(),
            (SettingOrigin::File { .. }, Some(Setting { origin: SettingOrigin::Variable(name), .. })) => {
                (*name).to_owned()
            }
            (SettingOrigin::Context { by: ChosenBy::Variable, .. }, _) => "KLERK_CONTEXT".to_owned(),
            (SettingOrigin::Context { by: ChosenBy::Default(line), .. }, _) => {
                format!("the default context ({line})")
            }
            _ => return None,
        };
        Some((variable, &given.value))
    }
}

fn is_typed<T>(given: Option<&Setting<T>>) -> bool {
    given.is_some_and(|given| {
        matches!(given.origin, SettingOrigin::Flag(_) | SettingOrigin::Context { by: ChosenBy::Flag, .. })
    })
}

fn brokers(place: &Sourced<ClusterPlace>) -> Option<(&[Address], &Origin)> {
    match &place.value {
        ClusterPlace::Bootstrap(addresses) => Some((addresses, &place.origin)),
        ClusterPlace::Context(_) => None,
    }
}

/// Whether both lists name a server in common, and so lead to the same place.
fn meet<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.iter().any(|a| b.iter().any(|b| same(a, b)))
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
