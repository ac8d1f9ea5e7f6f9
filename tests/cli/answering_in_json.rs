//! Every command with `-o json`, when it goes well and when it does not: standard output holds one document of a form that is
//! declared, and nothing else.

use crate::documents::format_of;
use crate::run::Ran;
use crate::scene::Scene;

const ORDERS: &str = "klerk: 1
topics: { orders: { partitions: 2, replication: 3, value: paid.avsc } }
environments: { dev: { registry: none }, prod: {} }
";
const PAID: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;

fn answers(ran: &Ran, line: &str, status: i32, format: &str) {
    assert_eq!(ran.status, status, "{line}: {}", ran.all());
    let found = format_of(&ran.stdout).expect(line);
    assert_eq!(found, format, "{line}: {}", ran.stdout);
    assert!(ran.stdout.ends_with("}\n") && !ran.stdout.contains('\u{1b}'), "{line}: {}", ran.stdout);
}

/// Runs each line in turn: what it does, the next one finds.
fn all_answer(scene: &Scene, lines: &[(&str, i32, &str)]) {
    for (line, status, format) in lines {
        answers(&scene.run(&format!("{line} -o json")), line, *status, format);
    }
}

#[test]
fn without_a_cluster() {
    let scene = Scene::new(ORDERS)
        .file("paid.avsc", PAID)
        .file("bad.yaml", "klerk: 1\ntopics: { a: { partitions: 0, retension: 7 d }, a: {} }\n")
        .file("torn.yaml", "klerk: 1\ntopics: {{{\n");
    for (line, status, format) in [
        ("validate", 0, "klerk.validation"),
        ("validate -f bad.yaml", 1, "klerk.validation"),
        ("validate -f torn.yaml", 1, "klerk.validation"),
        ("validate -f missing.yaml", 1, "klerk.error"),
        ("diff -e dev -e prod", 0, "klerk.diff"),
        ("diff -e dev", 64, "klerk.error"),
        ("plan -f bad.yaml", 1, "klerk.error"),
        ("plan", 64, "klerk.error"),
        ("plan -e dev", 64, "klerk.error"),
        ("apply", 64, "klerk.error"),
        ("group list", 64, "klerk.error"),
        ("group describe g", 64, "klerk.error"),
        ("group lag", 64, "klerk.error"),
        ("group reset g --topic t", 64, "klerk.error"),
        ("group reset g --all-topics --to-offset many", 64, "klerk.error"),
        ("undo last", 64, "klerk.error"),
        ("config show", 0, "klerk.config"),
        ("config path", 0, "klerk.paths"),
        ("config", 64, "klerk.error"),
        ("explain", 0, "klerk.explanation"),
        ("explain nonsense", 1, "klerk.error"),
        ("completions zsh", 0, "klerk.completions"),
        ("completions none", 64, "klerk.error"),
        ("sandbox --timeout 100ms", 0, "klerk.sandbox"),
        ("sandbox --brokers 0", 64, "klerk.error"),
        ("demo --pace", 64, "klerk.error"),
        ("--version", 0, "klerk.version"),
        ("plan --help", 0, "klerk.help"),
        ("topic list", 64, "klerk.error"),
    ] {
        answers(&scene.run_alone(&format!("{line} -o json")), line, status, format);
    }
}

#[test]
fn of_plans_and_what_becomes_of_them() {
    let scene = Scene::new(ORDERS)
        .file("topology.yaml", ORDERS.split("environments").next().expect("a part"))
        .file("paid.avsc", PAID)
        .file("other/paid.avsc", &PAID.replace("\"string\"", "\"long\""))
        .file("other/topology.yaml", "klerk: 1\ntopics: { orders: { value: paid.avsc } }\n")
        .file("more.yaml", "klerk: 1\ntopics: { orders: { partitions: 5 } }\n")
        .file("fewer.yaml", "klerk: 1\ntopics: { orders: { partitions: 1 } }\n");
    all_answer(
        &scene,
        &[
            ("plan", 0, "klerk.plan"),
            ("plan --detailed-exitcode --explain-requests", 2, "klerk.plan"),
            ("apply", 4, "klerk.report"),
            ("apply --dry-run", 0, "klerk.plan"),
            ("apply --yes", 0, "klerk.report"),
            ("apply --yes", 0, "klerk.report"),
            ("plan --detailed-exitcode", 0, "klerk.plan"),
            ("plan -f fewer.yaml", 1, "klerk.plan"),
            ("apply -f fewer.yaml --yes", 1, "klerk.report"),
            ("plan -f other/topology.yaml", 1, "klerk.plan"),
            ("apply -f other/topology.yaml --yes", 1, "klerk.report"),
            ("plan -f more.yaml --out plan.json", 0, "klerk.plan"),
            ("apply plan.json", 4, "klerk.report"),
            ("apply plan.json --yes --allow moves-keys", 0, "klerk.report"),
            ("apply plan.json --yes --allow moves-keys", 5, "klerk.report"),
            ("apply topology.yaml --yes", 1, "klerk.error"),
            ("plan -b 127.0.0.1:1", 1, "klerk.error"),
            ("plan --registry http://127.0.0.1:1", 1, "klerk.error"),
        ],
    );
}

#[test]
fn of_groups() {
    let scene = Scene::applied("klerk: 1\ntopics: { orders: { partitions: 2 } }\n");
    scene.cluster.fill("orders", 0, 9);
    scene.cluster.commit("billing", "orders", &[4, 0]);
    all_answer(
        &scene,
        &[
            ("acl list", 0, "klerk.acls"),
            ("quota list", 0, "klerk.quotas"),
            ("user list", 0, "klerk.users"),
            ("acl list --explain a read topic:orders", 0, "klerk.acls"),
            ("group list", 0, "klerk.groups"),
            ("group describe billing", 0, "klerk.group"),
            ("group describe nobody", 1, "klerk.error"),
            ("group lag", 0, "klerk.lag"),
            ("group lag billing --by topic", 0, "klerk.lag"),
            ("group lag nobody", 1, "klerk.error"),
            ("group reset billing --all-topics --to-earliest --dry-run", 0, "klerk.plan"),
            ("group reset billing --all-topics --to-earliest", 4, "klerk.report"),
            ("group reset billing --topic nothing --to-earliest --yes", 1, "klerk.report"),
            ("group reset nobody --topic orders --to-earliest --yes", 1, "klerk.error"),
            ("group reset billing --all-topics --to-earliest --out reset.json", 0, "klerk.plan"),
            (
                "group reset billing --all-topics --to-latest --yes --settle 0s --record r.jsonl",
                0,
                "klerk.report",
            ),
            ("undo r.jsonl --dry-run", 0, "klerk.plan"),
            ("undo r.jsonl", 4, "klerk.report"),
            ("undo missing --yes", 1, "klerk.error"),
        ],
    );
}
