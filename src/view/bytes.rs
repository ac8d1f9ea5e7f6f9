/// Bytes as people read them, in decimal units with one digit behind the point: `1.2 GB`.
pub fn bytes(bytes: i64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

/// The same, and exact where that is not told already: `1.2 MB (1234567)`, `999 bytes`.
pub fn exact_bytes(amount: i64) -> String {
    if amount < 1_000 { format!("{amount} bytes") } else { format!("{} ({amount})", bytes(amount)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits() {
        let shown = [0, 999, 1_000, 1_234_567, 98_765_432_100, 1 << 40].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "1.2 MB", "98.7 GB", "1.0 TB"]);
    }

    #[test]
    fn sizes_are_told_in_units_and_exactly() {
        let told = [0, 999, 1_000, 1_234_567, 98_765_432_100].map(exact_bytes);
        assert_eq!(
            told,
            ["0 bytes", "999 bytes", "1.0 kB (1000)", "1.2 MB (1234567)", "98.7 GB (98765432100)"]
        );
    }
}
