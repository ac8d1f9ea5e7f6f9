//! The test bed by hand: `testbed fetch` fills `target/testbed`, `testbed fetch-older` adds older brokers to it, `testbed up` runs three
//! brokers and a registry until standard input closes, `testbed seed` gives a group something to lag behind, `testbed configs` writes the
//! sandbox's table of configs.

// It is a program that speaks to people and scripts.
#![allow(clippy::print_stdout)]

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Result, bail};
use klerk_testbed::{Client, Cluster, ClusterOptions, ConfigCatalog, Kit, OLDER, Registry};

const USAGE: &str = "usage: testbed fetch     fetch Kafka and the schema registry into target/testbed
       testbed fetch-older
                         fetch the brokers of older releases, which some tests run
       testbed up        run three brokers and a registry; print their addresses for a shell
                         to export, and end them when standard input closes
       testbed seed BOOTSTRAP GROUP TOPIC RECORDS COMMITTED
                         produce RECORDS records to each partition of TOPIC, one a second up
                         to now, and commit offset COMMITTED on each for GROUP
       testbed configs DIRECTORY
                         write what a broker knows of its configs, for the sandbox";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fetch"] => Kit::locate().map(|_| ()),
        ["fetch-older"] => OLDER.iter().try_for_each(|version| Kit::older(version).map(|_| ())),
        ["up"] => up(),
        ["configs", directory] => configs(Path::new(directory)),
        ["seed", bootstrap, group, topic, records, committed] => {
            let client = Client::new(bootstrap.split(',').map(str::to_owned).collect());
            client.seed(group, topic, records.parse()?, committed.parse()?)
        }
        _ => bail!("{USAGE}"),
    }
}

fn configs(directory: &Path) -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::one_broker().deleting_old_records())?;
    let client = cluster.client();
    client.create_topic("configs", 1, 1, &[])?;
    let catalog = ConfigCatalog::read(&client, "configs")?;
    std::fs::write(directory.join("configs.json"), catalog.configs)?;
    std::fs::write(directory.join("documentation.json"), catalog.documentation)?;
    Ok(())
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
