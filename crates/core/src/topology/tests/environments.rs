//! What environments make of a file.

use super::super::*;
use super::texts::{all_faults, faults_within, wishes, within};

/// A topic's numbers and configs, each with the line that it comes from.
fn shown(topic: &Topic) -> String {
    let partitions =
        topic.partitions.as_ref().map(|at| format!("partitions={} @{}", at.value, at.origin.line));
    let replication =
        topic.replication.as_ref().map(|at| format!("replication={} @{}", at.value, at.origin.line));
    let numbers = partitions.into_iter().chain(replication);
    format!("{}: {}", topic.name, numbers.chain(wishes(topic)).collect::<Vec<_>>().join(", "))
}

fn all_shown(topology: &Topology) -> String {
    topology.topics.values().map(shown).collect::<Vec<_>>().join("\n")
}

const LAYERS: &str = "defaults: { partitions: 8, replication: 3, retention.ms: 1d, segment.ms: 1h }
classes:
  payment: { retention.ms: 30d, min.insync.replicas: 2 }
topics:
  plain: {}
  paid: { class: payment }
  kept: { class: payment, retention.ms: forever, compression.type: lz4 }
  left: { retention.ms: unset, min.insync.replicas: unset }
  named: { retention.ms: 90d, compression.type: zstd }
environments:
  dev:
    defaults: { segment.ms: 2h, flush.ms: 5s }
    classes: { payment: { min.insync.replicas: 3, flush.ms: 6s } }
    override: { compression.type: uncompressed }
    at_most: { replication: 1, min.insync.replicas: 1, retention.ms: 7d, retention.bytes: 1GB }
    topics:
      named: { retention.ms: 20d, replication: 2 }
      trace: { partitions: 1 }
";

#[test]
fn layers_lie_in_their_order_and_each_value_knows_its_line() {
    insta::assert_snapshot!(all_shown(&within("dev", LAYERS)), @r#"
    kept: partitions=8 @2, replication=1 @16, compression.type=uncompressed @15, flush.ms=6000 @14, min.insync.replicas=1 @16, retention.ms=604800000 @16, segment.ms=7200000 @13
    left: partitions=8 @2, replication=1 @16, compression.type=uncompressed @15, flush.ms=5000 @13, min.insync.replicas unset @9, retention.ms unset @9, segment.ms=7200000 @13
    named: partitions=8 @2, replication=2 @18, compression.type=uncompressed @15, flush.ms=5000 @13, retention.ms=1728000000 @18, segment.ms=7200000 @13
    paid: partitions=8 @2, replication=1 @16, compression.type=uncompressed @15, flush.ms=6000 @14, min.insync.replicas=1 @16, retention.ms=604800000 @16, segment.ms=7200000 @13
    plain: partitions=8 @2, replication=1 @16, compression.type=uncompressed @15, flush.ms=5000 @13, retention.ms=86400000 @2, segment.ms=7200000 @13
    trace: partitions=1 @19, replication=1 @16, compression.type=uncompressed @15, flush.ms=5000 @13, retention.ms=86400000 @2, segment.ms=7200000 @13
    "#);
}

#[test]
fn an_environment_is_laid_over_what_it_extends() {
    let text = "classes: { c: {} }
topics: { a: { class: c, retention.ms: 9d }, b: { only: [prod] }, c: { only: [dr] } }
groups: { g: { topics: a, members: 3, max_lag: 5 }, all: { max_lag: 9 } }
external: { topics: [x-*, y] }
environments:
  prod:
    bootstrap: 'a:1,b:2'
    registry: http://registry:8081
    cluster: one
    defaults: { partitions: 6 }
    classes: { c: { segment.ms: 1h } }
    at_most: { retention.ms: 8d, partitions: 5 }
    topics: { b: { partitions: 2 } }
    groups: { g: { members: 4 }, all: { protected: true } }
    external: { topics: [z] }
  dr:
    extends: prod
    context: dr
    registry: none
    at_most: { retention.ms: 9d }
  far: { extends: dr, classes: { c: { flush.ms: 1s } } }
";
    insta::assert_snapshot!(all_shown(&within("dr", text)), @r#"
    a: partitions=5 @13, retention.ms=777600000 @3, segment.ms=3600000 @12
    c: partitions=5 @13
    "#);
    insta::assert_snapshot!(all_shown(&within("far", text)), @"a: partitions=5 @13, flush.ms=1000 @22, retention.ms=777600000 @3, segment.ms=3600000 @12");
    let far = within("far", text);
    let environment = far.environment.as_ref().unwrap();
    assert_eq!(environment.place.as_ref().unwrap().value, ClusterPlace::Context("dr".to_owned()));
    assert!(environment.has_no_registry());
    assert_eq!(environment.cluster.as_ref().unwrap().value, "one");
    let terms = far.terms("g");
    assert_eq!(terms.members.as_ref().unwrap().value, 4..=4);
    assert_eq!(terms.max_lag.as_ref().unwrap().value, 5, "what a group says is stronger than what all say");
    assert!(terms.is_protected());
    assert!(far.external.has_topic("z") && !far.external.has_topic("y"), "lists replace");

    let prod = within("prod", text);
    let place = &prod.environment.as_ref().unwrap().place.as_ref().unwrap().value;
    let ClusterPlace::Bootstrap(addresses) = place else { panic!("{place:?}") };
    assert_eq!(addresses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a:1", "b:2"]);
    assert_eq!(prod.topics.keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn schemas_merge_as_maps_and_paths_replace() {
    let text = "schemas: { compatibility: BACKWARD, subjects: { s: { schema: s.avsc, compatibility: FULL }, t: { schema: t.avsc, only: [b] } } }
topics:
  a: { value: { schema: a.avsc, compatibility: FORWARD } }
environments:
  a: { topics: { a: { value: { compatibility: NONE } } }, schemas: { subjects: { s: { schema: s2.avsc } } } }
  b: { topics: { a: { value: b.avsc } }, schemas: { compatibility: FULL_TRANSITIVE } }
";
    let subjects = |environment: &str| {
        let topology = within(environment, text);
        let subject = |subject: &Subject| {
            let level = subject.compatibility.as_ref().unwrap();
            format!("{} {} {}@{}", subject.name, subject.file, level.value, level.origin.line)
        };
        topology.subjects.values().map(subject).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(subjects("a"), "a-value a.avsc NONE@6, s s2.avsc FULL@2");
    assert_eq!(
        subjects("b"),
        "a-value b.avsc FULL_TRANSITIVE@7, s s.avsc FULL@2, t t.avsc FULL_TRANSITIVE@7"
    );
}

#[test]
fn faults_name_the_environments_that_have_them() {
    let text = "topics:
  a.b: { class: c, retention.ms: 5d }
  a_b: { only: [dev, prod] }
  d: { only: [dev], compression.type: lz4, value: { compatibility: FULL } }
groups:
  g: { topics: [a.b, d] }
  h: { topics: [d*] }
  i: { topics: [x] }
environments:
  dev: { classes: { c: {} } }
  test: { at_most: { compression.type: lz4 }, topics: { a.b: { retention.ms: soon } } }
  prod: { classes: { c: {} }, external: { topics: [a.b] }, at_most: { some.key: 3 }, defaults: { some.key: x } }
";
    insta::assert_snapshot!(all_faults(text), @r#"
    3:3+3 [external-conflict] in environment prod: topic 'a.b' is said to be owned elsewhere → declare it here or there, not both
    3:17+1 [unknown-class] in environment test: there is no class 'c'
    4:3+3 [topic-collision] in environments dev, prod: Kafka refuses 'a_b' beside 'a.b': they differ only in '.' and '_'
    5:51+1 [wrong-shape] in environment dev: 'value' does not say which file holds the schema → schema: schemas/Name.avsc
    7:22+1 [unknown-topic] in environments prod, test: topic 'd' does not exist → 'only: [dev]' for the group too, or other topics for it there
    9:17+1 [unknown-topic] topic 'x' is neither in the files nor external → declare it under topics, or under external.topics when others own it
    12:40+3 [bad-value] 'at_most' takes numbers, and this of 'compression.type' is none → override takes any value
    12:78+4 [bad-duration] 'retention.ms' takes a duration, and 'soon' is none: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever'
    13:108+1 [bad-value] in environment prod: 'some.key' has a cap, so its value has to be a number, and 'x' is none
    "#);
    insta::assert_snapshot!(faults_within("prod", text), @r#"
    3:3+3 [external-conflict] in environment prod: topic 'a.b' is said to be owned elsewhere → declare it here or there, not both
    4:3+3 [topic-collision] in environment prod: Kafka refuses 'a_b' beside 'a.b': they differ only in '.' and '_'
    7:22+1 [unknown-topic] in environment prod: topic 'd' does not exist → 'only: [dev]' for the group too, or other topics for it there
    9:17+1 [unknown-topic] topic 'x' is neither in the files nor external → declare it under topics, or under external.topics when others own it
    12:40+3 [bad-value] 'at_most' takes numbers, and this of 'compression.type' is none → override takes any value
    12:78+4 [bad-duration] 'retention.ms' takes a duration, and 'soon' is none: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever'
    13:108+1 [bad-value] in environment prod: 'some.key' has a cap, so its value has to be a number, and 'x' is none
    "#);
}

#[test]
fn what_cannot_be_an_environment_is_said() {
    insta::assert_snapshot!(
        all_faults(
            "defaults: { only: [a], state: absent }
topics:
  t: { only: [a, bb, a] }
  u: { only: [] }
  v: { only: [c] }
  w: { state: gone }
groups: { all: { only: [a] }, g: { only: nowhere } }
environments:
  a: { extends: b, bootstrap: 'h:1', context: x }
  b: { extends: c }
  c: { extends: a, topics: { v: { only: [c] } } }
  d: { extends: a, topics: { v: {} }, klerk: 1, environments: {} }
  e: { extends: f, extend: a }
  f: { extends: f }
  g: { extends: dd }
  h: { bootstrap: [kafka, 'http://k:1', ''], registry: 'http://me:secret@r', cluster: '' }
  i: { bootstrap: ',', registry: kafka:8081 }
  j: { at_most: { partitions: 0, replication: unset, retention.ms: unset, cleanup.policy: compact, owner: me, replicas: 1 } }
  k: { override: { class: c, only: [a], owner: x, partition: 1 } }
  l:
  a: {}
"
        ),
        @r#"
        2:19+1 [unknown-key] defaults has no key 'only' → say it of each topic by its name
        2:31+6 [unknown-key] defaults has no key 'state' → say it of each topic by its name
        4:18+2 [unknown-environment] there is no environment 'bb' → did you mean 'b'?
        4:22+1 [duplicate] 'a' is already said at t.yaml:4:15 → keep one of the two
        5:14+1 [empty-value] 'only' names no environment, so this would exist nowhere → name the environments, or leave the key out
        7:15+4 [bad-value] 'state' takes absent, present, not 'gone'
        8:18+4 [unknown-key] 'all' of groups is for every group, in every environment → say it for each group by name
        8:42+7 [unknown-environment] there is no environment 'nowhere' → there are a, b, c, d, e, f, g, h, i, j, k, l
        10:17+1 [environment-cycle] 'a' extends itself: a extends b extends c extends a → let one of them extend nothing
        10:47+1 [duplicate] where the cluster is is already said at t.yaml:10:31 → keep one of the two
        11:17+1 [environment-cycle] 'b' extends itself: b extends c extends a extends b → let one of them extend nothing
        12:17+1 [environment-cycle] 'c' extends itself: c extends a extends b extends c → let one of them extend nothing
        12:41+1 [unknown-key] what stands in an environment exists there: 'only' says nothing → leave it out
        13:30+1 [only-elsewhere] topic 'v' does not exist in environment 'd' → add d to its 'only', or leave this out
        13:39+5 [unknown-key] environment 'd' has no key 'klerk'
        13:49+12 [unknown-key] environment 'd' has no key 'environments'
        14:20+6 [unknown-key] environment 'e' has no key 'extend' → did you mean 'extends'?
        15:17+1 [environment-cycle] 'f' extends itself: f extends f → let one of them extend nothing
        16:17+2 [unknown-environment] there is no environment 'dd' → did you mean 'd'?
        17:20+5 [bad-address] 'kafka' is not host:port: the port is missing, 9092 as a rule
        17:27+12 [bad-address] 'http://k:1' is not host:port: a bootstrap server is written without a scheme
        17:41+2 [empty-value] the value of 'bootstrap' is empty → write a value, or leave the key out
        17:56+20 [bad-address] the address of a registry holds no user and no password: they belong into the file that --command-config names
        17:87+2 [empty-value] the value of 'cluster' is empty → write a value, or leave the key out
        18:19+3 [empty-value] 'bootstrap' names no broker → write HOST:PORT, or leave the key out
        18:34+10 [bad-address] 'kafka:8081' is not the address of a schema registry: write http://HOST:PORT, or none
        19:31+1 [bad-value] 'partitions' has to be 1 or more, and this is 0
        19:47+5 [bad-value] 'replication' takes a whole number; 'unset' is not a number
        19:68+5 [bad-value] 'at_most' takes numbers, and this of 'retention.ms' is none → override takes any value
        19:91+7 [bad-value] 'at_most' takes numbers, and this of 'cleanup.policy' is none → override takes any value
        19:107+2 [bad-value] 'at_most' takes numbers, and this of 'owner' is none → override takes any value
        19:111+8 [unknown-key] at_most has no key 'replicas'
        20:27+1 [unknown-key] override cannot say of which class topics are
        20:36+1 [unknown-key] override has no key 'only' → say it of each topic by its name
        20:51+9 [unknown-key] override has no key 'partition' → did you mean 'partitions'?
        21:4+1 [null] environment 'l' says nothing → write {} for a map without keys, or leave it out
        22:3+1 [duplicate] 'a' is already said at t.yaml:10:3 → keep one of the two
        "#
    );
    insta::assert_snapshot!(all_faults("topics: { t: { only: [dev] } }\n"), @"2:23+3 [unknown-environment] there is no environment 'dev' → declare it under environments");
}
