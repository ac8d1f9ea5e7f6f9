use super::super::Code;
use super::super::draft::{AccessWish, AclWish, Patterns, Sections, State, declare};
use super::super::place::{At, Complaints, Spot};
use super::super::yaml::{Entry, Node, Value};
use super::{keys, only, scalars};
use crate::access::{AclResource, AclResourceType, Operation, PatternType, Permission, WILDCARD};
use crate::values::{Pattern, check_plain_name, closest};

/// The word that stands for everything.
const ALL: &str = "all";

/// Reads the section `access`.
pub(super) fn access(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "access", complaints) {
        let name = &entry.key.value;
        let what = format!("access '{name}'");
        let wish = one(&entry.value, &what, complaints);
        if wish.principal.is_none() {
            check_name(&entry.key, complaints);
        }
        declare(&mut sections.access, entry.key.clone(), wish, "access", complaints);
    }
}

/// A name that becomes `User:name`.
fn check_name(name: &At<String>, complaints: &mut Complaints<'_>) {
    if let Err(reason) = check_plain_name(&name.value) {
        complaints.say(Code::Principal, name.spot, format!("'{}' cannot be a user: {reason}", name.value));
    } else if let Some(user) = name.value.strip_prefix("User:") {
        complaints
            .say(Code::Principal, name.spot, format!("'{0}' would be the principal 'User:{0}'", name.value))
            .fix(format!("name it '{user}', or any other way with principal: '{}'", name.value));
    }
}

fn one(node: &Node, what: &str, complaints: &mut Complaints<'_>) -> AccessWish {
    let mut wish = AccessWish::default();
    for entry in keys::entries(node, what, complaints) {
        let (name, node) = (entry.key.value.as_str(), &entry.value);
        match name {
            "principal" => wish.principal = principal(node, complaints),
            "produce" => wish.produce = patterns(node, name, complaints),
            "consume" => wish.consume = patterns(node, name, complaints),
            "groups" => wish.groups = patterns(node, name, complaints),
            "transactions" => wish.transactions = patterns(node, name, complaints),
            "acls" => wish.acls = acls(node, complaints),
            "only" => wish.only = only::only(node, complaints),
            "state" => wish.state = only::state(node, complaints),
            _ => keys::refuse(entry, what, &[keys::ACCESS_KEYS], &[], complaints),
        }
    }
    says_no_more(&wish, what, complaints);
    wish
}

/// Complains where somebody is said to be allowed nothing and something in the same breath.
fn says_no_more(wish: &AccessWish, what: &str, complaints: &mut Complaints<'_>) {
    if wish.state.as_ref().is_none_or(|state| state.value == State::Present) {
        return;
    }
    let lists = [
        ("produce", &wish.produce),
        ("consume", &wish.consume),
        ("groups", &wish.groups),
        ("transactions", &wish.transactions),
    ];
    let acls = wish.acls.as_ref().map(|acls| ("acls", acls.spot));
    let said = lists.into_iter().filter_map(|(key, list)| Some((key, list.as_ref()?.spot))).chain(acls);
    let said: Vec<(&str, Spot)> = said.collect();
    let Some((_, spot)) = said.first() else { return };
    let keys: Vec<&str> = said.iter().map(|(key, _)| *key).collect();
    complaints
        .say(
            Code::AbsentSaysMore,
            *spot,
            format!("{what} is said to be absent, and yet to have {}", keys.join(", ")),
        )
        .fix("leave out one or the other");
}

fn principal(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<String>> {
    let written = scalars::text(node, "principal", complaints)?;
    let text = written.value.trim();
    let parts = text.split_once(':');
    if parts.is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty())
        && !text.contains(char::is_control)
    {
        return Some(At::new(text.to_owned(), written.spot));
    }
    let fix = match parts {
        None => Some(format!("'User:{text}'")),
        Some(_) => None,
    };
    complaints
        .say(
            Code::Principal,
            written.spot,
            format!("'{text}' is not a type and a name, such as User:billing"),
        )
        .maybe_fix(fix);
    None
}

/// Names and patterns; `all` is the pattern `*`.
fn patterns(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<Patterns> {
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        complaints
            .say(Code::EmptyValue, node.spot, format!("the list of '{key}' is empty"))
            .fix("leave the key out: whoever is named may do what is said and no more");
        return None;
    }
    let items = scalars::texts(node, key, complaints);
    let items: Vec<At<Pattern>> = items
        .into_iter()
        .map(|item| At::new(Pattern::new(if item.value == ALL { "*" } else { item.value.trim() }), item.spot))
        .collect();
    (!items.is_empty()).then(|| At::new(items, node.spot))
}

fn acls(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<Vec<At<AclWish>>>> {
    let Value::List(items) = &node.value else {
        complaints
            .say(Code::WrongShape, node.spot, format!("'acls' is a list of entries, not {}", node.shape()))
            .fix("acls: [{ resource: cluster, operation: describe }]");
        return None;
    };
    let read = items.iter().filter_map(|item| Some(At::new(acl(item, complaints)?, item.spot)));
    let read: Vec<At<AclWish>> = read.collect();
    Some(At::new(read, node.spot))
}

/// What has been read of one entry.
#[derive(Debug, Default)]
struct Read {
    kind: Option<At<AclResourceType>>,
    name: Option<At<String>>,
    pattern: Option<PatternType>,
    operations: Vec<Operation>,
    host: Option<String>,
    permission: Option<Permission>,
}

fn acl(node: &Node, complaints: &mut Complaints<'_>) -> Option<AclWish> {
    let before = complaints.count();
    let mut read = Read::default();
    for entry in keys::entries(node, "an entry of 'acls'", complaints) {
        key(entry, &mut read, complaints);
    }
    if complaints.count() > before {
        return None;
    }
    for (missing, what) in [(read.kind.is_none(), "resource"), (read.operations.is_empty(), "operation")] {
        if missing {
            complaints
                .say(Code::EmptyValue, node.spot, format!("an entry of 'acls' does not say its {what}"))
                .fix("such as { resource: topic, name: orders, operation: read }");
        }
    }
    let resource = resource(read.kind?, read.name, read.pattern, node.spot, complaints)?;
    Some(AclWish {
        resource,
        operations: read.operations,
        host: read.host.unwrap_or_else(|| WILDCARD.to_owned()),
        permission: read.permission.unwrap_or(Permission::Allow),
    })
    .filter(|_| complaints.count() == before)
}

fn key(entry: &Entry, read: &mut Read, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    match name {
        "resource" => {
            read.kind = scalars::text(node, name, complaints).and_then(|word| kind(&word, complaints));
        }
        "name" => read.name = scalars::text(node, name, complaints),
        "pattern" => {
            let words = [PatternType::Literal, PatternType::Prefixed].map(|word| (word.as_str(), word));
            read.pattern = scalars::word(node, name, &words, complaints).map(|word| word.value);
        }
        "operation" => {
            let words = scalars::texts(node, name, complaints);
            read.operations = words.iter().filter_map(|word| operation(word, complaints)).collect();
        }
        "host" => read.host = scalars::text(node, name, complaints).map(|host| host.value.trim().to_owned()),
        "permission" => {
            let words = [Permission::Allow, Permission::Deny].map(|word| (word.as_str(), word));
            read.permission = scalars::word(node, name, &words, complaints).map(|word| word.value);
        }
        _ => keys::refuse(entry, "an entry of 'acls'", &[keys::ACL_KEYS], &[], complaints),
    }
}

fn kind(word: &At<String>, complaints: &mut Complaints<'_>) -> Option<At<AclResourceType>> {
    let text = word.value.trim();
    if let Some(kind) = AclResourceType::from_word(text) {
        return Some(At::new(kind, word.spot));
    }
    let known: Vec<String> = AclResourceType::KNOWN.iter().map(ToString::to_string).collect();
    let fix = match text.split_once(':') {
        Some((kind, name)) => Some(format!("resource: {kind}, name: {name}")),
        None => meant(text, &known),
    };
    let message = format!("'resource' takes {}, not '{text}'", known.join(", "));
    complaints.say(Code::BadValue, word.spot, message).maybe_fix(fix);
    None
}

fn operation(word: &At<String>, complaints: &mut Complaints<'_>) -> Option<Operation> {
    let text = word.value.trim();
    if let Some(operation) = Operation::from_word(text) {
        return Some(operation);
    }
    let known: Vec<String> = Operation::KNOWN.iter().map(ToString::to_string).collect();
    let fix = meant(text, &known);
    let message = format!("'operation' takes {}, not '{text}'", known.join(", "));
    complaints.say(Code::BadValue, word.spot, message).maybe_fix(fix);
    None
}

/// The word that was meant by another spelling, such as Kafka's `DESCRIBE_CONFIGS` or `DescribeConfigs`.
fn meant(text: &str, known: &[String]) -> Option<String> {
    let plain = |word: &str| -> String {
        word.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
    };
    let same = known.iter().find(|word| plain(word) == plain(text)).cloned();
    same.or_else(|| closest(&text.to_ascii_lowercase(), known.iter().map(String::as_str)).map(str::to_owned))
}

/// What an entry is about. Without a pattern the name is read as in roles.
fn resource(
    kind: At<AclResourceType>,
    name: Option<At<String>>,
    pattern: Option<PatternType>,
    spot: Spot,
    complaints: &mut Complaints<'_>,
) -> Option<AclResource> {
    let kind = kind.value;
    let cluster = AclResource::cluster();
    match (kind, name) {
        (AclResourceType::Cluster, Some(name)) if name.value != cluster.name => {
            complaints
                .say(Code::BadValue, name.spot, "there is one cluster, so an entry about it names none")
                .fix("leave the name out");
            None
        }
        (AclResourceType::Cluster, _) => Some(cluster),
        (_, None) => {
            complaints
                .say(
                    Code::EmptyValue,
                    spot,
                    format!("an entry of 'acls' about a {kind} does not say its name"),
                )
                .fix("name: orders, or name: all");
            None
        }
        (_, Some(At { value: name, spot })) => {
            let name = name.trim();
            match (pattern, name.strip_suffix('*')) {
                (Some(pattern), _) => Some(AclResource { kind, name: name.to_owned(), pattern }),
                (None, _) if name == ALL || name == WILDCARD => Some(AclResource::literal(kind, WILDCARD)),
                (None, Some(prefix)) if !prefix.contains('*') => Some(AclResource::prefixed(kind, prefix)),
                (None, _) if !name.contains('*') => Some(AclResource::literal(kind, name)),
                (None, _) => {
                    complaints
                        .say(
                            Code::BadPattern,
                            spot,
                            format!("Kafka has entries for names and for what names begin with, and '{name}' is neither"),
                        )
                        .fix("one '*' at the end, or pattern: literal for a name that has a '*' in it");
                    None
                }
            }
        }
    }
}
