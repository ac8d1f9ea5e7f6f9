//! What is the same of several resources but for their names.

/// What stands for the name of the resource itself; no message has this sign.
const NAME: char = '\0';

/// A message without the name of the resource that it is about, where that stands by itself.
pub(super) fn without_name(message: &str, name: &str) -> String {
    let part_of_word = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    };
    let mut said = String::new();
    let mut rest = 0;
    for (at, name) in message.match_indices(name).filter(|(_, name)| !name.is_empty()) {
        let (before, after) = (&message[..at], &message[at + name.len()..]);
        if !part_of_word(before.chars().next_back()) && !part_of_word(after.chars().next()) {
            said.push_str(&message[rest..at]);
            said.push(NAME);
            rest = at + name.len();
        }
    }
    said.push_str(&message[rest..]);
    said
}
