//! Users that log in by SCRAM. Their passwords are not kept, as nobody can read them back.

use std::collections::BTreeMap;

/// The least and the most iterations that a broker accepts.
const FEWEST: i32 = 4096;
const MOST: i32 = 16384;

/// A mechanism of SCRAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

/// A credential that cannot be stored or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// The user has no name.
    #[error("Username must not be empty")]
    Nameless,
    /// There is no such mechanism.
    #[error("Unknown SCRAM mechanism")]
    Mechanism,
    /// Fewer than 4096.
    #[error("Too few iterations")]
    TooFew,
    /// More than 16384.
    #[error("Too many iterations")]
    TooMany,
    /// There is nothing to be removed.
    #[error("Attempt to delete a user credential that does not exist")]
    Absent,
    /// A request names a user more than once.
    #[error("A user credential cannot be altered twice in the same request")]
    Twice,
}

/// All users by name, with the iterations of each mechanism.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Users {
    users: BTreeMap<String, BTreeMap<Mechanism, i32>>,
}

impl Mechanism {
    /// The mechanism of this number in the protocol.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(number: i8) -> Result<Mechanism, UserError> {
        match number {
            1 => Ok(Mechanism::Sha256),
            2 => Ok(Mechanism::Sha512),
            _ => Err(UserError::Mechanism),
        }
    }

    /// Its number in the protocol.
    pub fn number(self) -> i8 {
        match self {
            Mechanism::Sha256 => 1,
            Mechanism::Sha512 => 2,
        }
    }
}

impl Users {
    /// Stores a credential, also in place of another.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn store(&mut self, name: &str, mechanism: i8, iterations: i32) -> Result<(), UserError> {
        let mechanism = checked(name, mechanism)?;
        match iterations {
            ..FEWEST => Err(UserError::TooFew),
            FEWEST..=MOST => {
                self.users.entry(name.to_owned()).or_default().insert(mechanism, iterations);
                Ok(())
            }
            _ => Err(UserError::TooMany),
        }
    }

    /// Removes a credential.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove(&mut self, name: &str, mechanism: i8) -> Result<(), UserError> {
        let mechanism = checked(name, mechanism)?;
        let credentials = self.users.get_mut(name).ok_or(UserError::Absent)?;
        credentials.remove(&mechanism).ok_or(UserError::Absent)?;
        self.users.retain(|_, credentials| !credentials.is_empty());
        Ok(())
    }

    /// The credentials of a user: mechanisms and iterations.
    pub fn of(&self, name: &str) -> Option<&BTreeMap<Mechanism, i32>> {
        self.users.get(name)
    }

    /// The names of all users.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }
}

fn checked(name: &str, mechanism: i8) -> Result<Mechanism, UserError> {
    if name.is_empty() {
        return Err(UserError::Nameless);
    }
    Mechanism::of(mechanism)
}
