//! Plans of small worlds, as people would read them.

mod laws;
mod planning;
mod preflight;
mod risking;
