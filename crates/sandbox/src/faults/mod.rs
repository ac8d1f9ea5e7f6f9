//! What shall go wrong, and when.
//!
//! A test arms a [`Fault`] for an API and, where it wants, for one resource and one broker; it goes off once, some times,
//! after some requests, or always. A fault can be written as a line of text, which `klerk sandbox --fault` takes:
//!
//! ```text
//! CreateTopics refuse 7 once                     every topic of the next request is refused
//! CreateTopics resource=a refuse 44 "not here"   this topic always, the others are created
//! CreateTopics answer 7                          done, and yet answered with a code
//! DescribeConfigs refuse-request 31              APIs with a code for the whole request
//! OffsetCommit resource=g node=2 close-after     done, and the connection closes
//! OffsetCommit stop-before once                   the broker that is asked goes down instead
//! ListGroups resource=g deny                     lists leave it out; by name 30 (29 for topics)
//! OffsetFetch topic=t deny                       commits on it are left out where all are asked for
//! DescribeCluster resource=alter deny            the rights on the cluster are told without this one
//! * late 200ms after 3, 2 times                  the fourth and fifth request of each kind of API
//! Metadata stale 500ms                           answers lag behind changes
//! ```
//!
//! [`Faults`] decides which of them go off for a request. The API's own file asks [`Faults::refusal`] for each item that
//! it is about to change, so that the rest of a request is done as a broker would; everything else happens around it.

mod armed;
mod fault;
mod line;
mod occasion;
mod text;

pub use armed::Faults;
pub(crate) use armed::{Fate, Refusal};
pub use fault::{Fault, Harm, Times};
pub(crate) use line::Line;
pub use line::LineError;
pub(crate) use occasion::Occasion;
