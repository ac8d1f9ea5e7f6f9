use super::Thousands;

/// The first words of many, and last, where there are others, how many: `a`, `b`, `and 1,200 more`. How they are joined
/// is up to whoever shows them.
///
/// ```
/// let topics = ["orders", "trades", "users"];
/// assert_eq!(klerk_core::values::first_few(topics.into_iter(), 2).join(", "), "orders, trades, and 1 more");
/// assert_eq!(klerk_core::values::first_few(topics.into_iter(), 3).join(", "), "orders, trades, users");
/// ```
pub fn first_few<W: Into<String>>(words: impl ExactSizeIterator<Item = W>, most: usize) -> Vec<String> {
    shortened(words, most, |_| String::new())
}

/// The same where it is said what the others are, by a noun for one and one for several: `and 2 more partitions`.
pub fn first_few_of<W: Into<String>>(
    words: impl ExactSizeIterator<Item = W>,
    most: usize,
    (one, several): (&str, &str),
) -> Vec<String> {
    shortened(words, most, |others| format!(" {}", if others == 1 { one } else { several }))
}

fn shortened<W: Into<String>>(
    words: impl ExactSizeIterator<Item = W>,
    most: usize,
    noun: impl Fn(usize) -> String,
) -> Vec<String> {
    let others = words.len().saturating_sub(most);
    let mut shown: Vec<String> = words.take(most).map(Into::into).collect();
    if others > 0 {
        let count = Thousands(i64::try_from(others).unwrap_or(i64::MAX));
        shown.push(format!("and {count} more{}", noun(others)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_counted_and_none_is_left_unsaid() {
        let names = || ["a", "b", "c"].into_iter();
        assert_eq!(first_few(names(), 3), ["a", "b", "c"]);
        assert_eq!(first_few(names(), 2), ["a", "b", "and 1 more"]);
        assert_eq!(first_few(names(), 0), ["and 3 more"]);
        assert_eq!(first_few(std::iter::empty::<String>(), 0), [""; 0]);
        let many: Vec<String> = (0..1_201).map(|number| number.to_string()).collect();
        assert_eq!(first_few(many.into_iter(), 1), ["0", "and 1,200 more"]);
    }

    #[test]
    fn one_other_and_several_have_their_nouns() {
        let told = |most| first_few_of(["a", "b", "c"].into_iter(), most, ("topic", "topics")).join(", ");
        assert_eq!(
            (told(3), told(2), told(1)),
            ("a, b, c".into(), "a, b, and 1 more topic".into(), "a, and 2 more topics".into())
        );
    }
}
