//! No secret stands in anything that klerk writes: answers, errors, traces, records, saved plans and exported files are searched for every
//! one that was planted, where things work and where they are refused.

use crate::scene::Scene;
use crate::secured_sasl::{of_endpoint, ways};
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use klerk_testbed::secured::{
    As, Front, FrontOptions, Listener, STORE_PASSWORD, Secured, Store, TokenServer, TokenServerOptions,
    password_of, secured,
};
use klerk_testbed::{Outcome, shared, unique_name};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What every planted secret begins with that a test may choose.
const PLANTED: &str = "pl4nted";
const REGISTRY_PASSWORD: &str = "pl4nted-registry";
const REGISTRY_TOKEN: &str = "pl4nted-bearer";
const USER_PASSWORD: &str = "pl4nted-user";

/// What is given to klerk, and therefore holds secrets.
const INPUTS: [&str; 6] =
    ["client.properties", "config.toml", "topology.yaml", "faulty.yaml", "password", "paid.avsc"];

/// A way to be known to brokers and registry.
struct Setup {
    name: &'static str,
    at: String,
    properties: String,
    /// `config.toml`, with a default context.
    contexts: Option<String>,
}

/// The registry behind TLS: with users, and with a token.
struct Registries {
    users: Front,
    logins: Front,
    token: Front,
}

fn registries(bed: &Secured) -> Result<Registries> {
    let behind = shared()?.registry.url();
    let behind = behind.split('/').nth(2).context("an authority")?;
    let front = |options| Front::start(behind, bed.certificates().get("broker")?, &options);
    let user = |name: &str, password: &str| FrontOptions {
        user: Some((name.to_owned(), password.to_owned())),
        ..FrontOptions::default()
    };
    let token = FrontOptions { token: Some(REGISTRY_TOKEN.to_owned()), ..FrontOptions::default() };
    Ok(Registries {
        users: front(user("reg", REGISTRY_PASSWORD))?,
        logins: front(user("admin", &password_of("admin")))?,
        token: front(token)?,
    })
}

fn registry_lines(bed: &Secured, who: &str, front: &Front) -> String {
    format!(
        "schema.registry.url=https://{who}{}/apis/ccompat/v7\nschema.registry.ssl.ca.location={}\n",
        front.address(),
        bed.ca_pem().display()
    )
}

fn setups(bed: &Secured, folder: &Path, at: &Registries, tokens: &TokenServer) -> Result<Vec<Setup>> {
    let certificates = bed.certificates();
    let stores = format!(
        "ssl.truststore.location={}\nssl.truststore.password={STORE_PASSWORD}\nssl.keystore.location={}\n\
         ssl.keystore.password={STORE_PASSWORD}\nssl.key.password={STORE_PASSWORD}\n",
        certificates.trust_store(Store::Jks)?.display(),
        certificates.key_store("operator", Store::Pkcs12)?.display()
    );
    let scram = bed.properties(Listener::SaslPlaintext, As::Scram512("admin"))?;
    let locked = folder.join("locked.key");
    fs::write(&locked, certificates.get("operator")?.encrypted_key_pem()?)?;
    let password = folder.join("admin-password");
    fs::write(&password, password_of("admin"))?;
    let mut setups = vec![
        Setup {
            name: "SCRAM with Java's stores, and a registry with users",
            at: bed.sasl_ssl(),
            properties: scram.replace("SASL_PLAINTEXT", "SASL_SSL")
                + &stores
                + &registry_lines(bed, "", &at.users)
                + &format!(
                    "basic.auth.credentials.source=USER_INFO\nbasic.auth.user.info=reg:{REGISTRY_PASSWORD}\n"
                ),
            contexts: None,
        },
        Setup {
            name: "tokens of an endpoint, and a registry with a token",
            at: bed.sasl_plaintext(),
            properties: of_endpoint(tokens.url(), "admin", &password_of("admin"))
                + &registry_lines(bed, "", &at.token)
                + &format!(
                    "bearer.auth.credentials.source=STATIC_TOKEN\nbearer.auth.token={REGISTRY_TOKEN}\n"
                ),
            contexts: None,
        },
        Setup {
            name: "a locked key, and a registry whose address holds the password",
            at: bed.mtls(),
            properties: format!(
                "security.protocol=SSL\nssl.truststore.location={}\nssl.certificate.location={}\nssl.key.location={}\n\
                 ssl.key.password={STORE_PASSWORD}\nbasic.auth.credentials.source=URL\n{}",
                bed.ca_pem().display(),
                certificates.pem("operator").display(),
                locked.display(),
                registry_lines(bed, &format!("reg:{REGISTRY_PASSWORD}@"), &at.users)
            ),
            contexts: None,
        },
        Setup {
            name: "a context whose password comes from a command, and serves for the registry",
            at: bed.sasl_plaintext(),
            properties: "basic.auth.credentials.source=SASL_INHERIT\n".to_owned()
                + &registry_lines(bed, "", &at.logins),
            contexts: Some(format!(
                "default = \"here\"\n[contexts.here.client]\nsecurity.protocol = \"SASL_PLAINTEXT\"\n\
                 sasl.mechanism = \"PLAIN\"\nsasl.username = \"admin\"\nsasl.password = {{ command = [\"cat\", \"{}\"] }}\n",
                password.display()
            )),
        },
    ];
    for (name, properties) in ways(bed, folder, tokens)? {
        if name.starts_with("token in a") || name.starts_with("token of a command") {
            let registry =
                registry_lines(bed, "", &at.token) + &format!("bearer.auth.token={REGISTRY_TOKEN}\n");
            let at = bed.sasl_plaintext();
            setups.push(Setup { name, at, properties: properties + &registry, contexts: None });
        }
    }
    Ok(setups)
}

impl Setup {
    /// A folder with these settings, and a topology of everything that there can be.
    fn scene(&self, topic: &str) -> Result<Scene> {
        let scene = Scene::new(&self.at)?.with_properties(&self.properties)?;
        if let Some(contexts) = &self.contexts {
            let folder = scene.home().join("config/klerk");
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("config.toml"), contexts)?;
        }
        scene.write("password", USER_PASSWORD)?;
        scene.write(
            "paid.avsc",
            r#"{"type":"record","name":"n.Paid","fields":[{"name":"id","type":"string"}]}"#,
        )?;
        scene.write(
            "topology.yaml",
            &format!(
                "klerk: 1\ntopics: {{ {topic}: {{ partitions: 1, retention.ms: 1d, value: paid.avsc }} }}\n\
                 access: {{ {topic}: {{ produce: [{topic}] }} }}\nquotas: [{{ user: {topic}, produce: 1MiB/s }}]\n\
                 users: {{ {topic}: {{ scram: SCRAM-SHA-256, password_file: password }} }}\n"
            ),
        )?;
        scene.write(
            "faulty.yaml",
            &format!("klerk: 1\nusers: {{ {topic}: {{ password: {PLANTED}-typed, scram: SCRAM-SHA-1 }} }}\n"),
        )?;
        Ok(scene)
    }
}

/// Each with the status that it ends with.
const LINES: &[(&str, i32)] = &[
    ("config show", 0),
    ("config path", 0),
    ("validate", 0),
    ("validate -f faulty.yaml", 1),
    ("plan --out plan.json", 0),
    ("plan -o markdown", 0),
    ("plan -e nowhere", 64),
    ("apply plan.json --yes --allow opens-access --record record.jsonl", 0),
    ("plan --detailed-exitcode", 0),
    ("apply --rotate-user TOPIC --yes --allow closes-access", 0),
    ("quota list", 0),
    ("user list", 0),
    ("acl list", 0),
    ("export --out out", 0),
    ("export", 0),
    ("cluster status", 0),
    ("cluster configs --all", 0),
    ("cluster moves", 0),
    ("cluster elect --dry-run", 0),
    ("group reset GROUP --topic TOPIC --to-latest --new-group --yes --settle 0s --record reset.jsonl", 0),
    ("group list", 0),
    ("group describe GROUP", 0),
    ("group lag GROUP", 0),
    ("topic truncate TOPIC --to-latest --dry-run", 0),
    ("topic delete TOPIC --dry-run", 0),
    ("history", 0),
    ("undo record.jsonl --dry-run", 0),
    ("plan -X no.such.key=1", 64),
];

/// How many of them show whether a way to be known keeps its secrets.
const SHORT: usize = 10;

/// Everything that is in the folder and was not put there.
fn written(folder: &Path, text: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            written(&path, text)?;
        } else if !INPUTS.iter().any(|input| path.ends_with(input)) {
            writeln!(text, "== {}\n{}", path.display(), String::from_utf8_lossy(&fs::read(&path)?))?;
        }
    }
    Ok(())
}

/// All that must not be found, in every form that it is sent in.
fn secrets(bed: &Secured, folder: &Path) -> Result<BTreeSet<String>> {
    let password = password_of("admin");
    let basic = |user: &str, password: &str| STANDARD.encode(format!("{user}:{password}"));
    let mut secrets = BTreeSet::from([
        PLANTED.to_owned(),
        password.clone(),
        STORE_PASSWORD.to_owned(),
        basic("reg", REGISTRY_PASSWORD),
        basic("admin", &password),
        STANDARD.encode(format!("\0admin\0{password}")),
        // A token is signed anew each time, and always begins alike.
        "eyJhbGciOi".to_owned(),
        "PRIVATE KEY".to_owned(),
        fs::read_to_string(folder.join("token"))?,
    ]);
    for planted in [&password, STORE_PASSWORD, REGISTRY_PASSWORD, REGISTRY_TOKEN, USER_PASSWORD] {
        secrets.insert(STANDARD.encode(planted));
    }
    let key = fs::read_to_string(bed.certificates().key("operator"))?;
    secrets.insert(key.lines().nth(1).context("a key")?.to_owned());
    Ok(secrets)
}

fn found(secrets: &BTreeSet<String>, text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret)));
    lines.map(str::to_owned).collect()
}

#[test]
fn no_secret_is_in_anything_that_klerk_writes() -> Result<()> {
    let bed = secured()?;
    let folder = tempfile::tempdir()?;
    let tokens = TokenServer::start(bed.tokens(), &TokenServerOptions::default())?;
    let registries = registries(bed)?;
    let mut faults = String::new();
    for (number, setup) in setups(bed, folder.path(), &registries, &tokens)?.iter().enumerate() {
        let planted = secrets(bed, folder.path())?;
        ensure!(
            !found(&planted, &setup.properties).is_empty() || setup.contexts.is_some(),
            "nothing planted"
        );
        let lines = if setup.name.starts_with("token ") { &LINES[..SHORT] } else { LINES };
        // The first one says every line in both forms, the others one line in this and the next in that.
        for pass in 0..if number == 0 { 2 } else { 1 } {
            let (topic, group) = (unique_name("secrets"), unique_name("secrets"));
            let scene = setup.scene(&topic)?;
            let mut all = String::new();
            for (place, (line, status)) in lines.iter().enumerate() {
                let line = line.replace("TOPIC", &topic).replace("GROUP", &group);
                let json = (place + pass) % 2 == 0;
                let told =
                    json && !["export", "config path", "plan -o"].iter().any(|no| line.starts_with(no));
                let outcome =
                    scene.klerk(&format!("{line} -vv{}", if told { " -o json" } else { "" })).run()?;
                if outcome.status != Some(*status) {
                    writeln!(faults, "{}: {outcome:#?}", setup.name)?;
                }
                writeln!(all, "== {line}\n{}\n{}", outcome.stdout, outcome.stderr)?;
            }
            written(&scene.path("."), &mut all)?;
            written(scene.home(), &mut all)?;
            for line in found(&planted, &all) {
                writeln!(faults, "{}: a secret stands in: {line}", setup.name)?;
            }
            // What proves that all of it was in use.
            for used in [&format!("{topic}-value"), "\"line\":\"footer\"", "SCRAM-SHA-256"] {
                ensure!(all.contains(used), "{}: {used} is not in what klerk wrote", setup.name);
            }
            ensure!(all.contains("SaslAuthenticate") || setup.at == bed.mtls(), "{}: no login", setup.name);
        }
    }
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}

/// Settings that are refused, and words that stand in the refusal so that it is the one that was meant.
fn refusals(bed: &Secured, folder: &Path, at: &Registries, tokens: &TokenServer) -> Result<Vec<Refusal>> {
    let certificates = bed.certificates();
    let scram = bed.properties(Listener::SaslPlaintext, As::Scram512("admin"))?;
    let good = scram.replace("SASL_PLAINTEXT", "SASL_SSL")
        + &format!("ssl.truststore.location={}\n", bed.ca_pem().display());
    let p12 = certificates.key_store("operator", Store::Pkcs12)?;
    let locked = folder.join("wrongly-locked.key");
    fs::write(&locked, certificates.get("operator")?.encrypted_key_pem()?)?;
    let users = registry_lines(bed, "", &at.users);
    let of = |words, properties: String| Refusal { properties, ..Refusal::new(words, &good) };
    let with = |words, line: &str| Refusal { line: line.to_owned(), ..Refusal::new(words, &good) };
    let module = "org.apache.kafka.common.security.scram.ScramLoginModule";
    let jaas = |text: &str| {
        format!(
            "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config={module} {text}\n"
        )
    };
    Ok(vec![
        of("invalid credentials", good.replace(&password_of("admin"), "pl4nted-login")),
        of(
            "password of the store is not right",
            format!("{good}ssl.keystore.location={}\nssl.keystore.password=pl4nted-store\n", p12.display()),
        ),
        of(
            "password of the store is not right",
            format!(
                "{good}ssl.truststore.location={}\nssl.truststore.password=pl4nted-trust\n",
                certificates.trust_store(Store::Jks)?.display()
            )
            .replace(&format!("ssl.truststore.location={}\n", bed.ca_pem().display()), ""),
        ),
        of(
            "password of the private key is not right",
            format!(
                "{good}ssl.certificate.location={}\nssl.key.location={}\nssl.key.password=pl4nted-key\n",
                certificates.pem("operator").display(),
                locked.display()
            ),
        ),
        of("HTTP 401", format!("{good}{users}basic.auth.user.info=reg:pl4nted-another\n")),
        of(
            "HTTP 403",
            format!("{good}{}bearer.auth.token=pl4nted-another\n", registry_lines(bed, "", &at.token)),
        ),
        of("USER:PASSWORD", format!("{good}{users}basic.auth.user.info=pl4nted\n")),
        of("must not hold a user", good.clone() + &registry_lines(bed, "reg:pl4nted-url@", &at.users)),
        with("must not hold a user", "plan --registry http://reg:pl4nted-flag@127.0.0.1:9"),
        with("-X sasl.password", "plan -X sasl.password=pl4nted-flag"),
        with("no user and no password", "plan -b admin:pl4nted-flag@127.0.0.1:9"),
        of("answers 401", of_endpoint(tokens.url(), "admin", "pl4nted-client")),
        of(
            "token",
            of_endpoint("http://u:pl4nted-url@127.0.0.1:9/token?key=pl4nted", "admin", "pl4nted-client"),
        ),
        of("sasl.jaas.config", jaas("required username=\"admin\" password=\"pl4nted-open;")),
        of("sasl.jaas.config", jaas("required username=\"admin\" pasword=\"pl4nted-typo\";")),
        of("sasl.password", good.clone() + "sasl.username=admin\nsasl.password=pl4nted-other\n"),
        of("sasl.pasword", good.clone() + "sasl.pasword=pl4nted-typo\n"),
        of(
            "ssl.keystore.key",
            format!(
                "{good}ssl.certificate.location={}\nssl.keystore.key=pl4nted-pem\n",
                certificates.pem("operator").display()
            ),
        ),
        Refusal {
            contexts: Some(
                "default = \"here\"\n[contexts.here.client]\nsasl.username = \"admin\"\nsasl.mechanism = \"PLAIN\"\n\
                 security.protocol = \"SASL_PLAINTEXT\"\n\
                 sasl.password = { command = [\"sh\", \"-c\", \"echo pl4nted-said; exit 3\"] }\n",
            ),
            properties: String::new(),
            ..Refusal::new("status: 3", &good)
        },
        Refusal {
            contexts: Some(
                "default = \"here\"\n[contexts.here.client]\nsecurity.protocol = \"SASL_PLAINTEXT\"\n\
                 sasl.mechanism = \"GSSAPI\"\nsasl.username = \"admin\"\nsasl.password = \"pl4nted-typed\"\n",
            ),
            properties: String::new(),
            ..Refusal::new("GSSAPI", &good)
        },
    ])
}

struct Refusal {
    words: &'static str,
    line: String,
    properties: String,
    contexts: Option<&'static str>,
}

impl Refusal {
    fn new(words: &'static str, properties: &str) -> Refusal {
        Refusal { words, line: "plan".to_owned(), properties: properties.to_owned(), contexts: None }
    }

    fn runs(&self, bed: &Secured) -> Result<Vec<Outcome>> {
        let at = if self.properties.contains("SASL_SSL") { bed.sasl_ssl() } else { bed.sasl_plaintext() };
        let setup = Setup {
            name: self.words,
            at,
            properties: self.properties.clone(),
            contexts: self.contexts.map(str::to_owned),
        };
        let scene = setup.scene(&unique_name("secrets.refused"))?;
        let show = self.line.replacen("plan", "config show", 1);
        let lines = [self.line.clone(), format!("{} -o json", self.line), show];
        lines.iter().map(|line| scene.klerk(&format!("{line} -vv")).run()).collect()
    }
}

#[test]
fn no_secret_is_in_a_refusal() -> Result<()> {
    let bed = secured()?;
    let folder = tempfile::tempdir()?;
    let tokens = TokenServer::start(bed.tokens(), &TokenServerOptions::default())?;
    let registries = registries(bed)?;
    ways(bed, folder.path(), &tokens)?;
    let planted = secrets(bed, folder.path())?;
    let mut faults = String::new();
    for refusal in refusals(bed, folder.path(), &registries, &tokens)? {
        for (place, outcome) in refusal.runs(bed)?.iter().enumerate() {
            let said = format!("{}\n{}", outcome.stdout, outcome.stderr);
            // The arguments are the caller's own affair.
            if place < 2 && (outcome.status == Some(0) || !said.contains(refusal.words)) {
                writeln!(faults, "not refused for {}: {outcome:#?}", refusal.words)?;
            }
            for line in found(&planted, &said) {
                writeln!(
                    faults,
                    "{}: a secret stands in what `{}` says: {line}",
                    refusal.words, outcome.line
                )?;
            }
        }
    }
    ensure!(faults.is_empty(), "{faults}");
    Ok(())
}
