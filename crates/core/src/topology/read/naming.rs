use super::super::Code;
use super::super::draft::{Sections, once};
use super::super::naming::NameForm;
use super::super::place::{At, Complaints};
use super::super::yaml::Node;
use super::{keys, scalars};

/// Reads the section `naming`.
pub(super) fn naming(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "naming", complaints) {
        let slot = match entry.key.value.as_str() {
            "topics" => &mut sections.topic_names,
            "groups" => &mut sections.group_names,
            _ => {
                keys::refuse(entry, "naming", &[&["topics", "groups"]], &[], complaints);
                continue;
            }
        };
        let mut forms = Vec::new();
        for written in scalars::texts(&entry.value, &entry.key.value, complaints) {
            match NameForm::read(&written.value) {
                Ok(form) => forms.push(At::new(form, written.spot)),
                Err(reason) => {
                    complaints.say(Code::BadPattern, written.spot, format!("'{}': {reason}", written.value));
                }
            }
        }
        if !forms.is_empty() {
            let what = format!("'naming.{}'", entry.key.value);
            once(slot, At::new(forms, entry.key.spot), &what, complaints);
        }
    }
}
