use super::resolve::Side;
use crate::schema::avro::{Enumeration, Field, Name, PrimitiveKind, Record, Schema};
use std::collections::HashSet;

/// A reader's type and a writer's type, both resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'s> {
    pub reader: &'s Schema,
    pub writer: &'s Schema,
}

/// The way from a pair to one below it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leg {
    Items,
    Values,
    /// The type of a field of the reader's record.
    Field(usize),
    /// A branch of the writer's union.
    Branch(usize),
}

/// What must hold for a pair.
pub(super) enum Demand<'s> {
    /// It does not hold, whatever is below.
    Fails(Failure<'s>),
    /// The pair must be compatible; what is wrong in it is told there.
    Fits(Leg, Pair<'s>),
    /// The writer's branch must be readable by the reader's union; if not, that is what is told.
    HasBranch(usize, Pair<'s>),
}

/// Something that does not hold for a pair, not yet put into words: most pairs are only tried.
pub(super) enum Failure<'s> {
    Names,
    Types,
    Sizes,
    Symbols,
    /// The reader's field, by index, has neither a field of the writer nor a default.
    NoDefault(usize, &'s Field),
    /// The reader's field, by index, takes in more than one field of the writer.
    Ambiguous(usize, &'s Field, [&'s Field; 2]),
    /// No branch of the reader's union reads the writer's type.
    NoBranch,
}

/// What a pair comes down to.
pub(super) enum Demands<'s> {
    /// All of them must hold.
    All(Vec<Demand<'s>>),
    /// One branch of the reader's union must read the writer's type.
    Any(Vec<Pair<'s>>),
}

/// The rules of schema resolution for one pair, one step deep.
pub(super) struct Rules<'s> {
    pub reader: Side<'s>,
    pub writer: Side<'s>,
}

impl<'s> Rules<'s> {
    pub fn pair(&self, reader: &'s Schema, writer: &'s Schema) -> Pair<'s> {
        Pair { reader: self.reader.resolve(reader), writer: self.writer.resolve(writer) }
    }

    pub fn demands(&self, pair: Pair<'s>) -> Demands<'s> {
        let mut demands = Vec::new();
        match (pair.reader, pair.writer) {
            (Schema::Union(branches), writer) if !matches!(writer, Schema::Union(_)) => {
                return Demands::Any(branches.iter().map(|branch| self.pair(branch, writer)).collect());
            }
            (reader, Schema::Union(branches)) => {
                let into_union = matches!(reader, Schema::Union(_));
                for (index, branch) in branches.iter().enumerate() {
                    let branch = self.pair(reader, branch);
                    demands.push(if into_union {
                        Demand::HasBranch(index, branch)
                    } else {
                        Demand::Fits(Leg::Branch(index), branch)
                    });
                }
            }
            (Schema::Array(reader), Schema::Array(writer)) => {
                demands.push(Demand::Fits(Leg::Items, self.pair(&reader.items, &writer.items)));
            }
            (Schema::Map(reader), Schema::Map(writer)) => {
                demands.push(Demand::Fits(Leg::Values, self.pair(&reader.values, &writer.values)));
            }
            (Schema::Record(reader), Schema::Record(writer)) => {
                demands.extend(names(pair, &reader.aliases));
                let fields = reader.fields.iter().enumerate();
                demands.extend(fields.filter_map(|(index, field)| self.field(index, field, writer)));
            }
            (Schema::Enum(reader), Schema::Enum(writer)) => {
                demands.extend(names(pair, &reader.aliases));
                if !is_saved_by_default(reader) && !missing_symbols(reader, writer).is_empty() {
                    demands.push(Demand::Fails(Failure::Symbols));
                }
            }
            (Schema::Fixed(reader), Schema::Fixed(writer)) => {
                demands.extend(names(pair, &reader.aliases));
                if reader.size != writer.size {
                    demands.push(Demand::Fails(Failure::Sizes));
                }
            }
            (Schema::Primitive(reader), Schema::Primitive(writer)) if promotes(writer.kind, reader.kind) => {}
            (Schema::Reference(reader), Schema::Reference(writer)) if reader == writer => {}
            _ => demands.push(Demand::Fails(Failure::Types)),
        }
        Demands::All(demands)
    }

    fn field(&self, index: usize, field: &'s Field, writer: &'s Record) -> Option<Demand<'s>> {
        let names = [&field.name].into_iter().chain(&field.aliases);
        let mut written = names.filter_map(|name| self.writer.field(writer, name));
        match (written.next(), written.next()) {
            (Some(one), None) => Some(Demand::Fits(Leg::Field(index), self.pair(&field.schema, &one.schema))),
            (Some(one), Some(other)) => Some(Demand::Fails(Failure::Ambiguous(index, field, [one, other]))),
            (None, _) if field.default.is_some() => None,
            (None, _) => Some(Demand::Fails(Failure::NoDefault(index, field))),
        }
    }
}

/// Avro compares simple names; for an alias, which names exactly one type, the full name counts.
fn names<'s>(pair: Pair<'s>, aliases: &[Name]) -> Option<Demand<'s>> {
    let (reader, writer) = (pair.reader.name()?, pair.writer.name()?);
    let same = reader.simple() == writer.simple() || aliases.contains(writer);
    (!same).then_some(Demand::Fails(Failure::Names))
}

fn is_saved_by_default(reader: &Enumeration) -> bool {
    reader.default.as_ref().is_some_and(|default| reader.symbols.contains(default))
}

/// The writer's symbols that the reader lacks, in the order of the writer.
pub(super) fn missing_symbols<'s>(reader: &Enumeration, writer: &'s Enumeration) -> Vec<&'s str> {
    let known: HashSet<&String> = reader.symbols.iter().collect();
    writer.symbols.iter().filter(|symbol| !known.contains(symbol)).map(String::as_str).collect()
}

/// Whether what is written as `from` can be read as `to`.
fn promotes(from: PrimitiveKind, to: PrimitiveKind) -> bool {
    use PrimitiveKind::{Bytes, Double, Float, Int, Long, String};
    from == to
        || match to {
            Long => from == Int,
            Float => matches!(from, Int | Long),
            Double => matches!(from, Int | Long | Float),
            Bytes => from == String,
            String => from == Bytes,
            _ => false,
        }
}
