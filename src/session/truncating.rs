//! Deletions of records: all of a wave in one request a leader, and each step's fate from those of its partitions.

use super::ports::Hear;
use crate::kafka::{Cluster, Cuts, Outcome, PartitionCut};
use klerk_core::apply::{ItemFailure, StepEvent};
use klerk_core::plan::{RecordsChange, StepId};
use klerk_core::values::{Failure, TopicPartition};

/// Sends the deletions of all steps together and tells the fate of each.
pub(super) async fn enact_records(
    cluster: &Cluster,
    steps: &[(StepId, &RecordsChange)],
    hear: &mut impl Hear,
) {
    let ids: Vec<StepId> = steps.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() || !hear.may_send(&ids).await {
        return;
    }
    let cuts: Vec<PartitionCut> = steps.iter().flat_map(|(_, change)| cuts_of(change)).collect();
    let fates = cluster.delete_records(&cuts).await;
    let news: Vec<(StepId, StepEvent)> =
        steps.iter().map(|(id, change)| (*id, event(change, &fates))).collect();
    hear.heard(&news);
}

fn cuts_of(change: &RecordsChange) -> impl Iterator<Item = PartitionCut> {
    let cut = |topic: &str, partition, before| PartitionCut {
        partition: TopicPartition::new(topic, partition),
        before,
    };
    change.losing().map(move |one| cut(change.topic(), one.partition, one.to))
}

/// The fate of a step from those of its partitions, none of which hangs on another.
fn event(change: &RecordsChange, fates: &Cuts) -> StepEvent {
    let mut failures = Vec::new();
    let mut silent = None;
    let (mut done, mut of, mut sent) = (0, 0, false);
    for cut in cuts_of(change) {
        of += 1;
        let failure = match fates.get(&cut.partition) {
            Some(Outcome::Accepted(())) => {
                done += 1;
                continue;
            }
            Some(Outcome::Refused(why)) => {
                sent = true;
                why.clone()
            }
            Some(Outcome::NotSent(why)) => why.clone(),
            Some(Outcome::NoReply(why)) => {
                silent.get_or_insert_with(|| why.clone());
                why.clone()
            }
            None => Failure::without_reply("NOT_SENT", "it was not sent"),
        };
        failures.push(ItemFailure { item: cut.partition.to_string(), failure });
    }
    match (failures.first(), silent) {
        (None, _) => StepEvent::Accepted,
        // As long as nothing is certain to be done, what got no answer decides.
        (Some(_), Some(silent)) if done == 0 => StepEvent::NoReply(silent),
        (Some(first), None) if done == 0 && failures.iter().all(|one| one.failure == first.failure) => {
            let why = first.failure.clone();
            if sent { StepEvent::Refused(why) } else { StepEvent::NotSent(why) }
        }
        (Some(_), _) => StepEvent::PartlyAccepted { done, of, failures },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::failure;
    use klerk_core::plan::Truncation;

    fn told(fates: &[Outcome<()>]) -> StepEvent {
        let cut = |partition: i32| Truncation {
            partition,
            from: 0,
            to: if partition < 0 { 0 } else { 5 },
            end: 9,
            clamped: false,
            note: None,
        };
        let change = RecordsChange::Delete {
            topic: "orders".to_owned(),
            id: None,
            before_ms: None,
            partitions: (-1..fates.len() as i32).map(cut).collect(),
        };
        let fates = (0..).zip(fates).map(|(at, fate)| (TopicPartition::new("orders", at), fate.clone()));
        event(&change, &fates.collect())
    }

    #[test]
    fn partitions_do_not_hang_on_each_other() {
        let (done, silent) = (Outcome::Accepted(()), Outcome::NoReply(failure(7, "")));
        let (refused, unsent) = (Outcome::Refused(failure(44, "")), Outcome::NotSent(failure(5, "")));
        assert_eq!(told(&[done.clone(), done.clone()]), StepEvent::Accepted);
        assert_eq!(told(&[refused.clone(), refused.clone()]), StepEvent::Refused(failure(44, "")));
        assert_eq!(told(&[unsent.clone(), unsent.clone()]), StepEvent::NotSent(failure(5, "")));
        assert_eq!(told(&[refused.clone(), silent.clone()]), StepEvent::NoReply(failure(7, "")));
        let StepEvent::PartlyAccepted { done, of, failures } = told(&[done, refused, silent]) else {
            panic!()
        };
        assert_eq!((done, of, failures[0].item.as_str()), (1, 3, "orders-1"));
        let StepEvent::PartlyAccepted { done: 0, of: 2, .. } =
            told(&[Outcome::Refused(failure(44, "")), unsent])
        else {
            panic!()
        };
    }
}
