//! Logins, at brokers that take them, refuse them, or are none.

use super::fake::{self, Act, FakeBroker, Seen, port};
use crate::kafka::{Address, Cluster, ConnectError, ConnectOptions, LoginError, Retry, To};
use crate::secure::{Hash, Login, Material, OauthClient, Security, Tls, TokenSource, Trust};
use bytes::Bytes;
use kafka_protocol::messages::{
    DescribeClusterRequest, DescribeClusterResponse, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::Secret;
use klerk_testbed::secured::{Certificates, TokenServer, TokenServerOptions, TokenSigner};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PASSWORD: &str = "pl4nted-passw0rd";

fn plain() -> Login {
    Login::Plain { user: "ops".to_owned(), password: Secret::new(PASSWORD) }
}

fn scram() -> Login {
    Login::Scram { hash: Hash::Sha512, user: "ops".to_owned(), password: Secret::new(PASSWORD), token: false }
}

fn bearer(source: TokenSource) -> Login {
    Login::Oauth { source, extensions: Vec::new() }
}

fn options(servers: &[&Address], login: Login) -> ConnectOptions {
    let security = Security { login: Some(login), ..Security::default() };
    ConnectOptions { security, ..fake::options(servers) }
}

async fn log_in(servers: &[&Address], login: Login) -> Result<Cluster, ConnectError> {
    Cluster::connect(options(servers, login)).await
}

/// The error of a login, its words and hints with the port made a word.
async fn refused(broker: &FakeBroker, login: Login) -> (LoginError, String) {
    refused_with(broker, options(&[&broker.address], login)).await
}

async fn refused_with(broker: &FakeBroker, options: ConnectOptions) -> (LoginError, String) {
    let error = Cluster::connect(options).await.expect_err("no login");
    assert!(!format!("{error} {error:?} {:?}", error.hints()).contains(PASSWORD));
    let text = [error.to_string()].into_iter().chain(error.hints()).collect::<Vec<_>>().join("\n");
    let ConnectError::Login { fault, .. } = error else { panic!("{error:?}") };
    (*fault, text.replace(&broker.address.port.to_string(), "PORT"))
}

/// A broker that takes the handshake and answers the message of a login.
async fn broker(judge: impl Fn(&[u8]) -> SaslAuthenticateResponse + Send + Sync + 'static) -> FakeBroker {
    FakeBroker::start(move |seen| {
        if seen.is::<SaslHandshakeRequest>() {
            return Some(seen.answer(&SaslHandshakeResponse::default()));
        }
        if seen.is::<DescribeClusterRequest>() {
            return Some(seen.answer(&DescribeClusterResponse::default()));
        }
        let said = said(seen)?;
        Some(seen.answer(&judge(&said)))
    })
    .await
}

fn said(seen: &Seen) -> Option<Bytes> {
    seen.is::<SaslAuthenticateRequest>().then(|| seen.read::<SaslAuthenticateRequest>().auth_bytes)
}

fn saying(bytes: &'static [u8]) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default().with_auth_bytes(Bytes::from_static(bytes))
}

fn no(message: &'static str) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default()
        .with_error_code(58)
        .with_error_message(Some(StrBytes::from_static_str(message)))
}

fn handshake(code: i16, offers: &'static [&'static str]) -> impl Fn(&Seen) -> Option<Act> {
    move |seen| {
        let offers = offers.iter().map(|name| StrBytes::from_static_str(name)).collect();
        let answer = SaslHandshakeResponse::default().with_error_code(code).with_mechanisms(offers);
        seen.is::<SaslHandshakeRequest>().then(|| seen.answer(&answer))
    }
}

#[tokio::test]
async fn a_login_comes_before_every_other_request() {
    let broker = broker(|said| {
        assert_eq!(said, format!("\0ops\0{PASSWORD}").as_bytes());
        saying(b"")
    })
    .await;
    let cluster = log_in(&[&broker.address], plain()).await.expect("logs in");
    assert_eq!(*broker.seen.lock().expect("unpoisoned"), [18, 17, 36, 3]);
    let counts = cluster.meter().counts();
    assert_eq!((counts.total(), counts.handshakes["SaslAuthenticate"].requests), (1, 1));
}

#[tokio::test]
async fn a_session_that_ends_is_followed_by_a_login_on_a_new_connection() {
    let broker = broker(|_| saying(b"").with_session_lifetime_ms(1_200)).await;
    let cluster = log_in(&[&broker.address], plain()).await.expect("logs in");
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        cluster.call(To::Any, Retry::Safe, |_| DescribeClusterRequest::default()).await.expect("answered");
    }
    assert_eq!(broker.requests(36), 4, "one login each time");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let judge = |_: &[u8]| no("Authentication failed: Invalid username or password");
    let (one, other) = (broker(judge).await, broker(judge).await);
    let error = log_in(&[&one.address, &other.address], plain()).await.expect_err("refused");
    assert!(error.is_verdict_on_login());
    assert_eq!(one.requests(36) + other.requests(36), 1);
    let (fault, text) = refused(&one, plain()).await;
    assert_eq!(fault.code(), Some(58));
    insta::assert_snapshot!(text, @r"
    127.0.0.1:PORT: the broker refuses the login as 'ops' by PLAIN: Authentication failed: Invalid username or password
    check the user's name and password: a broker does not say which of the two is wrong
    no other server was asked, so that a wrong password locks nobody out
    ");
}

/// A broker that takes its time must not make the others ask for the same password meanwhile.
#[tokio::test]
async fn a_slow_verdict_is_waited_for() {
    let judge = |_: &[u8]| {
        std::thread::sleep(Duration::from_millis(350));
        no("Authentication failed")
    };
    let (one, other) = (broker(judge).await, broker(judge).await);
    log_in(&[&one.address, &other.address], plain()).await.expect_err("refused");
    assert_eq!(one.requests(36) + other.requests(36), 1);
}

#[tokio::test]
async fn a_broker_that_breaks_off_leaves_the_login_to_the_next() {
    let broken = FakeBroker::start(handshake_then_close).await;
    let good = broker(|_| saying(b"")).await;
    log_in(&[&broken.address, &good.address], plain()).await.expect("logs in");
    let (_, text) = refused(&broken, plain()).await;
    insta::assert_snapshot!(text, @r"
    127.0.0.1:PORT: the connection ended on SaslAuthenticate of the login as 'ops' by PLAIN: the server closed it
    the broker's log says why it closes connections
    ");
}

fn handshake_then_close(seen: &Seen) -> Option<Act> {
    let answer = SaslHandshakeResponse::default();
    if seen.is::<SaslHandshakeRequest>() {
        return Some(seen.answer(&answer));
    }
    seen.is::<SaslAuthenticateRequest>().then_some(Act::Close)
}

#[tokio::test]
async fn a_mechanism_that_is_not_there() {
    let broker = FakeBroker::start(handshake(33, &["PLAIN", "SCRAM-SHA-512"])).await;
    let login =
        Login::Scram { hash: Hash::Sha256, user: "ops".into(), password: Secret::new("x"), token: false };
    insta::assert_snapshot!(refused(&broker, login).await.1, @r"
    127.0.0.1:PORT: the port does not take logins by SCRAM-SHA-256; it offers PLAIN, SCRAM-SHA-512
    set sasl.mechanism to one of PLAIN, SCRAM-SHA-512
    ");
}

#[tokio::test]
async fn a_port_without_logins() {
    let broker = FakeBroker::start(handshake(34, &[])).await;
    insta::assert_snapshot!(refused(&broker, plain()).await.1, @r"
    127.0.0.1:PORT: the port takes no SASL login, and one as 'ops' by PLAIN was to be made
    set security.protocol to PLAINTEXT or SSL for this port, or name the port of a SASL listener
    ");
}

#[tokio::test]
async fn a_port_that_wants_a_login_says_which() {
    let broker = FakeBroker::start(|seen| {
        let closes = seen.is::<kafka_protocol::messages::MetadataRequest>();
        closes.then_some(Act::Close).or_else(|| handshake(33, &["OAUTHBEARER", "PLAIN"])(seen))
    })
    .await;
    let error = fake::connect(&[&broker.address]).await.expect_err("no login");
    let text = error.to_string().replace(&broker.address.port.to_string(), "PORT");
    insta::assert_snapshot!(text, @"127.0.0.1:PORT: the broker answers ApiVersions and closes the connection on Metadata: the port expects a SASL login by OAUTHBEARER or PLAIN");
}

#[tokio::test]
async fn a_broker_that_says_nothing() {
    let broker = FakeBroker::start(|seen| {
        handshake(0, &[])(seen).or_else(|| seen.is::<SaslAuthenticateRequest>().then_some(Act::Silence))
    })
    .await;
    let options = options(&[&broker.address], plain());
    let options = ConnectOptions { request_timeout: Duration::from_millis(1_500), ..options };
    let (fault, _) = refused_with(&broker, options).await;
    assert!(matches!(fault, LoginError::Silent { api: "SaslAuthenticate", .. }), "{fault:?}");
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_spoken_to() {
    let broker = broker(|said| {
        let said = String::from_utf8_lossy(said);
        match said.strip_prefix("n,,n=ops,r=") {
            Some(nonce) => SaslAuthenticateResponse::default()
                .with_auth_bytes(format!("r={nonce}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").into()),
            None => saying(b"v=AAAA"),
        }
    })
    .await;
    let (_, text) = refused(&broker, scram()).await;
    insta::assert_snapshot!(text, @r"
    127.0.0.1:PORT: the server's part of the login as 'ops' by SCRAM-SHA-512 is not as it should be: it does not prove that it knows the password, so it is not the server that the password is for
    check that the address is your broker's: something else may stand between here and there
    ");
    assert_eq!(broker.requests(3), 0);
}

#[tokio::test]
async fn a_refused_token_is_told_in_the_words_of_the_broker() {
    let broker = broker(|said| match said {
        b"\x01" => no(r#"{"status":"invalid_token","scope":"kafka","openid-configuration":"https://id"}"#),
        _ => saying(br#"{"status":"invalid_token","scope":"kafka","openid-configuration":"https://id"}"#),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    std::fs::write(&path, PASSWORD).expect("written");
    let (_, text) = refused(&broker, bearer(TokenSource::File(path))).await;
    insta::assert_snapshot!(text, @r"
    127.0.0.1:PORT: the broker refuses the token: invalid_token
    check that the broker trusts the token's issuer, and expects its audience and its scope
    the broker asks for scope 'kafka'
    compare this machine's clock with the broker's
    ");
    assert_eq!(broker.requests(36), 2, "the exchange is ended as RFC 7628 has it");
}

/// A token endpoint that answers as it is told.
async fn endpoint(answer: &'static str, seen: std::sync::Arc<std::sync::Mutex<String>>) -> Address {
    port(move |mut stream| {
        let seen = std::sync::Arc::clone(&seen);
        async move {
            let (mut read, mut said) = (vec![0; 4096], String::new());
            while !said.contains("scope=kafka+read") {
                let Ok(length @ 1..) = stream.read(&mut read).await else { break };
                said.push_str(&String::from_utf8_lossy(&read[..length]));
            }
            seen.lock().expect("unpoisoned").push_str(&said);
            let _sent = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

fn client(address: &Address) -> Box<OauthClient> {
    Box::new(OauthClient {
        endpoint: format!("http://{address}/token?tenant=7"),
        id: "klerk".to_owned(),
        secret: Secret::new(PASSWORD),
        scope: Some("kafka read".to_owned()),
        encode: false,
        tls: Tls::default(),
    })
}

#[tokio::test]
async fn a_token_comes_from_an_endpoint_once_for_all_connections() {
    let seen = std::sync::Arc::default();
    let body = "HTTP/1.1 200 OK\r\nContent-Length: 41\r\nConnection: close\r\n\r\n{\"access_token\":\"t0ken\",\"expires_in\":300}";
    let address = endpoint(body, std::sync::Arc::clone(&seen)).await;
    let broker = broker(|said| {
        assert_eq!(said, b"n,,\x01auth=Bearer t0ken\x01\x01");
        saying(b"")
    })
    .await;
    let options = options(&[&broker.address], bearer(TokenSource::Client(client(&address))));
    Cluster::connect(options.clone()).await.expect("logs in");
    Cluster::connect(options).await.expect("logs in");
    let request = seen.lock().expect("unpoisoned").to_lowercase();
    assert_eq!(request.matches("post /token?tenant=7").count(), 1, "{request}");
    assert!(request.contains("authorization: basic a2xlcms6cgw0bnrlzc1wyxnzdzbyza=="), "{request}");
    assert!(request.ends_with("grant_type=client_credentials&scope=kafka+read"), "{request}");
}

#[tokio::test]
async fn an_endpoint_that_gives_no_token() {
    let broker = broker(|_| saying(b"")).await;
    let answers = [
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 73\r\n\r\n{\"error\":\"invalid_client\",\"error_description\":\"not pl4nted-passw0rd, no\"}",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"id_token\":\"\"}",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"access_token\":\"a b\"}",
        "nonsense",
    ];
    let mut told = String::new();
    for answer in answers {
        let address = endpoint(answer, std::sync::Arc::default()).await;
        let (fault, text) = refused(&broker, bearer(TokenSource::Client(client(&address)))).await;
        assert!(matches!(fault, LoginError::Token(_)), "{fault:?}");
        told.push_str(&text.replace(&address.port.to_string(), "ENDPOINT"));
        told.push_str("\n\n");
    }
    let closed = fake::closed_port();
    let (_, text) = refused(&broker, bearer(TokenSource::Client(client(&closed)))).await;
    told.push_str(&text);
    insta::assert_snapshot!(told, @r"
    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:ENDPOINT/token answers 401: invalid_client: not ***, no
    check the client's id and secret, its scope, and that it may ask for tokens of its own (client_credentials)

    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:ENDPOINT/token answers 200, and not in JSON
    check sasl.oauthbearer.token.endpoint.url: it has to be the token endpoint, often …/oauth2/token, not the address of the identity provider

    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:ENDPOINT/token answers without an access_token; it has id_token
    check sasl.oauthbearer.token.endpoint.url: it has to be the token endpoint, often …/oauth2/token, not the address of the identity provider

    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:ENDPOINT/token answers 404
    check sasl.oauthbearer.token.endpoint.url: it has to be the token endpoint, often …/oauth2/token, not the address of the identity provider

    127.0.0.1:PORT: there is no token to log in with: the answer of http://127.0.0.1:ENDPOINT/token holds no token: a token is one word of letters, digits and -._~+/ (RFC 6750)
    it has to hold the token alone, or a JSON object with an access_token

    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:ENDPOINT/token cannot be asked: invalid HTTP version parsed
    check sasl.oauthbearer.token.endpoint.url, and that this machine reaches it (its TLS settings are its own)

    127.0.0.1:PORT: there is no token to log in with: the token endpoint http://127.0.0.1:1/token cannot be asked: Connection refused (os error 111)
    check sasl.oauthbearer.token.endpoint.url, and that this machine reaches it (its TLS settings are its own)
    ");
    assert_eq!(broker.requests(17), 0, "without a token no login is begun");
}

/// The endpoint's trust is a setting of its own, whatever the brokers' is.
#[tokio::test]
async fn an_endpoint_whose_certificate_is_not_as_it_should_be() {
    let broker = broker(|_| saying(b"")).await;
    let certificates = Certificates::new().expect("certificates");
    let signer = TokenSigner::new().expect("a signer");
    let folder = format!("{}/", certificates.folder().display());
    let mut told = String::new();
    for (name, trusted) in [
        ("broker", certificates.other_ca_pem()),
        ("expired", certificates.ca_pem()),
        ("wrong-host", certificates.ca_pem()),
        ("broker", certificates.folder().join("nowhere.pem")),
    ] {
        let certificate = certificates.get(name).expect("a certificate");
        let server =
            TokenServer::start_tls(&signer, &TokenServerOptions::default(), certificate).expect("serves");
        let tls =
            Tls { trust: Trust::Only { store: Material::File(trusted), password: None }, ..Tls::default() };
        let client = OauthClient { endpoint: server.url().to_owned(), tls, ..*client(&broker.address) };
        let (_, text) = refused(&broker, bearer(TokenSource::Client(Box::new(client)))).await;
        told.push_str(&text.replace(server.url(), "https://ENDPOINT/token").replace(&folder, ""));
        told.push_str("\n\n");
    }
    let date = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").expect("a pattern");
    insta::assert_snapshot!(date.replace_all(&told, "DATE"), @r"
    127.0.0.1:PORT: there is no token to log in with: the token endpoint https://ENDPOINT/token cannot be asked: the server's certificate cannot be trusted: CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk, who is not among the authorities in other-ca.pem (CN=other-ca,O=klerk)
    name the certificate of that authority in https.ca.location, or in the option ssl.truststore.location of sasl.jaas.config (ssl.* elsewhere is for the brokers); who runs the server has it
    where it is the authority that was expected, the server shows no complete chain

    127.0.0.1:PORT: there is no token to log in with: the token endpoint https://ENDPOINT/token cannot be asked: a certificate of the server expired on DATE: CN=expired,O=klerk, signed by CN=klerk-test-ca,O=klerk
    who runs the server has to renew it; check this machine's clock too (`date -u`)

    127.0.0.1:PORT: there is no token to log in with: the token endpoint https://ENDPOINT/token cannot be asked: the server's certificate is not for 127.0.0.1: CN=wrong-host,O=klerk is for kafka.example, 10.0.0.9
    use a name that the certificate is for in the address
    or have the certificate made anew with this name among its subject alternative names

    127.0.0.1:PORT: there is no token to log in with: the token endpoint https://ENDPOINT/token cannot be asked: nowhere.pem: cannot be read: No such file or directory (os error 2)
    check the path and who may read it; it has to hold trusted certificates
    ");
}
