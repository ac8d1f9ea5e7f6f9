//! The README as a script: which commands it shows, what it says that they print, and whether something printed is that.

use std::sync::LazyLock;

use regex::Regex;

/// A command of the README with what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Where the command stands, counted from 1.
    pub(crate) line: usize,
    pub(crate) command: String,
    pub(crate) shown: Vec<String>,
}

/// The commands of all blocks fenced as `console`: `$ ` opens one, `> ` goes on with it, all other lines are what it prints.
pub(crate) fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(markdown.lines()) {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { line: number, command: command.to_owned(), shown: Vec::new() });
                }
                (None, Some(step)) => match line.strip_prefix("> ") {
                    Some(more) if step.shown.is_empty() => {
                        step.command.push('\n');
                        step.command.push_str(more);
                    }
                    _ => step.shown.push(line.to_owned()),
                },
                (None, None) => {}
            },
        }
    }
    steps
}

/// Whether the printed lines are those shown. A shown line `...` stands for any number of lines; addresses, ids and times may differ.
pub(crate) fn agrees(shown: &[String], printed: &[String]) -> bool {
    let shown: Vec<String> = shown.iter().map(|line| plain(line)).collect();
    let printed: Vec<String> = printed.iter().map(|line| plain(line)).collect();
    let mut parts = shown.split(|line| line.trim() == "...");
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let mut parts: Vec<&[String]> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let found = (0..=rest.len()).find_map(|skipped| rest[skipped..].strip_prefix(part));
        let Some(after) = found else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The line without what differs from run to run, and without the widths of the columns that this was in.
fn plain(line: &str) -> String {
    static VOLATILE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"127\.0\.0\.1:\d+", "ADDRESS"),
            (r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b", "RECORD"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
            (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
            (r"(cluster |/klerk/)[A-Za-z0-9_-]{22}\b", "${1}CLUSTER"),
            (r"\b\d+ ms\b", "TIME"),
        ]
        .into_iter()
        .filter_map(|(pattern, word)| Some((Regex::new(pattern).ok()?, word)))
        .collect()
    });
    static COLUMNS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\S)  +").ok());
    let line = line.trim_end();
    let plain = VOLATILE
        .iter()
        .fold(line.to_owned(), |line, (found, word)| found.replace_all(&line, *word).into_owned());
    match &*COLUMNS {
        Some(columns) if plain != line => columns.replace_all(&plain, "$1  ").into_owned(),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn commands_are_read_with_what_stands_below_them() {
        let markdown = "$ not this\n```console\n$ klerk plan\n+ topic a\n> not a command\n$ cat >f <<'END'\n> klerk: 1\n> END\n```\n\
                        ```sh\n$ nor this\n```\n```console\n$ echo $?\n0\n```\n";
        let found: Vec<(usize, String, String)> =
            steps(markdown).into_iter().map(|step| (step.line, step.command, step.shown.join("|"))).collect();
        let step = |line, command: &str, shown: &str| (line, command.to_owned(), shown.to_owned());
        assert_eq!(
            found,
            [
                step(3, "klerk plan", "+ topic a|> not a command"),
                step(6, "cat >f <<'END'\nklerk: 1\nEND", ""),
                step(14, "echo $?", "0"),
            ]
        );
    }

    #[test]
    fn a_line_that_is_other_missing_or_too_much_is_no_agreement() {
        let printed = lines("one\ntwo\nthree");
        assert!(agrees(&lines("one\ntwo\nthree"), &printed));
        for shown in ["one\ntwo", "one\nthree", "one\ntwo\nthree\nfour", "one\n2\nthree", ""] {
            assert!(!agrees(&lines(shown), &printed), "{shown:?}");
        }
    }

    #[test]
    fn three_dots_stand_for_any_lines_and_no_others() {
        let printed = lines("one\ntwo\nthree\ntwo\nfive");
        for shown in [
            "...",
            "one\n...",
            "...\nfive",
            "one\n  ...\nfive",
            "...\ntwo\n...\ntwo\nfive",
            "one\n...\ntwo\n...\nfive",
        ] {
            assert!(agrees(&lines(shown), &printed), "{shown:?}");
        }
        for shown in [
            "two\n...",
            "...\ntwo",
            "...\nfour\n...",
            "one\n...\nfive\n...\nfive",
            "...\ntwo\n...\ntwo\n...\ntwo\n...",
        ] {
            assert!(!agrees(&lines(shown), &printed), "{shown:?}");
        }
    }

    #[test]
    fn addresses_ids_and_times_may_differ_and_nothing_else() {
        let same = |left: &str, right: &str| agrees(&lines(left), &lines(right));
        assert!(same("a  127.0.0.1:9092     b", "a  127.0.0.1:41003  b"));
        assert!(same(
            "  record: /klerk/4L6g3nShT-eMCtK--X86sw/20261121T100000Z-0a1b2c3d.jsonl",
            "  record: /klerk/aVw-3-iZRKKTH6TvXooVvA/20270101T235959Z-ffffffff.jsonl"
        ));
        assert!(!same("a  b", "a   b"));
        assert!(!same("at 127.0.0.1:1, lag 5", "at 127.0.0.1:2, lag 6"));
        assert!(!same("  at 127.0.0.1:1", "at 127.0.0.1:1"));
    }
}
