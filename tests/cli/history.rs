//! `klerk history`, with and without a cluster.

use crate::estate::estate;
use crate::run::Place;
use std::fs;
use std::path::Path;

/// A home whose state folder holds stored records of two clusters, and a file that is none.
fn place() -> Place {
    let stored = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1").join(name);
        fs::read_to_string(path).unwrap()
    };
    let one = ".local/state/klerk/4L6g3nShT-eMCtK--X86sw";
    Place::new()
        .file(&format!("{one}/20261121T154010Z-3cb0d148.jsonl"), &stored("apply_complete.jsonl"))
        .file(&format!("{one}/20261121T154011Z-0b5e77a1.jsonl"), &stored("reset_killed_midway.jsonl"))
        .file(&format!("{one}/20261121T154012Z-6c0f2d93.jsonl"), &stored("reset_outcome_unknown.jsonl"))
        .file(".local/state/klerk/other/20261121T160000Z-00000000.jsonl", "{\"format\":\"klerk.plan\"}\n")
}

#[test]
fn the_records_of_a_cluster_need_no_connection() {
    let place = place();
    insta::assert_snapshot!(place.run("history --cluster 4L6g3nShT-eMCtK--X86sw").all(), @r"
    status 0
    --- stdout
    RECORD                     WHEN                  WHO  COMMAND      ENVIRONMENT  OUTCOME      STEPS
    20261121T154012Z-6c0f2d93  2026-11-21 15:40:10Z  ann  group reset  -            partial      1 unknown
    20261121T154011Z-0b5e77a1  2026-11-21 15:40:10Z  ann  group reset  -            ended early  1 unknown
    20261121T154010Z-3cb0d148  2026-11-21 15:40:10Z  ann  apply        -            done         2 changed

    3 records of cluster 4L6g3nShT-eMCtK--X86sw
    --- stderr
    ");
    insta::assert_snapshot!(place.run("history --cluster 4L6g3nShT-eMCtK--X86sw --limit 1").all(), @r"
    status 0
    --- stdout
    RECORD                     WHEN                  WHO  COMMAND      ENVIRONMENT  OUTCOME  STEPS
    20261121T154012Z-6c0f2d93  2026-11-21 15:40:10Z  ann  group reset  -            partial  1 unknown

    3 records of cluster 4L6g3nShT-eMCtK--X86sw, 1 listed
    --- stderr
    ");
    insta::assert_snapshot!(place.run("history --cluster nowhere").all(), @r"
    status 0
    --- stdout
    0 records of cluster nowhere
    --- stderr
    ");
}

#[test]
fn what_cannot_be_read_is_listed_with_the_reason() {
    let place = place();
    let ran = place.run("history --all");
    assert_eq!(ran.status, 3, "{ran:?}");
    let shown = ran.all().replace(&place.path().display().to_string(), "HOME");
    insta::assert_snapshot!(shown, @r"
    status 3
    --- stdout
    CLUSTER                 RECORD                     WHEN                  WHO  COMMAND      ENVIRONMENT  OUTCOME      STEPS
    4L6g3nShT-eMCtK--X86sw  20261121T154012Z-6c0f2d93  2026-11-21 15:40:10Z  ann  group reset  -            partial      1 unknown
    4L6g3nShT-eMCtK--X86sw  20261121T154011Z-0b5e77a1  2026-11-21 15:40:10Z  ann  group reset  -            ended early  1 unknown
    4L6g3nShT-eMCtK--X86sw  20261121T154010Z-3cb0d148  2026-11-21 15:40:10Z  ann  apply        -            done         2 changed

    cannot be listed: HOME/.local/state/klerk/other/20261121T160000Z-00000000.jsonl:1: it is a klerk.plan document and not a klerk.record document
    4 records of all clusters, 3 listed
    --- stderr
    ");
    let document: serde_json::Value =
        serde_json::from_str(&place.run("history --all -o json").stdout).unwrap();
    assert_eq!((&document["cluster"], &document["total"]), (&serde_json::Value::Null, &4.into()));
    assert_eq!(document["records"][0]["outcome"], "partial");
    assert_eq!(document["records"][1]["outcome"], "ended-early");
    assert_eq!(document["records"][2]["steps"]["changed"], 2);
    assert_eq!(document["unreadable"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_cluster_is_asked_for_its_id_and_an_id_leads_back() {
    let estate = estate();
    estate.json("apply --yes", 0);
    let history = estate.json("history", 0);
    let record = &history["records"][0];
    assert_eq!((&record["command"], &record["outcome"]), (&"apply".into(), &"done".into()));
    assert_eq!((&record["steps"]["changed"], &record["steps"]["unknown"]), (&20.into(), &0.into()));
    assert_eq!(history["cluster"]["id"], record["cluster"]["id"]);
    let undo = estate.json(&format!("undo {} --dry-run", record["id"].as_str().unwrap()), 0);
    assert_eq!(undo["command"], "undo");
}

/// Whoever wants to know what was last done to a cluster may be asking because it is down.
#[test]
fn a_cluster_that_is_down_is_not_needed() {
    let place = place();
    insta::assert_snapshot!(place.run("history -b 127.0.0.1:1").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: 127.0.0.1:1: nothing listens there (connection refused)
      → check that a broker runs on 127.0.0.1 and that 1 is its port
      → a broker listens where its 'listeners' setting says; 9092 is usual for plain text
      → klerk history --all lists the records of all clusters and asks none of them; --cluster ID those of one
    ");
    let pinned =
        "klerk: 1\nenvironments: { prod: { bootstrap: 127.0.0.1:1, cluster: 4L6g3nShT-eMCtK--X86sw } }\n";
    let ran = place.file("topology.yaml", pinned).run("history -e prod");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("3 records of cluster 4L6g3nShT-eMCtK--X86sw\n"), "{ran:?}");
}

/// Nothing is sent before the first line is on the disk, so a file without one tells of a run that did nothing.
#[test]
fn a_run_that_was_killed_before_it_began_is_in_nobody_s_way() {
    let begun = "{\"format\":\"klerk.record\",\"version\":1,\"id\":\"2026112";
    for text in ["", begun] {
        let estate = estate();
        estate.json("apply --yes", 0);
        let history = estate.json("history", 0);
        let record = Path::new(history["records"][0]["file"].as_str().unwrap());
        let later = record.with_file_name("29991121T170000Z-00000000.jsonl");
        fs::write(&later, text).unwrap();

        let history = estate.json("history", 0);
        assert_eq!(history["not_begun"], serde_json::json!([later.display().to_string()]));
        assert_eq!((&history["total"], history["unreadable"].as_array().map(Vec::len)), (&2.into(), Some(0)));
        let told = estate.run("history").stdout;
        assert!(told.contains(&format!("ended before anything was sent: {}\n", later.display())), "{told}");
        let undo = estate.json("undo last --dry-run", 0);
        assert!(!undo["steps"].as_array().unwrap().is_empty(), "{undo}");
        let named = estate.run("undo 29991121T170000Z-00000000 --yes");
        assert_eq!(named.status, 1, "{named:?}");
        assert!(named.stderr.contains("klerk was stopped before it had sent anything"), "{named:?}");
    }
}

#[test]
fn one_cluster_or_all_of_them() {
    let ran = Place::new().run("history --all --cluster x");
    assert_eq!(ran.status, 64, "{ran:?}");
}
