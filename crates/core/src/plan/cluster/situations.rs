use super::*;
use crate::plan::{
    Answer, Answers, Basis, Change, MissingTopics, Plan, Proposal, Risk, Sight, assess, drifts, sight,
    step_drifts, undo, wanted_for_undo,
};
use crate::testing::{TopicBuilder, accept_all, failure, plan_text, topic, world};
use crate::values::{Known, Pattern, Resource};
use crate::world::{
    BrokerConfigView, BrokerConfigs, ConfigSource, ConfigTarget, ConfigType, Selection, SynonymView, World,
};
use std::collections::{BTreeMap, BTreeSet};

fn plan_of(proposal: Proposal, world: &World) -> Plan {
    let answers = accept_all(&proposal.questions, world);
    let basis = Basis { command: "cluster", environment: None, topology: None, world };
    assess(proposal, &answers, &basis)
}

fn led_by(topic: TopicBuilder, partition: usize, leader: Option<i32>) -> TopicBuilder {
    let mut topic = topic;
    topic.0.partitions[partition].leader = leader;
    topic
}

/// Preferred replica 1 everywhere: partition 0 is led by it, 1 by another, 2 by another while 1 is out of sync, and
/// 3 by nobody.
fn scattered() -> World {
    let orders = topic(4, 3).replicas(2, &[1, 2, 3], &[2, 3]).replicas(3, &[1, 2, 3], &[2]);
    let orders = led_by(led_by(led_by(orders, 1, Some(2)), 2, Some(3)), 3, None);
    world(3).with("orders", orders).with("events", topic(2, 3))
}

fn everywhere(world: &World) -> Plan {
    plan_of(propose_elections(&ElectionScope::default(), world).expect("all are there"), world)
}

#[test]
fn only_replicas_in_sync_are_elected_and_the_others_are_named() {
    insta::assert_snapshot!(plan_text(&everywhere(&scattered())), @r"
    1 elect-leaders orders 1: Some(2) -> 1 (not preflighted)
    ? topic orders elect/no-leader: orders-3 has no leader, and a preferred election cannot give it one: bring one of the replicas in sync back (2)
    ? topic orders elect/not-in-sync: orders-2 stays with leader 3: its preferred replica 1 is not in sync
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 1 }
    ");
}

#[test]
fn a_preferred_replica_on_a_broker_that_is_not_live_is_not_elected() {
    let mut world = scattered();
    world.cluster.brokers.remove(&1);
    let plan = everywhere(&world);
    assert!(plan.steps.is_empty());
    let words: Vec<&str> = plan.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(words[1].contains("on a broker that is not live"), "{words:?}");
}

#[test]
fn a_scope_is_kept_and_what_it_names_has_to_be_there() {
    let world = scattered();
    let named = |text: &str| ElectionScope { topics: vec![text.parse().expect("a scope")], matching: None };
    let plan = plan_of(propose_elections(&named("orders:0"), &world).expect("it is there"), &world);
    assert!(plan.steps.is_empty() && plan.unchanged.contains(&Resource::topic("orders")));
    let matching = ElectionScope { topics: Vec::new(), matching: Some(Pattern::new("ev*")) };
    let plan = plan_of(propose_elections(&matching, &world).expect("it is there"), &world);
    assert!(plan.steps.is_empty() && plan.findings.is_empty());
    let plan = plan_of(propose_elections(&named("orders:2-9"), &world).expect("the topic is there"), &world);
    assert_eq!(plan.conflicts[0].message, "'orders' has no partition 4: it has 4, counted from 0");
    let missing = propose_elections(&named("order"), &world).expect_err("no such topic");
    assert_eq!(missing, MissingTopics(vec![("order".to_owned(), Some("orders".to_owned()))]));
}

#[test]
fn an_election_is_settled_by_who_leads_and_has_no_way_back() {
    let mut world = scattered();
    let plan = everywhere(&world);
    let step = &plan.steps[0];
    assert!(matches!(sight(step, &world), Sight::NotYet(_)));
    let lead = |world: &mut World, leader| {
        if let Some(Known::Known(view)) = world.cluster.topics.get_mut("orders") {
            view.partitions[1].leader = leader;
        }
    };
    lead(&mut world, Some(3));
    assert!(matches!(sight(step, &world), Sight::Otherwise(_)));
    lead(&mut world, Some(1));
    assert_eq!(sight(step, &world), Sight::AsAsked);
    assert_eq!(step_drifts(step, &world), [], "who leads is no fact that the election rests on");
    let back = plan_of(undo([&step.change], &world), &world);
    assert_eq!((back.steps.len(), back.findings[0].code), (0, "undo/not-reversible"));
    if let Some(Known::Known(view)) = world.cluster.topics.get_mut("orders") {
        view.partitions[1].replicas = vec![3, 2, 1];
    }
    insta::assert_snapshot!(drifts(&plan, &plan.steps, &world)[0], @"topic orders: preferred-leader.1 was 1 and is 3 now");
}

fn config(kind: ConfigType, values: &[(ConfigSource, &str)]) -> BrokerConfigView {
    BrokerConfigView {
        value: values.first().map(|(_, value)| (*value).to_owned()),
        kind,
        source: values.first().map_or(ConfigSource::Default, |(source, _)| *source),
        sensitive: kind == ConfigType::Password,
        read_only: false,
        synonyms: values
            .iter()
            .map(|(source, value)| SynonymView {
                key: String::new(),
                value: Some((*value).to_owned()),
                source: *source,
            })
            .collect(),
    }
}

/// What every broker shows, with something set on this one and for all.
fn broker(own: &[(&str, &str)], for_all: &[(&str, &str)]) -> BrokerConfigs {
    use ConfigType::{Boolean, Int, Long, Password, String as Text};
    let mut configs = BrokerConfigs::new();
    for (key, kind, default) in [
        ("log.retention.ms", Long, "604800000"),
        ("min.insync.replicas", Int, "2"),
        ("unclean.leader.election.enable", Boolean, "false"),
        ("num.io.threads", Int, "8"),
        ("ssl.keystore.password", Password, "x"),
        ("log.dirs", Text, "/data"),
    ] {
        let mut values = Vec::new();
        for (set, source) in
            [(own, ConfigSource::DynamicBroker), (for_all, ConfigSource::DynamicDefaultBroker)]
        {
            values.extend(set.iter().filter(|(of, _)| *of == key).map(|(_, value)| (source, *value)));
        }
        values.push((ConfigSource::Default, default));
        let mut view = config(kind, &values);
        view.synonyms.iter_mut().for_each(|synonym| synonym.key = key.to_owned());
        view.read_only = key == "log.dirs";
        configs.insert(key.to_owned(), view);
    }
    configs
}

/// Three brokers with these values for all, and these on broker 2 alone.
fn configured(for_all: &[(&str, &str)], on_two: &[(&str, &str)]) -> World {
    let mut world = world(3)
        .with("orders", topic(3, 3))
        .with("events", topic(1, 3).replicas(0, &[1, 2, 3], &[1, 2]))
        .with("pinned", topic(1, 3).set("retention.ms", "5").set("min.insync.replicas", "2"));
    let set = for_all.iter().map(|(key, value)| {
        let mut view = config(ConfigType::Unknown, &[(ConfigSource::DynamicDefaultBroker, value)]);
        view.synonyms[0].key = (*key).to_owned();
        ((*key).to_owned(), view)
    });
    world.cluster.broker_configs.insert(ConfigTarget::Cluster, Known::Known(set.collect()));
    for id in 1..=3 {
        let own = if id == 2 { on_two } else { &[] };
        let configs = Known::Known(broker(own, for_all));
        world.cluster.broker_configs.insert(ConfigTarget::Broker(id), configs);
    }
    world
}

fn wishes(wishes: &[(&str, Option<&str>)]) -> ConfigWishes {
    wishes.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect()
}

fn plan(target: ConfigTarget, asked: &[(&str, Option<&str>)], world: &World) -> Plan {
    plan_of(propose_broker_configs(target, &wishes(asked), world), world)
}

#[test]
fn what_topics_follow_is_weighed_for_the_topics_that_do() {
    let world = configured(&[], &[("log.retention.ms", "1000")]);
    let asked = [("log.retention.ms", Some("86400000")), ("num.io.threads", Some("4"))];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Cluster, &asked, &world)), @r"
    1 set-config test-cluster log.retention.ms: unset -> 86400000 num.io.threads: unset -> 4
        risk loses-data
        2 of 3 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 7d (604800000) to 1d (86400000): events, orders
        how many records go is not counted for a change of brokers
        broker 2 has log.retention.ms of its own, which goes before
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let asked = [("min.insync.replicas", Some("3"))];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Cluster, &asked, &world)), @r"
    1 set-config test-cluster min.insync.replicas: unset -> 3
        risk stops-writes
        2 of 3 visible topics have no min.insync.replicas of their own and follow it
        topics that may not be seen follow it too
        min.insync.replicas 3 is above the in-sync replicas of 1 of 1 partitions: writes with acks=all are refused there: 0 (2 in sync): events
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let asked = [("unclean.leader.election.enable", Some("true"))];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Broker(1), &asked, &world)), @r"
    1 set-config 1 unclean.leader.election.enable: unset -> true
        risk weakens-durability
        3 of 3 visible topics have no unclean.leader.election.enable of their own and follow it
        topics that may not be seen follow it too
        a replica that is behind may become leader and drop acknowledged records: events, orders, pinned
    ? broker 1 broker/one-alone: unclean.leader.election.enable on broker 1 alone: replicas of one partition are treated differently by its brokers
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn each_broker_is_weighed_by_what_it_has_itself() {
    let longer = [("log.retention.ms", "2592000000")];
    let world = configured(&[], &longer);
    let off = plan(ConfigTarget::Broker(2), &[("log.retention.ms", None)], &world);
    insta::assert_snapshot!(plan_text(&off), @r"
    1 set-config 2 log.retention.ms: 2592000000 -> unset
        risk loses-data
        2 of 3 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 30d (2592000000) to 7d (604800000): events, orders
        how many records go is not counted for a change of brokers
        log.retention.ms follows what holds for all brokers: 7d (604800000)
    ? broker 2 broker/one-alone: log.retention.ms on broker 2 alone: replicas of one partition are treated differently by its brokers
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let mut world = configured(&longer, &[]);
    let own_file = broker(&[], &[]);
    let mut own_file = BTreeMap::from_iter(own_file);
    if let Some(view) = own_file.get_mut("log.retention.ms") {
        *view = config(ConfigType::Long, &[(ConfigSource::StaticBroker, "3600000")]);
        view.synonyms[0].key = "log.retention.ms".to_owned();
        view.synonyms.insert(
            0,
            SynonymView {
                key: "log.retention.ms".to_owned(),
                value: Some(longer[0].1.to_owned()),
                source: ConfigSource::DynamicDefaultBroker,
            },
        );
        view.value = Some(longer[0].1.to_owned());
        view.source = ConfigSource::DynamicDefaultBroker;
    }
    world.cluster.broker_configs.insert(ConfigTarget::Broker(1), Known::Known(own_file));
    let off = plan(ConfigTarget::Cluster, &[("log.retention.ms", None)], &world);
    let told: Vec<&String> = off.steps[0].impact.notes.iter().collect();
    assert!(told.iter().any(|note| note.contains("from 30d (2592000000) to 1h (3600000)")), "{told:?}");
    assert!(told.iter().any(|note| note.contains("from 30d (2592000000) to 7d (604800000)")), "{told:?}");
}

#[test]
fn a_topic_that_could_not_be_read_is_taken_for_one_that_follows() {
    let mut world = configured(&[], &[]);
    let denied = || Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""));
    world.cluster.topics = BTreeMap::from([("hidden".to_owned(), denied())]);
    let asked = [("log.retention.ms", Some("1000")), ("min.insync.replicas", Some("3"))];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Cluster, &asked, &world)), @r"
    1 set-config test-cluster log.retention.ms: unset -> 1000 min.insync.replicas: unset -> 3
        risk loses-data
        risk stops-writes
        0 of 0 visible topics have no min.insync.replicas of their own and follow it
        0 of 0 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 7d (604800000) to 1s (1000): hidden
        min.insync.replicas 3 is above the in-sync replicas of 1 of 1 partitions: writes with acks=all are refused there: 0 (0 in sync): hidden
        how many records go is not counted for a change of brokers
        the configs of 1 topics could not be read, so they are taken to follow the brokers
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

/// Kafka leaves out in silence what a principal may not describe.
#[test]
fn topics_that_nobody_sees_keep_the_risk() {
    let mut world = configured(&[], &[]);
    world.cluster.topics = BTreeMap::new();
    let asked = [("log.retention.ms", Some("3600000"))];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Cluster, &asked, &world)), @r"
    1 set-config test-cluster log.retention.ms: unset -> 3600000
        risk loses-data
        0 of 0 visible topics have no retention.ms of their own and follow it
        topics that may not be seen follow it too
        retention.ms is lowered from 7d (604800000) to 1h (3600000): no visible topic
        how many records go is not counted for a change of brokers
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    for (key, value) in [("log.retention.bytes", "1000"), ("log.cleanup.policy", "compact,delete")] {
        let to = BTreeMap::from([(key.to_owned(), Some(value.to_owned()))]);
        let risks = super::follow::following(ConfigTarget::Broker(1), &to, &world).risks;
        assert!(risks.contains(&Risk::LosesData), "{key}: {risks:?}");
    }
    let longer = plan(ConfigTarget::Cluster, &[("log.retention.ms", Some("2592000000"))], &world);
    assert!(longer.steps[0].risks.is_empty());
    let (durable, writes) = (("unclean.leader.election.enable", "true"), ("min.insync.replicas", "3"));
    let risks =
        |(key, value)| plan(ConfigTarget::Cluster, &[(key, Some(value))], &world).steps[0].risks.clone();
    assert_eq!(risks(durable), BTreeSet::from([Risk::WeakensDurability]));
    assert_eq!(risks(writes), BTreeSet::new(), "replicas that nobody sees are not taken for missing ones");
}

#[test]
fn taking_off_says_what_holds_then_and_what_is_as_wished_is_left_out() {
    let world = configured(&[("log.retention.ms", "86400000")], &[("num.io.threads", "4")]);
    let asked = [("log.retention.ms", None)];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Cluster, &asked, &world)), @r"
    1 set-config test-cluster log.retention.ms: 86400000 -> unset
        2 of 3 visible topics have no retention.ms of their own and follow it
        log.retention.ms follows each broker's own file, or Kafka's default: 7d (604800000)
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let asked = [("num.io.threads", Some("04"))];
    let same = plan(ConfigTarget::Broker(2), &asked, &world);
    assert!(same.is_empty() && same.unchanged.len() == 1);
    assert!(plan(ConfigTarget::Broker(1), &[("num.io.threads", None)], &world).is_empty());
}

#[test]
fn what_cannot_be_set_is_refused_by_name() {
    let world = configured(&[], &[]);
    let asked = [
        ("log.retention.msecs", Some("1")),
        ("log.dirs", Some("/other")),
        ("ssl.keystore.password", None),
        ("leader.replication.throttled.rate", Some("1000")),
    ];
    insta::assert_snapshot!(plan_text(&plan(ConfigTarget::Broker(1), &asked, &world)), @r"
    1 set-config 1 leader.replication.throttled.rate: unset -> 1000
    ! broker 1 absent 
        no broker knows log.retention.msecs: did you mean log.retention.ms?
    ! broker 1 other 
        log.dirs cannot be changed while a broker runs: it stands in the broker's file and takes a restart
    ! broker 1 other 
        ssl.keystore.password is a secret: klerk takes none on a command line, and could not bring back the one that is there
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn a_broker_that_refuses_or_may_not_be_asked() {
    let world = configured(&[], &[]);
    let proposal =
        propose_broker_configs(ConfigTarget::Broker(1), &wishes(&[("num.io.threads", Some("0"))]), &world);
    let answered = |answer: Answer| {
        let answers: Answers =
            proposal.questions.iter().map(|asked| (asked.clone(), answer.clone())).collect();
        assess(
            proposal.clone(),
            &answers,
            &Basis { command: "c", environment: None, topology: None, world: &world },
        )
    };
    let refused =
        answered(Answer::Refused(failure(40, "INVALID_CONFIG", "num.io.threads must be at least 1")));
    insta::assert_snapshot!(plan_text(&refused), @r"
    ! broker 1 refused-by-broker 
        the configs of broker 1 would not be changed: INVALID_CONFIG (40): num.io.threads must be at least 1
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    let denied = answered(Answer::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", "")));
    assert_eq!((denied.steps.len(), denied.denied().count(), denied.steps[0].preflighted), (1, 1, false));
    assert!(!answered(Answer::Failed(failure(7, "REQUEST_TIMED_OUT", ""))).is_appliable());
}

#[test]
fn configs_go_back_to_what_they_were_unless_somebody_changed_them_since() {
    let before = configured(&[], &[("num.io.threads", "4")]);
    let asked = [("num.io.threads", Some("6")), ("log.retention.ms", Some("5"))];
    let done = plan(ConfigTarget::Broker(2), &asked, &before);
    let step = &done.steps[0];
    assert!(matches!(sight(step, &before), Sight::NotYet(_)));
    let after = configured(&[], &[("num.io.threads", "6"), ("log.retention.ms", "5")]);
    assert_eq!(sight(step, &after), Sight::AsAsked);
    assert_eq!(step_drifts(step, &before), []);
    assert_eq!(step_drifts(step, &after).len(), 2);
    let back = |world: &World| plan_of(undo(done.steps.iter().map(|step| &step.change), world), world);
    insta::assert_snapshot!(plan_text(&back(&after)), @r"
    1 set-config 2 log.retention.ms: 5 -> unset num.io.threads: 6 -> 4
        2 of 3 visible topics have no retention.ms of their own and follow it
        log.retention.ms follows what holds for all brokers: 7d (604800000)
    ? broker 2 broker/one-alone: log.retention.ms on broker 2 alone: replicas of one partition are treated differently by its brokers
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let moved = configured(&[], &[("num.io.threads", "7"), ("log.retention.ms", "5")]);
    insta::assert_snapshot!(plan_text(&back(&moved)), @r"
    1 set-config 2 log.retention.ms: 5 -> unset num.io.threads: 7 -> 4
        risk moved-since
        2 of 3 visible topics have no retention.ms of their own and follow it
        log.retention.ms follows what holds for all brokers: 7d (604800000)
    ? broker 2 broker/one-alone: log.retention.ms on broker 2 alone: replicas of one partition are treated differently by its brokers
    ? broker 2 undo/moved-since: the configs of broker 2 have been changed since: num.io.threads: 7 now, 6 when the change was done; going back starts from what is there now (--allow moved-since)
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert!(back(&before).is_empty());
    let wanted = wanted_for_undo(done.steps.iter().map(|step| &step.change));
    assert_eq!(
        wanted.configs,
        Selection::AllVisible(Default::default()),
        "topics that follow are weighed again"
    );
}

#[test]
fn a_place_that_could_not_be_read_blocks() {
    let mut world = configured(&[], &[]);
    let denied = Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", ""));
    world.cluster.broker_configs.insert(ConfigTarget::Broker(1), denied);
    let plan = plan(ConfigTarget::Broker(1), &[("num.io.threads", Some("4"))], &world);
    assert_eq!(plan.conflicts[0].reason.as_str(), "not-readable");
}

#[test]
fn changes_tell_their_kind_and_what_they_change() {
    let elect = ClusterChange::ElectLeaders { topic: "a".to_owned(), id: None, partitions: Vec::new() };
    let set = |target| ClusterChange::configs(target, "abc", BTreeMap::new(), BTreeMap::new());
    let told = |change: ClusterChange| {
        let change = Change::Cluster(change);
        format!("{} {} {}", change.kind(), change.resource(), change.is_reversible())
    };
    assert_eq!(told(elect), "elect-leaders topic a false");
    assert_eq!(told(set(ConfigTarget::Cluster)), "set-config cluster abc true");
    assert_eq!(told(set(ConfigTarget::Broker(2))), "set-config broker 2 true");
}
