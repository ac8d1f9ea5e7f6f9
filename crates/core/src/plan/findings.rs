/// Every code of a finding, with what it means. A test holds the planners to this table.
pub const FINDINGS: &[(&str, &str)] = &[
    (
        "broker/one-alone",
        "A config that topics follow is set on one broker alone, so that the replicas of one partition are treated differently. Set it for all brokers.",
    ),
    (
        "elect/no-leader",
        "A partition has no leader. A preferred election takes only replicas in sync, so one of these has to come back first.",
    ),
    (
        "elect/not-in-sync",
        "The replica that should lead is not in sync or not live, so that it cannot be elected without losing records. Another one goes on leading.",
    ),
    ("elect/not-readable", "The partitions of a topic could not be read, so their leaders are left alone."),
    (
        "group/active",
        "The group has members. A reset can be planned and is refused when it is carried out, because Kafka takes no commits from outside for an active group.",
    ),
    ("group/not-listed", "Some brokers did not list their groups, so groups may exist that were not seen."),
    (
        "group/streams",
        "The group belongs to a Kafka Streams application, whose local state does not follow its offsets.",
    ),
    (
        "plan/denied",
        "A server has said that it does not allow the change. The plan can be looked at, and applying it is refused, so that nothing is done by half.",
    ),
    (
        "plan/max-change-share",
        "The plan changes or deletes a larger share of what the topology names than its policy lets one plan do. It is carried out with --allow max-change-share only.",
    ),
    ("reset/empty-scope", "No partition is in the scope of the reset, so there is nothing to do."),
    (
        "reset/gone",
        "The group has commits on a topic or partition that does not exist any more. They are left alone.",
    ),
    ("reset/new-group", "The group does not exist, and committing offsets creates it."),
    ("reset/no-offset", "No target could be found for a partition, so its commit stays as it is."),
    (
        "subject/not-checkable",
        "The registry cannot be asked whether the schema is compatible before an earlier step of the plan is done.",
    ),
    (
        "subject/other-spelling",
        "The registry holds the same schema in another spelling. Registering it would make a new version that says nothing new, so it is left alone.",
    ),
    ("subject/unlisted", "The registry did not list its subjects, so subjects may exist that were not seen."),
    (
        "topic/being-moved",
        "Replicas of the topic are on their way to other brokers, by a move that leaves their number as it is, as balancers make them. klerk leaves it alone.",
    ),
    (
        "topic/broker-without-rack",
        "Some brokers have a rack and others have none. Each without one counts as a rack of its own, so that replicas may end up where one failure takes more than one of them. Set broker.rack on all of them.",
    ),
    (
        "topic/declared",
        "A topic that a command deletes is declared by the topology, so that the next apply makes it anew, without its records. Take it out of the file, or say `state: absent` there.",
    ),
    (
        "topic/min-isr-above-replication",
        "min.insync.replicas is above the replication factor. Kafka caps it there, so that a single missing replica stops writes with acks=all.",
    ),
    (
        "topic/not-comparable",
        "The value cannot be compared with the broker's, because the broker does not show it.",
    ),
    (
        "topic/pinned-default",
        "The value is set on the topic and equals what it would be anyway. The topic no longer follows the broker when its default changes.",
    ),
    ("topic/uneven-replication", "The partitions of the topic have different numbers of replicas."),
    ("topic/unlisted-configs", "The topic has configs of its own that no file names. They are left alone."),
    (
        "topic/unlisted-reset",
        "The topic has configs of its own that no file names, and the policy says `unlisted_configs: reset`, so that the plan takes them away.",
    ),
    (
        "undo/moved-since",
        "Something is not as the recorded change left it. The way back is planned from the present.",
    ),
    (
        "undo/not-reversible",
        "The record has a step that cannot be taken back, such as added partitions or a registered schema, or one of which nothing is left. What it did stays as it is.",
    ),
];
