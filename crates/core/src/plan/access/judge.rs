use super::AccessChange;
use super::facts::expectations;
use crate::plan::assess::Standing;
use crate::plan::question::Ruling;
use crate::plan::{Answers, Basis, Change, Conflict, ConflictReason, Finding, Question, Risk};
use crate::values::{Failure, Origin};

/// What a change risks and rests on, or why it cannot be made. Of entries Kafka cannot be asked beforehand whether it
/// would accept them; of users klerk itself answers, who reads the password.
pub(in crate::plan) fn judge(
    change: &AccessChange,
    origin: Option<&Origin>,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    standing.risks.extend(risk(change));
    if let AccessChange::CreateAcl { acl } = change {
        let access = basis.topology.and_then(|topology| topology.access.get(&acl.principal));
        let expanded = access.and_then(|access| access.acls.get(acl)?.expanded_from.as_ref());
        standing.impact.notes.extend(expanded.map(|from| format!("names taken from {from}")));
    }
    if let AccessChange::SetUser { user, from: Some(_), .. } = change {
        let note = format!("whoever logs in as '{user}' with the password before is refused from then on");
        standing.impact.notes.push(note);
    }
    match Ruling::of(answers.get(&Question::AcceptsOfAccess(change.clone()))) {
        Ruling::Accepted => {
            standing.preflighted =
                matches!(change, AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. });
        }
        Ruling::Denied(failure) => {
            standing.findings.push(Finding::denied(&Change::Access(change.clone()), failure, origin));
        }
        Ruling::Refused(failure) => return Err(refused(change, failure, origin)),
        Ruling::Open(failure) => {
            return Err(Conflict {
                resource: change.resource(),
                reason: ConflictReason::NotReadable,
                message: format!("whether it would be accepted could not be found out: {failure}. Try again"),
                origin: origin.cloned(),
            });
        }
        Ruling::NotAsked | Ruling::Unanswered => {}
    }
    Ok(standing)
}

fn risk(change: &AccessChange) -> Option<Risk> {
    match change {
        AccessChange::CreateAcl { acl } if acl.allows() => Some(Risk::OpensAccess),
        AccessChange::CreateAcl { .. } => Some(Risk::ClosesAccess),
        AccessChange::DeleteAcl { acl } if acl.allows() => Some(Risk::ClosesAccess),
        AccessChange::DeleteAcl { .. } => Some(Risk::OpensAccess),
        AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } => None,
        AccessChange::SetUser { from: None, .. } => Some(Risk::OpensAccess),
        AccessChange::SetUser { .. } | AccessChange::DeleteUser { .. } => Some(Risk::ClosesAccess),
    }
}

fn refused(change: &AccessChange, failure: &Failure, origin: Option<&Origin>) -> Conflict {
    let (reason, message) = match change {
        AccessChange::SetUser { user, .. } => {
            let message = format!("the password_file of user '{user}' cannot be used: {}", failure.message);
            (ConflictReason::Other, message)
        }
        _ => (ConflictReason::RefusedByBroker, format!("the quotas would not be changed: {failure}")),
    };
    Conflict { resource: change.resource(), reason, message, origin: origin.cloned() }
}
