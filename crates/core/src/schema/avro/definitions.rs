use super::Schema;
use std::collections::HashMap;

/// Named types by their full names.
pub(in crate::schema) type Definitions<'s> = HashMap<&'s str, &'s Schema>;

/// Every named type that these schemas define, at whatever depth.
pub(in crate::schema) fn definitions<'s>(schemas: impl IntoIterator<Item = &'s Schema>) -> Definitions<'s> {
    let mut found = HashMap::new();
    schemas.into_iter().for_each(|schema| collect(schema, &mut found));
    found
}

/// The depth of the recursion is that of the text, which reading JSON bounds.
fn collect<'s>(schema: &'s Schema, found: &mut Definitions<'s>) {
    match schema {
        Schema::Record(record) => {
            found.insert(record.name.full(), schema);
            record.fields.iter().for_each(|field| collect(&field.schema, found));
        }
        Schema::Enum(enumeration) => {
            found.insert(enumeration.name.full(), schema);
        }
        Schema::Fixed(fixed) => {
            found.insert(fixed.name.full(), schema);
        }
        Schema::Array(array) => collect(&array.items, found),
        Schema::Map(map) => collect(&map.values, found),
        Schema::Union(branches) => branches.iter().for_each(|branch| collect(branch, found)),
        Schema::Primitive(_) | Schema::Reference(_) => {}
    }
}
