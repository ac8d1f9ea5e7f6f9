use crate::session::Watcher;
use crate::term::{Progress, Term};
use crate::view;
use klerk_core::apply::Settlement;
use klerk_core::placement::{MoveProgress, Stall};
use klerk_core::plan::Step;
use std::time::{Duration, Instant};

/// How often a line is written of replicas that are on their way, where there is no terminal to show them on.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Shows a run on standard error: a bar of steps, and what replicas that are on their way have copied.
pub(super) struct Bar {
    progress: Progress,
    term: Term,
    /// When a line was last written of replicas that are on their way.
    told: Option<Instant>,
    /// The moves that could not go on at the last look.
    stalls: Vec<Stall>,
}

impl Bar {
    /// Tells of a run by this bar, and by lines where it is not shown.
    pub(super) fn new(progress: Progress, term: &Term) -> Bar {
        Bar { progress, term: term.clone(), told: None, stalls: Vec::new() }
    }
}

impl Watcher for Bar {
    fn doing(&mut self, what: &str) {
        self.progress.say(what);
    }

    fn replied(&mut self, done: usize, of: usize) {
        self.progress.say(&format!("{done} of {of} answered"));
    }

    fn moving(&mut self, moving: &MoveProgress) {
        let line = view::moves::progress(moving);
        self.progress.say(&line);
        let is_due = self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
        if is_due && !self.progress.is_shown() {
            self.told = Some(Instant::now());
            self.term.note(&line);
        }
    }

    fn standing_still(&mut self, stalls: &[Stall]) {
        if let Some(told) = view::moves::standing_still(&self.stalls, stalls) {
            self.term.warn(&told);
        }
        self.stalls = stalls.to_vec();
    }

    fn settled(&mut self, _: &Step, _: &Settlement) {
        self.progress.advance(1);
    }
}
