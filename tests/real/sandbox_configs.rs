//! What the sandbox knows of configs is what a broker of today says.

use anyhow::Result;
use klerk_testbed::{Cluster, ClusterOptions, ConfigCatalog};

#[test]
fn the_sandboxs_configs_are_those_of_the_broker() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::one_broker().deleting_old_records())?;
    let client = cluster.client();
    client.create_topic("configs", 1, 1, &[])?;
    let catalog = ConfigCatalog::read(&client, "configs")?;
    let again = "run `cargo run -p klerk-testbed --bin testbed -- configs crates/sandbox/data`";
    assert!(catalog.configs == include_str!("../../crates/sandbox/data/configs.json"), "{again}");
    assert!(catalog.documentation == include_str!("../../crates/sandbox/data/documentation.json"), "{again}");
    Ok(())
}
