//! Reads the sources and fails on what the compiler cannot see: the walls between the rooms and the habits of the house.
//!
//! Each rule is a pure function of one file, and each has a test that shows it failing.

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 600;

/// A file, as read and with everything blanked that is no code of the program: comments, texts and test modules.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: without_tests(&blank_comments_and_texts(text)),
        }
    }

    /// Whether the file is part of what is shipped, rather than a test, a bench or the test bed.
    fn ships(&self) -> bool {
        let under_crates = self.path.starts_with("crates/") && self.path.contains("/src/");
        (self.path.starts_with("src/") || under_crates) && !self.path.starts_with("crates/testbed/")
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path == format!("{folder}.rs")
    }

    /// `path:line: message` for each place where the code has one of the words.
    fn words(&self, words: &[&str], message: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (line, number) in self.code.lines().zip(1..) {
            for word in words.iter().filter(|word| has_word(line, word)) {
                faults.push(format!("{}:{number}: {word}: {message}", self.path));
            }
        }
        faults
    }
}

type Rule = fn(&Source) -> Vec<String>;

const RULES: &[Rule] =
    &[printing, environment, length, leaving, walls, module_names, module_files, unfinished_work];

fn printing(source: &Source) -> Vec<String> {
    if !source.ships() || source.is_in("src/term") {
        return Vec::new();
    }
    let words = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "io::stdout", "io::stderr"];
    let mut faults = source.words(&words, "only src/term.rs writes to the terminal; return the text instead");
    for path in used_paths(&source.code) {
        if path == "std::io::stdout" || path == "std::io::stderr" {
            faults.push(format!("{}: use {path}: only src/term.rs writes to the terminal", source.path));
        }
    }
    faults
}

fn environment(source: &Source) -> Vec<String> {
    if !source.ships() || source.is_in("src/settings") {
        return Vec::new();
    }
    let words = ["env::var", "env::var_os", "env::vars", "env::vars_os", "env::set_var", "env::remove_var"];
    source.words(&words, "only src/settings reads the environment; take the value as an argument")
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines <= LONGEST_FILE {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines: more than {LONGEST_FILE} want to be two files", source.path)]
}

fn leaving(source: &Source) -> Vec<String> {
    if !source.ships() || source.path == "src/main.rs" {
        return Vec::new();
    }
    source.words(
        &["process::exit", "process::abort"],
        "only src/main.rs ends the process; return an error instead",
    )
}

/// What a room must not reach, by the table in the crate documentation.
const WALLS: &[(&str, &[&str], &str)] = &[
    (
        "crates/core/src",
        &[
            "tokio",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "kafka_protocol",
            "reqwest",
            "klerk_wire",
        ],
        "the core is pure; take the value as an argument",
    ),
    (
        "crates/core/src",
        &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now", "TimeZone::system"],
        "the core has no clock; take the time as an argument",
    ),
    (
        "crates/wire/src",
        &["tokio", "std::net", "std::fs", "std::env"],
        "the wire is bytes only; I/O is the adapter's",
    ),
    (
        "crates/sandbox/src",
        &["klerk", "std::env", "reqwest"],
        "the sandbox is judged by klerk's tests; it knows nothing of klerk's own rooms",
    ),
    (
        "crates/sandbox/src/state",
        &["tokio", "crate::api", "crate::server", "crate::registry"],
        "the state is plain values and their rules; it knows no sockets and no waiting",
    ),
    ("crates/sandbox/src/api", &["tokio::net", "tokio::io"], "an API knows no sockets; the server has them"),
    ("crates/sandbox/src/server", &["crate::registry"], "the brokers do not know the registry"),
    (
        "crates/sandbox/src/registry",
        &["crate::api", "crate::server", "crate::state"],
        "the registry does not know the cluster",
    ),
    (
        "crates/sandbox/src/faults",
        &["crate::api", "crate::server", "crate::state", "crate::registry"],
        "faults decide what goes wrong, and not what it comes to",
    ),
    (
        "src/view",
        &["crate::kafka", "crate::registry", "crate::term"],
        "a view turns values into text and asks nobody",
    ),
    ("src/kafka", &["crate::view", "crate::term", "crate::commands"], "an adapter neither shows nor decides"),
    (
        "src/registry",
        &["crate::view", "crate::term", "crate::commands"],
        "an adapter neither shows nor decides",
    ),
    (
        "src/records",
        &["crate::view", "crate::term", "crate::commands", "crate::settings", "rdkafka::admin"],
        "it reads records; the control plane asks and changes",
    ),
    (
        "src/secure",
        &["crate::settings", "crate::kafka", "crate::registry", "crate::term", "crate::commands"],
        "it serves every plane and knows none of them",
    ),
];

fn walls(source: &Source) -> Vec<String> {
    let used = used_paths(&source.code);
    let mut faults = Vec::new();
    for (room, forbidden, message) in WALLS.iter().filter(|(room, ..)| source.is_in(room)) {
        faults.extend(source.words(forbidden, message));
        for path in forbidden.iter().filter(|path| used.iter().any(|used| reaches(used, path))) {
            faults.push(format!("{}: use {path}: {message} ({room})", source.path));
        }
    }
    faults
}

fn module_names(source: &Source) -> Vec<String> {
    const NAMELESS: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "types", "misc"];
    let message = "says nothing about what is inside; name the module after what it knows";
    let path = Path::new(&source.path).with_extension("");
    let parts = path.components().filter_map(|part| part.as_os_str().to_str());
    let mut faults: Vec<String> = parts
        .filter(|part| NAMELESS.contains(part))
        .map(|part| format!("{}: {part}: {message}", source.path))
        .collect();
    for (line, number) in source.code.lines().zip(1..) {
        let after = line.split_once("mod ").map(|(_, rest)| rest.trim_end_matches([';', '{', ' ']));
        if let Some(name) = after.filter(|name| NAMELESS.contains(name)) {
            faults.push(format!("{}:{number}: mod {name}: {message}", source.path));
        }
    }
    faults
}

fn module_files(source: &Source) -> Vec<String> {
    if !source.path.ends_with("/mod.rs") {
        return Vec::new();
    }
    source.words(
        &["fn", "impl"],
        "mod.rs holds documentation, mod lines and re-exports; give the code a file with a name",
    )
}

fn unfinished_work(source: &Source) -> Vec<String> {
    // In two pieces, so that this file passes its own rule.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
    ];
    let mut faults = Vec::new();
    for (line, number) in source.text.lines().zip(1..) {
        for mark in marks.iter().filter(|mark| has_word(line, mark)) {
            faults.push(format!(
                "{}:{number}: {mark}: finish it, or refuse the feature by name with a message",
                source.path
            ));
        }
    }
    faults
}

/// Whether `word` stands in `line` with no letter, digit or underscore on either side.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_name =
        |found: Option<char>| found.is_some_and(|found| found.is_alphanumeric() || found == '_');
    line.match_indices(word).any(|(at, _)| {
        let ends_open = word.ends_with(|last: char| !last.is_alphanumeric());
        !part_of_name(line[..at].chars().next_back())
            && (ends_open || !part_of_name(line[at + word.len()..].chars().next()))
    })
}

fn reaches(used: &str, forbidden: &str) -> bool {
    used.strip_prefix(forbidden).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// All paths of all `use` items, with groups written out: `use a::{b, c::{d}}` gives `a::b` and `a::c::d`.
fn used_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let starts_a_word = !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        if let Some((tree, _)) = code[at + 4..].split_once(';').filter(|_| starts_a_word) {
            write_out("", &tree.split_whitespace().collect::<Vec<_>>().join(" "), &mut paths);
        }
    }
    paths
}

fn write_out(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        let path = path.strip_suffix("self").map_or(path, |path| path.trim_end_matches(':'));
        if !path.is_empty() || !prefix.is_empty() {
            paths.push(format!("{prefix}{path}").trim_end_matches("::").to_owned());
        }
        return;
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start) = (0, 0);
    for (at, found) in group.char_indices() {
        match found {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                write_out(&format!("{prefix}{head}"), &group[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    write_out(&format!("{prefix}{head}"), &group[start..], paths);
}

/// Test modules stand at the end of a file.
fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or(code).to_owned()
}

/// Blanks comments and the insides of text and character literals, keeping the lines where they are.
fn blank_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal_or_comment(rest, code.chars().next_back());
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().map(|blanked| if blanked == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    code
}

/// The length in bytes of the comment or literal with which `rest` starts, 0 when it starts with neither.
fn literal_or_comment(rest: &str, before: Option<char>) -> usize {
    let until =
        |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    if rest.starts_with('"') {
        return escaped(rest, '"');
    }
    if rest.starts_with('r')
        && !before.is_some_and(|before| before.is_alphanumeric() && before != 'b' || before == '_')
    {
        let hashes = rest[1..].bytes().take_while(|&byte| byte == b'#').count();
        if rest[1 + hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes);
        }
    }
    // A lifetime has no closing quote after one character; an escape always opens a literal.
    let mut quoted = rest.chars().skip(1);
    match (rest.starts_with('\''), quoted.next(), quoted.next()) {
        (true, Some('\\'), _) => escaped(rest, '\''),
        (true, Some(inner), Some('\'')) => 2 + inner.len_utf8(),
        _ => 0,
    }
}

fn escaped(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, found)) = characters.next() {
        if found == '\\' {
            characters.next();
        } else if found == quote {
            return at + 1;
        }
    }
    rest.len()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"].map(|folder| root.join(folder)) {
        if folder.is_dir() {
            rust_files(&folder, &mut files).unwrap();
        }
    }
    files.sort();
    assert!(files.len() > 10, "only {} source files were found", files.len());
    let mut faults = Vec::new();
    for file in files {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let source = Source::new(&path, &fs::read_to_string(&file).unwrap());
        faults.extend(RULES.iter().flat_map(|rule| rule(&source)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn fails(rule: Rule, path: &str, text: &str) -> bool {
    !rule(&Source::new(path, text)).is_empty()
}

#[test]
fn printing_belongs_to_the_terminal() {
    for text in [
        "fn f() { println!(\"x\") }",
        "fn f() { eprint!(\"x\") }",
        "fn f() { std::io::stdout().flush(); }",
        "use std::io::{Write, stderr};",
    ] {
        assert!(fails(printing, "src/view/plan.rs", text), "{text}");
        assert!(fails(printing, "crates/core/src/plan/diff.rs", text), "{text}");
        assert!(!fails(printing, "src/term.rs", text), "{text}");
        assert!(!fails(printing, "tests/real/main.rs", text), "{text}");
        assert!(!fails(printing, "crates/testbed/src/run.rs", text), "{text}");
    }
    for text in [
        "// println!",
        "fn f() { g(\"println!\") }",
        "fn f() { c.stdout(x).sprint!() }",
        "#[cfg(test)]\nmod tests { fn f() { println!() } }",
    ] {
        assert!(!fails(printing, "src/view/plan.rs", text), "{text}");
    }
}

#[test]
fn the_environment_belongs_to_the_settings() {
    let text = "fn f() { std::env::var(\"HOME\") }";
    assert!(fails(environment, "src/kafka/conn.rs", text));
    assert!(fails(environment, "src/main.rs", "fn f() { env::vars_os() }"));
    assert!(!fails(environment, "src/settings/variables.rs", text));
    assert!(!fails(environment, "src/main.rs", "fn f() { std::env::args_os() }"));
}

#[test]
fn a_file_has_a_length_that_one_can_read() {
    assert!(fails(length, "src/plan.rs", &"x\n".repeat(601)));
    assert!(!fails(length, "src/plan.rs", &"x\n".repeat(600)));
}

#[test]
fn only_main_ends_the_process() {
    let text = "fn f() { std::process::exit(1) }";
    assert!(fails(leaving, "src/commands/plan.rs", text));
    assert!(!fails(leaving, "src/main.rs", text));
}

#[test]
fn rooms_keep_to_themselves() {
    for (path, text) in [
        ("crates/core/src/plan/diff.rs", "use std::{collections::BTreeMap, fs};"),
        ("crates/core/src/plan/diff.rs", "fn f() { std::env::args() }"),
        ("crates/core/src/plan/diff.rs", "use tokio::time::sleep;"),
        ("crates/core/src/group/age.rs", "fn f() { Instant::now() }"),
        ("crates/core/src/group/age.rs", "fn f() { jiff::Timestamp::now() }"),
        ("src/view/plan.rs", "use crate::{\n    kafka::route::Route,\n    error::Error,\n};"),
        ("src/view/plan.rs", "fn f() -> crate::term::Width { 1 }"),
        ("src/kafka/look.rs", "pub use crate::view::plan as shown;"),
        ("src/registry.rs", "use crate::commands;"),
        ("crates/sandbox/src/state/topic.rs", "use tokio::sync::Notify;"),
        ("crates/sandbox/src/api/topics.rs", "use tokio::net::TcpStream;"),
        ("crates/sandbox/src/registry/state.rs", "use crate::state::State;"),
        ("crates/sandbox/src/faults/armed.rs", "use crate::server::Shared;"),
    ] {
        assert!(fails(walls, path, text), "{path}: {text}");
    }
    for (path, text) in [
        ("crates/core/src/plan/diff.rs", "use std::collections::BTreeMap; use crate::values::Known;"),
        ("crates/core/src/plan/diff.rs", "// use std::fs;\nfn tokio_like() {}"),
        ("src/view/plan.rs", "use klerk_core::plan::Plan; use crate::kafkaesque::Bug;"),
        ("src/commands/plan.rs", "use crate::{kafka, registry, term, view};"),
    ] {
        assert!(!fails(walls, path, text), "{path}: {text}");
    }
}

#[test]
fn modules_are_named_after_what_they_know() {
    assert!(fails(module_names, "src/utils.rs", ""));
    assert!(fails(module_names, "crates/core/src/common/name.rs", ""));
    assert!(fails(module_names, "src/lib.rs", "pub mod helpers;"));
    assert!(fails(module_names, "src/plan.rs", "mod types {\n}"));
    assert!(!fails(module_names, "src/values/config_types.rs", "mod commonly_used;"));
}

#[test]
fn module_files_hold_no_logic() {
    assert!(fails(module_files, "src/view/mod.rs", "mod plan;\npub fn show() {}"));
    assert!(fails(module_files, "src/view/mod.rs", "struct A;\nimpl A {}"));
    assert!(!fails(
        module_files,
        "src/view/mod.rs",
        "//! What fn does.\nmod plan;\npub use plan::{show, shown};"
    ));
    assert!(!fails(module_files, "src/view.rs", "pub fn show() {}"));
}

#[test]
fn work_is_finished() {
    let (note, stub) = (concat!("// TO", "DO: later"), concat!("fn f() { to", "do!() }"));
    assert!(fails(unfinished_work, "src/plan.rs", note));
    assert!(fails(unfinished_work, "tests/real/main.rs", stub));
    assert!(!fails(unfinished_work, "src/plan.rs", "// what is to do, mastodons"));
}

#[test]
fn comments_and_texts_are_no_code() {
    let text = "a /* b */ c \"d \\\" e\" f r#\"g \" h\"# i 'j' k '\\'' l &'m n // o\np";
    assert_eq!(
        blank_comments_and_texts(text).split_whitespace().collect::<Vec<_>>(),
        ["a", "c", "f", "i", "k", "l", "&'m", "n", "p"]
    );
    assert_eq!(blank_comments_and_texts(text).lines().count(), 2);
}

#[test]
fn groups_of_imports_are_written_out() {
    let paths = used_paths("use a::{self, b as c, d::{e, f}}; pub use g::*; fn reuse () {}\nuse std::fs;");
    assert_eq!(paths, ["a", "a::b", "a::d::e", "a::d::f", "g::*", "std::fs"]);
}
