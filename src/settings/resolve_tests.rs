use super::*;
use klerk_core::values::Secret;
use std::io::Write;

/// Flags as a person types them, variables, and the lines of a properties file.
fn read(flags: &[&str], variables: &[(&str, &str)], file: &str) -> Result<Settings, SettingsError> {
    let mut config = tempfile::NamedTempFile::new().unwrap();
    config.write_all(file.as_bytes()).unwrap();
    let mut connection = Connection::default();
    if !file.is_empty() {
        connection.command_config = Some(config.path().to_owned());
    }
    for pair in flags.chunks(2) {
        match pair[0] {
            "-b" => connection.bootstrap.push(pair[1].to_owned()),
            "--registry" => connection.registry.push(pair[1].to_owned()),
            "-X" => connection.property.push(pair[1].to_owned()),
            other => panic!("{other}"),
        }
    }
    let environment = Environment::read(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    });
    Settings::read(&connection, &environment)
}

/// What is wrong, with the name of the temporary file taken out.
fn refusal(flags: &[&str], file: &str) -> String {
    let message = read(flags, &[], file).unwrap_err().to_string();
    match message.split_once(".tmp") {
        Some((_, rest)) => format!("FILE{}", &rest[6..]),
        None => message,
    }
}

#[test]
fn the_nearer_word_wins() {
    let file = "bootstrap.servers=file:1";
    let variables = [("KLERK_BOOTSTRAP", "klerk:1"), ("KAFKA_BOOTSTRAP_SERVERS", "kafka:1")];
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: [Case<'_>; 7] = [
        (&["-b", "flag:1"], &variables, file, "flag:1 from --bootstrap"),
        (&["-X", "bootstrap.servers=pair:1"], &variables, file, "pair:1 from -X"),
        (&[], &variables, file, "klerk:1 from variable KLERK_BOOTSTRAP"),
        (&[], &variables[1..], file, "kafka:1 from variable KAFKA_BOOTSTRAP_SERVERS"),
        (&[], &[("KLERK_BOOTSTRAP", "")], file, "file:1 from"),
        (&[], &[], "metadata.broker.list=file:1", "file:1 from"),
        (&["-b", "a:1, b:2,,a:1"], &[], "", "a:1 b:2 from --bootstrap"),
    ];
    for (flags, variables, file, expected) in cases {
        let found = read(flags, variables, file).unwrap().bootstrap.unwrap();
        let addresses: Vec<String> = found.value.iter().map(Address::to_string).collect();
        let shown = format!("{} from {}", addresses.join(" "), found.origin);
        assert!(shown.starts_with(expected), "{shown} is not {expected}");
    }
}

#[test]
fn no_address_is_ever_assumed() {
    let settings = read(&[], &[], "").unwrap();
    assert!(matches!(settings.brokers(), Err(SettingsError::NoBootstrap)));
    assert_eq!(settings.registry, None);
}

#[test]
fn registry_credentials_are_read_as_confluent_spells_them() {
    let auth = |file: &str| read(&[], &[], file).unwrap().registry_auth.map(|setting| setting.value);
    let basic = Credentials::Basic { user: "ann".to_owned(), password: Secret::new("a:b") };
    assert_eq!(
        auth("basic.auth.credentials.source=USER_INFO\nbasic.auth.user.info=ann:a:b"),
        Some(basic.clone())
    );
    assert_eq!(auth("schema.registry.basic.auth.user.info=ann:a:b"), Some(basic));
    let bearer = "bearer.auth.credentials.source=STATIC_TOKEN\nschema.registry.bearer.auth.token=t0k3n";
    assert_eq!(auth(bearer), Some(Credentials::Bearer(Secret::new("t0k3n"))));
    let shown = format!("{:?}", read(&[], &[], bearer).unwrap());
    assert!(!shown.contains("t0k3n"), "{shown}");
}

#[test]
fn foreign_keys_are_ignored_and_remembered() {
    let settings = read(&[], &[], "acks=all\nmax.poll.records=5\nclient.id=ops").unwrap();
    assert_eq!(settings.ignored_keys, ["acks", "max.poll.records"]);
    assert_eq!(settings.client_id.value, "ops");
    assert_eq!(
        read(&[], &[], "security.protocol=plaintext\nrequest.timeout.ms=250").unwrap().request_timeout.value,
        Duration::from_millis(250)
    );
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let refusals = [
        refusal(&["-b", "localhost"], ""),
        refusal(&["--registry", "http://ann:secret@localhost:8081"], ""),
        refusal(&["--registry", "ftp://localhost:8081"], ""),
        refusal(&["--registry", "ann:secret@localhost:8081"], ""),
        refusal(&["--registry", "localhost"], ""),
        refusal(&["-X", "acks"], ""),
        refusal(&["-X", "sasl.jaas.config=secret"], ""),
        refusal(&["-X", "bootstrap.server=a:1"], ""),
        refusal(&["-X", "ssl.truststore.pasword=x"], ""),
        refusal(&["-X", "sasl.mechanism=PLAIN"], ""),
        refusal(&["-X", "request.timeout.ms=soon"], ""),
        refusal(&[], "basic.auth.credentials.source=USER_INFO"),
        refusal(&[], "basic.auth.user.info=secret"),
        refusal(&[], "a=\\uzzzz"),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    --bootstrap: 'localhost' is not host:port: the port is missing, 9092 as a rule
    --registry: http://localhost: the address must not hold a user or password: write basic.auth.user.info=USER:PASSWORD into the file that --command-config names, or basic.auth.credentials.source=URL beside an address that stands there
    --registry: 'ftp://localhost:8081' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one
    --registry: 'the address' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one
    --registry: 'localhost' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one
    -X acks is not KEY=VALUE
    -X sasl.jaas.config would put a secret on the command line
    -X bootstrap.server: there is no such client property
    -X ssl.truststore.pasword: there is no such client property
    -X: sasl.mechanism is given, and without security.protocol nothing is protected
    -X: request.timeout.ms is 'soon', and it has to be a number of milliseconds above 0
    FILE:1: basic.auth.credentials.source needs basic.auth.user.info too
    FILE:1: basic.auth.user.info is '***', and it has to be USER:PASSWORD
    FILE: line 1: `\u` is followed by 'zzzz', not by four hexadecimal digits
    ");
    assert!(!refusals.concat().contains("secret@") && !refusals.concat().contains("=secret"));
}

#[test]
fn a_bad_time_limit_in_the_environment_names_the_variable() {
    let error = read(&[], &[("KLERK_TIMEOUT", "90")], "").unwrap_err();
    assert!(error.to_string().starts_with("variable KLERK_TIMEOUT: '90' is not a duration"), "{error}");
}
