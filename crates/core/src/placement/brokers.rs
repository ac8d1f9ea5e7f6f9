use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The brokers that replicas may be placed on, with what each of them carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brokers {
    by_id: BTreeMap<i32, Load>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Load {
    rack: Option<String>,
    replicas: usize,
}

impl Brokers {
    /// Brokers that are live, by id, with their racks where they have one.
    pub fn new(racks: impl IntoIterator<Item = (i32, Option<String>)>) -> Self {
        let by_id = racks.into_iter().map(|(id, rack)| (id, Load { rack, replicas: 0 }));
        Brokers { by_id: by_id.collect() }
    }

    /// Counts replicas that exist, of whatever topic; those on brokers that are not live count nowhere.
    pub fn carry<'a>(&mut self, replicas: impl IntoIterator<Item = &'a i32>) {
        for id in replicas {
            if let Some(load) = self.by_id.get_mut(id) {
                load.replicas += 1;
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether this broker is live.
    pub fn holds(&self, id: i32) -> bool {
        self.by_id.contains_key(&id)
    }

    /// The broker to add to these replicas: in the rack that has the fewest of them, then the one that carries least.
    pub(super) fn best_addition(&self, replicas: &[i32]) -> Option<i32> {
        let candidates = self.by_id.iter().filter(|(id, _)| !replicas.contains(id));
        candidates
            .min_by_key(|(id, load)| (self.in_rack(load, **id, replicas), load.replicas, **id))
            .map(|(id, _)| *id)
    }

    /// The replica to drop first: one that is not live, then one that is not in sync, then one whose rack has the most
    /// of them, then the one on the broker that carries most; of equals the last. The first replica, which leads, is
    /// never dropped.
    pub(super) fn best_removal(&self, replicas: &[i32], isr: &[i32]) -> Option<i32> {
        let candidates = replicas.iter().zip(0usize..).skip(1);
        candidates
            .max_by_key(|(id, place)| {
                let live = self.by_id.get(id);
                let crowd = live.map_or(0, |load| self.in_rack(load, **id, replicas));
                (live.is_none(), !isr.contains(id), crowd, live.map_or(0, |load| load.replicas), *place)
            })
            .map(|(id, _)| *id)
    }

    pub(super) fn taken(&mut self, id: i32) {
        self.carry([&id]);
    }

    /// Counts a replica that is given up.
    pub fn freed(&mut self, id: i32) {
        if let Some(load) = self.by_id.get_mut(&id) {
            load.replicas = load.replicas.saturating_sub(1);
        }
    }

    /// How many of the replicas are in the rack of this broker. A broker without a rack is a rack of its own.
    fn in_rack(&self, load: &Load, id: i32, replicas: &[i32]) -> usize {
        let same = |other: &&i32| match (&load.rack, self.by_id.get(other)) {
            (Some(rack), Some(seen)) => seen.rack.as_ref() == Some(rack),
            (None, _) => **other == id,
            (Some(_), None) => false,
        };
        replicas.iter().filter(same).count()
    }

    /// The spread of the load: the fewest and the most replicas that a broker carries; `None` without brokers.
    pub fn spread(&self) -> Option<(usize, usize)> {
        let loads = || self.by_id.values().map(|load| load.replicas);
        Some((loads().min()?, loads().max()?))
    }

    /// The brokers with the load of each, the heaviest first.
    pub fn loads(&self) -> Vec<(i32, usize)> {
        let mut loads: Vec<_> = self.by_id.iter().map(|(id, load)| (*id, load.replicas)).collect();
        loads.sort_by_key(|(id, load)| (Reverse(*load), *id));
        loads
    }

    #[cfg(test)]
    pub(super) fn racks(&self) -> std::collections::BTreeSet<String> {
        let name = |(id, load): (&i32, &Load)| load.rack.clone().unwrap_or_else(|| format!("broker {id}"));
        self.by_id.iter().map(name).collect()
    }

    #[cfg(test)]
    pub(super) fn rack_of(&self, id: i32) -> Option<String> {
        let load = self.by_id.get(&id)?;
        Some(load.rack.clone().unwrap_or_else(|| format!("broker {id}")))
    }
}
