//! Where klerk is killed besides: around the requests of every kind of step that the sixty steps of `killing.rs` do not have.

use crate::estate::add_topic;
use crate::scene::Scene;
use anyhow::{Result, anyhow};
use klerk_sandbox::state::access::Acl;
use klerk_sandbox::state::log::Record;
use std::collections::BTreeMap;

/// One thing that is done, and what there is before.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    name: &'static str,
    /// Puts there what it begins with.
    pub found: fn(&Scene) -> Result<()>,
    /// Saves the plan of it, where it is an apply.
    pub plan: Option<&'static str>,
    /// What is killed.
    pub first: &'static str,
    /// What finishes it.
    pub again: &'static str,
    /// The requests around which it is killed, as faults without what goes wrong, and what is added behind that.
    requests: &'static [(&'static str, &'static str)],
    /// Whether it begins while replicas stand still on their way, to go on when it is finished.
    pub is_held: bool,
}

/// One death.
#[derive(Debug, Clone)]
pub struct Kill {
    pub name: String,
    pub fault: String,
    pub deed: Deed,
}

const ALLOWED: &str =
    "apply plan.json --yes --allow moves-replicas,loses-data,breaks-readers,opens-access,closes-access";
const AGAIN: &str = "apply --yes --allow moves-replicas,loses-data,breaks-readers,opens-access,closes-access";

const fn applied(
    name: &'static str,
    found: fn(&Scene) -> Result<()>,
    requests: &'static [(&'static str, &'static str)],
) -> Deed {
    Deed {
        name,
        found,
        plan: Some("plan --out plan.json"),
        first: ALLOWED,
        again: AGAIN,
        requests,
        is_held: false,
    }
}

const ONCE: &str = " once";
const MOVES: &[(&str, &str)] = &[
    ("IncrementalAlterConfigs", ONCE),
    ("IncrementalAlterConfigs", " after 1 once"),
    ("AlterPartitionReassignments", ONCE),
];

const DEEDS: &[Deed] = &[
    Deed {
        plan: Some("plan --throttle 50MB/s --out plan.json"),
        again: "apply --throttle 50MB/s --yes --allow moves-replicas",
        ..applied("move-replicas", one_replica, MOVES)
    },
    Deed {
        plan: Some("plan --throttle 50MB/s --out plan.json"),
        is_held: true,
        ..applied("move-replicas, still on their way", one_replica, MOVES)
    },
    applied("commit-offsets, of a start", a_new_group, &[("OffsetCommit", ONCE)]),
    Deed {
        name: "commit-offsets, of a reset",
        found: a_group_that_has_read,
        plan: None,
        first: "group reset readers --topic orders --to-earliest --yes --settle 0s",
        again: "group reset readers --topic orders --to-earliest --yes --settle 0s",
        requests: &[("OffsetCommit", ONCE)],
        is_held: false,
    },
    Deed {
        name: "delete-records",
        found: records,
        plan: None,
        first: "topic truncate orders --to-latest --yes --allow loses-data",
        again: "topic truncate orders --to-latest --yes --allow loses-data",
        requests: &[("DeleteRecords", ONCE)],
        is_held: false,
    },
    applied("delete-subject", a_subject, &[("DELETE /subjects/old-value", ONCE)]),
    applied("delete-subject, for good", a_subject_for_good, &[("DELETE /subjects/old-value", ONCE)]),
    applied("create-acl and delete-acl", entries, &[("CreateAcls", ONCE), ("DeleteAcls", ONCE)]),
    applied("set-quota and delete-quota", quotas, &[("AlterClientQuotas", ONCE)]),
    applied("set-user and delete-user", users, &[("AlterUserScramCredentials", ONCE)]),
];

pub fn rows() -> Vec<Kill> {
    let of = |deed: &Deed, (request, times): &(&str, &str), harm: &str, word: &str| Kill {
        name: format!("{word} {request}{times}: {}", deed.name),
        fault: format!("{request} {harm}{times}"),
        deed: *deed,
    };
    let around = |deed: &'static Deed, request: &'static (&str, &str)| {
        let late = if request.0.contains('/') { "late 300000" } else { "late 300s" };
        [of(deed, request, "silence", "before"), of(deed, request, late, "after")]
    };
    DEEDS
        .iter()
        .flat_map(|deed| deed.requests.iter().flat_map(move |request| around(deed, request)))
        .collect()
}

/// Three partitions of `orders` with records.
fn records(scene: &Scene) -> Result<()> {
    add_topic(&scene.sandbox, "orders", 3, &[("min.insync.replicas", "1")]);
    scene.sandbox.with(|state| {
        for partition in 0..3 {
            let all: Vec<Record> = (0..10).map(|at| Record::new(at, None, None)).collect();
            state.append("orders", partition, &all).map_err(|refused| anyhow!("{refused:?}"))?;
        }
        Ok(())
    })
}

fn one_replica(scene: &Scene) -> Result<()> {
    records(scene)?;
    scene.sandbox.with(|state| {
        for partition in state.topics.get_mut("orders").into_iter().flat_map(|topic| &mut topic.partitions) {
            partition.replicas.truncate(1);
            partition.isr.truncate(1);
        }
    });
    scene.write(
        "topology.yaml",
        "klerk: 1\ntopics: { orders: { partitions: 3, replication: 3, min.insync.replicas: 1 } }\n",
    )
}

fn a_new_group(scene: &Scene) -> Result<()> {
    records(scene)?;
    let text = "klerk: 1\ntopics: { orders: { partitions: 3 } }\ngroups: { readers: { topics: [orders], start: latest } }\n";
    scene.write("topology.yaml", text)
}

fn a_group_that_has_read(scene: &Scene) -> Result<()> {
    records(scene)?;
    scene
        .sandbox
        .with(|state| (0..3).for_each(|partition| state.seed_commit("readers", "orders", partition, 7)));
    scene.write("topology.yaml", "klerk: 1\ntopics: {}\n")
}

const SCHEMA: &str = r#"{"type":"record","name":"Old","fields":[{"name":"a","type":"string"}]}"#;

fn a_subject(scene: &Scene) -> Result<()> {
    scene.register("old-value", SCHEMA)?;
    scene.write("topology.yaml", "klerk: 1\nschemas: { subjects: { old-value: { state: absent } } }\n")
}

fn a_subject_for_good(scene: &Scene) -> Result<()> {
    scene.register("old-value", SCHEMA)?;
    let text = "klerk: 1\nschemas: { subjects: { old-value: { state: absent, permanent: true } } }\n";
    scene.write("topology.yaml", text)
}

fn entries(scene: &Scene) -> Result<()> {
    records(scene)?;
    let entry = |principal: &str, operation: i8| Acl {
        resource_type: 2,
        resource_name: "orders".to_owned(),
        pattern_type: 3,
        principal: principal.to_owned(),
        host: "*".to_owned(),
        operation,
        permission_type: 3,
    };
    scene.sandbox.with(|state| -> Result<()> {
        state.acls.authorizer = true;
        for acl in [entry("User:old", 3), entry("User:old", 8), entry("User:other", 3)] {
            state.acls.add(acl)?;
        }
        Ok(())
    })?;
    let text =
        "klerk: 1\ntopics: { orders: {} }\naccess: { old: { state: absent }, new: { produce: [orders] } }\n";
    scene.write("topology.yaml", text)
}

fn quotas(scene: &Scene) -> Result<()> {
    scene.sandbox.with(|state| {
        for (user, key, value) in [
            ("old", "request_percentage", 5.0),
            ("kept", "producer_byte_rate", 7.0),
            ("other", "request_percentage", 9.0),
        ] {
            let entity = BTreeMap::from([("user".to_owned(), Some(user.to_owned()))]);
            let changes = [(key.to_owned(), Some(value))];
            state.quotas.alter(&entity, &changes, false).map_err(|refused| anyhow!("{refused:?}"))?;
        }
        anyhow::Ok(())
    })?;
    let text = "klerk: 1\nquotas: [{ user: old, state: absent }, { user: kept, produce: unset, request: 50% }, { user: new, consume: 1MB/s }]\n";
    scene.write("topology.yaml", text)
}

fn users(scene: &Scene) -> Result<()> {
    scene.sandbox.with(|state| {
        state.users.store("old", 1, 4096)?;
        state.users.store("other", 2, 8192)
    })?;
    scene.write("password", "correct horse battery\n")?;
    let text = "klerk: 1\nusers: { old: { state: absent }, new: { scram: SCRAM-SHA-256, password_file: password } }\n";
    scene.write("topology.yaml", text)
}
