use crate::run::Place;

#[test]
fn a_code_is_explained_by_any_of_its_names() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain 36").all(), @r"
    status 0
    --- stdout
    Kafka error
    TOPIC_ALREADY_EXISTS (36)
        A topic of this name exists already.
    --- stderr
    ");
    assert_eq!(place.run("explain TOPIC_ALREADY_EXISTS").stdout, place.run("explain 36").stdout);
    let document = place.run("explain moves-keys -o json").json();
    assert_eq!(document["entries"][0]["subject"], "risk");
}

#[test]
fn a_code_that_nobody_knows() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain nonsense").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: 'nonsense' is no code that klerk knows
      → `klerk explain` without a code lists everything that can be explained
    ");
    assert_eq!(place.run("explain nonsense -o json").json()["error"]["kind"], "not-found");
}

#[test]
fn a_code_that_is_nearly_one() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain topic/pined-default").stderr, @r"
    error: 'topic/pined-default' is no code that klerk knows
      → did you mean topic/pinned-default?
    ");
    insta::assert_snapshot!(place.run("explain delete-topc").stderr, @r"
    error: 'delete-topc' is no code that klerk knows
      → did you mean delete-topic?
    ");
    insta::assert_snapshot!(place.run("explain delete-topic").stdout, @r"
    kind of change in a plan
    delete-topic
        A topic goes, with everything in it. By hand, klerk topic delete does it.
    ");
    insta::assert_snapshot!(place.run("explain policy").stdout, @r"
    word of a policy
    auto
        Consent to the plan is enough, which --yes gives too. Risks are still allowed by their own names.
    approve
        The kind of change, or the risk, has to be allowed by its name: --allow NAME, or typed at the prompt.
    by-hand
        The change is made by its own command at a terminal only, or taken back there by klerk undo, and its name is typed; no flag allows it, and klerk apply refuses it.
    max-change-share
        The plan changes or deletes a larger share of the topics, of the subjects or of the groups that the topology names than its policy lets one plan do. One of each is always allowed, and what is created does not count. It has to be allowed with --allow max-change-share.
    ");
}

#[test]
fn what_a_status_of_the_cluster_says_is_explained() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain under-min-isr").stdout, @r"
    problem in klerk cluster status
    under-min-isr
        Fewer replicas are in sync than min.insync.replicas asks for, so that writes with acks=all are refused. Reads go on.

    condition of a partition in klerk cluster status
    under-min-isr
        Fewer replicas are in sync than min.insync.replicas asks for, which brokers cap at the number of replicas: writes with acks=all are refused.
    ");
    assert_eq!(place.run("explain at-min-isr").status, 0);
}
