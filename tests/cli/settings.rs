use crate::run::Place;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const PROPERTIES: &str = "bootstrap.servers = file:9092\nacks=all\nclient.id=ops\n\
    schema.registry.url=http://registry:8081\n\
    schema.registry.basic.auth.credentials.source=USER_INFO\n\
    schema.registry.basic.auth.user.info=ann:hunter2\n";

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let place = Place::new().file("client.properties", PROPERTIES);
    let variables = [("KLERK_BOOTSTRAP", "a:1,b:2"), ("KLERK_COMMAND_CONFIG", "client.properties")];
    let ran = place.run_with("config show --timeout 90s", &variables, "");
    let settings = ran.stdout.split("\nvariables\n").next().unwrap();
    insta::assert_snapshot!(settings, @r"
    bootstrap             a:1,b:2  (variable KLERK_BOOTSTRAP)
    registry              http://registry:8081  (client.properties:4)
    cluster               not set
    registry.credentials  basic ann:***  (client.properties:6)
    client.id             ops  (client.properties:3)
    request.timeout.ms    30s (30000)  (default)
    timeout               1m30s (90000)  (--timeout)
    command-config        client.properties  (variable KLERK_COMMAND_CONFIG)
    context               not set
    security.protocol     PLAINTEXT  (default)

    ignored, of no meaning here: acks
    ");
    let ran = place.run_with("config show --timeout 90s -o json", &variables, "");
    assert!(!ran.stdout.contains("hunter2"));
    assert!(ran.stderr.contains("chmod 600 client.properties"), "{ran:?}");
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["settings"][0]["value"], "a:1,b:2");
    assert_eq!(document["settings"][0]["origin"], "variable KLERK_BOOTSTRAP");
    assert_eq!(document["ignored"][0], "acks");
    let row = |name: &str| {
        let rows = document["settings"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        (row["value"].clone(), row["value_ms"].clone())
    };
    assert_eq!(row("request.timeout.ms"), (Value::Null, 30_000.into()), "durations are integers");
    assert_eq!(row("timeout"), (Value::Null, 90_000.into()));
    assert_eq!(row("client.id"), ("ops".into(), Value::Null));
}

#[test]
fn the_paths_are_those_of_the_environment() {
    let place = Place::new();
    let document = place.run_with("config path -o json", &[("XDG_STATE_HOME", "/state")], "").json();
    assert_eq!(document["records"], "/state/klerk");
}

#[test]
fn a_secure_connection_is_never_made_a_plain_one() {
    let place = Place::new()
        .file("topology.yaml", "klerk: 1\n")
        .file("tls.properties", "bootstrap.servers=127.0.0.1:1\nsecurity.protocol=SASL_SSL\n");
    insta::assert_snapshot!(place.run("plan --command-config tls.properties").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: tls.properties:2: security.protocol=SASL_SSL without sasl.mechanism means GSSAPI (Kerberos), which klerk does not do
      → write sasl.mechanism=PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER
    ");
}

#[test]
fn a_secret_on_the_command_line_is_refused_without_repeating_it() {
    let ran = Place::new().run("plan -X sasl.jaas.config=hunter2");
    assert!(
        ran.status == 64 && !ran.stderr.contains("hunter2") && ran.stderr.contains("--command-config"),
        "{ran:?}"
    );
}

/// A comma in a password takes a list of brokers apart, and what stands before the `@` is still no part of a message.
#[test]
fn nothing_before_an_at_sign_is_repeated_of_a_list_of_brokers() {
    for brokers in
        ["zed:hun,ter2@kafka:9092", "a:1,zed:hunter2@kafka:9092", "zed:hunter2@kafka:9092,b:1", "hun,ter2@"]
    {
        let place = Place::new()
            .file("client.properties", &format!("bootstrap.servers={brokers}\n"))
            .file("topology.yaml", &format!("klerk: 1\nenvironments:\n  dev: {{ bootstrap: '{brokers}' }}\n"))
            .file(
                "block.yaml",
                &format!("klerk: 1\nenvironments:\n  dev:\n    bootstrap:\n      - {brokers}\n"),
            )
            .file(
                "twice.yaml",
                &format!(
                    "klerk: 1\nenvironments:\n  dev:\n    bootstrap:\n      - {brokers}\n      - {brokers}\n"
                ),
            )
            .file("flow.yaml", &format!("klerk: 1\nenvironments:\n  dev: {{ bootstrap: [{brokers}] }}\n"));
        for line in [
            &format!("plan -b {brokers}"),
            "plan --command-config client.properties",
            "config show --command-config client.properties",
            "validate",
            "validate -f flow.yaml",
            "validate -f block.yaml",
            "validate -f twice.yaml",
        ] {
            let ran = place.run(line);
            let told = ran.all();
            assert!(ran.status != 0 && told.contains("no user and no password"), "{line}: {told}");
            assert!(
                !told.contains("hun") && !told.contains("ter2") && !told.contains("zed"),
                "{line}: {told}"
            );
        }
        let ran = place.run_with("group list", &[("KLERK_BOOTSTRAP", brokers)], "");
        assert!(!ran.all().contains("hun") && ran.all().contains("no user and no password"), "{}", ran.all());
    }
}

/// Java reads a file of properties as ISO-8859-1, and what most editors write is UTF-8.
#[test]
fn what_java_reads_as_other_characters_is_told() {
    let shown = |bytes: &[u8]| {
        let place = Place::new();
        let path = place.path().join("client.properties");
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let ran = place.run("config show --command-config client.properties");
        assert_eq!(ran.status, 0, "{ran:?}");
        let line = ran.stdout.lines().find(|line| line.starts_with("client.id")).unwrap().to_owned();
        (line.split_whitespace().nth(1).unwrap().to_owned(), ran.stderr)
    };
    let (name, said) = shown("# für alle\nclient.id=jürgen\ngroup.id=bücher\n".as_bytes());
    assert_eq!(name, "jürgen");
    insta::assert_snapshot!(said, @r#"warning: client.properties:2: client.id holds characters beyond ASCII: klerk reads them as UTF-8, and Java's clients as ISO-8859-1, that is, as others; write each as \u and the four digits of its code, which all read alike"#);
    assert_eq!(shown(b"client.id=j\xfcrgen\n"), ("jürgen".to_owned(), String::new()));
    assert_eq!(shown(b"client.id=j\\u00fcrgen\n"), ("jürgen".to_owned(), String::new()));
}
