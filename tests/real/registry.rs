//! klerk's client of the schema registry against a real one.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use klerk::registry::{
    CheckScope, Checked, Credentials, RegistryClient, RegistryError, RegistryOptions as ClientOptions,
};
use klerk::secure::Tls;
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{Known, Secret};
use klerk_core::world::{SchemaType, Selection, SubjectView};
use klerk_testbed::{Registry, RegistryOptions, Role, shared, unique_name};

const AVRO: SchemaType = SchemaType::Avro;
const V1: &str = r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":"string"}]}"#;
const V1_RESPELLED: &str = r#"{
  "type": "record", "namespace": "n", "name": "R", "fields": [ {"name": "a", "type": {"type": "string"}} ]
}"#;
const V2: &str = r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#;
const INCOMPATIBLE: &str = r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":"int"}]}"#;

fn client_as(registry: &Registry, credentials: Credentials) -> Result<RegistryClient> {
    let timeout = Duration::from_secs(10);
    Ok(RegistryClient::new(ClientOptions {
        urls: vec![registry.url()],
        credentials,
        tls: Tls::default(),
        timeout,
    })?)
}

fn client(registry: &Registry) -> Result<RegistryClient> {
    client_as(registry, Credentials::None)
}

fn user(name: &str, password: &str) -> Credentials {
    Credentials::Basic { user: name.to_owned(), password: Secret::new(password) }
}

async fn look(client: &RegistryClient, subject: &str) -> Result<Known<SubjectView>> {
    match client.look(&Selection::Named([subject.to_owned()].into())).await {
        Known::Known(mut view) => view.subjects.remove(subject).context("the subject was not looked at"),
        other => bail!("{other:?}"),
    }
}

async fn seen(client: &RegistryClient, subject: &str) -> Result<SubjectView> {
    match look(client, subject).await? {
        Known::Known(view) => Ok(view),
        other => bail!("{other:?}"),
    }
}

#[tokio::test]
async fn a_subject_from_its_first_version_to_its_second() -> Result<()> {
    let client = client(&shared()?.registry)?;
    let subject = unique_name("registry /ü.first");
    assert_eq!(look(&client, &subject).await?, Known::Absent);
    assert_eq!(
        client.check(&subject, AVRO, V1, &[], CheckScope::AllVersions).await?,
        Checked::NothingToCompare
    );

    let first = client.register(&subject, AVRO, V1, &[]).await?;
    let latest = seen(&client, &subject).await?.versions.pop().context("no version")?;
    assert_eq!((latest.version, latest.id, latest.text.as_str(), latest.kind), (1, first.id, V1, AVRO));
    assert_eq!(client.register(&subject, AVRO, V1, &[]).await?, first, "the same text");
    let Known::Known(found) = client.lookup(&subject, AVRO, V1, &[]).await? else { bail!("not found") };
    assert_eq!((found.version, found.id), (1, first.id));

    let second = client.register(&subject, AVRO, V2, &[]).await?;
    assert_ne!(second, first);
    assert_eq!(client.register(&subject, AVRO, V1, &[]).await?, first, "equal to the older one");
    let latest = seen(&client, &subject).await?.versions.pop().context("no version")?;
    assert_eq!(latest.version, 2, "which changes nothing");
    let numbers: Vec<_> = client.versions(&subject).await?.iter().map(|version| version.version).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(client.versions("registry.never").await?, []);

    let all = client.look(&Selection::AllVisible([].into())).await;
    assert_eq!(all.known().context("no list")?.subjects.get(&subject), Some(&Known::NotAsked));
    Ok(())
}

#[tokio::test]
async fn another_spelling_is_another_version_for_this_registry() -> Result<()> {
    let client = client(&shared()?.registry)?;
    let subject = unique_name("registry.spelling");
    client.register(&subject, AVRO, V1, &[]).await?;
    client.register(&subject, AVRO, V1_RESPELLED, &[]).await?;
    let versions = client.versions(&subject).await?;
    assert_eq!(versions.len(), 2, "which is why klerk compares by itself");
    assert_eq!(
        klerk_core::schema::same_schema(&versions[0].text, &versions[1].text),
        klerk_core::schema::Sameness::SameSpelling
    );
    Ok(())
}

#[tokio::test]
async fn what_is_incompatible_is_called_so_and_refused() -> Result<()> {
    let client = client(&shared()?.registry)?;
    let subject = unique_name("registry.incompatible");
    let level = CompatibilityLevel::Backward;
    assert_eq!(client.set_level(&subject, level).await?, level);
    let before = seen(&client, &subject).await?;
    assert_eq!((before.versions.len(), before.level), (0, Known::Known(level)), "a level before any version");
    client.register(&subject, AVRO, V1, &[]).await?;

    let Checked::Verdict(verdict) =
        client.check(&subject, AVRO, INCOMPATIBLE, &[], CheckScope::for_level(level)).await?
    else {
        bail!("nothing was compared")
    };
    assert!(!verdict.compatible);
    let refusal = client.register(&subject, AVRO, INCOMPATIBLE, &[]).await;
    let Err(RegistryError::Refused(answered)) = refusal else { bail!("{refusal:?}") };
    assert_eq!(answered.status, 409);
    assert!(answered.words.contains("reader type"), "{}", answered.words);
    let Checked::Verdict(verdict) =
        client.check(&subject, AVRO, V2, &[], CheckScope::for_level(level)).await?
    else {
        bail!("nothing was compared")
    };
    assert!(verdict.compatible);
    let broken = client.check(&subject, AVRO, "{", &[], CheckScope::Latest).await;
    assert!(matches!(&broken, Err(RegistryError::Refused(answered)) if answered.status == 422), "{broken:?}");
    Ok(())
}

#[tokio::test]
async fn a_level_that_is_not_transitive_asks_for_the_latest_version_only() -> Result<()> {
    let client = client(&shared()?.registry)?;
    let subject = unique_name("registry.latest");
    client.register(&subject, AVRO, V1, &[]).await?;
    client.register(&subject, AVRO, INCOMPATIBLE, &[]).await?;
    let next = INCOMPATIBLE.replace("\"fields\"", "\"doc\":\"next\",\"fields\"");
    for (level, compatible) in
        [(CompatibilityLevel::Backward, true), (CompatibilityLevel::BackwardTransitive, false)]
    {
        client.set_level(&subject, level).await?;
        let checked = client.check(&subject, AVRO, &next, &[], CheckScope::for_level(level)).await?;
        assert!(
            matches!(&checked, Checked::Verdict(verdict) if verdict.compatible == compatible),
            "{level} {checked:?}"
        );
    }
    assert!(client.register(&subject, AVRO, &next, &[]).await.is_err(), "as the check said");
    client.set_level(&subject, CompatibilityLevel::Backward).await?;
    client.register(&subject, AVRO, &next, &[]).await?;
    Ok(())
}

#[tokio::test]
async fn the_level_that_is_set_is_told_from_the_one_that_is_enforced() -> Result<()> {
    let registry = Registry::start()?;
    let client = client(&registry)?;
    client.register("s", AVRO, V1, &[]).await?;
    let level = |view: SubjectView| (view.level, view.effective_level);
    let known = Known::Known;
    // Without any level this registry says NONE, which is also what it enforces.
    assert_eq!(
        level(seen(&client, "s").await?),
        (known(CompatibilityLevel::None), known(CompatibilityLevel::None))
    );
    registry.request("PUT", "/config", Some(r#"{"compatibility":"FULL"}"#))?.checked()?;
    assert_eq!(level(seen(&client, "s").await?), (Known::Absent, known(CompatibilityLevel::Full)));
    assert_eq!(look(&client, "never").await?, Known::Absent);
    // It takes NONE and does not keep it: a look says so.
    assert_eq!(client.set_level("s", CompatibilityLevel::None).await?, CompatibilityLevel::None);
    assert_eq!(level(seen(&client, "s").await?), (Known::Absent, known(CompatibilityLevel::Full)));
    assert!(client.register("s", AVRO, INCOMPATIBLE, &[]).await.is_err());
    client.set_level("s", CompatibilityLevel::Forward).await?;
    let forward = known(CompatibilityLevel::Forward);
    assert_eq!(level(seen(&client, "s").await?), (forward.clone(), forward));
    Ok(())
}

#[tokio::test]
async fn who_may_not_is_told_from_what_is_not_there() -> Result<()> {
    let users = [
        ("admin", Role::Admin),
        ("dev", Role::Developer),
        ("reader", Role::ReadOnly),
        ("nobody", Role::None),
    ];
    let options = users.into_iter().fold(RegistryOptions::default(), |options, (name, role)| {
        options.user(name, &format!("{name}-pw"), role)
    });
    let registry = Registry::start_as(&options)?;
    let wanted = Selection::Named(["s".to_owned()].into());
    for credentials in [Credentials::None, user("reader", "wrong"), Credentials::Bearer(Secret::new("token"))]
    {
        let view = client_as(&registry, credentials)?.look(&wanted).await;
        assert!(matches!(&view, Known::Denied(why) if why.code == Some(401)), "{view:?}");
    }
    client_as(&registry, user("dev", "dev-pw"))?.register("s", AVRO, V1, &[]).await?;
    let reader = client_as(&registry, user("reader", "reader-pw"))?;
    assert_eq!(seen(&reader, "s").await?.versions.len(), 1);
    let refusal = reader.register("s", AVRO, V2, &[]).await;
    assert!(matches!(refusal, Err(RegistryError::Forbidden(_))), "{refusal:?}");
    let refusal = reader.set_level("s", CompatibilityLevel::Full).await;
    assert!(matches!(refusal, Err(RegistryError::Forbidden(_))), "{refusal:?}");
    let refusal = reader.check("s", AVRO, V2, &[], CheckScope::AllVersions).await;
    assert!(matches!(refusal, Err(RegistryError::Forbidden(_))), "this role may not even ask: {refusal:?}");
    assert!(reader.check("s", AVRO, V2, &[], CheckScope::Latest).await.is_ok(), "and yet it may ask this");
    let nobody = client_as(&registry, user("nobody", "nobody-pw"))?;
    assert!(matches!(look(&nobody, "s").await?, Known::Denied(why) if why.code == Some(403)));
    Ok(())
}

#[tokio::test]
async fn a_registry_that_is_gone_or_elsewhere_is_an_error() -> Result<()> {
    let registry = Registry::start()?;
    let root = registry.url().trim_end_matches("/apis/ccompat/v7").to_owned();
    let timeout = Duration::from_secs(30);
    for url in [root.clone(), format!("{root}/apis/ccompat/v9"), format!("{root}/apis/registry/v3")] {
        let options =
            ClientOptions { urls: vec![url], credentials: Credentials::None, tls: Tls::default(), timeout };
        let view = RegistryClient::new(options)?.look(&Selection::Named(["s".to_owned()].into())).await;
        assert!(matches!(&view, Known::Failed(why) if why.message.contains("/apis/ccompat/v7")), "{view:?}");
    }
    let within = |timeout| {
        RegistryClient::new(ClientOptions {
            urls: vec![registry.url()],
            credentials: Credentials::None,
            tls: Tls::default(),
            timeout,
        })
    };
    let (client, hasty) = (within(timeout)?, within(Duration::from_millis(500))?);
    let wanted = Selection::AllVisible(["s".to_owned()].into());
    assert!(client.look(&wanted).await.known().is_some());
    registry.pause()?;
    let view = hasty.look(&wanted).await;
    assert!(matches!(&view, Known::Failed(why) if why.name == "TIMEOUT"), "{view:?}");
    let error = hasty.register("s", AVRO, V1, &[]).await.expect_err("paused");
    assert!(error.leaves_outcome_open(), "{error}");
    registry.resume()?;
    registry.kill()?;
    let view = client.look(&wanted).await;
    assert!(matches!(&view, Known::Failed(why) if why.name == "UNREACHABLE"), "{view:?}");
    let error = client.register("s", AVRO, V1, &[]).await.expect_err("killed");
    assert!(!error.leaves_outcome_open(), "{error}");
    Ok(())
}
