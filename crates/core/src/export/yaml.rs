//! Texts as YAML takes them, so that every reader sees what was meant.

/// Words that some reader of YAML takes for something else than a text.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A text as a scalar that stands anywhere: plain where no reader of YAML can misread it, else between quotes.
pub(super) fn quoted(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.chars().any(is_unprintable) {
        format!("\"{}\"", text.chars().map(escaped).collect::<String>())
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A text for a comment, on one line whatever is in it.
pub(super) fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { escaped(c) } else { c.to_string() }).collect()
}

fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    begins && text.chars().all(fits) && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Controls, ends of lines that only some readers know, and marks that are not seen.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        _ if is_unprintable(c) => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_can_misread_is_plain() {
        let shown = |text: &str| quoted(text);
        assert_eq!(
            [
                "a.b-c_d",
                "schemas/A.avsc",
                "on",
                "No",
                "1e3",
                "0777",
                "~",
                "",
                " a",
                "a: b",
                "a#b",
                "it's",
                "-1",
                ".inf"
            ]
            .map(shown),
            [
                "a.b-c_d",
                "schemas/A.avsc",
                "'on'",
                "'No'",
                "'1e3'",
                "'0777'",
                "'~'",
                "''",
                "' a'",
                "'a: b'",
                "'a#b'",
                "'it''s'",
                "'-1'",
                "'.inf'"
            ]
        );
        assert_eq!(shown("a\tb\"\\\u{85}\u{2028}"), "\"a\\tb\\\"\\\\\\u0085\\u2028\"");
        assert_eq!(on_one_line("a\nb'c"), "a\\nb'c");
    }
}
