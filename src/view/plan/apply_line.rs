use std::fmt;

/// The line with which `klerk apply` carries out a plan, as it is typed where the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplyLine(Vec<String>);

impl ApplyLine {
    /// With a flag and its value besides.
    pub fn flag(mut self, flag: &str, value: &str) -> Self {
        self.0.extend([flag.to_owned(), value.to_owned()]);
        self
    }

    /// With a word besides: a switch, or the file of a saved plan.
    pub fn word(mut self, word: &str) -> Self {
        self.0.push(word.to_owned());
        self
    }
}

impl fmt::Display for ApplyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("klerk apply")?;
        self.0.iter().try_for_each(|word| write!(f, " {}", shell_word(word)))
    }
}

/// A word as a POSIX shell takes it.
fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./,:=@%+".contains(letter);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reaches_the_program_as_it_is() {
        assert_eq!(ApplyLine::default().to_string(), "klerk apply");
        let line =
            ApplyLine::default().flag("-e", "prod-eu").flag("--match", "it's").word("my plan.json").word("");
        assert_eq!(line.to_string(), r"klerk apply -e prod-eu --match 'it'\''s' 'my plan.json' ''");
    }
}
