use super::demands::{Demand, Demands, Failure, Pair, Rules, shallow, type_word};
use super::fault::{Fault, FaultKind};
use super::resolve::{Side, Whole};
use super::verdict::{Judge, TooComplex, key_of};
use crate::schema::json::{Step, pointer};
use serde_json::Value;
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
    Told(Failure, Way),
}

struct Report<'s> {
    judge: Judge<'s>,
    /// Pairs that were reported: a type that is used in a hundred places is reported at the first one.
    seen: HashSet<super::verdict::PairKey>,
    ways: Ways,
    faults: Vec<Fault>,
    steps: usize,
}

impl<'s> Report<'s> {
    fn write(mut self, root: Pair<'s>) -> Result<Vec<Fault>, TooComplex> {
        let mut turns = vec![Turn::Pair(root, Way::ROOT)];
        while let Some(turn) = turns.pop() {
            match turn {
                Turn::Told(failure, way) => self.tell(failure, way),
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
            Demands::Any(_) => return Ok(vec![Turn::Told(no_branch(pair), way)]),
        };
        let mut turns = Vec::with_capacity(demands.len());
        for demand in demands {
            match demand {
                Demand::Fails(failure) => turns.push(Turn::Told(failure, way)),
                Demand::Fits(steps, below) => turns.push(Turn::Pair(below, self.ways.along(way, steps))),
                Demand::HasBranch(index, branch) => {
                    if !self.judge.compatible(branch)? {
                        let way = self.ways.along(way, vec![Step::Index(index)]);
                        turns.push(Turn::Told(no_branch(branch), way));
                    }
                }
            }
        }
        Ok(turns)
    }

    fn tell(&mut self, failure: Failure, way: Way) {
        let mut steps = self.ways.steps(way);
        steps.extend(failure.way);
        self.steps += steps.len();
        self.faults.push(Fault {
            kind: failure.kind,
            path: pointer(&steps),
            message: failure.message,
            reader: text(&failure.reader),
            writer: text(&failure.writer),
        });
    }
}

fn no_branch(pair: Pair<'_>) -> Failure {
    Failure {
        kind: FaultKind::MissingUnionBranch,
        way: Vec::new(),
        message: format!("reader union lacking writer type: {}", type_word(pair.writer)),
        reader: shallow(pair.reader),
        writer: shallow(pair.writer),
    }
}

fn text(value: &Value) -> String {
    value.to_string()
}

/// A way from the root, as its last step in [`Ways`]: ways share their beginnings.
#[derive(Debug, Clone, Copy)]
struct Way(Option<usize>);

impl Way {
    const ROOT: Way = Way(None);
}

#[derive(Debug, Default)]
struct Ways(Vec<(Way, Step)>);

impl Ways {
    fn along(&mut self, mut way: Way, steps: Vec<Step>) -> Way {
        for step in steps {
            self.0.push((way, step));
            way = Way(Some(self.0.len() - 1));
        }
        way
    }

    fn steps(&self, mut way: Way) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some((before, step)) = way.0.and_then(|last| self.0.get(last)) {
            steps.push(step.clone());
            way = *before;
        }
        steps.reverse();
        steps
    }
}
