//! The registry over HTTP: headers, who is let in, and what shall go wrong.

use anyhow::{Context as _, Result};
use klerk_sandbox::faults::Times;
use klerk_sandbox::registry::{Access, HttpFault, HttpHarm, Manner, User};
use klerk_sandbox::{Options, Sandbox};
use reqwest::{Client, Method, RequestBuilder, Response};
use std::time::{Duration, Instant};

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const SCHEMA: &str = r#"{"schema":"\"string\""}"#;

struct Bench {
    sandbox: Sandbox,
    client: Client,
}

impl Bench {
    async fn start(manner: Manner) -> Result<Bench> {
        let options = Options { brokers: 1, manner, ..Options::default() };
        Ok(Bench { sandbox: Sandbox::start(&options).await?, client: Client::new() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.registry_url()))
    }

    fn register(&self, subject: &str) -> RequestBuilder {
        let path = format!("/subjects/{subject}/versions");
        self.request(Method::POST, &path).header("Content-Type", MEDIA_TYPE).body(SCHEMA)
    }

    fn arm(&self, method: Option<&str>, path: Option<&str>, harm: HttpHarm, times: Times) {
        let (method, path) = (method.map(str::to_owned), path.map(str::to_owned));
        self.sandbox.with_registry(|registry| registry.arm(HttpFault { method, path, harm, times }));
    }

    fn subjects(&self) -> Vec<String> {
        self.sandbox.with_registry(|registry| registry.subjects.keys().cloned().collect())
    }
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

#[tokio::test]
async fn every_manner_serves_below_its_base_path_with_its_media_types() -> Result<()> {
    for manner in Manner::ALL {
        let bench = Bench::start(manner).await?;
        assert!(bench.sandbox.registry_url().ends_with(manner.base_path()));
        assert_eq!(bench.register("a%2Fb").send().await?.text().await?, r#"{"id":1}"#);
        assert_eq!(bench.subjects(), ["a/b"]);
        let plain =
            bench.request(Method::GET, "/subjects").header("Accept", "application/json").send().await?;
        assert_eq!(header(&plain, "content-type"), Some("application/json"));
        let asked = bench.request(Method::GET, "/subjects").header("Accept", MEDIA_TYPE).send().await?;
        assert_eq!(header(&asked, "content-type"), Some(MEDIA_TYPE));
        assert_eq!(asked.text().await?, r#"["a/b"]"#);
        let wrong = bench.register("b").header("Content-Type", "text/plain");
        assert_eq!(wrong.send().await?.status(), 200, "the first of two headers counts");
        let wrong = bench.request(Method::POST, "/subjects/c/versions").header("Content-Type", "text/plain");
        assert_eq!(wrong.body(SCHEMA).send().await?.status(), 415);
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_nothing_else_is_harmed() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    let large = format!(r#"{{"schema":"{}"}}"#, " ".repeat(17 << 20));
    let response = bench.request(Method::POST, "/subjects/s/versions").body(large).send().await;
    // The answer may be lost where the client is still sending.
    assert!(response.map_or(true, |response| response.status() == 413));
    assert_eq!(bench.register("s").send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn users_and_tokens_are_asked_for() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    let user = |password: &str, read_only| User { password: password.to_owned(), read_only };
    let users = [("ann".to_owned(), user("pw:1", false)), ("ro".to_owned(), user("pw", true))].into();
    bench.sandbox.with_registry(|registry| registry.access = Access::Basic(users));
    let refused = bench.register("s").send().await?;
    assert_eq!(refused.status(), 401);
    assert!(header(&refused, "www-authenticate").is_some_and(|scheme| scheme.starts_with("Basic")));
    assert_eq!(bench.register("s").basic_auth("ann", Some("wrong")).send().await?.status(), 401);
    assert_eq!(bench.register("s").basic_auth("ro", Some("pw")).send().await?.status(), 403);
    assert_eq!(bench.subjects(), [""; 0]);
    assert_eq!(bench.register("s").basic_auth("ann", Some("pw:1")).send().await?.status(), 200);
    let check = bench.request(Method::POST, "/compatibility/subjects/s/versions/latest").body(SCHEMA);
    assert_eq!(check.basic_auth("ro", Some("pw")).send().await?.status(), 200);
    bench.sandbox.with_registry(|registry| registry.access = Access::Bearer("token".to_owned()));
    assert_eq!(
        bench.request(Method::GET, "/subjects").basic_auth("ann", Some("pw:1")).send().await?.status(),
        401
    );
    assert_eq!(bench.request(Method::GET, "/subjects").bearer_auth("token").send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn other_answers_leave_and_nothing_is_done() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    for (harm, status, body) in [
        (HttpHarm::page(404, false), 404, "<html>"),
        (HttpHarm::status(401), 401, ""),
        (HttpHarm::status(403), 403, ""),
        (HttpHarm::status(500), 500, ""),
        (HttpHarm::status(200), 200, ""),
        (HttpHarm::try_again(503, 1), 503, ""),
    ] {
        bench.arm(Some("POST"), Some("/subjects/s"), harm.clone(), Times::Next(1));
        let other = bench.request(Method::GET, "/subjects").send().await?;
        assert_eq!(other.text().await?, "[]", "only what it was armed for");
        let response = bench.register("s").send().await?;
        assert_eq!(response.status(), status, "{harm:?}");
        assert_eq!(header(&response, "retry-after").is_some(), status == 503);
        assert!(response.text().await?.starts_with(body));
        assert_eq!(bench.subjects(), [""; 0], "{harm:?}");
    }
    assert_eq!(bench.register("s").send().await?.status(), 200, "each went off once");
    Ok(())
}

#[tokio::test]
async fn a_fault_goes_off_as_often_as_it_was_armed_for() -> Result<()> {
    let bench = Bench::start(Manner::Apicurio).await?;
    bench.arm(None, None, HttpHarm::status(502), Times::Next(2));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(bench.request(Method::GET, "/subjects").send().await?.status().as_u16());
    }
    assert_eq!(seen, [502, 502, 200]);
    bench.arm(None, None, HttpHarm::status(502), Times::Always);
    for _ in 0..3 {
        assert_eq!(bench.request(Method::GET, "/subjects").send().await?.status(), 502);
    }
    bench.sandbox.with_registry(|registry| registry.faults.clear());
    assert_eq!(bench.request(Method::GET, "/subjects").send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn what_is_carried_out_may_be_answered_wrongly() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    let answer =
        HttpHarm::Answer { status: 500, headers: Vec::new(), body: "{".to_owned(), carried_out: true };
    bench.arm(None, None, answer, Times::Next(1));
    let response = bench.register("a").send().await?;
    assert_eq!((response.status().as_u16(), response.text().await?), (500, "{".to_owned()));
    bench.arm(None, None, HttpHarm::HalfTheBody, Times::Next(1));
    assert_eq!(bench.register("b").send().await?.text().await?, r#"{"id"#[..4]);
    bench.arm(None, None, HttpHarm::Late(Duration::from_millis(200)), Times::Next(1));
    let before = Instant::now();
    assert_eq!(bench.register("c").send().await?.status(), 200);
    assert!(before.elapsed() >= Duration::from_millis(200));
    assert_eq!(bench.subjects(), ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn connections_close_and_fall_silent() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    bench.arm(None, None, HttpHarm::CloseBefore, Times::Next(1));
    let error = bench.register("a").send().await.err().context("closed")?;
    assert!(!error.is_timeout(), "{error:?}");
    assert_eq!(bench.subjects(), [""; 0]);
    bench.arm(None, None, HttpHarm::CloseAfter, Times::Next(1));
    let error = bench.register("a").send().await.err().context("closed")?;
    assert!(!error.is_timeout(), "{error:?}");
    assert_eq!(bench.subjects(), ["a"]);
    bench.arm(None, None, HttpHarm::Silence, Times::Next(1));
    let error =
        bench.register("b").timeout(Duration::from_millis(200)).send().await.err().context("silent")?;
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(bench.subjects(), ["a"]);
    assert_eq!(bench.register("b").send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_registry_that_is_dropped_answers_nobody() -> Result<()> {
    let bench = Bench::start(Manner::Confluent).await?;
    let url = format!("{}/subjects", bench.sandbox.registry_url());
    let client = bench.client.clone();
    assert_eq!(client.get(&url).send().await?.status(), 200);
    drop(bench);
    // The tasks of a runtime end in their own time; what was open ends with them, and nothing new is accepted.
    let deadline = Instant::now() + Duration::from_secs(20);
    while client.get(&url).send().await.is_ok() {
        assert!(Instant::now() < deadline, "it answers on the connection that is open, or on another");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
