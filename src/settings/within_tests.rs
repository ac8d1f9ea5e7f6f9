use super::*;
use crate::cli::Connection;
use crate::settings::Environment as Variables;
use klerk_core::topology::{Files, parse, resolve_in};

/// The settings for an environment that is written so, with flags and variables around it.
fn within(written: &str, flags: &Connection, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let text = format!("klerk: 1\nenvironments:\n  dev: {{ {written} }}\n");
    let draft = parse([("t.yaml".to_owned(), text)]);
    let topology = resolve_in(&draft, "dev", &Files::new()).unwrap().unwrap();
    let variables = Variables::read(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    });
    Settings::read(flags, &variables)?.within(topology.environment.as_ref().unwrap())
}

fn told(written: &str, flags: &Connection, variables: &[(&str, &str)]) -> String {
    let shown = |setting: Option<(String, &SettingOrigin)>| {
        setting.map_or("nowhere".to_owned(), |(value, origin)| format!("{value} ({origin})"))
    };
    match within(written, flags, variables) {
        Ok(settings) => {
            let bootstrap = settings.bootstrap.as_ref().map(|at| (joined(&at.value), &at.origin));
            let registry = settings.registry.as_ref().map(|at| (joined(&at.value), &at.origin));
            format!("{}, {}", shown(bootstrap), shown(registry))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn typed_then_environment_then_variable() {
    let none = Connection::default();
    let typed = Connection {
        bootstrap: vec!["typed:1".to_owned()],
        registry: vec!["http://typed:1".to_owned()],
        ..Connection::default()
    };
    let both = "bootstrap: 'dev:1,dev:2', registry: http://dev:8081";
    let elsewhere = [("KLERK_BOOTSTRAP", "prod:1"), ("SCHEMA_REGISTRY_URL", "http://prod:8081")];
    let same = [("KLERK_BOOTSTRAP", "dev:2"), ("SCHEMA_REGISTRY_URL", "http://dev:8081/")];
    insta::assert_snapshot!(
        [
            told(both, &none, &[]),
            told(both, &none, &same),
            told(both, &none, &elsewhere),
            told(both, &none, &elsewhere[1..]),
            told(both, &typed, &elsewhere),
            told("registry: none", &none, &elsewhere),
            told("registry: none", &typed, &[]),
            told("context: prod", &none, &[]),
            told("context: prod", &typed, &[]),
            told("bootstrap: 'dev:1', registry: 'https://dev/?a'", &none, &[]),
            told("", &none, &[]),
        ]
        .join("\n"),
        @r"
    dev:1,dev:2 (environment dev, t.yaml:3), http://dev:8081 (environment dev, t.yaml:3)
    dev:1,dev:2 (environment dev, t.yaml:3), http://dev:8081 (environment dev, t.yaml:3)
    the cluster of environment dev is dev:1,dev:2 (t.yaml:3), and KLERK_BOOTSTRAP points to prod:1
    the schema registry of environment dev is http://dev:8081 (t.yaml:3), and SCHEMA_REGISTRY_URL points to http://prod:8081
    typed:1 (--bootstrap), http://typed:1 (--registry)
    prod:1 (variable KLERK_BOOTSTRAP), nowhere
    typed:1 (--bootstrap), http://typed:1 (--registry)
    environment dev, t.yaml:3: there is no context 'prod'
    typed:1 (--bootstrap), http://typed:1 (--registry)
    environment dev, t.yaml:3: https://dev: the address must end with the base path, without '?' and '#'
    nowhere, nowhere
    "
    );
}

#[test]
fn a_file_that_a_variable_names_is_like_the_variable() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "bootstrap.servers=prod:1").unwrap();
    let path = file.path().to_str().unwrap();
    let refused = told("bootstrap: 'dev:1'", &Connection::default(), &[("KLERK_COMMAND_CONFIG", path)]);
    assert!(refused.ends_with("and KLERK_COMMAND_CONFIG points to prod:1"), "{refused}");
    let typed = Connection { command_config: Some(path.into()), ..Connection::default() };
    assert_eq!(told("bootstrap: 'dev:1'", &typed, &[]), "dev:1 (environment dev, t.yaml:3), nowhere");
}

#[test]
fn a_pin_is_kept_whatever_was_typed() {
    let typed = Connection { bootstrap: vec!["typed:1".to_owned()], ..Connection::default() };
    let settings = within("cluster: abc", &typed, &[]).unwrap();
    assert_eq!(settings.connect_options().unwrap().cluster.unwrap().id, "abc");
}

#[test]
fn a_registry_that_may_be_that_of_other_brokers_is_told() {
    let warned = |written: &str, flags: &Connection, variables: &[(&str, &str)]| {
        within(written, flags, variables).unwrap().warnings.join("\n")
    };
    let typed = |brokers: &str| Connection { bootstrap: vec![brokers.to_owned()], ..Connection::default() };
    let both = "bootstrap: 'dev:1', registry: http://dev:8081";
    insta::assert_snapshot!(warned(both, &typed("lab:1"), &[]), @"the brokers are those of --bootstrap (lab:1), and the schema registry is that of environment dev (http://dev:8081): type --registry, too, where it is another one");
    assert_eq!(warned(both, &typed("dev:1,dev:2"), &[]), "");
    assert_eq!(warned(both, &Connection::default(), &[]), "");
    let registry = vec!["http://lab:8081".to_owned()];
    assert_eq!(warned(both, &Connection { registry, ..typed("lab:1") }, &[]), "");
    // Only with the environment is it known where credentials of the properties file go.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.properties");
    std::fs::write(
        &file,
        "schema.registry.basic.auth.user.info=me:secret\nbasic.auth.credentials.source=USER_INFO\n",
    )
    .unwrap();
    let flags = Connection { command_config: Some(file), ..Connection::default() };
    let told = warned(both, &flags, &[]);
    insta::assert_snapshot!(told.lines().last().unwrap(), @"environment dev, t.yaml:3: http://dev:8081 is not https: the password can be read on the way");
}
