use super::*;
use crate::consent::{By, Grant};
use crate::testing::{plan_of_every_kind, plan_with_every_bound, report_of};
use jiff::Timestamp;
use klerk_core::apply::{ItemFailure, Outcome, StepEvent};
use klerk_core::plan::{Permission, Plan, Risk, StepId};
use klerk_core::values::Failure;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_255_200 + second).unwrap()
}

fn begin(state: &Path, plan: &Plan) -> Record {
    begin_at(state, plan, at(0))
}

fn begin_at(state: &Path, plan: &Plan, at: Timestamp) -> Record {
    let grant = Grant {
        go_on: By::Prompt,
        allowed: BTreeMap::from([(Risk::MovesKeys.into(), By::Flag), (Permission::ChangeShare, By::Prompt)]),
    };
    Record::create(state, &Header { plan, grant: &grant, user: Some("ann"), at }).unwrap()
}

fn events() -> Vec<(StepId, StepEvent)> {
    let failure =
        Failure { code: Some(36), name: "TOPIC_ALREADY_EXISTS".to_owned(), message: "it does".to_owned() };
    let item = ItemFailure { item: "orders-1".to_owned(), failure: failure.clone() };
    vec![
        (StepId(1), StepEvent::Sent),
        (StepId(1), StepEvent::Accepted),
        (StepId(2), StepEvent::Sent),
        (StepId(2), StepEvent::Refused(failure.clone())),
        (StepId(3), StepEvent::Sent),
        (StepId(3), StepEvent::NoReply(Failure::without_reply("TIMEOUT", ""))),
        (StepId(4), StepEvent::NotSent(Failure::without_reply("STOPPED", "the run was stopped"))),
        (StepId(6), StepEvent::Sent),
        (StepId(6), StepEvent::PartlyAccepted { done: 1, of: 2, failures: vec![item] }),
    ]
}

/// A plan without findings, which are not read back.
fn plan() -> Plan {
    Plan { findings: Vec::new(), ..plan_of_every_kind() }
}

/// A whole record: its file and its bytes.
fn written(state: &Path) -> (PathBuf, Vec<u8>) {
    let plan = plan();
    let mut record = begin(state, &plan);
    for (step, event) in events() {
        record.event(at(1), step, &event).unwrap();
    }
    let path = record.finish(at(2), &report_of(&plan, Outcome::Done)).unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_record_comes_back_as_it_was() {
    let state = tempfile::tempdir().unwrap();
    let (path, _) = written(state.path());
    assert_eq!(path.parent().unwrap().file_name().unwrap(), "4L6g3nShT-eMCtK--X86sw");
    let recorded = read(&path).unwrap();
    assert_eq!(recorded.plan, plan());
    assert_eq!(recorded.events.iter().map(|e| (e.step, e.event.clone())).collect::<Vec<_>>(), events());
    assert_eq!((recorded.user.as_deref(), recorded.at, recorded.torn), (Some("ann"), at(0), false));
    assert!(recorded.id.starts_with("20261121T") && path.ends_with(format!("{}.jsonl", recorded.id)));
    assert_eq!(recorded.fate(StepId(2)), Fate::Changed);
}

#[test]
fn a_record_of_every_kind_with_every_bound_comes_back_as_it_was() {
    let state = tempfile::tempdir().unwrap();
    let plan = plan_with_every_bound();
    let path = begin(state.path(), &plan).finish(at(1), &report_of(&plan, Outcome::Done)).unwrap();
    assert_eq!(read(&path).unwrap().plan, plan);
}

#[test]
fn the_last_one_is_the_last_of_one_second_too() {
    let state = tempfile::tempdir().unwrap();
    let plan = plan();
    for microsecond in [0, 1, 999, 1_000, 65_536, 999_999] {
        let at = Timestamp::from_microsecond(at(0).as_microsecond() + microsecond).unwrap();
        let made = begin_at(state.path(), &plan, at).finish(at, &report_of(&plan, Outcome::Done)).unwrap();
        assert_eq!(find(state.path(), &plan.cluster_id, "last").unwrap(), made, "{microsecond}");
    }
}

#[test]
fn only_its_owner_can_read_it() {
    let state = tempfile::tempdir().unwrap();
    let (path, _) = written(state.path());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = written(folder.path());
    let grant = Grant { go_on: By::Flag, allowed: BTreeMap::new() };
    let header = Header { plan: &plan(), grant: &grant, user: None, at: at(0) };
    let error = Record::create_at(&path, &header).unwrap_err();
    assert!(error.to_string().contains("so nothing was changed"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(Record::create(Path::new("/dev/null/x"), &header).is_err());
    assert!(Record::create_at(&folder.path().join("mine.jsonl"), &header).is_ok());
}

#[test]
fn a_killed_run_still_tells_what_may_have_happened() {
    let state = tempfile::tempdir().unwrap();
    let (path, bytes) = written(state.path());
    let footer = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    let recorded = parse(&path, &bytes[..footer + 20]).unwrap();
    assert!(recorded.torn && recorded.footer.is_none());
    let fates: Vec<Fate> = (1..=7).map(|step| recorded.fate(StepId(step))).collect();
    use Fate::{Changed, Perhaps, Unchanged};
    assert_eq!(fates, [Changed, Unchanged, Perhaps, Unchanged, Unchanged, Changed, Unchanged]);
}

#[test]
fn a_refusal_after_a_lost_answer_does_not_tell_that_nothing_was_done() {
    let state = tempfile::tempdir().unwrap();
    let (path, bytes) = written(state.path());
    let header = String::from_utf8(bytes).unwrap().lines().next().unwrap().to_owned();
    let refused = r#"refused","error":{"code":29,"name":"DENIED","message":""#;
    let fate = |words: &[&str]| {
        let event = |word: &&str| {
            let end = if word.contains("error") { r#""}"# } else { r#"""# };
            format!(r#"{{"line":"event","at":"2026-11-21T10:00:00.000Z","step":1,"event":"{word}{end}}}"#)
        };
        let lines: Vec<String> = [header.clone()].into_iter().chain(words.iter().map(event)).collect();
        parse(&path, (lines.join("\n") + "\n").as_bytes()).unwrap().fate(StepId(1))
    };
    assert_eq!(fate(&["sent", refused]), Fate::Unchanged);
    assert_eq!(fate(&["sent", refused, "sent", refused]), Fate::Unchanged);
    assert_eq!(fate(&["sent", "sent", refused]), Fate::Perhaps);
    let lost = r#"no-reply","error":{"code":null,"name":"CLOSED","message":""#;
    assert_eq!(fate(&["sent", lost, "sent", refused]), Fate::Perhaps);
}

#[test]
fn later_versions_and_other_files_are_refused_by_name() {
    let message = |text: &str| parse(Path::new("r"), text.as_bytes()).unwrap_err().to_string();
    let later = r#"{"line":"header","format":"klerk.record","version":2,"anything":1}"#;
    let messages = [
        message(later),
        message(""),
        message("garbage\n"),
        message(r#"{"format":"klerk.plan","version":1}"#),
        message("{}\n"),
        message("{\"format\":\"klerk.record\",\"version\":1}\n"),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    r:1: it is version 2 of klerk.record, and this klerk reads up to version 1: use the klerk that wrote it
    the record r ends within its first line: klerk was stopped before it had sent anything
    r:1: it is no klerk.record document: expected value at line 1 column 1
    r:1: it is a klerk.plan document and not a klerk.record document
    r:1: it is no klerk.record document: the first line has no format
    r:1: it is no klerk.record document: missing field `line`
    ");
}

#[test]
fn records_are_found_by_id_prefix_tail_and_age() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("c1");
    fs::create_dir(&folder).unwrap();
    for id in ["20261121T100000Z-aaaaaaaa", "20261121T110000Z-bbbbbbbb", "20261122T100000Z-cccccccc"] {
        fs::write(folder.join(format!("{id}.jsonl")), "").unwrap();
    }
    let found = |name: &str| {
        find(state.path(), "c1", name)
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .map_err(|error| error.to_string().replace(state.path().to_str().unwrap(), ""))
    };
    assert_eq!(found("last").unwrap(), "20261122T100000Z-cccccccc");
    assert_eq!(found("20261121T11").unwrap(), "20261121T110000Z-bbbbbbbb");
    assert_eq!(found("aaaaaaaa").unwrap(), "20261121T100000Z-aaaaaaaa");
    assert!(found("20261121").unwrap_err().starts_with("'20261121' is the beginning of several records"));
    assert_eq!(found("zzz").unwrap_err(), "there is no record 'zzz' in /c1");
    assert_eq!(find(state.path(), "c1", "some/where").unwrap(), Path::new("some/where"));
    assert!(matches!(find(state.path(), "other", "last"), Err(StoreError::NotFound { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn killed_at_any_point_it_tells_how_to_go_back(share in 0.0..1.0f64) {
        let state = tempfile::tempdir().unwrap();
        let (path, bytes) = written(state.path());
        let header = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        let cut = header + ((bytes.len() - header) as f64 * share) as usize;
        let recorded = parse(&path, &bytes[..cut]).unwrap();
        prop_assert_eq!(recorded.plan, plan());
    }

    #[test]
    fn garbage_is_an_error(bytes: Vec<u8>, text in "(\\{\"line\":\"(header|event|footer)\"[^\n]{0,40}\n?){0,3}") {
        let _ = parse(Path::new("r"), &bytes);
        prop_assert!(parse(Path::new("r"), text.as_bytes()).is_err());
    }
}
