//! The secured half of the test bed, seen by Kafka's own tools.

use anyhow::{Context, Result, ensure};
use klerk_testbed::secured::{
    AUDIENCE, As, Listener, STORE_PASSWORD, Secured, Store, TokenServer, TokenServerOptions, password_of,
    secured,
};
use klerk_testbed::{ClusterOptions, Tool, unique_name};
use std::io::{Read, Write};
use std::time::Duration;

fn lists(bed: &Secured, listener: Listener, who: As<'_>) -> Result<String> {
    let said = bed.tool(listener, who, Tool::Topics, &["--list"])?;
    said.checked().with_context(|| format!("{listener:?} as {who:?}"))
}

/// What the tool says when it is refused; it tries for as long as a minute unless told otherwise.
fn refused(bed: &Secured, listener: Listener, who: As<'_>) -> Result<String> {
    let said = bed.tool(listener, who, Tool::Topics, &["--list"])?;
    ensure!(said.status != Some(0), "{listener:?} let {who:?} in: {}", said.stdout);
    Ok(said.stdout + &said.stderr)
}

#[test]
fn kafkas_own_tool_comes_in_by_every_sound_way() -> Result<()> {
    let bed = secured()?;
    let topic = unique_name("bed-secured");
    bed.client().create_topic(&topic, 1, 1, &[])?;
    for (listener, who) in [
        (Listener::SaslPlaintext, As::Plain("admin")),
        (Listener::SaslSsl, As::Scram256("admin")),
        (Listener::SaslSsl, As::Token("admin")),
        (Listener::Reauthenticating, As::Scram512("admin")),
        (Listener::Mtls, As::Certificate("operator")),
    ] {
        let seen = lists(bed, listener, who)?;
        ensure!(seen.lines().any(|line| line == topic), "{listener:?} as {who:?}: {seen}");
    }
    // Who is known and has no rights is let in, and sees nothing.
    for (listener, who) in
        [(Listener::SaslPlaintext, As::Token("alice")), (Listener::Mtls, As::Certificate("elliptic"))]
    {
        ensure!(!lists(bed, listener, who)?.contains(&topic), "{listener:?} shows a topic to {who:?}");
    }
    Ok(())
}

#[test]
fn kafkas_own_tool_is_refused_by_the_others() -> Result<()> {
    let bed = secured()?;
    for (listener, who, why) in [
        (Listener::Expired, As::Nobody, "CertificateExpiredException"),
        (Listener::NotYetValid, As::Nobody, "CertificateNotYetValidException"),
        (Listener::WrongHost, As::Nobody, "No subject alternative names matching IP address 127.0.0.1"),
        (Listener::Mtls, As::Certificate("foreign"), "Received fatal alert"),
    ] {
        let said = refused(bed, listener, who)?;
        ensure!(said.contains(why), "{listener:?} as {who:?}: {said}");
    }
    Ok(())
}

#[test]
fn users_can_be_added_and_all_brokers_of_three_know_them() -> Result<()> {
    let bed = Secured::start(ClusterOptions::three_brokers())?;
    bed.client().create_topic("orders", 3, 3, &[])?;
    bed.add_user("carol")?;
    let acl = ["--add", "--allow-principal", "User:carol", "--operation", "Describe", "--topic", "orders"];
    bed.tool(Listener::Plain, As::Nobody, Tool::Acls, &acl)?.checked()?;
    assert_eq!(lists(&bed, Listener::SaslSsl, As::Scram256("carol"))?.trim(), "orders");
    assert_eq!(bed.at(Listener::Mtls).split(',').count(), 3);
    Ok(())
}

#[test]
fn stores_come_in_every_format() -> Result<()> {
    let certificates = secured()?.certificates();
    for (store, starts) in [
        (Store::Pem, &b"-----BEGIN"[..]),
        (Store::Pkcs12, &[0x30, 0x82]),
        (Store::LegacyPkcs12, &[0x30, 0x82]),
        (Store::Jks, &[0xfe, 0xed, 0xfe, 0xed]),
        (Store::Jceks, &[0xce, 0xce, 0xce, 0xce]),
    ] {
        for path in [certificates.key_store("operator", store)?, certificates.trust_store(store)?] {
            assert!(std::fs::read(&path)?.starts_with(starts), "{}", path.display());
        }
    }
    assert!(!STORE_PASSWORD.is_empty());
    Ok(())
}

#[test]
fn a_token_endpoint_knows_its_clients() -> Result<()> {
    let bed = secured()?;
    let options = TokenServerOptions::default().lifetime(Duration::from_secs(90));
    let server = TokenServer::start(bed.tokens(), &options)?;
    let answer = ask_for_token(server.url(), "alice", &password_of("alice"))?;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#""expires_in":90"#), "{answer}");
    let refused = ask_for_token(server.url(), "alice", "wrong")?;
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("invalid_client"), "{refused}");
    assert_eq!((server.handed_out(), server.requests().len()), (1, 2));
    assert_eq!(AUDIENCE, "kafka");
    Ok(())
}

fn ask_for_token(url: &str, id: &str, secret: &str) -> Result<String> {
    use base64::Engine;
    let authority = url.split('/').nth(2).context("no authority in the address")?;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    let body = "grant_type=client_credentials";
    let mut stream = std::net::TcpStream::connect(authority)?;
    write!(
        stream,
        "POST /token HTTP/1.1\r\nAuthorization: Basic {basic}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
