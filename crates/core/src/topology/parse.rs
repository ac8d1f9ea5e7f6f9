use super::draft::{Draft, Environments, Sections};
use super::lineage;
use super::place::{Complaints, Texts};
use super::policy;
use super::read::read_file;
use std::sync::Arc;

/// Parses topology files, each a path and a text. The order in which they are given does not matter.
///
/// Faults stay in the draft, for [`resolve`](super::resolve) finds more, and all of them are wanted at once.
pub fn parse(files: impl IntoIterator<Item = (String, String)>) -> Draft {
    let mut files: Vec<(String, String)> = files.into_iter().collect();
    files.sort();
    let mut texts = Texts::default();
    let numbered: Vec<(u32, &str)> =
        files.iter().map(|(file, text)| (texts.add(Arc::from(file.as_str()), text), text.as_str())).collect();

    let mut sections = Sections::default();
    let mut environments = Environments::default();
    let mut whole = true;
    let mut complaints = Complaints::new(&texts);
    for (number, text) in numbered {
        whole &= read_file(number, text, &mut sections, &mut environments, &mut complaints);
    }
    lineage::check(&sections, &environments, whole, &mut complaints);
    policy::check(&sections, &environments, &mut complaints);
    let faults = complaints.into_faults();
    Draft { texts, sections, environments, faults, whole }
}
