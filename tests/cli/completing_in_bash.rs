//! The script for bash, sourced by a bash: what it offers while somebody types.

use crate::scene::Scene;
use klerk_sandbox::state::access::Acl;
use std::process::Command;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 1, replication: 1 }
  orders.dead: { partitions: 1, replication: 1 }
  payments: { partitions: 1, replication: 1 }
";

/// What bash does when somebody presses the key after a line, with bash's own separators of words.
const PRESSED: &str = r#"
compopt() { :; }
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

/// Of lists, a comma divides the names; what stands before the last one stays.
#[test]
fn risks_codes_users_and_forms_are_offered() {
    let scene = Scene::new(
        "klerk: 1
topics: { a: { partitions: 1 } }
users: { settlement: { scram: SCRAM-SHA-256, password_file: p }, webhooks: { scram: SCRAM-SHA-256, password_file: p } }
environments: { dev: { users: { sandbox: { scram: SCRAM-SHA-256, password_file: p } } } }
",
    );
    scene.also("completions", &scene.run("completions bash").stdout);
    assert_eq!(offered(&scene, "klerk apply --allow moves"), ["moves-keys", "moves-replicas"]);
    assert_eq!(offered(&scene, "klerk apply --allow delete-t"), ["delete-topic"]);
    assert_eq!(offered(&scene, "klerk undo last --allow loses-data,moves-k"), ["loses-data,moves-keys"]);
    assert_eq!(offered(&scene, "klerk topic delete a --allow=prot"), ["protected"]);
    assert_eq!(offered(&scene, "klerk explain topic/min-isr-m"), ["topic/min-isr-missing"]);
    assert_eq!(offered(&scene, "klerk explain UNKNOWN_TOPIC_O"), ["UNKNOWN_TOPIC_OR_PARTITION"]);
    assert!(offered(&scene, "klerk explain ").len() > 300);
    assert_eq!(offered(&scene, "klerk plan --rotate-user "), ["sandbox", "settlement", "webhooks"]);
    assert_eq!(offered(&scene, "klerk apply --rotate-user=web"), ["webhooks"]);
    assert_eq!(offered(&scene, "klerk plan -o "), ["human", "json", "markdown"]);
    assert_eq!(offered(&scene, "klerk plan --output ma"), ["markdown"]);
    assert_eq!(offered(&scene, "klerk group lag -o "), ["human", "json", "csv", "prometheus"]);
    assert_eq!(offered(&scene, "klerk validate -o ju"), ["junit"]);
    assert_eq!(offered(&scene, "klerk apply -o "), ["human", "json"]);
}

/// What zsh and fish say of the scripts, where these shells are installed.
#[test]
fn zsh_and_fish_load_their_scripts_where_they_are_there() {
    let scene = Scene::new(ESTATE);
    let zsh = "autoload -Uz compinit && compinit -u -D && source ./zsh.completions && (( $+functions[_klerk_with_names] )) && \
               [[ $_comps[klerk] == _klerk_with_names ]]";
    let fish = "source ./fish.completions; and complete -C 'klerk pla' | string match -q 'plan*'; \
                and complete -C 'klerk plan -o ' | string match -q 'markdown*'; \
                and complete -C 'klerk apply --allow moves-k' | string match -q 'moves-keys*'";
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_klerk")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    for (shell, script) in [("zsh", zsh), ("fish", fish)] {
        let text = scene.run(&format!("completions {shell}")).stdout;
        scene.also(&format!("{shell}.completions"), &text);
        let ran = Command::new(shell)
            .args(if shell == "zsh" { ["-f", "-c"] } else { ["--no-config", "-c"] })
            .arg(script)
            .current_dir(scene.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("HOME", scene.path())
            .output();
        let Ok(output) = ran else {
            eprintln!("{shell} is not installed, so that its script was not tried");
            continue;
        };
        let faults = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && faults.is_empty(), "{shell}: {faults}");
    }
}

/// Fish looks for a flag's values in the line of the flag alone.
#[test]
fn fish_asks_for_names_after_flags_too() {
    let script = Scene::new(ESTATE).run_alone("completions fish").stdout;
    let asks =
        |line: &str| line.contains("(klerk complete -- (commandline -opc) (commandline -ct) 2>/dev/null)");
    let flags = |name: &str| {
        let flag = format!(" -l {name} ");
        script.lines().filter(|line| line.contains(&flag)).map(str::to_owned).collect::<Vec<_>>()
    };
    for name in ["topic", "principal", "context", "env"] {
        assert!(!flags(name).is_empty() && flags(name).iter().all(|line| asks(line)), "{name}");
    }
    let of_file = flags("command-config");
    assert!(!of_file.is_empty() && !of_file.iter().any(|line| asks(line)), "{of_file:?}");
    assert!(script.lines().last().is_some_and(asks), "positional names");
}

/// A file's name is offered where a file is meant, and nowhere else.
#[test]
fn files_are_offered_for_files_alone() {
    let scene = Scene::new(ESTATE);
    scene.cluster.with(|state| {
        state.acls.authorizer = true;
        let entry = |principal: &str| Acl {
            resource_type: 2,
            resource_name: "orders".to_owned(),
            pattern_type: 3,
            principal: principal.to_owned(),
            host: "*".to_owned(),
            operation: 3,
            permission_type: 3,
        };
        for principal in ["User:topical", "Group:ops"] {
            state.acls.add(entry(principal)).expect("an entry");
        }
    });
    scene.also("completions", &scene.run("completions bash").stdout);
    assert_eq!(offered(&scene, "klerk plan -f topo"), ["topology.yaml"]);
    // A look-up is given little time, which a busy machine may not have the first time.
    let in_the_end = |line: &str, wanted: &[&str]| {
        let found = (0..10).map(|_| offered(&scene, line)).find(|found| found == wanted);
        assert!(found.is_some(), "{line}: {:?}", offered(&scene, line));
    };
    in_the_end("klerk acl list --principal ", &["Group:ops", "topical"]);
    in_the_end("klerk acl list --principal topi", &["topical"]);
    for line in [
        "klerk acl list --principal topo",
        "klerk acl list --resource topo",
        "klerk group reset g --topic topo",
        "klerk group list --match topo",
        "klerk plan -X topo",
        "klerk -c topo",
    ] {
        // The word itself: a shell that is offered nothing goes on to files.
        assert_eq!(offered(&scene, line), ["topo"], "{line}");
    }
}
