//! Configs of brokers, shown and set, on a simulated cluster.

use crate::documents::{ClusterConfigs, Report};
use crate::scene::Scene;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3 }
  pinned: { partitions: 1, replication: 1, retention.ms: 7d }
";

#[test]
fn what_is_set_is_shown_and_taken_back() {
    let scene = Scene::applied(ESTATE);
    insta::assert_snapshot!(scene.told("cluster configs"), @r"
    status 0
    --- stdout
    PLACE        KEY                  VALUE  SOURCE                  TYPE  INSTEAD OF
    all brokers  min.insync.replicas  2      dynamic-default-broker  int   -

    min.insync.replicas: where eligible leader replicas are on, Kafka itself sets it for all brokers
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster configs --default --set log.retention.ms=1d --dry-run"), @r"
    status 0
    --- stdout
    ~ cluster <cluster>
        log.retention.ms  not set → 1d (86400000)
        risk loses-data: records that exist, or may exist, become deletable
        1 of 2 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 7d (604800000) to 1d (86400000): orders
        how many records go is not counted for a change of brokers

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    protection by topology.yaml
    ");
    let risky = scene.run("cluster configs --default --set log.retention.ms=86400000 --yes");
    assert_eq!(risky.status, 4, "{}", risky.all());
    let line = "cluster configs --default --set log.retention.ms=86400000 --set num.io.threads=9 --yes --allow loses-data -q";
    let report: Report = scene.document(line, 0);
    assert_eq!(report.outcome, "done");
    assert_eq!(scene.run("cluster configs 2 --set num.io.threads=4 --yes").status, 0);
    insta::assert_snapshot!(scene.told("cluster configs"), @r"
    status 0
    --- stdout
    PLACE        KEY                  VALUE          SOURCE                  TYPE  INSTEAD OF
    all brokers  log.retention.ms     1d (86400000)  dynamic-default-broker  long  -
    all brokers  min.insync.replicas  2              dynamic-default-broker  int   -
    all brokers  num.io.threads       9              dynamic-default-broker  int   -
    broker 2     num.io.threads       4              dynamic-broker          int   9 (dynamic-default-broker)

    different on different brokers:
      num.io.threads  1: 9, 2: 4, 3: 9

    min.insync.replicas: where eligible leader replicas are on, Kafka itself sets it for all brokers
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster configs 2"), @r"
    status 0
    --- stdout
    PLACE     KEY                                               VALUE                        SOURCE                    TYPE     INSTEAD OF
    broker 2  advertised.listeners                              PLAINTEXT://<broker 2>  static-broker, read-only  list     -
    broker 2  auto.create.topics.enable                         false                        static-broker, read-only  boolean  true (default)
    broker 2  broker.id                                         2                            static-broker, read-only  int      -1 (default)
    broker 2  broker.rack                                       rack-2                       static-broker, read-only  string   -
    broker 2  controller.listener.names                         CONTROLLER                   static-broker, read-only  list     -
    broker 2  default.replication.factor                        3                            static-broker, read-only  int      1 (default)
    broker 2  listeners                                         PLAINTEXT://<broker 2>  static-broker             list     PLAINTEXT://:9092 (default)
    broker 2  log.retention.ms                                  1d (86400000)                dynamic-default-broker    long     log.retention.hours=168 (default)
    broker 2  min.insync.replicas                               2                            dynamic-default-broker    int      2 (static-broker)
    broker 2  node.id                                           2                            static-broker, read-only  int      -
    broker 2  num.io.threads                                    4                            dynamic-broker            int      9 (dynamic-default-broker)
    broker 2  offsets.topic.replication.factor                  3                            static-broker, read-only  short    3 (default)
    broker 2  process.roles                                     broker,controller            static-broker, read-only  list     -
    broker 2  share.coordinator.state.topic.min.isr             2                            static-broker, read-only  short    2 (default)
    broker 2  share.coordinator.state.topic.replication.factor  3                            static-broker, read-only  short    3 (default)
    broker 2  transaction.state.log.min.isr                     2                            static-broker, read-only  int      2 (default)
    broker 2  transaction.state.log.replication.factor          3                            static-broker, read-only  short    3 (default)
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster configs --default --unset num.io.threads --unset log.retention.ms --yes"), @r"
    status 0
    --- stdout
    ~ cluster <cluster>
        log.retention.ms  1d (86400000) → not set
        num.io.threads  9 → not set
        1 of 2 visible topics have no retention.ms of their own and follow it
        log.retention.ms follows each broker's own file, or Kafka's default: 7d (604800000)
        num.io.threads follows each broker's own file, or Kafka's default: 8
        broker 2 has num.io.threads of its own, which goes before

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ set-config <cluster>
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("undo last --dry-run"), @r"
    status 0
    --- stdout
    ~ cluster <cluster>
        log.retention.ms  not set → 1d (86400000)
        num.io.threads  not set → 9
        risk loses-data: records that exist, or may exist, become deletable
        1 of 2 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 7d (604800000) to 1d (86400000): orders
        how many records go is not counted for a change of brokers
        broker 2 has num.io.threads of its own, which goes before

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(scene.run("undo last --yes --allow loses-data").status, 0);
    let document: ClusterConfigs = scene.document("cluster configs --default", 0);
    let set: Vec<(String, Option<String>)> = document.places[0]
        .configs
        .iter()
        .flatten()
        .map(|config| (config.key.clone(), config.value.clone()))
        .collect();
    let expected = [("log.retention.ms", "86400000"), ("min.insync.replicas", "2"), ("num.io.threads", "9")]
        .map(|(key, value)| (key.to_owned(), Some(value.to_owned())));
    assert_eq!(set, expected);
}

#[test]
fn the_documents_tell_what_differs() {
    let scene = Scene::applied(ESTATE);
    assert_eq!(scene.run("cluster configs 2 --set num.io.threads=4 --yes").status, 0);
    let document: ClusterConfigs = scene.document("cluster configs", 0);
    assert_eq!(document.differing.len(), 1);
    assert_eq!(document.differing[0].values["2"].as_deref(), Some("4"));
    let places: Vec<Option<i32>> = document.places.iter().map(|place| place.broker).collect();
    assert_eq!(places, [None, Some(1), Some(2), Some(3)]);
    let all: ClusterConfigs = scene.document("cluster configs 1 --all --match *.threads*", 0);
    let configs = all.places[0].configs.as_ref().expect("configs");
    assert!(configs.len() > 1 && configs.iter().all(|config| config.key.contains(".threads")));
}

#[test]
fn what_cannot_be_set_is_refused_before_anything_is_done() {
    let scene = Scene::applied(ESTATE);
    insta::assert_snapshot!(
        scene.told("cluster configs 1 --set num.io.thread=4 --set node.id=7 --set ssl.keystore.password=x --yes"),
        @r"
    status 1
    --- stdout
    ! broker 1
        absent: no broker knows num.io.thread: did you mean num.io.threads?
    ! broker 1
        other: node.id cannot be changed while a broker runs: it stands in the broker's file and takes a restart
    ! broker 1
        other: ssl.keystore.password is a secret: klerk takes none on a command line, and could not bring back the one that is there

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    "
    );
    insta::assert_snapshot!(scene.told("cluster configs 1 --set num.io.threads=none --yes"), @r"
    status 1
    --- stdout
    ! broker 1
        refused-by-broker: the configs of broker 1 would not be changed: INVALID_REQUEST (42): Invalid value none for configuration num.io.threads: Not a number of type INT

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("cluster configs 9 --set num.io.threads=4 --yes"), @r"
    status 1
    --- stdout
    --- stderr
    protection by topology.yaml
    error: broker 9 does not exist
      → live brokers: 1, 2, 3
    ");
}

#[test]
fn a_place_and_a_value_have_to_be_said() {
    let scene = Scene::new(ESTATE);
    for line in [
        "cluster configs --set num.io.threads=4",
        "cluster configs 1 --default",
        "cluster configs 1 --set num.io.threads",
        "cluster configs 1 --set num.io.threads=4 --unset num.io.threads",
        "cluster configs 1 --yes",
        "cluster configs 1 --all --set num.io.threads=4",
    ] {
        assert_eq!(scene.run(line).status, 64, "{line}");
    }
}

#[test]
fn a_change_is_held_to_the_policy_of_the_topology() {
    let scene = Scene::applied(ESTATE)
        .file("held.yaml", &format!("{ESTATE}policy: {{ changes: {{ set-config: approve }} }}\n"));
    let line = "cluster configs --default --set num.io.threads=9 --yes";
    let refused = scene.run(&format!("{line} -f held.yaml"));
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert!(refused.all().contains("--allow set-config"), "{}", refused.all());
    assert!(refused.stderr.contains("protection by held.yaml"), "{}", refused.stderr);
    assert_eq!(scene.run(&format!("{line} -f held.yaml --allow set-config")).status, 0);
}

#[test]
fn times_and_sizes_are_taken_as_a_file_takes_them() {
    let scene = Scene::applied("klerk: 1\ntopics: { orders: { partitions: 1 } }\n");
    let line = "cluster configs --default --set log.retention.ms=7d --set log.segment.bytes=10MB --set message.max.bytes=2MiB";
    let plan = scene.json(&format!("{line} --dry-run"), 0);
    let to = &plan["steps"][0]["to"];
    let values = ["log.retention.ms", "log.segment.bytes", "message.max.bytes"].map(|key| to[key].as_str());
    assert_eq!(values, [Some("604800000"), Some("10000000"), Some("2097152")], "{plan}");
    let forever = scene.json("cluster configs --default --set log.retention.ms=forever --dry-run", 0);
    assert_eq!(forever["steps"][0]["to"]["log.retention.ms"], "-1");
    insta::assert_snapshot!(scene.told("cluster configs --default --set log.segment.bytes=10mb --dry-run"), @r"
    status 64
    --- stdout
    --- stderr
    error: 'log.segment.bytes' takes a size, and '10mb' is none: 'mb' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024)
      → --set log.segment.bytes=10MB
    ");
    insta::assert_snapshot!(scene.told("cluster configs --default --set log.retention.ms=unset --dry-run"), @r"
    status 64
    --- stdout
    --- stderr
    error: 'log.retention.ms' takes a duration, and 'unset' is none: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever'
      → --unset log.retention.ms takes the value off
    ");
}
