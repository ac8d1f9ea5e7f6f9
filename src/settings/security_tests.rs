use super::*;
use crate::cli::Connection;
use crate::registry::Credentials;
use crate::secure::{Identity, Material, TokenSource, Trust};
use crate::settings::{Environment, Settings, rows};
use std::fs;
use std::path::Path;

/// What the settings come to with these lines in a properties file, in a folder with some secrets beside it.
fn read_in(folder: &Path, file: &str) -> Result<Settings, SettingsError> {
    let path = folder.join("client.properties");
    fs::write(&path, file).unwrap();
    let connection = Connection { command_config: Some(path), ..Connection::default() };
    Settings::read(&connection, &Environment::default())
}

fn read(file: &str) -> Result<Settings, SettingsError> {
    read_in(tempfile::tempdir().unwrap().path(), file)
}

/// The protection as it is debugged, which masks secrets, or the error and what to do about it; the folder is taken out.
fn told(file: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let text = match read_in(folder.path(), file) {
        Ok(settings) => format!("{:?}", settings.protection.security),
        Err(error) => {
            let explained = crate::error::Error::from(error).explain();
            let hints = explained.hints.iter().map(|hint| format!("\n  → {hint}"));
            std::iter::once(explained.message.clone()).chain(hints).collect()
        }
    };
    text.replace(&format!("{}/", folder.path().display()), "")
}

fn told_all(files: &[&str]) -> String {
    let all: Vec<String> = files.iter().map(|file| told(file)).collect();
    let all = all.join("\n");
    for secret in ["hunter", "s3cret"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    all
}

#[path = "jaas_slips_tests.rs"]
mod jaas_slips;

const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
const OAUTH: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

#[test]
fn a_java_file_is_read_as_it_is() {
    let scram = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n\
         sasl.jaas.config={SCRAM} required \\\n  username=\"ann\" \\\n  password=\"hunter\\\\\"2\" tokenauth=\"true\";\n\
         ssl.truststore.location=stores/ca.jks\nssl.truststore.password=hunter2\n\
         ssl.keystore.location=/k.p12\nssl.keystore.password=hunter3\nssl.key.password=hunter4\n\
         ssl.enabled.protocols=TLSv1.3\nssl.protocol=TLSv1.3\nssl.endpoint.identification.algorithm=\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let settings = read_in(folder.path(), &scram).unwrap();
    let Some(Login::Scram { user, password, token: true, .. }) = &settings.protection.security.login else {
        panic!("{:?}", settings.protection);
    };
    assert_eq!((user.as_str(), password.expose()), ("ann", "hunter\"2"));
    let tls = settings.protection.security.tls.clone().unwrap();
    let Trust::Only { store, password: Some(password) } = &tls.trust else { panic!("{tls:?}") };
    assert_eq!((store, password.expose()), (&Material::File(folder.path().join("stores/ca.jks")), "hunter2"));
    let Some(Identity { store, password: Some(password), key: None, key_password: Some(key) }) =
        &tls.identity
    else {
        panic!("{tls:?}");
    };
    let expected = (&Material::File("/k.p12".into()), "hunter3", "hunter4");
    assert_eq!((store, password.expose(), key.expose()), expected);
    assert!(!tls.check_name);
    assert_eq!(settings.ignored_keys, ["ssl.protocol"]);
    assert_eq!(settings.warnings.len(), 2, "{:?}", settings.warnings);
}

#[test]
fn both_dialects_come_to_the_same() {
    let java = told_all(&[
        "security.protocol=SSL",
        "security.protocol=ssl\nssl.truststore.certificates=s3cret-pem\nssl.truststore.type=PEM",
        "security.protocol=SSL\nssl.keystore.certificate.chain=chain\nssl.keystore.key=hunter-key\nssl.key.password=hunter2",
        &format!(
            "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config={PLAIN} required username=ann password=hunter2;"
        ),
    ]);
    let librdkafka = told_all(&[
        "security.protocol=ssl\nssl.ca.location=probe\nenable.ssl.certificate.verification=true",
        "security.protocol=ssl\nssl.ca.pem=s3cret-pem",
        "security.protocol=ssl\nssl.certificate.pem=chain\nssl.key.pem=hunter-key\nssl.key.password=hunter2",
        "security.protocol=sasl_plaintext\nsasl.mechanisms=PLAIN\nsasl.username=ann\nsasl.password=hunter2",
    ]);
    let respelled = librdkafka
        .replace("ssl.ca.pem", "ssl.truststore.certificates")
        .replace("ssl.certificate.pem", "ssl.keystore.certificate.chain")
        .replace("ssl.key.pem", "ssl.keystore.key");
    assert_eq!(java, respelled);
    insta::assert_snapshot!(java, @r#"
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: None }
    Security { tls: Some(Tls { trust: Only { store: Pem { setting: "ssl.truststore.certificates", text: *** }, password: None }, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: None }
    Security { tls: Some(Tls { trust: System, identity: Some(Identity { store: Pem { setting: "ssl.keystore.certificate.chain", text: *** }, password: None, key: Some(Pem { setting: "ssl.keystore.key", text: *** }), key_password: Some(***) }), check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: None }
    Security { tls: None, login: Some(Plain { user: "ann", password: *** }) }
    "#);
    let apart = "security.protocol=ssl\nssl.certificate.location=c.pem\nssl.key.location=k.pem\n\
                 enable.ssl.certificate.verification=false\nssl.ca.location=ca.pem";
    insta::assert_snapshot!(told(apart), @r#"Security { tls: Some(Tls { trust: Anyone, identity: Some(Identity { store: File("c.pem"), password: None, key: Some(File("k.pem")), key_password: None }), check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: None }"#);
}

#[test]
fn tokens_come_from_an_endpoint_a_file_or_a_command() {
    let endpoint = "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://id/token\n";
    let java = format!(
        "{endpoint}sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler\n\
         sasl.jaas.config={OAUTH} required clientId=\"me\" clientSecret=\"hunter2\" scope=kafka \
         extension_logicalCluster=\"lkc-1\" ssl.truststore.location=\"ca.pem\";"
    );
    let java_4 = format!(
        "{endpoint}sasl.jaas.config={OAUTH} required;\nsasl.oauthbearer.client.credentials.client.id=me\n\
         sasl.oauthbearer.client.credentials.client.secret=hunter2\nsasl.oauthbearer.header.urlencode=true\n\
         sasl.oauthbearer.jwt.retriever.class=org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"
    );
    let librdkafka = format!(
        "{endpoint}sasl.oauthbearer.method=oidc\nsasl.oauthbearer.client.id=me\nsasl.oauthbearer.client.secret=hunter2\n\
         sasl.oauthbearer.scope=kafka\nsasl.oauthbearer.extensions=a=b, c=d=e\nhttps.ca.location=/ca.pem"
    );
    let file = endpoint.replace("https://id/token", "file:///run/a%20token");
    let command = "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\n\
                   sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;\n\
                   sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n\
                   klerk.sasl.oauthbearer.token.command=msk-token --region 'eu west'";
    insta::assert_snapshot!(told_all(&[&java, &java_4, &librdkafka, &file, command]), @r#"
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: Some(Oauth { source: Client(OauthClient { endpoint: "https://id/token", id: "me", secret: ***, scope: Some("kafka"), encode: false, tls: Tls { trust: Only { store: File("ca.pem"), password: None }, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } } }), extensions: [("logicalCluster", "lkc-1")] }) }
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: Some(Oauth { source: Client(OauthClient { endpoint: "https://id/token", id: "me", secret: ***, scope: None, encode: true, tls: Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } } }), extensions: [] }) }
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: Some(Oauth { source: Client(OauthClient { endpoint: "https://id/token", id: "me", secret: ***, scope: Some("kafka"), encode: false, tls: Tls { trust: Only { store: File("/ca.pem"), password: None }, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } } }), extensions: [("a", "b"), ("c", "d=e")] }) }
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: Some(Oauth { source: File("/run/a token"), extensions: [] }) }
    Security { tls: Some(Tls { trust: System, identity: None, check_name: true, versions: Versions { oldest: Tls12, newest: Tls13 } }), login: Some(Oauth { source: Command(["msk-token", "--region", "eu west"]), extensions: [] }) }
    "#);
    let Some(Login::Oauth { source: TokenSource::Client(client), .. }) =
        read(&java).unwrap().protection.security.login
    else {
        panic!("no client");
    };
    assert_eq!(client.secret.expose(), "hunter2");
}

#[test]
fn what_protects_half_is_refused() {
    let sasl = "security.protocol=SASL_SSL\n";
    let plain = format!("{sasl}sasl.mechanism=PLAIN\n");
    let oauth = format!("{sasl}sasl.mechanism=OAUTHBEARER\n");
    insta::assert_snapshot!(
        told_all(&[
            "ssl.truststore.location=/ca.jks",
            "# for later\n\nsasl.jaas.config=s3cret",
            "security.protocol=TLS",
            "security.protocol=SSL\nssl.truststore.password=hunter2",
            "security.protocol=SSL\nssl.keystore.password=hunter2",
            "security.protocol=SSL\nssl.key.location=k.pem",
            "security.protocol=SSL\nssl.keystore.certificate.chain=chain",
            "security.protocol=SSL\nssl.truststore.pasword=hunter2",
            sasl,
            &plain,
            &format!("{plain}sasl.username=ann"),
            &format!("{plain}sasl.password=hunter2"),
            &format!("{plain}sasl.jaas.config={PLAIN} required username=ann password=\"hunter\"2;"),
            &format!("{plain}sasl.jaas.config={PLAIN} required username=ann;"),
            &format!("{plain}sasl.jaas.config={SCRAM} required username=ann password=hunter2;"),
            &oauth,
            &format!("{oauth}sasl.oauthbearer.token.endpoint.url=https://id/token"),
            &format!("{oauth}sasl.oauthbearer.token.endpoint.url=https://id/token\nsasl.oauthbearer.client.id=me"),
            &format!("{oauth}sasl.oauthbearer.token.endpoint.url=https://me:hunter2@id/token"),
            &format!("{oauth}sasl.oauthbearer.token.endpoint.url=id/token"),
        ]),
        @r#"
    client.properties:1: ssl.truststore.location is given, and without security.protocol nothing is protected
      → write security.protocol=SSL, SASL_SSL or SASL_PLAINTEXT, or PLAINTEXT where it is meant
    client.properties:3: sasl.jaas.config is given, and without security.protocol nothing is protected
      → write security.protocol=SSL, SASL_SSL or SASL_PLAINTEXT, or PLAINTEXT where it is meant
    client.properties:1: security.protocol is 'TLS', and it has to be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
    client.properties:2: ssl.truststore.password needs ssl.truststore.location too
    client.properties:2: ssl.keystore.password needs ssl.keystore.location too
    client.properties:2: ssl.key.location needs ssl.certificate.location too
    client.properties:2: ssl.keystore.certificate.chain needs ssl.keystore.key too
    client.properties:2: ssl.truststore.pasword: there is no such client property, and none that secures a connection is passed over
      → did you mean ssl.truststore.password?
    client.properties:1: security.protocol=SASL_SSL without sasl.mechanism means GSSAPI (Kerberos), which klerk does not do
      → write sasl.mechanism=PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER
    client.properties:2: sasl.mechanism=PLAIN needs a user and a password, and there are none
      → write sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…"; (a file that java.security.auth.login.config names is not read), or sasl.username and sasl.password
    client.properties:3: sasl.username needs sasl.password too
    client.properties:3: sasl.password needs sasl.username too
    client.properties:3: sasl.jaas.config cannot be read: the option 'password' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
      → put the value into quotes: password="…", with a backslash before each " and \ of it; commas between options do not belong there
    client.properties:3: sasl.jaas.config has no option 'password'
      → write org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…";
    client.properties:3: the login module of sasl.jaas.config serves SCRAM-SHA-256 and SCRAM-SHA-512, and sasl.mechanism is PLAIN (client.properties:2)
      → write org.apache.kafka.common.security.plain.PlainLoginModule there, or another sasl.mechanism
    client.properties:2: sasl.mechanism=OAUTHBEARER needs tokens, and nothing says where they come from
      → write sasl.oauthbearer.token.endpoint.url (https:, or file: for a token in a file), or klerk.sasl.oauthbearer.token.command
    client.properties:2: sasl.oauthbearer.token.endpoint.url needs a client's id and secret, and there are none
      → write sasl.oauthbearer.client.credentials.client.id and sasl.oauthbearer.client.credentials.client.secret
    client.properties:4: sasl.oauthbearer.client.id needs sasl.oauthbearer.client.credentials.client.secret too
    client.properties:3: sasl.oauthbearer.token.endpoint.url is '***', and it must not hold a user or a password
    client.properties:3: sasl.oauthbearer.token.endpoint.url is 'id/token', and it has to begin with https:, http: or file:
    "#
    );
}

#[test]
fn what_klerk_does_not_do_is_refused_by_name() {
    let ssl = "security.protocol=SSL\n";
    let sasl = "security.protocol=SASL_SSL\n";
    let oauth = format!("{sasl}sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://id\n");
    insta::assert_snapshot!(
        told_all(&[
            &format!("{sasl}sasl.mechanism=GSSAPI\nsasl.kerberos.service.name=kafka"),
            &format!("{sasl}sasl.mechanism=PLAIN\nsasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;"),
            &format!("{sasl}sasl.mechanism=AWS_MSK_IAM"),
            &format!("{sasl}sasl.mechanism=EXTERNAL"),
            &format!("{sasl}sasl.mechanism=PLAIN\nsasl.login.callback.handler.class=com.example.Handler"),
            &format!("{oauth}sasl.login.callback.handler.class=io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler"),
            &format!("{oauth}sasl.oauthbearer.jwt.retriever.class=org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever"),
            &format!("{oauth}sasl.oauthbearer.grant.type=urn:ietf:params:oauth:grant-type:jwt-bearer"),
            &format!("{oauth}sasl.oauthbearer.assertion.file=/a.jwt"),
            &format!("{oauth}sasl.oauthbearer.method=default"),
            &format!("{ssl}ssl.engine.factory.class=com.example.Factory"),
            &format!("{ssl}ssl.truststore.type=BCFKS\nssl.truststore.location=/a"),
            &format!("{ssl}ssl.crl.location=/crl.pem"),
            &format!("{ssl}ssl.enabled.protocols=TLSv1,TLSv1.1"),
            &format!("{ssl}ssl.endpoint.identification.algorithm=ldap"),
            &format!("{ssl}ssl.key.password=${{vault:kafka:password}}"),
        ]),
        @r"
    client.properties:2: sasl.mechanism=GSSAPI cannot be honoured: klerk does not do Kerberos
      → use a listener of the cluster with PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or client certificates
    client.properties:3: sasl.jaas.config with Krb5LoginModule cannot be honoured: klerk does not do Kerberos
      → for PLAIN, org.apache.kafka.common.security.plain.PlainLoginModule is the login module
    client.properties:2: sasl.mechanism=AWS_MSK_IAM cannot be honoured: klerk signs no requests of AWS itself
      → name a command that prints a token, with klerk.sasl.oauthbearer.token.command: MSK takes it by OAUTHBEARER at the same port
    client.properties:2: sasl.mechanism=EXTERNAL cannot be honoured: klerk does not know this mechanism
      → use a listener of the cluster with PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or client certificates
    client.properties:3: sasl.login.callback.handler.class=com.example.Handler cannot be honoured: klerk runs no Java classes
      → put the user and the password into sasl.jaas.config, or refer to a file there: ${file:PATH:KEY}
    client.properties:4: sasl.login.callback.handler.class=io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler cannot be honoured: klerk runs no Java classes
      → write the same under sasl.oauthbearer.token.endpoint.url and sasl.oauthbearer.client.credentials.*, or name a command that prints a token with klerk.sasl.oauthbearer.token.command
    client.properties:4: sasl.oauthbearer.jwt.retriever.class=org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever cannot be honoured: klerk signs no assertions to get tokens by
      → use the DefaultJwtRetriever, or klerk.sasl.oauthbearer.token.command
    client.properties:4: sasl.oauthbearer.grant.type=urn:ietf:params:oauth:grant-type:jwt-bearer cannot be honoured: klerk asks for tokens by client credentials
      → use client_credentials, or klerk.sasl.oauthbearer.token.command
    client.properties:4: sasl.oauthbearer.assertion.file cannot be honoured: klerk signs no assertions to get tokens by
      → name a command that prints a token, with klerk.sasl.oauthbearer.token.command
    client.properties:4: sasl.oauthbearer.method is 'default', and klerk takes oidc
    client.properties:2: ssl.engine.factory.class=com.example.Factory cannot be honoured: klerk runs no Java classes
      → name the certificates themselves, with ssl.truststore.location and ssl.keystore.location
    client.properties:2: ssl.truststore.type=BCFKS cannot be honoured: klerk reads stores of the types PEM, PKCS12 and JKS
      → convert the store with keytool -importkeystore -deststoretype PKCS12, and name the new one
    client.properties:2: ssl.crl.location cannot be honoured: klerk reads no lists of revoked certificates
      → connect where none is needed, or take the key out of a copy of the file
    client.properties:2: ssl.enabled.protocols is 'TLSv1,TLSv1.1', and it has to name TLSv1.2 or TLSv1.3: klerk speaks nothing older
    client.properties:2: ssl.endpoint.identification.algorithm is 'ldap', and it has to be https, or nothing to check no names
    client.properties:2: ssl.key.password refers to what cannot be had: there is no config provider 'vault'
      → klerk follows ${file:PATH:KEY}, ${directory:PATH:FILE} and ${env:NAME}
    "
    );
}

#[test]
fn contradictions_name_both_lines() {
    let ssl = "security.protocol=SSL\n";
    let plain = "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n";
    insta::assert_snapshot!(
        told_all(&[
            &format!("{ssl}ssl.ca.location=/a.pem\nssl.truststore.location=/b.jks"),
            &format!("{ssl}ssl.ca.location=/a.pem\nssl.truststore.certificates=pem"),
            &format!("{ssl}ssl.keystore.location=/a.p12\nssl.certificate.location=/c.pem"),
            &format!("{ssl}ssl.keystore.location=/a.p12\nssl.key.location=/c.pem"),
            &format!("{plain}sasl.mechanisms=SCRAM-SHA-256"),
            &format!("{plain}sasl.username=bob\nsasl.jaas.config={PLAIN} required username=ann password=hunter2;"),
            &format!("{plain}klerk.sasl.oauthbearer.token.command=a"),
        ]),
        @r"
    client.properties:2: ssl.ca.location and client.properties:3: ssl.truststore.location say different things about the same
      → keep the one that is meant
    client.properties:2: ssl.ca.location and client.properties:3: ssl.truststore.certificates say different things about the same
      → keep the one that is meant
    client.properties:2: ssl.keystore.location and client.properties:3: ssl.certificate.location say different things about the same
      → keep the one that is meant
    client.properties:2: ssl.keystore.location and client.properties:3: ssl.key.location say different things about the same
      → keep the one that is meant
    client.properties:2: sasl.mechanism and client.properties:3: sasl.mechanisms say different things about the same
      → keep the one that is meant
    client.properties:4: username of sasl.jaas.config and client.properties:3: sasl.username say different things about the same
      → keep the one that is meant
    client.properties:2: sasl.mechanism and client.properties:3: klerk.sasl.oauthbearer.token.command say different things about the same
      → keep the one that is meant
    "
    );
    let same = format!("{ssl}ssl.ca.location=/a.pem\nssl.truststore.location=/a.pem");
    assert!(read(&same).is_ok());
}

#[test]
fn what_is_typed_wins_over_another_spelling_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.properties");
    let file = format!(
        "security.protocol=SASL_SSL\nssl.truststore.certificates=pem\nsasl.mechanism=PLAIN\n\
         sasl.jaas.config={PLAIN} required username=ann password=hunter2;"
    );
    fs::write(&path, file).unwrap();
    let property = ["ssl.ca.location=ca.pem", "sasl.username=bob"].map(str::to_owned).to_vec();
    let connection = Connection { command_config: Some(path), property, ..Connection::default() };
    let security = Settings::read(&connection, &Environment::default()).unwrap().protection.security;
    let Trust::Only { store, .. } = &security.tls.as_ref().unwrap().trust else { panic!("{security:?}") };
    assert_eq!(store, &Material::File("ca.pem".into()));
    assert_eq!(security.login.as_ref().and_then(Login::user), Some("bob"));
}

#[test]
fn dangers_are_warned_of_and_idle_wishes_noted() {
    let remarks = |file: &str| {
        let settings = read(file).unwrap();
        let all: Vec<String> = settings.warnings.iter().map(|text| format!("warning: {text}")).collect();
        let notes = settings.notes.iter().map(|text| format!("note: {text}"));
        let text: Vec<String> = all.into_iter().chain(notes).collect();
        // The folder of the file differs each time.
        let text = text.join("\n");
        text.split(' ')
            .map(|word| match word.rsplit_once("/client.properties") {
                Some((_, rest)) => format!("FILE{rest}"),
                None => word.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    insta::assert_snapshot!(
        [
            remarks("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=a\nsasl.password=hunter2\nssl.ca.location=/a"),
            remarks("security.protocol=PLAINTEXT\nsasl.mechanism=GSSAPI\nssl.engine.id=x"),
            remarks("security.protocol=SSL\nenable.ssl.certificate.verification=false"),
            remarks("security.protocol=SSL\nssl.endpoint.identification.algorithm=none"),
            remarks("schema.registry.url=http://r\nschema.registry.ssl.ca.location=/a"),
        ]
        .join("\n---\n"),
        @r"
    warning: FILE:1: security.protocol is SASL_PLAINTEXT, which encrypts nothing: the password and everything else can be read on the way
    warning: FILE holds a secret, and everybody on this machine may read it: chmod 600 FILE
    note: security.protocol is SASL_PLAINTEXT FILE:1), so these have no effect: ssl.ca.location
    ---
    note: security.protocol is PLAINTEXT FILE:1), so these have no effect: ssl.engine.id
    note: security.protocol is PLAINTEXT FILE:1), so these have no effect: sasl.mechanism
    ---
    warning: FILE:2: enable.ssl.certificate.verification is false: whoever answers is taken for the server, and told what is secret
    ---
    warning: FILE:2: ssl.endpoint.identification.algorithm is off: the certificate of any other server is taken, too
    ---
    note: the schema registry's address is http, so these have no effect: schema.registry.ssl.ca.location
    "
    );
}

#[test]
fn the_registry_has_a_protection_of_its_own() {
    let auth = |file: &str| match read(file) {
        Ok(settings) => format!(
            "{:?} {:?}",
            settings.registry_auth.map(|auth| auth.value),
            settings.registry.map(|urls| urls.value)
        ),
        Err(error) => error.to_string().rsplit("client.properties").next().unwrap().to_owned(),
    };
    let login =
        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=ann\nsasl.password=hunter2\n";
    let all = [
        auth(
            "schema.registry.url=http://a%40b:hunter2@one:1/x,http://two\nbasic.auth.credentials.source=URL",
        ),
        auth(
            "schema.registry.url=http://ann:hunter2@one,http://ann:hunter2@two\nbasic.auth.credentials.source=URL",
        ),
        auth("schema.registry.url=http://one,http://ann:hunter2@two"),
        auth("schema.registry.url=http://one\nbasic.auth.credentials.source=URL"),
        auth(&format!("{login}schema.registry.basic.auth.credentials.source=SASL_INHERIT")),
        auth("basic.auth.credentials.source=SASL_INHERIT"),
        auth("bearer.auth.credentials.source=OAUTHBEARER\nbearer.auth.client.id=a"),
        auth("bearer.auth.credentials.source=SASL_OAUTHBEARER_INHERIT"),
        auth("bearer.auth.token=hunter2\nbearer.auth.logical.cluster=lsrc-1"),
        auth("basic.auth.credentials.source=USER_INFO\nbearer.auth.credentials.source=STATIC_TOKEN"),
        auth("schema.registry.url=http://ann:hunter2@one"),
    ]
    .join("\n");
    assert!(!all.contains("hunter"), "{all}");
    insta::assert_snapshot!(all, @r#"
    Some(Basic { user: "a@b", password: *** }) Some(["http://one:1/x", "http://two"])
    Some(Basic { user: "ann", password: *** }) Some(["http://one", "http://two"])
    :1: http://two: the address must not hold a user or password: write basic.auth.user.info=USER:PASSWORD into the file that --command-config names, or basic.auth.credentials.source=URL beside an address that stands there
    :2: basic.auth.credentials.source is 'URL', and the address of schema.registry.url holds no USER:PASSWORD@
    Some(Basic { user: "ann", password: *** }) None
    :1: basic.auth.credentials.source is 'SASL_INHERIT', and there is no login with user and password to the brokers
    :1: bearer.auth.credentials.source=OAUTHBEARER cannot be honoured: klerk asks a registry with a user and a password, or with a token that stands in the file
    :1: bearer.auth.credentials.source=SASL_OAUTHBEARER_INHERIT cannot be honoured: klerk asks a registry with a user and a password, or with a token that stands in the file
    :2: bearer.auth.logical.cluster cannot be honoured: klerk sends no headers of Confluent Cloud
    :2: bearer.auth.credentials.source say different things about the same
    :1: http://one: the address must not hold a user or password: write basic.auth.user.info=USER:PASSWORD into the file that --command-config names, or basic.auth.credentials.source=URL beside an address that stands there
    "#);
    let settings = read(
        "ssl.ca.location=/brokers.pem\nsecurity.protocol=SSL\nschema.registry.ssl.ca.location=/registry.pem",
    )
    .unwrap();
    let trusted = |tls: &crate::secure::Tls| match &tls.trust {
        Trust::Only { store: Material::File(path), .. } => path.display().to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(trusted(&settings.registry_tls), "/registry.pem");
    assert_eq!(trusted(settings.protection.security.tls.as_ref().unwrap()), "/brokers.pem");
    let basic = read(&format!("{login}basic.auth.credentials.source=SASL_INHERIT"))
        .unwrap()
        .registry_auth
        .unwrap()
        .value;
    assert_eq!(
        basic,
        Credentials::Basic { user: "ann".to_owned(), password: klerk_core::values::Secret::new("hunter2") }
    );
}

#[test]
fn secrets_may_stand_in_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secrets.properties"), "kafka.password=hunter 2").unwrap();
    fs::write(folder.path().join("truststore"), "hunter3\n").unwrap();
    let file = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nconfig.providers=file\n\
         config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider\n\
         ssl.truststore.location=ca.p12\nssl.truststore.password=${{directory:.:truststore}}\n\
         sasl.jaas.config={PLAIN} required username=ann password=\"${{file:secrets.properties:kafka.password}}\";"
    );
    let settings = read_in(folder.path(), &file).unwrap();
    let Some(Login::Plain { password, .. }) = &settings.protection.security.login else {
        panic!("{settings:?}")
    };
    assert_eq!(password.expose(), "hunter 2");
    // The file itself holds no secret; those that it refers to do.
    assert_eq!(settings.warnings.len(), 2, "{:?}", settings.warnings);
    assert!(settings.warnings.iter().all(|warning| !warning.contains("client.properties")));
    assert!(settings.ignored_keys.is_empty(), "{:?}", settings.ignored_keys);
}

#[test]
fn what_was_given_is_shown_with_secrets_masked() {
    let settings = read(&format!(
        "sasl.mechanisms=PLAIN\nsecurity.protocol=sasl_ssl\nsasl.jaas.config={PLAIN} required username=ann password=hunter2;\n\
         ssl.ca.location=/ca.pem\nschema.registry.ssl.truststore.password=hunter2\nschema.registry.ssl.truststore.location=/r.jks"
    ))
    .unwrap();
    let shown: Vec<String> = rows(&settings)
        .into_iter()
        .filter(|row| row.name.contains("ssl") || row.name.contains("sasl") || row.name.contains("protocol"))
        .map(|row| {
            let origin = row.origin.unwrap();
            format!("{} {:?} {}", row.name, row.value.unwrap(), origin.rsplit('/').next().unwrap())
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    security.protocol Text("SASL_SSL") client.properties:2
    sasl.mechanism Text("PLAIN") client.properties:1
    sasl.jaas.config Text("***") client.properties:3
    ssl.truststore.location Text("/ca.pem") client.properties:4
    schema.registry.ssl.truststore.location Text("/r.jks") client.properties:6
    schema.registry.ssl.truststore.password Text("***") client.properties:5
    "#);
}

#[test]
fn the_arguments_of_a_token_command_are_not_shown() {
    let text = "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\n\
                klerk.sasl.oauthbearer.token.command=mint --secret hunter2";
    let settings = read(text).unwrap();
    let shown = format!("{:?}", rows(&settings));
    assert!(shown.contains("mint …") && !shown.contains("hunter2"), "{shown}");
    let error = read(&format!("{text} 'open")).unwrap_err().to_string();
    assert!(error.contains("mint …") && !error.contains("hunter2"), "{error}");
}

#[test]
fn what_is_no_property_is_not_repeated() {
    for text in ["hunter2", "aHVudGVyMg=="] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains("client.properties:1: this is no client property"), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("aHVu"), "{error}");
    }
    let settings = read("acks=all\nhunter2 horse battery").unwrap();
    assert_eq!(settings.ignored_keys, ["acks", "the key of line 2"]);
}

#[test]
fn a_slip_does_not_leave_a_connection_open() {
    let error = read("security.protcol=SSL").unwrap_err();
    assert!(
        matches!(&error, SettingsError::UnknownSecurityKey { similar: Some(meant), .. } if meant == "security.protocol"),
        "{error}"
    );
    for text in ["ssl.cipher.suites=TLS_AES_256_GCM_SHA384", "ssl.protocol=TLSv1.1", "security.providers=a.B"]
    {
        let error = read(&format!("security.protocol=SSL\n{text}")).unwrap_err();
        assert!(matches!(error, SettingsError::Unsupported { .. }), "{error}");
    }
    assert!(read("security.protocol=SSL\nssl.protocol=TLS\nssl.cipher.suites=").is_ok());
}

#[test]
fn credentials_for_a_registry_without_tls_are_warned_of() {
    let text = "bearer.auth.credentials.source=STATIC_TOKEN\nbearer.auth.token=t0k3n\nschema.registry.url=";
    let open = read(&format!("{text}http://r:8081")).unwrap().warnings.join("\n");
    assert!(open.contains("http://r:8081 is not https: the token can be read on the way"), "{open}");
    let safe = read(&format!("{text}https://r:8081")).unwrap().warnings.join("\n");
    assert!(!safe.contains("on the way"), "{safe}");
}

#[cfg(unix)]
#[test]
fn keys_and_tokens_that_everybody_may_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (key, token) = (folder.path().join("key.pem"), folder.path().join("token"));
    fs::write(&key, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    fs::write(&token, "t0k3n").unwrap();
    let text = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nssl.certificate.location=cert.pem\n\
         ssl.key.location=key.pem\nsasl.oauthbearer.token.endpoint.url=file://{}",
        token.display()
    );
    for (mode, warned) in [(0o644, 2), (0o600, 0)] {
        for path in [&key, &token] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let warnings = read_in(folder.path(), &text).unwrap().warnings;
        let open =
            warnings.iter().filter(|warning| warning.contains("key.pem") || warning.contains("token holds"));
        assert_eq!(open.count(), warned, "{warnings:?}");
    }
}
