use super::file_names::FileNames;
use crate::world::SchemaType;

/// The folder beside the topology in which schemas stand.
const FOLDER: &str = "schemas";

/// Paths for the schemas of subjects.
#[derive(Debug, Default)]
pub(super) struct SchemaPaths(FileNames);

impl SchemaPaths {
    /// A path for the schema of this subject, its name as far as files may bear it.
    pub fn path(&mut self, subject: &str, kind: SchemaType) -> String {
        let end = match kind {
            SchemaType::Avro => ".avsc",
            SchemaType::Protobuf => ".proto",
            SchemaType::Json => ".json",
        };
        format!("{FOLDER}/{}", self.0.name(subject, end))
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
