use super::{Loaded, Tls, Version};
use reqwest::{Certificate, ClientBuilder, Identity, tls};

impl Loaded {
    /// Gives an HTTP client what was loaded: these authorities and no others, since added to the system's they would only widen whom
    /// is trusted; the client's own certificate; and the versions of TLS that are wished for.
    ///
    /// # Errors
    /// When the client does not take them.
    pub fn protect(&self, builder: ClientBuilder, wanted: &Tls) -> Result<ClientBuilder, reqwest::Error> {
        let mut builder = builder
            .tls_danger_accept_invalid_certs(self.trusts_anyone())
            .tls_danger_accept_invalid_hostnames(!wanted.check_name)
            .tls_version_min(version(wanted.versions.oldest))
            .tls_version_max(version(wanted.versions.newest));
        if let Some(pem) = self.trusted_pem() {
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem)?);
        }
        if let Some((chain, key)) = self.own_pem() {
            builder = builder.identity(Identity::from_pkcs8_pem(&chain, &key)?);
        }
        Ok(builder)
    }
}

fn version(version: Version) -> tls::Version {
    match version {
        Version::Tls12 => tls::Version::TLS_1_2,
        Version::Tls13 => tls::Version::TLS_1_3,
    }
}
