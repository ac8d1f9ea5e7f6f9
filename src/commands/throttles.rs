//! Throttles that klerk has set for copies of replicas: off again once these are done, at the latest by a later run.

use crate::app::App;
use crate::session::Enact;
use crate::view;
use klerk_core::placement::Throttle;

/// Takes off what this run or an earlier one has set and nothing needs any more. What is still needed stays, and is said.
/// Returned is what runs before the one with this record had left.
pub(in crate::commands) async fn lift(
    app: &App,
    servers: &impl Enact,
    cluster_id: &str,
    own: &str,
) -> Vec<Throttle> {
    let mut lifted = Vec::new();
    for standing in app.standing_throttles(cluster_id) {
        // The run that has set it is alive, and takes it off itself.
        let Some(_held) = standing.hold() else { continue };
        let rate = view::moves::rate(standing.throttle.rate);
        match servers.lift(&standing.throttle).await {
            Ok(true) => {
                if !standing.is_of(own) {
                    lifted.push(standing.throttle.clone());
                }
                if let Err(error) = standing.forget() {
                    let path = standing.path.display();
                    app.term.warn(&format!("note: the throttle is off, and {path} cannot be removed: {error}\n"));
                }
            }
            Ok(false) => app.term.note(&format!(
                "note: the throttle of {rate} stays on while replicas are on their way; the next klerk apply takes it off, \
                 or klerk cluster moves --remove-throttle\n"
            )),
            Err(failure) => app.term.warn(&format!(
                "note: the throttle of {rate} could not be taken off: {failure}; the next klerk apply tries again, or klerk \
                 cluster moves --remove-throttle\n"
            )),
        }
    }
    lifted
}

/// Whether runs that are over have left any.
pub(in crate::commands) fn are_left(app: &App, cluster_id: &str) -> bool {
    app.standing_throttles(cluster_id).iter().any(|standing| standing.hold().is_some())
}

/// Throttles of runs on this machine that are alive, and may have set them for moves which are still to be sent.
pub(in crate::commands) fn held(app: &App, cluster_id: &str) -> Vec<Throttle> {
    let standing = app.standing_throttles(cluster_id).into_iter();
    standing.filter(|standing| standing.hold().is_none()).map(|standing| standing.throttle).collect()
}
