//! What kept a server from answering, or from letting klerk in: names that stand in answers where no server gave a number.

/// Names of failures of connections, of TLS and of logins. Those that Kafka has a number for are Kafka's errors.
pub(super) const CONNECTION: &[(&str, &str)] = &[
    ("NO_BOOTSTRAP_SERVER", "Nobody said where the brokers are."),
    ("INVALID_ADDRESS", "An address is not HOST:PORT."),
    ("UNRESOLVED_NAME", "No address is known for the name of a server."),
    ("CONNECTION_REFUSED", "The machine is there, and nothing listens at the port."),
    ("UNREACHABLE", "The machine cannot be reached, or does not take the connection in time."),
    ("NO_ANSWER", "The server took the request and did not answer it, or left out what it was asked for."),
    ("CONNECTION_CLOSED", "The server closed the connection before it answered."),
    ("TIMEOUT", "The time that the command or the request was given is over."),
    ("NOT_KAFKA", "What answers at the port does not speak Kafka's protocol."),
    ("CONTROLLER_PORT", "The port is one of controllers, and brokers are what klerk asks."),
    ("OTHER_CLUSTER", "The server belongs to another cluster than the one that was meant."),
    (
        "ADVERTISED_ADDRESS_UNREACHABLE",
        "A broker tells its clients to come to an address that cannot be reached from here: see its advertised.listeners.",
    ),
    ("BROKER_NOT_ALIVE", "The broker that has to be asked is not among those that are live."),
    ("NO_SERVER_USABLE", "None of the servers that were named could be used; each has its own reason."),
    ("TLS_EXPECTED", "The port expects TLS, and the connection was opened without it."),
    ("TLS_NOT_EXPECTED", "The port is one without TLS, and the connection was to be opened with it."),
    ("SASL_EXPECTED", "The port expects a SASL login, and none is set."),
    ("CERTIFICATES_UNUSABLE", "A store, certificate or key that the settings name cannot be used."),
    ("NO_TLS", "What answers does not speak TLS."),
    ("TLS_UNTRUSTED", "Nobody who is trusted here has signed the server's certificate."),
    (
        "TLS_OTHER_AUTHORITY",
        "The server's certificate is signed by another authority of the same name as one that is trusted here, as after it was made anew.",
    ),
    ("TLS_EXPIRED", "A certificate of the server is no longer good."),
    (
        "TLS_NOT_YET_VALID",
        "A certificate of the server is not good yet, or the clock of this machine is slow.",
    ),
    (
        "TLS_OTHER_NAME",
        "The server's certificate is for other names and addresses than the one connected to.",
    ),
    (
        "TLS_DISTRUSTED",
        "OpenSSL refuses the server's certificate for a reason that it names, such as a weak key.",
    ),
    (
        "TLS_CLIENT_CERTIFICATE",
        "The server wants a certificate of the client, or does not take the one it has.",
    ),
    ("TLS_NOTHING_SHARED", "The server speaks no version or cipher of TLS that is allowed here."),
    ("TLS_UNKNOWN_NAME", "The server is not known by the name that it was asked for."),
    ("TLS_ALERT", "The server ended the connection with an alert of TLS; its number and name stand with it."),
    ("TLS_CLOSED", "The server closed the connection in the handshake of TLS."),
    ("TLS_SILENT", "The port takes connections and does not answer in TLS."),
    ("TLS_BROKEN", "The handshake of TLS failed for a reason that OpenSSL or the system names."),
    (
        "NO_TOKEN",
        "A login by OAUTHBEARER needs a token, and its file, command or endpoint gives none that can be used.",
    ),
    ("UNSENDABLE_LOGIN", "A name, password or token holds what the mechanism cannot send."),
    (
        "SERVER_NOT_PROVEN",
        "By SCRAM both sides prove that they know the password, and the server did not: it may be an impostor.",
    ),
];

/// The codes with which a token endpoint refuses (RFC 6749, section 5.2; RFC 6750 for brokers).
pub(super) const TOKEN: &[(&str, &str)] = &[
    ("invalid_client", "The endpoint does not know the client, or the secret is another one."),
    ("invalid_grant", "What was granted to the client is not valid, has expired or was revoked."),
    ("invalid_request", "The endpoint misses something in the request, or does not understand it."),
    ("invalid_scope", "The scope that was asked for is not known, or is more than the client may have."),
    ("unauthorized_client", "The client is known and may not get tokens by its credentials."),
    ("unsupported_grant_type", "The endpoint gives no tokens for client credentials."),
    (
        "invalid_token",
        "A broker refuses the token: it has expired, is not signed by whom the broker trusts, or is for others.",
    ),
    ("insufficient_scope", "A broker wants a scope that the token does not have."),
];

#[cfg(test)]
mod tests {
    use super::{CONNECTION, TOKEN};
    use klerk_wire::ErrorCode;
    use std::collections::BTreeSet;

    /// The names that a file gives to failures, as its `name` does.
    fn given_by(source: &str) -> BTreeSet<&str> {
        let after =
            source.split("=> \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name);
        after
            .filter(|name| {
                name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            })
            .collect()
    }

    #[test]
    fn every_name_of_a_failure_is_explained_and_none_besides() {
        let mut given = given_by(include_str!("../../kafka/connect_error.rs"));
        given.extend(given_by(include_str!("../../kafka/auth/login_error.rs")));
        given.extend(given_by(include_str!("../../secure/refusal.rs")));
        let of_kafka: BTreeSet<&str> = ErrorCode::all().iter().map(|code| code.name).collect();
        let own: BTreeSet<&str> = given.difference(&of_kafka).copied().collect();
        let explained: BTreeSet<&str> = CONNECTION.iter().map(|(name, _)| *name).collect();
        assert_eq!(own, explained);
        assert!(TOKEN.iter().all(|(name, _)| !explained.contains(name)));
    }
}
