//! Throttles that klerk has set for copies of replicas: off again once these are done, at the latest by a later run.

use crate::app::App;
use crate::session::Enact;
use crate::view;

/// Takes off what this run or an earlier one has set and nothing needs any more. What is still needed stays, and is said.
pub(in crate::commands) async fn lift(app: &App, servers: &impl Enact, cluster_id: &str) {
    for standing in app.standing_throttles(cluster_id) {
        // The run that has set it is alive, and takes it off itself.
        let Some(_held) = standing.hold() else { continue };
        let rate = view::moves::rate(standing.throttle.rate);
        match servers.lift(&standing.throttle).await {
            Ok(true) => {
                if let Err(error) = standing.forget() {
                    let path = standing.path.display();
                    app.term.warn(&format!("note: the throttle is off, and {path} cannot be removed: {error}\n"));
                }
            }
            Ok(false) => app.term.note(&format!(
                "note: the throttle of {rate} stays on while replicas are on their way; the next klerk apply or klerk \
                 cluster moves takes it off\n"
            )),
            Err(failure) => app.term.warn(&format!(
                "note: the throttle of {rate} could not be taken off: {failure}; the next klerk apply or klerk cluster \
                 moves tries again\n"
            )),
        }
    }
}
