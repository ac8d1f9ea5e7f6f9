use crate::run::Place;
use serde::Deserialize;

/// The document as other programs rely on it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Validation {
    format: String,
    version: u32,
    valid: bool,
    faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Fault {
    code: String,
    severity: String,
    message: String,
    environments: Vec<String>,
    file: String,
    line: u32,
    column: u32,
    fix: Option<String>,
}

const SOUND: &str = "klerk: 1\ntopics:\n  orders: { partitions: 8, retention.ms: 7d }\n";
const FAULTY: &str = "klerk: 1\ntopics:\n  orders: { partitons: 8, retention.ms: 7 d }\n";

#[test]
fn a_sound_topology() {
    let place = Place::new().file("topology.yaml", SOUND);
    insta::assert_snapshot!(place.run("validate").all(), @r"
    status 0
    --- stdout
    sound: 1 topic, 0 schemas, 0 groups in topology.yaml
    --- stderr
    ");
    assert_eq!(place.run("validate -o json").json()["valid"], true);
    assert_eq!(place.run_with("validate -f -", &[], SOUND).status, 0);
}

#[test]
fn every_fault_with_its_line_and_the_fix() {
    let place = Place::new().file("topology.yaml", FAULTY);
    insta::assert_snapshot!(place.run("validate").all(), @r"
    status 1
    --- stdout
    error[topology/unknown-key]: topic 'orders' has no key 'partitons'
     --> topology.yaml:3:13
      |
    3 |   orders: { partitons: 8, retention.ms: 7 d }
      |             ^^^^^^^^^
      |
      = help: did you mean 'partitions'?

    error[topology/bad-duration]: 'retention.ms' takes a duration, and '7 d' is none: a number lacks its unit (ms, s, m, h, d or w, without a blank before it)
     --> topology.yaml:3:41
      |
    3 |   orders: { partitons: 8, retention.ms: 7 d }
      |                                         ^^^
      |
      = help: 7d

    2 faults in topology.yaml
    --- stderr
    ");
    let ran = place.run("validate -o json");
    assert_eq!(ran.status, 1);
    ran.json();
    let document: Validation = serde_json::from_str(&ran.stdout).unwrap();
    assert!(!document.valid && document.faults.len() == 2, "{document:?}");
    assert_eq!((document.faults[0].line, document.faults[1].fix.as_deref()), (3, Some("7d")));
}

#[test]
fn a_file_that_is_not_there() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("validate").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: there is no topology.yaml here
      → name a file or a folder with -f, or '-f -' for standard input
    ");
    let document = place.run("validate -f nowhere.yaml -o json").json();
    assert_eq!(document["error"]["kind"], "file");
}

#[test]
fn settings_that_cannot_be_used_do_not_stand_in_the_way() {
    let place = Place::new().file("topology.yaml", SOUND);
    assert_eq!(place.run_with("validate", &[("KLERK_BOOTSTRAP", "nonsense")], "").status, 0);
}
