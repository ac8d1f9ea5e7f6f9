//! Plans that cannot be carried out: the reasons, in the words of those who refuse, and nothing is done.

use crate::scene::Scene;

const PAID: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"amount","type":"string"}]}"#;
const ORDERS: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 3, value: paid.avsc }
schemas: { compatibility: BACKWARD }
";

fn scene() -> Scene {
    let scene = Scene::new(ORDERS).file("paid.avsc", PAID);
    scene.apply();
    scene
}

#[test]
fn partitions_do_not_become_fewer() {
    let scene = scene().file("fewer.yaml", &ORDERS.replace("partitions: 4", "partitions: 3"));
    insta::assert_snapshot!(scene.told("plan -f fewer.yaml --detailed-exitcode"), @r"
    status 1
    --- stdout
    ! topic orders  (fewer.yaml:3)
        fewer-partitions: 'orders' has 4 partitions and the file wants 3; Kafka cannot remove partitions. Ask for 4 or more, or make a new topic and move its readers and writers there

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("apply -f fewer.yaml --yes"), @r"
    status 1
    --- stdout
    ! topic orders  (fewer.yaml:3)
        fewer-partitions: 'orders' has 4 partitions and the file wants 3; Kafka cannot remove partitions. Ask for 4 or more, or make a new topic and move its readers and writers there

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn a_schema_that_readers_could_not_read_with() {
    let scene =
        scene().file("paid.avsc", &PAID.replace(r#""amount","type":"string""#, r#""amount","type":"long""#));
    insta::assert_snapshot!(scene.told("plan"), @r#"
    status 1
    --- stdout
    ! subject orders-value  (topology.yaml:3)
        incompatible: the registry calls the schema incompatible with version 1 at level BACKWARD: {errorType:'TYPE_MISMATCH', description:'at '/fields/1/type' the type in the new schema does not match that in the old schema', additionalInfo:'reader type: LONG not compatible with writer type: STRING'}; {oldSchemaVersion: 1}; {oldSchema: '{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"amount","type":"string"}]}'}; {compatibility: 'BACKWARD'}. Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    "#);
    insta::assert_snapshot!(scene.told("apply --yes"), @r#"
    status 1
    --- stdout
    ! subject orders-value  (topology.yaml:3)
        incompatible: the registry calls the schema incompatible with version 1 at level BACKWARD: {errorType:'TYPE_MISMATCH', description:'at '/fields/1/type' the type in the new schema does not match that in the old schema', additionalInfo:'reader type: LONG not compatible with writer type: STRING'}; {oldSchemaVersion: 1}; {oldSchema: '{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"amount","type":"string"}]}'}; {compatibility: 'BACKWARD'}. Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    "#);
    let versions = scene.cluster.with_registry(|registry| registry.subjects["orders-value"].versions.len());
    assert_eq!(versions, 1);
    assert_eq!(scene.run("plan --only topics").status, 0, "the topics are not concerned");
}

#[test]
fn what_the_brokers_would_not_take_is_known_beforehand() {
    let scene = Scene::new(
        "klerk: 1
topics:
  broad: { partitions: 1, replication: 4 }
  loose: { partitions: 1, replication: 3, min.insync.replicas: 0 }
  odd: { partitions: 1, replication: 3, retention.mss: 1 }
  sound: { partitions: 1, replication: 3 }
",
    );
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 1
    --- stdout
    + topic sound  (topology.yaml:6)
        partitions 1, replication 3
    ! topic broad  (topology.yaml:3)
        refused-by-broker: the broker would not create 'broad': INVALID_REPLICATION_FACTOR (38): Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned. Ask for a replication factor that the cluster has brokers for (3 are alive now)
    ! topic loose  (topology.yaml:4)
        refused-by-broker: the broker would not create 'loose': INVALID_CONFIG (40): Invalid value 0 for configuration min.insync.replicas: Value must be at least 1. Correct the value of min.insync.replicas
    ! topic odd  (topology.yaml:5)
        refused-by-broker: the broker would not create 'odd': INVALID_CONFIG (40): Unknown topic config name: retention.mss. Did you mean retention.ms?

    1 to create, 0 to change, 3 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
    assert_eq!(scene.run("apply --yes").status, 1);
    assert!(scene.cluster.topics().is_empty(), "not even the sound one");
}

#[test]
fn a_broker_that_goes_away_while_planning_is_no_fault_of_the_file() {
    let scene = Scene::new(ORDERS).file("paid.avsc", PAID);
    scene.cluster.arm("CreateTopics close-before always");
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 1
    --- stdout
    + subject orders-value  (topology.yaml:3)
        compatibility  as the registry has it → BACKWARD  (topology.yaml:4)
        schema  first version, AVRO
        from schemas: compatibility  (topology.yaml:4)
    ! topic orders  (topology.yaml:3)
        not-readable: whether the broker would create 'orders' could not be found out: CONNECTION_CLOSED: CreateTopics to <broker 2>: the connection ended before the answer: the server closed it. Try again

    1 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr
    ");
    scene.cluster.disarm();
    assert_eq!(scene.run("apply --yes").status, 0);
}
