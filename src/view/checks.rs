//! What a check has found, for continuous integration: JUnit's XML, and the commands that GitHub shows beside a line.

use klerk_core::plan::{FileFinding, Severity};
use klerk_core::topology::Fault;
use klerk_core::values::Origin;
use std::fmt::Write;

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// The check has failed.
    Error,
    /// Unwise; the check has failed where it is strict.
    Warning,
    /// Worth knowing.
    Info,
}

/// One thing that a check has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How grave it is.
    pub grade: Grade,
    /// Its stable code.
    pub code: &'static str,
    /// What it is, and what to write instead where that can be told.
    pub message: String,
    /// Where it is.
    pub origin: Option<Origin>,
}

impl From<&Fault> for Remark {
    fn from(fault: &Fault) -> Self {
        let fix = fault.fix.as_ref().map(|fix| format!("; help: {fix}")).unwrap_or_default();
        Remark {
            grade: Grade::Error,
            code: fault.code.as_str(),
            message: format!("{}{fix}", fault.in_full()),
            origin: Some(fault.place.origin.clone()),
        }
    }
}

impl From<&FileFinding> for Remark {
    fn from(found: &FileFinding) -> Self {
        Remark {
            grade: match found.finding.severity {
                Severity::Warning => Grade::Warning,
                Severity::Info => Grade::Info,
            },
            code: found.finding.code,
            message: found.in_full().into_owned(),
            origin: found.finding.origin.clone(),
        }
    }
}

/// Workflow commands, one a remark.
pub fn github(remarks: &[Remark]) -> String {
    let mut text = String::new();
    for remark in remarks {
        let command = match remark.grade {
            Grade::Error => "error",
            Grade::Warning => "warning",
            Grade::Info => "notice",
        };
        let mut properties = Vec::new();
        // What came in by standard input stands beside no line.
        if let Some(Origin { file, line, column }) =
            remark.origin.as_ref().filter(|origin| &*origin.file != "-")
        {
            properties.push(format!("file={},line={line},col={column}", property(file)));
        }
        properties.push(format!("title={}", property(remark.code)));
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&remark.message));
    }
    text
}

/// What a workflow command's message must not hold.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(char::is_control, "\u{fffd}")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A test suite with a case for each remark, and one that passes for each file without any. With `strict` warnings fail.
pub fn junit(check: &str, files: &[String], remarks: &[Remark], strict: bool) -> String {
    let fails = |remark: &Remark| remark.grade == Grade::Error || (strict && remark.grade == Grade::Warning);
    let about = |file: &String| {
        remarks.iter().any(|remark| remark.origin.as_ref().is_some_and(|at| *at.file == **file))
    };
    let clean: Vec<&String> = files.iter().filter(|file| !about(file)).collect();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\"",
        remarks.len() + clean.len(),
        remarks.iter().filter(|remark| fails(remark)).count()
    );
    let check = escaped(check);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"{check}\" {counts}>\n  <testsuite name=\"{check}\" {counts}>");
    for file in clean {
        let _ = writeln!(text, "    <testcase classname=\"{check}\" name=\"{}\"/>", escaped(file));
    }
    for remark in remarks {
        let place = remark.origin.as_ref().map(|origin| format!("{origin} ")).unwrap_or_default();
        let name = escaped(&format!("{place}{}", remark.code));
        let message = escaped(&remark.message);
        let outcome = match fails(remark) {
            true => format!("<failure type=\"{}\" message=\"{message}\"/>", remark.code),
            false => format!("<system-out>{message}</system-out>"),
        };
        let _ = writeln!(text, "    <testcase classname=\"{check}\" name=\"{name}\">{outcome}</testcase>");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text within XML; what XML 1.0 has no way to say becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}')
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(grade: Grade, message: &str, file: &str) -> Remark {
        let origin = Origin { file: file.into(), line: 3, column: 5 };
        Remark { grade, code: "topic/x", message: message.to_owned(), origin: Some(origin) }
    }

    #[test]
    fn what_a_program_would_take_for_more_than_text_is_escaped() {
        let remarks = [
            remark(Grade::Error, "50% of <a> & \"b\"\nand\u{1b}", "a,b:c.yaml"),
            remark(Grade::Warning, "w", "b.yaml"),
            remark(Grade::Info, "i", "-"),
        ];
        insta::assert_snapshot!(github(&remarks), @r#"
        ::error file=a%2Cb%3Ac.yaml,line=3,col=5,title=topic/x::50%25 of <a> & "b"%0Aand�
        ::warning file=b.yaml,line=3,col=5,title=topic/x::w
        ::notice title=topic/x::i
        "#);
        let files = ["a,b:c.yaml", "b.yaml", "c.yaml"].map(str::to_owned);
        insta::assert_snapshot!(junit("klerk validate", &files, &remarks, false), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="klerk validate" tests="4" failures="1">
          <testsuite name="klerk validate" tests="4" failures="1">
            <testcase classname="klerk validate" name="c.yaml"/>
            <testcase classname="klerk validate" name="a,b:c.yaml:3:5 topic/x"><failure type="topic/x" message="50% of &lt;a&gt; &amp; &quot;b&quot;&#10;and�"/></testcase>
            <testcase classname="klerk validate" name="b.yaml:3:5 topic/x"><system-out>w</system-out></testcase>
            <testcase classname="klerk validate" name="-:3:5 topic/x"><system-out>i</system-out></testcase>
          </testsuite>
        </testsuites>
        "#);
        assert!(junit("klerk validate", &files, &remarks, true).contains("tests=\"4\" failures=\"2\""));
    }
}
