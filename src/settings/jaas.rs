use klerk_core::values::{Secret, closest};
use std::iter::Peekable;
use std::str::Chars;

/// The login module of a `sasl.jaas.config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginModule {
    /// Its class.
    pub class: String,
    /// Its options in their order; any of them may be a secret.
    pub options: Vec<(String, Secret)>,
}

impl LoginModule {
    /// The value of an option; Java takes the last.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.expose()).filter(|value| !value.is_empty())
    }

    /// An option that nothing reads, with the one among `known` that it was probably meant for and that is not there. No other
    /// option is named: it may be half of a password.
    pub(super) fn misspelt(&self, known: &[&'static str]) -> Option<(&str, &'static str)> {
        let is_there = |name: &str| self.options.iter().any(|(given, _)| given == name);
        let missing: Vec<&'static str> = known.iter().copied().filter(|name| !is_there(name)).collect();
        let mut unknown = self.options.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        unknown.find_map(|(name, _)| {
            let meant = closest(name, missing.iter().copied())?;
            missing.iter().find(|known| **known == meant).map(|known| (name.as_str(), *known))
        })
    }
}

/// What is wrong with a `sasl.jaas.config`. It names no value, and no word that may be part of one: where quotes are missing,
/// what looks like an option may be half of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JaasFault {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// It does not begin with a class.
    #[error("it does not begin with the class of a login module")]
    NoModule,
    /// The second word is no control flag.
    #[error("the login module is not followed by 'required' (or requisite, sufficient, optional)")]
    NoFlag,
    /// A quoted text without an end.
    #[error("the quotes that open {0} are not closed")]
    OpenQuote(Place),
    /// Something that cannot stand where it stands.
    #[error(
        "{0} is not followed by NAME=\"VALUE\" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes"
    )]
    Unexpected(Place),
    /// An option without value.
    #[error("{0} has no value")]
    NoValue(Place),
    /// The end is missing.
    #[error("the semicolon at its end is missing")]
    NoSemicolon,
    /// More than one module.
    #[error("it holds more than one login module, and Kafka takes one")]
    Several,
}

impl JaasFault {
    /// What to write.
    pub fn fix(&self) -> String {
        match self {
            JaasFault::Empty | JaasFault::NoModule => format!(
                "begin it with {PLAIN}, or {SCRAM}, or {OAUTH}: CLASS required username=\"…\" password=\"…\";"
            ),
            JaasFault::NoFlag => {
                "write required behind the class: CLASS required username=\"…\" password=\"…\";".to_owned()
            }
            JaasFault::OpenQuote(Place(option)) | JaasFault::NoValue(Place(option)) => {
                let name = option.unwrap_or("NAME");
                format!("write {name}=\"…\", with a backslash before each \" and \\ of the value")
            }
            JaasFault::Unexpected(Place(option)) => {
                let name = option.unwrap_or("NAME");
                format!(
                    "put the value into quotes: {name}=\"…\", with a backslash before each \" and \\ of it; commas between options \
                     do not belong there"
                )
            }
            JaasFault::NoSemicolon => {
                "end it with ; and, where it goes on in a further line of the file, each line but the last with a backslash"
                    .to_owned()
            }
            JaasFault::Several => "keep the one that is meant".to_owned(),
        }
    }
}

/// The login modules that klerk stands in for.
pub(super) const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
pub(super) const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";
pub(super) const OAUTH: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

/// A place in a `sasl.jaas.config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Option<&'static str>);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(option) => write!(f, "the option '{option}'"),
            None => f.write_str("an option"),
        }
    }
}

/// The options that messages may name.
const OPTIONS: [&str; 7] =
    ["username", "password", "tokenauth", "clientId", "clientSecret", "scope", "serviceName"];

fn place(option: &str) -> Place {
    Place(OPTIONS.into_iter().find(|known| *known == option))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Equals,
    Semicolon,
    /// A quoted text without an end.
    Open,
    /// A character that begins nothing.
    Stray,
}

/// Reads what Kafka's own reader of this property does: a class, a control flag, options as `NAME=VALUE`, and a semicolon.
/// Values stand in `"` or `'` with Java's escapes, or are a plain word; `//` and `/* */` are comments.
///
/// # Errors
/// With what is wrong, and never a value.
pub(super) fn parse_jaas(text: &str) -> Result<LoginModule, JaasFault> {
    let mut tokens = Tokens { characters: text.chars().peekable() };
    let class = match tokens.next() {
        Some(Token::Word(class) | Token::Quoted(class)) if class.contains('.') => class,
        None => return Err(JaasFault::Empty),
        Some(_) => return Err(JaasFault::NoModule),
    };
    let flag = match tokens.next() {
        Some(Token::Word(flag) | Token::Quoted(flag)) => flag.to_lowercase(),
        _ => return Err(JaasFault::NoFlag),
    };
    if !["required", "requisite", "sufficient", "optional"].contains(&flag.as_str()) {
        return Err(JaasFault::NoFlag);
    }
    let mut options = Vec::new();
    let mut last = Place(None);
    loop {
        let name = match tokens.next() {
            Some(Token::Semicolon) => break,
            None => return Err(JaasFault::NoSemicolon),
            Some(Token::Word(name) | Token::Quoted(name)) => name,
            Some(Token::Open) => return Err(JaasFault::OpenQuote(Place(None))),
            Some(Token::Equals | Token::Stray) => return Err(JaasFault::Unexpected(last)),
        };
        match tokens.next() {
            Some(Token::Equals) => {}
            // A password with a quote in the middle looks like a further option, so nothing of it is named.
            _ => return Err(JaasFault::Unexpected(last)),
        }
        last = place(&name);
        let value = match tokens.next() {
            Some(Token::Word(value) | Token::Quoted(value)) => value,
            Some(Token::Open) => return Err(JaasFault::OpenQuote(last)),
            Some(Token::Stray) => return Err(JaasFault::Unexpected(last)),
            Some(Token::Semicolon | Token::Equals) | None => return Err(JaasFault::NoValue(last)),
        };
        options.push((name, Secret::new(value)));
    }
    match tokens.next() {
        None => Ok(LoginModule { class, options }),
        Some(_) => Err(JaasFault::Several),
    }
}

struct Tokens<'t> {
    characters: Peekable<Chars<'t>>,
}

impl Tokens<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            match self.characters.next()? {
                '=' => return Some(Token::Equals),
                ';' => return Some(Token::Semicolon),
                quote @ ('"' | '\'') => return Some(self.quoted(quote)),
                // Java's tokenizer takes even a single slash for the beginning of a comment.
                '/' if self.characters.peek() == Some(&'*') => self.skip_block(),
                '/' => while self.characters.next_if(|character| *character != '\n').is_some() {},
                blank if blank <= ' ' => {}
                first if is_word(first) => {
                    let mut word = String::from(first);
                    while let Some(next) = self.characters.next_if(|next| is_word(*next)) {
                        word.push(next);
                    }
                    return Some(Token::Word(word));
                }
                _ => return Some(Token::Stray),
            }
        }
    }

    fn skip_block(&mut self) {
        self.characters.next();
        let mut before = ' ';
        for character in self.characters.by_ref() {
            if before == '*' && character == '/' {
                return;
            }
            before = character;
        }
    }

    /// A quoted text; it ends at its quote, and at the end of a line it is broken.
    fn quoted(&mut self, quote: char) -> Token {
        let mut text = String::new();
        loop {
            match self.characters.next() {
                None | Some('\n' | '\r') => return Token::Open,
                Some(end) if end == quote => return Token::Quoted(text),
                Some('\\') => match self.escaped() {
                    Some(character) => text.push(character),
                    None => return Token::Open,
                },
                Some(character) => text.push(character),
            }
        }
    }

    /// What a backslash makes of what follows: `\n` and its like, one to three octal digits up to 377, else the character.
    fn escaped(&mut self) -> Option<char> {
        let first = self.characters.next()?;
        Some(match first {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '0'..='7' => {
                let longest = if first <= '3' { 3 } else { 2 };
                let mut code = first.to_digit(8)?;
                for _ in 1..longest {
                    let Some(digit) = self.characters.next_if(|next| next.is_digit(8)) else { break };
                    code = code * 8 + digit.to_digit(8)?;
                }
                char::from_u32(code)?
            }
            other => other,
        })
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '$') || character >= '\u{a0}'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(rest: &str) -> Result<Vec<(String, String)>, String> {
        match parse_jaas(&format!("{PLAIN} {rest}")) {
            Ok(module) => {
                assert_eq!(module.class, PLAIN);
                Ok(module
                    .options
                    .into_iter()
                    .map(|(name, value)| (name, value.expose().to_owned()))
                    .collect())
            }
            Err(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn reads_what_kafka_reads() {
        let cases = [
            ("required;", vec![]),
            ("REQUIRED username=ann password=\"a;b=c\" ;", vec![("username", "ann"), ("password", "a;b=c")]),
            (
                "required username='ann' password=s3.c_r-t$;",
                vec![("username", "ann"), ("password", "s3.c_r-t$")],
            ),
            (
                r#"required password="a\"b\\c\tñ\101\7" // the end
                ;"#,
                vec![("password", "a\"b\\c\tñA\u{7}")],
            ),
            ("/* who */ required\n  username=\"\" /* empty */ ; // done", vec![("username", "")]),
            ("required \"extension_a\" = \"b\";", vec![("extension_a", "b")]),
        ];
        for (text, options) in cases {
            let options: Vec<_> =
                options.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(read(text), Ok(options), "{text}");
        }
        let module = parse_jaas("a.B required x=1 x=2 y=\"\";").unwrap();
        assert_eq!((module.option("x"), module.option("y"), module.option("z")), (Some("2"), None, None));
    }

    #[test]
    fn what_is_wrong_is_said_without_a_value() {
        let faults: Vec<String> = [
            "username=ann;",
            "required username=ann password=hunter2",
            "required username=ann password=hun!ter2;",
            "required username=ann password=!hunter2;",
            "required username=ann password=\"hun\"ter2\";",
            "required username=ann password=\"hunter2;",
            "required username=ann password=;",
            "required username=ann password hunter2;",
            "required username=ann; a.B required;",
            "required =;",
        ]
        .into_iter()
        .map(|text| read(text).unwrap_err())
        .chain(
            ["", " // nothing", "=", ";"].into_iter().map(|text| parse_jaas(text).unwrap_err().to_string()),
        )
        .collect();
        assert!(!faults.concat().contains("ter2") && !faults.concat().contains("hun"), "{faults:?}");
        insta::assert_snapshot!(faults.join("\n"), @r#"
        the login module is not followed by 'required' (or requisite, sufficient, optional)
        the semicolon at its end is missing
        the option 'password' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
        the option 'password' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
        the option 'password' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
        the quotes that open the option 'password' are not closed
        the option 'password' has no value
        the option 'username' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
        it holds more than one login module, and Kafka takes one
        an option is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
        it is empty
        it is empty
        it does not begin with the class of a login module
        it does not begin with the class of a login module
        "#);
    }

    fn escape(text: &str) -> String {
        text.chars()
            .flat_map(|character| match character {
                '"' | '\\' => vec!['\\', character],
                '\n' => vec!['\\', 'n'],
                '\r' => vec!['\\', 'r'],
                other => vec![other],
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*|(a\\.B required)?[a-z=;\"'\\\\/* \n!]{0,40}") {
            let _ = parse_jaas(&text);
        }

        #[test]
        fn quoted_values_come_back(value in "\\PC{0,20}|[\"'\\\\\n\r;=/* ]{0,20}") {
            let module = parse_jaas(&format!("a.B required password=\"{}\";", escape(&value))).unwrap();
            prop_assert_eq!(module.options[0].1.expose(), value);
        }

        #[test]
        fn no_fault_holds_a_password(before in "[a-z\"'= ;!]{0,6}", after in "[a-z\"'= ;!]{0,6}") {
            let text = format!("a.B required username=ann password={before}HUNTER{after};");
            if let Err(fault) = parse_jaas(&text) {
                prop_assert!(!fault.to_string().contains("HUNTER"), "{}", fault);
            }
        }
    }
}
