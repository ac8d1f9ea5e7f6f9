//! TLS with real brokers: each way to get it wrong has its own words, and what is right works in every form that it comes in.

use crate::documents::{ErrorDocument, Plan};
use crate::scene::{Scene, document, finishes};
use anyhow::{Context, Result, ensure};
use klerk::kafka::{Cluster, ConnectError, ConnectOptions};
use klerk::secure::{Material, Security, Tls, TlsFailure, Trust};
use klerk_testbed::secured::{
    As, Certificates, Listener, STORE_PASSWORD, Secured, Store, TokenServer, TokenServerOptions, secured,
};
use klerk_testbed::{ClusterOptions, unique_name};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A machine that is busy with other tests is slow without the connection being so.
const IN_GOOD_TIME: Duration = Duration::from_secs(15);

fn scene(bootstrap: &str, properties: &str, topic: &str) -> Result<Scene> {
    let scene = Scene::new(bootstrap)?.with_properties(properties)?;
    scene.write("topology.yaml", &format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 1 }} }}\n"))?;
    Ok(scene)
}

fn trusting(path: &Path) -> String {
    format!("security.protocol=SSL\nssl.truststore.location={}\n", path.display())
}

fn store(path: &Path) -> String {
    format!("ssl.keystore.location={}\n", path.display())
}

fn apart(certificate: &Path, key: &Path) -> String {
    format!("ssl.certificate.location={}\nssl.key.location={}\n", certificate.display(), key.display())
}

const PASSWORD: &str = "ssl.keystore.password=";

fn written(certificates: &Certificates, name: &str, contents: &[u8]) -> Result<PathBuf> {
    let path = certificates.folder().join(unique_name(name));
    std::fs::write(&path, contents)?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(path)
}

/// A way to get it wrong: where to, what stands in the settings, the kind of the error, and words of the message and of the hints.
struct Wrong {
    bootstrap: String,
    properties: String,
    kind: &'static str,
    says: Vec<String>,
    hints: &'static str,
}

impl Wrong {
    fn check(&self, topic: &str) -> Result<()> {
        let scene = scene(&self.bootstrap, &self.properties, topic)?;
        let outcome = scene.klerk("apply --yes -o json").run()?;
        ensure!(outcome.status == Some(1) && outcome.took < IN_GOOD_TIME, "{outcome:#?}");
        let document: ErrorDocument = serde_json::from_str(&outcome.stdout)?;
        ensure!(document.error.kind == self.kind, "{document:#?}");
        for words in &self.says {
            ensure!(document.error.message.contains(words), "{words} is not in {document:#?}");
        }
        ensure!(document.error.hints.join(" ").contains(self.hints), "{document:#?}");
        ensure!(!outcome.stdout.contains(STORE_PASSWORD), "{document:#?}");
        Ok(())
    }
}

#[test]
fn every_server_that_is_not_what_it_should_be_is_told_apart() -> Result<()> {
    let bed = secured()?;
    let certificates = bed.certificates();
    let topic = unique_name("tls-wrong-server");
    let web = TokenServer::start(bed.tokens(), &TokenServerOptions::default())?;
    let web = web.url().split('/').nth(2).context("an authority")?.to_owned();
    let ca = trusting(&bed.ca_pem());
    let to = |listener, properties: &str, kind, says: &[&str], hints| Wrong {
        bootstrap: bed.at(listener),
        properties: properties.to_owned(),
        kind,
        says: says.iter().map(|words| (*words).to_owned()).chain([bed.at(listener)]).collect(),
        hints,
    };
    let signed = "CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk";
    let other_ca = trusting(&certificates.other_ca_pem());
    let new = "ssl.enabled.protocols=TLSv1.3\n".to_owned();
    let rows = [
        to(Listener::Ssl, &other_ca, "connect", &[signed, "CN=other-ca,O=klerk"], "ssl.truststore.location"),
        to(
            Listener::Ssl,
            "security.protocol=SSL\n",
            "connect",
            &[signed, "this system trusts"],
            "ssl.ca.location",
        ),
        to(Listener::Expired, &ca, "connect", &["expired on 20", "CN=expired,O=klerk"], "renew"),
        to(Listener::NotYetValid, &ca, "connect", &["good only from 20", "CN=future"], "clock"),
        to(
            Listener::WrongHost,
            &ca,
            "connect",
            &["is not for 127.0.0.1", "kafka.example, 10.0.0.9"],
            "advertised.listeners",
        ),
        to(Listener::Plain, &ca, "connect", &["one without TLS"], "security.protocol=PLAINTEXT"),
        to(Listener::SaslPlaintext, &ca, "connect", &["one without TLS"], "SASL_PLAINTEXT"),
        to(Listener::Ssl, "", "connect", &["expects TLS"], "security.protocol=SSL"),
        to(
            Listener::MtlsOld,
            &(ca.clone() + &new),
            "connect",
            &["protocol_version"],
            "ssl.enabled.protocols",
        ),
        Wrong {
            bootstrap: web.clone(),
            properties: ca.clone(),
            kind: "connect",
            says: vec![web, "HTTP".to_owned()],
            hints: "web server",
        },
    ];
    for row in rows {
        row.check(&topic)?;
    }
    ensure!(!bed.client().topics()?.contains_key(&topic), "something was changed");
    Ok(())
}

#[test]
fn a_client_certificate_that_is_missing_or_refused_is_told() -> Result<()> {
    let bed = secured()?;
    let certificates = bed.certificates();
    let topic = unique_name("tls-wrong-client");
    let ca = trusting(&bed.ca_pem());
    for listener in [Listener::Mtls, Listener::MtlsOld] {
        for (name, says, hints) in [
            (None, "wants a certificate of the client, and none is set", "ssl.keystore.location"),
            (
                Some("foreign"),
                "refuses the client's certificate CN=foreign,O=klerk, signed by CN=other-ca,O=klerk",
                "authority",
            ),
            (Some("expired"), "refuses the client's certificate CN=expired,O=klerk", "it expired on 20"),
        ] {
            let own = name.map(|name| certificates.key_store(name, Store::Pem)).transpose()?;
            let own = own.map(|path| store(&path)).unwrap_or_default();
            Wrong {
                bootstrap: bed.at(listener),
                properties: ca.clone() + &own,
                kind: "auth",
                says: vec![says.to_owned()],
                hints,
            }
            .check(&topic)
            .with_context(|| format!("{name:?} at {listener:?}"))?;
        }
    }
    ensure!(!bed.client().topics()?.contains_key(&topic), "something was changed");
    Ok(())
}

#[test]
fn stores_that_cannot_be_used_are_named_before_anybody_is_asked() -> Result<()> {
    let bed = secured()?;
    let certificates = bed.certificates();
    let topic = unique_name("tls-wrong-store");
    let ca = trusting(&bed.ca_pem());
    let p12 = certificates.key_store("operator", Store::Pkcs12)?;
    let jks = certificates.key_store("operator", Store::Jks)?;
    let trust_jks = certificates.trust_store(Store::Jks)?;
    let jceks = certificates.trust_store(Store::Jceks)?;
    let legacy = certificates.key_store("operator", Store::LegacyPkcs12)?;
    // A name says nothing of what is in a file.
    let misnamed = written(certificates, "really-jks.p12", &std::fs::read(&trust_jks)?)?;
    let empty = written(certificates, "empty.pem", b"")?;
    let locked =
        written(certificates, "locked.key", certificates.get("operator")?.encrypted_key_pem()?.as_bytes())?;
    let nowhere = certificates.folder().join("nowhere.jks");
    let pem = certificates.pem("operator");
    let wrong = format!("{PASSWORD}wrong\n");
    let trust_wrong = "ssl.truststore.password=wrong\n".to_owned();
    let row = |properties: String, place: &Path, says: &str, hints| Wrong {
        bootstrap: bed.mtls(),
        properties,
        kind: "config",
        says: vec![place.display().to_string(), says.to_owned()],
        hints,
    };
    let rows = [
        row(trusting(&nowhere), &nowhere, "cannot be read: No such file", "check the path"),
        row(
            trusting(certificates.folder()),
            certificates.folder(),
            "is a folder, and no certificate in it has a name by which OpenSSL finds it",
            "openssl rehash",
        ),
        row(trusting(&empty), &empty, "is empty", "PEM, PKCS#12 or JKS"),
        row(trusting(&jceks), &jceks, "JCEKS", "keytool -importkeystore"),
        row(
            trusting(&certificates.key("operator")),
            &certificates.key("operator"),
            "holds no certificate",
            "authority",
        ),
        row(
            trusting(&trust_jks) + &trust_wrong,
            &trust_jks,
            "password of the store is not right",
            "ssl.truststore.password",
        ),
        row(
            trusting(&misnamed) + &trust_wrong,
            &misnamed,
            "password of the store is not right",
            "keytool -list",
        ),
        row(
            ca.clone() + &store(&p12) + &wrong,
            &p12,
            "password of the store is not right",
            "ssl.keystore.password",
        ),
        row(
            ca.clone() + &store(&p12),
            &p12,
            "protected by a password, and none is set",
            "ssl.keystore.password",
        ),
        row(
            ca.clone() + &store(&legacy) + &wrong,
            &legacy,
            "password of the store is not right",
            "ssl.keystore.password",
        ),
        row(
            ca.clone() + &store(&jks) + &wrong,
            &jks,
            "password of the store is not right",
            "ssl.keystore.password",
        ),
        row(
            ca.clone() + &store(&jks) + &format!("{PASSWORD}{STORE_PASSWORD}\nssl.key.password=wrong\n"),
            &jks,
            "password of the private key is not right",
            "ssl.key.password",
        ),
        row(ca.clone() + &store(&pem), &pem, "holds no private key", "same file"),
        row(
            ca.clone() + &apart(&pem, &certificates.key("alice")),
            &certificates.key("alice"),
            "does not belong to the certificate CN=operator,O=klerk",
            "the key that the certificate was asked for with",
        ),
        row(
            ca.clone() + &apart(&pem, &locked),
            &locked,
            "encrypted, and no password is set",
            "ssl.key.password",
        ),
        row(
            ca + &apart(&pem, &locked) + "ssl.key.password=wrong\n",
            &locked,
            "password of the private key is not right",
            "ssl.key.password",
        ),
    ];
    for row in rows {
        row.check(&topic)?;
    }
    Ok(())
}

#[test]
fn stores_are_read_in_every_form_that_java_and_openssl_write() -> Result<()> {
    let bed = secured()?;
    let certificates = bed.certificates();
    let password = format!("{PASSWORD}{STORE_PASSWORD}\n");
    let trust_password = format!("ssl.truststore.password={STORE_PASSWORD}\n");
    let locked = written(
        certificates,
        "operator-locked.key",
        certificates.get("operator")?.traditional_key_pem()?.as_bytes(),
    )?;
    let jks = certificates.key_store("operator", Store::Jks)?;
    let misnamed = written(certificates, "operator-really-jks.p12", &std::fs::read(jks)?)?;
    let mut rows = vec![
        trusting(&certificates.trust_store(Store::Jks)?) + &store(&misnamed) + &password,
        trusting(&bed.ca_pem())
            + &apart(&certificates.pem("operator"), &locked)
            + &format!("ssl.key.password={STORE_PASSWORD}\n"),
        trusting(&bed.ca_pem()) + &store(&certificates.key_store("elliptic", Store::Pem)?),
        bed.properties(Listener::Mtls, As::Certificate("operator"))?,
    ];
    for form in [Store::Pem, Store::Pkcs12, Store::LegacyPkcs12, Store::Jks] {
        let secrets = if form == Store::Pem { String::new() } else { trust_password.clone() + &password };
        let trust = trusting(&certificates.trust_store(form)?);
        rows.push(trust + &store(&certificates.key_store("operator", form)?) + &secrets);
    }
    for properties in rows {
        let scene = scene(&bed.mtls(), &properties, "unused")?;
        let outcome = scene.klerk("group list -o json").run()?;
        ensure!(outcome.status == Some(0), "{outcome:#?}\n{properties}");
    }
    Ok(())
}

#[test]
fn what_is_unwise_about_a_store_is_told_once() -> Result<()> {
    let bed = secured()?;
    let certificates = bed.certificates();
    let legacy = certificates.key_store("operator", Store::LegacyPkcs12)?;
    let trust = certificates.trust_store(Store::LegacyPkcs12)?;
    let both = certificates.get("operator")?.key_pem()?
        + &certificates.get("operator")?.chain_pem()?
        + &certificates.get("alice")?.key_pem()?;
    let both = written(certificates, "two-keys.pem", both.as_bytes())?;
    let old = trusting(&trust)
        + &format!("ssl.truststore.password={STORE_PASSWORD}\n")
        + &store(&legacy)
        + &format!("{PASSWORD}{STORE_PASSWORD}\n");
    let two = trusting(&bed.ca_pem()) + &store(&both);
    let says = "is protected by ciphers that are no longer safe (RC2 or DES)";
    for (properties, wanted) in [
        (old, vec![format!("{} {says}", trust.display()), format!("{} {says}", legacy.display())]),
        (two, vec![format!("{} holds more than one key; the first one is used", both.display())]),
        (trusting(&bed.ca_pem()) + &store(&certificates.key_store("operator", Store::Pem)?), Vec::new()),
    ] {
        for line in ["group list", "group list -o json", "plan -q"] {
            let outcome = scene(&bed.mtls(), &properties, "unused")?.klerk(line).run()?;
            ensure!(outcome.status == Some(0), "{outcome:#?}");
            let warnings = outcome.stderr.lines().filter(|line| line.starts_with("warning: ")).count();
            ensure!(warnings == wanted.len(), "{outcome:#?}");
            ensure!(wanted.iter().all(|words| outcome.stderr.contains(words)), "{wanted:?}: {outcome:#?}");
        }
    }
    Ok(())
}

#[test]
fn the_main_job_is_done_over_mutual_tls_with_all_brokers() -> Result<()> {
    let bed = Secured::start(ClusterOptions::three_brokers().fast_failure())?;
    for listener in [Listener::Mtls, Listener::MtlsOld] {
        let topic = unique_name("tls-main-job");
        let scene =
            scene(&bed.at(listener), &bed.properties(listener, As::Certificate("operator"))?, &topic)?;
        scene.write(
            "topology.yaml",
            &format!(
                "klerk: 1\ntopics: {{ {topic}: {{ partitions: 6, replication: 3, retention.ms: 1h }} }}\n"
            ),
        )?;
        let plan: Plan = scene.json("plan", 0)?;
        assert_eq!(plan.steps.len(), 1);
        finishes(&scene)?;
        assert_eq!(bed.client().topics()?.get(&topic), Some(&6));
        // It asks every broker for something.
        bed.client().commit_offsets(&format!("{topic}-readers"), &[(&topic, 0, 0)])?;
        let lag: serde_json::Value = document(scene.klerk("group lag -o json").run()?, 0)?;
        ensure!(lag.to_string().contains(&topic), "{lag}");
        bed.cluster.kill(3)?;
        bed.cluster.await_brokers(2)?;
        scene.klerk("plan --detailed-exitcode").run()?.expect_status(0)?;
        bed.cluster.start_broker(3)?;
    }
    Ok(())
}

/// With TLS 1.3 a refusal comes after the handshake, and may meet the first request on its way.
#[test]
fn no_refusal_of_a_client_is_lost() -> Result<()> {
    let bed = secured()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let store = Material::File(bed.ca_pem());
    let tls = Tls { trust: Trust::Only { store, password: None }, ..Tls::default() };
    for turn in 0..60 {
        let mut options = ConnectOptions::new([bed.mtls()]);
        options.security = Security { tls: Some(tls.clone()), login: None };
        let refused = runtime.block_on(Cluster::connect(options));
        let Err(ConnectError::Tls { failure: TlsFailure::Alert(alert), .. }) = refused else {
            anyhow::bail!("turn {turn}: {refused:?}");
        };
        ensure!(matches!(alert.number, 42 | 116), "turn {turn}: {alert}");
    }
    Ok(())
}
