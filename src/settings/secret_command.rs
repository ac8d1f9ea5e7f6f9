use klerk_core::values::Waited;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Why a command gave no secret. It repeats nothing that the command printed.
#[derive(Debug, thiserror::Error)]
pub enum CommandFault {
    /// It could not be started.
    #[error("{program} cannot be run: {source}")]
    NotRun {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It failed.
    #[error("{program} ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// It took too long.
    #[error("{program} did not end within {}, and was ended", Waited(*.limit))]
    TooSlow {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
    /// It printed nothing.
    #[error("{0} printed nothing")]
    Nothing(String),
    /// It printed what is no text, or far more than a secret.
    #[error("{0} printed no secret: more than 64 KiB, or no UTF-8 text")]
    NoText(String),
}

/// More than any password or token.
const LARGEST: u64 = 64 << 10;
const PAUSE: Duration = Duration::from_millis(10);

/// Runs a command and returns what it prints, without the line breaks at its end. It may ask on the terminal: standard input and
/// error are those of klerk.
///
/// # Errors
/// When it fails, takes longer than `limit`, or prints no text.
pub(super) fn ask_command(words: &[String], limit: Duration) -> Result<String, CommandFault> {
    let (program, arguments) = match words.split_first() {
        Some((program, arguments)) => (program.clone(), arguments),
        None => return Err(CommandFault::Nothing("the command".to_owned())),
    };
    let not_run = |source| CommandFault::NotRun { program: program.clone(), source };
    let mut child = Command::new(&program).args(arguments).stdout(Stdio::piped()).spawn().map_err(not_run)?;
    let printed = child.stdout.take();
    let (sender, read) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = printed.map(|printed| printed.take(LARGEST + 1).read_to_end(&mut text));
        // Nobody waits any longer where the command took too long.
        let _ = sender.send(read.transpose().map(|_| text));
    });
    match wait(&mut child, limit).map_err(not_run)? {
        Some(status) if status.success() => {}
        Some(status) => return Err(CommandFault::Failed { program, status: status.to_string() }),
        None => return Err(CommandFault::TooSlow { program, limit }),
    };
    // What it left running in the background may hold its output open.
    let text = read.recv_timeout(limit).ok().and_then(Result::ok).filter(|text| text.len() as u64 <= LARGEST);
    let Some(Ok(text)) = text.map(String::from_utf8) else { return Err(CommandFault::NoText(program)) };
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(CommandFault::Nothing(program));
    }
    Ok(secret.to_owned())
}

/// Waits for the end, and ends what takes too long.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_gives_a_secret_or_says_why_not() {
        let ask = |script: &str, limit: u64| {
            let words = ["sh", "-c", script].map(str::to_owned);
            ask_command(&words, Duration::from_secs(limit)).map_err(|fault| fault.to_string())
        };
        assert_eq!(ask("echo ' hunter 2 '", 60).as_deref(), Ok(" hunter 2 "));
        assert_eq!(ask("echo hunter2; exit 3", 60), Err("sh ended with exit status: 3".to_owned()));
        assert_eq!(ask("true", 60), Err("sh printed nothing".to_owned()));
        assert_eq!(ask("exec sleep 600", 0), Err("sh did not end within 0s, and was ended".to_owned()));
        let none = ask_command(&["/no/such/program".to_owned()], Duration::from_secs(1)).unwrap_err();
        assert!(none.to_string().starts_with("/no/such/program cannot be run"), "{none}");
    }
}
