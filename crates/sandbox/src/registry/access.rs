use super::refusal::Refusal;
use std::collections::BTreeMap;

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Access {
    /// Everybody.
    #[default]
    Open,
    /// Users by name, with passwords (HTTP basic authentication).
    Basic(BTreeMap<String, User>),
    /// Whoever sends this token.
    Bearer(String),
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The password.
    pub password: String,
    /// Whether the user may read, look up and check only.
    pub read_only: bool,
}

impl Access {
    /// The scheme that a challenge names.
    pub(super) fn scheme(&self) -> &'static str {
        match self {
            Access::Bearer(_) => "Bearer",
            Access::Open | Access::Basic(_) => "Basic realm=\"sandbox\"",
        }
    }

    /// Lets a request in by its `Authorization`, or refuses it.
    pub(super) fn admits(&self, authorization: Option<&str>, writes: bool) -> Result<(), Refusal> {
        let scheme = |wanted: &str| {
            let (scheme, rest) = authorization?.split_once(' ')?;
            scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
        };
        match self {
            Access::Open => Ok(()),
            Access::Bearer(token) if scheme("Bearer") == Some(token) => Ok(()),
            Access::Bearer(_) => Err(Refusal::Unauthorized),
            Access::Basic(users) => {
                let read =
                    scheme("Basic").and_then(from_base64).and_then(|bytes| String::from_utf8(bytes).ok());
                let read = read.as_deref().and_then(|pair| pair.split_once(':'));
                let user = read
                    .and_then(|(name, password)| users.get(name).filter(|user| user.password == password));
                match user {
                    None => Err(Refusal::Unauthorized),
                    Some(user) if user.read_only && writes => Err(Refusal::Forbidden),
                    Some(_) => Ok(()),
                }
            }
        }
    }
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
