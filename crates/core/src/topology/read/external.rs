use super::super::Code;
use super::super::draft::Sections;
use super::super::place::{At, Complaints};
use super::super::yaml::Node;
use super::{keys, scalars};
use crate::values::Pattern;

/// Reads the section `external`.
pub(super) fn external(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "external", complaints) {
        let name = entry.key.value.as_str();
        let list = match name {
            "topics" => &mut sections.external_topics,
            "groups" => &mut sections.external_groups,
            _ => {
                keys::refuse(entry, "external", &[&["topics", "groups"]], &[], complaints);
                continue;
            }
        };
        let list = list.get_or_insert_default();
        for item in scalars::texts(&entry.value, name, complaints) {
            if item.value.trim() != item.value {
                complaints
                    .say(Code::BadPattern, item.spot, "a name neither begins nor ends with a blank")
                    .fix(item.value.trim());
                continue;
            }
            let pattern = At::new(Pattern::new(item.value), item.spot);
            match list.iter().find(|seen| seen.value == pattern.value) {
                Some(first) => {
                    complaints.say_twice(&format!("'{}'", pattern.value), first.spot, pattern.spot)
                }
                None => list.push(pattern),
            }
        }
    }
}
