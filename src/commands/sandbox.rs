//! `klerk sandbox`: a simulated cluster and registry in this process, until it is told to stop.

use super::{act, planning};
use crate::app::App;
use crate::cli::{self, Connection, Consent, Manner, Sources, UsageError};
use crate::error::Error;
use crate::settings::{Environment, Settings};
use crate::status::Status;
use crate::term::Term;
use crate::view;
use crate::view::json::v1::SandboxDocument;
use klerk_core::plan::{DiffOptions, Permission, Risk};
use klerk_core::topology::Topology;
use klerk_sandbox::mishap::Mishap;
use klerk_sandbox::{Options, Sandbox};
use std::path::Path;

/// Starts it, applies the topology that was named, tells the addresses, and stays until it is told to stop. That is no
/// interruption of its work but the end of it.
///
/// # Errors
/// When a port cannot be had, and whatever keeps the topology from being applied.
pub async fn run(app: &App, args: &cli::Sandbox) -> Result<Status, Error> {
    refuse_unknown_brokers(args)?;
    let topology = args.topology.as_deref().map(|file| load(app, file)).transpose()?;
    let options = Options { brokers: args.brokers, port: args.port, manner: args.manner.into() };
    let sandbox = Sandbox::start(&options).await?;
    sandbox.with(|state| state.acls.authorizer = args.authorizer);
    if let Some(topology) = topology {
        let status = apply(app, &sandbox, &topology).await?;
        if status != Status::Done {
            return Ok(status);
        }
    }
    for mishap in &args.fault {
        sandbox.meet_with(mishap.clone()).await;
    }
    let document = document(&sandbox, &options);
    app.answer(|| view::sandbox::human(&document), || document.clone());
    app.stop.wait().await;
    Ok(Status::Done)
}

/// What is to happen to a broker that there is none of would never happen.
fn refuse_unknown_brokers(args: &cli::Sandbox) -> Result<(), Error> {
    let last = i32::from(args.brokers);
    let stopped = args.fault.iter().filter_map(|mishap| match mishap {
        Mishap::Stop(broker) => Some(*broker),
        _ => None,
    });
    match stopped.into_iter().find(|broker| !(1..=last).contains(broker)) {
        None => Ok(()),
        Some(broker) => Err(UsageError::Arguments {
            message: format!("--fault stop {broker}: there is no such broker"),
            hints: vec![format!("the sandbox has the brokers 1 to {last}; --brokers N starts more")],
        }
        .into()),
    }
}

fn load(app: &App, file: &Path) -> Result<Topology, Error> {
    app.load_topology(&Sources { file: vec![file.to_owned()] })
}

fn document(sandbox: &Sandbox, options: &Options) -> SandboxDocument {
    let brokers = sandbox.bootstrap().split(',').map(str::to_owned).collect();
    let cluster_id = sandbox.with(|state| state.cluster_id.clone());
    SandboxDocument::new(cluster_id, brokers, sandbox.registry_url().to_owned(), options.manner.as_str())
}

/// Applies a topology as `klerk apply --yes` would. Its report is the answer only when something is amiss. The record is
/// of no use to anybody once the sandbox is gone, so it does not go among the operator's own.
async fn apply(app: &App, sandbox: &Sandbox, topology: &Topology) -> Result<Status, Error> {
    let (term, captured) = Term::buffered(None);
    let folder = tempfile::tempdir()
        .map_err(|source| Error::System { what: "no temporary folder can be made", source })?;
    let here = Connection {
        bootstrap: vec![sandbox.bootstrap()],
        registry: vec![sandbox.registry_url().to_owned()],
        ..Connection::default()
    };
    let quiet = App { settings: Settings::read(&here, &Environment::default())?, term, ..app.clone() };
    let status = app
        .reading(async {
            let servers = planning::connect(&quiet).await?;
            let plan =
                planning::plan(&quiet, &servers, topology, &DiffOptions::default(), None, "sandbox").await?;
            let record = Some(folder.path().join("record.jsonl"));
            let consent = Consent {
                yes: true,
                allow: vec![Permission::Risk(Risk::OpensAccess)],
                record,
                ..Consent::default()
            };
            act::act(&quiet, &servers, &plan, &consent).await
        })
        .await?;
    if status != Status::Done {
        app.term.warn(&captured.other());
        app.term.answer(&captured.answer());
    }
    Ok(status)
}

impl From<Manner> for klerk_sandbox::registry::Manner {
    fn from(manner: Manner) -> Self {
        match manner {
            Manner::Confluent => klerk_sandbox::registry::Manner::Confluent,
            Manner::Apicurio => klerk_sandbox::registry::Manner::Apicurio,
            Manner::Karapace => klerk_sandbox::registry::Manner::Karapace,
        }
    }
}
