use super::Name;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Attributes that Avro gives no meaning to, and those of logical types, by their key.
pub type Properties = BTreeMap<String, Value>;

/// A schema. A named type stands where it is defined; every later use of it is a [`Schema::Reference`].
#[derive(Debug, Clone, PartialEq)]
pub enum Schema {
    /// `null`, `string` and the like.
    Primitive(Primitive),
    /// A record, or an error of a protocol.
    Record(Record),
    /// An enum.
    Enum(Enumeration),
    /// A fixed number of bytes.
    Fixed(Fixed),
    /// An array.
    Array(Array),
    /// A map from strings.
    Map(Map),
    /// One of several; empty is allowed, as in Avro for Java.
    Union(Vec<Schema>),
    /// A use of a type that is defined before, in the order of the text.
    Reference(Name),
}

/// The primitive types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrimitiveKind {
    /// No value.
    Null,
    /// True or false.
    Boolean,
    /// 32 bits, signed.
    Int,
    /// 64 bits, signed.
    Long,
    /// IEEE 754, 32 bits.
    Float,
    /// IEEE 754, 64 bits.
    Double,
    /// Bytes.
    Bytes,
    /// Unicode text.
    String,
}

/// A primitive type with its properties (`logicalType` and the like).
#[derive(Debug, Clone, PartialEq)]
pub struct Primitive {
    /// Which one.
    pub kind: PrimitiveKind,
    /// Its properties.
    pub properties: Properties,
}

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its full name.
    pub name: Name,
    /// Former names, in the order written.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// Whether it was written as `error`.
    pub is_error: bool,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Its properties.
    pub properties: Properties,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Former names, in the order written.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// Its type.
    pub schema: Schema,
    /// The value that a reader takes when the writer has none. `Some(Value::Null)` is the default `null`.
    pub default: Option<Value>,
    /// How it counts when records are compared.
    pub order: Order,
    /// Its properties.
    pub properties: Properties,
}

/// How a field counts when records are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Smaller first.
    #[default]
    Ascending,
    /// Larger first.
    Descending,
    /// It does not count.
    Ignore,
}

/// An enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Enumeration {
    /// Its full name.
    pub name: Name,
    /// Former names, in the order written.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// Its symbols, in order.
    pub symbols: Vec<String>,
    /// The symbol that a reader takes for one that it does not know.
    pub default: Option<String>,
    /// Its properties.
    pub properties: Properties,
}

/// A fixed number of bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// Its full name.
    pub name: Name,
    /// Former names, in the order written.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// Bytes.
    pub size: u32,
    /// Its properties.
    pub properties: Properties,
}

/// An array.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// What it holds.
    pub items: Box<Schema>,
    /// Its properties.
    pub properties: Properties,
}

/// A map from strings.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// What it holds.
    pub values: Box<Schema>,
    /// Its properties.
    pub properties: Properties,
}

impl PrimitiveKind {
    /// Every primitive type.
    pub const ALL: [PrimitiveKind; 8] = [
        PrimitiveKind::Null,
        PrimitiveKind::Boolean,
        PrimitiveKind::Int,
        PrimitiveKind::Long,
        PrimitiveKind::Float,
        PrimitiveKind::Double,
        PrimitiveKind::Bytes,
        PrimitiveKind::String,
    ];

    /// Avro's word.
    pub fn as_str(self) -> &'static str {
        match self {
            PrimitiveKind::Null => "null",
            PrimitiveKind::Boolean => "boolean",
            PrimitiveKind::Int => "int",
            PrimitiveKind::Long => "long",
            PrimitiveKind::Float => "float",
            PrimitiveKind::Double => "double",
            PrimitiveKind::Bytes => "bytes",
            PrimitiveKind::String => "string",
        }
    }

    /// The primitive type of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        PrimitiveKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for PrimitiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Order {
    /// Avro's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Order::Ascending => "ascending",
            Order::Descending => "descending",
            Order::Ignore => "ignore",
        }
    }
}

impl Schema {
    /// The word that tells this type from the other branches of a union: the full name of a named type, else the word
    /// of the type.
    pub fn branch_name(&self) -> &str {
        match self {
            Schema::Primitive(primitive) => primitive.kind.as_str(),
            Schema::Record(Record { name, .. })
            | Schema::Enum(Enumeration { name, .. })
            | Schema::Fixed(Fixed { name, .. })
            | Schema::Reference(name) => name.full(),
            Schema::Array(_) => "array",
            Schema::Map(_) => "map",
            Schema::Union(_) => "union",
        }
    }

    /// The full name, where the schema defines or refers to a named type.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Schema::Record(Record { name, .. })
            | Schema::Enum(Enumeration { name, .. })
            | Schema::Fixed(Fixed { name, .. })
            | Schema::Reference(name) => Some(name),
            Schema::Primitive(_) | Schema::Array(_) | Schema::Map(_) | Schema::Union(_) => None,
        }
    }
}
