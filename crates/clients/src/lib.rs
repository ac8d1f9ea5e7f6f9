//! Other Kafka clients on the sandbox and on real Kafka. It holds tests alone.
