//! What a sound file comes to.

use super::super::*;
use super::texts::{faults, resolved, sound, wishes, within};

#[test]
fn layers_lie_over_one_another() {
    let topology = sound(
        "defaults: { partitions: 8, replication: 3, retention.ms: 1d, owner: platform }
classes:
  slow: { partitions: 4, retention.ms: 7d, segment.bytes: 1GiB }
topics:
  a.b: {}
  a.c: { class: slow, retention.ms: unset, owner: unset }
  a.d: { class: slow, partitions: 1 }
",
    );
    let shown: Vec<String> = topology
        .topics
        .values()
        .map(|topic| {
            let partitions = topic.partitions.as_ref().map(|at| format!("{} @{}", at.value, at.origin.line));
            let owner = topic.owner.as_ref().map(|at| at.value.as_str());
            format!("{} {partitions:?} {owner:?} {:?}", topic.name, wishes(topic))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    a.b Some("8 @2") Some("platform") ["retention.ms=86400000 @2"]
    a.c Some("4 @4") None ["retention.ms unset @7", "segment.bytes=1073741824 @4"]
    a.d Some("1 @8") Some("platform") ["retention.ms=604800000 @4", "segment.bytes=1073741824 @4"]
    "#);
}

#[test]
fn configs_are_sent_as_kafka_takes_them() {
    let topology = sound(
        "topics:
  a:
    retention.ms: 1h30m
    segment.ms: 604800000.0
    local.retention.ms: forever
    retention.bytes: 3e+9
    segment.bytes: 100MB
    max.message.bytes: ' 1048588 '
    cleanup.policy: [compact, delete]
    min.cleanable.dirty.ratio: 0.50
    min.insync.replicas: 2.0
    unclean.leader.election.enable: FALSE
    preallocate: true
    message.timestamp.type: LogAppendTime
    leader.replication.throttled.replicas: '0:1, 0:2'
    some.future.key: off
    x.y: 0777
",
    );
    insta::assert_snapshot!(wishes(&topology.topics["a"]).join("\n"), @r"
    cleanup.policy=compact,delete @10
    leader.replication.throttled.replicas=0:1,0:2 @16
    local.retention.ms=-1 @6
    max.message.bytes=1048588 @9
    message.timestamp.type=LogAppendTime @15
    min.cleanable.dirty.ratio=0.50 @11
    min.insync.replicas=2 @12
    preallocate=true @14
    retention.bytes=3000000000 @7
    retention.ms=5400000 @4
    segment.bytes=100000000 @8
    segment.ms=604800000 @5
    some.future.key=off @17
    unclean.leader.election.enable=false @13
    x.y=0777 @18
    ");
}

#[test]
fn files_merge_by_name_and_a_leaf_stands_once() {
    let files = [
        (
            "a.yaml",
            "klerk: 1\ndefaults: { partitions: 1 }\ntopics: { a: {} }\nexternal: { topics: [x] }\nnaming: { topics: '{n}' }\n",
        ),
        (
            "b/b.yaml",
            "klerk: 1\ndefaults: { replication: 1 }\ntopics: { b: { value: ../s.avsc } }\nexternal: { topics: [y] }\nschemas: { compatibility: FULL }\ngroups: { all: { max_lag: 1 } }\n",
        ),
    ];
    let topology = resolved(&files).unwrap();
    assert_eq!(topology.topics.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(topology.topics["a"].replication.as_ref().unwrap().origin.to_string(), "b/b.yaml:2:26");
    assert_eq!(&*topology.subjects["b-value"].file, "b/../s.avsc");
    assert!(topology.external.has_topic("x") && topology.external.has_topic("y"));

    let again = [
        files[0],
        files[1],
        (
            "c.yaml",
            "klerk: 1\ndefaults: { partitions: 1, retention.ms: 1 }\ntopics: { a: {}, c: { retention.ms: 1d } }\nexternal: { topics: [y] }\nschemas: { compatibility: FULL }\nnaming: { topics: x }\ngroups: { all: { max_lag: 2 } }\n",
        ),
    ];
    insta::assert_snapshot!(resolved(&again).unwrap_err().iter().map(|fault| format!("{fault}\n")).collect::<String>(), @r#"
    c.yaml:2:25: 'partitions' of defaults is already said at a.yaml:2:25
    c.yaml:3:11: topic 'a' is already said at a.yaml:3:11
    c.yaml:4:22: 'y' is already said at b/b.yaml:4:22
    c.yaml:5:27: 'schemas.compatibility' is already said at b/b.yaml:5:27
    c.yaml:6:11: 'naming.topics' is already said at a.yaml:5:11
    c.yaml:7:27: 'max_lag' of 'all' of groups is already said at b/b.yaml:6:27
    "#);
}

#[test]
fn subjects_come_from_topics_and_by_name() {
    let topology = sound(
        "schemas: { compatibility: BACKWARD, naming: topic, subjects: { com.a.Money: m.avsc, x: { schema: x, type: AVRO } } }
classes: { c: { value: { schema: class.avsc, compatibility: FULL } } }
topics:
  a: { class: c, key: k.avsc }
  b: { class: c, value: unset }
",
    );
    let shown: Vec<String> = topology
        .subjects
        .values()
        .map(|subject| {
            let level = subject.compatibility.as_ref().unwrap();
            let Subject { name, file, topic, origin, .. } = subject;
            format!("{name} {file} {topic:?} {}@{} {origin}", level.value, level.origin.line)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    a-key k.avsc Some("a") BACKWARD@2 t.yaml:5:23
    a-value class.avsc Some("a") FULL@3 t.yaml:3:34
    com.a.Money m.avsc None BACKWARD@2 t.yaml:2:77
    x x None BACKWARD@2 t.yaml:2:98
    "#);
    insta::assert_snapshot!(
        faults("topics: { a: { value: a.avsc } }\nschemas: { subjects: { a-value: b.avsc, '': c.avsc } }\n"),
        @r#"
        3:33+6 [duplicate] the schema of subject 'a-value' is already said at t.yaml:2:23 → keep one of the two
        3:41+2 [subject-name] this cannot be a subject: it is empty
        "#
    );
}

#[test]
fn contracts_range_over_topics_of_the_file_and_external_ones() {
    let topology = sound(
        "topics: { a.x: {}, a.y: {}, b: {} }
external: { topics: [ext, a.z, pf-*, __consumer_offsets] }
groups:
  all: { max_lag: 1000, protected: true }
  one: { topics: [a.*, ext], members: 2..3, max_lag: 10, max_age: 5m, isolation: committed }
  two: { topics: all, protected: false, members: 4 }
  three: { topics: pf-x* }
  four: {}
",
    );
    let names = |group: &str| {
        topology.groups[group].topics.as_ref().unwrap().names.iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names("one"), ["a.x", "a.y", "a.z", "ext"]);
    assert_eq!(names("two"), ["a.x", "a.y", "a.z", "b", "ext"]);
    let covers = |group: &str, topic: &str| topology.groups[group].topics.as_ref().unwrap().covers(topic);
    assert!(covers("two", "pf-7") && !covers("two", "unknown") && !covers("two", "__consumer_offsets"));
    assert!(covers("three", "pf-x1") && !covers("three", "pf-7") && !covers("three", "a.x"));
    assert!(topology.groups["four"].topics.is_none());

    let terms = |group: &str| {
        let terms = topology.terms(group);
        (
            terms.members.as_ref().map(|at| at.value.clone()),
            terms.max_lag.as_ref().unwrap().value,
            terms.is_protected(),
        )
    };
    assert_eq!(terms("one"), (Some(2..=3), 10, true));
    assert_eq!(terms("two"), (Some(4..=4), 1000, false));
    assert_eq!(terms("not named"), (None, 1000, true));
    assert_eq!(topology.groups["one"].terms.max_age_ms.as_ref().unwrap().value, 300_000);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_schema() {
    let text = "klerk: 1\ntopics: { t: { value: a.avsc } }\n";
    let files = Files::from([("a.avsc".to_owned(), Ok("\u{feff}\"string\"".to_owned()))]);
    let topology = resolve(parse([("t.yaml".to_owned(), text.to_owned())]), &files).unwrap();
    assert_eq!(topology.subjects["t-value"].text, "\"string\"");
}

#[test]
fn anchors_merges_bom_and_line_ends_are_taken() {
    let text = "\u{feff}klerk: 1\r\nclasses:\r\n  a: &a { partitions: 3, retention.ms: 1d }\r\n  b: { <<: *a, partitions: 5 }\r\ntopics:\r\n  t: { class: b, description: é, owner: x }\r\n  u: &u\r\n    owner: y\r\n  v: *u\r\n";
    let topology = resolved(&[("t.yaml", text)]).unwrap();
    let topic = &topology.topics["t"];
    assert_eq!(topic.partitions.as_ref().unwrap().value, 5);
    assert_eq!(wishes(topic), ["retention.ms=86400000 @3"]);
    assert_eq!(topic.owner.as_ref().unwrap().origin.to_string(), "t.yaml:6:41", "columns count characters");
    assert_eq!(topology.topics["v"].owner.as_ref().unwrap().value, "y");
}

#[test]
fn a_topic_that_is_to_be_absent_is_no_topic_of_the_topology() {
    let topology = sound(
        "naming: { topics: '{domain}.{event}' }
defaults: { partitions: 8, protected: true }
topics:
  a.b: {}
  old: { state: absent, owner: platform, description: replaced by a.b }
  older: { state: absent, protected: false }
groups: { g: { topics: all } }
",
    );
    assert_eq!(topology.topics.keys().collect::<Vec<_>>(), ["a.b"]);
    let absent: Vec<_> = topology
        .absent
        .topics
        .iter()
        .map(|(name, absent)| (name.as_str(), absent.origin.line, absent.protected))
        .collect();
    assert_eq!(absent, [("old", 6, true), ("older", 7, false)]);
    assert!(!topology.groups["g"].topics.as_ref().unwrap().covers("old"));
}

#[test]
fn an_environment_may_take_a_topic_away() {
    let text = "topics:
  a: { partitions: 3, protected: true }
  b: { state: absent }
environments:
  dev: { topics: { a: { state: absent }, b: { state: present, partitions: 1 } } }
  prod: {}
";
    let shown = |environment| {
        let topology = within(environment, text);
        let absent =
            topology.absent.topics.iter().map(|(name, absent)| format!("-{name} {}", absent.protected));
        topology.topics.keys().cloned().chain(absent).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("dev"), "b -a true");
    assert_eq!(shown("prod"), "a -b false");
}
