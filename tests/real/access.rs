//! Access as code on a real broker with the standard authorizer: what roles grant is enough for clients, and no more.
//!
//! klerk comes in by the plain listener, where everybody is `User:ANONYMOUS`, a super user; the clients are Kafka's own
//! tools, which log in by SASL PLAIN on another one.

use crate::documents::{Acls, Plan};
use crate::scene::{Scene, carried_out};
use anyhow::{Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions, Record, Tool, ToolOutput, free_port};

const GROUPS: &str = "groups:
  pf-settlement-cg: { topics: [escrow.released, escrow.refunded] }
  pf-dispute-cg: { topics: [escrow.disputed] }
  pf-trading-signal-cg: { topics: [trading.*] }
  pf-wallet-reconcile-cg: { topics: [wallet.*] }
  pf-alert-cg: { topics: all }
  pf-onboarding-cg: { topics: [faucet.claimed, escrow.created] }
";

const TOPICS: [&str; 12] = [
    "escrow.created",
    "escrow.funded",
    "escrow.released",
    "escrow.disputed",
    "escrow.refunded",
    "trading.executed",
    "trading.liquidated",
    "casino.outcome",
    "wallet.balance",
    "wallet.deposit",
    "faucet.claimed",
    "domain.registered",
];

/// The six groups of Purple Flea, each with a principal of its own, and one that writes.
const ACCESS: &str = "access:
  settlement: { groups: [pf-settlement-cg] }
  dispute: { groups: [pf-dispute-cg] }
  trading: { groups: [pf-trading-signal-cg] }
  wallet: { groups: [pf-wallet-reconcile-cg] }
  alert: { groups: [pf-alert-cg] }
  onboarding: { groups: [pf-onboarding-cg] }
  bridge: { produce: [escrow.*] }
";

fn topology(access: &str) -> String {
    let topics: String = TOPICS.iter().map(|topic| format!("  {topic}: {{ partitions: 1 }}\n")).collect();
    format!("klerk: 1\ntopics:\n{topics}{GROUPS}{access}")
}

fn secured(port: u16) -> ClusterOptions {
    let users: String = ["settlement", "dispute", "bridge", "other"]
        .map(|name| format!(" user_{name}=\"{name}-secret\""))
        .concat();
    ClusterOptions::one_broker()
        .second_listener(port, port)
        .property(
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,SECOND:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        )
        .property("listener.name.second.sasl.enabled.mechanisms", "PLAIN")
        .property(
            "listener.name.second.plain.sasl.jaas.config",
            &format!("org.apache.kafka.common.security.plain.PlainLoginModule required{users};"),
        )
        .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .property("super.users", "User:ANONYMOUS")
}

/// Reads the first record of a topic as a member of a group, logged in as somebody.
fn consume(port: u16, who: &str, group: &str, topic: &str) -> Result<ToolOutput> {
    let login = format!(
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"{who}\" \
         password=\"{who}-secret\";"
    );
    Tool::ConsoleConsumer.run(
        &format!("127.0.0.1:{port}"),
        &[
            "--topic",
            topic,
            "--group",
            group,
            "--from-beginning",
            "--max-messages",
            "1",
            "--timeout-ms",
            "30000",
            "--command-property",
            "security.protocol=SASL_PLAINTEXT",
            "--command-property",
            "sasl.mechanism=PLAIN",
            "--command-property",
            &login,
        ],
    )
}

#[test]
fn roles_let_their_principals_read_and_nobody_else() -> Result<()> {
    let port = free_port()?;
    let cluster = Cluster::start(secured(port))?;
    let scene = Scene::new(&cluster.bootstrap())?;
    scene.write("topology.yaml", &topology(ACCESS))?;
    let foreign =
        ["--add", "--allow-principal", "User:other", "--operation", "Read", "--topic", "escrow.released"];
    Tool::Acls.run(&cluster.bootstrap(), &foreign)?.checked()?;

    let report = carried_out(scene.klerk("apply --yes --allow opens-access -o json").run()?)?;
    ensure!(report.steps.iter().any(|step| step.kind == "create-acl"), "{report:?}");
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    ensure!(plan.steps.is_empty() && plan.unmanaged.acls == ["User:other"], "{plan:?}");

    // Kafka's own tool sees what klerk has made.
    let listed =
        Tool::Acls.run(&cluster.bootstrap(), &["--list", "--principal", "User:bridge"])?.checked()?;
    ensure!(listed.contains("name=escrow., patternType=PREFIXED"), "{listed}");
    ensure!(listed.matches("operation=").count() == 2, "{listed}");

    cluster.client().produce("escrow.released", 0, &[Record::new(1, None, "paid")])?;
    let read = consume(port, "settlement", "pf-settlement-cg", "escrow.released")?;
    ensure!(read.stdout.contains("paid"), "{read:?}");
    let refused = consume(port, "dispute", "pf-settlement-cg", "escrow.released")?;
    ensure!(!refused.stdout.contains("paid"), "{refused:?}");
    let said = format!("{}{}", refused.stdout, refused.stderr);
    ensure!(said.contains("Authorization") || said.contains("Not authorized"), "{refused:?}");

    // What klerk says of it is what the broker has done.
    for (who, allowed) in [("settlement", true), ("dispute", false)] {
        let line = format!("acl list --explain {who} read group:pf-settlement-cg");
        let told: Acls = scene.json(&line, 0)?;
        let told = told.explanation.and_then(|explanation| explanation.allowed);
        ensure!(told == Some(allowed), "{who}: {told:?}");
    }

    // A role that is taken out of the file is revoked; whoever the file does not name keeps what it has.
    scene.write("topology.yaml", &topology(&ACCESS.replace("{ groups: [pf-settlement-cg] }", "{}")))?;
    let refused = scene.klerk("apply --yes").run()?;
    ensure!(refused.status == Some(4), "{refused:?}");
    let report = carried_out(scene.klerk("apply --yes --allow closes-access -o json").run()?)?;
    ensure!(report.steps.iter().all(|step| step.kind == "delete-acl"), "{report:?}");
    let refused = consume(port, "settlement", "pf-settlement-cg", "escrow.released")?;
    ensure!(!refused.stdout.contains("paid"), "{refused:?}");
    let listed = Tool::Acls.run(&cluster.bootstrap(), &["--list", "--principal", "User:other"])?.checked()?;
    ensure!(listed.matches("operation=").count() == 1, "{listed}");
    ensure!(scene.json::<Plan>("plan", 0)?.steps.is_empty());
    let last: Acls = scene.json("acl list --principal settlement", 0)?;
    ensure!(last.acls.is_empty(), "{last:?}");

    // And back: the group goes on where it stood.
    carried_out(scene.klerk("undo last --yes --allow opens-access -o json").run()?)?;
    cluster.client().produce("escrow.released", 0, &[Record::new(2, None, "released")])?;
    let read = consume(port, "settlement", "pf-settlement-cg", "escrow.released")?;
    ensure!(read.stdout.contains("released"), "after the undo: {read:?}");
    Ok(())
}

/// Nobody has said who klerk is, and yet the authorizer knows it by a name, and what that name may not do.
#[test]
fn rights_are_told_before_anything_is_written_without_a_login_too() -> Result<()> {
    let options = ClusterOptions::one_broker()
        .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .property("allow.everyone.if.no.acl.found", "true");
    let cluster = Cluster::start(options)?;
    let scene = Scene::new(&cluster.bootstrap())?;
    scene.write("topology.yaml", "klerk: 1\ntopics: { guarded: { partitions: 1 } }\n")?;
    carried_out(scene.klerk("apply --yes -o json").run()?)?;
    // What has an entry is for those alone whom its entries name.
    for operation in ["Describe", "DescribeConfigs"] {
        let allow =
            ["--add", "--allow-principal", "User:ANONYMOUS", "--operation", operation, "--topic", "guarded"];
        Tool::Acls.run(&cluster.bootstrap(), &allow)?.checked()?;
    }
    scene.write(
        "topology.yaml",
        "klerk: 1\ntopics: { guarded: { state: absent }, fresh: { partitions: 1 } }\n",
    )?;
    let refused = scene.klerk("apply --yes --allow loses-data").run()?;
    ensure!(refused.status == Some(4), "{refused:#?}");
    let said = format!("{}{}", refused.stdout, refused.stderr);
    ensure!(said.contains("User:ANONYMOUS") && said.contains("delete on topic guarded"), "{refused:#?}");
    ensure!(
        !cluster.client().topics()?.contains_key("fresh"),
        "the other step was carried out: {refused:#?}"
    );
    Ok(())
}
