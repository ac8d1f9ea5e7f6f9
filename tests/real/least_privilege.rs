//! Which ACLs each command takes: it works with them, and each one that is taken away breaks something, with a message that names what
//! may not be done. The table in the README is made from here.

use crate::documents::{Acls, ClusterStatus, DescribedGroups, Lag, Plan};
use crate::scene::Scene;
use anyhow::{Context, Result, bail, ensure};
use klerk_testbed::secured::{As, Listener, Resource, Secured};
use klerk_testbed::{ClusterOptions, Outcome, Record};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const PRINCIPAL: &str = "User:klerk";
const BEGIN: &str = "<!-- Made by tests/real/least_privilege.rs; KLERK_WRITE_README=1 writes it anew. -->\n";
const END: &str = "<!-- The end of it. -->\n";

/// An operation, and on what: `topic`, `new topic`, `group`, `new group` or `cluster`.
pub type Right = (&'static str, &'static str);

/// A command and what it takes. `TOPIC` and `GROUP` stand for names that are new each time, `NUMBER` for a number.
struct Row {
    /// What the README calls it.
    told: &'static str,
    /// What is run with everything allowed before.
    before: Option<&'static str>,
    line: &'static str,
    file: &'static str,
    takes: &'static [Right],
}

const fn row(told: &'static str, line: &'static str, takes: &'static [Right]) -> Row {
    Row { told, before: None, line, file: "topics: {}", takes }
}

const fn with_file(row: Row, file: &'static str) -> Row {
    Row { file, ..row }
}

const ROWS: &[Row] = &[
    with_file(
        row("`klerk plan`", "plan", &[("describe", "topic"), ("describe-configs", "topic")]),
        "topics: { TOPIC: { partitions: 2, segment.ms: 1d } }",
    ),
    with_file(
        row(
            "`klerk apply`, to create a topic",
            "apply --yes",
            &[("create", "new topic"), ("describe", "new topic")],
        ),
        "topics: { TOPIC.new: { partitions: 1 } }",
    ),
    with_file(
        row(
            "`klerk apply`, to create a topic with configs",
            "apply --yes",
            &[("create", "new topic"), ("describe", "new topic"), ("describe-configs", "new topic")],
        ),
        "topics: { TOPIC.new: { partitions: 1, segment.ms: 1d } }",
    ),
    with_file(
        row(
            "`klerk apply`, to change configs",
            "apply --yes",
            &[("describe", "topic"), ("alter-configs", "topic")],
        ),
        "topics: { TOPIC: { partitions: 2, segment.ms: 2d } }",
    ),
    with_file(
        row("`klerk apply`, to add partitions", "apply --yes --allow moves-keys", &[("alter", "topic")]),
        "topics: { TOPIC: { partitions: 3 } }",
    ),
    with_file(
        row(
            "`klerk apply`, to give a group its start",
            "apply --yes",
            &[("read", "new group"), ("read", "topic")],
        ),
        "external: { topics: [TOPIC] }\ngroups: { GROUP.new: { topics: [TOPIC], start: earliest } }",
    ),
    with_file(
        row("`klerk apply`, to change access", "apply --yes --allow opens-access", &[("alter", "cluster")]),
        "external: { topics: [TOPIC] }\naccess: { someNUMBER: { produce: [TOPIC] } }",
    ),
    with_file(
        row(
            "`klerk apply`, to change quotas",
            "apply --yes --allow closes-access",
            &[("alter-configs", "cluster")],
        ),
        "quotas: [{ user: someNUMBER, consume: 1MB/s }]",
    ),
    with_file(
        row("`klerk apply`, to change users", "apply --yes --allow opens-access", &[("alter", "cluster")]),
        "users: { someNUMBER: { scram: SCRAM-SHA-256, password_file: password } }",
    ),
    row(
        "`klerk export`, without access",
        "export --match TOPIC --only topics,schemas,groups",
        &[("describe", "topic"), ("describe-configs", "topic")],
    ),
    row(
        "`klerk export`, of access",
        "export --match no-such-* --only access",
        &[("describe", "cluster"), ("describe-configs", "cluster")],
    ),
    row("`klerk topic delete`", "topic delete TOPIC --yes --allow loses-data", &[("delete", "topic")]),
    row(
        "`klerk topic truncate`",
        "topic truncate TOPIC --to-latest --yes --allow loses-data",
        &[("delete", "topic")],
    ),
    row("`klerk group list`, of all groups", "group list", &[("describe", "cluster")]),
    row("`klerk group describe`", "group describe GROUP", &[("describe", "group"), ("describe", "topic")]),
    row("`klerk group lag`", "group lag GROUP", &[("describe", "group"), ("describe", "topic")]),
    row("`klerk group lag --time`", "group lag GROUP --time", &[("describe", "group"), ("read", "topic")]),
    row(
        "`klerk group lag --headroom`",
        "group lag GROUP --headroom",
        &[("describe", "group"), ("read", "topic"), ("describe-configs", "topic")],
    ),
    row(
        "`klerk group reset`",
        "group reset GROUP --topic TOPIC --to-earliest --yes --settle 0s",
        &[("read", "group"), ("read", "topic")],
    ),
    Row {
        before: Some(
            "group reset GROUP --topic TOPIC:0 --to-earliest --yes --settle 0s --record NUMBER.jsonl",
        ),
        ..row("`klerk undo`, of a reset", "undo NUMBER.jsonl --yes", &[("read", "group"), ("read", "topic")])
    },
    Row {
        before: Some("group reset GROUP --topic TOPIC --to-earliest --yes --settle 0s --record NUMBER.jsonl"),
        ..row(
            "`klerk undo`, of a reset that gave partitions their first commit",
            "undo NUMBER.jsonl --yes",
            &[("read", "group"), ("delete", "group"), ("read", "topic")],
        )
    },
    row("`klerk cluster status`", "cluster status", &[("describe", "cluster")]),
    row(
        "`klerk cluster moves`",
        "cluster moves",
        &[("describe", "cluster"), ("describe-configs", "cluster")],
    ),
    row("`klerk cluster configs`", "cluster configs --all", &[("describe-configs", "cluster")]),
    row(
        "`klerk cluster configs --set`",
        "cluster configs --default --set message.max.bytes=10NUMBER --yes",
        &[("alter-configs", "cluster")],
    ),
    row("`klerk acl list`", "acl list", &[("describe", "cluster")]),
    row("`klerk quota list`", "quota list --match no-such-*", &[("describe-configs", "cluster")]),
    row("`klerk user list`", "user list --match no-such-*", &[("describe", "cluster")]),
];

/// What these commands, as the README calls them, take together.
pub fn rights_of(commands: &[&str]) -> Result<BTreeSet<Right>> {
    let mut rights = BTreeSet::new();
    for told in commands {
        let row = ROWS.iter().find(|row| row.told == *told).with_context(|| format!("no row {told}"))?;
        rights.extend(row.takes);
    }
    Ok(rights)
}

/// A secured broker, and klerk as a user who may do nothing by himself.
struct Bed {
    secured: Secured,
    scene: Scene,
    run: u32,
}

/// The names of one run.
struct Names {
    topic: String,
    group: String,
    number: String,
}

impl Names {
    fn put_into(&self, text: &str) -> String {
        text.replace("TOPIC", &self.topic).replace("GROUP", &self.group).replace("NUMBER", &self.number)
    }

    fn resource(&self, on: &str) -> Result<Resource> {
        Ok(match on {
            "topic" => Resource::Topic(self.topic.clone()),
            "new topic" => Resource::Topic(format!("{}.new", self.topic)),
            "group" => Resource::Group(self.group.clone()),
            "new group" => Resource::Group(format!("{}.new", self.group)),
            "cluster" => Resource::Cluster,
            other => bail!("no resource: {other}"),
        })
    }

    /// What a run printed, with the names of every run alike, and without those of records, which tell the time.
    fn out_of(&self, text: &str) -> String {
        let told = text.lines().filter(|line| !line.contains(".jsonl")).collect::<Vec<_>>().join("\n");
        told.replace(&self.topic, "TOPIC").replace(&self.group, "GROUP").replace(&self.number, "NUMBER")
    }
}

impl Bed {
    fn start() -> Result<Bed> {
        let secured = Secured::start(ClusterOptions::one_broker())?;
        let scene = Scene::new(&secured.sasl_plaintext())?;
        let properties = secured.properties(Listener::SaslPlaintext, As::Scram512("klerk"))?;
        scene.write("klerk.properties", &properties)?;
        scene.write("password", "correct horse battery\n")?;
        Ok(Bed { secured, scene, run: 1000 })
    }

    /// A topic with records and a group that has read some, under names that nobody has used.
    fn prepare(&mut self, row: &Row) -> Result<Names> {
        self.run += 1;
        let number = self.run.to_string();
        let names = Names {
            topic: format!("orders-{number}"),
            group: format!("billing-{number}"),
            number: number.clone(),
        };
        let client = self.secured.client();
        client.create_topic(&names.topic, 2, 1, &[("retention.ms", "-1"), ("segment.ms", "86400000")])?;
        client.produce(&names.topic, 0, &[1, 2, 3].map(|at| Record::new(at, None, "x")))?;
        client.commit_offsets(&names.group, &[(&names.topic, 0, 2)])?;
        self.scene.write("topology.yaml", &format!("klerk: 1\n{}\n", names.put_into(row.file)))?;
        if let Some(before) = row.before {
            self.allow(row.takes, &names)?;
            let outcome = self.klerk(&names.put_into(before))?;
            ensure!(outcome.status == Some(0), "{outcome:#?}");
        }
        Ok(names)
    }

    fn klerk(&self, line: &str) -> Result<Outcome> {
        self.scene.klerk(line).args(["--command-config", "klerk.properties"]).run()
    }

    /// Lets klerk's principal do this and nothing else.
    fn allow(&self, rights: &[Right], names: &Names) -> Result<()> {
        let rights = rights.iter().map(|(operation, on)| Ok((*operation, names.resource(on)?)));
        self.secured.allow_only(PRINCIPAL, &rights.collect::<Result<Vec<_>>>()?)
    }

    /// Runs the command with these rights.
    fn run(&mut self, row: &Row, rights: &[Right]) -> Result<(Names, Outcome)> {
        let names = self.prepare(row)?;
        self.allow(rights, &names)?;
        let outcome = self.klerk(&names.put_into(row.line))?;
        Ok((names, outcome))
    }
}

/// Whether a message says that something may not be done, and with what.
fn names_it(outcome: &Outcome, on: &str, names: &Names) -> bool {
    let said = format!("{}\n{}", outcome.stdout, outcome.stderr);
    let denied = ["AUTHORIZATION_FAILED", "is not allowed", "may not describe"];
    let thing = match on {
        "cluster" => "cluster",
        "group" | "new group" => names.group.as_str(),
        _ => names.topic.as_str(),
    };
    // What is left out of a list has no name to be called by.
    let listed = said.contains("may not describe the cluster");
    denied.iter().any(|word| said.contains(word))
        && (said.contains(thing) || said.to_lowercase().contains(thing) || listed)
}

#[test]
fn each_command_works_with_its_rights_and_with_none_less() -> Result<()> {
    let mut bed = Bed::start()?;
    let mut faults = String::new();
    for row in ROWS {
        let (names, whole) = bed.run(row, row.takes)?;
        if whole.status != Some(0) {
            writeln!(faults, "{}: does not work with its rights: {whole:#?}", row.told)?;
            continue;
        }
        let whole = names.out_of(&whole.stdout);
        for (place, (operation, on)) in row.takes.iter().enumerate() {
            let mut fewer = row.takes.to_vec();
            fewer.remove(place);
            let (names, outcome) = bed.run(row, &fewer)?;
            let broke = outcome.status != Some(0) || names.out_of(&outcome.stdout) != whole;
            if !broke {
                writeln!(faults, "{}: works without {operation} on {on}: {outcome:#?}", row.told)?;
            } else if !names_it(&outcome, on, &names) {
                writeln!(
                    faults,
                    "{}: does not say what fails without {operation} on {on}: {outcome:#?}",
                    row.told
                )?;
            }
        }
    }
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}

/// What is for all topics says which it leaves out.
#[test]
fn topics_that_may_not_be_described_are_named_where_a_broker_tells_them() -> Result<()> {
    let mut bed = Bed::start()?;
    let names = bed.prepare(&ROWS[0])?;
    let (topic, group, hidden) = (&names.topic, &names.group, format!("secret-{}", names.number));
    let client = bed.secured.client();
    client.create_topic(&hidden, 1, 1, &[])?;
    client.commit_offsets(group, &[(&hidden, 0, 0)])?;
    let rights = [("read", "topic"), ("describe-configs", "topic"), ("read", "group")];
    let seen = [&rights[..], &[("describe", "cluster")]].concat();
    bed.allow(&seen, &names)?;
    let with = "--command-config klerk.properties";
    let status: ClusterStatus = bed.scene.json(&format!("cluster status {with}"), 0)?;
    ensure!(!status.healthy && status.visible_only == Some(true), "{status:?}");
    ensure!(status.hidden_topics.as_ref().is_some_and(|names| names.contains(&hidden)), "{status:?}");
    let described: DescribedGroups = bed.scene.json(&format!("group describe {group} {with}"), 0)?;
    let lag: Lag = bed.scene.json(&format!("group lag {group} {with}"), 0)?;
    ensure!((described.visible_only, lag.visible_only) == (Some(true), Some(true)), "{described:?} {lag:?}");
    let elsewhere: Lag = bed.scene.json(&format!("group lag {group} --topic {topic} {with}"), 0)?;
    ensure!(elsewhere.visible_only == Some(false), "{elsewhere:?}");
    let reset = format!("group reset {group} --all-topics --to-earliest --dry-run {with}");
    let tells = |plan: &Plan, words: &str| {
        let told = plan.findings.iter().find(|finding| finding.code == "plan/visible-only");
        told.is_some_and(|finding| finding.message.contains(words)) && plan.visible_only == Some(true)
    };
    let plan: Plan = bed.scene.json(&reset, 0)?;
    ensure!(tells(&plan, &format!("1 topic may not be described and is left out: {hidden}")), "{plan:?}");
    let plan: Plan = bed.scene.json(&format!("cluster elect --dry-run {with}"), 0)?;
    ensure!(tells(&plan, &hidden), "{plan:?}");

    bed.allow(&rights, &names)?;
    let plan: Plan = bed.scene.json(&reset, 0)?;
    ensure!(tells(&plan, "Kafka leaves out others in silence"), "{plan:?}");
    Ok(())
}

/// What was let be done when it was planned need not be when it is carried out.
#[test]
fn a_saved_plan_is_weighed_by_the_rights_of_who_applies_it() -> Result<()> {
    let mut bed = Bed::start()?;
    for (told, lacks) in [
        ("`klerk apply`, to create a topic", "create on topic"),
        ("`klerk apply`, to change configs", "alter-configs on topic"),
    ] {
        let row = ROWS.iter().find(|row| row.told == told).context("a row")?;
        let names = bed.prepare(row)?;
        bed.allow(row.takes, &names)?;
        bed.klerk("plan --out plan.json")?.expect_status(0)?;
        let sees = [("describe", "topic"), ("describe-configs", "topic"), ("describe", "new topic")];
        bed.allow(&sees, &names)?;
        let refused = bed.klerk("apply plan.json --yes")?;
        let said = format!("{}{}", refused.stdout, refused.stderr);
        ensure!(refused.status == Some(4) && said.contains(lacks), "{told}: {refused:#?}");
    }

    // Whoever may create on the cluster may create every topic.
    let names = bed.prepare(&ROWS[1])?;
    bed.allow(&[("create", "cluster"), ("describe", "cluster"), ("describe", "new topic")], &names)?;
    let explain = format!("acl list --explain klerk create topic:{}.new", names.topic);
    let told: Acls = bed.scene.json(&format!("{explain} --command-config klerk.properties"), 0)?;
    ensure!(told.explanation.and_then(|told| told.allowed) == Some(true), "{explain}");
    bed.klerk("apply --yes")?.expect_status(0)?;
    Ok(())
}

fn table() -> String {
    let mut text = "| command | takes |\n|---|---|\n".to_owned();
    for row in ROWS {
        let takes = row.takes.iter().map(|(operation, on)| match *on {
            "new topic" => format!("`{operation}` on the topic to be"),
            "new group" => format!("`{operation}` on the group to be"),
            on => format!("`{operation}` on the {on}"),
        });
        writeln!(text, "| {} | {} |", row.told, takes.collect::<Vec<_>>().join(", ")).ok();
    }
    text
}

#[test]
fn the_readme_has_the_table_of_rights() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path)?;
    let (before, rest) = readme.split_once(BEGIN).context("the table has no beginning")?;
    let (found, after) = rest.split_once(END).context("the table has no end")?;
    let wanted = format!("\n{}\n", table());
    // Only who changes the rows on purpose sets it.
    if std::env::var_os("KLERK_WRITE_README").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}"))?;
        return Ok(());
    }
    ensure!(
        found == wanted,
        "the table of the README is not that of the test; KLERK_WRITE_README=1 writes it"
    );
    Ok(())
}
