use super::planning;
use crate::app::App;
use crate::cli::{Quota, QuotaList};
use crate::error::Error;
use crate::status::Status;
use crate::view::client_list;
use crate::view::json::v1::QuotasDocument;
use klerk_core::access::{QuotaEntity, Quotas};
use klerk_core::values::{Known, Pattern};

/// `klerk quota`: how much clients may ask of brokers.
pub async fn run(app: &App, command: &Quota) -> Result<Status, Error> {
    match command {
        Quota::List(args) => list(app, args).await,
    }
}

async fn list(app: &App, args: &QuotaList) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let all = app.reading(cluster.quotas()).await?;
    let pattern = args.matching.as_deref().map(Pattern::new);
    let is_wanted =
        |entity: &QuotaEntity| pattern.as_ref().is_none_or(|pattern| pattern.matches(&entity.to_string()));
    let shown: Vec<(&QuotaEntity, &Quotas)> =
        all.known().into_iter().flatten().filter(|(entity, _)| is_wanted(entity)).collect();
    if let (Some(pattern), Known::Known(_), true) = (&args.matching, &all, shown.is_empty()) {
        app.note_no_match("quota", pattern);
    }
    app.answer(|| client_list::quotas(&shown, &all), || QuotasDocument::new(&shown, &all));
    Ok(match all {
        Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) => Status::Partly,
        _ => Status::Done,
    })
}
