//! Faults of topology files, and what is said when there are none.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use klerk_core::topology::{Code, Fault, Faults, Place, Severity, Topology};
use std::borrow::Cow;

/// How much of a line is shown before and behind the place that matters.
const CONTEXT: usize = 120;

/// All faults for people, each with the line that it stands in, and a count at the end.
pub fn human(faults: &Faults, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for fault in faults {
        let places = std::iter::once(&fault.place).chain(fault.related.iter().map(|(place, _)| place));
        text.push_str(&with_columns(renderer.render(&report(fault)), places));
        text.push_str("\n\n");
    }
    text.push_str(&count(faults));
    text.push('\n');
    text
}

/// What the files hold, for when there is nothing wrong with them: a line for what they say for all environments, and
/// one for each of these.
pub fn summary(topologies: &[Topology]) -> String {
    let line = |topology: &Topology| match (&topology.environment, topologies) {
        (Some(environment), [_]) => format!("environment {}: {}\n", environment.name, holds(topology)),
        (Some(environment), _) => format!("  environment {}: {}\n", environment.name, counts(topology)),
        (None, _) => format!("{}\n", holds(topology)),
    };
    topologies.iter().map(line).collect()
}

fn holds(topology: &Topology) -> String {
    let files = match topology.files.as_slice() {
        [file] if &**file == "-" => "standard input".to_owned(),
        [file] => file.to_string(),
        files => format!("{} files", files.len()),
    };
    format!("{} in {files}", counts(topology))
}

fn counts(topology: &Topology) -> String {
    let mut parts = vec![
        counted(topology.topics.len(), "topic"),
        counted(topology.subjects.len(), "schema"),
        counted(topology.groups.len(), "group"),
    ];
    if !topology.access.is_empty() {
        parts.push(counted(topology.access.len(), "principal"));
    }
    if !topology.quotas.is_empty() {
        parts.push(counted(topology.quotas.len(), "quota"));
    }
    if !topology.users.is_empty() {
        parts.push(counted(topology.users.len(), "user"));
    }
    parts.join(", ")
}

fn count(faults: &Faults) -> String {
    let mut files: Vec<&str> = faults.iter().map(|fault| &*fault.place.origin.file).collect();
    files.sort_unstable();
    files.dedup();
    match files.as_slice() {
        [file] => format!("{} in {file}", counted(faults.len(), "fault")),
        files => format!("{} in {}", counted(faults.len(), "fault"), counted(files.len(), "file")),
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// What is told of a line without keeping its file from being used.
pub(super) struct Shown<'a> {
    pub level: Level<'static>,
    pub code: &'static str,
    pub message: Cow<'a, str>,
    pub place: Option<Place>,
    /// What the same is true of.
    pub likewise: Option<String>,
}

/// Each with the line that it is about, and an empty line behind it.
pub(super) fn one_by_one<'a>(all: impl Iterator<Item = Shown<'a>>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for Shown { level, code, message, place, likewise } in all {
        let title = level.primary_title(one_line(&message)).id(code);
        let mut group = match &place {
            Some(place) => title.element(snippet(place, AnnotationKind::Primary, None)),
            None => Group::with_title(title),
        };
        if let Some(likewise) = &likewise {
            group = group.element(Level::NOTE.message(one_line(likewise)));
        }
        text.push_str(&with_columns(renderer.render(&[group]), &place));
        text.push_str("\n\n");
    }
    text
}

fn report(fault: &Fault) -> Vec<Group<'static>> {
    let level = match fault.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(one_line(&fault.in_full())).id(fault.code.as_str()).element(snippet(
        &address_alone(fault),
        AnnotationKind::Primary,
        None,
    ));
    for (place, what) in &fault.related {
        group = group.element(snippet(place, AnnotationKind::Context, Some(what)));
    }
    if let Some(fix) = &fault.fix {
        group = group.element(Level::HELP.message(one_line(fix)));
    }
    vec![group]
}

/// The place of a fault; of an address without what stands before its `@`, which may be a password.
fn address_alone(fault: &Fault) -> Cow<'_, Place> {
    match fault.code {
        Code::BadAddress => {
            let line = without_users(&fault.place.line, 0);
            Cow::Owned(Place { line, ..fault.place.clone() })
        }
        _ => Cow::Borrowed(&fault.place),
    }
}

/// The line with a star for each character from there up to its last `@`, apart from those that YAML has between values.
fn without_users(line: &str, from: usize) -> String {
    let Some(until) = line.rfind('@').filter(|until| *until > from) else { return line.to_owned() };
    let star = |letter: char| if letter.is_whitespace() || "[]{}'\"".contains(letter) { letter } else { '*' };
    let hidden: String = line[from..until].chars().map(star).collect();
    format!("{}{hidden}{}", &line[..from], &line[until..])
}

/// The line with a star for each character of what looks like USER:PASSWORD before an `@`, wherever it stands, and of all that
/// stands before one in an item of a list, which may be of addresses.
fn without_logins(line: &str) -> String {
    let is_item = line.trim_start().starts_with('-');
    let ends = |letter: char| letter.is_whitespace() || "[]{}'\"".contains(letter);
    let parts = line.split_inclusive(ends);
    parts
        .map(|part| if is_item || part.contains(':') { without_users(part, 0) } else { part.to_owned() })
        .collect()
}

fn snippet(
    place: &Place,
    kind: AnnotationKind,
    label: Option<&str>,
) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    let (before, skipped) = cut(place);
    let line = without_logins(&without_secrets(&place.line));
    let key = ["bootstrap:", "registry:"].iter().find_map(|key| Some(line.find(key)? + key.len()));
    let line = key.map_or_else(|| line.clone(), |key| without_users(&line, key));
    let shown: String = line.chars().skip(skipped).take(2 * CONTEXT).map(printable).collect();
    let byte = |characters: usize| shown.char_indices().nth(characters).map_or(shown.len(), |(at, _)| at);
    let start = byte(before - skipped);
    let end = byte(before - skipped + place.length as usize).max(start);
    let label = label.map(str::to_owned);
    let annotation = kind.span(start..end).label(label);
    Snippet::source(shown)
        .line_start(place.origin.line as usize)
        .path(place.origin.file.to_string())
        .annotation(annotation)
}

/// How many characters stand before the place, and how many of these are not shown.
fn cut(place: &Place) -> (usize, usize) {
    let before = place.origin.column.saturating_sub(1) as usize;
    (before, before.saturating_sub(CONTEXT))
}

/// The columns as they are in the file, where they were counted in a line that is cut.
fn with_columns<'p>(mut text: String, places: impl IntoIterator<Item = &'p Place>) -> String {
    for place in places {
        let (before, skipped) = cut(place);
        if skipped > 0 {
            let at = |column: usize| format!("{}:{}:{column}", place.origin.file, place.origin.line);
            text = text.replacen(&at(before - skipped + 1), &at(before + 1), 1);
        }
    }
    text
}

/// What keys of secrets have in their names, also where somebody mistypes them.
const SECRETS: [&str; 6] = ["passw", "pasw", "pwd", "secret", "token", "credential"];

/// The line with a star for each character of a secret, which has no business in the file and none on a screen.
fn without_secrets(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    let first = |text: &str| {
        let text = text.to_ascii_lowercase();
        SECRETS.iter().filter_map(|word| Some(text.find(word)? + word.len())).min()
    };
    while let Some(at) = first(rest) {
        let is_of_name = |c: char| c.is_alphanumeric() || ['_', '-', '.'].contains(&c);
        let end = rest[at..].find(|c| !is_of_name(c)).map_or(rest.len(), |more| at + more);
        let (head, tail) = rest.split_at(end);
        shown.push_str(head);
        if head.ends_with("_file") {
            rest = tail;
            continue;
        }
        let value = tail.trim_start_matches(['"', '\'', ' ']);
        let Some(value) = value.strip_prefix([':', '=']) else {
            rest = tail;
            continue;
        };
        let value = value.trim_start();
        shown.push_str(&tail[..tail.len() - value.len()]);
        // What holds more is no secret itself: a topic may bear such a name.
        if value.starts_with(['{', '[']) {
            rest = value;
            continue;
        }
        let length = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
            _ => value.find([',', '}']).unwrap_or(value.len()),
        };
        shown.extend(value[..length].chars().map(|_| '*'));
        rest = &value[length..];
    }
    shown.push_str(rest);
    shown
}

/// What a file says must not steer the terminal that shows it.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::topology::{Files, parse, resolve, resolve_all};

    fn faults(files: &[(&str, &str)]) -> Faults {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        resolve(parse(files), &Files::new()).unwrap_err()
    }

    #[test]
    fn each_fault_shows_its_line() {
        let faults = faults(&[
            ("a.yaml", "klerk: 1\ntopics:\n  a: { partitions: 0, rétention: 7 d }\n"),
            ("b.yaml", "klerk: 1\ntopics:\n  a: {}\n\tb: {}\n"),
        ]);
        insta::assert_snapshot!(human(&faults, false), @r#"
        error[topology/bad-value]: 'partitions' has to be 1 or more, and this is 0
         --> a.yaml:3:20
          |
        3 |   a: { partitions: 0, rétention: 7 d }
          |                    ^

        error[topology/unknown-key]: topic 'a' has no key 'rétention'
         --> a.yaml:3:23
          |
        3 |   a: { partitions: 0, rétention: 7 d }
          |                       ^^^^^^^^^

        error[topology/duplicate]: topic 'a' is already said at a.yaml:3:3
         --> b.yaml:3:3
          |
        3 |   a: {}
          |   ^
          |
         ::: a.yaml:3:3
          |
        3 |   a: { partitions: 0, rétention: 7 d }
          |   - first said here
          |
          = help: keep one of the two

        error[topology/syntax]: YAML takes no tabs for indentation
         --> b.yaml:4:2
          |
        4 |  b: {}
          |  ^
          |
          = help: use spaces

        4 faults in 2 files
        "#);
        assert!(human(&faults, true).contains("\u{1b}["));
    }

    #[test]
    fn a_long_line_is_cut_around_the_fault_and_steers_no_terminal() {
        let text = format!(
            "klerk: 1\ntopics: {{ a: {{ description: '{}', partitions: \"\\e[2J\" }} }}\n",
            "x".repeat(500)
        );
        let shown = human(&faults(&[("t.yaml", &text)]), false);
        assert!(!shown.contains('\u{1b}'));
        assert!(shown.lines().all(|line| line.chars().count() < 300));
        assert!(shown.contains("partitions"));
        let column = text.lines().nth(1).unwrap().find("\"\\e").unwrap() + 1;
        assert!(shown.contains(&format!("t.yaml:2:{column}\n")), "{shown}");
    }

    #[test]
    fn a_password_is_not_shown() {
        let lines = [
            ("b: { password: hunter2, scram: x }", "b: { password: *******, scram: x }"),
            ("  password: \"hunter, 2\"  # mine", "  password: ***********  # mine"),
            ("'password' : 'a}' , password_file: secrets/b", "'password' : **** , password_file: secrets/b"),
            ("password:", "password:"),
            ("b: { secret: LEAK36, pasword: \"LEAK34\" }", "b: { secret: ******, pasword: ******** }"),
            ("sasl.password: x, api-token=abc", "sasl.password: *, api-token=***"),
            ("passwordfile: /etc/x", "passwordfile: ******"),
            ("payment.tokens: { partitions: 0 }", "payment.tokens: { partitions: 0 }"),
            ("a password is told of", "a password is told of"),
            ("{password: ä, other: password: b c }", "{password: *, other: password: ****}"),
        ];
        for (line, shown) in lines {
            assert_eq!(without_secrets(line), shown);
        }
        let text = "klerk: 1\nusers: { a: { password: hunter2, scram: SCRAM-SHA-256 } }\n";
        let shown = human(&faults(&[("t.yaml", text)]), false);
        assert!(shown.contains("holds no passwords") && !shown.contains("hunter2"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn any_faults_can_be_shown(text in "(klerk|topics|a|[:{}',*!@&~-]|[ \n\t]|\\PC){0,40}") {
            if let Err(faults) = resolve(parse([("t.yaml".to_owned(), text)]), &Files::new()) {
                let shown = human(&faults, false);
                proptest::prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
            }
        }
    }

    #[test]
    fn the_summary_counts() {
        let of = |files: &[(&str, &str)]| {
            let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
            summary(&resolve_all(&parse(files), &Files::new()).unwrap())
        };
        assert_eq!(
            of(&[("-", "klerk: 1\ntopics: { a: {} }\n")]),
            "1 topic, 0 schemas, 0 groups in standard input\n"
        );
        assert_eq!(of(&[("t.yaml", "klerk: 1\n")]), "0 topics, 0 schemas, 0 groups in t.yaml\n");
        assert_eq!(
            of(&[("t.yaml", "klerk: 1\n"), ("u.yaml", "klerk: 1\n")]),
            "0 topics, 0 schemas, 0 groups in 2 files\n"
        );
    }
}
