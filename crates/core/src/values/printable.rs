use std::borrow::Cow;

/// A name as people are shown it: what would steer a terminal, begin a line or turn the direction of writing is spelled out as
/// `\u{1b}`. Kafka takes any text for the id of a group, so that a name may look like a line of a plan.
pub fn printable(name: &str) -> Cow<'_, str> {
    if !name.contains(steers) {
        return Cow::Borrowed(name);
    }
    let spelled = |letter: char| match steers(letter) {
        true => letter.escape_unicode().to_string(),
        false => letter.to_string(),
    };
    Cow::Owned(name.chars().map(spelled).collect())
}

/// Whether a letter does something other than to stand there: control characters, and those of Unicode that have no width or
/// turn the direction (UAX #9).
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(printable("weird group/name: ü 🦀"), "weird group/name: ü 🦀");
        assert_eq!(printable("g\u{1b}[31mred\n- x\u{202e}"), "g\\u{1b}[31mred\\u{a}- x\\u{202e}");
    }
}
