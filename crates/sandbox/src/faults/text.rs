//! The line of text that a fault can be written as, and read from.

use crate::faults::line::{Line, LineError, duration};
use crate::faults::{Fault, Harm, Times};
use klerk_core::values::closest;
use klerk_wire::api::{api_name, api_names};
use std::fmt;
use std::str::FromStr;

const HARMS: [&str; 17] = [
    "refuse",
    "refuse-request",
    "answer",
    "omit",
    "deny",
    "late",
    "close-before",
    "close-after",
    "stop-before",
    "stop-after",
    "silence",
    "throttle",
    "quota",
    "move",
    "stale",
    "absent",
    "cap",
];

const FORM: &str = "API [resource=NAME] [node=ID] HARM [after N] [once|N times|always]";

impl FromStr for Fault {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Fault, LineError> {
        let mut line = Line::read(line, FORM)?;
        let api = line.next("an API")?;
        let mut fault = match api.as_str() {
            "*" => Fault::everywhere(Harm::Omit),
            name => Fault::new(key_of(name)?, Harm::Omit),
        };
        while let Some(word) = line.next_if(|word| word.contains('=')) {
            fault = match word.split_once('=') {
                Some(("resource" | "topic" | "group", name)) => fault.on(name),
                Some(("node", id)) => {
                    let invalid = |_| LineError::Value { word: word.clone(), wanted: "the id of a broker" };
                    fault.at(id.parse().map_err(invalid)?)
                }
                _ => return Err(LineError::Value { word, wanted: "resource=NAME or node=ID" }),
            };
        }
        fault.harm = harm(&mut line)?;
        if line.next_if(|word| word == "after").is_some() {
            fault.after = line.parsed("a number of requests to be spared")?;
        }
        fault.times = line.times()?;
        line.end()?;
        Ok(fault)
    }
}

fn key_of(name: &str) -> Result<i16, LineError> {
    let names = || api_names().iter().copied();
    let place = names().position(|known| known.eq_ignore_ascii_case(name));
    let key = place.and_then(|place| i16::try_from(place).ok());
    key.ok_or_else(|| LineError::Api { word: name.to_owned(), close: closest(name, names()) })
}

fn harm(line: &mut Line) -> Result<Harm, LineError> {
    let word = line.next("what goes wrong")?;
    Ok(match word.as_str() {
        "refuse" => line.code().map(|(code, message)| Harm::Refuse { code, message })?,
        "refuse-request" => line.code().map(|(code, message)| Harm::RefuseRequest { code, message })?,
        "answer" => line.code().map(|(code, message)| Harm::Answer { code, message })?,
        "omit" => Harm::Omit,
        "deny" => Harm::Deny,
        "late" => Harm::Late(line.duration()?),
        "close-before" => Harm::CloseBefore,
        "close-after" => Harm::CloseAfter,
        "stop-before" => Harm::StopBefore,
        "stop-after" => Harm::StopAfter,
        "silence" => Harm::Silence,
        "throttle" => Harm::Throttle(line.duration()?),
        "quota" => Harm::Quota(line.duration()?),
        "move" => Harm::Move,
        // A bare number is how often, as in `stale 3 times`.
        "stale" => Harm::Stale(
            line.next_if(|word| word.parse::<u64>().is_err() && duration(word).is_some())
                .and_then(|word| duration(&word)),
        ),
        "absent" => Harm::Absent,
        "cap" => Harm::Cap(line.parsed("a version of the API")?),
        _ => return Err(LineError::harm(word, &HARMS)),
    })
}

/// A text in quotes where it could not be read as one word otherwise.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains([' ', '\t', ',', '"', '\\']);
    if plain { text.to_owned() } else { in_quotes(text) }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.api.map_or("*", api_name))?;
        if let Some(resource) = &self.resource {
            write!(f, " resource={}", quoted(resource))?;
        }
        if let Some(node) = self.node {
            write!(f, " node={node}")?;
        }
        write!(f, " {}", self.harm)?;
        if self.after > 0 {
            write!(f, " after {}", self.after)?;
        }
        match self.times {
            Times::Always => Ok(()),
            Times::Next(1) => f.write_str(" once"),
            Times::Next(times) => write!(f, " {times} times"),
        }
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, coded) = match self {
            Harm::Refuse { code, message } => ("refuse", Some((code, message))),
            Harm::RefuseRequest { code, message } => ("refuse-request", Some((code, message))),
            Harm::Answer { code, message } => ("answer", Some((code, message))),
            Harm::Omit => ("omit", None),
            Harm::Deny => ("deny", None),
            Harm::CloseBefore => ("close-before", None),
            Harm::CloseAfter => ("close-after", None),
            Harm::StopBefore => ("stop-before", None),
            Harm::StopAfter => ("stop-after", None),
            Harm::Silence => ("silence", None),
            Harm::Move => ("move", None),
            Harm::Absent => ("absent", None),
            Harm::Stale(None) => ("stale", None),
            Harm::Late(time) => return write!(f, "late {}ms", time.as_millis()),
            Harm::Throttle(time) => return write!(f, "throttle {}ms", time.as_millis()),
            Harm::Quota(time) => return write!(f, "quota {}ms", time.as_millis()),
            Harm::Stale(Some(time)) => return write!(f, "stale {}ms", time.as_millis()),
            Harm::Cap(version) => return write!(f, "cap {version}"),
        };
        f.write_str(name)?;
        match coded {
            Some((code, Some(words))) => write!(f, " {code} {}", in_quotes(words)),
            Some((code, None)) => write!(f, " {code}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn read(line: &str) -> Result<Fault, LineError> {
        line.parse()
    }

    #[test]
    fn a_line_is_read() {
        let ms = Duration::from_millis;
        let refuse = Fault::refuse(19, 7).on("a").once();
        assert_eq!(read("CreateTopics topic=a refuse 7 once"), Ok(refuse.clone()));
        assert_eq!(read("createtopics resource=a refuse REQUEST_TIMED_OUT once"), Ok(refuse));
        let words = Harm::RefuseRequest { code: 31, message: Some("not \"you\", never".to_owned()) };
        assert_eq!(
            read(r#"DescribeAcls refuse-request 31 "not \"you\", never" 2 times"#),
            Ok(Fault::new(29, words).times(2))
        );
        assert_eq!(
            read("* node=2 late 200ms after 3, 2 times"),
            Ok(Fault::everywhere(Harm::Late(ms(200))).at(2).after(3).times(2))
        );
        assert_eq!(read("Metadata stale 500ms"), Ok(Fault::new(3, Harm::Stale(Some(ms(500))))));
        assert_eq!(read("Metadata stale 3 times"), Ok(Fault::new(3, Harm::Stale(None)).times(3)));
        assert_eq!(read("OffsetFetch cap 8"), Ok(Fault::new(9, Harm::Cap(8))));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_meant() {
        let refused = |line| read(line).map_err(|error| error.to_string()).expect_err(line);
        let all = [
            "",
            "CreateTopic refuse 7",
            "CreateTopics refus 7",
            "CreateTopics refuse",
            "CreateTopics refuse REQUEST_TIMEOUT",
            "CreateTopics nod=1 refuse 7",
            "CreateTopics node=one refuse 7",
            "CreateTopics refuse 7 \"words",
            "CreateTopics refuse 7 twice",
            "CreateTopics refuse 7 2",
            "CreateTopics refuse 7 once more",
            "CreateTopics late soon",
        ];
        let told: Vec<String> = all.into_iter().map(|line| format!("{line}\n  {}", refused(line))).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
          the line ends before an API; it is written as: API [resource=NAME] [node=ID] HARM [after N] [once|N times|always]
        CreateTopic refuse 7
          "CreateTopic" is no API of Kafka's (is CreateTopics meant?); * stands for every API
        CreateTopics refus 7
          "refus" is not one of refuse, refuse-request, answer, omit, deny, late, close-before, close-after, stop-before, stop-after, silence, throttle, quota, move, stale, absent, cap (is refuse meant?)
        CreateTopics refuse
          the line ends before an error code of Kafka's, as a number or by name; it is written as: API [resource=NAME] [node=ID] HARM [after N] [once|N times|always]
        CreateTopics refuse REQUEST_TIMEOUT
          "REQUEST_TIMEOUT" is not an error code of Kafka's, as a number or by name
        CreateTopics nod=1 refuse 7
          "nod=1" is not resource=NAME or node=ID
        CreateTopics node=one refuse 7
          "node=one" is not the id of a broker
        CreateTopics refuse 7 "words
          a text in quotes does not end
        CreateTopics refuse 7 twice
          "twice" is not once, N times, or always
        CreateTopics refuse 7 2
          the line ends before once, N times, or always; it is written as: API [resource=NAME] [node=ID] HARM [after N] [once|N times|always]
        CreateTopics refuse 7 once more
          "more" is not expected where the line ends
        CreateTopics late soon
          "soon" is not a duration, such as 200ms
"#);
    }

    fn any_harm() -> impl Strategy<Value = Harm> {
        let coded = (any::<i16>(), proptest::option::of(".{0,12}"));
        let time = (0_u64..100_000).prop_map(Duration::from_millis);
        prop_oneof![
            coded.clone().prop_map(|(code, message)| Harm::Refuse { code, message }),
            coded.clone().prop_map(|(code, message)| Harm::RefuseRequest { code, message }),
            coded.prop_map(|(code, message)| Harm::Answer { code, message }),
            Just(Harm::Omit),
            Just(Harm::Deny),
            Just(Harm::CloseBefore),
            Just(Harm::StopBefore),
            Just(Harm::StopAfter),
            Just(Harm::CloseAfter),
            Just(Harm::Silence),
            Just(Harm::Move),
            Just(Harm::Absent),
            time.clone().prop_map(Harm::Late),
            time.clone().prop_map(Harm::Throttle),
            time.clone().prop_map(Harm::Quota),
            proptest::option::of(time).prop_map(Harm::Stale),
            any::<i16>().prop_map(Harm::Cap),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(
            api in proptest::option::of(0_i16..93),
            resource in proptest::option::of(".{0,12}"),
            node in proptest::option::of(any::<i32>()),
            harm in any_harm(),
            after in any::<u32>(),
            times in prop_oneof![Just(Times::Always), (1..=u32::MAX).prop_map(Times::Next)],
        ) {
            let fault = Fault { api, resource, node, harm, after, times };
            prop_assert_eq!(fault.to_string().parse(), Ok(fault));
        }

        #[test]
        fn any_line_is_judged_without_panic(line in ".{0,40}") {
            let _ = line.parse::<Fault>();
        }
    }
}
