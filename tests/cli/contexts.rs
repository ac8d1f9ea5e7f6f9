//! Contexts: which one is meant, what it brings, and what it guards.

use crate::run::Place;
use crate::simulated::Simulated;

const CONFIG: &str = r#"default = "dev"

[contexts.dev]
bootstrap = "127.0.0.1:1"

[contexts.prod]
bootstrap = ["127.0.0.1:2", "127.0.0.1:3"]
registry = "http://127.0.0.1:4"
properties = "prod.properties"
topology = "estate/"
protected = true

[contexts.prod.client]
sasl.username = "klerk"
"sasl.password" = { command = ["sh", "-c", "touch ran; echo hunter2"] }
"basic.auth.user.info" = { file = "registry-login" }
"#;
const PROPERTIES: &str = "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nssl.ca.location=ca.pem\n";

fn place() -> Place {
    Place::new()
        .file(".config/klerk/config.toml", CONFIG)
        .file(".config/klerk/prod.properties", PROPERTIES)
        .file(".config/klerk/registry-login", "klerk:hunter3\n")
        .file(
            "topology.yaml",
            "klerk: 1\nenvironments:\n  live: { context: prod }\n  lost: { context: prdo }\n",
        )
}

/// Output with the folder taken out.
fn told(place: &Place, line: &str, variables: &[(&str, &str)]) -> String {
    let all = place.run_with(line, variables, "").all();
    assert!(!all.contains("hunter"), "{all}");
    all.replace(&place.path().display().to_string(), "HOME")
}

#[test]
fn a_context_brings_its_settings_and_runs_no_command_to_show_them() {
    let place = place();
    let shown = told(&place, "config show -c prod", &[("KLERK_BOOTSTRAP", "127.0.0.1:9")]);
    let (settings, _) = shown.split_once("\nvariables\n").unwrap();
    insta::assert_snapshot!(settings, @r"
    status 0
    --- stdout
    bootstrap                127.0.0.1:2,127.0.0.1:3  (context prod, HOME/.config/klerk/config.toml:7)
    registry                 http://127.0.0.1:4  (context prod, HOME/.config/klerk/config.toml:8)
    cluster                  not set
    registry.credentials     basic klerk:***  (context prod, HOME/.config/klerk/config.toml:16)
    client.id                klerk  (default)
    request.timeout.ms       30s (30000)  (default)
    timeout                  not set
    command-config           not set
    context                  prod (protected)  (--context)
    security.protocol        SASL_SSL  (HOME/.config/klerk/prod.properties:1)
    sasl.mechanism           SCRAM-SHA-512  (HOME/.config/klerk/prod.properties:2)
    sasl.username            klerk  (context prod, HOME/.config/klerk/config.toml:14)
    sasl.password            ***, by the command sh  (context prod, HOME/.config/klerk/config.toml:15)
    ssl.truststore.location  ca.pem  (HOME/.config/klerk/prod.properties:3)

    contexts
      dev  default  (HOME/.config/klerk/config.toml:3)
      prod  protected  (HOME/.config/klerk/config.toml:6)
    ");
    assert!(!place.path().join("ran").exists(), "the command was run");
}

#[test]
fn the_context_is_that_of_the_flag_the_environment_the_variable_or_the_default() {
    let place = place();
    let brokers = |line: &str, variables: &[(&str, &str)]| {
        let ran = place.run_with(line, variables, "");
        let told = ran.stdout.lines().find(|line| line.starts_with("bootstrap")).unwrap_or(&ran.stderr);
        told.replace(&place.path().display().to_string(), "HOME").trim().to_owned()
    };
    let prod = [("KLERK_CONTEXT", "prod")];
    let elsewhere = [("KLERK_BOOTSTRAP", "127.0.0.1:9")];
    insta::assert_snapshot!(
        [
            brokers("config show", &[]),
            brokers("config show", &prod),
            brokers("config show -c dev", &prod),
            brokers("config show -c prod -b 127.0.0.1:8", &[]),
            brokers("config show", &elsewhere),
            brokers("config show -c prod", &elsewhere),
            brokers("config show -e live", &[]),
            brokers("config show -e live", &prod),
            brokers("config show -e live", &[("KLERK_CONTEXT", "dev")]),
            brokers("config show -e live", &elsewhere),
            brokers("config show -e live -c dev", &[]),
            brokers("config show -e lost", &[]),
            brokers("config show -c pord", &[]),
            brokers("config show", &[("KLERK_CONTEXT", "x")]),
        ]
        .join("\n"),
        @r"
    bootstrap             127.0.0.1:1  (context dev, HOME/.config/klerk/config.toml:4)
    bootstrap                127.0.0.1:2,127.0.0.1:3  (context prod, HOME/.config/klerk/config.toml:7)
    bootstrap             127.0.0.1:1  (context dev, HOME/.config/klerk/config.toml:4)
    bootstrap                127.0.0.1:8  (--bootstrap)
    bootstrap             127.0.0.1:9  (variable KLERK_BOOTSTRAP)
    bootstrap                127.0.0.1:2,127.0.0.1:3  (context prod, HOME/.config/klerk/config.toml:7)
    bootstrap                127.0.0.1:2,127.0.0.1:3  (context prod, HOME/.config/klerk/config.toml:7)
    error: there is no file HOME/.config/klerk/estate/
      → check the path given to -f
    error: the cluster of environment live is the context prod (topology.yaml:3), and KLERK_CONTEXT points to the context dev
      → unset KLERK_CONTEXT, or type --bootstrap or --registry, which is stronger than both
    error: the cluster of environment live is 127.0.0.1:2,127.0.0.1:3 (topology.yaml:3), and KLERK_BOOTSTRAP points to 127.0.0.1:9
      → unset KLERK_BOOTSTRAP, or type --bootstrap or --registry, which is stronger than both
    bootstrap             127.0.0.1:1  (context dev, HOME/.config/klerk/config.toml:4)
    error: environment lost, topology.yaml:4: there is no context 'prdo'
      → did you mean prod?
    error: --context: there is no context 'pord'
      → did you mean prod?
    error: variable KLERK_CONTEXT: there is no context 'x'
      → there are dev, prod
    "
    );
    let aside = place.run_with("config show", &elsewhere, "");
    assert!(aside.stderr.contains("is left aside: KLERK_BOOTSTRAP names other brokers"), "{aside:?}");
}

#[test]
fn a_properties_file_for_another_cluster_is_not_for_the_default_one() {
    let place = Place::new()
        .file(".config/klerk/config.toml", "default = \"real\"\n[contexts.real]\nbootstrap = \"127.0.0.1:1\"\nregistry = \"http://127.0.0.1:3\"\n")
        .file("other.properties", "client.id=me\nbootstrap.servers=127.0.0.1:2\n")
        .file("same.properties", "client.id=me\nbootstrap.servers=127.0.0.1:1\n");
    let brokers = |line: &str, variables: &[(&str, &str)]| {
        let told = told(&place, line, variables);
        let kept = |line: &&str| ["bootstrap", "registry ", "note"].iter().any(|word| line.starts_with(word));
        told.lines().filter(kept).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(
        [
            brokers("config show --command-config other.properties", &[]),
            brokers("config show", &[("KLERK_COMMAND_CONFIG", "other.properties")]),
            brokers("config show --command-config other.properties", &[("KLERK_CONTEXT", "real")]),
            brokers("config show -X bootstrap.servers=127.0.0.1:2", &[]),
            brokers("config show --command-config same.properties", &[]),
            brokers("config show --command-config other.properties -c real", &[]),
        ]
        .join("\n\n"),
        @r"
    bootstrap             127.0.0.1:2  (other.properties:2)
    registry              not set
    note: the context real (HOME/.config/klerk/config.toml:1) is left aside: other.properties:2 names other brokers than it has

    bootstrap             127.0.0.1:2  (other.properties:2)
    registry              not set
    note: the context real (HOME/.config/klerk/config.toml:1) is left aside: other.properties:2 names other brokers than it has

    bootstrap             127.0.0.1:2  (other.properties:2)
    registry              not set
    note: the context real (variable KLERK_CONTEXT) is left aside: other.properties:2 names other brokers than it has

    bootstrap             127.0.0.1:2  (-X)
    registry              not set
    note: the context real (HOME/.config/klerk/config.toml:1) is left aside: -X names other brokers than it has

    bootstrap             127.0.0.1:1  (context real, HOME/.config/klerk/config.toml:3)
    registry              http://127.0.0.1:3  (context real, HOME/.config/klerk/config.toml:4)

    bootstrap             127.0.0.1:1  (context real, HOME/.config/klerk/config.toml:3)
    registry              http://127.0.0.1:3  (context real, HOME/.config/klerk/config.toml:4)
    note: the brokers of other.properties:2 are left aside: the context real (--context) names its own
    "
    );
}

#[test]
fn the_credentials_of_one_registry_are_not_for_another() {
    let config = "default = \"real\"\n[contexts.real]\nbootstrap = \"127.0.0.1:1\"\nregistry = \"http://127.0.0.1:3\"\n\
                  [contexts.real.client]\n\"basic.auth.user.info\" = \"klerk:secret\"\n";
    let place = Place::new()
        .file(".config/klerk/config.toml", config)
        .file("other.properties", "schema.registry.url=http://127.0.0.1:4\n");
    let registry = |line: &str, variables: &[(&str, &str)]| {
        let told = told(&place, line, variables);
        let kept = |line: &&str| {
            ["registry ", "registry.credentials", "note"].iter().any(|word| line.starts_with(word))
        };
        told.lines().filter(kept).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(
        [
            registry("config show", &[]),
            registry("config show --registry http://127.0.0.1:3/", &[]),
            registry("config show --registry http://127.0.0.1:4", &[]),
            registry("config show", &[("KLERK_REGISTRY", "http://127.0.0.1:4")]),
            registry("config show --command-config other.properties", &[]),
            registry("config show -c real --registry http://127.0.0.1:4", &[]),
        ]
        .join("\n\n"),
        @r"
    registry              http://127.0.0.1:3  (context real, HOME/.config/klerk/config.toml:4)
    registry.credentials  basic klerk:***  (context real, HOME/.config/klerk/config.toml:6)

    registry              http://127.0.0.1:3/  (--registry)
    registry.credentials  basic klerk:***  (context real, HOME/.config/klerk/config.toml:6)

    registry              http://127.0.0.1:4  (--registry)
    registry.credentials  not set
    note: the registry of the context real (HOME/.config/klerk/config.toml:1) is left aside with its credentials: --registry names another one

    registry              http://127.0.0.1:4  (variable KLERK_REGISTRY)
    registry.credentials  not set
    note: the registry of the context real (HOME/.config/klerk/config.toml:1) is left aside with its credentials: variable KLERK_REGISTRY names another one

    registry              http://127.0.0.1:4  (other.properties:1)
    registry.credentials  not set
    note: the registry of the context real (HOME/.config/klerk/config.toml:1) is left aside with its credentials: other.properties:1 names another one

    registry              http://127.0.0.1:4  (--registry)
    registry.credentials  basic klerk:***  (context real, HOME/.config/klerk/config.toml:6)
    "
    );
}

#[test]
fn a_properties_file_that_a_variable_names_is_not_for_a_context_that_was_typed() {
    let config = "[contexts.real]\nbootstrap = \"127.0.0.1:1\"\n[contexts.real.client]\n\"client.id\" = \"of-the-context\"\n";
    let place = Place::new()
        .file(".config/klerk/config.toml", config)
        .file("stray.properties", "security.protocol=SASL_PLAINTEXT\nclient.id=stray\n");
    let shown = |line: &str, variables: &[(&str, &str)]| {
        let told = told(&place, line, variables);
        let kept = |line: &&str| ["client.id", "security", "note"].iter().any(|word| line.starts_with(word));
        told.lines().filter(kept).collect::<Vec<_>>().join("\n")
    };
    let stray = [("KLERK_COMMAND_CONFIG", "stray.properties")];
    insta::assert_snapshot!(shown("config show -c real", &stray), @r"
    client.id             of-the-context  (context real, HOME/.config/klerk/config.toml:4)
    security.protocol     PLAINTEXT  (default)
    note: stray.properties (variable KLERK_COMMAND_CONFIG) is left aside: the context real (--context) was named for this command
    ");
}

#[test]
fn what_is_wrong_with_the_file_is_told_with_its_line() {
    let told = |config: &str| {
        let place = Place::new().file(".config/klerk/config.toml", config);
        told(&place, "config show", &[]).replace("--- stdout\n--- stderr\n", "")
    };
    insta::assert_snapshot!(
        [
            told("[contexts.dev]\nbotstrap = \"a:1\"\n"),
            told("[contexts.dev]\n\nbootstrap = 7\n"),
            told("[contexts.dev\n"),
            told("default = \"dve\"\n[contexts.dev]\n"),
            told("default = \"dev\"\n[contexts.dev.client]\nssl.truststore.pasword = \"hunter2\"\n"),
            told("[contexts.dev.client]\n\"security.protocol\" = { file = \"x\" }\n"),
            told("default = \"dev\"\n[contexts.dev.client]\n\"sasl.password\" = { file = \"x\" }\n"),
            told("default = \"dev\"\n[contexts.dev]\n\nproperties = \"nope.properties\"\n"),
        ]
        .join("\n"),
        @r"
    status 1
    error: HOME/.config/klerk/config.toml:2: there is no 'botstrap' here
      → did you mean bootstrap?

    status 1
    error: HOME/.config/klerk/config.toml:3: bootstrap has to be a text, or a list of texts

    status 1
    error: HOME/.config/klerk/config.toml:1: unclosed table, expected `]`

    status 1
    error: HOME/.config/klerk/config.toml:1: the default context 'dve' is not among those of this file
      → did you mean dev?

    status 1
    error: context dev, HOME/.config/klerk/config.toml:3: ssl.truststore.pasword: there is no such client property, and none that secures a connection is passed over
      → did you mean ssl.truststore.password?

    status 1
    error: HOME/.config/klerk/config.toml:2: security.protocol has to be a text: only secrets come from files and commands

    status 1
    error: context dev, HOME/.config/klerk/config.toml:3: sasl.password is to be read from HOME/.config/klerk/x, which cannot be read: No such file or directory (os error 2)
      → check the path, which starts from the folder of the file that names it, and who may read it

    status 1
    error: context dev, HOME/.config/klerk/config.toml:4: the properties file HOME/.config/klerk/nope.properties cannot be read: No such file or directory (os error 2)
      → check the path, which starts from the folder of the file that names it, and who may read it
    "
    );
}

#[test]
fn a_protected_context_is_changed_by_whoever_names_it() {
    let cluster = Simulated::start();
    let config = format!(
        "[contexts.prod]\nbootstrap = \"{}\"\nprotected = true\n[contexts.dev]\nbootstrap = \"{}\"\n",
        cluster.bootstrap(),
        cluster.bootstrap()
    );
    let place = Place::new()
        .file(".config/klerk/config.toml", &config)
        .file("topology.yaml", "klerk: 1\ntopics: { a: { partitions: 1, replication: 1 } }\n");
    let refused = place.run("apply -c prod --yes -o json");
    assert_eq!(refused.status, 4, "{refused:?}");
    let document: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!((&document["format"], &document["outcome"]), (&"klerk.report".into(), &"refused".into()));
    insta::assert_snapshot!(document["error"], @r#"{"kind":"refused","message":"the context prod is protected, the risk protected is not allowed, and there is no terminal to ask at","hints":["add --allow protected","protected: the resource is marked as protected"]}"#);
    assert_eq!(place.run("plan -c prod --detailed-exitcode").status, 2, "something was changed");
    assert_eq!(place.run("apply -c prod --dry-run").status, 0);
    let applied = place.run("apply -c prod --yes --allow protected");
    assert_eq!(applied.status, 0, "{applied:?}");
    assert_eq!(place.run("topic delete a -c dev --yes --allow loses-data").status, 0);
}

#[test]
fn a_command_that_prints_no_secret_is_named() {
    let config = "[contexts.a]\nbootstrap = \"127.0.0.1:1\"\n[contexts.a.client]\nsecurity.protocol = \"SASL_PLAINTEXT\"\n\
                  sasl.mechanism = \"PLAIN\"\nsasl.username = \"klerk\"\nsasl.password = { command = \"sh -c 'echo hunter2; exit 3'\" }\n";
    let place = Place::new().file(".config/klerk/config.toml", config).file("topology.yaml", "klerk: 1\n");
    insta::assert_snapshot!(told(&place, "plan -c a", &[]), @r"
    status 1
    --- stdout
    --- stderr
    warning: context a, HOME/.config/klerk/config.toml:4: security.protocol is SASL_PLAINTEXT, which encrypts nothing: the password and everything else can be read on the way
    error: context a, HOME/.config/klerk/config.toml:7: sasl.password comes from a command, and sh ended with exit status: 3
      → run it by hand, to see what it says
    ");
}

#[test]
fn names_are_completed_from_files_and_from_the_cluster() {
    let cluster = Simulated::start();
    let config = format!(
        "default = \"dev\"\n[contexts.dev]\nbootstrap = \"{}\"\n[contexts.far]\nbootstrap = \"127.0.0.1:1\"\n",
        cluster.bootstrap()
    );
    let place = Place::new()
        .file(".config/klerk/config.toml", &config)
        .file("topology.yaml", "klerk: 1\ntopics: { orders: { partitions: 1, replication: 1 }, events: { partitions: 1, replication: 1 } }\n")
        .file("envs.yaml", "klerk: 1\nenvironments: { dev: { context: dev }, prod: {} }\n");
    assert_eq!(place.run("apply --yes").status, 0);
    assert_eq!(place.run("group reset billing --topic orders --to-earliest --new-group --yes").status, 0);
    let complete = |words: &str| {
        let mut command = place.command("complete --");
        command.args(words.split(' '));
        let output = command.output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{words}: {output:?}");
        String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(complete("klerk topic delete "), "events orders");
    assert_eq!(complete("klerk topic delete or"), "orders");
    assert_eq!(complete("klerk group reset billing --topic=ev"), "--topic=events");
    assert_eq!(complete("klerk group lag b"), "billing");
    assert_eq!(complete("klerk plan -c "), "dev far");
    assert_eq!(complete("klerk plan -f envs.yaml -e "), "dev prod");
    assert_eq!(complete("klerk -c far topic delete "), "", "nothing listens there");
    assert_eq!(complete("klerk -c none topic delete "), "", "there is no such context");
    assert!(complete("klerk undo ").contains("Z-"));
    assert_eq!(complete("klerk plan --"), "");
}
