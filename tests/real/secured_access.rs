//! Access as code behind logins: users that klerk makes come in, quotas are what Kafka's own tool reads back, and nobody takes
//! from himself what he would need to take it back.

use crate::documents::{Acls, Groups, Lag, Plan, Quotas, Users};
use crate::scene::{Scene, carried_out, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::secured::{As, Listener, Resource, Secured, password_of, secured};
use klerk_testbed::{Outcome, Tool, unique_name};
use serde_json::Value;
use std::fs;

/// klerk as somebody, through the port with logins.
fn scene_as(secured: &Secured, who: As<'_>) -> Result<Scene> {
    Scene::new(&secured.sasl_plaintext())?.with_properties(&secured.properties(Listener::SaslPlaintext, who)?)
}

fn admin(secured: &Secured) -> Result<Scene> {
    scene_as(secured, As::Scram512("admin"))
}

/// Kafka's own tool, as whoever may do everything.
fn kafka_says(secured: &Secured, tool: Tool, args: &[&str]) -> Result<String> {
    secured.tool(Listener::Plain, As::Nobody, tool, args)?.checked()
}

/// Whether klerk comes in with these settings; a refused login has to be told as one.
fn comes_in(secured: &Secured, properties: &str) -> Result<bool> {
    let scene = Scene::new(&secured.sasl_plaintext())?.with_properties(properties)?;
    let outcome = scene.klerk("group list").run()?;
    let refused = outcome.status == Some(1) && outcome.stderr.contains("the broker refuses the login");
    ensure!(refused || outcome.status == Some(0), "{outcome:#?}");
    Ok(!refused)
}

#[test]
fn users_come_in_with_the_password_that_klerk_gave_them_and_with_no_other() -> Result<()> {
    let secured = secured()?;
    let user = unique_name("made");
    let scene = admin(secured)?;
    let topology = |more: &str| {
        format!(
            "klerk: 1\nusers: {{ {user}: {{ scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/{user}{more} }} }}\n"
        )
    };
    scene.write("topology.yaml", &topology(", iterations: 8192"))?;
    scene.write(&format!("secrets/{user}"), &format!("{}\n", password_of(&user)))?;
    let line = format!("apply --yes --match {user}* --allow opens-access,closes-access -o json");
    let report = carried_out(scene.klerk(&line).run()?)?;
    ensure!(report.steps.len() == 2 && report.steps.iter().all(|step| step.kind == "set-user"), "{report:?}");

    let seen: Users = scene.json(&format!("user list --match {user}"), 0)?;
    let credentials = &seen.users.first().context("the user")?.credentials;
    ensure!(credentials.iter().all(|one| one.iterations == 8192) && credentials.len() == 2, "{seen:?}");
    let told = kafka_says(
        secured,
        Tool::Configs,
        &["--describe", "--entity-type", "users", "--entity-name", &user],
    )?;
    for hash in ["256", "512"] {
        ensure!(told.contains(&format!("SCRAM-SHA-{hash}=iterations=8192")), "{told}");
    }

    // By both mechanisms, with Kafka's own tool and with klerk.
    let logins = [As::Scram256(&user), As::Scram512(&user)];
    let before = logins.map(|who| secured.properties(Listener::SaslPlaintext, who));
    let before: Vec<String> = before.into_iter().collect::<Result<_>>()?;
    for (who, properties) in logins.iter().zip(&before) {
        until("the user comes in", || comes_in(secured, properties))?;
        secured.tool(Listener::SaslPlaintext, *who, Tool::Topics, &["--list"])?.checked()?;
    }

    // Another password in the file alone changes nothing: nobody can tell that it is another one.
    scene.write(&format!("secrets/{user}"), "another password, quite a long one")?;
    let plan: Plan = scene.json(&format!("plan --match {user}* --detailed-exitcode"), 0)?;
    ensure!(plan.steps.is_empty(), "{plan:?}");
    let rotated = carried_out(scene.klerk(&format!("{line} --rotate-user {user}")).run()?)?;
    ensure!(rotated.steps.len() == 2, "{rotated:?}");
    for (who, properties) in logins.iter().zip(&before) {
        let after = properties.replace(&password_of(&user), "another password, quite a long one");
        ensure!(after != *properties, "{properties}");
        until("the new password is taken", || comes_in(secured, &after))?;
        until("the old one is refused", || Ok(!comes_in(secured, properties)?))?;
        let refused = secured.tool(Listener::SaslPlaintext, *who, Tool::Topics, &["--list"])?;
        ensure!(refused.status != Some(0), "{refused:?}");
    }

    scene.write("topology.yaml", &format!("klerk: 1\nusers: {{ {user}: {{ state: absent }} }}\n"))?;
    carried_out(scene.klerk(&line).run()?)?;
    let after = before[0].replace(&password_of(&user), "another password, quite a long one");
    until("nobody comes in by that name", || Ok(!comes_in(secured, &after)?))?;
    let seen: Users = scene.json(&format!("user list --match {user}"), 0)?;
    ensure!(seen.users.is_empty(), "{seen:?}");
    Ok(())
}

#[test]
fn quotas_are_what_kafkas_own_tool_reads_and_what_it_changes_is_seen() -> Result<()> {
    let secured = secured()?;
    let name = unique_name("held");
    let scene = admin(secured)?;
    let topology = format!(
        "klerk: 1\nquotas:\n  - {{ user: {name}, consume: 10MiB/s, request: 50% }}\n  \
         - {{ user: {name}, client_id: etl, produce: 5MB/s, mutations: 2.5/s }}\n  \
         - {{ user: default, client_id: {name}, produce: 1MiB/s }}\n"
    );
    scene.write("topology.yaml", &topology)?;
    let line = format!("apply --yes --match *{name}* --allow closes-access -o json");
    let report = carried_out(scene.klerk(&line).run()?)?;
    ensure!(report.steps.len() == 3, "{report:?}");
    let describe = |more: &[&str]| kafka_says(secured, Tool::Configs, &[&["--describe"], more].concat());
    let of_user = ["--entity-type", "users", "--entity-name", &name];
    until("the tool reads the quota back", || {
        let told = describe(&of_user)?;
        Ok(told.contains("consumer_byte_rate=1.048576E7") && told.contains("request_percentage=50.0"))
    })?;
    let both = [&of_user[..], &["--entity-type", "clients", "--entity-name", "etl"]].concat();
    let told = describe(&both)?;
    ensure!(told.contains("producer_byte_rate=5000000.0"), "{told}");
    ensure!(told.contains("controller_mutation_rate=2.5"), "{told}");
    let told = describe(&[
        "--entity-type",
        "users",
        "--entity-default",
        "--entity-type",
        "clients",
        "--entity-name",
        &name,
    ])?;
    ensure!(told.contains("producer_byte_rate=1048576.0"), "{told}");
    let seen: Quotas = scene.json(&format!("quota list --match *{name}*"), 0)?;
    ensure!(seen.quotas.len() == 3, "{seen:?}");

    let alter = [&["--alter", "--add-config", "consumer_byte_rate=1234"], &of_user[..]].concat();
    kafka_says(secured, Tool::Configs, &alter)?;
    let seen = || scene.json::<Quotas>(&format!("quota list --match user*{name}"), 0);
    until("what the tool has set is seen", || {
        Ok(seen()?.quotas.iter().any(|quota| quota.quotas.get("consumer_byte_rate") == Some(&1234.0)))
    })?;
    let plan: Plan = scene.json(&format!("plan --match *{name}* --detailed-exitcode"), 2)?;
    ensure!(plan.steps.len() == 1 && plan.steps[0].kind == "set-quota", "{plan:?}");
    carried_out(scene.klerk(&line).run()?)?;

    // A quota that brokers would not take is refused before anything is done.
    scene.write(
        "refused.yaml",
        &format!("klerk: 1\nquotas: [{{ ip: not.an.address.{name}, connections: 5/s }}]\n"),
    )?;
    let plan: Plan = scene.json("plan -f refused.yaml", 1)?;
    ensure!(plan.conflicts.iter().any(|conflict| conflict.reason == "refused-by-broker"), "{plan:?}");

    scene.write("topology.yaml", &topology.replace("consume: 10MiB/s, request: 50%", "state: absent"))?;
    carried_out(scene.klerk(&line).run()?)?;
    until("the quota is gone", || Ok(!describe(&of_user)?.contains("consumer_byte_rate")))?;
    carried_out(scene.klerk("undo last --yes --allow closes-access -o json").run()?)?;
    until("the tool reads the quota back", || {
        let told = describe(&of_user)?;
        Ok(told.contains("consumer_byte_rate=1.048576E7") && told.contains("request_percentage=50.0"))
    })?;
    Ok(())
}

#[test]
fn every_filter_of_a_list_of_acls_finds_what_kafkas_own_tool_has_made() -> Result<()> {
    let secured = secured()?;
    let (who, topic) = (unique_name("filtered"), unique_name("filtered"));
    let principal = format!("User:{who}");
    let add = |more: &[&str]| kafka_says(secured, Tool::Acls, &[&["--add"], more].concat());
    add(&["--allow-principal", &principal, "--operation", "Read", "--topic", &topic])?;
    add(&[
        "--deny-principal",
        &principal,
        "--deny-host",
        "10.0.0.1",
        "--operation",
        "Write",
        "--topic",
        &topic,
    ])?;
    add(&[
        "--allow-principal",
        &principal,
        "--operation",
        "All",
        "--topic",
        "filtered",
        "--resource-pattern-type",
        "prefixed",
    ])?;
    add(&["--allow-principal", &principal, "--operation", "Describe", "--cluster"])?;
    add(&["--allow-principal", &principal, "--operation", "Read", "--group", &who])?;

    let scene = admin(secured)?;
    let found = |filter: &str| -> Result<Vec<String>> {
        let seen: Acls = scene.json(&format!("acl list --principal {who} {filter}"), 0)?;
        let words = seen.acls.iter().map(|acl| {
            ensure!(acl.principal == principal, "{acl:?}");
            Ok(format!("{} {} {} {}", acl.permission, acl.operation, acl.resource_type, acl.pattern))
        });
        words.collect()
    };
    until("the broker knows the entries", || Ok(found("")?.len() == 5))?;
    let (all, read, write) =
        ("allow all topic prefixed", "allow read topic literal", "deny write topic literal");
    let (cluster, group) = ("allow describe cluster literal", "allow read group literal");
    let cases: [(String, &[&str]); 9] = [
        ("--operation read".to_owned(), &[all, read, group]),
        ("--operation WRITE".to_owned(), &[all, write]),
        ("--operation write --deny".to_owned(), &[write]),
        ("--deny".to_owned(), &[write]),
        ("--resource topic".to_owned(), &[all, read, write]),
        (format!("--resource topic:{topic}"), &[all, read, write]),
        ("--resource topic:filtered-by-nobody".to_owned(), &[all]),
        ("--resource cluster".to_owned(), &[cluster]),
        (format!("--resource group:{who} --operation describe"), &[]),
    ];
    for (filter, wanted) in cases {
        let (mut found, mut wanted) = (found(&filter)?, wanted.to_vec());
        found.sort();
        wanted.sort_unstable();
        ensure!(found == wanted, "{filter}: {found:?}");
    }

    // What it decides is what the broker does: a denial for one address is none from here.
    for (line, allowed) in [
        (format!("{who} write topic:{topic}"), Some(true)),
        (format!("{who} write topic:{topic} --host 10.0.0.1"), Some(false)),
        (format!("{who} alter cluster"), Some(false)),
    ] {
        let told: Acls = scene.json(&format!("acl list --explain {line}"), 0)?;
        ensure!(told.explanation.and_then(|told| told.allowed) == allowed, "{line}");
    }
    Ok(())
}

#[test]
fn whoever_is_connected_does_not_lock_himself_out() -> Result<()> {
    let secured = secured()?;
    let me = unique_name("keeper");
    secured.add_user(&me)?;
    let principal = format!("User:{me}");
    for operation in ["Alter", "Describe", "AlterConfigs"] {
        let add = ["--add", "--allow-principal", &principal, "--operation", operation, "--cluster"];
        kafka_says(secured, Tool::Acls, &add)?;
    }
    let scene = scene_as(secured, As::Scram512(&me))?;
    let count =
        || Ok::<_, anyhow::Error>(scene.json::<Acls>(&format!("acl list --principal {me}"), 0)?.acls.len());
    until("the broker knows the entries", || {
        Ok(scene.klerk("acl list").run()?.status == Some(0) && count()? == 3)
    })?;
    scene.write("secrets", "another password")?;
    for (file, line) in [
        // Complete for whom it names: what is not said is revoked.
        (format!("access: {{ {me}: {{ produce: all }} }}"), "apply"),
        (format!("access: {{ {me}: {{ state: absent }} }}"), "apply"),
        (
            format!(
                "access: {{ {me}: {{ acls: [{{ resource: cluster, operation: [alter, describe, alter-configs] }}, \
                 {{ resource: cluster, operation: alter, permission: deny }}] }} }}"
            ),
            "apply",
        ),
        (format!("users: {{ {me}: {{ state: absent }} }}"), "apply"),
        (
            format!("users: {{ {me}: {{ scram: SCRAM-SHA-512, password_file: secrets }} }}"),
            "apply --rotate-user ME",
        ),
    ] {
        scene.write("topology.yaml", &format!("klerk: 1\n{file}\n"))?;
        let line = line.replace("ME", &me);
        let plan: Plan = scene.json(&line.replace("apply", "plan"), 1)?;
        ensure!(!plan.conflicts.is_empty(), "{file}: {plan:?}");
        ensure!(plan.conflicts.iter().all(|conflict| conflict.reason == "locks-out"), "{file}: {plan:?}");
        let outcome: Outcome =
            scene.klerk(&format!("{line} --yes --allow opens-access,closes-access --match *{me}*")).run()?;
        ensure!(outcome.status == Some(1), "{file}: {outcome:#?}");
        // What another principal may plan and save is refused when this one is to carry it out.
        let saved = line.replace("apply", "plan");
        let of_another = admin(secured)?;
        of_another.write("topology.yaml", &format!("klerk: 1\n{file}\n"))?;
        of_another.write("secrets", "another password")?;
        let made = of_another.klerk(&format!("{saved} --match *{me}* --out saved")).run()?;
        made.expect_status(0)?;
        fs::copy(of_another.path("saved"), scene.path("saved"))?;
        let outcome: Outcome = scene.klerk("apply saved --yes --allow opens-access,closes-access").run()?;
        ensure!(outcome.status == Some(1), "{file}: {outcome:#?}");
        ensure!(outcome.stdout.contains("locks-out"), "{file}: {outcome:#?}");
        fs::remove_file(scene.path("saved"))?;
        ensure!(count()? == 3, "{file}: something was revoked");
    }
    // What it does not need to see and to change access it may give away.
    let file = format!(
        "klerk: 1\naccess: {{ {me}: {{ acls: [{{ resource: cluster, operation: [alter, describe] }}] }} }}\n"
    );
    scene.write("topology.yaml", &file)?;
    carried_out(scene.klerk("apply --yes --allow closes-access -o json").run()?)?;
    until("alter-configs is gone", || Ok(count()? == 2))?;
    Ok(())
}

/// No API tells a client its principal. It follows from the certificate or the token, as long as the broker says that it names clients
/// as brokers do by themselves.
#[test]
fn behind_a_certificate_or_a_token_klerk_knows_itself_where_the_broker_tells_how_it_names_clients()
-> Result<()> {
    let secured = secured()?;
    let bearer = unique_name("bearer");
    for (listener, at, who, principal, by) in [
        (
            Listener::Mtls,
            secured.mtls(),
            As::Certificate("keeper"),
            "User:CN=keeper,O=klerk".to_owned(),
            "by the subject of its certificate",
        ),
        (
            Listener::SaslPlaintext,
            secured.sasl_plaintext(),
            As::Token(&bearer),
            format!("User:{bearer}"),
            "a guess, by the claim sub of its token",
        ),
    ] {
        let rights = |more: &[&str]| {
            let names = ["alter", "describe"].iter().chain(more);
            let rights: Vec<_> = names.map(|name| (*name, Resource::Cluster)).collect();
            secured.allow_only(&principal, &rights)
        };
        let scene = Scene::new(&at)?.with_properties(&secured.properties(listener, who)?)?;
        let file = format!("klerk: 1\naccess: {{ me: {{ principal: '{principal}', state: absent }} }}\n");
        scene.write("topology.yaml", &file)?;
        rights(&["describe-configs"])?;
        let plan: Plan = scene.json("plan", 1)?;
        ensure!(!plan.conflicts.is_empty(), "{plan:?}");
        for conflict in &plan.conflicts {
            ensure!(conflict.reason == "locks-out", "{plan:?}");
            ensure!(conflict.message.contains(&format!("{principal} ({by})")), "{plan:?}");
        }
        // Without a look at the broker's configs nobody knows, which is said once.
        rights(&[])?;
        let plan: Plan = scene.json("plan", 0)?;
        let said: Vec<_> = plan.findings.iter().filter(|one| one.code == "access/own-principal").collect();
        ensure!(said.len() == 1 && said[0].message.contains("not available"), "{plan:?}");
    }
    Ok(())
}

#[test]
fn access_is_exported_and_the_plan_of_it_is_empty() -> Result<()> {
    let secured = secured()?;
    let name = unique_name("taken");
    let scene = admin(secured)?;
    let topology = format!(
        "klerk: 1
topics: {{ {name}.paid: {{ partitions: 1 }}, {name}.refunded: {{ partitions: 1 }} }}
groups: {{ {name}-readers: {{ topics: ['{name}.*'], start: earliest }} }}
access:
  {name}-bridge: {{ produce: ['{name}.*'] }}
  {name}-readers: {{ groups: [{name}-readers], transactions: ['{name}-*'] }}
  {name}-auditor:
    principal: 'User:CN={name}-auditor,O=Purple Flea'
    acls: [{{ resource: cluster, operation: describe }}, {{ resource: topic, name: all, operation: write, permission: deny, host: 10.0.0.1 }}]
quotas:
  - {{ user: {name}, consume: 10MiB/s, request: 12.5% }}
  - {{ user: default, client_id: {name}, produce: 1234/s }}
users:
  {name}: {{ scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: password, iterations: 8192 }}
"
    );
    scene.write("topology.yaml", &topology)?;
    scene.write("password", "a password that nobody reads back\n")?;
    carried_out(scene.klerk("apply --yes --allow opens-access,closes-access -o json").run()?)?;
    let tool =
        ["--add", "--allow-principal", &format!("User:{name}-tool"), "--producer", "--topic", "elsewhere"];
    kafka_says(secured, Tool::Acls, &tool)?;
    until("the broker knows what the tool has made", || {
        Ok(scene.json::<Acls>(&format!("acl list --principal {name}-tool"), 0)?.acls.len() == 3)
    })?;

    scene.klerk(&format!("export --match *{name}* --out taken")).run()?.expect_status(0)?;
    let taken = fs::read_to_string(scene.path("taken/topology.yaml"))?;
    for line in [
        "NAME-bridge: { produce: ['NAME.*'] }",
        "NAME-readers: { groups: [NAME-readers], transactions: ['NAME-*'] }",
        "'CN=NAME-auditor,O=Purple Flea':",
        "- { resource: topic, name: all, operation: write, host: '10.0.0.1', permission: deny }",
        "- { user: NAME, consume: 10MiB/s, request: 12.5% }",
        "- { user: default, client_id: NAME, produce: 1234/s }",
        "NAME: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/NAME, iterations: 8192 }",
    ] {
        let line = line.replace("NAME", &name);
        ensure!(taken.lines().any(|found| found.trim() == line), "'{line}' is not in the export:\n{taken}");
    }
    let plan: Plan =
        scene.json(&format!("plan -f taken/topology.yaml --match *{name}* --detailed-exitcode"), 0)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{plan:?}\n{taken}");
    ensure!(plan.unmanaged.acls.is_empty() && plan.unmanaged.quotas.is_empty(), "{plan:?}\n{taken}");
    let again: Value = scene.json(&format!("export --match *{name}*"), 0)?;
    ensure!(again["files"][0]["text"] == taken.as_str(), "two exports differ:\n{again}");

    // Whoever may describe the cluster is shown all that there is.
    ensure!(again["visible_only"] == false, "{again}");

    // Whoever may see none of it is told so, and gets no topology that would be read as one with nobody in it.
    let nobody = scene_as(secured, As::Scram512("bob"))?;
    let seen: Value = nobody.json("export --only access", 3)?;
    ensure!(seen["visible_only"] == true, "{seen}");
    let groups: Groups = nobody.json("group list", 0)?;
    let lag: Lag = nobody.json("group lag", 0)?;
    ensure!((groups.visible_only, lag.visible_only) == (Some(true), Some(true)), "{groups:?} {lag:?}");
    let gaps = seen["gaps"].as_array().context("gaps")?;
    ensure!(
        gaps.len() == 3 && gaps.iter().all(|gap| gap.to_string().contains("takes the right to")),
        "{seen}"
    );
    let text = seen["files"][0]["text"].as_str().context("a topology")?;
    for section in ["\naccess:", "\nquotas:", "\nusers:"] {
        ensure!(!text.contains(section), "{text}");
    }
    Ok(())
}
