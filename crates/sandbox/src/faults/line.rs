//! The words of a line that tells what shall go wrong, with brokers or with the registry.

use crate::faults::Times;
use klerk_core::values::{Millis, closest};
use klerk_wire::error_code::ErrorCode;
use std::iter::Peekable;
use std::str::FromStr;
use std::time::Duration;
use std::vec::IntoIter;

/// A line that tells of nothing that can go wrong: which word, why, and what is meant perhaps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// There are no more words.
    #[error("the line ends before {missing}; it is written as: {form}")]
    Ends {
        /// What should follow.
        missing: &'static str,
        /// How such a line is written.
        form: &'static str,
    },
    /// The first word names no API.
    #[error("{word:?} is no API of Kafka's{}; * stands for every API", meant(.close))]
    Api {
        /// The word.
        word: String,
        /// A name that is close to it.
        close: Option<&'static str>,
    },
    /// The word is no harm.
    #[error("{word:?} is not one of {}{}", .harms.join(", "), meant(.close))]
    Harm {
        /// The word.
        word: String,
        /// All harms that there are.
        harms: &'static [&'static str],
        /// A name that is close to it.
        close: Option<&'static str>,
    },
    /// The word cannot be read as what it should be.
    #[error("{word:?} is not {wanted}")]
    Value {
        /// The word.
        word: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The quotation mark is never closed.
    #[error("a text in quotes does not end")]
    Quote,
}

impl LineError {
    /// A word that is none of `harms`.
    pub(crate) fn harm(word: String, harms: &'static [&'static str]) -> LineError {
        LineError::Harm { close: closest(&word, harms.iter().copied()), word, harms }
    }
}

fn meant(close: &Option<&'static str>) -> String {
    close.map_or_else(String::new, |name| format!(" (is {name} meant?)"))
}

/// A word of the line.
#[derive(Debug, Default)]
struct Word {
    text: String,
    /// Whether it begins with a quotation mark, as the words of a refusal do.
    quoted: bool,
}

/// Splits a line into words; a text in double quotes is part of its word, with `\` before quotes and backslashes.
fn words(line: &str) -> Result<Vec<Word>, LineError> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quoted = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.get_or_insert(Word { text: String::new(), quoted });
            }
            '\\' if quoted => word.get_or_insert_default().text.extend(letters.next()),
            ' ' | '\t' | ',' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().text.push(letter),
        }
    }
    if quoted {
        return Err(LineError::Quote);
    }
    words.extend(word);
    Ok(words)
}

/// The words that are still to be read.
pub(crate) struct Line {
    words: Peekable<IntoIter<Word>>,
    form: &'static str,
}

impl Line {
    /// The words of a line that is written as `form` says.
    pub(crate) fn read(line: &str, form: &'static str) -> Result<Line, LineError> {
        Ok(Line { words: words(line)?.into_iter().peekable(), form })
    }

    /// The next word, which is `missing` where there is none.
    pub(crate) fn next(&mut self, missing: &'static str) -> Result<String, LineError> {
        let form = self.form;
        self.words.next().map(|word| word.text).ok_or(LineError::Ends { missing, form })
    }

    /// The next word if it fits.
    pub(crate) fn next_if(&mut self, fits: impl Fn(&str) -> bool) -> Option<String> {
        self.words.next_if(|word| fits(&word.text)).map(|word| word.text)
    }

    /// The next word as what `read` makes of it.
    pub(crate) fn value<T>(
        &mut self,
        wanted: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, LineError> {
        let word = self.next(wanted)?;
        read(&word).ok_or(LineError::Value { word, wanted })
    }

    /// The next word as a value that can be read from a text.
    pub(crate) fn parsed<T: FromStr>(&mut self, wanted: &'static str) -> Result<T, LineError> {
        self.value(wanted, |word| word.parse().ok())
    }

    /// A code, with words to it in quotes if they follow.
    pub(crate) fn code(&mut self) -> Result<(i16, Option<String>), LineError> {
        let code = self.value("an error code of Kafka's, as a number or by name", |word| {
            let named = ErrorCode::all().iter().find(|entry| entry.name == word).map(|entry| entry.code);
            named.or_else(|| word.parse().ok())
        })?;
        Ok((code, self.words.next_if(|word| word.quoted).map(|word| word.text)))
    }

    /// A length of time.
    pub(crate) fn duration(&mut self) -> Result<Duration, LineError> {
        self.value("a duration, such as 200ms", duration)
    }

    /// How often; always where nothing is said of it.
    pub(crate) fn times(&mut self) -> Result<Times, LineError> {
        const WANTED: &str = "once, N times, or always";
        match self.next_if(|_| true).as_deref() {
            None | Some("always") => Ok(Times::Always),
            Some("once") => Ok(Times::Next(1)),
            Some(word) => {
                let times = word.parse().ok().filter(|times| *times > 0);
                let times =
                    times.ok_or_else(|| LineError::Value { word: word.to_owned(), wanted: WANTED })?;
                self.value(WANTED, |word| (word == "times").then_some(Times::Next(times)))
            }
        }
    }

    /// Nothing may follow.
    pub(crate) fn end(mut self) -> Result<(), LineError> {
        const WANTED: &str = "expected where the line ends";
        self.next_if(|_| true).map_or(Ok(()), |word| Err(LineError::Value { word, wanted: WANTED }))
    }
}

/// A duration as lines tell it; a bare number is of milliseconds.
pub(crate) fn duration(word: &str) -> Option<Duration> {
    word.parse::<Millis>().ok().and_then(|Millis(ms)| u64::try_from(ms).ok()).map(Duration::from_millis)
}
