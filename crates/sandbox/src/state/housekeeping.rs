//! What a broker does to its logs by itself, done here when somebody asks for it.

use crate::state::State;
use crate::state::log::Rules;

impl State {
    /// Drops the segments of every topic that its configs do not want kept, by the cluster's clock; gives their number.
    pub fn run_retention(&mut self) -> usize {
        let now_ms = self.clock.now_ms();
        self.over_logs(|log, rules| log.retain(now_ms, rules))
    }

    /// Compacts every topic with `compact` in its `cleanup.policy`, by the cluster's clock; gives the number of records
    /// that went.
    pub fn run_compaction(&mut self) -> usize {
        let now_ms = self.clock.now_ms();
        // A batch that cannot be unpacked was never appended.
        self.over_logs(
            |log, rules| if rules.compact { log.compact(now_ms, rules).unwrap_or_default() } else { 0 },
        )
    }

    fn over_logs(&mut self, mut act: impl FnMut(&mut crate::state::Log, &Rules) -> usize) -> usize {
        let mut done = 0;
        let names: Vec<String> = self.topics.keys().cloned().collect();
        for name in names {
            let rules = self.rules(&name);
            for partition in self.topics.get_mut(&name).into_iter().flat_map(|topic| &mut topic.partitions) {
                partition.settle(rules.min_insync_replicas);
                done += act(&mut partition.log, &rules);
            }
        }
        self.touch();
        done
    }
}
