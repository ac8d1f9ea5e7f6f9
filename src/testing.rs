//! Plans and reports for tests, built in a few lines.

use klerk_core::access::{
    Acl, AclResource, AclResourceType, Amount, Operation, QuotaEntity, Quotas, ScramMechanism,
};
use klerk_core::apply::{Outcome, Report, Settled, StepReport, outcome_of};
use klerk_core::placement::MoveThrottle;
use klerk_core::plan::{
    AccessChange, Bounds, Change, ClusterChange, Conflict, ConflictReason, Expectation, Finding, GroupChange,
    HeldBack, Impact, LastVersion, LeaderMove, Level, OffsetMove, Permission, Plan, Preflight, RecordsChange,
    RegisteredVersion, Risk, Severity, ShareBound, Step, StepId, SubjectChange, TopicChange, Truncation,
    Unmanaged,
};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{LEADER_RATE, Origin, Resource, ResourceType, TopicId, TopicPartition};
use klerk_core::world::{Committed, ConfigTarget, GroupType, SchemaReference, SchemaType};
use std::collections::{BTreeMap, BTreeSet};

/// A plan of one step with these risks.
pub(crate) fn plan_with_risks(risks: &[Risk]) -> Plan {
    let change = TopicChange::AddPartitions { topic: "orders".to_owned(), id: None, from: 4, to: 8 };
    let mut plan = plan_of(vec![Change::Topic(change)]);
    plan.steps[0].risks = risks.iter().copied().collect();
    plan
}

/// A plan of these changes, each a step of its own.
pub(crate) fn plan_of(changes: Vec<Change>) -> Plan {
    let steps = (1..).zip(changes).map(|(number, change)| step(number, change)).collect();
    Plan {
        command: "plan".to_owned(),
        cluster_id: "4L6g3nShT-eMCtK--X86sw".to_owned(),
        environment: None,
        steps,
        conflicts: Vec::new(),
        unmanaged: Unmanaged::default(),
        findings: Vec::new(),
        preflight: Preflight::Full,
        unchanged: BTreeSet::new(),
        bounds: Bounds::default(),
        skips_blocked: false,
        against: None,
        visible_only: None,
    }
}

/// A step without risks.
pub(crate) fn step(number: u32, change: Change) -> Step {
    Step {
        id: StepId(number),
        change,
        origin: None,
        origins: BTreeMap::new(),
        risks: BTreeSet::new(),
        impact: Impact::default(),
        expects: Vec::new(),
        after: Vec::new(),
        preflighted: true,
    }
}

/// The creation of a topic.
pub(crate) fn create(topic: &str, configs: &[(&str, &str)]) -> Change {
    let configs = configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let topic = topic.to_owned();
    Change::Topic(TopicChange::Create { topic, partitions: Some(8), replication: Some(3), configs })
}

/// A key with its value before and afterwards.
pub(crate) type ConfigMove<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// A change of a topic's configs.
pub(crate) fn set_config(topic: &str, configs: &[ConfigMove<'_>]) -> Change {
    let owned = |value: Option<&str>| value.map(str::to_owned);
    Change::Topic(TopicChange::SetConfig {
        topic: topic.to_owned(),
        id: Some(TopicId([7; 16])),
        from: configs.iter().map(|(key, from, _)| ((*key).to_owned(), owned(*from))).collect(),
        to: configs.iter().map(|(key, _, to)| ((*key).to_owned(), owned(*to))).collect(),
    })
}

/// The registration of an Avro schema.
pub(crate) fn register(subject: &str, from: Option<(i32, i32)>) -> Change {
    Change::Subject(SubjectChange::Register {
        subject: subject.to_owned(),
        from: from.map(|(version, id)| RegisteredVersion { version, id }),
        kind: SchemaType::Avro,
        text: r#"{"type":"record","name":"Executed","fields":[]}"#.to_owned(),
        references: vec![SchemaReference {
            name: "Money".to_owned(),
            subject: "money".to_owned(),
            version: 2,
        }],
    })
}

/// A committed offset moved from one place to another in a log of 0 to 1000.
pub(crate) fn offset_move(partition: i32, from: Option<i64>, to: i64) -> OffsetMove {
    let before = from.unwrap_or_default();
    OffsetMove {
        partition: TopicPartition::new("orders", partition),
        topic_id: Some(TopicId([7; 16])),
        from: from.map(|offset| Committed { offset, leader_epoch: Some(4), metadata: "m".to_owned() }),
        to,
        leader_epoch: None,
        metadata: String::new(),
        start: 0,
        end: 1000,
        skips: (to - before).max(0),
        repeats: (before - to).max(0),
        span_ms: None,
        clamped: false,
        note: None,
    }
}

/// A change of committed offsets.
pub(crate) fn commit(group: &str, partitions: Vec<OffsetMove>) -> Change {
    let kind = Some(GroupType::Classic);
    Change::Group(GroupChange::CommitOffsets { group: group.to_owned(), kind, partitions })
}

/// A deletion of the records of one partition before an offset, in a log of 5 to 1000, and of none of another.
pub(crate) fn truncate(topic: &str, before_ms: Option<i64>) -> Change {
    let cut = |partition, to, note: Option<&str>| Truncation {
        partition,
        from: 5,
        to,
        end: 1000,
        clamped: note.is_some(),
        note: note.map(str::to_owned),
    };
    Change::Records(RecordsChange::Delete {
        topic: topic.to_owned(),
        id: Some(TopicId([7; 16])),
        before_ms,
        partitions: vec![cut(0, 400, None), cut(3, 5, Some("2 lies before the log start: nothing goes"))],
    })
}

/// A place in the topology.
pub(crate) fn origin(line: u32) -> Option<Origin> {
    Some(Origin { file: "topology.yaml".into(), line, column: 3 })
}

/// A plan with a step of every kind, a conflict, a finding and names that no file has.
pub(crate) fn plan_of_every_kind() -> Plan {
    let mut plan = plan_of(vec![
        create("escrow.released", &[("retention.ms", "2592000000")]),
        Change::Topic(TopicChange::AddPartitions {
            topic: "orders".to_owned(),
            id: Some(TopicId([9; 16])),
            from: 4,
            to: 8,
        }),
        set_config(
            "trades",
            &[
                ("retention.ms", Some("604800000"), Some("2592000000")),
                ("segment.bytes", Some("1048576"), None),
            ],
        ),
        register("trades-value", Some((1, 17))),
        Change::Subject(SubjectChange::SetCompatibility {
            subject: "trades-value".to_owned(),
            from: None,
            to: Some(CompatibilityLevel::Full),
        }),
        commit("settlement", vec![offset_move(0, Some(100), 40), offset_move(1, None, 0)]),
        Change::Group(GroupChange::DeleteOffsets {
            group: "settlement".to_owned(),
            kind: Some(GroupType::Consumer),
            partitions: vec![(
                TopicPartition::new("orders", 2),
                Committed { offset: 5, leader_epoch: None, metadata: String::new() },
            )],
        }),
        truncate("audit", Some(1_795_000_000_000)),
    ]);
    for step in &mut plan.steps {
        step.origin = origin(step.id.0 * 10);
    }
    plan.steps[1].risks.insert(Risk::MovesKeys);
    plan.steps[1].impact = Impact {
        groups: vec!["settlement".to_owned()],
        notes: vec!["keyed by order_id".to_owned()],
        loss: None,
        usage: None,
        copying: None,
        held_back: Some(HeldBack::By {
            rates: BTreeMap::from([(1, BTreeMap::from([(LEADER_RATE.to_owned(), "250000".to_owned())]))]),
            by_klerk: false,
        }),
    };
    plan.steps[1].expects.push(Expectation {
        resource: Resource::topic("orders"),
        field: "partitions".to_owned(),
        value: Some("4".to_owned()),
    });
    plan.steps[4].after.push(StepId(4));
    plan.steps[5].risks.insert(Risk::RepeatsRecords);
    plan.conflicts.push(Conflict {
        resource: Resource::topic("wallets"),
        reason: ConflictReason::FewerPartitions,
        message: "topic wallets has 16 partitions and the file asks for 8: Kafka cannot remove partitions"
            .to_owned(),
        origin: origin(99),
    });
    plan.findings.push(Finding {
        severity: Severity::Info,
        code: "topic/pinned-default",
        message: "segment.ms of trades is set to what it would be anyway".to_owned(),
        resource: Resource::topic("trades"),
        origin: origin(30),
    });
    plan.unmanaged.topics.extend(["legacy.one".to_owned(), "legacy.two".to_owned()]);
    plan.unchanged.extend([
        Resource::topic("quotes"),
        Resource::topic("trades"),
        Resource::subject("quotes-value"),
    ]);
    plan
}

/// A plan with a step of every kind that klerk makes, and with every bound that a policy sets.
pub(crate) fn plan_with_every_bound() -> Plan {
    let kept = plan_of_every_kind();
    let own = |number: i32| BTreeMap::from([(0, vec![1, 2]), (1, vec![2, number])]);
    let text = |text: &str| text.to_owned();
    let id = Some(TopicId([9; 16]));
    let acl =
        Acl::allow("User:bridge", Operation::Read, AclResource::prefixed(AclResourceType::Topic, "escrow."));
    let entity = QuotaEntity::new([("user", Some("bridge")), ("client-id", None)]);
    let quotas = Quotas::from([(text("consumer_byte_rate"), Amount(1_048_576.0))]);
    let later = vec![
        Change::Topic(TopicChange::MoveReplicas {
            topic: text("orders"),
            id,
            from: own(1),
            to: own(3),
            under_way: BTreeSet::new(),
            throttle: Some(MoveThrottle::new(50_000_000, &own(1), &own(3), &BTreeSet::new())),
        }),
        Change::Topic(TopicChange::CancelMoves { topic: text("audit"), id, from: own(3), to: own(1) }),
        Change::Topic(TopicChange::Delete {
            topic: text("gone"),
            id,
            partitions: 2,
            replication: None,
            configs: Some(BTreeMap::from([(text("retention.ms"), text("1"))])),
            while_empty: true,
        }),
        Change::Subject(SubjectChange::Delete {
            subject: text("gone-value"),
            from: Some(LastVersion {
                version: RegisteredVersion { version: 2, id: 7 },
                kind: SchemaType::Avro,
                text: text("\"string\""),
                references: Vec::new(),
            }),
            permanent: true,
        }),
        Change::Cluster(ClusterChange::ElectLeaders {
            topic: text("orders"),
            id,
            partitions: vec![LeaderMove { partition: 1, from: None, to: 2 }],
        }),
        Change::Cluster(ClusterChange::SetConfig {
            target: ConfigTarget::Cluster,
            cluster: kept.cluster_id.clone(),
            from: BTreeMap::from([(text("log.retention.ms"), None)]),
            to: BTreeMap::from([(text("log.retention.ms"), Some(text("1")))]),
        }),
        Change::Cluster(ClusterChange::SetConfig {
            target: ConfigTarget::Broker(2),
            cluster: String::new(),
            from: BTreeMap::from([(text("background.threads"), Some(text("9")))]),
            to: BTreeMap::from([(text("background.threads"), None)]),
        }),
        Change::Access(AccessChange::CreateAcl { acl: acl.clone() }),
        Change::Access(AccessChange::DeleteAcl { acl: Acl { host: text("10.0.0.1"), ..acl } }),
        Change::Access(AccessChange::SetQuota {
            entity: entity.clone(),
            from: BTreeMap::from([(text("consumer_byte_rate"), None)]),
            to: BTreeMap::from([(text("consumer_byte_rate"), Some(Amount(5.5)))]),
        }),
        Change::Access(AccessChange::DeleteQuota { entity, from: quotas }),
        Change::Access(AccessChange::SetUser {
            user: text("bridge"),
            mechanism: ScramMechanism::Sha512,
            from: None,
            iterations: 8192,
            password_file: text("secrets/bridge"),
        }),
        Change::Access(AccessChange::DeleteUser {
            user: text("bridge"),
            mechanism: ScramMechanism::Sha256,
            from: 4096,
        }),
    ];
    let last = kept.steps.len() as u32;
    let later = (last + 1..).zip(later).map(|(number, change)| step(number, change));
    let levels = Permission::levelled().zip(Level::ALL.into_iter().cycle()).collect();
    let estate = ResourceType::ALL.into_iter().zip(3..).collect();
    Plan {
        environment: Some(text("prod")),
        steps: kept.steps.iter().cloned().chain(later).collect(),
        findings: Vec::new(),
        unchanged: ResourceType::ALL
            .into_iter()
            .filter(|kind| !matches!(kind, ResourceType::Broker | ResourceType::Cluster))
            .map(|kind| Resource { kind, name: text("as-it-is") })
            .collect(),
        bounds: Bounds { levels, share: Some(ShareBound { percent: 30, estate }) },
        ..kept
    }
}

/// A report in which every step of the plan has this outcome.
pub(crate) fn report_of(plan: &Plan, outcome: Outcome) -> Report {
    let steps: Vec<StepReport> = plan
        .steps
        .iter()
        .map(|step| StepReport {
            step: step.clone(),
            outcome,
            settled: (outcome == Outcome::Done).then_some(Settled::AsAsked),
            differences: Vec::new(),
            failure: None,
            items: Vec::new(),
            note: None,
            took_ms: Some(12),
        })
        .collect();
    Report {
        command: plan.command.clone(),
        cluster_id: plan.cluster_id.clone(),
        environment: None,
        outcome: outcome_of(&steps, None),
        steps,
        conflicts: Vec::new(),
        error: None,
        record: Some("records/20261121T100000Z-1f2e3d4c.jsonl".to_owned()),
        lifted: Vec::new(),
    }
}
