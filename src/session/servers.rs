//! The cluster and the registry together, as a run sees them: one look, one set of answers, one enactor a family.

use super::ports::{Answering, Enact, Hear, Look};
use super::requests::Requests;
use super::rights::hidden_topics;
use super::truncating::enact_records;
use super::{contents, moving};
use crate::clock::Clock;
use crate::error::Error;
use crate::kafka::{CallError, Cluster, ConnectOptions, Cover, GroupsLook, Outcome, Watch, WatchCluster};
use crate::registry::{RegistryClient, RegistryError};
use crate::settings::Settings;
use klerk_core::apply::{ItemFailure, StepEvent};
use klerk_core::placement::{ReplicaSizes, Throttle};
use klerk_core::plan::{
    AccessChange, Answer, Answers, Change, ClusterChange, GroupChange, Question, Step, StepId, SubjectChange,
    TopicChange,
};
use klerk_core::values::{Failure, Known, TopicPartition};
use klerk_core::world::{AccessView, GroupsView, RegistryView, Selection, Wanted, World};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// Why a registry that is wanted cannot be asked.
const NO_REGISTRY: &str = "no schema registry was named";

/// What a registry answers to whom it knows and does not allow something.
const FORBIDDEN: &str = "HTTP 403";

/// Waits before a change of a subject that does no harm twice is sent again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1000)];

/// What a command talks to.
#[derive(Debug, Clone)]
pub struct Servers {
    /// The cluster.
    pub cluster: Cluster,
    /// The schema registry, where one was named.
    pub registry: Option<RegistryClient>,
    /// Tells how old records are.
    pub clock: Clock,
}

impl Servers {
    /// Connects to the cluster. The registry is only spoken to when it is needed.
    ///
    /// # Errors
    /// When nobody said where the cluster is, and when it cannot be reached.
    pub async fn connect(settings: &Settings, requests: &Requests, clock: Clock) -> Result<Servers, Error> {
        let settings = settings.with_secrets()?;
        let options = ConnectOptions { meter: Arc::clone(&requests.kafka), ..settings.connect_options()? };
        let cluster = Cluster::connect(options).await?;
        let registry = settings.registry_options().map(RegistryClient::new).transpose()?;
        let registry = registry.map(|client| client.counted_by(requests.registry.clone()));
        Ok(Servers { cluster, registry, clock })
    }

    /// What is worth knowing of the certificates and keys in use, a sentence each; a store that serves for both is named once.
    pub fn notes(&self) -> BTreeSet<&str> {
        let registry = self.registry.iter().flat_map(RegistryClient::notes);
        self.cluster.notes().iter().chain(registry).map(String::as_str).collect()
    }

    /// The same servers, with no more than this many changes in one request to the cluster. A registry takes one anyway.
    #[must_use]
    pub fn in_batches_of(self, batch: Option<NonZeroUsize>) -> Servers {
        Servers { cluster: self.cluster.in_batches_of(batch), ..self }
    }

    async fn look_at_registry(&self, wanted: &Wanted) -> Known<RegistryView> {
        match &self.registry {
            _ if wanted.subjects.is_none() => Known::NotAsked,
            Some(registry) => registry.look_at(&wanted.subjects, wanted.deleted_subjects).await,
            None => Known::Unavailable(NO_REGISTRY.to_owned()),
        }
    }

    async fn look_at_groups(&self, wanted: &Wanted) -> Result<GroupsView, CallError> {
        if wanted.groups.is_none() && wanted.committed.is_none() {
            return Ok(GroupsView::default());
        }
        let look = GroupsLook {
            // All visible groups are listed anyway; members are read of those that are named.
            members: Cover::named(wanted.groups.names().cloned()),
            commits: match &wanted.committed {
                Selection::None => Cover::Nothing,
                Selection::Named(names) => Cover::named(names.iter().cloned()),
                Selection::AllVisible(_) => Cover::All,
            },
            stable: false,
            whole: matches!(wanted.groups, Selection::AllVisible(_)),
        };
        let mut seen = self.cluster.look_at_groups(&look).await?;
        if seen.has_groups_without_commits() {
            seen.hidden_topics = hidden_topics(&self.cluster).await;
        }
        Ok(seen)
    }

    async fn look_at_access(&self, wanted: &Wanted) -> Result<AccessView, CallError> {
        let acls = if wanted.acls { self.cluster.acls().await?.acls } else { Known::NotAsked };
        let quotas = if wanted.quotas { self.cluster.quotas().await? } else { Known::NotAsked };
        let users = if wanted.users { self.cluster.users().await? } else { Known::NotAsked };
        let own_principal = if wanted.acls { self.cluster.own_principal().await } else { Known::NotAsked };
        Ok(AccessView { acls, quotas, users, own_principal, own_login: self.cluster.own_login() })
    }

    /// Sees what is wanted, as [`Look::look`], with everything that is to be said about a failure.
    ///
    /// # Errors
    /// When the cluster cannot be looked at.
    pub async fn see(&self, wanted: &Wanted) -> Result<World, CallError> {
        let (cluster, groups, access, registry) = tokio::join!(
            self.cluster.look(wanted),
            self.look_at_groups(wanted),
            self.look_at_access(wanted),
            self.look_at_registry(wanted)
        );
        Ok(World { cluster: cluster?, groups: groups?, access: access?, registry })
    }

    /// The rates that are set on these brokers, in one request a broker.
    async fn rates(&self, brokers: BTreeSet<i32>) -> Answers {
        let answer = |seen| match seen {
            Known::Known(set) => Answer::Rates(set),
            Known::Denied(why) => Answer::Denied(why),
            Known::Failed(why) => Answer::Failed(why),
            other => {
                let why = other.missing_reason().unwrap_or_default();
                Answer::Failed(Failure::without_reply("NOT_READABLE", why))
            }
        };
        let told = self.cluster.set_rates(brokers.into_iter()).await;
        told.into_iter().map(|(broker, seen)| (Question::Rates { broker }, answer(seen))).collect()
    }

    async fn enact_topics(&self, steps: &[(StepId, &TopicChange)], hear: &mut impl Hear) {
        let (moves, others): (Vec<_>, Vec<_>) =
            steps.iter().copied().partition(|(_, change)| moving::is_for(change));
        let (ids, changes): (Vec<StepId>, Vec<&TopicChange>) = others.iter().copied().unzip();
        let silence = self.cluster.enact_topics(&changes, &mut Relay { steps: &ids, hear }).await;
        moving::enact(self, &moves, silence, hear).await;
    }

    async fn enact_cluster(&self, steps: &[(StepId, &ClusterChange)], hear: &mut impl Hear) {
        let changes: Vec<&ClusterChange> = steps.iter().map(|(_, change)| *change).collect();
        self.cluster.enact_cluster(&changes, &mut ClusterRelay { steps, hear }).await;
    }

    async fn enact_access(&self, steps: &[(StepId, &AccessChange)], hear: &mut impl Hear) {
        let (ids, changes): (Vec<StepId>, Vec<&AccessChange>) = steps.iter().copied().unzip();
        self.cluster.enact_access(&changes, &mut Relay { steps: &ids, hear }).await;
    }

    async fn enact_subject(&self, id: StepId, change: &SubjectChange, hear: &mut impl Hear) {
        let Some(registry) = &self.registry else {
            hear.heard(&[(id, StepEvent::NotSent(Failure::without_reply("NO_REGISTRY", NO_REGISTRY)))]);
            return;
        };
        if let SubjectChange::Delete { subject, from, permanent } = change {
            if hear.may_send(&[id]).await {
                let event = delete_subject(registry, subject, from.is_some(), *permanent).await;
                hear.heard(&[(id, taking_to_write(subject, event))]);
            }
            return;
        }
        let mut pauses = PAUSES.iter();
        while hear.may_send(&[id]).await {
            let result = match change {
                SubjectChange::Register { subject, kind, text, references, .. } => {
                    registry.register(subject, *kind, text, references).await.map(drop)
                }
                SubjectChange::SetCompatibility { subject, to: Some(to), .. } => {
                    registry.set_level(subject, *to).await.map(drop)
                }
                SubjectChange::SetCompatibility { subject, to: None, .. } => {
                    registry.unset_level(subject).await
                }
                SubjectChange::Delete { .. } => return,
            };
            // A level that is set twice is set as if once; a schema might get a second version.
            let may_repeat = matches!(change, SubjectChange::SetCompatibility { .. })
                && result.as_ref().is_err_and(RegistryError::may_be_sent_again);
            hear.heard(&[(id, taking_to_write(change.subject(), subject_event(result)))]);
            let Some(pause) = pauses.next().filter(|_| may_repeat) else { return };
            tokio::time::sleep(*pause).await;
        }
    }

    async fn enact_group(&self, id: StepId, change: &GroupChange, hear: &mut impl Hear) {
        if hear.may_send(&[id]).await {
            let event = self.cluster.enact_group(change).await;
            hear.heard(&[(id, event)]);
        }
    }
}

impl Look for Servers {
    async fn look(&self, wanted: &Wanted) -> Result<World, Failure> {
        self.see(wanted).await.map_err(|error| error.failure())
    }

    async fn replica_sizes(&self, replicas: &BTreeMap<i32, Vec<TopicPartition>>) -> ReplicaSizes {
        self.cluster.replica_bytes(replicas).await
    }
}

impl Answering for Servers {
    async fn answer(&self, questions: &BTreeSet<Question>, seen: &World) -> Answers {
        let changes: Vec<&TopicChange> = questions
            .iter()
            .filter_map(|question| match question {
                Question::Accepts(change) => Some(change),
                _ => None,
            })
            .collect();
        let of_cluster: Vec<&ClusterChange> = questions
            .iter()
            .filter_map(|question| match question {
                Question::AcceptsOfCluster(change) => Some(change),
                _ => None,
            })
            .collect();
        let of_access: Vec<&AccessChange> = questions
            .iter()
            .filter_map(|question| match question {
                Question::AcceptsOfAccess(change) => Some(change),
                _ => None,
            })
            .collect();
        let throttled = questions
            .iter()
            .filter_map(|question| match question {
                Question::Rates { broker } => Some(*broker),
                _ => None,
            })
            .collect();
        let registry = async {
            let mut answers = Answers::new();
            if let (Some(registry), Known::Known(view)) = (&self.registry, &seen.registry) {
                let asked = questions.iter().map(|question| async move {
                    registry.answer(question, view).await.map(|answer| (question.clone(), answer))
                });
                answers.extend(futures::future::join_all(asked).await.into_iter().flatten());
            }
            answers
        };
        let (preflight, of_brokers, access, of_contents, rates, mut answers) = tokio::join!(
            self.cluster.ask_about_topics(&changes),
            self.cluster.ask_about_cluster(&of_cluster),
            self.cluster.ask_about_access(&of_access),
            // It waits for many answers side by side, and would else take up the stack of every command.
            Box::pin(contents::answer(self, questions, seen)),
            self.rates(throttled),
            registry
        );
        answers.extend(of_contents);
        answers.extend(rates);
        answers.extend(of_cluster.into_iter().cloned().map(Question::AcceptsOfCluster).zip(of_brokers));
        answers.extend(of_access.into_iter().cloned().map(Question::AcceptsOfAccess).zip(access));
        answers.extend(changes.into_iter().cloned().map(Question::Accepts).zip(preflight));
        answers
    }
}

impl Enact for Servers {
    async fn lift(&self, throttle: &Throttle) -> Result<bool, Failure> {
        self.cluster.lift_throttle(throttle).await
    }

    async fn enact(&self, steps: &[&Step], hear: &mut impl Hear) {
        let (mut topics, mut of_cluster, mut records, mut access) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for step in steps {
            match &step.change {
                Change::Topic(change) => topics.push((step.id, change)),
                Change::Cluster(change) => of_cluster.push((step.id, change)),
                Change::Records(change) => records.push((step.id, change)),
                Change::Access(change) => access.push((step.id, change)),
                Change::Subject(_) | Change::Group(_) => {}
            }
        }
        self.enact_topics(&topics, hear).await;
        self.enact_access(&access, hear).await;
        self.enact_cluster(&of_cluster, hear).await;
        enact_records(&self.cluster, &records, hear).await;
        for step in steps {
            match &step.change {
                Change::Topic(_) | Change::Cluster(_) | Change::Access(_) | Change::Records(_) => {}
                Change::Subject(change) => self.enact_subject(step.id, change, hear).await,
                Change::Group(change) => self.enact_group(step.id, change, hear).await,
            }
        }
    }
}

/// Tells of changes by their steps.
struct Relay<'a, H> {
    steps: &'a [StepId],
    hear: &'a mut H,
}

impl<H> Relay<'_, H> {
    fn step(&self, place: usize) -> Option<StepId> {
        self.steps.get(place).copied()
    }
}

impl<H: Hear, T: Clone> Watch<T> for Relay<'_, H>
where
    StepEvent: From<Outcome<T>>,
{
    async fn may_send(&mut self, places: &[usize]) -> bool {
        let steps: Vec<StepId> = places.iter().filter_map(|place| self.step(*place)).collect();
        self.hear.may_send(&steps).await
    }

    fn heard(&mut self, news: &[(usize, Outcome<T>)]) {
        let news: Vec<(StepId, StepEvent)> = news
            .iter()
            .filter_map(|(place, outcome)| Some((self.step(*place)?, StepEvent::from(outcome.clone()))))
            .collect();
        if !news.is_empty() {
            self.hear.heard(&news);
        }
    }
}

/// Tells of changes of the cluster by their steps.
struct ClusterRelay<'a, H> {
    steps: &'a [(StepId, &'a ClusterChange)],
    hear: &'a mut H,
}

impl<H: Hear> WatchCluster for ClusterRelay<'_, H> {
    async fn may_send(&mut self, places: &[usize]) -> bool {
        let step = |place: &usize| self.steps.get(*place).map(|(id, _)| *id);
        let steps: Vec<StepId> = places.iter().filter_map(step).collect();
        self.hear.may_send(&steps).await
    }

    fn heard(&mut self, place: usize, event: StepEvent) {
        if let Some((id, _)) = self.steps.get(place) {
            self.hear.heard(&[(*id, event)]);
        }
    }
}

/// A registry deletes for good only what is out of sight already, so that a deletion for good may be done by half.
async fn delete_subject(
    registry: &RegistryClient,
    subject: &str,
    is_live: bool,
    permanent: bool,
) -> StepEvent {
    if is_live {
        let hidden = registry.delete_subject(subject, false).await;
        if hidden.is_err() || !permanent {
            return subject_event(hidden);
        }
    }
    match (subject_event(registry.delete_subject(subject, true).await), is_live) {
        (StepEvent::Refused(failure) | StepEvent::NotSent(failure), true) => {
            let failures = vec![ItemFailure { item: format!("{subject} for good"), failure }];
            StepEvent::PartlyAccepted { done: 1, of: 2, failures }
        }
        (event, _) => event,
    }
}

/// The same with the right that it takes, where the registry does not allow it: no registry tells it before it is asked to write.
fn taking_to_write(subject: &str, event: StepEvent) -> StepEvent {
    let StepEvent::Refused(failure) = event else { return event };
    if failure.name != FORBIDDEN {
        return StepEvent::Refused(failure);
    }
    let takes = format!("it takes the right to write subject {subject}, by a role or rule of the registry");
    StepEvent::Refused(Failure { message: format!("{} ({takes})", failure.message), ..failure })
}

fn subject_event(result: Result<(), RegistryError>) -> StepEvent {
    match result {
        Ok(()) => StepEvent::Accepted,
        Err(error) if error.leaves_outcome_open() => StepEvent::NoReply(error.into()),
        Err(error @ RegistryError::Unreachable(_)) => StepEvent::NotSent(error.into()),
        Err(error) => StepEvent::Refused(error.into()),
    }
}
