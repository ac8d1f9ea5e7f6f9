use super::demands::{Demand, Demands, Failure, Leg, Pair, Rules};
use super::fault::Fault;
use super::resolve::{Side, Whole};
use super::verdict::{Judge, PairKey, TooComplex, key_of};
use super::wording::{fault, steps};
use crate::schema::json::Step;
use std::collections::HashSet;

/// How many faults of two schemas are reported at most; nobody reads on after that many.
pub const MOST_FAULTS: usize = 1000;

/// As [`MOST_FAULTS`], in steps of all paths together: types in long chains have long paths.
const MOST_STEPS: usize = 1_000_000;

/// Why a reader of `reader` cannot read everything that a writer of `writer` wrote, in the order of the reader's schema;
/// empty when it can.
///
/// # Errors
/// When that would take more than [`MOST_COMPARISONS`](super::MOST_COMPARISONS).
pub fn can_read(reader: Whole<'_>, writer: Whole<'_>) -> Result<Vec<Fault>, TooComplex> {
    let mut judge = Judge::new(Rules { reader: Side::new(reader), writer: Side::new(writer) });
    let root = judge.root();
    if judge.compatible(root)? {
        return Ok(Vec::new());
    }
    Report { judge, seen: HashSet::new(), ways: Ways::default(), faults: Vec::new(), steps: 0 }.write(root)
}

/// What the report still has to go through, in the order of the schema.
enum Turn<'s> {
    Pair(Pair<'s>, Way),
    Told(Failure<'s>, Pair<'s>, Way),
}

struct Report<'s> {
    judge: Judge<'s>,
    /// Pairs that were reported: a type that is used in a hundred places is reported at the first one.
    seen: HashSet<PairKey>,
    ways: Ways,
    faults: Vec<Fault>,
    steps: usize,
}

impl<'s> Report<'s> {
    fn write(mut self, root: Pair<'s>) -> Result<Vec<Fault>, TooComplex> {
        let mut turns = vec![Turn::Pair(root, Way::ROOT)];
        while let Some(turn) = turns.pop() {
            match turn {
                Turn::Told(failure, pair, way) => self.tell(&failure, pair, way),
                Turn::Pair(pair, way) => {
                    if self.judge.compatible(pair)? || !self.seen.insert(key_of(pair)) {
                        continue;
                    }
                    let mut next = self.below(pair, way)?;
                    next.reverse();
                    turns.append(&mut next);
                }
            }
            if self.faults.len() >= MOST_FAULTS || self.steps >= MOST_STEPS {
                break;
            }
        }
        Ok(self.faults)
    }

    fn below(&mut self, pair: Pair<'s>, way: Way) -> Result<Vec<Turn<'s>>, TooComplex> {
        let demands = match self.judge.rules.demands(pair) {
            Demands::All(demands) => demands,
            Demands::Any(_) => return Ok(vec![Turn::Told(Failure::NoBranch, pair, way)]),
        };
        let mut turns = Vec::with_capacity(demands.len());
        for demand in demands {
            match demand {
                Demand::Fails(failure) => turns.push(Turn::Told(failure, pair, way)),
                Demand::Fits(leg, below) => turns.push(Turn::Pair(below, self.ways.along(way, leg))),
                Demand::HasBranch(index, branch) => {
                    if !self.judge.compatible(branch)? {
                        let way = self.ways.along(way, Leg::Branch(index));
                        turns.push(Turn::Told(Failure::NoBranch, branch, way));
                    }
                }
            }
        }
        Ok(turns)
    }

    fn tell(&mut self, failure: &Failure<'_>, pair: Pair<'_>, way: Way) {
        let way = self.ways.steps(way);
        self.steps += way.len();
        self.faults.push(fault(failure, pair, way));
    }
}

/// A way from the root, as its last leg in [`Ways`]: ways share their beginnings.
#[derive(Debug, Clone, Copy)]
struct Way(Option<usize>);

impl Way {
    const ROOT: Way = Way(None);
}

#[derive(Debug, Default)]
struct Ways(Vec<(Way, Leg)>);

impl Ways {
    fn along(&mut self, way: Way, leg: Leg) -> Way {
        self.0.push((way, leg));
        Way(Some(self.0.len() - 1))
    }

    fn steps(&self, mut way: Way) -> Vec<Step> {
        let mut legs = Vec::new();
        while let Some((before, leg)) = way.0.and_then(|last| self.0.get(last)) {
            legs.push(*leg);
            way = *before;
        }
        legs.into_iter().rev().flat_map(steps).collect()
    }
}
