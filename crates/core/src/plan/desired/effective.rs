use crate::topology::{ConfigWish, Topic, Topology};
use crate::values::{Known, Origin};
use crate::world::{ConfigView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// What topics have from brokers by the keys that a topology names, as those topics tell that were seen.
#[derive(Default)]
pub(super) struct Inherited<'a>(BTreeMap<&'a str, Option<&'a ConfigView>>);

impl<'a> Inherited<'a> {
    pub fn seen(keys: impl IntoIterator<Item = &'a str>, have: Option<&'a World>) -> Self {
        let mut inherited: BTreeMap<&str, Option<&ConfigView>> =
            keys.into_iter().map(|key| (key, None)).collect();
        let mut apart = BTreeSet::new();
        let topics = have.into_iter().flat_map(|world| world.cluster.topics.values());
        for configs in topics.filter_map(|topic| topic.known()?.configs.known()) {
            for (key, found) in &mut inherited {
                let Some(view) = configs.get(*key).filter(|view| view.inherited.is_some()) else { continue };
                match found {
                    None => *found = Some(view),
                    // Brokers differ, so that there is no one value to tell.
                    Some(other) if other.inherited != view.inherited => {
                        apart.insert(*key);
                    }
                    Some(_) => {}
                }
            }
        }
        inherited.retain(|key, _| !apart.contains(key));
        Inherited(inherited)
    }

    fn of(&self, key: &str) -> Option<&'a ConfigView> {
        self.0.get(key).copied().flatten()
    }
}

/// A topic as it would be once its plan was carried out.
pub(super) struct Effective<'a> {
    pub topic: &'a Topic,
    pub want: &'a Topology,
    view: Option<&'a TopicView>,
    inherited: Option<&'a Inherited<'a>>,
}

/// A value that a topic would have.
pub(super) struct Value<'a> {
    pub text: &'a str,
    /// The line that says it; `None` for what the cluster told.
    pub origin: Option<&'a Origin>,
}

impl Value<'_> {
    pub fn integer(&self) -> Option<i64> {
        crate::values::as_integer(self.text)
    }
}

impl<'a> Effective<'a> {
    pub fn of(topic: &'a Topic, want: &'a Topology, have: Option<&'a World>) -> Self {
        let seen = have.and_then(|world| world.cluster.topics.get(&topic.name));
        Effective { topic, want, view: seen.and_then(Known::known), inherited: None }
    }

    /// The same, with what other topics have from brokers.
    pub fn beside(self, inherited: &'a Inherited<'a>) -> Self {
        Effective { inherited: Some(inherited), ..self }
    }

    /// The key as the topic has it; `None` where there is no topic, or it could not be read.
    pub fn seen(&self, key: &str) -> Option<&'a ConfigView> {
        self.view?.configs.known()?.get(key)
    }

    /// The value of a config, where a file says it or the cluster has told it.
    pub fn config(&self, key: &str) -> Option<Value<'a>> {
        let wish = self.topic.configs.get(key);
        if let Some(wish) = wish
            && let ConfigWish::Set(text) = &wish.value
        {
            return Some(Value { text, origin: Some(&wish.origin) });
        }
        let seen = self.seen(key)?;
        let is_reset = wish.is_some() || (seen.is_override() && !self.keeps_own(key));
        let text = if is_reset { seen.inherited.as_deref() } else { seen.value.as_deref() };
        Some(Value { text: text?, origin: None })
    }

    /// Whether the topic keeps a value of its own that no file names.
    pub fn keeps_own(&self, key: &str) -> bool {
        let is_own = self.seen(key).is_some_and(ConfigView::is_override);
        is_own && !self.topic.configs.contains_key(key) && self.want.policy.resets_unlisted().is_none()
    }

    /// What the topic has, or would have, without a value of its own. Where its own answer does not tell, as before it
    /// is made, it is what other topics have.
    pub fn inherited(&self, key: &str) -> Option<&'a str> {
        let told = self.seen(key).and_then(|view| view.inherited.as_deref());
        told.or_else(|| self.inherited?.of(key)?.inherited.as_deref())
    }

    /// How any topic shows the key.
    pub fn shown(&self, key: &str) -> Option<&'a ConfigView> {
        self.seen(key).or_else(|| self.inherited?.of(key))
    }

    /// A number of the file.
    pub fn asked(&self, key: &str) -> Option<(i64, &'a Origin)> {
        let value = self.config(key)?;
        Some((value.integer()?, value.origin?))
    }

    /// The replication factor that the file asks for, or that the topic has, with the line that asks.
    pub fn replication(&self) -> Option<(i64, Option<&'a Origin>)> {
        match &self.topic.replication {
            Some(wish) => Some((i64::from(wish.value), Some(&wish.origin))),
            None => self.view.and_then(TopicView::replication).map(|factor| (factor as i64, None)),
        }
    }

    /// The partitions that the file asks for, or that the topic has.
    pub fn partitions(&self) -> Option<i64> {
        match &self.topic.partitions {
            Some(wish) => Some(i64::from(wish.value)),
            None => self.view.map(|view| view.partitions.len() as i64),
        }
    }

    /// Whether its environment is one of production.
    pub fn is_in_production(&self) -> bool {
        self.want.environment.as_ref().is_some_and(|environment| environment.production)
    }
}
