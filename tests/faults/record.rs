//! The record that a run leaves on disk.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A record, line by line.
pub struct Record {
    pub header: Value,
    /// The words heard of each step, in their order.
    pub heard: BTreeMap<u64, Vec<String>>,
    pub footer: Value,
}

impl Record {
    /// Reads a record that has come to its end.
    pub fn read(path: &Path) -> Result<Record> {
        let text = std::fs::read_to_string(path).context("the record")?;
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("a torn line: {line}")))
            .collect::<Result<_>>()?;
        let (header, rest) = lines.split_first().context("an empty record")?;
        let (footer, events) = rest.split_last().context("a record without a footer")?;
        ensure!(header["line"] == "header" && footer["line"] == "footer", "no header or no footer: {text}");
        let mut heard: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for event in events {
            let step = event["step"].as_u64().context("an event without a step")?;
            let word = event["event"].as_str().context("an event without a word")?;
            heard.entry(step).or_default().push(word.to_owned());
        }
        Ok(Record { header: header.clone(), heard, footer: footer.clone() })
    }

    /// How often a step was sent.
    pub fn sent(&self, step: u32) -> usize {
        self.heard
            .get(&u64::from(step))
            .map_or(0, |words| words.iter().filter(|word| *word == "sent").count())
    }

    /// The last word heard of a step; none when it was never sent.
    pub fn last(&self, step: u32) -> Option<&str> {
        self.heard.get(&u64::from(step)).and_then(|words| words.last()).map(String::as_str)
    }
}
