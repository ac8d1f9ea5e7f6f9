/// What the settings ask for and librdkafka cannot do: it is refused by name, for doing without it would be less safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Only some versions of TLS may be agreed on.
    #[error(
        "records cannot be read with ssl.enabled.protocols narrowed to one version of TLS: librdkafka, by which klerk reads them, cannot be held to it"
    )]
    TlsVersions,
    /// The trusted certificates are signed by others that are not among them.
    #[error(
        "records cannot be read with a trust store that holds no self-signed authority: librdkafka, by which klerk reads them, trusts no chain without its root; add the root to the store"
    )]
    NoRoot,
    /// The name is that of a delegation token.
    #[error(
        "records cannot be read with a delegation token (tokenauth=true): librdkafka, by which klerk reads them, cannot log in with one"
    )]
    DelegationToken,
    /// The login has SASL extensions.
    #[error(
        "records cannot be read with SASL extensions ({0}): librdkafka's token callback, by which klerk hands it tokens, takes none"
    )]
    Extensions(String),
    /// The certificates cannot be written as PEM.
    #[error("records cannot be read: {0} cannot be handed over as PEM")]
    Material(&'static str),
    /// A value that librdkafka does not take.
    #[error("records cannot be read: librdkafka does not take the value of {0}")]
    Property(String),
}
