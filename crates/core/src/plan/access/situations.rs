//! Plans of who may do what, as people would read them.

use super::AccessChange;
use crate::access::{Acl, AclResource, AclResourceType, Operation, Permission};
use crate::apply::{StepEvent, Told, settle};
use crate::plan::{Change, DiffOptions, Families, Plan, assess, diff, drifts, wanted};
use crate::testing::{carry_out, failure, plan, plan_text, plan_undo, settlement_text, world};
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::{Known, Pattern};
use crate::world::{OwnPrincipal, World};
use insta::assert_snapshot;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

fn file(text: &str) -> Topology {
    resolve(parse([("t.yaml".to_owned(), format!("klerk: 1\n{text}"))]), &Files::new()).unwrap()
}

fn topic(name: &str) -> AclResource {
    match name.strip_suffix('*') {
        Some(prefix) if !prefix.is_empty() => AclResource::prefixed(AclResourceType::Topic, prefix),
        _ => AclResource::literal(AclResourceType::Topic, name),
    }
}

fn allow(principal: &str, operation: Operation, name: &str) -> Acl {
    Acl::allow(principal, operation, topic(name))
}

fn deny(principal: &str, operation: Operation, name: &str) -> Acl {
    Acl { permission: Permission::Deny, ..allow(principal, operation, name) }
}

fn on_cluster(principal: &str, operation: Operation) -> Acl {
    Acl::allow(principal, operation, AclResource::cluster())
}

fn having(acls: impl IntoIterator<Item = Acl>) -> World {
    let mut world = world(1).without(&["a", "b"]);
    world.access.acls = Known::Known(acls.into_iter().collect());
    world
}

fn only_access(want: &Topology, have: &World, matching: Option<&str>) -> Plan {
    let families = Families { access: true, ..Families::NONE };
    let options = DiffOptions { families, matching: matching.map(Pattern::new), ..DiffOptions::default() };
    let basis = crate::plan::Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(diff(want, have, &options), &crate::plan::Answers::new(), &basis)
}

fn access_plan(text: &str, have: &World) -> String {
    plan_text(&only_access(&file(text), have, None))
}

#[test]
fn a_principal_is_given_what_it_lacks_and_loses_what_it_has_beyond() {
    let have = having([
        allow("User:app", Operation::Read, "a"),
        allow("User:app", Operation::Alter, "a"),
        allow("User:other", Operation::Read, "a"),
        deny("User:app", Operation::Write, "b*"),
    ]);
    assert_snapshot!(
        access_plan("topics: { a: {}, b: {} }\naccess: { app: { consume: [a], produce: ['b*'] } }\n", &have),
        @r#"
    1 create-acl User:app allow describe on topic a (literal) (not preflighted)
        risk opens-access
    2 create-acl User:app allow write on topic b* (prefixed) (not preflighted)
        risk opens-access
    3 create-acl User:app allow describe on topic b* (prefixed) (not preflighted)
        risk opens-access
    4 delete-acl User:app allow alter on topic a (literal) after [1, 2, 3] (not preflighted)
        risk closes-access
    5 delete-acl User:app deny write on topic b* (prefixed) after [1, 2, 3] (not preflighted)
        risk opens-access
    unmanaged acls {"User:other"}
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#
    );
}

#[test]
fn equal_sets_have_an_empty_plan_and_a_principal_without_a_word_is_left_alone() {
    let have = having([
        allow("User:app", Operation::Read, "a"),
        allow("User:app", Operation::Describe, "a"),
        allow("User:other", Operation::All, "*"),
    ]);
    assert_snapshot!(access_plan("topics: { a: {} }\naccess: { app: { consume: a } }\n", &have), @r#"
    unmanaged acls {"User:other"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    "#);
    assert_snapshot!(access_plan("topics: { a: {} }\naccess: { app: {} }\n", &having([])), @"preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }");
    // A file without the section does not even ask.
    assert!(!wanted(&file("topics: { a: {} }\n"), &DiffOptions::default()).acls);
}

#[test]
fn everything_is_revoked_by_saying_so() {
    let have = having([allow("User:app", Operation::Read, "a"), allow("User:b", Operation::Read, "a")]);
    assert_snapshot!(access_plan("access: { app: { state: absent } }\n", &have), @r#"
    1 delete-acl User:app allow read on topic a (literal) (not preflighted)
        risk closes-access
    unmanaged acls {"User:b"}
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn what_cannot_be_read_is_no_empty_set() {
    let mut have = having([]);
    let text = "topics: { a: {} }\naccess: { app: { consume: a } }\n";
    have.access.acls = Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", ""));
    assert_snapshot!(access_plan(text, &have), @r"
    ! acl User:app not-readable t.yaml:3:11
        the access control entries could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster, or leave them out with --only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    have.access.acls = Known::Unavailable("the cluster has no authorizer".to_owned());
    assert_snapshot!(access_plan(text, &have), @r"
    ? cluster acls access/not-available: who may do what is left out of the plan: the cluster has no authorizer
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn klerk_does_not_lock_itself_out() {
    let own = [on_cluster("User:klerk", Operation::Alter), on_cluster("User:klerk", Operation::All)];
    let text = "access: { klerk: { acls: [{ resource: cluster, operation: describe }] } }\n";
    let mut have = having(own.clone());
    have.access.own_principal = Known::Known(OwnPrincipal::of_user("klerk"));
    assert_snapshot!(access_plan(text, &have), @r"
    1 create-acl User:klerk allow describe on the cluster (not preflighted)
        risk opens-access
    2 delete-acl User:klerk allow all on the cluster after [1] (not preflighted)
        risk closes-access
    3 delete-acl User:klerk allow alter on the cluster after [1] (not preflighted)
        risk closes-access
    ! acl User:klerk locks-out t.yaml:2:11
        klerk itself is User:klerk here, and without the entry 'allow all on the cluster' it could no longer change who may do what, nor take this back; let another principal do it, or give User:klerk the right to alter and describe the cluster in the file
    ! acl User:klerk locks-out t.yaml:2:11
        klerk itself is User:klerk here, and without the entry 'allow alter on the cluster' it could no longer change who may do what, nor take this back; let another principal do it, or give User:klerk the right to alter and describe the cluster in the file
    preflight none, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    // As another principal it is a change like any other, until klerk itself is to carry out what that one has saved.
    let itself = have.access.clone();
    have.access.own_principal = Known::Known(OwnPrincipal::of_user("other"));
    let of_another = only_access(&file(text), &have, None);
    assert!(of_another.is_appliable());
    assert!(of_another.clone().refusing_lockouts(&have.access).is_appliable());
    let refused = of_another.refusing_lockouts(&itself);
    assert!(!refused.is_appliable() && refused.conflicts.len() == 2);
    assert!(!refused.without_blocked().is_appliable(), "nothing else is left");
    // Nor by what everybody is denied, and not where it is a super user, whom no entry gives anything.
    let text = "access: { all: { principal: 'User:*', acls: [{ resource: cluster, operation: describe, permission: deny }] } }\n";
    have.access.own_principal = Known::Known(OwnPrincipal::of_user("klerk"));
    assert!(!only_access(&file(text), &have, None).is_appliable());
    have.access.acls = Known::Known(BTreeSet::new());
    assert!(only_access(&file(text), &have, None).is_appliable());
    // Nor from one address alone, which may be klerk's own.
    let mut have = having([on_cluster("User:klerk", Operation::All)]);
    have.access.own_principal = Known::Known(OwnPrincipal::of_user("klerk"));
    let text = "access: { klerk: { acls: [{ resource: cluster, operation: all }, { resource: cluster, operation: describe, host: 127.0.0.1, permission: deny }] } }\n";
    assert_snapshot!(access_plan(text, &have), @r"
    1 create-acl User:klerk deny describe on the cluster from 127.0.0.1 (not preflighted)
        risk closes-access
    ! acl User:klerk locks-out t.yaml:2:66
        klerk itself is User:klerk here, and with the entry 'deny describe on the cluster from 127.0.0.1' it could no longer change who may do what, nor take this back; let another principal do it, or give User:klerk the right to alter and describe the cluster in the file
    ? acl User:klerk access/all-operations: User:klerk may do everything with the cluster
    preflight none, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    // Moving from one entry to another that does as well is fine.
    let mut have = having(own);
    have.access.own_principal = Known::Known(OwnPrincipal::of_user("klerk"));
    let text = "access: { klerk: { acls: [{ resource: cluster, operation: [alter, describe] }] } }\n";
    assert!(only_access(&file(text), &have, None).is_appliable());
}

#[test]
fn that_nobody_knows_who_klerk_is_is_said_once() {
    let mut have = having([on_cluster("User:a", Operation::Alter), on_cluster("User:b", Operation::Alter)]);
    have.access.own_principal = Known::Unavailable("it has no name".to_owned());
    let text = "access:
  a: { state: absent }
  b: { acls: [{ resource: cluster, operation: alter }, { resource: cluster, operation: describe, permission: deny }] }
";
    assert_snapshot!(access_plan(text, &have), @r"
    1 create-acl User:b deny describe on the cluster (not preflighted)
        risk closes-access
    2 delete-acl User:a allow alter on the cluster (not preflighted)
        risk closes-access
    ? cluster acls access/own-principal: whether this takes from klerk itself the right to change access is not available: it has no name; see to it that the principal it connects as keeps the right to alter and describe the cluster
    preflight none, Summary { create: 1, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    ");
    // What leaves the cluster itself alone locks nobody out of it.
    let text = "topics: { t: {} }\naccess: { b: { produce: [t], acls: [{ resource: cluster, operation: alter }] } }\n";
    assert!(!access_plan(text, &have).contains("own-principal"));
    // A principal that was made out says by what.
    let by = Some("by the subject of its certificate");
    have.access.own_principal = Known::Known(OwnPrincipal { by, ..OwnPrincipal::of_user("a") });
    assert_snapshot!(access_plan("access: { a: { state: absent } }\n", &have), @r#"
    1 delete-acl User:a allow alter on the cluster (not preflighted)
        risk closes-access
    ! acl User:a locks-out t.yaml:2:11
        klerk itself is User:a (by the subject of its certificate) here, and without the entry 'allow alter on the cluster' it could no longer change who may do what, nor take this back; let another principal do it, or give User:a the right to alter and describe the cluster in the file
    unmanaged acls {"User:b"}
    preflight none, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
    // Where that is a guess, it is one, and whoever else loses the cluster may be klerk.
    let guessed = |name: &str| {
        let by = Some("by the claim sub of its token");
        Known::Known(OwnPrincipal { by, guess: true, ..OwnPrincipal::of_user(name) })
    };
    have.access.own_principal = guessed("a");
    let plan = access_plan("access: { a: { state: absent } }\n", &have);
    assert!(plan.contains("klerk itself is User:a (a guess, by the claim sub of its token) here"), "{plan}");
    have.access.own_principal = guessed("elsewhere");
    assert_snapshot!(access_plan("access: { a: { state: absent } }\n", &have), @r#"
    1 delete-acl User:a allow alter on the cluster (not preflighted)
        risk closes-access
    ? cluster acls access/own-principal: klerk takes itself for User:elsewhere (a guess, by the claim sub of its token); if brokers have another name for it, this may take from klerk the right to change access: see to it that the principal it connects as keeps the right to alter and describe the cluster
    unmanaged acls {"User:b"}
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn what_is_unwise_is_said() {
    let have = having([deny("User:*", Operation::Write, "a*")]);
    assert_snapshot!(
        access_plan(
            "topics: { a: {}, b: {} }
groups: { g: {} }
access:
  app: { produce: [a], consume: all, groups: [g] }
  all: { principal: 'User:*', consume: [b], acls: [{ resource: group, name: x, operation: all }, { resource: topic, name: b, operation: idempotent-write }] }
",
            &have
        ),
        @r"
    1 create-acl User:* allow read on topic b (literal) (not preflighted)
        risk opens-access
    2 create-acl User:* allow describe on topic b (literal) (not preflighted)
        risk opens-access
    3 create-acl User:* allow idempotent-write on topic b (literal) (not preflighted)
        risk opens-access
    4 create-acl User:* allow all on group x (literal) (not preflighted)
        risk opens-access
    5 create-acl User:app allow read on every topic (literal *) (not preflighted)
        risk opens-access
    6 create-acl User:app allow describe on every topic (literal *) (not preflighted)
        risk opens-access
    7 create-acl User:app allow write on topic a (literal) (not preflighted)
        risk opens-access
    8 create-acl User:app allow describe on topic a (literal) (not preflighted)
        risk opens-access
    9 create-acl User:app allow read on group g (literal) (not preflighted)
        risk opens-access
    10 delete-acl User:* deny write on topic a* (prefixed) after [1, 2, 3, 4] (not preflighted)
        risk opens-access
    ? acl User:* access/all-operations: User:* may do everything with group x (literal)
    ? acl User:* access/everybody: this is for every client, logged in or not: allow all on group x (literal)
    ? acl User:* access/everybody: this is for every client, logged in or not: allow idempotent-write on topic b (literal)
    ? acl User:* access/everybody: this is for every client, logged in or not: allow read on topic b (literal), allow describe on topic b (literal)
    ? acl User:* access/no-effect: User:*: Kafka never looks for 'idempotent-write' on a topic
    ? acl User:app access/every-resource: User:app may read and describe every topic, Kafka's own included
    ? acl User:app access/unknown-topics: the contract of group 'g' does not say what it reads, so that its members may read nothing by it
    preflight none, Summary { create: 1, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "
    );
}

#[test]
fn a_step_is_settled_by_a_look_and_rests_on_what_was_seen() {
    let want = file("topics: { a: {} }\naccess: { app: { consume: a } }\n");
    let before = having([allow("User:app", Operation::Write, "a")]);
    let plan = only_access(&want, &before, None);
    assert_eq!(drifts(&plan, &plan.steps, &before), []);
    let told = Told::once(StepEvent::Accepted);
    let fates = |world: &World| -> String {
        let fate = |step| settlement_text(&settle(step, &told, world));
        plan.steps.iter().map(fate).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(fates(&before), @r"
    accepted [allow read on topic a (literal): asked present, found -] accepted, and not visible yet when the time to look was over
    accepted [allow describe on topic a (literal): asked present, found -] accepted, and not visible yet when the time to look was over
    accepted [allow write on topic a (literal): asked -, found present] accepted, and not visible yet when the time to look was over
    ");
    let mut after = before.clone();
    carry_out(&plan.steps, &mut after);
    assert_snapshot!(fates(&after), @r"
    done as-asked
    done as-asked
    done as-asked
    ");
    let stale: Vec<String> = drifts(&plan, &plan.steps, &after).iter().map(ToString::to_string).collect();
    assert_snapshot!(stale.join("\n"), @r"
    acl User:app: allow read on topic a (literal) was absent and is present now
    acl User:app: allow describe on topic a (literal) was absent and is present now
    acl User:app: allow write on topic a (literal) was present and is absent now
    ");
}

#[test]
fn the_way_back_restores_the_entries_exactly() {
    let want = file("topics: { a: {} }\naccess: { app: { consume: a } }\n");
    let before = having([allow("User:app", Operation::Write, "a"), allow("User:b", Operation::Read, "a")]);
    let done = only_access(&want, &before, None);
    let mut after = before.clone();
    carry_out(&done.steps, &mut after);
    let back = plan_undo(&done, &after);
    assert_snapshot!(plan_text(&back), @r"
    1 create-acl User:app allow write on topic a (literal) (not preflighted)
        risk opens-access
    2 delete-acl User:app allow read on topic a (literal) after [1] (not preflighted)
        risk closes-access
    3 delete-acl User:app allow describe on topic a (literal) after [1] (not preflighted)
        risk closes-access
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    carry_out(&back.steps, &mut after);
    assert_eq!(after, before);
    assert!(plan_undo(&done, &after).steps.is_empty());
    after.access.own_principal = Known::Known(OwnPrincipal::of_user("klerk"));
    let lost = on_cluster("User:klerk", Operation::Alter);
    after.access.acls = Known::Known(BTreeSet::from([lost.clone()]));
    let made = AccessChange::CreateAcl { acl: lost };
    assert_eq!(crate::plan::undo([&Change::Access(made)], &after).conflicts.len(), 1);
}

const PRINCIPALS: [&str; 3] = ["a", "b", "c"];

fn rules() -> impl Strategy<Value = (Operation, &'static str, bool)> {
    let operations = select(&[Operation::Read, Operation::Write, Operation::Describe, Operation::All][..]);
    (operations, select(&["t", "u", "t*", "*"][..]), any::<bool>())
}

fn acls() -> impl Strategy<Value = BTreeSet<Acl>> {
    let acl = (select(&PRINCIPALS[..]), rules()).prop_map(|(name, (operation, topic, allows))| {
        let acl = allow(&format!("User:{name}"), operation, topic);
        Acl { permission: if allows { Permission::Allow } else { Permission::Deny }, ..acl }
    });
    btree_set(acl, 0..12)
}

/// Files of plain entries.
fn wishes() -> impl Strategy<Value = String> {
    btree_map(select(&PRINCIPALS[..]), vec(rules(), 0..4), 0..4).prop_map(|principals| {
        let mut text = "access:\n  z: {}\n".to_owned();
        for (name, rules) in principals {
            text.push_str(&format!("  {name}:\n    acls:\n"));
            text.push_str("      - { resource: topic, name: v, operation: alter }\n");
            for (operation, topic, allows) in rules {
                let permission = if allows { "allow" } else { "deny" };
                text.push_str(&format!(
                    "      - {{ resource: topic, name: '{topic}', operation: {operation}, permission: {permission} }}\n"
                ));
            }
        }
        text
    })
}

fn deletions(plan: &Plan) -> BTreeSet<AccessChange> {
    let change = |step: &crate::plan::Step| match &step.change {
        Change::Access(change) if change.deletes() => Some(change.clone()),
        _ => None,
    };
    plan.steps.iter().filter_map(change).collect()
}

proptest! {
    #[test]
    fn what_was_carried_out_leaves_nothing_to_do_and_goes_back(text in wishes(), acls in acls()) {
        let want = file(&text);
        let before = having(acls);
        let first = only_access(&want, &before, None);
        let mut after = before.clone();
        carry_out(&first.steps, &mut after);
        prop_assert_eq!(&only_access(&want, &after, None).steps, &[]);
        // Whoever the file does not name has what it had.
        let others = |world: &World| -> BTreeSet<Acl> {
            let acls = world.access.acls.known().unwrap();
            acls.iter().filter(|acl| !want.access.contains_key(&acl.principal)).cloned().collect()
        };
        prop_assert_eq!(others(&after), others(&before));
        carry_out(&plan_undo(&first, &after).steps, &mut after);
        prop_assert_eq!(after, before);
    }

    #[test]
    fn a_filter_never_enlarges_what_is_revoked(text in wishes(), acls in acls(), name in select(&["a", "User:b", "*", "User:*", "x"][..])) {
        let want = file(&text);
        let have = having(acls);
        let all = deletions(&only_access(&want, &have, None));
        prop_assert!(deletions(&only_access(&want, &have, Some(name))).is_subset(&all));
        let topics = DiffOptions { families: Families { topics: true, ..Families::NONE }, ..DiffOptions::default() };
        prop_assert_eq!(diff(&want, &have, &topics).changes, vec![]);
        prop_assert_eq!(deletions(&plan(&want, &have)), all);
    }

    #[test]
    fn what_is_given_comes_before_what_is_taken(text in wishes(), acls in acls()) {
        let plan = only_access(&file(&text), &having(acls), None);
        for step in plan.steps.iter().filter(|step| step.change.deletes()) {
            let given = plan.steps.iter().filter(|other| other.change.creates() && other.change.resource() == step.change.resource());
            prop_assert_eq!(given.map(|other| other.id).collect::<Vec<_>>(), step.after.clone());
        }
    }
}
