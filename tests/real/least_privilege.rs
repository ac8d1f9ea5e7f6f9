//! Which ACLs each command takes: it works with them, and each one that is taken away breaks something, with a message that names what
//! may not be done. The table in the README is made from here.

use crate::documents::{Acls, ClusterStatus, DescribedGroups, Lag, Plan};
use crate::rights_of_commands::{Before, ROWS, ROWS_OF_SEVERAL_BROKERS, Right, Row, row_of, table};
use crate::scene::{Scene, until};
use anyhow::{Context, Result, anyhow, bail, ensure};
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_user_scram_credentials_request::UserName;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, DescribeAclsRequest, DescribeClientQuotasRequest,
    DescribeConfigsRequest, DescribeUserScramCredentialsRequest, IncrementalAlterConfigsRequest,
    ListPartitionReassignmentsRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_testbed::secured::{As, Listener, Resource, Secured};
use klerk_testbed::{Client, ClusterOptions, Outcome, Record};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const BEGIN: &str = "<!-- Made by tests/real/least_privilege.rs; KLERK_WRITE_README=1 writes it anew. -->\n";
const END: &str = "<!-- The end of it. -->\n";

/// A refusal is over by then.
const LONGEST: Duration = Duration::from_secs(60);
/// The principals that try rows side by side.
const PRINCIPALS: [&str; 3] = ["klerk", "alice", "bob"];

/// Numbers names, so that no two runs have one in common.
static RUNS: AtomicU32 = AtomicU32::new(1000);

/// klerk as a user of a secured cluster who may do nothing by himself, and as one who may do everything.
struct Bed<'a> {
    secured: &'a Secured,
    user: &'static str,
    scene: Scene,
    admin: Scene,
}

/// The names of one run.
#[derive(Debug)]
struct Names {
    topic: String,
    group: String,
    number: String,
}

impl Names {
    fn put_into(&self, text: &str) -> String {
        text.replace("TOPIC", &self.topic).replace("GROUP", &self.group).replace("NUMBER", &self.number)
    }

    fn new_topic(&self) -> String {
        format!("{}.new", self.topic)
    }

    fn resource(&self, on: &str) -> Result<Resource> {
        Ok(match on {
            "topic" => Resource::Topic(self.topic.clone()),
            "new topic" => Resource::Topic(self.new_topic()),
            "every topic" => Resource::Topic("*".to_owned()),
            "group" => Resource::Group(self.group.clone()),
            "new group" => Resource::Group(format!("{}.new", self.group)),
            "other group" => Resource::Group(format!("{}.other", self.group)),
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

impl<'a> Bed<'a> {
    fn new(secured: &'a Secured, user: &'static str) -> Result<Bed<'a>> {
        let scene = |user| {
            let properties = secured.properties(Listener::SaslPlaintext, As::Scram512(user))?;
            Scene::new(&secured.sasl_plaintext())?.with_properties(&properties)
        };
        let (scene, admin) = (scene(user)?, scene("admin")?);
        scene.write("password", "correct horse battery\n")?;
        Ok(Bed { secured, user, scene, admin })
    }

    /// A topic with records and a group that has read some, under names that nobody has used.
    fn prepare(&self, row: &Row) -> Result<Names> {
        let number = RUNS.fetch_add(1, Ordering::Relaxed).to_string();
        let names = Names {
            topic: format!("orders-{number}"),
            group: format!("billing-{number}"),
            number: number.clone(),
        };
        let (client, topic) = (self.secured.client(), names.topic.as_str());
        let replication = if matches!(row.before, Before::LedByOthers) { 2 } else { 1 };
        let configs = [("retention.ms", "-1"), ("segment.ms", "86400000"), ("min.insync.replicas", "1")];
        client.create_topic(topic, 2, replication, &configs)?;
        client.produce(topic, 0, &[1, 2, 3].map(|at| Record::new(at, None, "x")))?;
        client.commit_offsets(&names.group, &[(topic, 0, 2)])?;
        self.scene.write("topology.yaml", &format!("klerk: 1\n{}\n", names.put_into(row.file)))?;
        match row.before {
            Before::Nothing => {}
            Before::Run(line) => self.do_everything(&names.put_into(line))?,
            Before::OtherGroup => {
                client.commit_offsets(&format!("{}.other", names.group), &[(topic, 0, 1)])?
            }
            Before::Moving => self.move_slowly(topic)?,
            Before::Throttled => {
                alter_config(&client, TOPIC, topic, "leader.replication.throttled.replicas", "*")?;
                let other = Client::new(vec![self.secured.cluster.broker_address(2)]);
                alter_config(&other, BROKER, "2", "leader.replication.throttled.rate", "100000000")?;
            }
            Before::LedByOthers => give_to_others(&client, topic)?,
        }
        Ok(names)
    }

    /// Begins a move that takes minutes.
    fn move_slowly(&self, topic: &str) -> Result<()> {
        let large = "x".repeat(100_000);
        let batch: Vec<Record> = (0..9).map(|at| Record::new(at, None, &large)).collect();
        for _ in 0..4 {
            self.secured.client().produce(topic, 0, &batch)?;
        }
        let moved = format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 2, replication: 2 }} }}\n");
        self.scene.write("moved.yaml", &moved)?;
        let line = "apply -f moved.yaml --yes --allow moves-replicas --throttle 10kB/s --no-wait";
        let outcome = self.admin.klerk(line).in_folder(self.scene.path("")).run()?;
        ensure!(matches!(outcome.status, Some(0 | 3)), "{outcome:#?}");
        // The partition without records is there at once, and changes nothing any more.
        until("one partition is on its way", || Ok(moving(&self.secured.client(), topic)?.len() == 1))
    }

    /// Leaves no move and no throttle to the next run.
    fn clean(&self, row: &Row, names: &Names) -> Result<()> {
        if row.throttles() {
            let cancel = "cluster moves --cancel --match TOPIC --yes --allow moves-replicas";
            self.do_everything(&names.put_into(cancel))?;
            self.do_everything("cluster moves --remove-throttle --yes")?;
        }
        Ok(())
    }

    fn do_everything(&self, line: &str) -> Result<()> {
        let outcome = self.admin.klerk(line).in_folder(self.scene.path("")).run()?;
        ensure!(outcome.status == Some(0), "klerk {line}: {outcome:#?}");
        Ok(())
    }

    fn klerk(&self, line: &str) -> Result<Outcome> {
        self.scene.klerk(line).run()
    }

    /// Lets klerk's principal do this and nothing else.
    fn allow(&self, rights: &[Right], names: &Names) -> Result<()> {
        let rights = rights.iter().map(|(operation, on)| Ok((*operation, names.resource(on)?)));
        self.secured.allow_only(&format!("User:{}", self.user), &rights.collect::<Result<Vec<_>>>()?)
    }

    /// Runs the command with these rights.
    fn run(&self, row: &Row, rights: &[Right]) -> Result<Tried> {
        let names = self.prepare(row)?;
        self.allow(rights, &names)?;
        let client = self.secured.client();
        let before = state(&client, row, &names)?;
        let started = Instant::now();
        let outcome = self.klerk(&names.put_into(row.line))?;
        let took = started.elapsed();
        let changed = if state(&client, row, &names)? == before { None } else { Some(before) };
        self.clean(row, &names)?;
        Ok(Tried { names, outcome, took, changed })
    }

    /// What is wrong with a row: it works with its rights, and with none less.
    fn faults(&self, row: &Row) -> Result<String> {
        let mut faults = String::new();
        let whole = self.run(row, row.takes)?;
        if whole.outcome.status != Some(0) {
            return Ok(format!("{}: does not work with its rights: {:#?}\n", row.told, whole.outcome));
        }
        let told = whole.names.out_of(&whole.outcome.stdout);
        for (place, right) in row.takes.iter().enumerate() {
            let mut fewer = row.takes.to_vec();
            fewer.remove(place);
            let implied = implied_by(right);
            // With what it implies, for else that is what fails first.
            let without_it_alone = implied.map(|implied| [&fewer[..], &[implied]].concat());
            for rights in without_it_alone.into_iter().chain([fewer]) {
                let named: Vec<Right> = match implied {
                    Some(implied) if !rights.contains(&implied) => vec![*right, implied],
                    _ => vec![*right],
                };
                let tried = self.run(row, &rights)?;
                let Tried { names, outcome, took, changed } = &tried;
                let broke = outcome.status != Some(0) || names.out_of(&outcome.stdout) != told;
                let fault = if !broke {
                    "works"
                } else if !names_one_of(&named, row, outcome, names)? {
                    "does not say what fails"
                } else if changed.is_some() {
                    "changes something"
                } else if *took > LONGEST {
                    "takes long"
                } else {
                    continue;
                };
                writeln!(faults, "{}: {fault} without {named:?}: {tried:#?}", row.told)?;
            }
        }
        Ok(faults)
    }
}

/// A run of a command.
#[derive(Debug)]
struct Tried {
    names: Names,
    outcome: Outcome,
    took: Duration,
    /// What was there before, where that is not there now.
    changed: Option<String>,
}

/// What a right holds besides itself (KIP-430), by what it is on.
fn implied_by((operation, on): &Right) -> Option<Right> {
    match *operation {
        "read" | "delete" | "alter" => Some(("describe", *on)),
        "alter-configs" => Some(("describe-configs", *on)),
        _ => None,
    }
}

/// Whether a message names an operation that is lacking, and the resource.
fn names_one_of(rights: &[Right], row: &Row, outcome: &Outcome, names: &Names) -> Result<bool> {
    let said = format!("{}\n{}", outcome.stdout, outcome.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for (operation, on) in rights {
        let resource = match names.resource(on)? {
            Resource::Topic(name) if name == "*" => format!("topic {}", names.topic),
            Resource::Topic(name) => format!("topic {name}"),
            Resource::Group(name) => format!("group {name}"),
            Resource::Cluster => "the cluster".to_owned(),
        };
        let hidden = format!("may not be described and is left out: {}", names.topic);
        // The words of what is all or nothing: entries, quotas, users.
        let right = match (*operation, *on) {
            ("describe", "cluster") => "the right to describe the cluster",
            ("describe-configs", "cluster") => "the right to describe the configs of the cluster",
            // What Kafka leaves out in silence nobody can name, and that it may have done so is said.
            ("describe", "topic") if row.in_silence => "describe on a topic",
            ("describe", "every topic") => &hidden,
            _ => "no other words",
        };
        if said.contains(&format!("{operation} on {resource}")) || said.contains(right) {
            return Ok(true);
        }
    }
    Ok(false)
}

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn alter_config(client: &Client, kind: i8, name: &str, key: &str, value: &str) -> Result<()> {
    let config = AlterableConfig::default().with_name(text(key)).with_value(Some(text(value)));
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(vec![config]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    let answer = client.call(&request, 1)?;
    ensure!(answer.responses.iter().all(|response| response.error_code == 0), "{answer:?}");
    Ok(())
}

/// A config of a broker, as itself tells, or of all where it has no name.
fn config(client: &Client, broker: &str, key: &str) -> Result<Option<String>> {
    let asked = DescribeConfigsResource::default()
        .with_resource_type(BROKER)
        .with_resource_name(text(broker))
        .with_configuration_keys(Some(vec![text(key)]));
    let answer = client.call(&DescribeConfigsRequest::default().with_resources(vec![asked]), 4)?;
    let mut configs = answer.results.iter().flat_map(|result| &result.configs);
    Ok(configs.find_map(|config| config.value.as_ref().map(ToString::to_string)))
}

/// Replicas of each partition, the preferred leader first, and who leads.
fn placed(client: &Client, topic: &str) -> Result<BTreeMap<i32, (Vec<i32>, i32)>> {
    let shown = client.metadata(Some(&[topic]))?;
    let partitions = shown.topics.iter().flat_map(|topic| &topic.partitions);
    Ok(partitions
        .map(|seen| {
            let replicas = seen.replica_nodes.iter().map(|id| id.0).collect();
            (seen.partition_index, (replicas, seen.leader_id.0))
        })
        .collect())
}

/// Makes the other replica the preferred one of each partition, which goes on being led as it was.
fn give_to_others(client: &Client, topic: &str) -> Result<()> {
    let partitions = placed(client, topic)?.into_iter().map(|(number, (replicas, _))| {
        ReassignablePartition::default()
            .with_partition_index(number)
            .with_replicas(Some(replicas.into_iter().rev().map(Into::into).collect()))
    });
    let of =
        ReassignableTopic::default().with_name(TopicName(text(topic))).with_partitions(partitions.collect());
    let request = AlterPartitionReassignmentsRequest::default().with_timeout_ms(30_000).with_topics(vec![of]);
    let answer = client.call(&request, 0)?;
    ensure!(answer.error_code == 0, "{answer:?}");
    until("others lead", || {
        Ok(placed(client, topic)?.values().all(|(replicas, leader)| replicas.first() != Some(leader)))
    })
}

/// The partitions whose replicas are on their way.
fn moving(client: &Client, topic: &str) -> Result<Vec<i32>> {
    let moves = ListPartitionReassignmentsRequest::default().with_timeout_ms(30_000).with_topics(None);
    let moves = client.call(&moves, 0)?.topics;
    let of_topic = moves.iter().filter(|moved| moved.name.0.as_str() == topic);
    Ok(of_topic.flat_map(|moved| &moved.partitions).map(|partition| partition.partition_index).collect())
}

/// All that a run could change: the same text, as long as it has changed nothing.
fn state(client: &Client, row: &Row, names: &Names) -> Result<String> {
    let mut told = String::new();
    for topic in [&names.topic, &names.new_topic()] {
        let placed = placed(client, topic)?;
        writeln!(told, "{topic}: {placed:?}")?;
        for partition in placed.keys() {
            let start = client.log_start(topic, *partition)?;
            writeln!(told, "{topic}-{partition}: from {start}")?;
        }
        if !placed.is_empty() {
            writeln!(told, "{topic}: {:?}", client.overrides(topic)?)?;
        }
    }
    for group in ["", ".new", ".other"] {
        let group = format!("{}{group}", names.group);
        writeln!(told, "{group}: {:?}", client.committed(&group)?)?;
    }
    let someone = format!("some{}", names.number);
    let acls = DescribeAclsRequest::default()
        .with_resource_type_filter(1)
        .with_resource_name_filter(None)
        .with_pattern_type_filter(1)
        .with_principal_filter(Some(text(&format!("User:{someone}"))))
        .with_host_filter(None)
        .with_operation(1)
        .with_permission_type(1);
    writeln!(told, "{:?}", client.call(&acls, 3)?.resources)?;
    let user = ComponentData::default()
        .with_entity_type(text("user"))
        .with_match_type(0)
        .with_match(Some(text(&someone)));
    let quotas = DescribeClientQuotasRequest::default().with_components(vec![user]).with_strict(false);
    writeln!(told, "{:?}", client.call(&quotas, 1)?.entries)?;
    let user = UserName::default().with_name(text(&someone));
    let users = DescribeUserScramCredentialsRequest::default().with_users(Some(vec![user]));
    let users = client.call(&users, 0)?;
    writeln!(told, "{:?}", users.results.iter().map(|user| &user.credential_infos).collect::<Vec<_>>())?;
    writeln!(told, "{:?}", moving(client, &names.topic)?)?;
    let own = format!("10{}", names.number);
    let largest = config(client, "", "message.max.bytes")?;
    writeln!(told, "is the default of brokers {own}: {}", largest.is_some_and(|value| value == own))?;
    let brokers = if row.throttles() { client.brokers()? } else { Vec::new() };
    for broker in brokers {
        let itself = Client::new(vec![broker.address]);
        for key in ["leader.replication.throttled.rate", "follower.replication.throttled.rate"] {
            writeln!(
                told,
                "broker {}: {key} {:?}",
                broker.id,
                config(&itself, &broker.id.to_string(), key)?
            )?;
        }
    }
    Ok(told)
}

/// Tries rows, as many at a time as there are principals.
fn faults_of(secured: &Secured, rows: &[&Row], users: &[&'static str]) -> Result<String> {
    let next = AtomicUsize::new(0);
    let try_rows = |user| -> Result<String> {
        let bed = Bed::new(secured, user)?;
        let mut faults = String::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            faults += &bed.faults(row).with_context(|| row.told)?;
        }
        Ok(faults)
    };
    let try_rows = &try_rows;
    thread::scope(|scope| {
        let running: Vec<_> = users.iter().map(|user| scope.spawn(move || try_rows(user))).collect();
        let faults = running.into_iter().map(|one| one.join().map_err(|_| anyhow!("a row panicked"))?);
        faults.collect::<Result<String>>()
    })
}

#[test]
fn each_command_works_with_its_rights_and_with_none_less() -> Result<()> {
    let secured = Secured::start(ClusterOptions::one_broker())?;
    let faults = faults_of(&secured, &ROWS.iter().collect::<Vec<_>>(), &PRINCIPALS)?;
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}

#[test]
fn each_command_on_several_brokers_works_with_its_rights_and_with_none_less() -> Result<()> {
    let secured = Secured::start(ClusterOptions::three_brokers())?;
    // Throttles are for everybody, so that rows which have to do with them are tried one at a time.
    let (throttling, others): (Vec<&Row>, Vec<&Row>) =
        ROWS_OF_SEVERAL_BROKERS.iter().partition(|row| row.throttles());
    let secured = &secured;
    let faults = thread::scope(|scope| {
        let others = scope.spawn(move || faults_of(secured, &others, &PRINCIPALS[1..]));
        let faults = faults_of(secured, &throttling, &PRINCIPALS[..1])?;
        Ok::<_, anyhow::Error>(faults + &others.join().map_err(|_| anyhow!("a row panicked"))??)
    })?;
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}

/// What is for all topics says which it leaves out.
#[test]
fn topics_that_may_not_be_described_are_named_where_a_broker_tells_them() -> Result<()> {
    let secured = Secured::start(ClusterOptions::one_broker())?;
    let bed = Bed::new(&secured, "klerk")?;
    let names = bed.prepare(&ROWS[0])?;
    let (topic, group, hidden) = (&names.topic, &names.group, format!("secret-{}", names.number));
    let client = bed.secured.client();
    client.create_topic(&hidden, 1, 1, &[])?;
    client.commit_offsets(group, &[(&hidden, 0, 0)])?;
    let rights = [("read", "topic"), ("describe-configs", "topic"), ("read", "group")];
    let seen = [&rights[..], &[("describe", "cluster")]].concat();
    bed.allow(&seen, &names)?;
    let status: ClusterStatus = bed.scene.json("cluster status", 0)?;
    ensure!(!status.healthy && status.visible_only == Some(true), "{status:?}");
    ensure!(status.hidden_topics.as_ref().is_some_and(|names| names.contains(&hidden)), "{status:?}");
    let described: DescribedGroups = bed.scene.json(&format!("group describe {group}"), 0)?;
    let lag: Lag = bed.scene.json(&format!("group lag {group}"), 0)?;
    ensure!((described.visible_only, lag.visible_only) == (Some(true), Some(true)), "{described:?} {lag:?}");
    let elsewhere: Lag = bed.scene.json(&format!("group lag {group} --topic {topic}"), 0)?;
    ensure!(elsewhere.visible_only == Some(false), "{elsewhere:?}");
    let reset = format!("group reset {group} --all-topics --to-earliest --dry-run");
    let tells = |plan: &Plan, words: &str| {
        let told = plan.findings.iter().find(|finding| finding.code == "plan/visible-only");
        told.is_some_and(|finding| finding.message.contains(words)) && plan.visible_only == Some(true)
    };
    let plan: Plan = bed.scene.json(&reset, 0)?;
    ensure!(tells(&plan, &format!("1 topic may not be described and is left out: {hidden}")), "{plan:?}");
    let plan: Plan = bed.scene.json("cluster elect --dry-run", 0)?;
    ensure!(tells(&plan, &hidden), "{plan:?}");

    bed.allow(&rights, &names)?;
    let plan: Plan = bed.scene.json(&reset, 0)?;
    ensure!(tells(&plan, "Kafka leaves out others in silence"), "{plan:?}");
    Ok(())
}

/// What was let be done when it was planned need not be when it is carried out.
#[test]
fn a_saved_plan_is_weighed_by_the_rights_of_who_applies_it() -> Result<()> {
    let secured = Secured::start(ClusterOptions::one_broker())?;
    let bed = Bed::new(&secured, "klerk")?;
    for (told, lacks) in [
        ("`klerk apply`, to create a topic", "create on topic"),
        ("`klerk apply`, to change configs", "alter-configs on topic"),
    ] {
        let row = row_of(told)?;
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
    let names = bed.prepare(row_of("`klerk apply`, to create a topic")?)?;
    bed.allow(&[("create", "cluster"), ("describe", "cluster"), ("describe", "new topic")], &names)?;
    let explain = format!("acl list --explain klerk create topic:{}.new", names.topic);
    let told: Acls = bed.scene.json(&explain, 0)?;
    ensure!(told.explanation.and_then(|told| told.allowed) == Some(true), "{explain}");
    bed.klerk("apply --yes")?.expect_status(0)?;
    Ok(())
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
