//! Markdown that GitHub and GitLab render, and that no text of somebody else's can break: whatever is not klerk's own
//! word stands in a code span, where pipes, tags, links and mentions are letters like any other.

use super::counting::counted;
use klerk_core::values::{first_few, printable};

/// Of a longer text the beginning is shown.
const LONGEST: usize = 1_000;

/// A text as a code span that stands in a line, a list or the cell of a table.
///
/// A pipe would end the cell, and no escape for it is read alike by all renderers when a backslash stands before it. So
/// a text with one becomes a `<code>` element in which every sign is written as a character reference.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.contains('|') {
        return format!("<code>{}</code>", references(&text));
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let touches = text.starts_with('`') || text.ends_with('`');
    // One blank on either side is taken away again where both sides have one.
    let blanks = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if touches || blanks { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The same where the surroundings are HTML, such as a summary.
pub fn html(text: &str) -> String {
    format!("<code>{}</code>", references(&one_line(text)))
}

/// Several texts, each a code span, no more than `most` of them.
pub fn codes<'t>(texts: impl ExactSizeIterator<Item = &'t str>, most: usize) -> String {
    first_few(texts.map(code), most).join(", ")
}

/// Lines as the rows of a code block, with the fence that they stand between.
pub fn fenced(text: &str) -> (String, Vec<String>) {
    let rows: Vec<String> = text.lines().map(|line| format!("{}\n", printable(line))).collect();
    let longest = rows.iter().map(|row| longest_run(row, '`')).max().unwrap_or_default();
    ("`".repeat(longest.max(2) + 1), rows)
}

/// A text of one line, as far as it is shown, without what would move or hide what stands around it.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place == LONGEST {
            line.push('…');
            break;
        }
        match letter {
            '\n' | '\r' | '\t' => line.push(' '),
            letter => line.push_str(&printable(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    if line.trim().is_empty() { "(nothing)".to_owned() } else { line }
}

/// Everything but letters, figures and blanks as a character reference.
fn references(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            ' ' => " ".to_owned(),
            letter if letter.is_alphanumeric() => letter.to_string(),
            letter => format!("&#{};", u32::from(letter)),
        })
        .collect()
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|letter| letter != of).map(str::len).max().unwrap_or_default()
}

/// What the rows of a section are: one of them, several of them.
pub type Noun = (&'static str, &'static str);

/// A document of a bounded length. A section that would not fit is cut between two of its rows, and what was left out is
/// counted at the end.
#[derive(Debug)]
pub struct Bounded {
    text: String,
    letters: usize,
    limit: usize,
    left_out: Vec<(Noun, usize)>,
}

/// What is kept free for the line that says what was left out. There are few nouns, so it is short.
const RESERVE: usize = 600;

impl Bounded {
    /// An empty document of no more than `limit` characters.
    pub fn new(limit: usize) -> Self {
        Bounded {
            text: String::new(),
            letters: 0,
            limit: limit.saturating_sub(RESERVE),
            left_out: Vec::new(),
        }
    }

    /// Adds a text that is known to be short.
    pub fn add(&mut self, text: &str) {
        self.letters += text.chars().count();
        self.text.push_str(text);
    }

    /// Adds a section with as many of its rows as fit into this part of what is free, in hundredths.
    pub fn section(&mut self, open: &str, rows: &[String], close: &str, share: usize, noun: Noun) {
        let frame = open.chars().count() + close.chars().count();
        let free = self.limit.saturating_sub(self.letters) * share.min(100) / 100;
        let fitting = rows
            .iter()
            .scan(frame, |used, row| {
                *used += row.chars().count();
                Some(*used)
            })
            .take_while(|used| *used <= free)
            .count();
        if fitting > 0 {
            self.add(open);
            rows.iter().take(fitting).for_each(|row| self.add(row));
            self.add(close);
        }
        let more = rows.len() - fitting;
        match self.left_out.iter_mut().find(|(of, _)| *of == noun) {
            _ if more == 0 => {}
            Some((_, count)) => *count += more,
            None => self.left_out.push((noun, more)),
        }
    }

    /// The document, with a line on what was left out.
    pub fn finish(mut self) -> String {
        if !self.left_out.is_empty() {
            let counts = self.left_out.iter().map(|((one, many), count)| counted(*count, one, many));
            let left_out = counts.collect::<Vec<_>>().join(", ");
            self.text.push_str(&format!("\n*Left out, for the length of a comment: {left_out}.*\n"));
        }
        self.text
    }
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
pub(super) mod tests;
