use std::collections::BTreeMap;

/// One line of an offsets file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOffset {
    /// The group; `None` in the format for one group.
    pub group: Option<String>,
    /// The topic.
    pub topic: String,
    /// The partition, from 0.
    pub partition: i32,
    /// The offset, 0 or more.
    pub offset: i64,
    /// The line, from 1.
    pub line: usize,
}

/// A line of an offsets file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct OffsetsFileFault {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// Reads what Kafka's own tool exports: lines of `topic,partition,offset` for one group, or of
/// `group,topic,partition,offset` for many. Fields may stand in double quotes; empty lines are skipped. Every bad
/// line is reported, not the first one alone.
pub fn parse_offsets_file(text: &str) -> Result<Vec<FileOffset>, Vec<OffsetsFileFault>> {
    let mut offsets = Vec::new();
    let mut faults = Vec::new();
    let mut width: Option<usize> = None;
    let mut seen: BTreeMap<(Option<String>, String, i32), usize> = BTreeMap::new();
    for (index, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = index + 1;
        if raw.trim().is_empty() {
            continue;
        }
        let read = fields(raw)
            .map_err(|(column, message)| OffsetsFileFault { line, column, message })
            .and_then(|fields| read_line(&fields, &mut width, line));
        match read {
            Ok(offset) => {
                let key = (offset.group.clone(), offset.topic.clone(), offset.partition);
                if let Some(first) = seen.insert(key, line) {
                    faults.push(OffsetsFileFault {
                        line,
                        column: 1,
                        message: format!(
                            "{}-{} stands in line {first} already: keep one of them",
                            offset.topic, offset.partition
                        ),
                    });
                }
                offsets.push(offset);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if offsets.is_empty() && faults.is_empty() {
        faults.push(OffsetsFileFault {
            line: 1,
            column: 1,
            message: "the file is empty: lines of topic,partition,offset are expected".to_owned(),
        });
    }
    if faults.is_empty() { Ok(offsets) } else { Err(faults) }
}

/// A field with the column that it begins at.
struct Field {
    text: String,
    column: usize,
}

fn fields(raw: &str) -> Result<Vec<Field>, (usize, String)> {
    let mut fields = Vec::new();
    let mut rest = raw.chars().enumerate().peekable();
    loop {
        while rest.next_if(|(_, letter)| *letter == ' ' || *letter == '\t').is_some() {}
        let column = rest.peek().map_or(raw.chars().count(), |(at, _)| *at) + 1;
        let mut text = String::new();
        if rest.next_if(|(_, letter)| *letter == '"').is_some() {
            loop {
                match rest.next() {
                    Some((_, '"')) if rest.next_if(|(_, letter)| *letter == '"').is_some() => text.push('"'),
                    Some((_, '"')) => break,
                    Some((_, letter)) => text.push(letter),
                    None => return Err((column, "the quotation mark is not closed".to_owned())),
                }
            }
            while rest.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
            if let Some((at, letter)) = rest.next_if(|(_, letter)| *letter != ',') {
                return Err((
                    at + 1,
                    format!("a comma is expected after the quotation mark, not '{letter}'"),
                ));
            }
        } else {
            while let Some((_, letter)) = rest.next_if(|(_, letter)| *letter != ',') {
                text.push(letter);
            }
            text.truncate(text.trim_end().len());
        }
        fields.push(Field { text, column });
        if rest.next().is_none() {
            return Ok(fields);
        }
    }
}

fn read_line(
    fields: &[Field],
    width: &mut Option<usize>,
    line: usize,
) -> Result<FileOffset, OffsetsFileFault> {
    let fault = |column: usize, message: String| OffsetsFileFault { line, column, message };
    let (group, topic, partition, offset) = match fields {
        [topic, partition, offset] => (None, topic, partition, offset),
        [group, topic, partition, offset] => (Some(group), topic, partition, offset),
        _ => {
            return Err(fault(
                1,
                format!(
                    "{} fields: topic,partition,offset or group,topic,partition,offset are expected",
                    fields.len()
                ),
            ));
        }
    };
    if *width.get_or_insert(fields.len()) != fields.len() {
        return Err(fault(
            1,
            format!("{} fields where the lines before have {}", fields.len(), width.unwrap_or_default()),
        ));
    }
    for (field, name) in group.map(|group| (group, "group")).into_iter().chain([(topic, "topic")]) {
        if field.text.is_empty() {
            return Err(fault(field.column, format!("the {name} is missing")));
        }
    }
    let number = |field: &Field, name: &str| -> Result<i64, OffsetsFileFault> {
        match field.text.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(number),
            Ok(_) => Err(fault(field.column, format!("the {name} '{}' is negative", field.text))),
            Err(_) => Err(fault(field.column, format!("the {name} '{}' is not a whole number", field.text))),
        }
    };
    let number_of_partition = number(partition, "partition")?;
    let number_of_partition = i32::try_from(number_of_partition)
        .map_err(|_| fault(partition.column, format!("the partition '{}' is too large", partition.text)))?;
    Ok(FileOffset {
        group: group.map(|group| group.text.clone()),
        topic: topic.text.clone(),
        partition: number_of_partition,
        offset: number(offset, "offset")?,
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offset(group: Option<&str>, topic: &str, partition: i32, offset: i64, line: usize) -> FileOffset {
        FileOffset { group: group.map(str::to_owned), topic: topic.to_owned(), partition, offset, line }
    }

    #[test]
    fn both_of_kafkas_export_formats_are_read() {
        assert_eq!(
            parse_offsets_file("orders,0,12\r\n\norders,1,0\n").unwrap(),
            [offset(None, "orders", 0, 12, 1), offset(None, "orders", 1, 0, 3)]
        );
        assert_eq!(
            parse_offsets_file("\u{feff}\"a, \"\"b\"\"\",orders,0,12\nc, orders ,1,9").unwrap(),
            [offset(Some("a, \"b\""), "orders", 0, 12, 1), offset(Some("c"), "orders", 1, 9, 2)]
        );
    }

    #[test]
    fn every_bad_line_is_reported_with_its_place() {
        let faults = parse_offsets_file(
            "orders,0,12\norders,x,1\norders,1,-5\norders,1\ng,orders,2,1\n,3,1\n\"orders,4,1\norders,0,13\norders,9999999999,1\norders,1,1.5",
        )
        .unwrap_err();
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        line 2, column 8: the partition 'x' is not a whole number
        line 3, column 10: the offset '-5' is negative
        line 4, column 1: 2 fields: topic,partition,offset or group,topic,partition,offset are expected
        line 5, column 1: 4 fields where the lines before have 3
        line 6, column 1: the topic is missing
        line 7, column 1: the quotation mark is not closed
        line 8, column 1: orders-0 stands in line 1 already: keep one of them
        line 9, column 8: the partition '9999999999' is too large
        line 10, column 10: the offset '1.5' is not a whole number
        ");
        assert!(parse_offsets_file(" \n").is_err());
    }

    proptest! {
        #[test]
        fn any_text_gives_lines_or_faults_within_it(text in "[a-c,\"0-9 \n-]{0,60}") {
            match parse_offsets_file(&text) {
                Ok(offsets) => prop_assert!(!offsets.is_empty()),
                Err(faults) => for fault in faults {
                    prop_assert!(fault.line <= text.lines().count().max(1));
                    prop_assert!(fault.column >= 1);
                },
            }
        }

        #[test]
        fn what_is_written_is_read_back(rows in prop::collection::vec(("[a-z.]{1,8}", 0..50i32, 0..1_000_000i64), 1..20)) {
            let rows: BTreeMap<(String, i32), i64> =
                rows.into_iter().map(|(topic, partition, offset)| ((topic, partition), offset)).collect();
            let text: String = rows
                .iter()
                .map(|((topic, partition), offset)| format!("{topic},{partition},{offset}\n"))
                .collect();
            let read = parse_offsets_file(&text).unwrap();
            let back: BTreeMap<(String, i32), i64> =
                read.into_iter().map(|line| ((line.topic, line.partition), line.offset)).collect();
            prop_assert_eq!(back, rows);
        }
    }
}
