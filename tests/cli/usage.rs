use crate::run::Place;
use crate::scene::Scene;

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    insta::assert_snapshot!(Place::new().run("plan --detailed-exit").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: unexpected argument '--detailed-exit' found
      → a similar argument exists: '--detailed-exitcode'
      → usage: klerk plan --detailed-exitcode
    ");
}

#[test]
fn a_slip_is_json_when_the_arguments_ask_for_it() {
    let ran = Place::new().run("plan --detailed-exit -o json");
    assert_eq!(ran.status, 64);
    insta::assert_snapshot!(serde_json::to_string_pretty(&ran.json()).unwrap(), @r#"
    {
      "format": "klerk.error",
      "version": 1,
      "error": {
        "kind": "usage",
        "message": "unexpected argument '--detailed-exit' found",
        "hints": [
          "a similar argument exists: '--detailed-exitcode'",
          "usage: klerk plan --detailed-exitcode"
        ],
        "causes": [],
        "resource": null,
        "kafka": null
      }
    }
    "#);
}

#[test]
fn without_a_subcommand_the_help_is_shown() {
    let place = Place::new();
    let ran = place.run("");
    assert!(ran.status == 64 && ran.stdout.is_empty() && ran.stderr.contains("Usage: klerk"), "{ran:?}");
    let ran = place.run("group");
    assert!(
        ran.status == 64 && ran.stdout.is_empty() && ran.stderr.contains("Usage: klerk group"),
        "{ran:?}"
    );
    assert_eq!(place.run("group -o json").json()["error"]["kind"], "usage");
}

#[test]
fn what_is_not_in_this_version_is_refused_by_name() {
    let place = Place::new();
    let lines = ["dlq list", "topic list --size", "plan -c prod", "apply -o markdown", "group lag --watch"];
    let refusals: Vec<String> = lines
        .iter()
        .map(|line| {
            let ran = place.run(line);
            assert_eq!(ran.status, 64, "{line}");
            format!("{line}: {}", ran.stderr.lines().next().unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!(refusals.join("\n"), @r"
    dlq list: error: klerk dlq is not in this version
    topic list --size: error: klerk topic list is not in this version
    plan -c prod: error: --context: there is no context 'prod'
    apply -o markdown: error: --output markdown is not a form of this answer
    group lag --watch: error: --watch of klerk group lag is not in this version
    ");
}

#[test]
fn a_bound_of_nothing_is_refused() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("plan --timeout 0s -b 127.0.0.1:1").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: invalid value '0s' for '--timeout <DURATION>': '0s' leaves no time for anything: give at least 1ms, such as 90s, or leave it out to wait without a bound
    ");
    let ran = place.run_with("plan -b 127.0.0.1:1", &[("KLERK_TIMEOUT", "0s")], "");
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.starts_with("error: variable KLERK_TIMEOUT: '0s' leaves no time"), "{}", ran.stderr);
}

#[test]
fn a_value_that_is_none_is_answered_with_those_that_are() {
    let place = Place::new();
    let told = |line: &str| place.run(line).all().replace("--- stdout\n--- stderr\n", "");
    insta::assert_snapshot!(
        [
            told("plan --throttle fast"),
            told("plan --throttle 50Mb/s"),
            told("plan --throttle 3"),
            told("plan --timeout 5"),
            told("plan --timeout soon"),
            told("apply --batch 0"),
            told("group lag --top x"),
            told("group list --state stabel"),
            told("plan -o csv"),
            told("undo"),
        ]
        .join("\n"),
        @r"
    status 64
    error: invalid value 'fast' for '--throttle <RATE>': a rate is a number with kB/s, MB/s or GB/s (powers of 1000), or with KiB/s, MiB/s or GiB/s (powers of 1024), such as 50MB/s; a bare number counts bytes a second

    status 64
    error: invalid value '50Mb/s' for '--throttle <RATE>': a rate is a number with kB/s, MB/s or GB/s (powers of 1000), or with KiB/s, MiB/s or GiB/s (powers of 1024), such as 50MB/s; a bare number counts bytes a second; did you mean 50MB/s?

    status 64
    error: invalid value '3' for '--throttle <RATE>': 3 is 3 bytes a second, at which no move would ever end; with a unit it is 3MB/s

    status 64
    error: invalid value '5' for '--timeout <DURATION>': '5' is not a duration such as 90m, 1h30m, PT90M or P1D: it lacks a unit

    status 64
    error: invalid value 'soon' for '--timeout <DURATION>': 'soon' is not a duration such as 90m, 1h30m, PT90M or P1D: a number with ms, s, m, h or d is expected

    status 64
    error: invalid value '0' for '--batch <N>': '0' is not a whole number of 1 or more, such as 100

    status 64
    error: invalid value 'x' for '--top <N>': 'x' is not a whole number of 0 or more, such as 10

    status 64
    error: invalid value 'stabel' for '--state <STATE>': 'stabel' is no state of a group; did you mean stable?

    status 64
    error: --output csv is not a form of this answer
      → klerk group lag gives it

    status 64
    error: the following required arguments were not provided: <RECORD>
      → usage: klerk undo <RECORD>
    "
    );
    for rate in ["400KB/s", "400KiB/s", "1MB/s", "1GB", "20000", "20000/s"] {
        let ran = place.run(&format!("plan --throttle {rate}"));
        assert!(ran.stderr.contains("there is no topology.yaml here"), "{rate}: {}", ran.stderr);
    }
}

#[test]
fn an_unknown_risk_is_answered_with_all_of_them() {
    insta::assert_snapshot!(Place::new().run("apply --allow everything").stderr, @"error: invalid value 'everything' for '--allow <NAME>': 'everything' is neither a risk nor a kind of change; there are loses-data, moves-keys, stops-writes, weakens-durability, moves-replicas, breaks-readers, protected, skips-records, repeats-records, opens-access, closes-access, moved-since, create-topic, add-partitions, set-config, move-replicas, cancel-moves, elect-leaders, delete-topic, delete-records, register-schema, set-compatibility, delete-subject, delete-version, commit-offsets, delete-offsets, delete-group, create-acl, delete-acl, set-quota, delete-quota, set-user, delete-user, copy-records, max-change-share");
}

#[test]
fn an_address_means_nothing_to_what_starts_servers_of_its_own() {
    let place = Place::new();
    for command in ["sandbox", "demo"] {
        for flag in ["-b x:1", "--registry http://x", "--command-config x", "-X a=b"] {
            let ran = place.run(&format!("{command} {flag}"));
            assert_eq!((ran.status, ran.stdout.as_str()), (64, ""), "{command} {flag}");
            assert!(ran.stderr.contains("the command starts servers of its own"), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_pattern_that_nothing_matches_is_said_to() {
    let orders = "klerk: 1\ntopics: { orders: { partitions: 2 } }\n";
    let scene = Scene::applied(orders);
    let ran = scene.run("plan --match orde");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.stderr.contains("no name that the topology plans matches 'orde'"), "{}", ran.stderr);
    assert!(!scene.run("plan --match orde*").stderr.contains("no name"));
    assert!(!scene.run("plan").stderr.contains("no name"));
    for (line, told) in [
        ("validate", "no name in the topology matches 'orde'"),
        ("export", "no name that is seen matches 'orde'"),
        ("group list", "no group that is visible matches 'orde'"),
        ("group lag", "no group that is visible matches 'orde'"),
        ("user list", "no user matches 'orde'"),
        ("quota list", "no quota matches 'orde'"),
        ("diff -e a -e b -f environments.yaml", "no name in either environment matches 'orde'"),
    ] {
        let environments =
            "klerk: 1\ntopics: { orders: {} }\nenvironments: { a: {}, b: { topics: { new: {} } } }\n";
        let ran = scene.also("environments.yaml", environments).run(&format!("{line} --match orde"));
        assert_eq!(ran.status, 0, "{line}: {}", ran.all());
        assert!(ran.stderr.contains(told), "{line}: {}", ran.all());
    }
    assert!(!scene.run("export --match ord*").stderr.contains("no name"));
}
