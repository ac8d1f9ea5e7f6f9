//! What shall go wrong, as one line tells it: with requests to the brokers, with requests to the registry, or with the cluster.
//!
//! ```text
//! CreateTopics topic=orders refuse 7 once             a fault of an API, as in [`crate::faults`]
//! POST /subjects/orders-value/versions status 500     the registry answers with this status and does nothing
//! GET / page 200                                      everything that is read is a page of HTML
//! GET / silence                                       nothing is ever answered
//! stop 2                                              broker 2 goes down
//! release 3.9                                         the brokers offer what Kafka 3.9 does
//! ```

use crate::faults::{Fault, Line, LineError};
use crate::registry::{HttpFault, HttpHarm};
use crate::{Sandbox, State, state::Release};
use std::str::FromStr;

const METHODS: [&str; 4] = ["GET", "PUT", "POST", "DELETE"];
const HARMS: [&str; 9] =
    ["status", "again", "page", "page-after", "half", "late", "silence", "close-before", "close-after"];

/// Something that shall go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// With requests to the brokers.
    Request(Fault),
    /// With requests to the registry.
    Registry(HttpFault),
    /// A broker goes down.
    Stop(i32),
    /// The brokers pass for those of another release.
    Release(Release),
}

impl FromStr for Mishap {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Mishap, LineError> {
        match line.split_whitespace().next() {
            Some("stop") => {
                let mut words = Line::read(line, "stop ID")?;
                words.next("stop")?;
                let broker = words.parsed("the id of a broker")?;
                words.end()?;
                Ok(Mishap::Stop(broker))
            }
            Some("release") => {
                let mut words = Line::read(line, "release 3.9|4.3")?;
                words.next("release")?;
                let release =
                    words.value(
                        "a release that the sandbox can pass for: 3.9 or 4.3",
                        |word| match word {
                            "3.9" => Some(Release::Kafka39),
                            "4.3" => Some(Release::Kafka43),
                            _ => None,
                        },
                    )?;
                words.end()?;
                Ok(Mishap::Release(release))
            }
            Some(method) if METHODS.contains(&method) => of_registry(line).map(Mishap::Registry),
            _ => Ok(Mishap::Request(line.parse()?)),
        }
    }
}

fn of_registry(line: &str) -> Result<HttpFault, LineError> {
    let mut words = Line::read(line, "METHOD PATH HARM [once|N times|always]")?;
    let method = words.next("a method of HTTP")?;
    let path = words.value("a path of the registry, such as /subjects", |word| {
        word.starts_with('/').then(|| word.to_owned())
    })?;
    let harm = words.next("what goes wrong, such as status 500")?;
    let harm = match harm.as_str() {
        "status" => HttpHarm::status(status(&mut words)?),
        "again" => HttpHarm::try_again(status(&mut words)?, 1),
        "page" => HttpHarm::page(status(&mut words)?, false),
        "page-after" => HttpHarm::page(status(&mut words)?, true),
        "half" => HttpHarm::HalfTheBody,
        "late" => HttpHarm::Late(words.duration()?),
        "silence" => HttpHarm::Silence,
        "close-before" => HttpHarm::CloseBefore,
        "close-after" => HttpHarm::CloseAfter,
        _ => return Err(LineError::harm(harm, &HARMS)),
    };
    let times = words.times()?;
    words.end()?;
    Ok(HttpFault { method: Some(method), path: Some(path), harm, times })
}

fn status(words: &mut Line) -> Result<u16, LineError> {
    words.value("a status of HTTP, 200 to 599", |word| {
        word.parse().ok().filter(|status| (200..600).contains(status))
    })
}

impl Sandbox {
    /// Arms a fault, or does to the cluster what the mishap says.
    pub async fn meet_with(&self, mishap: Mishap) {
        match mishap {
            Mishap::Request(fault) => self.with(|state: &mut State| state.faults.arm(fault)),
            Mishap::Registry(fault) => self.with_registry(|registry| registry.arm(fault)),
            Mishap::Stop(broker) => self.stop_broker(broker).await,
            Mishap::Release(release) => self.with(|state| state.release = release),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Times;
    use std::time::Duration;

    fn read(line: &str) -> Result<Mishap, LineError> {
        line.parse()
    }

    #[test]
    fn each_kind_has_its_line() {
        let registry = |harm, times| {
            let (method, path) = (Some("GET".to_owned()), Some("/".to_owned()));
            Ok(Mishap::Registry(HttpFault { method, path, harm, times }))
        };
        assert_eq!(read("stop 2"), Ok(Mishap::Stop(2)));
        assert_eq!(read("release 3.9"), Ok(Mishap::Release(Release::Kafka39)));
        assert_eq!(read("CreateTopics refuse 7"), Ok(Mishap::Request(Fault::refuse(19, 7))));
        assert_eq!(read("GET / status 401"), registry(HttpHarm::status(401), Times::Always));
        assert_eq!(read("GET / again 503 2 times"), registry(HttpHarm::try_again(503, 1), Times::Next(2)));
        assert_eq!(read("GET / page-after 200 once"), registry(HttpHarm::page(200, true), Times::Next(1)));
        assert_eq!(read("GET / late 2s"), registry(HttpHarm::Late(Duration::from_secs(2)), Times::Always));
        for (word, harm) in [
            ("half", HttpHarm::HalfTheBody),
            ("silence", HttpHarm::Silence),
            ("close-before", HttpHarm::CloseBefore),
            ("close-after always", HttpHarm::CloseAfter),
        ] {
            assert_eq!(read(&format!("GET / {word}")), registry(harm, Times::Always));
        }
    }

    #[test]
    fn each_slip_is_told() {
        let lines = [
            "stop",
            "stop two",
            "stop 2 3",
            "release 2.8",
            "GET",
            "GET subjects",
            "GET /",
            "GET / statsu 401",
            "GET / status",
            "GET / status 42",
            "GET / late soon",
            "GET / half twice",
            "GET / half 0 times",
            "GET / half 2",
            "GET / half once more",
            "CreateTopcs refuse 7",
        ];
        let told: Vec<String> =
            lines.iter().map(|line| format!("{line}\n  {}", read(line).expect_err("a slip"))).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        stop
          the line ends before the id of a broker; it is written as: stop ID
        stop two
          "two" is not the id of a broker
        stop 2 3
          "3" is not expected where the line ends
        release 2.8
          "2.8" is not a release that the sandbox can pass for: 3.9 or 4.3
        GET
          the line ends before a path of the registry, such as /subjects; it is written as: METHOD PATH HARM [once|N times|always]
        GET subjects
          "subjects" is not a path of the registry, such as /subjects
        GET /
          the line ends before what goes wrong, such as status 500; it is written as: METHOD PATH HARM [once|N times|always]
        GET / statsu 401
          "statsu" is not one of status, again, page, page-after, half, late, silence, close-before, close-after (is status meant?)
        GET / status
          the line ends before a status of HTTP, 200 to 599; it is written as: METHOD PATH HARM [once|N times|always]
        GET / status 42
          "42" is not a status of HTTP, 200 to 599
        GET / late soon
          "soon" is not a duration, such as 200ms
        GET / half twice
          "twice" is not once, N times, or always
        GET / half 0 times
          "0" is not once, N times, or always
        GET / half 2
          the line ends before once, N times, or always; it is written as: METHOD PATH HARM [once|N times|always]
        GET / half once more
          "more" is not expected where the line ends
        CreateTopcs refuse 7
          "CreateTopcs" is no API of Kafka's (is CreateTopics meant?); * stands for every API
        "#);
    }
}
