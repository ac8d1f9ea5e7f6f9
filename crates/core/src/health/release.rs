/// `metadata.version` by its level, as Kafka names it (MetadataVersion of 4.3, and those of 3.0 to 3.3 that 3.9 still
/// has): level 1 is the first.
const RELEASES: [&str; 30] = [
    "3.0-IV1", "3.1-IV0", "3.2-IV0", "3.3-IV0", "3.3-IV1", "3.3-IV2", "3.3-IV3", "3.4-IV0", "3.5-IV0",
    "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3",
    "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1",
    "4.2-IV0", "4.2-IV1", "4.3-IV0",
];

/// What Kafka calls a level of `metadata.version`; `None` for one that is newer than this program.
pub fn metadata_release(level: i16) -> Option<&'static str> {
    let place = usize::try_from(level).ok()?.checked_sub(1)?;
    RELEASES.get(place).copied()
}
