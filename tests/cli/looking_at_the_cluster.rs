//! How a simulated cluster is, whole and with a broker down.

use crate::documents::ClusterStatus;
use crate::scene::Scene;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, min.insync.replicas: 2 }
  events: { partitions: 2, replication: 2, min.insync.replicas: 2 }
  single: { partitions: 3, replication: 1 }
";

#[test]
fn a_whole_cluster() {
    let scene = Scene::applied(ESTATE);
    insta::assert_snapshot!(scene.told("cluster status"), @r"
    status 0
    --- stdout
    cluster <cluster>: healthy; 3 of 3 brokers live, 3 topics, 8 partitions; metadata version 4.3-IV0

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS  SIZE         DISK FREE
         1  <broker 1>  rack-1  live         3         5   0 B  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live         3         6   0 B  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live         2         5   0 B  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    partitions: 0 offline, 0 below min ISR, 5 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: leaders 2–3 (fullest 13 % above an even share), replicas 5–6 (fullest 13 % above an even share), size 0 B each
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster status --by broker"), @r"
    status 0
    --- stdout
    cluster <cluster>: healthy; 3 of 3 brokers live, 3 topics, 8 partitions; metadata version 4.3-IV0

    BROKER  STATE  LEADERS  PREFERRED  REPLICAS  NOT IN SYNC  SIZE  OF EVEN SHARE
         1  live         3          3         5            0   0 B          100 %
         2  live         3          3         6            0   0 B          100 %
         3  live         2          2         5            0   0 B          100 %

    BROKER  LOG FOLDER         STATE   REPLICAS  USED BY KAFKA    FREE  VOLUME
         1  /sandbox/broker-1  online         5            0 B  1.0 TB  1.0 TB
         2  /sandbox/broker-2  online         6            0 B  1.0 TB  1.0 TB
         3  /sandbox/broker-3  online         5            0 B  1.0 TB  1.0 TB

    balance: leaders 2–3 (fullest 13 % above an even share), replicas 5–6 (fullest 13 % above an even share), size 0 B each
    --- stderr
    ");
    assert_eq!(scene.run("cluster status --brokers 3").status, 0);
    let document: ClusterStatus = scene.document("cluster status --wait 5s", 0);
    assert!(document.healthy && document.awaited.is_some_and(|awaited| awaited.met));
    assert_eq!(document.cluster.metadata_version.as_deref(), Some("4.3-IV0"));
}

#[test]
fn a_broker_that_is_down() {
    let scene = Scene::applied(ESTATE);
    scene.cluster.with(|state| state.stop_broker(2));
    let line = format!("cluster status -b {}", scene.cluster.first_broker());
    insta::assert_snapshot!(scene.told(&line), @r"
    status 0
    --- stdout
    cluster <cluster>: unhealthy; 2 of 3 brokers live, 3 topics, 8 partitions; metadata version 4.3-IV0
    ! 1 partition without a leader: nobody can read or write
    ! 3 partitions below min.insync.replicas: writes with acks=all fail
    ! 5 partitions with replicas that are not in sync
    ! broker 2 is registered and not live

    PARTITION  LEADER  REPLICAS  ISR  NOT IN SYNC  MIN ISR  CONDITION
    single-2     none  2         2    none               1  offline, under-min-isr
    events-0        1  1,2       1    2                  2  under-min-isr, under-replicated
    events-1        3  2,3       3    2                  2  under-min-isr, under-replicated
    orders-0        3  3,1,2     3,1  2                  2  at-min-isr, under-replicated
    orders-1        1  1,2,3     1,3  2                  2  at-min-isr, under-replicated
    orders-2        3  2,3,1     3,1  2                  2  at-min-isr, under-replicated

    BROKER  ADDRESS          RACK    STATE   LEADERS  REPLICAS  SIZE         DISK FREE
         1  <broker 1>  rack-1  live          3         5   0 B  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  fenced        0         6     -                 -
         3  <broker 3>  rack-3  live          4         5   0 B  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 1 observer, up to date
    partitions: 1 offline, 3 below min ISR, 5 at min ISR, 5 under-replicated, 2 not led by the preferred replica: klerk cluster elect brings leaders back
    balance: leaders 3–4 (fullest 14 % above an even share), replicas 5 each, size 0 B each
    --- stderr
    ");
    let document: ClusterStatus = scene.document("cluster status --wait 0s --brokers 3", 3);
    let kinds: Vec<&str> = document.problems.iter().map(|problem| problem.kind.as_str()).collect();
    assert_eq!(kinds, ["offline-partitions", "under-min-isr", "under-replicated", "brokers-down"]);
    let awaited = document.awaited.expect("something was waited for");
    assert_eq!((awaited.met, awaited.lacks[0].as_str()), (false, "2 of 3 brokers are live"));
    let counted = document.partitions.unhealthy.len();
    assert!(counted >= document.partitions.under_replicated, "{counted}");
    assert!(document.brokers.iter().any(|broker| broker.id == 2 && broker.state == "fenced"));
}

#[test]
fn waiting_ends_when_the_broker_is_back_and_when_the_time_is_over() {
    let scene = Scene::applied(ESTATE);
    scene.cluster.with(|state| state.stop_broker(2));
    let ran = scene.run("cluster status --wait 1s -q");
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.starts_with("the cluster is not whole within 1s: "), "{}", ran.stderr);
    let done = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| scene.run("cluster status --wait 60s"));
        scene.cluster.with(|state| state.start_broker(2));
        waiting.join().expect("it ends")
    });
    assert_eq!((done.status, done.stderr.as_str()), (0, ""));
}

#[test]
fn an_answer_that_should_have_come_and_did_not_is_a_problem_and_status_3() {
    for api in ["DescribeCluster", "DescribeConfigs"] {
        let scene = Scene::applied(ESTATE);
        scene.cluster.arm(&format!("{api} refuse-request -1 \"not now\""));
        let document: ClusterStatus = scene.document("cluster status", 3);
        let kinds: Vec<&str> = document.problems.iter().map(|problem| problem.kind.as_str()).collect();
        assert!(!document.healthy && kinds.iter().all(|kind| *kind == "unanswered"), "{api}: {document:?}");
        assert!(!document.problems.is_empty() && !document.not_available.is_empty(), "{api}: {document:?}");
    }
}

#[test]
fn nobody_there_is_an_error_also_after_waiting() {
    let scene = Scene::new(ESTATE);
    let ran = scene.run_alone("cluster status --wait 1s -b 127.0.0.1:1 -o json");
    assert_eq!((ran.status, ran.json()["error"]["kind"].as_str().expect("a kind")), (1, "connect"));
}

#[test]
fn what_may_not_be_seen_is_named_and_is_no_failure() {
    let scene = Scene::applied(ESTATE);
    scene.cluster.arm("DescribeLogDirs refuse-request 31 \"not yours\"");
    scene.cluster.arm("DescribeQuorum refuse-request 31 \"not yours\"");
    let ran = scene.run("cluster status");
    assert_eq!(ran.status, 0, "{}", ran.all());
    for what in ["quorum", "log folders of broker 3"] {
        let line = format!("not available: {what}: CLUSTER_AUTHORIZATION_FAILED (31)");
        assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    }
    let document: ClusterStatus = scene.document("cluster status", 0);
    assert!(document.healthy && document.quorum.is_none() && document.brokers[0].log_dirs.is_none());
    assert_eq!(document.not_available.len(), 4);
}
