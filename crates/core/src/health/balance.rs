use crate::values::Known;
use crate::world::StatusView;
use std::collections::BTreeMap;

/// What one broker carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Partitions that it leads.
    pub leaders: usize,
    /// Partitions that it should lead, being the first of their replicas.
    pub preferred: usize,
    /// Replicas that it has.
    pub replicas: usize,
    /// Those of them that are not in sync.
    pub out_of_sync: usize,
    /// The bytes of its replicas, as its log folders tell.
    pub bytes: Known<i64>,
}

/// How evenly a load lies on brokers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The least that a broker has.
    pub min: i64,
    /// The most that a broker has.
    pub max: i64,
    /// What all of them have together.
    pub total: i64,
    /// How many brokers there are; never 0.
    pub brokers: i64,
}

impl Spread {
    /// The spread of these loads; `None` of none.
    pub fn of(loads: impl IntoIterator<Item = i64>) -> Option<Spread> {
        loads.into_iter().fold(None, |spread, load| {
            Some(match spread {
                None => Spread { min: load, max: load, total: load, brokers: 1 },
                Some(so_far) => Spread {
                    min: so_far.min.min(load),
                    max: so_far.max.max(load),
                    total: so_far.total.saturating_add(load),
                    brokers: so_far.brokers + 1,
                },
            })
        })
    }

    /// What each would have if all had the same, rounded down.
    pub fn mean(&self) -> i64 {
        self.total / self.brokers
    }

    /// How much more than an even share the fullest broker has, in percent, rounded; 0 where there is nothing.
    pub fn skew_percent(&self) -> i64 {
        if self.total <= 0 {
            return 0;
        }
        let (max, brokers, total) = (i128::from(self.max), i128::from(self.brokers), i128::from(self.total));
        let percent = (max * brokers * 200 + total) / (2 * total) - 100;
        i64::try_from(percent).unwrap_or(i64::MAX)
    }
}

/// What each broker carries that is in the list, or that has a replica.
pub(super) fn loads(view: &StatusView) -> BTreeMap<i32, Load> {
    let empty =
        |id: i32| Load { leaders: 0, preferred: 0, replicas: 0, out_of_sync: 0, bytes: bytes(view, id) };
    let mut loads: BTreeMap<i32, Load> = view.brokers.keys().map(|id| (*id, empty(*id))).collect();
    for partition in view.topics.values().filter_map(Known::known).flat_map(|topic| &topic.partitions) {
        let mut at = |id: i32, count: fn(&mut Load)| count(loads.entry(id).or_insert_with(|| empty(id)));
        if let Some(leader) = partition.leader {
            at(leader, |load| load.leaders += 1);
        }
        if let Some(preferred) = partition.replicas.first() {
            at(*preferred, |load| load.preferred += 1);
        }
        for replica in &partition.replicas {
            at(*replica, |load| load.replicas += 1);
            if !partition.isr.contains(replica) {
                at(*replica, |load| load.out_of_sync += 1);
            }
        }
    }
    loads
}

fn bytes(view: &StatusView, id: i32) -> Known<i64> {
    match view.disks.get(&id) {
        Some(dirs) => dirs.as_ref().map(|dirs| {
            dirs.iter()
                .flat_map(|dir| dir.replicas.values())
                .fold(0_i64, |sum, bytes| sum.saturating_add(*bytes))
        }),
        None => Known::Unavailable("the broker is not live".to_owned()),
    }
}
