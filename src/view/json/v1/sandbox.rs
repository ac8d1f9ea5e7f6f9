use serde::Serialize;

/// `klerk.sandbox`: a sandbox that has been started.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxDocument {
    format: &'static str,
    version: u32,
    /// Always true.
    pub simulated: bool,
    /// The cluster's id.
    pub cluster_id: String,
    /// The brokers' addresses, as `--bootstrap` takes them.
    pub bootstrap: String,
    /// Each broker's address, by id.
    pub brokers: Vec<String>,
    /// The registry's base address.
    pub registry: String,
    /// Whose manners the registry has.
    pub manner: &'static str,
}

impl SandboxDocument {
    /// The document of a sandbox with these addresses.
    pub fn new(cluster_id: String, brokers: Vec<String>, registry: String, manner: &'static str) -> Self {
        SandboxDocument {
            format: "klerk.sandbox",
            version: 1,
            simulated: true,
            cluster_id,
            bootstrap: brokers.join(","),
            brokers,
            registry,
            manner,
        }
    }
}
