//! Plans of topics, put to real brokers, carried out and looked at.

use anyhow::{Context, Result, bail, ensure};
use klerk::kafka::batch::{Outcome, Unwatched};
use klerk::kafka::{
    Cluster, ConfigChange, ConnectOptions, Mode, MorePartitions, NewTopic, OldTopic, ReplicaMove,
};
use klerk_core::apply::{Settlement, StepEvent, Told, patience_ms, settle, still_waiting};
use klerk_core::plan::{
    Answer, Answers, Basis, DiffOptions, Families, Plan, Question, Risk, Step, TopicChange, assess, diff,
    drifts, wanted, wanted_for,
};
use klerk_core::plan::{Change, Conflict, Permission};
use klerk_core::topology::{Topology, parse, resolve};
use klerk_core::values::{Failure, Known, Pattern, Resource};
use klerk_core::world::{AccessView, GroupsView, LogRange, Selection, Wanted, World};
use klerk_testbed::{Cluster as Bed, ClusterOptions, Record, Tool, shared, unique_name};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A topology of topics whose names begin with a name that is this test's own.
struct Bench {
    cluster: Cluster,
    prefix: String,
}

impl Bench {
    async fn new(bed: &Bed) -> Result<Bench> {
        let cluster = Cluster::connect(ConnectOptions::new([bed.bootstrap()])).await?;
        Ok(Bench { cluster, prefix: unique_name("topic-plans") })
    }

    fn name(&self, topic: &str) -> String {
        format!("{}.{topic}", self.prefix)
    }

    /// The topology of a text in which `@` stands for the prefix.
    fn topology(&self, text: &str) -> Result<Topology> {
        let text = format!("klerk: 1\n{}", text.replace('@', &self.prefix));
        let draft = parse([("topology.yaml".to_owned(), text)]);
        resolve(draft, &BTreeMap::new()).map_err(|faults| anyhow::anyhow!("{faults:#?}"))
    }

    async fn look(&self, wanted: &Wanted) -> Result<World> {
        let cluster = self.cluster.look(wanted).await?;
        Ok(World {
            cluster,
            registry: Known::NotAsked,
            groups: GroupsView::default(),
            access: AccessView::default(),
        })
    }

    async fn plan(&self, want: &Topology) -> Result<Plan> {
        let options = DiffOptions {
            families: Families { topics: true, ..Families::NONE },
            matching: Some(Pattern::new(format!("{}.*", self.prefix))),
            registry: false,
            rotate: std::collections::BTreeSet::new(),
        };
        let world = self.look(&wanted(want, &options)).await?;
        let proposal = diff(want, &world, &options);
        let mut answers = Answers::new();
        for question in &proposal.questions {
            let answer = match question {
                Question::Holding { .. } | Question::Usage { .. } => continue,
                Question::Accepts(change) => match self.send(change, Mode::Validate).await? {
                    StepEvent::Accepted => Answer::Accepted,
                    StepEvent::Refused(failure) => Answer::Refused(failure),
                    other => bail!("{other:?}"),
                },
                Question::LogRanges { topic } => Answer::LogRanges(self.ranges(topic).await?),
                other => bail!("{other:?}"),
            };
            answers.insert(question.clone(), answer);
        }
        let basis = Basis { command: "plan", environment: None, topology: Some(want), world: &world };
        Ok(assess(proposal, &answers, &basis))
    }

    async fn ranges(&self, topic: &str) -> Result<BTreeMap<i32, LogRange>> {
        let names = Selection::Named([topic.to_owned()].into());
        let wanted = Wanted { topics: names.clone(), log_offsets: names, ..Wanted::default() };
        let logs = self.look(&wanted).await?.cluster.logs;
        Ok(logs.iter().filter_map(|(at, range)| Some((at.partition, *range.known()?))).collect())
    }

    async fn send(&self, change: &TopicChange, mode: Mode) -> Result<StepEvent> {
        fn event<T>(outcomes: Vec<Outcome<T>>) -> Result<StepEvent> {
            Ok(match outcomes.into_iter().next().context("no outcome")? {
                Outcome::Accepted(_) => StepEvent::Accepted,
                Outcome::Refused(failure) => StepEvent::Refused(failure),
                Outcome::NoReply(failure) => StepEvent::NoReply(failure),
                Outcome::NotSent(failure) => StepEvent::NotSent(failure),
            })
        }
        match change.clone() {
            TopicChange::Create { topic, partitions, replication, configs } => {
                let new = NewTopic { name: topic, partitions, replication, configs };
                event(self.cluster.create_topics(&[new], mode, &mut Unwatched).await)
            }
            TopicChange::AddPartitions { topic, from, to, .. } => {
                let more = MorePartitions { topic, from, to };
                event(self.cluster.create_partitions(&[more], mode, &mut Unwatched).await)
            }
            TopicChange::SetConfig { topic, to, .. } => {
                let change = ConfigChange { topic, values: to };
                event(self.cluster.alter_topic_configs(&[change], mode, &mut Unwatched).await)
            }
            TopicChange::MoveReplicas { topic, to, .. } => {
                let partitions = to.into_iter().map(|(number, replicas)| (number, Some(replicas)));
                let one = ReplicaMove { topic, partitions: partitions.collect() };
                event(self.cluster.move_replicas(&[one], &mut Unwatched).await)
            }
            TopicChange::CancelMoves { topic, to, .. } => {
                let partitions = to.into_keys().map(|number| (number, None)).collect();
                let one = ReplicaMove { topic, partitions };
                event(self.cluster.move_replicas(&[one], &mut Unwatched).await)
            }
            TopicChange::Delete { topic, id, .. } => {
                let old = OldTopic { name: topic, id };
                event(self.cluster.delete_topics(&[old], &mut Unwatched).await)
            }
        }
    }

    /// Carries a step out and looks until it shows, or the time for it is over.
    async fn carry_out(&self, step: &Step) -> Result<Settlement> {
        let Change::Topic(change) = &step.change else { bail!("{:?}", step.change) };
        let told = Told::once(self.send(change, Mode::Apply).await?);
        self.settle(step, &told).await
    }

    async fn settle(&self, step: &Step, told: &Told) -> Result<Settlement> {
        let deadline = Instant::now() + Duration::from_millis(patience_ms([step]));
        loop {
            let world = self.look(&wanted_for([step])).await?;
            if !still_waiting(step, told, &world) || Instant::now() > deadline {
                return Ok(settle(step, told, &world));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Carries out a whole plan, each step as asked, and gives its kinds back.
    async fn apply(&self, want: &Topology) -> Result<Vec<&'static str>> {
        let plan = self.plan(want).await?;
        ensure!(plan.is_appliable(), "{:#?}", plan.conflicts);
        let now = self.look(&wanted_for(&plan.steps)).await?;
        ensure!(drifts(&plan, &plan.steps, &now).is_empty());
        for step in &plan.steps {
            let fate = self.carry_out(step).await?;
            ensure!(fate.outcome.as_str() == "done", "{fate:#?}");
            ensure!(fate.settled.is_some_and(|settled| settled.as_str() == "as-asked"), "{fate:#?}");
        }
        Ok(plan.steps.iter().map(|step| step.change.kind()).collect())
    }

    /// Plans until the plan is what is expected, for brokers show late what other tools have changed.
    async fn plan_until(&self, want: &Topology, expected: impl Fn(&Plan) -> bool) -> Result<Plan> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let plan = self.plan(want).await?;
            if expected(&plan) {
                return Ok(plan);
            }
            ensure!(Instant::now() < deadline, "{plan:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_leaves_nothing_to_do_until_somebody_changes_it() -> Result<()> {
    let bed = &shared()?.cluster;
    let bench = Bench::new(bed).await?;
    let want = bench.topology(
        "defaults: { partitions: 4, replication: 3 }
topics:
  '@.plain': {}
  '@.compact': { cleanup.policy: 'delete, compact', min.cleanable.dirty.ratio: 5e-1, segment.ms: 1d }
  '@.pinned': { retention.ms: 7d, min.insync.replicas: 1, unclean.leader.election.enable: 'FALSE' }
  '@.open': { partitions: 1, compression.type: zstd, max.message.bytes: 2MiB, retention.bytes: unset }
",
    )?;
    assert_eq!(bench.apply(&want).await?, ["create-topic"; 4]);
    let plan = bench.plan_until(&want, Plan::is_empty).await?;
    assert_eq!(plan.unchanged.len(), 4);

    let topic = bench.name("plain");
    bed.tool(Tool::Topics, &["--alter", "--topic", &topic, "--partitions", "5"])?.checked()?;
    let entity = ["--alter", "--entity-type", "topics", "--entity-name"];
    let pinned = bench.name("pinned");
    let set = [&entity[..], &[&pinned, "--add-config", "retention.ms=1"]].concat();
    bed.tool(Tool::Configs, &set)?.checked()?;
    let compact = bench.name("compact");
    let unset = [&entity[..], &[&compact, "--delete-config", "segment.ms"]].concat();
    bed.tool(Tool::Configs, &unset)?.checked()?;

    let plan = bench.plan_until(&want, |plan| plan.steps.len() == 2 && plan.conflicts.len() == 1).await?;
    assert_eq!(plan.conflicts[0].reason.as_str(), "fewer-partitions");
    let steps: Vec<_> = plan.steps.iter().map(|step| (step.change.resource(), step.change.kind())).collect();
    let config = |topic: &str| (Resource::topic(bench.name(topic)), "set-config");
    assert_eq!(steps, [config("compact"), config("pinned")]);

    let grown = bench.topology(
        "topics:
  '@.plain': { partitions: 6 }
  '@.pinned': { retention.ms: unset, min.insync.replicas: 2 }
",
    )?;
    let plan = bench.plan(&grown).await?;
    assert_eq!(plan.preflight.as_str(), "full");
    assert!(plan.requires().is_empty(), "the topics are empty: {:#?}", plan.steps);
    assert_eq!(bench.apply(&grown).await?, ["add-partitions", "set-config"]);
    bench.plan_until(&grown, Plan::is_empty).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn records_decide_what_a_change_risks() -> Result<()> {
    let bed = &shared()?.cluster;
    let bench = Bench::new(bed).await?;
    let topic = bench.name("full");
    bed.client().create_topic(&topic, 2, 3, &[("min.insync.replicas", "2")])?;
    let want = bench.topology(
        "topics: { '@.full': { partitions: 3, retention.ms: 1h, cleanup.policy: compact, min.insync.replicas: 1, max.message.bytes: 1000 } }",
    )?;
    let always = [Risk::StopsWrites, Risk::WeakensDurability].map(Permission::Risk);
    let plan = bench.plan_until(&want, |plan| plan.steps.len() == 2).await?;
    assert_eq!(plan.requires(), always.into());
    bed.client().produce(&topic, 1, &[Record::new(1_700_000_000_000, Some("k"), "v")])?;
    let plan = bench.plan(&want).await?;
    assert_eq!(
        plan.requires(),
        [&always[..], &[Risk::LosesData.into(), Risk::MovesKeys.into()]].concat().into_iter().collect()
    );
    Ok(())
}

fn words(conflicts: &[Conflict]) -> Vec<(&str, &str, u32)> {
    let line = |conflict: &Conflict| conflict.origin.as_ref().map_or(0, |origin| origin.line);
    conflicts.iter().map(|one| (one.reason.as_str(), &*one.message, line(one))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brokers_own_refusals_name_the_line_and_the_fix() -> Result<()> {
    let bed = &shared()?.cluster;
    let bench = Bench::new(bed).await?;
    bed.client().create_topic(&bench.name("there_is"), 1, 3, &[])?;
    bed.client().create_topic(&bench.name("so_too"), 1, 3, &[])?;
    let want = bench.topology(
        "topics:
  '@.a': { partitions: 1, replication: 9 }
  '@.b':
    partitions: 1
    retension.ms: 1
  '@.c':
    compression.type: shrink
  '@.d': { partitions: 2 }
  '@.there_is':
    min.insync.replica: 2
    segment.ms: 1d
  '@.so.too': {}
",
    )?;
    let plan = bench.plan_until(&want, |plan| plan.conflicts.len() == 5).await?;
    assert!(!plan.is_appliable());
    assert_eq!(plan.steps.len(), 1, "what could be made is shown: {:#?}", plan.steps);
    let found = words(&plan.conflicts);
    let expected = [
        ("(38)", "Ask for a replication factor that the cluster has brokers for (3 are alive now)", 3),
        ("(40)", "Did you mean retention.ms?", 6),
        ("(40)", "Correct the value of compression.type", 8),
        ("(17)", "'.' and '_' count as equal", 13),
        ("(40)", "Did you mean min.insync.replicas?", 11),
    ];
    for ((reason, message, at), (code, fix, line)) in found.iter().zip(expected) {
        ensure!(*reason == "refused-by-broker", "{message}");
        ensure!(message.contains(code) && message.contains(fix) && *at == line, "line {at}: {message}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_settled_by_looking_and_a_second_creation_is_told_apart() -> Result<()> {
    let bench = Bench::new(&shared()?.cluster).await?;
    let want = bench.topology("topics: { '@.once': { partitions: 2, replication: 3, retention.ms: 1d } }")?;
    let plan = bench.plan(&want).await?;
    let step = &plan.steps[0];
    let silence = Told::once(StepEvent::NoReply(Failure::without_reply("CONNECTION_CLOSED", "")));
    let world = bench.look(&wanted_for([step])).await?;
    assert!(still_waiting(step, &silence, &world));
    assert_eq!(settle(step, &silence, &world).outcome.as_str(), "unknown");

    assert_eq!(bench.carry_out(step).await?.outcome.as_str(), "done");
    let fate = bench.settle(step, &silence).await?;
    assert_eq!(fate.outcome.as_str(), "done");
    assert!(fate.note.is_some_and(|note| note.contains("does not prove")));

    let fate = bench.carry_out(step).await?;
    assert_eq!(fate.outcome.as_str(), "rejected");
    assert_eq!(fate.failure.and_then(|failure| failure.code), Some(36));
    let stale = drifts(&plan, &plan.steps, &bench.look(&wanted_for(&plan.steps)).await?);
    assert_eq!(stale.len(), 1, "{stale:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_min_isr_that_nobody_set_on_the_topic_is_no_override() -> Result<()> {
    let bed = Bed::start(ClusterOptions::one_broker())?;
    let bench = Bench::new(&bed).await?;
    bed.client().create_topic(&bench.name("a"), 1, 1, &[])?;
    let left_alone = bench.topology("topics: { '@.a': { min.insync.replicas: unset } }")?;
    bench.plan_until(&left_alone, Plan::is_empty).await?;
    let declared = bench.topology("topics: { '@.a': { min.insync.replicas: 1 } }")?;
    assert_eq!(bench.apply(&declared).await?, ["set-config"]);
    bench.plan_until(&declared, Plan::is_empty).await?;
    assert_eq!(bench.apply(&left_alone).await?, ["set-config"]);
    bench.plan_until(&left_alone, Plan::is_empty).await?;
    bed.end()
}
