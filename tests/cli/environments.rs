//! Which environment is meant, and where it is. Nothing listens where these commands would connect to.

use crate::run::Place;

const ESTATE: &str = "klerk: 1
defaults: { partitions: 3, replication: 3, retention.ms: 30d }
topics:
  orders: {}
  trace: { only: [dev] }
groups:
  billing: { topics: [orders], protected: true }
environments:
  dev:
    bootstrap: 127.0.0.1:1
    registry: none
    at_most: { replication: 1, retention.ms: 7d }
    groups: { billing: { protected: false } }
  prod: { bootstrap: 127.0.0.1:2, registry: http://127.0.0.1:3 }
  away: { context: far }
";

fn place() -> Place {
    Place::new().file("topology.yaml", ESTATE)
}

/// Status and standard error.
fn refused(line: &str, variables: &[(&str, &str)]) -> String {
    let place = place();
    let ran = place.run_with(line, variables, "");
    assert_eq!(ran.stdout, "", "{line}");
    let told = ran.stderr.replace(&place.path().display().to_string(), "HOME");
    format!("status {}\n{told}", ran.status)
}

#[test]
fn an_environment_has_to_be_named_and_to_be_there() {
    insta::assert_snapshot!(refused("plan", &[]), @r#"
    status 64
    error: the topology has environments, and none is named: away, dev, prod
      → choose one with -e, such as -e away
    "#);
    assert_eq!(refused("plan", &[]), refused("apply --yes", &[]));
    assert_eq!(refused("plan", &[]), refused("group lag -f topology.yaml", &[]));
    assert_eq!(refused("plan", &[]), refused("group reset g --all-topics --to-latest -f topology.yaml", &[]));
    insta::assert_snapshot!(refused("plan -e prd", &[]), @r#"
    status 64
    error: the topology has no environment 'prd'
      → did you mean prod? there are away, dev, prod
    "#);
    insta::assert_snapshot!(refused("-e dev plan -e prod -e dev", &[]), @r#"
    status 64
    error: -e names one environment here, and this names 2
      → run the command once for each
    "#);
    let without = Place::new().file("topology.yaml", "klerk: 1\n").run("plan -e dev");
    insta::assert_snapshot!(without.all(), @r#"
    status 64
    --- stdout
    --- stderr
    error: the topology has no environment 'dev'
      → it has no section environments; leave -e out
    "#);
    assert_eq!(place().run("plan -o json").json()["error"]["kind"], "usage");
}

#[test]
fn its_cluster_is_where_it_says() {
    insta::assert_snapshot!(refused("plan -e dev", &[]), @r#"
    status 1
    error: 127.0.0.1:1: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 1 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
    "#);
    insta::assert_snapshot!(refused("group list --env dev", &[]), @r#"
    status 1
    error: 127.0.0.1:1: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 1 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
    "#);
    insta::assert_snapshot!(refused("group describe billing -edev -b 127.0.0.1:4", &[]), @r#"
    status 1
    error: 127.0.0.1:4: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 4 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
    "#);
}

#[test]
fn a_variable_that_points_elsewhere_is_refused() {
    insta::assert_snapshot!(refused("plan -e dev", &[("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:2")]), @r#"
    status 64
    error: the cluster of environment dev is 127.0.0.1:1 (topology.yaml:10), and KAFKA_BOOTSTRAP_SERVERS points to 127.0.0.1:2
      → unset KAFKA_BOOTSTRAP_SERVERS, or type --bootstrap or --registry, which is stronger than both
    "#);
    insta::assert_snapshot!(refused("apply -e prod", &[("KLERK_REGISTRY", "http://127.0.0.1:8081")]), @r#"
    status 64
    error: the schema registry of environment prod is http://127.0.0.1:3 (topology.yaml:14), and KLERK_REGISTRY points to http://127.0.0.1:8081
      → unset KLERK_REGISTRY, or type --bootstrap or --registry, which is stronger than both
    "#);
    insta::assert_snapshot!(refused("plan -e away", &[("KLERK_BOOTSTRAP", "127.0.0.1:4")]), @r#"
    status 64
    error: environment away, topology.yaml:15: there is no context 'far'
      → contexts stand in HOME/.config/klerk/config.toml: [contexts.NAME] with bootstrap = "HOST:PORT"
    "#);
}

#[test]
fn settings_tell_that_they_come_from_it() {
    let shown = place().run("config show -e prod").stdout;
    let lines: Vec<&str> = shown.lines().take(2).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    bootstrap             127.0.0.1:2  (environment prod, topology.yaml:14)
    registry              http://127.0.0.1:3  (environment prod, topology.yaml:14)
    ");
}

#[test]
fn a_topology_that_lies_there_protects_by_the_strictest() {
    insta::assert_snapshot!(refused("group reset billing --all-topics --to-latest -b 127.0.0.1:4", &[]), @r#"
    status 1
    protection by topology.yaml, the strictest of its environments away, dev, prod
    error: 127.0.0.1:4: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 4 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
    "#);
    insta::assert_snapshot!(refused("group reset billing --all-topics --to-latest -e dev", &[]), @r#"
    status 1
    protection by topology.yaml, environment dev
    error: 127.0.0.1:1: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 1 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
    "#);
}

#[test]
fn validation_covers_all_of_them() {
    insta::assert_snapshot!(place().run("validate").all(), @r"
    status 0
    --- stdout
    sound: 1 topic, 0 schemas, 1 group in topology.yaml
      environment away: 1 topic, 0 schemas, 1 group
      environment dev: 2 topics, 0 schemas, 1 group
      environment prod: 1 topic, 0 schemas, 1 group

    warning[topic/min-isr-missing]: in environment prod: 'orders' has replication factor 3 in production and says no min.insync.replicas: the broker's default holds, which is 1 unless somebody has set it, so that an acknowledged record may be on one replica only
     --> topology.yaml:4:3
      |
    4 |   orders: {}
      |   ^^^^^^

    1 warning
    --- stderr
    ");
    insta::assert_snapshot!(place().run("validate -e dev").all(), @r#"
    status 0
    --- stdout
    sound: environment dev: 2 topics, 0 schemas, 1 group in topology.yaml
    --- stderr
    "#);
    let faulty =
        Place::new().file("topology.yaml", &ESTATE.replace("topics: [orders]", "topics: [orders, trace]"));
    insta::assert_snapshot!(faulty.run("validate").all(), @r#"
    status 1
    --- stdout
    error[topology/unknown-topic]: in environments away, prod: topic 'trace' does not exist
     --> topology.yaml:7:31
      |
    7 |   billing: { topics: [orders, trace], protected: true }
      |                               ^^^^^
      |
      = help: 'only: [dev]' for the group too, or other topics for it there

    1 fault in topology.yaml
    --- stderr
    "#);
    assert_eq!(faulty.run("validate -e dev").status, 0);
    let document = faulty.run("validate -o json").json();
    assert_eq!(document["faults"][0]["environments"], serde_json::json!(["away", "prod"]));
}

#[test]
fn two_environments_are_compared_without_a_cluster() {
    let place = place();
    insta::assert_snapshot!(place.run("diff -e dev -e prod").all(), @r#"
    status 0
    --- stdout
    ~ topic orders
        replication  1 (topology.yaml:12) → 3 (topology.yaml:2)
        retention.ms  7d (604800000) (topology.yaml:12) → 30d (2592000000) (topology.yaml:2)
    - topic trace  only in dev
        partitions  3 (topology.yaml:2)
        replication  1 (topology.yaml:12)
        retention.ms  7d (604800000) (topology.yaml:12)
    ~ group billing
        protected  false (topology.yaml:13) → true (topology.yaml:7)

    3 resources differ from dev to prod.
    --- stderr
    "#);
    assert_eq!(place.run("diff -e dev -e prod --detailed-exitcode").status, 2);
    assert_eq!(place.run("diff -e prod -e prod --detailed-exitcode").status, 0);
    insta::assert_snapshot!(place.run("diff -e prod -e away --match orders").all(), @r#"
    status 0
    --- stdout
    Nothing differs from prod to away.
    --- stderr
    "#);
    insta::assert_snapshot!(refused("diff -e prod", &[]), @r#"
    status 64
    error: -e names the environments to compare: there have to be two, and this names 1
      → klerk diff -e A -e B
    "#);
    let document = place.run("diff -e prod -e dev --only groups -o json").json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
    {
      "format": "klerk.diff",
      "version": 1,
      "a": "prod",
      "b": "dev",
      "same": false,
      "differences": [
        {
          "resource": {
            "type": "group",
            "name": "billing"
          },
          "only_in": null,
          "fields": [
            {
              "field": "protected",
              "a": {
                "value": "true",
                "origin": {
                  "file": "topology.yaml",
                  "line": 7,
                  "column": 43
                }
              },
              "b": {
                "value": "false",
                "origin": {
                  "file": "topology.yaml",
                  "line": 13,
                  "column": 37
                }
              }
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn what_differs_alike_is_told_together() {
    let topics: String = (0..30).map(|number| format!("  t{number:02}: {{}}\n")).collect();
    let file = format!(
        "klerk: 1\ntopics:\n{topics}  orders: {{ retention.ms: 1d }}\nenvironments:\n  dev:\n    defaults: {{ retention.ms: 1h }}\n  \
         prod:\n    defaults: {{ retention.ms: 2d }}\n    topics: {{ orders: {{ retention.ms: 7d }} }}\n"
    );
    let place = Place::new().file("topology.yaml", &file);
    insta::assert_snapshot!(place.run("diff -e dev -e prod").all(), @r"
    status 0
    --- stdout
    ~ topic orders
        retention.ms  1d (86400000) (topology.yaml:33) → 7d (604800000) (topology.yaml:39)
    ~ 30 topics: t00, t01, t02, t03, t04, t05, t06, t07, t08, t09, and 20 more
        retention.ms  1h (3600000) (topology.yaml:36) → 2d (172800000) (topology.yaml:38)

    What differs alike is told of together; -o json tells of each by itself.

    31 resources differ from dev to prod.
    --- stderr
    ");
    let all = place.run("diff -e dev -e prod -o json").json();
    assert_eq!(all["differences"].as_array().expect("all").len(), 31);
}
