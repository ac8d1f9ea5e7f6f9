use crate::schema::json::Position;
use std::fmt;

/// What is wrong with the text of a schema, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SchemaFault {
    /// Line in the schema's text, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// JSON pointer (RFC 6901) to the faulty value; empty for the whole schema and for text that is not JSON.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl SchemaFault {
    pub(super) fn new(position: Position, pointer: String, message: String, fix: String) -> Self {
        SchemaFault { line: position.line, column: position.column, pointer, message, fix }
    }
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.line, self.column, self.message, self.fix)
    }
}
