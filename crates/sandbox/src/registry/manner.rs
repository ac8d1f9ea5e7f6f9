use klerk_core::schema::CompatibilityLevel;
use std::{fmt, str};

/// Which registry is imitated where registries differ. How errors differ is in `refusal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// Confluent Schema Registry.
    #[default]
    Confluent,
    /// Apicurio Registry 3.0, its interface `ccompat/v7`.
    Apicurio,
    /// Karapace.
    Karapace,
}

/// The word is no manner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a manner of a registry: write confluent, apicurio or karapace")]
pub struct UnknownManner(pub String);

impl Manner {
    /// Every manner.
    pub const ALL: [Manner; 3] = [Manner::Confluent, Manner::Apicurio, Manner::Karapace];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Manner::Confluent => "confluent",
            Manner::Apicurio => "apicurio",
            Manner::Karapace => "karapace",
        }
    }

    /// What stands before every path of the API.
    pub fn base_path(self) -> &'static str {
        match self {
            Manner::Apicurio => "/apis/ccompat/v7",
            Manner::Confluent | Manner::Karapace => "",
        }
    }

    pub(super) fn is_apicurio(self) -> bool {
        self == Manner::Apicurio
    }

    /// The global level of a new registry.
    pub(super) fn first_level(self) -> CompatibilityLevel {
        if self.is_apicurio() { CompatibilityLevel::None } else { CompatibilityLevel::Backward }
    }

    /// Whether a level may be written in small letters.
    pub(super) fn reads_small_letters(self) -> bool {
        self == Manner::Confluent
    }

    /// The field in which the answer to a new level tells it.
    pub(super) fn field_of_new_level(self) -> &'static str {
        if self.is_apicurio() { "compatibilityLevel" } else { "compatibility" }
    }

    /// Whether a level goes with its subject already when that is deleted softly.
    pub(super) fn forgets_level_at_soft_delete(self) -> bool {
        !self.is_apicurio()
    }

    /// Whether a check of all versions compares with all of them whatever the level; otherwise with those that the level
    /// asks for.
    pub(super) fn checks_all_at_any_level(self) -> bool {
        self.is_apicurio()
    }

    /// Whether a check of all versions of a subject that does not exist passes.
    pub(super) fn passes_all_versions_of_nothing(self) -> bool {
        self == Manner::Confluent
    }

    /// Whether a check of the latest version of a subject that does not exist passes.
    pub(super) fn passes_latest_of_nothing(self) -> bool {
        self != Manner::Karapace
    }

    /// Whether a schema is read before it is known that there is something to compare it with.
    pub(super) fn reads_before_it_compares(self) -> bool {
        !self.is_apicurio()
    }

    /// Whether the reasons of a refused check are told when asked for.
    pub(super) fn gives_reasons(self) -> bool {
        !self.is_apicurio()
    }

    /// Whether modes can be set and are enforced.
    pub(super) fn has_modes(self) -> bool {
        self == Manner::Confluent
    }

    /// Whether ids, versions, metadata and rules that come with a schema are heeded.
    pub(super) fn heeds_what_comes_with_a_schema(self) -> bool {
        self == Manner::Confluent
    }

    /// Whether lists can be asked for by page and by prefix.
    pub(super) fn pages(self) -> bool {
        self == Manner::Confluent
    }

    /// Whether answers name the type of an Avro schema and an empty list of references.
    pub(super) fn says_everything(self) -> bool {
        self.is_apicurio()
    }
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl str::FromStr for Manner {
    type Err = UnknownManner;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Manner::ALL.into_iter().find(|manner| manner.as_str() == text);
        found.ok_or_else(|| UnknownManner(text.to_owned()))
    }
}
