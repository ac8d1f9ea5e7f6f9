//! The test bed by hand: `testbed fetch` fills `target/testbed`, `testbed up` runs three brokers and a registry until standard input
//! closes, `testbed seed` gives a group something to lag behind.

// It is a program that speaks to people and scripts.
#![allow(clippy::print_stdout)]

use std::io::{Read, Write};

use anyhow::{Result, bail};
use klerk_testbed::{Client, Cluster, ClusterOptions, Kit, Registry};

const USAGE: &str = "usage: testbed fetch     fetch Kafka and the schema registry into target/testbed
       testbed up        run three brokers and a registry; print their addresses for a shell
                         to export, and end them when standard input closes
       testbed seed BOOTSTRAP GROUP TOPIC RECORDS COMMITTED
                         produce RECORDS records to each partition of TOPIC, one a second up
                         to now, and commit offset COMMITTED on each for GROUP";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fetch"] => Kit::locate().map(|_| ()),
        ["up"] => up(),
        ["seed", bootstrap, group, topic, records, committed] => {
            let client = Client::new(bootstrap.split(',').map(str::to_owned).collect());
            client.seed(group, topic, records.parse()?, committed.parse()?)
        }
        _ => bail!("{USAGE}"),
    }
}

fn up() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers())?;
    let registry = Registry::start()?;
    println!("export KLERK_BOOTSTRAP={}", cluster.bootstrap());
    println!("export KLERK_REGISTRY={}", registry.url());
    std::io::stdout().flush()?;
    // Ends with the reader's end of the pipe; a signal ends the process, and the watchdog then ends the servers.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
