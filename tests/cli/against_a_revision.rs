//! `plan --against git:REV`: what a change of the files asks for, for somebody who has no cluster.

use crate::run::{Place, Ran};
use serde_json::json;
use std::fs;
use std::process::{Command, Stdio};

const BEFORE: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 3, retention.ms: 7d, value: { schema: schemas/Order.avsc } }
  wallets: { partitions: 1, replication: 3 }
";

const AFTER: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 3, retention.ms: 1d, value: { schema: schemas/Order.avsc } }
  trades: { partitions: 6, replication: 3 }
";

const ORDER: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}"#;
const WITH_DEFAULT: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"note","type":"string","default":""}]}"#;
const WITHOUT_DEFAULT: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"note","type":"string"}]}"#;

/// A repository with the topology `before` and the schema committed in the folder `estate`.
fn repository(before: &str) -> Place {
    let place = Place::new().file("estate/topology.yaml", before).file("estate/schemas/Order.avsc", ORDER);
    git(&place, &["init", "-q"]);
    commit(&place);
    place
}

fn commit(place: &Place) {
    git(place, &["add", "estate"]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    git(place, &[&who[..], &["commit", "-q", "-m", "a state"]].concat());
}

fn git(place: &Place, args: &[&str]) {
    let status = Command::new("git")
        .args(args)
        .current_dir(place.path())
        .env("HOME", place.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdout(Stdio::null())
        .status()
        .expect("git is installed");
    assert!(status.success(), "git {args:?}");
}

fn write(place: &Place, name: &str, text: &str) {
    fs::write(place.path().join("estate").join(name), text).expect("it is written");
}

fn run(place: &Place, line: &str) -> Ran {
    place.run(&format!("plan -f estate --against {line}"))
}

/// All that is told, with a word in the place of the commit.
fn told(place: &Place, ran: &Ran) -> String {
    let output =
        Command::new("git").args(["rev-parse", "HEAD"]).current_dir(place.path()).output().expect("git");
    let commit = String::from_utf8(output.stdout).expect("text");
    ran.all().replace(&commit[..8], "<commit>")
}

#[test]
fn nothing_changed_is_nothing_to_do() {
    let place = repository(BEFORE);
    let ran = run(&place, "git:HEAD --detailed-exitcode");
    insta::assert_snapshot!(told(&place, &ran), @r"
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 3 unchanged
    Compared with git:HEAD (<commit>), and with no cluster: it shows what a change of the files asks for, and cannot be applied.
    --- stderr
    ");
}

#[test]
fn what_a_branch_asks_for_is_told_without_a_cluster() {
    let place = repository(BEFORE);
    write(&place, "topology.yaml", AFTER);
    write(&place, "schemas/Order.avsc", WITH_DEFAULT);
    let ran = run(&place, "git:HEAD");
    insta::assert_snapshot!(told(&place, &ran), @r"
    status 0
    --- stdout
    + topic trades  (estate/topology.yaml:4)
        partitions 6, replication 3
        not put to the server beforehand
    ~ topic orders  (estate/topology.yaml:3)
        retention.ms  7d (604800000) → 1d (86400000)
        risk loses-data: records that exist, or may exist, become deletable
        retention.ms is lowered from 7d (604800000) to 1d (86400000)
        whether the topic holds records could not be read: planned against a revision, no cluster was asked
        not available: records, bytes, time, last write, unread: planned against a revision, no cluster was asked
        not put to the server beforehand
    ~ subject orders-value  (estate/topology.yaml:3)
        schema  that of the revision → new version, AVRO
        klerk alone, without a registry, finds it compatible with the older one at level BACKWARD, the usual one, for no file says any
        not put to the server beforehand

    no longer named, would be left alone (unmanaged): 1 topic: wallets

    1 to create, 2 to change, 0 blocked; 0 unchanged
    Compared with git:HEAD (<commit>), and with no cluster: it shows what a change of the files asks for, and cannot be applied.
    Applying such a plan would need --allow loses-data.
    --- stderr
    ");
    assert_eq!(run(&place, "git:HEAD --detailed-exitcode").status, 2);
    assert_eq!(run(&place, "git:HEAD --only schemas --match nothing --detailed-exitcode").status, 0);

    commit(&place);
    assert_eq!(run(&place, "git:HEAD --detailed-exitcode").status, 0);
    assert_eq!(run(&place, "git:HEAD~1 --detailed-exitcode").status, 2);
}

#[test]
fn what_is_no_longer_said_to_be_absent_is_told() {
    let place = repository(
        "klerk: 1\ntopics: { orders: { partitions: 4, value: { schema: schemas/Order.avsc } }, old: { state: absent } }\n",
    );
    write(
        &place,
        "topology.yaml",
        "klerk: 1\ntopics: { orders: { partitions: 4, value: { schema: schemas/Order.avsc } } }\n",
    );
    insta::assert_snapshot!(told(&place, &run(&place, "git:HEAD --detailed-exitcode")), @r"
    status 0
    --- stdout
    info plan/not-in-revision: git:HEAD (<commit>) says that topic old is not to be there (estate/topology.yaml:2:91), and no file names it now: where it exists, it is left alone

    0 to create, 0 to change, 0 blocked; 2 unchanged
    Compared with git:HEAD (<commit>), and with no cluster: it shows what a change of the files asks for, and cannot be applied.
    --- stderr
    ");
}

#[test]
fn its_document_names_the_revision_and_no_cluster() {
    let place = repository(BEFORE);
    write(&place, "topology.yaml", AFTER);
    let ran = run(&place, "git:HEAD -o json");
    let plan = ran.json();
    assert_eq!((ran.status, &plan["appliable"], &plan["preflight"]), (0, &json!(false), &json!("none")));
    assert_eq!(plan["cluster"]["id"], json!(null));
    assert!(plan["against"].as_str().is_some_and(|against| against.starts_with("git:HEAD (")), "{plan}");
    assert_eq!((&plan["summary"]["create"], &plan["summary"]["change"]), (&json!(1), &json!(1)));

    fs::write(place.path().join("plan.json"), &ran.stdout).expect("it is written");
    let applied = place.run("apply plan.json --yes -b 127.0.0.1:1");
    assert_eq!(applied.status, 1, "{}", applied.all());
    assert!(
        applied.stderr.contains("cannot be applied: it was made against git:HEAD ("),
        "{}",
        applied.stderr
    );
    assert_eq!(run(&place, "git:HEAD --out other.json").status, 64);
}

#[test]
fn an_incompatible_schema_is_a_conflict_by_klerk_alone() {
    let place = repository(BEFORE);
    write(&place, "schemas/Order.avsc", WITHOUT_DEFAULT);
    insta::assert_snapshot!(told(&place, &run(&place, "git:HEAD")), @r"
    status 1
    --- stdout
    ! subject orders-value  (estate/topology.yaml:3)
        incompatible: klerk alone, without a registry, finds the schema incompatible with the older one at level BACKWARD, the usual one, for no file says any: the new schema cannot read data of the old one: /fields/1: note (READER_FIELD_MISSING_DEFAULT_VALUE). Change the schema so that both can be read

    0 to create, 0 to change, 1 blocked; 2 unchanged
    Compared with git:HEAD (<commit>), and with no cluster: it shows what a change of the files asks for, and cannot be applied.
    --- stderr
    ");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let place = repository(BEFORE);
    insta::assert_snapshot!(run(&place, "git:nowhere").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: the repository has no revision 'nowhere'
      → git rev-parse shows what a name stands for; a shallow clone lacks older commits (git fetch --unshallow)
    ");
    assert_eq!(run(&place, "main").status, 64);
    assert_eq!(run(&place, "git:--all").status, 64);
    assert_eq!(place.run_with("plan -f - --against git:HEAD", &[], BEFORE).status, 1);

    let outside = Place::new().file("estate/topology.yaml", "klerk: 1\n");
    insta::assert_snapshot!(run(&outside, "git:HEAD").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: estate is in no git repository
      → run klerk where the repository is checked out
    ");

    let new = place.file("new.yaml", "klerk: 1\ntopics: { a: { partitions: 1, replication: 3 } }\n");
    let ran = new.run("plan -f new.yaml --against git:HEAD");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(ran.stderr, "note: new.yaml is not in git:HEAD: all that it says is new\n");
    assert!(ran.stdout.contains("1 to create"), "{}", ran.stdout);
}

#[test]
fn faults_of_the_older_files_are_told_as_such() {
    let place = repository("klerk: 1\ntopics: { orders: { partitions: many } }\n");
    write(&place, "topology.yaml", BEFORE);
    let ran = run(&place, "git:HEAD");
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.stderr.contains("git:HEAD:estate/topology.yaml:2"), "{}", ran.stderr);
}

#[test]
fn the_same_environment_is_compared_where_the_revision_has_it() {
    let with = |environments: &str| format!("{BEFORE}environments: {environments}\n");
    let place = repository(&with("{ dev: { at_most: { replication: 1 } } }"));
    write(
        &place,
        "topology.yaml",
        &with("{ dev: { at_most: { replication: 1, retention.ms: 1d } }, prod: {} }"),
    );
    let dev = run(&place, "git:HEAD -e dev --detailed-exitcode");
    assert_eq!(dev.status, 2, "{}", dev.all());
    assert!(dev.stdout.contains("0 to create, 1 to change"), "{}", dev.stdout);
    let prod = run(&place, "git:HEAD -e prod");
    assert_eq!(prod.stderr, "note: environment prod is not in git:HEAD: all that it says is new\n");
    assert!(prod.stdout.contains("3 to create, 0 to change"), "{}", prod.stdout);
}

#[test]
fn as_a_comment_it_says_what_is_compared() {
    let place = repository(BEFORE);
    write(&place, "topology.yaml", AFTER);
    insta::assert_snapshot!(told(&place, &run(&place, "git:HEAD -o markdown")), @r"
    status 0
    --- stdout
    ### klerk plan: 1 to create, 1 to change, 0 blocked; 1 unchanged

    What the files ask for beyond what they asked for at `git:HEAD (<commit>)`; no cluster was looked at

    It shows what a change of the files asks for, and cannot be applied itself.
    **Applying such a plan would need `--allow loses-data`.**

    #### Risks

    - **loses-data**: records that exist, or may exist, become deletable (`topic orders`)

    #### What is lost, and who is touched

    - topic `orders`
      - `retention.ms is lowered from 7d (604800000) to 1d (86400000)`
      - `whether the topic holds records could not be read: planned against a revision, no cluster was asked`
      - `not available: records, bytes, time, last write, unread: planned against a revision, no cluster was asked`

    #### Change (1)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | ~ topic `orders` | `retention.ms  7d (604800000) → 1d (86400000)`<br>not put to the server beforehand |  | `estate/topology.yaml:3` |

    #### Create (1)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | + topic `trades` | `partitions 6, replication 3`<br>not put to the server beforehand |  | `estate/topology.yaml:4` |

    #### No longer named, would be left alone (unmanaged)

    - 1 topic: `wallets`
    --- stderr
    ");
}

#[test]
fn an_address_is_refused_in_words_of_its_own() {
    let place = repository(BEFORE);
    insta::assert_snapshot!(place.run("plan -f estate --against git:HEAD -b 127.0.0.1:1").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: --bootstrap means nothing here: --against compares files with files, and asks no server
      → leave --bootstrap out; without --against the files are compared with the cluster
    ");
}
