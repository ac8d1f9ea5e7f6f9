//! How a cluster is, for people: what is wrong first, then brokers, quorum and balance.

use super::bytes::bytes;
use super::counting::{counted, thousands};
use super::style::{Ink, Style};
use super::table::{Side, table};
use klerk_core::health::{
    BrokerState, BrokerStatus, ClusterStatus, Condition, PartitionHealth, QuorumStatus, Role, Spread,
    Throttle, metadata_release,
};
use klerk_core::values::{Known, Millis, Thousands, Waited};
use klerk_core::world::{LogDirView, StatusView};
use std::fmt::Write;
use std::time::Duration;

/// How many partitions are listed for people; a JSON document has all of them.
const LISTED: usize = 20;

/// The whole of it.
pub fn human(view: &StatusView, status: &ClusterStatus, style: &Style) -> String {
    let mut text = heading(view, status, style);
    for problem in &status.problems {
        let _ = writeln!(text, "{} {}", style.paint(Ink::Bad, "!"), problem.message);
    }
    text.push_str(&unhealthy(status));
    text.push('\n');
    text.push_str(&broker_table(view, status));
    text.push('\n');
    text.push_str(&quorum(status));
    text.push_str(&partitions(status));
    text.push_str(&balance(status));
    text.push_str(&moves(view, status));
    text.push_str(&not_available(view, status));
    text
}

/// The brokers one by one: what each carries, and its log folders.
pub fn by_broker(view: &StatusView, status: &ClusterStatus, style: &Style) -> String {
    let mut text = heading(view, status, style);
    text.push('\n');
    text.push_str(&load_table(status));
    let folders = folder_table(view);
    if !folders.is_empty() {
        text.push('\n');
        text.push_str(&folders);
    }
    text.push('\n');
    text.push_str(&balance(status));
    text.push_str(&not_available(view, status));
    text
}

/// Whether it is what was waited for, in a line for standard error.
pub fn lacking(lacks: &[String], wait: Option<Duration>) -> String {
    let waited = wait.filter(|wait| !wait.is_zero());
    let within = waited.map_or_else(String::new, |waited| format!(" within {}", Waited(waited)));
    format!("the cluster is not whole{within}: {}\n", lacks.join("; "))
}

fn heading(view: &StatusView, status: &ClusterStatus, style: &Style) -> String {
    let id = if view.id.is_empty() { "without an id" } else { &view.id };
    let of = &status.partitions;
    let (ink, word) = match status.problems.is_empty() {
        true if of.is_blind() => (Ink::Bad, "no topic is visible"),
        true if !of.is_whole() => (Ink::Good, "healthy as far as is visible"),
        true => (Ink::Good, "healthy"),
        false => (Ink::Bad, "unhealthy"),
    };
    let (one, many) = match of.is_whole() {
        true => ("topic", "topics"),
        false => ("visible topic", "visible topics"),
    };
    let uncounted = match of.is_whole() {
        true => String::new(),
        false => of.hidden.note().map_or_else(
            || "topics that may not be described are not counted\n".to_owned(),
            |note| format!("{note}\n"),
        ),
    };
    let brokers = counted(status.brokers.len(), "broker", "brokers");
    // Where only live ones are told, nobody knows of how many.
    let live = match view.listed.known() {
        Some(()) => format!("{} of {brokers} live", status.live()),
        None => format!("{brokers} live"),
    };
    format!(
        "cluster {id}: {}; {live}, {}, {}{}\n{uncounted}",
        style.paint(ink, word),
        counted(of.topics, one, many),
        counted(of.counts.total, "partition", "partitions"),
        release(view),
    )
}

fn release(view: &StatusView) -> String {
    let level = view.features.known().and_then(|features| features.get("metadata.version"));
    level.map_or_else(String::new, |level| format!("; metadata version {}", level_name(*level)))
}

fn level_name(level: i16) -> String {
    metadata_release(level).map_or_else(|| format!("level {level}"), str::to_owned)
}

fn nodes(nodes: &[i32]) -> String {
    if nodes.is_empty() {
        return "none".to_owned();
    }
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn unhealthy(status: &ClusterStatus) -> String {
    let all = &status.partitions.unhealthy;
    if all.is_empty() {
        return String::new();
    }
    let columns = [
        ("PARTITION", Side::Left),
        ("LEADER", Side::Right),
        ("REPLICAS", Side::Left),
        ("ISR", Side::Left),
        ("NOT IN SYNC", Side::Left),
        ("MIN ISR", Side::Right),
        ("CONDITION", Side::Left),
    ];
    let row = |health: &PartitionHealth| {
        vec![
            health.partition.to_string(),
            health.leader.map_or_else(|| "none".to_owned(), |id| id.to_string()),
            nodes(&health.replicas),
            nodes(&health.isr),
            nodes(&health.missing()),
            health.min_isr.known().map_or_else(|| "-".to_owned(), ToString::to_string),
            conditions(health),
        ]
    };
    let mut text = format!("\n{}", table(&columns, all.iter().take(LISTED).map(row)));
    if let Some(more) = all.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let _ = writeln!(text, "… and {} more; -o json lists all of them", thousands(more));
    }
    text
}

fn conditions(health: &PartitionHealth) -> String {
    let shown = health.conditions.iter().filter(|condition| **condition != Condition::NotPreferred);
    let mut words: Vec<&str> = shown.map(|condition| condition.as_str()).collect();
    if health.moving {
        words.push("moving");
    }
    words.join(", ")
}

fn broker_table(view: &StatusView, status: &ClusterStatus) -> String {
    let columns = [
        ("BROKER", Side::Right),
        ("ADDRESS", Side::Left),
        ("RACK", Side::Left),
        ("STATE", Side::Left),
        ("LEADERS", Side::Right),
        ("REPLICAS", Side::Right),
        ("SIZE", Side::Right),
        ("DISK FREE", Side::Right),
    ];
    let row = |broker: &BrokerStatus| {
        let known = view.brokers.get(&broker.id);
        let dash = || "-".to_owned();
        vec![
            broker.id.to_string(),
            known.map_or_else(dash, |known| format!("{}:{}", known.host, known.port)),
            known.and_then(|known| known.rack.clone()).unwrap_or_else(dash),
            broker.state.as_str().to_owned(),
            seen(status, broker.load.leaders),
            seen(status, broker.load.replicas),
            broker.load.bytes.known().map_or_else(dash, |size| bytes(*size)),
            view.disks.get(&broker.id).and_then(Known::known).map_or_else(dash, |dirs| free(dirs)),
        ]
    };
    table(&columns, status.brokers.iter().map(row))
}

/// How much of the volumes of these folders is free. Folders may share a volume, which is counted once where both tell
/// the same of it.
fn free(dirs: &[LogDirView]) -> String {
    let mut volumes: Vec<(i64, i64)> = dirs.iter().filter_map(|dir| dir.total.zip(dir.usable)).collect();
    volumes.sort_unstable();
    volumes.dedup();
    if volumes.is_empty() {
        return "-".to_owned();
    }
    let total: i64 = volumes.iter().map(|(total, _)| *total).sum();
    let usable: i64 = volumes.iter().map(|(_, usable)| *usable).sum();
    format!("{} of {}", bytes(usable), bytes(total))
}

fn load_table(status: &ClusterStatus) -> String {
    let columns = [
        ("BROKER", Side::Right),
        ("STATE", Side::Left),
        ("LEADERS", Side::Right),
        ("PREFERRED", Side::Right),
        ("REPLICAS", Side::Right),
        ("NOT IN SYNC", Side::Right),
        ("SIZE", Side::Right),
        ("OF EVEN SHARE", Side::Right),
    ];
    let row = |broker: &BrokerStatus| {
        let load = &broker.load;
        let dash = || "-".to_owned();
        vec![
            broker.id.to_string(),
            broker.state.as_str().to_owned(),
            seen(status, load.leaders),
            seen(status, load.preferred),
            seen(status, load.replicas),
            seen(status, load.out_of_sync),
            load.bytes.known().map_or_else(dash, |size| bytes(*size)),
            match (load.bytes.known(), &status.bytes) {
                (Some(own), Some(spread)) if broker.state == BrokerState::Live => share(*own, spread),
                _ => dash(),
            },
        ]
    };
    table(&columns, status.brokers.iter().map(row))
}

/// What a broker has, in percent of what each would have if all had the same.
fn share(own: i64, spread: &Spread) -> String {
    if spread.total <= 0 {
        return "100 %".to_owned();
    }
    let percent = i128::from(own) * i128::from(spread.brokers) * 100 / i128::from(spread.total);
    format!("{percent} %")
}

fn folder_table(view: &StatusView) -> String {
    let columns = [
        ("BROKER", Side::Right),
        ("LOG FOLDER", Side::Left),
        ("STATE", Side::Left),
        ("REPLICAS", Side::Right),
        ("USED BY KAFKA", Side::Right),
        ("FREE", Side::Right),
        ("VOLUME", Side::Right),
    ];
    let mut rows = Vec::new();
    for (broker, dirs) in &view.disks {
        for dir in dirs.known().into_iter().flatten() {
            let size = |size: Option<i64>| size.map_or_else(|| "-".to_owned(), bytes);
            rows.push(vec![
                broker.to_string(),
                dir.path.clone(),
                dir.failure.as_ref().map_or_else(|| "online".to_owned(), |failure| failure.name.clone()),
                thousands(dir.replicas.len()).to_string(),
                bytes(dir.replicas.values().sum::<i64>() + dir.coming),
                size(dir.usable),
                size(dir.total),
            ]);
        }
    }
    if rows.is_empty() { String::new() } else { table(&columns, rows) }
}

fn quorum(status: &ClusterStatus) -> String {
    let Known::Known(quorum) = &status.quorum else { return String::new() };
    let leader = match quorum.leader {
        Some(leader) => format!("controller {leader} (epoch {})", quorum.leader_epoch),
        None => "no controller".to_owned(),
    };
    let voters = quorum.replicas.iter().filter(|one| one.role != Role::Observer).count();
    let mut text = format!("quorum: {leader}; {}", counted(voters, "voter", "voters"));
    for voter in quorum.of(Role::Voter) {
        let _ = write!(text, ", {} {}", voter.id, behind(voter.lag, voter.lag_ms));
    }
    let _ = write!(text, "; {}", observers(quorum));
    text.push('\n');
    text
}

fn observers(quorum: &QuorumStatus) -> String {
    let count = quorum.of(Role::Observer).count();
    let counted = counted(count, "observer", "observers");
    if count == 0 {
        return counted;
    }
    let (lag, lag_ms) = quorum.observers_behind();
    let at_most = if lag.is_some_and(|lag| lag > 0) { "at most " } else { "" };
    format!("{counted}, {at_most}{}", behind(lag, lag_ms))
}

fn behind(lag: Option<i64>, lag_ms: Option<i64>) -> String {
    match (lag, lag_ms) {
        (Some(0), _) => "up to date".to_owned(),
        (Some(records), Some(ms)) if ms >= 1000 => {
            format!("{} records and {} behind", Thousands(records), Millis(ms / 1000 * 1000))
        }
        (Some(records), _) => format!("{} records behind", Thousands(records)),
        (None, _) => "of unknown lag".to_owned(),
    }
}

/// A count of what topics have, which is none where no topic may be seen.
fn seen(status: &ClusterStatus, count: usize) -> String {
    if status.partitions.is_blind() { "-".to_owned() } else { thousands(count).to_string() }
}

/// What counts are of, where topics may not be described.
fn visible(status: &ClusterStatus) -> &'static str {
    if status.partitions.is_whole() { "" } else { "visible " }
}

fn partitions(status: &ClusterStatus) -> String {
    if status.partitions.is_blind() {
        return String::new();
    }
    let counts = status.partitions.counts;
    // Of so many it is not told whether they are among them.
    let counting = |count: usize, unknown: usize, what: &str| match unknown {
        0 => format!("{} {what}", thousands(count)),
        unknown if unknown == counts.total => format!("an unknown number {what}"),
        _ => format!("at least {} {what}", thousands(count)),
    };
    let mut words = vec![
        format!("{} offline", thousands(counts.offline)),
        counting(counts.under_min_isr, counts.under_min_isr_unknown, "below min ISR"),
        counting(counts.at_min_isr, counts.min_isr_unknown, "at min ISR"),
        format!("{} under-replicated", thousands(counts.under_replicated)),
        format!("{} not led by the preferred replica", thousands(counts.not_preferred)),
    ];
    if counts.not_preferred > 0 {
        words.push("klerk cluster elect brings leaders back".to_owned());
    }
    let visible = visible(status);
    format!("{visible}partitions: {}\n", words.join(", ").replace(", klerk", ": klerk"))
}

fn balance(status: &ClusterStatus) -> String {
    let mut words = Vec::new();
    let mut tell = |what: &str, spread: &Option<Spread>, shown: fn(i64) -> String| match spread {
        Some(spread) if spread.min == spread.max => words.push(format!("{what} {} each", shown(spread.min))),
        Some(spread) => words.push(format!(
            "{what} {}–{} (fullest {} % above an even share)",
            shown(spread.min),
            shown(spread.max),
            spread.skew_percent()
        )),
        None => {}
    };
    let number = |number: i64| Thousands(number).to_string();
    let visible = visible(status);
    if !status.partitions.is_blind() {
        tell(&format!("{visible}leaders"), &status.leaders, number);
        tell(&format!("{visible}replicas"), &status.replicas, number);
    }
    tell("size", &status.bytes, bytes);
    if words.is_empty() { String::new() } else { format!("balance: {}\n", words.join(", ")) }
}

fn moves(view: &StatusView, status: &ClusterStatus) -> String {
    let mut words = Vec::new();
    if let Some(moves) = view.moves.known().filter(|moves| !moves.is_empty()) {
        words.push(format!(
            "{} on the move: klerk cluster moves",
            counted(moves.len(), "partition", "partitions")
        ));
    }
    let rates: Vec<String> = status
        .throttles
        .iter()
        .filter_map(|throttle| match throttle {
            Throttle::Rate { broker, key, value } => Some(format!("broker {broker} {key}={value}")),
            Throttle::Replicas { .. } => None,
        })
        .collect();
    let topics = status.throttles.len() - rates.len();
    if !rates.is_empty() {
        words.push(format!("throttled: {}", rates.join(", ")));
    }
    if topics > 0 {
        words.push(format!("{} of throttled replicas on topics", counted(topics, "list", "lists")));
    }
    if words.is_empty() { String::new() } else { format!("moves: {}\n", words.join("; ")) }
}

/// What the cluster does not tell, each with the reason: no failure, and no guess. What should have been told stands
/// among the problems.
fn not_available(view: &StatusView, status: &ClusterStatus) -> String {
    let mut text = String::new();
    let mut tell = |what: &str, why: Option<String>| {
        if let Some(why) = why {
            let _ = writeln!(text, "not available: {what}: {why}");
        }
    };
    tell("brokers that are not live", untold(&view.listed));
    tell("quorum", untold(&view.quorum));
    tell("features", untold(&view.features));
    for (broker, dirs) in &view.disks {
        tell(&format!("log folders of broker {broker}"), untold(dirs));
    }
    tell("replicas on the move", untold(&view.moves));
    tell("throttles", view.throttles.values().find_map(untold));
    let unknown = status.partitions.counts.min_isr_unknown;
    if unknown > 0 {
        let configs = view.topics.values().filter_map(|topic| Some(&topic.known()?.configs));
        let why = configs.filter_map(Known::missing_reason).next();
        let why = why.unwrap_or_else(|| "the brokers do not tell it".to_owned());
        tell(&format!("min.insync.replicas of {}", counted(unknown, "partition", "partitions")), Some(why));
    }
    let blind = status.partitions.untold().filter(|_| status.partitions.is_blind());
    tell("partitions, leaders and replicas", blind);
    text
}

fn untold<T>(fact: &Known<T>) -> Option<String> {
    match fact {
        Known::Denied(_) | Known::Unavailable(_) => fact.missing_reason(),
        Known::Known(_) | Known::Absent | Known::Failed(_) | Known::NotAsked => None,
    }
}
