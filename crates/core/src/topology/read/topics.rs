use super::super::Code;
use super::super::draft::{Layer, Sections, Wish, declare, once};
use super::super::place::Complaints;
use super::super::yaml::{Entry, Node};
use super::{configs, keys, only, scalars, schemas};
use crate::values::{InvalidName, check_topic_name};

/// Reads the section `defaults`.
pub(super) fn defaults(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "defaults", complaints) {
        key(entry, "defaults", &mut sections.defaults, complaints);
    }
    of_topics_alone(&mut sections.defaults, "defaults", complaints);
}

/// Reads what an environment sets over whatever topics say.
pub(super) fn overrides(node: &Node, layer: &mut Layer, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "override", complaints) {
        key(entry, "override", layer, complaints);
    }
    if let Some(class) = layer.class.take() {
        let message = "override cannot say of which class topics are";
        complaints.say(Code::UnknownKey, class.spot, message);
    }
    of_topics_alone(layer, "override", complaints);
}

/// Complains about what only a topic by its name can say.
fn of_topics_alone(layer: &mut Layer, whose: &str, complaints: &mut Complaints<'_>) {
    let only = layer.only.take().map(|only| ("only", only.spot));
    let state = layer.state.take().map(|state| ("state", state.spot));
    for (key, spot) in only.into_iter().chain(state) {
        complaints
            .say(Code::UnknownKey, spot, format!("{whose} has no key '{key}'"))
            .fix("say it of each topic by its name");
    }
}

/// Reads the section `classes`.
pub(super) fn classes(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "classes", complaints) {
        let what = format!("class '{}'", entry.key.value);
        let mut layer = layer(&entry.value, &what, complaints);
        if let Some(class) = layer.class.take() {
            complaints.say(Code::UnknownKey, class.spot, format!("{what} cannot be of a class itself"));
        }
        of_topics_alone(&mut layer, &what, complaints);
        declare(&mut sections.classes, entry.key.clone(), layer, "class", complaints);
    }
}

/// Reads the section `topics`.
pub(super) fn topics(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "topics", complaints) {
        let name = &entry.key.value;
        let what = format!("topic '{name}'");
        if let Err(reason) = check_topic_name(name) {
            let fix = (reason == InvalidName::Internal).then_some("leave it to Kafka");
            complaints
                .say(Code::TopicName, entry.key.spot, format!("'{name}' cannot be a topic: {reason}"))
                .maybe_fix(fix);
        }
        let layer = layer(&entry.value, &what, complaints);
        declare(&mut sections.topics, entry.key.clone(), layer, "topic", complaints);
    }
}

fn layer(node: &Node, what: &str, complaints: &mut Complaints<'_>) -> Layer {
    let mut layer = Layer::default();
    for entry in keys::entries(node, what, complaints) {
        key(entry, what, &mut layer, complaints);
    }
    layer
}

/// Reads one key into a layer.
fn key(entry: &Entry, whose: &str, layer: &mut Layer, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    let what = format!("'{name}' of {whose}");
    macro_rules! fill {
        ($slot:ident, $read:expr) => {
            if let Some(at) = scalars::wish(node, complaints, $read) {
                once(&mut layer.$slot, at, &what, complaints);
            }
        };
    }
    let text = |node: &Node, complaints: &mut Complaints<'_>| {
        scalars::text(node, name, complaints).map(|text| text.value)
    };
    match name {
        "partitions" => fill!(partitions, |node, complaints| {
            let count = scalars::number(node, name, 1, i64::from(i32::MAX), complaints)?;
            i32::try_from(count).ok()
        }),
        "replication" => fill!(replication, |node, complaints| {
            let count = scalars::number(node, name, 1, i64::from(i16::MAX), complaints)?;
            i16::try_from(count).ok()
        }),
        "class" => fill!(class, text),
        "owner" => fill!(owner, text),
        "description" => fill!(description, text),
        "key_by" => fill!(key_by, text),
        "protected" => fill!(protected, |node, complaints| scalars::boolean(node, name, complaints)),
        "only" => {
            if let Some(only) = only::only(node, complaints) {
                once(&mut layer.only, only, &what, complaints);
            }
        }
        "state" => {
            if let Some(state) = only::state(node, complaints) {
                once(&mut layer.state, state, &what, complaints);
            }
        }
        "key" => fill!(key, |node, complaints| schemas::schema(node, name, complaints)),
        "value" => fill!(value, |node, complaints| schemas::schema(node, name, complaints)),
        _ if configs::is_config(name) && !entry.bare && keys::brought_along(name).is_none() => {
            if let Some(value) = configs::config(name, node, complaints) {
                let mut slot = layer.configs.remove(name);
                once::<Wish<String>>(&mut slot, value, &what, complaints);
                layer.configs.extend(slot.map(|value| (name.to_owned(), value)));
            }
        }
        _ => {
            let known = [keys::TOPIC_KEYS, keys::KAFKA_CONFIGS];
            keys::refuse(entry, whose, &known, keys::LATER_TOPIC_KEYS, complaints);
        }
    }
}
