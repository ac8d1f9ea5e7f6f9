use super::address::segment;
use super::body::Reply;
use super::client::{Call, IN_FLIGHT, RegistryClient};
use super::error::RegistryError;
use futures::{StreamExt, TryStreamExt, stream};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::Known;
use klerk_core::world::{RegistryView, SchemaReference, SchemaType, Selection, SubjectView, VersionView};
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::OnceCell;

/// How many names a page of a list holds.
const PAGE: usize = 1000;

/// A subject's own level and the one that is enforced.
type Levels = (Known<CompatibilityLevel>, Known<CompatibilityLevel>);

/// The global level, asked for at most once in a look.
type GlobalLevel = OnceCell<Known<CompatibilityLevel>>;

impl RegistryClient {
    /// Looks at what is wanted: two requests for a subject (its latest version and its level), a third where the level
    /// is in doubt, and one or more for the list of all subjects.
    ///
    /// When the registry as a whole gives no answer, the whole view is `Failed` or `Denied`, never empty.
    pub async fn look(&self, wanted: &Selection) -> Known<RegistryView> {
        self.look_at(wanted, false).await
    }

    /// As [`RegistryClient::look`], and where `deleted` is set with the names of subjects that are out of sight, in two
    /// requests or more.
    pub async fn look_at(&self, wanted: &Selection, deleted: bool) -> Known<RegistryView> {
        match self.view(wanted, deleted).await {
            Ok(view) => Known::Known(view),
            Err(error) => error.into_known(),
        }
    }

    async fn view(&self, wanted: &Selection, deleted: bool) -> Result<RegistryView, RegistryError> {
        let mut view = RegistryView::default();
        if deleted {
            view.deleted = self.deleted_subjects().await;
        }
        if let Selection::AllVisible(_) = wanted {
            match self.subjects("").await {
                Ok(names) => view.subjects = names.into_iter().map(|name| (name, Known::NotAsked)).collect(),
                Err(error) if error.concerns_the_whole_registry() => return Err(error),
                Err(error) => view.unlisted = Some(error.into()),
            }
        }
        let global = GlobalLevel::new();
        let mut names = wanted.names();
        // The first subject goes ahead alone: where the registry is down, no other has to wait for its bound.
        if let Some(name) = names.next() {
            let subject = match self.subject(name, &global).await {
                Err(error) if error.concerns_the_whole_registry() => return Err(error),
                subject => subject.unwrap_or_else(RegistryError::into_known),
            };
            view.subjects.insert(name.clone(), subject);
        }
        let rest: Vec<_> = stream::iter(names)
            .map(|name| async { (name.clone(), self.subject(name, &global).await) })
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        for (name, subject) in rest {
            view.subjects.insert(name, subject.unwrap_or_else(RegistryError::into_known));
        }
        Ok(view)
    }

    /// The names of the subjects that are deleted and not gone for good.
    async fn deleted_subjects(&self) -> Known<BTreeSet<String>> {
        match futures::future::try_join(self.subjects(""), self.subjects("&deleted=true")).await {
            Ok((live, all)) => Known::Known(all.difference(&live).cloned().collect()),
            Err(error) => error.into_known(),
        }
    }

    /// Which schemas refer to any live version of a subject, by subject and version. A subject without any is referred
    /// to by none.
    pub(super) async fn referrers(&self, subject: &str) -> Result<BTreeSet<(String, i32)>, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let mut ids: BTreeSet<i64> = BTreeSet::new();
        for version in self.version_numbers(&encoded).await? {
            let path = format!("/subjects/{encoded}/versions/{version}/referencedby");
            let call = Call::get("/subjects/{subject}/versions/{version}/referencedby", path);
            ids.extend(typed::<Vec<i64>>(&self.call(call).await?, "a list of schema ids")?);
        }
        let mut referrers = BTreeSet::new();
        for id in ids {
            let call = Call::get("/schemas/ids/{id}/versions", format!("/schemas/ids/{id}/versions"));
            let found: Vec<Value> = typed(&self.call(call).await?, "a list of versions")?;
            referrers.extend(found.iter().filter_map(|found| {
                let version = found.get("version").and_then(Value::as_i64)?;
                let subject = found.get("subject").and_then(Value::as_str)?;
                Some((subject.to_owned(), i32::try_from(version).ok()?))
            }));
        }
        Ok(referrers)
    }

    /// The numbers of the live versions of a subject; none when there is no such subject.
    async fn version_numbers(&self, encoded: &str) -> Result<Vec<i32>, RegistryError> {
        let call = Call::get("/subjects/{subject}/versions", format!("/subjects/{encoded}/versions"));
        match self.call(call).await {
            Ok(reply) => typed(&reply, "a list of versions"),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The names of all subjects that a filter lets through, page by page.
    async fn subjects(&self, filter: &str) -> Result<BTreeSet<String>, RegistryError> {
        let mut names = BTreeSet::new();
        let mut offset = 0;
        loop {
            let path = format!("/subjects?offset={offset}&limit={PAGE}{filter}");
            let reply = self.call(Call::get("/subjects", path)).await?;
            let page: Vec<String> = typed(&reply, "a list of subjects")?;
            let (count, before) = (page.len(), names.len());
            names.extend(page);
            // Apicurio Registry 3 ignores the page and answers with all of them each time.
            if count != PAGE || names.len() == before {
                return Ok(names);
            }
            offset += count;
        }
    }

    async fn subject(&self, name: &str, global: &GlobalLevel) -> Result<Known<SubjectView>, RegistryError> {
        let encoded = segment(name).ok_or_else(|| RegistryError::SubjectName(name.to_owned()))?;
        let (latest, levels) =
            futures::future::join(self.version(&encoded, "latest"), self.levels(&encoded, global)).await;
        let (level, effective_level) = levels;
        let versions = match latest {
            Ok(version) => vec![version],
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Err(error),
        };
        if versions.is_empty() && level.is_absent() {
            return Ok(Known::Absent);
        }
        Ok(Known::Known(SubjectView { versions, level, effective_level }))
    }

    /// Every live version of a subject with its text, oldest first; empty when there is no such subject.
    pub async fn versions(&self, subject: &str) -> Result<Vec<VersionView>, RegistryError> {
        let encoded = segment(subject).ok_or_else(|| RegistryError::SubjectName(subject.to_owned()))?;
        let numbers = self.version_numbers(&encoded).await?;
        let mut versions: Vec<VersionView> = stream::iter(numbers)
            .map(|number| {
                let encoded = &encoded;
                async move { self.version(encoded, &number.to_string()).await }
            })
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await?;
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }

    async fn version(&self, encoded: &str, version: &str) -> Result<VersionView, RegistryError> {
        let template = if version == "latest" {
            "/subjects/{subject}/versions/latest"
        } else {
            "/subjects/{subject}/versions/{version}"
        };
        let reply = self.call(Call::get(template, format!("/subjects/{encoded}/versions/{version}"))).await?;
        read_version(&reply)
    }

    /// The levels of a subject.
    ///
    /// Confluent and Karapace answer 404 for a subject without a level of its own. Apicurio Registry 3 answers 404 only
    /// when it has no such subject, and NONE when none is set; with `defaultToGlobal` it tells the level that it
    /// enforces. NONE that is not enforced is therefore no level. NONE that is enforced may be either; see
    /// [`SubjectView::level`].
    async fn levels(&self, encoded: &str, global: &GlobalLevel) -> Levels {
        let own = self.level(format!("/config/{encoded}"), "/config/{subject}").await;
        match own {
            Known::Known(CompatibilityLevel::None) => {
                let path = format!("/config/{encoded}?defaultToGlobal=true");
                match self.level(path, "/config/{subject}").await {
                    Known::Known(CompatibilityLevel::None) => (own.clone(), own),
                    Known::Known(other) => (Known::Absent, Known::Known(other)),
                    unknown => (unknown.clone(), unknown),
                }
            }
            Known::Absent => {
                let effective = global.get_or_init(|| self.global_level()).await;
                (Known::Absent, effective.clone())
            }
            _ => (own.clone(), own),
        }
    }

    /// The level that holds for subjects without one of their own.
    pub(super) async fn global_level(&self) -> Known<CompatibilityLevel> {
        self.level("/config".to_owned(), "/config").await
    }

    async fn level(&self, path: String, template: &'static str) -> Known<CompatibilityLevel> {
        match self.call(Call::get(template, path)).await.and_then(|reply| read_level(&reply)) {
            Ok(level) => Known::Known(level),
            Err(error) if error.is_not_found() => Known::Absent,
            Err(error) => error.into_known(),
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(reply: &Reply, wanted: &str) -> Result<T, RegistryError> {
    serde_json::from_value(reply.json()?)
        .map_err(|error| reply.unreadable(format!("it is not {wanted}: {error}")))
}

/// A level as answers to GET and to PUT hold it, in either of the two fields that registries use.
pub(super) fn read_level(reply: &Reply) -> Result<CompatibilityLevel, RegistryError> {
    let body = reply.json()?;
    let word = ["compatibilityLevel", "compatibility"].into_iter().find_map(|key| body.get(key)?.as_str());
    let word = word.ok_or_else(|| reply.unreadable("it holds no compatibility level"))?;
    word.parse().map_err(|unknown: klerk_core::schema::UnknownLevel| reply.unreadable(unknown.to_string()))
}

/// A version as GET of a version and the lookup of a schema answer it.
pub(super) fn read_version(reply: &Reply) -> Result<VersionView, RegistryError> {
    let body = reply.json()?;
    let number = |key: &str| {
        let number = body.get(key).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
        number.ok_or_else(|| reply.unreadable(format!("it holds no '{key}'")))
    };
    let kind = body.get("schemaType").and_then(Value::as_str).unwrap_or("AVRO");
    let kind = SchemaType::from_word(kind)
        .ok_or_else(|| reply.unreadable(format!("'{kind}' is not a schema type that is known here")))?;
    let text = body.get("schema").and_then(Value::as_str).map(str::to_owned);
    Ok(VersionView {
        version: number("version")?,
        id: number("id")?,
        kind,
        text: text.ok_or_else(|| reply.unreadable("it holds no 'schema'"))?,
        references: read_references(reply, &body)?,
    })
}

fn read_references(reply: &Reply, body: &Value) -> Result<Vec<SchemaReference>, RegistryError> {
    #[derive(serde::Deserialize)]
    struct Reference {
        name: String,
        subject: String,
        version: i32,
    }
    let references = body.get("references").filter(|references| !references.is_null()).cloned();
    let references: Vec<Reference> =
        serde_json::from_value(references.unwrap_or_else(|| Value::Array(Vec::new())))
            .map_err(|error| reply.unreadable(format!("its references are not readable: {error}")))?;
    let converted = references.into_iter().map(|reference| SchemaReference {
        name: reference.name,
        subject: reference.subject,
        version: reference.version,
    });
    Ok(converted.collect())
}
