//! The ways to be misconfigured that tests show: each is told with its cause and a fix, with status 1 and within seconds, and nothing is
//! changed. A table, so that a way cannot get lost when tests are moved.

use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::secured::{As, Listener, secured};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const SERVER: (&str, &str) = ("secured_tls", "every_server_that_is_not_what_it_should_be_is_told_apart");
const CLIENT: (&str, &str) = ("secured_tls", "a_client_certificate_that_is_missing_or_refused_is_told");
const STORE: (&str, &str) = ("secured_tls", "stores_that_cannot_be_used_are_named_before_anybody_is_asked");
const LOGIN: (&str, &str) = ("secured_sasl", "each_fault_of_a_login_is_named_with_its_cause_and_a_fix");
const REGISTRY_TLS: (&str, &str) =
    ("secured_registry", "a_registry_with_a_private_authority_serves_whoever_trusts_it");
const REGISTRY: (&str, &str) =
    ("secured_registry", "a_registry_with_users_or_a_token_tells_who_is_not_known_from_who_may_not");
const RIGHTS: (&str, &str) = ("least_privilege", "each_command_works_with_its_rights_and_with_none_less");
const PORT: (&str, &str) = ("failures_connect", "every_wrong_port_is_told_apart");
const ADVERTISED: (&str, &str) =
    ("failures_connect", "an_advertised_address_that_cannot_be_reached_is_named");
const READABLE: (&str, &str) = ("misconfigured", "a_secret_that_everybody_may_read_is_warned_of");

/// The way, and the file and the test that show it.
const SHOWN: &[(&str, (&str, &str))] = &[
    ("another authority is trusted", SERVER),
    ("no authority is named, and the system trusts none that signed", SERVER),
    ("the server's certificate has expired", SERVER),
    ("the server's certificate is not good yet", SERVER),
    ("the server's certificate is for other hosts", SERVER),
    ("TLS to a port without it", SERVER),
    ("TLS to a port of logins without it", SERVER),
    ("plain text to a port with TLS", SERVER),
    ("no version of TLS in common", SERVER),
    ("a web server in the place of a broker", SERVER),
    ("no certificate of the client where one is wanted", CLIENT),
    ("a client's certificate of another authority", CLIENT),
    ("a client's certificate that has expired", CLIENT),
    ("no file where a store should be", STORE),
    ("a folder where a store should be", STORE),
    ("an empty store", STORE),
    ("a store of a kind that klerk does not read", STORE),
    ("a trust store without a certificate", STORE),
    ("a wrong password of a store", STORE),
    ("no password for a store that has one", STORE),
    ("a wrong password of a key", STORE),
    ("no password for a key that has one", STORE),
    ("a store without a key", STORE),
    ("a key of another certificate", STORE),
    ("a wrong password, by PLAIN and by SCRAM", LOGIN),
    ("an unknown user", LOGIN),
    ("a mechanism that the listener does not offer", LOGIN),
    ("no name and no password", LOGIN),
    ("Kerberos, which is refused by its name", LOGIN),
    ("a login where none is taken", LOGIN),
    ("no login where one is wanted", LOGIN),
    ("a login in plain text where TLS is wanted", LOGIN),
    ("an expired token", LOGIN),
    ("a token of a clock that is ahead", LOGIN),
    ("a token for somebody else", LOGIN),
    ("a token that is signed by somebody else", LOGIN),
    ("an empty token file, none at all, and one with something else", LOGIN),
    ("a token command that fails, and one that is not there", LOGIN),
    ("a token endpoint that refuses the client", LOGIN),
    ("a token endpoint that is not there, or not at that path", LOGIN),
    ("a token endpoint of another authority", ("secured_sasl", "logins_over_tls_with_a_token_over_tls")),
    ("a token endpoint that answers with a page, with nothing, or with 503", LOGIN),
    ("a registry of another authority, expired, or for another host", REGISTRY_TLS),
    ("a registry's address with https where it is http, and the other way round", REGISTRY_TLS),
    ("a registry that wants a certificate of the client, or refuses the one it gets", REGISTRY_TLS),
    ("a registry that does not know the user", REGISTRY),
    ("a registry where the user may not write, and one where the token may not read", REGISTRY),
    ("each operation of the README's table without its ACL", RIGHTS),
    ("a port that answers nothing, that is none, or that speaks something else", PORT),
    ("a broker that sends its clients to an address that is not reached", ADVERTISED),
    ("a secret that everybody may read", READABLE),
];

#[test]
fn at_least_twenty_ways_to_be_misconfigured_are_shown() -> Result<()> {
    ensure!(SHOWN.len() >= 20);
    for (way, (file, test)) in SHOWN {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/real/{file}.rs"));
        let source = fs::read_to_string(&path)?;
        ensure!(source.contains(&format!("#[test]\nfn {test}()")), "{way}: {file} has no test {test}");
    }
    Ok(())
}

/// It is no refusal, for the file may be meant so: the command goes on.
#[test]
fn a_secret_that_everybody_may_read_is_warned_of() -> Result<()> {
    let bed = secured()?;
    let properties = bed.properties(Listener::SaslSsl, As::Scram512("admin"))?;
    let scene = Scene::new(&bed.sasl_ssl())?.with_properties(&properties)?;
    let outcome = scene.klerk("group list").run()?;
    ensure!(outcome.status == Some(0) && outcome.stderr.is_empty(), "{outcome:#?}");
    fs::set_permissions(scene.path("client.properties"), fs::Permissions::from_mode(0o644))?;
    let outcome = scene.klerk("group list").run()?;
    let warnings: Vec<&str> = outcome.stderr.lines().collect();
    ensure!(outcome.status == Some(0) && warnings.len() == 1, "{outcome:#?}");
    ensure!(warnings[0].contains("client.properties") && warnings[0].contains("chmod"), "{outcome:#?}");
    Ok(())
}
