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

/// `Paid` without its field: readers of `Paid` cannot read it, and it reads `Paid`.
const SHORTER: &str = r#"{"type":"record","name":"Paid","fields":[]}"#;

/// How a plan that sets a tighter level tells of a schema that this level refuses.
fn refused_by_the_new_level(manner: Manner) -> String {
    let topology = TOPOLOGY.replace(", compatibility: BACKWARD", "");
    let scene = Scene::with_manner(manner, &topology).file("Paid.avsc", PAID);
    scene.apply();
    let topology = TOPOLOGY.replace("BACKWARD", "FULL");
    let scene = scene.file("topology.yaml", &topology).file("Paid.avsc", SHORTER);
    let told = scene.told("plan");
    let ran = scene.run("apply --yes");
    assert_eq!(ran.status, 1, "{manner}: {}", ran.all());
    let level = scene.cluster.with_registry(|registry| registry.levels.get("paid-value").copied());
    assert_eq!((level, scene.cluster.versions("paid-value")), (None, 1), "{manner}: nothing of it is done");
    // The registry is of the same mind, once the level is set.
    let scene = scene.file("Paid.avsc", PAID);
    scene.apply();
    let ran = scene.file("Paid.avsc", SHORTER).run("plan");
    assert!(ran.stdout.contains("incompatible: the registry calls the schema"), "{manner}: {}", ran.all());
    told
}

#[test]
fn what_a_level_of_the_same_plan_refuses_is_known_before_it_is_set() {
    let told = refused_by_the_new_level(Manner::Confluent);
    insta::assert_snapshot!(told, @r"
    status 1
    --- stdout
    ~ subject paid-value  (topology.yaml:4)
        compatibility  as the registry has it → FULL
    ! subject paid-value  (topology.yaml:4)
        incompatible: the plan sets the level FULL first, by which klerk finds the schema incompatible with what is registered: version 1 cannot read data of the new schema: /fields/0: id (READER_FIELD_MISSING_DEFAULT_VALUE). Change the schema so that both can be read, or choose another level

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
    for manner in [Manner::Apicurio, Manner::Karapace] {
        // Apicurio tells NONE for a subject without a level.
        let other = refused_by_the_new_level(manner).replace("NONE →", "as the registry has it →");
        assert_eq!(other, told, "{manner}");
    }
}

#[test]
fn what_klerk_cannot_judge_by_a_level_of_the_same_plan_is_warned_of() {
    let scene = Scene::new(&TOPOLOGY.replace("BACKWARD", "FULL")).file("Paid.avsc", PAID);
    scene.cluster.register_as("paid-value", &serde_json::json!({ "schemaType": "JSON", "schema": "{}" }));
    insta::assert_snapshot!(scene.told("plan --only schemas"), @r"
    status 0
    --- stdout
    ~ subject paid-value  (topology.yaml:4)
        compatibility  as the registry has it → FULL
        schema  version 1 (id 1) → new version, AVRO
        not put to the server beforehand

    warning subject/not-checkable: subject paid-value: the registry can check the schema only once the level FULL is set, so not before apply, and klerk cannot tell either: klerk by itself judges Avro schemas only, and version 1 is JSON. It may still be refused then, with the level set already  (topology.yaml:4)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
}
