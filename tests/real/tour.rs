//! The README's tour, run as it is written: every command of its console blocks, from the first to the last, by a shell with `klerk`
//! and Kafka's own tools on its path, in a folder with the estate, on brokers and a registry that nobody else uses.
//!
//! What a command prints (both streams, as on a terminal) must be what stands below it. A command that ends with a status other than 0
//! must be followed by `echo $?`. To bring the README up to date, copy from the transcript that a failure points to.

mod script;

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, bail};
use klerk_testbed::{Cluster, ClusterOptions, Consumer, ConsumerOptions, GroupProtocol, Kit, Registry, Run};
use script::Step;

const README: &str = include_str!("../../README.md");

/// The home that the README's paths are below.
const HOME: &str = "/home/you";

#[test]
fn the_readme_shows_what_happens() -> Result<()> {
    let mut session = Session::start()?;
    let steps = script::steps(README);
    let (mut transcript, mut faults) = (String::new(), Vec::new());
    for (index, step) in steps.iter().enumerate() {
        let printed = session.run(step)?;
        writeln!(transcript, "$ {}\n{}", step.command.replace('\n', "\n> "), printed.join("\n"))?;
        if !script::agrees(&step.shown, &printed) {
            faults.push(format!("README.md:{}: `{}` prints something else", step.line, step.command));
        }
        let told = steps.get(index + 1).is_some_and(|next| next.command == "echo $?");
        if session.status != 0 && !told {
            faults.push(format!(
                "README.md:{}: `{}` ends with status {}, which no `echo $?` shows",
                step.line, step.command, session.status
            ));
        }
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tour.txt");
    fs::write(&kept, &transcript)?;
    if !faults.is_empty() {
        bail!("{}\n\nWhat was printed ({}):\n\n{transcript}", faults.join("\n"), kept.display());
    }
    Ok(())
}

/// The shell that the tour is typed into.
struct Session {
    /// Consumers that the tour has started in the background; they end before the cluster does.
    members: Vec<Consumer>,
    cluster: Cluster,
    _registry: Registry,
    shell: Run,
    /// The status of the last command.
    status: i32,
}

impl Session {
    fn start() -> Result<Session> {
        let cluster = Cluster::start(ClusterOptions::three_brokers())?;
        let registry = Registry::start()?;
        let shell = Run::new("sh")?;
        let home = shell.home().to_owned();
        let programs = home.join("bin");
        fs::create_dir(&programs)?;
        symlink(env!("CARGO_BIN_EXE_klerk"), programs.join("klerk"))?;
        let folder = home.join("estate");
        fs::create_dir(&folder)?;
        for name in ["topology.yaml", "schemas"] {
            symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), folder.join(name))?;
        }
        let path = [
            programs.display().to_string(),
            Kit::locate()?.scripts().display().to_string(),
            std::env::var("PATH")?,
        ];
        let shell = shell
            .in_folder(folder)
            .env("PATH", &path.join(":"))
            .env("XDG_STATE_HOME", &home.join(".local/state").display().to_string())
            .env("KLERK_BOOTSTRAP", &cluster.bootstrap())
            .env("KLERK_REGISTRY", &registry.url());
        Ok(Session { members: Vec::new(), cluster, _registry: registry, shell, status: 0 })
    }

    /// Does what the command says and tells what it printed.
    fn run(&mut self, step: &Step) -> Result<Vec<String>> {
        let words: Vec<&str> = step.command.split_whitespace().collect();
        let at = || format!("README.md:{}: {}", step.line, step.command);
        match words.as_slice() {
            // The program is another package's; this is what it does.
            ["testbed", "seed", _, group, topic, records, committed] => {
                self.cluster
                    .client()
                    .seed(group, topic, records.parse()?, committed.parse()?)
                    .with_context(at)?;
                self.status = 0;
                Ok(Vec::new())
            }
            // Whoever types this sees the group settle; here it is waited for.
            ["kafka-console-consumer.sh", options @ .., "&"] => {
                let value = |name: &str| options.iter().skip_while(|word| **word != name).nth(1).copied();
                let group = value("--group").with_context(at)?;
                let topic = value("--topic").with_context(at)?;
                let id = value("--command-property").and_then(|word| word.strip_prefix("client.id="));
                let options = ConsumerOptions::new(group, &[topic], GroupProtocol::Classic);
                self.members.push(Consumer::start(&self.cluster, &options.client_id(id.with_context(at)?))?);
                self.status = 0;
                Ok(Vec::new())
            }
            ["kill", "%1"] => {
                self.members.drain(..).try_for_each(Consumer::stop)?;
                self.status = 0;
                Ok(Vec::new())
            }
            _ => {
                let line = format!("exec 2>&1\n(exit {})\n{}", self.status, step.command);
                let outcome = self.shell.clone().args(["-c", &line]).run().with_context(at)?;
                self.status = outcome.status.with_context(at)?;
                let home = self.shell.home().display().to_string();
                Ok(outcome.stdout.replace(&home, HOME).lines().map(str::to_owned).collect())
            }
        }
    }
}

#[test]
fn the_topology_in_the_readme_is_sound() -> Result<()> {
    let (_, block) = README.split_once("```yaml\n").context("the README shows no YAML")?;
    let (yaml, _) = block.split_once("```").context("the block does not end")?;
    let run = Run::new(env!("CARGO_BIN_EXE_klerk"))?.in_folder(env!("CARGO_MANIFEST_DIR"));
    run.args(["validate", "-f", "-"]).input(yaml).run()?.expect_status(0)?;
    Ok(())
}
