use super::*;
use crate::topology::{Files, parse, resolve_in};

#[test]
fn what_differs_is_told_with_its_lines() {
    let text = "klerk: 1
defaults: { replication: 3, retention.ms: 30d }
topics:
  a: { owner: x }
  b: { only: [dev], retention.ms: unset }
  c: {}
groups: { g: { topics: [a], members: 2..3 }, all: { max_lag: 5 } }
environments:
  dev: { at_most: { replication: 1 }, topics: { c: { replication: 3 } }, groups: { all: { max_age: 5m } } }
  prod: { override: { owner: x } }
";
    let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
    let within = |name: &str| resolve_in(&draft, name, &Files::new()).unwrap().unwrap();
    let (dev, prod) = (within("dev"), within("prod"));
    let side = |said: &Option<Sourced<String>>| {
        said.as_ref().map_or("-".to_owned(), |said| format!("{}@{}", said.value, said.origin.line))
    };
    let told = |difference: &Difference| {
        let fields = difference.fields.iter();
        let fields: Vec<String> = fields
            .map(|field| format!("{}: {} {}", field.field, side(&field.first), side(&field.second)))
            .collect();
        format!("{} {:?} {}", difference.about, difference.held_by, fields.join(", "))
    };
    let all: Vec<String> = compare(&dev, &prod).iter().map(told).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    topic a Both replication: 1@9 3@2
    topic b First replication: 1@9 -, retention.ms: unset@5 -
    topic c Both owner: - x@10
    group all Both max_age: 5m@9 -
    group g Both max_age: 5m@9 -
    "#);
    assert_eq!(compare(&dev, &dev), []);
    assert_eq!(compare(&prod, &dev).len(), all.len());
}

/// What the file says, what one of its two environments says beside it, and what is told of that.
const ALONE: &[(&str, &str, &str)] = &[
    ("", "topics: { t: { state: absent } }", "topic t First state"),
    ("topics: { t: {} }", "topics: { t: { state: absent } }", "topic t Both state"),
    ("topics: { t: { state: absent } }", "topics: { t: { protected: true } }", "topic t Both protected"),
    ("topics: { t: {} }", "topics: { t: { protected: true } }", "topic t Both protected"),
    ("topics: { t: {} }", "topics: { t: { partitions: 2 } }", "topic t Both partitions"),
    ("topics: { t: {} }", "topics: { t: { replication: 2 } }", "topic t Both replication"),
    ("topics: { t: {} }", "topics: { t: { flush.ms: 2 } }", "topic t Both flush.ms"),
    ("topics: { t: {} }", "topics: { t: { owner: o } }", "topic t Both owner"),
    ("topics: { t: {} }", "topics: { t: { description: o } }", "topic t Both description"),
    ("topics: { t: {} }", "topics: { t: { key_by: o } }", "topic t Both key_by"),
    ("topics: { t: {} }\nclasses: { c: {} }", "topics: { t: { class: c } }", "topic t Both class"),
    ("", "schemas: { subjects: { s: { state: absent } } }", "subject s First state"),
    (
        "schemas: { subjects: { s: { state: absent } } }",
        "schemas: { subjects: { s: { state: absent, permanent: true } } }",
        "subject s Both permanent",
    ),
    (
        "schemas: { subjects: { s: a.avsc } }",
        "schemas: { subjects: { s: { schema: b.avsc } } }",
        "subject s Both schema",
    ),
    (
        "schemas: { subjects: { s: a.avsc } }",
        "schemas: { subjects: { s: { schema: a.avsc, compatibility: FULL } } }",
        "subject s Both compatibility",
    ),
    ("groups: { g: {} }", "groups: { g: { members: 2 } }", "group g Both members"),
    ("groups: { g: {} }", "groups: { g: { max_lag: 2 } }", "group g Both max_lag"),
    ("groups: { g: {} }", "groups: { g: { max_age: 2m } }", "group g Both max_age"),
    ("groups: { g: {} }", "groups: { g: { isolation: committed } }", "group g Both isolation"),
    ("groups: { g: {} }", "groups: { g: { protected: true } }", "group g Both protected"),
    ("topics: { t: {} }\ngroups: { g: {} }", "groups: { g: { topics: [t] } }", "group g Both topics"),
    (
        "topics: { t: {} }\ngroups: { g: { topics: [t] } }",
        "groups: { g: { start: latest } }",
        "group g Both start",
    ),
    ("", "groups: { all: { max_lag: 2 } }", "group all First max_lag"),
    (
        "topics: { t: {} }",
        "access: { a: { produce: [t] } }",
        "acl User:a First allow describe on topic t (literal), allow write on topic t (literal)",
    ),
    ("", "access: { a: { state: absent } }", "acl User:a First "),
    ("quotas: [{ user: u, consume: 1 }]", "quotas: [{ user: u, consume: 2 }]", "quota user u Both consume"),
    ("", "quotas: [{ user: u, state: absent }]", "quota user u First state"),
    (
        "users: { u: { scram: SCRAM-SHA-512, password_file: p } }",
        "users: { u: { scram: SCRAM-SHA-512, password_file: q } }",
        "user u Both password_file",
    ),
    (
        "users: { u: { scram: SCRAM-SHA-512, password_file: p } }",
        "users: { u: { scram: SCRAM-SHA-512, password_file: p, iterations: 8192 } }",
        "user u Both iterations",
    ),
    (
        "users: { u: { state: absent } }",
        "users: { u: { state: absent, scram: SCRAM-SHA-512 } }",
        "user u Both scram",
    ),
    ("", "external: { topics: [x] }", "external First topics"),
    ("external: { topics: [x] }", "external: { groups: [y] }", "external Both groups"),
    ("", "naming: { topics: '{a}.{b}' }", "naming First topics"),
    ("", "naming: { groups: '{a}-{b}' }", "naming First groups"),
    ("", "policy: { changes: { add-partitions: approve } }", "policy First changes.add-partitions"),
    ("policy: { scope: [t] }", "policy: { scope: [t.] }", "policy Both scope"),
    ("", "policy: { unlisted_configs: reset }", "policy First unlisted_configs"),
    ("", "policy: { max_change_share: 5% }", "policy First max_change_share"),
    ("", "policy: { topics: { require: [owner] } }", "policy First topics.require"),
    ("", "policy: { topics: { values: { flush.ms: [1d, 7d] } } }", "policy First topics.values.flush.ms"),
];

/// What is told of a row.
fn told(base: &str, own: &str) -> Result<String, String> {
    let text = format!("klerk: 1\n{base}\nenvironments: {{ a: {{ {own} }}, b: {{ bootstrap: 'b:9' }} }}\n");
    let draft = parse([("t.yaml".to_owned(), text)]);
    let schema = || Ok("\"string\"".to_owned());
    let files = Files::from([("a.avsc".to_owned(), schema()), ("b.avsc".to_owned(), schema())]);
    let within = |name: &str| resolve_in(&draft, name, &files).unwrap().map_err(|faults| faults.to_string());
    let word = |one: &Difference| {
        let fields: Vec<&str> = one.fields.iter().map(|field| field.field.as_str()).collect();
        format!("{} {:?} {}", one.about, one.held_by, fields.join(", "))
    };
    let words: Vec<String> = compare(&within("a")?, &within("b")?).iter().map(word).collect();
    Ok(words.join("; "))
}

#[test]
fn two_environments_that_differ_in_one_thing_differ_in_that() {
    let found: Vec<_> = ALONE.iter().map(|(base, own, _)| (*base, *own, told(base, own))).collect();
    let meant: Vec<_> = ALONE.iter().map(|(base, own, told)| (*base, *own, Ok((*told).to_owned()))).collect();
    let wrong: Vec<_> = found.iter().zip(&meant).filter(|(found, meant)| found != meant).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
