//! Where brokers and registry are, out of flags, contexts, variables and properties.

use super::chosen::Chosen;
use super::keys::{Key, Plane};
use super::values::Values;
use super::{Environment, Setting, SettingOrigin, SettingsError};
use crate::cli::Connection;
use crate::kafka::Address;
use crate::registry::check_address;
use klerk_core::values::addresses_in;
use std::path::PathBuf;

/// Where a context says that its servers are.
#[derive(Default)]
pub(super) struct Place {
    bootstrap: Option<Setting<Vec<String>>>,
    registry: Option<Setting<Vec<String>>>,
    /// The id that its cluster has to have.
    pub cluster: Option<Setting<String>>,
    /// Whether it was named for this command and has brokers.
    is_deliberate: bool,
}

impl Place {
    /// The same without a registry.
    pub(super) fn without_registry(self) -> Place {
        Place { registry: None, ..self }
    }

    /// The place of a context, of which the values hold nothing else yet.
    pub(super) fn of(chosen: &Chosen<'_>, values: &Values) -> Place {
        let context = chosen.context;
        let list = |property: Option<Setting<String>>| {
            let property = property?;
            let by = SettingOrigin::Context {
                name: chosen.name.clone(),
                by: chosen.by.clone(),
                place: match &property.origin {
                    SettingOrigin::Context { place, .. } => place.clone(),
                    other => other.to_string(),
                },
            };
            Some(Setting { value: items(&property.value), origin: by })
        };
        let own = |found: &Option<super::contexts::Lined<Vec<String>>>| {
            let found = found.as_ref()?;
            Some(Setting { value: items(&found.value.join(",")), origin: chosen.origin(found.line) })
        };
        let bootstrap =
            own(&context.bootstrap).or_else(|| list(values.setting(Plane::Cluster, Key::BootstrapServers)));
        Place {
            registry: own(&context.registry)
                .or_else(|| list(values.setting(Plane::Registry, Key::RegistryUrl))),
            cluster: context
                .cluster
                .as_ref()
                .map(|id| Setting { value: id.value.clone(), origin: chosen.origin(id.line) }),
            is_deliberate: chosen.by.is_deliberate() && bootstrap.is_some(),
            bootstrap,
        }
    }
}

/// Why a context that nobody named for this command is left aside: other brokers are named, and its credentials and its registry
/// are not for them. `near` is what stands over a context: the properties file and `-X`.
pub(super) fn left_aside(
    chosen: Option<&Chosen<'_>>,
    place: &Place,
    flags: &Connection,
    environment: &Environment,
    near: &Values,
) -> Option<String> {
    let named = brokers(flags, environment, near, &Place::default());
    let (context, origin) = elsewhere(chosen, place.bootstrap.as_ref(), named, |a, b| a == b)?;
    let who = match origin {
        SettingOrigin::Variable(name) => name.to_owned(),
        origin => origin.to_string(),
    };
    Some(format!("{context} is left aside: {who} names other brokers than it has"))
}

/// Why the registry of a context that nobody named for this command is left aside, and how it is reached: another one is named,
/// and the credentials of one are not for another.
pub(super) fn registry_left_aside(
    chosen: Option<&Chosen<'_>>,
    place: &Place,
    flags: &Connection,
    environment: &Environment,
    near: &Values,
) -> Option<String> {
    let named = registry(flags, environment, near, &Place::default());
    let (context, origin) = elsewhere(chosen, place.registry.as_ref(), named, same_registry)?;
    Some(format!("the registry of {context} is left aside with its credentials: {origin} names another one"))
}

/// A context that nobody named for this command, and who names other servers than it has, none of them the same.
fn elsewhere(
    chosen: Option<&Chosen<'_>>,
    here: Option<&Setting<Vec<String>>>,
    named: Option<Setting<Vec<String>>>,
    same: impl Fn(&str, &str) -> bool,
) -> Option<(String, SettingOrigin)> {
    let chosen = chosen.filter(|chosen| !chosen.by.is_deliberate())?;
    let (here, named) = (here?, named?);
    let meets = named.value.iter().any(|address| here.value.iter().any(|known| same(address, known)));
    (!meets).then(|| (chosen.told(), named.origin))
}

/// Whether two addresses lead to the same registry. Schemes and hosts do not tell capital letters from small ones.
pub(super) fn same_registry(a: &str, b: &str) -> bool {
    let plain = |address: &str| address.trim().trim_end_matches('/').to_ascii_lowercase();
    plain(a) == plain(b)
}

/// Why a properties file that a variable names is left aside: a context was named for this command, and the credentials of one
/// cluster are not for another.
pub(super) fn file_left_aside(
    chosen: Option<&Chosen<'_>>,
    file: Option<&Setting<PathBuf>>,
) -> Option<String> {
    let chosen = chosen.filter(|chosen| chosen.by.is_deliberate())?;
    let file = file.filter(|file| matches!(file.origin, SettingOrigin::Variable(_)))?;
    Some(format!(
        "{} ({}) is left aside: {} was named for this command",
        file.value.display(),
        file.origin,
        chosen.told()
    ))
}

/// What is to be said of a properties file that names other brokers than the context which was named for this command.
pub(super) fn idle_brokers(chosen: Option<&Chosen<'_>>, place: &Place, near: &Values) -> Option<String> {
    let chosen = chosen.filter(|chosen| chosen.by.is_deliberate())?;
    let here = &place.bootstrap.as_ref()?.value;
    let named = near.setting(Plane::Cluster, Key::BootstrapServers)?;
    let is_of_file = matches!(named.origin, SettingOrigin::File { .. });
    let meets = items(&named.value).iter().any(|address| here.contains(address));
    (is_of_file && !meets)
        .then(|| format!("the brokers of {} are left aside: {} names its own", named.origin, chosen.told()))
}

fn items(text: &str) -> Vec<String> {
    addresses_in(text).map(str::to_owned).collect()
}

/// A list that was typed wins over a context that was named for this command, which wins over a variable, which wins over
/// another context, which wins over the properties file.
fn first_list(
    typed: (&[String], &'static str),
    (of_context, is_deliberate): (Option<&Setting<Vec<String>>>, bool),
    variables: [(&Option<String>, &'static str); 2],
    property: Option<Setting<String>>,
) -> Option<Setting<Vec<String>>> {
    if !typed.0.is_empty() {
        let value = items(&typed.0.join(","));
        return Some(Setting { value, origin: SettingOrigin::Flag(typed.1) });
    }
    let of_property =
        |setting: &Setting<String>| Setting { value: items(&setting.value), origin: setting.origin.clone() };
    if let Some(typed) = property.as_ref().filter(|setting| matches!(setting.origin, SettingOrigin::Flag(_)))
    {
        return Some(of_property(typed));
    }
    // A variable for another cluster must not lend its registry to a context that was named.
    let variables = variables.into_iter().filter(|_| !is_deliberate).find_map(|(value, name)| {
        Some(Setting { value: items(value.as_deref()?), origin: SettingOrigin::Variable(name) })
    });
    variables.or_else(|| of_context.cloned()).or_else(|| property.as_ref().map(of_property))
}

/// The brokers to ask first, as they were given.
fn brokers(
    flags: &Connection,
    environment: &Environment,
    values: &Values,
    place: &Place,
) -> Option<Setting<Vec<String>>> {
    let variables = [
        (&environment.klerk_bootstrap, "KLERK_BOOTSTRAP"),
        (&environment.kafka_bootstrap_servers, "KAFKA_BOOTSTRAP_SERVERS"),
    ];
    let of_context = (place.bootstrap.as_ref(), place.is_deliberate);
    let property = values.setting(Plane::Cluster, Key::BootstrapServers);
    first_list((&flags.bootstrap, "--bootstrap"), of_context, variables, property)
}

/// The same, once each is known to be an address.
///
/// # Errors
/// When one of them is no address.
pub(super) fn bootstrap(
    flags: &Connection,
    environment: &Environment,
    values: &Values,
    place: &Place,
) -> Result<Option<Setting<Vec<Address>>>, SettingsError> {
    let Some(list) = brokers(flags, environment, values, place) else { return Ok(None) };
    let mut addresses = Vec::new();
    for text in &list.value {
        let address: Address = text
            .parse()
            .map_err(|problem| SettingsError::Address { origin: list.origin.to_string(), problem })?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok((!addresses.is_empty()).then_some(Setting { value: addresses, origin: list.origin }))
}

/// The addresses of the schema registry, as they were given.
pub(super) fn registry(
    flags: &Connection,
    environment: &Environment,
    values: &Values,
    place: &Place,
) -> Option<Setting<Vec<String>>> {
    let variables = [
        (&environment.klerk_registry, "KLERK_REGISTRY"),
        (&environment.schema_registry_url, "SCHEMA_REGISTRY_URL"),
    ];
    let of_context = (place.registry.as_ref(), place.is_deliberate);
    let property = values.setting(Plane::Registry, Key::RegistryUrl);
    first_list((&flags.registry, "--registry"), of_context, variables, property)
}

/// The same, once each is known to be an address.
///
/// # Errors
/// For one that is none, and for one with a password in it.
pub(super) fn check_registry(list: Setting<Vec<String>>) -> Result<Setting<Vec<String>>, SettingsError> {
    for text in &list.value {
        check_address(text)
            .map_err(|problem| SettingsError::RegistryAddress { origin: list.origin.to_string(), problem })?;
    }
    Ok(list)
}
