/// Every code of a finding, with what it means. A test holds the planners to this table.
pub const FINDINGS: &[(&str, &str)] = &[
    (
        "access/all-operations",
        "A principal may do everything with a resource, also delete it. Name the operations that it takes.",
    ),
    (
        "access/every-resource",
        "A principal may do something with every resource of a type, those that will be made later included.",
    ),
    ("access/everybody", "The entry is for every principal, clients that have not logged in included."),
    (
        "access/host",
        "The host of an entry is a name, a range, or an address in another spelling than brokers use. They compare it with the client's address as a text, so it never fits. Write the IP address, one entry for each.",
    ),
    (
        "access/no-effect",
        "Kafka takes the entry and never looks for this operation on resources of this type.",
    ),
    (
        "access/not-available",
        "The cluster has no authorizer, or does not tell of its entries, so what the file says of access is left out of the plan.",
    ),
    (
        "access/own-principal",
        "The plan closes the cluster to somebody, and which principal brokers take klerk for is not known, or a guess. So klerk cannot refuse what would take its own right to change access.",
    ),
    ("access/shadowed", "An entry that denies outweighs this one that allows, so that it has no effect."),
    (
        "access/unknown-topics",
        "A role lets somebody be a member of a group whose contract does not say which topics it reads.",
    ),
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
        "group/start-active",
        "A contract says where its group begins, and the group has members, from whom alone Kafka takes commits. On partitions without one they begin where their own auto.offset.reset says.",
    ),
    (
        "group/start-expires",
        "Commits of a group without members expire after the broker's offsets.retention.minutes. Until then its first members begin there; afterwards the next apply makes them anew.",
    ),
    (
        "group/start-later",
        "A contract says where its group begins in a topic of which the partitions are not known yet. The next apply commits the offsets.",
    ),
    (
        "group/streams",
        "The group belongs to a Kafka Streams application, whose local state does not follow its offsets.",
    ),
    (
        "group/members-above-partitions",
        "A contract wants more members than its topics have partitions, or the group has more. Kafka gives each partition to one member, so that the others have nothing to read.",
    ),
    (
        "group/topic-missing",
        "A contract names a topic that others own, and that does not exist on the cluster. The group has nothing to read there.",
    ),
    (
        "plan/denied",
        "A server has said that it does not allow the change, or that the principal lacks a right that the change takes. The plan can be looked at, and applying it is refused, so that nothing is done by half.",
    ),
    (
        "plan/max-change-share",
        "The plan changes or deletes a larger share of what the topology names than its policy lets one plan do. It is carried out with --allow max-change-share only.",
    ),
    (
        "plan/not-in-revision",
        "A plan against a revision compares files with files. What the older ones do not say, such as a number of partitions or a topic that is now said to be absent, only a plan with the cluster can compare.",
    ),
    (
        "plan/visible-only",
        "The plan is for all topics, and some are or may be left out of it because this principal may not describe them: Kafka leaves them out of lists in silence. Allow it to describe them, or name the topics that are meant.",
    ),
    ("reset/empty-scope", "No partition is in the scope of the reset, so there is nothing to do."),
    (
        "reset/gone",
        "The group has commits on a topic or partition that does not exist any more. They are left alone.",
    ),
    ("reset/new-group", "The group does not exist, and committing offsets creates it."),
    ("reset/no-offset", "No target could be found for a partition, so its commit stays as it is."),
    (
        "subject/in-use",
        "A subject that is to be deleted is that of a topic which stays, by its name. Who writes to the topic may register the subject again, or fail for want of it.",
    ),
    (
        "subject/not-checkable",
        "The registry cannot be asked whether the schema is compatible before an earlier step of the plan has set another level, and klerk's own rules for Avro cannot tell either, as of a schema of another language or one that refers to others. If the registry refuses it then, the level is set already. To be sure, set the level in an apply of its own, and let the registry check the schema by it.",
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
        "topic/brokers-down",
        "A new topic is to have more replicas than brokers are up. Kafka counts those that are registered, so that it makes the topic all the same: each partition lacks a replica from the start, and where min.insync.replicas is not met nothing can be written with acks=all. Start the brokers first, or ask for fewer replicas.",
    ),
    (
        "topic/compaction-without-key",
        "The topic is compacted, and no schema says what its keys are. Compaction keeps the latest record of each key, byte by byte, and Kafka refuses records without one. Declare `key` with a schema.",
    ),
    (
        "topic/declared",
        "A topic that a command deletes is declared by the topology, so that the next apply makes it anew, without its records. Take it out of the file, or say `state: absent` there.",
    ),
    (
        "topic/low-replication",
        "The topic has fewer than three replicas in a production environment: one that extends or is called prod, production, prd or live, or says `production: true`. With two, one broker that is down leaves a single copy.",
    ),
    (
        "topic/min-isr-above-replication",
        "min.insync.replicas is above the replication factor. Kafka caps it there, so that a single missing replica stops writes with acks=all.",
    ),
    (
        "topic/min-isr-equals-replication",
        "min.insync.replicas equals the replication factor, so that writes with acks=all are refused as soon as one replica is behind, as when a broker is restarted. One less leaves room for that.",
    ),
    (
        "topic/min-isr-missing",
        "A topic with several replicas does not say min.insync.replicas, and the broker does not ask for more than one either: a record that was acknowledged to a producer with acks=all may be on one replica only. In a production environment this is a warning, also where the broker's default is not known. Elsewhere it is told as info, where the default is seen to be 1.",
    ),
    (
        "topic/name-collision",
        "The name differs from that of a topic that others own only in `.` and `_`, which Kafka's metrics cannot tell apart, so that it refuses one of them.",
    ),
    ("topic/no-message-fits", "max.message.bytes is 0, so that the broker refuses every record."),
    (
        "topic/not-comparable",
        "The value cannot be compared with the broker's, because the broker does not show it.",
    ),
    (
        "topic/pinned-default",
        "The file sets what the topic would have anyway. It is set all the same, and stays when the broker's default changes. For a topic that is to follow the broker say `unset`, and leave the key out once that was applied.",
    ),
    (
        "topic/retention-below-segment",
        "Retention is shorter, or smaller, than a segment. Kafka deletes whole segments, so that records stay longer than the topic says. By retention.ms a segment goes once its newest record is that old, the one that is written to as well: a record can stay up to segment.ms longer. By retention.bytes only segments that are closed go: up to segment.bytes more than the limit stay.",
    ),
    (
        "topic/similar-name",
        "The name differs from that of another topic only in case and in `.`, `_` and `-`. People take one for the other, and a slip of the hand makes a second topic.",
    ),
    (
        "topic/move-of-others",
        "Replicas are on their way that no record of klerk on this machine tells of: a balancer or another operator has sent them. To take such a move back needs --allow moves-replicas, and whoever began it may begin again.",
    ),
    (
        "topic/throttle-left",
        "The topic names replicas that a replication throttle holds for, and none of them is on its way any more. Whoever moved them has left it behind; it slows down replicas that fall behind later. klerk takes off what a run of its own has set, at the next klerk apply on that machine; klerk cluster moves --remove-throttle takes off whatever no move needs, after consent.",
    ),
    (
        "topic/unclean-election",
        "unclean.leader.election.enable is on: when no replica in sync is left, one that is behind becomes leader, and records that were acknowledged are dropped.",
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
        "The record has a step that cannot be taken back, such as added partitions or a registered schema, or one of which nothing is left. What it did stays as it is; added partitions take the replication that the others go back to.",
    ),
    (
        "user/iterations",
        "The iterations of a user are others than the file says. They cannot be changed without the password, so they wait for --rotate-user.",
    ),
    (
        "user/other-mechanism",
        "A user of the file can log in by a mechanism of which the file says nothing. It is left alone.",
    ),
];
