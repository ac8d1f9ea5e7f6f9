use crate::values::{Address, Origin, Sourced};

/// The environment that a topology was resolved for, with everything that it extends merged into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub origin: Origin,
    /// Where its cluster is, where the file says it.
    pub place: Option<Sourced<ClusterPlace>>,
    /// Where its schema registry is, where the file says it.
    pub registry: Option<Sourced<RegistryPlace>>,
    /// The id that its cluster has to have, where the file pins it.
    pub cluster: Option<Sourced<String>>,
    /// Whether it is one of production: it says so, or else it, or what it extends, is called so.
    pub production: bool,
}

/// Whether an environment of this name is one of production, unless it says otherwise: `prod`, `eu-production`, `live`.
pub(super) fn is_called_production(name: &str) -> bool {
    let words = ["prod", "production", "prd", "live"];
    name.split(|letter: char| !letter.is_alphanumeric())
        .any(|part| words.contains(&part.to_ascii_lowercase().as_str()))
}

impl Environment {
    /// Whether it does without a schema registry: schemas are left out of its plans.
    pub fn has_no_registry(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.value == RegistryPlace::None)
    }
}

/// Where the cluster of an environment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterPlace {
    /// Brokers to ask first, at least one.
    Bootstrap(Vec<Address>),
    /// A context of the operator's own settings, which has the address and the credentials.
    Context(String),
}

/// Where the schema registry of an environment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryPlace {
    /// Nowhere: schemas are left out.
    None,
    /// Base addresses of one registry, at least one.
    Addresses(Vec<String>),
}
