use super::super::print;
use super::*;
use crate::testing::{plan_of, plan_of_every_kind, plan_with_every_bound, set_config};
use klerk_core::plan::Kind;
use std::collections::BTreeSet;

#[test]
fn a_plan_comes_back_as_it_was() {
    let mut plan = plan_of_every_kind();
    let text = print(&PlanDocument::from(&plan));
    let read = PlanDocument::parse(&text).unwrap();
    assert_eq!(read, PlanDocument::from(&plan));
    let sealed = PlanDocument::sealed(&plan);
    assert!(sealed.is_sealed() && !read.is_sealed());
    assert_eq!(PlanDocument::parse(&print(&sealed)).unwrap(), sealed);
    plan.findings.clear();
    assert_eq!(read.to_core().unwrap(), plan);
}

/// Kinds that have a name in a policy and that no command makes.
const NEVER_MADE: [&str; 3] = ["delete-version", "delete-group", "copy-records"];

#[test]
fn a_plan_of_every_kind_with_every_bound_comes_back_as_it_was() {
    let plan = plan_with_every_bound();
    let made: BTreeSet<Kind> = plan.steps.iter().map(|step| Kind::of(&step.change)).collect();
    let kinds = Kind::all().filter(|kind| !NEVER_MADE.contains(&kind.as_str()));
    assert_eq!(made, kinds.collect(), "a kind of step is missing here");
    let text = print(&PlanDocument::sealed(&plan));
    assert_eq!(PlanDocument::parse(&text).unwrap().to_core().unwrap(), plan);
}

#[test]
fn the_document_of_a_small_plan() {
    let plan = plan_of(vec![set_config("trades", &[("retention.ms", Some("604800000"), None)])]);
    insta::assert_snapshot!(print(&PlanDocument::from(&plan)), @r#"
    {
      "format": "klerk.plan",
      "version": 1,
      "command": "plan",
      "cluster": {
        "id": "4L6g3nShT-eMCtK--X86sw"
      },
      "environment": null,
      "appliable": true,
      "requires": [],
      "preflight": "full",
      "summary": {
        "create": 0,
        "change": 1,
        "delete": 0,
        "blocked": 0,
        "unchanged": 0
      },
      "steps": [
        {
          "id": 1,
          "kind": "set-config",
          "resource": {
            "type": "topic",
            "name": "trades"
          },
          "from": {
            "retention.ms": "604800000"
          },
          "to": {
            "retention.ms": null
          },
          "topic_id": "BwcHBwcHBwcHBwcHBwcHBw",
          "risks": [],
          "impact": {
            "groups": [],
            "notes": []
          },
          "expects": [],
          "after": [],
          "origin": null,
          "preflighted": true
        }
      ],
      "conflicts": [],
      "unmanaged": {
        "topics": [],
        "subjects": [],
        "groups": [],
        "acls": [],
        "quotas": [],
        "users": []
      },
      "unchanged": {
        "topics": [],
        "subjects": [],
        "groups": [],
        "acls": [],
        "quotas": [],
        "users": []
      },
      "findings": []
    }
    "#);
}

#[test]
fn later_fields_are_passed_over_and_later_versions_are_refused() {
    let document = PlanDocument::from(&plan_of_every_kind());
    let mut value = serde_json::to_value(&document).unwrap();
    value["later"] = "field".into();
    value["steps"][0]["later"] = "field".into();
    assert_eq!(PlanDocument::from_value(value.clone()).unwrap(), document);
    value["version"] = 2.into();
    let error = PlanDocument::from_value(value.clone()).unwrap_err();
    assert!(error.to_string().contains("use the klerk that wrote it"), "{error}");
    value["format"] = "klerk.report".into();
    let error = PlanDocument::from_value(value).unwrap_err();
    assert_eq!(error.to_string(), "it is a klerk.report document and not a klerk.plan document");
}

#[test]
fn what_does_not_belong_is_named() {
    let broken = |pointer: &str, new: serde_json::Value| {
        let mut value = serde_json::to_value(PlanDocument::from(&plan_of_every_kind())).unwrap();
        *value.pointer_mut(pointer).unwrap() = new;
        PlanDocument::from_value(value).and_then(|document| document.to_core()).unwrap_err().to_string()
    };
    let messages = [
        broken("/steps/0/kind", "delete-everything".into()),
        broken("/steps/0/to", "x".into()),
        broken("/steps/1/risks/0", "fun".into()),
        broken("/steps/2/topic_id", "x".into()),
        broken("/steps/3/to/type", "XML".into()),
        broken("/steps/4/to/level", "SOME".into()),
        broken("/steps/5/partitions/0/to", serde_json::Value::Null),
        broken("/conflicts/0/reason", "mood".into()),
        broken("/preflight", 1.into()),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r#"
    kind is 'delete-everything', which this klerk does not know
    it is no klerk.plan document: in to: invalid type: string "x", expected struct TopicV1
    risks is 'fun', which this klerk does not know
    topic_id is 'x', which this klerk does not know
    to.type is 'XML', which this klerk does not know
    level is 'SOME', which this klerk does not know
    it is no klerk.plan document: partition orders-0 has no to
    reason is 'mood', which this klerk does not know
    it is no klerk.plan document: invalid type: integer `1`, expected a string
    "#);
}
