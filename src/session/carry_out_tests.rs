//! Every way in which a run can end, on servers that do as they are told.

use super::*;
use klerk_core::plan::{Bounds, Change, Expectation, Impact, Preflight, TopicChange, Unmanaged};
use klerk_core::values::{Known, Resource};
use klerk_core::world::{AccessView, ClusterView, GroupsView, PartitionView, TopicView, Wanted, World};
use std::cell::{Cell, RefCell};
use std::io;

const CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";

fn create(id: u32, topic: &str, after: &[u32]) -> Step {
    Step {
        id: StepId(id),
        change: Change::Topic(TopicChange::Create {
            topic: topic.to_owned(),
            partitions: Some(1),
            replication: Some(1),
            configs: BTreeMap::new(),
        }),
        origin: None,
        origins: BTreeMap::new(),
        risks: BTreeSet::new(),
        impact: Impact::default(),
        expects: vec![Expectation {
            resource: Resource::topic(topic),
            field: "exists".to_owned(),
            value: None,
        }],
        after: after.iter().copied().map(StepId).collect(),
        preflighted: true,
    }
}

/// A change of a topic that is there.
fn tune(id: u32, topic: &str) -> Step {
    let change = TopicChange::SetConfig {
        topic: topic.to_owned(),
        id: None,
        from: BTreeMap::new(),
        to: BTreeMap::new(),
    };
    let there = Expectation { value: Some("true".to_owned()), ..create(id, topic, &[]).expects.remove(0) };
    Step { change: Change::Topic(change), expects: vec![there], ..create(id, topic, &[]) }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        command: "apply".to_owned(),
        cluster_id: CLUSTER.to_owned(),
        environment: None,
        steps,
        conflicts: Vec::new(),
        unmanaged: Unmanaged::default(),
        findings: Vec::new(),
        preflight: Preflight::Full,
        unchanged: BTreeSet::new(),
        bounds: Bounds::default(),
        skips_blocked: false,
        against: None,
        visible_only: None,
    }
}

/// What the servers do with the creation of a topic.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Obey,
    Refuse,
    /// Do it, and never answer.
    Swallow,
    /// Accept it, and never do it.
    Lie,
    /// Neither do it nor answer.
    Vanish,
}

struct Fake {
    manners: BTreeMap<&'static str, Manner>,
    topics: RefCell<BTreeSet<String>>,
    requests: Cell<usize>,
    looks: Cell<usize>,
    blind_after: Option<usize>,
    unreadable: Option<&'static str>,
    /// What somebody else deletes while the first request is on its way.
    rival: Option<&'static str>,
}

impl Fake {
    fn with(manners: &[(&'static str, Manner)]) -> Self {
        Fake {
            manners: manners.iter().copied().collect(),
            topics: RefCell::default(),
            requests: Cell::new(0),
            looks: Cell::new(0),
            blind_after: None,
            unreadable: None,
            rival: None,
        }
    }

    /// These topics are there.
    fn there(topics: &[&str]) -> Self {
        let fake = Fake::with(&[]);
        fake.topics.borrow_mut().extend(topics.iter().map(|topic| (*topic).to_owned()));
        fake
    }
}

impl Look for Fake {
    async fn look(&self, wanted: &Wanted) -> Result<World, Failure> {
        self.looks.set(self.looks.get() + 1);
        if self.blind_after.is_some_and(|looks| self.looks.get() > looks) {
            return Err(Failure::without_reply("CONNECTION_CLOSED", "nobody is there"));
        }
        let view = TopicView {
            id: None,
            internal: false,
            partitions: vec![PartitionView {
                partition: 0,
                leader: Some(1),
                leader_epoch: None,
                replicas: vec![1],
                isr: vec![1],
                offline: Vec::new(),
            }],
            configs: Known::Known(BTreeMap::new()),
        };
        let topics = self.topics.borrow();
        let seen = |name: &String| {
            let topic = match topics.contains(name) {
                _ if self.unreadable == Some(name) => {
                    Known::Failed(Failure::without_reply("TIMEOUT", "no answer"))
                }
                true => Known::Known(view.clone()),
                false => Known::Absent,
            };
            (name.clone(), topic)
        };
        Ok(World {
            cluster: ClusterView {
                id: CLUSTER.to_owned(),
                brokers: BTreeMap::new(),
                topics: wanted.topics.names().map(seen).collect(),
                logs: BTreeMap::new(),
                moves: Known::NotAsked,
                broker_configs: Default::default(),
            },
            registry: Known::NotAsked,
            groups: GroupsView::default(),
            access: AccessView::default(),
        })
    }
}

impl Enact for Fake {
    async fn enact(&self, steps: &[&Step], hear: &mut impl Hear) {
        for step in steps {
            if !hear.may_send(&[step.id]).await {
                return;
            }
            self.requests.set(self.requests.get() + 1);
            self.topics.borrow_mut().retain(|topic| self.rival != Some(topic));
            let topic = step.change.resource().name;
            let manner = self.manners.get(topic.as_str()).copied().unwrap_or(Manner::Obey);
            if matches!(manner, Manner::Obey | Manner::Swallow) {
                self.topics.borrow_mut().insert(topic);
            }
            let event = match manner {
                Manner::Obey | Manner::Lie => StepEvent::Accepted,
                Manner::Refuse => StepEvent::Refused(Failure {
                    code: Some(44),
                    name: "POLICY_VIOLATION".to_owned(),
                    message: "no".to_owned(),
                }),
                Manner::Swallow | Manner::Vanish => {
                    StepEvent::NoReply(Failure::without_reply("TIMEOUT", "no reply"))
                }
            };
            hear.heard(&[(step.id, event)]);
        }
    }
}

#[derive(Default)]
struct Paper {
    lines: Vec<String>,
    full_after: Option<usize>,
}

impl Journal for Paper {
    fn sending(&mut self, steps: &[StepId]) -> io::Result<()> {
        if self.full_after.is_some_and(|lines| self.lines.len() >= lines) {
            return Err(io::Error::other("the disk is full"));
        }
        self.lines.push(format!("sending {}", steps.iter().map(|id| id.0.to_string()).collect::<String>()));
        Ok(())
    }

    fn heard(&mut self, news: &[(StepId, StepEvent)]) -> io::Result<()> {
        self.lines.extend(news.iter().map(|(id, _)| format!("heard {}", id.0)));
        Ok(())
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn doing(&mut self, _: &str) {}
    fn replied(&mut self, _: usize, _: usize) {}
    fn settled(&mut self, _: &Step, _: &Settlement) {}
}

async fn run(fake: &Fake, plan: &Plan, paper: &mut Paper, stop: &dyn Fn() -> bool) -> (CarriedOut, String) {
    let carried = Run::new(fake, paper, &mut Nobody, stop).carry_out(plan).await;
    let fates: Vec<&str> = carried.steps.iter().map(|report| report.outcome.as_str()).collect();
    let fates = fates.join(" ");
    (carried, fates)
}

async fn fates(fake: &Fake, plan: &Plan) -> String {
    run(fake, plan, &mut Paper::default(), &|| false).await.1
}

#[tokio::test(start_paused = true)]
async fn what_is_accepted_and_seen_is_done() {
    let fake = Fake::with(&[]);
    assert_eq!(fates(&fake, &plan(vec![create(1, "a", &[]), create(2, "b", &[])])).await, "done done");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_bars_what_waits_for_it_and_nothing_else() {
    let fake = Fake::with(&[("a", Manner::Refuse)]);
    let plan =
        plan(vec![create(1, "a", &[]), create(2, "b", &[1]), create(3, "c", &[]), create(4, "d", &[3])]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "rejected not-attempted done done");
    let note = carried.steps[1].note.as_deref();
    assert_eq!(note, Some("step 1, which must be done before it, was not done"));
}

#[tokio::test(start_paused = true)]
async fn no_reply_is_settled_by_looking() {
    let fake = Fake::with(&[("a", Manner::Swallow), ("b", Manner::Vanish), ("c", Manner::Lie)]);
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[]), create(3, "c", &[])]);
    assert_eq!(fates(&fake, &plan).await, "done unknown accepted");
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_has_changed_stops_the_run_before_its_wave() {
    let fake = Fake::with(&[]);
    fake.topics.borrow_mut().insert("b".to_owned());
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[])]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "not-attempted not-attempted");
    assert_eq!(carried.drifts.len(), 1);
    assert_eq!(fake.requests.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_changes_while_a_wave_goes_on_stops_it_and_is_named() {
    let fake = Fake { rival: Some("c"), ..Fake::there(&["b", "c", "d"]) };
    let plan = plan(vec![create(1, "a", &[]), tune(2, "c"), tune(3, "d"), create(4, "e", &[1])]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "done not-attempted not-attempted not-attempted");
    assert_eq!(carried.drifts.len(), 1, "what this run has made itself is no drift: {:?}", carried.drifts);
    let why = carried.steps[1].note.as_deref();
    assert_eq!(why, Some("no longer what was planned: topic c: exists was true and is absent now"));
    assert_eq!(carried.steps[2].note.as_deref(), Some("the plan is stale"));
    assert_eq!(fake.requests.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_overwrite_is_looked_at_before_each_request_and_a_creation_is_not() {
    for (steps, looks) in [
        (vec![create(1, "a", &[]), create(2, "b", &[])], 2),
        (vec![tune(1, "c"), create(2, "a", &[])], 2),
        (vec![create(1, "a", &[]), tune(2, "c"), tune(3, "d")], 4),
    ] {
        let fake = Fake::there(&["c", "d"]);
        let plan = plan(steps);
        let fates = fates(&fake, &plan).await;
        assert!(fates.split(' ').all(|fate| fate == "done"), "{fates}");
        assert_eq!(fake.looks.get(), looks, "{:?}", plan.steps);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_again_is_not_sent() {
    let fake = Fake { blind_after: Some(1), ..Fake::there(&["c"]) };
    let plan = plan(vec![create(1, "a", &[]), tune(2, "c")]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "accepted not-attempted");
    assert!(carried.look_failure.is_some());
    assert_eq!(fake.requests.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_cannot_be_read_keeps_back_what_rests_on_it_and_nothing_else() {
    let fake = Fake { unreadable: Some("a"), ..Fake::with(&[]) };
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[]), create(3, "c", &[1])]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "not-attempted done not-attempted");
    assert!(carried.drifts.is_empty(), "nothing is known to have changed");
    let why = carried.steps[0].note.as_deref();
    assert_eq!(why, Some("topic a: exists was absent and cannot be read now: TIMEOUT: no answer"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_step_in_flight_be_settled_and_sends_nothing_more() {
    let fake = Fake::with(&[]);
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[]), create(3, "c", &[1])]);
    let (carried, fates) = run(&fake, &plan, &mut Paper::default(), &|| fake.requests.get() > 0).await;
    assert_eq!(fates, "done not-attempted not-attempted");
    assert!(carried.interrupted);
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_the_record_holds_it() {
    let fake = Fake::with(&[]);
    let mut paper = Paper { full_after: Some(2), ..Paper::default() };
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[])]);
    let (carried, fates) = run(&fake, &plan, &mut paper, &|| false).await;
    assert_eq!(fates, "done not-attempted");
    assert_eq!(paper.lines, ["sending 1", "heard 1"]);
    assert_eq!(carried.record_failure.as_deref(), Some("the disk is full"));
    assert_eq!(fake.requests.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_look_afterwards_accepted_stays_accepted() {
    let fake = Fake { blind_after: Some(1), ..Fake::with(&[("b", Manner::Vanish)]) };
    let plan = plan(vec![create(1, "a", &[]), create(2, "b", &[])]);
    assert_eq!(fates(&fake, &plan).await, "accepted unknown");
}

#[tokio::test(start_paused = true)]
async fn without_a_look_before_nothing_is_sent() {
    let fake = Fake { blind_after: Some(0), ..Fake::with(&[]) };
    let (carried, fates) =
        run(&fake, &plan(vec![create(1, "a", &[])]), &mut Paper::default(), &|| false).await;
    assert_eq!(fates, "not-attempted");
    assert!(carried.look_failure.is_some());
    assert_eq!(fake.requests.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_waiting_for_visibility_is_an_interruption() {
    let fake = Fake::with(&[("a", Manner::Lie)]);
    let (carried, fates) =
        run(&fake, &plan(vec![create(1, "a", &[])]), &mut Paper::default(), &|| fake.looks.get() > 2).await;
    assert_eq!(fates, "accepted");
    assert!(carried.interrupted);
}
