//! What the principal that is connected may do: weighed into a plan, and told beside a list.

use super::ports::Answering;
use super::servers::Servers;
use crate::kafka::Cluster;
use crate::secure::Security;
use klerk_core::access::{AclResourceType, Operation};
use klerk_core::plan::Plan;
use klerk_core::values::{Failure, Known};
use klerk_core::world::{HiddenTopics, World};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Servers {
    /// The plan with what this principal is not allowed to do among its findings, also where nobody has said who one is: an
    /// authorizer knows nobody by a name of his own. Only what no server was asked about in another way is asked about.
    pub async fn weigh_rights(&self, plan: Plan) -> Plan {
        let wanted = plan.rights_wanted();
        if wanted.is_empty() {
            return plan;
        }
        let rights = self.cluster.rights(&wanted).await;
        plan.with_rights(&rights, self.cluster.named_principal().as_deref())
    }

    /// The same for a plan that was saved, perhaps by somebody who may do less, or more, than who carries it out.
    pub async fn weigh_rights_anew(&self, plan: Plan, seen: &World) -> Plan {
        if !says_who_it_is(&self.cluster) {
            return plan;
        }
        let (creations, wanted) = (plan.creations(), plan.rights_wanted_anew());
        let (answers, rights) = tokio::join!(self.answer(&creations, seen), self.cluster.rights(&wanted));
        plan.with_rights_anew(&answers, &rights, self.cluster.named_principal().as_deref())
    }
}

/// Whether lists are of everything: Kafka leaves out in silence what a principal may not see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    /// Whether there may be more; `None` where the brokers do not tell, and where nothing is limited and nobody has said who one is.
    pub only: Option<bool>,
    /// The same in words, where there may be more.
    pub note: Option<String>,
}

/// What this principal may see, by its rights on the cluster.
#[derive(Debug)]
pub struct Sight {
    rights: Known<BTreeSet<Operation>>,
    says_who_it_is: bool,
    who: Option<Arc<str>>,
}

impl Sight {
    /// Asks for the rights.
    pub async fn of(cluster: &Cluster) -> Sight {
        Sight {
            rights: cluster.rights_on_cluster().await,
            says_who_it_is: says_who_it_is(cluster),
            who: cluster.named_principal().map(Into::into),
        }
    }

    /// What lists are of, for whoever may describe the cluster and for whoever may not.
    pub fn visible_only(&self) -> Visible {
        if self.may_describe() == Some(false) {
            let who = self.who.as_deref().unwrap_or("the principal that klerk connects as");
            let note = format!(
                "{who} lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it\n"
            );
            return Visible { only: Some(true), note: Some(note) };
        }
        Visible { only: (self.is_limited() && self.may_describe().is_some()).then_some(false), note: None }
    }

    /// Topics that may not be described, which lists of topics, and of commits on them, are without. Those that are open are
    /// known to be seen.
    pub async fn hidden_topics(&self, cluster: &Cluster, is_open: impl Fn(&str) -> bool) -> HiddenTopics {
        HiddenTopics(match (self.is_limited(), self.may_describe()) {
            (false, _) => Known::NotAsked,
            // Replicas are told to who may describe the cluster.
            (true, Some(false)) => Known::Denied(Failure::without_reply(
                "CLUSTER_AUTHORIZATION_FAILED",
                "it takes describe on the cluster",
            )),
            (true, _) => cluster.hidden_topics(is_open).await,
        })
    }

    fn may_describe(&self) -> Option<bool> {
        self.rights.known().map(|rights| rights.contains(&Operation::Describe))
    }

    /// Whether there is, or may be, an authorizer that keeps something back: it allows everything of the cluster to everybody
    /// where there is none. Who has said who he is may be allowed that and no topic.
    fn is_limited(&self) -> bool {
        let all = AclResourceType::Cluster.operations();
        let lacks = |rights: &BTreeSet<Operation>| all.iter().any(|one| !rights.contains(one));
        self.says_who_it_is || self.rights.known().is_some_and(lacks)
    }
}

/// What lists are of.
pub async fn visible_only(cluster: &Cluster) -> Visible {
    Sight::of(cluster).await.visible_only()
}

/// Topics that may not be described.
pub async fn hidden_topics(cluster: &Cluster) -> HiddenTopics {
    Sight::of(cluster).await.hidden_topics(cluster, |_| false).await
}

impl Visible {
    /// The same for a list that is of topics, too. Describing the cluster shows all groups and not one topic.
    #[must_use]
    pub fn and_topics(self, hidden: &HiddenTopics) -> Visible {
        let only = match (self.only, hidden.visible_only()) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        Visible { only, note: self.note.or_else(|| hidden.note().map(|note| format!("{note}\n"))) }
    }
}

fn says_who_it_is(cluster: &Cluster) -> bool {
    *cluster.security() != Security::default()
}
