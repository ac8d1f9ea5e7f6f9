//! Running the command that prints a token.

use super::token_error::TokenError;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// How long a command may take: it may have to ask an identity provider, and must not wait for a person.
const LIMIT: Duration = Duration::from_secs(30);
/// The most that is taken of either output, in bytes.
const MOST: u64 = 1 << 20;

/// Runs the command and returns what it printed.
pub(super) async fn run(words: &[String]) -> Result<String, TokenError> {
    run_within(words, LIMIT).await
}

async fn run_within(words: &[String], limit: Duration) -> Result<String, TokenError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(TokenError::Empty { place: "the token command".to_owned() });
    };
    let program = program.clone();
    let mut child = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| TokenError::NotRun { program: program.clone(), reason: error.to_string() })?;
    let (output, error) = (child.stdout.take(), child.stderr.take());
    let running = async { tokio::join!(read(output), read(error), child.wait()) };
    let (printed, said, status) = tokio::time::timeout(limit, running)
        .await
        .map_err(|_| TokenError::Endless { program: program.clone(), after: limit })?;
    let status =
        status.map_err(|error| TokenError::NotRun { program: program.clone(), reason: error.to_string() })?;
    if status.success() {
        return Ok(printed);
    }
    Err(TokenError::Failed { program, ended: ended(status), said: said.trim().chars().count() })
}

async fn read(from: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    use tokio::io::AsyncReadExt;
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read before a pipe broke is as much as there is.
        let _broken = from.take(MOST).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("was ended: {status}"), |code| format!("ended with status {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str) -> Result<String, TokenError> {
        run(&["sh".to_owned(), "-c".to_owned(), script.to_owned()]).await
    }

    #[tokio::test]
    async fn a_command_prints_a_token() {
        assert_eq!(shell("echo warned >&2; echo t0ken").await.as_deref(), Ok("t0ken\n"));
    }

    #[tokio::test]
    async fn nothing_that_a_failing_command_says_is_repeated() {
        let error = shell("echo s3cret; printf 'cannot use s3cret:\\n\\tlog in first\\n' >&2; exit 3").await;
        insta::assert_snapshot!(
            error.expect_err("fails"),
            @"the token command 'sh' ended with status 3, and wrote 32 characters to standard error, which are not repeated: there may be a secret among them"
        );
        let silent = shell("exit 1").await.expect_err("fails");
        insta::assert_snapshot!(silent, @"the token command 'sh' ended with status 1 and says nothing of why");
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_and_none_at_all() {
        let missing = run(&["klerk-no-such-program".to_owned()]).await.expect_err("not there");
        assert!(matches!(missing, TokenError::NotRun { .. }), "{missing}");
        assert!(run(&[]).await.is_err());
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_ended() {
        let words = ["sleep".to_owned(), "60".to_owned()];
        let error = run_within(&words, Duration::from_millis(50)).await.expect_err("endless");
        insta::assert_snapshot!(error, @"the token command 'sleep' does not end (waited 50ms)");
    }
}
