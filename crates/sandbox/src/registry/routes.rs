//! Which request asks for what.

use super::answers::{self, Answer};
use super::judge::Against;
use super::refusal::Refusal;
use super::request::Request;
use super::state::Mode;
use super::{Registry, Subject};
use klerk_core::schema::CompatibilityLevel;
use serde_json::{Value, json};

/// Answers a request, with what it changes.
pub(super) fn act(registry: &mut Registry, request: &Request) -> Result<Answer, Refusal> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let method = request.method.as_str();
    match path.as_slice() {
        [""] if method == "GET" => Ok(Answer::Json(json!({}))),
        ["subjects"] if method == "GET" => Ok(subjects(registry, request)),
        ["subjects", subject] => match method {
            "POST" => lookup(registry, subject, request),
            "DELETE" => {
                registry.remove_subject(subject, request.flag("permanent")).map(|gone| numbers(&gone))
            }
            _ => Err(Refusal::NoSuchMethod),
        },
        ["subjects", subject, "versions"] => match method {
            "GET" => versions(registry, subject, request),
            "POST" => {
                let id = registry.register(subject, request.schema()?, request.flag("normalize"))?;
                Ok(Answer::Json(json!({ "id": id })))
            }
            _ => Err(Refusal::NoSuchMethod),
        },
        ["subjects", subject, "versions", version] => match method {
            "GET" => {
                let (found, content) = registry.version(subject, version, request.flag("deleted"))?;
                Ok(answers::version(registry.manner, subject, found, content))
            }
            "DELETE" => {
                let gone = registry.remove_version(subject, version, request.flag("permanent"))?;
                Ok(Answer::Json(json!(gone)))
            }
            _ => Err(Refusal::NoSuchMethod),
        },
        ["subjects", subject, "versions", version, "schema"] if method == "GET" => {
            let (_, content) = registry.version(subject, version, request.flag("deleted"))?;
            Ok(Answer::Text(content.text.clone()))
        }
        ["subjects", subject, "versions", version, "referencedby"] if method == "GET" => {
            match registry.version(subject, version, true) {
                Ok((found, _)) => Ok(numbers(&registry.referenced_by(subject, found.number))),
                Err(_) if registry.manner.is_apicurio() => Ok(numbers(&[])),
                Err(refusal) => Err(refusal),
            }
        }
        ["schemas", "types"] if method == "GET" => Ok(Answer::Json(json!(["JSON", "PROTOBUF", "AVRO"]))),
        ["schemas", "ids", id, part @ ..] if method == "GET" => by_id(registry, id, part, request),
        ["config"] => level(registry, None, request),
        ["config", subject] => level(registry, Some(subject), request),
        ["mode"] => mode(registry, None, request),
        ["mode", subject] => mode(registry, Some(subject), request),
        ["compatibility", "subjects", subject, "versions", version @ ..]
            if method == "POST" && version.len() < 2 =>
        {
            let against = version.first().map_or(Against::All, |version| Against::Version(version));
            let judgement = registry.judge(subject, against, request.schema()?)?;
            Ok(answers::judgement(registry.manner, &judgement, request.flag("verbose")))
        }
        [""]
        | ["subjects"]
        | ["subjects", _, "versions", _, "schema" | "referencedby"]
        | ["schemas", "types"]
        | ["schemas", "ids", _]
        | ["compatibility", "subjects", _, "versions"]
        | ["compatibility", "subjects", _, "versions", _] => Err(Refusal::NoSuchMethod),
        _ => Err(Refusal::NoSuchPath),
    }
}

fn numbers(numbers: &[i32]) -> Answer {
    Answer::Json(json!(numbers))
}

fn subjects(registry: &Registry, request: &Request) -> Answer {
    let (deleted, only) = (request.flag("deleted"), request.flag("deletedOnly"));
    let pages = registry.manner.pages();
    let prefix = request.parameter("subjectPrefix").filter(|_| pages).unwrap_or_default();
    let shown = |subject: &Subject| {
        if only && pages { !subject.is_live() } else { deleted || subject.is_live() }
    };
    let names = registry.subjects.iter().filter(|(name, subject)| name.starts_with(prefix) && shown(subject));
    page(registry, request, names.map(|(name, _)| json!(name)))
}

fn versions(registry: &Registry, subject: &str, request: &Request) -> Result<Answer, Refusal> {
    let deleted = request.flag("deleted");
    let found = registry.subject(subject, deleted)?;
    let shown = found.versions.iter().filter(|version| deleted || !version.deleted);
    Ok(page(registry, request, shown.map(|version| json!(version.number))))
}

/// A part of a list, where the manner knows such.
fn page(registry: &Registry, request: &Request, all: impl Iterator<Item = Value>) -> Answer {
    if !registry.manner.pages() {
        return Answer::Json(all.collect());
    }
    let offset = request.number("offset").and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    let limit = request.number("limit").and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX);
    Answer::Json(all.skip(offset).take(limit).collect())
}

fn lookup(registry: &Registry, subject: &str, request: &Request) -> Result<Answer, Refusal> {
    let (normalize, deleted) = (request.flag("normalize"), request.flag("deleted"));
    let (version, content) = registry.lookup(subject, request.schema()?, normalize, deleted)?;
    Ok(answers::found(registry.manner, subject, version, content))
}

fn by_id(registry: &Registry, word: &str, part: &[&str], request: &Request) -> Result<Answer, Refusal> {
    let id = word.parse().map_err(|_| Refusal::NoSuchPath)?;
    let content = registry.contents.get(&id).ok_or_else(|| Refusal::NoSchemaWithId(word.to_owned()))?;
    let uses = || registry.uses(id, request.flag("deleted"));
    match part {
        [] => Ok(answers::schema(registry.manner, content)),
        ["schema"] => Ok(Answer::Text(content.text.clone())),
        ["versions"] => {
            let uses = uses().into_iter();
            Ok(Answer::Json(
                uses.map(|(name, number)| json!({ "subject": name, "version": number })).collect(),
            ))
        }
        ["subjects"] if !registry.manner.is_apicurio() => {
            let mut names: Vec<_> = uses().into_iter().map(|(name, _)| name).collect();
            names.dedup();
            Ok(Answer::Json(json!(names)))
        }
        _ => Err(Refusal::NoSuchPath),
    }
}

fn level(registry: &mut Registry, subject: Option<&str>, request: &Request) -> Result<Answer, Refusal> {
    let told = |level: CompatibilityLevel| Answer::Json(json!({ "compatibilityLevel": level.as_str() }));
    match (request.method.as_str(), subject) {
        ("GET", None) => Ok(told(registry.level)),
        ("GET", Some(subject)) => registry.told_level(subject, request.flag("defaultToGlobal")).map(told),
        ("PUT", _) => {
            let level = registry.read_level(request.text("compatibility")?.as_deref())?;
            registry.set_level(subject, level)?;
            let field = registry.manner.field_of_new_level();
            Ok(Answer::Json(json!({ field: level.as_str() })))
        }
        ("DELETE", Some(_)) => registry.drop_level(subject).map(told),
        ("DELETE", None) if registry.manner.has_modes() => registry.drop_level(None).map(told),
        _ => Err(Refusal::NoSuchMethod),
    }
}

fn mode(registry: &mut Registry, subject: Option<&str>, request: &Request) -> Result<Answer, Refusal> {
    if registry.manner.is_apicurio() {
        return mode_of_apicurio(subject, request);
    }
    let told = |mode: Mode| Answer::Json(json!({ "mode": mode.as_str() }));
    let settable = registry.manner.has_modes();
    match (request.method.as_str(), subject) {
        ("GET", None) => Ok(told(registry.mode)),
        ("GET", Some(subject)) => {
            let or_global = request.flag("defaultToGlobal") || !settable;
            registry.told_mode(subject, or_global).map(told)
        }
        ("PUT", _) if settable => {
            let mode = Registry::read_mode(request.text("mode")?.as_deref())?;
            registry.set_mode(subject, mode, request.flag("force"))?;
            Ok(told(mode))
        }
        ("DELETE", _) if settable => registry.drop_mode(subject).map(told),
        _ => Err(Refusal::NoSuchMethod),
    }
}

/// It has no global mode, and takes one for a subject without keeping it.
fn mode_of_apicurio(subject: Option<&str>, request: &Request) -> Result<Answer, Refusal> {
    match (request.method.as_str(), subject) {
        ("PUT", _) => {
            Registry::read_mode(request.text("mode")?.as_deref())?;
            if subject.is_some() { Ok(Answer::Nothing) } else { Err(Refusal::NoSuchPath) }
        }
        ("GET", Some(_)) => Ok(Answer::Nothing),
        ("GET", None) => Err(Refusal::NoSuchPath),
        _ => Err(Refusal::NoSuchMethod),
    }
}
