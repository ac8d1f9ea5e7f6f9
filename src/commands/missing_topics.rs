use crate::error::Error;
use klerk_core::plan::MissingTopics;
use klerk_core::values::Resource;

/// Topics that a command names and that do not exist, with what was probably meant, and what is to be said besides.
pub(super) fn missing_topics(MissingTopics(missing): &MissingTopics, besides: Option<&str>) -> Error {
    let mut hints = Vec::new();
    for (place, (name, meant)) in missing.iter().enumerate() {
        if place > 0 {
            hints.push(format!("topic {name} does not exist either"));
        }
        hints.extend(meant.iter().map(|meant| format!("did you mean {meant}?")));
    }
    hints.extend(besides.map(str::to_owned));
    let name = missing.first().map_or("", |(name, _)| name.as_str());
    Error::NotFound { resource: Resource::topic(name), hints }
}
