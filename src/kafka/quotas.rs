//! Quotas of clients: all that there are, and setting and removing those of single entities.

use super::batch::{Carrier, Outcome, Unwatched, Verdicts, Watch, carry_all};
use super::call_error::CallError;
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, text, verdict};
use super::route::{Retry, To};
use kafka_protocol::messages::alter_client_quotas_request::{EntityData, EntryData, OpData};
use kafka_protocol::messages::describe_client_quotas_response::EntryData as Described;
use kafka_protocol::messages::{AlterClientQuotasRequest, DescribeClientQuotasRequest};
use klerk_core::access::{Amount, QuotaEntity, Quotas};
use klerk_core::plan::{AccessChange, Answer};
use klerk_core::values::{Failure, Known};
use std::collections::BTreeMap;

/// What becomes of the quotas of one entity.
#[derive(Debug, Clone)]
pub(super) struct QuotaOps {
    entity: QuotaEntity,
    /// Kafka's keys with their amounts; a key without one is removed.
    ops: Vec<(String, Option<Amount>)>,
}

impl Cluster {
    /// All quotas of clients; `Unavailable` where the cluster does not know the question (before Kafka 2.6).
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn quotas(&self) -> Result<Known<BTreeMap<QuotaEntity, Quotas>>, CallError> {
        let build = |_| DescribeClientQuotasRequest::default().with_components(Vec::new()).with_strict(false);
        match self.call(To::Any, Retry::Safe, build).await {
            Ok(answer) => Ok(Known::Known(answer.body.entries.iter().flatten().map(read).collect())),
            Err(error @ (CallError::Refused(_) | CallError::Version { .. })) => Ok(error.unknown()),
            Err(error) => Err(error),
        }
    }

    /// Asks whether the brokers would accept these changes of quotas; one answer for each, in their order.
    pub async fn ask_about_quotas(&self, changes: &[&AccessChange]) -> Vec<Answer> {
        let ops: Vec<QuotaOps> = changes.iter().filter_map(|change| ops(change)).collect();
        let outcomes = carry_all(&Alteration(Way::new(self, Mode::Validate)), &ops, &mut Unwatched).await;
        outcomes
            .into_iter()
            .map(|outcome| match outcome {
                Outcome::Accepted(()) => Answer::Accepted,
                Outcome::Refused(failure) => Answer::Refused(failure),
                Outcome::NoReply(failure) | Outcome::NotSent(failure) => Answer::Failed(failure),
            })
            .collect()
    }

    /// Changes quotas; one outcome for each entity, in their order.
    pub(super) async fn alter_quotas(
        &self,
        ops: &[QuotaOps],
        watch: &mut impl Watch<()>,
    ) -> Vec<Outcome<()>> {
        carry_all(&Alteration(Way::new(self, Mode::Apply)), ops, watch).await
    }
}

/// What a change does to quotas; `None` where it is of something else.
pub(super) fn ops(change: &AccessChange) -> Option<QuotaOps> {
    match change {
        AccessChange::SetQuota { entity, to, .. } => {
            let ops = to.iter().map(|(key, amount)| (key.clone(), *amount)).collect();
            Some(QuotaOps { entity: entity.clone(), ops })
        }
        AccessChange::DeleteQuota { entity, from } => {
            let ops = from.keys().map(|key| (key.clone(), None)).collect();
            Some(QuotaOps { entity: entity.clone(), ops })
        }
        _ => None,
    }
}

fn read(entry: &Described) -> (QuotaEntity, Quotas) {
    let parts = entry.entity.iter().map(|part| {
        let name = part.entity_name.as_ref().map(|name| name.to_string());
        (part.entity_type.to_string(), name)
    });
    let quotas = entry.values.iter().map(|value| (value.key.to_string(), Amount(value.value)));
    (QuotaEntity { parts: parts.collect() }, quotas.collect())
}

struct Alteration<'a>(Way<'a>);

impl Carrier for Alteration<'_> {
    type Item = QuotaOps;
    type Value = ();

    fn records(&self, item: &QuotaOps) -> usize {
        item.ops.len()
    }

    /// A quota that is set twice is set as if once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn carry(&self, items: &[&QuotaOps]) -> Result<Verdicts<()>, CallError> {
        let Alteration(way) = self;
        let entries: Vec<EntryData> = items.iter().copied().map(entry).collect();
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                AlterClientQuotasRequest::default()
                    .with_entries(entries.clone())
                    .with_validate_only(way.validate_only())
            })
            .await?;
        // Brokers answer in an order of their own.
        let mut verdicts: BTreeMap<QuotaEntity, Result<(), Failure>> = BTreeMap::new();
        for result in &answer.body.entries {
            let parts = result.entity.iter().map(|part| {
                let name = part.entity_name.as_ref().map(|name| name.to_string());
                (part.entity_type.to_string(), name)
            });
            let verdict = verdict(result.error_code, &result.error_message, || ());
            verdicts.insert(QuotaEntity { parts: parts.collect() }, verdict);
        }
        Ok(items.iter().map(|item| verdicts.get(&item.entity).cloned()).collect())
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

fn entry(item: &QuotaOps) -> EntryData {
    let parts = item.entity.parts.iter().map(|(kind, name)| {
        EntityData::default().with_entity_type(text(kind)).with_entity_name(name.as_deref().map(text))
    });
    let ops = item.ops.iter().map(|(key, amount)| {
        let op = OpData::default().with_key(text(key));
        match amount {
            Some(amount) => op.with_value(amount.0),
            None => op.with_remove(true),
        }
    });
    EntryData::default().with_entity(parts.collect()).with_ops(ops.collect())
}
