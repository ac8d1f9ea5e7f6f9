//! The message of PLAIN (RFC 4616).

/// Name and password as one message: no other identity is asked for, so the first of the three fields is empty.
///
/// `None` where either of them holds the NUL that parts them, or is empty, which the RFC allows in neither.
pub(super) fn message(user: &str, password: &str) -> Option<Vec<u8>> {
    let sendable = |text: &str| !text.is_empty() && !text.contains('\0');
    (sendable(user) && sendable(password)).then(|| format!("\0{user}\0{password}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::message;

    /// The example of RFC 4616, section 4.
    #[test]
    fn name_and_password_are_parted_by_nul() {
        assert_eq!(
            message("tim", "tanstaaftanstaaf").as_deref(),
            Some(b"\0tim\0tanstaaftanstaaf".as_slice())
        );
        assert_eq!(message("zoë", "pä ss").as_deref(), Some("\0zoë\0pä ss".as_bytes()));
    }

    #[test]
    fn a_nul_or_nothing_cannot_be_sent() {
        assert_eq!(message("a\0b", "c"), None);
        assert_eq!(message("a", "b\0c"), None);
        assert_eq!(message("", "c"), None);
        assert_eq!(message("a", ""), None);
    }
}
