//! What the README shows of access, quotas and users, with the topology that it shows, on a simulated cluster.

use crate::scene::Scene;
use std::path::Path;

/// What the README takes for granted where it shows these sections.
const BEFORE: &str = "klerk: 1
topics: { escrow.released: { partitions: 1 }, escrow.refunded: { partitions: 1 }, trading.executed: { partitions: 1 } }
groups: { pf-settlement-cg: { topics: [escrow.released, escrow.refunded] } }
";

/// The lines of all blocks with this fence, in the sections about access, and about quotas and users.
fn blocks(fence: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let (_, from) = readme.split_once("\n## Who may do what\n").expect("the section about access");
    let (sections, _) = from.split_once("\n## Taking over").expect("what comes after it");
    let opening = format!("```{fence}\n");
    let blocks = sections.split(opening.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_readme_shows_what_is_printed() {
    let scene = Scene::new(&format!("{BEFORE}{}", blocks("yaml").concat()));
    scene.cluster.with(|state| state.acls.authorizer = true);
    scene.secret("secrets/settlement", "correct horse battery\n");
    let applied = scene.run("apply --yes --allow opens-access");
    assert_eq!(applied.status, 0, "{}", applied.all());

    let shown = blocks("text").concat();
    let steps: Vec<(&str, &str)> =
        shown.split("$ klerk ").skip(1).filter_map(|step| step.split_once('\n')).collect();
    assert!(steps.len() > 4, "the README shows too little:\n{shown}");
    for (command, shown) in steps {
        let ran = scene.run(command);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.all());
        assert_eq!(shown.trim_end(), ran.stdout.trim_end(), "klerk {command} prints:\n{}", ran.stdout);
    }
}
