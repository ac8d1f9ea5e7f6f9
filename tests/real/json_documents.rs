//! Every command with `-o json`, when it goes well and when it does not: standard output holds the document and nothing else.

use crate::documents::{Report, format_of};
use crate::scene::Scene;
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Record, free_port, shared, unique_name};

const SCHEMA: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;

/// Runs a command and compares the form of its answer.
fn answers(scene: &Scene, line: &str, status: i32, format: &str) -> Result<String> {
    let outcome = scene.klerk(line).args(["--output", "json"]).run()?;
    let text = outcome.clone().expect_status(status)?;
    let found = format_of(&text).with_context(|| outcome.line.clone())?;
    ensure!(found == format, "`{}` answered {found} instead of {format}:\n{text}", outcome.line);
    ensure!(text.ends_with("}\n") && !text.contains('\u{1b}'), "`{}`: {text}", outcome.line);
    Ok(text)
}

#[test]
fn without_a_cluster() -> Result<()> {
    let scene = Scene::new("")?;
    scene.write("good.yaml", "klerk: 1\ntopics: { a: { partitions: 1 } }\n")?;
    scene.write("bad.yaml", "klerk: 1\ntopics: { a: { partitions: 0, retension: 7 d }, a: {} }\n")?;
    scene.write("torn.yaml", "klerk: 1\ntopics: {{{\n")?;
    scene.write("schema.yaml", "klerk: 1\ntopics: { a: { value: gone.avsc } }\n")?;
    let nowhere = format!("-b 127.0.0.1:{}", free_port()?);
    for (line, status, format) in [
        ("validate -f good.yaml", 0, "klerk.validation"),
        ("validate -f bad.yaml", 1, "klerk.validation"),
        ("validate -f torn.yaml", 1, "klerk.validation"),
        ("validate -f schema.yaml", 1, "klerk.validation"),
        ("validate -f missing.yaml", 1, "klerk.error"),
        ("validate", 1, "klerk.error"),
        ("plan -f bad.yaml", 1, "klerk.error"),
        ("apply -f bad.yaml --yes", 1, "klerk.error"),
        ("plan -f missing.yaml", 1, "klerk.error"),
        ("plan -f good.yaml", 64, "klerk.error"),
        ("group list", 64, "klerk.error"),
        ("group lag", 64, "klerk.error"),
        ("undo last", 64, "klerk.error"),
        ("history", 64, "klerk.error"),
        ("history --all", 0, "klerk.history"),
        ("history --cluster nowhere", 0, "klerk.history"),
        ("plan --no-such-flag", 64, "klerk.error"),
        ("no-such-command", 64, "klerk.error"),
        ("group reset g --topic t", 64, "klerk.error"),
        ("group reset g --to-earliest", 64, "klerk.error"),
        ("group reset g --topic t --to-offset many", 64, "klerk.error"),
        ("plan -X no.such.key=1", 64, "klerk.error"),
        ("plan --timeout soon", 64, "klerk.error"),
        ("plan --command-config missing.properties", 1, "klerk.error"),
        ("topic list", 64, "klerk.error"),
        ("config show", 0, "klerk.config"),
        ("config path", 0, "klerk.paths"),
        ("config", 64, "klerk.error"),
        ("explain", 0, "klerk.explanation"),
        ("explain 36", 0, "klerk.explanation"),
        ("explain no-such-code", 1, "klerk.error"),
        ("completions bash", 0, "klerk.completions"),
        ("--version", 0, "klerk.version"),
        ("--help", 0, "klerk.help"),
        ("group reset --help", 0, "klerk.help"),
    ] {
        answers(&scene, line, status, format)?;
    }
    // Where the flag stands is all the same, and so is whether the line makes sense.
    for line in ["-o json plan --no-such-flag", "plan -ojson --no-such-flag", "--output=json no-such-command"]
    {
        let text = scene.klerk(line).run()?.expect_status(64)?;
        assert_eq!(format_of(&text)?, "klerk.error");
    }
    for line in [
        "plan -f good.yaml",
        "apply -f good.yaml --yes",
        "group list",
        "group lag",
        "group describe g",
        "undo last --yes",
    ] {
        answers(&scene, &format!("{nowhere} {line}"), 1, "klerk.error")?;
        answers(&scene, &format!("{line} {nowhere}"), 1, "klerk.error")?;
    }
    Ok(())
}

#[test]
fn of_plans_and_applies() -> Result<()> {
    let shared = shared()?;
    let scene = Scene::new(&shared.cluster.bootstrap())?.with_registry(&shared.registry.url());
    let topic = unique_name("json");
    scene.write("paid.avsc", SCHEMA)?;
    scene.write(
        "topology.yaml",
        &format!("klerk: 1\ntopics:\n  {topic}: {{ partitions: 1, retention.ms: 1d, value: paid.avsc }}\n"),
    )?;
    scene
        .write("impossible.yaml", &format!("klerk: 1\ntopics: {{ {topic}.not: {{ replication: 9 }} }}\n"))?;
    scene.write("more.yaml", &format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 3 }} }}\n"))?;
    scene.write("fewer.yaml", &format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 1 }} }}\n"))?;
    answers(&scene, "plan", 0, "klerk.plan")?;
    answers(&scene, "plan --detailed-exitcode --explain-requests -v", 2, "klerk.plan")?;
    answers(&scene, "plan -q", 0, "klerk.plan")?;
    answers(&scene, "apply --dry-run", 0, "klerk.plan")?;
    answers(&scene, "plan -f impossible.yaml", 1, "klerk.plan")?;
    answers(&scene, "apply -f impossible.yaml --dry-run", 1, "klerk.plan")?;
    let word = |text: &str| -> Result<String> { Ok(serde_json::from_str::<Report>(text)?.outcome) };
    assert_eq!(word(&answers(&scene, "apply", 4, "klerk.report")?)?, "refused");
    assert_eq!(word(&answers(&scene, "apply -f impossible.yaml --yes", 1, "klerk.report")?)?, "refused");
    assert_eq!(word(&answers(&scene, "apply --yes --explain-requests -v", 0, "klerk.report")?)?, "done");
    assert_eq!(word(&answers(&scene, "apply --yes", 0, "klerk.report")?)?, "nothing-to-do");
    answers(&scene, "plan --detailed-exitcode", 0, "klerk.plan")?;

    shared.cluster.client().produce(&topic, 0, &[Record::new(1_700_000_000_000, Some("k"), "v")])?;
    let refused = answers(&scene, "apply -f more.yaml --yes", 4, "klerk.report")?;
    let report: Report = serde_json::from_str(&refused)?;
    assert_eq!(report.steps[0].risks, ["moves-keys"]);
    assert_eq!(
        word(&answers(&scene, "apply -f more.yaml --yes --allow moves-keys", 0, "klerk.report")?)?,
        "done"
    );
    answers(&scene, "plan -f fewer.yaml", 1, "klerk.plan")?;
    let record =
        format!("apply -f topology.yaml --yes --record {}", scene.path("no/such/folder/record").display());
    scene.write("another.yaml", &format!("klerk: 1\ntopics: {{ {topic}.another: {{}} }}\n"))?;
    answers(&scene, &record.replace("topology.yaml", "another.yaml"), 1, "klerk.report")?;
    answers(&scene, "plan --registry http://127.0.0.1:1", 1, "klerk.error")?;
    Ok(())
}

#[test]
fn of_groups() -> Result<()> {
    let shared = shared()?;
    let client = shared.cluster.client();
    let (topic, group) = (unique_name("json-held"), unique_name("json-readers"));
    client.create_topic(&topic, 2, 3, &[])?;
    client.produce(&topic, 0, &[1, 2, 3].map(|second| Record::new(1_700_000_000_000 + second, None, "x")))?;
    client.commit_offsets(&group, &[(&topic, 0, 2), (&topic, 1, 0)])?;
    let scene = Scene::new(&shared.cluster.bootstrap())?;
    scene.write(
        "kept.yaml",
        &format!("klerk: 1\ntopics: {{ {topic}: {{}} }}\ngroups: {{ {group}: {{ protected: true }} }}\n"),
    )?;
    answers(&scene, "group list", 0, "klerk.groups")?;
    answers(&scene, &format!("group describe {group}"), 0, "klerk.group")?;
    answers(&scene, "group describe json-nobody", 1, "klerk.error")?;
    for by in ["", "--by group", "--by topic", "--by partition", "--by member"] {
        answers(&scene, &format!("group lag {group} {by}"), 0, "klerk.lag")?;
    }
    answers(&scene, "group lag json-nobody", 1, "klerk.error")?;
    let reset = format!("group reset {group} --topic {topic}");
    answers(&scene, &format!("{reset} --to-earliest --dry-run"), 0, "klerk.plan")?;
    answers(&scene, &format!("{reset} --to-earliest"), 4, "klerk.report")?;
    answers(&scene, &format!("{reset} --to-earliest --yes -f kept.yaml"), 4, "klerk.report")?;
    answers(&scene, "group reset json-nobody --all-topics --to-earliest --yes", 1, "klerk.error")?;
    answers(
        &scene,
        &format!("group reset {group} --topic json-nothing --to-earliest --yes"),
        1,
        "klerk.report",
    )?;
    let done = answers(
        &scene,
        &format!("{reset} --to-earliest --yes --settle 0s --record r.jsonl"),
        0,
        "klerk.report",
    )?;
    let report: Report = serde_json::from_str(&done)?;
    let moved = report.steps[0].partitions.as_ref().context("partitions")?;
    assert_eq!(
        moved.iter().map(|at| (at.partition, at.from, at.to)).collect::<Vec<_>>(),
        [(0, Some(2), Some(0)), (1, Some(0), Some(0))]
    );
    answers(&scene, &format!("{reset} --to-earliest --yes --settle 0s"), 0, "klerk.report")?;
    answers(&scene, "undo r.jsonl --dry-run", 0, "klerk.plan")?;
    answers(&scene, "undo r.jsonl --yes", 0, "klerk.report")?;
    answers(&scene, "undo r.jsonl --yes", 0, "klerk.report")?;
    client.commit_offsets(&group, &[(&topic, 0, 1)])?;
    answers(&scene, "undo r.jsonl --yes", 4, "klerk.report")?;
    answers(&scene, "undo no-such-record --yes", 1, "klerk.error")?;
    answers(&scene, "history", 0, "klerk.history")?;
    Ok(())
}
