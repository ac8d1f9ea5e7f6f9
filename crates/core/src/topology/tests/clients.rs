//! Quotas and users: what is read, and what is refused.

use super::texts::{faults, sound, within};

#[test]
fn quotas_and_users_are_read_with_their_units() {
    let topology = sound(
        "quotas:
  - { user: webhooks, consume: 10MiB/s, request: 50%, produce: unset }
  - { user: default, client_id: { name: default }, mutations: 0.5/s }
  - { ip: 10.0.0.7, connections: 20 }
users:
  settlement: { scram: [SCRAM-SHA-512, SCRAM-SHA-256], password_file: secrets/settlement, iterations: 8192 }
  gone: { state: absent }
",
    );
    let quotas: Vec<String> = topology
        .quotas
        .iter()
        .map(|(entity, quota)| {
            let amounts = quota.amounts.iter().map(|(key, said)| format!("{key}={:?}", said.value));
            format!("{entity}: {}", amounts.collect::<Vec<_>>().join(" "))
        })
        .collect();
    insta::assert_snapshot!(quotas.join("\n"), @r"
    user by default, client-id default: controller_mutation_rate=Some(Amount(0.5))
    ip 10.0.0.7: connection_creation_rate=Some(Amount(20.0))
    user webhooks: consumer_byte_rate=Some(Amount(10485760.0)) producer_byte_rate=None request_percentage=Some(Amount(50.0))
    ");
    insta::assert_debug_snapshot!(topology.users.values().map(|user| (user.password_file.as_deref(), &user.mechanisms, user.iterations, user.absent)).collect::<Vec<_>>(), @r#"
    [
        (
            None,
            {},
            4096,
            true,
        ),
        (
            Some(
                "secrets/settlement",
            ),
            {
                Sha256,
                Sha512,
            },
            8192,
            false,
        ),
    ]
    "#);
}

#[test]
fn environments_lay_quotas_and_users_over_those_of_all() {
    let text = "quotas: [{ user: a, consume: 1MB/s }, { user: b, request: 1%, only: [dev] }]
users: { a: { scram: SCRAM-SHA-512, password_file: secrets/a } }
environments:
  dev: { quotas: [{ user: a, produce: 1MB/s }], users: { a: { password_file: secrets/dev } } }
  prod: {}
";
    let dev = within("dev", text);
    let of_a: Vec<usize> = dev.quotas.values().map(|quota| quota.amounts.len()).collect();
    assert_eq!(of_a, [2, 1]);
    assert_eq!(dev.users["a"].password_file.as_deref(), Some("secrets/dev"));
    assert_eq!(within("prod", text).quotas.len(), 1);
}

#[test]
fn what_no_broker_takes_is_refused() {
    insta::assert_snapshot!(
        faults(
            "quotas:
  - { consume: 1MB/s }
  - { user: a }
  - { user: a, ip: 10.0.0.1, connections: 1 }
  - { user: a, connections: 1 }
  - { ip: 10.0.0.1, request: 1% }
  - { ip: 10.0.0.1, connections: 1.5 }
  - { user: a, consume: 0 }
  - { user: a, request: 50 }
  - { user: a, consume: lots, client: x }
  - { user: a, request: 1%, state: absent }
  - { user: b, request: 1% }
  - { user: b, request: 2% }
users:
  a: { scram: SHA512, password_file: p }
  b: { password: hunter2, scram: SCRAM-SHA-256 }
  c: { scram: SCRAM-SHA-256, password_file: p, iterations: 100 }
  d: { scram: SCRAM-SHA-256, password_file: p, state: absent }
"
        ),
        @r"
    3:5+1 [empty-value] an entry of 'quotas' does not say whom it is for → name a user, a client_id, both, or an ip; default is for all others
    4:5+1 [empty-value] the quota of user a limits nothing → produce, consume, request, mutations or, for an ip, connections; or state: absent
    5:5+1 [bad-value] an address stands alone: Kafka combines only user and client_id
    6:29+1 [bad-value] 'connections' is for addresses: { ip: 10.0.0.7, connections: 20/s }
    7:30+2 [bad-value] an address can be held to 'connections' only, not 'request'
    8:34+3 [bad-value] 'connections' is a whole number a second
    9:25+1 [bad-value] 'consume' takes a size a second, more than nothing, not '0' → such as 10MiB/s; 'unset' takes a quota away
    10:25+2 [bad-value] 'request' takes percent of one thread's time, more than nothing, not '50' → such as 50%; 'unset' takes a quota away
    11:25+4 [bad-value] 'consume' takes a size a second, more than nothing, not 'lots' → such as 10MiB/s; 'unset' takes a quota away
    11:31+6 [unknown-key] an entry of 'quotas' has no key 'client' → did you mean 'client_id'?
    12:5+1 [absent-says-more] the quota of user a is said to be absent, and yet to be some → leave out one or the other
    14:5+1 [duplicate] the quota of 'user b' is already said at t.yaml:13:5 → keep one of the two
    16:3+1 [empty-value] user 'a' does not say its scram → such as { scram: SCRAM-SHA-512, password_file: secrets/billing }
    16:15+6 [bad-value] 'scram' takes SCRAM-SHA-256, SCRAM-SHA-512, not 'SHA512' → SCRAM-SHA-512
    17:3+1 [empty-value] user 'b' does not say its password_file → such as { scram: SCRAM-SHA-512, password_file: secrets/billing }
    17:8+8 [unknown-key] a topology holds no passwords → password_file: a file that holds nothing else, which is not among what others may read
    18:60+3 [bad-value] 'iterations' has to be 4096 or more, and this is 100
    19:45+1 [absent-says-more] user 'd' is said to be absent, and yet to have a password → leave out one or the other
    "
    );
}
