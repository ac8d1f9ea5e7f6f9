use super::reading::refuse_consent;
use crate::app::App;
use crate::cli::{ClusterConfigs, UsageError};
use crate::commands::group::protection;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::kafka::Cluster;
use crate::session::{Answering, Servers};
use crate::status::Status;
use crate::view::cluster_configs::{self, Shown};
use crate::view::json::v1::ClusterConfigsDocument;
use klerk_core::plan::{
    Basis, ConfigWishes, Plan, assess, propose_broker_configs, wanted_for_broker_configs,
};
use klerk_core::topology::Topology;
use klerk_core::values::{Known, Pattern, Resource, ResourceType, config_from_units};
use klerk_core::world::ConfigTarget;
use std::collections::BTreeSet;

/// `klerk cluster configs`: shows, or plans, asks, records, sets, looks again.
pub(super) async fn run(app: &App, args: &ClusterConfigs) -> Result<Status, Error> {
    let wishes = wishes(args)?;
    let target = match args.broker {
        Some(broker) => Some(ConfigTarget::Broker(broker)),
        None if args.default => Some(ConfigTarget::Cluster),
        None => None,
    };
    match target {
        Some(target) if !wishes.is_empty() => change(app, args, target, &wishes).await,
        target => {
            refuse_consent(&args.consent, "say what to change by --set or --unset")?;
            show(app, args, target).await
        }
    }
}

async fn change(
    app: &App,
    args: &ClusterConfigs,
    target: ConfigTarget,
    wishes: &ConfigWishes,
) -> Result<Status, Error> {
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            is_live(&servers.cluster, target)?;
            let plan = plan(&servers, target, wishes, contracts.as_ref()).await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

async fn plan(
    servers: &Servers,
    target: ConfigTarget,
    wishes: &ConfigWishes,
    contracts: Option<&Topology>,
) -> Result<Plan, Error> {
    let world = servers.see(&wanted_for_broker_configs(target, wishes.keys())).await?;
    let proposal = propose_broker_configs(target, wishes, &world);
    let answers = servers.answer(&proposal.questions, &world).await;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "cluster configs", environment, topology: contracts, world: &world };
    Ok(servers.weigh_rights(assess(proposal, &answers, &basis)).await)
}

async fn show(app: &App, args: &ClusterConfigs, target: Option<ConfigTarget>) -> Result<Status, Error> {
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    if let Some(target) = target {
        is_live(&cluster, target)?;
    }
    let asked = BTreeSet::from([target.unwrap_or(ConfigTarget::Cluster)]);
    let seen = app.reading(async { Ok::<_, Error>(cluster.broker_configs(&asked).await) }).await?;
    let matching = args.matching.as_deref().map(Pattern::new);
    let shown = Shown { target, all: args.all, matching: matching.as_ref() };
    let id = cluster.id();
    app.answer(|| cluster_configs::human(&seen, &shown), || ClusterConfigsDocument::new(&seen, &shown, &id));
    let lacking = |configs: &Known<_>| !matches!(configs, Known::Known(_));
    Ok(if seen.values().any(lacking) { Status::Partly } else { Status::Done })
}

/// Only a live broker tells its configs, and takes a change of them.
fn is_live(cluster: &Cluster, target: ConfigTarget) -> Result<(), Error> {
    let ConfigTarget::Broker(id) = target else { return Ok(()) };
    let brokers = cluster.brokers();
    if brokers.alive.contains_key(&id) {
        return Ok(());
    }
    let live: Vec<String> = brokers.alive.keys().map(ToString::to_string).collect();
    Err(Error::NotFound {
        resource: Resource { kind: ResourceType::Broker, name: id.to_string() },
        hints: vec![format!("live brokers: {}", live.join(", "))],
    })
}

/// What is to be set and unset, by key.
fn wishes(args: &ClusterConfigs) -> Result<ConfigWishes, Error> {
    let mut wishes = ConfigWishes::new();
    let mut add = |key: &str, value: Option<String>| {
        let key = key.trim();
        if key.is_empty() || wishes.insert(key.to_owned(), value).is_some() {
            let what =
                if key.is_empty() { "a key is missing".to_owned() } else { format!("{key} is named twice") };
            return Err(usage(&what, "write --set KEY=VALUE or --unset KEY, each key once"));
        }
        Ok(())
    };
    for text in &args.set {
        let Some((key, value)) = text.split_once('=') else {
            return Err(usage(
                &format!("--set {text} has no value"),
                "write --set KEY=VALUE; --unset KEY takes a value off",
            ));
        };
        let value = config_from_units(key.trim(), value).map_err(|invalid| {
            let hint = match (value, invalid.fix()) {
                ("unset", _) => format!("--unset {key} takes the value off"),
                (_, Some(fix)) => format!("--set {key}={fix}"),
                (_, None) => {
                    "write it as in a topology file, such as 7d, 100MB, or a plain number".to_owned()
                }
            };
            usage(&invalid.about(key), &hint)
        })?;
        add(key, Some(value))?;
    }
    for key in &args.unset {
        add(key, None)?;
    }
    Ok(wishes)
}

fn usage(message: &str, hint: &str) -> Error {
    UsageError::Arguments { message: message.to_owned(), hints: vec![hint.to_owned()] }.into()
}
