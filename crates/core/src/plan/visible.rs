use super::{Finding, Plan, Severity};
use crate::values::{Known, Resource, ResourceType};
use crate::world::HiddenTopics;

const VISIBLE_ONLY: &str = "plan/visible-only";

impl Plan {
    /// The plan with what it leaves out, or may leave out, of the topics that it is for.
    #[must_use]
    pub fn with_hidden_topics(mut self, hidden: &HiddenTopics) -> Plan {
        self.visible_only = hidden.visible_only();
        if let Some(message) = hidden.note() {
            let severity = match &hidden.0 {
                Known::Known(_) => Severity::Warning,
                _ => Severity::Info,
            };
            let resource = Resource { kind: ResourceType::Cluster, name: self.cluster_id.clone() };
            self.findings.push(Finding { severity, code: VISIBLE_ONLY, message, resource, origin: None });
            self.findings.sort_by(Finding::in_order);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Answers, Basis, Proposal, assess};
    use crate::testing::world;
    use std::collections::BTreeSet;

    #[test]
    fn a_plan_for_all_topics_says_what_it_leaves_out() {
        let world = world(1);
        let basis = Basis { command: "test", environment: None, topology: None, world: &world };
        let plan = assess(Proposal::default(), &Answers::new(), &basis);
        let whole = plan.clone().with_hidden_topics(&HiddenTopics(Known::Known(BTreeSet::new())));
        assert_eq!((whole.visible_only, whole.findings.len()), (Some(false), 0));
        let hidden = HiddenTopics(Known::Known(BTreeSet::from(["orders".to_owned()])));
        let told = plan.with_hidden_topics(&hidden);
        assert_eq!(told.visible_only, Some(true));
        let [finding] = &told.findings[..] else { panic!("{:?}", told.findings) };
        assert_eq!((finding.severity, finding.code), (Severity::Warning, VISIBLE_ONLY));
        assert_eq!(finding.message, "1 topic may not be described and is left out: orders");
    }
}
