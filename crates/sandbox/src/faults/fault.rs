//! One fault: whom it hits, what goes wrong, how often.

use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Harm {
    /// Nothing is done about the items that it hits, and they are answered with this code; other items are done.
    Refuse {
        /// The Kafka error code.
        code: i16,
        /// The words; some APIs have no field for them.
        message: Option<String>,
    },
    /// Nothing is done, and the answer as a whole has this code. Only for APIs whose answer has such a field.
    RefuseRequest {
        /// The Kafka error code.
        code: i16,
        /// The words; some APIs have no field for them.
        message: Option<String>,
    },
    /// Everything is done, and the items that it hits are answered with this code all the same.
    Answer {
        /// The Kafka error code.
        code: i16,
        /// The words; some APIs have no field for them.
        message: Option<String>,
    },
    /// Everything is done, and the items that it hits are left out of the answer.
    Omit,
    /// The items may not be seen: lists leave them out, and who names them is told 29, 30 or 53.
    Deny,
    /// The request is carried out, and the answer leaves this much later, or once the fault is taken back.
    Late(Duration),
    /// The connection closes and nothing was done.
    CloseBefore,
    /// The request is carried out, and the connection closes without an answer.
    CloseAfter,
    /// The broker that is asked goes down, and nothing was done. It stays down until it is started.
    StopBefore,
    /// The request is carried out, and the broker goes down without an answer. It stays down until it is started.
    StopAfter,
    /// Nothing is done and nothing is ever answered; the connection stays open.
    Silence,
    /// The request is carried out, and the answer asks the client to wait (`throttle_time_ms`).
    Throttle(Duration),
    /// The quota is used up: the items are refused with 89 and the answer asks the client to wait (KIP-599).
    Quota(Duration),
    /// What the request needs is elsewhere when it arrives, and a client that looks again finds it: the coordinators of
    /// groups and transactions, the leaders of the topics whose records are asked for, else the controller.
    Move,
    /// The answer shows topics and configs as they were before the last change: as often as the fault goes off, or for
    /// this long after the change.
    Stale(Option<Duration>),
    /// The API is not offered.
    Absent,
    /// The API is offered up to this version.
    Cap(i16),
}

/// How often a fault goes off. A request counts once, however many of its items are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many times from now on.
    Next(u32),
    /// Until it is disarmed.
    Always,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The API's key; every API when it is not given.
    pub api: Option<i16>,
    /// The topic, partition (`topic-0`), group or other resource that it is about, by name; every one when not given.
    pub resource: Option<String>,
    /// The broker that is asked; every one when it is not given.
    pub node: Option<i32>,
    /// What goes wrong.
    pub harm: Harm,
    /// How many requests that it would hit are spared first.
    pub after: u32,
    /// How often.
    pub times: Times,
}

impl Fault {
    /// A fault that hits every request of an API, always.
    pub fn new(api: i16, harm: Harm) -> Fault {
        Fault { api: Some(api), resource: None, node: None, harm, after: 0, times: Times::Always }
    }

    /// A fault of every API.
    pub fn everywhere(harm: Harm) -> Fault {
        Fault { api: None, ..Fault::new(0, harm) }
    }

    /// Refuses items with a code, without words.
    pub fn refuse(api: i16, code: i16) -> Fault {
        Fault::new(api, Harm::Refuse { code, message: None })
    }

    /// Only for this resource.
    #[must_use]
    pub fn on(mut self, resource: &str) -> Fault {
        self.resource = Some(resource.to_owned());
        self
    }

    /// Only on this broker.
    #[must_use]
    pub fn at(mut self, node: i32) -> Fault {
        self.node = Some(node);
        self
    }

    /// Spares this many requests first.
    #[must_use]
    pub fn after(mut self, spared: u32) -> Fault {
        self.after = spared;
        self
    }

    /// Only this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Fault {
        self.times = Times::Next(times);
        self
    }

    /// Only once.
    #[must_use]
    pub fn once(self) -> Fault {
        self.times(1)
    }

    /// Whether it may hit a request of this API on this broker.
    pub(crate) fn is_for(&self, api: i16, node: i32) -> bool {
        self.api.is_none_or(|key| key == api) && self.node.is_none_or(|id| id == node)
    }

    /// Whether it may hit this item: by name, and for a partition also by the name of its topic.
    pub(crate) fn hits(&self, name: &str, partition: Option<i32>) -> bool {
        self.resource.as_deref().is_none_or(|wanted| {
            let of_partition = || wanted.rsplit_once('-').filter(|(topic, _)| *topic == name);
            wanted == name
                || partition.is_some_and(|index| {
                    of_partition().is_some_and(|(_, number)| number.parse() == Ok(index))
                })
        })
    }
}

impl Harm {
    /// Whether it is about items of a request, so that it goes off when one of them is hit.
    pub(crate) fn is_of_items(&self) -> bool {
        matches!(self, Harm::Refuse { .. } | Harm::Answer { .. } | Harm::Omit | Harm::Deny | Harm::Quota(_))
    }

    /// Whether it is about what ApiVersions says, and not about single requests.
    pub(crate) fn is_of_versions(&self) -> bool {
        matches!(self, Harm::Absent | Harm::Cap(_))
    }
}
