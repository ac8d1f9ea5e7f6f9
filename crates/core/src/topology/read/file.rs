use super::super::Code;
use super::super::draft::Sections;
use super::super::place::{Complaints, Spot};
use super::super::yaml::{self, Document, Node};
use super::{external, groups, keys, naming, scalars, schemas, topics};

/// The version of the format that this is.
const VERSION: i64 = 1;

/// Reads one file into the sections. Gives whether it could be read to its end.
pub(in super::super) fn read_file(
    number: u32,
    text: &str,
    sections: &mut Sections,
    complaints: &mut Complaints<'_>,
) -> bool {
    let Document { root, broken_at } = yaml::read(number, text, complaints);
    let start = Spot { text: number, line: 1, column: 1, length: 1 };
    let before = complaints.count();
    match root {
        Some(root) => read_sections(&root, start, broken_at.is_none(), sections, complaints),
        None if broken_at.is_none() => {
            complaints
                .say(Code::Version, start, "there is nothing in this file")
                .fix(format!("begin with 'klerk: {VERSION}'"));
        }
        None => {}
    }
    if let Some(spot) = broken_at {
        complaints.forget_from(before, spot);
    }
    broken_at.is_none()
}

fn read_sections(
    root: &Node,
    start: Spot,
    whole: bool,
    sections: &mut Sections,
    complaints: &mut Complaints<'_>,
) {
    let mut versioned = false;
    for entry in keys::entries(root, "a topology", complaints) {
        let node = &entry.value;
        match entry.key.value.as_str() {
            "klerk" => {
                versioned = true;
                version(node, complaints);
            }
            "naming" => naming::naming(node, sections, complaints),
            "defaults" => topics::defaults(node, sections, complaints),
            "classes" => topics::classes(node, sections, complaints),
            "topics" => topics::topics(node, sections, complaints),
            "schemas" => schemas::schemas(node, sections, complaints),
            "groups" => groups::groups(node, sections, complaints),
            "external" => external::external(node, sections, complaints),
            _ => keys::refuse(entry, "a topology", &[keys::SECTIONS], keys::LATER_SECTIONS, complaints),
        }
    }
    if whole && !versioned && matches!(root.value, yaml::Value::Map(_)) {
        complaints
            .say(Code::Version, start, "the file does not say which version of the format it is")
            .fix(format!("begin with 'klerk: {VERSION}'"));
    }
}

fn version(node: &Node, complaints: &mut Complaints<'_>) {
    let Some(written) = scalars::text(node, "klerk", complaints) else { return };
    if crate::values::integer(written.value.trim()) != Ok(VERSION) {
        let message = format!("this version reads format {VERSION}, not '{}'", written.value);
        complaints.say(Code::Version, written.spot, message).fix(format!("klerk: {VERSION}"));
    }
}
