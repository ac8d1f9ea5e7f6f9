use super::super::Code;
use super::super::place::{At, Complaints, Spot};
use super::node::{Entry, Node, Scalar, Value};
use super::traps;
use serde_saphyr::granit_parser::{Event, Marker, Options, Parser, ScalarStyle, Span, StructureStyle, Tag};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// How deep a document may be nested; a topology needs six levels.
const DEEPEST: usize = 64;
/// How many nodes aliases may add to a document, so that a few lines cannot ask for all the memory there is.
const MOST_ALIASED: usize = 100_000;

/// What was read of a text.
#[derive(Debug)]
pub(in super::super) struct Document {
    /// The tree; `None` when there is nothing but comments, or nothing could be read.
    pub root: Option<Node>,
    /// Where reading had to stop, if not at the end. What is missing from the tree may well stand behind it.
    pub broken_at: Option<Spot>,
}

/// Reads one text. What is wrong with it as YAML is told to `complaints`; what could be read is given back.
pub(in super::super) fn read(number: u32, text: &str, complaints: &mut Complaints<'_>) -> Document {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(number, text);
    let mut documents = 0;
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::DocumentStart(..), span)) => {
                documents += 1;
                if documents == 2 {
                    let spot = builder.spot(span);
                    complaints
                        .say(Code::SeveralDocuments, spot, "a second document begins here")
                        .fix("put it into a file of its own, or remove the '---'");
                    builder.broken_at = Some(spot);
                    break;
                }
            }
            Ok((event, span)) => {
                if builder.take(event, span, complaints).is_break() {
                    break;
                }
            }
            Err(error) => {
                let spot = builder.mark(error.marker());
                builder.broken_at = Some(traps::explain(&error, spot, complaints));
                break;
            }
        }
    }
    builder.finish(complaints)
}

/// A list or map that is still open.
struct Frame {
    spot: Spot,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List { items: Vec<Node>, flow: bool },
    Map { entries: Vec<Entry>, key: Key, flow: bool },
}

enum Key {
    Awaited,
    Named(At<String>, Span),
    /// It could not be used, so its value is read and dropped.
    Unusable,
}

struct Builder {
    text: u32,
    open: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    broken_at: Option<Spot>,
    /// Where colons stand, in characters from the start, for the parser shows a key without one like a key without a value.
    colons: Vec<usize>,
}

impl Builder {
    fn new(number: u32, text: &str) -> Self {
        let places = text.chars().enumerate().filter(|(_, letter)| *letter == ':');
        Builder {
            text: number,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            aliased: 0,
            broken_at: None,
            colons: places.map(|(place, _)| place).collect(),
        }
    }

    fn mark(&self, marker: &Marker) -> Spot {
        Spot { text: self.text, line: marker.line() as u32, column: marker.col() as u32 + 1, length: 1 }
    }

    fn spot(&self, span: Span) -> Spot {
        let mut spot = self.mark(&span.start);
        if span.end.line() == span.start.line() {
            spot.length = span.end.col().saturating_sub(span.start.col()).max(1) as u32;
        }
        spot
    }

    fn take(&mut self, event: Event<'_>, span: Span, complaints: &mut Complaints<'_>) -> ControlFlow<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut spot = self.spot(span);
                let plain = style == ScalarStyle::Plain && !is_text(tag.as_deref());
                // The parser shows what is not there as a `~` of no length.
                let implied = style == ScalarStyle::Plain && span.is_empty();
                let mut text = if implied { String::new() } else { text.into_owned() };
                if style != ScalarStyle::Plain && span.end.line() != span.start.line() {
                    spot = Spot { length: 1, ..spot };
                }
                if let Some(written) = self.tagged(tag.as_deref(), &span, complaints) {
                    text = format!("{written}{}{text}", if text.is_empty() { "" } else { " " });
                }
                let node = Node { spot, value: Value::Scalar(Scalar { text, plain }) };
                self.done(node, anchor, span, complaints);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.tagged(tag.as_deref(), &span, complaints);
                let flow = style == StructureStyle::Flow;
                let kind = Kind::List { items: Vec::new(), flow };
                self.open.push(Frame { spot: self.spot(span), anchor, kind });
            }
            Event::MappingStart(style, anchor, tag) => {
                self.tagged(tag.as_deref(), &span, complaints);
                let flow = style == StructureStyle::Flow;
                let kind = Kind::Map { entries: Vec::new(), key: Key::Awaited, flow };
                self.open.push(Frame { spot: self.spot(span), anchor, kind });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span, complaints),
            Event::Alias(anchor) => return self.alias(anchor, span, complaints),
            Event::UnresolvedAlias(name) => {
                let spot = self.spot(span);
                complaints
                    .say(
                        Code::Alias,
                        spot,
                        format!("'*{name}' is read as a YAML alias, and there is no such anchor"),
                    )
                    .fix(format!("'*{name}'"));
                let value = Value::Scalar(Scalar { text: format!("*{name}"), plain: false });
                self.done(Node { spot, value }, 0, span, complaints);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    /// Complains about a tag that is not one of YAML's own, and gives it back as it was written.
    fn tagged(&self, tag: Option<&Tag>, span: &Span, complaints: &mut Complaints<'_>) -> Option<String> {
        let tag = tag?;
        if ["str", "int", "float", "bool", "map", "seq"]
            .iter()
            .any(|known| tag.is_yaml_core_schema_tag(known))
        {
            return None;
        }
        let written = tag.original();
        let spot = span.tag_span().map_or_else(|| self.spot(*span), |span| self.spot(span));
        complaints
            .say(
                Code::Tag,
                spot,
                format!("'{written}' is read as a YAML tag, which this file has no use for"),
            )
            .fix(format!("'{written}'"));
        Some(written)
    }

    fn alias(&mut self, anchor: usize, span: Span, complaints: &mut Complaints<'_>) -> ControlFlow<()> {
        let spot = self.spot(span);
        let Some(node) = self.anchors.get(&anchor) else {
            complaints.say(Code::Alias, spot, "the alias stands within the very value that it refers to");
            self.broken_at = Some(spot);
            return ControlFlow::Break(());
        };
        let (count, depth) = node.measure();
        self.aliased += count;
        if self.aliased > MOST_ALIASED || depth + self.open.len() > DEEPEST {
            complaints
                .say(Code::TooLarge, spot, "aliases expand to more than any topology holds")
                .fix("write the values out");
            self.broken_at = Some(spot);
            return ControlFlow::Break(());
        }
        let node = node.clone();
        self.done(node, 0, span, complaints);
        ControlFlow::Continue(())
    }

    fn close(&mut self, span: Span, complaints: &mut Complaints<'_>) {
        let Some(frame) = self.open.pop() else { return };
        let value = match frame.kind {
            Kind::List { items, flow } => {
                if flow {
                    traps::split_names(&items, complaints);
                }
                Value::List(items)
            }
            Kind::Map { entries, .. } => Value::Map(sound_entries(entries, complaints)),
        };
        self.done(Node { spot: frame.spot, value }, frame.anchor, span, complaints);
    }

    /// A node is complete: it belongs to what is open.
    fn done(&mut self, node: Node, anchor: usize, span: Span, complaints: &mut Complaints<'_>) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(frame) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut frame.kind {
            Kind::List { items, .. } => items.push(node),
            Kind::Map { entries, key, flow } => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => *key = as_key(node, span, complaints),
                Key::Unusable => {}
                Key::Named(name, named) => {
                    let key_end = named.end.index();
                    let next = self.colons.partition_point(|place| *place < key_end);
                    let has_colon = self.colons.get(next).is_some_and(|place| *place <= span.start.index());
                    let bare = *flow && span.is_empty() && !has_colon;
                    entries.push(Entry { key: name, value: node, bare });
                }
            },
        }
    }

    /// Closes what a fault has left open, so that what was read before it can be looked at.
    fn finish(mut self, complaints: &mut Complaints<'_>) -> Document {
        while let Some(frame) = self.open.last() {
            let marker = Marker::new(0, frame.spot.line as usize, frame.spot.column as usize);
            self.close(Span::empty(marker), complaints);
        }
        Document { root: self.root, broken_at: self.broken_at }
    }
}

fn is_text(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"))
}

fn as_key(node: Node, span: Span, complaints: &mut Complaints<'_>) -> Key {
    match node.value {
        Value::Scalar(scalar) => Key::Named(At::new(scalar.text, node.spot), span),
        Value::List(_) | Value::Map(_) => {
            complaints
                .say(Code::WrongShape, node.spot, "a key has to be plain text")
                .fix("put quotes around a name that begins with '{' or '['");
            Key::Unusable
        }
    }
}

/// Complains about keys that stand twice, and lays what `<<` brings in under the keys that are there.
fn sound_entries(entries: Vec<Entry>, complaints: &mut Complaints<'_>) -> Vec<Entry> {
    let mut sound: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut seen: BTreeMap<String, Spot> = BTreeMap::new();
    let mut merged = Vec::new();
    for entry in entries {
        if entry.key.value == "<<" {
            merged.push(entry);
        } else if let Some(first) = seen.get(&entry.key.value) {
            complaints.say_twice(&format!("'{}'", entry.key.value), *first, entry.key.spot);
        } else {
            seen.insert(entry.key.value.clone(), entry.key.spot);
            sound.push(entry);
        }
    }
    for entry in merged {
        let sources = match entry.value.value {
            Value::List(items) => items,
            _ => vec![entry.value],
        };
        for source in sources {
            let Value::Map(inherited) = source.value else {
                let message = format!("'<<' merges maps, and this is {}", source.shape());
                complaints.say(Code::WrongShape, source.spot, message);
                continue;
            };
            for entry in inherited {
                if !seen.contains_key(&entry.key.value) {
                    seen.insert(entry.key.value.clone(), entry.key.spot);
                    sound.push(entry);
                }
            }
        }
    }
    sound
}
