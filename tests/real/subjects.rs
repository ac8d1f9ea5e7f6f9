//! Plans of subjects, carried out on a real registry.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use klerk::registry::{Credentials, RegistryClient, RegistryOptions};
use klerk::secure::Tls;
use klerk_core::plan::{
    Answers, Basis, Change, DiffOptions, Plan, Sight, SubjectChange, assess, diff, drifts, sight,
};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::topology::{Subject, Topology};
use klerk_core::values::{Known, Origin, Sourced};
use klerk_core::world::{AccessView, ClusterView, GroupsView, SchemaType, Selection, World};
use klerk_testbed::{Registry, shared, unique_name};

use CompatibilityLevel::{Backward, BackwardTransitive, Forward, Full, None as Nothing};

/// A record with these fields; `?` after a name gives it a default.
fn schema(fields: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| match field.strip_suffix('?') {
            Some(name) => format!(r#"{{"name":"{name}","type":"int","default":0}}"#),
            None => format!(r#"{{"name":"{field}","type":"int"}}"#),
        })
        .collect();
    format!(r#"{{"type":"record","name":"n.R","fields":[{}]}}"#, fields.join(","))
}

struct Bench {
    client: RegistryClient,
    subject: String,
}

impl Bench {
    fn new(registry: &Registry) -> Result<Bench> {
        let options = RegistryOptions {
            urls: vec![registry.url()],
            credentials: Credentials::None,
            tls: Tls::default(),
            timeout: Duration::from_secs(10),
        };
        Ok(Bench { client: RegistryClient::new(options)?, subject: unique_name("subjects.plan") })
    }

    fn wants(&self, text: &str, level: Option<CompatibilityLevel>) -> Topology {
        let origin = Origin { file: "topology.yaml".into(), line: 1, column: 1 };
        let subject = Subject {
            name: self.subject.clone(),
            origin: origin.clone(),
            kind: SchemaType::Avro,
            text: text.to_owned(),
            file: "schemas/R.avsc".into(),
            compatibility: level.map(|level| Sourced::new(level, origin)),
            references: Vec::new(),
            topic: None,
        };
        Topology { subjects: BTreeMap::from([(self.subject.clone(), subject)]), ..Topology::default() }
    }

    async fn look(&self) -> World {
        let wanted = Selection::Named([self.subject.clone()].into());
        let cluster = ClusterView {
            id: "none".to_owned(),
            brokers: BTreeMap::new(),
            topics: BTreeMap::new(),
            logs: BTreeMap::new(),
            moves: Known::NotAsked,
            broker_configs: Default::default(),
        };
        World {
            cluster,
            registry: self.client.look(&wanted).await,
            groups: GroupsView::default(),
            access: AccessView::default(),
        }
    }

    async fn plan(&self, want: &Topology) -> Result<Plan> {
        let world = self.look().await;
        let proposal = diff(want, &world, &DiffOptions::default());
        let mut answers = Answers::new();
        let seen = world.registry.known().context("no registry")?;
        for question in &proposal.questions {
            let answer = self.client.answer(question, seen).await;
            answers.insert(question.clone(), answer.context("a question of another family")?);
        }
        let basis = Basis { command: "plan", environment: None, topology: Some(want), world: &world };
        let plan = assess(proposal, &answers, &basis);
        assert_eq!(drifts(&plan, &plan.steps, &world), []);
        Ok(plan)
    }

    /// Plans, carries out, and finds nothing more to do. Gives the kinds of the steps back.
    async fn apply(&self, text: &str, level: Option<CompatibilityLevel>) -> Result<Vec<&'static str>> {
        let want = self.wants(text, level);
        let plan = self.plan(&want).await?;
        assert!(plan.is_appliable(), "{:?}", plan.conflicts);
        for step in &plan.steps {
            assert_eq!(drifts(&plan, [step], &self.look().await), [], "before its turn");
            let Change::Subject(change) = &step.change else { bail!("{:?}", step.change) };
            match change {
                SubjectChange::Delete { subject, permanent, .. } => {
                    self.client.delete_subject(subject, *permanent).await?;
                }
                SubjectChange::Register { subject, kind, text, references, .. } => {
                    self.client.register(subject, *kind, text, references).await?;
                }
                SubjectChange::SetCompatibility { subject, to, .. } => match to {
                    Some(to) => drop(self.client.set_level(subject, *to).await?),
                    None => self.client.unset_level(subject).await?,
                },
            }
            assert_eq!(sight(step, &self.look().await), Sight::AsAsked, "{:?}", step.change);
        }
        let again = self.plan(&want).await?;
        assert!(again.is_empty(), "{again:?}");
        Ok(plan.steps.iter().map(|step| step.change.kind()).collect())
    }

    async fn conflict(&self, text: &str, level: Option<CompatibilityLevel>) -> Result<(String, String)> {
        let plan = self.plan(&self.wants(text, level)).await?;
        let conflict = plan.conflicts.first().context("no conflict")?;
        Ok((conflict.reason.as_str().to_owned(), conflict.message.clone()))
    }
}

const LEVEL: &str = "set-compatibility";
const SCHEMA: &str = "register-schema";

#[tokio::test]
async fn a_subject_through_its_life() -> Result<()> {
    let bench = Bench::new(&shared()?.registry)?;
    let (one, two) = (schema(&["a"]), schema(&["a", "b?"]));
    assert_eq!(bench.apply(&one, Some(Backward)).await?, [LEVEL, SCHEMA], "new");
    assert_eq!(bench.apply(&one, Some(Backward)).await?, [""; 0], "unchanged");
    assert_eq!(bench.apply(&one.replace(',', " ,\n"), None).await?, [""; 0], "another spelling");
    assert_eq!(bench.client.versions(&bench.subject).await?.len(), 1);
    assert_eq!(bench.apply(&two, Some(Backward)).await?, [SCHEMA], "a new version");

    let (reason, message) = bench.conflict(&one, None).await?;
    assert_eq!(reason, "registry-ahead", "{message}");
    let (reason, message) = bench.conflict(&schema(&["a", "b?", "c"]), None).await?;
    assert_eq!(reason, "incompatible", "{message}");
    assert!(message.contains("version 2 at level BACKWARD: the registry gives no reasons"), "{message}");

    assert_eq!(bench.apply(&schema(&["a", "b?", "c?"]), Some(Full)).await?, [SCHEMA, LEVEL], "tighter");
    assert_eq!(bench.conflict(&one, None).await?.0, "equals-older-version");
    let forward = schema(&["a", "b?", "c?", "d"]);
    let plan = bench.plan(&bench.wants(&forward, Some(Forward))).await?;
    assert!(plan.is_appliable() && plan.findings.is_empty(), "klerk judges by the level that will hold");
    assert!(plan.steps.iter().any(|step| !step.preflighted), "and the registry has not been asked");
    assert_eq!(bench.apply(&forward, Some(Forward)).await?, [LEVEL, SCHEMA], "looser");
    let plan = bench.plan(&bench.wants(&schema(&["x"]), Some(Nothing))).await?;
    assert_eq!(plan.steps.iter().filter(|step| !step.risks.is_empty()).count(), 2);
    assert_eq!(bench.apply(&schema(&["x"]), Some(Nothing)).await?, [LEVEL, SCHEMA], "unchecked");
    Ok(())
}

#[tokio::test]
async fn a_subject_whose_first_level_is_none() -> Result<()> {
    let bench = Bench::new(&shared()?.registry)?;
    let kinds = bench.apply(&schema(&["a"]), Some(Nothing)).await?;
    assert_eq!(kinds, [SCHEMA, LEVEL]);
    Ok(())
}

#[tokio::test]
async fn every_version_counts_at_a_transitive_level_only() -> Result<()> {
    let bench = Bench::new(&shared()?.registry)?;
    let (one, two) = (schema(&["a"]), schema(&["b"]));
    bench.apply(&one, None).await?;
    bench.apply(&two, None).await?;
    bench.apply(&two, Some(BackwardTransitive)).await?;
    let next = schema(&["b", "c?"]);
    let (reason, message) = bench.conflict(&next, None).await?;
    assert_eq!(reason, "incompatible");
    assert!(message.contains("a registered version at level BACKWARD_TRANSITIVE"), "{message}");
    assert_eq!(bench.apply(&next, Some(Backward)).await?, [LEVEL, SCHEMA]);
    Ok(())
}

/// Whether the registry itself takes a schema once the level is set, as a plan would have it done.
async fn takes(bench: &Bench, text: &str, level: CompatibilityLevel) -> Result<bool> {
    bench.client.set_level(&bench.subject, level).await?;
    let taken = bench.client.register(&bench.subject, SchemaType::Avro, text, &[]).await.is_ok();
    bench.client.unset_level(&bench.subject).await?;
    Ok(taken)
}

#[tokio::test]
async fn what_a_level_of_the_same_plan_refuses_is_a_conflict_as_the_registry_has_it() -> Result<()> {
    let (a, ab, b) = (schema(&["a"]), schema(&["a", "b"]), schema(&["b"]));
    let (optional, second) = (schema(&["a", "b?"]), schema(&["b", "c?"]));
    let cases: [(&[&str], &str, CompatibilityLevel); 6] = [
        (&[&a], &ab, Backward),
        (&[&a], &ab, Forward),
        (&[&a], &optional, Full),
        (&[&ab], &a, Full),
        (&[&a, &b], &second, Backward),
        (&[&a, &b], &second, BackwardTransitive),
    ];
    let mut taken = Vec::new();
    for (held, new, level) in cases {
        let bench = Bench::new(&shared()?.registry)?;
        for text in held {
            bench.apply(text, None).await?;
        }
        let plan = bench.plan(&bench.wants(new, Some(level))).await?;
        if !plan.is_appliable() {
            let (reason, message) = bench.conflict(new, Some(level)).await?;
            assert_eq!(reason, "incompatible", "{message}");
            assert!(message.contains(&format!("sets the level {level} first")), "{message}");
        }
        assert_eq!(bench.client.versions(&bench.subject).await?.len(), held.len(), "nothing is done");
        assert_eq!(takes(&bench, new, level).await?, plan.is_appliable(), "{level}: {new} after {held:?}");
        taken.push(plan.is_appliable());
    }
    assert_eq!(taken, [false, true, true, false, true, false]);
    Ok(())
}

#[tokio::test]
async fn a_registry_that_goes_away_is_a_conflict() -> Result<()> {
    let registry = Registry::start()?;
    let bench = Bench::new(&registry)?;
    bench.apply(&schema(&["a"]), None).await?;
    let want = bench.wants(&schema(&["a", "b?"]), None);
    registry.kill()?;
    let world = bench.look().await;
    assert!(matches!(world.registry, Known::Failed(_)));
    let proposal = diff(&want, &world, &DiffOptions::default());
    assert!(proposal.changes.is_empty());
    assert!(proposal.conflicts[0].message.contains("Connection refused"), "{:?}", proposal.conflicts);
    Ok(())
}
