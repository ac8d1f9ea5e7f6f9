use crate::topology::{ConfigWish, Topic, Topology};
use crate::values::{Known, Origin};
use crate::world::{TopicView, World};

/// A topic as it would be once its plan was carried out.
pub(super) struct Effective<'a> {
    pub topic: &'a Topic,
    pub want: &'a Topology,
    view: Option<&'a TopicView>,
    have: Option<&'a World>,
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
        Effective { topic, want, view: seen.and_then(Known::known), have }
    }

    /// The value of a config, where a file says it or the cluster has told it.
    pub fn config(&self, key: &str) -> Option<Value<'a>> {
        let wish = self.topic.configs.get(key);
        if let Some(wish) = wish
            && let ConfigWish::Set(text) = &wish.value
        {
            return Some(Value { text, origin: Some(&wish.origin) });
        }
        let seen = self.view?.configs.known()?.get(key)?;
        let is_reset = wish.is_some() || (seen.is_override() && self.want.policy.resets_unlisted().is_some());
        let text = if is_reset { seen.inherited.as_deref() } else { seen.value.as_deref() };
        Some(Value { text: text?, origin: None })
    }

    /// What a topic that is not there yet would follow: what any other one follows. It is not told of the topic itself
    /// before it has been made.
    pub fn inherited_by_others(&self, key: &str) -> Option<&'a str> {
        let topics = self.have?.cluster.topics.values();
        let mut configs = topics.filter_map(|seen| seen.known()?.configs.known()?.get(key));
        configs.find_map(|config| config.inherited.as_deref())
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
