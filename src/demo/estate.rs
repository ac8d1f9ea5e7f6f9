//! The estate that the demo works on: the project's own topology and schemas, part of the program, so that the demo runs anywhere.

use std::fs;
use std::io;
use std::path::Path;

/// Every file, by its path below the demo's folder.
const FILES: [(&str, &str); 5] = [
    ("topology.yaml", include_str!("../../topology.yaml")),
    ("schemas/EscrowReleased.avsc", include_str!("../../schemas/EscrowReleased.avsc")),
    ("schemas/FaucetClaimed.avsc", include_str!("../../schemas/FaucetClaimed.avsc")),
    ("schemas/TradeExecuted.avsc", include_str!("../../schemas/TradeExecuted.avsc")),
    ("schemas/WalletBalance.avsc", include_str!("../../schemas/WalletBalance.avsc")),
];

/// Writes the files into a folder.
///
/// # Errors
/// When one cannot be written.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("schemas"))?;
    FILES.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// Replaces a text in one of the files, and tells whether it stood there.
///
/// # Errors
/// When the file cannot be read or written.
pub(super) fn edit(folder: &Path, name: &str, from: &str, to: &str) -> io::Result<bool> {
    let path = folder.join(name);
    let text = fs::read_to_string(&path)?;
    fs::write(&path, text.replacen(from, to, 1))?;
    Ok(text.contains(from))
}
