use regex::Regex;

/// A form that names are to have: words in braces that stand for `[a-z0-9_-]+`, or a regular expression between
/// slashes, which has to match the whole name.
#[derive(Debug, Clone)]
pub(super) struct NameForm {
    written: String,
    matches: Regex,
}

impl NameForm {
    /// Reads a form as it is written.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(written: &str) -> Result<Self, String> {
        let expression = match written.strip_prefix('/') {
            Some(rest) => rest
                .strip_suffix('/')
                .filter(|body| !body.is_empty())
                .ok_or("a regular expression stands between two slashes")?
                .to_owned(),
            None => words(written)?,
        };
        let matches = Regex::new(&format!("^(?:{expression})$")).map_err(|error| match error {
            regex::Error::Syntax(text) => {
                let last = text.lines().last().unwrap_or_default();
                format!("the regular expression cannot be read: {}", last.trim_start_matches("error: "))
            }
            other => format!("the regular expression cannot be used: {other}"),
        })?;
        Ok(NameForm { written: written.to_owned(), matches })
    }

    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub fn fits(&self, name: &str) -> bool {
        self.matches.is_match(name)
    }
}

/// The expression for a form with words in braces.
fn words(written: &str) -> Result<String, String> {
    let mut expression = String::new();
    let mut rest = written;
    while let Some(open) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(open);
        expression.push_str(&regex::escape(before));
        let Some((word, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) else {
            return Err("a brace has no partner".to_owned());
        };
        if word.is_empty()
            || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        {
            return Err(format!("'{{{word}}}' is not a word in braces"));
        }
        expression.push_str("[a-z0-9_-]+");
        rest = after;
    }
    expression.push_str(&regex::escape(rest));
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_one_part_of_a_name() {
        let form = NameForm::read("pf-{purpose}-cg").unwrap();
        assert!(form.fits("pf-wallet-reconcile-cg"));
        assert!(!form.fits("pf--c"));
        assert!(!form.fits("pf-Alert-cg"));
        let form = NameForm::read("{domain}.{event}").unwrap();
        assert!(form.fits("escrow.released"));
        assert!(!form.fits("escrow.released.late"), "a word has no dot");
        assert!(!form.fits("escrowXreleased"), "the dot is a dot");
    }

    #[test]
    fn expressions_match_whole_names() {
        let form = NameForm::read("/a|b+/").unwrap();
        assert!(form.fits("bb"));
        assert!(!form.fits("ab"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (written, why) in
            [("{a", "partner"), ("a}", "partner"), ("{}", "word"), ("/", "slashes"), ("/(/", "unclosed")]
        {
            let said = NameForm::read(written).unwrap_err();
            assert!(said.contains(why), "{written}: {said}");
        }
    }
}
