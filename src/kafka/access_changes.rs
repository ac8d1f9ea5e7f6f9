//! Changes of who may do what, as the core plans them: each kind in requests of its own, as few as there can be.

use super::batch::{Outcome, Watch};
use super::cluster::Cluster;
use klerk_core::access::Acl;
use klerk_core::apply::StepEvent;
use klerk_core::plan::AccessChange;
use klerk_core::values::TopicId;

impl Cluster {
    /// Carries out changes and tells of each by its place in the list.
    pub async fn enact_access(&self, changes: &[&AccessChange], watch: &mut impl Watch<()>) {
        let (places, acls) = chosen(changes, |change| match change {
            AccessChange::CreateAcl { acl } => Some(acl.clone()),
            AccessChange::DeleteAcl { .. } => None,
        });
        self.create_acls(&acls, &mut Placed { places: &places, watch }).await;
        let (places, acls): (Vec<usize>, Vec<Acl>) = chosen(changes, |change| match change {
            AccessChange::DeleteAcl { acl } => Some(acl.clone()),
            AccessChange::CreateAcl { .. } => None,
        });
        self.delete_acls(&acls, &mut Placed { places: &places, watch }).await;
    }
}

/// The changes of one kind, with their places in the list.
fn chosen<T>(changes: &[&AccessChange], choose: impl Fn(&AccessChange) -> Option<T>) -> (Vec<usize>, Vec<T>) {
    changes.iter().enumerate().filter_map(|(place, change)| Some((place, choose(change)?))).unzip()
}

/// Tells of the changes of one kind by their places among all.
struct Placed<'a, W> {
    places: &'a [usize],
    watch: &'a mut W,
}

impl<W: Watch<()>> Watch<()> for Placed<'_, W> {
    async fn may_send(&mut self, places: &[usize]) -> bool {
        let places: Vec<usize> = places.iter().filter_map(|place| self.places.get(*place).copied()).collect();
        self.watch.may_send(&places).await
    }

    fn heard(&mut self, news: &[(usize, Outcome<()>)]) {
        let news: Vec<(usize, Outcome<()>)> = news
            .iter()
            .filter_map(|(place, outcome)| Some((*self.places.get(*place)?, outcome.clone())))
            .collect();
        self.watch.heard(&news);
    }
}

impl From<Outcome<()>> for StepEvent {
    fn from(outcome: Outcome<()>) -> Self {
        outcome.map(|()| None::<TopicId>).into()
    }
}
