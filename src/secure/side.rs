/// Whose settings a hint names keys of. Each has a TLS of its own, so that trust in one says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The brokers: `ssl.*`.
    Brokers,
    /// The schema registry: `schema.registry.ssl.*`.
    Registry,
    /// The endpoint that tokens are asked from: librdkafka's `https.ca.*`, or options of the JAAS line, as Java has it (KIP-768).
    Tokens,
}

impl Side {
    /// How to write a key of the brokers' TLS for this one.
    pub(super) fn key(self, key: &str) -> String {
        match self {
            Side::Brokers => key.to_owned(),
            Side::Registry => format!("schema.registry.{key}"),
            Side::Tokens => format!("the option {key} of sasl.jaas.config"),
        }
    }

    /// The keys that name whom to trust.
    pub(super) fn trust(self) -> String {
        match self {
            Side::Brokers | Side::Registry => {
                format!("{} (or {})", self.key("ssl.truststore.location"), self.key("ssl.ca.location"))
            }
            Side::Tokens => format!(
                "https.ca.location, or in {} (ssl.* elsewhere is for the brokers)",
                self.key("ssl.truststore.location")
            ),
        }
    }
}
