//! What `-v` shows: the rooms that talk to servers trace their requests, and this prints the lines.

use crate::term::{LogLine, Term};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Debug)]
struct ToTerm(Term);

impl<'a> MakeWriter<'a> for ToTerm {
    type Writer = LogLine;

    fn make_writer(&'a self) -> LogLine {
        self.0.log_line()
    }
}

/// Prints traces to standard error: requests with `-v`, everything with `-vv`, nothing without.
pub fn install(verbose: u8, term: &Term) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let subscriber = fmt()
        .with_max_level(level)
        .with_ansi(term.other_style().coloured)
        .with_target(false)
        .with_writer(ToTerm(term.clone()))
        .without_time()
        .finish();
    // A second subscriber can only be a test's own, and then that one is wanted.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
