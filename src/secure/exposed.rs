use std::path::Path;

/// Says that a file with secrets is open to everybody on this machine.
#[cfg(unix)]
pub fn exposed(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let path = path.display();
    (mode & 0o004 != 0).then(|| {
        format!("{path} holds a secret, and everybody on this machine may read it: chmod 600 {path}")
    })
}

/// Elsewhere nobody's right to read is told from a file's mode.
#[cfg(not(unix))]
pub fn exposed(_path: &Path) -> Option<String> {
    None
}
