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
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
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
    assert_eq!((document.faults[0].line, document.faults[1].fix.as_deref()), (Some(3), Some("7d")));
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

const UNWISE: &str = "klerk: 1
defaults: { replication: 3, min.insync.replicas: 2 }
topics:
  orders: {}
  latest: { cleanup.policy: compact }
groups:
  g: { topics: [orders], members: 3 }
environments:
  dev: { at_most: { replication: 1, min.insync.replicas: 1 }, defaults: { partitions: 2 } }
  prod: { topics: { orders: { replication: 2, partitions: 3 } } }
  dr: { extends: prod }
";

#[test]
fn what_is_unwise_is_told_of_sound_files() {
    let place = Place::new().file("topology.yaml", UNWISE);
    insta::assert_snapshot!(place.run("validate").all(), @r"
    status 0
    --- stdout
    sound: 2 topics, 0 schemas, 1 group in topology.yaml
      environment dev: 2 topics, 0 schemas, 1 group
      environment dr: 2 topics, 0 schemas, 1 group
      environment prod: 2 topics, 0 schemas, 1 group

    warning[topic/min-isr-equals-replication]: in environments dr, prod: min.insync.replicas 2 of 'orders' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 1 leaves room for one
     --> topology.yaml:2:50
      |
    2 | defaults: { replication: 3, min.insync.replicas: 2 }
      |                                                  ^

    info[topic/compaction-without-key]: 'latest' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
     --> topology.yaml:5:29
      |
    5 |   latest: { cleanup.policy: compact }
      |                             ^^^^^^^

    warning[group/members-above-partitions]: in environment dev: 'g' is to have 3 members, and its topics have 2 partitions in all: some members would have nothing to read
     --> topology.yaml:7:35
      |
    7 |   g: { topics: [orders], members: 3 }
      |                                   ^

    warning[topic/low-replication]: in environments dr, prod: 'orders' has replication factor 2 in production: with fewer than 3, a broker that is down leaves no room for a second failure
      --> topology.yaml:10:44
       |
    10 |   prod: { topics: { orders: { replication: 2, partitions: 3 } } }
       |                                            ^

    3 warnings, 1 info
    --- stderr
    ");
    insta::assert_snapshot!(place.run("validate -e dev --strict").all(), @r"
    status 4
    --- stdout
    sound: environment dev: 2 topics, 0 schemas, 1 group in topology.yaml

    info[topic/compaction-without-key]: in environment dev: 'latest' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
     --> topology.yaml:5:29
      |
    5 |   latest: { cleanup.policy: compact }
      |                             ^^^^^^^

    warning[group/members-above-partitions]: in environment dev: 'g' is to have 3 members, and its topics have 2 partitions in all: some members would have nothing to read
     --> topology.yaml:7:35
      |
    7 |   g: { topics: [orders], members: 3 }
      |                                   ^

    1 warning, 1 info
    Refused: --strict lets no warning pass.
    --- stderr
    ");
    assert_eq!(place.run("validate -e dev --strict -o json").status, 4);
    let ran = place.run("validate -o json");
    let document: Validation = serde_json::from_str(&ran.stdout).unwrap();
    assert!(document.valid && ran.status == 0);
    let severities: Vec<&str> = document.faults.iter().map(|fault| fault.severity.as_str()).collect();
    assert_eq!(severities, ["warning", "info", "warning", "warning"], "{document:?}");
    assert_eq!(document.faults[1].environments, Vec::<String>::new(), "in all of them");
    assert_eq!(
        (document.faults[2].line, document.faults[2].environments.as_slice()),
        (Some(7), &["dev".to_owned()][..])
    );
}

#[test]
fn continuous_integration_is_told_in_its_own_forms() {
    let place = Place::new().file("topology.yaml", UNWISE).file("faulty.yaml", FAULTY);
    insta::assert_snapshot!(place.run("validate -f faulty.yaml -o github").all(), @r"
    status 1
    --- stdout
    ::error file=faulty.yaml,line=3,col=13,title=topology/unknown-key::topic 'orders' has no key 'partitons'; help: did you mean 'partitions'?
    ::error file=faulty.yaml,line=3,col=41,title=topology/bad-duration::'retention.ms' takes a duration, and '7 d' is none: a number lacks its unit (ms, s, m, h, d or w, without a blank before it); help: 7d
    --- stderr
    ");
    insta::assert_snapshot!(place.run("validate -o github").all(), @r"
    status 0
    --- stdout
    ::warning file=topology.yaml,line=2,col=50,title=topic/min-isr-equals-replication::in environments dr, prod: min.insync.replicas 2 of 'orders' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 1 leaves room for one
    ::notice file=topology.yaml,line=5,col=29,title=topic/compaction-without-key::'latest' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
    ::warning file=topology.yaml,line=7,col=35,title=group/members-above-partitions::in environment dev: 'g' is to have 3 members, and its topics have 2 partitions in all: some members would have nothing to read
    ::warning file=topology.yaml,line=10,col=44,title=topic/low-replication::in environments dr, prod: 'orders' has replication factor 2 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    --- stderr
    ");
    insta::assert_snapshot!(place.run("validate -e dev --strict -o junit").all(), @r#"
    status 4
    --- stdout
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="klerk validate" tests="2" failures="1">
      <testsuite name="klerk validate" tests="2" failures="1">
        <testcase classname="klerk validate" name="topology.yaml:5:29 topic/compaction-without-key"><system-out>in environment dev: 'latest' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key</system-out></testcase>
        <testcase classname="klerk validate" name="topology.yaml:7:35 group/members-above-partitions"><failure type="group/members-above-partitions" message="in environment dev: 'g' is to have 3 members, and its topics have 2 partitions in all: some members would have nothing to read"/></testcase>
      </testsuite>
    </testsuites>
    --- stderr
    "#);
    assert_eq!(place.run("validate -f faulty.yaml -o junit").status, 1);
    assert_eq!(place.run("plan -o junit").status, 64);
}

#[test]
fn what_is_unwise_is_told_of_what_is_asked_for_and_a_fault_always() {
    let text = "klerk: 1\ntopics:\n  orders: { partitions: 1, replication: 3, min.insync.replicas: 3 }\n  trades: { partitions: 1, replication: 3, min.insync.replicas: 3 }\ngroups: { idle: { topics: [orders], members: 9 } }\n";
    let place = Place::new().file("topology.yaml", text).file("faulty.yaml", FAULTY);
    let codes = |flags: &str| -> Vec<String> {
        let ran = place.run(&format!("validate -o json {flags}"));
        let document: Validation = serde_json::from_str(&ran.stdout).expect("a document");
        document
            .faults
            .into_iter()
            .map(|fault| format!("{} {}", fault.code, fault.line.unwrap_or(0)))
            .collect()
    };
    let topics = ["topic/min-isr-equals-replication 3", "topic/min-isr-equals-replication 4"];
    assert_eq!(codes(""), [topics[0], topics[1], "group/members-above-partitions 5"]);
    assert_eq!(codes("--only topics"), topics);
    assert_eq!(codes("--only groups"), ["group/members-above-partitions 5"]);
    assert_eq!(codes("--match tr*"), [topics[1]]);
    assert_eq!(codes("--only schemas"), Vec::<String>::new());
    assert_eq!(place.run("validate --strict --match idle").status, 4);
    assert_eq!(place.run("validate --strict --only schemas").status, 0);
    assert_eq!(place.run("validate -f faulty.yaml --only groups --match nothing").status, 1);
}

#[test]
fn what_is_the_same_of_many_is_told_once() {
    let topics: String =
        (0..30).map(|number| format!("  t{number:02}: {{ cleanup.policy: compact }}\n")).collect();
    let place = Place::new().file("topology.yaml", &format!("klerk: 1\ntopics:\n{topics}"));
    insta::assert_snapshot!(place.run("validate").all(), @r"
    status 0
    --- stdout
    sound: 30 topics, 0 schemas, 0 groups in topology.yaml

    info[topic/compaction-without-key]: 't00' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
     --> topology.yaml:3:26
      |
    3 |   t00: { cleanup.policy: compact }
      |                          ^^^^^^^
      |
      = note: likewise topic t01, topic t02, topic t03, topic t04, topic t05, topic t06, topic t07, topic t08, topic t09, topic t10, and 19 more

    30 infos
    --- stderr
    ");
    assert_eq!(place.run("validate -o json").json()["faults"].as_array().expect("faults").len(), 30);
}
