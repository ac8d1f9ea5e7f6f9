use super::Failure;

/// A fact that had to be asked for, with every way in which the answer can be missing kept apart.
///
/// It is never flattened to an `Option`: denied is not absent, no answer is not zero, and a check that could not
/// run is not a pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Known<T> {
    /// The server answered.
    Known(T),
    /// The server answered that there is no such thing.
    Absent,
    /// The server refused to tell (authorization).
    Denied(Failure),
    /// The server cannot tell: it lacks the API, or the feature is switched off. The text says why.
    Unavailable(String),
    /// It was asked and no usable answer came back.
    Failed(Failure),
    /// Nobody asked.
    #[default]
    NotAsked,
}

impl<T> Known<T> {
    /// The fact, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the server said that the thing does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(self, Known::Absent)
    }

    /// Applies `f` to a known fact and keeps every other state as it is.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Known(value) => Known::Known(f(value)),
            Known::Absent => Known::Absent,
            Known::Denied(why) => Known::Denied(why),
            Known::Unavailable(why) => Known::Unavailable(why),
            Known::Failed(why) => Known::Failed(why),
            Known::NotAsked => Known::NotAsked,
        }
    }

    /// The same fact by reference.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::Known(value) => Known::Known(value),
            Known::Absent => Known::Absent,
            Known::Denied(why) => Known::Denied(why.clone()),
            Known::Unavailable(why) => Known::Unavailable(why.clone()),
            Known::Failed(why) => Known::Failed(why.clone()),
            Known::NotAsked => Known::NotAsked,
        }
    }

    /// Why there is no answer, in words; `None` when the fact is known or known to be absent.
    pub fn missing_reason(&self) -> Option<String> {
        match self {
            Known::Known(_) | Known::Absent => None,
            Known::Denied(why) | Known::Failed(why) => Some(why.to_string()),
            Known::Unavailable(why) => Some(why.clone()),
            Known::NotAsked => Some("not asked for".to_owned()),
        }
    }
}
