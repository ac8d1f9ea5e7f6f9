//! `klerk export`: what is on the cluster and in the registry, as a topology of which the plan is empty.

use super::planning;
use crate::app::{App, Output};
use crate::cli;
use crate::error::Error;
use crate::kafka::Cluster;
use crate::session::{Servers, Sight, Visible};
use crate::status::Status;
use crate::store::{self, StoreError};
use crate::view;
use crate::view::json::v1::ExportDocument;
use klerk_core::export::{Export, ExportOptions, export, wanted_for_export};
use klerk_core::plan::DiffOptions;
use klerk_core::values::{Known, is_kafkas_topic};
use klerk_core::world::{RegistryView, Selection, World};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The topology's file in the folder that is written into.
const TOPOLOGY: &str = "topology.yaml";
/// How often, and how far apart, is looked again where a topic comes or goes meanwhile.
const LOOKS_AGAIN: usize = 2;
const PAUSE: Duration = Duration::from_millis(500);

/// Looks, writes what was seen as a topology, and answers with it or puts it into a folder.
///
/// # Errors
/// When the cluster or the registry cannot be looked at, and when a file is there already or cannot be written.
pub async fn run(app: &App, args: &cli::Export) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    if let Some(out) = args.out.as_deref().filter(|_| !args.force) {
        // The look may take a while; what will be refused in any case is refused before it.
        refuse_existing([out.join(TOPOLOGY).as_path()])?;
    }
    let (world, covered, visible) = app.reading(look(app, args.filter.options())).await?;
    let schema_files = args.out.is_some() || app.output == Output::Json;
    let left_out = visible.note.as_ref().map(|note| note.trim_end().to_owned());
    let export = export(&world, &ExportOptions { covered, schema_files, left_out });
    let Export { schemas, topics, groups, principals, quotas, users, gaps, .. } = &export;
    let is_bare = schemas.is_empty() && topics + groups + principals + quotas + users == 0;
    if let Some(pattern) = args.filter.matching.as_ref().filter(|_| is_bare && gaps.is_empty()) {
        app.note_no_match("name that is seen", pattern);
    }
    if let Some(out) = &args.out {
        write(&export, out, args.force)?;
    }
    answer(app, &export, &world, &visible, args.out.as_deref());
    Ok(if export.gaps.is_empty() { Status::Done } else { Status::Partly })
}

/// Sees all that is covered, and says what can be covered (schemas only where there is a registry) and whether there may be
/// more than may be seen.
async fn look(app: &App, covered: DiffOptions) -> Result<(World, DiffOptions, Visible), Error> {
    let servers = planning::connect(app).await?;
    let covered = DiffOptions { registry: servers.registry.is_some(), ..covered };
    if covered.families.schemas && !covered.registry {
        app.term.note("no schema registry was named: schemas are left out");
    }
    let progress = app.term.progress("looking at the cluster", None);
    let listed = match &servers.registry {
        Some(_) if covered.covers_subjects() => Some(subjects(&servers).await?),
        _ => None,
    };
    let names = listed.iter().flat_map(|listed| listed.subjects.keys());
    let names: BTreeSet<String> = names.filter(|name| covered.covers_subject(name)).cloned().collect();
    let wanted = wanted_for_export(&covered, names);
    let mut world = servers.see(&wanted).await?;
    for _ in 0..LOOKS_AGAIN {
        if !has_half_topics(&world, &covered) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        world = servers.see(&wanted).await?;
    }
    drop(progress);
    if let Some(listed) = listed {
        let subjects = match world.registry {
            Known::Known(seen) => seen.subjects,
            Known::NotAsked => Default::default(),
            Known::Denied(why) | Known::Failed(why) => return Err(Error::RegistryLook(why)),
            Known::Absent | Known::Unavailable(_) => return Err(Error::NoRegistry),
        };
        world.registry =
            Known::Known(RegistryView { subjects, unlisted: listed.unlisted, deleted: Known::NotAsked });
    }
    let visible = visible(&servers.cluster, &world, &covered).await;
    if let Some(note) = &visible.note {
        app.term.note(note);
    }
    Ok((world, covered, visible))
}

/// Whether a broker has shown a topic of which one knows nothing: it came or went between the two.
fn has_half_topics(world: &World, covered: &DiffOptions) -> bool {
    let mut topics = world.cluster.topics.iter().filter(|(name, _)| covered.covers_topic(name));
    topics.any(|(_, seen)| seen.known().is_some_and(|topic| topic.configs.is_absent()))
}

/// What may not be seen of what is covered: topics, and those that covered groups may have commits on, which no name tells.
async fn visible(cluster: &Cluster, world: &World, covered: &DiffOptions) -> Visible {
    let sight = Sight::of(cluster).await;
    let has_groups = world.groups.groups.keys().any(|name| covered.covers_group(name));
    if !covered.families.topics && !has_groups {
        return sight.visible_only();
    }
    let seen = |name: &str| matches!(world.cluster.topics.get(name), Some(Known::Known(_)));
    let hidden = sight.hidden_topics(cluster, seen).await;
    let is_meant = |name: &str| (has_groups || covered.covers_topic(name)) && !is_kafkas_topic(name);
    sight.visible_only().and_topics(&hidden.among(is_meant))
}

/// The names of all subjects.
async fn subjects(servers: &Servers) -> Result<RegistryView, Error> {
    let Some(registry) = &servers.registry else { return Err(Error::NoRegistry) };
    match registry.look(&Selection::AllVisible(BTreeSet::new())).await {
        Known::Known(view) => Ok(view),
        Known::Denied(why) | Known::Failed(why) => Err(Error::RegistryLook(why)),
        Known::Absent | Known::Unavailable(_) | Known::NotAsked => Err(Error::NoRegistry),
    }
}

/// The topology comes last, so that it never names a schema that is not there yet.
fn write(export: &Export, out: &Path, force: bool) -> Result<(), Error> {
    let schemas = export.schemas.iter().map(|schema| (out.join(&schema.path), schema.text.as_str()));
    let topology = (out.join(TOPOLOGY), export.topology.as_str());
    let files: Vec<(PathBuf, &str)> = schemas.chain([topology]).collect();
    if !force {
        refuse_existing(files.iter().map(|(path, _)| path.as_path()))?;
    }
    Ok(store::write_all(&files)?)
}

fn refuse_existing<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Error> {
    let paths = store::existing(paths);
    if paths.is_empty() { Ok(()) } else { Err(StoreError::Exist { paths }.into()) }
}

fn answer(app: &App, export: &Export, world: &World, visible: &Visible, out: Option<&Path>) {
    app.answer(
        || match out {
            Some(out) => view::export::human(export, &out.join(TOPOLOGY)),
            None => export.topology.clone(),
        },
        || ExportDocument::new(export, TOPOLOGY, &world.cluster.id, visible.only, out),
    );
    if out.is_none() && app.output != Output::Json && !export.schemas.is_empty() {
        app.term.note("schemas stand in files of their own, so they are left out: --out DIR writes them beside the topology");
    }
    for gap in &export.gaps {
        app.term.warn(&format!("not whole: {gap}"));
    }
}
