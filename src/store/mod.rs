//! Records of what was changed, so that there is a way back: JSON lines in a file that only its owner can read. The
//! header is on the disk before the first change and holds everything that was there before. And saved plans, and exports.

mod error;
mod files;
mod find;
mod history;
mod plan_file;
mod read;
mod recorded;
#[cfg(test)]
mod stored_tests;
#[cfg(test)]
mod tests;
mod throttles;
mod v1;
mod write;

pub use error::StoreError;
pub use files::{existing, write_all};
pub use find::find;
pub use history::{History, history};
pub use plan_file::{SavedPlan, from_anywhere, read_plan, save_plan, says_it_is_a_plan};
pub use read::{parse, read};
pub use recorded::{Event, Fate, Fates, Footer, Recorded, StepFate};
pub use throttles::{Held, StandingThrottle};
pub use write::{Header, Record};
