//! Files as operators have them, and servers that are not what they should be, without a broker.

use super::{Connector, Identity, Loaded, Material, Side, Tls, TlsFailure, Trust};
use klerk_core::values::Secret;
use klerk_testbed::secured::{Certificates, STORE_PASSWORD, Store};
use openssl::ssl::{Ssl, SslAcceptor, SslFiletype, SslMethod, SslVerifyMode};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_openssl::SslStream;

static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| Certificates::new().unwrap());

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text.to_owned()))
}

fn file(path: impl Into<PathBuf>) -> Material {
    Material::File(path.into())
}

fn trusting(path: impl Into<PathBuf>) -> Tls {
    Tls { trust: Trust::Only { store: file(path), password: None }, ..Tls::default() }
}

fn own(store: Material, password: Option<&str>, key: Option<Material>, key_password: Option<&str>) -> Tls {
    let identity = Identity {
        store,
        password: password.and_then(secret),
        key,
        key_password: key_password.and_then(secret),
    };
    Tls { identity: Some(identity), ..trusting(CERTIFICATES.ca_pem()) }
}

/// What is said of wishes that cannot be carried out, with the folder left out.
fn refusal(tls: &Tls) -> String {
    let error = Loaded::new(tls).unwrap_err();
    let folder = CERTIFICATES.folder().display().to_string();
    format!("{error}\n  {}", error.hints(Side::Brokers).join("\n  ")).replace(&format!("{folder}/"), "")
}

fn written(name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = CERTIFICATES.folder().join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

#[test]
fn an_own_certificate_is_read_in_each_form_that_it_comes_in() {
    let certificates = &*CERTIFICATES;
    let operator = certificates.get("operator").unwrap();
    let encrypted = written("operator.encrypted.key", operator.encrypted_key_pem().unwrap());
    let traditional = written("operator.traditional.key", operator.traditional_key_pem().unwrap());
    let pem = || file(certificates.pem("operator"));
    let key_first = file(certificates.key_store("operator", Store::Pem).unwrap());
    let chain_first =
        written("chain-first.pem", operator.chain_pem().unwrap() + &operator.key_pem().unwrap());
    let ca_first = written(
        "ca-first.pem",
        certificates.authority().pem().unwrap() + &operator.pem().unwrap() + &operator.key_pem().unwrap(),
    );
    let inline = |setting: &str, text: String| Material::Pem {
        setting: setting.to_owned(),
        text: Secret::new(text.replace('\n', " ")),
    };
    let der = written("operator.der", openssl_der(&operator.pem().unwrap()));
    let p12 = || file(certificates.key_store("operator", Store::Pkcs12).unwrap());
    for tls in [
        own(pem(), None, Some(file(certificates.key("operator"))), None),
        own(pem(), None, Some(file(encrypted)), Some(STORE_PASSWORD)),
        own(pem(), Some(STORE_PASSWORD), Some(file(traditional)), None),
        own(file(der), None, Some(file(certificates.key("operator"))), None),
        own(key_first, None, None, None),
        own(file(chain_first), None, None, None),
        own(file(ca_first), None, None, None),
        own(
            inline("ssl.keystore.certificate.chain", operator.chain_pem().unwrap()),
            None,
            Some(inline("ssl.keystore.key", operator.key_pem().unwrap())),
            None,
        ),
        own(p12(), Some(STORE_PASSWORD), None, None),
        own(file(certificates.key_store("elliptic", Store::Pem).unwrap()), None, None, None),
    ] {
        let loaded = Loaded::new(&tls).unwrap_or_else(|error| panic!("{error} in {tls:?}"));
        let (chain, key) = loaded.own_pem().unwrap();
        let leaf = openssl::x509::X509::from_pem(&chain).unwrap();
        let key = openssl::pkey::PKey::private_key_from_pem(&key).unwrap();
        assert!(leaf.public_key().unwrap().public_eq(&key), "{tls:?}");
        assert!(Connector::new(&tls).is_ok(), "{tls:?}");
    }
}

fn openssl_der(pem: &str) -> Vec<u8> {
    openssl::x509::X509::from_pem(pem.as_bytes()).unwrap().to_der().unwrap()
}

#[test]
fn what_cannot_be_used_is_said_with_its_place_and_a_way_out() {
    let certificates = &*CERTIFICATES;
    let operator = certificates.get("operator").unwrap();
    let pem = || file(certificates.pem("operator"));
    let encrypted = || Some(file(written("refused.encrypted.key", operator.encrypted_key_pem().unwrap())));
    let p12 = || file(certificates.key_store("operator", Store::Pkcs12).unwrap());
    let damaged = {
        let path = certificates.key_store("operator", Store::Pkcs12).unwrap();
        let whole = std::fs::read(path).unwrap();
        written("damaged.p12", &whole[..whole.len() / 2])
    };
    let said = |tls: Tls| refusal(&tls);
    insta::assert_snapshot!(said(trusting(certificates.folder().join("nowhere.pem"))), @r"
    nowhere.pem: cannot be read: No such file or directory (os error 2)
      check the path and who may read it; it has to hold trusted certificates
    ");
    insta::assert_snapshot!(said(trusting(written("empty.pem", "\n"))), @r"
    empty.pem: is empty
      it has to hold trusted certificates as PEM, PKCS#12 or JKS; which of them is told by what is in it, not by its name
    ");
    insta::assert_snapshot!(said(trusting(written("notes.txt", "the CA is on the wiki"))), @r"
    notes.txt: holds neither PEM nor a PKCS#12 or JKS store
      it has to hold trusted certificates as PEM, PKCS#12 or JKS; which of them is told by what is in it, not by its name
    ");
    insta::assert_snapshot!(said(trusting(certificates.key("operator"))), @r"
    operator.key: holds no certificate
      name a file with the certificate of the authority that signed the server's
    ");
    insta::assert_snapshot!(said(trusting(written("old.jks", [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2]))), @r"
    old.jks: is a JCEKS store, a format that klerk does not read
      convert it: keytool -importkeystore -srckeystore OLD -srcstoretype JCEKS -destkeystore NEW.p12 -deststoretype PKCS12
    ");
    insta::assert_snapshot!(said(trusting(written("cut.jks", [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]))), @r"
    cut.jks: is damaged or cut off: its entries do not end where the file does
      get the file again from where it came from, and compare the sizes
    ");
    insta::assert_snapshot!(said(own(p12(), None, None, None)), @r"
    operator.p12: is protected by a password, and none is set
      set ssl.keystore.password
    ");
    insta::assert_snapshot!(said(own(p12(), Some("wrong"), None, None)), @r"
    operator.p12: the password of the store is not right
      check ssl.keystore.password; `keytool -list -keystore FILE` or `openssl pkcs12 -in FILE -info` tries a password
    ");
    insta::assert_snapshot!(said(own(p12(), Some("wr\0ng"), None, None)), @r"
    operator.p12: the password of the store is not right
      check ssl.keystore.password; `keytool -list -keystore FILE` or `openssl pkcs12 -in FILE -info` tries a password
    ");
    insta::assert_snapshot!(said(own(file(damaged), Some(STORE_PASSWORD), None, None)), @r"
    damaged.p12: is damaged or cut off: too long
      get the file again from where it came from, and compare the sizes
    ");
    insta::assert_snapshot!(said(own(pem(), None, None, None)), @r"
    operator.pem: holds no private key
      put the key into the same file, or name it by itself (ssl.keystore.key, ssl.key.location)
    ");
    insta::assert_snapshot!(said(own(pem(), None, encrypted(), None)), @r"
    refused.encrypted.key: the private key is encrypted, and no password is set
      set ssl.key.password
    ");
    insta::assert_snapshot!(said(own(pem(), None, encrypted(), Some("wrong"))), @r"
    refused.encrypted.key: the password of the private key is not right
      check ssl.key.password, which may differ from that of the store
    ");
    insta::assert_snapshot!(said(own(pem(), None, Some(file(certificates.key("alice"))), None)), @r"
    alice.key: the private key does not belong to the certificate CN=operator,O=klerk, signed by CN=klerk-test-ca,O=klerk
      take the key that the certificate was asked for with, or the certificate that was made for this key
    ");
    insta::assert_snapshot!(said(own(file(certificates.key("operator")), None, None, None)), @r"
    operator.key: holds no certificate
      put the certificate that belongs to the key into it (ssl.keystore.location, ssl.certificate.location)
    ");
    let inline = Material::Pem {
        setting: "ssl.keystore.key".to_owned(),
        text: Secret::new("-----BEGIN PRIVATE KEY-----\nMII".to_owned()),
    };
    insta::assert_snapshot!(said(own(pem(), None, Some(inline), None)), @r"
    ssl.keystore.key: is damaged or cut off: a block of PEM has no end
      get the file again from where it came from, and compare the sizes
    ");
}

/// A folder beside the certificates that trusts the authority, as `openssl rehash` makes one, and has another one lying about.
fn hashed_folder() -> PathBuf {
    let folder = CERTIFICATES.folder().join("hashed");
    std::fs::create_dir_all(&folder).unwrap();
    let pem = std::fs::read(CERTIFICATES.ca_pem()).unwrap();
    let hash = openssl::x509::X509::from_pem(&pem).unwrap().subject_name_hash();
    std::fs::write(folder.join(format!("{hash:08x}.0")), pem).unwrap();
    std::fs::copy(CERTIFICATES.other_ca_pem(), folder.join("other-ca.pem")).unwrap();
    std::fs::write(folder.join("README"), "the authorities").unwrap();
    folder
}

#[tokio::test]
async fn a_folder_trusts_what_openssl_finds_in_it() {
    let tls = trusting(hashed_folder());
    let (port, serving) = server("broker", false).await;
    open(&tls, "localhost", port).await.unwrap();
    serving.abort();
    assert!(
        failure(&tls, "localhost", "foreign").await.contains("who is not among the authorities in hashed")
    );
    let pem = Loaded::new(&tls).unwrap().trusted_pem().unwrap();
    assert_eq!(String::from_utf8(pem).unwrap().matches("BEGIN CERTIFICATE").count(), 1);
    std::fs::create_dir_all(CERTIFICATES.folder().join("bare")).unwrap();
    insta::assert_snapshot!(refusal(&trusting(CERTIFICATES.folder().join("bare"))), @r"
    bare: is a folder, and no certificate in it has a name by which OpenSSL finds it, such as 9d66eef0.0
      `openssl rehash bare` makes these names; or name a file with the certificates
    ");
}

/// A server of one connection with this certificate; it says `hello` once it is open.
async fn server(name: &str, asks_client: bool) -> (u16, tokio::task::JoinHandle<()>) {
    let certificates = &*CERTIFICATES;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_certificate_chain_file(certificates.pem(name)).unwrap();
    acceptor.set_private_key_file(certificates.key(name), SslFiletype::PEM).unwrap();
    acceptor.set_ca_file(certificates.ca_pem()).unwrap();
    acceptor.set_verify(if asks_client {
        SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT
    } else {
        SslVerifyMode::NONE
    });
    let acceptor = acceptor.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = SslStream::new(Ssl::new(acceptor.context()).unwrap(), stream).unwrap();
            if Pin::new(&mut stream).accept().await.is_ok() {
                let _gone = stream.write_all(b"hello").await;
                let _gone = stream.read(&mut [0; 16]).await;
            }
        }
    });
    (port, serving)
}

async fn open(tls: &Tls, host: &str, port: u16) -> Result<SslStream<TcpStream>, TlsFailure> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    Connector::new(tls).unwrap().open(host, stream, deadline).await
}

/// What is said of a server, with what differs from run to run left out.
async fn failure(tls: &Tls, host: &str, name: &str) -> String {
    let (port, serving) = server(name, false).await;
    let failure = open(tls, host, port).await.unwrap_err();
    serving.abort();
    let folder = CERTIFICATES.folder().display().to_string();
    let said = failure.to_string().replace(&format!("{folder}/"), "");
    regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").unwrap().replace_all(&said, "DATE").into_owned()
}

#[tokio::test]
async fn a_sound_server_is_let_through_by_name_and_by_address() {
    let (port, serving) = server("broker", false).await;
    for host in ["localhost", "127.0.0.1"] {
        let mut stream = open(&trusting(CERTIFICATES.ca_pem()), host, port).await.unwrap();
        let mut said = [0; 5];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
    }
    // A server's own certificate may be trusted by itself.
    open(&trusting(CERTIFICATES.pem("broker")), "localhost", port).await.unwrap();
    serving.abort();
    for (name, lax) in [
        ("wrong-host", Tls { check_name: false, ..trusting(CERTIFICATES.ca_pem()) }),
        ("expired", Tls { trust: Trust::Anyone, ..Tls::default() }),
    ] {
        let (port, serving) = server(name, false).await;
        open(&lax, "localhost", port).await.unwrap();
        serving.abort();
    }
}

#[tokio::test]
async fn a_server_that_is_not_what_it_should_be_is_told_by_what_differs() {
    let sound = trusting(CERTIFICATES.ca_pem());
    let other = trusting(CERTIFICATES.other_ca_pem());
    insta::assert_snapshot!(failure(&other, "localhost", "broker").await, @"the server's certificate cannot be trusted: CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk, who is not among the authorities in other-ca.pem (CN=other-ca,O=klerk)");
    insta::assert_snapshot!(failure(&sound, "localhost", "foreign").await, @"the server's certificate cannot be trusted: CN=foreign,O=klerk is signed by CN=other-ca,O=klerk, who is not among the authorities in ca.pem (CN=klerk-test-ca,O=klerk)");
    insta::assert_snapshot!(failure(&sound, "localhost", "expired").await, @"a certificate of the server expired on DATE: CN=expired,O=klerk, signed by CN=klerk-test-ca,O=klerk");
    insta::assert_snapshot!(failure(&sound, "localhost", "future").await, @"a certificate of the server is good only from DATE on: CN=future,O=klerk, signed by CN=klerk-test-ca,O=klerk");
    insta::assert_snapshot!(failure(&sound, "localhost", "wrong-host").await, @"the server's certificate is not for localhost: CN=wrong-host,O=klerk is for kafka.example, 10.0.0.9");
    insta::assert_snapshot!(failure(&sound, "127.0.0.1", "wrong-host").await, @"the server's certificate is not for 127.0.0.1: CN=wrong-host,O=klerk is for kafka.example, 10.0.0.9");
    insta::assert_snapshot!(failure(&sound, "localhost", "operator").await, @"the server's certificate is not for localhost: CN=operator,O=klerk is for no name but its owner's, CN=operator,O=klerk");
    let unknown = failure(&Tls::default(), "localhost", "broker").await;
    assert!(unknown.contains("who is not among the authorities that this system trusts ("), "{unknown}");
}

#[tokio::test]
async fn an_authority_of_the_same_name_is_not_the_same() {
    let twin = Certificates::new().unwrap();
    let said = failure(&trusting(twin.ca_pem()), "localhost", "broker").await;
    let folder = format!("{}/", twin.folder().display());
    insta::assert_snapshot!(said.replace(&folder, ""), @"the server's certificate cannot be trusted: CN=broker,O=klerk is signed by CN=klerk-test-ca,O=klerk, and that is another CN=klerk-test-ca,O=klerk than the one among the authorities in ca.pem (CN=klerk-test-ca,O=klerk)");
}

#[tokio::test]
async fn a_refused_client_certificate_is_heard_of_after_the_handshake() {
    let (port, serving) = server("broker", true).await;
    for (tls, number) in [
        (trusting(CERTIFICATES.ca_pem()), 116),
        (own(file(CERTIFICATES.key_store("foreign", Store::Pem).unwrap()), None, None, None), 48),
    ] {
        let connector = Connector::new(&tls).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        // With TLS 1.3 the handshake ends before the server has looked.
        let mut stream = connector.open("localhost", stream, deadline).await.unwrap();
        let error = stream.read_exact(&mut [0; 5]).await.unwrap_err();
        let alert = connector.alert(&error).unwrap();
        assert_eq!((alert.number, alert.shown.is_some()), (number, number == 48), "{alert}");
    }
    let operator = own(file(CERTIFICATES.key_store("operator", Store::Pem).unwrap()), None, None, None);
    let mut stream = open(&operator, "localhost", port).await.unwrap();
    stream.read_exact(&mut [0; 5]).await.unwrap();
    serving.abort();
}

#[tokio::test]
async fn what_does_not_speak_tls_is_told() {
    for (answer, expected) in
        [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], TlsFailure::NotTls), (b"", TlsFailure::Closed)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _hello = stream.read(&mut [0; 4096]).await;
            let _gone = stream.write_all(answer).await;
        });
        let failure = open(&trusting(CERTIFICATES.ca_pem()), "localhost", port).await.unwrap_err();
        assert_eq!(failure, expected);
        serving.await.unwrap();
    }
}

#[test]
fn the_roots_of_the_system_need_no_file() {
    if Path::new("/etc/ssl/certs").exists() {
        assert!(Connector::new(&Tls::default()).is_ok());
    }
}
