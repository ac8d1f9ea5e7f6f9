//! Where registries of different makers differ, and what klerk makes of it.

use crate::scene::Scene;
use klerk_sandbox::registry::Manner;

const TOPOLOGY: &str = "klerk: 1
defaults: { partitions: 1, replication: 3 }
topics:
  paid: { value: { schema: Paid.avsc, compatibility: BACKWARD } }
";
const PAID: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;
/// The same for every reader, and spelt otherwise.
const SPELT: &str =
    r#"{ "type": "record", "name": "Paid", "fields": [ { "name": "id", "type": {"type": "string"} } ] }"#;
/// What readers of `Paid` cannot read.
const BROKEN: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"int"}]}"#;

/// With `Paid` registered.
fn scene(manner: Manner) -> Scene {
    let scene = Scene::with_manner(manner, TOPOLOGY).file("Paid.avsc", PAID);
    scene.apply();
    scene
}

/// How a plan tells of a schema that breaks readers; a schema that is only spelt otherwise is none to any of them.
fn breaking(manner: Manner) -> String {
    let scene = scene(manner).file("Paid.avsc", SPELT);
    let spelt = scene.run("plan --detailed-exitcode");
    assert_eq!(spelt.status, 0, "{manner}: {}", spelt.all());
    let versions = scene.cluster.with_registry(|registry| registry.subjects["paid-value"].live().count());
    assert_eq!(versions, 1, "{manner}");
    scene.file("Paid.avsc", BROKEN).told("plan")
}

#[test]
fn confluent_gives_its_reasons() {
    insta::assert_snapshot!(breaking(Manner::Confluent), @r#"
    status 1
    --- stdout
    ! subject paid-value  (topology.yaml:4)
        incompatible: the registry calls the schema incompatible with version 1 at level BACKWARD: {errorType:'TYPE_MISMATCH', description:'at '/fields/0/type' the type in the new schema does not match that in the old schema', additionalInfo:'reader type: INT not compatible with writer type: STRING'}; {oldSchemaVersion: 1}; {oldSchema: '{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}'}; {compatibility: 'BACKWARD'}. Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    "#);
}

#[test]
fn apicurio_gives_none() {
    insta::assert_snapshot!(breaking(Manner::Apicurio), @r"
    status 1
    --- stdout
    ! subject paid-value  (topology.yaml:4)
        incompatible: the registry calls the schema incompatible with version 1 at level BACKWARD: the registry gives no reasons; klerk by itself finds: the new schema cannot read data of version 1: /fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH). Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
}

#[test]
fn karapace_gives_bare_ones() {
    insta::assert_snapshot!(breaking(Manner::Karapace), @r"
    status 1
    --- stdout
    ! subject paid-value  (topology.yaml:4)
        incompatible: the registry calls the schema incompatible with version 1 at level BACKWARD: reader type: INT not compatible with writer type: STRING. Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
}

#[test]
fn a_new_apicurio_checks_nothing_by_itself() {
    // The global level of a new registry is BACKWARD, and NONE for Apicurio.
    for (manner, status) in [(Manner::Confluent, 1), (Manner::Karapace, 1), (Manner::Apicurio, 0)] {
        let topology = TOPOLOGY.replace(", compatibility: BACKWARD", "");
        let scene = Scene::with_manner(manner, &topology).file("Paid.avsc", PAID);
        scene.apply();
        let broken = scene.file("Paid.avsc", BROKEN).run("plan");
        assert_eq!(broken.status, status, "{manner}: {}", broken.all());
    }
}
