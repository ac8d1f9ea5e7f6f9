use super::entries::{Entry, Subject, all, find};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view::Ink;
use serde::Serialize;
use std::fmt::Write;

/// `klerk.explanation`.
#[derive(Debug, Serialize)]
struct Explanation {
    format: &'static str,
    version: u32,
    entries: Vec<EntryV1>,
}

#[derive(Debug, Serialize)]
struct EntryV1 {
    subject: &'static str,
    code: String,
    number: Option<i16>,
    meaning: String,
}

/// Explains a code, or lists all of them.
///
/// # Errors
/// When nothing goes by that code.
pub fn run(app: &App, args: &cli::Explain) -> Result<Status, Error> {
    let entries = match &args.code {
        Some(code) => find(code),
        None => all(),
    };
    if let (true, Some(code)) = (entries.is_empty(), &args.code) {
        return Err(Error::UnknownCode(code.clone()));
    }
    app.answer(
        || human(app, &entries),
        || Explanation {
            format: "klerk.explanation",
            version: 1,
            entries: entries.iter().cloned().map(EntryV1::from).collect(),
        },
    );
    Ok(Status::Done)
}

impl From<Entry> for EntryV1 {
    fn from(entry: Entry) -> Self {
        EntryV1 {
            subject: entry.subject.word(),
            code: entry.code,
            number: entry.number,
            meaning: entry.meaning,
        }
    }
}

/// Family by family, each with its title.
fn human(app: &App, entries: &[Entry]) -> String {
    let style = app.term.answer_style();
    let mut text = String::new();
    for subject in Subject::ALL {
        let family: Vec<&Entry> = entries.iter().filter(|entry| entry.subject == subject).collect();
        if family.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", style.paint(Ink::Faint, subject.title()));
        for entry in family {
            let number = entry.number.map_or_else(String::new, |number| format!(" ({number})"));
            let _ =
                writeln!(text, "{}{number}\n    {}", style.paint(Ink::Strong, &entry.code), entry.meaning);
        }
    }
    text
}
