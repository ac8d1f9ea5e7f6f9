//! A plan as a comment for a pull request.

use crate::scene::Scene;

const ORDERS: &str = "klerk: 1
topics: { orders: { partitions: 2, replication: 3, retention.ms: 7d } }
";

#[test]
fn a_plan_that_can_be_applied() {
    let more = ORDERS.replace("partitions: 2", "partitions: 6").replace("orders: {", "new: {}, orders: {");
    let scene = Scene::applied(ORDERS).file("more.yaml", &more);
    insta::assert_snapshot!(scene.told("plan -f more.yaml -o markdown --detailed-exitcode"), @r"
    status 2
    --- stdout
    ### klerk plan: 1 to create, 1 to change, 0 blocked; 0 unchanged

    Cluster `<cluster>`

    To apply it: `klerk apply -f more.yaml`

    #### Change (1)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | ~ topic `orders` | `partitions  2 → 6` |  | `more.yaml:2` |

    #### Create (1)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | + topic `new` | `partitions as the broker has it, replication as the broker has it` |  | `more.yaml:2` |

    #### Findings

    - info `topic/pinned-default` topic `orders` `more.yaml:2`: `'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes`
    --- stderr
    ");
}

#[test]
fn a_plan_that_is_blocked() {
    let scene = Scene::applied(ORDERS).file("less.yaml", &ORDERS.replace("partitions: 2", "partitions: 1"));
    insta::assert_snapshot!(scene.told("plan -f less.yaml -o markdown"), @r"
    status 1
    --- stdout
    ### klerk plan: 0 to create, 0 to change, 1 blocked; 0 unchanged

    Cluster `<cluster>`

    **It cannot be applied:** what stands under conflicts cannot be granted by any flag.

    #### Conflicts

    - topic `orders` fewer-partitions `less.yaml:2`: `'orders' has 2 partitions and the file wants 1; Kafka cannot remove partitions. Ask for 2 or more, or make a new topic and move its readers and writers there`

    #### Findings

    - info `topic/pinned-default` topic `orders` `less.yaml:2`: `'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes`
    --- stderr
    ");
}

#[test]
fn nothing_else_is_told_in_it() {
    let scene = Scene::applied(ORDERS);
    for line in ["apply --yes", "validate", "group lag", "history", "diff -e a -e b"] {
        let ran = scene.run(&format!("{line} -o markdown"));
        assert_eq!((ran.status, ran.stdout.as_str()), (64, ""), "{line}");
        assert!(
            ran.stderr.contains("--output markdown is not a form of this answer"),
            "{line}: {}",
            ran.stderr
        );
    }
}

#[test]
fn findings_name_what_they_are_about_and_counts_are_those_of_the_summary() {
    let named = |partitions: &[&str]| -> String {
        let line = |(number, partitions): (usize, &&str)| {
            format!(
                "  t{number}: {{ partitions: {partitions}, replication: 3, retention.ms: 1m, segment.ms: 7d }}\n"
            )
        };
        format!("klerk: 1\ntopics:\n{}", partitions.iter().enumerate().map(line).collect::<String>())
    };
    let scene = Scene::applied(&named(&["2"; 4]))
        .file("topology.yaml", &named(&["1", "4", "4", "4"]).replace("7d", "8d"));
    insta::assert_snapshot!(scene.told("plan -o markdown"), @r"
    status 1
    --- stdout
    ### klerk plan: 0 to create, 3 to change, 1 blocked; 0 unchanged

    Cluster `<cluster>`

    **It cannot be applied:** what stands under conflicts cannot be granted by any flag.

    #### Conflicts

    - topic `t0` fewer-partitions `topology.yaml:3`: `'t0' has 2 partitions and the file wants 1; Kafka cannot remove partitions. Ask for 2 or more, or make a new topic and move its readers and writers there`

    #### Change (3, and 1 blocked)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | ~ topic `t0` | `segment.ms  7d (604800000) → 8d (691200000)` |  | `topology.yaml:3` |
    | ~ topic `t1` | `partitions  2 → 4`<br>`segment.ms  7d (604800000) → 8d (691200000)` |  | `topology.yaml:4` |
    | ~ topic `t2` | `partitions  2 → 4`<br>`segment.ms  7d (604800000) → 8d (691200000)` |  | `topology.yaml:5` |
    | ~ topic `t3` | `partitions  2 → 4`<br>`segment.ms  7d (604800000) → 8d (691200000)` |  | `topology.yaml:6` |

    #### Findings

    - warning `topic/retention-below-segment` topic `t0` `topology.yaml:3`: `'t0' has retention.ms 1m (60000) below segment.ms 8d (691200000): Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer`
    - warning `topic/retention-below-segment` topic `t1` `topology.yaml:4`: `'t1' has retention.ms 1m (60000) below segment.ms 8d (691200000): Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer`
    - warning `topic/retention-below-segment` topic `t2` `topology.yaml:5`: `'t2' has retention.ms 1m (60000) below segment.ms 8d (691200000): Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer`
    - warning `topic/retention-below-segment` topic `t3` `topology.yaml:6`: `'t3' has retention.ms 1m (60000) below segment.ms 8d (691200000): Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer`
    --- stderr
    ");
}
