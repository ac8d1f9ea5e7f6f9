use super::super::Code;
use super::super::draft::{Environments, Sections};
use super::super::place::{Complaints, Spot};
use super::super::yaml::{self, Document, Entry, Node};
use super::{
    access, environments, external, groups, keys, naming, policy, quotas, scalars, schemas, topics, users,
};

/// The version of the format that this is.
const VERSION: i64 = 1;

/// Reads one file into the sections. Gives whether it could be read to its end.
pub(in super::super) fn read_file(
    number: u32,
    text: &str,
    sections: &mut Sections,
    environments: &mut Environments,
    complaints: &mut Complaints<'_>,
) -> bool {
    let Document { root, broken_at } = yaml::read(number, text, complaints);
    let start = Spot { text: number, line: 1, column: 1, length: 1 };
    let before = complaints.count();
    match root {
        Some(root) => {
            let versioned = read_sections(&root, sections, environments, complaints);
            if !versioned && broken_at.is_none() {
                unversioned(&root, start, complaints);
            }
        }
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

/// Gives whether the version of the format is said.
fn read_sections(
    root: &Node,
    sections: &mut Sections,
    environments: &mut Environments,
    complaints: &mut Complaints<'_>,
) -> bool {
    let mut versioned = false;
    for entry in keys::entries(root, "a topology", complaints) {
        match entry.key.value.as_str() {
            "klerk" => {
                versioned = true;
                version(&entry.value, complaints);
            }
            "environments" => environments::environments(&entry.value, environments, complaints),
            _ if section(entry, sections, complaints) => {}
            _ => keys::refuse(entry, "a topology", &[keys::SECTIONS], keys::LATER_SECTIONS, complaints),
        }
    }
    versioned
}

/// Reads a section that may stand at the top of a file and in an environment. Gives whether it is one.
pub(super) fn section(entry: &Entry, sections: &mut Sections, complaints: &mut Complaints<'_>) -> bool {
    let node = &entry.value;
    match entry.key.value.as_str() {
        "naming" => naming::naming(node, sections, complaints),
        "defaults" => topics::defaults(node, sections, complaints),
        "classes" => topics::classes(node, sections, complaints),
        "topics" => topics::topics(node, sections, complaints),
        "schemas" => schemas::schemas(node, sections, complaints),
        "groups" => groups::groups(node, sections, complaints),
        "external" => external::external(node, sections, complaints),
        "policy" => policy::policy(entry, sections, complaints),
        "access" => access::access(node, sections, complaints),
        "quotas" => quotas::quotas(node, sections, complaints),
        "users" => users::users(node, sections, complaints),
        _ => return false,
    }
    true
}

fn unversioned(root: &Node, start: Spot, complaints: &mut Complaints<'_>) {
    if matches!(root.value, yaml::Value::Map(_)) {
        complaints
            .say(Code::Version, start, "the file does not say which version of the format it is")
            .fix(format!("begin with 'klerk: {VERSION}'"));
    }
}

fn version(node: &Node, complaints: &mut Complaints<'_>) {
    let Some(written) = scalars::text(node, "klerk", complaints) else { return };
    if scalars::refuse_octal(node, "klerk", complaints).is_none() {
        return;
    }
    if crate::values::integer(written.value.trim()) != Ok(VERSION) {
        let message = format!("this version reads format {VERSION}, not '{}'", written.value);
        complaints.say(Code::Version, written.spot, message).fix(format!("klerk: {VERSION}"));
    }
}
