//! The way back from what is to what should be: a [`World`](crate::world::World) written as a topology of which the plan
//! against that world is empty. What a topology cannot say is said in its comments, never left out in silence.

mod access;
mod class_name;
mod classes;
mod clients;
mod estate;
mod file_names;
mod files;
mod layout;
mod lines;
mod schema_files;
mod setting;
mod subjects;
mod write;
mod yaml;

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use files::{Export, ExportOptions, SchemaText, export, wanted_for_export};
