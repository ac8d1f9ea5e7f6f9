use super::facts::is_state;
use crate::app::{App, Output};
use crate::cli::GroupList;
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cover, GroupsLook};
use crate::session::visible_only;
use crate::status::Status;
use crate::view::group_list;
use crate::view::json::v1::GroupsDocument;
use klerk_core::values::{Known, Pattern};

/// `klerk group list`.
pub(super) async fn run(app: &App, args: &GroupList) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    let members = match &args.matching {
        Some(glob) => Cover::Matching(Pattern::new(glob)),
        None => Cover::All,
    };
    let look = GroupsLook { members: members.clone(), ..GroupsLook::default() };
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let mut view = app.reading(cluster.look_at_groups(&look)).await?;
    view.groups.retain(|name, group| {
        let state = group.known().map(|group| &group.state);
        members.covers(name) && args.state.as_ref().is_none_or(|wanted| is_state(state, wanted))
    });
    let visible = app.reading(async { Ok::<_, Error>(visible_only(&cluster).await) }).await?;
    if let Some(note) = visible.note.as_ref().filter(|_| app.output != Output::Human) {
        app.term.note(note);
    }
    if let Some(pattern) = args.matching.as_ref().filter(|_| view.groups.is_empty() && args.state.is_none()) {
        app.note_no_match("group that is visible", pattern);
    }
    app.answer(
        || group_list::human(&view, visible.note.as_deref()),
        || GroupsDocument::new(&view, visible.only),
    );
    let lacking = view.groups.values().any(|group| match group {
        Known::Known(group) => matches!(group.members, Known::Denied(_) | Known::Failed(_)),
        other => matches!(other, Known::Denied(_) | Known::Failed(_)),
    });
    Ok(if lacking || !view.unlisted.is_empty() { Status::Partly } else { Status::Done })
}
