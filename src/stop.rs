//! Being told to stop. Signals and the command's own time limit meet here, and a run asks or awaits it: the first
//! request lets the step in flight finish and be reported, the second one leaves at once.

use crate::status::Status;
use klerk_core::values::Waited;
use std::fmt;
use std::future;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Who says stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    HangUp,
    /// The limit of `--timeout`.
    Timeout(Duration),
}

impl StopCause {
    /// The exit status of a command that was stopped by it.
    pub fn status(self) -> Status {
        match self {
            StopCause::Interrupt => Status::Interrupted,
            StopCause::Terminate => Status::Terminated,
            StopCause::HangUp => Status::HungUp,
            StopCause::Timeout(_) => Status::Failed,
        }
    }
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopCause::Interrupt => f.write_str("interrupted"),
            StopCause::Terminate => f.write_str("told to terminate"),
            StopCause::HangUp => f.write_str("the terminal hung up"),
            StopCause::Timeout(limit) => write!(f, "not done within --timeout ({})", Waited(*limit)),
        }
    }
}

/// What has been asked for so far.
#[derive(Debug, Clone, Copy, Default)]
struct Requests {
    first: Option<StopCause>,
    second: Option<StopCause>,
}

/// The listening end: cheap to clone, asked between steps and awaited beside long waits.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Requests>);

/// The end that says stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Requests>);

impl Stop {
    /// A connected pair.
    pub fn channel() -> (Stopper, Stop) {
        let (sender, receiver) = watch::channel(Requests::default());
        (Stopper(sender), Stop(receiver))
    }

    /// One that never says stop.
    pub fn never() -> Stop {
        Stop::channel().1
    }

    /// Why to stop, once somebody has said so.
    pub fn requested(&self) -> Option<StopCause> {
        self.0.borrow().first
    }

    /// Waits until somebody says stop.
    pub async fn wait(&self) -> StopCause {
        self.wait_for(|requests| requests.first).await
    }

    /// Waits until somebody says stop a second time: leave at once.
    pub async fn wait_at_once(&self) -> StopCause {
        self.wait_for(|requests| requests.second).await
    }

    async fn wait_for(&self, which: impl Fn(&Requests) -> Option<StopCause>) -> StopCause {
        let mut receiver = self.0.clone();
        let seen = match receiver.wait_for(|requests| which(requests).is_some()).await {
            Ok(requests) => which(&requests),
            Err(_) => None,
        };
        match seen {
            Some(cause) => cause,
            None => future::pending().await,
        }
    }
}

impl Stopper {
    /// Says stop, or, when it was said before, leave at once. A time limit never makes a run leave at once.
    pub fn request(&self, cause: StopCause) {
        self.0.send_modify(|requests| match requests.first {
            None => requests.first = Some(cause),
            Some(_) if matches!(cause, StopCause::Timeout(_)) => {}
            Some(_) => requests.second = requests.second.or(Some(cause)),
        });
    }

    /// Turns signals and the time limit into requests until the runtime ends.
    ///
    /// # Errors
    /// When the system refuses to hand signals over.
    pub async fn listen(self, limit: Option<Duration>) -> io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let expiry = async {
            match limit {
                Some(limit) => {
                    tokio::time::sleep(limit).await;
                    StopCause::Timeout(limit)
                }
                None => future::pending().await,
            }
        };
        tokio::pin!(expiry);
        let mut expired = false;
        loop {
            let cause = tokio::select! {
                _ = interrupt.recv() => StopCause::Interrupt,
                _ = terminate.recv() => StopCause::Terminate,
                _ = hang_up.recv() => StopCause::HangUp,
                cause = &mut expiry, if !expired => { expired = true; cause }
            };
            self.request(cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_request_leaves_at_once() {
        let (stopper, stop) = Stop::channel();
        assert_eq!(stop.requested(), None);
        stopper.request(StopCause::Terminate);
        assert_eq!(stop.requested(), Some(StopCause::Terminate));
        assert_eq!(stop.wait().await, StopCause::Terminate);
        stopper.request(StopCause::Timeout(Duration::from_secs(1)));
        assert!(stop.0.borrow().second.is_none());
        stopper.request(StopCause::Interrupt);
        assert_eq!(stop.wait_at_once().await, StopCause::Interrupt);
        assert_eq!(stop.requested(), Some(StopCause::Terminate));
    }

    #[tokio::test]
    async fn a_silent_stop_is_waited_for_without_end() {
        let stop = Stop::never();
        let wait = tokio::time::timeout(Duration::from_millis(20), stop.wait());
        assert!(wait.await.is_err());
    }
}
