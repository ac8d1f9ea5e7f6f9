//! The only owner of standard input, output and error. The answer goes to standard output, everything else to standard
//! error. A reader that closes the pipe stops the answer, never the run.

use crate::cli::ColorChoice;
use crate::settings::Environment;
use crate::view::Style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// The terminal, or what stands in for it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Term(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    answer: Mutex<Answer>,
    other: Mutex<Sink>,
    input: Mutex<Input>,
    bars: MultiProgress,
    answer_style: Style,
    other_style: Style,
    /// Whether a person sees standard output.
    answer_watched: bool,
    /// Whether a person sees standard error.
    watched: bool,
    quiet: bool,
    /// Whether a question stands at the end of standard error with nothing typed after it.
    asking: AtomicBool,
}

#[derive(Debug)]
struct Answer {
    sink: Sink,
    /// What kept the answer from being written whole, a closed pipe aside.
    broken: Option<io::Error>,
    closed: bool,
}

#[derive(Debug)]
enum Sink {
    Stdout,
    Stderr,
    Buffer(Arc<Mutex<Vec<u8>>>),
}

#[derive(Debug)]
enum Input {
    /// Standard input is a terminal.
    Stdin,
    /// Standard input is read for something else, and a terminal may stand behind it.
    Behind,
    /// Nobody can be asked.
    Nobody,
    /// Lines that a test has laid out.
    Script(Vec<String>),
}

/// What the flags say about the output.
#[derive(Debug, Clone, Copy, Default)]
pub struct TermOptions {
    /// When to colour.
    pub color: ColorChoice,
    /// No progress and no notes.
    pub quiet: bool,
    /// Standard input is read for a topology.
    pub stdin_is_taken: bool,
}

impl Term {
    /// The streams of this process.
    pub fn of_process(environment: &Environment, options: TermOptions) -> Term {
        let (stdin, stdout, stderr) =
            (io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal());
        let coloured = |is_terminal: bool| match options.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                is_terminal && environment.no_color.is_none() && environment.term.as_deref() != Some("dumb")
            }
        };
        let width = |is_terminal: bool| if is_terminal { terminal_width(environment) } else { None };
        let input = match (stderr, stdin, options.stdin_is_taken) {
            (true, true, false) => Input::Stdin,
            (true, _, true) => Input::Behind,
            _ => Input::Nobody,
        };
        let target = if stderr && !options.quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Term(Arc::new(Inner {
            answer: Mutex::new(Answer { sink: Sink::Stdout, broken: None, closed: false }),
            other: Mutex::new(Sink::Stderr),
            input: Mutex::new(input),
            bars: MultiProgress::with_draw_target(target),
            answer_style: Style { coloured: coloured(stdout), width: width(stdout) },
            other_style: Style { coloured: coloured(stderr), width: width(stderr) },
            answer_watched: stdout,
            watched: stderr,
            quiet: options.quiet,
            asking: AtomicBool::new(false),
        }))
    }

    /// A terminal of buffers, with the lines that will be typed. Without lines there is nobody to ask.
    pub fn buffered(lines: Option<&[&str]>) -> (Term, Captured) {
        let captured = Captured::default();
        let input = match lines {
            Some(lines) => Input::Script(lines.iter().rev().map(|line| (*line).to_owned()).collect()),
            None => Input::Nobody,
        };
        let term = Term(Arc::new(Inner {
            answer: Mutex::new(Answer {
                sink: Sink::Buffer(Arc::clone(&captured.answer)),
                broken: None,
                closed: false,
            }),
            other: Mutex::new(Sink::Buffer(Arc::clone(&captured.other))),
            input: Mutex::new(input),
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            answer_style: Style::plain(),
            other_style: Style::plain(),
            answer_watched: false,
            watched: false,
            quiet: false,
            asking: AtomicBool::new(false),
        }));
        (term, captured)
    }

    /// Writes to standard output. A closed pipe or a full disk is remembered and stops nothing.
    pub fn answer(&self, text: &str) {
        let mut answer = lock(&self.0.answer);
        if answer.closed || answer.broken.is_some() {
            return;
        }
        let text = self.0.answer_style.guard(text);
        let written = self.0.bars.suspend(|| answer.sink.write(&text));
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => answer.closed = true,
            Err(error) => answer.broken = Some(error),
        }
    }

    /// Writes lines to standard error; not with `-q`.
    pub fn note(&self, lines: &str) {
        if !self.0.quiet {
            self.warn(lines);
        }
    }

    /// Writes lines to standard error, `-q` or not: warnings and errors.
    pub fn warn(&self, lines: &str) {
        let end = if lines.ends_with('\n') { "" } else { "\n" };
        let begin = if self.0.asking.swap(false, Ordering::Relaxed) { "\n" } else { "" };
        self.other(&format!("{begin}{lines}{end}"));
    }

    /// Whether a person sees what is written to standard output.
    pub fn answer_is_watched(&self) -> bool {
        self.0.answer_watched && !lock(&self.0.answer).closed
    }

    /// How to write to standard output.
    pub fn answer_style(&self) -> Style {
        self.0.answer_style
    }

    /// How to write to standard error.
    pub fn other_style(&self) -> Style {
        self.0.other_style
    }

    /// What kept the answer from being written whole; a closed pipe is the reader's own decision.
    pub fn broken_answer(&self) -> Option<String> {
        lock(&self.0.answer).broken.as_ref().map(io::Error::to_string)
    }

    /// Whether there is a person at a terminal who can be asked.
    pub fn can_ask(&self) -> bool {
        match &*lock(&self.0.input) {
            Input::Stdin | Input::Script(_) => true,
            Input::Behind => File::open("/dev/tty").is_ok(),
            Input::Nobody => false,
        }
    }

    /// Asks a question and waits for one line. `None` when the input has ended or there is nobody to ask.
    ///
    /// The line is read on a thread of its own, for a read from a terminal cannot be called off: when the waiting
    /// ends early the thread is left behind and ends with the process.
    pub async fn ask(&self, question: &str) -> Option<String> {
        let (sender, receiver) = oneshot::channel();
        let read_line: Box<dyn FnOnce() -> io::Result<String> + Send> = match &mut *lock(&self.0.input) {
            Input::Nobody => return None,
            Input::Script(lines) => {
                let line = lines.pop();
                self.other(&format!("{question}{}\n", line.as_deref().unwrap_or_default()));
                return line;
            }
            Input::Stdin => Box::new(|| first_line(io::stdin().lock())),
            Input::Behind => Box::new(|| first_line(BufReader::new(File::open("/dev/tty")?))),
        };
        self.other(question);
        self.0.asking.store(true, Ordering::Relaxed);
        thread::Builder::new().name("prompt".to_owned()).spawn(move || sender.send(read_line())).ok()?;
        let line = receiver.await;
        // A typed line has been echoed with its end; without one the question still stands open.
        let typed = matches!(&line, Ok(Ok(line)) if line.ends_with('\n'));
        self.0.asking.store(false, Ordering::Relaxed);
        if !typed {
            self.other("\n");
        }
        match line {
            Ok(Ok(line)) if !line.is_empty() => Some(line.trim().to_owned()),
            _ => None,
        }
    }

    /// Reads standard input to its end.
    ///
    /// # Errors
    /// When it cannot be read or is not UTF-8.
    pub fn read_all_input(&self) -> io::Result<String> {
        if let Input::Script(lines) = &*lock(&self.0.input) {
            return Ok(lines.iter().rev().map(|line| format!("{line}\n")).collect());
        }
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        Ok(text)
    }

    /// Begins to show progress: on a terminal only, and never under `-q`.
    pub fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        if !self.0.watched || self.0.quiet {
            return Progress(None);
        }
        let template = match total {
            Some(_) => "{spinner} {msg} {pos}/{len}",
            None => "{spinner} {msg}",
        };
        let bar = self.0.bars.add(total.map_or_else(ProgressBar::new_spinner, ProgressBar::new));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(Some(bar))
    }

    fn other(&self, text: &str) {
        let mut other = lock(&self.0.other);
        let text = self.0.other_style.guard(text);
        // There is nowhere left to say that standard error cannot be written.
        let _ = self.0.bars.suspend(|| other.write(&text));
    }
}

/// Progress of long work. It disappears when dropped.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// So much more is done.
    pub fn advance(&self, by: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(by);
        }
    }

    /// Whether anybody sees it.
    pub fn is_shown(&self) -> bool {
        self.0.is_some()
    }

    /// What is being done now.
    pub fn say(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// What a terminal of buffers has been given.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    answer: Arc<Mutex<Vec<u8>>>,
    other: Arc<Mutex<Vec<u8>>>,
}

impl Captured {
    /// Standard output so far.
    pub fn answer(&self) -> String {
        String::from_utf8_lossy(&lock(&self.answer)).into_owned()
    }

    /// Standard error so far.
    pub fn other(&self) -> String {
        String::from_utf8_lossy(&lock(&self.other)).into_owned()
    }
}

impl Sink {
    fn write(&mut self, text: &str) -> io::Result<()> {
        match self {
            Sink::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(text.as_bytes())?;
                stdout.flush()
            }
            Sink::Stderr => io::stderr().lock().write_all(text.as_bytes()),
            Sink::Buffer(buffer) => lock(buffer).write_all(text.as_bytes()),
        }
    }
}

/// Lines of a log on their way to standard error.
#[derive(Debug)]
pub struct LogLine(Term);

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.other(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Term {
    /// A writer for one line of a log.
    pub fn log_line(&self) -> LogLine {
        LogLine(self.clone())
    }
}

fn first_line(mut input: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line)
}

/// The width of the terminal in columns: the terminal's own, else `COLUMNS`.
fn terminal_width(environment: &Environment) -> Option<usize> {
    let own = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    own.or_else(|| environment.columns.as_deref()?.parse().ok()).filter(|width| *width >= 20)
}

/// A panic elsewhere while writing leaves nothing half done here that matters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn questions_go_to_standard_error_and_answers_to_standard_output() {
        let (term, captured) = Term::buffered(Some(&["yes"]));
        term.answer("plan\n");
        term.note("a note");
        assert!(term.can_ask());
        assert_eq!(term.ask("Go on? ").await.as_deref(), Some("yes"));
        assert_eq!(term.ask("Sure? ").await, None);
        assert_eq!(captured.answer(), "plan\n");
        assert_eq!(captured.other(), "a note\nGo on? yes\nSure? \n");
    }

    #[tokio::test]
    async fn without_a_terminal_nobody_is_asked() {
        let (term, captured) = Term::buffered(None);
        assert!(!term.can_ask());
        assert_eq!(term.ask("Go on? ").await, None);
        assert_eq!(captured.other(), "");
    }
}
