use super::super::ApplyLine;
use super::*;
use crate::testing::{create, plan_of, plan_of_every_kind, set_config};
use crate::view::markdown::tests::outside_of_code;
use klerk_core::plan::{Conflict, ConflictReason, Finding, TopicChange};
use klerk_core::values::TopicId;
use proptest::prelude::*;

/// Everything that was opened is closed, every row of a table has its cells, and nothing is longer than a comment.
fn assert_whole(text: &str) {
    assert!(text.chars().count() <= LIMIT, "{} characters", text.chars().count());
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    let fences = text.lines().filter(|line| line.starts_with("```")).count();
    assert_eq!(fences % 2, 0, "a fence is open");
    for line in text.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(outside_of_code(line).matches('|').count(), 5, "{line}");
    }
}

#[test]
fn a_plan_of_every_kind() {
    let text = markdown(&plan_of_every_kind(), &Telling::default());
    assert_whole(&text);
    insta::assert_snapshot!(text, @r"
    ### klerk plan: 1 to create, 5 to change, 1 blocked; 2 unchanged

    Cluster `4L6g3nShT-eMCtK--X86sw`

    **It cannot be applied:** what stands under conflicts cannot be granted by any flag.

    #### Conflicts

    - topic `wallets` fewer-partitions `topology.yaml:99`: `topic wallets has 16 partitions and the file asks for 8: Kafka cannot remove partitions`

    #### Risks

    - **moves-keys**: new records of a key may land on another partition than its old ones, so that readers see them out of order (`topic orders`)
    - **repeats-records**: the group will read some records again (`group settlement`)

    #### What is lost, and who is touched

    - topic `orders`
      - `read by settlement`
      - `keyed by order_id`
      - `held back by rates that were set before: broker 1 sends at most 250kB/s; klerk has not set that, as far as this machine knows, and leaves it: klerk cluster moves --remove-throttle takes it off once no copy needs it`

    #### Change (5)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | ~ topic `audit` | partition by partition below |  | `topology.yaml:80` |
    | ~ topic `orders` | `partitions  4 → 8` |  | `topology.yaml:20` |
    | ~ topic `trades` | `retention.ms  7d (604800000) → 30d (2592000000)`<br>`segment.bytes  1 MiB (1048576) → unset, as the broker has it` |  | `topology.yaml:30` |
    | ~ subject `trades-value` | `schema  version 1 (id 17) → new version, AVRO`<br>`refers to Money: version 2 of money`<br>`compatibility  as the registry has it → FULL` |  | `topology.yaml:40` |
    | ~ group `settlement` | partition by partition below |  | `topology.yaml:60` |

    <details><summary>topic <code>audit</code></summary>

    ```text
    PARTITION  START  NEW START    END   GO
            0      5        400  1,000  395
            3      5          5  1,000    0  2 lies before the log start: nothing goes
    2 partitions, 1 of them losing records; records that go: 395, older than 2026-11-18T11:06:40Z; topic id BwcHBwcHBwcHBwcHBwcHBw
    ```

    </details>

    <details><summary>group <code>settlement</code></summary>

    ```text
    classic group
    TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
    orders          0   100   40    -60        960
    orders          1  none    0    new      1,000
    2 partitions, 2 of them moving; records repeated: 60
    orders-2  5 → no commit
    ```

    </details>

    #### Create (1)

    | resource | what happens | values from | line |
    |---|---|---|---|
    | + topic `escrow.released` | `partitions 8, replication 3`<br>`retention.ms  30d (2592000000)` |  | `topology.yaml:10` |

    #### Findings

    - info `topic/pinned-default` topic `trades` `topology.yaml:30`: `segment.ms of trades is set to what it would be anyway`

    #### Unmanaged, left alone

    - 2 topics: `legacy.one`, `legacy.two`
    ");
}

#[test]
fn what_is_typed_to_apply_it_is_safe_in_a_shell() {
    let mut plan = plan_of(vec![create("orders", &[])]);
    plan.steps[0].risks.insert(Risk::LosesData);
    let asked = |flags: &[(&str, &str)]| Telling {
        apply: flags.iter().fold(ApplyLine::default(), |line, (flag, value)| line.flag(flag, value)),
        ..Telling::default()
    };
    let typed = |plan: &Plan, telling: &Telling| {
        let text = markdown(plan, telling);
        assert_whole(&text);
        text.lines().find_map(|line| line.strip_prefix("To apply it: ")).map(str::to_owned)
    };
    let line = typed(
        &plan,
        &asked(&[("-e", "prod-eu"), ("-f", "estate/topology.yaml"), ("--only", "topics,groups")]),
    );
    let expected = "`klerk apply -e prod-eu -f estate/topology.yaml --only topics,groups --allow loses-data`";
    assert_eq!(line.as_deref(), Some(expected));
    for (hostile, word) in [
        ("pay*", "`klerk apply --match 'pay*' --allow loses-data`"),
        ("a; rm -r x", "`klerk apply --match 'a; rm -r x' --allow loses-data`"),
        ("$(x)", "`klerk apply --match '$(x)' --allow loses-data`"),
        ("it's", r"`klerk apply --match 'it'\''s' --allow loses-data`"),
        ("a`b", "``klerk apply --match 'a`b' --allow loses-data``"),
        ("", "`klerk apply --match '' --allow loses-data`"),
    ] {
        assert_eq!(typed(&plan, &asked(&[("--match", hostile)])).as_deref(), Some(word));
    }
}

#[test]
fn nothing_to_do_is_said() {
    insta::assert_snapshot!(markdown(&plan_of(Vec::new()), &Telling::default()), @r"
    ### klerk plan: 0 to create, 0 to change, 0 blocked; 0 unchanged

    Cluster `4L6g3nShT-eMCtK--X86sw`

    **Nothing would change.**
    ");
}

#[test]
fn thousands_that_are_all_different_are_cut_and_counted() {
    let changes = (0..5000).map(|number: i64| {
        set_config(
            &format!("topic-{number:04}"),
            &[("retention.ms", None, Some(&(60_000 + number).to_string()))],
        )
    });
    let mut plan = plan_of(changes.collect());
    plan.steps.iter_mut().for_each(|step| {
        step.risks.insert(Risk::LosesData);
        step.impact.notes.push("retention.ms is lowered".to_owned());
    });
    let text = markdown(&plan, &Telling::default());
    assert_whole(&text);
    assert!(text.contains("*Left out, for the length of a comment: "), "{}", &text[text.len() - 300..]);
    assert!(text.contains("`klerk apply --allow loses-data`"));
}

#[test]
fn thousands_that_are_alike_take_one_row_and_a_list_of_names() {
    let changes = (0..1000).map(|number| create(&format!("topic-{number:04}"), &[])).collect();
    let text = markdown(&plan_of(changes), &Telling::default());
    assert_whole(&text);
    assert!(text.contains("| + 1,000 topics: `topic-0000`") && text.contains("`topic-0999`"), "{text}");
    assert!(!text.contains("Left out"), "{text}");
    // A deletion and a loss are told together, too, whatever id a topic has.
    let delete = |number: usize| {
        Change::Topic(TopicChange::Delete {
            topic: format!("topic-{number:04}"),
            id: Some(TopicId([number as u8; 16])),
            partitions: 3,
            replication: Some(3),
            configs: None,
            while_empty: false,
        })
    };
    let mut plan = plan_of((0..200).map(delete).collect());
    for step in &mut plan.steps {
        step.risks.insert(Risk::LosesData);
        step.impact.notes.push("read by nobody".to_owned());
    }
    let text = markdown(&plan, &Telling::default());
    assert_whole(&text);
    assert!(text.contains("| - 200 topics: `topic-0000`"), "{text}");
    assert_eq!(text.matches("read by nobody").count(), 1, "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_value_or_message_breaks_it_or_calls_anybody(
        texts in proptest::collection::vec("(?s)[`|<>@#!\\\\\\na-b ]{0,12}", 6),
    ) {
        let mut plan = plan_of(vec![
            create(&texts[0], &[("retention.ms", &texts[1])]),
            set_config(&texts[2], &[(&texts[3], Some(&texts[4]), Some(&texts[5]))]),
        ]);
        plan.steps[1].risks.insert(Risk::LosesData);
        plan.steps[1].impact.groups.push(texts[0].clone());
        plan.environment = Some(texts[1].clone());
        plan.unmanaged.groups.insert(texts[2].clone());
        plan.conflicts.push(Conflict {
            resource: Resource::subject(&texts[3]),
            reason: ConflictReason::Other,
            message: texts[4].clone(),
            origin: Some(Origin { file: texts[5].as_str().into(), line: 1, column: 1 }),
        });
        plan.findings.push(Finding {
            severity: Severity::Warning,
            code: "topic/pinned-default",
            message: texts[5].clone(),
            resource: Resource::topic(&texts[0]),
            origin: None,
        });
        let text = markdown(&plan, &Telling::default());
        assert_whole(&text);
        let left = outside_of_code(&text);
        prop_assert!(!left.contains('@') && !left.contains('!') && !left.contains('\\'), "{}", left);
    }
}
