//! The main job from plan to undo by somebody who may do what its commands take and nothing else, over TLS by each way to log in.

use crate::rights_of_commands::rights_of;
use crate::scene::Scene;
use anyhow::{Result, bail, ensure};
use klerk_testbed::secured::{
    As, Listener, Resource, Secured, TokenServer, TokenServerOptions, password_of, secured,
};
use klerk_testbed::{Record, Registry, unique_name};

/// The rows of the README that the job is made of.
const COMMANDS: &[&str] = &[
    "`klerk plan`",
    "`klerk apply`, to create a topic",
    "`klerk apply`, to change configs",
    "`klerk apply`, to add partitions",
    "`klerk apply`, to change access",
    "`klerk apply`, to change quotas",
    "`klerk apply`, to change users",
    "`klerk export`, without access",
    "`klerk export`, of access",
    "`klerk group describe`",
    "`klerk group lag`",
    "`klerk group reset`",
    "`klerk undo`, of a reset",
    "`klerk acl list`",
    "`klerk quota list`",
    "`klerk user list`",
    "`klerk topic truncate`",
    "`klerk topic delete`",
];

/// What it is until the group has read something: commands, the status that each ends with, and words of its answer.
const BEFORE: &[(&str, i32, &str)] = &[
    ("plan --detailed-exitcode", 2, "5 to create"),
    ("apply --yes --allow opens-access,closes-access", 0, "done"),
    ("plan --detailed-exitcode", 0, "0 to create, 0 to change"),
    ("apply -f changed.yaml --yes --allow moves-keys", 0, "2 done"),
    ("plan -f changed.yaml --detailed-exitcode", 0, "0 to create, 0 to change"),
];

const AFTER: &[(&str, i32, &str)] = &[
    ("group lag GROUP", 0, "1 record behind"),
    ("group describe GROUP", 0, "coordinator broker 1"),
    ("group reset GROUP --topic TOPIC:0 --to-earliest --yes --settle 0s", 0, "1 done"),
    ("group lag GROUP", 0, "3 records behind"),
    ("undo last --yes --settle 0s", 0, "1 done"),
    ("group lag GROUP", 0, "1 record behind"),
    ("export --match TOPIC", 0, "partitions: 3"),
    ("export --match TOPIC", 0, "TOPIC: { produce: [TOPIC] }"),
    ("acl list --principal TOPIC", 0, "write"),
    ("quota list --match *TOPIC", 0, "TOPIC"),
    ("user list --match TOPIC", 0, "SCRAM-SHA-256"),
    ("export --match TOPIC*", 0, "TOPIC-value"),
    ("topic truncate TOPIC --to-latest --yes --allow loses-data", 0, "done"),
    ("topic delete TOPIC --yes --allow loses-data", 0, "done"),
];

const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#;

/// Who klerk is, where it comes in, and by which settings.
struct Way {
    name: &'static str,
    principal: &'static str,
    at: Listener,
    properties: String,
}

fn ways(bed: &Secured, tokens: &TokenServer) -> Result<Vec<Way>> {
    let login = |name, who| -> Result<Way> {
        let properties = bed.properties(Listener::SaslSsl, who)?;
        Ok(Way { name, principal: "User:klerk", at: Listener::SaslSsl, properties })
    };
    let by_credentials = format!(
        "security.protocol=SASL_SSL\nssl.truststore.location={ca}\nsasl.mechanism=OAUTHBEARER\n\
         sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"klerk\" \
         clientSecret=\"{secret}\" ssl.truststore.location=\"{ca}\";\n\
         sasl.oauthbearer.token.endpoint.url={url}\n",
        ca = bed.ca_pem().display(),
        secret = password_of("klerk"),
        url = tokens.url()
    );
    Ok(vec![
        login("PLAIN", As::Plain("klerk"))?,
        login("SCRAM-SHA-256", As::Scram256("klerk"))?,
        login("SCRAM-SHA-512", As::Scram512("klerk"))?,
        Way { properties: by_credentials, ..login("OAUTHBEARER", As::Nobody)? },
        Way {
            name: "mutual TLS",
            principal: "User:CN=alice,O=klerk",
            at: Listener::Mtls,
            properties: bed.properties(Listener::Mtls, As::Certificate("alice"))?,
        },
    ])
}

/// Does all of the job, and is refused what lies beside it.
fn does_its_job(bed: &Secured, registry: &Registry, way: &Way) -> Result<()> {
    let (topic, group) = (unique_name("least"), unique_name("least"));
    let foreign = unique_name("least.foreign");
    let rights = rights_of(COMMANDS)?.into_iter().map(|(operation, on)| {
        let resource = match on {
            "topic" | "new topic" => Resource::Topic(topic.clone()),
            "group" => Resource::Group(group.clone()),
            "cluster" => Resource::Cluster,
            other => bail!("no resource: {other}"),
        };
        Ok((operation, resource))
    });
    let mut rights = rights.collect::<Result<Vec<_>>>()?;
    // The same right on the topic and on the topic to be is one entry here.
    rights.sort_by_key(|right| format!("{right:?}"));
    rights.dedup();
    bed.allow_only(way.principal, &rights)?;
    let client = bed.client();
    client.create_topic(&foreign, 1, 1, &[])?;

    let scene = Scene::new(&bed.at(way.at))?.with_properties(&way.properties)?;
    let scene = scene.with_registry(&registry.url());
    let file = |partitions: u8, segment: &str| {
        format!(
            "klerk: 1\ntopics: {{ {topic}: {{ partitions: {partitions}, segment.ms: {segment}, value: R.avsc }} }}\n\
             access: {{ {topic}: {{ produce: [{topic}] }} }}\n\
             quotas: [{{ user: {topic}, consume: 1MB/s }}]\n\
             users: {{ {topic}: {{ scram: SCRAM-SHA-256, password_file: password }} }}\n"
        )
    };
    scene.write("R.avsc", SCHEMA)?;
    scene.write("password", "correct horse battery\n")?;
    scene.write("topology.yaml", &file(2, "1d"))?;
    scene.write("changed.yaml", &file(3, "2d"))?;
    let run = |lines: &[(&str, i32, &str)]| -> Result<()> {
        for (line, status, words) in lines {
            let outcome = scene.klerk(&line.replace("TOPIC", &topic).replace("GROUP", &group)).run()?;
            let said = format!("{}{}", outcome.stdout, outcome.stderr);
            ensure!(
                outcome.status == Some(*status) && said.contains(&words.replace("TOPIC", &topic)),
                "klerk {line}: {outcome:#?}"
            );
            ensure!(!said.contains("encrypts nothing"), "klerk {line}: {outcome:#?}");
        }
        Ok(())
    };
    run(BEFORE)?;
    client.produce(&topic, 0, &[1, 2, 3].map(|at| Record::new(at, None, "x")))?;
    client.commit_offsets(&group, &[(&topic, 0, 2)])?;
    run(AFTER)?;
    ensure!(!client.topics()?.contains_key(&topic), "{topic} is still there");
    let registered = registry.get(&format!("/subjects/{topic}-value/versions"))?.checked()?;
    ensure!(registered.trim() == "[1]", "{registered}");

    let outcome = scene.klerk(&format!("topic delete {foreign} --yes --allow loses-data")).run()?;
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    ensure!(outcome.status == Some(1) && said.contains(&foreign), "{outcome:#?}");
    ensure!(client.topics()?.contains_key(&foreign), "{foreign} was deleted by somebody who may not");
    Ok(())
}

#[test]
fn the_main_job_takes_no_more_rights_by_any_login() -> Result<()> {
    let bed = secured()?;
    let registry = Registry::start()?;
    let certificate = bed.certificates().get("broker")?;
    let tokens = TokenServer::start_tls(bed.tokens(), &TokenServerOptions::default(), certificate)?;
    let mut faults = String::new();
    for way in ways(bed, &tokens)? {
        if let Err(error) = does_its_job(bed, &registry, &way) {
            faults.push_str(&format!("{}: {error:#}\n", way.name));
        }
    }
    ensure!(faults.is_empty(), "{faults}");
    ensure!(tokens.handed_out() > 0, "nobody has asked for a token");
    Ok(())
}
