use std::fmt;

/// A name as people write it in a topology: `*` stands for any run of characters, everything else for itself.
///
/// ```
/// use klerk_core::values::Pattern;
/// assert!(Pattern::new("trading.*").matches("trading.executed"));
/// assert!(!Pattern::new("trading.*").matches("tradingXexecuted"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Pattern(text.into())
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one name that it stands for, when there is no `*` in it.
    pub fn literal(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(&self.0)
    }

    /// What every name that it stands for begins with, when its only `*` is at its end.
    pub fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('*').filter(|prefix| !prefix.contains('*'))
    }

    /// Whether `name` is one of those meant.
    pub fn matches(&self, name: &str) -> bool {
        let Some((prefix, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut name) = name.strip_prefix(prefix) else { return false };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let suffix = parts.pop().unwrap_or_default();
        for part in parts {
            match name.find(part) {
                Some(at) => name = &name[at + part.len()..],
                None => return false,
            }
        }
        name.ends_with(suffix)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_run() {
        let yes = [
            ("a.*", "a."),
            ("a.*", "a.b.c"),
            ("*", ""),
            ("*.dlq", "x.dlq"),
            ("a*b*c", "a-b-b-c"),
            ("a", "a"),
        ];
        for (pattern, name) in yes {
            assert!(Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
        let no = [("a.*", "a"), ("a", "ab"), ("*.dlq", "x.dlq2"), ("a*b*c", "acb"), ("ab*ba", "aba")];
        for (pattern, name) in no {
            assert!(!Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
    }
}
