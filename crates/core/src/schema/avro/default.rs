use super::definitions::{Definitions, definitions};
use super::{Enumeration, Field, PrimitiveKind, Schema};
use crate::schema::json::Step;
use serde_json::Value;

/// A default that does not fit its type.
pub(super) struct WrongDefault {
    pub way: Vec<Step>,
    pub message: String,
    pub fix: String,
}

/// Checks every default against its type, as Avro for Java does when a schema is registered: text for strings, bytes,
/// fixed and enums (for a field, whether it is a symbol is not asked), any branch of a union.
pub(super) fn check_defaults(schema: &Schema, references: &[Schema]) -> Result<(), WrongDefault> {
    let definitions = definitions(references.iter().chain([schema]));
    Check { definitions, way: Vec::new() }.schema(schema)
}

struct Check<'s> {
    definitions: Definitions<'s>,
    way: Vec<Step>,
}

impl<'s> Check<'s> {
    fn schema(&mut self, schema: &'s Schema) -> Result<(), WrongDefault> {
        match schema {
            Schema::Record(record) => {
                for (index, field) in record.fields.iter().enumerate() {
                    let before = self.way.len();
                    self.way.extend([Step::Key("fields".to_owned()), Step::Index(index)]);
                    self.field(field)?;
                    self.way.truncate(before);
                }
                Ok(())
            }
            Schema::Array(array) => self.below(Step::Key("items".to_owned()), &array.items),
            Schema::Map(map) => self.below(Step::Key("values".to_owned()), &map.values),
            Schema::Union(branches) => branches
                .iter()
                .enumerate()
                .try_for_each(|(index, branch)| self.below(Step::Index(index), branch)),
            Schema::Enum(Enumeration { name, symbols, default: Some(default), .. })
                if !symbols.contains(default) =>
            {
                let mut way = self.way.clone();
                way.push(Step::Key("default".to_owned()));
                Err(WrongDefault {
                    way,
                    message: format!("the default \"{default}\" of enum {name} is none of its symbols"),
                    fix: "name one of the symbols".to_owned(),
                })
            }
            Schema::Primitive(_) | Schema::Enum(_) | Schema::Fixed(_) | Schema::Reference(_) => Ok(()),
        }
    }

    fn below(&mut self, step: Step, schema: &'s Schema) -> Result<(), WrongDefault> {
        self.way.push(step);
        self.schema(schema)?;
        self.way.pop();
        Ok(())
    }

    fn field(&mut self, field: &'s Field) -> Result<(), WrongDefault> {
        if let Some(default) = &field.default
            && !self.fits(&field.schema, default)
        {
            let mut way = self.way.clone();
            way.push(Step::Key("default".to_owned()));
            return Err(WrongDefault {
                way,
                message: format!(
                    "the default {} of field \"{}\" is not {}",
                    shortened(default),
                    field.name,
                    wanted(&field.schema)
                ),
                fix: fix(&field.schema, default),
            });
        }
        self.below(Step::Key("type".to_owned()), &field.schema)
    }

    /// The recursion ends because every step but the one through a reference, a union or a record goes down in `value`,
    /// and those three cannot follow each other without it.
    fn fits(&self, schema: &Schema, value: &Value) -> bool {
        match schema {
            Schema::Primitive(primitive) => fits_primitive(primitive.kind, value),
            Schema::Enum(_) | Schema::Fixed(_) => value.is_string(),
            Schema::Array(array) => {
                value.as_array().is_some_and(|all| all.iter().all(|element| self.fits(&array.items, element)))
            }
            Schema::Map(map) => {
                value.as_object().is_some_and(|all| all.values().all(|member| self.fits(&map.values, member)))
            }
            Schema::Union(branches) => branches.iter().any(|branch| self.fits(branch, value)),
            Schema::Record(record) => value.as_object().is_some_and(|members| {
                record.fields.iter().all(|field| match members.get(&field.name) {
                    Some(member) => self.fits(&field.schema, member),
                    // The field's own default is checked where it stands.
                    None => field.default.is_some(),
                })
            }),
            Schema::Reference(name) => {
                self.definitions.get(name.full()).is_some_and(|definition| self.fits(definition, value))
            }
        }
    }
}

fn fits_primitive(kind: PrimitiveKind, value: &Value) -> bool {
    match kind {
        PrimitiveKind::Null => value.is_null(),
        PrimitiveKind::Boolean => value.is_boolean(),
        PrimitiveKind::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        PrimitiveKind::Long => value.as_i64().is_some(),
        PrimitiveKind::Float | PrimitiveKind::Double => {
            value.is_number()
                || value.as_str().is_some_and(|text| matches!(text.trim(), "NaN" | "Infinity" | "-Infinity"))
        }
        PrimitiveKind::Bytes | PrimitiveKind::String => value.is_string(),
    }
}

fn wanted(schema: &Schema) -> String {
    match schema {
        Schema::Primitive(primitive) => match primitive.kind {
            PrimitiveKind::Null => "null".to_owned(),
            PrimitiveKind::Int => "an int (a whole number of 32 bits)".to_owned(),
            PrimitiveKind::Long => "a long (a whole number of 64 bits)".to_owned(),
            kind => format!("a {kind}"),
        },
        Schema::Enum(enumeration) => format!("a symbol of enum {}", enumeration.name),
        Schema::Fixed(fixed) => format!("a text for fixed {}", fixed.name),
        Schema::Array(_) => "an array of what it holds".to_owned(),
        Schema::Map(_) => "a map of what it holds".to_owned(),
        Schema::Record(record) => format!("a record {}", record.name),
        Schema::Reference(name) => format!("a {name}"),
        Schema::Union(branches) => {
            let branches: Vec<_> = branches.iter().map(Schema::branch_name).collect();
            format!("one of the union [{}]", branches.join(", "))
        }
    }
}

fn fix(schema: &Schema, default: &Value) -> String {
    match (schema, default) {
        (Schema::Union(_), Value::Null) => "add \"null\" to the union, or remove the default".to_owned(),
        (Schema::Primitive(_), Value::Null) => {
            format!("make the type [\"null\", \"{}\"], or remove the default", schema.branch_name())
        }
        (_, Value::String(text)) if text == "null" => "write null without quotes".to_owned(),
        (Schema::Primitive(primitive), Value::String(text))
            if serde_json::from_str(text)
                .is_ok_and(|inner: Value| fits_primitive(primitive.kind, &inner)) =>
        {
            format!("write {text} without quotes")
        }
        _ => "write a value of that type, or remove the default".to_owned(),
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 { text } else { text.chars().take(39).chain(['…']).collect() }
}
