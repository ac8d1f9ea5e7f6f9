use std::iter::Peekable;
use std::str::Chars;

/// One entry of a properties file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The key.
    pub key: String,
    /// The value; may be empty.
    pub value: String,
    /// The line that the entry begins on, from 1.
    pub line: u32,
    /// Whether it is written in ASCII, which every reader reads alike.
    pub is_ascii: bool,
}

/// The text of a properties file. Java reads each as ISO-8859-1 (`Properties.load` of a stream of bytes); what editors write today,
/// and librdkafka's clients read, is UTF-8. So it is UTF-8 where it can be, and else what Java makes of it.
pub(super) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

/// The text breaks the format of Java's properties files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: `\\u` is followed by '{found}', not by four hexadecimal digits")]
pub struct MalformedProperties {
    /// The line, from 1.
    pub line: u32,
    /// What stands there.
    pub found: String,
}

/// Reads what Java's `Properties.load` reads: `=`, `:` or white space between key and value, `#` and `!` before
/// comments, a backslash before a line's end to go on, and the escapes `\t \n \r \f` and `\u` with four hexadecimal
/// digits. A key that comes twice is returned twice; Java takes the last.
///
/// # Errors
/// For a `\u` without four hexadecimal digits, the only thing that Java refuses.
pub fn parse_properties(text: &str) -> Result<Vec<Property>, MalformedProperties> {
    let mut properties = Vec::new();
    for (line, logical) in logical_lines(text) {
        let (key, value) = split(&logical);
        let is_ascii = logical.is_ascii();
        properties.push(Property {
            key: unescape(key, line)?,
            value: unescape(value, line)?,
            line,
            is_ascii,
        });
    }
    Ok(properties)
}

/// Joins continued lines and drops comments and blank lines. White space before a line's text does not count.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = (1..).zip(text.split('\n'));
    let mut logical = Vec::new();
    while let Some((number, line)) = lines.next() {
        let line = line.trim_start_matches(BLANKS);
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = line.to_owned();
        while ends_open(&whole) {
            whole.pop();
            match lines.next() {
                Some((_, next)) => whole.push_str(next.trim_start_matches(BLANKS)),
                None => break,
            }
        }
        logical.push((number, whole));
    }
    logical
}

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// Whether the line ends in a backslash that is not itself escaped.
fn ends_open(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Splits at the first separator that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line
        .char_indices()
        .find(|(_, character)| {
            let separates = !escaped && (BLANKS.contains(character) || matches!(character, '=' | ':'));
            escaped = !escaped && *character == '\\';
            separates
        })
        .map_or(line.len(), |(at, _)| at);
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(BLANKS);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, rest.trim_start_matches(BLANKS))
}

fn unescape(text: &str, line: u32) -> Result<String, MalformedProperties> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let plain = match (character, characters.peek().copied()) {
            ('\\', Some('u')) => {
                characters.next();
                units.push(code_unit(&mut characters, line)?);
                continue;
            }
            ('\\', Some(escaped)) => {
                characters.next();
                match escaped {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\u{c}',
                    other => other,
                }
            }
            ('\\', None) => continue,
            (plain, _) => plain,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Ok(String::from_utf16_lossy(&units))
}

/// Four hexadecimal digits. Characters beyond the first plane are written as two such units, so they are joined later.
fn code_unit(characters: &mut Peekable<Chars<'_>>, line: u32) -> Result<u16, MalformedProperties> {
    let digits: String = characters.take(4).collect();
    let all_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match u16::from_str_radix(&digits, 16) {
        Ok(unit) if all_hex => Ok(unit),
        _ => Err(MalformedProperties { line, found: digits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse_properties(text).unwrap().into_iter().map(|property| (property.key, property.value)).collect()
    }

    #[test]
    fn reads_what_java_reads() {
        let cases = [
            ("a=b", ("a", "b")),
            ("  a : b ", ("a", "b ")),
            ("a b", ("a", "b")),
            ("a", ("a", "")),
            ("a==b", ("a", "=b")),
            ("a\\=b=c", ("a=b", "c")),
            ("a = \\  b", ("a", "  b")),
            ("a=b\\\n   c\\\r\n d", ("a", "bcd")),
            ("a=b\\\\\nc=d", ("a", "b\\")),
            ("a=\\u0041\\ud83d\\ude00", ("a", "A😀")),
            ("a=\\t\\n\\q", ("a", "\t\nq")),
            ("\u{feff}a=b", ("a", "b")),
            ("a=b\\", ("a", "b")),
        ];
        for (text, (key, value)) in cases {
            assert_eq!(pairs(text)[0], (key.to_owned(), value.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn comments_and_lines_are_counted() {
        let properties = parse_properties("# one\n\n! three\na=b\\\n  c\n d=e\n#f=g").unwrap();
        let seen: Vec<_> = properties.iter().map(|p| (p.key.as_str(), p.value.as_str(), p.line)).collect();
        assert_eq!(seen, [("a", "bc", 4), ("d", "e", 6)]);
    }

    #[test]
    fn a_broken_escape_names_its_line() {
        let error = parse_properties("a=b\nc=\\u12").unwrap_err();
        assert_eq!(error.to_string(), "line 2: `\\u` is followed by '12', not by four hexadecimal digits");
    }

    fn escape(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*|([\\\\u=: #!a\n\r\t]{0,40})") {
            let _ = parse_properties(&text);
        }

        #[test]
        fn escaped_pairs_come_back(key in "\\PC{1,20}", value in "\\PC{0,20}") {
            prop_assert_eq!(pairs(&format!("{}={}", escape(&key), escape(&value))), vec![(key, value)]);
        }
    }
}
