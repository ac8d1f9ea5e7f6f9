//! A broker's words, without what only its programmers can use.

/// What a broker prints of a request that it does not allow: the whole of it, as Java shows objects.
const REQUEST: &str = "Request(processor=";
/// The part of that which says who has sent it: `session=Session(PRINCIPAL,/ADDRESS)`.
const SESSION: &str = "session=Session(";
/// What stands before the message of an exception that was passed on as a text.
const EXCEPTION: [&str; 2] = ["org.apache.kafka.", "java."];

/// The words as an operator can use them: of a request that was printed whole only who has sent it, as the broker sees it, and no
/// names of Java's classes in front.
pub(super) fn useful(words: &str) -> String {
    let words = without_class(words);
    let Some((before, rest)) = words.split_once(REQUEST) else { return words.to_owned() };
    let (printed, after) = rest.split_at(end_of(rest));
    let sender = printed.split_once(SESSION).map(|(_, rest)| &rest[..end_of(rest)]);
    let sender = sender.and_then(|session| session.strip_suffix(')').unwrap_or(session).rsplit_once(",/"));
    let said = format!("{}{}", before.trim_end(), after.trim_end_matches('.'));
    match sender {
        Some((principal, address)) => format!("{said} ({principal} from {address})"),
        None => said,
    }
}

/// Behind the bracket that closes the one that is open at the start; the end where none does, as of words that were cut off.
fn end_of(text: &str) -> usize {
    let mut open = 1_usize;
    let closing = text.char_indices().find(|(_, letter)| {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        open == 0
    });
    closing.map_or(text.len(), |(at, _)| at + 1)
}

/// `org.apache.kafka.common.errors.InvalidRequestException: words`
fn without_class(words: &str) -> &str {
    let Some((class, message)) = words.split_once(": ") else { return words };
    let is_class = EXCEPTION.iter().any(|start| class.starts_with(start)) && !class.contains(' ');
    if is_class { without_class(message) } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_request_that_is_printed_whole_the_sender_is_left() {
        let printed = "Request(processor=1, connectionId=127.0.0.1:9092-127.0.0.1:40722-0-5, \
            session=Session(User:CN=operator (staff),O=klerk,/127.0.0.1), listenerName=ListenerName(MTLS), securityProtocol=SSL, \
            buffer=null, envelope=None)";
        for (words, left) in [
            (
                format!("Request {printed} is not authorized."),
                "Request is not authorized (User:CN=operator (staff),O=klerk from 127.0.0.1)",
            ),
            (printed.replace("session=Session", "session=Sitzung"), ""),
            (
                format!("Request {}", &printed[..140]),
                "Request (User:CN=operator (staff),O=klerk from 127.0.0.1)",
            ),
            (format!("Request {}", &printed[..90]), "Request"),
            ("Topic with this name already exists.".to_owned(), "Topic with this name already exists."),
            ("Request(s) wait: 3".to_owned(), "Request(s) wait: 3"),
            (
                "org.apache.kafka.common.errors.PolicyViolationException: java.lang.Exception: no: never"
                    .to_owned(),
                "no: never",
            ),
            ("org.apache.kafka is a name: yes".to_owned(), "org.apache.kafka is a name: yes"),
            (String::new(), ""),
        ] {
            assert_eq!(useful(&words), left, "{words}");
        }
    }
}
