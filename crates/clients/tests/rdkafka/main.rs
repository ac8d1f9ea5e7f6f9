//! What programs on librdkafka do, on a sandbox and on real Kafka: every story is a test on each, and must end the same.

mod consuming;
mod grouping;
mod producing;
mod servers;
mod transacting;
mod world;

/// Makes two tests of each story: `on_the_sandbox::story` and `on_kafka::story`.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod on_the_sandbox {
            $(#[test]
            fn $story() -> anyhow::Result<()> {
                super::$story(&$crate::world::World::simulated(stringify!($story))?)
            })+
        }

        mod on_kafka {
            $(#[test]
            fn $story() -> anyhow::Result<()> {
                super::$story(&$crate::world::World::real(stringify!($story))?)
            })+
        }
    };
}
pub(crate) use stories;
