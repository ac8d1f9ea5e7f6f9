//! A registry behind TLS, a bearer token or users: the job is done there, and each refusal has its own words.

use crate::documents::{ErrorDocument, Plan};
use crate::scene::Scene;
use anyhow::{Context, Result, ensure};
use klerk_testbed::secured::{Certificates, Front, FrontOptions, STORE_PASSWORD, Store, password_of};
use klerk_testbed::{Registry, RegistryOptions, Role, shared, unique_name};
use std::time::Duration;

/// A machine that is busy with other tests is slow without the connection being so.
const IN_GOOD_TIME: Duration = Duration::from_secs(15);

/// Host and port of an address of http.
fn authority(url: &str) -> Result<&str> {
    url.split('/').nth(2).context("an authority")
}

fn base(front: &Front) -> String {
    format!("https://{}/apis/ccompat/v7", front.address())
}

/// A topology with one topic and its subject.
fn scene(url: &str, properties: &str) -> Result<Scene> {
    let topic = unique_name("secured-registry");
    let scene = Scene::new(&shared()?.cluster.bootstrap())?
        .with_properties(&format!("schema.registry.url={url}\n{properties}"))?;
    scene.write(
        "topology.yaml",
        &format!("klerk: 1\ntopics:\n  {topic}:\n    partitions: 1\n    value: paid.avsc\n"),
    )?;
    scene.write(
        "paid.avsc",
        r#"{"type":"record","name":"n.Paid","fields":[{"name":"id","type":"string"}]}"#,
    )?;
    Ok(scene)
}

fn works(url: &str, properties: &str) -> Result<()> {
    let scene = scene(url, properties)?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    ensure!(plan.steps.is_empty(), "{plan:#?}");
    Ok(())
}

/// The plan needs the registry, so nothing is done without it.
fn refused(url: &str, properties: &str, kind: &str, says: &[&str], hint: &str) -> Result<()> {
    let outcome = scene(url, properties)?.klerk("apply --yes -o json").run()?;
    ensure!(outcome.status == Some(1) && outcome.took < IN_GOOD_TIME, "{outcome:#?}");
    let document: ErrorDocument = serde_json::from_str(&outcome.stdout)?;
    ensure!(document.error.kind == kind, "{document:#?}");
    for words in says {
        ensure!(document.error.message.contains(words), "{words} is not in {document:#?}");
    }
    ensure!(document.error.hints.join(" ").contains(hint), "{hint} is not in {document:#?}");
    Ok(())
}

#[test]
fn a_registry_with_a_private_authority_serves_whoever_trusts_it() -> Result<()> {
    let certificates = Certificates::new()?;
    let registry = &shared()?.registry;
    let front = |name: &str, options: &FrontOptions<'_>| {
        Front::start(authority(&registry.url())?, certificates.get(name)?, options)
    };
    let open = FrontOptions::default();
    let sound = front("broker", &open)?;
    let trust =
        |path: &std::path::Path| format!("schema.registry.ssl.truststore.location={}\n", path.display());
    let ca = trust(&certificates.ca_pem());
    works(&base(&sound), &ca)?;
    let password = format!("schema.registry.ssl.truststore.password={STORE_PASSWORD}\n");
    works(&base(&sound), &(trust(&certificates.trust_store(Store::Jks)?) + &password))?;

    let signed = "CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk";
    let keys = "schema.registry.ssl.truststore.location";
    refused(&base(&sound), &trust(&certificates.other_ca_pem()), "connect", &[signed, "CN=other-ca"], keys)?;
    refused(&base(&sound), "", "connect", &[signed, "this system trusts"], keys)?;
    refused(&base(&front("expired", &open)?), &ca, "connect", &["expired on 20"], "renew")?;
    refused(
        &base(&front("wrong-host", &open)?),
        &ca,
        "connect",
        &["is not for 127.0.0.1", "kafka.example"],
        "in the address",
    )?;
    let nowhere = trust(&certificates.folder().join("nowhere.jks"));
    refused(&base(&sound), &nowhere, "config", &["nowhere.jks", "cannot be read"], "check the path")?;
    refused(&registry.url().replace("http:", "https:"), &ca, "connect", &["does not speak TLS"], "http://")?;
    refused(&base(&sound).replace("https:", "http:"), &ca, "connect", &["write https://"], "")?;

    let mutual =
        front("broker", &FrontOptions { client_authority: Some(certificates.authority()), ..open.clone() })?;
    let own = |name: &str, store| -> Result<String> {
        let path = certificates.key_store(name, store)?;
        Ok(format!(
            "{ca}schema.registry.ssl.keystore.location={}\nschema.registry.ssl.keystore.password={STORE_PASSWORD}\n",
            path.display()
        ))
    };
    works(&base(&mutual), &own("operator", Store::Pkcs12)?)?;
    works(&base(&mutual), &own("elliptic", Store::Pem)?)?;
    refused(
        &base(&mutual),
        &ca,
        "auth",
        &["wants a certificate of the client"],
        "schema.registry.ssl.keystore.location",
    )?;
    refused(
        &base(&mutual),
        &own("foreign", Store::Pem)?,
        "auth",
        &["refuses the client's certificate CN=foreign"],
        "",
    )
}

#[test]
fn a_registry_with_users_or_a_token_tells_who_is_not_known_from_who_may_not() -> Result<()> {
    let registry = Registry::start_as(
        &RegistryOptions::default().user("admin", &password_of("admin"), Role::Admin).user(
            "reader",
            &password_of("reader"),
            Role::ReadOnly,
        ),
    )?;
    let user = |name: &str, password: &str| {
        format!("basic.auth.credentials.source=USER_INFO\nbasic.auth.user.info={name}:{password}\n")
    };
    works(&registry.url(), &user("admin", &password_of("admin")))?;
    refused(&registry.url(), "", "auth", &["HTTP 401"], "basic.auth.user.info")?;
    refused(&registry.url(), &user("admin", "wrong"), "auth", &["HTTP 401"], "basic.auth.user.info")?;
    // A reader may look, and is refused at the first schema.
    let outcome =
        scene(&registry.url(), &user("reader", &password_of("reader")))?.klerk("apply --yes").run()?;
    ensure!(outcome.status == Some(3), "{outcome:#?}");
    let said = outcome.stdout + &outcome.stderr;
    ensure!(said.contains("403"), "a refusal without its status: {said}");
    ensure!(said.contains("it takes the right to write subject secured-registry"), "{said}");

    let certificates = Certificates::new()?;
    let options = FrontOptions { token: Some(password_of("token")), ..FrontOptions::default() };
    let behind = shared()?.registry.url();
    let front = Front::start(authority(&behind)?, certificates.get("broker")?, &options)?;
    let bearer = |token: &str| {
        format!(
            "schema.registry.ssl.ca.location={}\nbearer.auth.credentials.source=STATIC_TOKEN\nbearer.auth.token={token}\n",
            certificates.ca_pem().display()
        )
    };
    works(&base(&front), &bearer(&password_of("token")))?;
    // Who is known and may not even look gets a plan that cannot be applied, with the reason at the subject.
    let outcome = scene(&base(&front), &bearer("another"))?.klerk("apply --yes").run()?;
    ensure!(outcome.status == Some(1), "{outcome:#?}");
    ensure!((outcome.stdout + &outcome.stderr).contains("HTTP 403"), "a refusal without its status");
    let nobody = format!("schema.registry.ssl.ca.location={}\n", certificates.ca_pem().display());
    refused(&base(&front), &nobody, "auth", &["HTTP 401"], "bearer.auth.token")
}
