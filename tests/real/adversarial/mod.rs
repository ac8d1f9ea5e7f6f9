//! Inputs that tools of this kind loop on or lose: odd spellings, hostile names, whole files in odd dress.
//!
//! What is accepted has to arrive as it was meant, leave nothing to do afterwards, and survive an export; what is not accepted has to be
//! refused with its place, the reason and, where there is one, the fix.

mod accepted;
mod every_key;
mod judge;
mod refused;
mod states;

pub use judge::{Bed, accepted, conflicting, found, refused};
pub use states::{coming_and_going, twice, uneven};
