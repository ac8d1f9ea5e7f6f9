use std::fmt;

/// The full name of a record, an enum or a fixed: a namespace, which may be empty, and a simple name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    full: String,
    simple_at: usize,
}

/// The text is no name in Avro.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a name in Avro")]
pub struct InvalidName(pub String);

impl Name {
    /// Reads a name as it is written inside `namespace`.
    ///
    /// A text with a dot is a full name already. A leading dot names the empty namespace, as Avro for Java reads it.
    pub fn read(text: &str, namespace: &str) -> Result<Name, InvalidName> {
        let (space, simple) = text.rsplit_once('.').unwrap_or((namespace, text));
        if !is_simple_name(simple)
            || !space.split('.').all(|part| space.is_empty() || !part.trim().is_empty())
        {
            return Err(InvalidName(text.to_owned()));
        }
        Ok(match space {
            "" => Name { full: simple.to_owned(), simple_at: 0 },
            _ => Name { full: format!("{space}.{simple}"), simple_at: space.len() + 1 },
        })
    }

    /// Namespace and simple name, joined by a dot where there is a namespace.
    pub fn full(&self) -> &str {
        &self.full
    }

    /// The part after the last dot.
    pub fn simple(&self) -> &str {
        &self.full[self.simple_at..]
    }

    /// What precedes the last dot; empty for none.
    pub fn namespace(&self) -> &str {
        self.full[..self.simple_at].trim_end_matches('.')
    }

    /// The one way to write this name inside `namespace` that means the same everywhere: the full name, with a leading
    /// dot where a bare one would be read as belonging to `namespace`.
    pub(in crate::schema) fn written_inside(&self, namespace: &str) -> String {
        if self.namespace().is_empty() && !namespace.is_empty() {
            format!(".{}", self.full)
        } else {
            self.full.clone()
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

/// Whether the text may name a type, a field or an enum symbol: a letter or `_`, then letters, digits and `_`.
///
/// The specification allows ASCII only. Registries are built on Avro for Java, which takes every Unicode letter.
pub(super) fn is_simple_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str, namespace: &str) -> String {
        Name::read(text, namespace).unwrap().full().to_owned()
    }

    #[test]
    fn a_dot_makes_it_a_full_name() {
        assert_eq!(full("R", "a.b"), "a.b.R");
        assert_eq!(full("c.R", "a.b"), "c.R");
        assert_eq!(full(".R", "a.b"), "R");
        assert_eq!(full("R", ""), "R");
        let name = Name::read("R", "a.b").unwrap();
        assert_eq!((name.namespace(), name.simple()), ("a.b", "R"));
    }

    #[test]
    fn what_is_no_name() {
        for text in ["", "1a", "a-b", "a b", "a.", "a..b", ".a.b", "ns.1"] {
            assert!(Name::read(text, "").is_err(), "{text:?}");
        }
        assert_eq!(full("Größe", ""), "Größe");
    }
}
