//! Changes of who may do what, as the core plans them: each kind in requests of its own, as few as there can be.

use super::batch::{Outcome, Watch};
use super::cluster::Cluster;
use super::quotas::ops;
use super::users::{Credentials, UserOp, rounds};
use crate::secure::read_password;
use klerk_core::access::Acl;
use klerk_core::apply::StepEvent;
use klerk_core::plan::{AccessChange, Answer};
use klerk_core::values::{Failure, Secret, TopicId};
use std::collections::BTreeMap;

impl Cluster {
    /// Carries out changes and tells of each by its place in the list.
    pub async fn enact_access(&self, changes: &[&AccessChange], watch: &mut impl Watch<()>) {
        let (places, acls) = chosen(changes, |change| match change {
            AccessChange::CreateAcl { acl } => Some(acl.clone()),
            _ => None,
        });
        self.create_acls(&acls, &mut Placed { places: &places, watch }).await;
        let (places, quotas): (Vec<usize>, Vec<_>) = chosen(changes, ops);
        self.alter_quotas(&quotas, &mut Placed { places: &places, watch }).await;
        self.enact_users(changes, watch).await;
        let (places, acls): (Vec<usize>, Vec<Acl>) = chosen(changes, |change| match change {
            AccessChange::DeleteAcl { acl } => Some(acl.clone()),
            _ => None,
        });
        self.delete_acls(&acls, &mut Placed { places: &places, watch }).await;
    }

    /// Passwords are read now, and live no longer than the request.
    async fn enact_users(&self, changes: &[&AccessChange], watch: &mut impl Watch<()>) {
        let (places, named) = chosen(changes, |change| match change {
            AccessChange::SetUser { user, .. } | AccessChange::DeleteUser { user, .. } => Some(user.clone()),
            _ => None,
        });
        for round in rounds(named.iter().map(String::as_str)) {
            let (mut sent, mut ops) = (Vec::new(), Vec::new());
            for place in round.into_iter().filter_map(|at| places.get(at).copied()) {
                match changes.get(place).map(|change| user_op(change)) {
                    Some(Ok(Some(op))) => {
                        sent.push(place);
                        ops.push(op);
                    }
                    Some(Err(failure)) => watch.heard(&[(place, Outcome::NotSent(failure))]),
                    Some(Ok(None)) | None => {}
                }
            }
            self.alter_users(&ops, &mut Placed { places: &sent, watch }).await;
        }
    }

    /// Asks of quotas the brokers, and of users whether there is a password to be sent; one answer for each, in their
    /// order.
    pub async fn ask_about_access(&self, changes: &[&AccessChange]) -> Vec<Answer> {
        let (places, quotas) = chosen(changes, |change| ops(change).map(|_| change.clone()));
        let quotas: Vec<&AccessChange> = quotas.iter().collect();
        let mut of_quotas: BTreeMap<usize, Answer> =
            places.into_iter().zip(self.ask_about_quotas(&quotas).await).collect();
        let answer = |(place, change): (usize, &&AccessChange)| match change {
            AccessChange::SetUser { password_file, .. } => match password(password_file) {
                Ok(_) => Answer::Accepted,
                Err(failure) => Answer::Refused(failure),
            },
            _ => of_quotas
                .remove(&place)
                .unwrap_or_else(|| Answer::NotAsked("Kafka cannot be asked about it".to_owned())),
        };
        changes.iter().enumerate().map(answer).collect()
    }
}

fn password(path: &str) -> Result<Secret, Failure> {
    read_password(path).map_err(|error| Failure::without_reply("PASSWORD_FILE", error.to_string()))
}

/// What a change does to credentials; `None` where it is of something else.
fn user_op(change: &AccessChange) -> Result<Option<UserOp>, Failure> {
    Ok(match change {
        AccessChange::SetUser { user, mechanism, iterations, password_file, .. } => {
            let set = Some(Credentials::new(&password(password_file)?, *mechanism, *iterations)?);
            Some(UserOp { user: user.clone(), mechanism: *mechanism, set })
        }
        AccessChange::DeleteUser { user, mechanism, .. } => {
            Some(UserOp { user: user.clone(), mechanism: *mechanism, set: None })
        }
        _ => None,
    })
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
