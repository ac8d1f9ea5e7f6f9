//! Plans of small worlds, as people would read them.

mod expecting;
mod filtering;
mod impacting;
mod laws;
mod leaving_out;
mod moving;
mod ordering;
mod planning;
mod policing;
mod preflight;
mod removing;
mod risking;
mod throttling;
mod undoing;
mod using;

pub(in crate::plan) use laws::wishes;
