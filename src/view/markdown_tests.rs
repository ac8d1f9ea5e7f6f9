use super::*;
use proptest::prelude::*;

/// What is left of a text when its code spans and `<code>` elements are taken out, as CommonMark finds them: a run of
/// backticks up to the next run of the same length.
pub(crate) fn outside_of_code(text: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '<']) {
        left.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inside) = rest.strip_prefix("<code>") {
            let (inside, after) = inside.split_once("</code>").expect("the element ends");
            let harmless = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '&' | '#' | ';');
            assert!(inside.chars().all(harmless), "{inside}");
            rest = after;
        } else if rest.starts_with('`') {
            let run = rest.len() - rest.trim_start_matches('`').len();
            let after = &rest[run..];
            let end = end_of_span(after, run).unwrap_or_else(|| panic!("the span does not end: {rest}"));
            assert!(!after[..end].contains('|'), "{after}");
            rest = &after[end + run..];
        } else {
            left.push('<');
            rest = &rest[1..];
        }
    }
    left + rest
}

/// Where the next run of exactly this many backticks begins.
fn end_of_span(text: &str, run: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find('`') {
        let start = from + at;
        let found = text[start..].len() - text[start..].trim_start_matches('`').len();
        if found == run {
            return Some(start);
        }
        from = start + found;
    }
    None
}

#[test]
fn what_is_somebody_elses_stands_in_code() {
    let told = [
        "orders",
        "a`b",
        "``",
        " x ",
        "a|b",
        "<b>@you</b>",
        "two\nlines",
        "",
        "\u{202e}abc",
        "*a* _b_ #1 [x](y)",
    ];
    insta::assert_snapshot!(told.map(code).join("\n"), @r"
    `orders`
    ``a`b``
    ``` `` ```
    `  x  `
    <code>a&#124;b</code>
    `<b>@you</b>`
    `two lines`
    `(nothing)`
    `\u{202e}abc`
    `*a* _b_ #1 [x](y)`
    ");
    assert_eq!(html("<b>"), "<code>&#60;b&#62;</code>");
    assert_eq!(code(&"x".repeat(2000)).chars().count(), 1003, "a long text is cut");
}

#[test]
fn a_block_is_fenced_by_more_than_it_holds() {
    let rows = ["a\n", "```\n", "\\u{1b}b\n"].map(str::to_owned).to_vec();
    assert_eq!(fenced("a\n```\n\u{1b}b"), ("````".to_owned(), rows));
}

#[test]
fn a_document_is_cut_between_rows_and_counts_what_it_left_out() {
    let mut text = Bounded::new(700);
    let rows: Vec<String> = (0..100).map(|number| format!("row {number}\n")).collect();
    text.section("open\n", &rows, "close\n", 100, ("row", "rows"));
    text.section("open\n", &rows, "close\n", 1, ("row", "rows"));
    let text = text.finish();
    assert!(text.starts_with("open\nrow 0\n") && text.contains("\nclose\n"), "{text}");
    assert!(text.ends_with("for the length of a comment: 186 rows.*\n"), "{text}");
}

proptest! {
    #[test]
    fn no_text_gets_out_of_its_code(texts in proptest::collection::vec("(?s)[`|<>@#\\\\\\na-b \\u{202e}]{0,12}|(?s).{0,20}", 1..5)) {
        let line = format!("| {} |", texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(" | "));
        prop_assert!(!line.contains('\n'));
        let left = outside_of_code(&line);
        prop_assert_eq!(left.matches('|').count(), texts.len() + 1, "{}", line);
        prop_assert!(left.chars().all(|letter| letter == '|' || letter == ' '), "{}", left);
    }
}
