//! A sandbox that has been started: its addresses, and what to try.

use crate::view::json::v1::SandboxDocument;

/// The banner.
pub fn human(sandbox: &SandboxDocument) -> String {
    let SandboxDocument { bootstrap, registry, cluster_id, .. } = sandbox;
    format!(
        "This cluster is simulated, not Kafka. It lives in this process, and all of it is gone when that ends.\n\n\
         brokers   {bootstrap}\n\
         registry  {registry}\n\
         cluster   {cluster_id}\n\n\
         To try in another shell:\n\n    \
         export KLERK_BOOTSTRAP={bootstrap} KLERK_REGISTRY={registry}\n    \
         klerk plan\n    \
         klerk apply\n    \
         klerk group lag\n\n\
         Ctrl-C ends it.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_says_what_it_is_and_what_to_type() {
        let sandbox = SandboxDocument::new(
            "sandbox-0123456789abcd".to_owned(),
            vec!["127.0.0.1:9092".to_owned(), "127.0.0.1:9093".to_owned()],
            "http://127.0.0.1:9102".to_owned(),
            "confluent",
        );
        insta::assert_snapshot!(human(&sandbox), @r"
        This cluster is simulated, not Kafka. It lives in this process, and all of it is gone when that ends.

        brokers   127.0.0.1:9092,127.0.0.1:9093
        registry  http://127.0.0.1:9102
        cluster   sandbox-0123456789abcd

        To try in another shell:

            export KLERK_BOOTSTRAP=127.0.0.1:9092,127.0.0.1:9093 KLERK_REGISTRY=http://127.0.0.1:9102
            klerk plan
            klerk apply
            klerk group lag

        Ctrl-C ends it.
        ");
    }
}
