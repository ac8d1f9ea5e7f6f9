use serde::Serialize;

/// A text that is no document of its own, wrapped so that a JSON answer is JSON all the same.
#[derive(Debug, Clone, Serialize)]
pub struct TextDocument {
    format: &'static str,
    version: u32,
    text: String,
}

impl TextDocument {
    /// `klerk.help`.
    pub fn help(text: String) -> Self {
        TextDocument { format: "klerk.help", version: 1, text }
    }

    /// `klerk.version`.
    pub fn version() -> Self {
        TextDocument { format: "klerk.version", version: 1, text: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// `klerk.completions`.
    pub fn completions(script: String) -> Self {
        TextDocument { format: "klerk.completions", version: 1, text: script }
    }
}
