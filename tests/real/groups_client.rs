//! klerk's client of consumer groups against real brokers.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use klerk::kafka::{Cluster, ConnectOptions, Cover, GroupsLook};
use klerk_core::apply::StepEvent;
use klerk_core::plan::{GroupChange, OffsetMove};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{Committed, GroupState, GroupType, GroupView, GroupsView};
use klerk_testbed::{Consumer, ConsumerOptions, GroupProtocol, shared, unique_name};

async fn connect() -> Result<Cluster> {
    Ok(Cluster::connect(ConnectOptions::new([shared()?.cluster.bootstrap()])).await?)
}

async fn look_at(cluster: &Cluster, groups: &[&str]) -> Result<GroupsView> {
    let named = Cover::named(groups.iter().copied());
    let look = GroupsLook { members: named.clone(), commits: named, stable: true, whole: false };
    Ok(cluster.look_at_groups(&look).await?)
}

fn known<'a>(view: &'a GroupsView, group: &str) -> Result<&'a GroupView> {
    match view.groups.get(group) {
        Some(Known::Known(view)) => Ok(view),
        other => bail!("{group}: {other:?}"),
    }
}

fn offsets(view: &GroupView) -> BTreeMap<String, i64> {
    let commits = view.committed.known().into_iter().flatten();
    commits.map(|(at, commit)| (at.to_string(), commit.known().map_or(-9, |commit| commit.offset))).collect()
}

fn step(at: (&str, i32), from: Option<i64>, to: i64, metadata: &str) -> OffsetMove {
    OffsetMove {
        partition: TopicPartition::new(at.0, at.1),
        topic_id: None,
        from: from.map(|offset| Committed { offset, leader_epoch: None, metadata: String::new() }),
        to,
        leader_epoch: Some(0),
        metadata: metadata.to_owned(),
        start: 0,
        end: 0,
        skips: 0,
        repeats: 0,
        span_ms: None,
        clamped: false,
        note: None,
    }
}

fn commits(group: &str, partitions: Vec<OffsetMove>) -> GroupChange {
    GroupChange::CommitOffsets { group: group.to_owned(), kind: None, partitions }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_both_protocols_empty_ones_and_absent_ones() -> Result<()> {
    let bed = &shared()?.cluster;
    let topic = unique_name("groups.look");
    bed.client().create_topic(&topic, 3, 3, &[])?;
    let [empty, classic, consumer, absent] =
        ["empty", "classic", "consumer", "absent"].map(|name| unique_name(&format!("look-{name}")));
    bed.client().commit_offsets(&empty, &[(&topic, 0, 4), (&topic, 2, 1)])?;
    bed.client().commit_offsets(&classic, &[(&topic, 1, 7)])?;
    let options =
        |group: &str, protocol| ConsumerOptions::new(group, &[&topic], protocol).client_id("reader");
    let _classic = Consumer::start(bed, &options(&classic, GroupProtocol::Classic))?;
    let _consumer = Consumer::start(bed, &options(&consumer, GroupProtocol::Consumer))?;

    let cluster = connect().await?;
    let view = look_at(&cluster, &[&empty, &classic, &consumer, &absent]).await?;
    assert!(view.unlisted.is_empty());
    assert!(matches!(view.groups[&absent], Known::Absent), "{:?}", view.groups[&absent]);

    let seen = known(&view, &empty)?;
    assert_eq!((&seen.kind, &seen.state), (&GroupType::Classic, &GroupState::Empty));
    assert_eq!(seen.members, Known::Known(Vec::new()));
    assert_eq!(offsets(seen), BTreeMap::from([(format!("{topic}-0"), 4), (format!("{topic}-2"), 1)]));

    for (group, kind) in [(&classic, GroupType::Classic), (&consumer, GroupType::Consumer)] {
        let seen = known(&view, group)?;
        assert_eq!((&seen.kind, &seen.state), (&kind, &GroupState::Stable));
        let member = seen.members.known().and_then(|members| members.first()).context("no member")?;
        assert_eq!((member.client_id.as_str(), member.host.as_str()), ("reader", "127.0.0.1"));
        let all: Vec<TopicPartition> = (0..3).map(|at| TopicPartition::new(topic.as_str(), at)).collect();
        assert_eq!(member.assignment, all, "{kind}");
    }
    // Others are only listed.
    let other = look_at(&cluster, &[&empty]).await?;
    assert_eq!(known(&other, &classic)?.members, Known::NotAsked);

    let count = |api: &str| cluster.meter().counts().requests.get(api).map_or(0, |count| count.requests);
    let apis = ["ListGroups", "OffsetFetch", "DescribeGroups", "ConsumerGroupDescribe", "FindCoordinator"];
    let before = apis.map(count);
    let all = GroupsLook { members: Cover::All, commits: Cover::All, stable: false, whole: true };
    cluster.look_at_groups(&all).await?;
    let [list, fetch, classic, consumer, find] = apis.map(count);
    assert_eq!(list - before[0], 3, "one for each broker");
    assert!([fetch - before[1], classic - before[2], consumer - before[3]].into_iter().all(|sent| sent <= 3));
    assert_eq!(find, before[4]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_committed_and_deleted_from_outside_and_never_under_members() -> Result<()> {
    let bed = &shared()?.cluster;
    let topic = unique_name("groups.enact");
    bed.client().create_topic(&topic, 2, 3, &[])?;
    let group = unique_name("enact");
    let cluster = connect().await?;

    // A group that does not exist is made by its commits; what the plan calls unchanged is not sent.
    let change = commits(&group, vec![step((&topic, 0), None, 5, "kept"), step((&topic, 1), Some(9), 9, "")]);
    assert_eq!(cluster.enact_group(&change).await, StepEvent::Accepted);
    let view = look_at(&cluster, &[&group]).await?;
    let seen = known(&view, &group)?.committed.known().context("no commits")?;
    let expected = Committed { offset: 5, leader_epoch: Some(0), metadata: "kept".to_owned() };
    assert_eq!(
        seen,
        &BTreeMap::from([(TopicPartition::new(topic.as_str(), 0), Known::Known(expected.clone()))])
    );

    // A partition that does not exist is refused, the other one is done.
    let change = commits(&group, vec![step((&topic, 1), None, 3, ""), step((&topic, 9), None, 3, "")]);
    match cluster.enact_group(&change).await {
        StepEvent::PartlyAccepted { done: 1, of: 2, failures } => {
            assert_eq!(failures[0].item, format!("{topic}-9"));
            assert_eq!(failures[0].failure.name, "UNKNOWN_TOPIC_OR_PARTITION");
        }
        other => bail!("{other:?}"),
    }

    let deletion = |partitions: &[i32]| GroupChange::DeleteOffsets {
        group: group.clone(),
        kind: Some(GroupType::Classic),
        partitions: partitions
            .iter()
            .map(|at| (TopicPartition::new(topic.as_str(), *at), expected.clone()))
            .collect(),
    };
    assert_eq!(cluster.enact_group(&deletion(&[1])).await, StepEvent::Accepted);
    assert_eq!(bed.client().committed(&group)?.len(), 1);

    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        let group = unique_name("enact-active");
        bed.client().commit_offsets(&group, &[(&topic, 0, 1)])?;
        let consumer = Consumer::start(bed, &ConsumerOptions::new(&group, &[&topic], protocol))?;
        match cluster.enact_group(&commits(&group, vec![step((&topic, 0), Some(1), 0, "")])).await {
            StepEvent::Refused(failure) => {
                assert_eq!(failure.name, "UNKNOWN_MEMBER_ID", "{protocol:?}");
                assert!(failure.message.contains("members"), "{failure}");
            }
            other => bail!("{protocol:?}: {other:?}"),
        }
        consumer.stop()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_too_large_for_the_offsets_log_is_halved() -> Result<()> {
    let bed = &shared()?.cluster;
    let topic = unique_name("groups.large");
    bed.client().create_topic(&topic, 300, 1, &[])?;
    let group = unique_name("large");
    // 300 commits with 4,000 bytes of metadata each exceed a batch of a megabyte.
    let text = "m".repeat(4000);
    let moves = (0..300).map(|at| step((&topic, at), None, i64::from(at), &text)).collect();
    let cluster = connect().await?;
    assert_eq!(cluster.enact_group(&commits(&group, moves)).await, StepEvent::Accepted);
    let committed = bed.client().committed(&group)?;
    assert_eq!(committed.len(), 300);
    assert_eq!(committed[&(topic, 299)], 299);
    let sent = cluster.meter().counts().requests.get("OffsetCommit").map(|count| count.requests);
    // A coordinator that is not ready yet makes it more.
    assert!(sent.is_some_and(|sent| sent >= 3), "one that was refused, and its halves: {sent:?}");
    Ok(())
}
