use super::super::place::{At, Spot};

/// A value in a document.
#[derive(Debug, Clone)]
pub(in super::super) struct Node {
    pub spot: Spot,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub(in super::super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A scalar as text.
#[derive(Debug, Clone)]
pub(in super::super) struct Scalar {
    pub text: String,
    /// Written without quotes, so that YAML would give some words a meaning.
    pub plain: bool,
}

/// One key of a map with its value.
#[derive(Debug, Clone)]
pub(in super::super) struct Entry {
    pub key: At<String>,
    pub value: Node,
    /// The key stands between braces without a `:` behind it.
    pub bare: bool,
}

impl Scalar {
    /// Whether YAML takes it for nothing: `~`, `null`, or not there at all.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    /// The scalar, where it is one that says something.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) if !scalar.is_null() => Some(scalar),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// What it is, with its article.
    pub fn shape(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a plain value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// How many nodes it holds, itself included, and how deep they go.
    pub fn measure(&self) -> (usize, usize) {
        let within = |children: &mut dyn Iterator<Item = &Node>| {
            let (mut count, mut depth) = (1, 0);
            for child in children {
                let (nodes, levels) = child.measure();
                count += nodes;
                depth = depth.max(levels);
            }
            (count, depth + 1)
        };
        match &self.value {
            Value::Scalar(_) => (1, 1),
            Value::List(items) => within(&mut items.iter()),
            Value::Map(entries) => within(&mut entries.iter().map(|entry| &entry.value)),
        }
    }
}
