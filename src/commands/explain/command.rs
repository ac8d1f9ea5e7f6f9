use super::entries::{Entry, Subject, all, find, meant};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view::Ink;
use crate::view::json::v1::{ExplainedV1, ExplanationDocument};
use std::fmt::Write;

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
        return Err(Error::UnknownCode { code: code.clone(), meant: meant(code) });
    }
    app.answer(
        || human(app, &entries),
        || ExplanationDocument::new(entries.iter().cloned().map(ExplainedV1::from).collect()),
    );
    Ok(Status::Done)
}

impl From<Entry> for ExplainedV1 {
    fn from(entry: Entry) -> Self {
        ExplainedV1 {
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
