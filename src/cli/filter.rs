use clap::{Args, ValueEnum};
use klerk_core::plan::{DiffOptions, Families};
use klerk_core::values::Pattern;

/// What a plan is to leave out.
#[derive(Debug, Clone, Default, Args)]
pub struct Filter {
    /// Only these of topics, schemas, groups and access; without schemas the registry is not asked at all
    #[arg(long, value_name = "FAMILY,…", value_delimiter = ',', value_enum, hide_possible_values = true)]
    pub only: Vec<Family>,
    /// Only names that match; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
}

/// A family of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Family {
    /// Topics and their configs
    Topics,
    /// Subjects of the schema registry
    Schemas,
    /// Consumer groups
    Groups,
    /// Who may do what
    Access,
}

impl Family {
    /// The word by which `--only` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Topics => "topics",
            Family::Schemas => "schemas",
            Family::Groups => "groups",
            Family::Access => "access",
        }
    }
}

impl Filter {
    /// What the plan covers, and which users get a new password by it.
    pub fn rotating(&self, users: &[String]) -> DiffOptions {
        DiffOptions { rotate: users.iter().cloned().collect(), ..self.options() }
    }

    /// What the plan covers.
    pub fn options(&self) -> DiffOptions {
        let covers = |family| self.only.is_empty() || self.only.contains(&family);
        let families = Families {
            topics: covers(Family::Topics),
            schemas: covers(Family::Schemas),
            groups: covers(Family::Groups),
            access: covers(Family::Access),
        };
        DiffOptions {
            families,
            matching: self.matching.as_deref().map(Pattern::new),
            ..DiffOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_means_everything() {
        assert_eq!(Filter::default().options(), DiffOptions::default());
        let filter = Filter { only: vec![Family::Topics], matching: Some("pf-*".to_owned()) };
        let options = filter.options();
        assert_eq!(options.families, Families { topics: true, ..Families::NONE });
        assert!(options.covers_topic("pf-a") && !options.covers_topic("a") && !options.covers_subjects());
    }
}
