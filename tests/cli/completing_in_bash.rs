//! The script for bash, sourced by a bash: what it offers while somebody types.

use crate::scene::Scene;
use std::process::Command;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 1, replication: 1 }
  orders.dead: { partitions: 1, replication: 1 }
  payments: { partitions: 1, replication: 1 }
";

/// What bash does when somebody presses the key after a line, with bash's own separators of words.
const PRESSED: &str = r#"
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMPREPLY=()
read -ra COMP_WORDS <<< "$2"
[[ $2 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_klerk_with_names klerk "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
for word in "${COMPREPLY[@]}"; do printf '%s\n' "$word"; done
"#;

/// The words that are offered after a line, in their order.
fn offered(scene: &Scene, line: &str) -> Vec<String> {
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_klerk")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", PRESSED, "bash", "completions", line])
        .current_dir(scene.path())
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", scene.path())
        .env("KLERK_BOOTSTRAP", scene.cluster.bootstrap())
        .output()
        .expect("bash runs");
    let (told, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && faults.is_empty(), "{line}: {told}{faults}");
    told.lines().map(str::to_owned).collect()
}

#[test]
fn names_of_the_cluster_are_offered() {
    let scene = Scene::applied(ESTATE);
    scene.also("completions", &scene.run("completions bash").stdout);
    scene.cluster.commit("billing", "orders", &[0]);
    scene.cluster.commit("team:billing", "orders", &[0]);
    scene.cluster.commit("te*", "orders", &[0]);

    assert_eq!(offered(&scene, "klerk topic delete "), ["orders", "orders.dead", "payments"]);
    assert_eq!(offered(&scene, "klerk topic delete ord"), ["orders", "orders.dead"]);
    assert_eq!(offered(&scene, "klerk group reset billing --topic pay"), ["payments"]);
    assert_eq!(offered(&scene, "klerk group reset billing --topic=ord"), ["orders", "orders.dead"]);
    assert_eq!(offered(&scene, "klerk group lag bill"), ["billing"]);
    // No file of this folder stands in for a group's name, and bash writes what stands before a colon itself.
    assert_eq!(offered(&scene, "klerk group lag te"), ["te*", "team:billing"]);
    assert_eq!(offered(&scene, "klerk group lag team:bi"), ["billing"]);
    assert_eq!(offered(&scene, "klerk group res"), ["reset"]);
    assert_eq!(offered(&scene, "klerk topic delete nothing.like.it"), Vec::<String>::new());
    let records = offered(&scene, "klerk undo ");
    assert_eq!(records.len(), 1, "{records:?}");
}
