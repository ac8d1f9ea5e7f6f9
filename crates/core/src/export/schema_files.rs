use crate::world::SchemaType;
use std::collections::BTreeSet;

/// The folder beside the topology in which schemas stand.
const FOLDER: &str = "schemas";
/// The longest name without its end that every file system takes.
const LONGEST: usize = 200;

/// Paths for the schemas of subjects, no two of which a file system takes for one.
#[derive(Debug, Default)]
pub(super) struct SchemaPaths {
    /// In lower case, for some file systems tell no cases apart.
    taken: BTreeSet<String>,
}

impl SchemaPaths {
    /// A path for the schema of this subject, its name as far as files may bear it.
    pub fn path(&mut self, subject: &str, kind: SchemaType) -> String {
        let end = match kind {
            SchemaType::Avro => "avsc",
            SchemaType::Protobuf => "proto",
            SchemaType::Json => "json",
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
        let mut name: String = subject.chars().map(plain).take(LONGEST).collect();
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            name.insert(0, '_');
        }
        let mut number = 1;
        loop {
            let numbered = if number == 1 { name.clone() } else { format!("{name}-{number}") };
            if self.taken.insert(format!("{numbered}.{end}").to_lowercase()) {
                return format!("{FOLDER}/{numbered}.{end}");
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_safe_and_apart() {
        let mut paths = SchemaPaths::default();
        let mut path = |subject: &str| paths.path(subject, SchemaType::Avro);
        assert_eq!(path("orders-value"), "schemas/orders-value.avsc");
        assert_eq!(path("Orders-value"), "schemas/Orders-value-2.avsc");
        assert_eq!(path("../../etc/x"), "schemas/_.._.._etc_x.avsc");
        assert_eq!(path(":.group:a b/ü"), "schemas/_.group_a_b__.avsc");
        assert_eq!(path("~"), "schemas/_.avsc");
        assert_eq!(path(&"x".repeat(400)).len(), "schemas/.avsc".len() + 200);
    }
}
