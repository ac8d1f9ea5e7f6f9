//! From the flags of `klerk group reset` to what is asked for.

use crate::app::App;
use crate::cli::{GroupReset, UsageError};
use crate::error::Error;
use jiff::tz::TimeZone;
use klerk_core::group::{
    FileOffset, InvalidMoment, ResetSpec, Scope, Strategy, parse_moment_ms, parse_offsets_file,
};
use std::fs;
use std::path::{Path, PathBuf};

/// Reads the flags.
pub(super) fn spec(app: &App, args: &GroupReset) -> Result<ResetSpec, Error> {
    let scope =
        if args.scope.all_topics { Scope::AllTopics } else { Scope::Topics(args.scope.topic.clone()) };
    let strategy = strategy(app, args)?;
    Ok(ResetSpec { groups: args.groups.clone(), scope, strategy, new_group: args.new_group })
}

fn strategy(app: &App, args: &GroupReset) -> Result<Strategy, Error> {
    let flags = &args.strategy;
    if flags.to_earliest {
        return Ok(Strategy::ToEarliest);
    }
    if flags.to_latest {
        return Ok(Strategy::ToLatest);
    }
    if let Some(offset) = flags.to_offset {
        return Ok(Strategy::ToOffset { offset });
    }
    if let Some(by) = flags.shift_by {
        return Ok(Strategy::ShiftBy { by });
    }
    if let Some(text) = &flags.to_datetime {
        return Ok(Strategy::ToDatetime { ms: moment_ms("--to-datetime", text, args.tz.as_deref())? });
    }
    if let Some(duration) = flags.by_duration {
        let ms = i64::try_from(duration.as_millis())
            .map_err(|_| usage("--by-duration is longer than time itself".to_owned(), Vec::new()))?;
        return Ok(Strategy::ByDuration { ms });
    }
    if let Some(path) = &flags.from_file {
        return Ok(Strategy::FromFile { offsets: offsets(app, path, &args.groups)? });
    }
    if let Some(group) = &flags.from_group {
        if args.groups.contains(group) {
            let message = format!("--from-group {group} is the group that is reset");
            return Err(usage(message, vec!["--to-current leaves a group where it is".to_owned()]));
        }
        return Ok(Strategy::FromGroup { group: group.clone() });
    }
    Ok(Strategy::ToCurrent)
}

fn zone(name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name).map_err(|why| {
        let hint = "write the name of the zone database, such as Europe/Berlin, or end the time with an offset \
                    such as +02:00";
        usage(format!("--tz {name} is not a time zone: {why}"), vec![hint.to_owned()])
    })
}

/// The moment that a flag names, in milliseconds since 1970; a time without a zone is read in `tz`.
pub(in crate::commands) fn moment_ms(flag: &str, text: &str, tz: Option<&str>) -> Result<i64, Error> {
    let zone = tz.map(zone).transpose()?;
    let invalid = |invalid: InvalidMoment| usage(format!("{flag}: {invalid}"), Vec::new());
    parse_moment_ms(text, zone.as_ref()).map_err(invalid)
}

fn offsets(app: &App, path: &PathBuf, groups: &[String]) -> Result<Vec<FileOffset>, Error> {
    let text = if path == Path::new("-") { app.term.read_all_input() } else { fs::read_to_string(path) };
    let text = text.map_err(|source| Error::File { path: path.clone(), doing: "read", source })?;
    let offsets =
        parse_offsets_file(&text).map_err(|faults| Error::Offsets { path: path.clone(), faults })?;
    let for_one = offsets.iter().all(|line| line.group.is_none());
    if for_one && groups.len() > 1 {
        let message = format!("{} has offsets of one group, and {} are named", path.display(), groups.len());
        let hint = "name one group, or use lines of group,topic,partition,offset".to_owned();
        return Err(usage(message, vec![hint]));
    }
    Ok(offsets)
}

fn usage(message: String, hints: Vec<String>) -> Error {
    Error::Usage(UsageError::Arguments { message, hints })
}
