//! Config values compared by Kafka's own type of the key, as `ConfigDef.parseType` reads them. Brokers give values
//! back normalised (`0005` as `5`, `TRUE` as `true`), so a comparison of texts would find changes for ever.

use super::{ByteSize, FOLLOWER_REPLICAS, InvalidDuration, InvalidSize, LEADER_REPLICAS, Millis};
use crate::world::ConfigType;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Lists whose order and repetitions mean nothing to Kafka. Every other list keeps its order.
const SETS: [&str; 3] = ["cleanup.policy", LEADER_REPLICAS, FOLLOWER_REPLICAS];

/// Whether both texts mean the same value of `key`. It is an equivalence for each key and type.
///
/// Texts that do not read as their type are compared as they stand, without surrounding blanks where Kafka drops
/// them; the broker will say what is wrong with them.
pub fn same_value(key: &str, kind: ConfigType, asked: &str, found: &str) -> bool {
    asked == found || normalise(key, kind, asked) == normalise(key, kind, found)
}

/// One text for all spellings of a value: what Kafka would store, but for floating point numbers, which are written
/// in their shortest form, and for lists that are sets, which are sorted.
pub fn normalise<'a>(key: &str, kind: ConfigType, text: &'a str) -> Cow<'a, str> {
    let trimmed = text.trim();
    let known = match kind {
        ConfigType::Boolean => boolean(trimmed),
        ConfigType::Int | ConfigType::Short | ConfigType::Long => integer(trimmed),
        ConfigType::Double => double(trimmed),
        ConfigType::List => Some(list(key, trimmed)),
        ConfigType::String | ConfigType::Password => return Cow::Borrowed(text),
        ConfigType::Class => None,
        ConfigType::Unknown if is_set(key) => Some(list(key, trimmed)),
        ConfigType::Unknown => integer(trimmed)
            .or_else(|| double(trimmed))
            .or_else(|| boolean(trimmed))
            .or_else(|| trimmed.contains(',').then(|| list(key, trimmed))),
    };
    known.map_or(Cow::Borrowed(trimmed), Cow::Owned)
}

/// A value for people: times and sizes in units and exact, `7d (604800000)`, by the key's ending, which Kafka keeps
/// to. Every other value stands as it is, but an empty one, which is named.
pub fn describe_config_value(key: &str, value: &str) -> String {
    match as_integer(value) {
        Some(number) if key.ends_with(".ms") => Millis(number).described(),
        Some(number) if key.ends_with(".bytes") => ByteSize(number).described(),
        _ if value.is_empty() => "(empty)".to_owned(),
        _ => value.to_owned(),
    }
}

/// A value as Kafka takes it from one that people write: times (`7d`, `forever`) and sizes (`10MB`) become numbers, by the
/// key's ending, which Kafka keeps to. Every other value stands as it is.
///
/// # Errors
/// When the key takes a time or a size, and the text is none.
pub fn config_from_units(key: &str, text: &str) -> Result<String, InvalidConfig> {
    let trimmed = text.trim();
    if key.ends_with(".ms") {
        return trimmed.parse::<Millis>().map(|time| time.0.to_string()).map_err(InvalidConfig::Duration);
    }
    if key.ends_with(".bytes") {
        return trimmed.parse::<ByteSize>().map(|size| size.0.to_string()).map_err(InvalidConfig::Size);
    }
    Ok(text.to_owned())
}

/// A text that is not what its key takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidConfig {
    /// The key takes a time.
    Duration(InvalidDuration),
    /// The key takes a size.
    Size(InvalidSize),
}

impl InvalidConfig {
    /// What is wrong, with the key that it is about.
    pub fn about(&self, key: &str) -> String {
        match self {
            InvalidConfig::Duration(InvalidDuration { text, reason, .. }) => {
                format!("'{key}' takes a duration, and '{text}' is none: {reason}")
            }
            InvalidConfig::Size(InvalidSize { text, reason, .. }) => {
                format!("'{key}' takes a size, and '{text}' is none: {reason}")
            }
        }
    }

    /// How to write what was probably meant.
    pub fn fix(&self) -> Option<&str> {
        match self {
            InvalidConfig::Duration(invalid) => invalid.fix.as_deref(),
            InvalidConfig::Size(invalid) => invalid.fix.as_deref(),
        }
    }
}

/// The items of a list value, without the blanks around them; nothing for an empty text.
pub fn list_items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// A value as an integer, where it reads as one.
pub fn as_integer(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// A value as a boolean, where it reads as one.
pub fn as_boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn is_set(key: &str) -> bool {
    SETS.contains(&key)
}

fn boolean(text: &str) -> Option<String> {
    as_boolean(text).map(|value| value.to_string())
}

fn integer(text: &str) -> Option<String> {
    as_integer(text).map(|value| value.to_string())
}

/// Java's `Double.parseDouble` also takes a type suffix, and so does this.
fn double(text: &str) -> Option<String> {
    let digits = match text.strip_suffix(['d', 'D', 'f', 'F']) {
        Some(digits) if digits.ends_with(|last: char| last.is_ascii_digit() || last == '.') => digits,
        _ => text,
    };
    if !digits.contains(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let value: f64 = digits.parse().ok()?;
    Some(if value == 0.0 { "0".to_owned() } else { value.to_string() })
}

fn list(key: &str, text: &str) -> String {
    if is_set(key) {
        let items: BTreeSet<&str> = list_items(text).collect();
        return items.into_iter().collect::<Vec<_>>().join(",");
    }
    if text.is_empty() {
        return String::new();
    }
    text.split(',').map(str::trim).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [ConfigType; 10] = [
        ConfigType::Unknown,
        ConfigType::Boolean,
        ConfigType::String,
        ConfigType::Int,
        ConfigType::Short,
        ConfigType::Long,
        ConfigType::Double,
        ConfigType::List,
        ConfigType::Class,
        ConfigType::Password,
    ];

    #[test]
    fn spellings_of_one_value_are_the_same() {
        let same = [
            ("retention.ms", ConfigType::Long, "0005", "5"),
            ("retention.ms", ConfigType::Long, " 604800000 ", "604800000"),
            ("retention.ms", ConfigType::Long, "+7", "7"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "0.50", "0.5"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "5e-1", "0.5"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "0.00001", "1.0E-5"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "102400000", "1.024E8"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "1d", "1.0"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "-0.0", "0"),
            ("preallocate", ConfigType::Boolean, "TRUE", "true"),
            ("preallocate", ConfigType::Boolean, " False", "false"),
            ("cleanup.policy", ConfigType::List, "delete, compact", "compact,delete"),
            ("cleanup.policy", ConfigType::List, " ", ""),
            ("some.list", ConfigType::List, "a , b", "a,b"),
            ("cleanup.policy", ConfigType::Unknown, "delete,compact", "compact,delete"),
            ("anything", ConfigType::Unknown, "5.0", "5"),
            ("anything", ConfigType::Unknown, "TRUE", "true"),
            ("anything", ConfigType::Unknown, "a, b", "a,b"),
            ("compression.type", ConfigType::String, "zstd", "zstd"),
        ];
        for (key, kind, asked, found) in same {
            assert!(same_value(key, kind, asked, found), "{key} {kind:?} {asked:?} {found:?}");
        }
    }

    #[test]
    fn different_values_differ() {
        let different = [
            ("retention.ms", ConfigType::Long, "5", "50"),
            ("retention.ms", ConfigType::Long, "-1", "1"),
            ("retention.ms", ConfigType::Long, "9007199254740993", "9007199254740992"),
            ("min.cleanable.dirty.ratio", ConfigType::Double, "0.5", "0.50001"),
            ("preallocate", ConfigType::Boolean, "true", "false"),
            ("cleanup.policy", ConfigType::List, "compact", "compact,delete"),
            ("some.list", ConfigType::List, "a,b", "b,a"),
            ("compression.type", ConfigType::String, "zstd", "ZSTD"),
            ("compression.type", ConfigType::String, "zstd ", "zstd"),
            ("name", ConfigType::String, "0005", "5"),
            ("anything", ConfigType::Unknown, "inf", "infinity"),
        ];
        for (key, kind, asked, found) in different {
            assert!(!same_value(key, kind, asked, found), "{key} {kind:?} {asked:?} {found:?}");
        }
    }

    #[test]
    fn people_read_units_and_exact_values() {
        let described = [
            ("retention.ms", "604800000", "7d (604800000)"),
            ("retention.ms", "-1", "forever (-1)"),
            ("retention.bytes", "-1", "unlimited (-1)"),
            ("max.message.bytes", "1048588", "1,048,588"),
            ("segment.bytes", "1073741824", "1 GiB (1073741824)"),
            ("min.insync.replicas", "2", "2"),
            ("cleanup.policy", "", "(empty)"),
            ("retention.ms", "soon", "soon"),
        ];
        for (key, value, text) in described {
            assert_eq!(describe_config_value(key, value), text, "{key}");
        }
    }

    fn kinds() -> impl Strategy<Value = ConfigType> {
        proptest::sample::select(&KINDS[..])
    }

    fn keys() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(&["cleanup.policy", "retention.ms", "x"][..])
    }

    /// Short texts of the letters that values are made of, so that two of them often mean the same.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["[ 0-2.eE+-]{0,5}", "(true|TRUE|false| )?", "[ab ,]{0,5}", ".*"]
    }

    proptest! {
        #[test]
        fn sameness_is_an_equivalence(key in keys(), kind in kinds(), a in texts(), b in texts(), c in texts()) {
            prop_assert!(same_value(key, kind, &a, &a));
            prop_assert_eq!(same_value(key, kind, &a, &b), same_value(key, kind, &b, &a));
            if same_value(key, kind, &a, &b) && same_value(key, kind, &b, &c) {
                prop_assert!(same_value(key, kind, &a, &c));
            }
        }

        #[test]
        fn normalising_twice_is_normalising_once(key in keys(), kind in kinds(), text in texts()) {
            let once = normalise(key, kind, &text).into_owned();
            prop_assert_eq!(normalise(key, kind, &once).into_owned(), once);
        }

        #[test]
        fn every_integer_equals_itself_with_zeros_in_front(value in any::<i64>(), zeros in 0_usize..4) {
            let sign = if value < 0 { "-" } else { "" };
            let padded = format!("{sign}{}{}", "0".repeat(zeros), value.unsigned_abs());
            prop_assert!(same_value("retention.ms", ConfigType::Long, &padded, &value.to_string()));
        }

        #[test]
        fn every_double_equals_its_scientific_form(value in any::<f64>().prop_filter("numbers", |v| v.is_finite())) {
            let scientific = format!("{value:e}");
            prop_assert!(same_value("x", ConfigType::Double, &scientific, &value.to_string()));
        }
    }
}
