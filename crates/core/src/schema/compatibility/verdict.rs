use super::demands::{Demand, Demands, Pair, Rules};
use crate::schema::avro::Schema;
use std::collections::HashMap;

/// How many comparisons of two types, of a field or of a symbol are made for two schemas. Schemas that people write need
/// some thousands.
pub const MOST_COMPARISONS: usize = 2_000_000;

/// The two schemas have too many types to be compared with each other. It is not known whether they are compatible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the schemas are too complex to be compared: more than {MOST_COMPARISONS} comparisons of their types are needed"
)]
pub struct TooComplex;

/// A pair by the addresses of its types, which stay where they are while they are borrowed.
pub(super) type PairKey = (usize, usize);

pub(super) fn key_of(pair: Pair<'_>) -> PairKey {
    let address = |schema: &Schema| std::ptr::from_ref(schema).addr();
    (address(pair.reader), address(pair.writer))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is being compared further up on the stack. A recursive type meets itself again here, and nothing stands
    /// against it by that.
    Open,
    Known(bool),
}

/// Says of pairs whether they are compatible, each compared once.
pub(super) struct Judge<'s> {
    pub rules: Rules<'s>,
    known: HashMap<PairKey, Verdict>,
    comparisons: usize,
}

/// A pair that waits for the verdicts of those below it.
struct Open<'s> {
    key: PairKey,
    below: Vec<Pair<'s>>,
    /// Whether one good verdict below is enough; otherwise all must be good.
    any: bool,
    verdict: bool,
}

impl Open<'_> {
    fn hears(&mut self, good: bool) {
        if !self.any {
            self.verdict &= good;
        } else if good {
            self.verdict = true;
            self.below.clear();
        }
    }
}

impl<'s> Judge<'s> {
    pub fn new(rules: Rules<'s>) -> Judge<'s> {
        Judge { rules, known: HashMap::new(), comparisons: 0 }
    }

    pub fn root(&self) -> Pair<'s> {
        self.rules.pair(self.rules.reader.root, self.rules.writer.root)
    }

    /// Compares the pair and everything below it. The stack is on the heap: types may refer to each other in chains that
    /// are far longer than any schema is deep.
    pub fn compatible(&mut self, pair: Pair<'s>) -> Result<bool, TooComplex> {
        if let Some(verdict) = self.without_looking(pair) {
            return Ok(verdict);
        }
        let mut stack = vec![self.open(pair)?];
        let mut last = true;
        while let Some(top) = stack.last_mut() {
            match top.below.pop() {
                Some(next) => match self.without_looking(next) {
                    Some(verdict) => top.hears(verdict),
                    None => {
                        let next = self.open(next)?;
                        stack.push(next);
                    }
                },
                None => {
                    last = top.verdict;
                    self.known.insert(top.key, Verdict::Known(last));
                    stack.pop();
                    if let Some(above) = stack.last_mut() {
                        above.hears(last);
                    }
                }
            }
        }
        Ok(last)
    }

    fn without_looking(&self, pair: Pair<'s>) -> Option<bool> {
        match self.known.get(&key_of(pair))? {
            Verdict::Open => Some(true),
            Verdict::Known(verdict) => Some(*verdict),
        }
    }

    fn open(&mut self, pair: Pair<'s>) -> Result<Open<'s>, TooComplex> {
        let key = key_of(pair);
        self.known.insert(key, Verdict::Open);
        let demands = self.rules.demands(pair);
        self.comparisons += 1 + weight(pair, &demands);
        if self.comparisons > MOST_COMPARISONS {
            return Err(TooComplex);
        }
        let mut open = match demands {
            Demands::Any(below) => Open { key, below, any: true, verdict: false },
            Demands::All(demands) => {
                let mut open =
                    Open { key, below: Vec::with_capacity(demands.len()), any: false, verdict: true };
                for demand in demands {
                    match demand {
                        Demand::Fails(_) => open.verdict = false,
                        Demand::Fits(_, below) | Demand::HasBranch(_, below) => open.below.push(below),
                    }
                }
                open
            }
        };
        open.below.reverse();
        Ok(open)
    }
}

fn weight(pair: Pair<'_>, demands: &Demands<'_>) -> usize {
    match (pair.reader, pair.writer, demands) {
        (Schema::Enum(reader), Schema::Enum(writer), _) => reader.symbols.len() + writer.symbols.len(),
        (_, _, Demands::Any(below)) => below.len(),
        (_, _, Demands::All(demands)) => demands.len(),
    }
}
