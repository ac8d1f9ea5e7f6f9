//! Quotas and users, in a few lines each.

use crate::access::{Amount, QuotaEntity, Quotas, ScramMechanism};

use crate::plan::{Answer, Answers, Basis, DiffOptions, Plan, assess, diff};
use crate::testing::{carry_out, plan_text, plan_undo, world};
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::{Failure, Known};
use crate::world::World;
use insta::assert_snapshot;
use std::collections::{BTreeMap, BTreeSet};

fn file(text: &str) -> Topology {
    resolve(parse([("t.yaml".to_owned(), format!("klerk: 1\n{text}"))]), &Files::new()).unwrap()
}

fn present(quotas: &[(QuotaEntity, &[(&str, f64)])], users: &[(&str, &[(ScramMechanism, i32)])]) -> World {
    let mut world = world(1);
    let quotas = quotas.iter().map(|(entity, amounts)| {
        let amounts: Quotas =
            amounts.iter().map(|(key, amount)| ((*key).to_owned(), Amount(*amount))).collect();
        (entity.clone(), amounts)
    });
    world.access.acls = Known::Known(BTreeSet::new());
    world.access.quotas = Known::Known(quotas.collect());
    let users =
        users.iter().map(|(name, of)| ((*name).to_owned(), of.iter().copied().collect::<BTreeMap<_, _>>()));
    world.access.users = Known::Known(users.collect());
    world
}

fn user(name: &str) -> QuotaEntity {
    QuotaEntity::new([("user", Some(name))])
}

fn answered(want: &Topology, have: &World, rotate: &[&str], answer: &Answer) -> Plan {
    let rotate = rotate.iter().map(|name| (*name).to_owned()).collect();
    let options = DiffOptions { rotate, ..DiffOptions::default() };
    let proposal = diff(want, have, &options);
    let answers: Answers =
        proposal.questions.iter().map(|question| (question.clone(), answer.clone())).collect();
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(proposal, &answers, &basis)
}

fn planned(want: &Topology, have: &World) -> Plan {
    answered(want, have, &[], &Answer::Accepted)
}

const QUOTAS: &str = "quotas:
  - { user: webhooks, consume: 10MiB/s, request: 50%, produce: unset }
  - { user: default, client_id: etl, produce: 1MB/s }
  - { ip: 10.0.0.7, connections: 20/s }
  - { user: gone, state: absent }
";

fn quotas() -> World {
    let none = [("user", None), ("client-id", Some("etl"))];
    present(
        &[
            (user("webhooks"), &[("producer_byte_rate", 5.0), ("consumer_byte_rate", 10_485_760.0)]),
            (user("gone"), &[("request_percentage", 12.5), ("controller_mutation_rate", 2.0)]),
            (QuotaEntity::new(none), &[("producer_byte_rate", 1_000_000.0), ("request_percentage", 1.0)]),
            (user("other"), &[("request_percentage", 1.0)]),
        ],
        &[],
    )
}

#[test]
fn quotas_are_compared_key_by_key() {
    let want = file(QUOTAS);
    let before = quotas();
    let plan = planned(&want, &before);
    assert_snapshot!(plan_text(&plan), @r#"
    1 set-quota ip 10.0.0.7 {"connection_creation_rate": None} -> {"connection_creation_rate": Some(Amount(20.0))}
    2 set-quota user webhooks {"producer_byte_rate": Some(Amount(5.0)), "request_percentage": None} -> {"producer_byte_rate": None, "request_percentage": Some(Amount(50.0))}
    3 delete-quota user gone {"controller_mutation_rate": Amount(2.0), "request_percentage": Amount(12.5)}
    unmanaged quotas {"user other"}
    preflight full, Summary { create: 1, change: 1, delete: 1, blocked: 0, unchanged: 1 }
    "#);
    let mut after = before.clone();
    carry_out(&plan.steps, &mut after);
    assert!(planned(&want, &after).steps.is_empty());
    let back = plan_undo(&plan, &after);
    assert_snapshot!(plan_text(&back), @r#"
    1 set-quota user gone {"controller_mutation_rate": None, "request_percentage": None} -> {"controller_mutation_rate": Some(Amount(2.0)), "request_percentage": Some(Amount(12.5))}
    2 set-quota user webhooks {"producer_byte_rate": None, "request_percentage": Some(Amount(50.0))} -> {"producer_byte_rate": Some(Amount(5.0)), "request_percentage": None}
    3 delete-quota ip 10.0.0.7 {"connection_creation_rate": Amount(20.0)}
    preflight full, Summary { create: 1, change: 1, delete: 1, blocked: 0, unchanged: 0 }
    "#);
    carry_out(&back.steps, &mut after);
    assert_eq!(after, before);
    assert!(plan_undo(&plan, &before).steps.is_empty(), "it has been taken back");

    let failure = Failure { code: Some(42), ..Failure::without_reply("INVALID_REQUEST", "no") };
    let refused = answered(&want, &before, &[], &Answer::Refused(failure));
    assert!(refused.steps.is_empty() && refused.conflicts.len() == 3, "{refused:?}");
}

#[test]
fn what_is_not_told_of_quotas_and_users_is_no_absence() {
    let want = file(
        "quotas: [{ user: a, request: 1% }]\nusers: { a: { scram: SCRAM-SHA-256, password_file: a } }\n",
    );
    let mut have = present(&[], &[]);
    have.access.quotas = Known::Denied(Failure::without_reply("DENIED", "no"));
    have.access.users = Known::Unavailable("the brokers are too old".to_owned());
    assert_snapshot!(plan_text(&planned(&want, &have)), @r"
    ! quota user a not-readable t.yaml:2:10
        the quotas could not be read, so nobody can tell what would change: DENIED: no; it takes the right to describe the configs of the cluster, or leave them out with --only
    ? cluster users access/not-available: users are left out of the plan: the brokers are too old
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn users_are_made_and_change_only_when_told() {
    use ScramMechanism::{Sha256, Sha512};
    let want = file(
        "users:
  new: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/new }
  old: { scram: SCRAM-SHA-512, password_file: secrets/old, iterations: 8192 }
  gone: { state: absent }
  half: { state: absent, scram: SCRAM-SHA-256 }
",
    );
    let both: &[_] = &[(Sha256, 4096), (Sha512, 4096)];
    let before = present(&[], &[("old", both), ("gone", both), ("half", both), ("other", both)]);
    let plan = planned(&want, &before);
    assert_snapshot!(plan_text(&plan), @r#"
    1 set-user new SCRAM-SHA-256 None -> 4096 by secrets/new (not preflighted)
        risk opens-access
    2 set-user new SCRAM-SHA-512 None -> 4096 by secrets/new (not preflighted)
        risk opens-access
    3 delete-user gone SCRAM-SHA-256 4096 (not preflighted)
        risk closes-access
    4 delete-user gone SCRAM-SHA-512 4096 (not preflighted)
        risk closes-access
    5 delete-user half SCRAM-SHA-256 4096 (not preflighted)
        risk closes-access
    ? user old user/iterations: SCRAM-SHA-512 of 'old' has 4096 iterations, and the file says 8192: they come with a new password, by --rotate-user old
    ? user old user/other-mechanism: 'old' can log in by SCRAM-SHA-256 too, of which the file says nothing
    unmanaged users {"other"}
    preflight none, Summary { create: 1, change: 0, delete: 2, blocked: 0, unchanged: 1 }
    "#);
    let mut after = before.clone();
    carry_out(&plan.steps, &mut after);
    assert!(planned(&want, &after).steps.is_empty());
    assert_snapshot!(plan_text(&plan_undo(&plan, &after)), @r"
    1 delete-user new SCRAM-SHA-256 4096 (not preflighted)
        risk closes-access
    2 delete-user new SCRAM-SHA-512 4096 (not preflighted)
        risk closes-access
    ? user gone undo/not-reversible: user 'gone' lost its login by SCRAM-SHA-256, and nobody can read the password that it had: name the user in the file again, and it is made anew
    ? user gone undo/not-reversible: user 'gone' lost its login by SCRAM-SHA-512, and nobody can read the password that it had: name the user in the file again, and it is made anew
    ? user half undo/not-reversible: user 'half' lost its login by SCRAM-SHA-256, and nobody can read the password that it had: name the user in the file again, and it is made anew
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    ");

    let rotated = answered(&want, &before, &["old"], &Answer::Accepted);
    assert!(rotated.steps.iter().any(|step| step.change.resource().name == "old"));
    assert!(!rotated.findings.iter().any(|finding| finding.code == "user/iterations"));
    assert_snapshot!(plan_text(&answered(&file("users: {}\n"), &before, &["nobody"], &Answer::Accepted)), @r"
    ! user nobody other 
        no file names user 'nobody', so nobody knows where its new password is
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn klerk_keeps_its_own_login() {
    let both: &[_] = &[(ScramMechanism::Sha256, 4096)];
    let mut have = present(&[], &[("klerk", both)]);
    have.access.own_login = Some(("klerk".to_owned(), ScramMechanism::Sha256));
    assert_snapshot!(plan_text(&planned(&file("users: { klerk: { state: absent } }\n"), &have)), @r"
    1 delete-user klerk SCRAM-SHA-256 4096 (not preflighted)
        risk closes-access
    ! user klerk locks-out t.yaml:2:10
        klerk itself has logged in as 'klerk', and removing its login by SCRAM-SHA-256 would shut it out in the middle of the run; let another principal do it
    preflight none, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    let want = file("users: { klerk: { scram: SCRAM-SHA-256, password_file: p } }\n");
    assert!(planned(&want, &have).is_appliable());
    assert!(!answered(&want, &have, &["klerk"], &Answer::Accepted).is_appliable());
    have.access.own_login = Some(("klerk".to_owned(), ScramMechanism::Sha512));
    assert!(
        answered(&want, &have, &["klerk"], &Answer::Accepted).is_appliable(),
        "it has come by another one"
    );
}
