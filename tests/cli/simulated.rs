//! A simulated cluster for the program to talk to.

use crate::run::Ran;
use klerk_sandbox::state::log::Record;
use klerk_sandbox::{Options, Sandbox, State};
use regex::Regex;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Three brokers in this process, gone when it is dropped.
pub struct Simulated {
    sandbox: Sandbox,
    _runtime: Runtime,
}

impl Simulated {
    pub fn start() -> Simulated {
        let runtime = Runtime::new().expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(&Options::default())).expect("a sandbox");
        Simulated { sandbox, _runtime: runtime }
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.sandbox.with(act)
    }

    /// A command line with the address.
    pub fn line(&self, line: &str) -> String {
        format!("{line} -b {}", self.sandbox.bootstrap())
    }

    /// What a run told, without what is different each time.
    pub fn told(&self, ran: &Ran) -> String {
        let ids = self.with(|state| state.topics.values().map(|topic| topic.id).collect::<Vec<_>>());
        let told = ids.iter().fold(ran.all(), |told, id| told.replace(&spelled(id), "<id>"));
        let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("a pattern");
        time.replace_all(&told, "<time>").into_owned()
    }

    /// The topics but Kafka's own.
    pub fn topics(&self) -> Vec<String> {
        self.with(|state| state.topics.keys().filter(|name| !name.starts_with("__")).cloned().collect())
    }

    /// Puts as many records into a partition, a minute apart, the last one now.
    pub fn fill(&self, topic: &str, partition: i32, count: i64) {
        self.with(|state| {
            let now = state.clock.now_ms();
            for number in 1..=count {
                let at = now - (count - number) * 60_000;
                let value = Some(vec![b'x'; 100].into());
                let record = Record::new(at, None, value);
                state.append(topic, partition, &[record]).expect("a record is kept");
            }
        });
    }

    /// Deletes a topic and creates it again under the same name.
    pub fn make_anew(&self, topic: &str) {
        self.with(|state| {
            let mut old = state.remove_topic(topic).expect("a topic of that name");
            old.id = Uuid::new_v4();
            state.add_topic(topic, old);
        });
    }
}

/// A topic id as Kafka spells it.
fn spelled(id: &Uuid) -> String {
    klerk_core::values::TopicId(*id.as_bytes()).to_string()
}
