//! What is said of a file that cannot stand.

use super::super::*;
use super::texts::{all_faults, faults, faults_of_each, resolved, told};
use std::collections::BTreeMap;

/// YAML 1.1 reads 010 as 8, YAML 1.2 as 10.
#[test]
fn a_number_that_begins_with_0_is_refused() {
    insta::assert_snapshot!(
        faults(
            "defaults: { partitions: 010, replication: 03 }
topics:
  a: { partitions: -010, retention.ms: 0604800000, segment.bytes: 01073741824, min.insync.replicas: 02 }
  b: { partitions: '010', retention.ms: 07d, max.compaction.lag.ms: 0, x.y: 0777, min.cleanable.dirty.ratio: 0.5 }
groups: { g: { topics: [a], members: 02, max_lag: 0100, max_age: 00 } }
quotas: [{ user: a, produce: 01000000, request: 050 }]
"
        ),
        @r"
    2:25+3 [bad-value] 'partitions' is 010: some readers of YAML take it for 10, others for 8 → 10, or 8 where it was meant to be octal
    2:43+2 [bad-value] 'replication' is 03: readers of YAML do not agree on numbers that begin with 0 → 3
    4:20+4 [bad-value] 'partitions' is -010: some readers of YAML take it for -10, others for -8 → -10, or -8 where it was meant to be octal
    4:40+10 [bad-value] 'retention.ms' is 0604800000: readers of YAML do not agree on numbers that begin with 0 → 604800000
    4:67+11 [bad-value] 'segment.bytes' is 01073741824: readers of YAML do not agree on numbers that begin with 0 → 1073741824
    4:101+2 [bad-value] 'min.insync.replicas' is 02: readers of YAML do not agree on numbers that begin with 0 → 2
    6:38+2 [bad-value] 'members' is 02: readers of YAML do not agree on numbers that begin with 0 → 2
    6:51+4 [bad-value] 'max_lag' is 0100: some readers of YAML take it for 100, others for 64 → 100, or 64 where it was meant to be octal
    6:66+2 [bad-value] 'max_age' is 00: readers of YAML do not agree on numbers that begin with 0 → 0
    7:30+8 [bad-value] 'produce' is 01000000: some readers of YAML take it for 1000000, others for 262144 → 1000000, or 262144 where it was meant to be octal
    7:49+3 [bad-value] 'request' is 050: some readers of YAML take it for 50, others for 40 → 50, or 40 where it was meant to be octal
    "
    );
}

#[test]
fn a_broken_value_does_not_hide_the_next() {
    insta::assert_snapshot!(
        faults(
            "defaults: { partitions: 0, replication: 40000, retentoin: 1d }
classes:
  slow: { retention.ms: 7 days, class: fast }
topics:
  a.b: { partitions: many, compression.type: none, retention.ms: 1GB, segment.bytes: 1GB5 }
  a_b: { owner: ~, description: '', class: slwo, protected: yes }
  'a b': { value: { compatibility: backward }, key: x.proto }
  ..: []
  __consumer_offsets: {}
  c: { retention_ms: 1, min.insync.replicas: 1_0, cleanup.policy: [], flush.ms: [1, 2], configs: {}, max.message.bytes: 1e30 }
groups:
  g: { topics: [a.d, x.*], members: 3..2, max_lag: -1, max_age: 0, isolation: read_committed, start: earliest }
"
        ),
        @r#"
        2:25+1 [bad-value] 'partitions' has to be 1 or more, and this is 0
        2:41+5 [bad-value] 'replication' has to be 32767 or less, and this is 40000
        2:48+9 [unknown-key] defaults has no key 'retentoin'
        4:25+6 [bad-duration] 'retention.ms' takes a duration, and '7 days' is none: a number lacks its unit (ms, s, m, h, d or w, without a blank before it) → 7d
        4:40+4 [unknown-key] class 'slow' cannot be of a class itself
        6:22+4 [bad-value] 'partitions' takes a whole number; 'many' is not a number
        6:46+4 [bad-value] Kafka has no compression type 'none' for topics → uncompressed
        6:66+3 [bad-duration] 'retention.ms' takes a duration, and '1GB' is none: 'GB' is not a unit of time; the units are ms, s, m, h, d and w
        6:86+4 [bad-size] 'segment.bytes' takes a size, and '1GB5' is none: 'GB5' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024)
        7:3+3 [topic-collision] Kafka refuses 'a_b' beside 'a.b': they differ only in '.' and '_'
        7:17+1 [null] 'owner' has no value → write 'owner: unset' to take it back, or leave the key out
        7:33+2 [empty-value] the value of 'description' is empty → write a value, or leave the key out
        7:44+4 [unknown-class] there is no class 'slwo' → did you mean 'slow'?
        7:61+3 [bad-value] 'protected' takes true or false, not 'yes' → true
        8:3+5 [topic-name] 'a b' cannot be a topic: ' ' is not one of a-z, A-Z, 0-9, '.', '_' and '-'
        8:19+1 [wrong-shape] 'value' does not say which file holds the schema → schema: schemas/Name.avsc
        8:36+8 [bad-value] 'backward' is not how the registry spells it → BACKWARD
        8:53+7 [schema-type] PROTOBUF schemas are part of the format, but this version does not carry them out yet → an Avro schema, or register it by another way
        9:3+2 [topic-name] '..' cannot be a topic: '.' and '..' cannot be topics
        9:7+1 [wrong-shape] topic '..' is a map of keys, not a list
        10:3+18 [topic-name] '__consumer_offsets' cannot be a topic: Kafka itself owns this topic → leave it to Kafka
        11:8+12 [unknown-key] topic 'c' has no key 'retention_ms' → did you mean 'retention.ms'?
        11:46+3 [bad-value] 'min.insync.replicas' takes a whole number; '1_0' is not a number → 10
        11:67+1 [empty-value] the list of 'cleanup.policy' is empty → write 'cleanup.policy: unset' to follow the broker
        11:81+1 [wrong-shape] 'flush.ms' takes one plain value, not a list
        11:89+7 [unknown-key] topic 'c' has no key 'configs' → write Kafka configs by their own names, beside partitions and replication
        11:121+4 [bad-size] 'max.message.bytes' takes a size, and '1e30' is none: it is more than 64 bits of bytes hold
        13:17+3 [unknown-topic] topic 'a.d' is neither in the files nor external → did you mean 'a b'?
        13:22+3 [unknown-topic] no topic of the files and no external one matches 'x.*' → declare it under topics, or under external.topics when others own it
        13:37+4 [bad-value] 'members' takes a count such as 2, or a range such as 2..3, not '3..2' → 2..3
        13:52+2 [bad-value] 'max_lag' has to be 0 or more, and this is -1
        13:65+1 [bad-duration] 'max_age' has to be more than nothing, and an age without end is none → leave the key out
        13:79+14 [bad-value] 'isolation' takes committed, uncommitted, not 'read_committed' → committed
        "#
    );
}

#[test]
fn traps_of_yaml_are_told_apart() {
    insta::assert_snapshot!(
        faults_of_each(&[
            "groups:\n  g: { topics: [*] }\n",
            "groups:\n  g: { topics: [*.dlq] }\n",
            "groups:\n  g: { topics: [a, !b] }\n",
            "defaults: { owner: @team }\n",
            "naming:\n  topics: {domain}.{event}\n",
            "naming: { topics: {domain}.{event} }\n",
            "naming: { topics: x.{event}, groups: y }\n",
            "naming: { topics: {event} }\n",
            "external: { groups: [User:CN=a,OU=b] }\n",
            "topics:\n  a: {cleanup.policy: compact, delete}\n",
            "topics:\n\ta: {}\n",
            "topics:\n  a: { owner: x\n",
            "topics:\n  a: {}\n  a: {}\n",
            "topics:\n  a: { owner: 'x }\n",
            "topics:\n  a: b: c\n",
            "topics:\n  - a\n  - b\n",
            "topics: a\n",
            "topics:\n",
            "topics:\n  a:\n",
            "? [a]\n: b\n",
            "topics: &t { a: { <<: *t } }\n",
            "topics:\n  a: { <<: x }\n",
            "---\nklerk: 1\n",
        ]),
        @r#"
        groups:
          g: { topics: [*] }
            3:17+1 [alias] a plain '*' begins a YAML alias → '*', or the word all where every topic is meant
        groups:
          g: { topics: [*.dlq] }
            3:17+5 [alias] '*.dlq' is read as a YAML alias, and there is no such anchor → '*.dlq'
            3:17+5 [unknown-topic] no topic of the files and no external one matches '*.dlq' → declare it under topics, or under external.topics when others own it
        groups:
          g: { topics: [a, !b] }
            3:17+1 [unknown-topic] topic 'a' is neither in the files nor external → declare it under topics, or under external.topics when others own it
            3:20+2 [tag] '!b' is read as a YAML tag, which this file has no use for → '!b'
            3:22+1 [unknown-topic] topic '!b' is neither in the files nor external → declare it under topics, or under external.topics when others own it
        defaults: { owner: @team }
            2:20+1 [syntax] YAML takes no plain value that begins with '@' → '@team'
        naming:
          topics: {domain}.{event}
            3:11+16 [syntax] a plain '{' begins a map in YAML → '{domain}.{event}'
        naming: { topics: {domain}.{event} }
            2:19+16 [syntax] a plain '{' begins a map in YAML → '{domain}.{event}'
        naming: { topics: x.{event}, groups: y }
            2:19+9 [syntax] a plain '{' begins a map in YAML → 'x.{event}'
        naming: { topics: {event} }
            2:19+1 [wrong-shape] 'topics' takes a plain value, not a map → '{event}'
        external: { groups: [User:CN=a,OU=b] }
            2:32+4 [stray-key] the comma ends 'User:CN=a', so that 'OU=b' is another item → 'User:CN=a,OU=b'
        topics:
          a: {cleanup.policy: compact, delete}
            3:32+6 [stray-key] the comma makes a key of its own of 'delete' → put values with commas in brackets or quotes: [a, b] or 'a,b'
        topics:
        	a: {}
            3:2+1 [syntax] YAML takes no tabs for indentation → use spaces
        topics:
          a: { owner: x
            3:6+1 [syntax] this is not YAML: the '{' is never closed
        topics:
          a: {}
          a: {}
            4:3+1 [duplicate] 'a' is already said at t.yaml:3:3 → keep one of the two
        topics:
          a: { owner: 'x }
            3:15+1 [syntax] this is not YAML: the quote is never closed, or its next line is not indented
        topics:
          a: b: c
            3:6+1 [wrong-shape] topic 'a' is a map of keys, not a plain value
            3:7+1 [syntax] this is not YAML: there cannot be a ':' here → put quotes around a value that has ': ' in it
        topics:
          - a
          - b
            3:3+1 [wrong-shape] topics is a map of keys, not a list
        topics: a
            2:9+1 [wrong-shape] topics is a map of keys, not a plain value
        topics:
            2:7+1 [null] topics says nothing → write {} for a map without keys, or leave it out
        topics:
          a:
            3:4+1 [null] topic 'a' says nothing → write {} for a map without keys, or leave it out
        ? [a]
        : b
            2:3+1 [wrong-shape] a key has to be plain text → put quotes around a name that begins with '{' or '['
        topics: &t { a: { <<: *t } }
            2:23+2 [alias] the alias stands within the very value that it refers to
        topics:
          a: { <<: x }
            3:12+1 [wrong-shape] '<<' merges maps, and this is a plain value
        ---
        klerk: 1
            2:1+3 [several-documents] a second document begins here → put it into a file of its own, or remove the '---'
        "#
    );
}

#[test]
fn keys_of_later_versions_are_refused_by_name() {
    insta::assert_snapshot!(
        faults(
            "environments: { dev: { bootstrap: x } }
access: {}
quotas: []
users: {}
dead_letters: {}
defaults: { dead_letters: true }
topics:
  a: { only: [dev], value: { schema: a.avsc, references: {} } }
schemas: { naming: record, subjects: { s: { schema: a.json }, t: { schema: a, type: PROTOBUF }, u: a.proto, v: { schema: a.avsc, state: absent }, w: { schema: a.avsc, permanent: true } } }
groups:
  g: { start: latest, only: [dev] }
  all: { topics: all }
"
        ),
        @r"
    2:35+1 [bad-address] 'x' is not host:port: the port is missing, 9092 as a rule
    6:1+12 [not-yet] 'dead_letters' is part of the format, but this version does not carry it out yet → remove it until a version carries it out
    7:13+12 [not-yet] 'dead_letters' is part of the format, but this version does not carry it out yet → remove it until a version carries it out
    9:46+10 [not-yet] 'references' is part of the format, but this version does not carry it out yet → remove it until a version carries it out
    10:20+6 [not-yet] this version names subjects by topic only → 'topic', or subjects by name under schemas.subjects
    10:53+6 [schema-type] JSON schemas are part of the format, but this version does not carry them out yet → an Avro schema, or register it by another way
    10:85+8 [schema-type] PROTOBUF schemas are part of the format, but this version does not carry them out yet → an Avro schema, or register it by another way
    10:100+7 [schema-type] PROTOBUF schemas are part of the format, but this version does not carry them out yet → an Avro schema, or register it by another way
    10:122+6 [absent-says-more] subject 'v' is said to be absent, and yet to have schema → keep state, with only or permanent, or leave state out
    10:179+4 [wrong-shape] 'permanent' stands beside 'state: absent' only → state: absent
    13:10+6 [unknown-key] 'all' of groups cannot say what every group reads → say it for each group by name
    "
    );
}

#[test]
fn every_file_says_its_version() {
    let of = |text: &str| told(&resolved(&[("t.yaml", text)]).unwrap_err());
    let texts = ["", "# nothing\n", "topics: {}\n", "klerk: 2\n", "klerk:\n", "- a\n", "a", "\0"];
    let all: Vec<String> = texts.iter().map(|text| format!("{text:?} {}", of(text))).collect();
    insta::assert_snapshot!(all.join("\n"), @r##"
    "" 1:1+1 [version] there is nothing in this file → begin with 'klerk: 1'
    "# nothing\n" 1:1+1 [version] there is nothing in this file → begin with 'klerk: 1'
    "topics: {}\n" 1:1+1 [version] the file does not say which version of the format it is → begin with 'klerk: 1'
    "klerk: 2\n" 1:8+1 [version] this version reads format 1, not '2' → klerk: 1
    "klerk:\n" 1:6+1 [null] 'klerk' has no value → write 'klerk: unset' to take it back, or leave the key out
    "- a\n" 1:1+1 [wrong-shape] a topology is a map of keys, not a list
    "a" 1:1+1 [wrong-shape] a topology is a map of keys, not a plain value
    "\0" 1:1+1 [syntax] this is not YAML: unexpected character: `\u{0}'
    "##);
}

#[test]
fn a_file_that_is_no_yaml_does_not_hide_the_faults_of_another() {
    let files = [
        ("a.yaml", "klerk: 1\ntopics: { a: { partitions: 0 }, b: [ }\n"),
        ("b.yaml", "klerk: 1\ngroups: { g: { topics: elsewhere, members: x } }\n"),
    ];
    insta::assert_snapshot!(resolved(&files).unwrap_err(), @r#"
    a.yaml:2:28: 'partitions' has to be 1 or more, and this is 0
    a.yaml:2:36: this is not YAML: mismatched bracket '[' closed by '}'
    b.yaml:2:44: 'members' takes a count such as 2, or a range such as 2..3, not 'x'
    "#);
}

#[test]
fn schema_files_are_looked_at() {
    let text = "klerk: 1\ntopics:\n  a: { value: gone.avsc }\n  b: { value: broken.avsc }\n  c: { key: broken.avsc }\n";
    let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
    assert_eq!(draft.wanted().into_iter().collect::<Vec<_>>(), ["broken.avsc", "gone.avsc"]);
    let files = BTreeMap::from([
        ("gone.avsc".to_owned(), Err("there is no such file".to_owned())),
        ("broken.avsc".to_owned(), Ok("{\n  \"type\": \"record\",\n  \"name\" \"A\"\n}\n".to_owned())),
    ]);
    insta::assert_snapshot!(resolve(draft, &files).unwrap_err(), @r#"
    broken.avsc:3:10: this is not JSON: expected `:`
    t.yaml:3:15: the schema file gone.avsc cannot be read: there is no such file
    "#);
}

#[test]
fn names_are_held_to_their_form_and_owner() {
    insta::assert_snapshot!(
        faults(
            "naming: { topics: ['{a}.{b}', '/x+/'], groups: 'g-{name}' }
topics: { a.b: {}, xx: {}, plain: {}, ours.theirs: {} }
groups: { g-a: {}, h: {}, g-theirs: {} }
external: { topics: [ours.*], groups: [g-theirs] }
"
        ),
        @r#"
        3:28+5 [naming] topic 'plain' does not have the form {a}.{b} or /x+/
        3:39+11 [external-conflict] topic 'ours.theirs' is said to be owned elsewhere → declare it here or there, not both
        4:20+1 [naming] group 'h' does not have the form g-{name}
        4:27+8 [external-conflict] group 'g-theirs' is said to be owned elsewhere → declare it here or there, not both
        "#
    );
    insta::assert_snapshot!(faults("naming: { topics: ['{a', '/(/', '{a b}'] , other: x }\n"), @r#"
    2:20+4 [bad-pattern] '{a': a brace has no partner
    2:26+5 [bad-pattern] '/(/': the regular expression cannot be read: unclosed group
    2:33+7 [bad-pattern] '{a b}': '{a b}' is not a word in braces
    2:44+5 [unknown-key] naming has no key 'other'
    "#);
}

#[test]
fn depth_and_alias_bombs_are_faults() {
    let deep = format!("topics: {}{}\n", "[".repeat(20_000), "]".repeat(20_000));
    assert!(faults(&deep).contains("nested too deeply"));
    let mut block = String::from("topics:\n");
    for level in 1..2000 {
        block.push_str(&format!("{}a:\n", " ".repeat(level)));
    }
    assert!(faults(&block).contains("nested too deeply"));
    let mut bomb = String::from("x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
    for level in 1..12 {
        let items = vec![format!("*x{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("x{level}: &x{level} [{items}]\n"));
    }
    assert!(faults(&bomb).contains("aliases expand to more"));
    let mut chain = String::from("x0: &x0 [a]\n");
    for level in 1..3000 {
        chain.push_str(&format!("x{level}: &x{level} [*x{}]\n", level - 1));
    }
    assert!(faults(&chain).contains("aliases expand to more"));
}

#[test]
fn what_is_not_to_be_there_is_nothing_else() {
    insta::assert_snapshot!(
        all_faults(
            "topics:
  a: { state: absent, partitions: 3, retention.ms: 1d, owner: me }
  b: { state: absent }
  c: { partitions: 1 }
groups: { g: { topics: [b] } }
environments:
  dev: { topics: { b: { partitions: 2 }, c: { state: absent } } }
  prod: { topics: { c: { state: absent, key_by: id } } }
"
        ),
        @r"
        3:35+1 [absent-says-more] topic 'a' is said to be absent, and yet to have partitions, retention.ms → keep state, with description, owner, only or protected, or leave state out
        6:25+1 [unknown-topic] topic 'b' is said to be absent, so nobody can read it → take it out of the group's topics, or let it be present
        8:37+1 [absent-says-more] in environment dev: topic 'b' is said to be absent, and yet to have partitions → keep state, with description, owner, only or protected, or leave state out
        9:49+2 [absent-says-more] in environment prod: topic 'c' is said to be absent, and yet to have key_by → keep state, with description, owner, only or protected, or leave state out
        "
    );
}

#[test]
fn what_no_broker_takes_is_refused_before_one_is_asked() {
    insta::assert_snapshot!(
        faults(
            "topics:
  a: { min.cleanable.dirty.ratio: NaN, flush.ms: forever, segment.ms: -1, retention.ms: forever }
  b: { min.cleanable.dirty.ratio: .inf, local.retention.ms: -2, max.compaction.lag.ms: 1d }
  c: { min.cleanable.dirty.ratio: 1.5 }
  d: { min.cleanable.dirty.ratio: infinity, message.timestamp.after.max.ms: forever }
"
        ),
        @r"
    3:35+3 [bad-value] 'min.cleanable.dirty.ratio' takes a number between 0 and 1, not 'NaN'
    3:50+7 [bad-value] 'flush.ms' has no forever, and no value below 0 → 9223372036854775807, the longest time that Kafka takes, or unset to follow the broker
    3:71+2 [bad-value] 'segment.ms' has no forever, and no value below 0 → 9223372036854775807, the longest time that Kafka takes, or unset to follow the broker
    4:35+4 [bad-value] 'min.cleanable.dirty.ratio' takes a number between 0 and 1, not '.inf'
    5:35+3 [bad-value] 'min.cleanable.dirty.ratio' takes a number between 0 and 1, not '1.5'
    6:35+8 [bad-value] 'min.cleanable.dirty.ratio' takes a number between 0 and 1, not 'infinity'
    6:77+7 [bad-value] 'message.timestamp.after.max.ms' has no forever, and no value below 0 → 9223372036854775807, the longest time that Kafka takes, or unset to follow the broker
    "
    );
}
