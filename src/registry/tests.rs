//! The client against answers of every kind.

use super::fake::{Act, Fake, json};
use super::{CheckScope, Checked, Credentials, RegistryClient, RegistryError, RegistryOptions};
use crate::secure::Tls;
use klerk_core::plan::Verdict;
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{Known, Secret};
use klerk_core::world::{SchemaReference, SchemaType, Selection};
use std::time::Duration;

fn client(urls: &[&str]) -> RegistryClient {
    client_as(urls, Credentials::None)
}

/// Waits long for answers: whoever serves here may have to wait for a busy machine.
fn client_as(urls: &[&str], credentials: Credentials) -> RegistryClient {
    client_within(urls, credentials, Duration::from_secs(30))
}

/// Waits for answers no longer than it has to where none comes.
fn client_for(act: &Act, urls: &[&str]) -> RegistryClient {
    match act {
        Act::Mute => client_within(urls, Credentials::None, Duration::from_secs(1)),
        Act::Answer(..) | Act::Close => client(urls),
    }
}

fn client_within(urls: &[&str], credentials: Credentials, timeout: Duration) -> RegistryClient {
    let urls = urls.iter().map(|url| (*url).to_owned()).collect();
    RegistryClient::new(RegistryOptions { urls, credentials, tls: Tls::default(), timeout }).unwrap()
}

fn named(names: &[&str]) -> Selection {
    Selection::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

const UNKNOWN: &str = r#"{"error_code":40401,"message":"Subject not found."}"#;
const NO_LEVEL: &str =
    r#"{"error_code":40408,"message":"Subject does not have subject-level compatibility configured"}"#;

fn version(number: i32) -> String {
    format!(r#"{{"subject":"s","version":{number},"id":{number}0,"schema":"\"string\""}}"#)
}

async fn register(client: &RegistryClient) -> Result<i32, RegistryError> {
    client.register("s", SchemaType::Avro, "\"string\"", &[]).await.map(|registered| registered.id)
}

#[tokio::test]
async fn a_look_asks_twice_for_a_subject_and_once_for_the_global_level() {
    let fake = Fake::start(|line, _| match line {
        "GET /subjects?offset=0&limit=1000" => json(200, r#"["a-value","b-value","other"]"#),
        "GET /subjects/a-value/versions/latest" | "GET /subjects/b-value/versions/latest" => {
            json(200, &version(3))
        }
        "GET /config/a-value" => json(200, r#"{"compatibilityLevel":"FULL"}"#),
        "GET /config/b-value" | "GET /config/new" => json(404, NO_LEVEL),
        "GET /config" => json(200, r#"{"compatibilityLevel":"BACKWARD"}"#),
        _ => json(404, UNKNOWN),
    })
    .await;
    let client = client(&[&fake.url]);
    let names = ["a-value", "b-value", "new"].map(str::to_owned);
    let Known::Known(view) = client.look(&Selection::AllVisible(names.into())).await else {
        panic!("no view")
    };
    assert_eq!(view.subjects["other"], Known::NotAsked);
    assert_eq!(view.subjects["new"], Known::Absent);
    let a = view.subjects["a-value"].known().unwrap();
    assert_eq!((a.latest().unwrap().version, a.latest().unwrap().id), (3, 30));
    assert_eq!(a.level, Known::Known(CompatibilityLevel::Full));
    let b = view.subjects["b-value"].known().unwrap();
    assert_eq!((&b.level, &b.effective_level), (&Known::Absent, &Known::Known(CompatibilityLevel::Backward)));
    assert_eq!(client.requests().values().sum::<u64>(), 8, "{:?}", client.requests());
    assert_eq!(client.requests()["GET:/config/{subject}"], 3);
    assert_eq!(client.requests()["GET:/config"], 1);
}

#[tokio::test]
async fn a_level_that_is_not_enforced_is_none_that_is_set() {
    let fake = Fake::start(|line, _| match line {
        "GET /config/unset?defaultToGlobal=true" => json(200, r#"{"compatibilityLevel":"FULL"}"#),
        "GET /config/set?defaultToGlobal=true" | "GET /config/set" | "GET /config/unset" => {
            json(200, r#"{"compatibilityLevel":"NONE"}"#)
        }
        _ => json(200, &version(1)),
    })
    .await;
    let Known::Known(view) = client(&[&fake.url]).look(&named(&["set", "unset"])).await else {
        panic!("no view")
    };
    let levels = |name: &str| {
        let subject = view.subjects[name].known().unwrap();
        (subject.level.clone(), subject.effective_level.clone())
    };
    let none = Known::Known(CompatibilityLevel::None);
    assert_eq!(levels("set"), (none.clone(), none));
    assert_eq!(levels("unset"), (Known::Absent, Known::Known(CompatibilityLevel::Full)));
}

#[tokio::test]
async fn lists_are_read_page_by_page_also_where_pages_are_ignored() {
    let page = |range: std::ops::Range<usize>| {
        serde_json::to_string(&range.map(|number| format!("s{number}")).collect::<Vec<_>>()).unwrap()
    };
    let paged = Fake::start(move |line, _| match line {
        "GET /subjects?offset=0&limit=1000" => json(200, &page(0..1000)),
        "GET /subjects?offset=1000&limit=1000" => json(200, &page(1000..1500)),
        other => panic!("{other}"),
    })
    .await;
    let deaf = Fake::start(move |_, _| json(200, &page(0..1000))).await;
    for (fake, count) in [(paged, 1500), (deaf, 1000)] {
        let view = client(&[&fake.url]).look(&Selection::AllVisible([].into())).await;
        assert_eq!(view.known().unwrap().subjects.len(), count);
        assert_eq!(fake.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_registry_that_gives_no_answer_is_never_an_empty_one() {
    let cases = [
        (json(401, ""), "denied"),
        (Act::Answer(200, "Content-Type: text/html", "<html>welcome</html>".into()), "failed"),
        (Act::Answer(404, "X: y", "<html>not here</html>".into()), "failed"),
        (Act::Answer(302, "Location: http://127.0.0.1:1/elsewhere", String::new()), "failed"),
        (Act::Close, "failed"),
        (Act::Mute, "failed"),
    ];
    for (act, expected) in cases {
        let acts = act.clone();
        let fake = Fake::start(move |_, _| acts.clone()).await;
        for wanted in [named(&["a", "b", "c"]), Selection::AllVisible(["a".to_owned()].into())] {
            let view = client_for(&act, &[&fake.url]).look(&wanted).await;
            let state = match &view {
                Known::Denied(_) => "denied",
                Known::Failed(_) => "failed",
                _ => "seen",
            };
            assert_eq!(state, expected, "{view:?}");
        }
    }
}

#[tokio::test]
async fn one_subject_may_be_denied_and_the_others_known() {
    let fake = Fake::start(|line, _| match line {
        "GET /subjects?offset=0&limit=1000" => json(403, r#"{"message":"no list for you"}"#),
        line if line.contains("/secret") => json(403, ""),
        "GET /config" | "GET /config/open" => json(200, r#"{"compatibility":"FULL"}"#),
        "GET /subjects/broken/versions/latest" => json(200, r#"{"version":1}"#),
        _ => json(200, &version(1)),
    })
    .await;
    let names = ["broken", "open", "secret"].map(str::to_owned);
    let Known::Known(view) = client(&[&fake.url]).look(&Selection::AllVisible(names.into())).await else {
        panic!("no view")
    };
    assert!(view.unlisted.unwrap().message.contains("no list for you"));
    assert!(matches!(view.subjects["secret"], Known::Denied(_)));
    assert!(matches!(view.subjects["broken"], Known::Failed(_)));
    assert!(matches!(view.subjects["open"], Known::Known(_)));
}

#[tokio::test]
async fn reads_are_repeated_where_the_registry_asks_for_patience() {
    for patience in
        [json(429, ""), json(503, "later"), json(500, r#"{"error_code":50002,"message":"timed out"}"#)]
    {
        let fake =
            Fake::start(move |_, before| if before < 2 { patience.clone() } else { json(200, "[]") }).await;
        let view = client(&[&fake.url]).look(&Selection::AllVisible([].into())).await;
        assert!(view.known().is_some(), "{view:?}");
        assert_eq!(fake.seen().len(), 3);
    }
    let fake = Fake::start(|_, _| json(500, r#"{"error_code":50001,"message":"store is broken"}"#)).await;
    let Known::Known(view) = client(&[&fake.url]).look(&Selection::AllVisible([].into())).await else {
        panic!()
    };
    assert_eq!(view.unlisted.unwrap().to_string(), "HTTP 500 (50001): store is broken");
    assert_eq!(fake.seen().len(), 1, "not repeated");
}

#[tokio::test]
async fn a_schema_is_sent_once_whatever_comes_back() {
    for (act, open) in [
        (json(503, ""), true),
        (json(500, r#"{"error_code":50003,"message":"forwarding failed"}"#), true),
        (Act::Close, true),
        (Act::Mute, true),
        (json(200, "{}"), true),
        (json(409, r#"{"error_code":409,"message":["first","second"]}"#), false),
        (json(429, ""), false),
        (json(403, ""), false),
    ] {
        let acts = act.clone();
        let fake = Fake::start(move |_, _| acts.clone()).await;
        let error = register(&client_for(&act, &[&fake.url, &fake.url])).await.unwrap_err();
        assert_eq!(error.leaves_outcome_open(), open, "{error}");
        assert_eq!(fake.seen().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn the_next_address_is_tried_only_without_a_connection() {
    let fake = Fake::start(|_, _| json(200, r#"{"id":7}"#)).await;
    let closed = "http://127.0.0.1:1";
    let both = client(&[closed, &fake.url]);
    assert_eq!(register(&both).await, Ok(7));
    assert_eq!(register(&both).await, Ok(7));
    assert_eq!(
        both.requests()["POST:/subjects/{subject}/versions"],
        3,
        "the second goes to the one that answered"
    );
    let error = register(&client(&[closed])).await.unwrap_err();
    assert!(matches!(&error, RegistryError::Unreachable(tried) if tried.len() == 1), "{error}");
    assert!(error.to_string().contains("http://127.0.0.1:1: Connection refused"), "{error}");
    let refusing = Fake::start(|_, _| json(409, "{}")).await;
    assert!(register(&client(&[&refusing.url, &fake.url])).await.is_err(), "a refusal is an answer");
}

#[tokio::test]
async fn what_is_sent() {
    let fake = Fake::start(|line, _| match line {
        line if line.starts_with("PUT") => json(200, r#"{"compatibility":"FULL"}"#),
        line if line.contains("compatibility") => {
            json(200, r#"{"is_compatible":false,"messages":["a","b"]}"#)
        }
        line if line.starts_with("POST /subjects/a%2Fb%20c/versions") => json(200, r#"{"id":5}"#),
        _ => json(404, UNKNOWN),
    })
    .await;
    let basic = Credentials::Basic { user: "ann".into(), password: Secret::new("pw") };
    let client = client_as(&[&format!("{}/base/", fake.url)], basic);
    let reference = SchemaReference { name: "n.M".into(), subject: "m".into(), version: 2 };
    let references = [reference];
    let path_is_wrong = client.register("a/b c", SchemaType::Avro, "x", &references).await.unwrap_err();
    assert!(!path_is_wrong.leaves_outcome_open());
    let seen = fake.seen().remove(0);
    assert_eq!(seen.line, "POST /base/subjects/a%2Fb%20c/versions");
    assert_eq!(
        seen.body,
        r#"{"schema":"x","schemaType":"AVRO","references":[{"name":"n.M","subject":"m","version":2}]}"#
    );
    assert!(seen.head.contains("content-type: application/vnd.schemaregistry.v1+json"), "{}", seen.head);
    assert!(seen.head.contains("authorization: basic yw5uonb3"), "{}", seen.head);

    let client = client_as(&[&fake.url], Credentials::Bearer(Secret::new("T0ken")));
    let level = client.set_level("s", CompatibilityLevel::Full).await;
    assert_eq!(level, Ok(CompatibilityLevel::Full));
    let checked = client.check("s", SchemaType::Avro, "x", &[], CheckScope::AllVersions).await;
    let messages = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(checked, Ok(Checked::Verdict(Verdict { compatible: false, messages })));
    assert_eq!(client.lookup("s", SchemaType::Avro, "x", &[]).await, Ok(Known::Absent));
    assert!(fake.seen()[1].head.contains("authorization: bearer t0ken"));
    assert_eq!(fake.seen()[1].body, r#"{"compatibility":"FULL"}"#);
    assert_eq!(
        fake.lines()[1..],
        ["PUT /config/s", "POST /compatibility/subjects/s/versions?verbose=true", "POST /subjects/s"]
    );
    assert!(client.register("..", SchemaType::Avro, "x", &[]).await.is_err());
    assert!(!format!("{client:?}").contains("T0ken"));
}

#[tokio::test]
async fn an_unknown_subject_leaves_nothing_to_compare() {
    let fake = Fake::start(|_, _| json(404, r#"{"error_code":40402,"message":"Version not found."}"#)).await;
    let client = client(&[&fake.url]);
    let checked = client.check("s", SchemaType::Avro, "x", &[], CheckScope::Latest).await;
    assert_eq!(checked, Ok(Checked::NothingToCompare));
    let page = Fake::start(|_, _| Act::Answer(404, "X: y", "not here".into())).await;
    let elsewhere = self::client(&[&page.url]);
    let checked = elsewhere.check("s", SchemaType::Avro, "x", &[], CheckScope::Latest).await;
    assert!(matches!(checked, Err(RegistryError::NotARegistry(_))), "{checked:?}");
}
