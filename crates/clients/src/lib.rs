//! Other Kafka clients on the sandbox and on real Kafka. It holds tests alone: librdkafka is built for them and for nothing else.
