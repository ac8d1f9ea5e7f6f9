//! One row of a table: what goes wrong, and the least that has to come of it.

use crate::scene::Scene;

/// When faults are armed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before klerk starts, so that it may also meet them while it looks and plans.
    First,
    /// After a plan was saved, which is then carried out.
    Planned,
}

/// What has to come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comes {
    /// An error before there is a plan, of this kind; nothing was changed.
    Error(&'static str),
    /// A report.
    Report {
        /// The exit status.
        status: i32,
        /// The outcome of each step: of the first entry whose words the step's `kind name` begins with.
        fates: Vec<(&'static str, &'static str)>,
    },
}

/// Time for the whole command that is over before a request is given up. A machine that has much else to do gets as far as
/// the first request that counts within it.
pub const OVER: &str = "--timeout 8s -X request.timeout.ms=60000";

#[derive(Debug, Clone)]
pub struct Row {
    pub name: &'static str,
    /// As [`klerk_sandbox::faults`] and `scene.rs` read them.
    pub faults: Vec<&'static str>,
    pub when: When,
    /// Flags beside those of every run.
    pub flags: &'static str,
    pub comes: Comes,
    /// Whether it runs by itself. A run looks again where its last look is old, so that on a machine that has much else to
    /// do a fault that lets some looks pass meets another one than it was meant for.
    pub counts_looks: bool,
}

impl Row {
    /// A row after which everything is done, and status 0.
    pub fn new(name: &'static str, faults: &[&'static str]) -> Row {
        let comes = Comes::Report { status: 0, fates: vec![("", "done")] };
        Row { name, faults: faults.to_vec(), when: When::First, flags: "", comes, counts_looks: false }
    }

    /// The flags of a run in this scene. Where requests are counted klerk is given one broker: of several, others are asked who is there
    /// too when the first one takes its time, and any of them may be the one that it goes on with.
    pub fn flags_in(&self, scene: &Scene) -> String {
        let counts = self.counts_looks || self.faults.iter().any(|fault| fault.contains(" after "));
        if counts { format!("-b {} {}", scene.first_broker(), self.flags) } else { self.flags.to_owned() }
    }

    /// Arms the faults once the plan is made.
    pub fn planned(self) -> Row {
        Row { when: When::Planned, ..self }
    }

    pub fn counting_looks(self) -> Row {
        Row { counts_looks: true, ..self }
    }

    pub fn flags(self, flags: &'static str) -> Row {
        Row { flags, ..self }
    }

    /// Some steps end otherwise than done; the others have to be done all the same.
    pub fn partly(self, fates: &[(&'static str, &'static str)]) -> Row {
        self.ends(3, &[fates, &[("", "done")]].concat())
    }

    /// The status and the outcome of every step.
    pub fn ends(self, status: i32, fates: &[(&'static str, &'static str)]) -> Row {
        Row { comes: Comes::Report { status, fates: fates.to_vec() }, ..self }
    }

    /// There is no plan, but an error of this kind.
    pub fn fails(self, kind: &'static str) -> Row {
        Row { comes: Comes::Error(kind), ..self }
    }
}
