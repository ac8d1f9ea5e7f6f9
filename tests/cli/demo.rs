//! `klerk demo`, in a pipe.

use crate::documents::format_of;
use crate::run::Place;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn every_step_does_what_it_says() {
    let place = Place::new();
    // A setting that leads elsewhere is of no concern to it.
    let ran =
        place.run_with("demo", &[("KLERK_BOOTSTRAP", "127.0.0.1:1"), ("KLERK_COMMAND_CONFIG", "none")], "");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    // At a reader's pace it takes more than a minute.
    assert!(ran.took < Duration::from_secs(50), "in a pipe it waits for nobody: {:?}", ran.took);
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
    $ klerk undo last --settle 1s --yes
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

/// The commands that a process has started.
fn children(id: &str) -> Vec<String> {
    let output = Command::new("pgrep").args(["-P", id]).output().expect("pgrep runs");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

/// Whether a process runs, and does not only wait for somebody to hear of its end.
fn runs(id: &str) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", id]).output().expect("ps runs");
    let state = String::from_utf8(output.stdout).expect("text");
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}

#[test]
fn told_to_stop_it_leaves_no_command_running() {
    let place = Place::new();
    let mut demo =
        place.command("demo").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut lines = BufReader::new(demo.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    // This command waits for a second before it looks whether the offsets stay.
    assert!(lines.any(|line| line.starts_with("$ klerk group reset") && line.contains("--settle 1s")));
    let id = demo.id().to_string();
    let deadline = Instant::now() + Duration::from_secs(60);
    let running = loop {
        let found = children(&id);
        assert!(Instant::now() < deadline, "the command never ran");
        if let [child] = &found[..] {
            break child.clone();
        }
    };
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
    assert_eq!(demo.wait().expect("it ends").code(), Some(143));
    while runs(&running) {
        assert!(Instant::now() < deadline, "the command runs on");
        std::thread::sleep(Duration::from_millis(5));
    }
}
