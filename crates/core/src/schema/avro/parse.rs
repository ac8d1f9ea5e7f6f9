use super::default::check_defaults;
use super::definitions::definitions;
use super::name::is_simple_name;
use super::{
    Array, Enumeration, Field, Fixed, Map, Name, Order, Primitive, PrimitiveKind, Properties, Record, Schema,
    SchemaFault,
};
use crate::schema::json::{self, NotJson, Step, locate, pointer};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

type Object = serde_json::Map<String, Value>;

/// Attributes of a schema object that never are properties: Avro for Java drops those that the type does not use.
const RESERVED_IN_SCHEMA: [&str; 10] =
    ["aliases", "doc", "fields", "items", "name", "namespace", "size", "symbols", "type", "values"];
const RESERVED_IN_FIELD: [&str; 6] = ["aliases", "default", "doc", "name", "order", "type"];

/// Reads a schema that is to be registered.
///
/// The schema must stand alone: a name that it does not define is a fault. Defaults are checked against their types as
/// registries check them on registration; a union's default may match any branch (Avro 1.12).
pub fn parse(text: &str) -> Result<Schema, SchemaFault> {
    parse_with(text, &[])
}

/// Reads a schema that is to be registered and that may use the types which `references` define: the schemas of other
/// subjects. As in a registry, it may not define one of those types again.
pub fn parse_with(text: &str, references: &[Schema]) -> Result<Schema, SchemaFault> {
    let value = json::read(text).map_err(|fault| not_json(text, fault))?;
    let schema = parse_value(text, &value, references)?;
    check_defaults(&schema, references).map_err(|wrong| {
        SchemaFault::new(locate(text, &wrong.way), pointer(&wrong.way), wrong.message, wrong.fix)
    })?;
    Ok(schema)
}

/// Reads a schema that a registry already holds.
///
/// It was accepted by somebody else's rules at some time, so defaults that do not fit their type and keys that stand
/// twice (the last one counts) are no faults here.
pub fn parse_registered(text: &str) -> Result<Schema, SchemaFault> {
    parse_registered_with(text, &[])
}

/// Reads a schema that a registry already holds and that may use the types which `references` define.
pub fn parse_registered_with(text: &str, references: &[Schema]) -> Result<Schema, SchemaFault> {
    let value = json::read_last_key_wins(text).map_err(|fault| not_json(text, fault))?;
    parse_value(text, &value, references)
}

fn not_json(text: &str, fault: NotJson) -> SchemaFault {
    let (message, fix) = if text.trim().is_empty() {
        ("the schema is empty".to_owned(), "write an Avro schema as JSON")
    } else if text.starts_with('\u{feff}') {
        ("the schema begins with a byte order mark".to_owned(), "save it as UTF-8 without one")
    } else if fault.too_deep {
        (
            "the schema is nested too deeply".to_owned(),
            "keep it below 127 levels of JSON, for instance with named types",
        )
    } else if fault.message.contains("stands twice") {
        (fault.message, "keep one of the two")
    } else {
        (format!("this is not JSON: {}", fault.message), "write an Avro schema as JSON")
    };
    SchemaFault::new(fault.position, String::new(), message, fix.to_owned())
}

fn parse_value(text: &str, value: &Value, references: &[Schema]) -> Result<Schema, SchemaFault> {
    let defined = definitions(references).into_keys().map(str::to_owned).collect();
    let mut parser = Parser { defined, way: Vec::new(), names_in_text: None };
    parser.schema(value, "", value).map_err(|wrong| {
        SchemaFault::new(locate(text, &parser.way), pointer(&parser.way), wrong.message, wrong.fix)
    })
}

/// A fault whose place is the parser's way at that moment.
struct Wrong {
    message: String,
    fix: String,
}

fn wrong<T>(message: impl Into<String>, fix: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { message: message.into(), fix: fix.into() })
}

struct Parser {
    /// Full names defined so far: by the references, then in the order of the text.
    defined: HashSet<String>,
    /// The way to what is being read. On a fault it is left where it is.
    way: Vec<Step>,
    names_in_text: Option<BTreeSet<String>>,
}

impl Parser {
    /// Runs `read` one step further down; the way stays there when it fails.
    fn at<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        self.way.push(step);
        let done = read(self)?;
        self.way.pop();
        Ok(done)
    }

    fn at_key<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        self.at(Step::Key(key.to_owned()), read)
    }

    fn schema(&mut self, value: &Value, namespace: &str, whole: &Value) -> Result<Schema, Wrong> {
        match value {
            Value::String(word) => match PrimitiveKind::from_word(word) {
                Some(kind) => Ok(Schema::Primitive(Primitive { kind, properties: Properties::new() })),
                None => self.reference(word, namespace, whole),
            },
            Value::Array(branches) => self.union(branches, namespace, whole),
            Value::Object(object) => self.object(object, namespace, whole),
            Value::Null | Value::Bool(_) | Value::Number(_) => wrong(
                format!("{value} is not a schema"),
                "write the name of a type (for no value \"null\", in quotes), an object or a union",
            ),
        }
    }

    fn reference(&mut self, word: &str, namespace: &str, whole: &Value) -> Result<Schema, Wrong> {
        let Ok(name) = Name::read(word, namespace) else {
            return wrong(format!("\"{word}\" is neither a type nor a name"), suggestion(word));
        };
        if self.defined.contains(name.full()) {
            return Ok(Schema::Reference(name));
        }
        // Avro for Java looks into the empty namespace when the enclosing one has no such name.
        if !word.contains('.') && self.defined.contains(word) {
            return Name::read(word, "")
                .map(Schema::Reference)
                .or_else(|error| wrong(error.to_string(), suggestion(word)));
        }
        match word {
            "record" | "error" | "enum" | "array" | "map" | "fixed" => wrong(
                format!("\"{word}\" alone is not a schema"),
                format!("write an object, {{\"type\": \"{word}\", …}}"),
            ),
            _ if self.names_in(whole).contains(name.simple()) => wrong(
                format!("the type \"{name}\" is used before its definition"),
                "move the definition to the first use, and use the name after it",
            ),
            _ => wrong(format!("the type \"{name}\" is not defined in this schema"), suggestion(word)),
        }
    }

    fn names_in(&mut self, whole: &Value) -> &BTreeSet<String> {
        self.names_in_text.get_or_insert_with(|| {
            let mut names = BTreeSet::new();
            collect_type_names(whole, &mut names);
            names
        })
    }

    fn union(&mut self, branches: &[Value], namespace: &str, whole: &Value) -> Result<Schema, Wrong> {
        let mut seen = HashSet::new();
        let mut read = Vec::with_capacity(branches.len());
        for (index, branch) in branches.iter().enumerate() {
            let schema = self.at(Step::Index(index), |parser| {
                let schema = parser.schema(branch, namespace, whole)?;
                if matches!(schema, Schema::Union(_)) {
                    return wrong("a union directly inside a union", "put the branches into the outer one");
                }
                if !seen.insert(schema.branch_name().to_owned()) {
                    return wrong(
                        format!("the union has two branches of type {}", schema.branch_name()),
                        "keep one of them; only named types may differ by name",
                    );
                }
                Ok(schema)
            })?;
            read.push(schema);
        }
        Ok(Schema::Union(read))
    }

    fn object(&mut self, object: &Object, namespace: &str, whole: &Value) -> Result<Schema, Wrong> {
        let word = match object.get("type") {
            Some(Value::String(word)) => word,
            Some(Value::Object(_) | Value::Array(_)) => {
                return self.at_key("type", |_| {
                    wrong(
                        "\"type\" of a schema must be a word",
                        "write the inner schema itself, without this wrapping",
                    )
                });
            }
            Some(_) => {
                return self.at_key("type", |_| wrong("\"type\" must be a word", "write a type in quotes"));
            }
            None => return wrong("the schema has no \"type\"", "add \"type\""),
        };
        match word.as_str() {
            "record" | "error" => self.record(object, namespace, whole, word == "error"),
            "enum" => self.enumeration(object, namespace),
            "fixed" => self.fixed(object, namespace),
            "array" => {
                let items = Box::new(self.inner(object, "items", namespace, whole)?);
                Ok(Schema::Array(Array { items, properties: properties(object, &RESERVED_IN_SCHEMA) }))
            }
            "map" => {
                let values = Box::new(self.inner(object, "values", namespace, whole)?);
                Ok(Schema::Map(Map { values, properties: properties(object, &RESERVED_IN_SCHEMA) }))
            }
            _ => match PrimitiveKind::from_word(word) {
                Some(kind) => {
                    let properties = properties(object, &RESERVED_IN_SCHEMA);
                    Ok(Schema::Primitive(Primitive { kind, properties }))
                }
                // A named type gets its properties where it is defined; Avro for Java drops others.
                None => self.at_key("type", |parser| parser.reference(word, namespace, whole)),
            },
        }
    }

    fn inner(&mut self, object: &Object, key: &str, namespace: &str, whole: &Value) -> Result<Schema, Wrong> {
        match object.get(key) {
            Some(value) => self.at_key(key, |parser| parser.schema(value, namespace, whole)),
            None => wrong(
                format!("\"{key}\" is missing"),
                format!("add \"{key}\" with the schema of what it holds"),
            ),
        }
    }

    fn record(
        &mut self,
        object: &Object,
        namespace: &str,
        whole: &Value,
        is_error: bool,
    ) -> Result<Schema, Wrong> {
        let name = self.define(object, namespace)?;
        let aliases = self.type_aliases(object, &name)?;
        let Some(Value::Array(written)) = object.get("fields") else {
            return wrong(
                format!("record {name} has no list of fields"),
                "add \"fields\": […]; it may be empty",
            );
        };
        let mut seen = HashSet::new();
        let mut fields = Vec::with_capacity(written.len());
        self.way.push(Step::Key("fields".to_owned()));
        for (index, value) in written.iter().enumerate() {
            let field = self.at(Step::Index(index), |parser| {
                let field = parser.field(value, name.namespace(), whole)?;
                if !seen.insert(field.name.clone()) {
                    return parser.at_key("name", |_| {
                        wrong(
                            format!("record {name} has the field \"{}\" twice", field.name),
                            "rename or remove one of them",
                        )
                    });
                }
                Ok(field)
            })?;
            fields.push(field);
        }
        self.way.pop();
        let properties = properties(object, &RESERVED_IN_SCHEMA);
        Ok(Schema::Record(Record { name, aliases, doc: words(object, "doc"), is_error, fields, properties }))
    }

    fn field(&mut self, value: &Value, namespace: &str, whole: &Value) -> Result<Field, Wrong> {
        let Value::Object(object) = value else {
            return wrong("a field must be an object", "write {\"name\": …, \"type\": …}");
        };
        let name = match object.get("name") {
            Some(Value::String(name)) => name.clone(),
            Some(_) => {
                return self.at_key("name", |_| wrong("a field's name must be a text", "put it in quotes"));
            }
            None => return wrong("the field has no \"name\"", "add \"name\""),
        };
        if !is_simple_name(&name) {
            return self.at_key("name", |_| invalid_name("field", &name));
        }
        let Some(written) = object.get("type") else {
            return wrong(format!("the field \"{name}\" has no \"type\""), "add \"type\"");
        };
        let schema = self.at_key("type", |parser| parser.schema(written, namespace, whole))?;
        let order = match object.get("order") {
            None => Order::default(),
            Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
                "ascending" => Order::Ascending,
                "descending" => Order::Descending,
                "ignore" => Order::Ignore,
                _ => return self.at_key("order", |_| invalid_order(word)),
            },
            Some(other) => return self.at_key("order", |_| invalid_order(&other.to_string())),
        };
        let mut seen = HashSet::new();
        let mut aliases = self.texts(object, "aliases")?;
        aliases.retain(|alias| seen.insert(alias.clone()));
        let default = object.get("default").map(|default| numeric_default(&schema, default));
        let properties = properties(object, &RESERVED_IN_FIELD);
        Ok(Field { name, aliases, doc: words(object, "doc"), schema, default, order, properties })
    }

    fn enumeration(&mut self, object: &Object, namespace: &str) -> Result<Schema, Wrong> {
        let name = self.define(object, namespace)?;
        let aliases = self.type_aliases(object, &name)?;
        if !object.contains_key("symbols") {
            return wrong(format!("enum {name} has no symbols"), "add \"symbols\": […]");
        }
        let symbols = self.texts(object, "symbols")?;
        let mut seen = HashSet::new();
        for (index, symbol) in symbols.iter().enumerate() {
            self.at_key("symbols", |parser| {
                parser.at(Step::Index(index), |_| {
                    if !is_simple_name(symbol) {
                        return invalid_name("symbol", symbol);
                    }
                    if !seen.insert(symbol) {
                        return wrong(
                            format!("enum {name} has the symbol \"{symbol}\" twice"),
                            "remove one of them",
                        );
                    }
                    Ok(())
                })
            })?;
        }
        // Anything but a text is no default to Avro for Java.
        let default = words(object, "default");
        let mut properties = properties(object, &RESERVED_IN_SCHEMA);
        properties.remove("default");
        Ok(Schema::Enum(Enumeration {
            name,
            aliases,
            doc: words(object, "doc"),
            symbols,
            default,
            properties,
        }))
    }

    fn fixed(&mut self, object: &Object, namespace: &str) -> Result<Schema, Wrong> {
        let name = self.define(object, namespace)?;
        let aliases = self.type_aliases(object, &name)?;
        let Some(written) = object.get("size") else {
            return wrong(format!("fixed {name} has no size"), "add \"size\" in bytes");
        };
        let size = written.as_u64().filter(|size| i32::try_from(*size).is_ok());
        let Some(size) = size.and_then(|size| u32::try_from(size).ok()) else {
            return self.at_key("size", |_| {
                wrong(
                    format!("the size {written} of fixed {name} is no number of bytes"),
                    "write 0 to 2147483647",
                )
            });
        };
        let properties = properties(object, &RESERVED_IN_SCHEMA);
        Ok(Schema::Fixed(Fixed { name, aliases, doc: words(object, "doc"), size, properties }))
    }

    /// Reads the name of a named type and makes it known from here on, so that a record can refer to itself.
    fn define(&mut self, object: &Object, enclosing: &str) -> Result<Name, Wrong> {
        let word = words(object, "type").unwrap_or_default();
        let name = match object.get("name") {
            Some(Value::String(name)) => name,
            Some(_) => {
                return self.at_key("name", |_| wrong("a type's name must be a text", "put it in quotes"));
            }
            None => return wrong(format!("the {word} has no \"name\""), "add \"name\""),
        };
        let namespace = words(object, "namespace");
        let namespace = namespace.as_deref().unwrap_or(enclosing);
        self.at_key("name", |parser| {
            let Ok(full) = Name::read(name, namespace) else {
                return invalid_name("type", name);
            };
            if PrimitiveKind::from_word(full.full()).is_some() {
                return wrong(
                    format!("\"{full}\" is a primitive type and cannot be defined"),
                    "give it another name",
                );
            }
            if !parser.defined.insert(full.full().to_owned()) {
                return wrong(
                    format!("the type \"{full}\" is defined twice"),
                    "keep the first definition and use its name here, or rename one of them",
                );
            }
            Ok(full)
        })
    }

    fn type_aliases(&mut self, object: &Object, name: &Name) -> Result<Vec<Name>, Wrong> {
        let mut aliases = Vec::new();
        for (index, alias) in self.texts(object, "aliases")?.iter().enumerate() {
            match Name::read(alias, name.namespace()) {
                Ok(alias) if aliases.contains(&alias) => {}
                Ok(alias) => aliases.push(alias),
                Err(_) => {
                    return self.at_key("aliases", |parser| {
                        parser.at(Step::Index(index), |_| invalid_name("alias", alias))
                    });
                }
            }
        }
        Ok(aliases)
    }

    fn texts(&mut self, object: &Object, key: &str) -> Result<Vec<String>, Wrong> {
        let Some(value) = object.get(key) else { return Ok(Vec::new()) };
        self.at_key(key, |parser| {
            let Value::Array(elements) = value else {
                return wrong(format!("\"{key}\" must be a list"), "put it in [ ]");
            };
            let mut texts = Vec::with_capacity(elements.len());
            for (index, element) in elements.iter().enumerate() {
                texts.push(parser.at(Step::Index(index), |_| match element {
                    Value::String(text) => Ok(text.clone()),
                    _ => wrong(format!("\"{key}\" must hold texts"), "put each in quotes"),
                })?);
            }
            Ok(texts)
        })
    }
}

fn words(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn properties(object: &Object, reserved: &[&str]) -> Properties {
    object
        .iter()
        .filter(|(key, _)| !reserved.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Avro for Java reads a default of float or double that is written as text; it stands for the number.
fn numeric_default(schema: &Schema, default: &Value) -> Value {
    let floating = |kind| matches!(kind, PrimitiveKind::Float | PrimitiveKind::Double);
    match (schema, default) {
        (Schema::Primitive(primitive), Value::String(text)) if floating(primitive.kind) => text
            .trim()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or(default.clone(), Value::Number),
        _ => default.clone(),
    }
}

fn collect_type_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect_type_names(element, names)),
        Value::Object(object) => {
            let named =
                matches!(words(object, "type").as_deref(), Some("record" | "error" | "enum" | "fixed"));
            if let (true, Some(name)) = (named, words(object, "name")) {
                names.insert(name.rsplit('.').next().unwrap_or(&name).to_owned());
            }
            object.values().for_each(|member| collect_type_names(member, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn invalid_name<T>(what: &str, name: &str) -> Result<T, Wrong> {
    wrong(
        format!("\"{name}\" cannot name a {what}"),
        "begin with a letter or _, and go on with letters, digits and _",
    )
}

fn invalid_order<T>(word: &str) -> Result<T, Wrong> {
    wrong(format!("\"{word}\" is not an order"), "write ascending, descending or ignore")
}

fn suggestion(word: &str) -> String {
    let known = ["record", "enum", "array", "map", "fixed"]
        .into_iter()
        .chain(PrimitiveKind::ALL.into_iter().map(PrimitiveKind::as_str));
    let nearest = known
        .map(|known| (strsim::damerau_levenshtein(&word.to_ascii_lowercase(), known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 3);
    match nearest {
        Some((_, known)) => format!("did you mean \"{known}\"?"),
        None => {
            "define it in this file: references to the schemas of other subjects are not in this version yet"
                .to_owned()
        }
    }
}
