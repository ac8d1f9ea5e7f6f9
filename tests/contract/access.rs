//! Who may do what and how much: ACLs, quotas, users, and the features of the cluster.

use anyhow::Result;
use kafka_protocol::messages::alter_client_quotas_request::{EntityData, EntryData, OpData};
use kafka_protocol::messages::alter_user_scram_credentials_request::{
    ScramCredentialDeletion, ScramCredentialUpsertion,
};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::describe_user_scram_credentials_request::UserName;
use kafka_protocol::messages::update_features_request::FeatureUpdateKey;
use kafka_protocol::messages::{
    AlterClientQuotasRequest, AlterUserScramCredentialsRequest, ApiVersionsRequest, CreateAclsRequest,
    DeleteAclsRequest, DescribeAclsRequest, DescribeClientQuotasRequest, DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse, UpdateFeaturesRequest,
};

use crate::bed::{Bed, text};
use crate::case::cases;

cases![Same:
    without_an_authorizer_there_are_no_acls,
    quotas_are_set_and_found,
    quotas_are_found_by_kind_of_entity,
    impossible_quotas_are_refused,
    impossible_questions_about_quotas_are_refused,
    users_are_made_and_shown_without_their_passwords,
    impossible_users_are_refused,
    the_features_of_the_cluster_are_told,
    an_impossible_feature_is_refused,
];

fn without_an_authorizer_there_are_no_acls(bed: &Bed) -> Result<()> {
    let request = DescribeAclsRequest::default()
        .with_resource_type_filter(1)
        .with_pattern_type_filter(1)
        .with_operation(1)
        .with_permission_type(1);
    let answer = bed.call(&request, 3)?;
    bed.said("describe", answer.error_code, answer.error_message.as_ref());
    bed.is("code", answer.error_code, 54)?;
    let creation = AclCreation::default()
        .with_resource_type(2)
        .with_resource_name(text("orders"))
        .with_resource_pattern_type(3)
        .with_principal(text("User:a"))
        .with_host(text("*"))
        .with_operation(3)
        .with_permission_type(3);
    for result in bed.call(&CreateAclsRequest::default().with_creations(vec![creation]), 3)?.results {
        bed.said("create", result.error_code, result.error_message.as_ref());
        bed.is("code", result.error_code, 54)?;
    }
    let filter = DeleteAclsFilter::default()
        .with_resource_type_filter(1)
        .with_pattern_type_filter(1)
        .with_operation(1)
        .with_permission_type(1);
    for result in bed.call(&DeleteAclsRequest::default().with_filters(vec![filter]), 3)?.filter_results {
        bed.said("delete", result.error_code, result.error_message.as_ref());
        bed.is("code", result.error_code, 54)?;
    }
    Ok(())
}

/// Kinds with names; no name is the default.
pub type Entity<'a> = &'a [(&'a str, Option<&'a str>)];

/// Quotas by key; `None` removes one.
type Ops<'a> = &'a [(&'a str, Option<f64>)];

/// Sets quotas of an entity and tells what was said.
pub fn alter(bed: &Bed, entity: Entity<'_>, ops: &[(&str, Option<f64>)], validate: bool) -> Result<i16> {
    let entities = entity.iter().map(|(kind, name)| {
        EntityData::default().with_entity_type(text(kind)).with_entity_name(name.map(text))
    });
    let ops = ops.iter().map(|(key, value)| {
        OpData::default()
            .with_key(text(key))
            .with_value(value.unwrap_or_default())
            .with_remove(value.is_none())
    });
    let entry = EntryData::default().with_entity(entities.collect()).with_ops(ops.collect());
    let request = AlterClientQuotasRequest::default().with_entries(vec![entry]).with_validate_only(validate);
    let answer = bed.call(&request, 1)?;
    let mut code = 0;
    for entry in &answer.entries {
        bed.said(&format!("alter {entity:?}"), entry.error_code, entry.error_message.as_ref());
        code = entry.error_code;
    }
    Ok(code)
}

/// Asks for quotas by `(kind of entity, match type, name)`, and tells them; the match type is 0 for a name, 1 for the
/// default and 2 for any.
fn ask(bed: &Bed, components: &[(&str, i8, Option<&str>)], strict: bool) -> Result<(i16, Vec<String>)> {
    let components = components.iter().map(|(kind, match_type, name)| {
        ComponentData::default()
            .with_entity_type(text(kind))
            .with_match_type(*match_type)
            .with_match(name.map(text))
    });
    let request =
        DescribeClientQuotasRequest::default().with_components(components.collect()).with_strict(strict);
    let answer = bed.call(&request, 1)?;
    if answer.error_code != 0 {
        bed.said("describe", answer.error_code, answer.error_message.as_ref());
    }
    let mut found: Vec<String> = answer
        .entries
        .unwrap_or_default()
        .iter()
        .map(|entry| {
            let mut entity: Vec<String> = entry
                .entity
                .iter()
                .map(|part| {
                    format!("{}={}", &*part.entity_type, part.entity_name.as_deref().unwrap_or("<default>"))
                })
                .collect();
            let mut values: Vec<String> =
                entry.values.iter().map(|value| format!("{}={}", &*value.key, value.value)).collect();
            entity.sort();
            values.sort();
            format!("{} {}", entity.join(" "), values.join(" "))
        })
        .collect();
    found.sort();
    Ok((answer.error_code, found))
}

fn quotas_are_set_and_found(bed: &Bed) -> Result<()> {
    let (user, client) = (bed.name("user"), bed.name("client"));
    let user_only = [("user", Some(user.as_str()))];
    let both = [("user", Some(user.as_str())), ("client-id", Some(client.as_str()))];
    bed.is("validated", alter(bed, &user_only, &[("producer_byte_rate", Some(1000.0))], true)?, 0)?;
    bed.is("nothing was set", ask(bed, &[("user", 0, Some(&user))], true)?, (0, vec![]))?;
    let ops = [("producer_byte_rate", Some(1000.0)), ("request_percentage", Some(12.5))];
    bed.is("set", alter(bed, &user_only, &ops, false)?, 0)?;
    bed.is("set", alter(bed, &both, &[("consumer_byte_rate", Some(5.0))], false)?, 0)?;
    let of_user = format!("user={user} producer_byte_rate=1000 request_percentage=12.5");
    let of_both = format!("client-id={client} user={user} consumer_byte_rate=5");
    let by_user = [("user", 0, Some(user.as_str()))];
    bed.until("the quotas are shown", || Ok((ask(bed, &by_user, false)?.1.len() == 2).then_some(())))?;
    bed.is("strictly of the user", ask(bed, &by_user, true)?, (0, vec![of_user.clone()]))?;
    bed.is("also of the user", ask(bed, &by_user, false)?, (0, vec![of_both.clone(), of_user]))?;
    let by_both = [("user", 0, Some(user.as_str())), ("client-id", 2, None)];
    bed.is("with any client", ask(bed, &by_both, true)?, (0, vec![of_both.clone()]))?;
    bed.is(
        "removed",
        alter(bed, &user_only, &[("producer_byte_rate", None), ("request_percentage", None)], false)?,
        0,
    )?;
    bed.is("removed again", alter(bed, &user_only, &[("producer_byte_rate", None)], false)?, 0)?;
    bed.until("the removal is shown", || Ok((ask(bed, &by_user, false)?.1.len() == 1).then_some(())))?;
    bed.is("left", ask(bed, &by_user, false)?, (0, vec![of_both]))
}

fn quotas_are_found_by_kind_of_entity(bed: &Bed) -> Result<()> {
    bed.is(
        "an address",
        alter(bed, &[("ip", Some("127.9.9.9"))], &[("connection_creation_rate", Some(7.0))], false)?,
        0,
    )?;
    let by_ip = [("ip", 0, Some("127.9.9.9"))];
    bed.until("it is shown", || Ok((ask(bed, &by_ip, true)?.1.len() == 1).then_some(())))?;
    bed.is(
        "found",
        ask(bed, &by_ip, true)?,
        (0, vec!["ip=127.9.9.9 connection_creation_rate=7".to_owned()]),
    )?;
    bed.is(
        "removed",
        alter(bed, &[("ip", Some("127.9.9.9"))], &[("connection_creation_rate", None)], false)?,
        0,
    )
}

fn impossible_quotas_are_refused(bed: &Bed) -> Result<()> {
    let user = bed.name("user");
    let user: Entity<'_> = &[("user", Some(user.as_str()))];
    let ip: Entity<'_> = &[("ip", Some("1.2.3.4"))];
    let rate = |value| ("producer_byte_rate", Some(value));
    let connections = ("connection_creation_rate", Some(1.0));
    let cases: [(Entity<'_>, Ops<'_>); 16] = [
        (user, &[("colour", Some(1.0))]),
        (user, &[("colour", None)]),
        (user, &[rate(-1.0)]),
        (user, &[rate(0.0)]),
        (user, &[rate(1.5)]),
        (user, &[rate(1e30)]),
        (&[("colour", Some("red"))], &[rate(1.0)]),
        (&[], &[rate(1.0)]),
        (&[("user", Some(""))], &[rate(1.0)]),
        (&[("user", Some("u")), ("ip", Some("1.2.3.4"))], &[rate(1.0)]),
        (user, &[connections]),
        (ip, &[rate(1.0)]),
        (&[("ip", Some("1.2.3"))], &[connections]),
        (&[("ip", Some("no address"))], &[connections]),
        (user, &[rate(1.0), rate(2.0)]),
        (&[("user", Some("a")), ("user", Some("b"))], &[rate(1.0)]),
    ];
    let mut codes = Vec::new();
    for (entity, ops) in cases {
        bed.tell(format!("{ops:?}"));
        codes.push(alter(bed, entity, ops, true)?);
    }
    bed.is("codes", codes, [42, 0, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 0, 42, 42, 0])
}

fn impossible_questions_about_quotas_are_refused(bed: &Bed) -> Result<()> {
    bed.is("unknown kind", ask(bed, &[("colour", 2, None)], false)?.0, 35)?;
    bed.is("kind without a name", ask(bed, &[("", 2, None)], false)?.0, 42)?;
    bed.is("the same kind twice", ask(bed, &[("user", 2, None), ("user", 1, None)], false)?.0, 42)?;
    bed.is("user and address", ask(bed, &[("user", 2, None), ("ip", 2, None)], false)?.0, 42)?;
    bed.is("a name that is none", ask(bed, &[("user", 0, None)], false)?.0, 42)?;
    bed.is("a default with a name", ask(bed, &[("user", 1, Some("a"))], false)?.0, 42)?;
    bed.is("unknown match", ask(bed, &[("user", 9, None)], false)?.0, 42)
}

fn upsert(user: &str, mechanism: i8, iterations: i32) -> ScramCredentialUpsertion {
    ScramCredentialUpsertion::default()
        .with_name(text(user))
        .with_mechanism(mechanism)
        .with_iterations(iterations)
        .with_salt(bytes::Bytes::from_static(b"salt"))
        .with_salted_password(bytes::Bytes::from_static(b"salted"))
}

fn removal(user: &str, mechanism: i8) -> ScramCredentialDeletion {
    ScramCredentialDeletion::default().with_name(text(user)).with_mechanism(mechanism)
}

fn alter_users(
    bed: &Bed,
    upsertions: Vec<ScramCredentialUpsertion>,
    deletions: Vec<ScramCredentialDeletion>,
) -> Result<Vec<i16>> {
    let request =
        AlterUserScramCredentialsRequest::default().with_upsertions(upsertions).with_deletions(deletions);
    let mut results = bed.call(&request, 0)?.results;
    results.sort_by(|a, b| a.user.cmp(&b.user));
    for result in &results {
        bed.said(&format!("alter {}", &*result.user), result.error_code, result.error_message.as_ref());
    }
    Ok(results.iter().map(|result| result.error_code).collect())
}

/// A code with the mechanism and iterations of each credential.
type UserCredentials = (i16, Vec<(i8, i32)>);

/// What is told of these users, in the order of their names: Kafka has an order of its own.
fn asked_for(bed: &Bed, names: &[&str]) -> Result<DescribeUserScramCredentialsResponse> {
    let named = |name: &&str| UserName::default().with_name(text(name));
    let request =
        DescribeUserScramCredentialsRequest::default().with_users(Some(names.iter().map(named).collect()));
    let mut answer = bed.call(&request, 0)?;
    answer.results.sort_by(|a, b| a.user.cmp(&b.user));
    Ok(answer)
}

/// Waits until these users have so many credentials each. It tells nothing, as it may have to ask more than once.
fn users_once(bed: &Bed, names: &[&str], credentials: &[usize]) -> Result<()> {
    bed.until("the users are shown as they should be", || {
        let results = asked_for(bed, names)?.results;
        Ok(results.iter().map(|one| one.credential_infos.len()).eq(credentials.iter().copied()).then_some(()))
    })
}

fn users(bed: &Bed, names: &[&str]) -> Result<Vec<UserCredentials>> {
    let answer = asked_for(bed, names)?;
    bed.said("describe", answer.error_code, answer.error_message.as_ref());
    let told = answer.results.iter().map(|result| {
        bed.said(&format!("describe {}", &*result.user), result.error_code, result.error_message.as_ref());
        let mut infos: Vec<_> =
            result.credential_infos.iter().map(|info| (info.mechanism, info.iterations)).collect();
        infos.sort_unstable();
        (result.error_code, infos)
    });
    Ok(told.collect())
}

fn users_are_made_and_shown_without_their_passwords(bed: &Bed) -> Result<()> {
    let (a, b) = (bed.name("a"), bed.name("b"));
    bed.is("made", alter_users(bed, vec![upsert(&a, 1, 4096), upsert(&b, 2, 8192)], vec![])?, [0, 0])?;
    bed.is("one more", alter_users(bed, vec![upsert(&a, 2, 5000)], vec![])?, [0])?;
    users_once(bed, &[&a, &b], &[2, 1])?;
    bed.is("both", users(bed, &[&a, &b])?, [(0, vec![(1, 4096), (2, 5000)]), (0, vec![(2, 8192)])])?;
    bed.is("removed", alter_users(bed, vec![], vec![removal(&a, 1), removal(&b, 2)])?, [0, 0])?;
    users_once(bed, &[&a, &b], &[1, 0])?;
    bed.is("one is left", users(bed, &[&a])?, [(0, vec![(2, 5000)])])
}

fn impossible_users_are_refused(bed: &Bed) -> Result<()> {
    let a = bed.name("a");
    let mut codes = Vec::new();
    for (upsertions, deletions) in [
        (vec![upsert(&a, 1, 100)], vec![]),
        (vec![upsert(&a, 1, 20000)], vec![]),
        (vec![upsert(&a, 9, 4096)], vec![]),
        (vec![upsert("", 1, 4096)], vec![]),
        (vec![], vec![removal(&a, 1)]),
        (vec![], vec![removal(&a, 9)]),
        (vec![upsert(&a, 1, 4096), upsert(&a, 1, 4096)], vec![]),
        (vec![upsert(&a, 1, 4096)], vec![removal(&a, 1)]),
        (vec![upsert(&a, 1, 4096), upsert(&a, 2, 4096)], vec![]),
    ] {
        codes.extend(alter_users(bed, upsertions, deletions)?);
    }
    bed.is("codes", codes, [93, 93, 33, 93, 91, 33, 92, 91, 92])?;
    bed.is("absent", users(bed, &[&a])?, [(91, vec![])])?;
    bed.is("asked twice", users(bed, &[&a, &a])?, [(92, vec![])])
}

fn the_features_of_the_cluster_are_told(bed: &Bed) -> Result<()> {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(text("contract"))
        .with_client_software_version(text("1"));
    for version in [3, 4] {
        let answer = bed.call(&request, version)?;
        bed.is("code", answer.error_code, 0)?;
        bed.holds("it is counted when they change", answer.finalized_features_epoch >= 0)?;
        let mut supported: Vec<_> = answer
            .supported_features
            .iter()
            .map(|one| format!("{} {}-{}", &*one.name, one.min_version, one.max_version))
            .collect();
        let mut finalized: Vec<_> = answer
            .finalized_features
            .iter()
            .map(|one| format!("{} {}-{}", &*one.name, one.min_version_level, one.max_version_level))
            .collect();
        supported.sort();
        finalized.sort();
        bed.tell(format!("v{version} supported: {}", supported.join(", ")));
        bed.tell(format!("v{version} finalized: {}", finalized.join(", ")));
    }
    Ok(())
}

fn an_impossible_feature_is_refused(bed: &Bed) -> Result<()> {
    for (name, level, upgrade) in [
        ("colour", 3, 1),
        ("metadata.version", 999, 1),
        ("metadata.version", 1, 1),
        ("", 1, 1),
        ("group.version", 99, 1),
    ] {
        let update = FeatureUpdateKey::default()
            .with_feature(text(name))
            .with_max_version_level(level)
            .with_upgrade_type(upgrade);
        let request = UpdateFeaturesRequest::default().with_feature_updates(vec![update]);
        let answer = bed.call(&request.with_timeout_ms(30_000).with_validate_only(true), 1)?;
        bed.said(&format!("update {name} to {level}"), answer.error_code, answer.error_message.as_ref());
        for result in &answer.results {
            bed.said("  result", result.error_code, result.error_message.as_ref());
        }
        bed.holds(
            "it is refused",
            answer.error_code != 0 || answer.results.iter().any(|one| one.error_code != 0),
        )?;
    }
    Ok(())
}
