/// Splits a command line into a program and its arguments, as a shell does without expanding anything: blanks separate words,
/// `'…'` is taken as it stands, and in `"…"` and outside of quotes a backslash takes the next character as it stands.
/// `None` for a quote that is not closed, and when there is no word.
pub(super) fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            blank if blank.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => word.push(characters.next()?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_does() {
        let words = |text: &str| split_words(text).map(|words| words.join("|"));
        assert_eq!(words(" aws-token  --region eu-west-1 ").as_deref(), Some("aws-token|--region|eu-west-1"));
        assert_eq!(
            words(r#"sh -c 'echo "$T" \x' "a\"b c" d\ e"#).as_deref(),
            Some(r#"sh|-c|echo "$T" \x|a"b c|d e"#)
        );
        assert_eq!(words("a '' b''c").as_deref(), Some("a||bc"));
        assert_eq!(words("a 'b"), None);
        assert_eq!(words("a \"b\\\""), None);
        assert_eq!(words("  "), None);
    }
}
