use super::super::judge::{no_verdict, readers};
use super::super::{TopicChange, expectations};
use super::held_back::held_back;
use crate::placement::MoveThrottle;
use crate::plan::assess::Standing;
use crate::plan::beside::Beside;
use crate::plan::{Answer, Answers, Basis, Conflict, Copying, Estimate, Finding, Question, Risk};
use crate::values::{FOLLOWER_RATE, Known, LEADER_RATE, Origin, Resource, as_integer};
use crate::world::TopicView;
use std::collections::BTreeMap;

/// What a move of replicas risks, copies and rests on. No broker can be asked whether it would do it.
pub(in crate::plan::topic) fn judge(
    change: &TopicChange,
    origin: Option<&Origin>,
    beside: &Beside,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let TopicChange::MoveReplicas { topic, from, to, under_way, throttle, .. } = change else {
        return Err(no_verdict(change, "it is no move", origin));
    };
    let Some(view) = basis.world.cluster.topics.get(topic).and_then(Known::known) else {
        return Err(no_verdict(change, "the topic was not seen", origin));
    };
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    standing.impact.groups = readers(topic, basis);
    if let Known::Denied(failure) = &basis.world.cluster.moves {
        let resource = Resource::topic(topic);
        let message = format!(
            "{resource} may not be changed: seeing what moves takes describe on the cluster: {failure}"
        );
        standing.findings.push(Finding::lacks_rights(resource, message, origin.cloned()));
    }
    let new = NewMoves {
        view,
        lowered: beside.lowered.get(topic).copied(),
        moved: to
            .iter()
            .filter(|(number, _)| !under_way.contains(number))
            .map(|(number, to)| (*number, (from.get(number).map_or(&[][..], Vec::as_slice), to.as_slice())))
            .collect(),
    };
    if !under_way.is_empty() {
        standing.impact.notes.push(format!(
            "{} of {} partitions are on their way there already, and are waited for",
            under_way.len(),
            to.len()
        ));
    }
    standing.impact.held_back = held_back(change, view, answers, &beside.standing_throttles);
    if new.moved.is_empty() {
        return Ok(standing);
    }
    standing.risks.insert(Risk::MovesReplicas);
    let declared = basis.topology.and_then(|topology| topology.topics.get(topic));
    if declared.is_some_and(|topic| topic.protected) {
        standing.risks.insert(Risk::Protected);
    }
    for (risk, reason) in
        [(Risk::WeakensDurability, new.weaker_durability()), (Risk::StopsWrites, new.stopped_writes())]
    {
        if let Some(reason) = reason {
            standing.risks.insert(risk);
            standing.impact.notes.push(reason);
        }
    }
    standing.impact.copying = new.copies().then(|| new.copying(topic, throttle.as_ref(), answers));
    Ok(standing)
}

/// The partitions that begin to move, from where to where.
struct NewMoves<'a> {
    view: &'a TopicView,
    /// The `min.insync.replicas` that holds during the move, where the plan lowers it first.
    lowered: Option<i64>,
    moved: BTreeMap<i32, (&'a [i32], &'a [i32])>,
}

impl NewMoves<'_> {
    fn weaker_durability(&self) -> Option<String> {
        let fewer = self.moved.values().filter(|(from, to)| to.len() < from.len());
        let smallest = fewer.clone().map(|(_, to)| to.len()).min()?;
        let left = if smallest == 1 { "copy of a record is" } else { "copies of a record are" };
        Some(format!(
            "{} of {} partitions give up replicas: {smallest} {left} left",
            fewer.count(),
            self.view.partitions.len()
        ))
    }

    /// A broker caps min.insync.replicas at the number of replicas, those included that are still copying.
    fn stopped_writes(&self) -> Option<String> {
        let configs = self.view.configs.known()?;
        let least = match self.lowered {
            Some(lowered) => lowered,
            None => as_integer(configs.get("min.insync.replicas")?.value.as_deref()?)?,
        };
        let short = self.view.partitions.iter().filter(|seen| {
            let Some((from, to)) = self.moved.get(&seen.partition) else { return false };
            let meanwhile = from.iter().chain(*to).collect::<std::collections::BTreeSet<_>>().len();
            let staying = seen.isr.iter().filter(|id| to.contains(id)).count();
            let is_short = |in_sync: usize, replicas: usize| {
                i64::try_from(in_sync)
                    .is_ok_and(|in_sync| in_sync < least.min(i64::try_from(replicas).unwrap_or(i64::MAX)))
            };
            let copies = to.iter().any(|id| !from.contains(id));
            (copies && is_short(seen.isr.len(), meanwhile)) || (!copies && is_short(staying, to.len()))
        });
        let short = short.count();
        (short > 0).then(|| {
            let (is, lower) = if self.lowered.is_some() { ("will be", "further first") } else { ("is", "first") };
            format!(
                "min.insync.replicas {is} {least}, and of {short} of {} partitions fewer replicas are in sync until the \
                 copies are complete: writes with acks=all are refused there meanwhile. Lower it {lower}, and raise it \
                 again afterwards",
                self.view.partitions.len()
            )
        })
    }

    fn copies(&self) -> bool {
        self.moved.values().any(|(from, to)| to.iter().any(|id| !from.contains(id)))
    }

    fn copying(&self, topic: &str, throttle: Option<&MoveThrottle>, answers: &Answers) -> Copying {
        let sizes = match answers.get(&Question::Sizes { topic: topic.to_owned() }) {
            Some(Answer::Sizes(sizes)) => Ok(sizes),
            Some(Answer::Failed(why) | Answer::Denied(why) | Answer::Refused(why)) => Err(why.to_string()),
            Some(Answer::NotAsked(why)) => Err(why.clone()),
            Some(_) | None => Err("nobody answered".to_owned()),
        };
        let flows = sizes.and_then(|sizes| self.flows(sizes));
        let takes = flows.as_ref().map_err(Clone::clone).and_then(|flows| match throttle {
            Some(throttle) => Ok(flows.longest_ms(throttle)),
            None => Err("without a throttle it takes as long as the brokers need".to_owned()),
        });
        Copying {
            bytes: Estimate::of(
                flows.map(|flows| flows.inbound.values().sum()),
                "by what the leaders' log folders hold now",
            ),
            takes_ms: Estimate::of(takes, "the busiest broker at the throttle"),
            throttle: throttle.map(|throttle| throttle.rate),
        }
    }

    fn flows(&self, sizes: &BTreeMap<i32, Known<i64>>) -> Result<Flows, String> {
        let mut flows = Flows::default();
        for (number, (from, to)) in &self.moved {
            let size = match sizes.get(number) {
                Some(Known::Known(size)) => *size,
                other => {
                    let why = other.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned());
                    return Err(format!("partition {number}: {why}"));
                }
            };
            let seen = self.view.partitions.iter().find(|seen| seen.partition == *number);
            let leader = seen.and_then(|seen| seen.leader).unwrap_or(-1);
            for id in to.iter().filter(|id| !from.contains(id)) {
                *flows.inbound.entry(*id).or_default() += size;
                *flows.outbound.entry(leader).or_default() += size;
            }
        }
        Ok(flows)
    }
}

/// The bytes that each broker receives and sends.
#[derive(Debug, Default)]
struct Flows {
    inbound: BTreeMap<i32, i64>,
    outbound: BTreeMap<i32, i64>,
}

impl Flows {
    /// How long the broker takes that has the most to do at its rates, in milliseconds.
    fn longest_ms(&self, throttle: &MoveThrottle) -> i64 {
        let takes = |flow: &BTreeMap<i32, i64>, key: &str| {
            let takes = |(broker, bytes): (&i32, &i64)| {
                bytes.saturating_mul(1000) / throttle.rate_of(*broker, key).max(1)
            };
            flow.iter().map(takes).max().unwrap_or_default()
        };
        takes(&self.inbound, FOLLOWER_RATE).max(takes(&self.outbound, LEADER_RATE))
    }
}
