//! Kafka's own tools do their work on the sandbox. Nothing real is started but the tools.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::{Client, Tool};
use tokio::runtime::Runtime;

/// A sandbox on a thread of its own, which answers while a tool is waited for.
struct Bench {
    runtime: Runtime,
    sandbox: Sandbox,
}

impl Bench {
    fn start() -> Result<Bench> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(&Options::default()))?;
        Ok(Bench { runtime, sandbox })
    }

    /// What a tool prints; an error when it does not end well.
    fn tool(&self, tool: Tool, args: &[&str]) -> Result<String> {
        tool.run(&self.sandbox.bootstrap(), args)?.checked().with_context(|| format!("{args:?}"))
    }

    fn client(&self) -> Client {
        Client::new(self.sandbox.bootstrap().split(',').map(str::to_owned).collect())
    }

    fn end(self) {
        drop(self.sandbox);
        self.runtime.shutdown_background();
    }
}

#[test]
fn topics_and_configs_are_made_shown_and_altered() -> Result<()> {
    let bench = Bench::start()?;
    bench.tool(
        Tool::Topics,
        &[
            "--create",
            "--topic",
            "orders",
            "--partitions",
            "4",
            "--replication-factor",
            "3",
            "--config",
            "retention.ms=60000",
        ],
    )?;
    let shown = bench.tool(Tool::Topics, &["--describe", "--topic", "orders"])?;
    ensure!(shown.contains("PartitionCount: 4") && shown.contains("ReplicationFactor: 3"), "{shown}");
    ensure!(shown.contains("retention.ms=60000"), "{shown}");
    bench.tool(Tool::Topics, &["--alter", "--topic", "orders", "--partitions", "6"])?;
    assert_eq!(bench.client().topics()?.get("orders"), Some(&6));
    let again = Tool::Topics.run(&bench.sandbox.bootstrap(), &["--create", "--topic", "orders"])?;
    ensure!(again.status != Some(0), "{again:?}");
    ensure!(
        [again.stdout, again.stderr].concat().contains("already exists"),
        "the refusal has Kafka's words"
    );

    let entity = ["--entity-type", "topics", "--entity-name", "orders"];
    let altered = [&["--alter"][..], &entity, &["--add-config", "cleanup.policy=compact"]].concat();
    bench.tool(Tool::Configs, &altered)?;
    let described = bench.tool(Tool::Configs, &[&["--describe"][..], &entity].concat())?;
    ensure!(described.contains("cleanup.policy=compact"), "{described}");
    let deleted = [&["--alter"][..], &entity, &["--delete-config", "retention.ms"]].concat();
    bench.tool(Tool::Configs, &deleted)?;
    let described = bench.tool(Tool::Configs, &[&["--describe"][..], &entity].concat())?;
    ensure!(!described.contains("retention.ms"), "{described}");
    bench.tool(Tool::Topics, &["--delete", "--topic", "orders"])?;
    assert_eq!(bench.client().topics()?.get("orders"), None);
    bench.end();
    Ok(())
}

#[test]
fn records_are_written_and_read_and_a_group_is_shown_and_reset() -> Result<()> {
    let bench = Bench::start()?;
    bench.client().create_topic("orders", 1, 3, &[])?;
    let kit = klerk_testbed::Kit::locate()?;
    let bootstrap = bench.sandbox.bootstrap();

    let mut producer = Tool::ConsoleProducer.command(&kit, &bootstrap, &["--topic", "orders"]);
    written(&mut producer, "one\ntwo\nthree\n")?;
    assert_eq!(bench.client().log_end("orders", 0)?, 3);

    let read = bench.tool(
        Tool::ConsoleConsumer,
        &[
            "--topic",
            "orders",
            "--group",
            "readers",
            "--from-beginning",
            "--max-messages",
            "3",
            "--timeout-ms",
            "30000",
        ],
    )?;
    assert_eq!(read, "one\ntwo\nthree\n");
    assert_eq!(bench.client().committed("readers")?.get(&("orders".to_owned(), 0)), Some(&3));

    let listed = bench.tool(Tool::ConsumerGroups, &["--list"])?;
    assert_eq!(listed.trim(), "readers");
    let described = bench.tool(Tool::ConsumerGroups, &["--describe", "--group", "readers"])?;
    ensure!(described.contains("orders"), "{described}");
    let reset =
        ["--reset-offsets", "--group", "readers", "--topic", "orders", "--to-offset", "1", "--execute"];
    let reset = bench.tool(Tool::ConsumerGroups, &reset)?;
    ensure!(reset.contains("orders"), "{reset}");
    assert_eq!(bench.client().committed("readers")?.get(&("orders".to_owned(), 0)), Some(&1));
    bench.end();
    Ok(())
}

/// Runs a command with this text on its standard input.
fn written(command: &mut Command, text: &str) -> Result<()> {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("a pipe")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
