//! The Kafka operator's command line, as a library that `main` hands its arguments to.
//!
//! A file says what should be; one look says what is; `diff` compares the two as plain values and lists its open
//! questions; the servers answer them; `assess` makes the plan, with risks, impact and refusals; `apply` carries it out
//! without taking one more decision and reports the fate of every step.
//!
//! ```text
//!  files ─ topology ─┐                    ┌─ answers: would the broker accept it, what the registry says, which offsets
//!                    ├─ diff ─ questions ─┤
//!  cluster ─ World ──┘                    └─ assess ─ Plan ─ view ─ consent ─ apply ─ Report ─ view
//!  registry ─┘                                                               │
//!                                                              enact → look again → settle
//! ```
//!
//! `group reset` and `undo` are small planners that yield the same plan: same consent, same apply, same report.
//!
//! # Laws
//!
//! 1. Planning cannot write. `diff` and `assess` are pure and total, live in `klerk-core` and hold no client. There is
//!    no dry-run switch anywhere below the command line: `--dry-run` shows the plan and stops, that is all.
//! 2. Applying never decides. Whatever would have to be decided while applying is a field that the plan lacks.
//! 3. Each step carries the facts that it was planned on. They are read again just before the step; where one no longer
//!    holds the plan is stale and says which. A plan belongs to one cluster, and to topics by id.
//! 4. What no file names is left alone, and shown. Nothing is deleted, rewound, skipped, moved or revoked unless the file
//!    or the command line says so and the risk is allowed: by name, or by `--yes` where a group only skips or repeats.
//! 5. Outcomes are the truth. No reply is not a failure: a look settles it. "Exists, and is as wanted" is not the same as
//!    "made by us".
//! 6. The failure of one step neither hides nor stops one that does not depend on it, and always reaches the exit status.
//! 7. After every write comes a look, and what a server ignored or changed is said by name.
//! 8. A fact that had to be asked for is a [`klerk_core::values::Known`]: denied is not absent, no answer is not zero, and
//!    a check that could not run is not a pass. Lists hold what is visible, so what matters is asked for by name.
//! 9. Asking for metadata creates no topic, and offsets are committed from outside: no command joins a group.
//! 10. JSON documents are types of their own, copied from the core, and only gain fields within a version.
//! 11. A secret is a [`klerk_core::values::Secret`], which prints as a mask; it is in no argument, plan, record or trace.
//! 12. A fact that the plan can do without, and that the cluster does not give, becomes "not available" with its reason:
//!     no failure, and no guess.
//!
//! # Where things are
//!
//! Below this package, `klerk-core` is everything pure: values, topology, world, plan, apply, export, schema, group. `klerk-wire`
//! is Kafka's wire format. `klerk-sandbox` is a simulated cluster and registry; it knows nothing of this package, and
//! `tests/contract` holds it to what Kafka does, and `klerk-clients` to what librdkafka wants. `klerk-testbed` runs real servers for tests.
//!
//! | room | holds |
//! |---|---|
//! | [`cli`] | the flags; their documentation is the help |
//! | [`commands`] | one file a subcommand, and what several share: planning, and the way from a plan to its report |
//! | [`session`] | loops over time: carrying out, waiting for a quiet group; cluster and registry behind traits |
//! | [`settings`] | where to connect and how: contexts, properties, JAAS; each value with its origin; the one list of variables |
//! | [`sources`] | the only reader of topology and schema files |
//! | [`store`] | records of what was changed |
//! | [`kafka`] | the cluster: connections, logins, routing, batches, then one file for each family of APIs |
//! | [`records`] | the data plane on librdkafka: records, and when they were written |
//! | [`registry`] | the schema registry over HTTP |
//! | [`secure`] | what protects connections: trust, certificates, logins |
//! | [`view`] | the texts and documents that are answered |
//! | [`term`] | the only owner of standard input, output and error |
//! | [`consent`] | what has been allowed, and asking for the rest |
//! | `demo` | the narrated tour on a sandbox |
//! | [`error`] | what every error comes to: kind, words, exit status |

mod app;
pub mod cli;
mod clock;
pub mod commands;
pub mod consent;
mod demo;
pub mod error;
pub mod kafka;
pub mod records;
pub mod registry;
pub mod secure;
pub mod session;
pub mod settings;
pub mod sources;
mod status;
mod stop;
pub mod store;
pub mod term;
#[cfg(test)]
mod testing;
mod trace;
pub mod view;

pub use app::{App, Output, run};
pub use clock::Clock;
pub use status::Status;
pub use stop::{Stop, StopCause, Stopper};
