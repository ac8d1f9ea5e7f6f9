//! Clusters that do not offer everything: managed services refuse some APIs, and older brokers lack them. Whatever a command can do
//! without is told as not available, with the reason, and nothing else about its answer changes.

use crate::scene::Scene;
use std::fmt::Write;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 7d }
";
const CHANGED: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 8d }
  events: { partitions: 1, replication: 1 }
";

/// Plain entries, quotas and users beside the topic.
const CLIENTS: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 7d }
access:
  shop: { produce: [orders] }
quotas:
  - { user: shop, produce: 1MiB/s }
users:
  shop: { scram: SCRAM-SHA-256, password_file: password }
";

/// What only adds to an answer, or stands for itself. Each is asked by one of the commands at least.
const OPTIONAL: [&str; 8] = [
    "DescribeLogDirs",
    "DescribeCluster",
    "DescribeQuorum",
    "ListPartitionReassignments",
    "DescribeConfigs",
    "DescribeAcls",
    "DescribeClientQuotas",
    "DescribeUserScramCredentials",
];

const COMMANDS: [&str; 17] = [
    "cluster status",
    "cluster status --by broker",
    "cluster moves",
    "cluster configs 1",
    "cluster elect --dry-run",
    "plan",
    "plan -f changed.yaml",
    "plan -f clients.yaml",
    "export",
    "acl list",
    "quota list",
    "user list",
    "group list",
    "group lag",
    "group reset billing --topic orders --to-earliest --dry-run",
    "topic delete orders --dry-run",
    "topic truncate orders --to-latest --dry-run",
];

fn scene() -> Scene {
    let scene = Scene::applied(ESTATE);
    scene
        .also("changed.yaml", CHANGED)
        .also("clients.yaml", CLIENTS)
        .secret("password", "what shop logs in with");
    let seeded = scene.run("group reset billing --topic orders --to-earliest --new-group --yes");
    assert_eq!(seeded.status, 0, "{seeded:?}");
    scene
}

/// What differs from the answers of a cluster that offers everything.
fn differences(harm: &str) -> String {
    let scene = scene();
    let whole: Vec<String> = COMMANDS.iter().map(|command| scene.told(command)).collect();
    let mut text = String::new();
    for api in OPTIONAL {
        scene.cluster.arm(&format!("{api} {harm}"));
        for (command, whole) in COMMANDS.iter().zip(&whole) {
            let told = scene.told(command);
            assert!(!told.contains("internal"), "{api}, {command}: {told}");
            if told == *whole {
                continue;
            }
            let _ = writeln!(text, "{api}: klerk {command}");
            // Rows of tables show the same by a dash, and how replicas lie is told elsewhere.
            let is_row = |line: &str| {
                line.starts_with("BROKER") || line.starts_with("balance") || line.starts_with("     ")
            };
            let new =
                |line: &&str| !line.is_empty() && !whole.lines().any(|known| known == *line) && !is_row(line);
            for line in told.lines().filter(new) {
                let _ = writeln!(text, "    {}", line.trim_end());
            }
        }
        scene.cluster.disarm();
    }
    text
}

#[test]
fn each_of_them_is_asked_by_a_command() {
    let scene = scene();
    let asked: String =
        COMMANDS.iter().map(|command| scene.run(&format!("{command} --explain-requests")).stderr).collect();
    for api in OPTIONAL {
        assert!(asked.lines().any(|line| line.starts_with(&format!("{api} "))), "nobody asks {api}: {asked}");
    }
}

/// Nothing can stand in for the election itself: the step fails, and says why.
#[test]
fn an_election_that_is_not_to_be_had_is_a_step_that_fails() {
    let scene = Scene::applied(ESTATE);
    let mut text = String::new();
    for harm in ["absent", "refuse-request 31"] {
        scene.cluster.with(|state| {
            state.stop_broker(2);
            state.start_broker(2);
        });
        scene.cluster.arm(&format!("ElectLeaders {harm}"));
        let _ = writeln!(text, "{harm}: {}", scene.told("cluster elect --yes"));
        scene.cluster.disarm();
    }
    insta::assert_snapshot!(text, @r"
    absent: status 1
    --- stdout
    ~ topic orders
        partition 1  leader 3 → 2

    0 to create, 1 to change, 0 blocked; 0 unchanged
    not-attempted  ~ elect-leaders orders
        <broker 1>: the broker does not offer ElectLeaders
    Failed; nothing was changed: 1 step: 1 not-attempted.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → the same command again does what is left
    --- stderr
    protection by topology.yaml

    refuse-request 31: status 1
    --- stdout
    ~ topic orders
        partition 1  leader 3 → 2

    0 to create, 1 to change, 0 blocked; 0 unchanged
    rejected       ~ elect-leaders orders
        CLUSTER_AUTHORIZATION_FAILED (31)
    Failed; nothing was changed: 1 step: 1 rejected.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → the same command again does what is left
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn an_api_that_leaves_out_what_may_not_be_seen_is_told_as_not_available() {
    insta::assert_snapshot!(differences("deny"), @r"
    DescribeCluster: klerk cluster elect --dry-run
        info plan/visible-only: only topics that may be described are seen: Kafka leaves out others in silence, and tells who may describe the cluster which they are
    DescribeCluster: klerk plan -f clients.yaml
        warning plan/denied: user shop: set-user takes alter on the cluster, which User:ANONYMOUS is not allowed  (clients.yaml:9)
    DescribeCluster: klerk export
        # User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
        User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
    DescribeCluster: klerk group list
        at least 1 group: 1 empty
        User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
    DescribeCluster: klerk group lag
        1 group: 1 ok; 3 partitions; at least 0 records behind
        User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
    DescribeConfigs: klerk cluster status
        status 3
        cluster <cluster>: unhealthy; 3 of 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        ! broker 1 did not tell its throttles: NO_ANSWER: the broker left itself out
        ! broker 2 did not tell its throttles: NO_ANSWER: the broker left itself out
        ! broker 3 did not tell its throttles: NO_ANSWER: the broker left itself out
        ! the configs of 2 topics were not told: NO_ANSWER: the broker left the topic out
        partitions: 0 offline, 0 below min ISR, an unknown number at min ISR, 0 under-replicated, 0 not led by the preferred replica
        not available: min.insync.replicas of 53 partitions: NO_ANSWER: the broker left the topic out
    DescribeConfigs: klerk cluster status --by broker
        status 3
        cluster <cluster>: unhealthy; 3 of 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        not available: min.insync.replicas of 53 partitions: NO_ANSWER: the broker left the topic out
    DescribeConfigs: klerk cluster moves
        status 3
        not available: throttles of brokers 1,2,3: NO_ANSWER: the broker left itself out
        not available: throttled replicas of 2 topics: __consumer_offsets: NO_ANSWER: the broker left the topic out
    DescribeConfigs: klerk cluster configs 1
        status 3
        not available: the configs of broker 1: NO_ANSWER: the broker left itself out
    DescribeConfigs: klerk plan
        status 1
        ! topic orders  (topology.yaml:3)
            not-readable: the configs of 'orders' could not be read: NO_ANSWER: the broker left the topic out. Try again; a plan is made on what could be read only
        0 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f changed.yaml
        status 1
        ! topic orders  (changed.yaml:3)
            not-readable: the configs of 'orders' could not be read: NO_ANSWER: the broker left the topic out. Try again; a plan is made on what could be read only
        1 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f clients.yaml
        status 1
        ! topic orders  (clients.yaml:3)
            not-readable: the configs of 'orders' could not be read: NO_ANSWER: the broker left the topic out. Try again; a plan is made on what could be read only
        2 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk export
        status 3
          # orders: its configs could not be read: NO_ANSWER: the broker left the topic out
          orders: { partitions: 3, replication: 3 }
        not whole: orders: its configs could not be read: NO_ANSWER: the broker left the topic out
    DescribeConfigs: klerk topic delete orders --dry-run
            its configs could not be read, so it could not be made anew as it is: NO_ANSWER: the broker left the topic out
    ");
}

#[test]
fn an_api_that_is_not_offered_is_told_as_not_available() {
    insta::assert_snapshot!(differences("absent"), @r"
    DescribeLogDirs: klerk cluster status
        cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 53 partitions; metadata version 4.3-IV0
        only topics that may be described are seen: Kafka leaves out others in silence; which they are is not available: <broker 1>: the broker does not offer DescribeLogDirs
        visible partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
        not available: log folders of broker 1: <broker 1>: the broker does not offer DescribeLogDirs
        not available: log folders of broker 2: <broker 2>: the broker does not offer DescribeLogDirs
        not available: log folders of broker 3: <broker 3>: the broker does not offer DescribeLogDirs
    DescribeLogDirs: klerk cluster status --by broker
        cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 53 partitions; metadata version 4.3-IV0
        only topics that may be described are seen: Kafka leaves out others in silence; which they are is not available: <broker 1>: the broker does not offer DescribeLogDirs
        not available: log folders of broker 1: <broker 1>: the broker does not offer DescribeLogDirs
        not available: log folders of broker 2: <broker 2>: the broker does not offer DescribeLogDirs
        not available: log folders of broker 3: <broker 3>: the broker does not offer DescribeLogDirs
    DescribeLogDirs: klerk cluster moves
        only topics that may be described are seen: Kafka leaves out others in silence; which they are is not available: <broker 1>: the broker does not offer DescribeLogDirs
    DescribeCluster: klerk cluster status
        cluster <cluster>: healthy; 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        not available: brokers that are not live: <broker 1>: the broker does not offer DescribeCluster
    DescribeCluster: klerk cluster status --by broker
        cluster <cluster>: healthy; 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        not available: brokers that are not live: <broker 1>: the broker does not offer DescribeCluster
    DescribeQuorum: klerk cluster status
        not available: quorum: <broker 1>: the broker does not offer DescribeQuorum
    DescribeQuorum: klerk cluster status --by broker
        not available: quorum: <broker 1>: the broker does not offer DescribeQuorum
    ListPartitionReassignments: klerk cluster status
        not available: replicas on the move: <broker 1>: the broker does not offer ListPartitionReassignments
    ListPartitionReassignments: klerk cluster status --by broker
        not available: replicas on the move: <broker 1>: the broker does not offer ListPartitionReassignments
    ListPartitionReassignments: klerk cluster moves
        status 1
        error: <broker 1>: the broker does not offer ListPartitionReassignments
          → this needs newer brokers
    DescribeConfigs: klerk cluster status
        partitions: 0 offline, 0 below min ISR, an unknown number at min ISR, 0 under-replicated, 0 not led by the preferred replica
        not available: throttles: <broker 1>: the broker does not offer DescribeConfigs
        not available: min.insync.replicas of 53 partitions: <broker 1>: the broker does not offer DescribeConfigs
    DescribeConfigs: klerk cluster status --by broker
        not available: throttles: <broker 1>: the broker does not offer DescribeConfigs
        not available: min.insync.replicas of 53 partitions: <broker 1>: the broker does not offer DescribeConfigs
    DescribeConfigs: klerk cluster moves
        status 3
        not available: throttles of broker 1: <broker 1>: the broker does not offer DescribeConfigs
        not available: throttles of broker 2: <broker 2>: the broker does not offer DescribeConfigs
        not available: throttles of broker 3: <broker 3>: the broker does not offer DescribeConfigs
        not available: throttled replicas of 2 topics: __consumer_offsets: <broker 1>: the broker does not offer DescribeConfigs
    DescribeConfigs: klerk cluster configs 1
        status 3
        not available: the configs of broker 1: <broker 1>: the broker does not offer DescribeConfigs
    DescribeConfigs: klerk plan
        status 1
        ! topic orders  (topology.yaml:3)
            not-readable: the configs of 'orders' could not be read: <broker 1>: the broker does not offer DescribeConfigs. Try again; a plan is made on what could be read only
        0 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f changed.yaml
        status 1
        ! topic orders  (changed.yaml:3)
            not-readable: the configs of 'orders' could not be read: <broker 1>: the broker does not offer DescribeConfigs. Try again; a plan is made on what could be read only
        1 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f clients.yaml
        status 1
        ! topic orders  (clients.yaml:3)
            not-readable: the configs of 'orders' could not be read: <broker 1>: the broker does not offer DescribeConfigs. Try again; a plan is made on what could be read only
        2 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk export
        status 3
          # orders: its configs could not be read: <broker 1>: the broker does not offer DescribeConfigs
          orders: { partitions: 3, replication: 3 }
        not whole: orders: its configs could not be read: <broker 1>: the broker does not offer DescribeConfigs
    DescribeConfigs: klerk topic delete orders --dry-run
            its configs could not be read, so it could not be made anew as it is: <broker 1>: the broker does not offer DescribeConfigs
    DescribeAcls: klerk plan -f clients.yaml
        warning access/not-available: who may do what is left out of the plan: <broker 1>: the broker does not offer DescribeAcls
    DescribeAcls: klerk export
        # access control entries are not available: <broker 1>: the broker does not offer DescribeAcls
    DescribeAcls: klerk acl list
        status 3
        not available: <broker 1>: the broker does not offer DescribeAcls
    DescribeClientQuotas: klerk plan -f clients.yaml
        warning access/not-available: quotas are left out of the plan: <broker 1>: the broker does not offer DescribeClientQuotas
        1 to create, 0 to change, 0 blocked; 1 unchanged
    DescribeClientQuotas: klerk export
        # quotas are not available: <broker 1>: the broker does not offer DescribeClientQuotas
    DescribeClientQuotas: klerk quota list
        status 3
        not available: <broker 1>: the broker does not offer DescribeClientQuotas
    DescribeUserScramCredentials: klerk plan -f clients.yaml
        warning access/not-available: users are left out of the plan: <broker 1>: the broker does not offer DescribeUserScramCredentials
        1 to create, 0 to change, 0 blocked; 1 unchanged
    DescribeUserScramCredentials: klerk export
        # users are not available: <broker 1>: the broker does not offer DescribeUserScramCredentials
    DescribeUserScramCredentials: klerk user list
        status 3
        not available: <broker 1>: the broker does not offer DescribeUserScramCredentials
    ");
}

#[test]
fn an_api_that_is_refused_is_told_as_not_available() {
    insta::assert_snapshot!(differences("refuse-request 31"), @r"
    DescribeLogDirs: klerk cluster status
        cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 53 partitions; metadata version 4.3-IV0
        only topics that may be described are seen: Kafka leaves out others in silence, and tells who may describe the cluster which they are
        visible partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
        not available: log folders of broker 1: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
        not available: log folders of broker 2: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
        not available: log folders of broker 3: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    DescribeLogDirs: klerk cluster status --by broker
        cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 53 partitions; metadata version 4.3-IV0
        only topics that may be described are seen: Kafka leaves out others in silence, and tells who may describe the cluster which they are
        not available: log folders of broker 1: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
        not available: log folders of broker 2: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
        not available: log folders of broker 3: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    DescribeLogDirs: klerk cluster moves
        only topics that may be described are seen: Kafka leaves out others in silence, and tells who may describe the cluster which they are
    DescribeCluster: klerk cluster status
        cluster <cluster>: healthy; 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        not available: brokers that are not live: CLUSTER_AUTHORIZATION_FAILED (31)
    DescribeCluster: klerk cluster status --by broker
        cluster <cluster>: healthy; 3 brokers live, 2 topics, 53 partitions; metadata version 4.3-IV0
        not available: brokers that are not live: CLUSTER_AUTHORIZATION_FAILED (31)
    DescribeQuorum: klerk cluster status
        not available: quorum: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    DescribeQuorum: klerk cluster status --by broker
        not available: quorum: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    ListPartitionReassignments: klerk cluster status
        not available: replicas on the move: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    ListPartitionReassignments: klerk cluster status --by broker
        not available: replicas on the move: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe on the cluster
    ListPartitionReassignments: klerk cluster moves
        status 1
        error: ListPartitionReassignments refused by <broker 1>: CLUSTER_AUTHORIZATION_FAILED (31)
          → it takes describe on the cluster: let an ACL allow that to the principal klerk connects as
    DescribeConfigs: klerk cluster status
        partitions: 0 offline, 0 below min ISR, an unknown number at min ISR, 0 under-replicated, 0 not led by the preferred replica
        not available: throttles: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
        not available: min.insync.replicas of 53 partitions: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic __consumer_offsets
    DescribeConfigs: klerk cluster status --by broker
        not available: throttles: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
        not available: min.insync.replicas of 53 partitions: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic __consumer_offsets
    DescribeConfigs: klerk cluster moves
        status 3
        not available: throttles of brokers 1,2,3: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
        not available: throttled replicas of 2 topics: __consumer_offsets: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic __consumer_offsets
    DescribeConfigs: klerk cluster configs 1
        status 3
        not available: the configs of broker 1: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    DescribeConfigs: klerk plan
        status 1
        ! topic orders  (topology.yaml:3)
            not-readable: the configs of 'orders' could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders. Allow this principal Describe and DescribeConfigs on the topic
        0 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f changed.yaml
        status 1
        ! topic orders  (changed.yaml:3)
            not-readable: the configs of 'orders' could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders. Allow this principal Describe and DescribeConfigs on the topic
        1 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk plan -f clients.yaml
        status 1
        ! topic orders  (clients.yaml:3)
            not-readable: the configs of 'orders' could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders. Allow this principal Describe and DescribeConfigs on the topic
        2 to create, 0 to change, 1 blocked; 0 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeConfigs: klerk export
        status 3
          # orders: its configs could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders
          orders: { partitions: 3, replication: 3 }
        not whole: orders: its configs could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders
    DescribeConfigs: klerk topic delete orders --dry-run
            its configs could not be read, so it could not be made anew as it is: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on topic orders
    DescribeAcls: klerk plan -f clients.yaml
        status 1
        ! acl User:shop  (clients.yaml:5)
            not-readable: the access control entries could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster, or leave them out with --only
        2 to create, 0 to change, 1 blocked; 1 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeAcls: klerk export
        status 3
        # access control entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
        not whole: access control entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    DescribeAcls: klerk acl list
        status 3
        the entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
          it takes the right to describe the cluster
    DescribeClientQuotas: klerk plan -f clients.yaml
        status 1
        ! quota user shop  (clients.yaml:7)
            not-readable: the quotas could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster, or leave them out with --only
        1 to create, 0 to change, 1 blocked; 1 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeClientQuotas: klerk export
        status 3
        # quotas could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster
        not whole: quotas could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster
    DescribeClientQuotas: klerk quota list
        status 3
        the quotas could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
          it takes the right to describe the configs of the cluster
    DescribeUserScramCredentials: klerk plan -f clients.yaml
        status 1
        ! user shop  (clients.yaml:9)
            not-readable: the users could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster, or leave them out with --only
        1 to create, 0 to change, 1 blocked; 1 unchanged
        The plan cannot be applied: what is marked ! could not be read.
    DescribeUserScramCredentials: klerk export
        status 3
        # users could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
        not whole: users could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    DescribeUserScramCredentials: klerk user list
        status 3
        the users could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
          it takes the right to describe the cluster
    ");
}
