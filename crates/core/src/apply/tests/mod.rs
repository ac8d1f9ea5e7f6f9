//! The fates of steps of small plans.

mod scheduling;
mod settling;
