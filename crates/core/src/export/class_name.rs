use super::setting::{Key, Settings};
use std::collections::BTreeSet;

/// What tells the most about a family of topics, most first. Of these the value alone is a name, or with the word.
const TELLING: [(&str, &str); 5] = [
    ("cleanup.policy", ""),
    ("compression.type", ""),
    ("retention.ms", "keep"),
    ("retention.bytes", "keep"),
    ("min.insync.replicas", "isr"),
];
/// How many settings a name is made of, as long as no other class has that name.
const WORDS: usize = 2;

/// A name for a class that nothing else of `taken` bears, made of what the class says: `compact-keep-7d`.
pub(super) fn class_name(settings: &Settings, taken: &mut BTreeSet<String>) -> String {
    let parts = parts(settings);
    for count in WORDS.min(parts.len())..=parts.len() {
        let name = parts[..count].join("-");
        if taken.insert(name.clone()) {
            return name;
        }
    }
    let name = parts[..WORDS.min(parts.len())].join("-");
    (2..).map(|number| format!("{name}-{number}")).find(|name| taken.insert(name.clone())).unwrap_or(name)
}

fn parts(settings: &Settings) -> Vec<String> {
    let configs: Vec<(&str, &String)> = settings
        .iter()
        .filter_map(|(key, value)| match key {
            Key::Config(key) => Some((key.as_str(), value)),
            Key::Partitions | Key::Replication => None,
        })
        .collect();
    let telling = TELLING.iter().filter_map(|(key, word)| {
        let (_, value) = configs.iter().find(|(found, _)| found == key)?;
        Some(joined(word, value))
    });
    let others = configs.iter().filter(|(key, _)| TELLING.iter().all(|(telling, _)| telling != key));
    let others = others.map(|(key, value)| {
        let word = [".ms", ".bytes"].iter().find_map(|end| key.strip_suffix(end)).unwrap_or(key);
        let word = word.strip_suffix(".enable").unwrap_or(word);
        joined(word, value)
    });
    telling.chain(others).collect()
}

/// A word and a value as a part of a name.
fn joined(word: &str, value: &str) -> String {
    let slug = |text: &str| {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let text: String = text.chars().map(plain).collect();
        let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
        words.join("-").chars().take(24).collect::<String>()
    };
    let value = match value {
        "true" => String::new(),
        "false" => "off".to_owned(),
        _ => slug(value),
    };
    let parts: Vec<String> = [slug(word), value].into_iter().filter(|part| !part.is_empty()).collect();
    let name = parts.join("-");
    // A name that begins with a digit would need quotes.
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("with-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_the_class_says_and_differ() {
        let mut taken = BTreeSet::new();
        let mut name = |settings: &[(&str, &str)]| {
            let settings =
                settings.iter().map(|(key, value)| (Key::Config((*key).to_owned()), (*value).to_owned()));
            class_name(&settings.collect(), &mut taken)
        };
        assert_eq!(
            name(&[("retention.ms", "7d"), ("cleanup.policy", "[compact, delete]")]),
            "compact-delete-keep-7d"
        );
        assert_eq!(name(&[("retention.ms", "forever")]), "keep-forever");
        assert_eq!(name(&[("preallocate", "true"), ("x.y", "'a #b'")]), "preallocate-x-y-a-b");
        let three = [("cleanup.policy", "compact"), ("compression.type", "zstd"), ("segment.ms", "1d")];
        assert_eq!(name(&three[..2]), "compact-zstd");
        assert_eq!(name(&three), "compact-zstd-segment-1d");
        assert_eq!(name(&[("compression.type", "zstd"), ("cleanup.policy", "'compact'")]), "compact-zstd-2");
        assert_eq!(name(&[("compression.type", "'9'")]), "with-9");
    }
}
