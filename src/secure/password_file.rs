//! Files that hold a password and nothing else.

use klerk_core::values::Secret;
use std::fs;

/// Why there is no password in a file.
#[derive(Debug, thiserror::Error)]
pub enum PasswordFileError {
    /// It cannot be read.
    #[error("cannot read '{path}': {source}")]
    Unreadable {
        /// The path as it was opened.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It holds nothing.
    #[error("'{path}' is empty")]
    Empty {
        /// The path as it was opened.
        path: String,
    },
}

/// Reads the password of a file. A line break at its end, which editors add, is none of it.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or holds nothing.
pub fn read_password(path: &str) -> Result<Secret, PasswordFileError> {
    let text = fs::read_to_string(path)
        .map_err(|source| PasswordFileError::Unreadable { path: path.to_owned(), source })?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    match password {
        "" => Err(PasswordFileError::Empty { path: path.to_owned() }),
        password => Ok(Secret::new(password)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_break_is_not_of_the_password() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("password");
        let path = path.to_str().ok_or("a name of letters")?;
        for (text, password) in [("a b\n", "a b"), ("a\r\n", "a"), ("a", "a"), ("a\n\n", "a\n")] {
            fs::write(path, text)?;
            assert_eq!(read_password(path)?.expose(), password);
        }
        fs::write(path, "\n")?;
        assert!(matches!(read_password(path), Err(PasswordFileError::Empty { .. })));
        assert!(matches!(read_password("no/such/file"), Err(PasswordFileError::Unreadable { .. })));
        Ok(())
    }
}
