use super::planning;
use crate::app::App;
use crate::cli::{User, UserList};
use crate::error::Error;
use crate::status::Status;
use crate::view::client_list;
use crate::view::json::v1::UsersDocument;
use klerk_core::access::ScramMechanism;
use klerk_core::values::{Known, Pattern};
use std::collections::BTreeMap;

/// `klerk user`: who may log in by SCRAM.
pub async fn run(app: &App, command: &User) -> Result<Status, Error> {
    match command {
        User::List(args) => list(app, args).await,
    }
}

async fn list(app: &App, args: &UserList) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let all = app.reading(cluster.users()).await?;
    let pattern = args.matching.as_deref().map(Pattern::new);
    let shown: Vec<(&String, &BTreeMap<ScramMechanism, i32>)> = all
        .known()
        .into_iter()
        .flatten()
        .filter(|(name, _)| pattern.as_ref().is_none_or(|pattern| pattern.matches(name)))
        .collect();
    if let (Some(pattern), Known::Known(_), true) = (&args.matching, &all, shown.is_empty()) {
        app.note_no_match("user", pattern);
    }
    app.answer(|| client_list::users(&shown, &all), || UsersDocument::new(&shown, &all));
    Ok(match all {
        Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) => Status::Partly,
        _ => Status::Done,
    })
}
