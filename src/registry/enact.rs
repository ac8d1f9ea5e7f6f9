use super::address::segment;
use super::check::schema_body;
use super::client::{Call, RegistryClient, Repeat};
use super::error::RegistryError;
use super::look::read_level;
use klerk_core::schema::CompatibilityLevel;
use klerk_core::world::{SchemaReference, SchemaType};
use reqwest::Method;
use serde_json::{Value, json};

/// The registry took a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The registry-wide id of the schema, new or of the version that already held it. Which version that is, and
    /// whether it is the latest, only a look tells.
    pub id: i32,
}

impl RegistryClient {
    /// Registers a schema under a subject.
    ///
    /// It is sent once. After an error that leaves the outcome open ([`RegistryError::leaves_outcome_open`]) the caller
    /// looks.
    pub async fn register(
        &self,
        subject: &str,
        kind: SchemaType,
        text: &str,
        references: &[SchemaReference],
    ) -> Result<Registered, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let call = Call {
            method: Method::POST,
            template: "/subjects/{subject}/versions",
            path: format!("/subjects/{encoded}/versions"),
            body: Some(schema_body(kind, text, references)),
            repeat: Repeat::Never,
        };
        let reply = self.call(call).await?;
        let id = reply.json()?.get("id").and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
        id.map(|id| Registered { id }).ok_or_else(|| reply.unreadable("it holds no 'id'"))
    }

    /// Sets the level of a subject and returns the one that the registry says it has set.
    ///
    /// It is sent once, as [`RegistryClient::register`]: it does no harm to send it again, but whoever does has to know
    /// that a refusal then says nothing of the first time.
    pub async fn set_level(
        &self,
        subject: &str,
        level: CompatibilityLevel,
    ) -> Result<CompatibilityLevel, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let call = Call {
            method: Method::PUT,
            template: "/config/{subject}",
            path: format!("/config/{encoded}"),
            body: Some(json!({ "compatibility": level.as_str() })),
            repeat: Repeat::Never,
        };
        read_level(&self.call(call).await?)
    }

    /// Deletes a subject with all its versions: out of sight, or, where that was done before, for good.
    ///
    /// It is sent once, as [`RegistryClient::register`].
    pub async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<(), RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let query = if permanent { "?permanent=true" } else { "" };
        let call = Call {
            method: Method::DELETE,
            template: "/subjects/{subject}",
            path: format!("/subjects/{encoded}{query}"),
            body: None,
            repeat: Repeat::Never,
        };
        self.call(call).await.map(drop)
    }

    /// Takes a subject its own level, so that it follows the global one. One that has none is as it should be.
    pub async fn unset_level(&self, subject: &str) -> Result<(), RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let call = Call {
            method: Method::DELETE,
            template: "/config/{subject}",
            path: format!("/config/{encoded}"),
            body: None,
            repeat: Repeat::Safe,
        };
        match self.call(call).await {
            Err(error) if !error.is_not_found() => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
