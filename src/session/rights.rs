//! What the principal that is connected may do: weighed into a plan, and told beside a list.

use super::ports::Answering;
use super::servers::Servers;
use crate::kafka::Cluster;
use crate::secure::Security;
use klerk_core::access::Operation;
use klerk_core::plan::Plan;
use klerk_core::values::Known;
use klerk_core::world::{HiddenTopics, World};

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
    /// Whether there may be more; `None` where the brokers do not tell, and where nobody has said who one is.
    pub only: Option<bool>,
    /// The same in words, where there may be more.
    pub note: Option<String>,
}

/// What lists are of, for whoever may describe the cluster and for whoever may not.
pub async fn visible_only(cluster: &Cluster) -> Visible {
    if !says_who_it_is(cluster) {
        return Visible::default();
    }
    match cluster.rights_on_cluster().await {
        Known::Known(rights) if !rights.contains(&Operation::Describe) => {
            let who = cluster.named_principal();
            let who = who.as_deref().unwrap_or("the principal that klerk connects as");
            let note = format!(
                "{who} may not describe the cluster: only groups and topics that it may describe by themselves are shown, and there may be more\n"
            );
            Visible { only: Some(true), note: Some(note) }
        }
        Known::Known(_) => Visible { only: Some(false), note: None },
        _ => Visible::default(),
    }
}

/// Topics that may not be described, which lists of topics, and of commits on them, are without.
pub async fn hidden_topics(cluster: &Cluster) -> HiddenTopics {
    match says_who_it_is(cluster) {
        true => HiddenTopics(cluster.hidden_topics().await),
        false => HiddenTopics::default(),
    }
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
