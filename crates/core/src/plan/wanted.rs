use super::{DiffOptions, Step, access, cluster, group, records, subject, topic};
use crate::topology::{ConfigWish, Topic, Topology};
use crate::world::{Selection, Wanted, followed_times};
use std::collections::BTreeSet;

/// What a look has to see for [`diff`](super::diff) to compare: everything visible by name, and in full what the
/// topology names. The names are asked for one by one, since lists silently omit what one may not see.
pub fn wanted(want: &Topology, options: &DiffOptions) -> Wanted {
    let mut wanted = Wanted::default();
    if options.families.topics {
        let named = want.topics.keys().chain(want.absent.topics.keys());
        // Whoever declares no replication factor has nothing to say about replicas.
        let placed =
            |(name, topic): (&String, &Topic)| topic.replication.is_some() && options.covers_topic(name);
        wanted.moves = want.topics.iter().any(placed);
        let mut names: BTreeSet<String> = named.filter(|name| options.covers_topic(name)).cloned().collect();
        wanted.configs = Selection::Named(names.clone());
        wanted.followed_times = unset_times(want, options);
        wanted.pinned_times = set_times(want, options);
        wanted.pinned_times.retain(|key| !wanted.followed_times.contains(key));
        names.extend(read_by_name(want, options));
        wanted.topics = Selection::AllVisible(names);
    }
    if options.covers_subjects() {
        let named = want.subjects.keys().chain(want.absent.subjects.keys());
        let names = named.filter(|name| options.covers_subject(name)).cloned().collect();
        let mut absent = want.absent.subjects.iter().filter(|(name, _)| options.covers_subject(name));
        wanted.deleted_subjects = absent.any(|(_, absent)| absent.permanent);
        wanted.subjects = Selection::AllVisible(names);
    }
    if options.families.groups {
        wanted.groups = Selection::AllVisible(BTreeSet::new());
        for (contract, _) in group::started(want, options) {
            wanted.groups.add(&contract.group);
            wanted.committed.add(&contract.group);
            for topic in contract.topics.iter().flat_map(|topics| &topics.names) {
                wanted.topics.add(topic);
                wanted.log_offsets.add(topic);
            }
        }
    }
    wanted.acls = options.families.access && !want.access.is_empty();
    wanted.quotas = options.families.access && !want.quotas.is_empty();
    wanted.users = options.families.access && !want.users.is_empty();
    wanted
}

/// Times that topics may have from brokers from now on, because the topology takes their own value away.
fn unset_times(want: &Topology, options: &DiffOptions) -> BTreeSet<&'static str> {
    if want.policy.resets_unlisted().is_some() {
        return followed_times().collect();
    }
    times(want, options, |wish| *wish == ConfigWish::Unset)
}

/// Times that a topic may have from the brokers as the topology wishes them.
fn set_times(want: &Topology, options: &DiffOptions) -> BTreeSet<&'static str> {
    times(want, options, |wish| matches!(wish, ConfigWish::Set(_)))
}

fn times(
    want: &Topology,
    options: &DiffOptions,
    wished: impl Fn(&ConfigWish) -> bool,
) -> BTreeSet<&'static str> {
    let topics = want.topics.iter().filter(|(name, _)| options.covers_topic(name)).map(|(_, topic)| topic);
    let is_wished = |key: &&str| {
        let mut wishes = topics.clone().filter_map(|topic| topic.configs.get(*key));
        wishes.any(|wish| wished(&wish.value))
    };
    followed_times().filter(is_wished).collect()
}

/// Topics of others that contracts name, of which it is told when they do not exist.
fn read_by_name<'a>(want: &'a Topology, options: &'a DiffOptions) -> impl Iterator<Item = String> + 'a {
    let contracts = want.groups.values().filter(|contract| options.covers_group(&contract.group));
    let written =
        contracts.filter_map(|contract| contract.topics.as_ref()).flat_map(|topics| &topics.written);
    let names = written.filter_map(|pattern| pattern.value.literal());
    names.filter(|name| want.external.has_topic(name)).map(str::to_owned)
}

/// What a look has to see to check what these steps expect, and to settle them once they were sent.
pub fn wanted_for<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Wanted {
    use super::Change;
    let mut wanted = Wanted::default();
    for step in steps {
        match &step.change {
            Change::Topic(change) => topic::wanted_for(change, &step.expects, &mut wanted),
            Change::Subject(change) => subject::wanted_for(change, &mut wanted),
            Change::Group(change) => group::wanted_for(change, &mut wanted),
            Change::Cluster(change) => cluster::wanted_for(change, &mut wanted),
            Change::Records(change) => records::wanted_for(change, &mut wanted),
            Change::Access(change) => access::wanted_for(change, &mut wanted),
        }
    }
    wanted
}
