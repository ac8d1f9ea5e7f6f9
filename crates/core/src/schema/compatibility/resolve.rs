use crate::schema::avro::{Definitions, Field, Record, Schema, definitions};
use std::collections::HashMap;

/// A schema with the schemas that it refers to.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'s> {
    /// The schema itself.
    pub schema: &'s Schema,
    /// Schemas of other subjects whose types it uses, with those that they use in turn.
    pub references: &'s [Schema],
}

impl<'s> From<&'s Schema> for Whole<'s> {
    /// A schema that stands alone.
    fn from(schema: &'s Schema) -> Whole<'s> {
        Whole { schema, references: &[] }
    }
}

/// One side of a comparison: it knows what its names stand for.
pub(super) struct Side<'s> {
    pub root: &'s Schema,
    definitions: Definitions<'s>,
    /// The fields of every record by their names, so that wide records are not searched through.
    fields: HashMap<&'s str, HashMap<&'s str, &'s Field>>,
}

impl<'s> Side<'s> {
    pub fn new(whole: Whole<'s>) -> Side<'s> {
        let all = whole.references.iter().chain([whole.schema]);
        let definitions = definitions(all);
        let mut fields = HashMap::new();
        for schema in definitions.values() {
            if let Schema::Record(record) = schema {
                let by_name = record.fields.iter().map(|field| (field.name.as_str(), field)).collect();
                fields.insert(record.name.full(), by_name);
            }
        }
        Side { root: whole.schema, definitions, fields }
    }

    /// The field of that name of one of this side's records.
    pub fn field(&self, record: &Record, name: &str) -> Option<&'s Field> {
        self.fields.get(record.name.full())?.get(name).copied()
    }

    /// The type itself for a name. A name that nobody defines, which the parsers do not let pass, stays a name.
    pub fn resolve(&self, schema: &'s Schema) -> &'s Schema {
        match schema {
            Schema::Reference(name) => self.definitions.get(name.full()).copied().unwrap_or(schema),
            _ => schema,
        }
    }
}
