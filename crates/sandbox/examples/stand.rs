//! Starts a sandbox on a given port and lets it stand until standard input closes:
//! `cargo run -p klerk-sandbox --example stand -- 9092`.

use klerk_sandbox::{Options, Sandbox};
use std::io::Read as _;

fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).map(|port| port.parse()).transpose()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let sandbox = runtime.block_on(Sandbox::start(&Options { port, ..Options::default() }))?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(sandbox);
    Ok(())
}
