//! `klerk demo`, in a pipe.

use crate::documents::format_of;
use crate::run::Place;
use std::time::Duration;

#[test]
fn every_step_does_what_it_says() {
    let place = Place::new();
    // A setting that leads elsewhere is of no concern to it.
    let ran =
        place.run_with("demo", &[("KLERK_BOOTSTRAP", "127.0.0.1:1"), ("KLERK_COMMAND_CONFIG", "none")], "");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.took < Duration::from_secs(30), "in a pipe it waits for nobody: {:?}", ran.took);
    let typed: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("$ klerk ")).collect();
    insta::assert_snapshot!(typed.join("\n"), @r"
    $ klerk validate
    $ klerk plan --detailed-exitcode
    $ klerk apply --yes
    $ klerk plan --detailed-exitcode
    $ klerk group lag
    $ klerk group lag pf-onboarding-cg
    $ klerk apply --yes
    $ klerk apply --yes --allow moves-keys
    $ klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --dry-run
    $ klerk group reset pf-onboarding-cg --topic faucet.claimed --shift-by -10 --settle 1s --yes
    $ klerk undo last --yes
    $ klerk apply --yes
    ");
    assert!(ran.stdout.contains("not Kafka"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("TYPE_MISMATCH"),
        "the broken schema is refused with its reason: {}",
        ran.stdout
    );
    let left: Vec<_> = std::fs::read_dir(place.path()).expect("a folder").collect();
    assert!(left.is_empty(), "it writes nothing here: {left:?}");
}

#[test]
fn as_a_document_it_tells_each_step_with_what_came_of_it() {
    let ran = Place::new().run("demo -o json");
    assert_eq!(format_of(&ran.stdout).expect("a document that is declared"), "klerk.demo");
    let document = ran.json();
    assert_eq!(document["done"], true);
    let steps = document["steps"].as_array().expect("steps");
    let commands: Vec<_> = steps.iter().filter(|step| step["command"].is_string()).collect();
    assert_eq!(commands.len(), 12);
    for step in commands {
        assert_eq!((&step["status"], &step["holds"]), (&step["expected_status"], &true.into()), "{step}");
        assert!(step["output"].as_str().is_some_and(|output| !output.is_empty()), "{step}");
    }
}

#[test]
fn it_can_be_stopped() {
    let ran = Place::new().run("demo --timeout 1s");
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("--timeout"), "{}", ran.stderr);
}
