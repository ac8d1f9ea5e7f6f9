//! The estates of `examples/` on simulated servers, and the commands that their pages show.

use crate::documents::{Plan, Report};
use crate::estates::{ESTATES, Estate, examples};
use crate::run::Place;
use crate::scene::Scene;
use std::collections::BTreeSet;
use std::fs;

const ALLOWED: &str = "--yes --allow loses-data,moves-keys,weakens-durability,stops-writes,breaks-readers,opens-access,closes-access";

fn scene(estate: &Estate) -> Scene {
    let scene = Scene::new("");
    let id = scene.cluster.with(|state| {
        state.acls.authorizer = true;
        state.cluster_id.clone()
    });
    estate.files_for(&id).iter().fold(scene, |scene, (name, text)| scene.file(name, text))
}

/// What a row is about: an estate, an environment of it, and whether who may do what is added by a file of its own.
fn cases(estate: &Estate) -> Vec<(Option<&'static str>, Option<&'static str>)> {
    match (estate.environments, estate.access) {
        ([], None) => vec![(None, None)],
        ([], access) => vec![(None, None), (None, access)],
        (some, _) => some.iter().map(|name| (Some(*name), None)).collect(),
    }
}

/// The flags for an environment. Where it is stands in the file, and is not where the simulated servers are.
fn at(scene: &Scene, environment: Option<&str>) -> String {
    let environment = environment.map(|name| format!("-e {name} ")).unwrap_or_default();
    format!("{environment}-b {} --registry {}", scene.cluster.bootstrap(), scene.cluster.registry_url())
}

fn resources(steps: impl Iterator<Item = String>) -> BTreeSet<String> {
    steps.collect()
}

#[test]
fn every_estate_is_applied_exported_undone_and_finished_in_every_environment() {
    for estate in &ESTATES {
        for (environment, access) in cases(estate) {
            let scene = scene(estate);
            let files = access.map(|file| format!("-f topology.yaml -f {file} ")).unwrap_or_default();
            let at = format!("{files}{}", at(&scene, environment));
            let what = format!("{} {environment:?} {access:?}", estate.name);
            assert_eq!(scene.run("validate").status, 0, "{what}");
            let report: Report = scene.document(&format!("apply {at} {ALLOWED}"), 0);
            assert_eq!(report.outcome, "done", "{what}");
            let gives_access = scene.read("topology.yaml").contains("\naccess:") || access.is_some();
            let entries = report.steps.iter().filter(|step| step.kind == "create-acl").count();
            assert_eq!(entries > 0, gives_access, "{what}");
            assert_eq!(scene.run(&format!("plan {at} --detailed-exitcode")).status, 0, "{what}");

            assert_eq!(scene.run(&format!("export {at} --out taken")).status, 0, "{what}");
            let typed = self::at(&scene, None);
            let ran = scene.run(&format!("plan -f taken/topology.yaml {typed} --detailed-exitcode"));
            assert_eq!(ran.status, 0, "{what}: {}", ran.all());

            // What an undo takes back is what the plan then asks for, and nothing else.
            let topics = scene.cluster.topics();
            let topic = topics.first().expect("a topic");
            scene.cluster.alter(topic, "retention.ms", Some("3600000"));
            scene.cluster.alter(topic, "segment.ms", Some("600000"));
            let report: Report = scene.document(&format!("apply {at} {ALLOWED}"), 0);
            assert!(report.steps.iter().all(|step| step.resource.name == *topic), "{what}");
            let back: Report = scene.document(&format!("undo last {at} {ALLOWED} --allow protected"), 0);
            let plan: Plan = scene.document(&format!("plan {at}"), 0);
            let undone = resources(back.steps.iter().map(|step| step.resource.name.clone()));
            let planned = resources(plan.steps.iter().map(|step| step.resource.name.clone()));
            assert_eq!(planned, undone, "{what}");
            assert_eq!(planned.len(), usize::from(!report.steps.is_empty()), "{what}");
        }
    }
}

/// Two environments differ by what `diff` says, so that the plan of one where the other was applied names the same resources.
#[test]
fn what_differs_between_environments_is_what_a_plan_of_the_other_one_would_change() {
    for estate in ESTATES.iter().filter(|estate| estate.environments.len() > 1) {
        for pair in estate.environments.windows(2) {
            let [here, there] = pair else { panic!("two") };
            let scene = scene(estate);
            let ran = scene.run(&format!("apply {} {ALLOWED}", at(&scene, Some(here))));
            assert_eq!(ran.status, 0, "{}", ran.all());
            let diff = scene.run_alone(&format!("diff -e {here} -e {there} --only topics -o json")).json();
            let differing = diff["differences"].as_array().expect("differences");
            let differing = resources(
                differing.iter().map(|one| one["resource"]["name"].as_str().expect("a name").to_owned()),
            );
            let ran = scene.run(&format!("plan {} --only topics -o json", at(&scene, Some(there))));
            let plan: Plan = serde_json::from_str(&ran.stdout).expect("a plan");
            let planned = resources(
                (plan.steps.iter().map(|step| step.resource.name.clone()))
                    .chain(plan.conflicts.iter().map(|conflict| conflict.resource.name.clone())),
            );
            assert_eq!(planned, differing, "{}: from {here} to {there}", estate.name);
        }
    }
}

/// The command lines in the code blocks and tables of a page.
fn commands(page: &str) -> Vec<String> {
    let of_blocks = page.lines().filter(|line| line.starts_with("klerk "));
    let of_tables =
        page.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    let all = of_blocks.chain(of_tables.filter(|words| words.starts_with("klerk ")));
    all.map(str::to_owned).collect()
}

#[test]
fn every_command_that_a_page_shows_is_one_of_this_version() {
    for estate in &ESTATES {
        let page = fs::read_to_string(examples().join(estate.name).join("README.md")).expect("a page");
        let commands = commands(&page);
        assert!(commands.len() > 5, "{}", estate.name);
        for line in commands {
            let place =
                estate.files().iter().fold(Place::new(), |place, (name, text)| place.file(name, text));
            let words = line.strip_prefix("klerk ").expect("klerk");
            // Nobody is there, so that whatever is a command fails to connect.
            let ran = place.run(&format!("{words} -b 127.0.0.1:1 --registry http://127.0.0.1:1"));
            let told = ran.all();
            // An address that is named twice is the only fault that a command with one of its own may have here.
            assert!(ran.status != 64 || words.contains(" -b "), "{}: {line}\n{told}", estate.name);
        }
    }
}
