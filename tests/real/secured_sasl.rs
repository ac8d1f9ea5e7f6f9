//! Logins on a real broker: each mechanism, and each way to be refused.

use crate::documents::ErrorDocument;
use crate::scene::Scene;
use anyhow::{Context, Result, ensure};
use klerk::kafka::{Cluster, ConnectOptions};
use klerk::secure::{Hash, Login, Security};
use klerk_core::values::Secret;
use klerk_testbed::secured::{
    As, Listener, Secured, TokenServer, TokenServerOptions, TokenSigner, password_of, secured,
};
use klerk_testbed::{Outcome, unique_name};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOGIN_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

/// A klerk at the port with logins and no encryption, whose settings are these.
fn scene(secured: &Secured, properties: &str) -> Result<Scene> {
    let scene = Scene::new(&secured.sasl_plaintext())?;
    scene.write("client.properties", properties)?;
    Ok(scene)
}

fn klerk(scene: &Scene, line: &str) -> Result<Outcome> {
    scene.klerk(line).args(["--command-config", "client.properties"]).run()
}

fn oauth(lines: &str) -> String {
    format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n{lines}")
}

pub fn of_endpoint(url: &str, id: &str, secret: &str) -> String {
    oauth(&format!(
        "sasl.jaas.config={LOGIN_MODULE} required clientId=\"{id}\" clientSecret=\"{secret}\";\n\
         sasl.oauthbearer.token.endpoint.url={url}\n"
    ))
}

fn of_file(path: &Path) -> String {
    oauth(&format!(
        "sasl.jaas.config={LOGIN_MODULE} required;\nsasl.oauthbearer.token.endpoint.url=file://{}\n",
        path.display()
    ))
}

fn of_command(command: &str) -> String {
    oauth(&format!("klerk.sasl.oauthbearer.token.command={command}\n"))
}

/// Every way to log in that there is, as the user who may do everything.
pub fn ways(secured: &Secured, folder: &Path, server: &TokenServer) -> Result<Vec<(&'static str, String)>> {
    let token = folder.join("token");
    fs::write(&token, secured.tokens().sign("admin", Duration::from_secs(600))?)?;
    let at = |who| secured.properties(Listener::SaslPlaintext, who);
    Ok(vec![
        ("plain", at(As::Plain("admin"))?),
        ("scram-256", at(As::Scram256("admin"))?),
        ("scram-512", at(As::Scram512("admin"))?),
        ("token in a file", of_file(&token)),
        ("token of an endpoint", of_endpoint(server.url(), "admin", &password_of("admin"))),
        ("token of a command", of_command(&format!("cat {}", token.display()))),
    ])
}

#[test]
fn each_mechanism_plans_and_applies() -> Result<()> {
    let secured = secured()?;
    let folder = tempfile::tempdir()?;
    let server = TokenServer::start(secured.tokens(), &TokenServerOptions::default())?;
    for (way, properties) in ways(secured, folder.path(), &server)? {
        let scene = scene(secured, &properties)?;
        let topic = unique_name("login");
        scene.write("topology.yaml", &format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 1 }} }}\n"))?;
        let outcome = klerk(&scene, "plan --detailed-exitcode")?;
        ensure!(outcome.status == Some(2), "{way}: {outcome:#?}");
        let warnings = outcome.stderr.matches("which encrypts nothing").count();
        ensure!(warnings == 1, "{way}: {warnings} warnings of a login that can be read: {outcome:#?}");
        let outcome = klerk(&scene, "apply --yes")?;
        ensure!(outcome.status == Some(0), "{way}: {outcome:#?}");
        ensure!(secured.client().topics()?.contains_key(&topic), "{way}");
    }
    Ok(())
}

/// The token endpoint has a TLS of its own, and so may the brokers.
#[test]
fn logins_over_tls_with_a_token_over_tls() -> Result<()> {
    let secured = secured()?;
    let certificates = secured.certificates();
    let server = TokenServer::start_tls(
        secured.tokens(),
        &TokenServerOptions::default(),
        certificates.get("broker")?,
    )?;
    let scene = Scene::new(&secured.sasl_ssl())?;
    scene.write("topology.yaml", "klerk: 1\ntopics: {}\n")?;
    let login = |authority: &Path| {
        format!(
            "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location={}\nsasl.mechanism=OAUTHBEARER\n\
             sasl.jaas.config={LOGIN_MODULE} required clientId=\"admin\" clientSecret=\"{}\" \
             ssl.truststore.type=\"PEM\" ssl.truststore.location=\"{}\";\n\
             sasl.oauthbearer.token.endpoint.url={}\n",
            secured.ca_pem().display(),
            password_of("admin"),
            authority.display(),
            server.url()
        )
    };
    scene.write("client.properties", &login(&secured.ca_pem()))?;
    let outcome = klerk(&scene, "plan")?;
    ensure!(outcome.status == Some(0), "{outcome:#?}");
    scene.write("client.properties", &login(&certificates.other_ca_pem()))?;
    let outcome = klerk(&scene, "plan")?;
    ensure!(outcome.status == Some(1) && outcome.stderr.contains("cannot be asked"), "{outcome:#?}");
    for words in
        ["CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk", "other-ca.pem", "https.ca.location"]
    {
        ensure!(outcome.stderr.contains(words), "{words}: {outcome:#?}");
    }
    for who in [As::Plain("admin"), As::Scram256("admin"), As::Scram512("admin"), As::Token("admin")] {
        scene.write("client.properties", &secured.properties(Listener::SaslSsl, who)?)?;
        let outcome = klerk(&scene, "plan")?;
        ensure!(outcome.status == Some(0), "{who:?}: {outcome:#?}");
        ensure!(!outcome.stderr.contains("encrypts nothing"), "{outcome:#?}");
    }
    Ok(())
}

/// A broker that wants a new login after three seconds closes a connection that has none.
#[tokio::test]
async fn a_session_is_renewed_before_it_ends() -> Result<()> {
    let secured = secured()?;
    let mut options = ConnectOptions::new([secured.at(Listener::Reauthenticating)]);
    let password = Secret::new(password_of("admin"));
    let login = Login::Scram { hash: Hash::Sha512, user: "admin".to_owned(), password, token: false };
    options.security = Security { login: Some(login), ..Security::default() };
    let cluster = Cluster::connect(options).await?;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(1000)).await;
        cluster.refresh().await.context("the session ended")?;
    }
    let logins = cluster.meter().counts().handshakes["SaslAuthenticate"].requests;
    ensure!(logins >= 6, "{logins} messages of logins, and two make one");
    Ok(())
}

/// A server of HTTP that gives everybody this answer, as long as the process lives.
fn endpoint(status: &'static str, body: &'static str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 4096];
            // Whoever goes away before its answer is no matter for the others.
            if stream.read(&mut asked).is_err() {
                continue;
            }
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n");
            stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).ok();
        }
    });
    Ok(format!("http://{address}/token"))
}

/// A way to be misconfigured: settings, where to, and what has to be said.
struct Fault {
    what: &'static str,
    properties: String,
    at: String,
    kind: &'static str,
    says: Vec<String>,
}

fn faults(secured: &Secured, folder: &Path, server: &TokenServer) -> Result<Vec<Fault>> {
    let sasl = secured.sasl_plaintext();
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule";
    let scram = "org.apache.kafka.common.security.scram.ScramLoginModule";
    let head = "security.protocol=SASL_PLAINTEXT\n";
    let file = |name: &str, text: &str| -> Result<std::path::PathBuf> {
        let path = folder.join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    let fault = |what, properties: String, kind, says: &[&str]| Fault {
        what,
        properties,
        at: sasl.clone(),
        kind,
        says: says.iter().map(|text| (*text).to_owned()).collect(),
    };
    let hour = Duration::from_secs(3600);
    let expired = secured.tokens().sign_claims(&serde_json::json!({
        "iss": "klerk-testbed", "sub": "admin", "aud": "kafka", "iat": 1000, "exp": 2000
    }))?;
    let foreign = secured.tokens().sign_claims(&serde_json::json!({
        "iss": "klerk-testbed", "sub": "admin", "aud": "somebody-else", "iat": 1000, "exp": 4102444800_u64
    }))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let early = secured.tokens().sign_claims(&serde_json::json!({
        "iss": "klerk-testbed", "sub": "admin", "aud": "kafka", "iat": now + 3600, "nbf": now + 3600, "exp": now + 7200
    }))?;
    let good = file("good", &secured.tokens().sign("admin", hour)?)?;
    Ok(vec![
        fault(
            "a wrong password, by PLAIN",
            format!(
                "{head}sasl.mechanism=PLAIN\nsasl.jaas.config={module} required username=\"admin\" password=\"pl4nted\";\n"
            ),
            "auth",
            &["as 'admin' by PLAIN", "Invalid username or password", "check the user's name and password"],
        ),
        fault(
            "a wrong password, by SCRAM",
            format!(
                "{head}sasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config={scram} required username=\"admin\" password=\"pl4nted\";\n"
            ),
            "auth",
            &["as 'admin' by SCRAM-SHA-256", "invalid credentials", "check the user's name and password"],
        ),
        fault(
            "an unknown user",
            format!(
                "{head}sasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config={scram} required username=\"nobody\" password=\"pl4nted\";\n"
            ),
            "auth",
            &["as 'nobody' by SCRAM-SHA-512", "a user has a password for each SCRAM mechanism"],
        ),
        fault(
            "no name and no password",
            format!("{head}sasl.mechanism=PLAIN\n"),
            "config",
            &["sasl.jaas.config"],
        ),
        Fault {
            at: secured.at(Listener::Reauthenticating),
            ..fault(
                "a mechanism that the listener does not offer",
                secured.properties(Listener::SaslPlaintext, As::Scram256("admin"))?,
                "auth",
                &["SCRAM-SHA-256", "PLAIN, SCRAM-SHA-512"],
            )
        },
        fault("Kerberos", format!("{head}sasl.mechanism=GSSAPI\n"), "config", &["GSSAPI"]),
        Fault {
            at: secured.at(Listener::Plain),
            ..fault(
                "a login where none is taken",
                secured.properties(Listener::SaslPlaintext, As::Plain("admin"))?,
                "auth",
                &["takes no SASL login", "security.protocol"],
            )
        },
        fault(
            "no login where one is wanted",
            "security.protocol=PLAINTEXT\n".to_owned(),
            "auth",
            &["expects a SASL login by", "SCRAM-SHA-512", "sasl.jaas.config"],
        ),
        Fault {
            at: secured.sasl_ssl(),
            ..fault(
                "a login in plain text where TLS is wanted",
                secured.properties(Listener::SaslPlaintext, As::Plain("admin"))?,
                "connect",
                &["expects TLS"],
            )
        },
        fault("an expired token", of_file(&file("expired", &expired)?), "auth", &["expired at 1970-01-01"]),
        fault(
            "a token for somebody else",
            of_file(&file("foreign", &foreign)?),
            "auth",
            &["refuses the token", "audience"],
        ),
        fault("an empty token file", of_file(&file("empty", "\n")?), "auth", &["it is empty"]),
        fault(
            "no token file",
            of_file(&folder.join("absent")),
            "auth",
            &["absent cannot be read", "check the path"],
        ),
        fault(
            "a token file with something else",
            of_file(&file("html", "<html> pl4nted </html>")?),
            "auth",
            &["holds no token"],
        ),
        fault(
            "a token command that fails",
            of_command("sh -c \"echo log in first >&2; exit 7\""),
            "auth",
            &["status 7", "wrote 12 characters to standard error", "run the command by hand"],
        ),
        fault(
            "a token command that is not there",
            of_command("/nowhere/token"),
            "auth",
            &["'/nowhere/token' cannot be run"],
        ),
        fault(
            "a token endpoint that refuses",
            of_endpoint(server.url(), "admin", "pl4nted"),
            "auth",
            &["answers 401", "invalid_client", "check the client's id and secret"],
        ),
        fault(
            "a token endpoint that is not there",
            of_endpoint("http://127.0.0.1:9/token", "admin", "pl4nted"),
            "auth",
            &["http://127.0.0.1:9/token cannot be asked"],
        ),
        fault(
            "a wrong path at the token endpoint",
            of_endpoint(&format!("{}s", server.url()), "admin", &password_of("admin")),
            "auth",
            &["answers 404", "sasl.oauthbearer.token.endpoint.url"],
        ),
        fault(
            "a token endpoint that answers with a page for people",
            of_endpoint(
                &endpoint("200 OK", "<html><title>Log in pl4nted</title></html>")?,
                "admin",
                "pl4nted",
            ),
            "auth",
            &["http://127.0.0.1"],
        ),
        fault(
            "a token endpoint that answers with nothing",
            of_endpoint(&endpoint("200 OK", "")?, "admin", "pl4nted"),
            "auth",
            &["http://127.0.0.1"],
        ),
        fault(
            "a token endpoint that is out of order",
            of_endpoint(&endpoint("503 Service Unavailable", "")?, "admin", "pl4nted"),
            "auth",
            &["answers 503"],
        ),
        fault(
            "a token that is signed by somebody else",
            of_file(&file("forged", &TokenSigner::new()?.sign("admin", hour)?)?),
            "auth",
            &["refuses the token"],
        ),
        fault("a token of a clock that is ahead", of_file(&file("early", &early)?), "auth", &["token"]),
        fault(
            "an extension that cannot be sent",
            oauth(&format!(
                "sasl.jaas.config={LOGIN_MODULE} required extension_a1=\"x\";\nsasl.oauthbearer.token.endpoint.url=file://{}\n",
                good.display()
            )),
            "auth",
            &["a1"],
        ),
    ])
}

#[test]
fn each_fault_of_a_login_is_named_with_its_cause_and_a_fix() -> Result<()> {
    let secured = secured()?;
    let folder = tempfile::tempdir()?;
    let server = TokenServer::start(secured.tokens(), &TokenServerOptions::default())?;
    // Other tests make topics of their own on the same brokers meanwhile.
    let wanted = unique_name("never.made");
    let mut wrong = String::new();
    for fault in faults(secured, folder.path(), &server)? {
        let scene = scene(secured, &fault.properties)?;
        scene.write("topology.yaml", &format!("klerk: 1\ntopics: {{ {wanted}: {{ partitions: 1 }} }}\n"))?;
        let outcome = klerk(&scene, &format!("apply --yes -b {} -o json", fault.at))?;
        let told: Result<ErrorDocument, _> = serde_json::from_str(&outcome.stdout);
        let all = format!("{}{}", outcome.stdout, outcome.stderr);
        let kind = told.as_ref().map(|document| document.error.kind.clone()).unwrap_or_default();
        let hints = told.as_ref().map(|document| document.error.hints.len()).unwrap_or_default();
        let quick = outcome.took < Duration::from_secs(20);
        let silent = fault.says.iter().filter(|text| !all.contains(*text)).collect::<Vec<_>>();
        if outcome.status != Some(1)
            || kind != fault.kind
            || hints == 0
            || !quick
            || !silent.is_empty()
            || all.contains("pl4nted")
        {
            wrong.push_str(&format!(
                "{}: kind {kind}, {hints} hints, not said {silent:?}: {outcome:#?}\n",
                fault.what
            ));
        }
    }
    ensure!(wrong.is_empty(), "{wrong}");
    ensure!(!secured.client().topics()?.contains_key(&wanted), "something was changed");
    Ok(())
}
