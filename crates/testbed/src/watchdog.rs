//! Ends what this process started, however this process ends.
//!
//! Destructors do not run when a process is killed, nor for statics. So a small shell reads a pipe whose only writer is this
//! process: the kernel closes the pipe whatever happened, and the shell then kills the processes and removes the folders that
//! were entrusted to it.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};

/// Positional parameters hold the folders, because their names may hold blanks.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
processes=
while read -r verb what; do
    case $verb in
    guard) processes="$processes $what" ;;
    release)
        kept=
        for process in $processes; do
            [ "$process" = "$what" ] || kept="$kept $process"
        done
        processes=$kept
        ;;
    own) set -- "$@" "$what" ;;
    disown)
        count=$#
        while [ "$count" -gt 0 ]; do
            [ "$1" = "$what" ] || set -- "$@" "$1"
            shift
            count=$((count - 1))
        done
        ;;
    esac
done
[ -z "$processes" ] || kill -9 $processes 2>/dev/null
[ "$#" -eq 0 ] || rm -rf "$@" 2>/dev/null || { sleep 1; rm -rf "$@"; }
"#;

/// Has `pid` killed when this process ends, until [`release`].
pub(crate) fn guard(pid: u32) -> Result<()> {
    tell("guard", &pid.to_string())
}

/// Must be called before the process is reaped: afterwards its number may belong to somebody else.
pub(crate) fn release(pid: u32) -> Result<()> {
    tell("release", &pid.to_string())
}

/// Has `folder` removed when this process ends, until [`disown`].
pub(crate) fn own(folder: &Path) -> Result<()> {
    tell("own", &folder.to_string_lossy())
}

pub(crate) fn disown(folder: &Path) -> Result<()> {
    tell("disown", &folder.to_string_lossy())
}

fn tell(verb: &str, what: &str) -> Result<()> {
    static PIPE: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();
    let mut pipe = PIPE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = Some(start()?);
    }
    let Some(pipe) = pipe.as_mut() else { return Ok(()) };
    pipe.write_all(format!("{verb} {what}\n").as_bytes()).context("the test bed's watchdog is gone")
}

fn start() -> Result<ChildStdin> {
    let mut child = Command::new("sh")
        .args(["-c", SCRIPT, "klerk-testbed-watchdog"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C at the terminal must not reach it before the test process has gone.
        .process_group(0)
        .spawn()
        .context("cannot start `sh` for the test bed's watchdog")?;
    child.stdin.take().context("the test bed's watchdog has no standard input")
}
