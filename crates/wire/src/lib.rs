//! Kafka's wire protocol, shared by the client and the sandbox.
