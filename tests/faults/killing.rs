//! Where klerk is killed: before and after each of sixty steps takes effect, one request each, and around whole requests.

/// One death.
#[derive(Debug, Clone)]
pub struct Kill {
    pub name: String,
    /// What holds klerk where it dies.
    pub fault: String,
    /// How many steps have taken effect by then.
    pub done: usize,
    /// Flags of the apply that is killed.
    pub flags: &'static str,
}

pub const CREATED: usize = 24;
pub const GROWN: usize = 8;
pub const TUNED: usize = 10;
pub const DELETED: usize = 7;
/// Topics whose value gets a first schema.
pub const MADE: usize = 3;
/// Topics whose subject gets a level and then a second version.
pub const LEVELLED: usize = 4;
/// How many steps it takes.
pub const STEPS: usize = CREATED + GROWN + TUNED + DELETED + MADE + 2 * LEVELLED;

/// The request that carries a step: a fault without what goes wrong, and what is added behind that.
type Request = (String, String);

/// The requests in the order in which klerk sends them, when each has one step.
fn one_by_one() -> Vec<Request> {
    let kinds = [
        ("CreateTopics", CREATED),
        ("CreatePartitions", GROWN),
        ("IncrementalAlterConfigs", TUNED),
        ("DeleteTopics", DELETED),
    ];
    let of_brokers = kinds.into_iter().flat_map(|(api, steps)| {
        (0..steps).map(move |before| (api.to_owned(), format!(" after {before} once")))
    });
    let once = || " once".to_owned();
    let level = |number: usize| (format!("PUT /config/level.{number}-value"), once());
    let version =
        |name: &str, number: usize| (format!("POST /subjects/{name}.{number:02}-value/versions"), once());
    let levels = (0..LEVELLED).map(level);
    let first = (0..MADE).map(|number| version("made", number));
    let second =
        (0..LEVELLED).map(|number| (format!("POST /subjects/level.{number}-value/versions"), once()));
    of_brokers.chain(levels).chain(first).chain(second).collect()
}

pub fn rows() -> Vec<Kill> {
    let is_http = |request: &str| request.contains('/');
    let mut rows = Vec::new();
    let mut around = |request: Request, steps: usize, before: usize, flags: &'static str| {
        let (what, times) = request;
        let late = if is_http(&what) { "late 300000" } else { "late 300s" };
        let kill = |word: &str, harm: &str, done: usize| Kill {
            name: format!("{word} {what}{times}{}", if flags.is_empty() { ", in one request" } else { "" }),
            fault: format!("{what} {harm}{times}"),
            done,
            flags,
        };
        rows.push(kill("before", "silence", before));
        rows.push(kill("after", late, before + steps));
    };
    for (before, request) in one_by_one().into_iter().enumerate() {
        around(request, 1, before, "--batch 1");
    }
    let mut before = 0;
    for (api, steps) in [
        ("CreateTopics", CREATED),
        ("CreatePartitions", GROWN),
        ("IncrementalAlterConfigs", TUNED),
        ("DeleteTopics", DELETED),
    ] {
        around((api.to_owned(), " once".to_owned()), steps, before, "");
        before += steps;
    }
    rows
}
