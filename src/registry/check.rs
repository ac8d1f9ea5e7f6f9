use super::address::segment;
use super::body::texts;
use super::client::{Call, RegistryClient, Repeat};
use super::error::RegistryError;
use super::look::read_version;
use klerk_core::plan::{Answer, Question, SubjectChange, Verdict};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::Known;
use klerk_core::world::{RegistryView, SchemaReference, SchemaType, VersionView};
use reqwest::Method;
use serde_json::{Value, json};

/// Which versions a schema is checked against.
///
/// The caller says it by the level, because registries read "all versions" in two ways: Confluent checks what the level
/// asks for, Apicurio Registry 3 really checks all of them, also for a level that is not transitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckScope {
    /// The latest live version.
    Latest,
    /// Every live version.
    AllVersions,
}

impl CheckScope {
    /// The versions that count for a level.
    pub fn for_level(level: CompatibilityLevel) -> CheckScope {
        match level {
            CompatibilityLevel::BackwardTransitive
            | CompatibilityLevel::ForwardTransitive
            | CompatibilityLevel::FullTransitive => CheckScope::AllVersions,
            CompatibilityLevel::None
            | CompatibilityLevel::Backward
            | CompatibilityLevel::Forward
            | CompatibilityLevel::Full => CheckScope::Latest,
        }
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The registry compared, at the level that it enforces now.
    Verdict(Verdict),
    /// There is no such subject, so nothing was compared.
    NothingToCompare,
}

/// The body that a registry wants wherever a schema is sent. A registry may guess a type that is not named, so it always
/// is.
pub(super) fn schema_body(kind: SchemaType, text: &str, references: &[SchemaReference]) -> Value {
    let mut body = json!({ "schema": text, "schemaType": kind.as_str() });
    if let (false, Some(members)) = (references.is_empty(), body.as_object_mut()) {
        let references = references.iter().map(|reference| {
            json!({ "name": reference.name, "subject": reference.subject, "version": reference.version })
        });
        members.insert("references".to_owned(), references.collect());
    }
    body
}

impl RegistryClient {
    /// Asks whether a schema would be accepted as the next version of a subject.
    pub async fn check(
        &self,
        subject: &str,
        kind: SchemaType,
        text: &str,
        references: &[SchemaReference],
        scope: CheckScope,
    ) -> Result<Checked, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let (template, end) = match scope {
            CheckScope::Latest => ("/compatibility/subjects/{subject}/versions/latest", "versions/latest"),
            CheckScope::AllVersions => ("/compatibility/subjects/{subject}/versions", "versions"),
        };
        let call = Call {
            method: Method::POST,
            template,
            path: format!("/compatibility/subjects/{encoded}/{end}?verbose=true"),
            body: Some(schema_body(kind, text, references)),
            repeat: Repeat::Safe,
        };
        let reply = match self.call(call).await {
            Ok(reply) => reply,
            Err(error) if error.is_not_found() => return Ok(Checked::NothingToCompare),
            Err(error) => return Err(error),
        };
        let body = reply.json()?;
        let compatible = body.get("is_compatible").and_then(Value::as_bool);
        let compatible = compatible.ok_or_else(|| reply.unreadable("it holds no 'is_compatible'"))?;
        let messages =
            ["messages", "reason"].into_iter().filter_map(|key| body.get(key)).flat_map(texts).collect();
        Ok(Checked::Verdict(Verdict { compatible, messages }))
    }

    /// Finds the version of a subject that holds this schema, by the registry's own idea of equality; `Absent` when it
    /// has none.
    pub async fn lookup(
        &self,
        subject: &str,
        kind: SchemaType,
        text: &str,
        references: &[SchemaReference],
    ) -> Result<Known<VersionView>, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let call = Call {
            method: Method::POST,
            template: "/subjects/{subject}",
            path: format!("/subjects/{encoded}"),
            body: Some(schema_body(kind, text, references)),
            repeat: Repeat::Safe,
        };
        match self.call(call).await {
            Ok(reply) => read_version(&reply).map(Known::Known),
            Err(error) if error.is_not_found() => Ok(Known::Absent),
            Err(error) => Err(error),
        }
    }

    /// Answers a question of the subjects' family; `None` for any other.
    ///
    /// `seen` is the view that the question arose from: the level in it decides which versions are compared.
    pub async fn answer(&self, question: &Question, seen: &RegistryView) -> Option<Answer> {
        match question {
            Question::OlderVersions { subject } => {
                Some(self.versions(subject).await.map_or_else(refusal, Answer::Versions))
            }
            Question::Compatible(SubjectChange::Register { subject, kind, text, references, .. }) => {
                let level =
                    seen.subjects.get(subject).and_then(Known::known).map(|seen| &seen.effective_level);
                let level = level.and_then(Known::known).copied().unwrap_or(CompatibilityLevel::Backward);
                let scope = CheckScope::for_level(level);
                Some(match self.check(subject, *kind, text, references, scope).await {
                    Ok(Checked::Verdict(verdict)) => Answer::Verdict(verdict),
                    Ok(Checked::NothingToCompare) => Answer::Accepted,
                    Err(error) => refusal(error),
                })
            }
            Question::GlobalLevel => Some(match self.global_level().await {
                Known::Known(level) => Answer::Level(level),
                Known::Denied(failure) => Answer::Denied(failure),
                Known::Failed(failure) => Answer::Failed(failure),
                Known::Absent | Known::Unavailable(_) | Known::NotAsked => return None,
            }),
            Question::Referrers { subject } => {
                Some(self.referrers(subject).await.map_or_else(refusal, Answer::Referrers))
            }
            Question::Compatible(SubjectChange::SetCompatibility { .. } | SubjectChange::Delete { .. })
            | Question::Accepts(_)
            | Question::AcceptsOfCluster(_)
            | Question::AcceptsOfAccess(_)
            | Question::LogRanges { .. }
            | Question::Holding { .. }
            | Question::Usage { .. }
            | Question::Sizes { .. }
            | Question::Rates { .. } => None,
        }
    }
}

fn refusal(error: RegistryError) -> Answer {
    match error {
        RegistryError::Unauthorized(_) | RegistryError::Forbidden(_) => Answer::Denied(error.into()),
        RegistryError::Refused(ref answered) if answered.status < 500 && answered.status != 429 => {
            Answer::Refused(error.into())
        }
        _ => Answer::Failed(error.into()),
    }
}
